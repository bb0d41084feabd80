//! `policy check`: everything that is wrong with a policy file, with its place, and what is worth a second look.

use crate::cli::args::{Format, PolicyCheck};
use crate::cli::clock;
use crate::cli::exit::{self, Failure};
use crate::cli::output::Output;
use crate::decision::policy::Policy;
use crate::decision::problem::Problem;

/// Tells every problem of a policy file on standard output, with its place; then it is a bad file.
pub(super) fn run(args: &PolicyCheck, out: &mut Output) -> Result<(), Failure> {
    let (file, format) = (&args.file.display().to_string(), args.format);
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
