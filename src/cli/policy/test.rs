//! `policy test`: whether a policy answers its cases.

use crate::cli::args::PolicyTest;
use crate::cli::cases::{self, Judge};
use crate::cli::config::{self, Settings};
use crate::cli::exit::Failure;
use crate::cli::files::Sources;
use crate::cli::output::Output;
use crate::cli::show;

/// Judges the cases of a file or directory by what the flags put in force.
pub(super) fn run(args: &PolicyTest, out: &mut Output) -> Result<(), Failure> {
    let flags = config::flags(&args.place, Some(&args.rules), None);
    let settings = Settings::read(args.place.config.as_deref(), flags)?;
    let in_force = Sources::read(&settings)?.load()?.in_force;
    let judge = Judge::new(in_force)
        .ok_or_else(|| Failure::Bug("the key of cases has no name".to_owned()))?;
    judged(&cases::read(&args.path)?, &judge, out)
}

/// Judges every case; one that fails is a finding.
fn judged(cases: &[cases::Case], judge: &Judge, out: &mut Output) -> Result<(), Failure> {
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
