//! What happened to a parcel: scans, handovers, refusals, failed attempts, and messages about its code.

use crate::api::wire::check::Check;
use crate::api::wire::{bounds, pb};
use crate::domain::event::{
    DeliveryFailed, EventKind, FailureReason, NoticeState, ParcelHandedOver, ParcelScanned,
    Position, RecipientRole, RefusalReason, ScanKind,
};
use crate::domain::ids::{ContactId, CourierId, DepotId, OrderId, ParcelId, RouteId};
use crate::domain::units::Digest;

pub(super) fn scanned(message: pb::ParcelScanned, check: &mut Check<'_>) -> Option<EventKind> {
    let pb::ParcelScanned {
        order_id,
        parcel_id,
        kind,
        weight_g,
        seal_id,
        depot_id,
        route_id,
        courier_id,
    } = message;
    let order_id = check.id("order_id", &order_id, OrderId::try_new);
    let parcel_id = check.id("parcel_id", &parcel_id, ParcelId::try_new);
    let kind = check.one_of("kind", kind, "ScanKind", ScanKind::from_number);
    let weight_g = check.number("weight_g", weight_g, &bounds::WEIGHT_G);
    let seal_id = check.maybe_key("seal_id", seal_id);
    let depot_id = check.maybe_id("depot_id", &depot_id, DepotId::try_new);
    let route_id = check.maybe_id("route_id", &route_id, RouteId::try_new);
    let courier_id = check.maybe_id("courier_id", &courier_id, CourierId::try_new);
    Some(EventKind::ParcelScanned(ParcelScanned {
        order_id: order_id?,
        parcel_id: parcel_id?,
        kind: kind.unwrap_or(ScanKind::Unknown),
        weight_g,
        seal_id,
        depot_id,
        route_id,
        courier_id,
    }))
}

pub(super) fn handed_over(
    message: pb::ParcelHandedOver,
    check: &mut Check<'_>,
) -> Option<EventKind> {
    let pb::ParcelHandedOver {
        order_id,
        parcel_id,
        courier_id,
        route_id,
        depot_id,
        stop_id,
        recipient_role: role,
        weight_g,
        handover_s,
        seal_id,
        seal_intact,
        inspected,
        photo_sha256,
        position,
    } = message;
    let order_id = check.id("order_id", &order_id, OrderId::try_new);
    let parcel_id = check.id("parcel_id", &parcel_id, ParcelId::try_new);
    let courier_id = check.maybe_id("courier_id", &courier_id, CourierId::try_new);
    let route_id = check.maybe_id("route_id", &route_id, RouteId::try_new);
    let depot_id = check.maybe_id("depot_id", &depot_id, DepotId::try_new);
    let stop_id = check.maybe_key("stop_id", stop_id);
    let roles = RecipientRole::from_number;
    let recipient_role = check.one_of("recipient_role", role, "RecipientRole", roles);
    let weight_g = check.number("weight_g", weight_g, &bounds::WEIGHT_G);
    let handover_s = check.number("handover_s", handover_s, &bounds::AT_DOOR_S);
    let seal_id = check.maybe_key("seal_id", seal_id);
    let photo_sha256 = photo(photo_sha256, check);
    let position = position.and_then(|it| check.inside("position", |at| self::position(it, at)));
    Some(EventKind::ParcelHandedOver(ParcelHandedOver {
        order_id: order_id?,
        parcel_id: parcel_id?,
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
    }))
}

pub(super) fn refused(message: pb::ParcelRefused, check: &mut Check<'_>) -> Option<EventKind> {
    let pb::ParcelRefused {
        order_id,
        parcel_id,
        reason,
    } = message;
    let order_id = check.id("order_id", &order_id, OrderId::try_new);
    let parcel_id = check.id("parcel_id", &parcel_id, ParcelId::try_new);
    let reasons = RefusalReason::from_number;
    let reason = check.one_of("reason", reason, "RefusalReason", reasons);
    Some(EventKind::ParcelRefused {
        order_id: order_id?,
        parcel_id: parcel_id?,
        reason,
    })
}

pub(super) fn failed(message: pb::DeliveryFailed, check: &mut Check<'_>) -> Option<EventKind> {
    let pb::DeliveryFailed {
        order_id,
        parcel_id,
        reason,
        courier_id,
        route_id,
        position,
        dwell_s,
        photo_sha256,
    } = message;
    let order_id = check.id("order_id", &order_id, OrderId::try_new);
    let parcel_id = check.id("parcel_id", &parcel_id, ParcelId::try_new);
    let reasons = FailureReason::from_number;
    let reason = check.one_of("reason", reason, "FailureReason", reasons);
    let courier_id = check.maybe_id("courier_id", &courier_id, CourierId::try_new);
    let route_id = check.maybe_id("route_id", &route_id, RouteId::try_new);
    let position = position.and_then(|it| check.inside("position", |at| self::position(it, at)));
    let dwell_s = check.number("dwell_s", dwell_s, &bounds::AT_DOOR_S);
    let photo_sha256 = photo(photo_sha256, check);
    Some(EventKind::DeliveryFailed(DeliveryFailed {
        order_id: order_id?,
        parcel_id: parcel_id?,
        reason,
        courier_id,
        route_id,
        position,
        dwell_s,
        photo_sha256,
    }))
}

pub(super) fn notice(message: pb::CodeNotice, check: &mut Check<'_>) -> Option<EventKind> {
    let pb::CodeNotice {
        parcel_id,
        contact_id,
        state,
    } = message;
    let parcel_id = check.id("parcel_id", &parcel_id, ParcelId::try_new);
    let contact_id = check.id("contact_id", &contact_id, ContactId::try_new);
    let state = check.one_of("state", state, "NoticeState", NoticeState::from_number);
    Some(EventKind::CodeNotice {
        parcel_id: parcel_id?,
        contact_id: contact_id?,
        state: state.unwrap_or(NoticeState::Unknown),
    })
}

/// The digest of a photo, in small letters.
fn photo(hex: String, check: &mut Check<'_>) -> Option<String> {
    let must = "must be a SHA-256 as 64 hexadecimal digits";
    let fits = |it: &str| Digest::parse(it).is_some();
    let mut hex = check.text("photo_sha256", hex, fits, must)?;
    hex.make_ascii_lowercase();
    Some(hex)
}

fn position(message: pb::Position, check: &mut Check<'_>) -> Option<Position> {
    let pb::Position {
        latitude,
        longitude,
        accuracy_m,
    } = message;
    let latitude = check.need("latitude", latitude);
    let latitude = check.number("latitude", latitude, &(-90.0..=90.0));
    let longitude = check.need("longitude", longitude);
    let longitude = check.number("longitude", longitude, &(-180.0..=180.0));
    let accuracy_m = check.number("accuracy_m", accuracy_m, &bounds::ACCURACY_M);
    Some(Position {
        latitude: latitude?,
        longitude: longitude?,
        accuracy_m,
    })
}
