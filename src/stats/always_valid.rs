//! Intervals that may be looked at as often as one likes: a confidence sequence for a mean, good for large samples.
//!
//! A 95 % interval that is looked at every day is wrong far more often than one day in twenty; these hold at all looks
//! together (asymptotic confidence sequence, arXiv 2103.06476, with the mixture tuned for one number of rows).

/// Half the width of the interval of a mean over so many rows, of which `error` is the standard error.
///
/// `planned`: the number of rows at which the interval should be narrowest for what it is; `alpha`: how often it may be
/// wrong, as 0.05. None where there are no rows, or `alpha` is no probability.
#[must_use]
pub fn half_width(error: f64, rows: f64, planned: f64, alpha: f64) -> Option<f64> {
    let usable = rows >= 1.0 && planned >= 1.0 && alpha > 0.0 && alpha < 1.0;
    usable.then(|| {
        let twice = -2.0 * libm::log(alpha);
        let rho = (twice + libm::log(twice + 1.0)) / planned;
        let grown = rows * rho + 1.0;
        let reach = libm::log(libm::sqrt(grown) / alpha) * 2.0 * grown / (rows * rows * rho);
        error * libm::sqrt(rows * reach)
    })
}
