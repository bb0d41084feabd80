//! `evaluate` and `calibrate` as people use them: on a data directory, side by side, and when there is too little.

use std::fs;

use doorstep::decision::model::Model;
use serde_json::Value;

use crate::place::{Place, Ran};
use crate::train::shop;

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap()
}

/// A small shop of 1,500 orders in 100 days; those seen from the street are stolen more often.
fn data() -> String {
    shop().text("data")
}

#[test]
fn scorecards_are_judged_side_by_side_with_intervals() {
    let (place, data) = (Place::new(), data());
    let calibrated = place.path("models");
    fs::create_dir(&calibrated).unwrap();
    let out = calibrated.join("ours.json").display().to_string();
    let done = place
        .run(&[
            "calibrate",
            "--data",
            &data,
            "--model",
            "prior",
            "--out",
            &out,
            "--name",
            "ours",
        ])
        .ended(0);
    assert!(
        done.out.contains("left as it is: 0 losses, 30 are needed"),
        "{}",
        done.out
    );
    let args = [
        "evaluate", "--data", &data, "--model", "prior", "--model", &out,
    ];
    let ran = place
        .run(&[&args[..], &["--format", "json"]].concat())
        .ended(0);
    let told = json(&ran);
    assert_eq!(told["rows"], 1_500);
    let of = |place: usize| &told["models"][place]["hazards"]["porch_theft"];
    assert_eq!(told["models"][0]["model"], "prior");
    assert_eq!(told["models"][1]["model"], "ours");
    let value = |of: &Value, name: &str| of[name]["value"].as_f64().unwrap();
    for name in [
        "roc_auc",
        "pr_auc",
        "log_loss",
        "brier",
        "ece",
        "recall_at_fpr_01",
        "recall_at_fpr_05",
    ] {
        for place in [0, 1] {
            let it = &of(place)[name];
            let ends = (it["low"].as_f64().unwrap(), it["high"].as_f64().unwrap());
            let value = value(of(place), name);
            let within = name == "ece" || (ends.0 <= value && value <= ends.1);
            assert!(ends.0 < ends.1 && within, "{name}: {it}");
        }
    }
    // Calibrating moves no order past another but where rounding does, and mends the level.
    let auc = |place| value(of(place), "roc_auc");
    assert!((auc(0) - auc(1)).abs() < 0.01 && auc(0) > 0.6, "{}", of(0));
    assert!(value(of(1), "log_loss") < value(of(0), "log_loss"));
    assert!(value(of(1), "ece") < value(of(0), "ece") / 3.0);
    let expected = of(1)["expected"].as_f64().unwrap() / of(1)["seen"].as_f64().unwrap();
    assert!((0.9..1.1).contains(&expected), "{}", of(1));
    let why = told["models"][0]["hazards"]["account_takeover"]["why_none"].as_str();
    assert!(why.unwrap().contains("0 of"), "{why:?}");

    let table = place
        .run(&[&args[..], &["--by", "country", "--threshold", "0.01"]].concat())
        .ended(0);
    for part in [
        "ROC-AUC",
        "precision",
        "country: DE",
        "country: NL",
        "slope",
        "porch_theft",
    ] {
        assert!(table.out.contains(part), "{part}: {}", table.out);
    }
    assert!(
        table.err.contains("1500 orders with a known outcome"),
        "{}",
        table.err
    );
}

#[test]
fn a_calibrated_scorecard_names_what_was_done_and_decides() {
    let (place, data) = (Place::new(), data());
    let out = place.path("next.json").display().to_string();
    let args = [
        "calibrate",
        "--data",
        &data,
        "--model",
        "prior",
        "--out",
        &out,
    ];
    let ran = place
        .run(&[&args[..], &["--format", "json"]].concat())
        .ended(0);
    assert_eq!(
        json(&ran)["calibrated"]["hazards"]["porch_theft"]["losses"],
        203
    );
    let model = Model::load(&fs::read_to_string(&out).unwrap()).unwrap();
    assert!(
        model.version.id.starts_with("prior-calibrated-2026-"),
        "{}",
        model.version.id
    );
    assert_eq!(model.card["calibrated"][0]["of"], "prior");
    let orders = place.file(
        "orders.jsonl",
        r#"{"order_id":"o1","customer_id":"c1","currency_code":"EUR","items":[{"unit_price_minor":"900"}],"delivery":{"address_key":"a1"}}"#,
    );
    let models = place.path("").display().to_string();
    let ran = place.run(&[
        "decide",
        &orders,
        "--preview",
        "--models",
        &models,
        "--model",
        "next",
        "--format",
        "json",
    ]);
    assert_eq!(
        json(&ran.ended(0))["model"]["id"],
        model.version.id.as_str()
    );
    let left: Vec<_> = fs::read_dir(place.path("")).unwrap().collect();
    assert_eq!(left.len(), 3, "nothing is left beside it: {left:?}");
}

#[test]
fn drift_between_two_periods_is_told_and_fails_where_asked() {
    let (place, data) = (Place::new(), data());
    let args = [
        "evaluate",
        "--data",
        &data,
        "--reference-to",
        "2026-02-20",
        "--format",
        "json",
    ];
    let told = json(&place.run(&args).ended(0));
    let of = |name: &str| {
        let all = told["drift"]["signals"].as_array().unwrap();
        all.iter().find(|it| it["signal"] == name).unwrap().clone()
    };
    assert_eq!(of("visible_from_street")["verdict"], "alike");
    // The calendar goes on, and customers grow older.
    assert_eq!(of("season")["verdict"], "the calendar");
    let seen = of("account_age_days");
    assert!(seen["psi"].is_null() || seen["bound"].is_number(), "{seen}");
    let orders = |name: &str| told["drift"][name].as_u64().unwrap();
    assert_eq!(orders("reference_orders") + orders("recent_orders"), 1_500);
    let drifted = told["drift"]["signals"].as_array().unwrap();
    let drifted = drifted
        .iter()
        .filter(|it| it["verdict"] == "drifted")
        .count();
    let ran = place.run(&[&args[..], &["--fail-on-drift"]].concat());
    if drifted > 0 {
        let ran = ran.ended(1);
        assert!(
            ran.err.contains(&format!("{drifted} signals drifted")),
            "{}",
            ran.err
        );
    } else {
        ran.ended(0);
    }
    let table = place.run(&args[..5]).ended(0);
    assert!(
        table.out.contains("PSI") && table.out.contains("alike"),
        "{}",
        table.out
    );
}

#[test]
fn what_cannot_be_judged_or_calibrated_is_told_and_nothing_is_written() {
    let (place, data) = (Place::new(), data());
    let out = place.path("out.json").display().to_string();
    let broken = place.file("broken.json", "{\"format\": \"doorstep/model/1\"}");
    let prior = fs::read_to_string("models/prior.json").unwrap();
    let forged = place.file("forged.json", &prior.replacen("-6212606", "-6212607", 1));
    let check = |args: &[&str], code: i32, parts: &[&str]| {
        let mut all = args.to_vec();
        all.extend(["--data", &data]);
        if args[0] == "calibrate" {
            all.extend(["--out", &out]);
        }
        let ran = place.run(&all).ended(code);
        for part in parts {
            assert!(ran.err.contains(part), "{part}: {args:?}: {}", ran.err);
        }
        assert!(ran.out.is_empty() && !place.path("out.json").exists());
    };
    check(
        &["evaluate", "--model", "autumn"],
        2,
        &["`autumn`", "`prior`"],
    );
    check(
        &["evaluate", "--model", &broken],
        3,
        &[&broken, "name: must be a text"],
    );
    check(
        &["evaluate", "--model", &forged],
        3,
        &[&forged, "sha256: is "],
    );
    check(
        &["evaluate", "--model", "prior", "--model", "prior"],
        2,
        &["named twice"],
    );
    check(&["evaluate", "--threshold", "2"], 2, &["--threshold: 2"]);
    check(&["evaluate", "--from", "soon"], 2, &["--from: `soon`"]);
    check(
        &["evaluate", "--by", "colour"],
        2,
        &["`colour`", "dwelling"],
    );
    check(&["evaluate", "--fail-on-drift"], 2, &["--reference-from"]);
    check(
        &["evaluate", "--reference-from", "2026-01-05"],
        2,
        &["--reference-to"],
    );
    check(
        &["evaluate", "--from", "2027-01-01"],
        3,
        &["the known ones were from 2026-01-01"],
    );
    check(
        &["evaluate", "--as-of", "2026-01-20"],
        3,
        &["has a known outcome", "too young"],
    );
    check(
        &["evaluate", "--to", "2026-01-02"],
        3,
        &[
            "no hazard has losses enough to judge by (10 are needed)",
            "porch_theft ",
        ],
    );
    check(
        &["evaluate", "--reference-to", "2025-01-01"],
        3,
        &["no order was decided in the reference period"],
    );
    check(
        &["calibrate", "--model", "prior", "--from", "2026-04-05"],
        3,
        &[
            "no hazard has 30 losses",
            "30 are needed",
            "an earlier --from",
        ],
    );
    check(
        &["calibrate", "--model", "prior", "--name", "a/b"],
        2,
        &["--name"],
    );
    check(
        &["calibrate", "--model", &forged],
        3,
        &[&forged, "sha256: is "],
    );
}
