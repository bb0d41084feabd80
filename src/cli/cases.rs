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

mod friendly;
mod judged;
mod past;
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
use crate::domain::units::Timestamp;
use friendly::Friendly;
pub(crate) use judged::Judge;

/// One case, ready to be judged.
#[derive(Debug)]
pub(crate) struct Case {
    /// The file and the line on which it begins.
    pub(crate) place: String,
    /// What it is about.
    pub(crate) name: String,
    now: Timestamp,
    order: pb::Order,
    /// Orders that were placed before.
    before: Vec<pb::Order>,
    events: Vec<pb::Event>,
    expect: Expect,
}

/// What the policy should answer; what is absent is not looked at.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    /// One of these.
    action: Option<OneOrMore>,
    /// All of these are among the reasons.
    #[serde(default)]
    reasons: Vec<String>,
    /// None of these is.
    #[serde(default)]
    not_reasons: Vec<String>,
    /// All of these rules nearly held.
    #[serde(default)]
    near_misses: Vec<String>,
    /// All of these go with the action.
    #[serde(default)]
    obligations: Vec<String>,
    /// Where a code would go; empty: nowhere.
    code_contact_id: Option<String>,
    /// Actions that are not possible, with all these reasons.
    #[serde(default)]
    not_possible: BTreeMap<String, Vec<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
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
    #[expect(dead_code, reason = "a reader of the file wants to know")]
    why: Option<String>,
    order: Value,
    #[serde(default)]
    before: Vec<Value>,
    #[serde(default)]
    history: Vec<Value>,
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
    let now = clock::parse(&sheet.now).ok_or_else(|| {
        vec![format!(
            "{name}:1: now: must be a time, as in 2026-06-10T12:00:00Z"
        )]
    })?;
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
        order,
        before,
        history,
        expect,
        ..
    } = written;
    let friendly = Friendly::new(now);
    let read = |own: Value, id: &str| -> Result<pb::Order, String> {
        let mut order = base.clone();
        friendly::over(&mut order, own);
        let mut order = json::read::<pb::Order>(friendly.order(order)?)?;
        if order.order_id.is_empty() {
            id.clone_into(&mut order.order_id);
        }
        Ok(order)
    };
    let in_case = |what: &str, error: String| format!("case `{name}`: {what}: {error}");
    let order = read(order, "case").map_err(|error| in_case("order", error))?;
    let numbered = before.into_iter().zip(1..);
    let before = numbered.map(|(own, number)| {
        read(own, &format!("before-{number}")).map_err(|error| in_case("before", error))
    });
    let before = before.collect::<Result<Vec<_>, _>>()?;
    let events = past::events(history, &order, &friendly);
    let events = events.map_err(|error| in_case("history", error))?;
    let place = place.to_owned();
    Ok(Case {
        place,
        name,
        now,
        order,
        before,
        events,
        expect,
    })
}

/// The line, from 1, of a byte.
fn line_at(text: &str, offset: usize) -> usize {
    text.get(..offset).unwrap_or(text).matches('\n').count() + 1
}
