//! JSON that people read and compare: short lists and objects on a line, long lists of numbers filled like text.
//!
//! Layout alone: what a member means is not known here.

use serde_json::Value;

/// Columns of a line, where its content can be broken.
const WIDTH: usize = 110;

/// A list of values.
pub(super) fn list(entries: &[Value], indent: usize) -> String {
    let whole = flat_list(entries);
    if fits(&whole, indent) {
        return whole;
    }
    let inner = " ".repeat(indent + 2);
    let lines: Vec<String> = if entries.iter().all(is_plain) {
        filled(entries, indent + 2)
    } else {
        entries.iter().map(|it| value(it, indent + 2)).collect()
    };
    let lines: Vec<String> = lines.into_iter().map(|it| format!("{inner}{it}")).collect();
    format!("[\n{}\n{}]", lines.join(",\n"), " ".repeat(indent))
}

/// An object whose members come in this order.
pub(super) fn object(members: &[(&str, Value)], indent: usize) -> String {
    let flat: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("{}: {}", quoted(name), flat(value)))
        .collect();
    let whole = format!("{{{}}}", flat.join(", "));
    if fits(&whole, indent) {
        return whole;
    }
    let lines: Vec<(&str, String)> = members
        .iter()
        .map(|(name, it)| (*name, value(it, indent + 2)))
        .collect();
    block(&lines, indent)
}

/// An object of members that are laid out already, one below the other.
pub(super) fn block(members: &[(&str, String)], indent: usize) -> String {
    let inner = " ".repeat(indent + 2);
    let lines: Vec<String> = members
        .iter()
        .map(|(name, text)| format!("{inner}{}: {text}", quoted(name)))
        .collect();
    if lines.is_empty() {
        return "{}".to_owned();
    }
    format!("{{\n{}\n{}}}", lines.join(",\n"), " ".repeat(indent))
}

/// Any value; members of an object by name.
pub(super) fn value(value: &Value, indent: usize) -> String {
    match value {
        Value::Array(entries) => list(entries, indent),
        Value::Object(members) => {
            let members: Vec<(&str, Value)> = members
                .iter()
                .map(|(name, value)| (name.as_str(), value.clone()))
                .collect();
            object(&members, indent)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

fn fits(text: &str, indent: usize) -> bool {
    indent + text.len() <= WIDTH
}

fn quoted(name: &str) -> String {
    Value::from(name).to_string()
}

fn is_plain(value: &Value) -> bool {
    !value.is_array() && !value.is_object()
}

/// The entries as lines that are as full as they can be.
fn filled(entries: &[Value], indent: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for entry in entries {
        let text = flat(entry);
        match lines.last_mut() {
            Some(line) if indent + line.len() + text.len() + 3 <= WIDTH => {
                line.push_str(", ");
                line.push_str(&text);
            }
            _ => lines.push(text),
        }
    }
    lines
}

fn flat_list(entries: &[Value]) -> String {
    let entries: Vec<String> = entries.iter().map(flat).collect();
    format!("[{}]", entries.join(", "))
}

fn flat(value: &Value) -> String {
    match value {
        Value::Array(entries) => flat_list(entries),
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{}: {}", quoted(name), flat(value)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}
