//! What `doorstep policy` takes.

use std::path::PathBuf;

use super::{Format, Place, Rules};

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
pub(crate) struct Test {
    /// File or directory of cases
    #[arg(value_name = "PATH", default_value = "tests/data/policy")]
    pub(crate) path: PathBuf,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) rules: Rules,
}
