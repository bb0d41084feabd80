//! Chance for drawing rows again: `SplitMix64`, whose numbers are those of its published reference.
//!
//! A generator of our own, because intervals must come out the same for ever and on every machine, and because a library
//! of random numbers belongs to the simulated world alone. It is no secret and decides nothing.

/// A stream of numbers from a seed.
#[derive(Clone, Debug)]
pub struct Chance(u64);

/// P(Poisson(1) ≤ k) for k = 0, 1, 2, ...: how many times a row is drawn. The rest above 9 is below one in 10^7.
const POISSON: [f64; 10] = [
    0.367_879_441_171_442_33,
    0.735_758_882_342_884_7,
    0.919_698_602_928_605_8,
    0.981_011_843_123_846_2,
    0.996_340_153_172_656_3,
    0.999_405_815_182_418_3,
    0.999_916_758_850_711_9,
    0.999_989_750_803_325_3,
    0.999_998_874_797_402,
    0.999_999_888_574_521_7,
];

impl Chance {
    /// Starts a stream.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A stream of its own for each number.
    #[must_use]
    pub fn apart(mut self, number: u64) -> Self {
        let first = self.bits();
        Self(Self(number).bits() ^ first)
    }

    /// 64 random bits.
    pub const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A whole number below `limit`; 0 for a limit of 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        let wide = u128::from(self.bits()) * u128::from(limit);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// From 0 on, below 1, in steps of 2^-32.
    pub fn share(&mut self) -> f64 {
        let upper = u32::try_from(self.bits() >> 32).unwrap_or(0);
        f64::from(upper) / 4_294_967_296.0
    }

    /// How many times a row is drawn: Poisson with mean one, as if as many rows were drawn again as there are.
    pub fn times(&mut self) -> u8 {
        let share = self.share();
        let mut times = 0;
        for limit in POISSON {
            if share < limit {
                return times;
            }
            times += 1;
        }
        times
    }
}
