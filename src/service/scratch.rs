//! A store that forgets: what policy cases and tests decide on, by the very steps of the live service.

use std::collections::BTreeMap;

use crate::decision::snapshot::{Changes, Key, Keys, Look, Row, Snapshot, Step};
use crate::domain::dossier::{Dossier, ProfileKey};
use crate::domain::ids::OrderId;
use crate::domain::profile::Suspicion;

/// How often a piece of work may ask for more.
const ROUNDS_MAX: usize = 16;

/// Rows in memory, empty at first.
#[derive(Clone, Debug, Default)]
pub struct Scratch(Snapshot);

impl Scratch {
    /// Runs `work` until it is done and takes in what it changes; none where it never has enough.
    pub fn transact<T>(
        &mut self,
        keys: Keys,
        mut work: impl FnMut(&Snapshot) -> Step<T>,
    ) -> Option<T> {
        self.load(keys);
        for _ in 0..ROUNDS_MAX {
            match work(&self.0) {
                Step::Done(changes, answer) => {
                    self.load(touched(&changes));
                    self.0.take_in(&changes);
                    return Some(answer);
                }
                Step::More(keys) => self.load(keys),
            }
        }
        None
    }

    /// Forgets which events were seen, for one who sees that none comes twice: nothing else grows with every event.
    pub fn forget_events(&mut self) {
        self.0.events.clear();
    }

    /// Takes the dossiers out, in the order of their ids.
    #[must_use]
    pub fn into_orders(self) -> BTreeMap<OrderId, Dossier> {
        self.0.orders
    }

    /// The rows of `keys` as they stand, with whatever else is there.
    pub fn read(&mut self, keys: Keys) -> &Snapshot {
        self.load(keys);
        &self.0
    }

    /// A row that is not there is an empty one.
    fn load(&mut self, keys: Keys) {
        let rows = &mut self.0;
        for key in keys.lock {
            match key {
                Key::Claim(id) => drop(rows.claims.entry(id).or_default()),
                Key::Suspicion(id) => drop(rows.suspicions.entry(id).or_default()),
                Key::Order(id) => drop(rows.orders.entry(id).or_default()),
                Key::Customer(unit) => drop(rows.customers.entry(unit).or_default()),
                Key::Address(key) => drop(rows.addresses.entry(key).or_default()),
                Key::Link(key) => drop(rows.links.entry(key).or_default()),
            }
        }
        for look in keys.look {
            match look {
                Look::Event(id) => drop(rows.events.entry(id).or_insert(None)),
                Look::Route(id) => drop(rows.tallies.entry(ProfileKey::Route(id)).or_default()),
                Look::Depot(id) => drop(rows.tallies.entry(ProfileKey::Depot(id)).or_default()),
                Look::Platform => drop(rows.tallies.entry(ProfileKey::Platform).or_default()),
                Look::Suspicions(subject) => drop(rows.subjects.entry(subject).or_default()),
            }
        }
    }
}

/// What changes without having been asked for: nothing else remembers it here.
fn touched(changes: &Changes) -> Keys {
    let mut keys = Keys::default();
    for row in &changes.rows {
        if let Row::Suspicion(
            _,
            Suspicion {
                raised: Some(raised),
                ..
            },
        ) = row
        {
            keys.look.insert(Look::Suspicions(raised.subject.clone()));
        }
    }
    for (key, _, _) in &changes.add {
        keys.look.extend(match key {
            ProfileKey::Route(id) => Some(Look::Route(id.clone())),
            ProfileKey::Depot(id) => Some(Look::Depot(id.clone())),
            ProfileKey::Platform => Some(Look::Platform),
            ProfileKey::Unit(_) | ProfileKey::Address(_) | ProfileKey::Link(_) => None,
        });
    }
    keys
}
