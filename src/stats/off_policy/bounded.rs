//! Intervals of a bounded outcome that hold although heavy rows are few, because they know the largest possible weight.
//!
//! Cressie-Read: of all ways to complete the log so that its weights average to one, those that are not too far from what
//! was seen; the interval is what they say (empirical likelihood, arXiv 1906.03323, with the Cressie-Read divergence of
//! power -2, which has a closed form). Scaled Clopper-Pearson: weighted outcomes taken as successes out of as many trials
//! as there are rows of the largest weight; wider, and exact.

use statrs::distribution::{Beta, Continuous, ContinuousCDF, StudentsT};

use super::Logged;
use crate::stats::interval::Estimate;

/// Between what an outcome lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The least.
    pub low: f64,
    /// The most; above the least.
    pub high: f64,
}

impl Bounds {
    /// Of a yes or no.
    pub const FLAG: Self = Self {
        low: 0.0,
        high: 1.0,
    };
}

/// Sums over the rows.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    rows: f64,
    seen: f64,
    w: f64,
    ww: f64,
    wr: f64,
    wwr: f64,
    wwrr: f64,
    weight_max: f64,
}

impl Logged {
    /// The headline: what would have been seen, with its Cressie-Read interval. Outcomes outside the bounds are cut.
    #[must_use]
    pub fn cressie_read(&self, bounds: Bounds, confidence: f64) -> Estimate {
        self.sums(bounds).cressie_read(bounds, confidence)
    }

    /// The scaled Clopper-Pearson interval around the mean of weighted outcomes; its upper end answers "at most".
    #[must_use]
    pub fn clopper_pearson(&self, bounds: Bounds, confidence: f64) -> Estimate {
        self.sums(bounds).clopper_pearson(bounds, confidence)
    }

    fn sums(&self, bounds: Bounds) -> Sums {
        let mut sums = Sums::default();
        for row in &self.rows {
            let w = row.weight;
            let r = row.seen.clamp(bounds.low, bounds.high);
            sums.rows += 1.0;
            sums.seen += r;
            sums.w += w;
            sums.ww += w * w;
            sums.wr += w * r;
            sums.wwr += w * w * r;
            sums.wwrr += w * w * r * r;
        }
        sums.weight_max = self.weight_possible;
        sums
    }
}

impl Sums {
    fn cressie_read(&self, bounds: Bounds, confidence: f64) -> Estimate {
        let tail = (1.0 - confidence.clamp(0.0, 1.0)) / 2.0;
        let phi = self.phi(tail);
        let end = |outcome: f64, sign: f64| {
            let ends = [0.0, self.weight_max].map(|weight| self.end(weight, outcome, sign, phi));
            let least = ends.into_iter().flatten().reduce(f64::min);
            // Nothing kept: the log says nothing beyond the bounds.
            sign * least.unwrap_or(sign * outcome)
        };
        let within = |it: f64| it.clamp(bounds.low, bounds.high);
        let value = within(self.value());
        Estimate {
            value,
            low: within(end(bounds.low, 1.0)).min(value),
            high: within(end(bounds.high, -1.0)).max(value),
        }
    }

    /// The weight of the row by which a log is completed, so that its weights average to one.
    fn completing(&self) -> f64 {
        if self.w < self.rows {
            self.weight_max
        } else {
            0.0
        }
    }

    /// Mean and mean square of the weights of the log completed by one row of this weight.
    fn moments(&self, weight: f64) -> (f64, f64) {
        let all = self.rows + 1.0;
        ((weight + self.w) / all, (weight * weight + self.ww) / all)
    }

    /// The point estimate.
    fn value(&self) -> f64 {
        let (a, b) = self.moments(self.completing());
        let all = self.rows + 1.0;
        let spread = a * a - b;
        if spread.abs() < 1e-12 {
            // All weights are the same: the weighted mean is the mean.
            return super::divided(self.seen, self.rows);
        }
        let gamma = (b - a) / spread;
        let beta = (1.0 - a) / spread;
        let rest = 1.0 - (-gamma * self.w - beta * self.ww) / all;
        let mean = super::divided(self.seen, self.rows);
        (-gamma * self.wr - beta * self.wwr) / all + rest.max(0.0) * mean
    }

    /// How far a completed log may be from what was seen.
    fn phi(&self, tail: f64) -> f64 {
        let (a, b) = self.moments(self.completing());
        let all = self.rows + 1.0;
        let spread = b - a * a;
        let off = (a - 1.0) * (a - 1.0);
        let least = if spread > 0.0 {
            all * off / spread
        } else {
            0.0
        };
        let t = student(self.rows, tail);
        -(least + t * t) / (2.0 * all)
    }

    /// The end of the interval on one side, with the log completed by one row; none where there is no such end.
    fn end(&self, f: f64, r: f64, sign: f64, phi: f64) -> Option<f64> {
        let all = self.rows + 1.0;
        let (w, ww) = self.moments(f);
        let wr = sign * (f * r + self.wr) / all;
        let wwr = sign * (f * f * r + self.wwr) / all;
        let wwrr = (f * f * r * r + self.wwrr) / all;
        let spread = ww - w * w;
        if spread <= 0.0 {
            return None;
        }
        let apart = wwr - w * wr;
        let x = wr + (1.0 - w) * apart / spread;
        let y = apart * apart / spread - (wwrr - wr * wr);
        let h = phi + (1.0 - w) * (1.0 - w) / (2.0 * spread);
        (h <= 0.0 && y * h >= 0.0).then(|| x - libm::sqrt(2.0 * y * h))
    }

    fn clopper_pearson(&self, bounds: Bounds, confidence: f64) -> Estimate {
        let tail = (1.0 - confidence.clamp(0.0, 1.0)) / 2.0;
        let range = bounds.high - bounds.low;
        let weight = self.weight_max.max(f64::MIN_POSITIVE);
        let trials = self.rows / weight;
        let successes = ((self.wr - bounds.low * self.w) / range / weight).clamp(0.0, trials);
        let back = |share: f64| (bounds.low + range * share).clamp(bounds.low, bounds.high);
        let failures = trials - successes;
        Estimate {
            value: back(successes / trials),
            low: back(if successes > 0.0 {
                beta(successes, failures + 1.0, tail)
            } else {
                0.0
            }),
            high: back(if failures > 0.0 {
                beta(successes + 1.0, failures, 1.0 - tail)
            } else {
                1.0
            }),
        }
    }
}

/// Student's quantile that leaves this much above it.
fn student(freedom: f64, tail: f64) -> f64 {
    let of = |it: StudentsT| exact(&it, it.inverse_cdf(1.0 - tail), 1.0 - tail);
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::INFINITY, of)
}

/// A quantile of the beta distribution.
fn beta(a: f64, b: f64, share: f64) -> f64 {
    Beta::new(a, b).map_or(f64::NAN, |it| exact(&it, it.inverse_cdf(share), share))
}

/// A quantile to the last digits: the library's own, made exact by Newton's steps.
fn exact<D>(of: &D, from: f64, share: f64) -> f64
where
    D: ContinuousCDF<f64, f64> + Continuous<f64, f64>,
{
    let mut at = from;
    for _ in 0..8 {
        let slope = of.pdf(at);
        let step = (of.cdf(at) - share) / slope;
        let next = at - step;
        if !step.is_finite() || !(of.min()..=of.max()).contains(&next) {
            break;
        }
        at = next;
        if step.abs() <= 1e-14 * at.abs() {
            break;
        }
    }
    at
}
