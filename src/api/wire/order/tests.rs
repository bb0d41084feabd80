//! Every bound of an order, just inside and just outside, by the path of its fault.

use std::collections::BTreeSet;

use super::super::{Accepts, pb};
use super::order;
use crate::domain::order::{Category, ContactKind, Stage};
use crate::domain::units::{Currency, Timestamp};

/// 2026-06-10T12:00:00Z.
const NOW: i64 = 1_781_092_800;
const DAY: i64 = 86_400;

fn accepts() -> Accepts {
    let known = ["EUR", "GBP", "USD", "CHF"];
    Accepts {
        now: Timestamp::from_micros(NOW * 1_000_000),
        currencies: known.into_iter().filter_map(Currency::parse).collect(),
        driven: false,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "as a message's field has it")]
fn at(seconds: i64) -> Option<prost_types::Timestamp> {
    Some(prost_types::Timestamp { seconds, nanos: 0 })
}

/// The smallest order of the contract.
fn smallest() -> pb::Order {
    pb::Order {
        order_id: "o1".to_owned(),
        currency_code: "EUR".to_owned(),
        items: vec![item()],
        delivery: Some(pb::Delivery {
            address_key: "a7f3k9".to_owned(),
            ..pb::Delivery::default()
        }),
        ..pb::Order::default()
    }
}

fn item() -> pb::Item {
    pb::Item {
        unit_price_minor: Some(89_900),
        ..pb::Item::default()
    }
}

fn named(item_id: &str, quantity: u32) -> pb::Item {
    pb::Item {
        item_id: item_id.to_owned(),
        quantity: Some(quantity),
        ..item()
    }
}

fn contact(contact_id: &str) -> pb::Contact {
    pb::Contact {
        contact_id: contact_id.to_owned(),
        ..pb::Contact::default()
    }
}

fn parcel(parcel_id: &str, items: &[(&str, u32)]) -> pb::Parcel {
    let items = items.iter().map(|(item_id, quantity)| pb::ParcelItem {
        item_id: (*item_id).to_owned(),
        quantity: Some(*quantity),
    });
    pb::Parcel {
        parcel_id: parcel_id.to_owned(),
        items: items.collect(),
        ..pb::Parcel::default()
    }
}

fn locker() -> pb::Locker {
    pb::Locker {
        locker_id: "locker-1".to_owned(),
        ..pb::Locker::default()
    }
}

fn delivery(order: &mut pb::Order) -> &mut pb::Delivery {
    order.delivery.get_or_insert_default()
}

fn session(order: &mut pb::Order) -> &mut pb::Session {
    order.session.get_or_insert_default()
}

fn carrier(order: &mut pb::Order) -> &mut pb::Carrier {
    order.carrier.get_or_insert_default()
}

fn preferences(order: &mut pb::Order) -> &mut pb::Preferences {
    order.preferences.get_or_insert_default()
}

/// The paths of all faults after `change` of the smallest order.
fn faults(change: impl FnOnce(&mut pb::Order)) -> Vec<String> {
    let mut message = smallest();
    change(&mut message);
    let Err(invalid) = order(message, &accepts()) else {
        return Vec::new();
    };
    assert!(!invalid.fields.is_empty(), "a refusal without a fault");
    invalid.fields.into_iter().map(|(path, _)| path).collect()
}

#[track_caller]
fn fine(change: impl FnOnce(&mut pb::Order)) {
    assert_eq!(faults(change), Vec::<String>::new());
}

#[track_caller]
fn bad(path: &str, change: impl FnOnce(&mut pb::Order)) {
    assert_eq!(faults(change), [path]);
}

#[test]
fn the_smallest_order_has_an_answer_for_everything() {
    let order = order(smallest(), &accepts()).unwrap();
    assert_eq!(order.placed_at, accepts().now);
    assert_eq!(order.stage, Stage::Placed);
    assert_eq!(order.customer_id, None);
    assert_eq!(order.parcel_count(), Some(1));
    let [item] = order.items.as_slice() else {
        panic!("one line");
    };
    assert_eq!(
        (item.item_id.as_str(), item.named, item.quantity),
        ("1", false, 1)
    );
    assert_eq!(item.category, None);
}

#[test]
fn what_is_required_is_missed_all_at_once() {
    let empty = order(pb::Order::default(), &accepts()).unwrap_err();
    let paths: Vec<_> = empty.fields.iter().map(|(path, _)| path.as_str()).collect();
    let required = [
        "order.order_id",
        "order.currency_code",
        "order.items",
        "order.delivery.address_key",
    ];
    assert_eq!(paths, required);
    bad("order.items[0].unit_price_minor", |it| {
        it.items[0].unit_price_minor = None;
    });
    bad("order.contacts[0].contact_id", |it| {
        it.contacts = vec![contact("")];
    });
    bad("order.lockers[0].locker_id", |it| {
        it.lockers = vec![pb::Locker::default()];
    });
    bad("order.parcels[0].parcel_id", |it| {
        it.parcels = vec![parcel("", &[])];
    });
    bad("order.parcels[0].items[0].item_id", |it| {
        it.parcels = vec![parcel("p1", &[("", 1)])];
    });
}

#[test]
fn every_list_has_a_longest_length() {
    let unlike = |count: usize| (0..count).map(|it| format!("id-{it}"));
    fine(|it| it.items = vec![item(); 200]);
    bad("order.items", |it| it.items = vec![item(); 201]);
    fine(|it| it.parcels = unlike(50).map(|id| parcel(&id, &[])).collect());
    bad("order.parcels", |it| {
        it.parcels = unlike(51).map(|id| parcel(&id, &[])).collect();
    });
    fine(|it| it.contacts = unlike(20).map(|id| contact(&id)).collect());
    bad("order.contacts", |it| {
        it.contacts = unlike(21).map(|id| contact(&id)).collect();
    });
    fine(|it| it.lockers = vec![locker(); 50]);
    bad("order.lockers", |it| it.lockers = vec![locker(); 51]);
}

#[test]
fn every_number_has_bounds() {
    type Set = fn(&mut pb::Order, u32);
    let of_u32: &[(&str, u32, u32, Set)] = &[
        ("order.items[0].quantity", 1, 10_000, |it, to| {
            it.items[0].quantity = Some(to);
        }),
        ("order.items[0].length_mm", 1, 100_000, |it, to| {
            it.items[0].length_mm = Some(to);
        }),
        ("order.items[0].width_mm", 1, 100_000, |it, to| {
            it.items[0].width_mm = Some(to);
        }),
        ("order.items[0].height_mm", 1, 100_000, |it, to| {
            it.items[0].height_mm = Some(to);
        }),
        ("order.items[0].weight_g", 1, 10_000_000, |it, to| {
            it.items[0].weight_g = Some(to);
        }),
        ("order.expected_parcels", 1, 50, |it, to| {
            it.expected_parcels = Some(to);
        }),
        ("order.parcels[0].weight_g", 1, 10_000_000, |it, to| {
            let mut one = parcel("p1", &[]);
            one.weight_g = Some(to);
            it.parcels = vec![one];
        }),
        ("order.lockers[0].max_width_mm", 1, 100_000, |it, to| {
            let mut one = locker();
            one.max_width_mm = Some(to);
            it.lockers = vec![one];
        }),
        ("order.lockers[0].distance_m", 0, 1_000_000, |it, to| {
            let mut one = locker();
            one.distance_m = Some(to);
            it.lockers = vec![one];
        }),
        ("order.lockers[0].free_compartments", 0, 10_000, |it, to| {
            let mut one = locker();
            one.free_compartments = Some(to);
            it.lockers = vec![one];
        }),
    ];
    for (path, low, high, set) in of_u32 {
        fine(|it| set(it, *low));
        fine(|it| set(it, *high));
        bad(path, |it| set(it, high + 1));
        bad(path, |it| set(it, u32::MAX));
        if let Some(under) = low.checked_sub(1) {
            bad(path, |it| set(it, under));
        }
    }
    let price = |minor| move |it: &mut pb::Order| it.items[0].unit_price_minor = Some(minor);
    for good in [0, 1_000_000_000_000] {
        fine(price(good));
    }
    for over in [-1, 1_000_000_000_001, i64::MIN, i64::MAX] {
        bad("order.items[0].unit_price_minor", price(over));
    }
}

#[test]
fn an_order_costs_no_more_than_its_dearest_line_could() {
    let dearest = pb::Item {
        unit_price_minor: Some(1_000_000_000_000),
        quantity: Some(10_000),
        ..pb::Item::default()
    };
    fine(|it| it.items = vec![dearest.clone()]);
    bad("order.items", |it| it.items.push(dearest.clone()));
    bad("order.items", |it| it.items = vec![dearest.clone(); 200]);
}

#[test]
fn facts_of_the_past_lie_between_2000_and_five_minutes_from_now() {
    type Set = fn(&mut pb::Order, Option<prost_types::Timestamp>);
    let past: &[(&str, Set)] = &[
        ("order.placed_at", |it, to| it.placed_at = to),
        ("order.customer_since_at", |it, to| {
            it.customer_since_at = to;
        }),
        ("order.delivery.address_added_at", |it, to| {
            delivery(it).address_added_at = to;
        }),
        ("order.session.password_reset_at", |it, to| {
            session(it).password_reset_at = to;
        }),
        ("order.contacts[0].verified_at", |it, to| {
            let mut one = contact("c1");
            one.verified_at = to;
            it.contacts = vec![one];
        }),
        ("order.contacts[0].changed_at", |it, to| {
            let mut one = contact("c1");
            one.changed_at = to;
            it.contacts = vec![one];
        }),
        ("order.contacts[0].replaced_at", |it, to| {
            let mut one = contact("c1");
            one.replaced_at = to;
            it.contacts = vec![one];
        }),
    ];
    let first = 946_684_800;
    for (path, set) in past {
        for good in [first, NOW, NOW + 300] {
            fine(|it| set(it, at(good)));
        }
        for over in [first - 1, NOW + 301, 0, -1, i64::MIN, i64::MAX] {
            bad(path, |it| set(it, at(over)));
        }
        for nanos in [-1, 1_000_000_000] {
            let seconds = NOW;
            bad(path, |it| {
                set(it, Some(prost_types::Timestamp { seconds, nanos }));
            });
        }
    }
}

#[test]
fn plans_lie_up_to_a_year_ahead() {
    let window = |start, end| {
        move |it: &mut pb::Order| {
            delivery(it).window_start_at = at(start);
            delivery(it).window_end_at = at(end);
        }
    };
    fine(window(NOW + DAY, NOW + 366 * DAY));
    fine(window(NOW, NOW));
    bad(
        "order.delivery.window_end_at",
        window(NOW, NOW + 366 * DAY + 1),
    );
    bad("order.delivery.window_end_at", window(NOW, NOW - 1));
    bad("order.delivery.window_start_at", window(0, NOW));
    let on =
        |day: &'static str| move |it: &mut pb::Order| delivery(it).expected_on = day.to_owned();
    for good in ["", "2000-01-01", "2024-02-29", "2026-06-10", "2027-06-11"] {
        fine(on(good));
    }
    let wrong = [
        "1999-12-31",
        "2027-06-12",
        "2026-6-10",
        "2026-02-29",
        "2026-W24-3",
        "2026-06-1x",
        "10.06.2026",
        "2026-06-10T12:00:00Z",
        "tomorrow",
    ];
    for day in wrong {
        bad("order.delivery.expected_on", on(day));
    }
}

#[test]
fn where_time_is_what_messages_say_nothing_lies_too_far_ahead() {
    let driven = Accepts {
        driven: true,
        ..accepts()
    };
    let mut message = smallest();
    message.placed_at = at(NOW + 1_000 * DAY);
    delivery(&mut message).expected_on = "2029-06-01".to_owned();
    assert!(order(message.clone(), &driven).is_ok());
    message.placed_at = at(NOW + 100_000 * DAY);
    let invalid = order(message, &driven).unwrap_err();
    assert_eq!(invalid.fields[0].0, "order.placed_at");
}

#[test]
fn ids_are_keys_and_nothing_personal() {
    type Set = fn(&mut pb::Order, String);
    let ids: &[(&str, Set)] = &[
        ("order.order_id", |it, to| it.order_id = to),
        ("order.customer_id", |it, to| it.customer_id = to),
        ("order.items[0].item_id", |it, to| it.items[0].item_id = to),
        ("order.items[0].sku", |it, to| it.items[0].sku = to),
        ("order.parcels[0].parcel_id", |it, to| {
            it.parcels = vec![parcel(&to, &[])];
        }),
        ("order.delivery.address_key", |it, to| {
            delivery(it).address_key = to;
        }),
        ("order.contacts[0].contact_id", |it, to| {
            it.contacts = vec![contact(&to)];
        }),
        ("order.carrier.carrier_id", |it, to| {
            carrier(it).carrier_id = to;
        }),
        ("order.carrier.depot_id", |it, to| carrier(it).depot_id = to),
        ("order.carrier.route_id", |it, to| carrier(it).route_id = to),
        ("order.lockers[0].locker_id", |it, to| {
            let mut one = locker();
            one.locker_id = to;
            it.lockers = vec![one];
        }),
        ("order.lockers[0].carrier_id", |it, to| {
            let mut one = locker();
            one.carrier_id = to;
            it.lockers = vec![one];
        }),
        ("order.preferences.delegate_contact_id", |it, to| {
            preferences(it).delegate_contact_id = to;
        }),
        ("order.session.device_key", |it, to| {
            session(it).device_key = to;
        }),
        ("order.session.payment_key", |it, to| {
            session(it).payment_key = to;
        }),
    ];
    for (path, set) in ids {
        for good in ["a", "A-z0_9.:", &"x".repeat(128)] {
            fine(|it| set(it, good.to_owned()));
        }
        let wrong = ["a b", "a@b.example", "ü", "a/b", "a\n", &"x".repeat(129)];
        for text in wrong {
            bad(path, |it| set(it, text.to_owned()));
        }
    }
    // A merchant's category is words, not a key.
    let category = |it: &mut pb::Order, to: &str| it.items[0].merchant_category = to.to_owned();
    for good in ["Garden & home", "Küche", "a/b"] {
        fine(|it| category(it, good));
    }
    for text in ["a@b.example", "a\n", &"x".repeat(129)] {
        bad("order.items[0].merchant_category", |it| category(it, text));
    }
    let invalid = order(
        pb::Order {
            customer_id: "jo@shop.example".to_owned(),
            ..smallest()
        },
        &accepts(),
    );
    let text = invalid.unwrap_err().to_string();
    assert!(text.contains("looks personal; send a key"), "{text}");
    assert!(!text.contains("jo@shop"), "{text}");
}

#[test]
fn numbers_of_enums_that_nobody_knows_are_refused_by_name() {
    type Set = fn(&mut pb::Order, i32);
    let enums: &[(&str, &str, i32, Set)] = &[
        ("order.stage", "Stage", 2, |it, to| it.stage = to),
        ("order.items[0].category", "Category", 14, |it, to| {
            it.items[0].category = to;
        }),
        ("order.items[0].packaging", "Packaging", 3, |it, to| {
            it.items[0].packaging = to;
        }),
        ("order.delivery.address_type", "AddressType", 7, |it, to| {
            delivery(it).address_type = to;
        }),
        ("order.contacts[0].kind", "ContactKind", 5, |it, to| {
            let mut one = contact("c1");
            one.kind = to;
            it.contacts = vec![one];
        }),
        (
            "order.carrier.capabilities[1]",
            "Capability",
            8,
            |it, to| {
                carrier(it).capabilities = vec![1, to];
            },
        ),
        (
            "order.preferences.secured_drop",
            "SecuredDrop",
            3,
            |it, to| {
                preferences(it).secured_drop = to;
            },
        ),
        ("order.session.payment_kind", "PaymentKind", 4, |it, to| {
            session(it).payment_kind = to;
        }),
    ];
    for (path, name, last, set) in enums {
        for good in 0..=*last {
            fine(|it| set(it, good));
        }
        for number in [last + 1, 99, -1, i32::MIN] {
            bad(path, |it| set(it, number));
            let mut message = smallest();
            set(&mut message, number);
            let text = order(message, &accepts()).unwrap_err().to_string();
            assert!(text.ends_with(&format!("{number} is no {name}")), "{text}");
        }
    }
}

#[test]
fn what_is_unspecified_is_unknown() {
    let mut message = smallest();
    message.contacts = vec![contact("c1")];
    carrier(&mut message).capabilities = vec![0, 1, 1];
    let order = order(message, &accepts()).unwrap();
    assert_eq!(order.contacts[0].kind, ContactKind::Unknown);
    assert_eq!(order.contacts[0].verified, None);
    assert_eq!(order.carrier.capabilities.len(), 1);
    assert_eq!(order.items[0].packaging, None);
}

#[test]
fn texts_say_what_they_should_be() {
    let currency =
        |code: &'static str| move |it: &mut pb::Order| it.currency_code = code.to_owned();
    for code in ["eur", "EURO", "JPY", "€"] {
        bad("order.currency_code", currency(code));
    }
    let mut message = smallest();
    currency("JPY")(&mut message);
    let text = order(message, &accepts()).unwrap_err().to_string();
    assert!(text.contains("CHF, EUR, GBP, USD"), "{text}");
    for code in ["de", "DEU", "D", "1A"] {
        bad("order.delivery.country_code", |it| {
            delivery(it).country_code = code.to_owned();
        });
    }
    for zone in ["Europe/Atlantis", "CET+1 ", "../etc/passwd"] {
        bad("order.delivery.time_zone", |it| {
            delivery(it).time_zone = zone.to_owned();
        });
    }
    for tag in ["d", "de_AT", "de--AT", "de-", "1a", "de-abcdefghi"] {
        bad("order.preferences.locale", |it| {
            preferences(it).locale = tag.to_owned();
        });
    }
    fine(|it| {
        delivery(it).country_code = "DE".to_owned();
        delivery(it).time_zone = "Europe/Berlin".to_owned();
        preferences(it).locale = "zh-Hant-TW".to_owned();
    });
}

#[test]
fn names_within_an_order_are_unique() {
    bad("order.items[1].item_id", |it| {
        it.items = vec![named("a", 1), named("a", 1)];
    });
    bad("order.items[0].item_id", |it| {
        it.items = vec![named("2", 1), item()];
    });
    bad("order.items[1].item_id", |it| {
        it.items = vec![item(), named("1", 1)];
    });
    fine(|it| it.items = vec![named("1", 1), item()]);
    bad("order.contacts[1].contact_id", |it| {
        it.contacts = vec![contact("c1"), contact("c1")];
    });
    bad("order.parcels[1].parcel_id", |it| {
        it.parcels = vec![parcel("p1", &[]), parcel("p1", &[])];
    });
    bad("order.parcels[0].items[1].item_id", |it| {
        it.items = vec![named("a", 2)];
        it.parcels = vec![parcel("p1", &[("a", 1), ("a", 1)])];
    });
}

#[test]
fn parcels_hold_what_was_ordered_and_no_more() {
    fine(|it| {
        it.items = vec![named("a", 3), item()];
        it.parcels = vec![
            parcel("p1", &[("a", 2)]),
            parcel("p2", &[("a", 1), ("2", 1)]),
        ];
    });
    bad("order.parcels[1].items[0].quantity", |it| {
        it.items = vec![named("a", 3)];
        it.parcels = vec![parcel("p1", &[("a", 2)]), parcel("p2", &[("a", 2)])];
    });
    bad("order.parcels[0].items[0].item_id", |it| {
        it.parcels = vec![parcel("p1", &[("b", 1)])];
    });
    // The line is the fault, and not what refers to it.
    bad("order.items[0].quantity", |it| {
        it.items = vec![named("a", 0)];
        it.parcels = vec![parcel("p1", &[("a", 1)])];
    });
}

#[test]
fn more_parcels_expected_than_listed_are_that_many() {
    let mut message = smallest();
    message.parcels = vec![parcel("p1", &[])];
    message.expected_parcels = Some(2);
    assert_eq!(order(message, &accepts()).unwrap().parcel_count(), Some(2));
}

#[test]
fn all_faults_are_told_at_once() {
    let paths: BTreeSet<_> = faults(|it| {
        it.order_id = "an order".to_owned();
        it.currency_code = "XXX".to_owned();
        it.items = vec![item(), named("2", 0), item()];
        it.items[2].category = 99;
        it.items[2].weight_g = Some(0);
        it.contacts = vec![contact("c1"), contact("c 2")];
        it.contacts[0].verified_at = at(NOW + DAY);
        delivery(it).expected_on = "2036-01-01".to_owned();
    })
    .into_iter()
    .collect();
    let told: Vec<_> = paths.iter().map(String::as_str).collect();
    let expected = [
        "order.contacts[0].verified_at",
        "order.contacts[1].contact_id",
        "order.currency_code",
        "order.delivery.expected_on",
        "order.items[1].quantity",
        "order.items[2].category",
        "order.items[2].weight_g",
        "order.order_id",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_category_is_kept_as_told() {
    let mut message = smallest();
    message.items[0].category = pb::Category::Phone.into();
    let order = order(message, &accepts()).unwrap();
    assert_eq!(order.items[0].category, Some(Category::Phone));
}
