//! All that is known of one order, and what follows from it for others.
//!
//! A dossier grows by orders and events in any order of arrival: every part merges by minimum, maximum or union. What
//! it means for customers, addresses, routes and slots is a function of the dossier alone ([`Dossier::contributions`],
//! [`Dossier::stop`], [`Dossier::state`]), so a change is settled by the difference of before and after, an event of an
//! order not yet known simply waits in its dossier, and `store verify` needs no other code than the live service.

mod contributions;
mod growth;

use std::collections::{BTreeMap, BTreeSet};

use super::action::{Action, DecisionState};
use super::event::{CancelledBy, ClaimKind, RecipientRole};
use super::ids::{
    AddressKey, CarrierId, ClaimId, CourierId, CustomerId, DecisionId, DepotId, EventId, KeyId,
    ParcelId, RouteId,
};
use super::order::{LinkKey, Stage, Unit};
use super::profile::{OpenOrder, Settlement, StopEntry, earliest};
use super::tally::Entry;
use super::units::{Currency, Date, Digest, Span, Timestamp};

/// A dispatched order of which nothing more is heard leaves stop and slot after this long.
pub const SILENT_AFTER_DISPATCH: Span = Span::days(30);
/// How many failed attempts of a parcel are remembered.
pub const FAILURES_MAX: usize = 32;

/// All that is known of one order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dossier {
    /// As decided, once placed: the latest content.
    pub placed: Option<Placement>,
    /// As told by an `OrderPlaced`; counts only where it was never decided.
    pub told: Option<(EventId, Placement)>,
    /// As a cart: the latest content.
    pub cart: Option<Placement>,
    /// The latest decision.
    pub latest: Option<Latest>,
    /// The earliest cancellation.
    pub cancelled: Option<Cancelled>,
    /// The latest reroute.
    pub rerouted: Option<Rerouted>,
    /// Parcels by id.
    pub parcels: BTreeMap<ParcelId, ParcelFile>,
    /// Claims by id.
    pub claims: BTreeMap<ClaimId, ClaimFile>,
    /// When it was seen to have lapsed: past its validity with nothing dispatched.
    pub lapsed_at: Option<Timestamp>,
    /// When the first event came that names it while it was not known.
    pub waiting_since: Option<Timestamp>,
}

/// What of an order's content counts for others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Dates the order in the windows.
    pub at: Timestamp,
    /// Whose slots and draws it uses.
    pub unit: Unit,
    /// The customer, if known.
    pub customer: Option<CustomerId>,
    /// Where to, before any reroute.
    pub address: AddressKey,
    /// Since when (by receipt) its content names this address: an earlier reroute is over.
    pub address_since: Timestamp,
    /// Its amount in minor units, where known.
    pub amount: Option<(Currency, i64)>,
    /// Devices and means of payment.
    pub links: Vec<LinkKey>,
    /// The carrier.
    pub carrier: Option<CarrierId>,
    /// The route.
    pub route: Option<RouteId>,
    /// The depot.
    pub depot: Option<DepotId>,
    /// How many parcels, where known.
    pub parcels: Option<u32>,
    /// The day of delivery, where known.
    pub date: Option<Date>,
    /// The day of delivery, else the day it was placed, in the delivery's zone.
    pub day: Date,
    /// Until when it holds stop and slot if nothing is dispatched.
    pub until: Timestamp,
}

/// The latest decision of an order, as far as the next one needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latest {
    /// Its id.
    pub decision_id: DecisionId,
    /// From 1.
    pub revision: u32,
    /// Digest of the content decided.
    pub content: Digest,
    /// Cart or placed when it was decided.
    pub stage: Stage,
    /// When.
    pub decided_at: Timestamp,
    /// What.
    pub action: Action,
    /// Until when the answer holds.
    pub valid_until: Timestamp,
    /// Digest of its record: the next one's is chained to it.
    pub record: Digest,
    /// The slot at which it was judged.
    pub slot: u32,
    /// Completed orders then: part of the draw.
    pub counter: u64,
    /// The draw key's epoch.
    pub key_id: KeyId,
    /// Parcels of other orders at the stop then.
    pub other_parcels: u32,
    /// The address decided for.
    pub address: AddressKey,
    /// How many parcels had failed twice or more by then.
    pub failed_twice: u32,
    /// A fingerprint of the account changes known then.
    pub account_mark: Option<i64>,
    /// What random sparing is expected to lose here, in millionths of the base currency. None: it was decided before
    /// burden and budgets were counted, and counts in none of them.
    pub spared_micro: Option<i64>,
}

/// A cancellation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cancelled {
    /// When.
    pub at: Timestamp,
    /// By which event.
    pub event_id: EventId,
    /// By whom.
    pub by: Option<CancelledBy>,
    /// After the customer had seen what the delivery would ask.
    pub after_requirement_shown: Option<bool>,
}

/// A reroute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rerouted {
    /// When.
    pub at: Timestamp,
    /// By which event.
    pub event_id: EventId,
    /// Where to.
    pub address: AddressKey,
}

/// What happened to one parcel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParcelFile {
    /// The earliest handover.
    pub handed_over: Option<Handover>,
    /// The earliest refusal.
    pub refused_at: Option<Timestamp>,
    /// Failed attempts by time and event, the newest [`FAILURES_MAX`].
    pub failures: BTreeSet<(Timestamp, EventId)>,
    /// The first `LOADED` scan.
    pub loaded_at: Option<Timestamp>,
    /// The latest sign of life.
    pub last_at: Option<Timestamp>,
    /// Packed without a seal, by the latest `PACKED` scan.
    pub packed: Option<(Timestamp, EventId, bool)>,
    /// The route of the latest scan or handover that names one.
    pub route: Option<(Timestamp, EventId, RouteId)>,
    /// The depot of the latest scan or handover that names one.
    pub depot: Option<(Timestamp, EventId, DepotId)>,
}

/// A handover.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Handover {
    /// When.
    pub at: Timestamp,
    /// By which event.
    pub event_id: EventId,
    /// To whom.
    pub role: Option<RecipientRole>,
    /// By whom.
    pub courier: Option<CourierId>,
}

/// A claim about an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimFile {
    /// When the loss happened: the claim's own time.
    pub at: Timestamp,
    /// What is said to be wrong.
    pub kind: ClaimKind,
    /// The amount claimed, where told.
    pub amount: Option<(Currency, i64)>,
    /// How it ended, so far.
    pub settled: Option<Settlement>,
}

/// Whose tally something counts in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProfileKey {
    /// A customer or guest.
    Unit(Unit),
    /// An address.
    Address(AddressKey),
    /// A device or means of payment.
    Link(LinkKey),
    /// A route.
    Route(RouteId),
    /// A depot.
    Depot(DepotId),
    /// All of them.
    Platform,
    /// All of them on one day (UTC, days since 1970).
    Day(i64),
}

/// Something that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// An amount in a tally.
    Count(Entry),
    /// An order of this size in the histogram.
    Spend {
        /// When.
        at: Timestamp,
        /// In which currency.
        currency: Currency,
        /// Minor units.
        minor: i64,
    },
    /// A completed order.
    Completed,
}

/// What an order adds to profiles: to whom, what, how much.
pub type Contributions = BTreeMap<(ProfileKey, Fact), i64>;

impl Dossier {
    /// The placement that counts: as decided, else as told.
    #[must_use]
    pub fn placement(&self) -> Option<&Placement> {
        self.placed
            .as_ref()
            .or_else(|| self.told.as_ref().map(|(_, placement)| placement))
    }

    /// Whether it was placed; events of an order that is not wait.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.placement().is_some()
    }

    /// The address that it goes to now.
    #[must_use]
    pub fn address(&self) -> Option<&AddressKey> {
        let placement = self.placement()?;
        let reroute = self
            .rerouted
            .as_ref()
            .filter(|reroute| reroute.at > placement.address_since);
        Some(reroute.map_or(&placement.address, |reroute| &reroute.address))
    }

    /// How many parcels it makes, where known.
    #[must_use]
    pub fn parcel_count(&self) -> Option<u32> {
        self.placement().and_then(|it| it.parcels)
    }

    /// When the first parcel was loaded, handed over or tried.
    #[must_use]
    pub fn dispatched_at(&self) -> Option<Timestamp> {
        self.parcels.values().fold(None, |first, parcel| {
            let tried = parcel.failures.first().map(|(at, _)| *at);
            let handed = parcel.handed_over.as_ref().map(|it| it.at);
            [parcel.loaded_at, tried, handed, parcel.refused_at]
                .into_iter()
                .fold(first, earliest)
        })
    }

    /// When the last parcel was handed over (or refused); with an unknown number, the first.
    #[must_use]
    pub fn ended_at(&self) -> Option<Timestamp> {
        let end = |it: &ParcelFile| {
            earliest(
                it.handed_over.as_ref().map(|handover| handover.at),
                it.refused_at,
            )
        };
        let mut ends: Vec<_> = self.parcels.values().filter_map(end).collect();
        ends.sort_unstable();
        let due = usize::try_from(self.parcel_count().unwrap_or(1).max(1)).unwrap_or(usize::MAX);
        ends.get(due - 1).copied()
    }

    /// Whether it ended with something handed over, which advances the counter of draws.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        self.ended_at().is_some() && self.parcels.values().any(|it| it.handed_over.is_some())
    }

    /// How many of its parcels failed twice or more.
    #[must_use]
    pub fn failed_twice(&self) -> u32 {
        let twice = self
            .parcels
            .values()
            .filter(|parcel| parcel.failures.len() >= 2);
        u32::try_from(twice.count()).unwrap_or(u32::MAX)
    }

    /// A parcel was packed without a seal, and none of its later scans says otherwise.
    #[must_use]
    pub fn is_unsealed(&self) -> bool {
        self.parcels
            .values()
            .any(|it| matches!(it.packed, Some((_, _, false))))
    }

    /// Until when it holds stop and slot; nothing once it ended or was cancelled, or while it is not placed.
    #[must_use]
    pub fn holds_until(&self) -> Option<Timestamp> {
        let placement = self.placement()?;
        if self.cancelled.is_some() || self.ended_at().is_some() {
            return None;
        }
        Some(self.silent_at().unwrap_or(placement.until))
    }

    /// When it is given up if nothing more is heard of it; nothing before it is dispatched.
    #[must_use]
    pub fn silent_at(&self) -> Option<Timestamp> {
        let at = self.dispatched_at()?;
        let last = self.parcels.values().filter_map(|it| it.last_at).max();
        Some(last.unwrap_or(at).max(at).plus(SILENT_AFTER_DISPATCH))
    }

    /// Its place at the stop, with the address.
    #[must_use]
    pub fn stop(&self) -> Option<(AddressKey, StopEntry)> {
        let until = self.holds_until()?;
        let placement = self.placement()?;
        let gone = self
            .parcels
            .values()
            .filter(|it| it.handed_over.is_some() || it.refused_at.is_some())
            .count();
        let gone = u32::try_from(gone).unwrap_or(u32::MAX);
        let parcels = placement
            .parcels
            .map(|count| count.saturating_sub(gone).max(1));
        Some((
            self.address()?.clone(),
            StopEntry {
                date: placement.date,
                day: placement.day,
                parcels,
                until,
            },
        ))
    }

    /// The slot that it holds, with the unit.
    #[must_use]
    pub fn slot(&self) -> Option<(Unit, OpenOrder)> {
        let placed = self.placed.as_ref()?;
        let slot = self.latest.as_ref()?.slot;
        let until = self.holds_until().filter(|_| self.lapsed_at.is_none())?;
        Some((placed.unit.clone(), OpenOrder { slot, until }))
    }

    /// Until when a decision of this order holds: as decided, or as prolonged when its cart was placed.
    #[must_use]
    pub fn valid_until(&self, revision: u32, decided: Timestamp) -> Timestamp {
        let latest = self.latest.as_ref().filter(|it| it.revision == revision);
        latest.map_or(decided, |it| it.valid_until)
    }

    /// Where a decision of this order stands at `now`. `revision` is the decision's own.
    #[must_use]
    pub fn state(&self, revision: u32, valid_until: Timestamp, now: Timestamp) -> DecisionState {
        let latest = self.latest.as_ref().map_or(0, |it| it.revision);
        if revision < latest {
            DecisionState::Superseded
        } else if self.placement().is_some() && self.cancelled.is_some() {
            DecisionState::Cancelled
        } else if self.placement().is_some() && self.ended_at().is_some() {
            DecisionState::Completed
        } else if let Some(silent_at) = self.placement().and_then(|_| self.silent_at()) {
            if now > silent_at {
                DecisionState::Expired
            } else {
                DecisionState::Dispatched
            }
        } else if now > valid_until {
            DecisionState::Expired
        } else {
            DecisionState::Open
        }
    }
}

#[cfg(test)]
mod tests;
