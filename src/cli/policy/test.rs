//! `policy test`: whether a policy answers its cases.

use serde_json::{Value, json};

use super::coverage;
use super::round::Round;
use super::threshold::hold;
use crate::cli::args::{Format, PolicyTest};
use crate::cli::cases::{Case, Judged};
use crate::cli::exit::Failure;
use crate::cli::output::Output;
use crate::cli::show;

/// Judges the cases; one that fails is a finding, and so is too little coverage where that is asked for.
pub(super) fn run(args: &PolicyTest, out: &mut Output) -> Result<(), Failure> {
    let round = Round::play(&args.cases)?;
    let differences = round.differences();
    let wrong = differences.iter().filter(|it| !it.is_empty()).count();
    let right = differences.len() - wrong;
    let seen = args.coverage.then(|| round.coverage());
    match args.format {
        Format::Table => {
            if wrong > 0 {
                failed(&round, &differences, out)?;
            }
            out.line(format_args!("{right} passed, {wrong} failed"))?;
            if let Some(seen) = &seen {
                coverage::tables(seen, out)?;
            }
        }
        Format::Json => {
            let cases = round.cases.iter().zip(&differences);
            let cases: Vec<Value> = cases
                .map(|(it, differences)| case(it, differences))
                .collect();
            out.line(json!({
                "passed": right,
                "failed": wrong,
                "cases": cases,
                "coverage": seen.as_ref().map(coverage::json),
            }))?;
        }
    }
    out.flush()?;
    if let Some(seen) = &seen {
        hold(&args.threshold, &seen.reached())?;
    }
    if wrong == 0 {
        Ok(())
    } else {
        Err(Failure::Findings)
    }
}

/// A table of the cases that fail.
fn failed(round: &Round, differences: &[Vec<String>], out: &mut Output) -> Result<(), Failure> {
    let cases = round.cases.iter().zip(differences);
    let rows = cases.flat_map(|((case, _), differences)| {
        let row = move |it: &String| [case.place.clone(), case.name.clone(), it.clone()];
        differences.iter().map(row)
    });
    show::table(out, ["where", "case", "what differs"], rows)
}

fn case((case, judged): &(Case, Result<Judged, String>), differences: &[String]) -> Value {
    let decision = judged.as_ref().ok().map(|it| &it.decision);
    json!({
        "place": case.place,
        "name": case.name,
        "why": case.why,
        "passed": differences.is_empty(),
        "action": decision.map(|it| it.own_action.name()),
        "risk": decision.map(|it| it.risk),
        "differences": differences,
    })
}
