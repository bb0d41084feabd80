//! Lines by hand, lines of a known truth, and none.

use super::{Case, Error, Expected, fit};
use crate::stats::interval::Chance;
use crate::stats::logistic::sigmoid;

fn case(log_odds: f64, positive: bool, weight: f64) -> Case {
    Case {
        log_odds,
        positive,
        weight,
    }
}

/// Rows of known truth: log-odds are `intercept + slope · score`.
fn world(rows: u32, seed: u64, intercept: f64, slope: f64) -> Vec<Case> {
    let mut chance = Chance::new(seed);
    (0..rows)
        .map(|_| {
            let score = -5.0 + 4.0 * chance.share();
            let truth = sigmoid(intercept + slope * score);
            case(score, chance.share() < truth, 1.0)
        })
        .collect()
}

#[test]
fn two_groups_have_the_line_through_their_shares() {
    // 1 in 4 at -1, 3 in 4 at +1: log-odds -ln 3 and ln 3.
    let mut all = vec![case(-1.0, true, 1.0); 1];
    all.extend(vec![case(-1.0, false, 1.0); 3]);
    all.extend(vec![case(1.0, true, 1.0); 3]);
    all.extend(vec![case(1.0, false, 1.0); 1]);
    let line = fit(&all, None).unwrap();
    assert!((line.slope - libm::log(3.0)).abs() < 1e-9, "{line:?}");
    assert!(line.intercept.abs() < 1e-9, "{line:?}");
    assert!(line.rounds < 12, "{line:?}");
    // The textbook's errors for 4 rows a group: 1 / (n p q) each.
    let variance = 1.0 / (4.0 * 0.1875);
    let expected = libm::sqrt(variance / 2.0);
    assert!((line.errors.slope - expected).abs() < 1e-9, "{line:?}");
    assert!((line.errors.intercept - expected).abs() < 1e-9, "{line:?}");
}

#[test]
fn a_line_that_is_off_is_found_within_its_errors() {
    for (seed, intercept, slope) in [(1, 0.0, 1.0), (2, 0.8, 1.0), (3, -0.5, 0.6), (4, 0.3, 1.5)] {
        let line = fit(&world(20_000, seed, intercept, slope), None).unwrap();
        let off = (line.slope - slope).abs();
        assert!(off < 3.0 * line.errors.slope, "{line:?}");
        let off = (line.intercept - intercept).abs();
        assert!(off < 3.0 * line.errors.intercept, "{line:?}");
    }
}

#[test]
fn a_weight_counts_as_so_many_rows() {
    let weighted: Vec<Case> = world(3_000, 5, 0.2, 0.9)
        .into_iter()
        .map(|it| {
            case(
                it.log_odds,
                it.positive,
                if it.positive { 2.0 } else { 1.0 },
            )
        })
        .collect();
    let copied: Vec<Case> = world(3_000, 5, 0.2, 0.9)
        .into_iter()
        .flat_map(|it| vec![it; if it.positive { 2 } else { 1 }])
        .collect();
    let (one, two) = (fit(&weighted, None).unwrap(), fit(&copied, None).unwrap());
    assert!((one.slope - two.slope).abs() < 1e-9, "{one:?} {two:?}");
    assert!(
        (one.intercept - two.intercept).abs() < 1e-9,
        "{one:?} {two:?}"
    );
    // A row that stands for two says less than two rows.
    assert!(one.errors.level > two.errors.level, "{one:?} {two:?}");
}

#[test]
fn few_positives_move_little_and_many_what_is_right() {
    let expected = Some(Expected {
        level: 0.5,
        slope: 0.2,
    });
    let few = world(300, 6, 1.0, 1.0);
    let (free, drawn) = (fit(&few, None).unwrap(), fit(&few, expected).unwrap());
    assert!(drawn.level.abs() < free.level.abs(), "{free:?} {drawn:?}");
    assert!(
        (drawn.slope - 1.0).abs() < (free.slope - 1.0).abs(),
        "{free:?} {drawn:?}"
    );
    let many = world(60_000, 7, 1.0, 1.0);
    let (free, drawn) = (fit(&many, None).unwrap(), fit(&many, expected).unwrap());
    assert!(
        (drawn.level - free.level).abs() < 0.01,
        "{free:?} {drawn:?}"
    );
    assert!((drawn.level - 1.0).abs() < 0.1, "{drawn:?}");
}

#[test]
fn what_has_no_optimum_says_so() {
    let none = vec![case(-1.0, false, 1.0); 9];
    assert_eq!(
        fit(&none, None),
        Err(Error::OneClass {
            positives: 0,
            rows: 9
        })
    );
    let mut apart = vec![case(-1.0, false, 1.0); 9];
    apart.extend(vec![case(1.0, true, 1.0); 9]);
    assert_eq!(fit(&apart, None), Err(Error::NoOptimum));
    assert!(
        fit(
            &apart,
            Some(Expected {
                level: 1.0,
                slope: 0.25
            })
        )
        .is_ok()
    );
    let mut same = vec![case(-1.0, false, 1.0); 9];
    same.extend(vec![case(-1.0, true, 1.0); 3]);
    assert_eq!(fit(&same, None), Err(Error::NoOptimum));
}
