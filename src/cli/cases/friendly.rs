//! What analysts may write shorter than the contract: enums without their prefix, times and dates
//! told from `now`.

use prost_reflect::{EnumDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value};

use crate::cli::{clock, json};
use crate::domain::units::{Span, Timestamp, Zone};

/// Lengthens what is short, for one `now`.
pub(super) struct Friendly {
    now: Timestamp,
}

impl Friendly {
    pub(super) const fn new(now: Timestamp) -> Self {
        Self { now }
    }

    /// An order in the contract's own form.
    pub(super) fn order(&self, mut order: Value) -> Result<Value, String> {
        self.message(&mut order, &json::descriptor_of("Order")?)?;
        Ok(order)
    }

    /// An event in the contract's own form.
    pub(super) fn event(&self, mut event: Value) -> Result<Value, String> {
        self.message(&mut event, &json::descriptor_of("Event")?)?;
        Ok(event)
    }

    fn message(&self, value: &mut Value, of: &MessageDescriptor) -> Result<(), String> {
        let Value::Object(fields) = value else {
            return Ok(());
        };
        for (name, value) in fields {
            // What the contract does not know is told by the reader.
            let Some(field) = of.get_field_by_name(name) else {
                continue;
            };
            let all: &mut [Value] = if let Value::Array(all) = value {
                all
            } else {
                std::slice::from_mut(value)
            };
            for value in all {
                self.value(name, value, &field.kind())
                    .map_err(|error| format!("{name}: {error}"))?;
            }
        }
        Ok(())
    }

    fn value(&self, name: &str, value: &mut Value, kind: &Kind) -> Result<(), String> {
        if let Kind::Message(of) = kind {
            if of.full_name() == "google.protobuf.Timestamp" {
                *value = self.time(value)?;
            } else {
                self.message(value, of)?;
            }
        } else if let (Kind::Enum(of), Value::String(text)) = (kind, &mut *value) {
            *text = long(of, text)?;
        } else if *kind == Kind::String && name.ends_with("_on") {
            *value = self.date(value)?;
        }
        Ok(())
    }

    fn time(&self, value: &Value) -> Result<Value, String> {
        let text = text_of(value);
        let at = match ago(&text) {
            Some(span) => self.now.minus(span),
            None => clock::parse(&text).ok_or_else(|| {
                format!("`{text}` is no time: as in 2026-06-10T12:00:00Z, `3 days ago` or `now`")
            })?,
        };
        Ok(Value::String(at.to_string()))
    }

    fn date(&self, value: &Value) -> Result<Value, String> {
        let text = text_of(value);
        let day = self.now.in_zone(&Zone::UTC).0;
        let date = match text.split(' ').collect::<Vec<_>>().as_slice() {
            ["today"] => day.to_string(),
            ["in", number, "day" | "days"] => {
                let number = number
                    .parse()
                    .map_err(|_no| format!("`{text}` is no date"))?;
                day.plus_days(number).to_string()
            }
            _ => text,
        };
        Ok(Value::String(date))
    }
}

/// The full name of an enum's value.
fn long(of: &EnumDescriptor, text: &str) -> Result<String, String> {
    let first = of.values().next().map(|it| it.name().to_owned());
    let prefix = first.unwrap_or_default().replace("UNSPECIFIED", "");
    let names = [text.to_owned(), format!("{prefix}{text}")];
    let known = names
        .into_iter()
        .find(|it| of.get_value_by_name(it).is_some());
    known.ok_or_else(|| format!("no {} is called `{text}`", of.name()))
}

/// A TOML time comes through JSON as a map of one entry.
fn text_of(value: &Value) -> String {
    let inner = value.as_object().and_then(|map| map.values().next());
    let text = inner.unwrap_or(value);
    text.as_str()
        .map_or_else(|| text.to_string(), str::to_owned)
}

/// `now`, `N days ago`, `N hours ago`.
fn ago(text: &str) -> Option<Span> {
    match text.split(' ').collect::<Vec<_>>().as_slice() {
        ["now"] => Some(Span::micros(0)),
        [number, "day" | "days", "ago"] => number.parse().ok().map(Span::days),
        [number, "hour" | "hours", "ago"] => number.parse().ok().map(Span::hours),
        _ => None,
    }
}

/// What takes an entry of the base away.
const MISSING: &str = "missing";

/// Lays `own` over `base`: tables entry by entry, everything else whole; `missing` takes away.
pub(super) fn over(base: &mut Value, own: Value) {
    match (base, own) {
        (Value::Object(base), Value::Object(own)) => {
            for (key, value) in own {
                if value == MISSING {
                    base.remove(&key);
                    continue;
                }
                match base.get_mut(&key) {
                    Some(below) => over(below, value),
                    None => drop(base.insert(key, value)),
                }
            }
        }
        (base, own) => *base = own,
    }
}

/// Sets what is not said.
pub(super) fn fill(fields: &mut Map<String, Value>, key: &str, value: &str) {
    if !value.is_empty() && !fields.contains_key(key) {
        fields.insert(key.to_owned(), Value::String(value.to_owned()));
    }
}
