//! A policy file with the knobs turned: the same text, comments and all, but for the numbers that changed.

use std::fmt::Write as _;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::Knobs;
use super::cuts::Cut;
use crate::decision::policy::Threshold;

/// The prices that the knob of bother moves.
const ASKED: [&str; 4] = ["otp", "item_codes", "locker_only", "review"];

/// One number that changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Turned {
    /// Its key, as in `costs.burden.otp` or `rules.dear.when[0]`.
    pub path: String,
    /// A price in units of the base currency; a threshold in its own unit.
    pub from: f64,
    /// The same.
    pub to: f64,
    /// A rule's condition as it was and as it is; none: it is a price.
    pub condition: Option<[String; 2]>,
}

/// The prices of bother of a policy that loads, in units of the base currency, in the order of the file's keys.
fn prices(text: &str) -> Option<[(f64, Range<usize>); 4]> {
    let table = DeTable::parse(text).ok()?;
    let burden = table.get_ref().get("costs")?.get_ref().get("burden")?;
    let price = |key: &str| {
        let spot = burden.get_ref().get(key)?;
        Some((number(spot.get_ref())?, spot.span()))
    };
    let [a, b, c, d] = ASKED.map(price);
    Some([a?, b?, c?, d?])
}

fn number(value: &DeValue<'_>) -> Option<f64> {
    let digits = match value {
        DeValue::Integer(it) => it.as_str().replace('_', ""),
        DeValue::Float(it) => it.as_str().replace('_', ""),
        DeValue::String(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Array(_)
        | DeValue::Table(_) => return None,
    };
    digits.parse().ok()
}

/// How far the price of bother may fall, in cents: until one of its prices is nothing. None where the text is no policy.
#[must_use]
pub fn least(text: &str) -> Option<i64> {
    let lowest = prices(text)?
        .into_iter()
        .map(|it| it.0)
        .fold(f64::INFINITY, f64::min);
    Some(-crate::domain::units::rounded((lowest * 100.0).floor()))
}

/// The text with the knobs turned and another id, and what changed in it; `cuts`: the thresholds that may be turned. None
/// where the text is no policy, or has no such rule.
#[must_use]
pub fn written(text: &str, knobs: &Knobs, cuts: &[Cut], id: &str) -> Option<(String, Vec<Turned>)> {
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let mut turned = Vec::new();
    for (key, (from, span)) in ASKED.iter().zip(prices(text)?) {
        let mut added = knobs.bother;
        if *key == "review" {
            added += knobs.review;
        }
        if added == 0 {
            continue;
        }
        let cents = crate::domain::units::rounded(from * 100.0);
        // A price that is no whole cent stays as fine as it is.
        let to = if (super::cents(cents) / 100.0 - from).abs() < 1e-9 {
            super::cents(cents + added) / 100.0
        } else {
            from + super::cents(added) / 100.0
        };
        edits.push((span, format!("{to:?}")));
        turned.push(Turned {
            path: format!("costs.burden.{key}"),
            from,
            to,
            condition: None,
        });
    }
    if let Some(turn) = knobs.turn {
        let threshold = cuts.get(turn.cut)?.threshold();
        edits.push(condition(text, threshold, turn.to)?);
        turned.push(Turned {
            path: format!("rules.{}.when[{}]", threshold.rule, threshold.condition),
            from: threshold.number,
            to: turn.to,
            condition: Some([threshold.source.clone(), threshold.turned(turn.to)]),
        });
    }
    let table = DeTable::parse(text).ok()?;
    edits.push((table.get_ref().get("id")?.span(), format!("{id:?}")));
    edits.sort_by_key(|(span, _)| span.start);
    let mut new = String::with_capacity(text.len() + 400);
    let mut at = 0;
    for (span, value) in edits {
        new.push_str(text.get(at..span.start)?);
        new.push_str(&value);
        at = span.end;
    }
    new.push_str(text.get(at..)?);
    if let Some(floor) = knobs.floor {
        add_floor(&mut new, floor);
    }
    Some((new, turned))
}

/// Where a condition stands, quotes and all, and what stands there with its threshold turned.
fn condition(text: &str, threshold: &Threshold, to: f64) -> Option<(Range<usize>, String)> {
    let table = DeTable::parse(text).ok()?;
    let rules = table.get_ref().get("rules")?.get_ref().as_array()?;
    let rule = rules.iter().find(|it| {
        let id = it.get_ref().get("id");
        id.and_then(|it| it.get_ref().as_str()) == Some(&threshold.rule)
    })?;
    let when = rule.get_ref().get("when")?.get_ref().as_array()?;
    let spot = when.get(threshold.condition)?;
    let quoted = text.get(spot.span())?;
    let turned = threshold.turned(to);
    // As it was written, where that is the very text; else as TOML writes texts.
    let new = if quoted.matches(&threshold.source).count() == 1 {
        quoted.replacen(&threshold.source, &turned, 1)
    } else {
        toml::Value::String(turned).to_string()
    };
    Some((spot.span(), new))
}

/// Adds a rule that asks for a code where so much is at stake.
fn add_floor(text: &mut String, floor: f64) {
    let mut name = "tuned-floor".to_owned();
    let mut number = 1;
    while text.contains(&format!("\"{name}\"")) {
        number += 1;
        name = format!("tuned-floor-{number}");
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    // Writing to a text does not fail.
    let _written = write!(
        text,
        "\n[[rules]]\nid = \"{name}\"\nwhen = [\"risk * order_value >= {floor:?}\"]\nthen = \"at_least:otp\"\n\
         analyst_text = \"So much is at stake that a code is asked for although it does not pay by itself (found by tuning).\"\n"
    );
}
