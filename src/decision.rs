//! What follows from what is known. Pure: no clock, no chance, no I/O, no failure but in loading what people wrote.
//!
//! [`signals::measure`] turns an order and a [`snapshot::Snapshot`] into a [`situation::Situation`];
//! [`judge::judge`] turns that into a [`answer::Decision`]. Live calls, previews, replays, backtests and training call
//! the same two.

pub mod alternatives;
pub mod answer;
pub mod catalogue;
pub mod choose;
pub mod coverage;
pub mod draft;
pub mod draw;
pub mod explain;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod judge;
pub mod language;
pub mod lifecycle;
pub mod model;
pub mod obligations;
pub mod policy;
pub mod problem;
pub mod reasons;
pub mod record;
pub mod release;
pub mod replay;
pub mod shadow;
pub mod signal;
pub mod signals;
pub mod situation;
pub mod snapshot;
pub mod texts;
pub mod told;
pub mod written;
