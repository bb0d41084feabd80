//! How a command ends: the documented exit codes, and the failures that lead to them.

use std::fmt::Display;
use std::io::Write as _;
use std::process::ExitCode;

use crate::decision::problem::Problem;

/// Everything was done, and nothing was found wrong.
pub(crate) const DONE: u8 = 0;
/// The command did its work and found something: a rejected event, a difference, a failed case.
pub(crate) const FINDINGS: u8 = 1;
/// The command line or the environment cannot be understood.
pub(crate) const USAGE: u8 = 2;
/// A file that was named is missing or wrong: the message says which, where and why.
pub(crate) const BAD_FILE: u8 = 3;
/// The service or the store cannot be reached or used, or a file not be written.
pub(crate) const UNREACHABLE: u8 = 4;
/// A fault of doorstep itself.
pub(crate) const BUG: u8 = 5;

/// Why a command did not end well.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It found something, and has told it on standard output already.
    Findings,
    /// The command line or environment is wrong.
    Usage(String),
    /// Files are wrong: one line a problem, with file, line and column where there are any.
    BadFile(Vec<String>),
    /// Service or store cannot be reached or used.
    Unreachable(String),
    /// Ours.
    Bug(String),
    /// Whoever read our output has gone; there is nobody to tell.
    Closed,
}

impl Failure {
    /// A file that cannot be read or makes no sense as a whole.
    pub(crate) fn bad_file(file: impl Display, what: impl Display) -> Self {
        Self::BadFile(vec![format!("{file}: {what}")])
    }

    /// Every problem of a file.
    pub(crate) fn problems(file: impl Display, problems: &[Problem]) -> Self {
        Self::BadFile(lines_of(file, problems))
    }

    /// The exit code that it leads to.
    pub(crate) const fn code(&self) -> u8 {
        match self {
            Self::Findings => FINDINGS,
            Self::Usage(_) => USAGE,
            Self::BadFile(_) => BAD_FILE,
            Self::Unreachable(_) => UNREACHABLE,
            Self::Bug(_) => BUG,
            Self::Closed => DONE,
        }
    }

    /// Says on standard error what is wrong, and answers with the exit code.
    pub(crate) fn tell(&self) -> ExitCode {
        match self {
            Self::Findings | Self::Closed => {}
            Self::Usage(what) | Self::Unreachable(what) => say(what),
            Self::BadFile(lines) => lines.iter().for_each(say),
            Self::Bug(what) => say(format_args!("{what} (this is a fault of doorstep itself)")),
        }
        self.code().into()
    }
}

/// `file:line:column: path: message`, one line a problem.
pub(crate) fn lines_of(file: impl Display, problems: &[Problem]) -> Vec<String> {
    let line = |problem: &Problem| {
        let gap = if problem.line > 0 { "" } else { " " };
        format!("{file}:{gap}{problem}")
    };
    problems.iter().map(line).collect()
}

/// One line on standard error; nobody listening there is no fault.
pub(crate) fn say(line: impl Display) {
    drop(writeln!(std::io::stderr().lock(), "{line}"));
}

/// What clap has to say: help and version are data and no fault, the rest is usage.
pub(crate) fn of_usage(error: &clap::Error) -> ExitCode {
    drop(error.print());
    if error.use_stderr() { USAGE } else { DONE }.into()
}
