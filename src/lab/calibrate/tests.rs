//! Lines that outcomes ask for, folded in exactly; and too little to fold in.

use serde_json::json;

use super::{Error, LOSSES_MIN, Settings, calibrate};
use crate::decision::fixtures::NOW;
use crate::decision::model::{Model, PRIOR};
use crate::domain::hazard::Hazard;
use crate::domain::units::{Span, to_f64};
use crate::lab::evaluate::tests::world;
use crate::lab::labels::{CLAIM_WINDOW, Maturity};

const CLAIMS: usize = Hazard::FalseClaim.index();

fn settings() -> Settings {
    Settings {
        name: None,
        from: None,
        maturity: Maturity {
            as_of: NOW.plus(Span::days(500)),
            claim_window: CLAIM_WINDOW,
            unheard_shipped: false,
        },
    }
}

/// The prior, its false claims steeper and lower than they are here.
fn truth() -> Model {
    let mut parts = Model::load(PRIOR).unwrap().parts();
    let table = &mut parts.hazards[CLAIMS];
    table.base = table.base * 7 / 10 + 1_500_000;
    for (_, weights) in &mut table.mains {
        weights.iter_mut().for_each(|it| *it = *it * 7 / 10);
    }
    Model::load(&parts.write()).unwrap()
}

#[test]
fn the_line_that_outcomes_ask_for_is_folded_in_and_sums_stay_exact() {
    let (model, data) = (Model::load(PRIOR).unwrap(), world(&truth(), 12_000, 1));
    let done = calibrate(&model, &data.rows, &settings()).unwrap();
    let told = &done.hazards[CLAIMS];
    let line = told.line.as_ref().unwrap();
    assert!((line.slope - 0.7).abs() < 0.12, "{line:?}");
    let off = |it: &super::Found| (it.expected - it.seen).abs() / it.spread;
    assert!(
        off(&told.before) > 5.0 && off(&told.after) < 1.0,
        "{told:?}"
    );
    let after = Model::load(&done.parts.write()).unwrap();
    assert_ne!(after.version.digest, model.version.digest);
    let day = settings()
        .maturity
        .as_of
        .in_zone(&crate::domain::units::Zone::UTC)
        .0;
    assert_eq!(after.version.id, format!("prior-calibrated-{day}"));
    for row in data.rows.iter().take(300) {
        let (old, new) = (model.score(&row.signals()), after.score(&row.signals()));
        for (place, (old, new)) in old.iter().zip(&new).enumerate() {
            let sum: i64 = new.contributions.iter().map(|it| it.log_odds).sum();
            assert_eq!(new.base + sum, new.log_odds);
            let expected = match place {
                CLAIMS => to_f64(old.log_odds) * line.slope + line.intercept * 1e6,
                _ => to_f64(old.log_odds),
            };
            // Half a millionth for each number that was rounded.
            assert!((to_f64(new.log_odds) - expected).abs() <= 16.0);
        }
    }
    let note = &after.card["calibrated"][0];
    assert_eq!(note["of"], "prior");
    assert!(
        note["hazards"]["false_claim"]["after"]["log_loss"].is_number(),
        "{note}"
    );
    assert_eq!(
        note["hazards"]["porch_theft"]["left"],
        "0 losses, 30 are needed"
    );
}

#[test]
fn a_second_time_keeps_the_first_note_and_the_old_name() {
    let data = world(&truth(), 6_000, 2);
    let first = calibrate(&Model::load(PRIOR).unwrap(), &data.rows, &settings()).unwrap();
    let model = Model::load(&first.parts.write()).unwrap();
    let again = calibrate(&model, &data.rows, &settings()).unwrap();
    assert_eq!(again.parts.name, first.parts.name);
    assert_eq!(
        again.parts.card["calibrated"].as_array().map(Vec::len),
        Some(2)
    );
    let line = again.hazards[CLAIMS].line.as_ref().unwrap();
    assert!(
        (line.slope - 1.0).abs() < 0.1 && line.level.abs() < 0.1,
        "{line:?}"
    );
}

#[test]
fn orders_that_the_scorecard_was_fitted_to_are_left_out() {
    let data = world(&truth(), 6_000, 3);
    let mut parts = Model::load(PRIOR).unwrap().parts();
    parts.card = json!({"data": {"to": data.rows[3_999].at.to_string()}});
    let model = Model::load(&parts.write()).unwrap();
    assert_eq!(
        calibrate(&model, &data.rows, &settings()).unwrap().orders,
        2_000
    );
    let all = Settings {
        from: Some(NOW),
        ..settings()
    };
    assert_eq!(calibrate(&model, &data.rows, &all).unwrap().orders, 6_000);
}

#[test]
fn too_few_losses_are_refused_with_how_many_are_needed() {
    let data = world(&Model::load(PRIOR).unwrap(), 300, 4);
    let losses = data
        .rows
        .iter()
        .filter(|it| it.lost(Hazard::FalseClaim))
        .count();
    assert!(losses < LOSSES_MIN);
    let told = calibrate(&Model::load(PRIOR).unwrap(), &data.rows, &settings()).unwrap_err();
    assert!(matches!(told, Error::TooFew { .. }));
    let told = told.to_string();
    let expected = format!("false_claim {losses} losses, 30 are needed");
    assert!(told.contains(&expected), "{told}");
}
