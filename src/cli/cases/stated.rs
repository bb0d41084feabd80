//! Signals that a case says outright, because measuring them would take a hundred events: a route's losses, a whole
//! platform's.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::decision::problem::nearest;
use crate::decision::signal::Signal;

/// What the order itself says: stated apart from it, prices and constraints would disagree.
const OF_ORDER: [Signal; 2] = [Signal::OrderValue, Signal::ParcelsAtStop];

/// The signals as written, each with its value; none: missing.
///
/// # Errors
/// The first that is none, or has no number.
pub(super) fn signals(
    written: &BTreeMap<String, Value>,
) -> Result<Vec<(Signal, Option<f64>)>, String> {
    let read = written.iter().map(|(name, value)| {
        let signal = Signal::from_name(name).ok_or_else(|| {
            let names = Signal::ALL.iter().map(|it| it.name());
            let meant = nearest(name, names)
                .map_or_else(String::new, |it| format!("; `{it}` was meant, perhaps"));
            format!("no signal is called `{name}`{meant}")
        })?;
        if OF_ORDER.contains(&signal) {
            return Err(format!("{name}: follows from the order; say it there"));
        }
        let number = match value {
            Value::Bool(yes) => Some(if *yes { 1.0 } else { 0.0 }),
            Value::String(text) if text == "missing" => None,
            Value::Number(number) => number.as_f64(),
            Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                let right = "must be a number, true, false or \"missing\"";
                return Err(format!("{name}: {right}"));
            }
        };
        Ok((signal, number))
    });
    read.collect()
}
