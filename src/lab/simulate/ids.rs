//! Names of the world's things: a word and a number.

use std::fmt::Write as _;

use super::parameters::BadWorld;
use crate::domain::ids::NotAnId;

/// Longer names are refused as ids anyway.
const LONGEST: usize = 128;

/// A name under way, without an allocation of its own: a world makes some ten an order.
pub(super) struct Name {
    bytes: [u8; LONGEST],
    len: usize,
}

impl std::fmt::Write for Name {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.len + text.len();
        let place = self.bytes.get_mut(self.len..end).ok_or(std::fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

impl Name {
    /// Adds a number with at least so many digits, 20 at most.
    pub(super) fn number(&mut self, number: u64, least: usize) -> std::fmt::Result {
        let mut digits = [b'0'; 20];
        let (mut rest, mut at) = (number, digits.len());
        while rest > 0 || digits.len() - at < least.min(20) {
            at -= 1;
            if let Some(place) = digits.get_mut(at) {
                *place = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            }
            rest /= 10;
        }
        let digits = digits.get(at..).unwrap_or_default();
        self.write_str(std::str::from_utf8(digits).unwrap_or_default())
    }
}

/// A name that is written part by part: what every order has is made so, without the formatter.
pub(super) fn built<T>(
    write: impl FnOnce(&mut Name) -> std::fmt::Result,
    new: fn(&str) -> Result<T, NotAnId>,
) -> Result<T, BadWorld> {
    let mut name = Name {
        bytes: [0; LONGEST],
        len: 0,
    };
    let fits = write(&mut name).is_ok();
    let text = name.bytes.get(..name.len).unwrap_or_default();
    match std::str::from_utf8(text) {
        Ok(text) if fits => named(text, new),
        Ok(text) => Err(BadWorld(vec![format!("{text}: {}", NotAnId::TooLong)])),
        Err(_) => Err(BadWorld(vec![NotAnId::Character.to_string()])),
    }
}

/// `word-number`, the number with at least so many digits.
pub(super) fn numbered<T>(
    word: &str,
    (number, digits): (u64, usize),
    new: fn(&str) -> Result<T, NotAnId>,
) -> Result<T, BadWorld> {
    built(
        |name| {
            name.write_str(word)?;
            name.write_str("-")?;
            name.number(number, digits)
        },
        new,
    )
}

/// `word-number`.
pub(super) fn make<T>(
    word: &str,
    number: impl std::fmt::Display,
    new: fn(&str) -> Result<T, NotAnId>,
) -> Result<T, BadWorld> {
    built(|name| write!(name, "{word}-{number}"), new)
}

/// A name out of the file.
pub(super) fn named<T>(name: &str, new: fn(&str) -> Result<T, NotAnId>) -> Result<T, BadWorld> {
    new(name).map_err(|wrong| BadWorld(vec![format!("{name}: {wrong}")]))
}

#[cfg(test)]
mod tests {
    use super::{make, numbered};
    use crate::domain::ids::OrderId;

    #[test]
    fn a_name_written_by_hand_is_the_one_that_the_formatter_writes() {
        for number in [0, 7, 1_234_567, 123_456_789, u64::MAX] {
            let by_hand = numbered("order", (number, 7), OrderId::try_new).unwrap();
            let formatted = make("order", format_args!("{number:07}"), OrderId::try_new).unwrap();
            assert_eq!(by_hand, formatted);
        }
        let long = make(&"o".repeat(130), 1, OrderId::try_new).unwrap_err();
        assert!(long.to_string().contains("at most 128"), "{long}");
    }
}
