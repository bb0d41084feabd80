//! What chance does to the policy's own answer: sometimes stricter, sometimes milder, so that every action keeps being
//! seen where it is not the policy's, and a code stops meaning "valuable inside".
//!
//! Only what is possible and no rule excludes; never a locker or a review.

use super::{Odds, STRICT_FIRST, select, tighten};
use crate::decision::answer::{Chance, CheckKind, RandomCheck};
use crate::decision::choose::Choice;
use crate::decision::policy::{RandomChecks, Stratum};
use crate::decision::told::Told;
use crate::domain::action::Action;
use crate::domain::profile::Ratchet;
use crate::domain::units::MILLION;

#[cfg(test)]
mod tests;

/// What became of the policy's own answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explored {
    /// The action taken.
    pub action: Action,
    /// Probability of every action in millionths, in the order of [`Action::ALL`]; sums to 1,000,000.
    pub propensities: [u32; Action::COUNT],
    /// The slot's ratchet after this.
    pub ratchet: Ratchet,
    /// What chance did; none where nothing was drawn.
    pub check: Option<RandomCheck>,
    /// The action is not the policy's but what a shop asked before doorstep.
    pub told: bool,
    /// Something milder might have been taken, if the week's budget of sparing were not spent.
    pub unspared: bool,
}

/// Whether a milder action may be taken than the policy's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spare {
    /// It may.
    May,
    /// Not for this order.
    MustNot,
    /// Not any more this week: what sparing may lose is spent.
    Spent,
}

impl Explored {
    /// What a shop asked before doorstep: nothing is drawn, and no ratchet moves.
    #[must_use]
    pub fn told(told: &Told) -> Self {
        Self {
            action: told.action,
            propensities: told.propensities,
            ratchet: Ratchet::default(),
            check: None,
            told: true,
            unspared: false,
        }
    }
}

impl RandomChecks {
    /// The rates for a risk and a value (hundredths of the base currency): the first stratum that holds them, else the
    /// last; none where checks are off.
    #[must_use]
    pub fn rates(&self, risk: f64, value_cents: f64) -> Option<&Stratum> {
        let holds = |it: &&Stratum| risk < it.risk_below && value_cents < it.value_below_cents;
        let found = self
            .strata
            .iter()
            .find(holds)
            .or_else(|| self.strata.last());
        found.filter(|_| self.enabled)
    }
}

/// Spreads the choice over what may be explored, and takes the action on which the draw falls.
///
/// Without a draw (a preview) the own action stands.
#[must_use]
pub fn explore(
    choice: &Choice,
    spare: Spare,
    rates: Option<&Stratum>,
    chance: &Chance,
) -> Explored {
    let mut explored = Explored {
        action: choice.own,
        propensities: certain(choice.own),
        ratchet: chance.ratchet,
        check: None,
        told: false,
        unspared: false,
    };
    let Some(draw) = &chance.draw else {
        return explored;
    };
    let mut fresh_action = choice.own;
    if let Some(rates) = rates.filter(|_| chance_may_change(choice)) {
        let fresh = odds(choice, spare == Spare::May, rates);
        explored.unspared = spare == Spare::Spent && odds(choice, true, rates) != fresh;
        let (seen, odds) = tighten(chance.ratchet.seen(choice.own), &fresh);
        let odds = eligible(choice, odds);
        fresh_action = select(&fresh, draw.draw_micro);
        explored.action = select(&odds, draw.draw_micro);
        explored.propensities = spread(&odds);
        explored.ratchet.keep(choice.own, seen);
    }
    let kind = match explored.action.cmp(&choice.own) {
        std::cmp::Ordering::Greater => Some(CheckKind::Verified),
        std::cmp::Ordering::Less => Some(CheckKind::Spared),
        std::cmp::Ordering::Equal => None,
    };
    explored.check = Some(RandomCheck {
        drawn: kind.is_some(),
        kind,
        ratcheted: explored.action != fresh_action,
        key_id: draw.key_id.clone(),
        slot: draw.slot,
        counter: draw.counter,
        draw_micro: draw.draw_micro,
    });
    explored
}

/// The probability of every action in millionths, in the order of [`Action::ALL`], where no draw met the slot before: what
/// [`explore`] logs then.
#[must_use]
pub fn afresh(choice: &Choice, spare: Spare, rates: Option<&Stratum>) -> [u32; Action::COUNT] {
    let Some(rates) = rates.filter(|_| chance_may_change(choice)) else {
        return certain(choice.own);
    };
    let fresh = odds(choice, spare == Spare::May, rates);
    let (_, odds) = tighten(Ratchet::default().seen(choice.own), &fresh);
    spread(&eligible(choice, odds))
}

fn chance_may_change(choice: &Choice) -> bool {
    let explored = matches!(choice.own, Action::None | Action::Otp | Action::ItemCodes);
    explored && !choice.set
}

/// Whether the action can be taken by chance here.
fn may_take(choice: &Choice, action: Action) -> bool {
    let allowed = choice.allowed.get(action.index()).is_some_and(|it| *it);
    action == choice.own || (action != Action::LockerOnly && allowed)
}

/// Fresh probabilities: the rates of the others, the rest for the own action.
fn odds(choice: &Choice, spare: bool, rates: &Stratum) -> Odds {
    let [verify_otp, verify_item_codes] = rates.verify_micro;
    let [spare_none, spare_otp] = rates.spare_micro;
    let mut left = MILLION;
    let mut odds = STRICT_FIRST.map(|action| {
        let rate = match (action, action > choice.own) {
            (Action::ItemCodes, true) => verify_item_codes,
            (Action::Otp, true) => verify_otp,
            (Action::Otp, false) if spare => spare_otp,
            (Action::None, false) if spare => spare_none,
            _ => 0,
        };
        let other = action != choice.own && may_take(choice, action);
        let share = if other { rate.min(left) } else { 0 };
        left -= share;
        share
    });
    for (share, action) in odds.iter_mut().zip(STRICT_FIRST) {
        if action == choice.own {
            *share = left;
        }
    }
    odds
}

/// Moves what an earlier cart left on actions that are no longer possible to the strictest that still is.
fn eligible(choice: &Choice, odds: Odds) -> Odds {
    let mut moved = 0;
    let mut kept: Odds = std::array::from_fn(|place| {
        let share = odds.get(place).copied().unwrap_or(0);
        let may = STRICT_FIRST
            .get(place)
            .is_some_and(|action| may_take(choice, *action));
        moved += if may { 0 } else { share };
        if may { share } else { 0 }
    });
    let strictest = STRICT_FIRST.iter().position(|it| may_take(choice, *it));
    if let Some(share) = strictest.and_then(|place| kept.get_mut(place)) {
        *share += moved;
    }
    kept
}

fn certain(action: Action) -> [u32; Action::COUNT] {
    std::array::from_fn(|place| if place == action.index() { MILLION } else { 0 })
}

fn spread(odds: &Odds) -> [u32; Action::COUNT] {
    let mut propensities = [0; Action::COUNT];
    for (action, share) in STRICT_FIRST.iter().zip(odds) {
        if let Some(place) = propensities.get_mut(action.index()) {
            *place = *share;
        }
    }
    propensities
}
