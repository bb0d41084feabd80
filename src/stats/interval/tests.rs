//! Figures by hand, and how often intervals hold the truth.

use super::{Case, Chance, Error, Repeats, judge};

const REPEATS: Repeats = Repeats {
    count: 200,
    seed: 1,
};

fn case(probability: f64, positive: bool, weight: f64) -> Case {
    Case {
        probability,
        positive,
        weight,
    }
}

/// Ten of each, the positive ones said to be likelier, with one tie and one mistake.
fn twenty() -> Vec<Case> {
    let tenth = |k: u32| f64::from(k) / 100.0;
    let mut all: Vec<Case> = (0..10).map(|k| case(0.5 + tenth(k), true, 1.0)).collect();
    all.extend((0..8).map(|k| case(0.1 + tenth(k), false, 1.0)));
    all.push(case(0.5, false, 1.0));
    all.push(case(0.99, false, 1.0));
    all
}

fn close(one: f64, two: f64) -> bool {
    (one - two).abs() < 1e-9
}

#[test]
fn the_generator_gives_the_numbers_of_its_reference() {
    let mut chance = Chance::new(1_234_567);
    let drawn = [chance.bits(), chance.bits(), chance.bits()];
    let published = [
        6_457_827_717_110_365_317,
        3_203_168_211_198_807_973,
        9_817_491_932_198_370_423,
    ];
    assert_eq!(drawn, published);
}

#[test]
fn a_row_is_drawn_once_on_average_and_as_often_not_at_all() {
    let mut chance = Chance::new(3);
    let drawn: Vec<u8> = (0..20_000).map(|_| chance.times()).collect();
    let mean = drawn.iter().map(|it| f64::from(*it)).sum::<f64>() / 20_000.0;
    assert!((mean - 1.0).abs() < 0.03, "{mean}");
    let none = drawn.iter().filter(|it| **it == 0).count();
    assert!((7_100..7_620).contains(&none), "{none}");
}

#[test]
fn figures_are_those_that_one_counts_by_hand() {
    let told = judge(&twenty(), REPEATS).unwrap().figures;
    // Of 100 pairs the row at 0.99 loses 10 and the tie loses a half.
    assert!(close(told.roc_auc.value, 0.895), "{told:?}");
    let precisions: f64 = (1..=9).map(|k| f64::from(k) / f64::from(k + 1)).sum();
    let last = 10.0 / 12.0;
    assert!(
        close(told.pr_auc.value, (precisions + last) / 10.0),
        "{told:?}"
    );
    // The first row flagged is a negative one.
    assert!(close(told.recall_at_fpr_01.value, 0.0), "{told:?}");
    let mut milder = twenty();
    milder.pop();
    // Nine without a mistake, and of the tie as much as 5 % of nine negatives are of one.
    let told = judge(&milder, REPEATS).unwrap().figures;
    assert!(close(told.recall_at_fpr_05.value, 0.945), "{told:?}");
}

#[test]
fn losses_are_means_of_what_was_said_of_what_was_seen() {
    let mut all = vec![case(0.8, true, 1.0); 10];
    all.extend(vec![case(0.2, false, 3.0); 10]);
    let told = judge(&all, REPEATS).unwrap().figures;
    assert!(close(told.log_loss.value, -libm::log(0.8)), "{told:?}");
    assert!(close(told.brier.value, 0.04), "{told:?}");
    // 0.2 too little for a quarter of the weight, 0.2 too much for the rest.
    assert!(close(told.ece.value, 0.2), "{told:?}");
}

#[test]
fn a_weight_counts_as_so_many_rows_and_order_counts_for_nothing() {
    let mut weighted = twenty();
    weighted[3].weight = 3.0;
    weighted[14].weight = 2.0;
    let mut copied = twenty();
    copied.extend([copied[3], copied[3], copied[14]]);
    let (one, two) = (
        judge(&weighted, REPEATS).unwrap(),
        judge(&copied, REPEATS).unwrap(),
    );
    let values = |it: &super::Judged| {
        let it = it.figures;
        [
            it.roc_auc,
            it.pr_auc,
            it.log_loss,
            it.brier,
            it.recall_at_fpr_05,
        ]
        .map(|it| it.value)
    };
    for (one, two) in values(&one).into_iter().zip(values(&two)) {
        assert!(close(one, two), "{one} {two}");
    }
    assert!(
        close(two.effective, 23.0) && one.effective < 20.0,
        "{one:?}"
    );
    let mut turned = weighted.clone();
    turned.reverse();
    assert_eq!(judge(&turned, REPEATS), Ok(one));
}

#[test]
fn rows_that_stand_for_nobody_are_left_out() {
    let mut more = twenty();
    more.extend(vec![case(0.99, false, 0.0); 50]);
    more.push(case(f64::NAN, true, 1.0));
    assert_eq!(judge(&more, REPEATS), judge(&twenty(), REPEATS));
}

#[test]
fn one_class_and_too_few_are_told_with_how_many() {
    let none: Vec<Case> = (0..30).map(|_| case(0.1, false, 1.0)).collect();
    assert_eq!(
        judge(&none, REPEATS),
        Err(Error::OneClass {
            positives: 0,
            rows: 30
        })
    );
    let mut few = none;
    few.extend(vec![case(0.9, true, 1.0); 9]);
    let told = judge(&few, REPEATS).unwrap_err();
    assert_eq!(told, Error::TooFew { positives: 9 });
    assert!(told.to_string().contains("10 are needed"), "{told}");
}

/// Rows whose truth is known: P(positive) is what is said, or its square.
fn world(chance: &mut Chance, rows: u32, square: bool) -> Vec<Case> {
    (0..rows)
        .map(|_| {
            let said = 0.02 + 0.4 * chance.share();
            let truth = if square { said * said } else { said };
            let positive = chance.share() < truth;
            // A third of the negative rows were kept, and stand for three.
            let weight = if positive { 1.0 } else { 3.0 };
            (
                case(said, positive, weight),
                positive || chance.share() < 1.0 / 3.0,
            )
        })
        .filter_map(|(case, kept)| kept.then_some(case))
        .collect()
}

#[test]
fn intervals_hold_the_truth_about_as_often_as_they_say() {
    // Of the distribution above, by a sample so large that its own error is nothing beside the intervals'.
    let mut chance = Chance::new(11);
    let truth = judge(
        &world(&mut chance, 400_000, false),
        Repeats { count: 0, seed: 0 },
    );
    let truth = truth.unwrap().figures;
    let (mut held, all) = ([0_u32; 4], 100);
    for seed in 0..all {
        let rows = world(&mut chance, 700, false);
        let told = judge(&rows, Repeats { count: 120, seed }).unwrap().figures;
        let pairs = [
            (told.roc_auc, truth.roc_auc),
            (told.pr_auc, truth.pr_auc),
            (told.log_loss, truth.log_loss),
            (told.recall_at_fpr_05, truth.recall_at_fpr_05),
        ];
        for (held, (told, truth)) in held.iter_mut().zip(pairs) {
            *held += u32::from(told.low <= truth.value && truth.value <= told.high);
        }
    }
    assert!(held.iter().all(|it| *it >= 87), "{held:?} of {all}");
}

#[test]
fn a_calibration_error_is_told_beside_that_of_perfect_probabilities() {
    let mut chance = Chance::new(5);
    let right = judge(&world(&mut chance, 4_000, false), REPEATS).unwrap();
    let wrong = judge(&world(&mut chance, 4_000, true), REPEATS).unwrap();
    let ratio = right.figures.ece.value / right.ece_by_chance;
    assert!((0.4..1.9).contains(&ratio), "{ratio}");
    assert!(
        wrong.figures.ece.low > 3.0 * wrong.ece_by_chance,
        "{wrong:?}"
    );
}
