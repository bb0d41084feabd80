//! What weights say of how far a log carries, before any outcome is looked at.

use super::{Logged, divided, float};
use crate::stats::interval::effective;

/// Fewer rows of equal weight than this are few.
const EFFECTIVE_MIN: f64 = 400.0;
/// And so is a smaller share of all rows.
const EFFECTIVE_SHARE_MIN: f64 = 0.1;
/// The mean weight is one, up to this many of its standard errors.
const ERRORS_MAX: f64 = 3.0;
/// No row should weigh more than all rows by this number.
const HEAVIEST: f64 = 50.0;
/// Rows of one group go together where their error is more than this many times that of single rows.
const CLUSTERED: f64 = 1.5;

/// What the weights of the rows come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights {
    /// Rows.
    pub rows: usize,
    /// Groups of them.
    pub groups: usize,
    /// Their mean: one, but for chance.
    pub mean: f64,
    /// Its standard error, rows taken as independent.
    pub mean_error: f64,
    /// The largest.
    pub max: f64,
    /// The largest that any action of any row would have had.
    pub max_possible: f64,
    /// To how many rows of equal weight all amount: (sum of weights)² by the sum of their squares.
    pub effective: f64,
    /// The share of rows that count for nothing.
    pub zero_share: f64,
}

impl Weights {
    pub(super) fn of(logged: &Logged) -> Self {
        let rows = &logged.rows;
        let n = float(rows.len());
        let weights = || rows.iter().map(|row| row.weight);
        let mean = divided(weights().sum(), n);
        let squares: f64 = weights().map(|it| (it - mean) * (it - mean)).sum();
        Self {
            rows: rows.len(),
            groups: logged.groups.count,
            mean,
            mean_error: libm::sqrt(divided(squares, (n - 1.0) * n)),
            max: weights().fold(0.0, f64::max),
            max_possible: logged.weight_possible,
            effective: effective(weights()),
            zero_share: divided(float(weights().filter(|it| *it <= 0.0).count()), n),
        }
    }

    /// What one should know before believing an estimate from these weights.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let rows = float(self.rows);
        let few = self.effective < EFFECTIVE_MIN || self.effective < EFFECTIVE_SHARE_MIN * rows;
        let off = (self.mean - 1.0).abs() > ERRORS_MAX * self.mean_error + f64::EPSILON;
        let heavy = self.max > rows / HEAVIEST;
        let all = [
            few.then_some(Warning::FewEffective {
                effective: self.effective,
                rows: self.rows,
            }),
            off.then_some(Warning::MeanWeight {
                mean: self.mean,
                error: self.mean_error,
            }),
            heavy.then_some(Warning::HeavyRow {
                max: self.max,
                rows: self.rows,
            }),
        ];
        all.into_iter().flatten().collect()
    }
}

/// What makes an estimate less sure than its interval says.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Warning {
    /// The rows amount to few of equal weight.
    #[error(
        "the {rows} rows amount to {effective:.0} of equal weight; 400 and a tenth of them are wanted"
    )]
    FewEffective {
        /// To how many.
        effective: f64,
        /// Of how many.
        rows: usize,
    },
    /// Weights do not average to one: the logged probabilities may not be those that were acted by.
    #[error(
        "the mean weight is {mean:.4}, more than three standard errors ({error:.4}) from 1: check the logged probabilities"
    )]
    MeanWeight {
        /// Their mean.
        mean: f64,
        /// Its standard error.
        error: f64,
    },
    /// One row says too much.
    #[error("one row weighs {max:.1}, more than a fiftieth of all {rows}")]
    HeavyRow {
        /// Its weight.
        max: f64,
        /// How many rows there are.
        rows: usize,
    },
    /// Rows of one group go together: believe the error of groups.
    #[error(
        "the standard error by customers is {times:.2} times that by orders: believe the former"
    )]
    Clustered {
        /// How many times the error of single rows.
        times: f64,
    },
}

impl Warning {
    /// Whether rows of one group go together.
    #[must_use]
    pub fn clustered(error: Option<f64>, group_error: Option<f64>) -> Option<Self> {
        let times = divided(group_error?, error?);
        (times > CLUSTERED).then_some(Self::Clustered { times })
    }
}
