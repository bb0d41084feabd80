//! A store that forgets: what policy cases and tests decide on, by the very steps of the live service.

use std::collections::BTreeMap;

use crate::decision::snapshot::{Changes, Key, Keys, Look, Row, Snapshot, Step};
use crate::domain::dossier::{Dossier, ProfileKey};
use crate::domain::ids::OrderId;
use crate::domain::profile::Suspicion;
use crate::store::record::{packed_dossier, unpacked_dossier};

/// How often a piece of work may ask for more.
const ROUNDS_MAX: usize = 16;

/// Rows in memory, empty at first.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    rows: Snapshot,
    /// Dossiers that nobody asked for lately, as the store would keep them: a tenth of the memory. One that is among
    /// the rows again counts there.
    packed: Packed,
}

/// Dossiers as bytes, by their order.
#[derive(Clone, Debug, Default)]
pub struct Packed(BTreeMap<OrderId, Box<[u8]>>);

impl Packed {
    /// Takes one out.
    pub fn remove(&mut self, id: &OrderId) -> Option<Dossier> {
        unpacked_dossier(&self.0.remove(id)?)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Iterator for Packed {
    type Item = (OrderId, Dossier);

    /// Takes the one with the first id out.
    fn next(&mut self) -> Option<Self::Item> {
        let (id, bytes) = self.0.pop_first()?;
        Some((id, unpacked_dossier(&bytes)?))
    }
}

impl Scratch {
    /// Runs `work` until it is done and takes in what it changes; none where it never has enough.
    pub fn transact<T>(
        &mut self,
        keys: Keys,
        mut work: impl FnMut(&Snapshot) -> Step<T>,
    ) -> Option<T> {
        self.load(keys);
        for _ in 0..ROUNDS_MAX {
            match work(&self.rows) {
                Step::Done(changes, answer) => {
                    self.load(touched(&changes));
                    self.rows.take_in(&changes);
                    return Some(answer);
                }
                Step::More(keys) => self.load(keys),
            }
        }
        None
    }

    /// Forgets which events were seen, for one who sees that none comes twice: nothing else grows with every event.
    pub fn forget_events(&mut self) {
        self.rows.events.clear();
    }

    /// Packs all dossiers, where more than `most` are among the rows.
    pub fn pack(&mut self, most: usize) {
        if self.rows.orders.len() <= most {
            return;
        }
        for (id, dossier) in std::mem::take(&mut self.rows.orders) {
            let bytes = packed_dossier(&dossier).into_boxed_slice();
            self.packed.0.insert(id, bytes);
        }
    }

    /// Takes the dossiers out.
    #[must_use]
    pub fn into_dossiers(mut self) -> Packed {
        self.pack(0);
        self.packed
    }

    /// The rows of `keys` as they stand, with whatever else is there.
    pub fn read(&mut self, keys: Keys) -> &Snapshot {
        self.load(keys);
        &self.rows
    }

    /// A row that is not there is an empty one.
    fn load(&mut self, keys: Keys) {
        let (rows, packed) = (&mut self.rows, &self.packed.0);
        for key in keys.lock {
            match key {
                Key::Claim(id) => drop(rows.claims.entry(id).or_default()),
                Key::Suspicion(id) => drop(rows.suspicions.entry(id).or_default()),
                Key::Order(id) => {
                    let before = packed.get(&id).filter(|_| !rows.orders.contains_key(&id));
                    let before = before.and_then(|it| unpacked_dossier(it));
                    let dossier = || before.unwrap_or_default();
                    rows.orders.entry(id).or_insert_with(dossier);
                }
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
                Look::Day(day) => drop(rows.tallies.entry(ProfileKey::Day(day)).or_default()),
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
            ProfileKey::Day(day) => Some(Look::Day(*day)),
            ProfileKey::Unit(_) | ProfileKey::Address(_) | ProfileKey::Link(_) => None,
        });
    }
    keys
}
