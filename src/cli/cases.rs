//! Policy cases as an analyst writes them: TOML files of orders with their past, and what the policy
//! should answer. What a case means is here; judging one is `judged`.
//!
//! ```toml
//! now = "2026-06-10T12:00:00Z"        # when every case of the file is decided
//! [base]                              # what every order has unless it says otherwise
//! currency_code = "EUR"
//! delivery = { address_key = "a1", expected_on = "in 2 days" }
//!
//! [[case]]
//! name = "a jacket to a flat with two porch thefts"
//! order.items = [{ category = "FASHION", unit_price_minor = 12000 }]
//! history = [{ past_order = { days_ago = 70, fault = "PORCH" } }]
//! expect.action = "OTP"
//! expect.reasons = ["PRIOR_LOSS_ADDRESS"]
//! ```
//!
//! Orders and events have the fields of the contract; enums may leave out their prefix, times may be
//! `N days ago`, `N hours ago` or `now`, and dates `in N days` or `today`.

mod expected;
mod friendly;
mod judged;
pub(crate) mod known;
mod past;
mod stated;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;

use super::clock;
use super::exit::Failure;
use super::json;
use crate::api::wire::pb;
use crate::decision::signal::Signal;
use crate::domain::action::Action;
use crate::domain::units::Timestamp;
use expected::Expect;
use friendly::Friendly;
pub(crate) use judged::{Judge, Judged};

/// What is wrong with a `now`.
const NO_TIME: &str = "must be a time, as in 2026-06-10T12:00:00Z";

/// One case, ready to be judged.
#[derive(Debug)]
pub(crate) struct Case {
    /// The file and the line on which it begins.
    pub(crate) place: String,
    /// What it is about.
    pub(crate) name: String,
    /// Why the answer should be so, where the file says it.
    pub(crate) why: Option<String>,
    now: Timestamp,
    order: pb::Order,
    /// Orders that were placed before.
    before: Vec<pb::Order>,
    events: Vec<pb::Event>,
    /// Signals that are said instead of measured; none: missing.
    signals: Vec<(Signal, Option<f64>)>,
    expect: Expect,
}

impl Case {
    /// The actions any of which is expected; none: any is right.
    pub(crate) fn wanted(&self) -> Vec<Action> {
        self.expect.wanted()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sheet {
    now: String,
    #[serde(default)]
    base: Value,
    case: Vec<Spanned<Written>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    /// For people.
    #[serde(default)]
    why: Option<String>,
    /// When this one is decided, if not at the file's `now`.
    #[serde(default)]
    now: Option<String>,
    order: Value,
    #[serde(default)]
    before: Vec<Value>,
    #[serde(default)]
    history: Vec<Value>,
    #[serde(default)]
    signals: BTreeMap<String, Value>,
    expect: Expect,
}

/// Every case of a file, or of the `.toml` files of a directory.
///
/// # Errors
/// [`Failure::BadFile`] with everything that is no case.
pub(crate) fn read(path: &Path) -> Result<Vec<Case>, Failure> {
    let (mut cases, mut wrong) = (Vec::new(), Vec::new());
    for file in files(path)? {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(&file)
            .map_err(|error| Failure::bad_file(&name, format_args!("cannot be read: {error}")))?;
        match sheet(&name, &text) {
            Ok(all) => cases.extend(all),
            Err(lines) => wrong.extend(lines),
        }
    }
    if wrong.is_empty() {
        Ok(cases)
    } else {
        Err(Failure::BadFile(wrong))
    }
}

fn files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let bad = |error: std::io::Error| Failure::bad_file(path.display(), error);
    if !path.metadata().map_err(bad)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in path.read_dir().map_err(bad)? {
        let file = entry.map_err(bad)?.path();
        if file.extension().is_some_and(|it| it == "toml") {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(Failure::bad_file(path.display(), "has no .toml file"));
    }
    Ok(files)
}

/// The cases of one file, or a line for everything wrong.
fn sheet(name: &str, text: &str) -> Result<Vec<Case>, Vec<String>> {
    let sheet: Sheet = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_at(text, span.start));
        vec![format!("{name}:{line}: {}", error.message())]
    })?;
    let now = clock::parse(&sheet.now).ok_or_else(|| vec![format!("{name}:1: now: {NO_TIME}")])?;
    let (mut cases, mut wrong) = (Vec::new(), Vec::new());
    for written in sheet.case {
        let place = format!("{name}:{}", line_at(text, written.span().start));
        match case(&place, written.into_inner(), &sheet.base, now) {
            Ok(case) => cases.push(case),
            Err(what) => wrong.push(format!("{place}: {what}")),
        }
    }
    if wrong.is_empty() {
        Ok(cases)
    } else {
        Err(wrong)
    }
}

fn case(place: &str, written: Written, base: &Value, now: Timestamp) -> Result<Case, String> {
    let Written {
        name,
        why,
        now: own_now,
        order,
        before,
        history,
        signals,
        expect,
    } = written;
    let in_case = |what: &str, error: String| format!("case `{name}`: {what}: {error}");
    let now = match own_now {
        Some(text) => clock::parse(&text).ok_or_else(|| in_case("now", NO_TIME.to_owned()))?,
        None => now,
    };
    let friendly = Friendly::new(now);
    let read = |own: Value, id: &str| -> Result<pb::Order, String> {
        let mut order = base.clone();
        friendly::over(&mut order, own);
        let mut order = json::read::<pb::Order>(&friendly.order(order)?)?;
        if order.order_id.is_empty() {
            id.clone_into(&mut order.order_id);
        }
        Ok(order)
    };
    let order = read(order, "case").map_err(|error| in_case("order", error))?;
    let numbered = before.into_iter().zip(1..);
    let before = numbered.map(|(own, number)| {
        read(own, &format!("before-{number}")).map_err(|error| in_case("before", error))
    });
    let before = before.collect::<Result<Vec<_>, _>>()?;
    let events = past::events(history, &order, &friendly);
    let events = events.map_err(|error| in_case("history", error))?;
    let signals = stated::signals(&signals).map_err(|error| in_case("signals", error))?;
    expect.known().map_err(|error| in_case("expect", error))?;
    let place = place.to_owned();
    Ok(Case {
        place,
        name,
        why,
        now,
        order,
        before,
        events,
        signals,
        expect,
    })
}

/// The line, from 1, of a byte.
fn line_at(text: &str, offset: usize) -> usize {
    text.get(..offset).unwrap_or(text).matches('\n').count() + 1
}
