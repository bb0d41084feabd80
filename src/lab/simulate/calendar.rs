//! When things happen: days of a world, their volume, and the waves of an intruder's year.

use super::chance::{About, Seed, Weights, count, float, index, whole};
use super::parameters::Parameters;
use crate::domain::units::{Date, Timestamp, to_f64};

/// Microseconds of a second.
const SECOND: i64 = 1_000_000;
/// Seconds of a day.
pub(super) const DAY_S: f64 = 86_400.0;
/// The shop's clocks are an hour before UTC, all year.
const ZONE_S: f64 = 3_600.0;

/// The days that a world lasts.
#[derive(Clone, Debug)]
pub(super) struct Calendar {
    /// The first day.
    pub(super) start: i32,
    /// How many.
    pub(super) days: i32,
    /// What share of the orders lies before the end of each day.
    volume: Weights,
    hours: Weights,
    intruder_hours: Weights,
    /// How much likelier intruders are, by day; 1 on average.
    waves: Vec<f64>,
    /// Days on which text messages fail.
    outages: Vec<bool>,
}

impl Calendar {
    pub(super) fn new(start: Date, days: i32, it: &Parameters, seed: &Seed) -> Self {
        let start = start.as_days();
        let volume = |day: i32| {
            let date = Date::from_days(start + day);
            let month = usize::from(date.month()).saturating_sub(1);
            let month = it.time.month_volume.get(month).copied().unwrap_or(1.0);
            let week = it.time.weekday_volume.get(weekday(start + day)).copied();
            month * week.unwrap_or(1.0)
        };
        let mut chance = seed.stream(About::Places, u64::MAX);
        let outages = (0..days)
            .map(|_| chance.happens(it.effects.fault.outage_days_share))
            .collect();
        Self {
            start,
            days,
            volume: Weights::of((0..days).map(volume)),
            hours: Weights::of(it.time.hour_volume),
            intruder_hours: Weights::of(it.time.intruder_hour_volume),
            waves: waves(days, it, seed),
            outages,
        }
    }

    /// The day, from 0, of an order that lies at this share of all.
    pub(super) fn day_at(&self, share: f64) -> i32 {
        i32::try_from(self.volume.at(share)).unwrap_or(0)
    }

    /// A moment of a day, by whose hours: `unit` finds the hour, `rest` the second in it.
    pub(super) fn moment(&self, day: i32, intruder: bool, unit: f64, rest: f64) -> Timestamp {
        let hours = if intruder {
            &self.intruder_hours
        } else {
            &self.hours
        };
        self.at(day, (float(hours.at(unit)) + rest) * 3_600.0)
    }

    /// How much likelier an intruder's hour is than an honest one, as log-odds.
    pub(super) fn hour_odds(&self, at: Timestamp) -> f64 {
        let second = to_f64(at.as_micros()) / 1e6 + ZONE_S;
        let hour = index(whole((second.rem_euclid(DAY_S) / 3_600.0).floor()));
        let share = |of: &Weights| of.share(hour);
        libm::log(share(&self.intruder_hours) / share(&self.hours))
    }

    /// So many seconds into a day of the world, by the shop's clocks.
    pub(super) fn at(&self, day: i32, seconds: f64) -> Timestamp {
        let days = to_f64(i64::from(self.start + day));
        let seconds = whole(days.mul_add(DAY_S, seconds - ZONE_S));
        Timestamp::from_micros(seconds.saturating_mul(SECOND))
    }

    /// The day of a moment, by the shop's clocks.
    pub(super) fn day_of(&self, at: Timestamp) -> i32 {
        let seconds = at.as_micros().div_euclid(SECOND) + 3_600;
        i32::try_from(seconds.div_euclid(86_400)).unwrap_or(0) - self.start
    }

    /// The date of a day.
    pub(super) const fn date(&self, day: i32) -> Date {
        Date::from_days(self.start + day)
    }

    /// The next day from `day` on that is no Sunday.
    pub(super) fn working(&self, day: i32) -> i32 {
        if self.weekday(day) == 6 { day + 1 } else { day }
    }

    /// 0 (Monday) to 6.
    pub(super) fn weekday(&self, day: i32) -> usize {
        weekday(self.start + day)
    }

    /// How much likelier intruders are on a day.
    pub(super) fn wave(&self, day: i32) -> f64 {
        let day = usize::try_from(day).unwrap_or(0);
        self.waves.get(day).copied().unwrap_or(1.0)
    }

    /// Whether text messages fail on a day.
    pub(super) fn is_outage(&self, day: i32) -> bool {
        let day = usize::try_from(day).unwrap_or(usize::MAX);
        self.outages.get(day).copied().unwrap_or(false)
    }
}

/// 0 (Monday) to 6 of a date; 1970-01-01 was a Thursday.
fn weekday(days: i32) -> usize {
    usize::try_from((days + 3).rem_euclid(7)).unwrap_or(0)
}

fn waves(days: i32, it: &Parameters, seed: &Seed) -> Vec<f64> {
    let mut chance = seed.stream(About::Places, u64::MAX - 1);
    let of_year = f64::from(days) / 365.0;
    let mut waves = vec![1.0; usize::try_from(days).unwrap_or(0)];
    for _ in 0..count(it.takeover.waves_a_year * of_year) {
        let from = chance.below(waves.len());
        for day in waves
            .iter_mut()
            .skip(from)
            .take(count(it.takeover.wave_days))
        {
            *day = it.takeover.wave_factor;
        }
    }
    let mean = waves.iter().sum::<f64>() / float(waves.len().max(1));
    waves.iter_mut().for_each(|day| *day /= mean);
    waves
}
