//! Where and when: stops, zones, seasons, new and rerouted addresses.

use super::{NOW, VALIDITY, World, address, ago, hours_ago, order_id, same, simple};
use crate::decision::signal::Signal;
use crate::decision::signals::{day_of, placement, until};
use crate::domain::dossier::Dossier;
use crate::domain::event::{EventKind, ParcelHandedOver, RecipientRole};
use crate::domain::ids::ParcelId;
use crate::domain::order::{AddressType, Category, CountryCode, Order, Stage};
use crate::domain::units::{Date, Span, Timestamp};

fn date(text: &str) -> Option<Date> {
    Date::parse(text)
}

/// Midnight after 2026-06-10 in Berlin is 22:00 in UTC.
fn at(text: &str) -> Timestamp {
    let (day, hour) = text.split_once(' ').unwrap();
    let days = i64::from(date(day).unwrap().as_days());
    let midnight = Timestamp::from_micros(0).plus(Span::days(days));
    midnight.plus(Span::hours(hour.parse().unwrap()))
}

#[test]
fn days_are_those_of_the_deliverys_zone() {
    let check = |zone: Option<&str>, country: Option<&str>, expected: &str, hour: f64| {
        let mut order = simple("o1", Category::Book, 1_500);
        order.placed_at = at("2026-06-30 23");
        order.delivery.time_zone = zone.map(str::to_owned);
        order.delivery.country_code = country.and_then(CountryCode::parse);
        let world = World::new();
        assert_eq!(day_of(&order, &world.catalogue), date(expected).unwrap());
        let situation = world.measure(&order);
        same(&situation, Signal::OrderHour, Some(hour));
        let month = f64::from(date(expected).unwrap().month());
        same(&situation, Signal::Season, Some(month));
    };
    check(None, None, "2026-06-30", 23.0);
    check(Some("Europe/Berlin"), None, "2026-07-01", 1.0);
    check(None, Some("DE"), "2026-07-01", 1.0);
    check(Some("America/New_York"), Some("DE"), "2026-06-30", 19.0);
    check(None, Some("ZZ"), "2026-06-30", 23.0);
}

#[test]
fn season_and_weekday_are_of_the_delivery() {
    let mut order = simple("o1", Category::Book, 1_500);
    let situation = World::new().measure(&order);
    same(&situation, Signal::Season, Some(6.0));
    same(&situation, Signal::Weekday, Some(3.0));
    order.delivery.expected_on = date("2026-12-24");
    let situation = World::new().measure(&order);
    same(&situation, Signal::Season, Some(12.0));
    same(&situation, Signal::Weekday, Some(4.0));
    same(&situation, Signal::OrderHour, Some(12.0));
}

#[test]
fn an_answer_holds_some_days_after_the_end_of_its_date() {
    let catalogue = World::new().catalogue;
    let mut order = simple("o1", Category::Book, 1_500);
    let check = |order: &Order, expected: Timestamp| {
        assert_eq!(until(order, &catalogue, NOW, &VALIDITY), expected);
    };
    check(&order, NOW.plus(Span::days(14)));
    order.delivery.expected_on = date("2026-06-12");
    check(&order, at("2026-06-20 0"));
    order.delivery.country_code = CountryCode::parse("DE");
    check(&order, at("2026-06-19 22"));
    order.stage = Stage::Cart;
    check(&order, NOW.plus(Span::minutes(30)));
}

#[test]
fn other_orders_parcels_meet_at_the_stop() {
    let check = |name: &str, other: &dyn Fn(&mut Order), this: &dyn Fn(&mut Order), due: u32| {
        let mut world = World::new();
        let mut first = simple("o1", Category::Book, 1_500);
        other(&mut first);
        world.place(&first, hours_ago(1));
        let mut second = simple("o2", Category::Book, 1_500);
        second.customer_id = None;
        this(&mut second);
        let situation = world.measure(&second);
        assert_eq!(situation.other_parcels, due, "{name}");
        let own = second.parcel_count().or_else(|| (due > 0).then_some(1));
        let all = own.map(|own| f64::from(own + due));
        same(&situation, Signal::ParcelsAtStop, all);
    };
    let on = |day: &'static str| move |it: &mut Order| it.delivery.expected_on = date(day);
    let none = |_: &mut Order| {};
    check("another customer's, no dates", &none, &none, 1);
    check("the same date", &on("2026-06-15"), &on("2026-06-15"), 1);
    check("another date", &on("2026-06-15"), &on("2026-06-16"), 0);
    check("a date within three days", &on("2026-06-13"), &none, 1);
    check("a date in four days", &on("2026-06-14"), &none, 0);
    check("no date, then one", &none, &on("2026-06-13"), 1);
    check(
        "another address",
        &none,
        &|it: &mut Order| it.delivery.address_key = address("a2"),
        0,
    );
    check(
        "three parcels",
        &|it: &mut Order| it.expected_parcels = Some(3),
        &none,
        3,
    );
    let unknown = |it: &mut Order| {
        it.expected_parcels = None;
        it.items[0].quantity = 2;
    };
    check("an unknown number counts one", &unknown, &none, 1);
    check("and this one's unknown", &none, &unknown, 1);
    check(
        "both unknown and apart",
        &on("2026-06-15"),
        &|it: &mut Order| {
            unknown(it);
            it.delivery.expected_on = date("2026-06-16");
        },
        0,
    );
    check(
        "a cart takes no place",
        &|it: &mut Order| it.stage = Stage::Cart,
        &none,
        0,
    );
}

#[test]
fn a_stop_empties_by_handover_cancelling_reroute_and_time() {
    let check = |name: &str, kind: Option<EventKind>, now: Timestamp, due: u32| {
        let mut world = World::new();
        world.place(&simple("o1", Category::Book, 1_500), hours_ago(2));
        if let Some(kind) = kind {
            world.tell(hours_ago(1), kind);
        }
        let mut second = simple("o2", Category::Book, 1_500);
        second.placed_at = hours_ago(1);
        let situation = world.measure_at(&second, now);
        assert_eq!(situation.other_parcels, due, "{name}");
    };
    let order_id = order_id("o1");
    check("nothing happened", None, NOW, 1);
    check(
        "cancelled",
        Some(EventKind::OrderCancelled {
            order_id: order_id.clone(),
            by: None,
            after_requirement_shown: None,
        }),
        NOW,
        0,
    );
    check(
        "rerouted",
        Some(EventKind::OrderRerouted {
            order_id: order_id.clone(),
            address_key: address("b"),
        }),
        NOW,
        0,
    );
    let handed = ParcelHandedOver {
        order_id,
        parcel_id: ParcelId::try_new("p").unwrap(),
        courier_id: None,
        route_id: None,
        depot_id: None,
        stop_id: None,
        recipient_role: Some(RecipientRole::Customer),
        weight_g: None,
        handover_s: None,
        seal_id: None,
        seal_intact: None,
        inspected: None,
        photo_sha256: None,
        position: None,
    };
    check(
        "handed over",
        Some(EventKind::ParcelHandedOver(handed)),
        NOW,
        0,
    );
    let end = hours_ago(2).plus(VALIDITY.undated);
    check("at the last moment of its validity", None, end, 1);
    check("after it", None, end.plus(Span::micros(1)), 0);
}

#[test]
fn a_rerouted_order_is_measured_where_it_goes() {
    let mut world = World::new();
    world.told("p1", 1, 5_000, |it| {
        it.address_key = address("b");
        it.customer_id = None;
    });
    let mut order = simple("o1", Category::Phone, 80_000);
    order.delivery.address_type = Some(AddressType::Flat);
    order.delivery.visible_from_street = Some(true);
    world.place(&order, hours_ago(3));
    let before = world.measure(&order);
    same(&before, Signal::Dwelling, Some(2.0));
    same(&before, Signal::AddressOrders24h, Some(0.0));
    assert_eq!(before.other_parcels, 0);
    let rerouted = EventKind::OrderRerouted {
        order_id: order_id("o1"),
        address_key: address("b"),
    };
    world.tell(hours_ago(2), rerouted);
    let after = world.measure(&order);
    same(&after, Signal::Dwelling, None);
    same(&after, Signal::VisibleFromStreet, None);
    same(&after, Signal::AddressValue72h, Some(850.0));
    assert_eq!(after.other_parcels, 1);
}

#[test]
fn an_address_is_new_to_a_customer_who_had_others() {
    let check = |name: &str, before: &[&str], expected: Option<f64>| {
        let mut world = World::new();
        for (place, key) in before.iter().enumerate() {
            let id = format!("p{place}");
            world.told(&id, 40, 1_000, |it| it.address_key = address(key));
        }
        let order = simple("o1", Category::Book, 1_500);
        same(&world.measure(&order), Signal::AddressNew, expected);
        world.place(&order, NOW);
        let situation = world.measure_at(&order, NOW.plus(Span::days(1)));
        println!("{name}, sent again");
        same(&situation, Signal::AddressNew, expected);
    };
    check("no history", &[], None);
    check("this address before", &["a1"], Some(0.0));
    check("only another one", &["a2"], Some(1.0));
    check("both", &["a2", "a1"], Some(0.0));
}

#[test]
fn a_revision_keeps_its_time_and_the_first_content_ends_no_reroute() {
    let catalogue = World::new().catalogue;
    let mut order = simple("o1", Category::Book, 1_500);
    order.placed_at = ago(2);
    let first = placement(&order, &Dossier::default(), &catalogue, ago(1), &VALIDITY);
    assert_eq!(first.at, ago(2));
    assert_eq!(first.address_since, Timestamp::from_micros(0));
    let dossier = Dossier {
        placed: Some(first),
        ..Dossier::default()
    };
    order.placed_at = NOW;
    let second = placement(&order, &dossier, &catalogue, NOW, &VALIDITY);
    assert_eq!(second.at, ago(2), "a revision counts where the first did");
    assert_eq!(second.address_since, Timestamp::from_micros(0));
    order.delivery.address_key = address("a2");
    let third = placement(&order, &dossier, &catalogue, NOW, &VALIDITY);
    assert_eq!(third.address_since, NOW);
    order.items[0].unit_price_minor = i64::MAX;
    let large = placement(&order, &dossier, &catalogue, NOW, &VALIDITY);
    assert_eq!(
        large.amount.map(|(_, minor)| minor),
        Some(1_000_000_000_000_000)
    );
}
