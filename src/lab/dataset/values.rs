//! The values of one order's signals, in as few bytes as they need: nothing is rounded.
//!
//! Small whole numbers take a byte, numbers that half the digits hold take four, all others eight, and what is missing
//! takes none.

#![expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number is narrowed only where it is looked at whether it is still the same"
)]

use crate::decision::signal::Signal;

const _: () = assert!(Signal::COUNT <= 64, "a bit for each signal");

/// Which of them there are and how they are kept, a bit each by [`Signal::index`]; then the numbers, the narrow ones first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    bytes: u64,
    halves: u64,
    wholes: u64,
    kept: Box<[u8]>,
}

/// How a number is kept.
enum Kept {
    Byte(u8),
    Half(f32),
    Whole(f64),
}

impl Kept {
    fn of(value: f64) -> Self {
        let same = |narrow: f64| narrow.to_bits() == value.to_bits();
        let (byte, half) = (value as u8, value as f32);
        if same(f64::from(byte)) {
            Self::Byte(byte)
        } else if same(f64::from(half)) {
            Self::Half(half)
        } else {
            Self::Whole(value)
        }
    }
}

impl Values {
    /// Of each signal as it is asked for; what is not finite is missing.
    #[must_use]
    pub fn of(value: impl Fn(Signal) -> Option<f64>) -> Self {
        let mut values = Self::default();
        let (mut narrow, mut halves, mut wholes) = (Vec::new(), Vec::new(), Vec::new());
        for signal in Signal::ALL.iter().copied() {
            let Some(value) = value(signal).filter(|it| it.is_finite()) else {
                continue;
            };
            let bit = 1 << signal.index();
            match Kept::of(value) {
                Kept::Byte(byte) => {
                    values.bytes |= bit;
                    narrow.push(byte);
                }
                Kept::Half(half) => {
                    values.halves |= bit;
                    halves.extend(half.to_le_bytes());
                }
                Kept::Whole(whole) => {
                    values.wholes |= bit;
                    wholes.extend(whole.to_le_bytes());
                }
            }
        }
        values.kept = [narrow, halves, wholes].concat().into_boxed_slice();
        values
    }

    /// The value of a signal, if it is not missing.
    #[must_use]
    pub fn get(&self, signal: Signal) -> Option<f64> {
        let bit = 1_u64 << signal.index();
        let before = |kept: u64| (kept & (bit - 1)).count_ones() as usize;
        let all = |kept: u64| kept.count_ones() as usize;
        if self.bytes & bit != 0 {
            let byte = self.kept.get(before(self.bytes))?;
            return Some(f64::from(*byte));
        }
        let halves = all(self.bytes);
        if self.halves & bit != 0 {
            let at = halves + 4 * before(self.halves);
            let half = self.kept.get(at..at + 4)?;
            return Some(f64::from(f32::from_le_bytes(half.try_into().ok()?)));
        }
        if self.wholes & bit != 0 {
            let at = halves + 4 * all(self.halves) + 8 * before(self.wholes);
            let whole = self.kept.get(at..at + 8)?;
            return Some(f64::from_le_bytes(whole.try_into().ok()?));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Values;
    use crate::decision::signal::Signal;

    /// Whole and broken, small and large, and what is no number.
    fn numbers() -> impl Strategy<Value = Option<f64>> {
        let some = prop_oneof![
            (0_u32..300).prop_map(f64::from),
            (-1e9..1e9),
            any::<f32>().prop_map(f64::from),
            any::<f64>(),
            Just(-0.0),
            Just(255.0),
            Just(256.0),
        ];
        prop::option::of(some)
    }

    proptest! {
        #[test]
        fn every_value_comes_back_as_it_was_and_what_is_no_number_is_missing(
            known in prop::collection::vec(numbers(), Signal::COUNT)
        ) {
            let values = Values::of(|signal| known[signal.index()]);
            for signal in Signal::ALL {
                let expected = known[signal.index()].filter(|it| it.is_finite());
                let found = values.get(*signal);
                prop_assert_eq!(found.map(f64::to_bits), expected.map(f64::to_bits), "{}", signal.name());
            }
        }
    }

    #[test]
    fn what_is_missing_takes_no_room_and_small_counts_take_a_byte_each() {
        let room = |value: Option<f64>| Values::of(|_| value).kept.len();
        let expected = [(None, 0), (Some(7.0), 1), (Some(1.5), 4), (Some(129.99), 8)];
        for (value, bytes) in expected {
            assert_eq!(room(value), bytes * Signal::COUNT, "{value:?}");
        }
    }
}
