//! Events of the future, by day: what shops will be told.

use std::collections::BTreeMap;

use super::calendar::Calendar;
use super::ids;
use super::parameters::BadWorld;
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::EventId;
use crate::domain::units::Timestamp;

/// What lies ahead.
#[derive(Debug, Default)]
pub(super) struct Telling {
    ahead: BTreeMap<i32, Vec<Event>>,
}

impl Telling {
    /// Something will be told. `number` is the order's whose consequence it is, `nth` its place among those.
    pub(super) fn tell(
        &mut self,
        calendar: &Calendar,
        at: Timestamp,
        name: (u64, &str),
        kind: EventKind,
    ) -> Result<(), BadWorld> {
        let event = event(at, name, kind)?;
        self.ahead
            .entry(calendar.day_of(at))
            .or_default()
            .push(event);
        Ok(())
    }

    /// What is told until the end of a day, in order of time.
    pub(super) fn take(&mut self, day: i32) -> Vec<Event> {
        let later = self.ahead.split_off(&(day + 1));
        let now = std::mem::replace(&mut self.ahead, later);
        let mut now: Vec<Event> = now.into_values().flatten().collect();
        now.sort_by(|a, b| (a.occurred_at, &a.event_id).cmp(&(b.occurred_at, &b.event_id)));
        now
    }

    /// Whether nothing more will be told.
    pub(super) fn is_over(&self) -> bool {
        self.ahead.is_empty()
    }
}

/// An event with its name.
pub(super) fn event(
    at: Timestamp,
    (number, nth): (u64, &str),
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
