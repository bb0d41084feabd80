//! What is wrong with a history: the first twenty in full, the rest as a number.

use std::fmt::Display;

use crate::cli::exit::Failure;

/// How many are told in full.
const TOLD_MAX: usize = 20;

/// Faults so far.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    told: Vec<String>,
    more: u64,
}

impl Faults {
    /// One more, at `file:line`; `field` may be empty.
    pub(crate) fn tell(&mut self, file: &str, line: u64, field: &str, what: impl Display) {
        if self.told.len() == TOLD_MAX {
            self.more += 1;
            return;
        }
        let gap = if field.is_empty() { "" } else { ": " };
        self.told.push(format!("{file}:{line}: {field}{gap}{what}"));
    }

    /// Whether there is none.
    pub(crate) const fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// Nothing, if there is none.
    ///
    /// # Errors
    /// [`Failure::BadFile`] with all that is told.
    pub(crate) fn end(self) -> Result<(), Failure> {
        let Self { mut told, more } = self;
        if told.is_empty() {
            return Ok(());
        }
        if more > 0 {
            told.push(format!("and {more} more"));
        }
        Err(Failure::BadFile(told))
    }
}
