//! `policy check`: everything that is wrong with a policy file, with its place, and what is worth a second look.

use crate::cli::args::{Format, PolicyCheck};
use crate::cli::clock;
use crate::cli::exit::{self, Failure};
use crate::cli::files;
use crate::cli::output::Output;
use crate::decision::policy::Policy;
use crate::decision::problem::Problem;

/// Tells every problem of a policy file on standard output, with its place; then it is a bad file.
pub(super) fn run(args: &PolicyCheck, out: &mut Output) -> Result<(), Failure> {
    let (file, format) = (&args.file.display().to_string(), args.format);
    let bytes = files::bytes_of(&args.file).map_err(|error| Failure::bad_file(file, error))?;
    let loaded = text(bytes).and_then(|text| Policy::load(&text));
    let (problems, notes, version) = match loaded {
        Ok(policy) => {
            let mut notes = policy.notes().to_vec();
            notes.extend(policy.expired(clock::wall()));
            notes.sort();
            let mistakes = policy.mistakes().to_vec();
            let good = mistakes.is_empty();
            (mistakes, notes, good.then_some(policy.version))
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

/// Bytes as text, or the place of the first that is none.
fn text(bytes: Vec<u8>) -> Result<String, Vec<Problem>> {
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..good).unwrap_or_default();
        let before = String::from_utf8_lossy(before);
        let (line, last) = (before.matches('\n').count() + 1, before.rsplit('\n').next());
        let column = last.map_or(0, |it| it.chars().count()) + 1;
        vec![Problem {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
            path: String::new(),
            message: "is no UTF-8".to_owned(),
        }]
    })
}
