//! A store that forgets: what policy cases and tests decide on, by the very steps of the live service.

mod packed;

pub use packed::Packed;

use crate::decision::snapshot::{Changes, Key, Keys, Look, Row, Snapshot, Step};
use crate::domain::dossier::{Dossier, ProfileKey};
use crate::domain::ids::{AddressKey, OrderId};
use crate::domain::order::{LinkKey, Unit};
use crate::domain::profile::{Address, Customer, Link, Suspicion};

/// How often a piece of work may ask for more.
const ROUNDS_MAX: usize = 16;

/// Rows in memory, empty at first.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    rows: Snapshot,
    // Rows that nobody asked for lately, as the store would keep them: a tenth of the memory.
    orders: Packed<OrderId, Dossier>,
    customers: Packed<Unit, Customer>,
    addresses: Packed<AddressKey, Address>,
    links: Packed<LinkKey, Link>,
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

    /// Packs all rows of a kind of which more than `most` are at hand. Rows that are looked at without a lock, some a
    /// route, depot or suspicion, are never packed.
    pub fn pack(&mut self, most: usize) {
        self.orders.take_in(&mut self.rows.orders, most);
        self.customers.take_in(&mut self.rows.customers, most);
        self.addresses.take_in(&mut self.rows.addresses, most);
        self.links.take_in(&mut self.rows.links, most);
    }

    /// Takes the dossiers out, and lets go of everything else.
    #[must_use]
    pub fn into_dossiers(mut self) -> Packed<OrderId, Dossier> {
        self.orders.take_in(&mut self.rows.orders, 0);
        self.orders
    }

    /// The rows of `keys` as they stand, with whatever else is there.
    pub fn read(&mut self, keys: Keys) -> &Snapshot {
        self.load(keys);
        &self.rows
    }

    /// A row that is not there is an empty one.
    fn load(&mut self, keys: Keys) {
        let rows = &mut self.rows;
        for key in keys.lock {
            match key {
                Key::Claim(id) => drop(rows.claims.entry(id).or_default()),
                Key::Suspicion(id) => drop(rows.suspicions.entry(id).or_default()),
                Key::Order(id) => self.orders.give_out(&mut rows.orders, id),
                Key::Customer(unit) => self.customers.give_out(&mut rows.customers, unit),
                Key::Address(key) => self.addresses.give_out(&mut rows.addresses, key),
                Key::Link(key) => self.links.give_out(&mut rows.links, key),
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
