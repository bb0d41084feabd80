//! What follows from a dossier, and that no order of arrival changes it.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::{Dossier, Fact, Latest, Placement, ProfileKey, SILENT_AFTER_DISPATCH};
use crate::domain::action::{Action, DecisionState};
use crate::domain::event::{
    ClaimKind, ClaimOpened, DeliveryFailed, Event, EventKind, Fault, OrderPlaced, ParcelHandedOver,
    ParcelScanned, RecipientRole, ScanKind,
};
use crate::domain::ids::{
    AddressKey, ClaimId, CustomerId, DecisionId, DepotId, EventId, KeyId, OrderId, ParcelId,
    RouteId,
};
use crate::domain::order::{Stage, Unit};
use crate::domain::profile::Settlement;
use crate::domain::tally::Counter;
use crate::domain::units::{Currency, Date, Digest, Span, Timestamp};

const NOW: Timestamp = Timestamp::from_micros(1_781_092_800_000_000);

fn hours(count: i64) -> Timestamp {
    NOW.plus(Span::hours(count))
}

fn order_id() -> OrderId {
    OrderId::try_new("o").unwrap()
}

fn parcel(id: &str) -> ParcelId {
    ParcelId::try_new(id).unwrap()
}

fn address(key: &str) -> AddressKey {
    AddressKey::try_new(key).unwrap()
}

fn event(id: &str, at: i64, kind: EventKind) -> Event {
    Event {
        event_id: EventId::try_new(id).unwrap(),
        occurred_at: hours(at),
        kind,
    }
}

/// Placed at [`NOW`], for so many parcels.
fn placed(parcels: Option<u32>) -> Dossier {
    let customer = CustomerId::try_new("c").unwrap();
    let placement = Placement {
        at: NOW,
        unit: Unit::Customer(customer.clone()),
        customer: Some(customer),
        address: address("a"),
        address_since: Timestamp::from_micros(0),
        amount: Currency::parse("EUR").map(|it| (it, 10_000)),
        links: Vec::new(),
        carrier: None,
        route: RouteId::try_new("r").ok(),
        depot: None,
        parcels,
        date: None,
        day: Date::from_days(20_614),
        until: hours(14 * 24),
    };
    Dossier {
        placed: Some(placement),
        ..Dossier::default()
    }
}

fn scanned(kind: ScanKind, id: &str) -> EventKind {
    EventKind::ParcelScanned(ParcelScanned {
        order_id: order_id(),
        parcel_id: parcel(id),
        kind,
        weight_g: None,
        seal_id: None,
        depot_id: DepotId::try_new("d").ok(),
        route_id: None,
        courier_id: None,
    })
}

fn handed(id: &str, role: RecipientRole) -> EventKind {
    EventKind::ParcelHandedOver(ParcelHandedOver {
        order_id: order_id(),
        parcel_id: parcel(id),
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
    })
}

fn refused(id: &str) -> EventKind {
    EventKind::ParcelRefused {
        order_id: order_id(),
        parcel_id: parcel(id),
        reason: None,
    }
}

fn failed(id: &str) -> EventKind {
    EventKind::DeliveryFailed(DeliveryFailed {
        order_id: order_id(),
        parcel_id: parcel(id),
        reason: None,
        courier_id: None,
        route_id: None,
        position: None,
        dwell_s: None,
        photo_sha256: None,
    })
}

fn cancelled() -> EventKind {
    EventKind::OrderCancelled {
        order_id: order_id(),
        by: None,
        after_requirement_shown: None,
    }
}

fn rerouted(key: &str) -> EventKind {
    EventKind::OrderRerouted {
        order_id: order_id(),
        address_key: address(key),
    }
}

fn claimed(id: &str, kind: ClaimKind) -> EventKind {
    EventKind::ClaimOpened(ClaimOpened {
        claim_id: ClaimId::try_new(id).unwrap(),
        order_id: order_id(),
        items: Vec::new(),
        parcel_ids: Vec::new(),
        kind,
        amount_minor: None,
        currency: None,
    })
}

fn told(key: &str) -> EventKind {
    EventKind::OrderPlaced(OrderPlaced {
        order_id: order_id(),
        customer_id: None,
        address_key: address(key),
        amount_minor: Some(5_000),
        currency: Currency::parse("EUR"),
        carrier_id: None,
        route_id: None,
        depot_id: None,
        expected_on: None,
        parcels: Some(2),
    })
}

fn after(mut dossier: Dossier, events: &[(i64, EventKind)]) -> Dossier {
    for (place, (at, kind)) in events.iter().enumerate() {
        dossier.apply(&event(&format!("e{place}"), *at, kind.clone()), NOW, None);
    }
    dossier
}

#[test]
fn stop_and_slot_are_held_until_the_end() {
    use RecipientRole::Unattended;
    let check = |name: &str, parcels: Option<u32>, events: &[(i64, EventKind)], expected| {
        let dossier = after(placed(parcels), events);
        assert_eq!(dossier.holds_until(), expected, "{name}");
        let stop = dossier.stop().map(|(_, entry)| entry.until);
        assert_eq!(stop, expected, "{name}: stop");
    };
    let silent = |at: i64| Some(hours(at).plus(SILENT_AFTER_DISPATCH));
    check("nothing happened", Some(1), &[], Some(hours(14 * 24)));
    let packed = (1, scanned(ScanKind::Packed, "p1"));
    check(
        "packed is not dispatched",
        Some(1),
        &[packed],
        Some(hours(14 * 24)),
    );
    let loaded = || (2, scanned(ScanKind::Loaded, "p1"));
    check("loaded", Some(1), &[loaded()], silent(2));
    check(
        "tried in vain",
        Some(1),
        &[loaded(), (30, failed("p1"))],
        silent(30),
    );
    check(
        "handed over",
        Some(1),
        &[(5, handed("p1", Unattended))],
        None,
    );
    check(
        "one of two",
        Some(2),
        &[(5, handed("p1", Unattended))],
        silent(5),
    );
    let both = [(5, handed("p1", Unattended)), (6, refused("p2"))];
    check("the other refused", Some(2), &both, None);
    check(
        "of an unknown number the first",
        None,
        &[(5, handed("p1", Unattended))],
        None,
    );
    check("cancelled", Some(1), &[(1, cancelled())], None);
}

#[test]
fn an_order_is_completed_when_something_was_handed_over_and_nothing_is_due() {
    use RecipientRole::Customer;
    let check = |parcels: Option<u32>, events: &[(i64, EventKind)], expected: bool| {
        let dossier = after(placed(parcels), events);
        assert_eq!(dossier.is_completed(), expected, "{events:?}");
        let counts = dossier.contributions();
        let completed = counts.keys().any(|(_, fact)| *fact == Fact::Completed);
        assert_eq!(completed, expected, "{events:?}");
    };
    check(Some(1), &[], false);
    check(Some(1), &[(1, handed("p1", Customer))], true);
    check(Some(1), &[(1, refused("p1"))], false);
    check(Some(2), &[(1, handed("p1", Customer))], false);
    check(
        Some(2),
        &[(1, handed("p1", Customer)), (2, refused("p2"))],
        true,
    );
    check(None, &[(1, handed("p1", Customer))], true);
}

#[test]
fn a_decision_stands_where_its_order_does() {
    use DecisionState::{Cancelled, Completed, Dispatched, Expired, Open, Superseded};
    let check = |events: &[(i64, EventKind)], revision: u32, now: i64, expected| {
        let mut dossier = after(placed(Some(1)), events);
        dossier.latest = Some(Latest {
            decision_id: DecisionId::try_new("d").unwrap(),
            revision: 2,
            content: Digest([0; 32]),
            stage: Stage::Placed,
            decided_at: NOW,
            action: Action::None,
            valid_until: hours(48),
            record: Digest([0; 32]),
            slot: 0,
            counter: 0,
            key_id: KeyId::try_new("k").unwrap(),
            other_parcels: 0,
            address: address("a"),
            failed_twice: 0,
            account_mark: None,
            spared_micro: None,
        });
        let found = dossier.state(revision, hours(48), hours(now));
        assert_eq!(found, expected, "{events:?}");
    };
    check(&[], 2, 48, Open);
    check(&[], 2, 49, Expired);
    check(&[], 1, 1, Superseded);
    check(&[(1, scanned(ScanKind::Sorted, "p"))], 2, 2, Open);
    check(&[(1, scanned(ScanKind::Loaded, "p"))], 2, 99, Dispatched);
    check(&[(1, failed("p"))], 2, 2, Dispatched);
    check(&[(1, handed("p", RecipientRole::Locker))], 2, 99, Completed);
    check(&[(1, cancelled())], 2, 99, Cancelled);
}

#[test]
fn a_settlement_moves_the_loss() {
    let settle = |dossier: &mut Dossier, at: i64, id: &str, fault: Fault| {
        let settlement = Settlement {
            at: hours(at),
            event_id: EventId::try_new(id).unwrap(),
            fault,
            paid: None,
        };
        dossier.settle(&ClaimId::try_new("k").unwrap(), &settlement);
    };
    let losses = |dossier: &Dossier| {
        let mut found = Vec::new();
        for (key, fact) in dossier.contributions().keys() {
            if let Fact::Count(entry) = fact
                && entry.counter.name().starts_with("loss")
            {
                assert_eq!(entry.at, hours(7), "a loss happened when it was claimed");
                found.push((key.clone(), entry.counter));
            }
        }
        found
    };
    let mut dossier = after(placed(Some(1)), &[(7, claimed("k", ClaimKind::Empty))]);
    assert_eq!(losses(&dossier), []);
    settle(&mut dossier, 20, "s2", Fault::Courier);
    assert_eq!(
        losses(&dossier).len(),
        4,
        "customer, address, route, platform"
    );
    settle(&mut dossier, 10, "s1", Fault::Customer);
    assert_eq!(losses(&dossier).len(), 4, "an earlier one changes nothing");
    settle(&mut dossier, 20, "s3", Fault::Porch);
    let unit = ProfileKey::Unit(Unit::Customer(CustomerId::try_new("c").unwrap()));
    let place = ProfileKey::Address(address("a"));
    let expected = [(unit, Counter::LossPorch), (place, Counter::LossPorch)];
    assert_eq!(losses(&dossier), expected);
}

#[test]
fn an_order_decided_and_told_counts_once_and_a_cart_not_at_all() {
    let orders = |dossier: &Dossier| -> i64 {
        let counts = dossier.contributions();
        let of = counts.iter().filter(
            |((_, fact), _)| matches!(fact, Fact::Count(entry) if entry.counter == Counter::Orders),
        );
        of.map(|(_, amount)| amount).sum()
    };
    let both = after(placed(Some(1)), &[(0, told("elsewhere"))]);
    assert_eq!(orders(&both), 2, "customer and address");
    assert_eq!(both.address(), Some(&address("a")));
    let cart = Dossier {
        cart: placed(Some(1)).placed,
        ..Dossier::default()
    };
    assert_eq!(orders(&cart), 0);
    assert_eq!(cart.contributions().len(), 1, "a probe");
    assert!(!cart.is_known() && cart.stop().is_none());
    let waiting = after(Dossier::default(), &[(1, cancelled())]);
    assert!(waiting.contributions().is_empty());
    assert_eq!(waiting.waiting_since, Some(NOW));
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let kinds = select(vec![
        told("a"),
        told("b"),
        cancelled(),
        rerouted("x"),
        rerouted("y"),
        scanned(ScanKind::Packed, "p1"),
        scanned(ScanKind::Loaded, "p2"),
        handed("p1", RecipientRole::Customer),
        handed("p2", RecipientRole::Unattended),
        refused("p1"),
        failed("p2"),
        claimed("k", ClaimKind::Empty),
        claimed("k", ClaimKind::Damaged),
    ]);
    vec((kinds, -9..9_i64), 0..10).prop_map(|all| {
        let numbered = all.into_iter().enumerate();
        numbered
            .map(|(place, (kind, at))| event(&format!("e{place}"), at, kind))
            .collect()
    })
}

proptest! {
    #[test]
    fn no_order_of_arrival_changes_a_dossier(
        all in events(),
        turn in 0..10_usize,
        known in any::<bool>(),
    ) {
        let first = if known { placed(Some(2)) } else { Dossier::default() };
        let fold = |events: &[Event]| {
            let mut dossier = first.clone();
            for event in events {
                dossier.apply(event, NOW, None);
            }
            // Since when it waited is about arrival, and told to nobody.
            dossier.waiting_since = None;
            dossier
        };
        let expected = fold(&all);
        let mut turned = all.clone();
        turned.rotate_left(turn.min(all.len()));
        prop_assert_eq!(&fold(&turned), &expected);
        let mut back = all.clone();
        back.reverse();
        prop_assert_eq!(&fold(&back), &expected);
        let twice: Vec<Event> = all.iter().chain(&all).cloned().collect();
        prop_assert_eq!(fold(&twice).contributions(), expected.contributions());
    }
}
