//! `policy coverage`: what of a policy its cases reached, and what they never did.

use serde_json::{Map, Value, json};

use super::round::Round;
use super::threshold::hold;
use crate::cli::args::{Format, PolicyCoverage};
use crate::cli::exit::{self, Failure};
use crate::cli::output::Output;
use crate::cli::show;
use crate::decision::coverage::{Coverage, Missing, Reached};

/// Tells what the cases reached; too little is a finding where a threshold is named.
pub(super) fn run(args: &PolicyCoverage, out: &mut Output) -> Result<(), Failure> {
    let round = Round::play(&args.cases)?;
    let wrong = round
        .differences()
        .iter()
        .filter(|it| !it.is_empty())
        .count();
    let seen = round.coverage();
    match args.format {
        Format::Table => tables(&seen, out)?,
        Format::Json => out.line(json(&seen))?,
    }
    out.flush()?;
    if wrong > 0 {
        let all = round.cases.len();
        exit::say(format_args!(
            "{wrong} of {all} cases fail: `doorstep policy test` tells which"
        ));
    }
    hold(&args.threshold, &seen.reached())
}

/// What was reached by kind, each rule, and what was not.
pub(super) fn tables(seen: &Coverage<'_>, out: &mut Output) -> Result<(), Failure> {
    let reached = seen.reached();
    let rows = reached.iter().map(|it| {
        let percent = percent(it).map_or_else(|| "-".to_owned(), |it| format!("{it} %"));
        [
            it.kind.name().to_owned(),
            it.reached().to_string(),
            it.of.to_string(),
            percent,
        ]
    });
    show::table(out, ["kind", "reached", "of", "share"], rows)?;
    if seen.rules().next().is_some() {
        out.line("")?;
        let rows = seen.rules().map(|(id, it)| {
            let counts = [it.held, it.nearly, it.skipped].map(|it| it.to_string());
            let [held, nearly, skipped] = counts;
            [id.to_owned(), held, nearly, skipped]
        });
        show::table(out, ["rule", "held", "nearly held", "skipped"], rows)?;
    }
    if reached.iter().any(|it| !it.missing.is_empty()) {
        out.line("")?;
        let rows = reached.iter().flat_map(|it| {
            let row = |(what, which)| [it.kind.name().to_owned(), what, which];
            gathered(&it.missing).into_iter().map(row)
        });
        show::table(out, ["kind", "of", "no case reached"], rows)?;
    }
    Ok(())
}

/// The same for programs.
pub(super) fn json(seen: &Coverage<'_>) -> Value {
    let mut kinds = Map::new();
    for it in &seen.reached() {
        let missing = it
            .missing
            .iter()
            .map(|it| json!({"of": it.what, "which": it.which}));
        let entry = json!({
            "reached": it.reached(),
            "of": it.of,
            "percent": percent(it),
            "missing": missing.collect::<Vec<_>>(),
        });
        kinds.insert(it.kind.name().to_owned(), entry);
    }
    let rules = seen.rules().map(|(id, it)| {
        json!({"id": id, "held": it.held, "nearly_held": it.nearly, "skipped": it.skipped})
    });
    json!({"kinds": kinds, "rules": rules.collect::<Vec<_>>()})
}

/// Whole per cent, rounded down: 100 is all of it. None where there is nothing to reach.
fn percent(it: &Reached) -> Option<usize> {
    (100 * it.reached()).checked_div(it.of)
}

/// What is missing of the same thing on one line.
fn gathered(missing: &[Missing]) -> Vec<(String, String)> {
    let mut lines: Vec<(String, String)> = Vec::new();
    for it in missing {
        match lines.last_mut().filter(|(what, _)| *what == it.what) {
            Some((_, which)) => {
                which.push_str(", ");
                which.push_str(&it.which);
            }
            None => lines.push((it.what.clone(), it.which.clone())),
        }
    }
    lines
}
