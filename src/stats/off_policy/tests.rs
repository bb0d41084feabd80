//! Refusals, warnings and biases by hand; the figures themselves are held by the vectors.

use super::bounded::Bounds;
use super::estimate::Bias;
use super::{Estimator, Logged, Refusal, Row, Warning};
use crate::stats::interval::Chance;

/// Two actions, logged half and half; the candidate always takes the first.
fn row(taken: usize, seen: f64, group: u64) -> Row<2> {
    Row {
        logged: [500_000, 500_000],
        candidate: [1_000_000, 0],
        taken,
        seen,
        said: Some([0.25, 0.5]),
        group,
    }
}

/// Forty rows of each action, every tenth of them with an outcome of one.
fn eighty() -> Vec<Row<2>> {
    let of = |place: u32, taken| {
        row(
            taken,
            if place.is_multiple_of(10) { 1.0 } else { 0.0 },
            u64::from(place),
        )
    };
    (0..40).flat_map(|it| [of(it, 0), of(it, 1)]).collect()
}

fn close(one: f64, two: f64) -> bool {
    (one - two).abs() < 1e-12
}

#[test]
fn figures_are_those_that_one_counts_by_hand() {
    let logged = Logged::new(eighty()).unwrap();
    let value = |by| logged.estimate(by).unwrap().value;
    // Forty rows of weight two, four of them with an outcome.
    assert!(close(value(Estimator::Ips), 0.1));
    assert!(close(value(Estimator::Snips), 0.1));
    assert!(close(value(Estimator::Clipped(1.0)), 0.05));
    // The model says 0.25 of the first action; it was wrong by 0.15 on average.
    assert!(close(value(Estimator::Direct), 0.25));
    assert!(close(value(Estimator::DoublyRobust), 0.1));
    assert!(close(value(Estimator::NormalisedDoublyRobust), 0.1));
    assert!(close(
        logged.difference(Estimator::Snips).unwrap().value,
        0.0
    ));
    assert_eq!(logged.estimate(Estimator::Direct).unwrap().error, None);
    let weights = logged.weights();
    assert!(close(weights.effective, 40.0) && close(weights.zero_share, 0.5));
    assert_eq!((weights.groups, logged.changed()), (40, (80, 40)));
}

#[test]
fn a_row_without_a_model_leaves_only_what_needs_none() {
    let mut rows = eighty();
    rows[3].said = None;
    let logged = Logged::new(&rows).unwrap();
    assert_eq!(logged.estimate(Estimator::DoublyRobust), None);
    assert!(logged.estimate(Estimator::Snips).is_some());
}

#[test]
fn what_cannot_be_said_is_refused_with_why() {
    let changed = |change: fn(&mut Row<2>)| {
        let mut rows = eighty();
        rows.iter_mut().for_each(change);
        Logged::new(&rows).map(|it| it.excluded().rows)
    };
    let cases: [(&str, Result<usize, Refusal>, Refusal); 5] = [
        ("no rows", Logged::new::<2>(&[]).map(|_| 0), Refusal::Empty),
        (
            "a candidate of probabilities that sum to less",
            changed(|it| it.candidate = [900_000, 0]),
            Refusal::Probabilities {
                row: 0,
                whose: "candidate's",
                micro: 900_000,
            },
        ),
        (
            "an action that had no chance",
            changed(|it| it.logged = [0, 1_000_000]),
            Refusal::Impossible { row: 0 },
        ),
        (
            "a candidate beyond every row",
            changed(|it| {
                it.logged = [0, 1_000_000];
                it.taken = 1;
            }),
            Refusal::Unsupported { rows: 80 },
        ),
        (
            "eight rows of forty that got it",
            changed(|it| it.taken = usize::from(it.group >= 4)),
            Refusal::TooFewMatched {
                matched: 8,
                differing: 80,
            },
        ),
    ];
    for (name, told, expected) in cases {
        assert_eq!(told, Err(expected), "{name}");
    }
}

#[test]
fn the_candidate_that_is_the_logger_says_what_was_seen_however_few_the_rows() {
    let rows: Vec<Row<2>> = eighty()
        .into_iter()
        .take(9)
        .map(|it| Row {
            candidate: it.logged,
            ..it
        })
        .collect();
    let logged = Logged::new(&rows).unwrap();
    assert_eq!(logged.changed(), (0, 0));
    let told = logged.cressie_read(Bounds::FLAG, 0.95);
    assert!(close(told.value, logged.seen()), "{told:?}");
}

#[test]
fn warnings_say_what_makes_an_interval_less_sure() {
    let few = Logged::new(eighty()).unwrap().weights().warnings();
    assert!(
        matches!(
            few[..],
            [Warning::FewEffective { .. }, Warning::HeavyRow { .. }]
        ),
        "{few:?}"
    );
    // Five hundred rows, of which chance gave too many what the candidate would choose.
    let many: Vec<Row<2>> = (0..500)
        .map(|it| row(usize::from(it % 5 == 0), 0.0, it))
        .collect();
    let told = Logged::new(&many).unwrap().weights().warnings();
    assert!(matches!(told[..], [Warning::MeanWeight { .. }]), "{told:?}");
    assert_eq!(Warning::clustered(Some(1.0), Some(1.5)), None);
    assert_eq!(
        Warning::clustered(Some(1.0), Some(1.6)),
        Some(Warning::Clustered { times: 1.6 })
    );
}

#[test]
fn cutting_weights_is_wrong_in_the_direction_that_it_says() {
    let of = |change: fn(f64) -> f64, cap| {
        let rows: Vec<Row<2>> = eighty()
            .into_iter()
            .map(|it| Row {
                seen: change(it.seen),
                ..it
            })
            .collect();
        let logged = Logged::new(&rows).unwrap();
        logged.estimate(Estimator::Clipped(cap)).unwrap().bias
    };
    assert_eq!(of(|it| it, 1.0), Bias::TooLow);
    assert_eq!(of(|it| -it, 1.0), Bias::TooHigh);
    assert_eq!(of(|it| it - 0.5, 1.0), Bias::Either);
    assert_eq!(of(|it| it - 0.5, 2.0), Bias::None, "nothing is cut");
}

/// Where heavy rows are few, intervals by the normal curve miss, and those that know the heaviest weight do not.
#[test]
fn bounded_intervals_hold_where_normal_ones_do_not() {
    let (mut normal, mut bounded, mut exact) = (0, 0, 0);
    for world in 0..100 {
        let mut chance = Chance::new(7).apart(world);
        let rows: Vec<Row<2>> = (0..700)
            .map(|place| {
                let taken = usize::from(chance.share() >= 0.05);
                let lost = chance.share() < [0.05, 0.01][taken];
                Row {
                    logged: [50_000, 950_000],
                    candidate: [950_000, 50_000],
                    ..row(taken, f64::from(u8::from(lost)), place)
                }
            })
            .collect();
        let Ok(logged) = Logged::new(&rows) else {
            // Too few rows got what the candidate would choose: refused, and so not wrong.
            continue;
        };
        let truth = 0.05 * 0.95 + 0.01 * 0.05;
        let holds =
            |it: crate::stats::interval::Estimate| u32::from(it.low <= truth && truth <= it.high);
        normal += 1 - holds(
            logged
                .estimate(Estimator::Ips)
                .unwrap()
                .interval(0.95)
                .unwrap(),
        );
        bounded += 1 - holds(logged.cressie_read(Bounds::FLAG, 0.95));
        exact += 1 - holds(logged.clopper_pearson(Bounds::FLAG, 0.95));
    }
    assert!(normal > 10, "{normal}");
    assert!(bounded <= 5 && exact <= 5, "{bounded} {exact}");
}
