//! What was counted on the way to the rows: what was left out and why, and what each hazard can be learned from.

use std::collections::BTreeMap;

use crate::domain::hazard::Hazard;
use crate::domain::units::{Timestamp, count_to_f64 as float};
use crate::lab::labels::{LeftOut, Outcome, Support};

/// Counts of a data set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// Orders that were looked at.
    pub orders: u64,
    /// Decisions that were followed by another of the same order.
    pub revisions: u64,
    /// Orders that say nothing, by reason.
    pub left_out: BTreeMap<LeftOut, u64>,
    /// Orders left out because a claim of theirs happened before they were placed.
    pub impossible: u64,
    /// Orders whose outcome is known.
    pub mature: u64,
    /// Settled claims of those that name no hazard.
    pub unnamed: u64,
    /// In the order of [`Hazard::ALL`].
    pub hazards: [HazardTally; Hazard::COUNT],
    /// When the first and the last of them were decided.
    pub period: Option<(Timestamp, Timestamp)>,
    /// Orders without a loss that were kept as rows.
    pub kept: usize,
    /// Of so many.
    pub kept_of: u64,
}

/// Counts of one hazard.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HazardTally {
    /// Orders whose action left the hazard alone.
    pub labelled: u64,
    /// Those of them in which it happened.
    pub positives: u64,
    /// For how many orders the labelled ones stand.
    pub stand_for: f64,
    /// For how many losses.
    pub positives_stand_for: f64,
    /// The most for which one of them stands.
    pub weight_max: f64,
    /// Sum of squares of the weights.
    pub weight_squares: f64,
    /// Orders whose action hindered the hazard.
    pub hindered: u64,
    /// Orders for which nobody can stand: no action that leaves the hazard alone had a chance.
    pub outside: u64,
}

impl HazardTally {
    /// To how many rows of equal weight the labelled ones amount.
    #[must_use]
    pub fn effective(&self) -> f64 {
        if self.weight_squares > 0.0 {
            self.stand_for * self.stand_for / self.weight_squares
        } else {
            0.0
        }
    }

    /// The share of orders that lie outside the population.
    #[must_use]
    pub fn outside_share(&self, mature: u64) -> f64 {
        if mature == 0 {
            0.0
        } else {
            float(self.outside) / float(mature)
        }
    }
}

impl Tally {
    pub(super) fn leave_out(&mut self, why: LeftOut) {
        *self.left_out.entry(why).or_default() += 1;
    }

    pub(super) fn mature(
        &mut self,
        support: &[Support; Hazard::COUNT],
        outcome: &Outcome,
        at: Timestamp,
    ) {
        self.mature += 1;
        self.unnamed += u64::from(outcome.unnamed);
        self.period = Some(
            self.period
                .map_or((at, at), |(from, to)| (from.min(at), to.max(at))),
        );
        for ((tally, support), lost) in self.hazards.iter_mut().zip(support).zip(outcome.losses) {
            match support {
                Support::Weight(weight) => {
                    tally.labelled += 1;
                    tally.stand_for += weight;
                    tally.weight_squares += weight * weight;
                    tally.weight_max = tally.weight_max.max(*weight);
                    if lost {
                        tally.positives += 1;
                        tally.positives_stand_for += weight;
                    }
                }
                Support::Hindered => tally.hindered += 1,
                Support::Outside => tally.outside += 1,
            }
        }
    }
}
