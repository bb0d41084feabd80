//! Tests of playing: what its sentences promise.

mod backtest;

use super::*;
use crate::decision::fixtures::{item, order, release};
use crate::domain::action::Action;
use crate::domain::event::{ClaimKind, ClaimOpened, EventKind, Fault};
use crate::domain::ids::{AddressKey, ClaimId, ContactId, CustomerId, EventId, KeyId};
use crate::domain::order::{AddressType, Category, Contact, ContactKind};
use crate::domain::secret::Secret;
use crate::domain::units::Span;

fn playing() -> Playing {
    let catalogue = include_str!("../../../models/catalogue.toml");
    let catalogue = crate::decision::catalogue::load(catalogue).unwrap();
    let mut release = release();
    let mut policy = crate::decision::policy::Policy::clone(&release.policy);
    policy.random_checks.enabled = false;
    release.policy = Arc::new(policy);
    let key = (KeyId::try_new("k1").unwrap(), Secret::new([1; 32]));
    let in_force = InForce::new(release, Arc::new(catalogue));
    Playing::new(Arc::new(in_force), Arc::new(KeyRing::new(key, [])))
}

/// A jacket of 120 EUR to a flat, by a customer of its own, so many days later.
fn jacket(id: &str, days: i64) -> Order {
    let mut order = order(vec![item("i1", Category::Fashion, 12_000)]);
    order.order_id = OrderId::try_new(id).unwrap();
    order.customer_id = Some(CustomerId::try_new(&format!("c-{id}")).unwrap());
    order.delivery.address_key = AddressKey::try_new("flat").unwrap();
    order.delivery.address_type = Some(AddressType::Flat);
    order.placed_at = order.placed_at.plus(Span::days(days));
    order.contacts = vec![Contact {
        contact_id: ContactId::try_new("sms").unwrap(),
        kind: ContactKind::Sms,
        verified: Some(true),
        verified_at: None,
        changed_at: None,
        replaced_at: None,
        recipient: None,
    }];
    order
}

/// What was ordered is claimed, and settled as stolen at the door.
fn stolen(order: &Order) -> Vec<Happening> {
    let claim_id = ClaimId::try_new(&format!("claim-{}", order.order_id)).unwrap();
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
    let told = [opened, settled].into_iter().enumerate();
    let event = |(nth, kind)| {
        Happening::Event(Box::new(Event {
            event_id: EventId::try_new(&format!("e-{}-{nth}", order.order_id)).unwrap(),
            occurred_at: order.placed_at.plus(Span::days(3)),
            kind,
        }))
    };
    told.map(event).collect()
}

#[test]
fn what_is_heard_counts_at_the_next_order_within_a_tick_and_between_ticks() {
    let mut shop = playing();
    let orders = [jacket("a", 0), jacket("b", 10), jacket("c", 20)];
    let placed = |at: usize| Happening::Order(Arc::new(orders[at].clone()));
    let first = shop.tick(&[placed(0)]).unwrap();
    assert_eq!(first[0].action, Action::None);
    let mut batch = stolen(&orders[0]);
    batch.push(placed(1));
    batch.extend(stolen(&orders[1]));
    assert_eq!(shop.tick(&batch).unwrap().len(), 1);
    let third = shop.tick(&[placed(2)]).unwrap();
    assert_eq!(third[0].action, Action::Otp, "two porch losses at the flat");
    assert_eq!(third[0].propensities.iter().sum::<u32>(), 1_000_000);
}

#[test]
fn a_cart_and_its_order_have_one_verdict() {
    let mut shop = playing();
    let mut cart = order(vec![item("i1", Category::Laptop, 90_000)]);
    cart.stage = Stage::Cart;
    let placed = Order {
        stage: Stage::Placed,
        ..cart.clone()
    };
    let batch = [cart, placed.clone()].map(|it| Happening::Order(Arc::new(it)));
    let verdicts = shop.tick(&batch).unwrap();
    assert_eq!(verdicts[0], verdicts[1]);
    let again = shop.tick(&[Happening::Order(Arc::new(placed))]);
    assert!(again.is_err(), "placed twice: {again:?}");
}

#[test]
fn two_that_hear_the_same_say_the_same() {
    let history: Vec<Happening> = (0..30)
        .flat_map(|nth| {
            let order = jacket(&format!("o{nth}"), nth);
            let mut batch = vec![Happening::Order(Arc::new(order.clone()))];
            batch.extend(stolen(&order));
            batch
        })
        .collect();
    let (mut whole, mut pieces) = (playing(), playing());
    let at_once = whole.tick(&history).unwrap();
    let mut one_by_one = Vec::new();
    for happening in &history {
        one_by_one.extend(pieces.tick(std::slice::from_ref(happening)).unwrap());
    }
    assert_eq!(at_once, one_by_one);
    assert!(at_once.iter().any(|it| it.action != at_once[0].action));
}
