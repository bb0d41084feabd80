//! What is content and what is not: every change of an order or event, and whether its digest tells.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{content_digest, event_digest};
use crate::domain::event::{
    CancelledBy, ClaimKind, ClaimOpened, DeliveryFailed, Event, EventKind, FailureReason, Fault,
    NoticeState, OrderPlaced, ParcelHandedOver, ParcelScanned, Position, RecipientRole,
    RefusalReason, ScanKind, Subject,
};
use crate::domain::ids::{
    AddressKey, CarrierId, ClaimId, ContactId, CourierId, CustomerId, DepotId, EventId, ItemId,
    LockerId, MerchantKey, OrderId, ParcelId, RouteId, SharedKey, Sku, SuspicionId,
};
use crate::domain::order::{
    AddressType, Capability, Carrier, Category, Contact, ContactKind, CountryCode, Delivery, Item,
    Locker, Order, Packaging, Parcel, PartialSize, PaymentKind, Preferences, SecuredDrop, Session,
    Stage,
};
use crate::domain::units::{Currency, Date, Timestamp};

macro_rules! id {
    ($kind:ident $text:expr) => {
        $kind::try_new($text).unwrap()
    };
}

const AT: Timestamp = Timestamp::from_micros(1_781_092_800_000_000);
const LATER: Timestamp = Timestamp::from_micros(1_781_092_800_000_001);

fn size() -> PartialSize {
    PartialSize {
        length_mm: Some(200),
        width_mm: Some(140),
        height_mm: Some(30),
        weight_g: Some(400),
    }
}

fn item(item_id: &str, named: bool) -> Item {
    Item {
        item_id: id!(ItemId item_id),
        named,
        sku: None,
        category: Some(Category::Book),
        merchant_category: None,
        unit_price_minor: 1_500,
        quantity: 2,
        size: size(),
        serialised: Some(false),
        age_restricted: None,
        hazardous: None,
        packaging: Some(Packaging::Box),
    }
}

fn contact(contact_id: &str) -> Contact {
    Contact {
        contact_id: id!(ContactId contact_id),
        kind: ContactKind::Sms,
        verified: Some(true),
        verified_at: Some(AT),
        changed_at: None,
        replaced_at: None,
        recipient: None,
    }
}

fn parcel(parcel_id: &str) -> Parcel {
    Parcel {
        parcel_id: id!(ParcelId parcel_id),
        items: vec![(id!(ItemId "a"), 1), (id!(ItemId "b"), 1)],
        size: size(),
    }
}

fn locker(locker_id: &str, carrier: &str) -> Locker {
    Locker {
        locker_id: id!(LockerId locker_id),
        carrier_id: Some(id!(CarrierId carrier)),
        distance_m: Some(600),
        max: size(),
        free_compartments: Some(6),
        step_free: Some(true),
    }
}

/// An order with two of everything that is a set.
fn order() -> Order {
    Order {
        order_id: id!(OrderId "o1"),
        customer_id: Some(id!(CustomerId "c1")),
        placed_at: AT,
        currency: Currency::parse("EUR").unwrap(),
        stage: Stage::Placed,
        customer_since_at: Some(AT),
        items: vec![
            item("a", true),
            item("b", true),
            item("3", false),
            item("4", false),
        ],
        parcels: vec![parcel("p1"), parcel("p2")],
        expected_parcels: Some(2),
        delivery: Delivery {
            address_key: id!(AddressKey "a1"),
            address_type: Some(AddressType::House),
            address_added_at: Some(AT),
            gift: Some(false),
            recipient_is_buyer: Some(true),
            visible_from_street: None,
            expected_on: Date::parse("2026-06-12"),
            country_code: CountryCode::parse("DE"),
            time_zone: Some("Europe/Berlin".to_owned()),
            window_start_at: Some(AT),
            window_end_at: Some(LATER),
        },
        contacts: vec![contact("m1"), contact("m2")],
        carrier: Carrier {
            carrier_id: Some(id!(CarrierId "k1")),
            depot_id: Some(id!(DepotId "d1")),
            route_id: Some(id!(RouteId "r1")),
            capabilities: vec![Capability::Code, Capability::Photo],
            subcontracted: Some(false),
        },
        lockers: vec![locker("l1", "k1"), locker("l1", "k2")],
        preferences: Preferences::default(),
        session: Session::default(),
    }
}

fn digest_after(change: impl FnOnce(&mut Order)) -> crate::domain::units::Digest {
    let mut order = order();
    change(&mut order);
    order.sort();
    content_digest(&order)
}

#[test]
fn what_may_differ_between_two_calls_is_no_content() {
    let before = digest_after(|_| {});
    type Change = fn(&mut Order);
    let changes: &[Change] = &[
        |it| it.placed_at = LATER,
        |it| it.stage = Stage::Cart,
        |it| it.lockers[0].free_compartments = None,
        |it| it.lockers[0].distance_m = Some(1),
    ];
    for (place, change) in changes.iter().enumerate() {
        assert_eq!(digest_after(change), before, "change {place}");
    }
}

#[test]
fn every_other_change_is_another_content() {
    type Change = fn(&mut Order);
    let changes: &[Change] = &[
        |_| {},
        |it| it.order_id = id!(OrderId "o2"),
        |it| it.customer_id = None,
        |it| it.currency = Currency::parse("USD").unwrap(),
        |it| it.customer_since_at = None,
        |it| it.customer_since_at = Some(LATER),
        |it| it.items[0].item_id = id!(ItemId "a2"),
        |it| it.items[0].sku = Some(id!(Sku "s")),
        |it| it.items[0].merchant_category = Some(id!(MerchantKey "s")),
        |it| it.items[0].category = None,
        |it| it.items[0].unit_price_minor += 1,
        |it| it.items[0].quantity += 1,
        |it| it.items[0].size.length_mm = None,
        |it| it.items[0].size.width_mm = None,
        |it| it.items[0].size.height_mm = Some(31),
        |it| it.items[0].size.weight_g = Some(401),
        |it| it.items[0].serialised = None,
        |it| it.items[0].age_restricted = Some(false),
        |it| it.items[0].hazardous = Some(false),
        |it| it.items[0].packaging = None,
        |it| it.items[3].quantity += 1,
        |it| drop(it.items.pop()),
        |it| drop(it.parcels.pop()),
        |it| it.parcels[0].items[0].1 = 2,
        |it| it.parcels[0].items[0].0 = id!(ItemId "3"),
        |it| drop(it.parcels[0].items.pop()),
        |it| it.parcels[0].size.weight_g = None,
        |it| it.expected_parcels = None,
        |it| it.delivery.address_key = id!(AddressKey "a2"),
        |it| it.delivery.address_type = None,
        |it| it.delivery.address_added_at = None,
        |it| it.delivery.gift = None,
        |it| it.delivery.recipient_is_buyer = None,
        |it| it.delivery.visible_from_street = Some(false),
        |it| it.delivery.expected_on = None,
        |it| it.delivery.country_code = None,
        |it| it.delivery.time_zone = None,
        |it| it.delivery.window_start_at = None,
        |it| it.delivery.window_end_at = None,
        |it| it.contacts[0].contact_id = id!(ContactId "m0"),
        |it| it.contacts[0].kind = ContactKind::Unknown,
        |it| it.contacts[0].verified = None,
        |it| it.contacts[0].verified_at = None,
        |it| it.contacts[0].changed_at = Some(AT),
        |it| it.contacts[0].replaced_at = Some(AT),
        |it| it.contacts[0].recipient = Some(false),
        |it| drop(it.contacts.pop()),
        |it| it.carrier.carrier_id = None,
        |it| it.carrier.depot_id = None,
        |it| it.carrier.route_id = None,
        |it| it.carrier.capabilities.truncate(1),
        |it| it.carrier.subcontracted = None,
        |it| it.lockers[0].locker_id = id!(LockerId "l0"),
        |it| it.lockers[0].carrier_id = None,
        |it| it.lockers[0].max.width_mm = None,
        |it| it.lockers[0].step_free = None,
        |it| drop(it.lockers.pop()),
        |it| it.preferences.cannot_use_codes = true,
        |it| it.preferences.cannot_come_to_door = true,
        |it| it.preferences.step_free_only = true,
        |it| it.preferences.secured_drop = Some(SecuredDrop::Garage),
        |it| it.preferences.delegate_contact_id = Some(id!(ContactId "m1")),
        |it| it.preferences.locale = Some("de".to_owned()),
        |it| it.session.new_device = Some(false),
        |it| it.session.password_reset_at = Some(AT),
        |it| it.session.stored_payment = Some(false),
        |it| it.session.payment_kind = Some(PaymentKind::Card),
        |it| it.session.billing_matches_delivery = Some(false),
        |it| it.session.device_key = Some(id!(SharedKey "k")),
        |it| it.session.payment_key = Some(id!(SharedKey "k")),
    ];
    let digests: BTreeSet<_> = changes.iter().map(digest_after).collect();
    assert_eq!(digests.len(), changes.len());
}

#[test]
fn lines_without_ids_keep_their_order() {
    let mut order = order();
    order.items[3].unit_price_minor = 1;
    let before = content_digest(&order);
    order.items.swap(2, 3);
    order.sort();
    assert_ne!(content_digest(&order), before);
}

/// The digest is stored: another one for the same content would be a new revision of every open order.
#[test]
fn the_form_does_not_change() {
    let expected = "60bb467e22a70b583ffeb82f59bb2b10425c7b9f4bef872a39844aa413dba49a";
    assert_eq!(digest_after(|_| {}).to_string(), expected);
}

proptest! {
    #[test]
    fn the_order_of_a_set_is_no_content(seed in any::<u64>()) {
        let before = digest_after(|_| {});
        let after = digest_after(|it| {
            let mut turn = seed;
            let mut next = |length: usize| {
                turn = turn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                usize::try_from(turn >> 33).unwrap() % length
            };
            let lines: Vec<_> = it.items.drain(2..).collect();
            it.items.rotate_left(next(2));
            it.items.insert(next(3), lines[0].clone());
            let last = it.items.iter().position(|line| line.item_id.as_str() == "3").unwrap();
            it.items.insert(last + 1 + next(it.items.len() - last), lines[1].clone());
            it.contacts.rotate_left(next(2));
            it.parcels.rotate_left(next(2));
            it.parcels[0].items.rotate_left(next(2));
            it.lockers.rotate_left(next(2));
            it.carrier.capabilities.rotate_left(next(2));
        });
        prop_assert_eq!(after, before);
    }
}

fn kinds() -> Vec<EventKind> {
    let (order_id, parcel_id) = (id!(OrderId "o1"), id!(ParcelId "p1"));
    let customer_id = id!(CustomerId "c1");
    let place = Position {
        latitude: 52.5,
        longitude: 13.4,
        accuracy_m: Some(10),
    };
    let placed = OrderPlaced {
        order_id: order_id.clone(),
        customer_id: None,
        address_key: id!(AddressKey "a1"),
        amount_minor: Some(1),
        currency: Currency::parse("EUR"),
        carrier_id: None,
        route_id: None,
        depot_id: None,
        expected_on: None,
        parcels: None,
    };
    let scan = ParcelScanned {
        order_id: order_id.clone(),
        parcel_id: parcel_id.clone(),
        kind: ScanKind::Packed,
        weight_g: None,
        seal_id: None,
        depot_id: None,
        route_id: None,
        courier_id: None,
    };
    let handover = ParcelHandedOver {
        order_id: order_id.clone(),
        parcel_id: parcel_id.clone(),
        courier_id: None,
        route_id: None,
        depot_id: None,
        stop_id: None,
        recipient_role: None,
        weight_g: None,
        handover_s: None,
        seal_id: None,
        seal_intact: None,
        inspected: None,
        photo_sha256: None,
        position: None,
    };
    let failed = DeliveryFailed {
        order_id: order_id.clone(),
        parcel_id: parcel_id.clone(),
        reason: Some(FailureReason::NobodyHome),
        courier_id: None,
        route_id: None,
        position: Some(place),
        dwell_s: None,
        photo_sha256: None,
    };
    let claim = ClaimOpened {
        claim_id: id!(ClaimId "k1"),
        order_id: order_id.clone(),
        items: vec![(id!(ItemId "a"), 1)],
        parcel_ids: Vec::new(),
        kind: ClaimKind::Empty,
        amount_minor: None,
        currency: None,
    };
    let suspicion = |subject| EventKind::SuspicionRaised {
        suspicion_id: id!(SuspicionId "s1"),
        subject,
        level: 2,
        evidence_ref: None,
        expires_at: None,
    };
    vec![
        EventKind::OrderPlaced(placed.clone()),
        EventKind::OrderPlaced(OrderPlaced {
            customer_id: Some(customer_id.clone()),
            ..placed.clone()
        }),
        EventKind::OrderPlaced(OrderPlaced {
            amount_minor: None,
            ..placed.clone()
        }),
        EventKind::OrderPlaced(OrderPlaced {
            parcels: Some(1),
            ..placed
        }),
        EventKind::OrderCancelled {
            order_id: order_id.clone(),
            by: Some(CancelledBy::Shop),
            after_requirement_shown: None,
        },
        EventKind::OrderCancelled {
            order_id: order_id.clone(),
            by: None,
            after_requirement_shown: Some(true),
        },
        EventKind::OrderRerouted {
            order_id: order_id.clone(),
            address_key: id!(AddressKey "a2"),
        },
        EventKind::ContactChanged {
            customer_id: customer_id.clone(),
            contact_id: id!(ContactId "m1"),
            previous_contact_id: None,
            kind: ContactKind::Email,
            verified: None,
        },
        EventKind::AddressChanged {
            customer_id: customer_id.clone(),
            address_key: id!(AddressKey "a2"),
        },
        EventKind::PasswordReset { customer_id },
        EventKind::ParcelScanned(scan.clone()),
        EventKind::ParcelScanned(ParcelScanned {
            seal_id: Some("a1".to_owned()),
            ..scan.clone()
        }),
        EventKind::ParcelScanned(ParcelScanned {
            depot_id: Some(id!(DepotId "a1")),
            ..scan.clone()
        }),
        EventKind::ParcelScanned(ParcelScanned {
            route_id: Some(id!(RouteId "a1")),
            ..scan
        }),
        EventKind::ParcelHandedOver(handover.clone()),
        EventKind::ParcelHandedOver(ParcelHandedOver {
            recipient_role: Some(RecipientRole::Customer),
            ..handover.clone()
        }),
        EventKind::ParcelHandedOver(ParcelHandedOver {
            courier_id: Some(id!(CourierId "q1")),
            ..handover.clone()
        }),
        EventKind::ParcelHandedOver(ParcelHandedOver {
            seal_intact: Some(true),
            ..handover.clone()
        }),
        EventKind::ParcelHandedOver(ParcelHandedOver {
            inspected: Some(true),
            ..handover
        }),
        EventKind::ParcelRefused {
            order_id,
            parcel_id: parcel_id.clone(),
            reason: Some(RefusalReason::Damaged),
        },
        EventKind::DeliveryFailed(failed.clone()),
        EventKind::DeliveryFailed(DeliveryFailed {
            position: Some(Position {
                latitude: 52.500_000_1,
                ..place
            }),
            ..failed.clone()
        }),
        EventKind::DeliveryFailed(DeliveryFailed {
            dwell_s: Some(9),
            ..failed
        }),
        EventKind::CodeNotice {
            parcel_id,
            contact_id: id!(ContactId "m1"),
            state: NoticeState::Sent,
        },
        EventKind::ClaimOpened(claim.clone()),
        EventKind::ClaimOpened(ClaimOpened {
            parcel_ids: vec![id!(ParcelId "p1")],
            ..claim
        }),
        EventKind::ClaimSettled {
            claim_id: id!(ClaimId "k1"),
            fault: Fault::Porch,
            paid: None,
        },
        EventKind::ClaimSettled {
            claim_id: id!(ClaimId "k1"),
            fault: Fault::Porch,
            paid: Some(true),
        },
        suspicion(Subject::Customer(id!(CustomerId "x"))),
        suspicion(Subject::Address(id!(AddressKey "x"))),
        suspicion(Subject::Route(id!(RouteId "x"))),
        suspicion(Subject::Depot(id!(DepotId "x"))),
        suspicion(Subject::Courier(id!(CourierId "x"))),
        EventKind::SuspicionCleared {
            suspicion_id: id!(SuspicionId "s1"),
        },
    ]
}

#[test]
fn every_change_of_an_event_is_another_event() {
    let event = |id: &str, at, kind| Event {
        event_id: id!(EventId id),
        occurred_at: at,
        kind,
    };
    let mut events: Vec<_> = kinds().into_iter().map(|it| event("e1", AT, it)).collect();
    events.push(event("e2", AT, events[0].kind.clone()));
    events.push(event("e1", LATER, events[0].kind.clone()));
    let digests: BTreeSet<_> = events.iter().map(event_digest).collect();
    assert_eq!(digests.len(), events.len());
    let again = event("e1", AT, events[0].kind.clone());
    assert_eq!(event_digest(&again), event_digest(&events[0]));
}
