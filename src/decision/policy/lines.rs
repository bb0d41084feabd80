//! A policy as lines: every number, text and switch of its file, each with its path and in words.
//!
//! Read from the TOML itself, so that nothing of it is left out, whatever keys a later version brings; a key without
//! words of its own goes by its path. Defaults that a file leaves out stay out.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::{Policy, words};
use crate::decision::problem::Problem;

/// One line of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// As in `costs.messages.otp` or `rules[dear-and-risky].then`; entries of lists by their id where they have one.
    pub path: String,
    /// What it belongs to.
    pub group: Group,
    /// What it says something of, in words, as in `messages`.
    pub subject: String,
    /// The action of a table's column, by its key; none where it stands in no such table.
    pub column: Option<String>,
    /// What it says, for people: as in `0.06 EUR`, `1 %` or `14 days`.
    pub value: String,
    /// The same as plain text: numbers without unit, texts as they are.
    pub plain: String,
}

/// Parts of a policy, in the order in which they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Its name.
    Name,
    /// Rules.
    Rules,
    /// What things cost.
    Costs,
    /// What actions leave of hazards.
    Effects,
    /// How long things hold or count, how far, how often.
    Limits,
    /// Chance.
    RandomChecks,
    /// Whatever has no words here.
    Other,
}

impl Group {
    /// Its name for people and programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Rules => "rules",
            Self::Costs => "costs",
            Self::Effects => "effects",
            Self::Limits => "limits",
            Self::RandomChecks => "random checks",
            Self::Other => "other",
        }
    }
}

/// A policy's lines in the order of its groups, then of their paths; rules and strata in the file's order.
#[derive(Clone, Debug, PartialEq)]
pub struct Lines {
    /// All but those of rules.
    pub lines: Vec<Line>,
    /// Rules, in the file's order.
    pub rules: Vec<RuleLines>,
    /// The names of the strata of the random checks, in the file's order, which decides.
    pub strata: Vec<String>,
}

/// A rule, whole and line by line.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleLines {
    /// Its id.
    pub id: String,
    /// What it asks and when, in one sentence.
    pub sentence: String,
    /// Its conditions as written.
    pub when: Vec<String>,
    /// All else.
    pub lines: Vec<Line>,
}

impl Line {
    /// What it says something of with its column, as in `messages, one code`.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.column {
            None => self.subject.clone(),
            Some(column) => format!("{}, {}", self.subject, words::of_action(column)),
        }
    }
}

impl Policy {
    /// The lines of a policy file; amounts in `currency`, the catalogue's base.
    ///
    /// # Errors
    /// Every problem of the file with its place.
    pub fn lines(text: &str, currency: &str) -> Result<Lines, Vec<Problem>> {
        Self::load(text)?;
        let table: Table =
            toml::from_str(text).map_err(|error| vec![Problem::at_path("", error.message())])?;
        Ok(read(&table, currency))
    }
}

fn read(table: &Table, currency: &str) -> Lines {
    let mut leaves = Vec::new();
    let mut rules = Vec::new();
    for (key, value) in table {
        if key == "rules" {
            let tables = value.as_array().into_iter().flatten();
            rules.extend(tables.filter_map(Value::as_table).map(rule));
        } else {
            walk(key.clone(), value, &mut leaves);
        }
    }
    let mut lines: Vec<Line> = leaves
        .into_iter()
        .map(|(path, value)| words::line(path, &value, currency))
        .collect();
    lines.sort_by_key(|it| it.group);
    Lines {
        lines,
        rules,
        strata: strata(table),
    }
}

/// Every leaf below, with its path.
fn walk(path: String, value: &Value, leaves: &mut Vec<(String, Value)>) {
    match value {
        Value::Table(table) if !table.is_empty() => {
            for (key, value) in table {
                walk(format!("{path}.{key}"), value, leaves);
            }
        }
        Value::Array(list) if !list.is_empty() => {
            for (name, value) in names(list).iter().zip(list) {
                walk(format!("{path}[{name}]"), value, leaves);
            }
        }
        Value::Table(_)
        | Value::Array(_)
        | Value::String(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime(_) => leaves.push((path, value.clone())),
    }
}

/// What the entries of a list go by: their ids, a second one of the same id with its number; else their places.
fn names(list: &[Value]) -> Vec<String> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut names = Vec::with_capacity(list.len());
    for (place, entry) in list.iter().enumerate() {
        let Some(id) = entry.get("id").and_then(Value::as_str) else {
            names.push(place.to_string());
            continue;
        };
        let count = seen.entry(id).or_insert(0);
        *count += 1;
        names.push(if *count == 1 {
            id.to_owned()
        } else {
            format!("{id}#{count}")
        });
    }
    names
}

fn strata(table: &Table) -> Vec<String> {
    let checks = table.get("random_checks");
    let list = checks
        .and_then(|it| it.get("strata"))
        .and_then(Value::as_array);
    list.map_or_else(Vec::new, |list| names(list))
}

fn rule(table: &Table) -> RuleLines {
    let text = |key: &str| table.get(key).and_then(Value::as_str).unwrap_or_default();
    let id = text("id").to_owned();
    let entries = table.get("when").and_then(Value::as_array);
    let entries = entries.into_iter().flatten().filter_map(Value::as_str);
    let when: Vec<String> = entries.map(str::to_owned).collect();
    let mut leaves = Vec::new();
    for (key, value) in table
        .iter()
        .filter(|(key, _)| *key != "id" && *key != "when")
    {
        walk(key.clone(), value, &mut leaves);
    }
    let lines = leaves
        .iter()
        .map(|(key, value)| words::rule_line(&id, key, value))
        .collect();
    RuleLines {
        sentence: words::sentence(&when, text("then")),
        id,
        when,
        lines,
    }
}
