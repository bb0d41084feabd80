//! How a dossier grows by events, in any order of arrival.

use super::super::event::{Event, EventKind, OrderPlaced, ScanKind};
use super::super::ids::{ClaimId, DepotId, EventId, ParcelId, RouteId};
use super::super::order::Unit;
use super::super::profile::{Settlement, earliest};
use super::super::units::{Span, Timestamp, Zone};
use super::{
    Cancelled, ClaimFile, Dossier, FAILURES_MAX, Handover, ParcelFile, Placement, Rerouted,
};

impl Dossier {
    /// Takes in an event that names this order, heard of at `received_at`.
    pub fn apply(&mut self, event: &Event, received_at: Timestamp, settled: Option<&Settlement>) {
        if !self.is_known() && !matches!(event.kind, EventKind::OrderPlaced(_)) {
            self.waiting_since = earliest(self.waiting_since, Some(received_at));
        }
        let (at, id) = (event.occurred_at, &event.event_id);
        match &event.kind {
            EventKind::OrderPlaced(told) => {
                let later = self
                    .told
                    .as_ref()
                    .is_none_or(|(old, it)| (it.at, old) < (at, id));
                if later {
                    self.told = Some((id.clone(), Placement::told(told, at)));
                }
            }
            EventKind::OrderCancelled {
                by,
                after_requirement_shown,
                ..
            } => {
                let one = Cancelled {
                    at,
                    event_id: id.clone(),
                    by: *by,
                    after_requirement_shown: *after_requirement_shown,
                };
                if self.cancelled.as_ref().is_none_or(|it| one < *it) {
                    self.cancelled = Some(one);
                }
            }
            EventKind::OrderRerouted { address_key, .. } => {
                let one = Rerouted {
                    at,
                    event_id: id.clone(),
                    address: address_key.clone(),
                };
                self.rerouted = self.rerouted.take().max(Some(one));
            }
            EventKind::ParcelScanned(scan) => {
                let parcel = self.parcel(&scan.parcel_id, at);
                match scan.kind {
                    ScanKind::Packed => {
                        let one = (at, id.clone(), scan.seal_id.is_some());
                        parcel.packed = parcel.packed.take().max(Some(one));
                    }
                    ScanKind::Sorted | ScanKind::Unknown => {}
                    ScanKind::Loaded => parcel.loaded_at = earliest(parcel.loaded_at, Some(at)),
                }
                parcel.way(at, id, scan.route_id.as_ref(), scan.depot_id.as_ref());
            }
            EventKind::ParcelHandedOver(it) => {
                let parcel = self.parcel(&it.parcel_id, at);
                let one = Handover {
                    at,
                    event_id: id.clone(),
                    role: it.recipient_role,
                    courier: it.courier_id.clone(),
                };
                if parcel.handed_over.as_ref().is_none_or(|old| one < *old) {
                    parcel.handed_over = Some(one);
                }
                parcel.way(at, id, it.route_id.as_ref(), it.depot_id.as_ref());
            }
            EventKind::ParcelRefused { parcel_id, .. } => {
                let parcel = self.parcel(parcel_id, at);
                parcel.refused_at = earliest(parcel.refused_at, Some(at));
            }
            EventKind::DeliveryFailed(it) => {
                let parcel = self.parcel(&it.parcel_id, at);
                parcel.failures.insert((at, id.clone()));
                while parcel.failures.len() > FAILURES_MAX {
                    parcel.failures.pop_first();
                }
                parcel.way(at, id, it.route_id.as_ref(), None);
            }
            EventKind::ClaimOpened(it) => {
                let amount = it.currency.zip(it.amount_minor);
                let file = self.claims.entry(it.claim_id.clone()).or_insert(ClaimFile {
                    at,
                    kind: it.kind,
                    amount,
                    settled: None,
                });
                if (at, it.kind, amount) < (file.at, file.kind, file.amount) {
                    (file.at, file.kind, file.amount) = (at, it.kind, amount);
                }
                file.settled = file.settled.take().max(settled.cloned());
            }
            EventKind::ContactChanged { .. }
            | EventKind::AddressChanged { .. }
            | EventKind::PasswordReset { .. }
            | EventKind::CodeNotice { .. }
            | EventKind::ClaimSettled { .. }
            | EventKind::SuspicionRaised { .. }
            | EventKind::SuspicionCleared { .. } => {}
        }
    }

    /// Forgets what events said of it: they waited too long for an order that was not known.
    pub fn forget_events(&mut self) {
        self.cancelled = None;
        self.rerouted = None;
        self.parcels.clear();
        self.claims.clear();
    }

    /// Takes in a settlement of one of its claims.
    pub fn settle(&mut self, claim: &ClaimId, settlement: &Settlement) {
        if let Some(file) = self.claims.get_mut(claim) {
            file.settled = file.settled.take().max(Some(settlement.clone()));
        }
    }

    fn parcel(&mut self, id: &ParcelId, at: Timestamp) -> &mut ParcelFile {
        let parcel = self.parcels.entry(id.clone()).or_default();
        parcel.last_at = parcel.last_at.max(Some(at));
        parcel
    }
}

impl ParcelFile {
    fn way(
        &mut self,
        at: Timestamp,
        id: &EventId,
        route: Option<&RouteId>,
        depot: Option<&DepotId>,
    ) {
        self.route = self
            .route
            .take()
            .max(route.map(|it| (at, id.clone(), it.clone())));
        self.depot = self
            .depot
            .take()
            .max(depot.map(|it| (at, id.clone(), it.clone())));
    }
}

impl Placement {
    /// An order told by event: holds its stop 7 days after its date, 14 without one.
    #[must_use]
    pub fn told(told: &OrderPlaced, at: Timestamp) -> Self {
        let unit = told
            .customer_id
            .clone()
            .map_or_else(|| Unit::Address(told.address_key.clone()), Unit::Customer);
        let placed_day = at.in_zone(&Zone::UTC).0;
        let until = told.expected_on.map_or_else(
            || at.plus(Span::days(14)),
            |date| Zone::UTC.end_of(date.plus_days(7)),
        );
        Self {
            at,
            unit,
            customer: told.customer_id.clone(),
            address: told.address_key.clone(),
            address_since: at,
            amount: told.currency.zip(told.amount_minor),
            links: Vec::new(),
            carrier: told.carrier_id.clone(),
            route: told.route_id.clone(),
            depot: told.depot_id.clone(),
            parcels: told.parcels,
            date: told.expected_on,
            day: told.expected_on.unwrap_or(placed_day),
            until,
        }
    }
}
