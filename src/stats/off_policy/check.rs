//! Whether actions came as often as their logged probabilities say.

use statrs::distribution::{ContinuousCDF as _, Normal};

use super::{WHOLE, divided, float};

/// How often one action came, against how often it should have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frequency {
    /// How often it came.
    pub observed: usize,
    /// How often it should have come.
    pub expected: f64,
    /// By how many standard deviations it is off; none where chance had no part in it.
    pub z: Option<f64>,
    /// How probable it is to be that far off or farther.
    pub p: Option<f64>,
}

/// What is counted of each action so far.
#[derive(Clone, Debug)]
pub struct Check<const A: usize> {
    observed: [usize; A],
    /// How often it should have come, and the variance of that.
    sums: [(f64, f64); A],
}

impl<const A: usize> Default for Check<A> {
    fn default() -> Self {
        Self {
            observed: [0; A],
            sums: [(0.0, 0.0); A],
        }
    }
}

impl<const A: usize> Check<A> {
    /// Counts a row: every action's probability in millionths, and the one that was taken.
    pub fn add(&mut self, logged: &[u32; A], taken: usize) {
        if let Some(count) = self.observed.get_mut(taken) {
            *count += 1;
        }
        for ((expected, variance), micro) in self.sums.iter_mut().zip(logged) {
            let p = f64::from(*micro) / f64::from(WHOLE);
            *expected += p;
            *variance += p * (1.0 - p);
        }
    }

    /// What it comes to.
    #[must_use]
    pub fn frequencies(&self) -> [Frequency; A] {
        let mut observed = self.observed.iter().copied();
        self.sums.map(|(expected, variance)| {
            let observed = observed.next().unwrap_or_default();
            let z =
                (variance > 0.0).then(|| divided(float(observed) - expected, libm::sqrt(variance)));
            Frequency {
                observed,
                expected,
                z,
                p: z.map(|z| 2.0 * Normal::standard().sf(z.abs())),
            }
        })
    }
}
