//! Worlds with a known truth: played, and what policies and models come to in them.

use std::path::PathBuf;

use super::{Format, Rules, Threads};

/// Plays a world with a known truth.
///
/// Without `--out` and `--server` nothing is written: the world is played, and what it cost is told.
#[derive(Debug, clap::Args)]
pub(crate) struct Simulate {
    /// Writes the history here: orders.jsonl, events.jsonl, verification.csv, and truth/ apart from them
    #[arg(long, value_name = "DIR", conflicts_with = "server")]
    pub(crate) out: Option<PathBuf>,
    /// Replaces a history that is there already
    #[arg(long, requires = "out")]
    pub(crate) replace: bool,
    /// Orders placed
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub(crate) orders: u64,
    /// Days on which they are placed
    #[arg(long, value_name = "N", default_value_t = 365, value_parser = clap::value_parser!(i32).range(1..=3_660))]
    pub(crate) days: i32,
    /// The first day, YYYY-MM-DD
    #[arg(long, value_name = "DATE", default_value = "2025-01-01")]
    pub(crate) start: String,
    /// The same seed gives the same world
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// What goes differently; `--list` names them all
    #[arg(long, value_name = "NAME", default_value = "baseline")]
    pub(crate) scenario: String,
    /// Lists the scenarios
    #[arg(long)]
    pub(crate) list: bool,
    /// Parameters of the world (TOML) [default: built in]
    #[arg(long, value_name = "FILE")]
    pub(crate) world: Option<PathBuf>,
    /// The verification that the shop asked for
    #[arg(long, value_enum, default_value_t, conflicts_with = "server")]
    pub(crate) past: Past,
    /// Plays against this server, which decides; start it with `--clock driven` and an empty data directory
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) server: Option<String>,
    /// How to print what it cost
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Which verification a simulated shop asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Past {
    /// Nothing.
    #[default]
    None,
    /// One code from 400 EUR on.
    Threshold,
    /// One code, always.
    Everybody,
    /// One code for one order in ten, by chance.
    RandomTenth,
    /// Whatever is truly the cheapest: knows what nobody can know.
    Oracle,
}

/// Judges policies and models by what they come to in simulated worlds.
///
/// Exit code 1 where the row judged is not the cheapest of all worlds together, or dearer than another in some world
/// beyond the 95 % interval; the oracle is no rival.
#[derive(Debug, clap::Args)]
pub(crate) struct Judge {
    /// The worlds, as `simulate --list` names them [default: all]
    #[arg(value_name = "WORLD")]
    pub(crate) worlds: Vec<String>,
    /// Orders of each world and seed
    #[arg(long, value_name = "N", default_value_t = 40_000, value_parser = clap::value_parser!(u64).range(100..=10_000_000))]
    pub(crate) orders: u64,
    /// How many seeds each world is played with, the same ones for every row
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    pub(crate) seeds: u64,
    /// The first seed; keep it away from those that a model was trained on
    #[arg(long, value_name = "N", default_value_t = 1_001)]
    pub(crate) first_seed: u64,
    /// Who decides: none, above-EUR, above-best, above-same-loss, everybody, random-tenth, oracle, or the name of a model
    #[arg(long, value_name = "ROW,..", value_delimiter = ',')]
    pub(crate) rows: Vec<String>,
    /// The row that the others are compared to [default: trained, else prior]
    #[arg(long, value_name = "ROW")]
    pub(crate) judged: Option<String>,
    /// Parameters of the worlds (TOML) [default: built in]
    #[arg(long, value_name = "FILE")]
    pub(crate) world: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) threads: Threads,
    /// Puts the tables between the marks of this document, too
    #[arg(long, value_name = "FILE")]
    pub(crate) into: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Tables,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

/// How to print tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Tables {
    /// For people.
    #[default]
    Table,
    /// For programs: one JSON document.
    Json,
    /// For documents.
    Markdown,
}
