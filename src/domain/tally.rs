//! Counts by event time that stay small however long a history is, and that any order of arrival leaves the same.
//!
//! Recent events are kept by the hour (72 whole ones and the newest), older ones by the day (31), by the week (58),
//! then forgotten. Where an event belongs follows from its own time and the newest time seen alone, so additions
//! commute exactly.

use std::collections::BTreeMap;

use super::closed::closed;
use super::units::{Currency, Span, Timestamp, to_f64};

closed! {
    /// What is counted.
    Counter {
        /// Orders placed.
        Orders = 1 "orders",
        /// Money of orders placed and not cancelled, in minor units of a currency.
        Value = 2 "value",
        /// Carts shown before payment.
        Probes = 3 "probes",
        /// Parcels of orders placed.
        Parcels = 4 "parcels",
        /// Claims opened.
        Claims = 5 "claims",
        /// Losses to thieves at the door.
        LossPorch = 6 "loss_porch",
        /// Losses to couriers.
        LossCourier = 7 "loss_courier",
        /// Losses in depots.
        LossDepot = 8 "loss_depot",
        /// False claims.
        LossCustomer = 9 "loss_customer",
        /// Losses to intruders.
        LossTakeover = 10 "loss_takeover",
        /// Losses of unknown fault.
        LossUnknown = 11 "loss_unknown",
        /// Attempts that needed a person at the door.
        Attended = 12 "attended",
        /// Those of them that failed.
        AttendedFailed = 13 "attended_failed",
        /// Deliveries that asked for a code.
        Coded = 14 "coded",
        /// Orders for which the customer was asked for something: a code or a way to a locker.
        Asked = 15 "asked",
        /// Orders that a person is to look at.
        Reviews = 16 "reviews",
        /// What random sparing is expected to lose, in millionths of the base currency.
        Spared = 17 "spared",
    }
}

/// One amount at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// What is counted.
    pub counter: Counter,
    /// In which currency, where money.
    pub currency: Option<Currency>,
    /// When it happened.
    pub at: Timestamp,
}

impl Entry {
    /// As routes, depots and the platform count it: at the first moment of its week. Their windows are months long, and
    /// what one of them shows is the same in tables and in memory.
    #[must_use]
    pub const fn by_week(self) -> Self {
        let at = Bucket::Week(week_of(self.at)).bounds().0;
        Self { at, ..self }
    }
}

/// The week of a time, since the epoch.
#[must_use]
pub const fn week_of(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(WEEK)
}

/// A stretch of time that counts together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bucket {
    /// Hours since the epoch.
    Hour(i64),
    /// Days since the epoch.
    Day(i64),
    /// Weeks since the epoch, from a Thursday.
    Week(i64),
}

const HOUR: i64 = Span::hours(1).as_micros();
const DAY: i64 = Span::days(1).as_micros();
const WEEK: i64 = Span::days(7).as_micros();
const HOURS_KEPT: i64 = 73;
const DAYS_KEPT: i64 = 31;
const WEEKS_KEPT: i64 = 58;

impl Bucket {
    /// Where an event at `at` counts when `newest` is the newest time seen; nowhere once it is too old.
    #[must_use]
    pub const fn of(at: Timestamp, newest: Timestamp) -> Option<Self> {
        let (at, newest) = (at.as_micros(), newest.as_micros());
        if at.div_euclid(HOUR) > newest.div_euclid(HOUR) - HOURS_KEPT {
            Some(Self::Hour(at.div_euclid(HOUR)))
        } else if at.div_euclid(DAY) > newest.div_euclid(DAY) - DAYS_KEPT {
            Some(Self::Day(at.div_euclid(DAY)))
        } else if at.div_euclid(WEEK) > newest.div_euclid(WEEK) - WEEKS_KEPT {
            Some(Self::Week(at.div_euclid(WEEK)))
        } else {
            None
        }
    }

    /// Its first moment and the first one after it.
    #[must_use]
    pub const fn bounds(self) -> (Timestamp, Timestamp) {
        let (index, length) = match self {
            Self::Hour(index) => (index, HOUR),
            Self::Day(index) => (index, DAY),
            Self::Week(index) => (index, WEEK),
        };
        let start = index.saturating_mul(length);
        (
            Timestamp::from_micros(start),
            Timestamp::from_micros(start.saturating_add(length)),
        )
    }
}

/// The day (UTC) of a time, since 1970.
#[must_use]
pub const fn utc_day(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(DAY)
}

/// The first moment of the week that holds a time; weeks begin on Thursdays, as 1970 did.
#[must_use]
pub const fn week_start(at: Timestamp) -> Timestamp {
    Bucket::Week(at.as_micros().div_euclid(WEEK)).bounds().0
}

/// One count: what, in which currency, when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// What is counted.
    pub counter: Counter,
    /// In which currency, where money.
    pub currency: Option<Currency>,
    /// When.
    pub bucket: Bucket,
}

/// Counts by event time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    newest: Timestamp,
    /// Sorted, no cell twice: some dozens, read and copied far more often than changed.
    cells: Vec<(Cell, i64)>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            newest: Timestamp::from_micros(i64::MIN / 2),
            cells: Vec::new(),
        }
    }
}

impl Tally {
    /// Puts a stored tally together again; of a cell that comes twice the last counts.
    #[must_use]
    pub fn restore(newest: Timestamp, cells: impl IntoIterator<Item = (Cell, i64)>) -> Self {
        let mut cells: Vec<(Cell, i64)> = cells.into_iter().collect();
        cells.sort_by_key(|(cell, _)| *cell);
        cells.dedup_by(|(later, amount), (cell, kept)| {
            let same = later == cell;
            if same {
                *kept = *amount;
            }
            same
        });
        Self { newest, cells }
    }

    /// The newest time seen.
    #[must_use]
    pub const fn newest(&self) -> Timestamp {
        self.newest
    }

    /// Every count that is not zero, in a fixed order.
    pub fn cells(&self) -> impl Iterator<Item = (Cell, i64)> {
        self.cells.iter().copied()
    }

    /// Whether nothing was ever counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The counts of one counter alone.
    #[must_use]
    pub fn only(&self, counter: Counter) -> Self {
        let cells = self.cells().filter(|(cell, _)| cell.counter == counter);
        Self::restore(self.newest, cells)
    }

    /// Adds `amount` (negative takes away).
    pub fn add(&mut self, entry: Entry, amount: i64) {
        self.see(entry.at);
        if let Some(bucket) = Bucket::of(entry.at, self.newest) {
            self.put(
                Cell {
                    counter: entry.counter,
                    currency: entry.currency,
                    bucket,
                },
                amount,
            );
        }
    }

    /// Moves the newest time seen forward, and older counts into larger buckets.
    pub fn see(&mut self, at: Timestamp) {
        if at <= self.newest {
            return;
        }
        self.newest = at;
        let outgrown = |cell: &Cell| Bucket::of(cell.bucket.bounds().0, at) != Some(cell.bucket);
        let moved: Vec<_> = self
            .cells
            .extract_if(.., |(cell, _)| outgrown(cell))
            .collect();
        for (cell, amount) in moved {
            if let Some(bucket) = Bucket::of(cell.bucket.bounds().0, at) {
                self.put(Cell { bucket, ..cell }, amount);
            }
        }
    }

    /// The count in the window `(from, to]`; a bucket that reaches into it counts whole.
    #[must_use]
    pub fn sum(&self, counter: Counter, from: Timestamp, to: Timestamp) -> i64 {
        let mut sum = 0_i64;
        self.each(counter, from, to, |_, amount| {
            sum = sum.saturating_add(amount);
        });
        sum
    }

    /// The counts in the window, with their currencies.
    pub fn each(
        &self,
        counter: Counter,
        from: Timestamp,
        to: Timestamp,
        mut tell: impl FnMut(Option<Currency>, i64),
    ) {
        let window = Window::new(self.newest, from, to);
        let first = self.cells.partition_point(|(it, _)| it.counter < counter);
        let cells = self.cells.get(first..).unwrap_or_default();
        for (cell, amount) in cells.iter().take_while(|(it, _)| it.counter == counter) {
            if window.is_reached_by(cell.bucket) {
                tell(cell.currency, *amount);
            }
        }
    }

    /// Whether what is counted at `at` is in the window `(from, to]`.
    #[must_use]
    pub fn counts(&self, at: Timestamp, from: Timestamp, to: Timestamp) -> bool {
        let window = Window::new(self.newest, from, to);
        Bucket::of(at, self.newest).is_some_and(|bucket| window.is_reached_by(bucket))
    }

    fn put(&mut self, cell: Cell, amount: i64) {
        let found = self.cells.binary_search_by_key(&cell, |(it, _)| *it);
        let place = found.unwrap_or_else(|place| {
            self.cells.insert(place, (cell, 0));
            place
        });
        if let Some((_, sum)) = self.cells.get_mut(place) {
            *sum = sum.saturating_add(amount);
            if *sum == 0 {
                self.cells.remove(place);
            }
        }
    }
}

/// The window `(from, to]` of a tally.
///
/// A tally is read as coarse as it will be once something is seen at `to`: what a profile tells then depends on what was
/// counted and when it is asked, not on what was seen in between and taken away again.
struct Window {
    from: Timestamp,
    to: Timestamp,
    /// The first hour, day and week that are kept.
    first: [i64; 3],
}

impl Window {
    fn new(newest: Timestamp, from: Timestamp, to: Timestamp) -> Self {
        let newest = newest.max(to).as_micros();
        Self {
            from,
            to,
            first: [
                newest.div_euclid(HOUR) - HOURS_KEPT + 1,
                newest.div_euclid(DAY) - DAYS_KEPT + 1,
                newest.div_euclid(WEEK) - WEEKS_KEPT + 1,
            ],
        }
    }

    /// A day ends where the hours that are kept begin, a week where the days do: later events are not in it.
    fn is_reached_by(&self, bucket: Bucket) -> bool {
        let start = bucket.bounds().0.as_micros();
        let (day, week) = (start.div_euclid(DAY), start.div_euclid(WEEK));
        let [first_hour, first_day, first_week] = self.first;
        let (coarse, end) = match bucket {
            Bucket::Hour(hour) if hour >= first_hour => (bucket, None),
            Bucket::Hour(_) | Bucket::Day(_) if day >= first_day => {
                (Bucket::Day(day), Some(Bucket::Hour(first_hour)))
            }
            Bucket::Hour(_) | Bucket::Day(_) | Bucket::Week(_) if week >= first_week => {
                (Bucket::Week(week), Some(Bucket::Day(first_day)))
            }
            Bucket::Hour(_) | Bucket::Day(_) | Bucket::Week(_) => return false,
        };
        let (start, last) = coarse.bounds();
        let end = end.map_or(last, |finer| last.min(finer.bounds().0));
        end > self.from && start <= self.to
    }
}

/// How large the orders of the last five quarters were, on a scale of eight steps a doubling.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spend {
    newest: i64,
    cells: BTreeMap<SpendCell, i64>,
}

/// Orders of one quarter, currency and size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SpendCell {
    /// Quarters of 91.3125 days since the epoch.
    pub quarter: i64,
    /// The orders' currency.
    pub currency: Currency,
    /// `floor(8 * log2(minor units))`.
    pub step: i64,
}

const QUARTER: i64 = 7_889_400_000_000; // A quarter of 365.25 days, in microseconds.
const QUARTERS_KEPT: i64 = 5;

impl Spend {
    /// Puts a stored histogram together again.
    #[must_use]
    pub fn restore(newest: i64, cells: impl IntoIterator<Item = (SpendCell, i64)>) -> Self {
        Self {
            newest,
            cells: cells.into_iter().collect(),
        }
    }

    /// The newest quarter seen.
    #[must_use]
    pub const fn newest(&self) -> i64 {
        self.newest
    }

    /// Every count that is not zero, in a fixed order.
    pub fn cells(&self) -> impl Iterator<Item = (SpendCell, i64)> {
        self.cells.iter().map(|(cell, count)| (*cell, *count))
    }

    /// Counts `count` orders (negative takes away) of `minor` at `at`.
    pub fn add(&mut self, at: Timestamp, currency: Currency, minor: i64, count: i64) {
        let quarter = at.as_micros().div_euclid(QUARTER);
        if quarter > self.newest {
            self.newest = quarter;
            let newest = self.newest;
            self.cells
                .retain(|cell, _| cell.quarter > newest - QUARTERS_KEPT);
        }
        if quarter <= self.newest - QUARTERS_KEPT {
            return;
        }
        let cell = SpendCell::of(at, currency, minor);
        let place = self.cells.entry(cell).or_insert(0);
        *place = place.saturating_add(count);
        if *place == 0 {
            self.cells.remove(&cell);
        }
    }

    /// Whether both say the same, seen from the newer of their quarters.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        let newest = self.newest.max(other.newest);
        let kept = |cell: &(SpendCell, i64)| cell.0.quarter > newest - QUARTERS_KEPT;
        self.cells().filter(kept).eq(other.cells().filter(kept))
    }

    /// The orders in the window `(from, to]`, with their number, as far as they would be kept if something were seen at
    /// `to`; a quarter that reaches into it counts whole.
    pub fn each(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = (SpendCell, i64)> {
        let last = to.as_micros().div_euclid(QUARTER);
        let first = from
            .as_micros()
            .div_euclid(QUARTER)
            .max(last - QUARTERS_KEPT + 1);
        self.cells()
            .filter(move |(cell, _)| (first..=last).contains(&cell.quarter))
    }
}

impl SpendCell {
    /// Where an order of `minor` at `at` counts.
    #[must_use]
    pub fn of(at: Timestamp, currency: Currency, minor: i64) -> Self {
        Self {
            quarter: at.as_micros().div_euclid(QUARTER),
            currency,
            step: step(minor),
        }
    }
}

/// The step of an amount in minor units.
#[must_use]
pub fn step(minor: i64) -> i64 {
    let value = to_f64(minor.max(1));
    let step = libm::floor(8.0 * libm::log2(value));
    (0..=512)
        .find(|whole| to_f64(*whole) >= step)
        .unwrap_or(512)
}

/// The amount in the middle of a step, in minor units.
#[must_use]
pub fn middle(step: i64) -> f64 {
    libm::exp2((to_f64(step) + 0.5) / 8.0)
}

#[cfg(test)]
mod tests;
