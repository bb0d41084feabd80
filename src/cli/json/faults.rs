//! Where a document is no message of the contract, each place by its path, and what would be right.

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::Value;

use crate::decision::problem::nearest;

/// Paths and what is wrong there; empty where it is nothing that is looked for here.
pub(crate) fn of(message: &MessageDescriptor, value: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    look(message, value, "", &mut found);
    found
}

/// What a member of an enum must be, where `text` is none.
pub(crate) fn no_member(of: &EnumDescriptor, text: &str) -> String {
    let names: Vec<String> = members(of).collect();
    let short = names.iter().map(String::as_str);
    let meant = nearest(&text.to_ascii_uppercase(), short)
        .map_or_else(String::new, |it| format!("; did you mean `{it}`?"));
    format!("`{text}` is none of {}{meant}", names.join(", "))
}

/// The names of an enum's members, without the prefix that they share.
pub(crate) fn members(of: &EnumDescriptor) -> impl Iterator<Item = String> {
    let zero = of.get_value(0).map(|it| it.name().to_owned());
    let zero = zero.unwrap_or_default();
    let prefix = zero
        .strip_suffix("UNSPECIFIED")
        .unwrap_or_default()
        .to_owned();
    let values: Vec<_> = of.values().filter(|it| it.number() != 0).collect();
    values.into_iter().map(move |it| {
        let name = it.name();
        name.strip_prefix(prefix.as_str())
            .unwrap_or(name)
            .to_owned()
    })
}

/// What to say of a name that is no field.
pub(crate) fn no_field<'a>(
    name: &str,
    of: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> String {
    let meant =
        nearest(name, known).map_or_else(String::new, |it| format!("; did you mean `{it}`?"));
    format!("is no {of}{meant}")
}

fn look(message: &MessageDescriptor, value: &Value, path: &str, found: &mut Vec<(String, String)>) {
    if message.full_name() == "google.protobuf.Timestamp" {
        let time = value.as_str();
        if time.is_none_or(|it| !is_time(it)) {
            found.push((path.to_owned(), no_time(&shown(value))));
        }
        return;
    }
    let Value::Object(fields) = value else {
        let what = format!(
            "must be a {} as {{..}}, not {}",
            message.name(),
            shown(value)
        );
        found.push((path.to_owned(), what));
        return;
    };
    for (name, value) in fields {
        let place = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        let field = message.get_field_by_name(name);
        let Some(field) = field.or_else(|| message.get_field_by_json_name(name)) else {
            let known: Vec<_> = message.fields().map(|it| it.name().to_owned()).collect();
            let known = known.iter().map(String::as_str);
            found.push((
                place,
                no_field(name, &format!("field of {}", message.name()), known),
            ));
            continue;
        };
        if value.is_null() {
            continue;
        }
        if !field.is_list() {
            one(&field, value, &place, found);
            continue;
        }
        let Value::Array(all) = value else {
            let what = format!("must be a list as [..], not {}", shown(value));
            found.push((place, what));
            continue;
        };
        for (nth, value) in all.iter().enumerate() {
            one(&field, value, &format!("{place}[{nth}]"), found);
        }
    }
}

fn one(field: &FieldDescriptor, value: &Value, path: &str, found: &mut Vec<(String, String)>) {
    let must = |what: &str| {
        let what = format!("must be {what}, not {}", shown(value));
        (path.to_owned(), what)
    };
    let kind = field.kind();
    if let Some(of) = kind.as_message() {
        return look(of, value, path, found);
    }
    if let Some(of) = kind.as_enum() {
        match value.as_str() {
            Some(text) if of.get_value_by_name(text).is_none() => {
                found.push((path.to_owned(), no_member(of, text)));
            }
            None if !value.is_number() => found.push(must("a name")),
            Some(_) | None => {}
        }
    } else if kind == Kind::String && !value.is_string() {
        found.push(must("a text"));
    } else if kind == Kind::Bool && !value.is_boolean() {
        found.push(must("true or false"));
    } else if kind == Kind::Int64 && whole(value).is_none_or(|it| i64::try_from(it).is_err()) {
        found.push(must("a whole number"));
    } else if kind == Kind::Uint32 && whole(value).is_none_or(|it| u32::try_from(it).is_err()) {
        found.push(must("a whole number from 0 to 4294967295"));
    } else if kind == Kind::Double && value.as_f64().is_none() {
        found.push(must("a number"));
    }
}

fn whole(value: &Value) -> Option<i128> {
    match value {
        Value::Number(number) => number.as_i128(),
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether a text is a time with its zone, as in `2026-06-10T12:00:00Z`.
pub(crate) fn is_time(text: &str) -> bool {
    let zoned = |it: &str| it.starts_with('T') && it.contains(['Z', '+', '-']);
    text.get(10..).is_some_and(zoned) && text.parse::<prost_types::Timestamp>().is_ok()
}

/// What a time must be, where this is none.
pub(crate) fn no_time(shown: &str) -> String {
    format!("must be a time as in 2026-06-10T12:00:00Z, not {shown}")
}

/// A value, as far as it is short and no person's: texts of ids and keys are not repeated.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.chars().count() <= 40 && !text.contains('@') => {
            format!("`{text}`")
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => format!("`{value}`"),
        Value::String(_) => "this text".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}
