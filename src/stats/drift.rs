//! Whether two periods differ: the population stability index of one binned quantity, beside the value that chance alone
//! would hardly reach.
//!
//! Fixed thresholds (0.1, 0.25) are no constants: with a hundred rows a side they fire on identical samples, with many
//! thousands never. The bound here is the index's own null distribution, so a verdict means the same for any size.

use statrs::distribution::{ChiSquared, ContinuousCDF as _};

#[cfg(test)]
mod tests;

/// The share of identical samples that stay below the bound.
pub const LEVEL: f64 = 0.99;

/// Rows that a bin must be expected to hold on either side, or it is joined with its neighbour: fewer, and the bound
/// does not hold (the usual rule of chi-square).
const EXPECTED_MIN: f64 = 5.0;

/// Half a row stands for none, so that a bin which emptied has a finite index.
const NONE: f64 = 0.5;

/// What one side holds: shares by bin, and how many rows they rest on.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// By bin; need not sum to one.
    pub shares: &'a [f64],
    /// How many rows of equal weight they amount to.
    pub rows: f64,
}

/// How far two periods are apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drift {
    /// The population stability index; 0: the same shares.
    pub psi: f64,
    /// What identical periods stay below in [`LEVEL`] of all cases.
    pub bound: f64,
    /// Bins that were left after joining those that hold too few rows.
    pub bins: usize,
}

impl Drift {
    /// Whether the index is beyond what chance alone would hardly reach.
    #[must_use]
    pub fn is_beyond(&self) -> bool {
        self.psi > self.bound
    }
}

/// Compares two sides, bin by bin in the same order; none where a side is empty, the two are not of one length, or all
/// rows fall into one bin.
#[must_use]
pub fn drift(reference: Side<'_>, recent: Side<'_>) -> Option<Drift> {
    let (n, m) = (reference.rows, recent.rows);
    let usable = |rows: f64| rows.is_finite() && rows > 0.0;
    if reference.shares.len() != recent.shares.len() || !usable(n) || !usable(m) {
        return None;
    }
    let cells = joined(scaled(reference)?, scaled(recent)?);
    let bins = cells.len();
    let bound = bound(n, m, bins)?;
    let index = |(one, two): &(f64, f64)| {
        let (p, q) = (one.max(NONE) / n, two.max(NONE) / m);
        (p - q) * libm::log(p / q)
    };
    Some(Drift {
        psi: cells.iter().map(index).sum(),
        bound,
        bins,
    })
}

/// What the index of identical samples of `n` and `m` rows in `bins` bins stays below in [`LEVEL`] of all cases:
/// (1/n + 1/m) times the quantile of chi-square with one degree of freedom fewer than bins.
#[must_use]
pub fn bound(n: f64, m: f64, bins: usize) -> Option<f64> {
    let freedom = u32::try_from(bins).ok()?.checked_sub(1)?;
    let quantile = ChiSquared::new(f64::from(freedom)).ok()?.inverse_cdf(LEVEL);
    Some((1.0 / n + 1.0 / m) * quantile)
}

/// Rows by bin; none where there are none, or a share makes no sense.
fn scaled(side: Side<'_>) -> Option<Vec<f64>> {
    let all: f64 = side.shares.iter().sum();
    let good = side.shares.iter().all(|share| *share >= 0.0) && all.is_finite() && all > 0.0;
    good.then(|| {
        side.shares
            .iter()
            .map(|share| share / all * side.rows)
            .collect()
    })
}

/// Neighbours joined until each holds enough rows on either side, were both sides alike.
fn joined(one: Vec<f64>, two: Vec<f64>) -> Vec<(f64, f64)> {
    let (n, m): (f64, f64) = (one.iter().sum(), two.iter().sum());
    let enough = |(one, two): (f64, f64)| {
        let share = (one + two) / (n + m);
        share * n.min(m) >= EXPECTED_MIN
    };
    let mut cells: Vec<(f64, f64)> = Vec::new();
    let mut open = (0.0, 0.0);
    for (one, two) in one.into_iter().zip(two) {
        open = (open.0 + one, open.1 + two);
        if enough(open) {
            cells.push(std::mem::take(&mut open));
        }
    }
    match cells.last_mut() {
        Some(last) => *last = (last.0 + open.0, last.1 + open.1),
        None => cells.push(open),
    }
    cells
}
