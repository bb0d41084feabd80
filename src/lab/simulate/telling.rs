//! Events of the future, by day: what shops will be told.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::calendar::Calendar;
use super::ids;
use super::parameters::BadWorld;
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::EventId;
use crate::domain::units::Timestamp;

/// What lies ahead.
#[derive(Debug, Default)]
#[expect(
    clippy::vec_box,
    reason = "events are large and wait in lists that grow and are sorted"
)]
pub(super) struct Telling {
    ahead: BTreeMap<i32, Vec<Box<Event>>>,
}

impl Telling {
    /// This will be told.
    pub(super) fn tell(&mut self, calendar: &Calendar, event: Box<Event>) {
        let day = calendar.day_of(event.occurred_at);
        self.ahead.entry(day).or_default().push(event);
    }

    /// What is told until the end of a day, in the order in which it was caused.
    pub(super) fn take(&mut self, day: i32) -> impl Iterator<Item = Box<Event>> + use<> {
        let later = self.ahead.split_off(&(day + 1));
        let now = std::mem::replace(&mut self.ahead, later);
        now.into_values().flatten()
    }

    /// Whether nothing more will be told.
    pub(super) fn is_over(&self) -> bool {
        self.ahead.is_empty()
    }
}

/// Which of an order's events: a letter, then the parcel, then the attempt.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nth(
    pub(super) &'static str,
    pub(super) Option<u32>,
    pub(super) Option<u32>,
);

impl Nth {
    /// The only one of its letter.
    pub(super) const fn only(letter: &'static str) -> Self {
        Self(letter, None, None)
    }

    /// Of a parcel.
    pub(super) const fn of(letter: &'static str, parcel: u32) -> Self {
        Self(letter, Some(parcel), None)
    }
}

/// An event with its name. `number` is the order's whose consequence it is, `nth` its place among those.
pub(super) fn event(
    at: Timestamp,
    (number, nth): (u64, Nth),
    kind: EventKind,
) -> Result<Box<Event>, BadWorld> {
    let Nth(letter, parcel, attempt) = nth;
    let event_id = ids::built(
        |name| {
            name.write_str("event-")?;
            name.number(number + 1, 7)?;
            name.write_str("-")?;
            name.write_str(letter)?;
            if let Some(parcel) = parcel {
                name.number(parcel.into(), 1)?;
            }
            if let Some(attempt) = attempt {
                name.write_str("-")?;
                name.number(attempt.into(), 1)?;
            }
            Ok(())
        },
        EventId::try_new,
    )?;
    Ok(Box::new(Event {
        event_id,
        occurred_at: at,
        kind,
    }))
}
