//! What `doorstep policy shadows` takes.

use super::life::{Act, Desk};

/// What judges beside the live answer.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Shadows {
    /// Judges every decision from now on also by another policy or scorecard, after its answer
    ///
    /// It changes and delays nothing. At most 16 run at once.
    Start(Start),
    /// Ends a shadow; what it said stays
    Stop(Stop),
    /// All shadows that run or ran, and where they would have acted otherwise
    List(List),
}

/// What is to judge, until when, and why.
#[derive(Debug, clap::Args)]
#[group(id = "candidate", required = true, multiple = false, args = ["policy", "model"])]
pub(crate) struct Start {
    /// The digest of a policy that is kept, or as much of its beginning as no other version has
    #[arg(long, value_name = "DIGEST")]
    pub(crate) policy: Option<String>,
    /// A scorecard by its name
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,
    /// When it ends by itself, a date or a time; at most 90 days ahead [default: in 30 days]
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
    #[command(flatten)]
    pub(crate) act: Act,
}

/// Which shadow is to end, and why.
#[derive(Debug, clap::Args)]
pub(crate) struct Stop {
    /// Its name, as in shadow-1
    #[arg(value_name = "SHADOW")]
    pub(crate) shadow: String,
    #[command(flatten)]
    pub(crate) act: Act,
}

/// Whose shadows to tell.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) desk: Desk,
}
