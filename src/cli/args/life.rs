//! What the commands of a version's life take.

use std::path::PathBuf;

use super::{Format, Place};

/// Whose policies, and how to print.
#[derive(Debug, clap::Args)]
pub(crate) struct Desk {
    /// Asks this server; without it, in process on the data directory
    #[arg(long, value_name = "HOST:PORT", conflicts_with = "data")]
    pub(crate) server: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// Why something is done, and where.
#[derive(Debug, clap::Args)]
pub(crate) struct Act {
    /// Why; up to 500 characters
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) note: String,
    #[command(flatten)]
    pub(crate) desk: Desk,
}

/// Which file to keep, and why.
#[derive(Debug, clap::Args)]
pub(crate) struct Propose {
    /// The policy file
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) act: Act,
}

/// Which version to approve, and why.
#[derive(Debug, clap::Args)]
pub(crate) struct Approve {
    /// The version's digest, or as much of its beginning as no other version has
    #[arg(value_name = "DIGEST")]
    pub(crate) digest: String,
    #[command(flatten)]
    pub(crate) act: Act,
}

/// Which version to put in force, instead of which, and why.
#[derive(Debug, clap::Args)]
pub(crate) struct Activate {
    /// The version's digest, or as much of its beginning as no other version has
    #[arg(value_name = "DIGEST")]
    pub(crate) digest: String,
    /// The version that you believe to be active: refused where another one is [default: whichever is active now]
    #[arg(long, value_name = "DIGEST")]
    pub(crate) expect: Option<String>,
    #[command(flatten)]
    pub(crate) act: Act,
}

/// What is believed to be in force, and why to leave it.
#[derive(Debug, clap::Args)]
pub(crate) struct Rollback {
    /// The version that you believe to be active: refused where another one is [default: whichever is active now]
    #[arg(long, value_name = "DIGEST")]
    pub(crate) expect: Option<String>,
    #[command(flatten)]
    pub(crate) act: Act,
}

/// Whose history to tell.
#[derive(Debug, clap::Args)]
pub(crate) struct History {
    #[command(flatten)]
    pub(crate) desk: Desk,
}
