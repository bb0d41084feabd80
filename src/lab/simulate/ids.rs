//! Names of the world's things: a word and a number.

use std::fmt::Write as _;

use super::parameters::BadWorld;
use crate::domain::ids::NotAnId;

/// Longer names are refused as ids anyway.
const LONGEST: usize = 128;

/// A name under way, without an allocation of its own: a world makes some ten an order.
struct Name {
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

/// `word-number`.
pub(super) fn make<T>(
    word: &str,
    number: impl std::fmt::Display,
    new: fn(&str) -> Result<T, NotAnId>,
) -> Result<T, BadWorld> {
    let mut name = Name {
        bytes: [0; LONGEST],
        len: 0,
    };
    let fits = write!(name, "{word}-{number}").is_ok();
    let text = name.bytes.get(..name.len).unwrap_or_default();
    match std::str::from_utf8(text) {
        Ok(text) if fits => named(text, new),
        _ => Err(BadWorld(vec![format!("{word}: {}", NotAnId::TooLong)])),
    }
}

/// A name out of the file.
pub(super) fn named<T>(name: &str, new: fn(&str) -> Result<T, NotAnId>) -> Result<T, BadWorld> {
    new(name).map_err(|wrong| BadWorld(vec![format!("{name}: {wrong}")]))
}
