//! A small world of orders and events, and every signal measured in it.

mod account;
mod history;
mod items;
mod lockers;
mod places;

use std::sync::Arc;

use super::{address_of, measure, placement};
use crate::decision::catalogue::{DEFAULT, load};
use crate::decision::fixtures::{NOW, item, order};
use crate::decision::policy::Validity;
use crate::decision::signal::Signal;
use crate::decision::situation::Situation;
use crate::decision::snapshot::Snapshot;
use crate::domain::catalogue::Catalogue;
use crate::domain::dossier::{Dossier, Fact, ProfileKey};
use crate::domain::event::{Event, EventKind, OrderPlaced};
use crate::domain::ids::{AddressKey, ContactId, CustomerId, EventId, OrderId, RouteId, SharedKey};
use crate::domain::memory::{remember, remember_event};
use crate::domain::order::{Category, Contact, ContactKind, Order, Stage, Unit};
use crate::domain::units::{Currency, Span, Timestamp};

const VALIDITY: Validity = Validity {
    cart: Span::minutes(30),
    dated_days: 7,
    undated: Span::days(14),
    review: Span::hours(24),
};

/// What the service would keep, folded by the code that the service uses.
#[derive(Clone, Debug)]
struct World {
    snapshot: Snapshot,
    catalogue: Catalogue,
    events: u32,
}

impl World {
    fn new() -> Self {
        Self {
            snapshot: Snapshot::default(),
            catalogue: load(DEFAULT).unwrap(),
            events: 0,
        }
    }

    fn measure(&self, order: &Order) -> Situation {
        self.measure_at(order, NOW)
    }

    fn measure_at(&self, order: &Order, now: Timestamp) -> Situation {
        measure(
            Arc::new(order.clone()),
            &self.snapshot,
            &self.catalogue,
            now,
        )
    }

    /// Decides nothing, but keeps what deciding would keep.
    fn place(&mut self, order: &Order, now: Timestamp) {
        let mut dossier = self.dossier(&order.order_id);
        let place = placement(order, &dossier, &self.catalogue, now, &VALIDITY);
        match order.stage {
            Stage::Cart => dossier.cart = Some(place),
            Stage::Placed => dossier.placed = Some(place),
        }
        self.settle(&order.order_id, dossier);
        let customer = self.snapshot.customers.entry(order.unit()).or_default();
        remember(customer, order, now);
        if let Some(id) = &order.customer_id {
            for key in order.links() {
                let link = self.snapshot.links.entry(key).or_default();
                link.members.entry(id.clone()).or_default();
            }
        }
    }

    /// Something happened to an order or a customer.
    fn tell(&mut self, at: Timestamp, kind: EventKind) {
        self.events += 1;
        let event = Event {
            event_id: EventId::try_new(&format!("e{}", self.events)).unwrap(),
            occurred_at: at,
            kind,
        };
        if let Some(id) = event.kind.order_id().cloned() {
            let mut dossier = self.dossier(&id);
            dossier.apply(&event, at, None);
            self.settle(&id, dossier);
        }
        let whose = if let EventKind::OrderPlaced(told) = &event.kind {
            told.customer_id.clone()
        } else if let EventKind::ContactChanged { customer_id, .. }
        | EventKind::AddressChanged { customer_id, .. }
        | EventKind::PasswordReset { customer_id } = &event.kind
        {
            Some(customer_id.clone())
        } else {
            None
        };
        if let Some(id) = whose {
            let unit = Unit::Customer(id);
            remember_event(self.snapshot.customers.entry(unit).or_default(), &event);
        }
    }

    /// An order that was placed elsewhere.
    fn told(&mut self, id: &str, days: i64, minor: i64, change: impl FnOnce(&mut OrderPlaced)) {
        let mut told = OrderPlaced {
            order_id: order_id(id),
            customer_id: Some(customer_id("c1")),
            address_key: address("a1"),
            amount_minor: Some(minor),
            currency: Currency::parse("EUR"),
            carrier_id: None,
            route_id: None,
            depot_id: None,
            expected_on: None,
            parcels: Some(1),
        };
        change(&mut told);
        self.tell(ago(days), EventKind::OrderPlaced(told));
    }

    fn dossier(&self, id: &OrderId) -> Dossier {
        self.snapshot.orders.get(id).cloned().unwrap_or_default()
    }

    fn settle(&mut self, id: &OrderId, after: Dossier) {
        let before = self.dossier(id);
        let counts = after.contributions().into_iter();
        let gone = before.contributions().into_iter().map(|(key, n)| (key, -n));
        for ((key, fact), amount) in counts.chain(gone) {
            let rows = &mut self.snapshot;
            let tally = match &key {
                ProfileKey::Unit(unit) => {
                    let customer = rows.customers.entry(unit.clone()).or_default();
                    match fact {
                        Fact::Spend {
                            at,
                            currency,
                            minor,
                        } => {
                            customer.spend.add(at, currency, minor, amount);
                        }
                        Fact::Completed => {
                            customer.completed = customer.completed.saturating_add_signed(amount);
                        }
                        Fact::Count(_) => {}
                    }
                    &mut customer.tally
                }
                ProfileKey::Address(key) => {
                    &mut rows.addresses.entry(key.clone()).or_default().tally
                }
                ProfileKey::Link(key) => &mut rows.links.entry(key.clone()).or_default().tally,
                ProfileKey::Route(_)
                | ProfileKey::Depot(_)
                | ProfileKey::Platform
                | ProfileKey::Day(_) => rows.tallies.entry(key.clone()).or_default(),
            };
            if let Fact::Count(entry) = fact {
                tally.add(entry, amount);
            }
        }
        for (address, entry) in [before.stop(), after.stop()].into_iter().enumerate() {
            let Some((key, entry)) = entry else { continue };
            let open = &mut self.snapshot.addresses.entry(key).or_default().open;
            if address == 0 {
                open.remove(id);
            } else {
                open.insert(id.clone(), entry);
            }
        }
        self.snapshot.orders.insert(id.clone(), after);
    }
}

fn ago(days: i64) -> Timestamp {
    NOW.minus(Span::days(days))
}

fn hours_ago(hours: i64) -> Timestamp {
    NOW.minus(Span::hours(hours))
}

fn order_id(id: &str) -> OrderId {
    OrderId::try_new(id).unwrap()
}

fn customer_id(id: &str) -> CustomerId {
    CustomerId::try_new(id).unwrap()
}

fn address(key: &str) -> AddressKey {
    AddressKey::try_new(key).unwrap()
}

fn contact(id: &str, kind: ContactKind) -> Contact {
    Contact {
        contact_id: ContactId::try_new(id).unwrap(),
        kind,
        verified: Some(true),
        verified_at: None,
        changed_at: None,
        replaced_at: None,
        recipient: None,
    }
}

/// One thing of `category` at so many cents, by customer `c1` to address `a1`.
fn simple(id: &str, category: Category, cents: i64) -> Order {
    let mut order = order(vec![item("1", category, cents)]);
    order.order_id = order_id(id);
    order
}

#[track_caller]
fn same(situation: &Situation, signal: Signal, expected: Option<f64>) {
    let found = situation.signals.get(signal);
    let alike = match (found, expected) {
        (Some(a), Some(b)) => (a - b).abs() < 1e-6,
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    assert!(alike, "{}: {found:?}, not {expected:?}", signal.name());
}

#[test]
fn the_smallest_order_is_measured_and_what_is_unknown_is_missing() {
    let world = World::new();
    let mut order = simple("o1", Category::Phone, 89_900);
    order.expected_parcels = None;
    order.delivery.address_type = None;
    order.items[0].packaging = None;
    order.contacts = vec![contact("sms-81", ContactKind::Sms)];
    let situation = world.measure(&order);
    for (signal, expected) in [
        (Signal::OrderValue, Some(899.0)),
        (Signal::Resale, Some(1.0)),
        (Signal::TechItems, Some(1.0)),
        (Signal::CustomerValue7d, Some(899.0)),
        (Signal::SplitRatio7d, Some(1.0)),
        (Signal::ParcelsAtStop, Some(1.0)),
        (Signal::SuspicionLevel, Some(0.0)),
        (Signal::Season, Some(6.0)),
        (Signal::SpendVsUsual, None),
        (Signal::Orders24h, None),
        (Signal::WeakPackaging, None),
        (Signal::AccountAgeDays, None),
        (Signal::EmailChangeDays, None),
        (Signal::AddressChangeDays, None),
        (Signal::AddressNew, None),
        (Signal::NewDevice, None),
        (Signal::Dwelling, None),
        (Signal::AddressPorchLosses180d, None),
        (Signal::CustomerFalseClaims365d, None),
        (Signal::LinkedCustomers, None),
        (Signal::RouteLossRatio, None),
        (Signal::AttendedFailureRate, None),
        (Signal::DeviceValue24h, None),
        (Signal::PaymentOrders24h, None),
    ] {
        same(&situation, signal, expected);
    }
    assert_eq!(situation.own_parcels, Some(1));
    assert!(situation.changes.is_empty());
    let [sms] = situation.contacts.as_slice() else {
        panic!("{:?}", situation.contacts)
    };
    assert!(sms.current && sms.verified && sms.verified_at.is_none());
    assert!(situation.carrier.code_ready);
}

#[test]
fn a_guest_has_no_customers_signals_whatever_is_known_of_the_key() {
    let mut world = World::new();
    let mut first = simple("o1", Category::Phone, 50_000);
    first.customer_id = None;
    first.customer_since_at = Some(ago(100));
    first.contacts = vec![contact("sms-1", ContactKind::Sms)];
    world.place(&first, hours_ago(1));
    let mut second = first.clone();
    second.order_id = order_id("o2");
    second.contacts = vec![contact("sms-2", ContactKind::Sms)];
    let situation = world.measure(&second);
    for signal in [
        Signal::CustomerValue24h,
        Signal::Orders24h,
        Signal::Probes24h,
        Signal::SpendVsUsual,
        Signal::AccountAgeDays,
        Signal::AddressChangeDays,
        Signal::PhoneChangeDays,
        Signal::CustomerLosses180d,
        Signal::AttendedFailureRate,
    ] {
        same(&situation, signal, None);
    }
    same(&situation, Signal::AddressOrders24h, Some(1.0));
    same(&situation, Signal::AddressValue24h, Some(1000.0));
    assert_eq!(
        situation.contacts.len(),
        1,
        "another guest's are not theirs"
    );
    assert!(situation.changes.is_empty());
}

#[test]
fn a_revision_is_measured_like_a_first_call() {
    let mut world = World::new();
    for (id, days) in [("p1", 30), ("p2", 20), ("p3", 2)] {
        world.told(id, days, 10_000, |_| {});
    }
    let mut order = simple("o1", Category::Laptop, 90_000);
    order.contacts = vec![
        contact("mail-1", ContactKind::Email),
        contact("sms-1", ContactKind::Sms),
    ];
    order.delivery.address_key = address("a2");
    order.carrier.route_id = RouteId::try_new("r1").ok();
    order.session.device_key = SharedKey::try_new("d1").ok();
    let first = world.measure(&order);
    let mut cart = order.clone();
    cart.stage = Stage::Cart;
    world.place(&cart, NOW);
    assert_eq!(
        world.measure(&order).signals,
        first.signals,
        "after its cart"
    );
    world.place(&order, NOW);
    assert_eq!(world.measure(&order).signals, first.signals, "placed");
    world.place(&order, NOW);
    let again = world.measure(&order);
    assert_eq!(again.signals, first.signals, "placed twice");
    assert_eq!(again.other_parcels, 0);
    order.items[0].unit_price_minor = 95_000;
    let revised = world.measure(&order);
    same(&revised, Signal::CustomerValue7d, Some(1050.0));
}

#[test]
fn the_order_of_lines_changes_nothing() {
    let mut world = World::new();
    world.told("p1", 3, 20_000, |_| {});
    let lines = vec![
        item("1", Category::Phone, 80_000),
        item("2", Category::Laptop, 80_000),
        item("3", Category::Book, 1_500),
        item("4", Category::Watch, 80_000),
    ];
    let mut order = order(lines);
    let expected = world.measure(&order).signals;
    for turn in 1..4 {
        order.items.rotate_left(turn);
        assert_eq!(world.measure(&order).signals, expected);
    }
    order.items.reverse();
    assert_eq!(world.measure(&order).signals, expected);
}

#[test]
fn only_a_placed_orders_review_lapses() {
    use crate::domain::action::Action;
    use crate::domain::dossier::Latest;
    use crate::domain::ids::{DecisionId, KeyId};
    use crate::domain::units::Digest;
    let check = |stage: Stage, action: Action, hours: i64, expected: bool| {
        let mut world = World::new();
        let order = simple("o1", Category::Phone, 100);
        let latest = Latest {
            decision_id: DecisionId::try_new("d").unwrap(),
            revision: 1,
            content: Digest([0; 32]),
            stage,
            decided_at: hours_ago(48),
            action,
            valid_until: hours_ago(hours),
            record: Digest([0; 32]),
            slot: 0,
            counter: 0,
            key_id: KeyId::try_new("k").unwrap(),
            other_parcels: 0,
            address: address("a1"),
            failed_twice: 0,
            account_mark: None,
            spared_micro: None,
        };
        let dossier = Dossier {
            latest: Some(latest),
            ..Dossier::default()
        };
        world
            .snapshot
            .orders
            .insert(order.order_id.clone(), dossier);
        assert_eq!(world.measure(&order).review_lapsed, expected, "{stage:?}");
    };
    check(Stage::Placed, Action::Review, 1, true);
    check(Stage::Placed, Action::Review, -1, false);
    check(Stage::Cart, Action::Review, 1, false);
    check(Stage::Placed, Action::Otp, 1, false);
}

#[test]
fn a_reroute_holds_until_another_address_is_sent() {
    let mut world = World::new();
    let mut order = simple("o1", Category::Phone, 80_000);
    world.place(&order, hours_ago(5));
    let rerouted = |key: &str| EventKind::OrderRerouted {
        order_id: order_id("o1"),
        address_key: address(key),
    };
    world.tell(hours_ago(4), rerouted("b"));
    let of = |world: &World, order: &Order| {
        address_of(order, world.snapshot.orders.get(&order.order_id))
    };
    assert_eq!(of(&world, &order), address("b"));
    world.place(&order, hours_ago(3));
    assert_eq!(of(&world, &order), address("b"), "the same address again");
    order.delivery.address_key = address("c");
    assert_eq!(of(&world, &order), address("c"));
    world.place(&order, hours_ago(2));
    assert_eq!(of(&world, &order), address("c"));
    world.tell(hours_ago(1), rerouted("d"));
    assert_eq!(of(&world, &order), address("d"), "rerouted again");
}

#[test]
fn a_reroute_that_came_before_its_order_waits_for_the_placing() {
    let mut world = World::new();
    let mut order = simple("o1", Category::Phone, 80_000);
    let rerouted = EventKind::OrderRerouted {
        order_id: order_id("o1"),
        address_key: address("b"),
    };
    world.tell(hours_ago(4), rerouted);
    let of = |world: &World, order: &Order| {
        address_of(order, world.snapshot.orders.get(&order.order_id))
    };
    assert_eq!(of(&world, &order), address("b"));
    order.stage = Stage::Cart;
    assert_eq!(of(&world, &order), address("a1"));
}
