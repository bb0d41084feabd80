//! What is known of one customer, address, route or depot, by the names of the signals.

use crate::decision::snapshot::{Key, Keys, Look, Snapshot};
use crate::domain::catalogue::Catalogue;
use crate::domain::event::Subject;
use crate::domain::order::Unit;
use crate::domain::units::Timestamp;

/// One known fact.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// The signal's name, or that of a plain count.
    pub name: &'static str,
    /// The number.
    pub value: f64,
    /// Its unit, as in answers.
    pub unit: &'static str,
    /// Since when it is so, where that is known.
    pub since_at: Option<Timestamp>,
}

/// What has to be read to tell what is known of `subject`.
#[must_use]
pub fn profile_keys(subject: &Subject) -> Keys {
    let mut keys = Keys::default();
    match subject {
        Subject::Customer(id) => {
            keys.lock.insert(Key::Customer(Unit::Customer(id.clone())));
        }
        Subject::Address(key) => {
            keys.lock.insert(Key::Address(key.clone()));
        }
        Subject::Route(id) => {
            keys.look.insert(Look::Route(id.clone()));
        }
        Subject::Depot(id) => {
            keys.look.insert(Look::Depot(id.clone()));
        }
        Subject::Courier(_) => {}
    }
    keys.look.insert(Look::Platform);
    keys.look.insert(Look::Suspicions(subject.clone()));
    keys
}

/// What is known of `subject` at `now`; nothing where it was never heard of.
#[must_use]
pub fn known(
    subject: &Subject,
    snapshot: &Snapshot,
    catalogue: &Catalogue,
    now: Timestamp,
) -> Option<Vec<Known>> {
    let _ = (subject, snapshot, catalogue, now);
    None
}
