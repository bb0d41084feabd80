//! Orders of the past: as told, measured by what was known, identical when judged again, played once.

use super::*;
use crate::decision::fixtures::{item, order, release};
use crate::decision::judge::judge_again;
use crate::decision::reasons::Code;
use crate::decision::replay::differences;
use crate::domain::action::{Action, Origin};
use crate::domain::event::{ClaimKind, ClaimOpened, EventKind, Fault};
use crate::domain::ids::{AddressKey, ClaimId, CustomerId, EventId, KeyId, OrderId, SharedKey};
use crate::domain::order::{AddressType, Category};
use crate::domain::secret::Secret;
use crate::domain::units::{Span, Timestamp};

fn past() -> Past {
    let catalogue = include_str!("../../../models/catalogue.toml");
    let catalogue = crate::decision::catalogue::load(catalogue).unwrap();
    let key = (KeyId::try_new("k1").unwrap(), Secret::new([1; 32]));
    let in_force = InForce::new(release(), Arc::new(catalogue));
    Past::new(Arc::new(in_force), Arc::new(KeyRing::new(key, [])))
}

/// A jacket of 120 EUR to one flat, by a customer of its own, so many days later.
fn jacket(id: &str, days: i64) -> Arc<Order> {
    let mut order = order(vec![item("i1", Category::Fashion, 12_000)]);
    order.order_id = OrderId::try_new(id).unwrap();
    order.customer_id = Some(CustomerId::try_new(&format!("c-{id}")).unwrap());
    order.delivery.address_key = AddressKey::try_new("flat").unwrap();
    order.delivery.address_type = Some(AddressType::Flat);
    order.placed_at = order.placed_at.plus(Span::days(days));
    Arc::new(order)
}

fn event(id: &str, at: Timestamp, kind: EventKind) -> Event {
    Event {
        event_id: EventId::try_new(id).unwrap(),
        occurred_at: at,
        kind,
    }
}

/// What was ordered is claimed, and settled as stolen at the door.
fn stolen(order: &Order) -> [Event; 2] {
    let claim_id = ClaimId::try_new(&format!("claim-{}", order.order_id)).unwrap();
    let at = order.placed_at.plus(Span::days(3));
    let opened = EventKind::ClaimOpened(ClaimOpened {
        claim_id: claim_id.clone(),
        order_id: order.order_id.clone(),
        items: Vec::new(),
        parcel_ids: Vec::new(),
        kind: ClaimKind::NotReceived,
        amount_minor: None,
        currency: None,
    });
    let settled = EventKind::ClaimSettled {
        claim_id,
        fault: Fault::Porch,
        paid: None,
    };
    [
        event(&format!("o-{}", order.order_id), at, opened),
        event(
            &format!("s-{}", order.order_id),
            at.plus(Span::days(2)),
            settled,
        ),
    ]
}

fn made(played: Played) -> Arc<Record> {
    match played {
        Played::Made(record) => record,
        other @ (Played::Known | Played::Refused(_)) => panic!("no record: {other:?}"),
    }
}

#[test]
fn an_order_of_the_past_is_a_record_of_what_the_shop_asked() {
    let told = Told::try_new(Action::Otp, [900_000, 100_000, 0, 0, 0]).unwrap();
    let record = made(past().order(jacket("o1", 0), &told));
    assert_eq!(record.origin, Origin::Imported);
    assert_eq!(record.decision.action, Action::Otp);
    assert_eq!(record.decision.propensities, told.propensities);
    assert_eq!(record.decided_at, jacket("o1", 0).placed_at);
    assert_eq!(record.chance.draw, None, "chance had no part in it");
    assert_eq!(record.decision.random_check, None);
    assert_eq!(record.decision.alternatives, [], "nothing else was offered");
    assert_eq!(record.decision.reasons[0].code, Code::Imported);
}

#[test]
fn judged_again_it_is_identical_whatever_was_asked() {
    for action in Action::ALL.iter().copied() {
        let record = made(past().order(jacket("o1", 0), &Told::certain(action)));
        assert_eq!(record.decision.action, action);
        let again = judge_again(&record, &release());
        assert_eq!(differences(&record.decision, &again), [], "{action:?}");
    }
}

#[test]
fn an_order_is_measured_by_what_was_known_when_it_was_placed() {
    let (before, after) = (jacket("before", 0), jacket("after", 10));
    let told = Told::certain(Action::None);
    let mut past = past();
    let first = made(past.order(Arc::clone(&before), &told));
    for event in stolen(&before) {
        assert_eq!(past.event(event), Taken::Recorded);
    }
    let second = made(past.order(after, &told));
    assert!(
        second.decision.risk > first.decision.risk,
        "the address lost a parcel"
    );
    let mut dossiers = past.into_dossiers();
    assert_eq!(dossiers.len(), 2);
    let claims = dossiers.remove(&before.order_id).unwrap().claims;
    let faults: Vec<_> = claims
        .values()
        .filter_map(|it| it.settled.as_ref())
        .collect();
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].fault, Fault::Porch);
}

#[test]
fn what_was_played_before_stays_as_it_is() {
    let (order, told) = (jacket("o1", 0), Told::certain(Action::None));
    let mut past = past();
    made(past.order(Arc::clone(&order), &told));
    let customer_id = order.customer_id.clone().unwrap();
    let later = order.placed_at.plus(Span::hours(1));
    past.event(event("e1", later, EventKind::PasswordReset { customer_id }));
    assert_eq!(
        past.order(Arc::clone(&order), &Told::certain(Action::Review)),
        Played::Known
    );
}

#[test]
fn a_cart_is_placed_by_what_it_was_told_and_an_event_waits_for_its_order() {
    let placed = jacket("o1", 1);
    let cart = Arc::new(Order {
        stage: Stage::Cart,
        placed_at: placed.placed_at.plus(Span::minutes(-10)),
        ..Order::clone(&placed)
    });
    let told = Told::certain(Action::None);
    let mut past = past();
    let [opened, _] = stolen(&jacket("o1", -5));
    assert_eq!(past.event(opened), Taken::Pending);
    made(past.order(cart, &told));
    assert_eq!(past.order(Arc::clone(&placed), &told), Played::Known);
    assert!(
        past.into_dossiers()
            .remove(&placed.order_id)
            .unwrap()
            .placed
            .is_some()
    );
}

/// Three orders of one customer, device and address, each stolen before the next one comes; rows are packed after every
/// step where `packs`.
fn three(packs: bool) -> (Vec<Played>, Vec<(OrderId, Dossier)>) {
    let told = Told::certain(Action::None);
    let mut past = past();
    let mut played = Vec::new();
    for (id, days) in [("o1", 0), ("o2", 9), ("o3", 18)] {
        let mut order = Order::clone(&jacket(id, days));
        order.customer_id = Some(CustomerId::try_new("c1").unwrap());
        order.session.device_key = Some(SharedKey::try_new("d1").unwrap());
        let events = stolen(&order);
        played.push(past.order(Arc::new(order), &told));
        for event in events {
            if packs {
                past.rows.pack(0);
            }
            assert_eq!(past.event(event), Taken::Recorded);
        }
        if packs {
            past.rows.pack(0);
        }
    }
    (played, past.into_dossiers().collect())
}

#[test]
fn what_is_packed_is_known_as_what_is_not() {
    let (played, dossiers) = three(false);
    let risk = |at: usize| made(played[at].clone()).decision.risk;
    assert!(risk(2) > risk(0), "the third is measured by the others");
    assert_eq!(three(true), (played, dossiers));
}

#[test]
fn packed_dossiers_are_at_hand_again_when_they_are_asked_for() {
    let (order, told) = (jacket("o1", 0), Told::certain(Action::None));
    let mut past = past();
    made(past.order(Arc::clone(&order), &told));
    past.rows.pack(0);
    for event in stolen(&order) {
        assert_eq!(past.event(event), Taken::Recorded, "its order is known");
        past.rows.pack(0);
    }
    assert_eq!(past.order(Arc::clone(&order), &told), Played::Known);
    let all: Vec<_> = past.into_dossiers().collect();
    assert_eq!(all.len(), 1);
    assert!(all[0].1.placed.is_some());
    assert_eq!(all[0].1.claims.len(), 1);
}
