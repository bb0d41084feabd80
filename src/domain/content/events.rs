//! What makes two events the same: everything in them.

use super::form::Form;
use crate::domain::event::{
    ClaimOpened, DeliveryFailed, Event, EventKind, OrderPlaced, ParcelHandedOver, ParcelScanned,
    Position, Subject,
};
use crate::domain::units::Digest;

/// The digest of an event's content: of all of it, its id and time included.
#[must_use]
pub fn event_digest(event: &Event) -> Digest {
    let Event {
        event_id,
        occurred_at,
        kind,
    } = event;
    let mut form = Form::new("event/v1");
    form.text(event_id.as_str());
    form.number(occurred_at.as_micros());
    form.text(kind.name());
    self::kind(&mut form, kind);
    form.digest()
}

fn kind(form: &mut Form, kind: &EventKind) {
    match kind {
        EventKind::OrderPlaced(it) => order_placed(form, it),
        EventKind::OrderCancelled {
            order_id,
            by,
            after_requirement_shown,
        } => {
            form.text(order_id.as_str());
            form.maybe(by.map(|it| it.number().into()));
            form.maybe(after_requirement_shown.map(i64::from));
        }
        EventKind::OrderRerouted {
            order_id,
            address_key,
        } => {
            form.text(order_id.as_str());
            form.text(address_key.as_str());
        }
        EventKind::ContactChanged {
            customer_id,
            contact_id,
            previous_contact_id,
            kind,
            verified,
        } => {
            form.text(customer_id.as_str());
            form.text(contact_id.as_str());
            form.maybe_text(previous_contact_id.as_ref().map(|it| it.as_str()));
            form.number(kind.number().into());
            form.maybe(verified.map(i64::from));
        }
        EventKind::AddressChanged {
            customer_id,
            address_key,
        } => {
            form.text(customer_id.as_str());
            form.text(address_key.as_str());
        }
        EventKind::PasswordReset { customer_id } => form.text(customer_id.as_str()),
        EventKind::ParcelScanned(it) => scanned(form, it),
        EventKind::ParcelHandedOver(it) => handed_over(form, it),
        EventKind::ParcelRefused {
            order_id,
            parcel_id,
            reason,
        } => {
            form.text(order_id.as_str());
            form.text(parcel_id.as_str());
            form.maybe(reason.map(|it| it.number().into()));
        }
        EventKind::DeliveryFailed(it) => failed(form, it),
        EventKind::CodeNotice {
            parcel_id,
            contact_id,
            state,
        } => {
            form.text(parcel_id.as_str());
            form.text(contact_id.as_str());
            form.number(state.number().into());
        }
        EventKind::ClaimOpened(it) => claim(form, it),
        EventKind::ClaimSettled {
            claim_id,
            fault,
            paid,
        } => {
            form.text(claim_id.as_str());
            form.number(fault.number().into());
            form.maybe(paid.map(i64::from));
        }
        EventKind::SuspicionRaised {
            suspicion_id,
            subject,
            level,
            evidence_ref,
            expires_at,
        } => {
            form.text(suspicion_id.as_str());
            self::subject(form, subject);
            form.number((*level).into());
            form.maybe_text(evidence_ref.as_deref());
            form.maybe(expires_at.map(|it| it.as_micros()));
        }
        EventKind::SuspicionCleared { suspicion_id } => form.text(suspicion_id.as_str()),
    }
}

fn order_placed(form: &mut Form, placed: &OrderPlaced) {
    let OrderPlaced {
        order_id,
        customer_id,
        address_key,
        amount_minor,
        currency,
        carrier_id,
        route_id,
        depot_id,
        expected_on,
        parcels,
    } = placed;
    form.text(order_id.as_str());
    form.maybe_text(customer_id.as_ref().map(|it| it.as_str()));
    form.text(address_key.as_str());
    form.maybe(*amount_minor);
    form.maybe_text(currency.as_ref().map(|it| it.code()));
    form.maybe_text(carrier_id.as_ref().map(|it| it.as_str()));
    form.maybe_text(route_id.as_ref().map(|it| it.as_str()));
    form.maybe_text(depot_id.as_ref().map(|it| it.as_str()));
    form.maybe(expected_on.map(|it| it.as_days().into()));
    form.maybe(parcels.map(i64::from));
}

fn scanned(form: &mut Form, scan: &ParcelScanned) {
    let ParcelScanned {
        order_id,
        parcel_id,
        kind,
        weight_g,
        seal_id,
        depot_id,
        route_id,
        courier_id,
    } = scan;
    form.text(order_id.as_str());
    form.text(parcel_id.as_str());
    form.number(kind.number().into());
    form.maybe(weight_g.map(i64::from));
    form.maybe_text(seal_id.as_deref());
    form.maybe_text(depot_id.as_ref().map(|it| it.as_str()));
    form.maybe_text(route_id.as_ref().map(|it| it.as_str()));
    form.maybe_text(courier_id.as_ref().map(|it| it.as_str()));
}

fn handed_over(form: &mut Form, handover: &ParcelHandedOver) {
    let ParcelHandedOver {
        order_id,
        parcel_id,
        courier_id,
        route_id,
        depot_id,
        stop_id,
        recipient_role,
        weight_g,
        handover_s,
        seal_id,
        seal_intact,
        inspected,
        photo_sha256,
        position,
    } = handover;
    form.text(order_id.as_str());
    form.text(parcel_id.as_str());
    form.maybe_text(courier_id.as_ref().map(|it| it.as_str()));
    form.maybe_text(route_id.as_ref().map(|it| it.as_str()));
    form.maybe_text(depot_id.as_ref().map(|it| it.as_str()));
    form.maybe_text(stop_id.as_deref());
    form.maybe(recipient_role.map(|it| it.number().into()));
    form.maybe(weight_g.map(i64::from));
    form.maybe(handover_s.map(i64::from));
    form.maybe_text(seal_id.as_deref());
    form.maybe(seal_intact.map(i64::from));
    form.maybe(inspected.map(i64::from));
    form.maybe_text(photo_sha256.as_deref());
    self::position(form, position.as_ref());
}

fn failed(form: &mut Form, failed: &DeliveryFailed) {
    let DeliveryFailed {
        order_id,
        parcel_id,
        reason,
        courier_id,
        route_id,
        position,
        dwell_s,
        photo_sha256,
    } = failed;
    form.text(order_id.as_str());
    form.text(parcel_id.as_str());
    form.maybe(reason.map(|it| it.number().into()));
    form.maybe_text(courier_id.as_ref().map(|it| it.as_str()));
    form.maybe_text(route_id.as_ref().map(|it| it.as_str()));
    self::position(form, position.as_ref());
    form.maybe(dwell_s.map(i64::from));
    form.maybe_text(photo_sha256.as_deref());
}

fn position(form: &mut Form, position: Option<&Position>) {
    form.maybe(position.map(|_| 0));
    if let Some(position) = position {
        let Position {
            latitude,
            longitude,
            accuracy_m,
        } = position;
        form.fraction(*latitude);
        form.fraction(*longitude);
        form.maybe(accuracy_m.map(i64::from));
    }
}

fn claim(form: &mut Form, claim: &ClaimOpened) {
    let ClaimOpened {
        claim_id,
        order_id,
        items,
        parcel_ids,
        kind,
        amount_minor,
        currency,
    } = claim;
    form.text(claim_id.as_str());
    form.text(order_id.as_str());
    form.list(items, |form, (item_id, quantity)| {
        form.text(item_id.as_str());
        form.number((*quantity).into());
    });
    form.list(parcel_ids, |form, it| form.text(it.as_str()));
    form.number(kind.number().into());
    form.maybe(*amount_minor);
    form.maybe_text(currency.as_ref().map(|it| it.code()));
}

fn subject(form: &mut Form, subject: &Subject) {
    let (kind, key) = match subject {
        Subject::Customer(id) => ("customer", id.as_str()),
        Subject::Address(key) => ("address", key.as_str()),
        Subject::Route(id) => ("route", id.as_str()),
        Subject::Depot(id) => ("depot", id.as_str()),
        Subject::Courier(id) => ("courier", id.as_str()),
    };
    form.text(kind);
    form.text(key);
}
