//! Names of decisions: UUIDs of version 7 that sort by the order in which they were made, also within a millisecond.

use std::sync::{Mutex, PoisonError};

use super::Entropy;
use crate::domain::ids::DecisionId;
use crate::domain::units::Timestamp;

/// Where the names stand.
#[derive(Debug, Default)]
pub struct Ids(Mutex<(u64, u16)>);

/// A count of its own within a millisecond takes the 12 bits after the version.
const COUNT_MAX: u16 = 0x0fff;

impl Ids {
    /// The next name: of `now`, or of the millisecond after the last one's where that is full.
    #[must_use]
    pub fn next(&self, now: Timestamp, entropy: Entropy) -> DecisionId {
        let mut random = [0; 10];
        entropy(&mut random);
        let millis = u64::try_from(now.as_micros().div_euclid(1_000)).unwrap_or(0);
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *last = match *last {
            (then, _) if millis > then => (millis, 0),
            (then, count) if count < COUNT_MAX => (then, count + 1),
            (then, _) => (then + 1, 0),
        };
        let (millis, count) = *last;
        let [high, low] = count.to_be_bytes();
        (random[0], random[1]) = (high, low);
        DecisionId::of(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_by_the_order_in_which_they_were_made() {
        let ids = Ids::default();
        let at = Timestamp::from_micros(1_781_092_800_000_000);
        let names: Vec<_> = (0..10_000)
            .map(|_| ids.next(at, |bytes| bytes.fill(0xff)))
            .collect();
        assert!(names.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(ids.next(Timestamp::from_micros(0), |bytes| bytes.fill(0)) > names[9_999]);
    }
}
