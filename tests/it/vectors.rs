//! Values that others computed, read from the folder that `DOORSTEP_VECTORS` names, else from `tests/data/vectors`.

use std::path::{Path, PathBuf};

use doorstep::decision::draw::{self, Odds};
use doorstep::domain::action::Action;
use serde_json::Value;

/// A file of the vectors, as JSON.
pub(crate) fn vectors(name: &str) -> Value {
    #[expect(
        clippy::disallowed_methods,
        reason = "another set of vectors may be named from outside"
    )]
    let named = std::env::var("DOORSTEP_VECTORS").ok().map(PathBuf::from);
    let folder = named
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/vectors"))
        .join(name);
    let text = std::fs::read_to_string(&folder)
        .unwrap_or_else(|fault| panic!("{}: {fault}", folder.display()));
    serde_json::from_str(&text).unwrap()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a Vec<Value> {
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
