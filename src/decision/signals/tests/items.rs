//! What is in the order.

use super::{World, same};
use crate::decision::fixtures::{item, order};
use crate::decision::signal::Signal;
use crate::domain::ids::MerchantKey;
use crate::domain::order::{Category, Item, Order, Packaging};
use crate::domain::units::Currency;

fn check(name: &str, change: impl Fn(&mut Order), expected: &[(Signal, Option<f64>)]) {
    let mut order = order(vec![item("1", Category::Phone, 89_900)]);
    change(&mut order);
    let situation = World::new().measure(&order);
    for (signal, value) in expected {
        println!("{name}");
        same(&situation, *signal, *value);
    }
}

fn sized(mut item: Item, sides: [u32; 3], grams: u32) -> Item {
    let [length, width, height] = sides.map(Some);
    item.size.length_mm = length;
    item.size.width_mm = width;
    item.size.height_mm = height;
    item.size.weight_g = Some(grams);
    item
}

#[test]
fn value_by_volume_and_weight() {
    check(
        "told sizes of one unit, whatever the quantity",
        |order| {
            let mut one = sized(item("1", Category::Phone, 89_900), [180, 100, 60], 400);
            one.quantity = 3;
            order.items = vec![one];
        },
        &[
            (Signal::ValueDensity, Some(899.0 / 1.08)),
            (Signal::ValueDensityKg, Some(899.0 / 0.4)),
            (Signal::HeaviestItemKg, Some(0.4)),
            (Signal::OrderValue, Some(2697.0)),
            (Signal::DearestItemValue, Some(899.0)),
            (Signal::TechItems, Some(3.0)),
            (Signal::SameItemUnits, Some(3.0)),
            (Signal::ItemUnits, Some(3.0)),
        ],
    );
    check(
        "the largest of several lines",
        |order| {
            order.items = vec![
                sized(item("1", Category::Book, 1_500), [200, 140, 30], 400),
                sized(item("2", Category::Jewellery, 250_000), [100, 100, 50], 200),
            ];
        },
        &[
            (Signal::ValueDensity, Some(5000.0)),
            (Signal::HeaviestItemKg, Some(0.4)),
            (Signal::Resale, Some(0.9)),
            (Signal::TechItems, Some(0.0)),
        ],
    );
    check(
        "a side that is missing: the catalogue's size, but the weight as told",
        |order| {
            order.items[0].size.length_mm = Some(9000);
            order.items[0].size.weight_g = Some(1_000);
        },
        &[
            (Signal::ValueDensity, Some(899.0 / 1.08)),
            (Signal::ValueDensityKg, Some(899.0)),
        ],
    );
    check(
        "nothing by no volume is no number",
        |order| {
            order.items = vec![sized(item("1", Category::Phone, 89_900), [0, 100, 60], 400)];
        },
        &[(Signal::ValueDensity, None)],
    );
}

#[test]
fn categories_and_currencies() {
    check(
        "an unmapped merchant category is OTHER",
        |order| {
            order.items[0].category = None;
            order.items[0].merchant_category = MerchantKey::try_new("gizmos").ok();
        },
        &[
            (Signal::Category, Some(14.0)),
            (Signal::Resale, Some(0.2)),
            (Signal::TechItems, Some(0.0)),
        ],
    );
    check(
        "a mapped one is what the catalogue says",
        |order| {
            order.items[0].category = None;
            order.items[0].merchant_category = MerchantKey::try_new("smartphones").ok();
        },
        &[
            (Signal::Category, Some(1.0)),
            (Signal::TechItems, Some(1.0)),
        ],
    );
    check(
        "the category as told goes before the merchant's",
        |order| order.items[0].merchant_category = MerchantKey::try_new("shoes").ok(),
        &[(Signal::Category, Some(1.0))],
    );
    check(
        "amounts are in the base currency",
        |order| order.currency = Currency::parse("GBP").unwrap(),
        &[
            (Signal::OrderValue, Some(899.0 * 1.15)),
            (Signal::DearestItemValue, Some(899.0 * 1.15)),
        ],
    );
}

#[test]
fn weak_packaging_is_unknown_where_a_dear_items_packaging_is() {
    let packed = |packaging: [Option<Packaging>; 2], cents: i64| {
        move |order: &mut Order| {
            order.items = vec![
                item("1", Category::Phone, cents),
                item("2", Category::Phone, cents),
            ];
            for (item, packaging) in order.items.iter_mut().zip(packaging) {
                item.packaging = packaging;
            }
        }
    };
    let (envelope, sturdy) = (Some(Packaging::Envelope), Some(Packaging::Box));
    for (name, packaging, cents, expected) in [
        ("an envelope", [sturdy, envelope], 10_000, Some(1.0)),
        ("cheap in an envelope", [sturdy, envelope], 9_999, Some(0.0)),
        (
            "an envelope beside unknown",
            [None, envelope],
            10_000,
            Some(1.0),
        ),
        ("boxes", [sturdy, sturdy], 10_000, Some(0.0)),
        ("unknown", [sturdy, None], 10_000, None),
        ("cheap and unknown", [None, None], 100, Some(0.0)),
    ] {
        let weak = [(Signal::WeakPackaging, expected)];
        check(name, packed(packaging, cents), &weak);
    }
    let mut order = order(Vec::new());
    packed([sturdy, envelope], 10_000)(&mut order);
    let situation = World::new().measure(&order);
    assert_eq!(situation.weakly_packed, [1]);
    assert_eq!(situation.resale.len(), 2);
}

#[test]
fn what_must_not_lie_in_a_locker_is_seen() {
    let check = |change: fn(&mut Item), expected: bool| {
        let mut order = order(vec![item("1", Category::Other, 100)]);
        change(&mut order.items[0]);
        assert_eq!(World::new().measure(&order).restricted, expected);
    };
    check(|_| {}, false);
    check(|it| it.hazardous = Some(false), false);
    check(|it| it.hazardous = Some(true), true);
    check(|it| it.age_restricted = Some(true), true);
}
