//! What one decision is about: the order, what was measured, and what is possible. All that `judge` may look at.

use std::sync::Arc;

use super::signal::Signals;
use crate::domain::ids::ContactId;
use crate::domain::ids::LockerId;
use crate::domain::order::{Capability, ContactKind, Order};
use crate::domain::units::{Currency, Timestamp};

/// An order and its circumstances at one moment; recorded whole, so that it can be judged again.
#[derive(Clone, Debug, PartialEq)]
pub struct Situation {
    /// The order as checked.
    pub order: Arc<Order>,
    /// The time of receipt.
    pub now: Timestamp,
    /// Every signal.
    pub signals: Signals,
    /// The base currency, in which risks are priced.
    pub base: Currency,
    /// Hundredths of the base currency for each minor unit of the order's currency.
    pub base_cents: f64,
    /// Parcels of this order, where known.
    pub own_parcels: Option<u32>,
    /// Parcels of other orders due at the stop; one for each whose number is unknown.
    pub other_parcels: u32,
    /// The contacts of order and history together, with resolved times; sorted by id.
    pub contacts: Vec<ContactFacts>,
    /// Changes of contacts, addresses and password within 90 days, first values excluded; oldest first.
    pub changes: Vec<Change>,
    /// What carrier and depot can do.
    pub carrier: CarrierAbility,
    /// Locker stations, nearest first (unknown distance last), then by id.
    pub lockers: Vec<LockerFacts>,
    /// Some item is age-restricted or hazardous: nothing for a locker.
    pub restricted: bool,
    /// Some item's packaging is weak for its price: its place in `order.items`.
    pub weakly_packed: Vec<usize>,
    /// Resale interest of each item, in the order of `order.items`, 0 to 1.
    pub resale: Vec<f64>,
    /// A parcel of this order was packed without a seal.
    pub unsealed: bool,
    /// An earlier `REVIEW` of this order lapsed without a person's answer.
    pub review_lapsed: bool,
    /// What was asked of the customer before this order; none for a guest, and in records made before it was counted.
    pub asked: Option<Asked>,
    /// What of the shop's budgets was used before this order; none in records made before it was counted.
    pub used: Option<Used>,
}

/// How often a customer was asked for something, this order not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Orders of the last 90 days for which a code was asked or a locker, neither cancelled nor lapsed.
    pub asked_90d: u32,
    /// All orders of the last 90 days.
    pub orders_90d: u32,
}

/// What all orders together used up of a budget, this order not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Placed orders that were given to a person to look at, on the day (UTC) of receipt.
    pub reviews_today: u32,
    /// What random sparing is expected to lose, of the orders decided in the week of receipt (from Thursday, UTC), in
    /// millionths of the base currency.
    pub spared_week_micro: i64,
}

/// A contact with what order and history know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactFacts {
    /// Its id.
    pub contact_id: ContactId,
    /// How it is reached.
    pub kind: ContactKind,
    /// Its holder proved that it is theirs.
    pub verified: bool,
    /// When, where order or history date it.
    pub verified_at: Option<Timestamp>,
    /// Since when it is the customer's, where order or history date it.
    pub since: Option<Timestamp>,
    /// It is in use now.
    pub current: bool,
    /// It is the recipient's of a gift.
    pub recipient: bool,
}

/// A change of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// When.
    pub at: Timestamp,
    /// What changed.
    pub what: Changed,
}

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Changed {
    /// A contact of this kind was added or replaced.
    Contact(ContactKind),
    /// An address was added or changed.
    Address,
    /// The password was reset.
    Password,
}

/// What carrier and depot can do, the order's word before the catalogue's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarrierAbility {
    /// Capabilities, sorted.
    pub capabilities: Vec<Capability>,
    /// Couriers and devices are ready for codes.
    pub code_ready: bool,
    /// Seconds a courier waits for an inspection.
    pub inspection_s: u32,
}

impl CarrierAbility {
    /// Whether it can.
    #[must_use]
    pub fn can(&self, capability: Capability) -> bool {
        self.capabilities.contains(&capability)
    }
}

/// A locker station, measured against the parcels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockerFacts {
    /// The station.
    pub locker_id: LockerId,
    /// Metres to walk, where known.
    pub distance_m: Option<u32>,
    /// Reachable without steps; unknown is no.
    pub step_free: bool,
    /// Whether everything goes in.
    pub fit: Fit,
}

/// Whether parcels go into a locker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// All of them, a free compartment each.
    Fits,
    /// Some size or the carrier does not match, or too few compartments are free.
    DoesNotFit,
    /// Some size is unknown, and the catalogue has none for its category.
    SizeUnknown,
}
