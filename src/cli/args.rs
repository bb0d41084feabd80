//! The command line as people type it. What a value means is decided in `config`; what a command
//! does, in its own file.

mod backtest;
mod learning;
mod life;
mod policy;
mod records;
mod serving;
mod shadows;
mod tune;
mod worlds;

use std::path::PathBuf;

pub(crate) use backtest::Backtest;
pub(crate) use learning::{Calibrate, Evaluate, Lessons, Outcomes, Train};
pub(crate) use life::{
    Activate as PolicyActivate, Approve as PolicyApprove, Desk as PolicyDesk,
    History as PolicyHistory, Propose as PolicyPropose, Rollback as PolicyRollback,
};
pub(crate) use policy::{
    Cases as PolicyCases, Check as PolicyCheck, Coverage as PolicyCoverage, Diff as PolicyDiff,
    Policy, Show as PolicyShow, Test as PolicyTest,
};
pub(crate) use records::{Decide, Events, Import, Replay, Store};
pub(crate) use serving::{Config, Demo, Keys, Serve};
pub(crate) use shadows::{Shadows as PolicyShadows, Start as ShadowStart, Stop as ShadowStop};
pub(crate) use tune::Tune;
pub(crate) use worlds::{Judge, Past, Simulate, Tables};

/// Decides what proof of handover an order's delivery needs, and says why.
///
/// Data goes to standard output, everything else to standard error. Exit codes: 0 done, 1 findings,
/// 2 usage, 3 bad input file, 4 service, store or output unreachable, 5 bug.
#[derive(Debug, clap::Parser)]
#[command(name = "doorstep", version, arg_required_else_help = true)]
pub(crate) struct Args {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Serves; prints one line a listener when ready, and nothing else on standard output
    Serve(Serve),
    /// Shows a service at work: months of orders and events, a table of decisions, one explained
    Demo(Demo),
    /// Decides the orders of a file
    Decide(Decide),
    /// Tells the history what happened
    #[command(subcommand)]
    Events(Events),
    /// Plays a world with a known truth: writes its history, or plays it against a server
    Simulate(Simulate),
    /// Plays a shop's own past into the data directory: orders, events, and what was asked of orders
    Import(Import),
    /// Judges policies and models by what they come to in simulated worlds
    Judge(Judge),
    /// Decides again from the records, and compares
    Replay(Replay),
    /// The fraud team's work: is the file right, does it answer its cases
    #[command(subcommand)]
    Policy(Policy),
    /// What another policy or scorecard would have done, and lost
    Backtest(Backtest),
    /// The database: verify, copy, export
    #[command(subcommand)]
    Store(Store),
    /// Makes scorecards of what became of orders, and a card that says how good they are
    Train(Train),
    /// Says how good scorecards are on orders whose outcome is known, and which signals drifted
    Evaluate(Evaluate),
    /// Refreshes level and slope of a scorecard from the latest outcomes, without training again
    Calibrate(Calibrate),
    /// Finds the prices and thresholds that meet a goal, and what they would change for whom
    Tune(Tune),
    /// Keys that chance is drawn with, by epoch; never prints one
    #[command(subcommand)]
    Keys(Keys),
    /// What is set, and where
    #[command(subcommand)]
    Config(Config),
}

/// Where the settings file and the data are.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Place {
    /// Settings file (TOML) [default: none; also in `DOORSTEP_CONFIG`]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Data directory [default: doorstep-data]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<String>,
}

/// Which policy, catalogue and model decide.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Rules {
    /// Policy file (TOML) [default: the one activated last where data is served, else built in]
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<String>,
    /// The shop's facts (TOML) [default: built in]
    #[arg(long, value_name = "FILE")]
    pub(crate) catalogue: Option<String>,
    /// Directory of scorecards [default: built in]
    #[arg(long, value_name = "DIR")]
    pub(crate) models: Option<String>,
    /// Scorecard in the directory of scorecards: NAME.json [default: prior]
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,
}

/// Where a server listens and what time it keeps.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Listen {
    /// Address of gRPC and of JSON over HTTP; port 0 picks a free one [default: 127.0.0.1:50051]
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) listen: Option<String>,
    /// Address of the Prometheus metrics; port 0 picks a free one [default: 127.0.0.1:9464]
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) metrics: Option<String>,
    /// `wall`, or `driven`: time is what orders and events say, never going back [default: wall]
    #[arg(long, value_name = "CLOCK")]
    pub(crate) clock: Option<String>,
}

/// How many threads work.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct Threads {
    /// Threads, 1 to 256; the result is the same for any number [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
}

impl Threads {
    /// The number that was asked for, or one a core.
    pub(crate) fn count(self) -> usize {
        let all = || std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.map_or_else(all, usize::from)
    }
}

/// How to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs: one JSON document a line, never coloured.
    Json,
}
