//! What a shop asked of an order before doorstep, as the shop tells it.

use super::record::Record;
use crate::domain::action::{Action, Origin};
use crate::domain::units::MILLION;

/// The verification that was in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// What was asked.
    pub action: Action,
    /// With what probability each action would have been asked, in millionths and the order of [`Action::ALL`]; sums to
    /// 1,000,000, and the action's own is more than 0.
    pub propensities: [u32; Action::COUNT],
}

/// Why no verification can have been in force like that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unlikely {
    /// They are no probabilities.
    #[error("the propensities must sum to 1000000, not {0}")]
    Sum(u64),
    /// What happened could not happen.
    #[error("the propensity of {} must be more than 0: it was the action", .0.name())]
    Never(Action),
}

impl Told {
    /// An action that was asked with these probabilities.
    ///
    /// # Errors
    /// [`Unlikely`] says what is wrong with them.
    pub fn try_new(action: Action, propensities: [u32; Action::COUNT]) -> Result<Self, Unlikely> {
        let sum = propensities.iter().copied().map(u64::from).sum();
        if sum != u64::from(MILLION) {
            return Err(Unlikely::Sum(sum));
        }
        if propensities.get(action.index()).is_none_or(|it| *it == 0) {
            return Err(Unlikely::Never(action));
        }
        Ok(Self {
            action,
            propensities,
        })
    }

    /// An action that chance had no part in.
    #[must_use]
    pub fn certain(action: Action) -> Self {
        let own = |place| if place == action.index() { MILLION } else { 0 };
        Self {
            action,
            propensities: std::array::from_fn(own),
        }
    }

    /// What was told of a record, if it is an imported one.
    #[must_use]
    pub fn of(record: &Record) -> Option<Self> {
        (record.origin == Origin::Imported).then_some(Self {
            action: record.decision.action,
            propensities: record.decision.propensities,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn propensities_are_probabilities_and_what_happened_was_possible() {
        let check = |action: Action, propensities: [u32; 5], expected: Result<(), Unlikely>| {
            let told = Told::try_new(action, propensities);
            assert_eq!(told.map(|it| assert_eq!(it.action, action)), expected);
        };
        check(Action::Otp, [900_000, 100_000, 0, 0, 0], Ok(()));
        check(Action::Review, [0, 0, 0, 0, MILLION], Ok(()));
        check(Action::None, [0; 5], Err(Unlikely::Sum(0)));
        check(
            Action::None,
            [u32::MAX; 5],
            Err(Unlikely::Sum(5 * u64::from(u32::MAX))),
        );
        check(
            Action::Otp,
            [MILLION, 0, 0, 0, 0],
            Err(Unlikely::Never(Action::Otp)),
        );
        for action in Action::ALL.iter().copied() {
            let certain = Told::certain(action);
            check(action, certain.propensities, Ok(()));
        }
    }
}
