//! A model that is right, one that is not, and what cannot be judged.

use super::{Error, Settings, evaluate};
use crate::decision::fixtures::{NOW, situation_of};
use crate::decision::model::{Model, PRIOR};
use crate::decision::signal::Signal;
use crate::domain::hazard::Hazard;
use crate::domain::order::Category;
use crate::domain::units::{Span, to_f64};
use crate::lab::dataset::{By, Dataset, Row, Segment, Tally, Values};
use crate::lab::labels::LeftOut;
use crate::stats::interval::{Chance, Repeats};

fn settings() -> Settings {
    Settings {
        from: None,
        to: None,
        repeats: Repeats { count: 60, seed: 1 },
        thresholds: Vec::new(),
        by: Vec::new(),
        threads: 2,
    }
}

fn prior() -> Model {
    Model::load(PRIOR).unwrap()
}

/// The prior with every score of a hazard moved by so many millionths.
fn moved(name: &str, hazard: Hazard, by: i64) -> Model {
    let mut parts = prior().parts();
    parts.name = name.to_owned();
    parts.hazards[hazard.index()].base += by;
    Model::load(&parts.write()).unwrap()
}

/// Orders, an hour apart, whose false claims come as `model` says; half of the orders speak for no other hazard.
pub(crate) fn world(model: &Model, count: i64, seed: u64) -> Dataset {
    let mut chance = Chance::new(seed);
    let place = Hazard::FalseClaim.index();
    // Measured once: what differs from order to order is set below.
    let kinds = [Category::Phone, Category::Book].map(|it| situation_of(it, 20_000, &[]));
    let rows: Vec<Row> = (0..count)
        .map(|k| {
            let situation = &kinds[usize::try_from(k % 2).unwrap()];
            let mut signals = situation.signals.clone();
            signals.set(Signal::CustomerFalseClaims365d, Some(to_f64(k % 3)));
            signals.set(Signal::AccountAgeDays, Some(to_f64(k % 700)));
            let said = model.score(&signals)[place].probability;
            let mut losses = [false; Hazard::COUNT];
            losses[place] = chance.share() < said;
            let mut weights = [0.0; Hazard::COUNT];
            weights[place] = 1.0;
            Row {
                at: NOW.plus(Span::hours(k)),
                key: chance.bits(),
                values: Values::of(|it| signals.get(it)),
                losses,
                weights,
                stands_for: 1.0,
                segment: Segment::of(situation),
            }
        })
        .collect();
    let period = rows
        .first()
        .map(|it| it.at)
        .zip(rows.last().map(|it| it.at));
    Dataset {
        tally: Tally {
            orders: u64::try_from(rows.len()).unwrap(),
            mature: u64::try_from(rows.len()).unwrap(),
            period,
            ..Tally::default()
        },
        rows,
    }
}

#[test]
fn a_model_that_is_right_is_told_so_and_one_that_is_not_by_how_much() {
    let truth = moved("truth", Hazard::FalseClaim, 2_000_000);
    let told = evaluate(&world(&truth, 6_000, 3), &[truth, prior()], &settings()).unwrap();
    let hazard = |place: usize| &told.models[place].hazards[Hazard::FalseClaim.index()].all;
    let (right, low) = (hazard(0), hazard(1));
    assert!(
        (right.expected - right.seen).abs() < 3.0 * right.spread,
        "{right:?}"
    );
    assert!(low.seen - low.expected > 6.0 * low.spread, "{low:?}");
    let (line, off) = (right.line.unwrap(), low.line.unwrap());
    assert!(line.level.abs() < 3.0 * line.errors.level, "{line:?}");
    assert!((off.level - 2.0).abs() < 3.0 * off.errors.level, "{off:?}");
    let figures = |it: &super::Found| it.judged.as_ref().unwrap().figures;
    assert!(figures(right).roc_auc.low > 0.7, "{right:?}");
    // Moved by one number, ranks stay.
    assert!((figures(right).roc_auc.value - figures(low).roc_auc.value).abs() < 1e-9);
    assert!(figures(right).log_loss.value < figures(low).log_loss.low);
    let other = &told.models[0].hazards[Hazard::PorchTheft.index()].all;
    assert!(other.judged.is_err() && other.losses == 0);
    let json = told.json();
    assert_eq!(json["models"][0]["model"], "truth");
    assert!(json["models"][0]["hazards"]["false_claim"]["roc_auc"]["low"].is_number());
    assert!(json["models"][0]["hazards"]["porch_theft"]["why_none"].is_string());
}

#[test]
fn any_number_of_threads_says_the_same() {
    let truth = moved("truth", Hazard::FalseClaim, 2_000_000);
    let dataset = world(&truth, 1_500, 4);
    let models = [truth, prior()];
    let one = evaluate(
        &dataset,
        &models,
        &Settings {
            threads: 1,
            ..settings()
        },
    );
    let many = evaluate(
        &dataset,
        &models,
        &Settings {
            threads: 7,
            ..settings()
        },
    );
    assert!(one.is_ok());
    assert_eq!(one, many);
}

#[test]
fn segments_are_judged_apart_and_add_up() {
    let truth = moved("truth", Hazard::FalseClaim, 3_000_000);
    let asked = Settings {
        by: vec![By::Category],
        ..settings()
    };
    let told = evaluate(&world(&truth, 3_000, 5), &[truth], &asked).unwrap();
    let hazard = &told.models[0].hazards[Hazard::FalseClaim.index()];
    let names: Vec<&str> = hazard
        .segments
        .iter()
        .map(|(_, name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["BOOK", "PHONE"]);
    let losses: usize = hazard.segments.iter().map(|(_, _, it)| it.losses).sum();
    assert_eq!(losses, hazard.all.losses);
}

#[test]
fn what_cannot_be_judged_says_why() {
    let truth = moved("truth", Hazard::FalseClaim, 2_000_000);
    let mut young = world(&truth, 0, 6);
    young.tally.orders = 3;
    young.tally.left_out.insert(LeftOut::TooYoung, 3);
    let told = evaluate(&young, &[prior()], &settings()).unwrap_err();
    assert_eq!(
        told.to_string(),
        "none of 3 orders has a known outcome: 3 too young: claims may still come in"
    );
    let dataset = world(&truth, 400, 6);
    let late = Settings {
        from: Some(NOW.plus(Span::days(900))),
        ..settings()
    };
    let told = evaluate(&dataset, &[prior()], &late).unwrap_err();
    assert!(matches!(told, Error::NothingInPeriod { .. }), "{told}");
    let few = Settings {
        to: Some(NOW.plus(Span::hours(20))),
        ..settings()
    };
    let told = evaluate(&dataset, &[prior()], &few)
        .unwrap_err()
        .to_string();
    assert!(
        told.contains("(10 are needed)") && told.contains("false_claim "),
        "{told}"
    );
}
