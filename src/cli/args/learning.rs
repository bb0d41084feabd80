//! What teaches scorecards, and what is told of them.

use std::path::PathBuf;

use super::{Format, Place, Rules, Threads};

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
    #[command(flatten)]
    pub(crate) threads: Threads,
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
    /// How many orders without a loss are kept at most; each stands for several. A hazard needs 100 of them
    #[arg(long, value_name = "N", default_value_t = 250_000)]
    pub(crate) negatives: usize,
    /// Chooses which
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    #[command(flatten)]
    pub(crate) place: Place,
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
