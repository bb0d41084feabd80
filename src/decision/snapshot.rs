//! What one decision may read and write: keys, the rows behind them, and what changes.
//!
//! The store loads a [`Snapshot`] for some [`Keys`]; work reads it and answers with [`Changes`], or asks for more keys
//! first. Work never writes: it may be run again, and one that fails spoils no other.

use std::collections::{BTreeMap, BTreeSet};

use super::record::Sealed;
use crate::domain::dossier::{Dossier, ProfileKey};
use crate::domain::event::{Event, Subject};
use crate::domain::ids::{AddressKey, ClaimId, DepotId, EventId, OrderId, RouteId, SuspicionId};
use crate::domain::order::{LinkKey, Unit};
use crate::domain::profile::{Address, Claim, Customer, Link, Suspicion};
use crate::domain::tally::{Entry, Tally};
use crate::domain::units::{Digest, Timestamp};

/// A row that is locked, read and written; the order of declaration is the order of locking.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A claim's way to its order.
    Claim(ClaimId),
    /// A suspicion's way to its subject.
    Suspicion(SuspicionId),
    /// An order's dossier.
    Order(OrderId),
    /// A customer or guest.
    Customer(Unit),
    /// An address.
    Address(AddressKey),
    /// A device or means of payment.
    Link(LinkKey),
}

/// Something that is read without a lock and only ever added to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    /// Whether an event was seen.
    Event(EventId),
    /// A route's counts.
    Route(RouteId),
    /// A depot's counts.
    Depot(DepotId),
    /// All counts.
    Platform,
    /// All counts of one day (UTC, days since 1970).
    Day(i64),
    /// Suspicions against somebody or something.
    Suspicions(Subject),
}

/// What to load.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// To read and write.
    pub lock: BTreeSet<Key>,
    /// To read.
    pub look: BTreeSet<Look>,
}

impl Keys {
    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock.is_empty() && self.look.is_empty()
    }

    /// Adds all of `other`.
    pub fn extend(&mut self, other: Self) {
        self.lock.extend(other.lock);
        self.look.extend(other.look);
    }
}

/// Rows as they stand; a missing row is an empty one. Holds at least what was asked for, perhaps more.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Claims.
    pub claims: BTreeMap<ClaimId, Claim>,
    /// Suspicions by their own id.
    pub suspicions: BTreeMap<SuspicionId, Suspicion>,
    /// Dossiers.
    pub orders: BTreeMap<OrderId, Dossier>,
    /// Customers and guests.
    pub customers: BTreeMap<Unit, Customer>,
    /// Addresses.
    pub addresses: BTreeMap<AddressKey, Address>,
    /// Devices and means of payment.
    pub links: BTreeMap<LinkKey, Link>,
    /// Events seen, by the digest of their content; `None`: looked for and not there.
    pub events: BTreeMap<EventId, Option<Digest>>,
    /// Counts of routes, depots and the platform.
    pub tallies: BTreeMap<ProfileKey, Tally>,
    /// Suspicions by subject, also ended ones.
    pub subjects: BTreeMap<Subject, BTreeMap<SuspicionId, Suspicion>>,
}

impl Snapshot {
    /// Those of `keys` that are not loaded yet.
    #[must_use]
    pub fn missing(&self, keys: &Keys) -> Keys {
        let lock = |key: &Key| match key {
            Key::Claim(id) => !self.claims.contains_key(id),
            Key::Suspicion(id) => !self.suspicions.contains_key(id),
            Key::Order(id) => !self.orders.contains_key(id),
            Key::Customer(unit) => !self.customers.contains_key(unit),
            Key::Address(key) => !self.addresses.contains_key(key),
            Key::Link(key) => !self.links.contains_key(key),
        };
        let look = |look: &Look| match look {
            Look::Event(id) => !self.events.contains_key(id),
            Look::Route(id) => !self.tallies.contains_key(&ProfileKey::Route(id.clone())),
            Look::Depot(id) => !self.tallies.contains_key(&ProfileKey::Depot(id.clone())),
            Look::Platform => !self.tallies.contains_key(&ProfileKey::Platform),
            Look::Day(day) => !self.tallies.contains_key(&ProfileKey::Day(*day)),
            Look::Suspicions(subject) => !self.subjects.contains_key(subject),
        };
        Keys {
            lock: keys.lock.iter().filter(|key| lock(key)).cloned().collect(),
            look: keys.look.iter().filter(|key| look(key)).cloned().collect(),
        }
    }

    /// The rows of `keys` alone, as far as they are loaded.
    #[must_use]
    pub fn only(&self, keys: &Keys) -> Self {
        let mut some = Self::default();
        for key in &keys.lock {
            match key {
                Key::Claim(id) => copy(&self.claims, &mut some.claims, id),
                Key::Suspicion(id) => copy(&self.suspicions, &mut some.suspicions, id),
                Key::Order(id) => copy(&self.orders, &mut some.orders, id),
                Key::Customer(unit) => copy(&self.customers, &mut some.customers, unit),
                Key::Address(key) => copy(&self.addresses, &mut some.addresses, key),
                Key::Link(key) => copy(&self.links, &mut some.links, key),
            }
        }
        let tallies = &mut some.tallies;
        for look in &keys.look {
            match look {
                Look::Event(id) => copy(&self.events, &mut some.events, id),
                Look::Route(id) => copy(&self.tallies, tallies, &ProfileKey::Route(id.clone())),
                Look::Depot(id) => copy(&self.tallies, tallies, &ProfileKey::Depot(id.clone())),
                Look::Platform => copy(&self.tallies, tallies, &ProfileKey::Platform),
                Look::Day(day) => copy(&self.tallies, tallies, &ProfileKey::Day(*day)),
                Look::Suspicions(subject) => copy(&self.subjects, &mut some.subjects, subject),
            }
        }
        some
    }

    /// Takes in what a piece of work changed, so that the next one sees it.
    pub fn take_in(&mut self, changes: &Changes) {
        for row in &changes.rows {
            self.put(row.clone());
        }
        for (key, entry, amount) in &changes.add {
            self.count(key, *entry, *amount);
        }
        for line in &changes.events {
            self.events
                .insert(line.event.event_id.clone(), Some(line.digest));
        }
    }

    /// Puts a row in, in the place of what it was.
    pub fn put(&mut self, row: Row) {
        match row {
            Row::Claim(id, row) => drop(self.claims.insert(id, row)),
            Row::Suspicion(id, row) => {
                let old = self.suspicions.insert(id.clone(), row.clone());
                if let Some(raised) = old.and_then(|it| it.raised)
                    && let Some(others) = self.subjects.get_mut(&raised.subject)
                {
                    others.remove(&id);
                }
                // A subject that was not loaded stays so: one of its suspicions is not all of them.
                if let Some(raised) = &row.raised
                    && let Some(others) = self.subjects.get_mut(&raised.subject)
                {
                    others.insert(id, row);
                }
            }
            Row::Order(id, row) => drop(self.orders.insert(id, *row)),
            Row::Customer(unit, row) => drop(self.customers.insert(unit, *row)),
            Row::Address(key, row) => drop(self.addresses.insert(key, row)),
            Row::Link(key, row) => drop(self.links.insert(key, row)),
        }
    }

    /// Adds an amount to a route, a depot or the platform, if it is loaded; by the week, as tables count them.
    pub fn count(&mut self, key: &ProfileKey, entry: Entry, amount: i64) {
        if let Some(tally) = self.tallies.get_mut(key) {
            tally.add(entry.by_week(), amount);
        }
    }
}

/// Copies the row of a key, if there is one.
fn copy<K: Ord + Clone, V: Clone>(from: &BTreeMap<K, V>, to: &mut BTreeMap<K, V>, key: &K) {
    if let Some(row) = from.get(key) {
        to.insert(key.clone(), row.clone());
    }
}

/// A row to write.
#[derive(Clone, Debug)]
pub enum Row {
    /// A claim.
    Claim(ClaimId, Claim),
    /// A suspicion.
    Suspicion(SuspicionId, Suspicion),
    /// A dossier.
    Order(OrderId, Box<Dossier>),
    /// A customer or guest.
    Customer(Unit, Box<Customer>),
    /// An address.
    Address(AddressKey, Address),
    /// A device or means of payment.
    Link(LinkKey, Link),
}

impl Row {
    /// By what it is found.
    #[must_use]
    pub fn key(&self) -> Key {
        match self {
            Self::Claim(id, _) => Key::Claim(id.clone()),
            Self::Suspicion(id, _) => Key::Suspicion(id.clone()),
            Self::Order(id, _) => Key::Order(id.clone()),
            Self::Customer(unit, _) => Key::Customer(unit.clone()),
            Self::Address(key, _) => Key::Address(key.clone()),
            Self::Link(key, _) => Key::Link(key.clone()),
        }
    }
}

/// An event to keep.
#[derive(Clone, Debug, PartialEq)]
pub struct EventLine {
    /// The event as checked.
    pub event: Event,
    /// Of its content.
    pub digest: Digest,
    /// When it came.
    pub received_at: Timestamp,
    /// It names an order or claim that is not known yet.
    pub pending: bool,
}

/// What a piece of work changes: all of it, or nothing.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Decisions to append.
    pub append: Vec<Sealed>,
    /// Rows to write whole.
    pub rows: Vec<Row>,
    /// Amounts to add to routes, depots and the platform.
    pub add: Vec<(ProfileKey, Entry, i64)>,
    /// Events to keep.
    pub events: Vec<EventLine>,
    /// Orders that became known: their waiting events are pending no more.
    pub woken: Vec<OrderId>,
    /// Orders that became known after their waiting events had lapsed: those received before are dropped.
    pub lapsed: Vec<OrderId>,
}

impl Changes {
    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.append.is_empty()
            && self.rows.is_empty()
            && self.add.is_empty()
            && self.events.is_empty()
            && self.woken.is_empty()
            && self.lapsed.is_empty()
    }
}

/// What a piece of work says after one look.
#[derive(Debug)]
pub enum Step<T> {
    /// It is done: write this and answer that.
    Done(Changes, T),
    /// It needs to see more first, and will be run again.
    More(Keys),
}
