//! How probable each hazard is: a table for each signal, and sums of whole numbers. Nothing is approximated, so what a
//! signal adds is exactly what the explanation says it adds.
//!
//! Measuring is not here (`signals`), nor is learning (a later room): a model is read from its artifact and asked.

mod artifact;
mod layout;
mod parts;
#[cfg(test)]
mod tests;
mod words;

pub use parts::{HazardParts, PairParts, Parts};

use serde_json::Value;

use super::answer::{Contribution, HazardScore};
use super::problem::Problem;
use super::record::Version;
use super::signal::{Signal, Signals};
use crate::domain::hazard::Hazard;
use crate::domain::units::{LogOddsMicro, probability};

/// The model of a fresh installation, as text: assumed and surveyed numbers, no shop's data.
pub const PRIOR: &str = include_str!("../../models/prior.json");

/// The scorecards learned from simulated histories by `models/train.sh`, as text; `models/trained.md` is their card.
pub const TRAINED: &str = include_str!("../../models/trained.json");

/// Scorecards that are built in, by the name that chooses them.
pub const BUILT_IN: &[(&str, &str)] = &[("prior", PRIOR), ("trained", TRAINED)];

/// The text of a scorecard that is built in.
#[must_use]
pub fn built_in(name: &str) -> Option<&'static str> {
    BUILT_IN
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}

/// One weight a hazard, in the order of [`Hazard::ALL`], in millionths of log-odds.
type Row = [LogOddsMicro; Hazard::COUNT];

/// A scorecard as loaded: checked, so that every set of signals has a score.
#[derive(Clone, Debug)]
pub struct Model {
    /// Its name, and the digest over its canonical content.
    pub version: Version,
    /// Whether its numbers were assumed or learned.
    pub kind: Kind,
    /// What people should know before they trust it.
    pub note: String,
    /// The day of the newest thing it rests on, as the artifact says it.
    pub created: String,
    /// What is said of data, settings and figures; any JSON, and nothing that scores. Null where there is none.
    pub card: Value,
    /// Log-odds of the reference order.
    base: Row,
    /// One a signal with bins, in the artifact's order.
    terms: Vec<Term>,
    /// Pairs of signals.
    pairs: Vec<Pair>,
}

/// Where a model's numbers come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Assumed or surveyed.
    Prior,
    /// Fitted to a shop's own outcomes.
    Trained,
}

/// A signal, how it is binned, and what each bin weighs for each hazard.
#[derive(Clone, Debug, PartialEq)]
struct Term {
    signal: Signal,
    bins: Bins,
    /// By bin; the first is "missing".
    rows: Vec<Row>,
}

/// Two signals and what each combination of their bins weighs beyond the two alone.
#[derive(Clone, Debug, PartialEq)]
struct Pair {
    /// Places in `terms`.
    places: [usize; 2],
    signals: [Signal; 2],
    /// How many bins the second has.
    width: usize,
    /// By the bin of the first, then of the second.
    rows: Vec<Row>,
}

/// How a signal falls into bins. Bin 0 is always "missing".
#[derive(Clone, Debug, PartialEq)]
pub enum Bins {
    /// Below the first edge, between each two, from the last on: half-open, `[from, to)`.
    Edges(Vec<f64>),
    /// One for each number of a category in this order, and one for all others.
    Names(Vec<f64>),
    /// No, yes.
    YesNo,
}

impl Bins {
    /// How many there are, "missing" included.
    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            Self::Edges(edges) => edges.len() + 2,
            Self::Names(numbers) => numbers.len() + 2,
            Self::YesNo => 3,
        }
    }

    /// The bin of a value.
    #[must_use]
    pub fn of(&self, value: Option<f64>) -> usize {
        let Some(value) = value else { return 0 };
        match self {
            Self::Edges(edges) => 1 + edges.partition_point(|edge| *edge <= value),
            Self::Names(numbers) => {
                let same = |number: &f64| (number - value).abs() < 0.5;
                1 + numbers.iter().position(same).unwrap_or(numbers.len())
            }
            Self::YesNo => 1 + usize::from(value > 0.5),
        }
    }
}

impl Model {
    /// Reads an artifact, whole or not at all.
    ///
    /// # Errors
    /// Every problem, with the path of what is wrong.
    pub fn load(text: &str) -> Result<Self, Vec<Problem>> {
        artifact::load(text)
    }

    /// Scores every hazard: bins each signal once, then looks up and adds.
    #[must_use]
    pub fn score(&self, signals: &Signals) -> [HazardScore; Hazard::COUNT] {
        let mut places = [0; Signal::COUNT];
        let mut counts = [0_usize; Hazard::COUNT];
        for (place, term) in places.iter_mut().zip(&self.terms) {
            *place = term.bins.of(signals.get(term.signal));
        }
        let parts = || {
            let mains = self.terms.iter().zip(&places).map(|(term, bin)| {
                let row = term.rows.get(*bin).unwrap_or(&[0; Hazard::COUNT]);
                (term.signal, None, row)
            });
            let pairs = self.pairs.iter().map(|pair| {
                let [first, second] = pair.places.map(|it| places.get(it).copied().unwrap_or(0));
                let row = pair.rows.get(first * pair.width + second);
                let [signal, with] = pair.signals;
                (signal, Some(with), row.unwrap_or(&[0; Hazard::COUNT]))
            });
            mains.chain(pairs)
        };
        for (_, _, row) in parts() {
            for (count, weight) in counts.iter_mut().zip(row) {
                *count += usize::from(*weight != 0);
            }
        }
        let mut scores = self.empty(&counts);
        for (signal, with, row) in parts() {
            for (score, log_odds) in scores.iter_mut().zip(row.iter().copied()) {
                if log_odds != 0 {
                    score.log_odds += log_odds;
                    let part = Contribution {
                        signal,
                        with,
                        log_odds,
                    };
                    score.contributions.push(part);
                }
            }
        }
        for score in &mut scores {
            score.probability = probability(score.log_odds);
        }
        scores
    }

    /// Values of a signal that would fall into other bins, ascending: where a counterfactual has to look. For numbers
    /// each edge and the number just below it, for categories their numbers, for yes/no 0 and 1; empty for a signal
    /// that weighs nothing.
    #[must_use]
    pub fn steps(&self, signal: Signal) -> Vec<f64> {
        let Some(term) = self.terms.iter().find(|term| term.signal == signal) else {
            return Vec::new();
        };
        match &term.bins {
            Bins::Edges(edges) => edges.iter().flat_map(|it| [it.next_down(), *it]).collect(),
            Bins::Names(numbers) => numbers.clone(),
            Bins::YesNo => vec![0.0, 1.0],
        }
    }

    /// How the signal falls into bins; none where it has none, and so weighs nothing.
    #[must_use]
    pub fn bins(&self, signal: Signal) -> Option<&Bins> {
        let term = self.terms.iter().find(|term| term.signal == signal);
        term.map(|term| &term.bins)
    }

    /// The signals that have bins, in the artifact's order.
    pub fn signals(&self) -> impl Iterator<Item = Signal> {
        self.terms.iter().map(|term| term.signal)
    }

    fn empty(&self, counts: &[usize; Hazard::COUNT]) -> [HazardScore; Hazard::COUNT] {
        std::array::from_fn(|place| {
            let base = self.base.get(place).copied().unwrap_or(0);
            HazardScore {
                hazard: Hazard::ALL
                    .get(place)
                    .copied()
                    .unwrap_or(Hazard::PorchTheft),
                probability: 0.0,
                base,
                log_odds: base,
                contributions: Vec::with_capacity(counts.get(place).copied().unwrap_or(0)),
            }
        })
    }
}
