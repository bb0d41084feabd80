//! `policy show`: a policy in words: rules as sentences, costs and effects as tables, limits, chance.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::named::{Named, Shelf};
use crate::cli::args::{Format, PolicyShow};
use crate::cli::exit::Failure;
use crate::cli::output::Output;
use crate::cli::show;
use crate::decision::policy::{Group, Line, RuleLines};

/// Columns of the costs by action.
const ACTIONS: [&str; 5] = ["none", "otp", "item_codes", "locker_only", "review"];

/// Columns of the effect tables.
const EFFECTS: [&str; 6] = [
    "none",
    "otp",
    "item_codes",
    "item_codes_unsealed",
    "locker_only",
    "review",
];

/// Shows the policy that the arguments name.
pub(super) fn run(args: &PolicyShow, out: &mut Output) -> Result<(), Failure> {
    let shelf = Shelf::open(&args.place, args.catalogue.as_deref())?;
    let policy = shelf.find(args.digest.as_ref().unwrap_or(&args.what))?;
    match (args.toml, args.format) {
        (true, _) => {
            for line in policy.text.lines() {
                out.line(line)?;
            }
        }
        (false, Format::Table) => tables(&policy, out)?,
        (false, Format::Json) => out.line(whole(&policy))?,
    }
    out.flush()
}

fn tables(policy: &Named, out: &mut Output) -> Result<(), Failure> {
    out.line(format_args!(
        "{} {}",
        policy.version.id, policy.version.digest
    ))?;
    out.line("")?;
    if policy.lines.rules.is_empty() {
        out.line("no rules")?;
    } else {
        let header = ["rule", "asks", "about", "owner", "until"];
        show::table(out, header, policy.lines.rules.iter().map(rule))?;
    }
    for group in [
        Group::Costs,
        Group::Effects,
        Group::Limits,
        Group::RandomChecks,
        Group::Other,
    ] {
        let lines = policy.lines.lines.iter().filter(|it| it.group == group);
        let (by_action, others): (Vec<&Line>, Vec<&Line>) =
            lines.partition(|it| it.column.is_some() && group != Group::RandomChecks);
        if !by_action.is_empty() {
            out.line("")?;
            matrix(group, &by_action, out)?;
        }
        if !others.is_empty() {
            out.line("")?;
            let rows = others.iter().map(|it| [it.words(), it.value.clone()]);
            show::table(out, [group.name(), ""], rows)?;
        }
    }
    Ok(())
}

/// One row a subject, one column an action.
fn matrix(group: Group, lines: &[&Line], out: &mut Output) -> Result<(), Failure> {
    let mut subjects: Vec<&str> = Vec::new();
    let mut cells: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for line in lines {
        if !subjects.contains(&line.subject.as_str()) {
            subjects.push(&line.subject);
        }
        let column = line.column.as_deref().unwrap_or_default();
        cells.insert((&line.subject, column), &line.value);
    }
    let cell = |subject, column| {
        let said = cells.get(&(subject, column)).copied().unwrap_or_default();
        said.trim_end_matches(" left").to_owned()
    };
    if group == Group::Effects {
        let [a, b, c, d, e, f] = EFFECTS;
        let rows = subjects.into_iter().map(|subject| {
            let [a, b, c, d, e, f] = EFFECTS.map(|column| cell(subject, column));
            [subject.to_owned(), a, b, c, d, e, f]
        });
        show::table(out, ["effects: what is left", a, b, c, d, e, f], rows)
    } else {
        let [a, b, c, d, e] = ACTIONS;
        let rows = subjects.into_iter().map(|subject| {
            let [a, b, c, d, e] = ACTIONS.map(|column| cell(subject, column));
            [subject.to_owned(), a, b, c, d, e]
        });
        show::table(out, [group.name(), a, b, c, d, e], rows)
    }
}

/// A rule's line of the table.
fn rule(rule: &RuleLines) -> [String; 5] {
    let of = |key: &str| {
        let path = format!("rules[{}].{key}", rule.id);
        let line = rule.lines.iter().find(|it| it.path == path);
        line.map_or_else(String::new, |it| it.plain.clone())
    };
    let about = of("hazard").replace('_', " ");
    [
        rule.id.clone(),
        rule.sentence.clone(),
        about,
        of("owner"),
        of("until"),
    ]
}

fn whole(policy: &Named) -> Value {
    let line = |it: &Line| {
        json!({
            "path": it.path,
            "group": it.group.name(),
            "words": it.words(),
            "value": it.value,
            "plain": it.plain,
        })
    };
    let rule = |it: &RuleLines| {
        json!({
            "id": it.id,
            "sentence": it.sentence,
            "when": it.when,
            "lines": it.lines.iter().map(line).collect::<Vec<_>>(),
        })
    };
    json!({
        "name": policy.name,
        "id": policy.version.id,
        "digest": policy.version.digest.to_string(),
        "rules": policy.lines.rules.iter().map(rule).collect::<Vec<_>>(),
        "lines": policy.lines.lines.iter().map(line).collect::<Vec<_>>(),
    })
}
