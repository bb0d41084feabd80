//! What `doorstep backtest` takes.

use std::path::PathBuf;

use super::{Format, Outcomes, Place, Threads};

/// Judges what is recorded again, by another policy or scorecard, and reweights what really happened.
///
/// Without a candidate each record is judged by its own versions, and must come out as it was recorded. Reads beside a
/// running server. Exit code 1 where a record does not come out again.
#[derive(Debug, clap::Args)]
pub(crate) struct Backtest {
    /// The candidate: a policy file (TOML)
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// The candidate: a policy that is kept in the data directory, by name, digest, or a digest's beginning
    #[arg(long, value_name = "DIGEST", conflicts_with = "policy")]
    pub(crate) digest: Option<String>,
    /// The candidate's scorecard: its file, its name in the directory of scorecards, or one that is built in [default:
    /// each record's own]
    #[arg(long, value_name = "NAME or FILE")]
    pub(crate) model: Option<String>,
    /// Directory of scorecards
    #[arg(long, value_name = "DIR")]
    pub(crate) models: Option<PathBuf>,
    /// Decisions made from this time on: a date or a time in RFC 3339 [default: the first]
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Decisions made before this time [default: the last]
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
    #[command(flatten)]
    pub(crate) outcomes: Outcomes,
    /// What one order loses at most, in the base currency: rare large losses would drown all else
    #[arg(long, value_name = "AMOUNT", default_value_t = 500.0)]
    pub(crate) loss_cap: f64,
    /// Judges a candidate although a new rule of it can be evaluated in no order, as if the rule were not there
    #[arg(long)]
    pub(crate) unmeasured: bool,
    #[command(flatten)]
    pub(crate) threads: Threads,
    /// Writes the report as a page of its own, which fetches nothing
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Writes every decision with both actions, as CSV
    #[arg(long, value_name = "FILE")]
    pub(crate) ids: Option<PathBuf>,
    /// How to print; `json` names every decision behind every number
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) place: Place,
}
