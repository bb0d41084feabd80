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
