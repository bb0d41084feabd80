//! A share as one who knows nothing of weights reads it off the record, with Wilson's interval.

/// So many of so many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    part: f64,
    of: f64,
}

impl Share {
    pub(crate) fn of(part: u64, of: u64) -> Self {
        let float = |count: u64| u32::try_from(count).map_or(f64::NAN, f64::from);
        Self {
            part: float(part),
            of: float(of.max(1)),
        }
    }

    /// From 0 to 1.
    pub(crate) fn share(self) -> f64 {
        self.part / self.of
    }

    /// At 95 %.
    pub(crate) fn interval(self) -> (f64, f64) {
        let (p, n, z2) = (self.share(), self.of, 1.96 * 1.96);
        let middle = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
        let half = 1.96 / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
        (middle - half, middle + half)
    }
}
