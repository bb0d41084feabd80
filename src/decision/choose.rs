//! The policy's own answer: what rules leave of what is possible, and the cheapest of that.
//!
//! Forbids come first, then `set`, then the strictest floor. Invariants beat rules: nothing infeasible is ever chosen.
//! Chance is not here (`draw`).

use super::answer::ActionCost;
use super::policy::{Feasible, Verdict};
use crate::domain::action::Action;

#[cfg(test)]
mod tests;

/// The policy's own answer and the room that rules leave around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What the policy says without chance.
    pub own: Action,
    /// What it would say by price alone.
    pub priced: Action,
    /// Per action in the order of [`Action::ALL`]: possible, not forbidden, and not below the floor.
    pub allowed: [bool; Action::COUNT],
    /// A rule named the action; chance leaves it alone.
    pub set: bool,
    /// The action is what a rule or a lapsed review asks for, not what price alone would have chosen above it.
    pub ruled: bool,
}

/// Chooses.
///
/// `lapsed` is the policy's `review_default` where an earlier review of the order lapsed without an answer: a floor,
/// with no review above it unless rules leave nothing else.
#[must_use]
pub fn choose(
    feasible: &Feasible,
    verdict: &Verdict,
    costs: &[ActionCost; Action::COUNT],
    lapsed: Option<Action>,
) -> Choice {
    let possible = |action: Action| feasible.allows(action);
    let forbidden = |action: Action| verdict.forbidden.get(action.index()).is_some_and(|it| *it);
    let answers = |action: Action| lapsed.is_none() || action != Action::Review;
    let legal = |action: Action| possible(action) && !forbidden(action) && answers(action);

    let set = verdict.set.filter(|it| answers(*it));
    let floor = floor(verdict.floor, lapsed);
    let at_least = set.or(floor).unwrap_or(Action::None);
    let above = |action: Action| action >= at_least && legal(action);

    let priced = cheapest(costs, |it| possible(it) && answers(it)).unwrap_or(Action::Review);
    let own = match set {
        Some(_) => Action::ALL.iter().copied().find(|it| above(*it)),
        None => cheapest(costs, above),
    };
    let own = own.unwrap_or_else(|| nothing_left(verdict, lapsed, forbidden(Action::None)));
    Choice {
        own,
        priced,
        allowed: std::array::from_fn(|place| {
            Action::ALL.get(place).is_some_and(|action| above(*action))
        }),
        set: set.is_some(),
        ruled: set.is_some()
            || own != priced
            || floor.is_some_and(|it| it == own && it > Action::None),
    }
}

/// The strictest floor of rules and of a lapsed review; a rule that asks for a review is answered by the default.
fn floor(by_rules: Option<Action>, lapsed: Option<Action>) -> Option<Action> {
    match lapsed {
        None => by_rules,
        Some(default) => by_rules
            .filter(|it| *it != Action::Review)
            .max(Some(default)),
    }
}

/// Nothing at or above the floor is possible: a person decides. Where a person already did not, the order goes as it
/// is, unless a rule is against that.
fn nothing_left(verdict: &Verdict, lapsed: Option<Action>, forbidden_none: bool) -> Action {
    let wants_more = |it: Action| it > Action::None && it != Action::Review;
    let against = forbidden_none
        || verdict.floor.is_some_and(wants_more)
        || verdict.set.is_some_and(wants_more);
    if lapsed.is_some() && !against {
        Action::None
    } else {
        Action::Review
    }
}

/// The cheapest of those that pass; of two equal costs the milder.
fn cheapest(costs: &[ActionCost; Action::COUNT], pass: impl Fn(Action) -> bool) -> Option<Action> {
    let mut best: Option<&ActionCost> = None;
    for cost in costs.iter().filter(|cost| pass(cost.action)) {
        if best.is_none_or(|it| cost.total < it.total) {
            best = Some(cost);
        }
    }
    best.map(|cost| cost.action)
}
