//! Events of the future, by day: what shops will be told.

use std::collections::BTreeMap;
use std::fmt;

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
    /// Something will be told. `number` is the order's whose consequence it is, `nth` its place among those.
    pub(super) fn tell(
        &mut self,
        calendar: &Calendar,
        at: Timestamp,
        name: (u64, fmt::Arguments<'_>),
        kind: EventKind,
    ) -> Result<(), BadWorld> {
        let event = event(at, name, kind)?;
        self.ahead
            .entry(calendar.day_of(at))
            .or_default()
            .push(Box::new(event));
        Ok(())
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

/// An event with its name.
pub(super) fn event(
    at: Timestamp,
    (number, nth): (u64, fmt::Arguments<'_>),
    kind: EventKind,
) -> Result<Event, BadWorld> {
    Ok(Event {
        event_id: ids::make(
            "event",
            format_args!("{:07}-{nth}", number + 1),
            EventId::try_new,
        )?,
        occurred_at: at,
        kind,
    })
}
