//! How good probabilities of a yes or no are, and how sure one may be of each figure: by drawing the rows again.
//!
//! Rows stand for others (weights), which no textbook variance of ROC-AUC or recall allows for; drawing whole rows again
//! with their weights does, for every figure alike. All figures come from one walk over rows that are sorted once, so a
//! repeat costs no sorting. Rows are taken as independent.

mod chance;
#[cfg(test)]
mod tests;
mod walk;

pub use chance::Chance;
pub use walk::Figures;

use statrs::distribution::{ContinuousCDF as _, Normal};
use walk::Sorted;

/// The share of intervals that hold the truth.
pub const CONFIDENCE: f64 = 0.95;

/// Fewer positives give no figures: the interval would say nothing.
pub const POSITIVES_MIN: usize = 10;

/// One row: what was said of it, what was seen, and for how many it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Case {
    /// P(positive), as it was said.
    pub probability: f64,
    /// Whether it was.
    pub positive: bool,
    /// For how many rows it stands; 0 or less: it is left out.
    pub weight: f64,
}

/// How often rows are drawn again, and which chance draws them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeats {
    /// How often; at least 40 for an interval of 95 %.
    pub count: u32,
    /// The same seed and the same rows give the same intervals, in whatever order the rows come.
    pub seed: u64,
}

/// A figure and its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// As the rows say it.
    pub value: f64,
    /// Where the interval begins.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
}

/// How good probabilities are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// Each figure with its interval.
    pub figures: Figures<Estimate>,
    /// The calibration error that perfectly calibrated probabilities would show on these rows, on average.
    pub ece_by_chance: f64,
    /// Rows that are positive.
    pub positives: usize,
    /// All rows.
    pub rows: usize,
    /// To how many rows of equal weight they amount: (sum of weights)² by the sum of their squares.
    pub effective: f64,
    /// To how many the positive ones amount.
    pub positives_effective: f64,
}

/// Why nothing can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No row is positive, or none is negative.
    #[error("one class only: {positives} of {rows} rows are positive")]
    OneClass {
        /// Rows that are positive.
        positives: usize,
        /// All rows.
        rows: usize,
    },
    /// Too few rows are positive.
    #[error("{positives} positive rows are too few; {POSITIVES_MIN} are needed")]
    TooFew {
        /// Rows that are positive.
        positives: usize,
    },
}

/// Judges probabilities by what was seen.
///
/// Intervals: the middle [`CONFIDENCE`] of what the repeats say, moved by as much as more than half of them lie on one side
/// of the value (bias-corrected percentiles). That of the calibration error is mirrored at its value instead, because
/// drawing again adds its own noise to any such error.
///
/// # Errors
/// [`Error`] says what is missing.
pub fn judge(cases: &[Case], repeats: Repeats) -> Result<Judged, Error> {
    let sorted = Sorted::new(cases);
    let (rows, positives) = (sorted.len(), sorted.positives());
    if positives == 0 || positives == rows {
        return Err(Error::OneClass { positives, rows });
    }
    if positives < POSITIVES_MIN {
        return Err(Error::TooFew { positives });
    }
    let ones = vec![1_u8; rows];
    let value = sorted
        .figures(&ones)
        .ok_or(Error::OneClass { positives, rows })?;
    let mut drawn: Vec<Figures<f64>> = Vec::new();
    let mut times = ones;
    for repeat in 0..repeats.count {
        let mut chance = Chance::new(repeats.seed).apart(u64::from(repeat));
        times.iter_mut().for_each(|it| *it = chance.times());
        drawn.extend(sorted.figures(&times));
    }
    let figures = value.map(|of, name| {
        let mut all: Vec<f64> = drawn.iter().map(|it| it.get(name)).collect();
        all.sort_unstable_by(f64::total_cmp);
        if name == walk::Name::Ece {
            mirrored(&all, of)
        } else {
            corrected(&all, of)
        }
    });
    Ok(Judged {
        figures,
        ece_by_chance: sorted.ece_by_chance(),
        positives,
        rows,
        effective: effective(sorted.weights()),
        positives_effective: effective(sorted.positive_weights()),
    })
}

/// To how many rows of equal weight these amount.
#[must_use]
pub fn effective(weights: impl Iterator<Item = f64>) -> f64 {
    let (sum, squares) = weights.fold((0.0, 0.0), |(sum, squares), it| {
        (sum + it, squares + it * it)
    });
    if squares > 0.0 {
        sum * sum / squares
    } else {
        0.0
    }
}

/// The middle of the repeats, mirrored at the value.
fn mirrored(sorted: &[f64], value: f64) -> Estimate {
    let tail = (1.0 - CONFIDENCE) / 2.0;
    let end = |share| quantile(sorted, share).map_or(value, |it| (2.0 * value - it).max(0.0));
    Estimate {
        value,
        low: end(1.0 - tail),
        high: end(tail),
    }
}

/// The middle of the repeats, corrected for their bias.
fn corrected(sorted: &[f64], value: f64) -> Estimate {
    if sorted.is_empty() {
        return Estimate {
            value,
            low: value,
            high: value,
        };
    }
    let float = |count: usize| u32::try_from(count).map_or(f64::NAN, f64::from);
    let below = float(sorted.partition_point(|it| *it < value));
    let same = float(sorted.partition_point(|it| *it <= value)) - below;
    // Never off one side altogether: a quarter of a repeat lies beyond either end.
    let share = (below + same / 2.0).clamp(0.25, float(sorted.len()) - 0.25) / float(sorted.len());
    let end = |tail: f64| {
        let normal = Normal::standard();
        let moved = 2.0 * normal.inverse_cdf(share) + normal.inverse_cdf(tail);
        quantile(sorted, normal.cdf(moved)).unwrap_or(value)
    };
    let tail = (1.0 - CONFIDENCE) / 2.0;
    Estimate {
        value,
        low: end(tail).min(value),
        high: end(1.0 - tail).max(value),
    }
}

/// A quantile of sorted values, between the two nearest.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = u32::try_from(sorted.len().checked_sub(1)?).ok()?;
    let mut place = 0_u32;
    let at = share * f64::from(last);
    while place < last && f64::from(place + 1) <= at {
        place += 1;
    }
    let lower = sorted.get(usize::try_from(place).ok()?)?;
    let upper = sorted
        .get(usize::try_from(place.saturating_add(1)).ok()?)
        .unwrap_or(lower);
    Some(lower + (upper - lower) * (at - f64::from(place)))
}
