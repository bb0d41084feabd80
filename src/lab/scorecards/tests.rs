//! From rows to a scorecard: what is kept, shrunk and learned, and that it is the same for any number of threads.

use super::{Error, Learned, Settings, learn};
use crate::decision::fixtures::NOW;
use crate::decision::model::{Bins, Model, PRIOR};
use crate::decision::signal::Signal;
use crate::domain::hazard::Hazard;
use crate::domain::units::{Span, Timestamp};
use crate::lab::card;
use crate::lab::dataset::{Dataset, HazardTally, Row, Segment, Tally, Values};
use crate::lab::directions;
use crate::lab::labels::{CLAIM_WINDOW, LeftOut, Maturity};
use crate::lab::report::Way;

/// The next of a sequence of numbers between 0 and 1 that looks like chance.
fn next(state: &mut u64) -> f64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    f64::from(u32::try_from(*state >> 33).unwrap()) / f64::from(1_u32 << 31)
}

/// So many orders: porch theft by what is seen and by value (many losses), false claims by the age of the account (some),
/// courier theft by nothing (few).
fn dataset(count: u32) -> Dataset {
    let mut state = 7;
    let mut rows = Vec::new();
    let mut hazards = [HazardTally::default(); Hazard::COUNT];
    for number in 0..count {
        let mut values = [f64::NAN; Signal::COUNT];
        let (seen, value, age) = (
            next(&mut state) < 0.5,
            next(&mut state) * 900.0,
            next(&mut state) * 700.0,
        );
        let mut put = |signal: Signal, value: f64| values[signal.index()] = value;
        put(Signal::VisibleFromStreet, f64::from(u8::from(seen)));
        put(Signal::OrderValue, value.round());
        put(Signal::DearestItemValue, (value * next(&mut state)).round());
        put(Signal::Dwelling, f64::from(number % 3 + 1));
        put(Signal::Season, 6.0);
        if next(&mut state) < 0.8 {
            put(Signal::AccountAgeDays, age);
        }
        let young = age < 100.0;
        let chances = [
            if seen && value > 450.0 {
                0.6
            } else if seen {
                0.2
            } else {
                0.1
            },
            0.002,
            0.0,
            if young { 0.25 } else { 0.03 },
            0.0,
        ];
        let mut losses = [false; Hazard::COUNT];
        for ((lost, chance), tally) in losses.iter_mut().zip(chances).zip(&mut hazards) {
            *lost = next(&mut state) < chance;
            tally.positives += u64::from(*lost);
            tally.labelled += 1;
        }
        rows.push(Row {
            at: NOW.plus(Span::hours(i64::from(number))),
            key: u64::from(number),
            values: Values::of(|it| Some(values[it.index()])),
            losses,
            weights: [1.0; Hazard::COUNT],
            stands_for: 1.0,
            segment: Segment::default(),
        });
    }
    let tally = Tally {
        orders: u64::from(count) + 40,
        mature: u64::from(count),
        hazards,
        left_out: [(LeftOut::TooYoung, 33), (LeftOut::ClaimOpen, 7)].into(),
        ..Tally::default()
    };
    Dataset { rows, tally }
}

fn settings(threads: usize) -> Settings {
    Settings {
        name: "ours".to_owned(),
        note: Some("Learned from a made-up shop.".to_owned()),
        source: "a table".to_owned(),
        maturity: Maturity {
            as_of: Timestamp::from_micros(NOW.as_micros() + 1),
            claim_window: CLAIM_WINDOW,
            unheard_shipped: false,
        },
        seed: 5,
        threads,
    }
}

fn prior() -> Model {
    Model::load(PRIOR).unwrap()
}

fn learned(dataset: &Dataset, threads: usize) -> Learned {
    learn(dataset, &prior(), &settings(threads), &|_| {}).unwrap()
}

#[test]
fn hazards_are_kept_shrunk_or_learned_by_their_losses_and_the_card_says_so() {
    let dataset = dataset(6_000);
    let found = learned(&dataset, 2);
    let ways: Vec<Way> = found.report.hazards.iter().map(|it| it.way).collect();
    assert_eq!(
        ways,
        [Way::Learned, Way::Kept, Way::Kept, Way::Shrunk, Way::Kept]
    );
    let text = found.parts.write();
    let model = Model::load(&text).unwrap();
    let at = |hazard: Hazard| hazard.index();
    for row in dataset.rows.iter().step_by(17) {
        let (old, new) = (prior().score(&row.signals()), model.score(&row.signals()));
        for hazard in [
            Hazard::CourierTheft,
            Hazard::Substitution,
            Hazard::AccountTakeover,
        ] {
            assert_eq!(
                new[at(hazard)].log_odds,
                old[at(hazard)].log_odds,
                "{hazard:?} is as it was"
            );
        }
        for score in &new {
            let parts: i64 = score.contributions.iter().map(|it| it.log_odds).sum();
            assert_eq!(score.base + parts, score.log_odds);
        }
    }
    for hazard in [Hazard::PorchTheft, Hazard::FalseClaim] {
        let report = &found.report.hazards[at(hazard)];
        let (ours, theirs) = (report.figures.unwrap(), report.base.unwrap());
        assert!(
            ours.roc_auc.value > theirs.roc_auc.low.max(0.6),
            "{hazard:?} {ours:?} {theirs:?}"
        );
        assert!(
            (0.8..1.25).contains(&ours.said_by_seen),
            "{hazard:?} {ours:?}"
        );
        assert!(
            ours.log_loss.value < theirs.log_loss.value,
            "{hazard:?} {ours:?} {theirs:?}"
        );
    }
    assert_eq!(
        found
            .report
            .dropped
            .iter()
            .find(|(it, _)| *it == Signal::Season),
        Some(&(Signal::Season, "always the same"))
    );
    assert_eq!(
        found
            .report
            .dropped
            .iter()
            .find(|(it, _)| *it == Signal::Probes24h),
        Some(&(Signal::Probes24h, "always missing"))
    );
    let text = card::write(&found.report, &found.parts, None).text;
    for part in [
        "Learned from a made-up shop.",
        "| left out: too young: claims may still come in | 33 |",
        "| left out: a claim is open | 7 |",
        "losses are too few, 100 are needed; it keeps the table of `prior`",
        "1001 would be needed for more",
        "season (always the same)",
        "ours/visible_from_street.svg",
        "| porch_theft | highest 1 % |",
    ] {
        assert!(text.contains(part), "{part}");
    }
}

#[test]
fn the_same_rows_give_the_same_bytes_for_any_number_of_threads() {
    let dataset = dataset(2_500);
    let text = |threads: usize| {
        let found = learned(&dataset, threads);
        (
            found.parts.write(),
            card::write(&found.report, &found.parts, None),
        )
    };
    assert_eq!(text(1), text(3));
}

#[test]
fn what_the_list_binds_goes_one_way_in_what_was_learned() {
    let found = learned(&dataset(6_000), 2);
    let mut looked_at = 0;
    let table = &found.parts.hazards[Hazard::PorchTheft.index()];
    for (signal, weights) in &table.mains {
        let Some(rule) = directions::rule(Hazard::PorchTheft, *signal) else {
            continue;
        };
        let (_, bins) = found
            .parts
            .signals
            .iter()
            .find(|(it, _)| it == signal)
            .unwrap();
        assert!(!matches!(bins, Bins::Names(_)));
        let known = &weights[1..];
        match rule.way {
            directions::Way::Up => assert!(known.is_sorted(), "{signal:?} {known:?}"),
            directions::Way::Down => {
                assert!(known.iter().rev().is_sorted(), "{signal:?} {known:?}");
            }
        }
        looked_at += 1;
    }
    assert!(
        looked_at > 0,
        "visible_from_street is bound for porch theft"
    );
    let costs = &found.report.hazards[Hazard::PorchTheft.index()].constraints;
    assert!(
        costs
            .iter()
            .any(|it| it.rule.signal == Signal::VisibleFromStreet && it.cost.abs() < 1e-6),
        "{costs:?}"
    );
}

#[test]
fn what_cannot_be_learned_is_an_error_that_says_why() {
    let check = |change: fn(&mut Dataset), parts: &[&str]| {
        let mut rows = dataset(200);
        change(&mut rows);
        let error = learn(&rows, &prior(), &settings(1), &|_| {}).unwrap_err();
        for part in parts {
            assert!(error.to_string().contains(part), "{part}: {error}");
        }
    };
    check(
        |it| (it.tally.mature, it.rows) = (0, Vec::new()),
        &[
            "none of 240 orders has a known outcome",
            "33 too young",
            "7 a claim is open",
        ],
    );
    check(
        |it| it.rows.iter_mut().for_each(|row| row.losses = [false; 5]),
        &["one class only"],
    );
    check(
        |it| {
            it.rows
                .iter_mut()
                .for_each(|row| row.values = Values::default());
        },
        &["every signal is missing or constant"],
    );
    check(
        |it| {
            it.rows
                .iter_mut()
                .for_each(|row| row.losses = [true, false, false, false, false]);
        },
        &[
            "porch_theft: 200 orders that speak for it were lost by it and 0 were not, 100 at least are needed of each",
            "--negatives",
        ],
    );
    let error = Error::Unreadable("x".to_owned());
    assert!(error.to_string().contains("does not load"));
}
