//! What was learned and how good it is, as numbers: the scorecard's card holds them, and the model card tells them.

use serde_json::{Map, Value, json};

use super::dataset::{By, HazardTally, Tally};
use super::directions::Rule;
use super::labels::{LeftOut, Maturity};
use crate::decision::signal::Signal;
use crate::domain::hazard::Hazard;
use crate::domain::units::Timestamp;
use crate::stats::interval::Estimate;

/// Below so many losses a hazard keeps its prior.
pub const KEPT_BELOW: u64 = 100;
/// Up to so many it is shrunk to its prior.
pub const SHRUNK_UP_TO: u64 = 1_000;

/// How a hazard was learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Too few losses: the base model's table, unchanged.
    Kept,
    /// Few losses: the difference to the base model, one signal at a time.
    Shrunk,
    /// Signals and pairs of signals, from nothing.
    Learned,
}

impl Way {
    /// By the number of losses.
    #[must_use]
    pub const fn of(positives: u64) -> Self {
        if positives < KEPT_BELOW {
            Self::Kept
        } else if positives <= SHRUNK_UP_TO {
            Self::Shrunk
        } else {
            Self::Learned
        }
    }

    /// How many losses the next better way needs; 0: there is none.
    #[must_use]
    pub const fn needs(self) -> u64 {
        match self {
            Self::Kept => KEPT_BELOW,
            Self::Shrunk => SHRUNK_UP_TO + 1,
            Self::Learned => 0,
        }
    }

    /// For tables and cards.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept from the base",
            Self::Shrunk => "shrunk to the base",
            Self::Learned => "learned",
        }
    }
}

/// How good scores are on orders that they were not fitted to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// P(a lost order scores above one that was not lost).
    pub roc_auc: Estimate,
    /// Area under precision by recall.
    pub pr_auc: Estimate,
    /// Nats an order.
    pub log_loss: Estimate,
    /// Losses that the scores led to expect, by losses that were: 1 is right.
    pub said_by_seen: f64,
}

/// Orders of like probability: what was said, and what was seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibrated {
    /// What they have in common.
    pub name: String,
    /// For how many orders they stand.
    pub orders: f64,
    /// Mean probability.
    pub said: f64,
    /// Share of losses.
    pub seen: f64,
    /// Losses among them, as rows.
    pub positives: u64,
}

/// What a constraint costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constraint {
    /// Which.
    pub rule: &'static Rule,
    /// By how much the log-loss is larger with it, in nats an order; 0: the data obey by themselves.
    pub cost: f64,
}

/// One hazard.
#[derive(Clone, Debug, PartialEq)]
pub struct HazardReport {
    /// Which.
    pub hazard: Hazard,
    /// How it was learned.
    pub way: Way,
    /// As a difference to the base model; else from nothing.
    pub on_base: bool,
    /// Losses in the part that was not fitted.
    pub held_out: u64,
    /// Of this model on it; none where there are too few losses.
    pub figures: Option<Figures>,
    /// Of the base model on it.
    pub base: Option<Figures>,
    /// By tenths of the score.
    pub calibration: Vec<Calibrated>,
    /// By segment.
    pub segments: Vec<(By, Calibrated)>,
    /// Constraints that bound the fit.
    pub constraints: Vec<Constraint>,
}

/// Everything that was learned.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The scorecard's name.
    pub name: String,
    /// Where the rows come from.
    pub source: String,
    /// What the user said of them.
    pub note: Option<String>,
    /// The base model's name.
    pub base: String,
    /// When outcomes counted as known.
    pub maturity: Maturity,
    /// Chose the negatives.
    pub seed: u64,
    /// What was counted.
    pub tally: Tally,
    /// The first moment of the part that was not fitted at first.
    pub held_out_from: Timestamp,
    /// Signals that were learned from.
    pub signals: Vec<Signal>,
    /// Signals that say nothing here, and why.
    pub dropped: Vec<(Signal, &'static str)>,
    /// The learner's settings, for the card.
    pub settings: Value,
    /// In the order of [`Hazard::ALL`].
    pub hazards: Vec<HazardReport>,
    /// Shares of each signal's bins among the orders as they came.
    pub reference: Vec<(Signal, Vec<f64>)>,
}

impl Report {
    /// What the artifact's card says.
    #[must_use]
    pub fn json(&self) -> Value {
        let left_out: Map<String, Value> = LeftOut::ALL
            .iter()
            .map(|why| (why.text().to_owned(), self.left_out(*why).into()))
            .collect();
        let reference: Map<String, Value> = self
            .reference
            .iter()
            .map(|(signal, shares)| {
                let shares: Vec<Value> = shares.iter().map(|it| rounded(*it, 1e6)).collect();
                (signal.name().to_owned(), shares.into())
            })
            .collect();
        let hazards: Map<String, Value> = self
            .hazards
            .iter()
            .map(|it| (it.hazard.key().to_owned(), it.json(self.counted(it.hazard))))
            .collect();
        let dropped: Map<String, Value> = self
            .dropped
            .iter()
            .map(|(signal, why)| (signal.name().to_owned(), Value::from(*why)))
            .collect();
        json!({
            "data": {
                "source": self.source,
                "note": self.note.as_deref().unwrap_or(""),
                "from": self.tally.period.map(|it| it.0.to_string()),
                "to": self.tally.period.map(|it| it.1.to_string()),
                "as_of": self.maturity.as_of.to_string(),
                "claim_window_days": rounded(self.maturity.claim_window.as_days(), 1e3),
                "orders": self.tally.orders,
                "known": self.tally.mature,
                "left_out": left_out,
                "impossible": self.tally.impossible,
                "claims_of_no_hazard": self.tally.unnamed,
                "without_loss": {"kept": self.tally.kept, "of": self.tally.kept_of},
                "seed": self.seed,
                "held_out_from": self.held_out_from.to_string(),
            },
            "base": self.base,
            "settings": self.settings,
            "hazards": hazards,
            "dropped": dropped,
            "reference": reference,
        })
    }

    /// Orders left out for this reason.
    #[must_use]
    pub fn left_out(&self, why: LeftOut) -> u64 {
        self.tally.left_out.get(&why).copied().unwrap_or(0)
    }

    /// What was counted of a hazard.
    #[must_use]
    pub fn counted(&self, hazard: Hazard) -> HazardTally {
        self.tally
            .hazards
            .get(hazard.index())
            .copied()
            .unwrap_or_default()
    }
}

impl HazardReport {
    /// How it was learned, in words.
    #[must_use]
    pub const fn how(&self) -> &'static str {
        match (self.way, self.on_base) {
            (Way::Learned, true) => "learned on top of the base",
            (way, _) => way.name(),
        }
    }

    fn json(&self, counted: HazardTally) -> Value {
        let estimate = |it: Estimate, parts: f64| {
            let all = [it.value, it.low, it.high];
            Value::from(all.map(|it| rounded(it, parts)).to_vec())
        };
        let figures = |it: Option<Figures>| {
            it.map(|it| {
                json!({
                    "roc_auc": estimate(it.roc_auc, 1e4),
                    "pr_auc": estimate(it.pr_auc, 1e5),
                    "log_loss": estimate(it.log_loss, 1e6),
                    "said_by_seen": rounded(it.said_by_seen, 1e3),
                })
            })
        };
        let costs: Map<String, Value> = self
            .constraints
            .iter()
            .map(|it| (it.rule.signal.name().to_owned(), rounded(it.cost, 1e8)))
            .collect();
        json!({
            "how": self.how(),
            "positives": counted.positives,
            "positives_needed_for_more": self.way.needs(),
            "labelled": counted.labelled,
            "stand_for": rounded(counted.stand_for, 1.0),
            "effective": rounded(counted.effective(), 1.0),
            "weight_max": rounded(counted.weight_max, 1e3),
            "hindered": counted.hindered,
            "outside": counted.outside,
            "held_out": {"positives": self.held_out, "model": figures(self.figures), "base": figures(self.base)},
            "constraint_costs": costs,
        })
    }
}

/// With so many parts of one: files keep the digits that say something.
fn rounded(value: f64, parts: f64) -> Value {
    let whole = (value * parts).round();
    if parts <= 1.0 {
        return format!("{whole:.0}")
            .parse::<i64>()
            .map_or(Value::Null, Value::from);
    }
    Value::from(whole / parts)
}
