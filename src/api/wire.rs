//! Messages to domain and back. No rule of the business lives here, only bounds and names.
//!
//! Every message is taken apart in full, so that a new field of the contract fails to compile until somebody thought of
//! it, and every fault is told at once, by its path in the message.

mod answer;
pub mod backtest;
mod bounds;
mod check;
mod decision;
mod event;
mod order;
pub mod pb;
pub mod policy;
pub mod request;
pub mod shadow;

use std::collections::BTreeSet;

use crate::domain::units::{Currency, Timestamp};

pub use answer::{event_result, profile, replay};
pub use decision::{decision, moment};
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
    /// Path, as in `order.items[2].quantity` (empty: the request itself), and what is wrong and what would be right.
    pub fields: Vec<(String, String)>,
}

impl Invalid {
    /// One fault.
    #[must_use]
    pub fn one(path: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            fields: vec![(path.into(), description.into())],
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
