//! What is remembered of customers, addresses and shared keys: a few hundred bytes each, however long the history.

use std::collections::{BTreeMap, BTreeSet};

use super::event::Fault;
use super::event::Subject;
use super::ids::{
    AddressKey, ClaimId, ContactId, CustomerId, EventId, KeyId, OrderId, SuspicionId,
};
use super::order::{ContactKind, LinkKey};
use super::tally::{Spend, Tally};
use super::units::{Date, Span, Timestamp};

/// How many contacts, addresses and shared keys of one customer are remembered; the longest unused go first.
pub const KNOWN_MAX: usize = 64;
/// How many password resets of one customer are remembered; the oldest go first.
pub const RESETS_MAX: usize = 16;
/// A suspicion without an end ends after this long (`domain.md` 6, unsourced default).
pub const SUSPICION_DEFAULT: Span = Span::days(90);

/// A customer, or a guest by payment key, device or address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Customer {
    /// Orders, money, losses and attempts by time.
    pub tally: Tally,
    /// Sizes of orders.
    pub spend: Spend,
    /// Orders handed over in full: the counter of the draw.
    pub completed: u64,
    /// The earliest time told at which the account began.
    pub since_at: Option<Timestamp>,
    /// Contacts, also replaced ones.
    pub contacts: BTreeMap<ContactId, KnownContact>,
    /// Addresses, also past ones.
    pub addresses: BTreeMap<AddressKey, KnownAddress>,
    /// Times of password resets, the newest [`RESETS_MAX`].
    pub resets: BTreeSet<Timestamp>,
    /// Devices and means of payment.
    pub links: BTreeSet<LinkKey>,
    /// Decided orders that hold a slot, or once did and were not yet seen to lapse.
    pub open: BTreeMap<OrderId, OpenOrder>,
    /// What chance decided for each slot, until the next completed order.
    pub slots: BTreeMap<u32, Slot>,
    /// Salts the commitments to this customer's personal fields; made with the first record.
    pub salt: Option<[u8; 32]>,
}

impl Customer {
    /// The lowest slot that no open order holds at `now`, `order` itself not counted.
    #[must_use]
    pub fn lowest_free_slot(&self, order: &OrderId, now: Timestamp) -> u32 {
        let taken: BTreeSet<u32> = self
            .open
            .iter()
            .filter(|(id, open)| *id != order && open.until >= now)
            .map(|(_, open)| open.slot)
            .collect();
        (0..=u32::MAX)
            .find(|slot| !taken.contains(slot))
            .unwrap_or(u32::MAX)
    }

    /// Forgets what chance decided before the last completed order, but for slots still held.
    pub fn forget_slots(&mut self) {
        let held: BTreeSet<u32> = self.open.values().map(|open| open.slot).collect();
        let completed = self.completed;
        self.slots
            .retain(|slot, it| it.counter >= completed || held.contains(slot));
    }
}

/// A contact as history shows it; every time merges by minimum or maximum, so order of arrival is nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownContact {
    /// How it is reached.
    pub kind: ContactKind,
    /// The earliest time at which history saw it.
    pub seen_at: Timestamp,
    /// The latest time at which somebody said that it became the customer's.
    pub changed_at: Option<Timestamp>,
    /// The earliest time at which it was known to be verified.
    pub verified_at: Option<Timestamp>,
    /// The latest time at which another took its place.
    pub replaced_at: Option<Timestamp>,
}

impl KnownContact {
    /// Since when it is the customer's, as far as history shows.
    #[must_use]
    pub fn since(&self) -> Timestamp {
        self.changed_at.unwrap_or(self.seen_at)
    }

    /// The earliest time at which anybody knew it.
    #[must_use]
    pub fn first_at(&self) -> Timestamp {
        self.changed_at
            .map_or(self.seen_at, |at| at.min(self.seen_at))
    }

    /// Takes in another sight of the same contact.
    pub fn merge(&mut self, other: &Self) {
        self.kind = self.kind.min(other.kind);
        self.seen_at = self.seen_at.min(other.seen_at);
        self.changed_at = self.changed_at.max(other.changed_at);
        self.verified_at = earliest(self.verified_at, other.verified_at);
        self.replaced_at = self.replaced_at.max(other.replaced_at);
    }
}

/// An address as history shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownAddress {
    /// The earliest time at which history saw it.
    pub seen_at: Timestamp,
    /// The latest time at which somebody said that it became the customer's.
    pub changed_at: Option<Timestamp>,
}

impl KnownAddress {
    /// Since when it is the customer's, as far as history shows.
    #[must_use]
    pub fn since(&self) -> Timestamp {
        self.changed_at.unwrap_or(self.seen_at)
    }

    /// The earliest time at which anybody knew it.
    #[must_use]
    pub fn first_at(&self) -> Timestamp {
        self.changed_at
            .map_or(self.seen_at, |at| at.min(self.seen_at))
    }

    /// Takes in another sight of the same address.
    pub fn merge(&mut self, other: &Self) {
        self.seen_at = self.seen_at.min(other.seen_at);
        self.changed_at = self.changed_at.max(other.changed_at);
    }
}

/// The earlier of two times, where there is one.
#[must_use]
pub fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, None) | (None, one) => one,
    }
}

/// An order that holds a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenOrder {
    /// Its slot.
    pub slot: u32,
    /// Until when, if nothing happens.
    pub until: Timestamp,
}

/// What chance decided for a slot; kept when the slot is freed, so that ordering again re-rolls nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Completed orders when the slot was first used: part of the draw.
    pub counter: u64,
    /// The draw key's epoch.
    pub key_id: KeyId,
    /// How strict chance has been already.
    pub ratchet: Ratchet,
}

/// Per own action of the policy (none, otp, item codes): the running maximum of the cumulative probabilities of
/// locker, item codes and otp, in millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ratchet(pub [[u32; 3]; 3]);

/// An address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// Orders, money and losses by time.
    pub tally: Tally,
    /// Orders due here that are neither handed over nor gone.
    pub open: BTreeMap<OrderId, StopEntry>,
}

/// An order due at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopEntry {
    /// Its date, where it has one.
    pub date: Option<Date>,
    /// The date, else the day it was placed, in the delivery's zone.
    pub day: Date,
    /// How many of its parcels are still due, where known.
    pub parcels: Option<u32>,
    /// Until when, if nothing happens.
    pub until: Timestamp,
}

impl StopEntry {
    /// Whether two orders to one address meet at one stop: the same date, or within three days where either has none.
    #[must_use]
    pub fn meets(&self, date: Option<Date>, day: Date) -> bool {
        match (self.date, date) {
            (Some(a), Some(b)) => a == b,
            (Some(_) | None, None) | (None, Some(_)) => {
                (self.day.as_days() - day.as_days()).abs() <= 3
            }
        }
    }
}

/// A device or means of payment that several accounts may share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Orders, money and probes by time.
    pub tally: Tally,
    /// Who used it, with a copy of their false claims by time.
    pub members: BTreeMap<CustomerId, Tally>,
}

/// Where a claim leads, and its settlements that came before it was known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    /// The order, once the claim is known.
    pub order_id: Option<OrderId>,
    /// The settlement that counts: the latest by time, then by event.
    pub settled: Option<Settlement>,
}

/// How a claim ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Settlement {
    /// When.
    pub at: Timestamp,
    /// By which event.
    pub event_id: EventId,
    /// Whose fault it was.
    pub fault: Fault,
    /// Whether the customer got the money.
    pub paid: Option<bool>,
}

/// A suspicion, or its clearing that came first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suspicion {
    /// Against whom, since when, how strong; absent while only its clearing is known.
    pub raised: Option<Raised>,
    /// The latest time at which it was cleared.
    pub cleared_at: Option<Timestamp>,
}

/// A suspicion as raised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raised {
    /// Against whom or what.
    pub subject: Subject,
    /// 1 to 3.
    pub level: u8,
    /// When it was raised.
    pub at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

impl Suspicion {
    /// Its level at `now`, or none when it is over, cleared or not yet raised.
    #[must_use]
    pub fn level_at(&self, now: Timestamp) -> Option<u8> {
        let raised = self.raised.as_ref()?;
        let cleared = self
            .cleared_at
            .is_some_and(|at| at >= raised.at && at <= now);
        (raised.at <= now && now < raised.expires_at && !cleared).then_some(raised.level)
    }
}

/// Names of things by which rows are found; a claim or suspicion leads to an order or subject.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lead {
    /// A claim.
    Claim(ClaimId),
    /// A suspicion.
    Suspicion(SuspicionId),
}

#[cfg(test)]
mod tests;
