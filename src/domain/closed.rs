//! One way to write a closed set down: its variants, their names on the wire and their numbers.
//!
//! No meaning lives here; each set stands in the file of its topic.

/// A member of a closed set, whichever set that is.
pub(crate) trait Member: Copy + 'static {
    /// The stable number.
    fn number(self) -> i32;

    /// The member of this number, if there is one.
    fn from_number(number: i32) -> Option<Self>;
}

/// Declares an enum whose variants carry a stable number (from 1; 0 is "unknown" on the wire) and a stable name.
///
/// A set in which "unknown" is a thing of its own declares it last, as `Unknown = 0 "UNSPECIFIED"`.
macro_rules! closed {
    ($(#[$set:meta])* $name:ident { $($(#[$one:meta])* $variant:ident = $number:literal $text:literal),+ $(,)? }) => {
        $(#[$set])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$one])* $variant),+ }

        impl $name {
            /// Every member, in the order of the numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable name, as in the public contract without the enum's prefix.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The stable number, as in the public contract; 0 for `Unknown` alone.
            #[must_use]
            pub const fn number(self) -> i32 {
                match self { $(Self::$variant => $number),+ }
            }

            /// The member of this number, if there is one.
            #[must_use]
            pub const fn from_number(number: i32) -> Option<Self> {
                match number { $($number => Some(Self::$variant),)+ _ => None }
            }

            /// The member of this name, if there is one.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)+ _ => None }
            }
        }

        impl crate::domain::closed::Member for $name {
            fn number(self) -> i32 {
                self.number()
            }

            fn from_number(number: i32) -> Option<Self> {
                Self::from_number(number)
            }
        }
    };
}
pub(crate) use closed;
