//! What somebody says of a delivery afterwards: claims, their settlements, and suspicions.

use std::collections::BTreeSet;

use crate::api::wire::check::Check;
use crate::api::wire::order::parcel_items;
use crate::api::wire::{bounds, pb};
use crate::domain::event::{ClaimKind, ClaimOpened, EventKind, Fault, Subject};
use crate::domain::ids::{
    AddressKey, ClaimId, CourierId, CustomerId, DepotId, OrderId, ParcelId, RouteId, SuspicionId,
};
use crate::domain::units::Timestamp;

pub(super) fn opened(message: pb::ClaimOpened, check: &mut Check<'_>) -> Option<EventKind> {
    let pb::ClaimOpened {
        claim_id,
        order_id,
        items,
        parcel_ids,
        kind,
        amount_minor,
        currency_code,
    } = message;
    let claim_id = check.id("claim_id", &claim_id, ClaimId::try_new);
    let order_id = check.id("order_id", &order_id, OrderId::try_new);
    let mut items = parcel_items(items, check, |_, _, _| {});
    items.sort();
    let parcel_ids = check.each(
        "parcel_ids",
        parcel_ids,
        bounds::PARCELS_MAX,
        |it, _, id| it.id("", &id, ParcelId::try_new),
    );
    let parcel_ids: BTreeSet<_> = parcel_ids.into_iter().collect();
    let kind = check.one_of("kind", kind, "ClaimKind", ClaimKind::from_number);
    let (amount_minor, currency) = super::amount(amount_minor, &currency_code, check);
    Some(EventKind::ClaimOpened(ClaimOpened {
        claim_id: claim_id?,
        order_id: order_id?,
        items,
        parcel_ids: parcel_ids.into_iter().collect(),
        kind: kind.unwrap_or(ClaimKind::Unknown),
        amount_minor,
        currency,
    }))
}

pub(super) fn settled(message: pb::ClaimSettled, check: &mut Check<'_>) -> Option<EventKind> {
    let pb::ClaimSettled {
        claim_id,
        fault,
        paid,
    } = message;
    let claim_id = check.id("claim_id", &claim_id, ClaimId::try_new);
    let fault = check.one_of("fault", fault, "Fault", Fault::from_number);
    Some(EventKind::ClaimSettled {
        claim_id: claim_id?,
        fault: fault.unwrap_or(Fault::Unknown),
        paid,
    })
}

pub(super) fn suspicion(
    message: pb::SuspicionRaised,
    occurred_at: Option<Timestamp>,
    check: &mut Check<'_>,
) -> Option<EventKind> {
    let pb::SuspicionRaised {
        suspicion_id,
        customer_id,
        address_key,
        route_id,
        depot_id,
        courier_id,
        level,
        evidence_ref,
        expires_at,
    } = message;
    let suspicion_id = check.id("suspicion_id", &suspicion_id, SuspicionId::try_new);
    let keys = [
        ("customer_id", customer_id.as_str()),
        ("address_key", &address_key),
        ("route_id", &route_id),
        ("depot_id", &depot_id),
        ("courier_id", &courier_id),
    ];
    let only = check.only_one(&keys);
    let subject = only.and_then(|(field, text)| match field {
        "customer_id" => check
            .id(field, text, CustomerId::try_new)
            .map(Subject::Customer),
        "address_key" => check
            .id(field, text, AddressKey::try_new)
            .map(Subject::Address),
        "route_id" => check.id(field, text, RouteId::try_new).map(Subject::Route),
        "depot_id" => check.id(field, text, DepotId::try_new).map(Subject::Depot),
        _ => check
            .id(field, text, CourierId::try_new)
            .map(Subject::Courier),
    });
    let level = check.number("level", Some(level), &bounds::LEVEL);
    let evidence_ref = check.text(
        "evidence_ref",
        evidence_ref,
        is_reference,
        "looks personal or too long; send a reference (1 to 256 printable characters of ASCII but space and @)",
    );
    let expires_at = check.plan("expires_at", expires_at);
    if expires_at
        .zip(occurred_at)
        .is_some_and(|(end, at)| end < at)
    {
        check.fault("expires_at", "must not be before occurred_at");
    }
    Some(EventKind::SuspicionRaised {
        suspicion_id: suspicion_id?,
        subject: subject?,
        level: u8::try_from(level?).ok()?,
        evidence_ref,
        expires_at,
    })
}

fn is_reference(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'@';
    text.len() <= bounds::REFERENCE_MAX && text.bytes().all(plain)
}
