//! A policy or model that judges beside the live one: what it is, from when to when, and what it says of a record.
//!
//! It is never asked before the live answer is given, and nothing of it enters a record.

use std::sync::Arc;

use super::judge::act;
use super::model::Model;
use super::policy::Policy;
use super::record::{Record, Version};
use super::release::Release;
use crate::domain::action::Action;
use crate::domain::units::Timestamp;

#[cfg(test)]
mod tests;

/// Names a shadow: `shadow-` and its number, from 1 in the order of starting; never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShadowId(i64);

impl ShadowId {
    /// The name of a number, which is at least 1.
    #[must_use]
    pub fn of(number: i64) -> Option<Self> {
        (number > 0).then_some(Self(number))
    }

    /// The name that `text` is.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let number = text.strip_prefix("shadow-")?.parse().ok();
        let id = number.and_then(Self::of)?;
        // One way to write it: no sign, no zeros in front.
        (id.to_string() == text).then_some(id)
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.0
    }
}

impl std::fmt::Display for ShadowId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "shadow-{}", self.0)
    }
}

/// What a shadow exchanges; everything else is as the live answer had it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Swap {
    /// The policy.
    Policy(Version),
    /// The scorecard.
    Model(Version),
}

impl Swap {
    /// The version that it puts in.
    #[must_use]
    pub const fn version(&self) -> &Version {
        match self {
            Self::Policy(version) | Self::Model(version) => version,
        }
    }
}

/// A shadow as it was started, and perhaps stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shadow {
    /// Its name.
    pub id: ShadowId,
    /// What it exchanges.
    pub swap: Swap,
    /// Decisions of this time and later are judged.
    pub started_at: Timestamp,
    /// It ends by itself at this time.
    pub until_at: Timestamp,
    /// Who started it.
    pub principal: String,
    /// Why.
    pub note: String,
    /// Somebody ended it earlier.
    pub stopped: Option<Stopped>,
}

/// A shadow that was ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub principal: String,
    /// Why.
    pub note: String,
}

impl Shadow {
    /// When it ends or ended.
    #[must_use]
    pub fn ends_at(&self) -> Timestamp {
        let stopped = self.stopped.as_ref().map(|it| it.at);
        stopped.map_or(self.until_at, |at| at.min(self.until_at))
    }

    /// Whether a decision of this time is judged by it. Nothing has to happen for it to end.
    #[must_use]
    pub fn runs_at(&self, at: Timestamp) -> bool {
        (self.started_at..self.ends_at()).contains(&at)
    }
}

/// What a shadow judges by, loaded.
#[derive(Clone, Debug)]
pub enum Candidate {
    /// Another policy.
    Policy(Arc<Policy>),
    /// Another scorecard.
    Model(Arc<Model>),
}

impl Candidate {
    /// What it exchanges.
    #[must_use]
    pub fn swap(&self) -> Swap {
        match self {
            Self::Policy(policy) => Swap::Policy(policy.version.clone()),
            Self::Model(model) => Swap::Model(model.version.clone()),
        }
    }

    /// The action that it takes in the situation of a record, with the record's own draw; `live` made the record.
    #[must_use]
    pub fn act(&self, record: &Record, live: &Release) -> Action {
        let Record {
            situation, chance, ..
        } = record;
        match self {
            // The scorecard is the live one: what it said is in the record.
            Self::Policy(policy) => act(situation, policy, record.decision.hazards.clone(), chance),
            Self::Model(model) => {
                let hazards = model.score(&situation.signals);
                act(situation, &live.policy, hazards, chance)
            }
        }
    }
}

/// What a shadow said of one decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Which shadow.
    pub shadow: ShadowId,
    /// What it exchanges.
    pub swap: Swap,
    /// Its action.
    pub action: Action,
}
