//! The logistic curve, quick: a table with linear interpolation while learning, `libm` where a number is reported.

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
        let steps = crate::lab::train::float(STEPS);
        let at =
            |place: usize| sigmoid(crate::lab::train::float(place) / steps * (2.0 * REACH) - REACH);
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

/// The probability at some log-odds, exactly.
#[must_use]
pub fn sigmoid(log_odds: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-log_odds))
}

/// The log-loss of one outcome at some log-odds, in nats.
#[must_use]
pub fn loss(log_odds: f64, happened: bool) -> f64 {
    let against = if happened { -log_odds } else { log_odds };
    // ln(1 + e^x) without overflow.
    against.max(0.0) + libm::log1p(libm::exp(-against.abs()))
}
