//! Times and days: what happened lies in the past, what is planned up to a year ahead.

use super::Check;
use crate::api::wire::bounds;
use crate::domain::units::{Date, Span, Timestamp, Zone};

impl Check<'_> {
    /// Where time is what messages say, plans are measured from the message's own time if that is later.
    pub(in crate::api::wire) fn dated(&mut self, at: Option<Timestamp>) {
        if self.accepts.driven {
            self.today = self.today.max(at.unwrap_or(self.today));
        }
    }

    /// The time of a fact of the past: from 2000 to five minutes ahead.
    pub(in crate::api::wire) fn past(
        &mut self,
        field: &str,
        message: Option<prost_types::Timestamp>,
    ) -> Option<Timestamp> {
        let (last, text) = if self.accepts.driven {
            (bounds::LAST, "2199")
        } else {
            let last = self.accepts.now.plus(bounds::CLOCK_SKEW);
            (last, "five minutes from now")
        };
        self.moment(field, message, last, text)
    }

    /// The time of a plan: from 2000 to a year ahead.
    pub(in crate::api::wire) fn plan(
        &mut self,
        field: &str,
        message: Option<prost_types::Timestamp>,
    ) -> Option<Timestamp> {
        let ahead = Span::days(i64::from(bounds::DAYS_AHEAD));
        self.moment(field, message, self.today.plus(ahead), "a year from now")
    }

    /// Any time from 2000 to 2199, as a filter may name it.
    pub(in crate::api::wire) fn any_time(
        &mut self,
        field: &str,
        message: Option<prost_types::Timestamp>,
    ) -> Option<Timestamp> {
        self.moment(field, message, bounds::LAST, "2199")
    }

    fn moment(
        &mut self,
        field: &str,
        message: Option<prost_types::Timestamp>,
        last: Timestamp,
        last_text: &str,
    ) -> Option<Timestamp> {
        let prost_types::Timestamp { seconds, nanos } = message?;
        if !(0..1_000_000_000).contains(&nanos) {
            self.fault(field, "is no time: nanos must be 0 to 999999999");
            return None;
        }
        let micros = seconds.checked_mul(1_000_000);
        let micros = micros.and_then(|it| it.checked_add(i64::from(nanos / 1_000)));
        let at = micros.map(Timestamp::from_micros);
        let good = at.filter(|at| (bounds::FIRST..=last).contains(at));
        if good.is_none() {
            self.fault(field, format!("must be from 2000 to {last_text}"));
        }
        good
    }

    /// A day as `YYYY-MM-DD`, from 2000 to a year ahead; empty is absent.
    pub(in crate::api::wire) fn day(&mut self, field: &str, text: &str) -> Option<Date> {
        if text.is_empty() {
            return None;
        }
        let Some(day) = Date::parse(text) else {
            self.fault(field, "must be a day as YYYY-MM-DD");
            return None;
        };
        let first = bounds::FIRST.in_zone(&Zone::UTC).0;
        let last = self.today.in_zone(&Zone::UTC).0;
        if (first..=last.plus_days(bounds::DAYS_AHEAD)).contains(&day) {
            return Some(day);
        }
        self.fault(field, "must be from 2000 to a year from now");
        None
    }
}
