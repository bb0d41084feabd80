//! What `doorstep policy` takes.

use std::path::PathBuf;

use super::life::{Activate, Approve, History, Propose, Rollback};
use super::shadows::Shadows;
use super::{Format, Place, Rules};
use crate::cli::policy::Threshold;

/// The fraud team's work.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Policy {
    /// Tells every problem of a policy file with line and column, and what is worth a second look
    ///
    /// Exit code 3 where the file has problems.
    Check(Check),
    /// Judges the cases of a file, or of all `.toml` files of a directory
    ///
    /// Exit code 1 where a case fails, 3 where a file is no case.
    Test(Test),
    /// Tells which rules, hard constraints, bins of signals and cells of the effect tables no case reached
    ///
    /// Exit code 1 where less was reached than `--threshold` wants.
    Coverage(Coverage),
    /// Explains what one policy says otherwise than another, rule by rule and cost by cost
    Diff(Diff),
    /// Shows a policy in words
    Show(Show),
    /// Keeps a policy file as a version, to be approved
    ///
    /// Proposing what is kept already changes nothing. Exit code 3 where the file has problems.
    Propose(Propose),
    /// Approves a proposed version
    ///
    /// An approver is not the author; as long as callers have no identities, the only principal approves its own, and the
    /// version says so.
    Approve(Approve),
    /// Puts an approved version in force, at once and whole
    ///
    /// Calls under way finish with the version that they began with.
    Activate(Activate),
    /// Puts the version in force that was so before
    Rollback(Rollback),
    /// All versions and where they stand, and who did what, when and why
    History(History),
    /// What judges beside the live answer, after it
    #[command(subcommand)]
    Shadows(Shadows),
}

/// Which file to check.
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// The policy file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Which cases to judge, and by what.
#[derive(Debug, clap::Args)]
pub(crate) struct Cases {
    /// File or directory of cases [default: the folder `cases` beside the policy file, else models/cases]
    #[arg(value_name = "PATH")]
    pub(crate) path: Option<PathBuf>,
    /// Only cases with this in their name or file; `*` stands for anything
    #[arg(long, value_name = "PATTERN")]
    pub(crate) run: Option<String>,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

/// What to judge, and how to tell it.
#[derive(Debug, clap::Args)]
pub(crate) struct Test {
    #[command(flatten)]
    pub(crate) cases: Cases,
    /// Tells what of the policy the cases reached, too
    #[arg(long)]
    pub(crate) coverage: bool,
    /// Exit code 1 where less than N % was reached: N for each kind, or KIND=N for rules, constraints, bins or effects
    #[arg(
        long,
        value_name = "N,..",
        value_delimiter = ',',
        requires = "coverage"
    )]
    pub(crate) threshold: Vec<Threshold>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// What to look at, and how much of it is enough.
#[derive(Debug, clap::Args)]
pub(crate) struct Coverage {
    #[command(flatten)]
    pub(crate) cases: Cases,
    /// Exit code 1 where less than N % was reached: N for each kind, or KIND=N for rules, constraints, bins or effects
    #[arg(long, value_name = "N,..", value_delimiter = ',')]
    pub(crate) threshold: Vec<Threshold>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Two policies: each a file, `active`, `built-in`, or the id or digest of a version that the data directory keeps.
#[derive(Debug, clap::Args)]
pub(crate) struct Diff {
    /// The policy before: a file, `active`, `built-in`, an id or a digest
    #[arg(value_name = "BEFORE")]
    pub(crate) before: String,
    /// The policy after
    #[arg(value_name = "AFTER")]
    pub(crate) after: String,
    /// Shows the lines of the files that differ, too
    #[arg(long)]
    pub(crate) text: bool,
    /// Exit code 1 where they differ
    #[arg(long)]
    pub(crate) exit_code: bool,
    /// The shop's facts (TOML), for the currency of amounts [default: built in]
    #[arg(long, value_name = "FILE")]
    pub(crate) catalogue: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// A policy.
#[derive(Debug, clap::Args)]
pub(crate) struct Show {
    /// A file, `active`, `built-in`, or the id or digest of a version that the data directory keeps
    #[arg(value_name = "POLICY", default_value = "active")]
    pub(crate) what: String,
    /// The digest of a version that the data directory keeps
    #[arg(long, value_name = "DIGEST", conflicts_with = "what")]
    pub(crate) digest: Option<String>,
    /// Prints the file as it is
    #[arg(long)]
    pub(crate) toml: bool,
    /// The shop's facts (TOML), for the currency of amounts [default: built in]
    #[arg(long, value_name = "FILE")]
    pub(crate) catalogue: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) place: Place,
}
