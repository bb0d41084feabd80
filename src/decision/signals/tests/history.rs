//! What went before: windows, usual spend, losses, links, suspicions.

use super::{NOW, World, address, ago, customer_id, hours_ago, order_id, same, simple};
use crate::decision::signal::Signal;
use crate::decision::signals::{known, profile_keys};
use crate::domain::dossier::ProfileKey;
use crate::domain::event::{
    ClaimKind, ClaimOpened, DeliveryFailed, EventKind, Fault, ParcelHandedOver, RecipientRole,
    Subject,
};
use crate::domain::ids::{ClaimId, DepotId, EventId, ParcelId, RouteId, SharedKey, SuspicionId};
use crate::domain::order::{Category, LinkKey, Order, Stage};
use crate::domain::profile::{Raised, Settlement, Suspicion};
use crate::domain::tally::{Counter, Entry, Tally};
use crate::domain::units::{Currency, Span, Timestamp};

#[test]
fn windows_hold_what_is_in_them_and_this_order_once() {
    let check = |name: &str, hours: i64, values: [f64; 3], counts: [f64; 2]| {
        let mut world = World::new();
        world.told("p0", 380, 1_000, |_| {});
        let mut past = simple("p1", Category::Book, 10_000);
        past.placed_at = hours_ago(hours);
        world.place(&past, hours_ago(hours));
        let situation = world.measure(&simple("o1", Category::Book, 5_000));
        println!("{name}");
        let [day, three, week] = values.map(Some);
        same(&situation, Signal::CustomerValue24h, day);
        same(&situation, Signal::CustomerValue72h, three);
        same(&situation, Signal::CustomerValue7d, week);
        same(&situation, Signal::AddressValue24h, day);
        same(&situation, Signal::AddressValue72h, three);
        same(&situation, Signal::AddressValue7d, week);
        let [day, week] = counts.map(Some);
        same(&situation, Signal::Orders24h, day);
        same(&situation, Signal::Orders7d, week);
    };
    check("an hour ago", 1, [150.0, 150.0, 150.0], [1.0, 1.0]);
    check("23 hours ago", 23, [150.0, 150.0, 150.0], [1.0, 1.0]);
    check("25 hours ago", 25, [50.0, 150.0, 150.0], [0.0, 1.0]);
    check("71 hours ago", 71, [50.0, 150.0, 150.0], [0.0, 1.0]);
    check("73 hours ago", 73, [50.0, 50.0, 150.0], [0.0, 1.0]);
    check("6 days ago", 6 * 24, [50.0, 50.0, 150.0], [0.0, 1.0]);
    check("9 days ago", 9 * 24, [50.0, 50.0, 50.0], [0.0, 0.0]);
}

#[test]
fn an_old_order_that_comes_late_is_judged_by_what_is_known_now() {
    let mut world = World::new();
    world.told("p1", 0, 10_000, |_| {});
    let mut order = simple("o1", Category::Book, 5_000);
    order.placed_at = ago(30);
    let situation = world.measure(&order);
    same(&situation, Signal::Orders24h, Some(1.0));
    same(&situation, Signal::CustomerValue24h, Some(150.0));
}

#[test]
fn orders_split_over_devices_cards_and_currencies_add_up() {
    let key = |text: &str| SharedKey::try_new(text).ok();
    let mut world = World::new();
    for (id, customer) in [("p1", "c2"), ("p2", "c3")] {
        let mut past = simple(id, Category::Phone, 10_000);
        past.customer_id = Some(customer_id(customer));
        past.delivery.address_key = address(customer);
        past.session.device_key = key("d1");
        past.session.payment_key = key(customer);
        past.currency = Currency::parse("GBP").unwrap();
        past.placed_at = hours_ago(2);
        world.place(&past, hours_ago(2));
    }
    let mut order = simple("o1", Category::Phone, 10_000);
    order.session.device_key = key("d1");
    order.session.payment_key = key("c3");
    let situation = world.measure(&order);
    same(&situation, Signal::DeviceValue24h, Some(330.0));
    same(&situation, Signal::PaymentValue24h, Some(215.0));
    same(&situation, Signal::CustomerValue24h, Some(100.0));
    same(&situation, Signal::SplitRatio7d, Some(3.3));
    same(&situation, Signal::DeviceOrders24h, Some(2.0));
    same(&situation, Signal::PaymentOrders24h, Some(1.0));
    same(&situation, Signal::LinkedCustomers, Some(2.0));
    same(&situation, Signal::LinkedFalseClaims365d, Some(0.0));
    same(&situation, Signal::Orders24h, None);
}

#[test]
fn a_cart_is_a_probe_and_no_order() {
    let mut world = World::new();
    let mut cart = simple("o1", Category::Phone, 80_000);
    cart.stage = Stage::Cart;
    cart.session.device_key = SharedKey::try_new("d1").ok();
    world.place(&cart, hours_ago(1));
    same(&world.measure(&cart), Signal::Probes24h, Some(0.0));
    let mut other = cart.clone();
    other.order_id = order_id("o2");
    let situation = world.measure(&other);
    same(&situation, Signal::Probes24h, Some(1.0));
    same(&situation, Signal::DeviceProbes24h, Some(1.0));
    same(&situation, Signal::DeviceOrders24h, Some(0.0));
    same(&situation, Signal::CustomerValue24h, Some(800.0));
    assert_eq!(situation.other_parcels, 0);
}

#[test]
fn usual_spend_is_the_customers_own() {
    let check = |name: &str, past: &[i64], cents: i64, expected: Option<f64>| {
        let mut world = World::new();
        for (place, minor) in past.iter().enumerate() {
            let days = 20 + i64::try_from(place).unwrap();
            world.told(&format!("p{place}"), days, *minor, |_| {});
        }
        let situation = world.measure(&simple("o1", Category::Phone, cents));
        let found = situation.signals.get(Signal::SpendVsUsual);
        let alike = match (found, expected) {
            // The scale has eight steps a doubling.
            (Some(a), Some(b)) => (a / b - 1.0).abs() < 0.05,
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        assert!(alike, "{name}: {found:?}, not {expected:?}");
    };
    check("two orders say nothing", &[4_000, 4_000], 8_000, None);
    check("six times", &[40_000; 8], 240_000, Some(6.0));
    check(
        "three, one of them large",
        &[1_000, 1_000, 50_000],
        100_000,
        Some(2.0),
    );
    let mut twenty = vec![1_000; 20];
    twenty[3] = 90_000;
    check(
        "one of twenty is above the 95th of a hundred",
        &twenty,
        2_000,
        Some(2.0),
    );
    check(
        "gifts of nothing do not divide by zero",
        &[0, 0, 0],
        100,
        Some(100.0 / 1.044),
    );
}

#[test]
fn a_cancelled_order_leaves_spend_and_stays_in_velocity() {
    let mut world = World::new();
    for (id, days) in [("p0", 30), ("p1", 30), ("p2", 30)] {
        world.told(id, days, 1_000, |_| {});
    }
    let mut past = simple("p3", Category::Book, 10_000);
    past.placed_at = hours_ago(1);
    world.place(&past, hours_ago(1));
    let order = simple("o1", Category::Book, 5_000);
    same(
        &world.measure(&order),
        Signal::CustomerValue24h,
        Some(150.0),
    );
    let cancelled = EventKind::OrderCancelled {
        order_id: order_id("p3"),
        by: None,
        after_requirement_shown: None,
    };
    world.tell(hours_ago(1), cancelled);
    let situation = world.measure(&order);
    same(&situation, Signal::CustomerValue24h, Some(50.0));
    same(&situation, Signal::Orders24h, Some(1.0));
    same(
        &situation,
        Signal::SpendVsMedian,
        Some(5_000.0 / 2_f64.powf(79.5 / 8.0)),
    );
}

/// A claim of `fault` about a told order, so many days ago.
fn lose(world: &mut World, id: &str, days: i64, fault: Fault, change: impl Fn(&mut Order)) {
    let mut order = simple(id, Category::Phone, 50_000);
    order.placed_at = ago(days + 3);
    change(&mut order);
    world.place(&order, ago(days + 3));
    let claim = ClaimId::try_new(&format!("claim-{id}")).unwrap();
    let opened = ClaimOpened {
        claim_id: claim.clone(),
        order_id: order_id(id),
        items: Vec::new(),
        parcel_ids: Vec::new(),
        kind: ClaimKind::NotReceived,
        amount_minor: None,
        currency: None,
    };
    world.tell(ago(days), EventKind::ClaimOpened(opened));
    let mut dossier = world.dossier(&order_id(id));
    let settlement = Settlement {
        at: NOW,
        event_id: EventId::try_new("settled").unwrap(),
        fault,
        paid: None,
    };
    dossier.settle(&claim, &settlement);
    world.settle(&order_id(id), dossier);
}

#[test]
fn losses_count_by_fault_and_by_when_they_happened() {
    let check = |fault: Fault, days: i64, expected: [f64; 4]| {
        let mut world = World::new();
        lose(&mut world, "p1", days, fault, |_| {});
        world.told("p2", 390, 100, |_| {});
        let situation = world.measure(&simple("o1", Category::Book, 100));
        println!("{fault:?}, {days} days");
        let [porch, courier, victim, claimant] = expected.map(Some);
        same(&situation, Signal::AddressPorchLosses180d, porch);
        same(&situation, Signal::AddressCourierLosses180d, courier);
        same(&situation, Signal::CustomerLosses180d, victim);
        same(&situation, Signal::CustomerFalseClaims365d, claimant);
    };
    check(Fault::Porch, 10, [1.0, 0.0, 1.0, 0.0]);
    check(Fault::Porch, 179, [1.0, 0.0, 1.0, 0.0]);
    check(Fault::Porch, 190, [0.0, 0.0, 0.0, 0.0]);
    check(Fault::Courier, 10, [0.0, 1.0, 1.0, 0.0]);
    check(Fault::Depot, 10, [0.0, 0.0, 1.0, 0.0]);
    check(Fault::AccountTakeover, 10, [0.0, 0.0, 1.0, 0.0]);
    check(Fault::Customer, 10, [0.0, 0.0, 0.0, 1.0]);
    check(Fault::Customer, 364, [0.0, 0.0, 0.0, 1.0]);
    check(Fault::Customer, 375, [0.0, 0.0, 0.0, 0.0]);
    check(Fault::Unknown, 10, [0.0, 0.0, 0.0, 0.0]);
}

#[test]
fn losses_at_an_address_are_everybodys() {
    let mut world = World::new();
    for id in ["p1", "p2"] {
        lose(&mut world, id, 20, Fault::Porch, |it| it.customer_id = None);
    }
    let situation = world.measure(&simple("o1", Category::Fashion, 12_000));
    same(&situation, Signal::AddressPorchLosses180d, Some(2.0));
    same(&situation, Signal::CustomerLosses180d, None);
}

#[test]
fn claims_are_shrunk() {
    let mut world = World::new();
    lose(&mut world, "p1", 20, Fault::Customer, |_| {});
    let situation = world.measure(&simple("o1", Category::Book, 100));
    same(&situation, Signal::CustomerClaimRate, Some(1.4 / 21.0));
}

#[test]
fn attended_attempts_are_those_that_needed_a_person() {
    let mut world = World::new();
    world.told("p1", 20, 1_000, |it| it.parcels = Some(20));
    let order = simple("o1", Category::Book, 100);
    same(&world.measure(&order), Signal::AttendedFailureRate, None);
    let handed = |parcel: &str, role| ParcelHandedOver {
        order_id: order_id("p1"),
        parcel_id: ParcelId::try_new(parcel).unwrap(),
        courier_id: None,
        route_id: None,
        depot_id: None,
        stop_id: None,
        recipient_role: Some(role),
        weight_g: None,
        handover_s: None,
        seal_id: None,
        seal_intact: None,
        inspected: None,
        photo_sha256: None,
        position: None,
    };
    let roles = [
        ("a1", RecipientRole::Customer),
        ("a2", RecipientRole::Household),
        ("a3", RecipientRole::Delegate),
        ("a4", RecipientRole::Neighbour),
        ("a5", RecipientRole::Concierge),
        ("a6", RecipientRole::Customer),
        ("u1", RecipientRole::Unattended),
        ("u2", RecipientRole::Locker),
        ("u3", RecipientRole::SecuredDrop),
    ];
    for (parcel, role) in roles {
        world.tell(ago(15), EventKind::ParcelHandedOver(handed(parcel, role)));
    }
    for _ in 0..4 {
        let failed = DeliveryFailed {
            order_id: order_id("p1"),
            parcel_id: ParcelId::try_new("a9").unwrap(),
            reason: None,
            courier_id: None,
            route_id: None,
            position: None,
            dwell_s: None,
            photo_sha256: None,
        };
        world.tell(ago(16), EventKind::DeliveryFailed(failed));
    }
    let rate = (4.0 + 0.18) / 13.0;
    same(
        &world.measure(&order),
        Signal::AttendedFailureRate,
        Some(rate),
    );
}

#[test]
fn false_claims_of_others_who_share_a_key_count_once() {
    let mut world = World::new();
    let entry = Entry {
        counter: Counter::LossCustomer,
        currency: None,
        at: ago(30),
    };
    let mut claims = Tally::default();
    claims.add(entry, 2);
    let mut old = Tally::default();
    old.add(
        Entry {
            at: ago(380),
            ..entry
        },
        5,
    );
    let shared = |text: &str| SharedKey::try_new(text).unwrap();
    let (device, payment) = (LinkKey::Device(shared("k")), LinkKey::Payment(shared("k")));
    for key in [device, payment] {
        let link = world.snapshot.links.entry(key).or_default();
        link.members.insert(customer_id("c2"), claims.clone());
        link.members.insert(customer_id("c1"), claims.clone());
        link.members.insert(customer_id("c3"), old.clone());
    }
    let mut order = simple("o1", Category::Book, 100);
    order.session.device_key = Some(shared("k"));
    order.session.payment_key = Some(shared("k"));
    let situation = world.measure(&order);
    same(&situation, Signal::LinkedCustomers, Some(2.0));
    same(&situation, Signal::LinkedFalseClaims365d, Some(2.0));
    order.session.payment_key = None;
    order.customer_id = None;
    let situation = world.measure(&order);
    same(&situation, Signal::LinkedCustomers, Some(3.0));
    same(&situation, Signal::LinkedFalseClaims365d, Some(4.0));
}

/// A tally of parcels and courier losses a month ago.
fn ways(parcels: i64, lost: i64) -> Tally {
    let mut tally = Tally::default();
    for (counter, amount) in [(Counter::Parcels, parcels), (Counter::LossCourier, lost)] {
        let entry = Entry {
            counter,
            currency: None,
            at: ago(30),
        };
        tally.add(entry, amount);
    }
    tally
}

#[test]
fn routes_and_depots_are_shrunk_to_the_platform() {
    let check =
        |name: &str, platform: (i64, i64), own: Option<(i64, i64)>, expected: [Option<f64>; 2]| {
            let mut world = World::new();
            let tallies = &mut world.snapshot.tallies;
            tallies.insert(ProfileKey::Platform, ways(platform.0, platform.1));
            let (route, depot) = (
                RouteId::try_new("r").unwrap(),
                DepotId::try_new("d").unwrap(),
            );
            if let Some((parcels, lost)) = own {
                tallies.insert(ProfileKey::Route(route.clone()), ways(parcels, lost));
                tallies.insert(ProfileKey::Depot(depot.clone()), ways(parcels, lost));
            }
            let mut order = simple("o1", Category::Book, 100);
            order.carrier.route_id = Some(route);
            order.carrier.depot_id = Some(depot);
            let situation = world.measure(&order);
            println!("{name}");
            same(&situation, Signal::RouteLossRatio, expected[0]);
            same(&situation, Signal::DepotLossRatio, expected[1]);
        };
    let route = (3.0 + 300.0 * 0.001) / (300.0 + 300.0) / 0.001;
    let depot = (3.0 + 1000.0 * 0.001) / (300.0 + 1000.0) / 0.001;
    check(
        "losses",
        (10_000, 10),
        Some((300, 3)),
        [Some(route), Some(depot)],
    );
    check("no parcels yet", (10_000, 10), None, [Some(1.0), Some(1.0)]);
    check("a small platform", (99, 10), Some((50, 10)), [None, None]);
    check(
        "no losses anywhere",
        (10_000, 0),
        Some((300, 0)),
        [None, None],
    );
}

#[test]
fn the_highest_suspicion_in_force_counts() {
    let subjects = || {
        [
            Subject::Customer(customer_id("c1")),
            Subject::Address(address("a1")),
            Subject::Route(RouteId::try_new("r").unwrap()),
            Subject::Depot(DepotId::try_new("d").unwrap()),
        ]
    };
    let check = |of: usize, level: u8, at: Timestamp, cleared: Option<Timestamp>, expected: f64| {
        let mut world = World::new();
        let subject = subjects()[of].clone();
        let suspicion = Suspicion {
            raised: Some(Raised {
                subject: subject.clone(),
                level,
                at,
                expires_at: at.plus(Span::days(90)),
            }),
            cleared_at: cleared,
        };
        let id = SuspicionId::try_new("s").unwrap();
        let raised = world.snapshot.subjects.entry(subject).or_default();
        raised.insert(id, suspicion);
        let mut order = simple("o1", Category::Book, 100);
        order.carrier.route_id = RouteId::try_new("r").ok();
        order.carrier.depot_id = DepotId::try_new("d").ok();
        same(
            &world.measure(&order),
            Signal::SuspicionLevel,
            Some(expected),
        );
    };
    for subject in 0..4 {
        check(subject, 3, ago(10), None, 3.0);
    }
    check(0, 2, ago(91), None, 0.0);
    check(0, 2, ago(10), Some(ago(5)), 0.0);
    check(0, 2, ago(10), Some(ago(11)), 2.0);
    check(0, 1, NOW.plus(Span::minutes(1)), None, 0.0);
}

#[test]
fn what_the_order_itself_lost_is_news_to_its_next_revision() {
    let mut world = World::new();
    let order = simple("o1", Category::Book, 100);
    world.place(&order, ago(2));
    for _ in 0..2 {
        let failed = DeliveryFailed {
            order_id: order_id("o1"),
            parcel_id: ParcelId::try_new("p").unwrap(),
            reason: None,
            courier_id: None,
            route_id: None,
            position: None,
            dwell_s: None,
            photo_sha256: None,
        };
        world.tell(ago(1), EventKind::DeliveryFailed(failed));
    }
    let situation = world.measure(&order);
    same(&situation, Signal::AttendedFailureRate, Some(2.18 / 5.0));
    same(&situation, Signal::Orders7d, Some(0.0));
}

#[test]
fn a_profile_tells_what_is_known_and_nothing_of_strangers() {
    let mut world = World::new();
    lose(&mut world, "p1", 20, Fault::Porch, |it| {
        it.customer_since_at = Some(ago(200));
        it.carrier.route_id = RouteId::try_new("r").ok();
    });
    let tell = |subject: Subject| known(&subject, &world.snapshot, &world.catalogue, NOW);
    let value = |subject: Subject, name: &str| {
        let facts = tell(subject).unwrap();
        facts.iter().find(|it| it.name == name).map(|it| it.value)
    };
    let customer = || Subject::Customer(customer_id("c1"));
    assert_eq!(value(customer(), "customer_losses_180d"), Some(1.0));
    assert_eq!(value(customer(), "account_age_days"), Some(200.0));
    assert_eq!(value(customer(), "orders_400d"), Some(1.0));
    assert_eq!(value(customer(), "address_porch_losses_180d"), None);
    let place = || Subject::Address(address("a1"));
    assert_eq!(value(place(), "address_porch_losses_180d"), Some(1.0));
    let route = || Subject::Route(RouteId::try_new("r").unwrap());
    assert_eq!(value(route(), "parcels_180d"), Some(1.0));
    let age = tell(customer()).unwrap();
    let age = age.iter().find(|it| it.name == "account_age_days").unwrap();
    assert_eq!((age.unit, age.since_at), ("days", Some(ago(200))));
    assert_eq!(tell(Subject::Customer(customer_id("c9"))), None);
    assert_eq!(tell(Subject::Address(address("a9"))), None);
    assert_eq!(tell(Subject::Depot(DepotId::try_new("d9").unwrap())), None);
    assert!(!profile_keys(&customer()).is_empty());
}
