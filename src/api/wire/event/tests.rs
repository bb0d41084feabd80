//! Every kind of event, with its bounds, by the path of its fault.

use super::super::pb::event::Kind;
use super::super::{Accepts, pb};
use super::event;
use crate::domain::event::{EventKind, Fault, ScanKind, Subject};
use crate::domain::ids::RouteId;
use crate::domain::order::ContactKind;
use crate::domain::units::{Currency, Timestamp};

/// 2026-06-10T12:00:00Z.
const NOW: i64 = 1_781_092_800;
const DAY: i64 = 86_400;

fn accepts() -> Accepts {
    Accepts {
        now: Timestamp::from_micros(NOW * 1_000_000),
        currencies: Currency::parse("EUR").into_iter().collect(),
        driven: false,
    }
}

fn at(seconds: i64) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds, nanos: 0 }
}

fn message(kind: Kind) -> pb::Event {
    pb::Event {
        event_id: "e1".to_owned(),
        occurred_at: Some(at(NOW - DAY)),
        kind: Some(kind),
    }
}

fn id(text: &str) -> String {
    text.to_owned()
}

fn placed() -> pb::OrderPlaced {
    pb::OrderPlaced {
        order_id: id("o1"),
        address_key: id("a1"),
        ..pb::OrderPlaced::default()
    }
}

fn scanned() -> pb::ParcelScanned {
    pb::ParcelScanned {
        order_id: id("o1"),
        parcel_id: id("p1"),
        ..pb::ParcelScanned::default()
    }
}

fn handed_over() -> pb::ParcelHandedOver {
    pb::ParcelHandedOver {
        order_id: id("o1"),
        parcel_id: id("p1"),
        ..pb::ParcelHandedOver::default()
    }
}

fn failed() -> pb::DeliveryFailed {
    pb::DeliveryFailed {
        order_id: id("o1"),
        parcel_id: id("p1"),
        ..pb::DeliveryFailed::default()
    }
}

fn claimed() -> pb::ClaimOpened {
    pb::ClaimOpened {
        claim_id: id("k1"),
        order_id: id("o1"),
        ..pb::ClaimOpened::default()
    }
}

fn suspected() -> pb::SuspicionRaised {
    pb::SuspicionRaised {
        suspicion_id: id("s1"),
        route_id: id("r1"),
        level: 2,
        ..pb::SuspicionRaised::default()
    }
}

#[track_caller]
fn fine(kind: Kind) -> EventKind {
    event(message(kind), &accepts()).unwrap().kind
}

#[track_caller]
fn bad(paths: &[&str], kind: Kind) {
    let invalid = event(message(kind), &accepts()).unwrap_err();
    let told: Vec<_> = invalid
        .fields
        .iter()
        .map(|(path, _)| path.as_str())
        .collect();
    assert_eq!(told, paths);
}

#[test]
fn what_is_required_is_missed_all_at_once() {
    let invalid = event(pb::Event::default(), &accepts()).unwrap_err();
    let told: Vec<_> = invalid
        .fields
        .iter()
        .map(|(path, _)| path.as_str())
        .collect();
    assert_eq!(told, ["event.event_id", "event.occurred_at", "event"]);
    let order_id = |name: &str| format!("event.{name}.order_id");
    let parcel_id = |name: &str| format!("event.{name}.parcel_id");
    let empty: Vec<(Vec<String>, Kind)> = vec![
        (
            vec![
                order_id("order_placed"),
                id("event.order_placed.address_key"),
            ],
            Kind::OrderPlaced(pb::OrderPlaced::default()),
        ),
        (
            vec![order_id("order_cancelled")],
            Kind::OrderCancelled(pb::OrderCancelled::default()),
        ),
        (
            vec![
                order_id("order_rerouted"),
                id("event.order_rerouted.address_key"),
            ],
            Kind::OrderRerouted(pb::OrderRerouted::default()),
        ),
        (
            vec![
                id("event.contact_changed.customer_id"),
                id("event.contact_changed.contact_id"),
            ],
            Kind::ContactChanged(pb::ContactChanged::default()),
        ),
        (
            vec![
                id("event.address_changed.customer_id"),
                id("event.address_changed.address_key"),
            ],
            Kind::AddressChanged(pb::AddressChanged::default()),
        ),
        (
            vec![id("event.password_reset.customer_id")],
            Kind::PasswordReset(pb::PasswordReset::default()),
        ),
        (
            vec![order_id("parcel_scanned"), parcel_id("parcel_scanned")],
            Kind::ParcelScanned(pb::ParcelScanned::default()),
        ),
        (
            vec![
                order_id("parcel_handed_over"),
                parcel_id("parcel_handed_over"),
            ],
            Kind::ParcelHandedOver(pb::ParcelHandedOver::default()),
        ),
        (
            vec![order_id("parcel_refused"), parcel_id("parcel_refused")],
            Kind::ParcelRefused(pb::ParcelRefused::default()),
        ),
        (
            vec![order_id("delivery_failed"), parcel_id("delivery_failed")],
            Kind::DeliveryFailed(pb::DeliveryFailed::default()),
        ),
        (
            vec![parcel_id("code_notice"), id("event.code_notice.contact_id")],
            Kind::CodeNotice(pb::CodeNotice::default()),
        ),
        (
            vec![id("event.claim_opened.claim_id"), order_id("claim_opened")],
            Kind::ClaimOpened(pb::ClaimOpened::default()),
        ),
        (
            vec![id("event.claim_settled.claim_id")],
            Kind::ClaimSettled(pb::ClaimSettled::default()),
        ),
        (
            vec![
                id("event.suspicion_raised.suspicion_id"),
                id("event.suspicion_raised.customer_id"),
                id("event.suspicion_raised.level"),
            ],
            Kind::SuspicionRaised(pb::SuspicionRaised::default()),
        ),
        (
            vec![id("event.suspicion_cleared.suspicion_id")],
            Kind::SuspicionCleared(pb::SuspicionCleared::default()),
        ),
    ];
    for (paths, kind) in empty {
        let paths: Vec<_> = paths.iter().map(String::as_str).collect();
        bad(&paths, kind);
    }
}

#[test]
fn events_lie_between_2000_and_five_minutes_from_now() {
    let when = |seconds, driven| {
        let mut one = message(Kind::OrderPlaced(placed()));
        one.occurred_at = Some(at(seconds));
        event(
            one,
            &Accepts {
                driven,
                ..accepts()
            },
        )
    };
    for good in [946_684_800, NOW, NOW + 300] {
        assert!(when(good, false).is_ok());
    }
    for wrong in [946_684_799, NOW + 301, i64::MAX] {
        let invalid = when(wrong, false).unwrap_err();
        assert_eq!(invalid.fields[0].0, "event.occurred_at");
    }
    assert!(when(NOW + 1_000 * DAY, true).is_ok());
}

#[test]
fn an_amount_has_bounds_and_a_currency() {
    let amount = |minor, code: &str| {
        Kind::OrderPlaced(pb::OrderPlaced {
            amount_minor: Some(minor),
            currency_code: id(code),
            ..placed()
        })
    };
    fine(amount(0, "EUR"));
    fine(amount(1_000_000_000_000, "EUR"));
    bad(&["event.order_placed.amount_minor"], amount(-1, "EUR"));
    bad(
        &["event.order_placed.amount_minor"],
        amount(1_000_000_000_001, "EUR"),
    );
    bad(&["event.order_placed.currency_code"], amount(1, ""));
    bad(&["event.order_placed.currency_code"], amount(1, "JPY"));
    let claim = pb::ClaimOpened {
        amount_minor: Some(1),
        ..claimed()
    };
    bad(
        &["event.claim_opened.currency_code"],
        Kind::ClaimOpened(claim),
    );
}

#[test]
fn numbers_and_days_have_bounds() {
    let placed = |parcels, day: &str| {
        Kind::OrderPlaced(pb::OrderPlaced {
            parcels: Some(parcels),
            expected_on: id(day),
            ..placed()
        })
    };
    fine(placed(1, "2026-06-12"));
    fine(placed(50, ""));
    bad(
        &[
            "event.order_placed.expected_on",
            "event.order_placed.parcels",
        ],
        placed(51, "2036-06-12"),
    );
    bad(&["event.order_placed.parcels"], placed(0, ""));
    let scan = |weight_g| {
        Kind::ParcelScanned(pb::ParcelScanned {
            weight_g: Some(weight_g),
            ..scanned()
        })
    };
    fine(scan(10_000_000));
    bad(&["event.parcel_scanned.weight_g"], scan(10_000_001));
    let handover = |handover_s| {
        Kind::ParcelHandedOver(pb::ParcelHandedOver {
            handover_s: Some(handover_s),
            ..handed_over()
        })
    };
    fine(handover(86_400));
    bad(&["event.parcel_handed_over.handover_s"], handover(86_401));
    let attempt = |dwell_s| {
        Kind::DeliveryFailed(pb::DeliveryFailed {
            dwell_s: Some(dwell_s),
            ..failed()
        })
    };
    fine(attempt(0));
    bad(&["event.delivery_failed.dwell_s"], attempt(86_401));
}

#[test]
fn a_position_is_on_earth() {
    let place = |latitude, longitude| {
        Kind::DeliveryFailed(pb::DeliveryFailed {
            position: Some(pb::Position {
                latitude,
                longitude,
                accuracy_m: None,
            }),
            ..failed()
        })
    };
    fine(place(Some(90.0), Some(-180.0)));
    let (latitude, longitude) = (
        "event.delivery_failed.position.latitude",
        "event.delivery_failed.position.longitude",
    );
    bad(&[latitude], place(Some(90.1), Some(0.0)));
    bad(&[latitude], place(Some(f64::NAN), Some(0.0)));
    bad(&[longitude], place(Some(0.0), Some(-180.1)));
    bad(&[longitude], place(Some(0.0), Some(f64::INFINITY)));
    bad(&[latitude, longitude], place(None, None));
}

#[test]
fn a_photo_is_only_its_digest() {
    let photo = |text: &str| {
        Kind::ParcelHandedOver(pb::ParcelHandedOver {
            photo_sha256: id(text),
            ..handed_over()
        })
    };
    let EventKind::ParcelHandedOver(one) = fine(photo(&"AB".repeat(32))) else {
        panic!("a handover");
    };
    assert_eq!(one.photo_sha256, Some("ab".repeat(32)));
    for wrong in ["abc", &"xy".repeat(32), &"+1".repeat(32), &"ab".repeat(33)] {
        bad(&["event.parcel_handed_over.photo_sha256"], photo(wrong));
    }
}

#[test]
fn a_suspicion_has_one_subject_and_a_level() {
    let raised = |change: fn(&mut pb::SuspicionRaised)| {
        let mut one = suspected();
        change(&mut one);
        Kind::SuspicionRaised(one)
    };
    let EventKind::SuspicionRaised { subject, level, .. } = fine(raised(|_| {})) else {
        panic!("a suspicion");
    };
    assert_eq!(subject, Subject::Route(RouteId::try_new("r1").unwrap()));
    assert_eq!(level, 2);
    bad(
        &[
            "event.suspicion_raised.route_id",
            "event.suspicion_raised.courier_id",
        ],
        raised(|it| {
            it.address_key = id("a1");
            it.courier_id = id("q1");
        }),
    );
    bad(
        &["event.suspicion_raised.route_id"],
        raised(|it| it.route_id = id("a route")),
    );
    fine(raised(|it| it.level = 3));
    bad(&["event.suspicion_raised.level"], raised(|it| it.level = 4));
    fine(raised(|it| it.expires_at = Some(at(NOW + 366 * DAY))));
    for wrong in [NOW + 366 * DAY + 1, NOW - DAY - 1] {
        let mut one = suspected();
        one.expires_at = Some(at(wrong));
        bad(
            &["event.suspicion_raised.expires_at"],
            Kind::SuspicionRaised(one),
        );
    }
    fine(raised(|it| {
        it.evidence_ref = id("https://cases.shop.example/81?tab=2");
    }));
    for wrong in ["jo@shop.example", "see the mail", &"x".repeat(257)] {
        let mut one = suspected();
        one.evidence_ref = id(wrong);
        bad(
            &["event.suspicion_raised.evidence_ref"],
            Kind::SuspicionRaised(one),
        );
    }
}

#[test]
fn a_claim_names_each_thing_once() {
    let item = |item_id: &str, quantity| pb::ParcelItem {
        item_id: id(item_id),
        quantity,
    };
    let claim = |items, parcel_ids: &[&str]| {
        Kind::ClaimOpened(pb::ClaimOpened {
            items,
            parcel_ids: parcel_ids.iter().map(|it| id(it)).collect(),
            ..claimed()
        })
    };
    let given = fine(claim(
        vec![item("b", None), item("a", Some(10_000))],
        &["p2", "p1", "p2"],
    ));
    let EventKind::ClaimOpened(given) = given else {
        panic!("a claim");
    };
    let items: Vec<_> = given
        .items
        .iter()
        .map(|(it, count)| (it.as_str(), *count))
        .collect();
    assert_eq!(items, [("a", 10_000), ("b", 1)]);
    let parcels: Vec<_> = given.parcel_ids.iter().map(|it| it.as_str()).collect();
    assert_eq!(parcels, ["p1", "p2"]);
    bad(
        &[
            "event.claim_opened.items[1].item_id",
            "event.claim_opened.parcel_ids[1]",
        ],
        claim(vec![item("a", None), item("a", None)], &["p1", "p 2"]),
    );
    bad(
        &["event.claim_opened.items[0].quantity"],
        claim(vec![item("a", Some(0))], &[]),
    );
}

#[test]
fn what_is_unspecified_is_unknown_and_what_nobody_knows_is_refused() {
    let EventKind::ParcelScanned(scan) = fine(Kind::ParcelScanned(scanned())) else {
        panic!("a scan");
    };
    assert_eq!(scan.kind, ScanKind::Unknown);
    let settled = |fault| {
        Kind::ClaimSettled(pb::ClaimSettled {
            claim_id: id("k1"),
            fault,
            paid: None,
        })
    };
    let EventKind::ClaimSettled { fault, .. } = fine(settled(0)) else {
        panic!("a settlement");
    };
    assert_eq!(fault, Fault::Unknown);
    bad(&["event.claim_settled.fault"], settled(7));
    let changed = |kind, previous: &str| {
        Kind::ContactChanged(pb::ContactChanged {
            customer_id: id("c1"),
            contact_id: id("m1"),
            previous_contact_id: id(previous),
            kind,
            verified: None,
        })
    };
    let EventKind::ContactChanged { kind, .. } = fine(changed(0, "m0")) else {
        panic!("a change");
    };
    assert_eq!(kind, ContactKind::Unknown);
    bad(
        &[
            "event.contact_changed.previous_contact_id",
            "event.contact_changed.kind",
        ],
        changed(6, "m1"),
    );
}
