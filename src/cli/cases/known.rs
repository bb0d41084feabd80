//! Orders whose answers are known, as one JSON document: `{"now": TIME, "cases": [{"name", "why", "order", "events",
//! "action"}]}`, orders and events as in the contract, `action` one of its names or several joined by " or ". What else
//! stands there is for others.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::{Case, Expect, NO_TIME};
use crate::cli::clock;
use crate::cli::exit::Failure;
use crate::cli::json;
use crate::domain::units::Timestamp;

/// Larger files are none of these.
const BYTES_MAX: u64 = 64 << 20;

#[derive(Deserialize)]
struct Document {
    now: String,
    cases: Vec<Written>,
}

#[derive(Deserialize)]
struct Written {
    name: String,
    #[serde(default)]
    why: Option<String>,
    order: Value,
    #[serde(default)]
    events: Vec<Value>,
    action: String,
}

/// Every case of the document.
///
/// # Errors
/// [`Failure::BadFile`] with everything that is wrong.
pub(crate) fn read(path: &Path) -> Result<Vec<Case>, Failure> {
    let name = path.display().to_string();
    let unreadable =
        |error: std::io::Error| Failure::bad_file(&name, format_args!("cannot be read: {error}"));
    if path.metadata().map_err(unreadable)?.len() > BYTES_MAX {
        let what = format!("is larger than {BYTES_MAX} bytes");
        return Err(Failure::bad_file(&name, what));
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let document: Document = serde_json::from_str(&text).map_err(|error| {
        Failure::BadFile(vec![format!("{name}:{}: {error}", error.line().max(1))])
    })?;
    let now = clock::parse(&document.now).ok_or_else(|| {
        let what = format!("now: `{}` {NO_TIME}", document.now);
        Failure::bad_file(&name, what)
    })?;
    let (mut cases, mut wrong) = (Vec::new(), Vec::new());
    for (number, written) in document.cases.into_iter().enumerate() {
        match known(&name, number, written, now) {
            Ok(case) => cases.push(case),
            Err(what) => wrong.push(format!("{name}: cases[{number}]: {what}")),
        }
    }
    if wrong.is_empty() {
        Ok(cases)
    } else {
        Err(Failure::BadFile(wrong))
    }
}

fn known(file: &str, number: usize, written: Written, now: Timestamp) -> Result<Case, String> {
    let actions = written.action.split(" or ").map(str::to_owned);
    let expect = Expect::one_of(actions.collect());
    expect.known()?;
    let order = json::read(&written.order).map_err(|error| format!("order: {error}"))?;
    let event = |(place, event): (usize, Value)| {
        json::read(&event).map_err(|error| format!("events[{place}]: {error}"))
    };
    let events = written.events.into_iter().enumerate().map(event);
    Ok(Case {
        place: format!("{file}: cases[{number}]"),
        name: written.name,
        why: written.why,
        now,
        order,
        before: Vec::new(),
        events: events.collect::<Result<_, _>>()?,
        signals: Vec::new(),
        expect,
    })
}
