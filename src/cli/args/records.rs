//! What becomes a record, and what is done with records.

use std::path::PathBuf;

use super::{Format, Place, Rules};

/// Decides the orders of a file.
#[derive(Debug, clap::Args)]
pub(crate) struct Decide {
    /// Orders as JSON or JSON lines, each an `Order` or a `DecideRequest`; `-`: standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Asks this server; without it, in process on the data directory
    #[arg(long, value_name = "HOST:PORT", conflicts_with_all = ["data", "policy", "catalogue", "models", "model"])]
    pub(crate) server: Option<String>,
    /// The policy's answer alone: nothing is recorded, and chance has no part in it
    #[arg(long)]
    pub(crate) preview: bool,
    /// Explains each decision in full
    #[arg(long)]
    pub(crate) explain: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

/// Tells the history what happened.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Events {
    /// Records the events of a file; those that are there already count once
    Import {
        /// Events as JSON lines; `-`: standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Tells this server; without it, in process on the data directory
        #[arg(long, value_name = "HOST:PORT", conflicts_with = "data")]
        server: Option<String>,
        #[command(flatten)]
        place: Place,
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

/// Plays a shop's own past into the data directory.
///
/// Nothing is written before all of it was checked. Interrupted, it goes on where it was when run again.
#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// The history: orders.jsonl or .csv, events.jsonl or .csv, verification.csv or .jsonl, history.toml
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// Checks and counts alone: nothing is written
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

/// Decides again from the records, and compares.
#[derive(Debug, clap::Args)]
pub(crate) struct Replay {
    /// The decision to judge again
    #[arg(
        value_name = "DECISION_ID",
        required_unless_present = "all",
        conflicts_with = "all"
    )]
    pub(crate) decision_id: Option<String>,
    /// Every recorded decision
    #[arg(long)]
    pub(crate) all: bool,
    /// Judges by this policy instead of the recorded one
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<String>,
    /// Asks this server; without it, in process on the data directory
    #[arg(long, value_name = "HOST:PORT", conflicts_with = "data")]
    pub(crate) server: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// The database.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Store {
    /// Checks integrity and digests, folds events and decisions again, and compares
    Verify {
        #[command(flatten)]
        place: Place,
    },
    /// Copies the database as of now to a new file, while it is served or not
    Backup {
        /// The copy; must not exist
        #[arg(value_name = "PATH")]
        to: PathBuf,
        #[command(flatten)]
        place: Place,
    },
    /// Prints every decision as a JSON line, newest first
    Export {
        /// Asks this server; without it, in process on the data directory
        #[arg(long, value_name = "HOST:PORT", conflicts_with = "data")]
        server: Option<String>,
        #[command(flatten)]
        place: Place,
    },
}
