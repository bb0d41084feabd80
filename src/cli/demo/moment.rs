//! Time in the demo: whole seconds, and days that begin at midnight UTC.

use prost_types::Timestamp;

/// Seconds of a day.
pub(super) const DAY_S: i64 = 86_400;
/// Seconds of an hour.
pub(super) const HOUR_S: i64 = 3_600;

/// Seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(i64);

impl Moment {
    /// Midnight at the beginning of the day so many days after 1970-01-01.
    pub(super) const fn day(days: i64) -> Self {
        Self(days * DAY_S)
    }

    /// So many seconds later.
    pub(super) const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Its day, as days after 1970-01-01.
    pub(super) const fn days(self) -> i64 {
        self.0.div_euclid(DAY_S)
    }

    /// As messages tell it.
    pub(super) const fn stamp(self) -> Timestamp {
        Timestamp {
            seconds: self.0,
            nanos: 0,
        }
    }

    /// Its date, `YYYY-MM-DD`.
    pub(super) fn date(self) -> String {
        self.stamp().to_string().chars().take(10).collect()
    }
}
