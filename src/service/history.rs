//! Events: each kept once, each settled at once, none failing the others.

use std::sync::Arc;

use super::{Deadline, Error, Service};
use crate::decision::draft::Draft;
use crate::decision::snapshot::{EventLine, Key, Keys, Look, Snapshot, Step};
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::{ClaimId, CustomerId};
use crate::domain::memory;
use crate::domain::order::Unit;
use crate::domain::profile::{Claim, Raised, SUSPICION_DEFAULT, Settlement};
use crate::domain::units::{Digest, Timestamp};

/// How many events are settled in one piece of work.
pub const AT_ONCE: usize = 50;

/// What became of one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Kept and settled.
    Recorded,
    /// The same event was kept before.
    Duplicate,
    /// Kept; it waits for its order or claim to become known.
    Pending,
    /// Not kept, and why.
    Rejected(&'static str),
}

impl Service {
    /// Keeps events, in the order given; answers in that order.
    ///
    /// # Errors
    /// [`Error::Store`] where the store did not answer; events of earlier pieces are kept then, and sending all again
    /// is safe.
    pub async fn record_events(
        &self,
        events: Vec<(Event, Digest)>,
        until: Deadline,
    ) -> Result<Vec<Taken>, Error> {
        let mut taken = Vec::with_capacity(events.len());
        for piece in events.chunks(AT_ONCE) {
            let newest = piece.iter().map(|(event, _)| event.occurred_at).max();
            let now = newest.map_or_else(|| self.clock.now(), |at| self.clock.advance(at));
            let piece: Arc<[(Event, Digest)]> = piece.into();
            let keys = keys(&piece);
            taken.extend(
                self.store
                    .transact(keys, until, move |snapshot| step(&piece, now, snapshot))
                    .await?,
            );
        }
        Ok(taken)
    }
}

/// Settles events of the past in order of time, each received when it occurred.
#[must_use]
pub fn step_past(events: &[(Event, Digest)], snapshot: &Snapshot) -> Step<Vec<Taken>> {
    let times = events.iter().map(|(event, _)| event.occurred_at);
    let newest = times.max().unwrap_or(Timestamp::from_micros(0));
    let mut draft = Draft::new(snapshot, newest);
    let taken = events
        .iter()
        .map(|(event, digest)| take(&mut draft, event, *digest, event.occurred_at))
        .collect();
    draft.finish(taken)
}

/// Settles some events, given what was loaded.
#[must_use]
pub fn step(events: &[(Event, Digest)], now: Timestamp, snapshot: &Snapshot) -> Step<Vec<Taken>> {
    let mut draft = Draft::new(snapshot, now);
    let taken = events
        .iter()
        .map(|(event, digest)| take(&mut draft, event, *digest, now))
        .collect();
    draft.finish(taken)
}

/// What is sure to be needed; the rest is found on the way.
#[must_use]
pub fn keys(events: &[(Event, Digest)]) -> Keys {
    let mut keys = Keys::default();
    for (event, _) in events {
        keys.look.insert(Look::Event(event.event_id.clone()));
        if let Some(id) = event.kind.order_id() {
            keys.lock.insert(Key::Order(id.clone()));
        }
    }
    keys
}

fn take(draft: &mut Draft<'_>, event: &Event, digest: Digest, now: Timestamp) -> Taken {
    match draft.event(&event.event_id) {
        Some(seen) if seen == digest => return Taken::Duplicate,
        Some(_) => return Taken::Rejected("CONTENT_DIFFERS"),
        None => {}
    }
    match settle(draft, event, now) {
        Ok(pending) => {
            draft.keep(EventLine {
                event: event.clone(),
                digest,
                received_at: now,
                pending,
            });
            if pending {
                Taken::Pending
            } else {
                Taken::Recorded
            }
        }
        Err(why) => Taken::Rejected(why),
    }
}

/// Settles one event; whether it waits for something, or why it is refused.
fn settle(draft: &mut Draft<'_>, event: &Event, now: Timestamp) -> Result<bool, &'static str> {
    match &event.kind {
        EventKind::ClaimOpened(opened) => {
            let claim = draft.claim(&opened.claim_id).clone();
            if claim
                .order_id
                .as_ref()
                .is_some_and(|known| *known != opened.order_id)
            {
                return Err("CLAIM_OF_ANOTHER_ORDER");
            }
            let settled = claim.settled.clone();
            *draft.claim_mut(&opened.claim_id) = Claim {
                order_id: Some(opened.order_id.clone()),
                ..claim
            };
            Ok(order_event(draft, event, now, settled.as_ref()))
        }
        EventKind::ClaimSettled {
            claim_id,
            fault,
            paid,
        } => {
            let (at, event_id) = (event.occurred_at, event.event_id.clone());
            let settlement = Settlement {
                at,
                event_id,
                fault: *fault,
                paid: *paid,
            };
            Ok(settlement_event(draft, claim_id, settlement))
        }
        EventKind::ContactChanged { customer_id, .. }
        | EventKind::AddressChanged { customer_id, .. }
        | EventKind::PasswordReset { customer_id } => {
            customer_event(draft, customer_id, event);
            Ok(false)
        }
        EventKind::SuspicionRaised {
            suspicion_id,
            subject,
            level,
            expires_at,
            ..
        } => {
            let at = event.occurred_at;
            let expires_at = expires_at.unwrap_or_else(|| at.plus(SUSPICION_DEFAULT));
            let raised = Raised {
                subject: subject.clone(),
                level: *level,
                at,
                expires_at,
            };
            let row = draft.suspicion_mut(suspicion_id);
            if row
                .raised
                .as_ref()
                .is_some_and(|known| known.subject != *subject)
            {
                return Err("SUSPICION_OF_ANOTHER_SUBJECT");
            }
            if row.raised.as_ref().is_none_or(|known| known.at <= at) {
                row.raised = Some(raised);
            }
            Ok(false)
        }
        EventKind::SuspicionCleared { suspicion_id } => {
            let row = draft.suspicion_mut(suspicion_id);
            row.cleared_at = row.cleared_at.max(Some(event.occurred_at));
            Ok(row.raised.is_none())
        }
        EventKind::CodeNotice { .. } => Ok(false),
        EventKind::OrderPlaced(told) => {
            if let Some(customer) = &told.customer_id {
                customer_event(draft, customer, event);
            }
            Ok(order_event(draft, event, now, None))
        }
        EventKind::OrderCancelled { .. }
        | EventKind::OrderRerouted { .. }
        | EventKind::ParcelScanned(_)
        | EventKind::ParcelHandedOver(_)
        | EventKind::ParcelRefused { .. }
        | EventKind::DeliveryFailed(_) => Ok(order_event(draft, event, now, None)),
    }
}

/// An event of an order goes into its dossier, known or not.
fn order_event(
    draft: &mut Draft<'_>,
    event: &Event,
    now: Timestamp,
    settled: Option<&Settlement>,
) -> bool {
    let Some(id) = event.kind.order_id() else {
        return false;
    };
    let mut dossier = draft.order(id).clone();
    let was_known = dossier.is_known();
    if !was_known && matches!(event.kind, EventKind::OrderPlaced(_)) {
        super::validity::wake(draft, &mut dossier, id, now);
    }
    dossier.apply(event, now, settled);
    let known = dossier.is_known();
    draft.put_order(id, dossier);
    !known
}

fn settlement_event(draft: &mut Draft<'_>, claim_id: &ClaimId, settlement: Settlement) -> bool {
    let row = draft.claim_mut(claim_id);
    row.settled = row.settled.take().max(Some(settlement.clone()));
    let Some(order_id) = row.order_id.clone() else {
        return true;
    };
    let mut dossier = draft.order(&order_id).clone();
    dossier.settle(claim_id, &settlement);
    let known = dossier.is_known();
    draft.put_order(&order_id, dossier);
    !known
}

fn customer_event(draft: &mut Draft<'_>, customer: &CustomerId, event: &Event) {
    let unit = Unit::Customer(customer.clone());
    memory::remember_event(draft.customer_mut(&unit), event);
}
