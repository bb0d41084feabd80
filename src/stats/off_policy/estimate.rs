//! The estimators, each a value and the pull of every row on it, from which come both errors.
//!
//! A pull is a row's part in the value's deviation (its influence), with mean zero: rows taken as independent give one
//! standard error, sums by group another. Good for large samples only; [`super::bounded`] holds for small ones too.

use statrs::distribution::{ContinuousCDF as _, Normal};

use super::{Groups, Weighted, divided, float};
use crate::stats::interval::Estimate as Interval;

/// How what was seen becomes what would have been seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Estimator {
    /// Inverse propensity score: the mean of weight times outcome. Unbiased, and noisy.
    Ips,
    /// The same with weights cut at this cap: quieter, and biased ([`Estimate::bias`] says which way).
    Clipped(f64),
    /// Self-normalised: the weighted mean. Hardly biased, and quieter; never outside of what was seen.
    Snips,
    /// Direct method: what the model says. As wrong as the model is; its error is not known.
    Direct,
    /// Doubly robust: what the model says, corrected by weighted residuals. Right where the model or the logged
    /// probabilities are.
    DoublyRobust,
    /// The same with the correction normalised by the weights.
    NormalisedDoublyRobust,
}

/// Which way an estimator is wrong by construction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bias {
    /// Not at all, or less than its error.
    None,
    /// It says too little.
    TooLow,
    /// It says too much.
    TooHigh,
    /// It can be either.
    Either,
}

/// What an estimator says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The mean of what would have been seen.
    pub value: f64,
    /// Its standard error, rows taken as independent; none under two rows, or where it is not known.
    pub error: Option<f64>,
    /// The same with groups taken as independent; none under two groups.
    pub group_error: Option<f64>,
    /// Which way it is wrong by construction.
    pub bias: Bias,
}

impl Estimate {
    /// Its interval by the normal curve and the error of single rows.
    #[must_use]
    pub fn interval(&self, confidence: f64) -> Option<Interval> {
        self.reach(self.error?, confidence)
    }

    /// The same by the error of groups.
    #[must_use]
    pub fn group_interval(&self, confidence: f64) -> Option<Interval> {
        self.reach(self.group_error?, confidence)
    }

    fn reach(&self, error: f64, confidence: f64) -> Option<Interval> {
        let upper = confidence.clamp(0.0, 1.0).mul_add(0.5, 0.5);
        let reach = (upper < 1.0).then(|| Normal::standard().inverse_cdf(upper) * error)?;
        Some(Interval {
            value: self.value,
            low: self.value - reach,
            high: self.value + reach,
        })
    }
}

/// A value, and the pull of every row on it.
struct Pulled {
    value: f64,
    pulls: Vec<f64>,
}

impl Pulled {
    /// A mean.
    fn mean(values: Vec<f64>) -> Self {
        let value = divided(values.iter().sum(), float(values.len()));
        Self {
            value,
            pulls: values.into_iter().map(|it| it - value).collect(),
        }
    }

    /// A mean by weights.
    fn weighted(values: impl Iterator<Item = (f64, f64)> + Clone) -> Self {
        let (sum, weights, count) = values
            .clone()
            .fold((0.0, 0.0, 0), |(sum, all, count), (value, weight)| {
                (sum + weight * value, all + weight, count + 1)
            });
        let value = divided(sum, weights);
        let by = divided(weights, float(count));
        Self {
            value,
            pulls: values
                .map(|(it, weight)| divided(weight * (it - value), by))
                .collect(),
        }
    }

    fn and(self, sign: f64, other: Self) -> Self {
        let pairs = self.pulls.into_iter().zip(other.pulls);
        Self {
            value: self.value + sign * other.value,
            pulls: pairs.map(|(one, two)| one + sign * two).collect(),
        }
    }
}

/// What an estimator says; none where it needs a model and a row has none.
pub(super) fn of(rows: &[Weighted], groups: &Groups, by: Estimator) -> Option<Estimate> {
    Some(measured(rows, groups, by, &pulled(rows, by)?))
}

/// The same less what was seen.
pub(super) fn difference(rows: &[Weighted], groups: &Groups, by: Estimator) -> Option<Estimate> {
    let seen = Pulled::mean(rows.iter().map(|row| row.seen).collect());
    let told = pulled(rows, by)?.and(-1.0, seen);
    Some(measured(rows, groups, by, &told))
}

fn pulled(rows: &[Weighted], by: Estimator) -> Option<Pulled> {
    let each = |of: &dyn Fn(f64, f64) -> f64| {
        let values = rows.iter().map(|row| of(row.weight, row.seen));
        Pulled::mean(values.collect())
    };
    // What the model says of the candidate, and by how much it was wrong of what was taken.
    let said = || -> Option<Vec<(f64, f64)>> {
        let each = |row: &Weighted| {
            let (candidate, taken) = row.said?;
            Some((candidate, row.seen - taken))
        };
        rows.iter().map(each).collect()
    };
    Some(match by {
        Estimator::Ips => each(&|weight, seen| weight * seen),
        Estimator::Clipped(cap) => each(&|weight, seen| weight.min(cap) * seen),
        Estimator::Snips => Pulled::weighted(rows.iter().map(|row| (row.seen, row.weight))),
        Estimator::Direct => Pulled::mean(said()?.into_iter().map(|(all, _)| all).collect()),
        Estimator::DoublyRobust => {
            let parts = said()?.into_iter().zip(rows);
            Pulled::mean(
                parts
                    .map(|((all, off), row)| all + row.weight * off)
                    .collect(),
            )
        }
        Estimator::NormalisedDoublyRobust => {
            let said = said()?;
            let off = said.iter().zip(rows);
            let correction = Pulled::weighted(off.map(|((_, off), row)| (*off, row.weight)));
            Pulled::mean(said.iter().map(|(all, _)| *all).collect()).and(1.0, correction)
        }
    })
}

fn measured(rows: &[Weighted], groups: &Groups, by: Estimator, told: &Pulled) -> Estimate {
    let squares = |of: &[f64]| of.iter().fold(0.0, |sum, it| sum + it * it);
    let of_groups = squares(&groups.sums(&told.pulls));
    let squares = squares(&told.pulls);
    let known = by != Estimator::Direct;
    let error = |squares, count| known.then(|| error(squares, count, rows.len())).flatten();
    Estimate {
        value: told.value,
        error: error(squares, rows.len()),
        group_error: error(of_groups, groups.count),
        bias: bias(rows, by),
    }
}

/// From squares of the pulls of so many parts, over so many rows; none under two parts.
fn error(squares: f64, parts: usize, rows: usize) -> Option<f64> {
    let (count, rows) = (float(parts), float(rows));
    (parts > 1).then(|| libm::sqrt(squares * count / (count - 1.0)) / rows)
}

fn bias(rows: &[Weighted], by: Estimator) -> Bias {
    match by {
        Estimator::Direct => Bias::Either,
        Estimator::Clipped(cap) => {
            // What is cut away is part of these outcomes.
            let mut cut = rows.iter().filter(|row| row.weight > cap);
            let seen =
                |(low, high): (f64, f64), row: &Weighted| (row.seen.min(low), row.seen.max(high));
            let any = cut
                .next()
                .map(|first| cut.fold((first.seen, first.seen), seen));
            match any {
                None => Bias::None,
                Some((low, _)) if low >= 0.0 => Bias::TooLow,
                Some((_, high)) if high <= 0.0 => Bias::TooHigh,
                Some(_) => Bias::Either,
            }
        }
        Estimator::Ips
        | Estimator::Snips
        | Estimator::DoublyRobust
        | Estimator::NormalisedDoublyRobust => Bias::None,
    }
}
