//! Chance by name: every draw comes from a stream keyed by the seed, by what is drawn and for whom.
//!
//! Nothing is drawn from one long sequence. So the same seed gives the same people, orders and fates under every shop:
//! a decision changes what it causes, and shifts no other draw (common random numbers).

#![expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "places in tables and counts as floats; all are small"
)]

use rand::Rng as _;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;

/// What a stream is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// Towns, depots, routes, couriers.
    Places,
    /// Households, customers and their addresses.
    People,
    /// Who orders when, and whether it is an intruder.
    Plans,
    /// What is ordered and how.
    Orders,
    /// What becomes of an order.
    Fates,
    /// What a baseline shop draws.
    Shops,
}

/// The seed of a world.
#[derive(Clone, Debug)]
pub(super) struct Seed(u64);

impl Seed {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The stream of one thing.
    pub(super) fn stream(&self, about: About, number: u64) -> Chance {
        let mut key = [0; 32];
        let (seed, rest) = key.split_at_mut(8);
        seed.copy_from_slice(&self.0.to_le_bytes());
        if let Some(place) = rest.first_mut() {
            *place = about as u8;
        }
        let mut stream = ChaCha8Rng::from_seed(key);
        stream.set_stream(number);
        Chance(stream)
    }
}

/// A stream of draws.
#[derive(Clone, Debug)]
pub(super) struct Chance(ChaCha8Rng);

impl Chance {
    /// From 0 up to, and never, 1.
    pub(super) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with this probability.
    pub(super) fn happens(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// From `from` up to `to`.
    pub(super) fn between(&mut self, from: f64, to: f64) -> f64 {
        (to - from).mul_add(self.unit(), from)
    }

    /// A standard normal draw.
    pub(super) fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.unit()));
        radius * libm::cos(std::f64::consts::TAU * self.unit())
    }

    /// A log-normal factor whose mean is 1.
    pub(super) fn factor(&mut self, sigma: f64) -> f64 {
        libm::exp(sigma.mul_add(self.normal(), -sigma * sigma / 2.0))
    }

    /// A gamma factor whose mean is 1 and whose shape is at most 1, so that few have much of it (Ahrens and Dieter 1974).
    pub(super) fn concentrated(&mut self, shape: f64) -> f64 {
        let shape = shape.clamp(0.05, 1.0);
        let edge = 1.0 + shape / std::f64::consts::E;
        loop {
            let place = edge * self.unit();
            let dice = 1.0 - self.unit();
            if place <= 1.0 {
                let x = libm::pow(place, 1.0 / shape);
                if dice <= libm::exp(-x) {
                    return x / shape;
                }
            } else {
                let x = -libm::log((edge - place) / shape);
                if dice <= libm::pow(x, shape - 1.0) {
                    return x / shape;
                }
            }
        }
    }

    /// A place of a table of `len`; 0 where it is empty.
    pub(super) fn below(&mut self, len: usize) -> usize {
        place(self.unit(), len)
    }
}

/// Where `unit` falls in a table of `len`.
pub(super) fn place(unit: f64, len: usize) -> usize {
    ((unit * len as f64) as usize).min(len.saturating_sub(1))
}

/// A count as a float.
pub(super) const fn float(count: usize) -> f64 {
    count as f64
}

/// A positive float as the nearest count; 0 for what is none.
pub(super) fn count(value: f64) -> usize {
    value.round().max(0.0) as usize
}

/// A positive float as the nearest 32-bit count.
pub(super) fn small(value: f64) -> u32 {
    value.round().clamp(0.0, 4e9) as u32
}

/// A float as the nearest whole number.
pub(super) fn whole(value: f64) -> i64 {
    value.round().clamp(-9e15, 9e15) as i64
}

/// A whole number as the place of a table; 0 where negative.
pub(super) fn index(value: i64) -> usize {
    usize::try_from(value).unwrap_or(0)
}

/// The place that `unit` of the total of a few weights falls on, as [`Weights::at`] finds it.
pub(super) fn pick(weights: &[f64], unit: f64) -> usize {
    let sums = weights.iter().scan(0.0, |sum, weight| {
        *sum += weight.max(0.0);
        Some(*sum)
    });
    let target = unit * sums.clone().last().unwrap_or(0.0);
    sums.take_while(|sum| *sum <= target)
        .count()
        .min(weights.len().saturating_sub(1))
}

/// Weights summed up, so that a draw finds its place at once.
#[derive(Clone, Debug)]
pub(super) struct Weights {
    sums: Vec<f64>,
    /// Where to begin to look, by equal parts of the total.
    guide: Vec<usize>,
}

impl Weights {
    pub(super) fn of(weights: impl IntoIterator<Item = f64>) -> Self {
        let mut sum = 0.0;
        let add = |weight: f64| {
            sum += weight.max(0.0);
            sum
        };
        let sums: Vec<f64> = weights.into_iter().map(add).collect();
        let total = sums.last().copied().unwrap_or(0.0);
        let mut guide = Vec::with_capacity(sums.len());
        let mut at = 0;
        for part in 0..sums.len() {
            let from = total * part as f64 / sums.len() as f64;
            while sums.get(at).is_some_and(|sum| *sum <= from) {
                at += 1;
            }
            guide.push(at);
        }
        Self { sums, guide }
    }

    /// The sum of all.
    pub(super) fn total(&self) -> f64 {
        self.sums.last().copied().unwrap_or(0.0)
    }

    /// The share of one place.
    pub(super) fn share(&self, place: usize) -> f64 {
        let upper = self.sums.get(place).copied().unwrap_or(0.0);
        let lower = place.checked_sub(1).and_then(|it| self.sums.get(it));
        (upper - lower.copied().unwrap_or(0.0)) / self.total()
    }

    /// The place that `unit` of the total falls on.
    pub(super) fn at(&self, unit: f64) -> usize {
        let target = unit * self.total();
        let mut at = self
            .guide
            .get(place(unit, self.guide.len()))
            .copied()
            .unwrap_or(0);
        // Rounding may have begun a step too far.
        while at > 0 && self.sums.get(at - 1).is_some_and(|sum| *sum > target) {
            at -= 1;
        }
        while self.sums.get(at).is_some_and(|sum| *sum <= target) {
            at += 1;
        }
        at.min(self.sums.len().saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::{Weights, pick};

    #[test]
    fn a_few_weights_are_drawn_from_as_many_are() {
        for weights in [
            &[0.9, 0.08, 0.02][..],
            &[0.0, 1.0, 0.0],
            &[0.3],
            &[0.0, 0.0],
            &[],
        ] {
            let all = Weights::of(weights.iter().copied());
            for part in 0..1_000 {
                let unit = f64::from(part) / 1_000.0;
                assert_eq!(pick(weights, unit), all.at(unit), "{weights:?} at {unit}");
            }
        }
    }
}
