//! An event as sent, checked into an event as known.

mod claims;
mod parcels;
#[cfg(test)]
mod tests;

use super::check::Check;
use super::{Accepts, Invalid, bounds, pb};
use crate::domain::event::{CancelledBy, Event, EventKind, OrderPlaced};
use crate::domain::ids::{
    AddressKey, CarrierId, ContactId, CustomerId, DepotId, EventId, OrderId, RouteId, SuspicionId,
};
use crate::domain::order::ContactKind;
use crate::domain::units::{Currency, Timestamp};

/// Checks an event and sorts what is a set in it.
///
/// # Errors
/// Every fault, by its path from `event`.
pub fn event(message: pb::Event, accepts: &Accepts) -> Result<Event, Invalid> {
    let mut check = Check::new("event", accepts);
    let pb::Event {
        event_id,
        occurred_at,
        kind,
    } = message;
    let event_id = check.id("event_id", &event_id, EventId::try_new);
    let occurred_at = check.need("occurred_at", occurred_at);
    let occurred_at = check.past("occurred_at", occurred_at);
    check.dated(occurred_at);
    if kind.is_none() {
        check.fault(
            "",
            "must say what happened: one of order_placed to suspicion_cleared",
        );
    }
    let kind = kind.and_then(|it| self::kind(it, occurred_at, &mut check));
    let event = event_id.zip(occurred_at).zip(kind);
    check.finish(event.map(|((event_id, occurred_at), kind)| Event {
        event_id,
        occurred_at,
        kind,
    }))
}

fn kind(
    message: pb::event::Kind,
    occurred_at: Option<Timestamp>,
    check: &mut Check<'_>,
) -> Option<EventKind> {
    use pb::event::Kind;
    match message {
        Kind::OrderPlaced(it) => check.inside("order_placed", |check| order_placed(it, check)),
        Kind::OrderCancelled(it) => check.inside("order_cancelled", |check| cancelled(it, check)),
        Kind::OrderRerouted(it) => check.inside("order_rerouted", |check| rerouted(it, check)),
        Kind::ContactChanged(it) => check.inside("contact_changed", |check| contact(it, check)),
        Kind::AddressChanged(it) => check.inside("address_changed", |check| address(it, check)),
        Kind::PasswordReset(it) => check.inside("password_reset", |check| {
            let pb::PasswordReset { customer_id } = it;
            let customer_id = check.id("customer_id", &customer_id, CustomerId::try_new)?;
            Some(EventKind::PasswordReset { customer_id })
        }),
        Kind::ParcelScanned(it) => {
            check.inside("parcel_scanned", |check| parcels::scanned(it, check))
        }
        Kind::ParcelHandedOver(it) => check.inside("parcel_handed_over", |check| {
            parcels::handed_over(it, check)
        }),
        Kind::ParcelRefused(it) => {
            check.inside("parcel_refused", |check| parcels::refused(it, check))
        }
        Kind::DeliveryFailed(it) => {
            check.inside("delivery_failed", |check| parcels::failed(it, check))
        }
        Kind::CodeNotice(it) => check.inside("code_notice", |check| parcels::notice(it, check)),
        Kind::ClaimOpened(it) => check.inside("claim_opened", |check| claims::opened(it, check)),
        Kind::ClaimSettled(it) => check.inside("claim_settled", |check| claims::settled(it, check)),
        Kind::SuspicionRaised(it) => check.inside("suspicion_raised", |check| {
            claims::suspicion(it, occurred_at, check)
        }),
        Kind::SuspicionCleared(it) => check.inside("suspicion_cleared", |check| {
            let pb::SuspicionCleared { suspicion_id } = it;
            let suspicion_id = check.id("suspicion_id", &suspicion_id, SuspicionId::try_new)?;
            Some(EventKind::SuspicionCleared { suspicion_id })
        }),
    }
}

fn order_placed(message: pb::OrderPlaced, check: &mut Check<'_>) -> Option<EventKind> {
    let pb::OrderPlaced {
        order_id,
        customer_id,
        address_key,
        amount_minor,
        currency_code,
        carrier_id,
        route_id,
        depot_id,
        expected_on,
        parcels,
    } = message;
    let order_id = check.id("order_id", &order_id, OrderId::try_new);
    let customer_id = check.maybe_id("customer_id", &customer_id, CustomerId::try_new);
    let address_key = check.id("address_key", &address_key, AddressKey::try_new);
    let (amount_minor, currency) = amount(amount_minor, &currency_code, check);
    let carrier_id = check.maybe_id("carrier_id", &carrier_id, CarrierId::try_new);
    let route_id = check.maybe_id("route_id", &route_id, RouteId::try_new);
    let depot_id = check.maybe_id("depot_id", &depot_id, DepotId::try_new);
    let expected_on = check.day("expected_on", &expected_on);
    let parcels = check.number("parcels", parcels, &bounds::PARCELS);
    Some(EventKind::OrderPlaced(OrderPlaced {
        order_id: order_id?,
        customer_id,
        address_key: address_key?,
        amount_minor,
        currency,
        carrier_id,
        route_id,
        depot_id,
        expected_on,
        parcels,
    }))
}

/// An amount and its currency: the one needs the other.
fn amount(
    minor: Option<i64>,
    code: &str,
    check: &mut Check<'_>,
) -> (Option<i64>, Option<Currency>) {
    let minor = check.number("amount_minor", minor, &bounds::PRICE_MINOR);
    if minor.is_some() && code.is_empty() {
        check.fault("currency_code", "is required with amount_minor");
    }
    (minor, check.currency("currency_code", code))
}

fn cancelled(message: pb::OrderCancelled, check: &mut Check<'_>) -> Option<EventKind> {
    let pb::OrderCancelled {
        order_id,
        by,
        after_requirement_shown,
    } = message;
    let order_id = check.id("order_id", &order_id, OrderId::try_new);
    let by = check.one_of("by", by, "CancelledBy", CancelledBy::from_number);
    Some(EventKind::OrderCancelled {
        order_id: order_id?,
        by,
        after_requirement_shown,
    })
}

fn rerouted(message: pb::OrderRerouted, check: &mut Check<'_>) -> Option<EventKind> {
    let pb::OrderRerouted {
        order_id,
        address_key,
    } = message;
    let order_id = check.id("order_id", &order_id, OrderId::try_new);
    let address_key = check.id("address_key", &address_key, AddressKey::try_new);
    Some(EventKind::OrderRerouted {
        order_id: order_id?,
        address_key: address_key?,
    })
}

fn contact(message: pb::ContactChanged, check: &mut Check<'_>) -> Option<EventKind> {
    let pb::ContactChanged {
        customer_id,
        contact_id,
        previous_contact_id: previous,
        kind,
        verified,
    } = message;
    if !previous.is_empty() && previous == contact_id {
        check.fault("previous_contact_id", "must be another than contact_id");
    }
    let customer_id = check.id("customer_id", &customer_id, CustomerId::try_new);
    let contact_id = check.id("contact_id", &contact_id, ContactId::try_new);
    let previous = check.maybe_id("previous_contact_id", &previous, ContactId::try_new);
    let kind = check.one_of("kind", kind, "ContactKind", ContactKind::from_number);
    Some(EventKind::ContactChanged {
        customer_id: customer_id?,
        contact_id: contact_id?,
        previous_contact_id: previous,
        kind: kind.unwrap_or(ContactKind::Unknown),
        verified,
    })
}

fn address(message: pb::AddressChanged, check: &mut Check<'_>) -> Option<EventKind> {
    let pb::AddressChanged {
        customer_id,
        address_key,
    } = message;
    let customer_id = check.id("customer_id", &customer_id, CustomerId::try_new);
    let address_key = check.id("address_key", &address_key, AddressKey::try_new);
    Some(EventKind::AddressChanged {
        customer_id: customer_id?,
        address_key: address_key?,
    })
}
