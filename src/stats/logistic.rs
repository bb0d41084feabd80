//! The logistic curve: from log-odds to probabilities, and what an outcome costs at some log-odds.

/// The probability at some log-odds.
#[must_use]
pub fn sigmoid(log_odds: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-log_odds))
}

/// ln(1 + e^x), without overflow for any x.
#[must_use]
pub fn softplus(x: f64) -> f64 {
    x.max(0.0) + libm::log1p(libm::exp(-x.abs()))
}

/// The log-loss of one outcome at some log-odds, in nats.
#[must_use]
pub fn loss(log_odds: f64, happened: bool) -> f64 {
    softplus(if happened { -log_odds } else { log_odds })
}
