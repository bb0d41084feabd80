//! How long things hold: answers, stops, slots, and events that wait for their order.

use super::release::InForce;
use crate::decision::draft::Draft;
use crate::decision::signals;
use crate::decision::snapshot::Keys;
use crate::domain::action::Action;
use crate::domain::dossier::{Dossier, Placement};
use crate::domain::ids::OrderId;
use crate::domain::order::{Order, Stage, Unit};
use crate::domain::units::{Span, Timestamp};
/// Events of an unknown order are dropped when it becomes known later than this (contract: 90 days by default).
pub const PENDING_FOR: Span = Span::days(90);

/// Orders of the unit that are past their validity leave slot and spend.
pub fn lapse(draft: &mut Draft<'_>, unit: &Unit, asked: &OrderId) {
    let now = draft.now();
    let past: Vec<OrderId> = draft
        .customer(unit)
        .open
        .iter()
        .filter(|(id, open)| open.until < now && *id != asked)
        .map(|(id, _)| id.clone())
        .collect();
    for id in past {
        let mut dossier = draft.order(&id).clone();
        if dossier.placed.is_some() && dossier.lapsed_at.is_none() {
            dossier.lapsed_at = dossier.holds_until();
            draft.put_order(&id, dossier);
        }
    }
}

/// An order becomes known: what waited for it applies, unless it waited too long.
pub fn wake(draft: &mut Draft<'_>, dossier: &mut Dossier, id: &OrderId, now: Timestamp) {
    let Some(since) = dossier.waiting_since.filter(|_| !dossier.is_known()) else {
        return;
    };
    let lapsed = since.plus(PENDING_FOR) < now;
    dossier.waiting_since = None;
    if lapsed {
        dossier.forget_events();
        draft.put_order(id, dossier.clone());
    }
    draft.woke(id, lapsed);
}

/// The address that the order goes to by its dossier, with the suspicions against it.
pub(super) fn address_keys(order: &Order, dossier: &Dossier) -> Keys {
    signals::address_keys(&signals::address_of(order, Some(dossier)))
}

/// Where and how long the order takes a place at a stop.
pub(super) fn placement(
    order: &Order,
    dossier: &Dossier,
    in_force: &InForce,
    now: Timestamp,
) -> Placement {
    let validity = &in_force.release.policy.validity;
    let placement = signals::placement(order, dossier, &in_force.catalogue, now, validity);
    // An order whose date is long past is still answered for a day, else every call would decide again.
    Placement {
        until: placement.until.max(now.plus(Span::days(1))),
        ..placement
    }
}

/// Until when an answer holds.
pub(super) fn valid_until(
    order: &Order,
    action: Action,
    placement: &Placement,
    in_force: &InForce,
    now: Timestamp,
) -> Timestamp {
    let validity = &in_force.release.policy.validity;
    match (order.stage, action) {
        (Stage::Cart, _) => now.plus(validity.cart),
        (Stage::Placed, Action::Review) => now.plus(validity.review),
        (Stage::Placed, Action::None | Action::Otp | Action::ItemCodes | Action::LockerOnly) => {
            placement.until
        }
    }
}
