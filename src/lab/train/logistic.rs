//! The logistic curve, quick: a table with linear interpolation while learning; and the level of scores, exactly.

use crate::stats::logistic::sigmoid;

/// Log-odds beyond these are as good as certain.
const REACH: f64 = 20.0;
const STEPS: usize = 1 << 14;

/// A table of the logistic curve from -20 to 20; off by less than 10^-6 of the probability times the step.
#[derive(Clone, Debug)]
pub struct Curve(Vec<f64>);

impl Curve {
    /// Makes it.
    #[must_use]
    pub fn new() -> Self {
        let steps = super::float(STEPS);
        let at = |place: usize| sigmoid(super::float(place) / steps * (2.0 * REACH) - REACH);
        Self((0..=STEPS + 1).map(at).collect())
    }

    /// The probability at some log-odds.
    #[must_use]
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a finite number between 0 and the table's length; this is the innermost loop"
    )]
    pub fn at(&self, log_odds: f64) -> f64 {
        let place = (log_odds.clamp(-REACH, REACH) + REACH) * (STEPS as f64 / (2.0 * REACH));
        let whole = place as usize;
        let part = place - whole as f64;
        match self.0.get(whole..whole + 2) {
            Some([low, high]) => low + (high - low) * part,
            _ => 0.5,
        }
    }
}

impl Default for Curve {
    fn default() -> Self {
        Self::new()
    }
}

/// What to add to the log-odds of all rows so that as many losses are expected as happened, weights counted.
#[must_use]
pub fn level(scores: &[f64], labels: &[bool], weights: &[f64]) -> f64 {
    let mut at = 0.0;
    for _ in 0..50 {
        let (mut gradient, mut curvature) = (0.0, 1e-12);
        for ((score, label), weight) in scores.iter().zip(labels).zip(weights) {
            let p = sigmoid(score + at);
            gradient += weight * (p - f64::from(u8::from(*label)));
            curvature += weight * p * (1.0 - p);
        }
        let step = (gradient / curvature).clamp(-2.0, 2.0);
        at -= step;
        if step.abs() < 1e-10 {
            break;
        }
    }
    at
}
