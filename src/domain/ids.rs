//! Names that callers give to things: checked once, cheap to copy, never personal data in the clear.
//!
//! Names of up to 23 bytes stand in place: most do, and copying one touches no memory but its own.

use smol_str::SmolStr;

/// Why a text is no identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnId {
    /// Nothing was given.
    #[error("must not be empty")]
    Empty,
    /// More than 128 characters.
    #[error("must have at most 128 characters")]
    TooLong,
    /// Holds a space or an `@`, as names, addresses and e-mail addresses do.
    #[error("looks personal; send a key (1 to 128 of A-Z a-z 0-9 . _ : -)")]
    Personal,
    /// Holds a control character, in a text of the merchant's own.
    #[error("must have no control characters")]
    Control,
    /// Holds another character that no identifier has.
    #[error("must be 1 to 128 of A-Z a-z 0-9 . _ : -")]
    Character,
}

/// Which bytes identifiers are made of; looked up, because a row that is read has a dozen identifiers.
const PLAIN: [bool; 256] = {
    let (mut plain, mut place, mut byte) = ([false; 256], 0, 0_u8);
    while place < plain.len() {
        plain[place] = byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b':' | b'-');
        place += 1;
        byte = byte.wrapping_add(1);
    }
    plain
};

fn check(text: &str) -> Result<(), NotAnId> {
    let plain = |byte: u8| PLAIN.get(usize::from(byte)).copied().unwrap_or(false);
    let all = text.bytes().all(plain);
    match text.len() {
        0 => Err(NotAnId::Empty),
        1..=128 if all => Ok(()),
        _ if text.contains([' ', '@']) => Err(NotAnId::Personal),
        129.. => Err(NotAnId::TooLong),
        _ => Err(NotAnId::Character),
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(SmolStr);

        impl $name {
            /// Checks `text`: 1 to 128 characters of `[A-Za-z0-9._:-]`.
            ///
            /// # Errors
            /// [`NotAnId`] says what is wrong with it.
            pub fn try_new(text: &str) -> Result<Self, NotAnId> {
                check(text)?;
                Ok(Self(text.into()))
            }

            /// The text as it was given.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+ };
}

ids! {
    /// An order, as the checkout names it.
    OrderId,
    /// A customer account, as the shop names it.
    CustomerId,
    /// A delivery address, as the shop keys it (never the address itself).
    AddressKey,
    /// One value of a contact for ever: a changed e-mail address is a new id.
    ContactId,
    /// One line of an order.
    ItemId,
    /// A stock-keeping unit.
    Sku,
    /// One parcel.
    ParcelId,
    /// One recorded event.
    EventId,
    /// One claim.
    ClaimId,
    /// One concrete suspicion.
    SuspicionId,
    /// A carrier.
    CarrierId,
    /// A depot.
    DepotId,
    /// A delivery route.
    RouteId,
    /// A courier, pseudonymous.
    CourierId,
    /// A locker station.
    LockerId,
    /// A device or payment key.
    SharedKey,
    /// A draw key's epoch: never the key.
    KeyId,
    /// A decision: opaque, time-ordered.
    DecisionId,
}

impl DecisionId {
    /// The id of a UUID.
    #[must_use]
    pub fn of(uuid: uuid::Uuid) -> Self {
        Self(uuid.hyphenated().to_string().into())
    }
}

/// A merchant's own category: their words, which name no person and may hold spaces.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MerchantKey(SmolStr);

impl MerchantKey {
    /// Checks `text`: 1 to 128 characters, none of them an `@` or a control character.
    ///
    /// # Errors
    /// [`NotAnId`] says what is wrong with it.
    pub fn try_new(text: &str) -> Result<Self, NotAnId> {
        match text.chars().count() {
            0 => Err(NotAnId::Empty),
            _ if text.contains('@') => Err(NotAnId::Personal),
            1..=128 if text.chars().any(char::is_control) => Err(NotAnId::Control),
            1..=128 => Ok(Self(text.into())),
            _ => Err(NotAnId::TooLong),
        }
    }

    /// The text as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for MerchantKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
