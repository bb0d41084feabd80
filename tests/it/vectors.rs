//! Values that others computed, read from the folder that `DOORSTEP_VECTORS` names, else from `tests/data/vectors`.

use std::path::{Path, PathBuf};

use doorstep::decision::draw::{self, Odds};
use doorstep::domain::action::Action;
use doorstep::stats::interval::{Case, Repeats, judge};
use doorstep::stats::threshold::{Share, at};
use serde_json::Value;

/// A file of the vectors, as JSON.
pub(crate) fn vectors(name: &str) -> Value {
    serde_json::from_str(&text(name)).unwrap()
}

/// A file of the vectors.
pub(crate) fn text(name: &str) -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "another set of vectors may be named from outside"
    )]
    let named = std::env::var("DOORSTEP_VECTORS").ok().map(PathBuf::from);
    let folder = named
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/vectors"))
        .join(name);
    std::fs::read_to_string(&folder).unwrap_or_else(|fault| panic!("{}: {fault}", folder.display()))
}

pub(crate) fn list<'a>(value: &'a Value, name: &str) -> &'a Vec<Value> {
    value[name]
        .as_array()
        .unwrap_or_else(|| panic!("no list `{name}`"))
}

fn bytes(hex: &Value) -> Vec<u8> {
    let hex = hex.as_str().unwrap();
    let pairs = (0..hex.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

fn odds(value: &Value) -> Odds {
    let all: Vec<u32> = value.as_array().unwrap().iter().map(number).collect();
    all.try_into().unwrap()
}

fn number(value: &Value) -> u32 {
    u32::try_from(value.as_u64().unwrap()).unwrap()
}

fn action(name: &Value) -> Action {
    match name.as_str().unwrap() {
        "locker" => Action::LockerOnly,
        "item_codes" => Action::ItemCodes,
        "otp" => Action::Otp,
        "nothing" => Action::None,
        other => panic!("no action `{other}`"),
    }
}

#[test]
fn draw_vectors_hold_digest_and_scaling() {
    let file = vectors("draw/keyed_draw.json");
    for known in list(&file, "hmac_known_answers") {
        let mac = draw::mac(&bytes(&known["key_hex"]), &bytes(&known["data_hex"]));
        assert_eq!(mac.to_vec(), bytes(&known["hmac_sha256_hex"]), "{known}");
    }
    let key: [u8; 32] = bytes(&file["key_hex"]).try_into().unwrap();
    assert!(!list(&file, "draws").is_empty());
    for case in list(&file, "draws") {
        let fields: Vec<&str> = list(case, "fields")
            .iter()
            .map(|field| field.as_str().unwrap())
            .collect();
        let message = draw::message(&fields);
        assert_eq!(message, bytes(&case["message_hex"]), "{case}");
        let mac = draw::mac(&key, &message);
        assert_eq!(mac.to_vec(), bytes(&case["hmac_sha256_hex"]), "{case}");
        assert_eq!(draw::scaled(&mac), number(&case["draw_micro"]), "{case}");
        if let ["draw/v1", "action", unit, completed, slot] = fields[..]
            && let (Ok(completed), Ok(slot)) = (completed.parse(), slot.parse())
        {
            let drawn = draw::draw_micro(&key, unit, completed, slot);
            assert_eq!(drawn, number(&case["draw_micro"]), "{case}");
        }
    }
}

#[test]
fn draw_vectors_hold_selection() {
    let file = vectors("draw/keyed_draw.json");
    assert!(!list(&file, "selections").is_empty());
    for case in list(&file, "selections") {
        let chosen = draw::select(&odds(&case["p_micro"]), number(&case["draw_micro"]));
        assert_eq!(chosen, action(&case["expected"]), "{case}");
    }
}

#[test]
fn draw_vectors_hold_the_ratchet() {
    let file = vectors("draw/keyed_draw.json");
    assert!(!list(&file, "ratchet").is_empty());
    for case in list(&file, "ratchet") {
        let (mut seen, drawn) = ([0; 3], number(&case["draw_micro"]));
        for step in list(case, "steps") {
            let fresh = odds(&step["p_micro"]);
            assert_eq!(
                draw::select(&fresh, drawn),
                action(&step["fresh"]),
                "{step}"
            );
            let (kept, effective) = draw::tighten(seen, &fresh);
            assert_eq!(effective, odds(&step["effective_p_micro"]), "{step}");
            let chosen = draw::select(&effective, drawn);
            assert_eq!(chosen, action(&step["expected"]), "{step}");
            seen = kept;
        }
    }
}

/// Orders that got nothing by chance, each with the number of its customer and its weight.
fn uncensored() -> Vec<(Case, u64)> {
    let text = text("experiments/logged.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names = reader.headers().unwrap().clone();
    let place = |name: &str| names.iter().position(|it| it == name).unwrap();
    let places = ["risk", "p_nothing", "loss_flag", "action", "hard_rule"].map(place);
    let customer = place("customer");
    let rows = reader.records().filter_map(|row| {
        let row = row.unwrap();
        let [risk, chance, lost, action, rule] =
            places.map(|place| row[place].parse::<f64>().unwrap());
        let case = Case {
            probability: risk,
            positive: lost > 0.5,
            weight: 1e6 / chance,
        };
        let of = row[customer].trim_start_matches('c').parse().unwrap();
        (action < 0.5 && rule < 0.5).then_some((case, of))
    });
    rows.collect()
}

#[test]
fn selective_labels_hold() {
    let file = vectors("experiments/selective_labels.json");
    let close = |value: f64, expected: &Value, what: &str| {
        let expected = expected.as_f64().unwrap();
        let off = (value - expected).abs() / expected.abs();
        assert!(off < 1e-8, "{what}: {value} for {expected}");
    };
    let (cases, customers): (Vec<Case>, Vec<u64>) = uncensored().into_iter().unzip();
    let plain: Vec<Case> = cases.iter().map(|it| Case { weight: 1.0, ..*it }).collect();
    let once = Repeats { count: 0, seed: 0 };
    let (weighted, naive) = (judge(&cases, once).unwrap(), judge(&plain, once).unwrap());
    assert_eq!(Value::from(weighted.rows), file["labelled_rows"]);
    assert_eq!(Value::from(weighted.positives), file["losses"]);
    close(weighted.figures.roc_auc.value, &file["weighted_auc"], "AUC");
    close(naive.figures.roc_auc.value, &file["naive_auc"], "naive AUC");
    for expected in list(&file, "thresholds") {
        let from = expected["threshold"].as_f64().unwrap();
        let (told, naive) = (at(&cases, from, Some(&customers)), at(&plain, from, None));
        let flagged = told.flagged.unwrap().value;
        close(flagged, &expected["flagged_share"], "flagged");
        let check = |told: Option<Share>, naive: Option<Share>, name: &str| {
            let (told, share) = (told.unwrap(), &expected[name]);
            close(told.value, &share["estimate"], name);
            assert_eq!(Value::from(told.rows), share["n"]);
            close(told.error.unwrap(), &share["se_iid"], name);
            close(told.group_error.unwrap(), &share["se_cluster"], name);
            close(
                naive.unwrap().value,
                &expected[format!("naive_{name}")],
                name,
            );
        };
        check(told.precision, naive.precision, "precision");
        check(told.recall, naive.recall, "recall");
    }
}
