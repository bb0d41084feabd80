//! How sure one may be of a mean, and of the mean of differences.

use statrs::distribution::{ContinuousCDF as _, StudentsT};

#[cfg(test)]
mod tests;

/// A mean with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mean {
    /// The mean.
    pub mean: f64,
    /// Half the width of its interval; none where there are fewer than two values.
    pub half: Option<f64>,
    /// How many values.
    pub count: usize,
}

impl Mean {
    /// The mean of independent values with its interval by Student's t; none where there are no values.
    ///
    /// `confidence` is the share of intervals that hold the truth, as 0.95. The interval is exact for values of a
    /// normal distribution and good for sums of many parts, as the money of thousands of orders is.
    #[must_use]
    pub fn of(values: &[f64], confidence: f64) -> Option<Self> {
        let count = values.len();
        let n = u32::try_from(count)
            .ok()
            .filter(|it| *it > 0)
            .map(f64::from)?;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|it| (it - mean) * (it - mean)).sum();
        let half = (count > 1)
            .then(|| quantile(n - 1.0, confidence))
            .flatten()
            .map(|t| t * libm::sqrt(squares / (n - 1.0) / n));
        Some(Self { mean, half, count })
    }

    /// The mean of the differences of pairs, `left` less `right`: what two treatments share drops out of it. None
    /// where the two are not of one length, or empty.
    #[must_use]
    pub fn of_differences(left: &[f64], right: &[f64], confidence: f64) -> Option<Self> {
        if left.len() != right.len() {
            return None;
        }
        let differences: Vec<f64> = left.iter().zip(right).map(|(l, r)| l - r).collect();
        Self::of(&differences, confidence)
    }

    /// The lower end; minus infinity where nothing is sure.
    #[must_use]
    pub fn low(&self) -> f64 {
        self.half.map_or(f64::NEG_INFINITY, |half| self.mean - half)
    }

    /// The upper end; infinity where nothing is sure.
    #[must_use]
    pub fn high(&self) -> f64 {
        self.half.map_or(f64::INFINITY, |half| self.mean + half)
    }
}

/// How many standard errors an interval reaches to either side.
fn quantile(freedom: f64, confidence: f64) -> Option<f64> {
    let t = StudentsT::new(0.0, 1.0, freedom).ok()?;
    let upper = confidence.clamp(0.0, 1.0).mul_add(0.5, 0.5);
    (upper < 1.0).then(|| t.inverse_cdf(upper))
}
