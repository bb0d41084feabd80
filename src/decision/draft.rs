//! How one change of a dossier becomes changes of rows: the difference of what follows from it before and after.
//!
//! A draft reads a snapshot and copies a row when it is first changed. A row that was not loaded is noted and stands
//! in as an empty one; at the end the draft asks for those rows, and the work is run again.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::record::Sealed;
use super::snapshot::{Changes, EventLine, Key, Keys, Look, Row, Snapshot, Step};
use crate::domain::dossier::{Contributions, Dossier, Fact, ProfileKey};
use crate::domain::ids::{AddressKey, ClaimId, EventId, OrderId, SuspicionId};
use crate::domain::order::{LinkKey, Unit};
use crate::domain::profile::{Address, Claim, Customer, Link, Suspicion};
use crate::domain::tally::{Counter, Tally};
use crate::domain::units::{Digest, Timestamp};

/// Changes in the making.
#[derive(Debug)]
pub struct Draft<'a> {
    snapshot: &'a Snapshot,
    now: Timestamp,
    missing: Keys,
    claims: BTreeMap<ClaimId, Claim>,
    suspicions: BTreeMap<SuspicionId, Suspicion>,
    orders: BTreeMap<OrderId, Dossier>,
    customers: BTreeMap<Unit, Customer>,
    addresses: BTreeMap<AddressKey, Address>,
    links: BTreeMap<LinkKey, Link>,
    changes: Changes,
}

/// A row: the draft's copy, else the snapshot's, else an empty one that is noted as missing.
macro_rules! rows {
    ($($(#[$doc:meta])* $read:ident $write:ident $map:ident $id:ty => $row:ty, $key:expr;)+) => { $(
        $(#[$doc])*
        pub fn $read(&mut self, id: &$id) -> &$row {
            if !self.$map.contains_key(id) {
                if let Some(row) = self.snapshot.$map.get(id) {
                    return row;
                }
                self.missing.lock.insert($key(id.clone()));
            }
            self.$map.entry(id.clone()).or_default()
        }

        $(#[$doc])*
        /// For writing.
        pub fn $write(&mut self, id: &$id) -> &mut $row {
            if !self.$map.contains_key(id) {
                let row = self.$read(id).clone();
                self.$map.insert(id.clone(), row);
            }
            self.$map.entry(id.clone()).or_default()
        }
    )+ };
}

impl<'a> Draft<'a> {
    /// Starts from what was loaded, at the time of receipt.
    #[must_use]
    pub fn new(snapshot: &'a Snapshot, now: Timestamp) -> Self {
        Self {
            snapshot,
            now,
            missing: Keys::default(),
            claims: BTreeMap::new(),
            suspicions: BTreeMap::new(),
            orders: BTreeMap::new(),
            customers: BTreeMap::new(),
            addresses: BTreeMap::new(),
            links: BTreeMap::new(),
            changes: Changes::default(),
        }
    }

    rows! {
        /// A claim.
        claim claim_mut claims ClaimId => Claim, Key::Claim;
        /// A suspicion.
        suspicion suspicion_mut suspicions SuspicionId => Suspicion, Key::Suspicion;
        /// A dossier; write it by [`Draft::put_order`].
        order order_mut orders OrderId => Dossier, Key::Order;
        /// A customer or guest.
        customer customer_mut customers Unit => Customer, Key::Customer;
        /// An address.
        address address_mut addresses AddressKey => Address, Key::Address;
        /// A device or means of payment.
        link link_mut links LinkKey => Link, Key::Link;
    }

    /// The keys that are still needed, if any: nothing is worth computing before they are loaded.
    pub fn more<T>(&mut self) -> Option<Step<T>> {
        let missing = std::mem::take(&mut self.missing);
        (!missing.is_empty()).then_some(Step::More(missing))
    }

    /// The time of receipt.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// What was loaded, with the rows that this draft has changed so far. Where any are, only the rows of `keys` are
    /// sure to be there: what was loaded may be a whole world.
    #[must_use]
    pub fn view(&self, keys: &Keys) -> Cow<'a, Snapshot> {
        let changed =
            !(self.orders.is_empty() && self.customers.is_empty() && self.addresses.is_empty());
        if !changed {
            return Cow::Borrowed(self.snapshot);
        }
        let mut seen = self.snapshot.only(keys);
        seen.orders.extend(self.orders.clone());
        seen.customers.extend(self.customers.clone());
        seen.addresses.extend(self.addresses.clone());
        seen.links.extend(self.links.clone());
        Cow::Owned(seen)
    }

    /// Asks for more keys, as far as they are not loaded.
    pub fn need(&mut self, keys: &Keys) {
        self.missing.extend(self.snapshot.missing(keys));
    }

    /// The digest of an event of this id, if one was seen before or earlier in this draft.
    pub fn event(&mut self, id: &EventId) -> Option<Digest> {
        let own = self
            .changes
            .events
            .iter()
            .find(|line| line.event.event_id == *id);
        if let Some(line) = own {
            return Some(line.digest);
        }
        if let Some(seen) = self.snapshot.events.get(id) {
            return *seen;
        }
        self.missing.look.insert(Look::Event(id.clone()));
        None
    }

    /// Keeps an event.
    pub fn keep(&mut self, line: EventLine) {
        self.changes.events.push(line);
    }

    /// Appends a decision.
    pub fn append(&mut self, sealed: Sealed) {
        self.changes.append.push(sealed);
    }

    /// Notes that an order became known, and whether what waited for it has lapsed.
    pub fn woke(&mut self, id: &OrderId, lapsed: bool) {
        let list = if lapsed {
            &mut self.changes.lapsed
        } else {
            &mut self.changes.woken
        };
        list.push(id.clone());
    }

    /// Replaces a dossier and settles what follows from it: tallies, stop, slot, counters.
    pub fn put_order(&mut self, id: &OrderId, after: Dossier) {
        let before = self.order(id).clone();
        self.settle_counts(&before.contributions(), after.contributions());
        self.settle_stop(id, &before, &after);
        self.settle_slot(id, &before, &after);
        self.orders.insert(id.clone(), after);
    }

    /// The draft as changes with an answer, or the keys that it still needs.
    #[must_use]
    pub fn finish<T>(self, answer: T) -> Step<T> {
        if !self.missing.is_empty() {
            return Step::More(self.missing);
        }
        let mut changes = self.changes;
        changes
            .rows
            .extend(self.claims.into_iter().map(|(id, row)| Row::Claim(id, row)));
        changes.rows.extend(
            self.suspicions
                .into_iter()
                .map(|(id, row)| Row::Suspicion(id, row)),
        );
        changes.rows.extend(
            self.orders
                .into_iter()
                .map(|(id, row)| Row::Order(id, Box::new(row))),
        );
        changes.rows.extend(
            self.customers
                .into_iter()
                .map(|(id, row)| Row::Customer(id, Box::new(row))),
        );
        changes.rows.extend(
            self.addresses
                .into_iter()
                .map(|(id, row)| Row::Address(id, row)),
        );
        changes
            .rows
            .extend(self.links.into_iter().map(|(id, row)| Row::Link(id, row)));
        Step::Done(changes, answer)
    }

    fn settle_counts(&mut self, before: &Contributions, after: Contributions) {
        let mut difference = after;
        for (place, amount) in before {
            let sum = difference.entry(place.clone()).or_insert(0);
            *sum = sum.saturating_sub(*amount);
        }
        for ((key, fact), amount) in difference.into_iter().filter(|(_, amount)| *amount != 0) {
            match key {
                ProfileKey::Unit(unit) => self.count_customer(&unit, fact, amount),
                ProfileKey::Address(address) => {
                    count(&mut self.address_mut(&address).tally, fact, amount);
                }
                ProfileKey::Link(link) => count(&mut self.link_mut(&link).tally, fact, amount),
                ProfileKey::Route(_)
                | ProfileKey::Depot(_)
                | ProfileKey::Platform
                | ProfileKey::Day(_) => {
                    if let Fact::Count(entry) = fact {
                        self.changes.add.push((key, entry, amount));
                    }
                }
            }
        }
    }

    fn count_customer(&mut self, unit: &Unit, fact: Fact, amount: i64) {
        let customer = self.customer_mut(unit);
        match fact {
            Fact::Count(_) => count(&mut customer.tally, fact, amount),
            Fact::Spend {
                at,
                currency,
                minor,
            } => customer.spend.add(at, currency, minor, amount),
            Fact::Completed => {
                customer.completed = customer.completed.saturating_add_signed(amount);
            }
        }
        if matches!(fact, Fact::Count(entry) if entry.counter == Counter::LossCustomer) {
            self.share_false_claims(unit);
        }
    }

    /// Copies a customer's false claims to every device and means of payment that they used.
    pub fn share_false_claims(&mut self, unit: &Unit) {
        let Unit::Customer(id) = unit else { return };
        let customer = self.customer(unit);
        if customer.links.is_empty() {
            return;
        }
        let claims = customer.tally.only(Counter::LossCustomer);
        for key in customer.links.clone() {
            if self.link(&key).members.get(id) != Some(&claims) {
                self.link_mut(&key)
                    .members
                    .insert(id.clone(), claims.clone());
            }
        }
    }

    fn settle_stop(&mut self, id: &OrderId, before: &Dossier, after: &Dossier) {
        let (old, new) = (before.stop(), after.stop());
        if old == new {
            return;
        }
        let now = self.now;
        if let Some((address, _)) = old {
            self.address_mut(&address).open.remove(id);
        }
        if let Some((address, entry)) = new {
            let open = &mut self.address_mut(&address).open;
            open.retain(|_, other| other.until >= now);
            open.insert(id.clone(), entry);
        }
    }

    fn settle_slot(&mut self, id: &OrderId, before: &Dossier, after: &Dossier) {
        let (old, new) = (before.slot(), after.slot());
        if old != new {
            if let Some((unit, _)) = old {
                self.customer_mut(&unit).open.remove(id);
            }
            if let Some((unit, open)) = new {
                self.customer_mut(&unit).open.insert(id.clone(), open);
            }
        }
        if before.is_completed() != after.is_completed()
            && let Some(unit) = after.placement().map(|it| it.unit.clone())
        {
            self.customer_mut(&unit).forget_slots();
        }
    }
}

fn count(tally: &mut Tally, fact: Fact, amount: i64) {
    if let Fact::Count(entry) = fact {
        tally.add(entry, amount);
    }
}
