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

/// Checks each action: probabilities in millionths, and which action was taken.
#[must_use]
pub fn frequencies<const A: usize>(
    rows: impl Iterator<Item = ([u32; A], usize)>,
) -> [Frequency; A] {
    let mut observed = [0_usize; A];
    let mut sums = [(0.0, 0.0); A];
    for (logged, taken) in rows {
        if let Some(count) = observed.get_mut(taken) {
            *count += 1;
        }
        for ((expected, variance), micro) in sums.iter_mut().zip(logged) {
            let p = f64::from(micro) / f64::from(WHOLE);
            *expected += p;
            *variance += p * (1.0 - p);
        }
    }
    let mut observed = observed.into_iter();
    sums.map(|(expected, variance)| {
        let observed = observed.next().unwrap_or_default();
        let z = (variance > 0.0).then(|| divided(float(observed) - expected, libm::sqrt(variance)));
        Frequency {
            observed,
            expected,
            z,
            p: z.map(|z| 2.0 * Normal::standard().sf(z.abs())),
        }
    })
}
