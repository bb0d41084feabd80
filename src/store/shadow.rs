//! What is kept of shadows: who started which, what each said, and what it comes to. Never a part of a record.

use std::collections::{BTreeMap, VecDeque};

use crate::decision::shadow::{Shadow, ShadowId, Swap};
use crate::domain::action::Action;
use crate::domain::ids::DecisionId;
use crate::domain::units::Timestamp;

/// How many shadows may run at once: each costs a judgement a decision on the thread that they share.
pub const RUNNING_MAX: usize = 16;
/// How many decisions are named behind a transition.
pub const NEWEST_MAX: usize = 20;

/// A shadow to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewShadow {
    /// What it exchanges; the version is kept with its text already.
    pub swap: Swap,
    /// From now on.
    pub now: Timestamp,
    /// It ends by itself at this time.
    pub until_at: Timestamp,
    /// Who starts it.
    pub principal: String,
    /// Why.
    pub note: String,
}

/// From the live action to the shadow's.
pub type Transition = (Action, Action);

/// The decisions that went from one action to another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moved {
    /// How many: each revision of an order is one.
    pub decisions: u64,
    /// What their orders are worth together, in hundredths of the base currency.
    pub value_cents: f64,
    /// Some of them, the last judged first; at most [`NEWEST_MAX`].
    pub newest: VecDeque<DecisionId>,
}

impl Moved {
    /// One more.
    pub fn add(&mut self, decision: DecisionId, value_cents: f64) {
        self.decisions = self.decisions.saturating_add(1);
        self.value_cents += value_cents;
        self.newest.push_front(decision);
        self.newest.truncate(NEWEST_MAX);
    }

    /// Together with those that were judged after them.
    #[must_use]
    pub fn with(&self, later: Self) -> Self {
        let mut both = later;
        both.decisions = both.decisions.saturating_add(self.decisions);
        both.value_cents += self.value_cents;
        both.newest.extend(self.newest.iter().cloned());
        both.newest.truncate(NEWEST_MAX);
        both
    }
}

/// What a shadow comes to so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Totals {
    /// By transition; those that never happened are absent.
    pub moved: BTreeMap<Transition, Moved>,
    /// Decisions that it failed at or came too late for.
    pub failed: u64,
}

/// A shadow with what it comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// As it was started and perhaps stopped.
    pub shadow: Shadow,
    /// As of the last piece written.
    pub totals: Totals,
}

/// What shadows said of some decisions, to be written in one piece.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// Actions by decision, in the order of judging.
    pub said: Vec<(DecisionId, Vec<(ShadowId, Action)>)>,
    /// Transitions that changed, as they stand after this piece.
    pub moved: Vec<(ShadowId, Transition, Moved)>,
    /// Failures that changed, as they stand after this piece.
    pub failed: Vec<(ShadowId, u64)>,
}

impl Judged {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.said.is_empty() && self.moved.is_empty() && self.failed.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(numbers: std::ops::Range<u32>) -> Moved {
        let mut moved = Moved::default();
        for number in numbers {
            let id = DecisionId::try_new(&format!("d{number}")).unwrap();
            moved.add(id, f64::from(number));
        }
        moved
    }

    #[test]
    fn what_was_written_and_what_came_later_are_as_if_counted_in_one_go() {
        for (end, cut) in [(0, 0), (5, 0), (5, 5), (5, 2), (50, 3), (50, 30), (50, 48)] {
            let both = moved(0..cut).with(moved(cut..end));
            assert_eq!(both, moved(0..end), "{cut} of {end}");
        }
    }
}
