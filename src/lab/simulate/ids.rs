//! Names of the world's things: a word and a number.

use super::parameters::BadWorld;
use crate::domain::ids::NotAnId;

/// `word-number`.
pub(super) fn make<T>(
    word: &str,
    number: impl std::fmt::Display,
    new: fn(&str) -> Result<T, NotAnId>,
) -> Result<T, BadWorld> {
    named(&format!("{word}-{number}"), new)
}

/// A name out of the file.
pub(super) fn named<T>(name: &str, new: fn(&str) -> Result<T, NotAnId>) -> Result<T, BadWorld> {
    new(name).map_err(|wrong| BadWorld(vec![format!("{name}: {wrong}")]))
}
