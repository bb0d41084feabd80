//! The command line as people type it. What a value means is decided in `config`; what a command
//! does, in its own file.

mod backtest;
mod life;
mod policy;
mod shadows;

use std::path::PathBuf;

pub(crate) use backtest::Backtest;
pub(crate) use life::{
    Activate as PolicyActivate, Approve as PolicyApprove, Desk as PolicyDesk,
    History as PolicyHistory, Propose as PolicyPropose, Rollback as PolicyRollback,
};
pub(crate) use policy::{
    Cases as PolicyCases, Check as PolicyCheck, Coverage as PolicyCoverage, Diff as PolicyDiff,
    Policy, Show as PolicyShow, Test as PolicyTest,
};
pub(crate) use shadows::{Shadows as PolicyShadows, Start as ShadowStart, Stop as ShadowStop};

/// Decides what proof of handover an order's delivery needs, and says why.
///
/// Data goes to standard output, everything else to standard error. Exit codes: 0 done, 1 findings,
/// 2 usage, 3 bad input file, 4 service or store unreachable, 5 bug.
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

/// How to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs: one JSON document a line, never coloured.
    Json,
}

/// Keys that chance is drawn with.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Keys {
    /// Adds an epoch: new slots draw with its key, open ones keep theirs
    New {
        #[command(flatten)]
        place: Place,
    },
    /// Lists the epochs and since when they are
    List {
        #[command(flatten)]
        place: Place,
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

/// What is set, and where.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Config {
    /// Prints every setting, its value, and whether a flag, the environment, the file or nobody set it
    Show {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        rules: Rules,
        #[command(flatten)]
        listen: Listen,
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

/// Serves.
#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) listen: Listen,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

/// Shows a service at work.
#[derive(Debug, clap::Args)]
pub(crate) struct Demo {
    /// Ends after the tour instead of staying up
    #[arg(long)]
    pub(crate) once: bool,
}

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

/// When an outcome counts as known.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Outcomes {
    /// How long after the handover claims still come in
    #[arg(long, value_name = "DURATION", default_value = "60d")]
    pub(crate) claim_window: String,
    /// Looks back from this moment: a date or a time in RFC 3339 [default: the latest that is known of]
    #[arg(long, value_name = "TIME")]
    pub(crate) as_of: Option<String>,
    /// Orders of which no parcel was ever heard count as shipped: for shops that tell of no parcels
    #[arg(long)]
    pub(crate) unheard_shipped: bool,
}

/// Which past, and when its outcomes count as known.
#[derive(Debug, clap::Args)]
pub(crate) struct Lessons {
    /// A shop's own past as files, instead of the records of the data directory; several: each a shop of its own
    #[arg(long, value_name = "DIR", conflicts_with = "data")]
    pub(crate) history: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) outcomes: Outcomes,
    /// Leaves out orders with a claim from before they were placed, instead of stopping at the first
    #[arg(long)]
    pub(crate) leave_out_impossible: bool,
    /// How many orders without a loss are kept at most; each stands for several
    #[arg(long, value_name = "N", default_value_t = 250_000)]
    pub(crate) negatives: usize,
    /// Chooses which
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// Makes scorecards of what became of orders.
///
/// The model that is named with `--model` is the base: hazards with few losses keep it. A policy that is named with
/// `--policy` says which actions hinder which hazard; else each record's own does.
#[derive(Debug, clap::Args)]
pub(crate) struct Train {
    /// Folder that NAME.json, NAME.md and the drawings in NAME/ go to
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: PathBuf,
    /// What the scorecard is called
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,
    /// A sentence on the data, for the card and whoever reads the scorecard
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
    /// Orders whose answers are known, as JSON: the card says where the scorecard answers them otherwise than the base
    #[arg(long, value_name = "FILE")]
    pub(crate) answers: Option<PathBuf>,
    /// Threads; the result is the same for any number [default: all]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// How to print what was learned
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) lessons: Lessons,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

/// Says how good scorecards are on orders whose outcome is known.
///
/// Orders speak for a hazard only if their action left it alone, with the weights of the logged propensities. With a
/// reference period, each signal's drift from it is told beside what chance alone would hardly reach; exit code 1 with
/// `--fail-on-drift` where one is beyond. Orders that a scorecard was trained on flatter it: judge by later ones.
#[derive(Debug, clap::Args)]
pub(crate) struct Evaluate {
    /// Scorecard by name, or by its file; may be repeated [default: all that are built in]
    #[arg(long, value_name = "NAME_OR_FILE")]
    pub(crate) model: Vec<String>,
    /// Directory that names stand for files of: NAME.json [default: built in]
    #[arg(long, value_name = "DIR")]
    pub(crate) models: Option<PathBuf>,
    /// Judges by orders decided from this date or time on
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Judges by orders decided before
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
    /// Drift: the reference period begins here
    #[arg(long, value_name = "TIME")]
    pub(crate) reference_from: Option<String>,
    /// Drift: the reference period ends here [default: where --from begins]
    #[arg(long, value_name = "TIME")]
    pub(crate) reference_to: Option<String>,
    /// Ends with exit code 1 where a signal drifted beyond its bound; season, weekday and hour do not count
    #[arg(long)]
    pub(crate) fail_on_drift: bool,
    /// Tells what flagging orders from this probability on would do; may be repeated
    #[arg(long, value_name = "P")]
    pub(crate) threshold: Vec<f64>,
    /// By segment, too: country, category, value, dwelling or customer
    #[arg(long, value_name = "WHAT")]
    pub(crate) by: Option<String>,
    /// How often rows are drawn again for the intervals
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(40..=10_000))]
    pub(crate) repeats: u32,
    /// Says which actions hinder which hazard (TOML) [default: each record's own]
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<String>,
    /// The shop's facts (TOML), for a past as files [default: built in]
    #[arg(long, value_name = "FILE")]
    pub(crate) catalogue: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) lessons: Lessons,
}

/// Refreshes level and slope of a scorecard from the latest outcomes.
///
/// log-odds' = intercept + slope * log-odds for each hazard, folded into base and tables. A hazard with fewer than 30
/// losses stays as it is; with few it moves little. The card says what was done, when, and by how many.
#[derive(Debug, clap::Args)]
pub(crate) struct Calibrate {
    /// Scorecard by its file, or by name
    #[arg(long, value_name = "NAME_OR_FILE")]
    pub(crate) model: String,
    /// Directory that a name stands for a file of: NAME.json [default: built in]
    #[arg(long, value_name = "DIR")]
    pub(crate) models: Option<PathBuf>,
    /// The new scorecard
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// What it is called [default: the old name with the day]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// By orders decided from this date or time on [default: later ones than it was trained on]
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Says which actions hinder which hazard (TOML) [default: each record's own]
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<String>,
    /// The shop's facts (TOML), for a past as files [default: built in]
    #[arg(long, value_name = "FILE")]
    pub(crate) catalogue: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) lessons: Lessons,
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
    /// Threads; the answer is the same with any number [default: one a core]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
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

/// Finds the prices and thresholds that meet a goal at the least cost, on the orders that were recorded.
///
/// Every order is weighed by the policy as it stands; then the price of a customer's bother, of a review, a number in a
/// rule, and at last a floor under what is at stake are turned until the goals are met. The result is written as a policy, judged again in
/// full. Nothing is proposed that the record cannot speak for: orders whose new answer could not have been drawn.
#[derive(Debug, clap::Args)]
pub(crate) struct Tune {
    /// At most this share of orders is asked for something, as 8% or 0.08
    #[arg(long, value_name = "SHARE")]
    pub(crate) bothered_max: Option<String>,
    /// At most this is expected to be lost of 1,000 orders, in the base currency
    #[arg(long, value_name = "AMOUNT")]
    pub(crate) loss_max: Option<f64>,
    /// At most so many orders a day wait for a person
    #[arg(long, value_name = "N")]
    pub(crate) reviews_max: Option<f64>,
    /// Of the orders whose answer changes, at most this share may be unknown to the record
    #[arg(long, value_name = "SHARE", default_value = "10%")]
    pub(crate) unsupported_max: String,
    /// What may be turned: bother, review, floor, or rule:ID for the numbers in a rule's conditions; again for more
    /// [default: all of them]
    #[arg(long = "knob", value_name = "KNOB")]
    pub(crate) knobs: Vec<String>,
    /// How long after the handover claims still come in
    #[arg(long, value_name = "DURATION", default_value = "60d")]
    pub(crate) claim_window: String,
    /// Orders decided at this time or later: a date or a time in RFC 3339
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Orders decided before this time
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
    /// Writes the policy to this file, ready to be proposed
    #[arg(long, value_name = "FILE")]
    pub(crate) into: Option<PathBuf>,
    /// What the written policy is called [default: the policy's id with -tuned]
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,
    /// Draws the curve of loss against bother to this file, as SVG
    #[arg(long, value_name = "FILE")]
    pub(crate) curve: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) rules: Rules,
    #[command(flatten)]
    pub(crate) place: Place,
}
