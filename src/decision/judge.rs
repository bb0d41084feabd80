//! The pipeline on one screen: score, exclude, apply rules, price, choose, draw, explain.
//!
//! Pure and total: the same situation, release and chance give the same decision, bit for bit.

use super::alternatives;
use super::answer::{ActionCost, Chance, Decision, HazardScore};
use super::choose::{Choice, choose};
use super::draw::explore::{Explored, Spare, afresh, explore};
use super::obligations;
use super::policy::{Feasible, Policy, Stratum, Then, Verdict};
use super::reasons::{self, Code};
use super::record::Record;
use super::release::Release;
use super::signal::Signal;
use super::situation::Situation;
use super::told::Told;
use crate::domain::action::Action;
use crate::domain::hazard::Hazard;
use crate::domain::units::to_f64;

#[cfg(test)]
mod tests;

/// What is thought of a situation before chance: all that leads to the policy's own answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Weighed {
    /// Every hazard, in the order of [`Hazard::ALL`].
    pub hazards: [HazardScore; Hazard::COUNT],
    /// P(any hazard) without verification.
    pub risk: f64,
    /// What is possible.
    pub feasible: Feasible,
    /// What rules say.
    pub verdict: Verdict,
    /// What every action is expected to cost, in the order of [`Action::ALL`].
    pub costs: [ActionCost; Action::COUNT],
    /// The policy's own answer.
    pub choice: Choice,
    /// A person should have looked, and had no time left today.
    pub unreviewed: bool,
}

/// Decides.
#[must_use]
pub fn judge(situation: &Situation, release: &Release, chance: &Chance) -> Decision {
    decide(situation, release, weigh(situation, release), chance)
}

/// The last half of [`judge`]: from what was weighed of this situation by this release.
#[must_use]
pub fn decide(
    situation: &Situation,
    release: &Release,
    weighed: Weighed,
    chance: &Chance,
) -> Decision {
    let explored = explored(situation, &release.policy, &weighed, chance);
    answer(situation, release, weighed, explored)
}

/// With what probability each action comes of what was weighed, in millionths and the order of [`Action::ALL`], for an
/// order whose slot no draw has met yet: what random checks are to it by themselves.
#[must_use]
pub fn propensities(
    situation: &Situation,
    release: &Release,
    weighed: &Weighed,
) -> [u32; Action::COUNT] {
    let (spare, rates) = checks(situation, &release.policy, weighed);
    afresh(&weighed.choice, spare, rates)
}

/// The action that [`judge`] takes under a policy, without all that goes with it, from hazards that were scored already:
/// what shadows are asked for.
#[must_use]
pub fn act(
    situation: &Situation,
    policy: &Policy,
    hazards: [HazardScore; Hazard::COUNT],
    chance: &Chance,
) -> Action {
    let weighed = weigh_scored(situation, policy, hazards);
    explored(situation, policy, &weighed, chance).action
}

/// What chance makes of what was weighed.
fn explored(
    situation: &Situation,
    policy: &Policy,
    weighed: &Weighed,
    chance: &Chance,
) -> Explored {
    let (spare, rates) = checks(situation, policy, weighed);
    explore(&weighed.choice, spare, rates, chance)
}

/// Whether random checks may spare the order, and at what rates they are made.
fn checks<'a>(
    situation: &Situation,
    policy: &'a Policy,
    weighed: &Weighed,
) -> (Spare, Option<&'a Stratum>) {
    let checks = &policy.random_checks;
    let value_cents = to_f64(situation.order.amount_minor()) * situation.base_cents;
    let spare = if !may_spare(situation, weighed) || value_cents > checks.spare_value_cap_cents {
        Spare::MustNot
    } else if checks.sparing_is_spent(situation) {
        Spare::Spent
    } else {
        Spare::May
    };
    (spare, checks.rates(weighed.risk, value_cents))
}

/// Judges an order of a shop's past: as any other, but the action and its probability are what the shop tells.
#[must_use]
pub fn judge_past(situation: &Situation, release: &Release, told: &Told) -> Decision {
    let weighed = weigh(situation, release);
    answer(situation, release, weighed, Explored::told(told))
}

/// Judges what was recorded again: identical under the same release, whatever made the record.
#[must_use]
pub fn judge_again(record: &Record, release: &Release) -> Decision {
    match Told::of(record) {
        Some(told) => judge_past(&record.situation, release, &told),
        None => judge(&record.situation, release, &record.chance),
    }
}

/// All that follows from the action.
fn answer(
    situation: &Situation,
    release: &Release,
    weighed: Weighed,
    explored: Explored,
) -> Decision {
    let action = explored.action;
    let alternatives = if explored.told {
        // Nothing else was on offer that we know of.
        Vec::new()
    } else {
        alternatives::of(action, situation, release, &weighed)
    };
    let reasons = reasons::of(situation, release, &weighed, &explored, &alternatives);
    let Weighed {
        hazards,
        risk,
        feasible,
        verdict,
        costs,
        choice,
        unreviewed: _,
    } = weighed;
    Decision {
        action,
        own_action: choice.own,
        items: obligations::of_items(action, situation),
        obligations: obligations::of_order(action, situation, &feasible, &costs),
        code_contact_id: feasible.code_contact,
        notify_contact_ids: feasible.notify,
        locker_ids: feasible.lockers,
        alternatives,
        reasons,
        risk,
        hazards,
        costs,
        skipped_rules: verdict.skipped,
        random_check: explored.check,
        propensities: explored.propensities,
        ratchet: explored.ratchet,
    }
}

/// Everything up to the policy's own answer: what `judge` starts from, and what counterfactuals ask again.
#[must_use]
pub fn weigh(situation: &Situation, release: &Release) -> Weighed {
    let hazards = release.model.score(&situation.signals);
    weigh_scored(situation, &release.policy, hazards)
}

/// The same by a policy, where the hazards are scored already.
#[must_use]
pub fn weigh_scored(
    situation: &Situation,
    policy: &Policy,
    hazards: [HazardScore; Hazard::COUNT],
) -> Weighed {
    let risk = 1.0 - hazards.iter().fold(1.0, |q, it| q * (1.0 - it.probability));
    let mut feasible = policy.feasible(situation);
    let verdict = policy.rules(situation, &hazards, risk);
    if policy.asked_enough(situation, &feasible, &verdict, risk) {
        feasible.cap();
    }
    let mut costs = policy.price(situation, &feasible, &hazards);
    exclude_forbidden(&mut costs, &verdict);
    let lapsed = situation.review_lapsed.then_some(policy.review_default);
    let mut choice = choose(&feasible, &verdict, &costs, lapsed);
    let wanted = choice.own == Action::Review && lapsed.is_none();
    if wanted && policy.reviews_are_spent(situation) {
        choice = choose(&feasible, &verdict, &costs, Some(policy.review_default));
    }
    Weighed {
        hazards,
        unreviewed: wanted && choice.own != Action::Review,
        risk,
        feasible,
        verdict,
        costs,
        choice,
    }
}

/// What a rule forbids is not possible, and says because of which rule.
fn exclude_forbidden(costs: &mut [ActionCost; Action::COUNT], verdict: &Verdict) {
    for rule in &verdict.held {
        let Then::Forbid(action) = rule.then else {
            continue;
        };
        // A person can always be asked: it is what remains when nothing else does.
        if action == Action::Review {
            continue;
        }
        if let Some(cost) = costs.get_mut(action.index()) {
            cost.feasible = false;
            cost.infeasible_because.push(Code::Rule(rule.id.clone()));
        }
    }
}

/// Nothing is spared where a suspicion is active, the account changed lately, or a rule or lapsed review determined the
/// action.
fn may_spare(situation: &Situation, weighed: &Weighed) -> bool {
    let suspected = situation.signals.get(Signal::SuspicionLevel);
    suspected.is_none_or(|level| level <= 0.0)
        && weighed.feasible.changed_at.is_none()
        && !weighed.choice.ruled
}
