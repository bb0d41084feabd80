//! Stops, slots and suspicions.

use super::{Customer, OpenOrder, Raised, StopEntry, Suspicion, earliest};
use crate::domain::event::Subject;
use crate::domain::ids::{CustomerId, OrderId};
use crate::domain::units::{Date, Span, Timestamp};

const NOW: Timestamp = Timestamp::from_micros(1_781_092_800_000_000);

#[test]
fn two_orders_meet_on_one_date_or_within_three_days_of_a_day() {
    let check = |ours: (Option<i32>, i32), theirs: (Option<i32>, i32), expected: bool| {
        let entry = StopEntry {
            date: ours.0.map(Date::from_days),
            day: Date::from_days(ours.1),
            parcels: None,
            until: NOW,
        };
        let date = theirs.0.map(Date::from_days);
        let found = entry.meets(date, Date::from_days(theirs.1));
        assert_eq!(found, expected, "{ours:?} and {theirs:?}");
    };
    check((Some(100), 100), (Some(100), 100), true);
    check((Some(100), 100), (Some(101), 101), false);
    check((None, 100), (Some(103), 103), true);
    check((None, 100), (Some(104), 104), false);
    check((Some(97), 97), (None, 100), true);
    check((Some(96), 96), (None, 100), false);
    check((None, 100), (None, 103), true);
}

#[test]
fn the_lowest_slot_that_nobody_holds_is_free() {
    let order = |id: &str| OrderId::try_new(id).unwrap();
    let mut customer = Customer::default();
    let later = NOW.plus(Span::hours(1));
    for (id, slot, until) in [
        ("a", 0, later),
        ("b", 1, later),
        ("c", 2, NOW),
        ("d", 3, later),
    ] {
        customer.open.insert(order(id), OpenOrder { slot, until });
    }
    assert_eq!(customer.lowest_free_slot(&order("x"), NOW), 4);
    assert_eq!(customer.lowest_free_slot(&order("b"), NOW), 1);
    assert_eq!(
        customer.lowest_free_slot(&order("x"), NOW.plus(Span::micros(1))),
        2
    );
}

#[test]
fn a_suspicion_is_in_force_from_its_raising_to_its_end() {
    let suspicion = |cleared_at: Option<i64>| Suspicion {
        raised: Some(Raised {
            subject: Subject::Customer(CustomerId::try_new("c").unwrap()),
            level: 2,
            at: NOW,
            expires_at: NOW.plus(Span::hours(10)),
        }),
        cleared_at: cleared_at.map(|hours| NOW.plus(Span::hours(hours))),
    };
    let check = |cleared: Option<i64>, hours: i64, expected: Option<u8>| {
        let at = NOW.plus(Span::hours(hours));
        assert_eq!(
            suspicion(cleared).level_at(at),
            expected,
            "{cleared:?} {hours}"
        );
    };
    check(None, -1, None);
    check(None, 0, Some(2));
    check(None, 9, Some(2));
    check(None, 10, None);
    check(Some(5), 4, Some(2));
    check(Some(5), 5, None);
    check(Some(-5), 5, Some(2));
    assert_eq!(Suspicion::default().level_at(NOW), None);
    assert_eq!(earliest(Some(NOW), None), Some(NOW));
}
