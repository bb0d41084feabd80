//! Messages to domain and back. No rule of the business lives here, only bounds and names.
//!
//! Every message is taken apart in full, so that a new field of the contract fails to compile until somebody thought of
//! it, and every fault is told at once, by its path in the message.

mod answer;
mod bounds;
mod check;
mod decision;
mod event;
mod order;
pub mod pb;
pub mod request;

use std::collections::BTreeSet;

use crate::domain::units::{Currency, Timestamp};

pub use answer::{event_result, profile, replay};
pub use decision::decision;
pub use event::event;
pub use order::order;

/// What a message is checked against beside the fixed bounds.
#[derive(Clone, Debug)]
pub struct Accepts {
    /// The time of receipt; dates what says nothing of time, and bounds what does.
    pub now: Timestamp,
    /// Currencies with a rate in the catalogue.
    pub currencies: BTreeSet<Currency>,
    /// Time is what orders and events say: nothing of the past can lie ahead.
    pub driven: bool,
}

/// What is wrong with a message: every fault, by its path.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct Invalid {
    /// Path, as in `order.items[2].quantity`, and what is wrong and what would be right.
    ///
    /// At most [`Invalid::BYTES_MAX`] of text: the rest are counted in a last entry, at the message itself.
    pub fields: Vec<(String, String)>,
    bytes: usize,
    left_off: usize,
}

impl Invalid {
    /// How much text of faults is told. They travel in a header, of which common clients take 8 KiB in all.
    pub const BYTES_MAX: usize = 4_096;

    /// One fault.
    #[must_use]
    pub fn one(path: impl Into<String>, description: impl Into<String>) -> Self {
        let mut invalid = Self::default();
        invalid.add(path.into(), description.into());
        invalid
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    fn add(&mut self, path: String, description: String) {
        let bytes = path.len().saturating_add(description.len());
        if !self.fields.is_empty() && self.bytes.saturating_add(bytes) > Self::BYTES_MAX {
            self.left_off = self.left_off.saturating_add(1);
        } else {
            self.bytes = self.bytes.saturating_add(bytes);
            self.fields.push((path, description));
        }
    }

    /// Says how many faults were left off, if any were.
    fn close(&mut self, root: &str) {
        if self.left_off > 0 {
            let more = format!("has {} more faults, not listed here", self.left_off);
            self.fields.push((root.to_owned(), more));
            self.left_off = 0;
        }
    }

    fn sentence(&self) -> String {
        let told = self.fields.iter().map(|(path, text)| {
            let gap = if path.is_empty() { "" } else { ": " };
            format!("{path}{gap}{text}")
        });
        told.collect::<Vec<_>>().join("; ")
    }
}
