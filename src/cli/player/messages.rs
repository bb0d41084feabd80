//! A world's orders and events as messages of the contract.

use crate::api::wire::pb;
use crate::domain::event::{
    ClaimOpened, DeliveryFailed, Event, EventKind, OrderPlaced, ParcelHandedOver, ParcelScanned,
    Position, Subject,
};
use crate::domain::ids::ItemId;
use crate::domain::order::{
    Carrier, Contact, Delivery, Item, Locker, Order, Parcel, Preferences, Session,
};
use crate::domain::units::Timestamp;
use pb::event::Kind;

/// An order as it is sent.
pub(super) fn order(it: &Order) -> pb::Order {
    pb::Order {
        order_id: it.order_id.to_string(),
        customer_id: text(it.customer_id.as_ref()),
        placed_at: Some(stamp(it.placed_at)),
        currency_code: it.currency.code().to_owned(),
        stage: it.stage.number(),
        customer_since_at: it.customer_since_at.map(stamp),
        items: it.items.iter().map(item).collect(),
        parcels: it.parcels.iter().map(parcel).collect(),
        expected_parcels: it.expected_parcels,
        delivery: Some(delivery(&it.delivery)),
        contacts: it.contacts.iter().map(contact).collect(),
        carrier: Some(carrier(&it.carrier)),
        lockers: it.lockers.iter().map(locker).collect(),
        preferences: Some(preferences(&it.preferences)),
        session: Some(session(&it.session)),
    }
}

/// A moment as messages tell it.
fn stamp(at: Timestamp) -> prost_types::Timestamp {
    let micros = at.as_micros();
    prost_types::Timestamp {
        seconds: micros.div_euclid(1_000_000),
        nanos: i32::try_from(micros.rem_euclid(1_000_000) * 1_000).unwrap_or(0),
    }
}

/// A text where there is one; empty where there is none.
fn text(it: Option<&impl ToString>) -> String {
    it.map_or_else(String::new, ToString::to_string)
}

fn item(it: &Item) -> pb::Item {
    pb::Item {
        item_id: if it.named {
            it.item_id.to_string()
        } else {
            String::new()
        },
        sku: text(it.sku.as_ref()),
        category: it.category.map_or(0, |it| it.number()),
        merchant_category: text(it.merchant_category.as_ref()),
        unit_price_minor: Some(it.unit_price_minor),
        quantity: Some(it.quantity),
        length_mm: it.size.length_mm,
        width_mm: it.size.width_mm,
        height_mm: it.size.height_mm,
        weight_g: it.size.weight_g,
        serialised: it.serialised,
        age_restricted: it.age_restricted,
        hazardous: it.hazardous,
        packaging: it.packaging.map_or(0, |it| it.number()),
    }
}

fn parcel_item((item_id, units): &(ItemId, u32)) -> pb::ParcelItem {
    pb::ParcelItem {
        item_id: item_id.to_string(),
        quantity: Some(*units),
    }
}

fn parcel(it: &Parcel) -> pb::Parcel {
    pb::Parcel {
        parcel_id: it.parcel_id.to_string(),
        items: it.items.iter().map(parcel_item).collect(),
        length_mm: it.size.length_mm,
        width_mm: it.size.width_mm,
        height_mm: it.size.height_mm,
        weight_g: it.size.weight_g,
    }
}

fn delivery(it: &Delivery) -> pb::Delivery {
    pb::Delivery {
        address_key: it.address_key.to_string(),
        address_type: it.address_type.map_or(0, |it| it.number()),
        address_added_at: it.address_added_at.map(stamp),
        gift: it.gift,
        recipient_is_buyer: it.recipient_is_buyer,
        visible_from_street: it.visible_from_street,
        expected_on: text(it.expected_on.as_ref()),
        country_code: it
            .country_code
            .map_or_else(String::new, |it| it.code().to_owned()),
        time_zone: it.time_zone.clone().unwrap_or_default(),
        window_start_at: it.window_start_at.map(stamp),
        window_end_at: it.window_end_at.map(stamp),
    }
}

fn contact(it: &Contact) -> pb::Contact {
    pb::Contact {
        contact_id: it.contact_id.to_string(),
        kind: it.kind.number(),
        verified: it.verified,
        verified_at: it.verified_at.map(stamp),
        changed_at: it.changed_at.map(stamp),
        replaced_at: it.replaced_at.map(stamp),
        recipient: it.recipient,
    }
}

fn carrier(it: &Carrier) -> pb::Carrier {
    pb::Carrier {
        carrier_id: text(it.carrier_id.as_ref()),
        depot_id: text(it.depot_id.as_ref()),
        route_id: text(it.route_id.as_ref()),
        capabilities: it.capabilities.iter().map(|it| it.number()).collect(),
        subcontracted: it.subcontracted,
    }
}

fn locker(it: &Locker) -> pb::Locker {
    pb::Locker {
        locker_id: it.locker_id.to_string(),
        carrier_id: text(it.carrier_id.as_ref()),
        distance_m: it.distance_m,
        max_length_mm: it.max.length_mm,
        max_width_mm: it.max.width_mm,
        max_height_mm: it.max.height_mm,
        max_weight_g: it.max.weight_g,
        free_compartments: it.free_compartments,
        step_free: it.step_free,
    }
}

fn preferences(it: &Preferences) -> pb::Preferences {
    pb::Preferences {
        cannot_use_codes: it.cannot_use_codes,
        cannot_come_to_door: it.cannot_come_to_door,
        step_free_only: it.step_free_only,
        secured_drop: it.secured_drop.map_or(0, |it| it.number()),
        delegate_contact_id: text(it.delegate_contact_id.as_ref()),
        locale: it.locale.clone().unwrap_or_default(),
    }
}

fn session(it: &Session) -> pb::Session {
    pb::Session {
        new_device: it.new_device,
        password_reset_at: it.password_reset_at.map(stamp),
        stored_payment: it.stored_payment,
        payment_kind: it.payment_kind.map_or(0, |it| it.number()),
        billing_matches_delivery: it.billing_matches_delivery,
        device_key: text(it.device_key.as_ref()),
        payment_key: text(it.payment_key.as_ref()),
    }
}

/// An event as it is sent.
pub(super) fn event(it: &Event) -> pb::Event {
    pb::Event {
        event_id: it.event_id.to_string(),
        occurred_at: Some(stamp(it.occurred_at)),
        kind: Some(kind(&it.kind)),
    }
}

fn kind(kind: &EventKind) -> Kind {
    match kind {
        EventKind::OrderPlaced(it) => Kind::OrderPlaced(placed(it)),
        EventKind::OrderCancelled {
            order_id,
            by,
            after_requirement_shown,
        } => Kind::OrderCancelled(pb::OrderCancelled {
            order_id: order_id.to_string(),
            by: by.map_or(0, |it| it.number()),
            after_requirement_shown: *after_requirement_shown,
        }),
        EventKind::OrderRerouted {
            order_id,
            address_key,
        } => Kind::OrderRerouted(pb::OrderRerouted {
            order_id: order_id.to_string(),
            address_key: address_key.to_string(),
        }),
        EventKind::ContactChanged {
            customer_id,
            contact_id,
            previous_contact_id,
            kind,
            verified,
        } => Kind::ContactChanged(pb::ContactChanged {
            customer_id: customer_id.to_string(),
            contact_id: contact_id.to_string(),
            previous_contact_id: text(previous_contact_id.as_ref()),
            kind: kind.number(),
            verified: *verified,
        }),
        EventKind::AddressChanged {
            customer_id,
            address_key,
        } => Kind::AddressChanged(pb::AddressChanged {
            customer_id: customer_id.to_string(),
            address_key: address_key.to_string(),
        }),
        EventKind::PasswordReset { customer_id } => Kind::PasswordReset(pb::PasswordReset {
            customer_id: customer_id.to_string(),
        }),
        EventKind::ParcelScanned(it) => Kind::ParcelScanned(scanned(it)),
        EventKind::ParcelHandedOver(it) => Kind::ParcelHandedOver(handed_over(it)),
        EventKind::ParcelRefused {
            order_id,
            parcel_id,
            reason,
        } => Kind::ParcelRefused(pb::ParcelRefused {
            order_id: order_id.to_string(),
            parcel_id: parcel_id.to_string(),
            reason: reason.map_or(0, |it| it.number()),
        }),
        EventKind::DeliveryFailed(it) => Kind::DeliveryFailed(failed(it)),
        EventKind::CodeNotice {
            parcel_id,
            contact_id,
            state,
        } => Kind::CodeNotice(pb::CodeNotice {
            parcel_id: parcel_id.to_string(),
            contact_id: contact_id.to_string(),
            state: state.number(),
        }),
        EventKind::ClaimOpened(it) => Kind::ClaimOpened(claimed(it)),
        EventKind::ClaimSettled {
            claim_id,
            fault,
            paid,
        } => Kind::ClaimSettled(pb::ClaimSettled {
            claim_id: claim_id.to_string(),
            fault: fault.number(),
            paid: *paid,
        }),
        EventKind::SuspicionRaised {
            suspicion_id,
            subject,
            level,
            evidence_ref,
            expires_at,
        } => {
            let mut raised = pb::SuspicionRaised {
                suspicion_id: suspicion_id.to_string(),
                level: u32::from(*level),
                evidence_ref: evidence_ref.clone().unwrap_or_default(),
                expires_at: expires_at.map(stamp),
                ..pb::SuspicionRaised::default()
            };
            match subject {
                Subject::Customer(id) => raised.customer_id = id.to_string(),
                Subject::Address(id) => raised.address_key = id.to_string(),
                Subject::Route(id) => raised.route_id = id.to_string(),
                Subject::Depot(id) => raised.depot_id = id.to_string(),
                Subject::Courier(id) => raised.courier_id = id.to_string(),
            }
            Kind::SuspicionRaised(raised)
        }
        EventKind::SuspicionCleared { suspicion_id } => {
            Kind::SuspicionCleared(pb::SuspicionCleared {
                suspicion_id: suspicion_id.to_string(),
            })
        }
    }
}

fn placed(it: &OrderPlaced) -> pb::OrderPlaced {
    pb::OrderPlaced {
        order_id: it.order_id.to_string(),
        customer_id: text(it.customer_id.as_ref()),
        address_key: it.address_key.to_string(),
        amount_minor: it.amount_minor,
        currency_code: text(it.currency.as_ref()),
        carrier_id: text(it.carrier_id.as_ref()),
        route_id: text(it.route_id.as_ref()),
        depot_id: text(it.depot_id.as_ref()),
        expected_on: text(it.expected_on.as_ref()),
        parcels: it.parcels,
    }
}

fn scanned(it: &ParcelScanned) -> pb::ParcelScanned {
    pb::ParcelScanned {
        order_id: it.order_id.to_string(),
        parcel_id: it.parcel_id.to_string(),
        kind: it.kind.number(),
        weight_g: it.weight_g,
        seal_id: it.seal_id.clone().unwrap_or_default(),
        depot_id: text(it.depot_id.as_ref()),
        route_id: text(it.route_id.as_ref()),
        courier_id: text(it.courier_id.as_ref()),
    }
}

fn handed_over(it: &ParcelHandedOver) -> pb::ParcelHandedOver {
    pb::ParcelHandedOver {
        order_id: it.order_id.to_string(),
        parcel_id: it.parcel_id.to_string(),
        courier_id: text(it.courier_id.as_ref()),
        route_id: text(it.route_id.as_ref()),
        depot_id: text(it.depot_id.as_ref()),
        stop_id: it.stop_id.clone().unwrap_or_default(),
        recipient_role: it.recipient_role.map_or(0, |it| it.number()),
        weight_g: it.weight_g,
        handover_s: it.handover_s,
        seal_id: it.seal_id.clone().unwrap_or_default(),
        seal_intact: it.seal_intact,
        inspected: it.inspected,
        photo_sha256: it.photo_sha256.clone().unwrap_or_default(),
        position: it.position.map(position),
    }
}

const fn position(it: Position) -> pb::Position {
    pb::Position {
        latitude: Some(it.latitude),
        longitude: Some(it.longitude),
        accuracy_m: it.accuracy_m,
    }
}

fn failed(it: &DeliveryFailed) -> pb::DeliveryFailed {
    pb::DeliveryFailed {
        order_id: it.order_id.to_string(),
        parcel_id: it.parcel_id.to_string(),
        reason: it.reason.map_or(0, |it| it.number()),
        courier_id: text(it.courier_id.as_ref()),
        route_id: text(it.route_id.as_ref()),
        position: it.position.map(position),
        dwell_s: it.dwell_s,
        photo_sha256: it.photo_sha256.clone().unwrap_or_default(),
    }
}

fn claimed(it: &ClaimOpened) -> pb::ClaimOpened {
    pb::ClaimOpened {
        claim_id: it.claim_id.to_string(),
        order_id: it.order_id.to_string(),
        items: it.items.iter().map(parcel_item).collect(),
        parcel_ids: it.parcel_ids.iter().map(ToString::to_string).collect(),
        kind: it.kind.number(),
        amount_minor: it.amount_minor,
        currency_code: text(it.currency.as_ref()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{event, order};
    use crate::api::wire;
    use crate::domain::units::{Currency, Date, Timestamp};
    use crate::lab::simulate::baselines::RandomTenth;
    use crate::lab::simulate::parameters::WorldFile;
    use crate::lab::simulate::shop::{Closed, Happening};
    use crate::lab::simulate::world::{Day, Extent, Witness, World};

    /// Keeps everything that a world tells.
    #[derive(Default)]
    struct All(Vec<Happening>);

    impl Witness for All {
        fn day(&mut self, day: &Day<'_>) -> Result<(), Closed> {
            self.0.extend_from_slice(day.happenings);
            Ok(())
        }
    }

    #[test]
    fn what_a_world_tells_is_understood_as_it_was_meant() {
        let extent = Extent {
            orders: 400,
            start: Date::from_days(20_454),
            days: 40,
            seed: 5,
        };
        let parameters = WorldFile::built_in()
            .unwrap()
            .scenario("tracking-leak")
            .unwrap();
        let mut all = All::default();
        let world = World::new(parameters, &extent).unwrap();
        world.play(&mut RandomTenth::new(5), &mut all).unwrap();
        let accepts = wire::Accepts {
            // 2026-06-01.
            now: Timestamp::from_micros(20_605 * 86_400_000_000),
            currencies: BTreeSet::from([Currency::parse("EUR").unwrap()]),
            driven: true,
        };
        let (mut orders, mut events) = (0, 0);
        for happening in all.0 {
            match happening {
                Happening::Order(it) => {
                    assert_eq!(wire::order(order(&it), &accepts).unwrap(), *it);
                    orders += 1;
                }
                Happening::Event(it) => {
                    assert_eq!(wire::event(event(&it), &accepts).unwrap(), *it);
                    events += 1;
                }
            }
        }
        assert!(orders == 400 && events > 800, "{orders}, {events}");
    }
}
