//! What time it is: never earlier than before, and not fooled by a wall clock that jumps.

use std::sync::Mutex;
use std::time::Instant;

use crate::domain::units::{Span, Timestamp};

/// A wall clock may differ from elapsed time by this much before it is not believed.
const JUMP: Span = Span::minutes(5);

/// Tells the time.
#[derive(Debug)]
pub struct Clock(Kind);

#[derive(Debug)]
enum Kind {
    Wall {
        read: fn() -> Timestamp,
        state: Mutex<Wall>,
    },
    Driven {
        newest: Mutex<Timestamp>,
    },
}

#[derive(Debug)]
struct Wall {
    /// The last time told.
    newest: Timestamp,
    /// A believed time, and the monotonic moment at which it was.
    anchor: (Timestamp, Instant),
    /// The wall clock is not believed now.
    held: bool,
}

impl Clock {
    /// A clock on the wall, read by `read`, that goes on from `newest` where the wall is behind.
    #[must_use]
    pub fn wall(read: fn() -> Timestamp, newest: Timestamp) -> Self {
        let start = read().max(newest);
        let state = Wall {
            newest: start,
            anchor: (start, Instant::now()),
            held: false,
        };
        Self(Kind::Wall {
            read,
            state: Mutex::new(state),
        })
    }

    /// A clock that orders and events drive; it starts at `newest`.
    #[must_use]
    pub fn driven(newest: Timestamp) -> Self {
        Self(Kind::Driven {
            newest: Mutex::new(newest),
        })
    }

    /// Whether orders and events drive it.
    #[must_use]
    pub fn is_driven(&self) -> bool {
        matches!(self.0, Kind::Driven { .. })
    }

    /// Whether the wall clock jumped and is not believed.
    #[must_use]
    pub fn is_held(&self) -> bool {
        match &self.0 {
            Kind::Wall { state, .. } => state.lock().is_ok_and(|state| state.held),
            Kind::Driven { .. } => false,
        }
    }

    /// The time now. A wall that jumped by more than five minutes against elapsed time is not believed until it
    /// comes back; a restart believes it again, as far as it is not behind what the store has seen.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Kind::Wall { read, state } => {
                let mut state = state
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                state.tell(read(), Instant::now())
            }
            Kind::Driven { newest } => *newest
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        }
    }

    /// Moves a driven clock forward to `at`, never back; a clock on the wall takes no notice. Tells the time now.
    pub fn advance(&self, at: Timestamp) -> Timestamp {
        match &self.0 {
            Kind::Wall { .. } => self.now(),
            Kind::Driven { newest } => {
                let mut newest = newest
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                *newest = (*newest).max(at);
                *newest
            }
        }
    }
}

impl Wall {
    fn tell(&mut self, wall: Timestamp, instant: Instant) -> Timestamp {
        let (then, at) = self.anchor;
        let elapsed =
            i64::try_from(instant.saturating_duration_since(at).as_micros()).unwrap_or(i64::MAX);
        let expected = then.plus(Span::micros(elapsed));
        let off = wall.since(expected).as_micros().saturating_abs();
        self.held = off > JUMP.as_micros();
        if self.held {
            self.newest = self.newest.max(expected);
        } else {
            self.newest = self.newest.max(wall);
            self.anchor = (wall, instant);
        }
        self.newest
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const T0: Timestamp = Timestamp::from_micros(1_780_000_000_000_000);

    fn wall() -> (Wall, Instant) {
        let start = Instant::now();
        (
            Wall {
                newest: T0,
                anchor: (T0, start),
                held: false,
            },
            start,
        )
    }

    #[test]
    fn a_jump_forward_ends_nothing_early() {
        let (mut clock, start) = wall();
        let later = start + Duration::from_secs(10);
        assert_eq!(
            clock.tell(T0.plus(Span::days(30)), later),
            T0.plus(Span::seconds(10))
        );
        assert!(clock.held);
    }

    #[test]
    fn a_jump_back_revives_nothing_and_time_goes_on() {
        let (mut clock, start) = wall();
        let later = start + Duration::from_secs(10);
        assert_eq!(
            clock.tell(T0.minus(Span::days(30)), later),
            T0.plus(Span::seconds(10))
        );
    }

    #[test]
    fn a_wall_that_comes_back_is_believed_again() {
        let (mut clock, start) = wall();
        clock.tell(T0.plus(Span::days(1)), start + Duration::from_secs(1));
        let back = T0.plus(Span::seconds(20));
        assert_eq!(clock.tell(back, start + Duration::from_secs(20)), back);
        assert!(!clock.held);
    }

    #[test]
    fn small_steps_are_followed_but_never_back() {
        let (mut clock, start) = wall();
        assert_eq!(
            clock.tell(T0.plus(Span::minutes(4)), start),
            T0.plus(Span::minutes(4))
        );
        assert_eq!(
            clock.tell(T0.plus(Span::minutes(1)), start),
            T0.plus(Span::minutes(4))
        );
    }

    #[test]
    fn a_driven_clock_goes_where_it_is_driven_and_never_back() {
        let clock = Clock::driven(T0);
        assert_eq!(
            clock.advance(T0.plus(Span::days(3))),
            T0.plus(Span::days(3))
        );
        assert_eq!(clock.advance(T0), T0.plus(Span::days(3)));
    }
}
