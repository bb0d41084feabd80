//! How much may be asked: of one customer in 90 days, of those who review in a day, of the random checks in a week.
//!
//! What was asked before is part of the situation, so that a decision judged again finds the same left. A record made
//! before it was counted is judged as if there were no cap and no budget.

use super::{Feasible, Policy, RandomChecks, Verdict};
use crate::decision::reasons::Code;
use crate::decision::signal::Signal;
use crate::decision::situation::Situation;
use crate::domain::action::Action;
use crate::domain::units::to_f64;

/// The cap on what one known customer is asked for in 90 days (`domain.md` 6, hard constraint 14).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Burden {
    /// So many orders may be asked for something whatever the customer's share is; 0 to 10,000.
    pub free: u32,
    /// Beyond them at most this share of the customer's orders; 0 to 1.
    pub share: f64,
    /// From this risk on (that anything happens without verification) the cap does not hold; 0 to 1.
    pub risk_from: f64,
}

impl Policy {
    /// Whether the customer was asked often enough, and nothing concrete asks for more: no suspicion, no fresh change of
    /// the account, no rule, no lapsed review, no risk as high as the policy names.
    #[must_use]
    pub fn asked_enough(
        &self,
        situation: &Situation,
        feasible: &Feasible,
        verdict: &Verdict,
        risk: f64,
    ) -> bool {
        let (Some(burden), Some(asked)) = (&self.burden, &situation.asked) else {
            return false;
        };
        let orders = f64::from(asked.orders_90d) + 1.0; // This one is one of them.
        let most = f64::from(burden.free).max(burden.share * orders);
        let suspected = situation.signals.get(Signal::SuspicionLevel);
        let asks = |action: Option<Action>| action.is_some_and(|it| it > Action::None);
        let demanded = suspected.is_some_and(|level| level > 0.0)
            || feasible.changed_at.is_some()
            || asks(verdict.set.max(verdict.floor))
            || verdict.forbids(Action::None)
            || situation.review_lapsed
            || risk >= burden.risk_from;
        f64::from(asked.asked_90d) + 1.0 > most && !demanded
    }

    /// Whether those who review have as many orders of today as they can look at.
    #[must_use]
    pub fn reviews_are_spent(&self, situation: &Situation) -> bool {
        let (Some(most), Some(used)) = (self.reviews_per_day, &situation.used) else {
            return false;
        };
        used.reviews_today >= most
    }
}

impl RandomChecks {
    /// Whether sparing is expected to have lost as much this week as it may.
    #[must_use]
    pub fn sparing_is_spent(&self, situation: &Situation) -> bool {
        let (Some(most), Some(used)) = (self.spare_budget_week_cents, &situation.used) else {
            return false;
        };
        to_f64(used.spared_week_micro) / 1e4 >= most
    }
}

impl Feasible {
    /// Takes out whatever the customer would have to do something for.
    pub fn cap(&mut self) {
        for (action, because) in Action::ALL.iter().zip(&mut self.because) {
            if action.asks_customer() {
                because.push(Code::BurdenCap);
            }
        }
    }
}

impl Verdict {
    /// Whether a rule forbids the action.
    #[must_use]
    pub fn forbids(&self, action: Action) -> bool {
        self.forbidden.get(action.index()).is_some_and(|it| *it)
    }
}

#[cfg(test)]
mod tests;
