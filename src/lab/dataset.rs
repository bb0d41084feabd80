//! Rows to learn from and to judge by: situations as they were recorded, with what became of their orders.
//!
//! One row an order: the latest decision that was in force when it was dispatched. Nothing is measured again. All orders
//! with a loss are kept; of the others a part that stands for all of them, so that memory is bounded.

mod sample;
mod segment;
mod tally;
#[cfg(test)]
mod tests;
mod values;
mod waiting;

use std::collections::BTreeMap;

pub use segment::{By, Segment};
pub use tally::{HazardTally, Tally};
pub use values::Values;

use self::sample::Sample;
use self::waiting::Waiting;
use super::labels::{self, Impossible, LeftOut, Maturity, Support};
use crate::decision::model::Model;
use crate::decision::policy::Policy;
use crate::decision::record::Record;
use crate::decision::signal::{Signal, Signals};
use crate::domain::dossier::Dossier;
use crate::domain::hazard::Hazard;
use crate::domain::ids::OrderId;
use crate::domain::units::{Digest, Timestamp};

/// What goes into a data set.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// When an outcome counts as known.
    pub maturity: Maturity,
    /// How many orders without a loss are kept at most.
    pub negatives_max: usize,
    /// Chooses which.
    pub seed: u64,
    /// Orders with a claim from before they were placed are left out and counted, instead of an error.
    pub leave_out_impossible: bool,
}

/// Why no data set can be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A label from before its order.
    #[error(
        "order {order}: claim {} happened at {}, before the order was placed at {}: correct the claim's occurred_at",
        .claim.claim_id, .claim.at, .claim.placed_at
    )]
    Impossible {
        /// Whose.
        order: OrderId,
        /// Which claim.
        claim: Impossible,
    },
    /// One order came twice.
    #[error("order {order} comes twice with revision {revision}: each decision once")]
    Twice {
        /// Which.
        order: OrderId,
        /// Its revision.
        revision: u32,
    },
}

/// One order: what was measured when it was decided, what became of it, and for how many it stands.
#[derive(Clone, Debug)]
pub struct Row {
    /// When it was decided.
    pub at: Timestamp,
    /// Names it without saying whose it is; breaks ties of time.
    pub key: u64,
    /// What was measured.
    pub values: Values,
    /// Which hazards happened, in the order of [`Hazard::ALL`].
    pub losses: [bool; Hazard::COUNT],
    /// For how many orders without verification it stands, by hazard; 0: it says nothing of the hazard.
    pub weights: [f64; Hazard::COUNT],
    /// For how many orders as they came it stands.
    pub stands_for: f64,
    /// What it is compared by.
    pub segment: Segment,
}

impl Row {
    /// What was measured.
    #[must_use]
    pub fn signals(&self) -> Signals {
        let mut signals = Signals::default();
        for signal in Signal::ALL.iter().copied() {
            signals.set(signal, self.values.get(signal));
        }
        signals
    }
}

/// Rows in order of time, and what was counted on the way.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// In order of time.
    pub rows: Vec<Row>,
    /// What was left out, and why.
    pub tally: Tally,
}

/// A record's part of a row: everything but the outcome, which may come much later.
#[derive(Clone, Debug)]
struct Measured {
    revision: u32,
    at: Timestamp,
    support: [Support; Hazard::COUNT],
    /// None: its order is not kept, whatever became of it.
    details: Option<Details>,
}

/// What is counted of no order, and makes a row.
#[derive(Clone, Debug)]
struct Details {
    values: Values,
    /// How often it should be kept, against others.
    interest: f64,
    segment: Segment,
}

/// Takes in records and dossiers one after the other.
#[derive(Debug)]
pub struct Gathering {
    settings: Settings,
    /// Says which orders without a loss are of more interest.
    base: Model,
    /// Of the base model's reference order: P(any hazard), about.
    usual_risk: f64,
    /// Revisions that were in force at dispatch, until the order's last is seen.
    waiting: BTreeMap<OrderId, Measured>,
    /// Decisions of a past that is being played.
    played: Waiting,
    sample: Sample,
    tally: Tally,
    /// Which past is taken in: ids of one say nothing of another's.
    past: u32,
}

impl Gathering {
    /// An empty one. `base` says which orders without a loss are of more interest.
    #[must_use]
    pub fn new(settings: Settings, base: Model) -> Self {
        let reference = base.score(&Signals::default());
        let usual_risk = reference.iter().map(|it| it.probability).sum();
        Self {
            sample: Sample::new(settings.negatives_max),
            played: Waiting::new(settings.negatives_max),
            settings,
            base,
            usual_risk,
            waiting: BTreeMap::new(),
            tally: Tally::default(),
            past: 0,
        }
    }

    /// Goes on with another shop's past, which ends at `as_of`.
    pub fn another_past(&mut self, as_of: Timestamp) {
        self.past += 1;
        self.settings.maturity.as_of = as_of;
    }

    /// Keeps a decision of a past that is being played, until [`Gathering::take_played`]. `is_claimed`: whether there is
    /// a claim of its order anywhere in that past; a loss of an order for which this was denied may be missed.
    pub fn play(&mut self, record: &Record, policy: &Policy, is_claimed: bool) {
        let id = &record.situation.order.order_id;
        let measured = self.measure(record, policy);
        let key = self.key(id);
        self.played.put(id.clone(), key, measured, is_claimed);
    }

    /// Takes in all orders of a past that was played; `dossier`: what is known of an order in the end.
    ///
    /// # Errors
    /// [`Error`] names the order.
    pub fn take_played(
        &mut self,
        dossier: &mut dyn FnMut(&OrderId) -> Dossier,
    ) -> Result<(), Error> {
        let none = Waiting::new(self.settings.negatives_max);
        let (limit, orders) = std::mem::replace(&mut self.played, none).finish();
        self.sample.bound(limit);
        for (id, decisions) in orders {
            let count = u64::try_from(decisions.len()).unwrap_or(0);
            self.tally.revisions += count.saturating_sub(1);
            let dossier = dossier(&id);
            let mut latest = decisions.into_iter().rev();
            let measured = latest.find(|it| self.was_in_force(it.at, &dossier));
            self.take(&id, measured, &dossier)?;
        }
        Ok(())
    }

    /// Takes in a recorded decision, revisions of an order one after the other. `policy`: what was in force.
    ///
    /// # Errors
    /// [`Error`] names the order.
    pub fn add(
        &mut self,
        record: &Record,
        dossier: &Dossier,
        policy: &Policy,
    ) -> Result<(), Error> {
        let id = &record.situation.order.order_id;
        let last = dossier
            .latest
            .as_ref()
            .map_or(record.revision, |it| it.revision);
        let in_force = self.was_in_force(record.decided_at, dossier);
        if record.revision < last {
            self.tally.revisions += 1;
            if in_force {
                let measured = self.measure(record, policy);
                let before = self.waiting.insert(id.clone(), measured);
                if before.is_some_and(|it| it.revision >= record.revision) {
                    return Err(Error::Twice {
                        order: id.clone(),
                        revision: record.revision,
                    });
                }
            }
            return Ok(());
        }
        let before = self.waiting.remove(id);
        let measured = if in_force {
            Some(self.measure(record, policy))
        } else {
            before
        };
        self.take(id, measured, dossier)
    }

    /// What of a record a row needs, to be taken in once the order's outcome is known.
    #[must_use]
    fn measure(&self, record: &Record, policy: &Policy) -> Measured {
        let situation = &record.situation;
        let effects = policy.effects(situation, &policy.feasible(situation));
        let decision = &record.decision;
        let support = labels::support(decision.action, &decision.propensities, &effects);
        let signals = &situation.signals;
        Measured {
            revision: record.revision,
            at: record.decided_at,
            details: Some(Details {
                values: Values::of(|signal| signals.get(signal)),
                interest: self.interest(signals, &support),
                segment: Segment::of(situation),
            }),
            support,
        }
    }

    /// Takes in an order as it ended; `measured`: its decision that was in force at dispatch, if there was one.
    ///
    /// # Errors
    /// [`Error`] names the order.
    fn take(
        &mut self,
        id: &OrderId,
        measured: Option<Measured>,
        dossier: &Dossier,
    ) -> Result<(), Error> {
        // Whoever looks back from that day knows nothing of it.
        let as_of = self.settings.maturity.as_of;
        if dossier.placement().is_some_and(|it| it.at > as_of) {
            return Ok(());
        }
        self.tally.orders += 1;
        if let Some(claim) = labels::impossible(dossier) {
            if !self.settings.leave_out_impossible {
                return Err(Error::Impossible {
                    order: id.clone(),
                    claim,
                });
            }
            self.tally.impossible += 1;
            return Ok(());
        }
        let outcome = match labels::outcome(dossier, &self.settings.maturity) {
            Ok(outcome) => outcome,
            Err(why) => {
                self.tally.leave_out(why);
                return Ok(());
            }
        };
        let Some(measured) = measured else {
            self.tally.leave_out(LeftOut::DecidedTooLate);
            return Ok(());
        };
        self.tally.mature(&measured.support, &outcome, measured.at);
        let Some(details) = measured.details else {
            self.sample.pass_over();
            return Ok(());
        };
        let weights = measured.support.map(|support| match support {
            Support::Weight(weight) => weight,
            Support::Hindered | Support::Outside => 0.0,
        });
        let told = outcome
            .losses
            .iter()
            .zip(weights)
            .any(|(lost, weight)| *lost && weight > 0.0);
        let row = Row {
            at: measured.at,
            key: self.key(id),
            values: details.values,
            losses: outcome.losses,
            weights,
            stands_for: 1.0,
            segment: details.segment,
        };
        self.sample.put(row, (!told).then_some(details.interest));
        Ok(())
    }

    /// The rows, in order of time.
    #[must_use]
    pub fn finish(mut self) -> Dataset {
        self.tally.kept_of = self.sample.negatives();
        let mut rows = self.sample.rows();
        self.tally.kept = rows.iter().filter(|row| !row.is_told()).count();
        rows.sort_unstable_by_key(|row| (row.at, row.key));
        Dataset {
            rows,
            tally: self.tally,
        }
    }

    /// Whether a decision of this time was there when the order went on its way.
    fn was_in_force(&self, decided_at: Timestamp, dossier: &Dossier) -> bool {
        labels::in_force(decided_at, dossier, &self.settings.maturity)
    }

    /// Orders of more risk, and those that stand for more, are kept more often; all weigh what they stand for.
    fn interest(&self, signals: &Signals, support: &[Support; Hazard::COUNT]) -> f64 {
        /// An order is kept at most this many times as often as one of no risk (assumed).
        const RISK_MAX: f64 = 50.0;
        /// An order stands for at most this many here; it weighs what it weighs (assumed).
        const WEIGHT_MAX: f64 = 50.0;
        /// An order that says nothing of any hazard is kept for the shares of its signals alone (assumed).
        const SILENT: f64 = 0.25;
        let risk: f64 = self
            .base
            .score(signals)
            .iter()
            .map(|it| it.probability)
            .sum();
        let stands_for = support.iter().fold(SILENT, |most, it| match it {
            Support::Weight(weight) => most.max(weight.min(WEIGHT_MAX)),
            Support::Hindered | Support::Outside => most,
        });
        (0.5 + 0.5 * (risk / self.usual_risk).min(RISK_MAX)) * stands_for
    }

    fn key(&self, id: &OrderId) -> u64 {
        let digest = Digest::of(format!("{} {} {id}", self.settings.seed, self.past).as_bytes());
        let mut key = 0;
        for byte in digest.0.iter().take(8) {
            key = key << 8 | u64::from(*byte);
        }
        key
    }
}

impl Row {
    /// The value of a signal, if it is not missing.
    #[must_use]
    pub fn value(&self, signal: Signal) -> Option<f64> {
        self.values.get(signal)
    }

    /// For how many orders it stands where this hazard is asked for; 0: it says nothing of it.
    #[must_use]
    pub fn weight(&self, hazard: Hazard) -> f64 {
        self.weights.get(hazard.index()).copied().unwrap_or(0.0)
    }

    /// Whether it says that this hazard happened.
    #[must_use]
    pub fn lost(&self, hazard: Hazard) -> bool {
        let lost = self.losses.get(hazard.index()).copied().unwrap_or(false);
        lost && self.weight(hazard) > 0.0
    }

    /// Whether it says that some hazard happened.
    #[must_use]
    pub fn is_told(&self) -> bool {
        let told = |(lost, weight): (&bool, &f64)| *lost && *weight > 0.0;
        self.losses.iter().zip(&self.weights).any(told)
    }
}
