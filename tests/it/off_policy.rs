//! Off-policy estimates against those that published packages give for the same rows.

use doorstep::stats::always_valid::half_width;
use doorstep::stats::interval::Estimate as Interval;
use doorstep::stats::off_policy::bounded::Bounds;
use doorstep::stats::off_policy::check::Check;
use doorstep::stats::off_policy::estimate::Bias;
use doorstep::stats::off_policy::{Estimate, Estimator, Logged, Refusal, Row};
use serde_json::Value;

use crate::vectors::{list, text, vectors};

/// A row of the file with what a test needs of it.
struct Line {
    row: Row<4>,
    /// The probabilities of both policies, in millionths.
    stricter: [u32; 4],
    lenient: [u32; 4],
    cost: f64,
    flag: f64,
    lost: f64,
    said: [f64; 4],
}

/// The rows of the file.
fn lines() -> Vec<Line> {
    let text = text("experiments/logged.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names = reader.headers().unwrap().clone();
    let lines = reader.records().map(|line| {
        let line = line.unwrap();
        let cell = |name: &str| &line[names.iter().position(|it| it == name).unwrap()];
        let number = |name: &str| cell(name).parse::<f64>().unwrap();
        let micro = |name: &str| cell(name).parse::<u32>().unwrap();
        let actions = ["nothing", "otp", "item_codes", "locker"];
        let logged = actions.map(|it| micro(&format!("p_{it}")));
        Line {
            row: Row {
                logged,
                candidate: logged,
                taken: cell("action").parse().unwrap(),
                seen: 0.0,
                said: None,
                group: cell("customer").trim_start_matches('c').parse().unwrap(),
            },
            stricter: actions.map(|it| micro(&format!("a_{it}"))),
            lenient: only(cell("b_action").parse().unwrap()),
            cost: number("cost_minor"),
            flag: number("loss_flag"),
            lost: number("loss_minor"),
            said: actions.map(|it| number(&format!("q_{it}"))),
        }
    });
    lines.collect()
}

/// A policy that always does the same.
fn only(action: usize) -> [u32; 4] {
    let mut all = [0; 4];
    all[action] = 1_000_000;
    all
}

fn close(value: f64, expected: &Value, what: &str) {
    let expected = expected
        .as_f64()
        .unwrap_or_else(|| panic!("{what}: no number"));
    let off = (value - expected).abs();
    assert!(
        off <= 1e-8 * expected.abs(),
        "{what}: {value} for {expected}"
    );
}

fn closes(value: Interval, expected: &Value, what: &str) {
    close(value.low, &expected[0], &format!("{what}, low"));
    close(value.high, &expected[1], &format!("{what}, high"));
}

/// An estimate against its block: value, errors and intervals, as far as the block has them.
fn agrees(told: Estimate, block: &Value, what: &str) {
    close(told.value, &block["estimate"], what);
    if block.get("se_iid").is_some() {
        close(told.error.unwrap(), &block["se_iid"], what);
        close(told.group_error.unwrap(), &block["se_cluster"], what);
        closes(told.interval(0.95).unwrap(), &block["ci95_iid"], what);
        closes(
            told.group_interval(0.95).unwrap(),
            &block["ci95_cluster"],
            what,
        );
    }
    if let Some(expected) = block.get("always_valid_ci95_tuning_2000") {
        let half = half_width(told.error.unwrap(), 2000.0, 2000.0, 0.05).unwrap();
        close(told.value - half, &expected[0], what);
        close(told.value + half, &expected[1], what);
    }
}

/// Every figure that the file has of one outcome under one policy.
fn outcome_agrees(logged: &Logged, blocks: &Value, bounds: Bounds, what: &str) {
    for (name, block) in blocks.as_object().unwrap() {
        let what = format!("{what}, {name}");
        let told = |by| logged.estimate(by).unwrap();
        let less = |by| logged.difference(by).unwrap();
        match name.as_str() {
            "ips" => agrees(told(Estimator::Ips), block, &what),
            "ips_clipped_10" => agrees(told(Estimator::Clipped(10.0)), block, &what),
            "snips" => agrees(told(Estimator::Snips), block, &what),
            "dm" => agrees(told(Estimator::Direct), block, &what),
            "dr" => agrees(told(Estimator::DoublyRobust), block, &what),
            "sndr" => agrees(told(Estimator::NormalisedDoublyRobust), block, &what),
            "ips_minus_logged" => agrees(less(Estimator::Ips), block, &what),
            "dr_minus_logged" => agrees(less(Estimator::DoublyRobust), block, &what),
            "cressie_read" => {
                let at = |confidence| logged.cressie_read(bounds, confidence);
                close(at(0.95).value, &block["estimate"], &what);
                closes(at(0.95), &block["ci95"], &what);
                closes(at(0.90), &block["ci90"], &what);
            }
            "clopper_pearson_scaled" => {
                closes(logged.clopper_pearson(bounds, 0.95), &block["ci95"], &what);
            }
            other => panic!("no estimator `{other}`"),
        }
    }
}

#[test]
fn every_estimator_gives_what_the_published_packages_give() {
    let (file, lines) = (vectors("experiments/ope.json"), lines());
    for (policy, expected) in file["expected"].as_object().unwrap() {
        for (outcome, blocks) in expected["outcomes"].as_object().unwrap() {
            let capped = outcome.strip_prefix("loss_minor_capped_");
            let high = capped.map_or(1.0, |cap| cap.parse().unwrap());
            let rows: Vec<Row<4>> = lines
                .iter()
                .map(|line| Row {
                    candidate: match policy.as_str() {
                        "a_stricter" => line.stricter,
                        "b_lenient" => line.lenient,
                        "logging" => line.row.logged,
                        other => panic!("no policy `{other}`"),
                    },
                    seen: match outcome.as_str() {
                        "cost_minor" => line.cost,
                        "loss_flag" => line.flag,
                        _ => line.lost,
                    },
                    said: (outcome == "cost_minor").then_some(line.said),
                    ..line.row
                })
                .collect();
            let logged = Logged::new(&rows).unwrap();
            let what = format!("{policy}, {outcome}");
            outcome_agrees(&logged, blocks, Bounds { low: 0.0, high }, &what);
            let (weights, told) = (logged.weights(), &expected["diagnostics"]);
            assert_eq!(Value::from(weights.rows), told["n"]);
            assert_eq!(Value::from(weights.groups), told["clusters"]);
            close(weights.mean, &told["mean_weight"], &what);
            close(weights.mean_error, &told["mean_weight_se_iid"], &what);
            close(weights.max, &told["max_weight"], &what);
            close(weights.effective, &told["ess"], &what);
            close(weights.zero_share, &told["share_zero_weight"], &what);
            close(weights.max_possible, &told["max_possible_weight"], &what);
            close(logged.excluded().mass, &told["unsupported_mass"], &what);
            let bias = logged.estimate(Estimator::Clipped(10.0)).unwrap().bias;
            let expected = if policy == "logging" {
                Bias::None
            } else {
                Bias::TooLow
            };
            assert_eq!(bias, expected, "{what}: costs are never negative");
        }
    }
}

#[test]
fn what_the_log_cannot_speak_for_is_left_out_with_its_share() {
    let expected = &vectors("experiments/ope.json")["unsupported"];
    for outcome in ["cost_minor", "loss_flag"] {
        let rows = lines().into_iter().map(|line| Row {
            candidate: only(0),
            seen: if outcome == "cost_minor" {
                line.cost
            } else {
                line.flag
            },
            ..line.row
        });
        let logged = Logged::new(rows).unwrap();
        let excluded = logged.excluded();
        assert_eq!(Value::from(excluded.rows), expected["rows_unsupported"]);
        close(excluded.mass, &expected["unsupported_mass"], "mass");
        close(excluded.share, &expected["unsupported_mass"], "share");
        let block = &expected[format!("{outcome}_on_supported_rows")];
        assert_eq!(Value::from(logged.weights().rows), block["n"]);
        let told = |by| logged.estimate(by).unwrap();
        agrees(told(Estimator::Ips), &block["ips"], outcome);
        agrees(told(Estimator::Snips), &block["snips"], outcome);
    }
}

#[test]
fn actions_came_as_often_as_they_were_logged() {
    let file = vectors("experiments/ope.json");
    let lines = lines();
    let mut check = Check::default();
    lines
        .iter()
        .for_each(|it| check.add(&it.row.logged, it.row.taken));
    let told = check.frequencies();
    let expected = list(&file, "propensity_check");
    assert_eq!(expected.len(), told.len());
    for (told, expected) in told.iter().zip(expected) {
        assert_eq!(Value::from(told.observed), expected["observed"]);
        close(told.expected, &expected["expected"], "expected");
        close(told.z.unwrap(), &expected["z"], "z");
        close(told.p.unwrap(), &expected["p_two_sided"], "p");
    }
}

#[test]
fn a_log_that_misses_a_probability_is_refused_by_row() {
    let mut rows: Vec<Row<4>> = lines().into_iter().map(|it| it.row).collect();
    rows[7].logged = [0; 4];
    let told = Logged::new(&rows).unwrap_err();
    assert_eq!(
        told,
        Refusal::Probabilities {
            row: 7,
            whose: "logged",
            micro: 0
        }
    );
}
