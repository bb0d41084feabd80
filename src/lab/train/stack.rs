//! How much each term deserves: a logistic regression on the terms' scores of rows that they were not learned from. It
//! mends terms that learned noise, and it is the calibration.
//!
//! The regression is linfa's, with its traps minded: it ignores weights, so rows are drawn in proportion to them within
//! each class and the intercept is found again on all rows with their weights; it calls the commoner class positive, so
//! the sign is read off its labels; it does not say whether it converged, so the gradient is looked at.
//!
//! The penalty draws the weights to one weight for all, not to nothing: where rows are too few to say how terms differ, what
//! was boosted stands nearly as it is. For that the sum of all terms is a column of its own, whose weight is freer.

use linfa::prelude::*;
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2, ShapeBuilder};

use super::logistic::level;
use crate::stats::logistic::sigmoid;

/// Rows that a regression sees at most; of more, a part that stands for all.
const ROWS_MAX: usize = 150_000;

/// By how many standard deviations of a term the sum of all is stretched (assumed): the penalty tells on its weight with a
/// ninth of its strength, which hardly draws it to nothing and still keeps it finite where labels can be told apart wholly.
const REACH: f64 = 3.0;

/// A weight a term, none negative, and what to add to the sum.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// By term; 0: dropped.
    pub terms: Vec<f64>,
    /// Log-odds added to all.
    pub intercept: f64,
}

/// Scores of rows by term, out of sample.
#[derive(Clone, Debug)]
pub struct Scores<'a> {
    /// By term, then by row.
    pub terms: &'a [Vec<f64>],
    /// By row.
    pub labels: &'a [bool],
    /// By row.
    pub weights: &'a [f64],
}

/// Fits the weights; `None` where the regression does not come to an end, which leaves every term as it is.
#[must_use]
pub fn fit(scores: &Scores<'_>, alpha: f64) -> Option<Weights> {
    let drawn = drawn(scores.labels, scores.weights);
    let rows: Vec<usize> = drawn.iter().map(|it| it.row).collect();
    let mut kept: Vec<usize> = (0..scores.terms.len())
        .filter(|term| spread(scores, *term, &rows).1 > 1e-9)
        .collect();
    loop {
        if kept.is_empty() {
            return None;
        }
        let weights = regression(scores, &rows, &kept, alpha)?;
        let good: Vec<usize> = kept
            .iter()
            .zip(&weights)
            .filter(|(_, it)| **it > 0.0)
            .map(|(term, _)| *term)
            .collect();
        if good.len() == kept.len() {
            let mut terms = vec![0.0; scores.terms.len()];
            for (term, weight) in kept.iter().zip(weights) {
                if let Some(place) = terms.get_mut(*term) {
                    *place = weight;
                }
            }
            let sums = sums(scores.terms, &terms, scores.labels.len());
            let intercept = level(&sums, scores.labels, scores.weights);
            return Some(Weights { terms, intercept });
        }
        kept = good;
    }
}

/// A row that a regression sees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drawn {
    /// Its place.
    pub row: usize,
    /// For how much weight it stands.
    pub weight: f64,
}

/// Rows in proportion to their weights within each class, evenly spaced, so that nothing is left to chance; in order.
///
/// Of rows that were drawn, with the weights that they stand for, all are drawn again.
#[must_use]
pub fn drawn(labels: &[bool], weights: &[f64]) -> Vec<Drawn> {
    let mut rows = Vec::new();
    let positives = labels.iter().filter(|it| **it).count();
    for class in [true, false] {
        let members = || {
            let all = labels.iter().zip(weights).enumerate();
            all.filter(move |(_, (label, _))| **label == class)
        };
        let limit = if class {
            ROWS_MAX
        } else {
            ROWS_MAX.saturating_sub(positives).max(ROWS_MAX / 2)
        };
        let wanted = members().count().min(limit);
        let total: f64 = members().map(|(_, (_, weight))| weight).sum();
        let step = total / super::float(wanted.max(1));
        let (mut sum, mut next) = (0.0, step * 0.5);
        for (row, (_, weight)) in members() {
            sum += weight;
            while next < sum {
                rows.push(Drawn { row, weight: step });
                next += step;
            }
        }
    }
    rows.sort_unstable_by_key(|it| it.row);
    rows
}

/// Mean and standard deviation of a term.
fn spread(scores: &Scores<'_>, term: usize, rows: &[usize]) -> (f64, f64) {
    let values = scores.terms.get(term).map_or(&[][..], Vec::as_slice);
    let of = || rows.iter().filter_map(|row| values.get(*row));
    let n = super::float(rows.len().max(1));
    let mean = of().sum::<f64>() / n;
    let variance = of().map(|it| (it - mean) * (it - mean)).sum::<f64>() / n;
    (mean, variance.sqrt())
}

fn regression(scores: &Scores<'_>, rows: &[usize], kept: &[usize], alpha: f64) -> Option<Vec<f64>> {
    let spreads: Vec<(f64, f64)> = kept
        .iter()
        .map(|term| spread(scores, *term, rows))
        .collect();
    // Column by column: linfa's gradient goes along columns, and is several times slower across rows.
    let mut table = Array2::<f64>::zeros((rows.len(), kept.len() + 1).f());
    let mut all = Array1::<f64>::zeros(rows.len());
    for ((mut column, term), (mean, deviation)) in
        table.columns_mut().into_iter().zip(kept).zip(&spreads)
    {
        let values = scores.terms.get(*term)?;
        for ((cell, row), all) in column.iter_mut().zip(rows).zip(&mut all) {
            let value = values.get(*row)? - mean;
            *cell = value / deviation;
            *all += value;
        }
    }
    let stretch = REACH / (all.dot(&all) / super::float(rows.len().max(1))).sqrt();
    let stretch = if stretch.is_finite() { stretch } else { 0.0 };
    table.column_mut(kept.len()).assign(&(all * stretch));
    let targets: Array1<usize> = rows
        .iter()
        .map(|row| usize::from(scores.labels.get(*row).copied().unwrap_or(false)))
        .collect();
    let set = Dataset::new(table, targets);
    let fitted = LogisticRegression::default()
        .alpha(alpha)
        .max_iterations(300)
        .gradient_tolerance(1e-5)
        .fit(&set)
        .ok()?;
    let sign = if fitted.labels().pos.class == 1 {
        1.0
    } else {
        -1.0
    };
    let slopes: Vec<f64> = fitted.params().iter().map(|it| it * sign).collect();
    let start = fitted.intercept() * sign;
    converged(&set, &slopes, start, alpha).then_some(())?;
    let common = slopes.last().map_or(0.0, |slope| slope * stretch);
    Some(
        slopes
            .iter()
            .zip(&spreads)
            .map(|(slope, (_, deviation))| common + slope / deviation)
            .collect(),
    )
}

/// Whether the loss hardly falls any more in any direction: linfa does not say.
fn converged(
    set: &Dataset<f64, usize, ndarray::Ix1>,
    slopes: &[f64],
    start: f64,
    alpha: f64,
) -> bool {
    let mut gradient: Vec<f64> = slopes.iter().map(|it| it * alpha).collect();
    for (row, label) in set.records().rows().into_iter().zip(set.targets()) {
        let score: f64 = row
            .iter()
            .zip(slopes)
            .map(|(x, slope)| x * slope)
            .sum::<f64>()
            + start;
        let off = sigmoid(score) - if *label == 1 { 1.0 } else { 0.0 };
        for (sum, x) in gradient.iter_mut().zip(row) {
            *sum += off * x;
        }
    }
    let rows = super::float(set.targets().len().max(1));
    gradient
        .iter()
        .all(|it| it.is_finite() && it.abs() / rows < 1e-3)
}

/// The weighted sum of terms for each row.
#[must_use]
pub fn sums(terms: &[Vec<f64>], weights: &[f64], rows: usize) -> Vec<f64> {
    let mut sums = vec![0.0; rows];
    for (values, weight) in terms.iter().zip(weights) {
        sums.iter_mut()
            .zip(values)
            .for_each(|(sum, it)| *sum += weight * it);
    }
    sums
}
