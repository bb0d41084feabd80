//! `policy check` and `policy test`: what is wrong with a policy file, and whether it answers its
//! cases.

use super::args::{Format, Policy as Command};
use super::cases::{self, Judge};
use super::config::{self, Settings};
use super::exit::{self, Failure};
use super::files::Sources;
use super::output::Output;
use super::{clock, show};
use crate::decision::policy::Policy;
use crate::decision::problem::Problem;

/// Runs the command.
pub(crate) fn run(command: &Command, out: &mut Output) -> Result<(), Failure> {
    match command {
        Command::Check { file, format } => check(&file.display().to_string(), *format, out),
        Command::Test { path, place, rules } => {
            let flags = config::flags(place, Some(rules), None);
            let settings = Settings::read(place.config.as_deref(), flags)?;
            let in_force = Sources::read(&settings)?.load()?.in_force;
            let judge = Judge::new(in_force)
                .ok_or_else(|| Failure::Bug("the key of cases has no name".to_owned()))?;
            test(&cases::read(path)?, &judge, out)
        }
    }
}

/// Tells every problem of a policy file on standard output, with its place; then it is a bad file.
fn check(file: &str, format: Format, out: &mut Output) -> Result<(), Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::bad_file(file, format_args!("cannot be read: {error}")))?;
    let (problems, notes, version) = match Policy::load(&text) {
        Ok(policy) => {
            let mut notes = policy.notes().to_vec();
            notes.extend(policy.expired(clock::wall()));
            (Vec::new(), notes, Some(policy.version))
        }
        Err(problems) => (problems, Vec::new(), None),
    };
    match format {
        Format::Table => {
            for line in exit::lines_of(file, &problems) {
                out.line(line)?;
            }
            for line in exit::lines_of(file, &notes) {
                out.line(format_args!("note: {line}"))?;
            }
            if let Some(version) = version {
                out.line(format_args!(
                    "{file}: good, {} {}",
                    version.id, version.digest
                ))?;
            }
        }
        Format::Json => {
            let json = |it: &Problem| {
                serde_json::json!({
                    "line": it.line,
                    "column": it.column,
                    "path": it.path,
                    "message": it.message,
                })
            };
            out.line(serde_json::json!({
                "version": version.map(|it| serde_json::json!({
                    "id": it.id,
                    "digest": it.digest.to_string(),
                })),
                "problems": problems.iter().map(json).collect::<Vec<_>>(),
                "notes": notes.iter().map(json).collect::<Vec<_>>(),
            }))?;
        }
    }
    out.flush()?;
    if problems.is_empty() {
        Ok(())
    } else {
        // All were told as the command's answer.
        Err(Failure::BadFile(Vec::new()))
    }
}

/// Judges every case; one that fails is a finding.
fn test(cases: &[cases::Case], judge: &Judge, out: &mut Output) -> Result<(), Failure> {
    let mut failed = Vec::new();
    for case in cases {
        let differences = judge.differences(case).unwrap_or_else(|what| vec![what]);
        failed.extend(
            differences
                .into_iter()
                .map(|it| [case.place.clone(), case.name.clone(), it]),
        );
    }
    let mut names: Vec<_> = failed.iter().map(|[place, ..]| place).collect();
    names.dedup();
    let (wrong, all) = (names.len(), cases.len());
    if !failed.is_empty() {
        show::table(
            out,
            ["where", "case", "what differs"],
            failed.iter().cloned(),
        )?;
    }
    out.line(format_args!("{} passed, {wrong} failed", all - wrong))?;
    out.flush()?;
    if wrong == 0 {
        Ok(())
    } else {
        Err(Failure::Findings)
    }
}
