//! Events: to their stored message and back. Id, time and kind have columns of their own.

use prost::Message as _;

use super::parts::{
    Broken, FORMAT, Reader, Writer, code, known, member, message, number, of_number, same_length,
};
use super::stored;
use crate::domain::event::{
    ClaimOpened, DeliveryFailed, EventKind, OrderPlaced, ParcelHandedOver, ParcelScanned, Position,
    Subject,
};
use crate::domain::ids::ItemId;
use crate::domain::units::{Date, Timestamp};

/// The bytes of an event's row.
pub(in crate::store) fn event(kind: &EventKind) -> Vec<u8> {
    let mut names = Writer::default();
    let n = &mut names;
    let mut into = match kind {
        EventKind::OrderPlaced(it) => placed(n, it),
        EventKind::ParcelScanned(it) => scanned(n, it),
        EventKind::ParcelHandedOver(it) => handed_over(n, it),
        EventKind::DeliveryFailed(it) => failed(n, it),
        EventKind::ClaimOpened(it) => opened(n, it),
        EventKind::SuspicionRaised {
            suspicion_id,
            subject,
            level,
            evidence_ref,
            expires_at,
        } => stored::Event {
            suspicion: n.put(suspicion_id),
            level: u32::from(*level),
            evidence_ref: evidence_ref.clone(),
            expires_at: expires_at.map(Timestamp::as_micros),
            ..put_subject(n, subject)
        },
        EventKind::OrderCancelled { .. }
        | EventKind::OrderRerouted { .. }
        | EventKind::ContactChanged { .. }
        | EventKind::AddressChanged { .. }
        | EventKind::PasswordReset { .. }
        | EventKind::ParcelRefused { .. }
        | EventKind::CodeNotice { .. }
        | EventKind::ClaimSettled { .. }
        | EventKind::SuspicionCleared { .. } => small(n, kind),
    };
    into.format = FORMAT;
    into.names = names.finish();
    into.encode_to_vec()
}

/// Kinds of a few fields.
fn small<'a>(n: &mut Writer<'a>, kind: &'a EventKind) -> stored::Event {
    let none = stored::Event::default;
    match kind {
        EventKind::OrderCancelled {
            order_id,
            by,
            after_requirement_shown,
        } => stored::Event {
            order: n.put(order_id),
            what: code(*by),
            said: *after_requirement_shown,
            ..none()
        },
        EventKind::OrderRerouted {
            order_id,
            address_key,
        } => stored::Event {
            order: n.put(order_id),
            address: n.put(address_key),
            ..none()
        },
        EventKind::ContactChanged {
            customer_id,
            contact_id,
            previous_contact_id,
            kind,
            verified,
        } => stored::Event {
            customer: n.put(customer_id),
            contact: n.put(contact_id),
            previous_contact: n.some(previous_contact_id.as_ref()),
            what: number(*kind),
            said: *verified,
            ..none()
        },
        EventKind::AddressChanged {
            customer_id,
            address_key,
        } => stored::Event {
            customer: n.put(customer_id),
            address: n.put(address_key),
            ..none()
        },
        EventKind::PasswordReset { customer_id } => stored::Event {
            customer: n.put(customer_id),
            ..none()
        },
        EventKind::ParcelRefused {
            order_id,
            parcel_id,
            reason,
        } => stored::Event {
            order: n.put(order_id),
            parcel: n.put(parcel_id),
            what: code(*reason),
            ..none()
        },
        EventKind::CodeNotice {
            parcel_id,
            contact_id,
            state,
        } => stored::Event {
            parcel: n.put(parcel_id),
            contact: n.put(contact_id),
            what: number(*state),
            ..none()
        },
        EventKind::ClaimSettled {
            claim_id,
            fault,
            paid,
        } => stored::Event {
            claim: n.put(claim_id),
            what: number(*fault),
            said: *paid,
            ..none()
        },
        EventKind::SuspicionCleared { suspicion_id } => stored::Event {
            suspicion: n.put(suspicion_id),
            ..none()
        },
        EventKind::OrderPlaced(_)
        | EventKind::ParcelScanned(_)
        | EventKind::ParcelHandedOver(_)
        | EventKind::DeliveryFailed(_)
        | EventKind::ClaimOpened(_)
        | EventKind::SuspicionRaised { .. } => none(),
    }
}

fn placed<'a>(n: &mut Writer<'a>, it: &'a OrderPlaced) -> stored::Event {
    stored::Event {
        order: n.put(&it.order_id),
        customer: n.some(it.customer_id.as_ref()),
        address: n.put(&it.address_key),
        minor: it.amount_minor,
        currency: it.currency.map_or(0, |it| n.put_currency(it)),
        carrier: n.some(it.carrier_id.as_ref()),
        route: n.some(it.route_id.as_ref()),
        depot: n.some(it.depot_id.as_ref()),
        expected_on: it.expected_on.map(Date::as_days),
        parcels: it.parcels,
        ..stored::Event::default()
    }
}

fn scanned<'a>(n: &mut Writer<'a>, it: &'a ParcelScanned) -> stored::Event {
    stored::Event {
        order: n.put(&it.order_id),
        parcel: n.put(&it.parcel_id),
        what: number(it.kind),
        weight_g: it.weight_g,
        seal_id: it.seal_id.clone(),
        depot: n.some(it.depot_id.as_ref()),
        route: n.some(it.route_id.as_ref()),
        courier: n.some(it.courier_id.as_ref()),
        ..stored::Event::default()
    }
}

fn handed_over<'a>(n: &mut Writer<'a>, it: &'a ParcelHandedOver) -> stored::Event {
    stored::Event {
        order: n.put(&it.order_id),
        parcel: n.put(&it.parcel_id),
        courier: n.some(it.courier_id.as_ref()),
        route: n.some(it.route_id.as_ref()),
        depot: n.some(it.depot_id.as_ref()),
        stop_id: it.stop_id.clone(),
        what: code(it.recipient_role),
        weight_g: it.weight_g,
        seconds: it.handover_s,
        seal_id: it.seal_id.clone(),
        said: it.seal_intact,
        inspected: it.inspected,
        photo_sha256: it.photo_sha256.clone(),
        ..position(it.position)
    }
}

fn failed<'a>(n: &mut Writer<'a>, it: &'a DeliveryFailed) -> stored::Event {
    stored::Event {
        order: n.put(&it.order_id),
        parcel: n.put(&it.parcel_id),
        what: code(it.reason),
        courier: n.some(it.courier_id.as_ref()),
        route: n.some(it.route_id.as_ref()),
        seconds: it.dwell_s,
        photo_sha256: it.photo_sha256.clone(),
        ..position(it.position)
    }
}

fn position(position: Option<Position>) -> stored::Event {
    stored::Event {
        latitude: position.map(|it| it.latitude.to_bits()),
        longitude: position.map_or(0, |it| it.longitude.to_bits()),
        accuracy_m: position.and_then(|it| it.accuracy_m),
        ..stored::Event::default()
    }
}

fn opened<'a>(n: &mut Writer<'a>, it: &'a ClaimOpened) -> stored::Event {
    stored::Event {
        claim: n.put(&it.claim_id),
        order: n.put(&it.order_id),
        items: it.items.iter().map(|(item, _)| n.put(item)).collect(),
        quantities: it.items.iter().map(|(_, count)| *count).collect(),
        claimed_parcels: it.parcel_ids.iter().map(|id| n.put(id)).collect(),
        what: number(it.kind),
        minor: it.amount_minor,
        currency: it.currency.map_or(0, |it| n.put_currency(it)),
        ..stored::Event::default()
    }
}

fn put_subject<'a>(n: &mut Writer<'a>, subject: &'a Subject) -> stored::Event {
    let mut into = stored::Event::default();
    match subject {
        Subject::Customer(id) => into.customer = n.put(id),
        Subject::Address(key) => into.address = n.put(key),
        Subject::Route(id) => into.route = n.put(id),
        Subject::Depot(id) => into.depot = n.put(id),
        Subject::Courier(id) => into.courier = n.put(id),
    }
    into
}

/// An event's kind as read; `name` is the column's.
pub(in crate::store) fn read_event(name: &str, bytes: &[u8]) -> Result<EventKind, Broken> {
    let mut from = message::<stored::Event>(bytes)?;
    known(from.format)?;
    let names = std::mem::take(&mut from.names);
    let names = Reader(&names);
    let (n, it) = (&names, from);
    Ok(match name {
        "order_placed" => EventKind::OrderPlaced(read_placed(n, &it)?),
        "order_cancelled" => EventKind::OrderCancelled {
            order_id: n.get(it.order)?,
            by: member(it.what)?,
            after_requirement_shown: it.said,
        },
        "order_rerouted" => EventKind::OrderRerouted {
            order_id: n.get(it.order)?,
            address_key: n.get(it.address)?,
        },
        "contact_changed" => EventKind::ContactChanged {
            customer_id: n.get(it.customer)?,
            contact_id: n.get(it.contact)?,
            previous_contact_id: n.some(it.previous_contact)?,
            kind: of_number(it.what)?,
            verified: it.said,
        },
        "address_changed" => EventKind::AddressChanged {
            customer_id: n.get(it.customer)?,
            address_key: n.get(it.address)?,
        },
        "password_reset" => EventKind::PasswordReset {
            customer_id: n.get(it.customer)?,
        },
        "parcel_scanned" => EventKind::ParcelScanned(read_scanned(n, it)?),
        "parcel_handed_over" => EventKind::ParcelHandedOver(read_handed_over(n, it)?),
        "parcel_refused" => EventKind::ParcelRefused {
            order_id: n.get(it.order)?,
            parcel_id: n.get(it.parcel)?,
            reason: member(it.what)?,
        },
        "delivery_failed" => EventKind::DeliveryFailed(read_failed(n, it)?),
        "code_notice" => EventKind::CodeNotice {
            parcel_id: n.get(it.parcel)?,
            contact_id: n.get(it.contact)?,
            state: of_number(it.what)?,
        },
        "claim_opened" => EventKind::ClaimOpened(read_opened(n, &it)?),
        "claim_settled" => EventKind::ClaimSettled {
            claim_id: n.get(it.claim)?,
            fault: of_number(it.what)?,
            paid: it.said,
        },
        "suspicion_raised" => EventKind::SuspicionRaised {
            suspicion_id: n.get(it.suspicion)?,
            subject: read_subject(n, &it)?,
            level: u8::try_from(it.level)?,
            evidence_ref: it.evidence_ref,
            expires_at: it.expires_at.map(Timestamp::from_micros),
        },
        "suspicion_cleared" => EventKind::SuspicionCleared {
            suspicion_id: n.get(it.suspicion)?,
        },
        _ => return Err(Broken),
    })
}

fn read_placed(n: &Reader<'_>, it: &stored::Event) -> Result<OrderPlaced, Broken> {
    Ok(OrderPlaced {
        order_id: n.get(it.order)?,
        customer_id: n.some(it.customer)?,
        address_key: n.get(it.address)?,
        amount_minor: it.minor,
        currency: n.some(it.currency)?,
        carrier_id: n.some(it.carrier)?,
        route_id: n.some(it.route)?,
        depot_id: n.some(it.depot)?,
        expected_on: it.expected_on.map(Date::from_days),
        parcels: it.parcels,
    })
}

fn read_scanned(n: &Reader<'_>, it: stored::Event) -> Result<ParcelScanned, Broken> {
    Ok(ParcelScanned {
        order_id: n.get(it.order)?,
        parcel_id: n.get(it.parcel)?,
        kind: of_number(it.what)?,
        weight_g: it.weight_g,
        seal_id: it.seal_id,
        depot_id: n.some(it.depot)?,
        route_id: n.some(it.route)?,
        courier_id: n.some(it.courier)?,
    })
}

fn read_handed_over(n: &Reader<'_>, it: stored::Event) -> Result<ParcelHandedOver, Broken> {
    Ok(ParcelHandedOver {
        order_id: n.get(it.order)?,
        parcel_id: n.get(it.parcel)?,
        courier_id: n.some(it.courier)?,
        route_id: n.some(it.route)?,
        depot_id: n.some(it.depot)?,
        recipient_role: member(it.what)?,
        weight_g: it.weight_g,
        handover_s: it.seconds,
        seal_intact: it.said,
        inspected: it.inspected,
        position: read_position(&it),
        stop_id: it.stop_id,
        seal_id: it.seal_id,
        photo_sha256: it.photo_sha256,
    })
}

fn read_failed(n: &Reader<'_>, it: stored::Event) -> Result<DeliveryFailed, Broken> {
    Ok(DeliveryFailed {
        order_id: n.get(it.order)?,
        parcel_id: n.get(it.parcel)?,
        reason: member(it.what)?,
        courier_id: n.some(it.courier)?,
        route_id: n.some(it.route)?,
        position: read_position(&it),
        dwell_s: it.seconds,
        photo_sha256: it.photo_sha256,
    })
}

fn read_position(it: &stored::Event) -> Option<Position> {
    it.latitude.map(|latitude| Position {
        latitude: f64::from_bits(latitude),
        longitude: f64::from_bits(it.longitude),
        accuracy_m: it.accuracy_m,
    })
}

fn read_opened(n: &Reader<'_>, it: &stored::Event) -> Result<ClaimOpened, Broken> {
    same_length(it.items.len(), it.quantities.len())?;
    let items: Vec<ItemId> = n.all(&it.items)?;
    Ok(ClaimOpened {
        claim_id: n.get(it.claim)?,
        order_id: n.get(it.order)?,
        items: items
            .into_iter()
            .zip(it.quantities.iter().copied())
            .collect(),
        parcel_ids: n.all(&it.claimed_parcels)?,
        kind: of_number(it.what)?,
        amount_minor: it.minor,
        currency: n.some(it.currency)?,
    })
}

fn read_subject(n: &Reader<'_>, it: &stored::Event) -> Result<Subject, Broken> {
    Ok(
        match (it.customer, it.address, it.route, it.depot, it.courier) {
            (place, 0, 0, 0, 0) => Subject::Customer(n.get(place)?),
            (0, place, 0, 0, 0) => Subject::Address(n.get(place)?),
            (0, 0, place, 0, 0) => Subject::Route(n.get(place)?),
            (0, 0, 0, place, 0) => Subject::Depot(n.get(place)?),
            (0, 0, 0, 0, place) => Subject::Courier(n.get(place)?),
            _ => return Err(Broken),
        },
    )
}
