//! What goes into which locker.

use super::World;
use crate::decision::fixtures::{item, order};
use crate::decision::situation::Fit;
use crate::domain::ids::{CarrierId, ItemId, LockerId, ParcelId};
use crate::domain::order::{Category, Locker, Order, Parcel, PartialSize};

fn size(sides: [u32; 3], grams: u32) -> PartialSize {
    let [length, width, height] = sides.map(Some);
    PartialSize {
        length_mm: length,
        width_mm: width,
        height_mm: height,
        weight_g: Some(grams),
    }
}

fn locker(id: &str, sides: [u32; 3], free: Option<u32>) -> Locker {
    Locker {
        locker_id: LockerId::try_new(id).unwrap(),
        carrier_id: None,
        distance_m: Some(500),
        max: size(sides, 20_000),
        free_compartments: free,
        step_free: None,
    }
}

fn parcel(id: &str, size: PartialSize, items: &[&str]) -> Parcel {
    let item = |id: &&str| (ItemId::try_new(id).unwrap(), 1);
    Parcel {
        parcel_id: ParcelId::try_new(id).unwrap(),
        items: items.iter().map(item).collect(),
        size,
    }
}

/// One item of 300 x 200 x 100 mm and 2 kg, one locker of 400 x 300 x 200 with one free compartment.
fn usual() -> Order {
    let mut line = item("1", Category::Other, 10_000);
    line.size = size([300, 200, 100], 2_000);
    let mut order = order(vec![line]);
    order.lockers = vec![locker("l1", [400, 300, 200], Some(1))];
    order
}

fn check(name: &str, change: impl Fn(&mut Order), expected: Fit) {
    let mut order = usual();
    change(&mut order);
    let situation = World::new().measure(&order);
    assert_eq!(situation.lockers[0].fit, expected, "{name}");
}

#[test]
fn sides_are_sorted_and_weights_count() {
    use Fit::{DoesNotFit, Fits};
    check("it fits", |_| {}, Fits);
    check(
        "turned",
        |it| it.items[0].size = size([200, 400, 300], 2_000),
        Fits,
    );
    check(
        "a millimetre too long",
        |it| it.items[0].size = size([401, 10, 10], 2_000),
        DoesNotFit,
    );
    check(
        "too heavy",
        |it| it.items[0].size.weight_g = Some(20_001),
        DoesNotFit,
    );
    check(
        "no free compartment",
        |it| it.lockers[0].free_compartments = Some(0),
        DoesNotFit,
    );
    check(
        "free unknown is enough",
        |it| it.lockers[0].free_compartments = None,
        Fits,
    );
    check(
        "an absent bound does not bind",
        |it| {
            it.items[0].size = size([900, 300, 200], 2_000);
            it.lockers[0].max.height_mm = None;
        },
        Fits,
    );
    check(
        "no bounds at all",
        |it| {
            it.items[0].size = size([900, 900, 900], 90_000);
            it.lockers[0].max = PartialSize::default();
        },
        Fits,
    );
    check(
        "the catalogue's size where none is told",
        |it| {
            it.items[0].size = PartialSize::default();
            it.items[0].category = Some(Category::Appliance);
        },
        DoesNotFit,
    );
}

#[test]
fn carriers_must_match_where_both_are_known() {
    let with = |locker: Option<&str>, order: Option<&str>| {
        let id = |it: &str| CarrierId::try_new(it).unwrap();
        let (locker, order) = (locker.map(id), order.map(id));
        move |it: &mut Order| {
            it.lockers[0].carrier_id.clone_from(&locker);
            it.carrier.carrier_id.clone_from(&order);
        }
    };
    check("the same", with(Some("a"), Some("a")), Fit::Fits);
    check("another", with(Some("a"), Some("b")), Fit::DoesNotFit);
    check("the order's unknown", with(Some("a"), None), Fit::Fits);
    check("anybody's locker", with(None, Some("b")), Fit::Fits);
}

#[test]
fn every_parcel_needs_a_compartment_of_its_own() {
    use Fit::{DoesNotFit, Fits};
    let expected = |count: u32, free: u32| {
        move |it: &mut Order| {
            it.expected_parcels = Some(count);
            it.lockers[0].free_compartments = Some(free);
        }
    };
    check("two in one", expected(2, 1), DoesNotFit);
    check("two in two", expected(2, 2), Fits);
    let unknown = |free: u32| {
        move |it: &mut Order| {
            it.items[0].quantity = 2;
            it.expected_parcels = None;
            it.lockers[0].free_compartments = Some(free);
        }
    };
    check("an unknown number counts as two", unknown(1), DoesNotFit);
    check("and fits in two", unknown(2), Fits);
    check(
        "sizes of one station add up, the small one in the small",
        |it| {
            it.parcels = vec![
                parcel("p1", size([100, 100, 100], 500), &[]),
                parcel("p2", size([390, 290, 190], 500), &[]),
            ];
            it.lockers = vec![
                locker("l1", [400, 300, 200], Some(1)),
                locker("l1", [150, 150, 150], Some(1)),
            ];
        },
        Fits,
    );
    check(
        "two large ones and one large compartment",
        |it| {
            it.parcels = vec![
                parcel("p1", size([380, 290, 190], 500), &[]),
                parcel("p2", size([390, 290, 190], 500), &[]),
            ];
            it.lockers = vec![
                locker("l1", [400, 300, 200], Some(1)),
                locker("l1", [150, 150, 150], Some(9)),
            ];
        },
        DoesNotFit,
    );
    check(
        "compartments of another station do not help",
        |it| {
            it.expected_parcels = Some(2);
            it.lockers.push(locker("l2", [400, 300, 200], Some(1)));
        },
        DoesNotFit,
    );
}

#[test]
fn a_parcel_of_unknown_size_is_as_large_as_its_largest_item() {
    let two = |inside: &'static [&'static str]| {
        move |it: &mut Order| {
            let mut large = item("2", Category::Other, 100);
            large.size = size([900, 100, 100], 100);
            it.items.push(large);
            it.parcels = vec![parcel("p1", PartialSize::default(), inside)];
        }
    };
    check("the small one inside", two(&["1"]), Fit::Fits);
    check("the large one inside", two(&["1", "2"]), Fit::DoesNotFit);
    check("nobody knows what is inside", two(&[]), Fit::DoesNotFit);
    check("of things nobody ordered", two(&["9"]), Fit::DoesNotFit);
}

#[test]
fn without_any_size_it_is_unknown() {
    let mut world = World::new();
    world.catalogue.categories[13].size = None;
    let mut order = usual();
    order.items[0].size = PartialSize::default();
    assert_eq!(world.measure(&order).lockers[0].fit, Fit::SizeUnknown);
    order.lockers[0].max = PartialSize::default();
    assert_eq!(world.measure(&order).lockers[0].fit, Fit::Fits);
    order.lockers[0].free_compartments = Some(0);
    assert_eq!(world.measure(&order).lockers[0].fit, Fit::DoesNotFit);
}

#[test]
fn stations_come_nearest_first_and_unknown_distance_last() {
    let mut order = usual();
    let at = |id: &str, distance: Option<u32>| Locker {
        distance_m: distance,
        ..locker(id, [400, 300, 200], Some(1))
    };
    order.lockers = vec![
        at("a", None),
        at("b", Some(900)),
        at("d", Some(100)),
        at("c", Some(100)),
    ];
    let found = World::new().measure(&order).lockers;
    let ids: Vec<&str> = found.iter().map(|it| it.locker_id.as_str()).collect();
    assert_eq!(ids, ["c", "d", "b", "a"]);
}

#[test]
fn a_station_is_step_free_where_what_fits_is() {
    let check = |sizes: &[(u32, Option<bool>)], expected: bool| {
        let mut order = usual();
        let one = |(side, free): &(u32, Option<bool>)| Locker {
            step_free: *free,
            ..locker("l1", [*side; 3], Some(1))
        };
        order.lockers = sizes.iter().map(one).collect();
        let found = World::new().measure(&order).lockers[0].step_free;
        assert_eq!(found, expected, "{sizes:?}");
    };
    check(&[(400, Some(true))], true);
    check(&[(400, None)], false);
    check(&[(400, Some(false))], false);
    check(&[(400, Some(true)), (50, None)], true);
    check(&[(400, None), (50, Some(true))], false);
}
