//! Counts commute, windows hold what is in them and never much more.

use proptest::collection::vec;
use proptest::prelude::*;

use super::{Counter, Entry, Spend, Tally, middle, step};
use crate::domain::units::{Currency, Span, Timestamp, to_f64};

/// 2026-06-10T12:30:00Z: half past an hour, in the middle of a week.
const NOW: Timestamp = Timestamp::from_micros(1_781_094_600_000_000);

fn entry(minutes: i64, counter: Counter) -> Entry {
    Entry {
        counter,
        currency: None,
        at: NOW.minus(Span::minutes(minutes)),
    }
}

/// Minutes before now, all scales alike, and amounts.
fn entries() -> impl Strategy<Value = Vec<(i64, i64)>> {
    let minutes = prop_oneof![0..6_000_i64, 0..60_000_i64, 0..620_000_i64];
    vec((minutes, 1..4_i64), 0..25)
}

fn tally(entries: &[(i64, i64)]) -> Tally {
    let mut tally = Tally::default();
    for (minutes, amount) in entries {
        tally.add(entry(*minutes, Counter::Orders), *amount);
    }
    tally
}

proptest! {
    #[test]
    fn the_order_of_additions_is_nothing(all in entries(), turn in 0..25_usize) {
        let mut turned = all.clone();
        turned.rotate_left(turn.min(all.len()));
        let mut back = all.clone();
        back.reverse();
        prop_assert_eq!(tally(&all), tally(&turned));
        prop_assert_eq!(tally(&all), tally(&back));
    }

    #[test]
    fn a_window_holds_what_is_in_it_and_at_most_one_bucket_more(all in entries()) {
        const HOUR: i64 = 60;
        const DAY: i64 = 24 * HOUR;
        // Windows in minutes, and by how much the oldest bucket may be longer.
        let windows = [(DAY, HOUR), (3 * DAY, HOUR), (7 * DAY, DAY), (180 * DAY, 7 * DAY)];
        let tally = tally(&all);
        for (window, more) in windows {
            let from = NOW.minus(Span::minutes(window));
            let found = tally.sum(Counter::Orders, from, NOW);
            let within = |limit: i64| -> i64 {
                let of = all.iter().filter(|(minutes, _)| *minutes < limit);
                of.map(|(_, amount)| amount).sum()
            };
            prop_assert!(within(window) <= found, "{window}");
            prop_assert!(found <= within(window + more), "{window}");
        }
    }

    #[test]
    fn what_was_counted_and_taken_away_again_is_never_told(
        all in entries(),
        gone in entries(),
        days in 1..400_i64,
    ) {
        let kept = tally(&all);
        let mut both = kept.clone();
        for (minutes, amount) in &gone {
            both.add(entry(*minutes, Counter::Orders), *amount);
        }
        for (minutes, amount) in &gone {
            both.add(entry(*minutes, Counter::Orders), -amount);
        }
        let from = NOW.minus(Span::days(days));
        prop_assert_eq!(
            kept.sum(Counter::Orders, from, NOW),
            both.sum(Counter::Orders, from, NOW)
        );
        let (mut kept, mut both) = (kept, both);
        kept.see(NOW);
        both.see(NOW);
        prop_assert_eq!(kept, both);
    }

    #[test]
    fn one_entry_is_in_the_window_where_its_bucket_is(all in entries(), hours in 1..5_000_i64) {
        let tally = tally(&all);
        let from = NOW.minus(Span::hours(hours));
        let counted: i64 = all
            .iter()
            .filter(|(minutes, _)| tally.counts(entry(*minutes, Counter::Orders).at, from, NOW))
            .map(|(_, amount)| amount)
            .sum();
        prop_assert_eq!(counted, tally.sum(Counter::Orders, from, NOW));
    }

    #[test]
    fn sizes_commute(all in vec((0..900_i64, 1..1_000_000_i64), 0..20)) {
        let fold = |all: &[(i64, i64)]| {
            let mut spend = Spend::default();
            for (days, minor) in all {
                let at = NOW.minus(Span::days(*days));
                spend.add(at, Currency::parse("EUR").unwrap(), *minor, 1);
            }
            spend
        };
        let mut back = all.clone();
        back.reverse();
        prop_assert_eq!(fold(&all), fold(&back));
        let within = all.iter().filter(|(days, _)| *days < 365).count();
        let from = NOW.minus(Span::days(400));
        let found: i64 = fold(&all).each(from, NOW).map(|(_, count)| count).sum();
        prop_assert!(i64::try_from(within).unwrap() <= found);
    }

    #[test]
    fn an_amount_is_near_the_middle_of_its_step(minor in 1..10_000_000_000_000_i64) {
        let ratio = middle(step(minor)) / to_f64(minor);
        prop_assert!((0.95..=1.05).contains(&ratio), "{ratio}");
        prop_assert!(step(minor) <= step(minor + 1));
    }
}

#[test]
fn counters_and_currencies_do_not_mix() {
    let mut tally = Tally::default();
    let money = |code: &str| Entry {
        currency: Currency::parse(code),
        ..entry(1, Counter::Value)
    };
    tally.add(money("EUR"), 100);
    tally.add(money("GBP"), 30);
    tally.add(entry(1, Counter::Orders), 2);
    let from = NOW.minus(Span::hours(1));
    let mut told = Vec::new();
    tally.each(Counter::Value, from, NOW, |currency, minor| {
        told.push((currency.unwrap().code().to_owned(), minor));
    });
    assert_eq!(told, [("EUR".to_owned(), 100), ("GBP".to_owned(), 30)]);
    assert_eq!(tally.sum(Counter::Orders, from, NOW), 2);
    assert_eq!(tally.sum(Counter::Probes, from, NOW), 0);
    assert_eq!(tally.only(Counter::Orders).cells().count(), 1);
}

#[test]
fn what_is_of_tomorrow_is_not_in_todays_window() {
    let mut tally = Tally::default();
    tally.add(entry(-60 * 24, Counter::Orders), 1);
    tally.add(entry(30, Counter::Orders), 1);
    let from = NOW.minus(Span::hours(24));
    assert_eq!(tally.sum(Counter::Orders, from, NOW), 1);
}

#[test]
fn a_tally_put_together_again_is_the_same() {
    let tally = tally(&[(5, 1), (50_000, 2), (400_000, 3)]);
    assert_eq!(Tally::restore(tally.newest(), tally.cells()), tally);
    assert!(!tally.is_empty());
    assert!(Tally::default().is_empty());
    assert_eq!(step(0), step(1), "a gift of nothing has a size too");
}
