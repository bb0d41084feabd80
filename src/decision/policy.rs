//! The fraud team's choices: what is possible, what rules say, what actions cost. Loaded whole or refused whole.
//!
//! [`Policy::feasible`], [`Policy::rules`] and [`Policy::price`] are the three questions that `judge` asks.

mod budgets;
mod cell;
mod changes;
mod checker;
mod condition;
mod cost;
mod customer_text;
mod feasible;
mod file;
mod lines;
mod read_costs;
mod read_rules;
mod rules;
mod sense;
mod shadowed;
#[cfg(test)]
mod tests;
mod thresholds;
mod words;

pub use self::budgets::Burden;
pub use self::cell::EffectCell;
pub use self::changes::Change;
use self::cost::Costs;
pub use self::customer_text::CustomerText;
pub use self::feasible::CONSTRAINTS;
pub use self::lines::{Group, Line, Lines, RuleLines};
use self::rules::Rule;
pub use self::thresholds::Threshold;
use super::answer::{ActionCost, HazardScore, SkippedRule};
use super::problem::Problem;
use super::reasons::Code;
use super::record::Version;
use super::signal::Signal;
use super::situation::Situation;
use crate::domain::action::Action;
use crate::domain::hazard::Hazard;
use crate::domain::ids::{ContactId, LockerId};
use crate::domain::units::{Span, Timestamp};

/// The policy of a fresh installation, as text.
pub const DEFAULT: &str = include_str!("../../models/policy.toml");

/// A policy as loaded: checked, so that every question has an answer.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its name and digest.
    pub version: Version,
    /// How long answers hold.
    pub validity: Validity,
    /// Chance.
    pub random_checks: RandomChecks,
    /// The floor after a review lapsed.
    pub review_default: Action,
    /// The cap on what one customer is asked for; none where the file sets none.
    pub burden: Option<Burden>,
    /// How many placed orders a day (UTC) are given to a person at most; none: as many as there are.
    pub reviews_per_day: Option<u32>,
    /// How long a change of the account counts.
    change_window: Span,
    /// Metres to walk to a locker at most.
    locker_distance_m: u32,
    /// What actions do and cost.
    costs: Costs,
    rules: Vec<Rule>,
    /// Rules that cannot be meant so.
    mistakes: Vec<Problem>,
    /// What is allowed and worth a second look.
    notes: Vec<Problem>,
}

/// How long answers hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// A cart; 30 minutes by default.
    pub cart: Span,
    /// A placed order, in days after its date; 7 by default.
    pub dated_days: i32,
    /// A placed order without a date; 14 days by default.
    pub undated: Span,
    /// The answer `REVIEW`; 24 hours by default.
    pub review: Span,
}

/// Random checks: how often, and where not.
#[derive(Clone, Debug, PartialEq)]
pub struct RandomChecks {
    /// Off: every action is the policy's own.
    pub enabled: bool,
    /// Above this order value (hundredths of the base currency) nothing is spared.
    pub spare_value_cap_cents: f64,
    /// When sparing is expected to have lost so much in a week (from Thursday, UTC; hundredths of the base currency), it
    /// stops until the next; none: it never does.
    pub spare_budget_week_cents: Option<f64>,
    /// Rates by stratum; every order falls into the first that holds it, the last holds all.
    pub strata: Vec<Stratum>,
}

/// Rates for orders of a band of risk and value.
#[derive(Clone, Debug, PartialEq)]
pub struct Stratum {
    /// Its name.
    pub id: String,
    /// Risk below this.
    pub risk_below: f64,
    /// Order value below this, in hundredths of the base currency.
    pub value_below_cents: f64,
    /// Probability of each stricter explored action, in millionths: `[otp, item_codes]`.
    pub verify_micro: [u32; 2],
    /// Probability of each milder explored action, in millionths: `[none, otp]`.
    pub spare_micro: [u32; 2],
}

/// What is possible in a situation, and where codes would go.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Feasible {
    /// Per action in the order of [`Action::ALL`]: why it is not possible; empty where it is.
    pub because: [Vec<Code>; Action::COUNT],
    /// Where a code would go.
    pub code_contact: Option<ContactId>,
    /// It was chosen because of a change: it is a contact from before.
    pub prior: bool,
    /// Contacts from before the change, to be told of it.
    pub notify: Vec<ContactId>,
    /// The earliest change inside the window.
    pub changed_at: Option<Timestamp>,
    /// Lockers that fit, in reach and accessible, nearest first.
    pub lockers: Vec<LockerId>,
}

impl Feasible {
    /// Whether the action is possible.
    #[must_use]
    pub fn allows(&self, action: Action) -> bool {
        self.because.get(action.index()).is_some_and(Vec::is_empty)
    }
}

/// What the rules say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    /// Per action in the order of [`Action::ALL`]: a rule forbids it.
    pub forbidden: [bool; Action::COUNT],
    /// The strictest action that a rule sets.
    pub set: Option<Action>,
    /// The strictest floor.
    pub floor: Option<Action>,
    /// Rules that held, in the policy's order: id, hazard, texts' own words.
    pub held: Vec<HeldRule>,
    /// Rules with a condition that could not be evaluated.
    pub skipped: Vec<SkippedRule>,
}

/// A rule that held.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldRule {
    /// Its id.
    pub id: String,
    /// The hazard it names.
    pub hazard: Option<Hazard>,
    /// What it asks.
    pub then: Then,
    /// The signals that its conditions name.
    pub signals: Vec<Signal>,
}

/// What a rule asks when it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// This action or a stricter one.
    AtLeast(Action),
    /// Any action but this one.
    Forbid(Action),
    /// This action.
    Set(Action),
}

/// A rule with exactly one condition unmet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearMiss {
    /// Its id.
    pub rule: String,
    /// The unmet condition as written.
    pub condition: String,
}

impl Policy {
    /// Loads a policy file.
    ///
    /// # Errors
    /// Every problem of the file with its place.
    pub fn load(text: &str) -> Result<Self, Vec<Problem>> {
        file::load(text)
    }

    /// Rules that cannot be meant so, with their places: that can never hold, or that another one of the same conditions
    /// leaves nothing to change. They harm nothing, so what runs goes on and old versions stay readable; but whoever
    /// looks before a policy is put in force should refuse it.
    #[must_use]
    pub fn mistakes(&self) -> &[Problem] {
        &self.mistakes
    }

    /// What is allowed and worth a second look, as effects above 1, with its place.
    #[must_use]
    pub fn notes(&self) -> &[Problem] {
        &self.notes
    }

    /// Rules whose last day is over, which are no longer applied.
    #[must_use]
    pub fn expired(&self, now: Timestamp) -> Vec<Problem> {
        self.over(now)
    }

    /// The ids of all rules, in the file's order.
    pub fn rule_ids(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().map(|rule| rule.id.as_str())
    }

    /// What is possible here: hard constraints and contact choice under this policy's window and limits.
    #[must_use]
    pub fn feasible(&self, situation: &Situation) -> Feasible {
        self.possible(situation)
    }

    /// What the rules say.
    #[must_use]
    pub fn rules(
        &self,
        situation: &Situation,
        hazards: &[HazardScore; Hazard::COUNT],
        risk: f64,
    ) -> Verdict {
        self.verdict(situation, &rules::facts(situation, hazards, risk))
    }

    /// Rules with exactly one condition unmet and none skipped.
    #[must_use]
    pub fn near_misses(
        &self,
        situation: &Situation,
        hazards: &[HazardScore; Hazard::COUNT],
        risk: f64,
    ) -> Vec<NearMiss> {
        self.missed(situation, &rules::facts(situation, hazards, risk))
    }

    /// What every action is expected to cost, feasible or not, in the order of [`Action::ALL`].
    #[must_use]
    pub fn price(
        &self,
        situation: &Situation,
        feasible: &Feasible,
        hazards: &[HazardScore; Hazard::COUNT],
    ) -> [ActionCost; Action::COUNT] {
        self.prices(situation, feasible, hazards)
    }

    /// What each action leaves of each hazard's probability here (1: it leaves it alone), feasible or not; hazards in
    /// the order of [`Hazard::ALL`], actions in that of [`Action::ALL`].
    #[must_use]
    pub fn effects(
        &self,
        situation: &Situation,
        feasible: &Feasible,
    ) -> [[f64; Action::COUNT]; Hazard::COUNT] {
        self.effects_of(situation, feasible)
    }

    /// What is lost if the hazard happens, in hundredths of the base currency.
    #[must_use]
    pub fn loss_cents(&self, hazard: Hazard, situation: &Situation) -> f64 {
        self.loss_of(hazard, situation)
    }

    /// The numbers with which rules compare the signal, ascending: where a counterfactual has to look.
    #[must_use]
    pub fn constants(&self, signal: Signal) -> Vec<f64> {
        self.compared(signal)
    }

    /// The customer's and the analyst's own words of a rule, if it brings any.
    #[must_use]
    pub fn rule_texts(&self, id: &str) -> Option<RuleTexts<'_>> {
        self.texts_of(id)
    }
}

/// A rule's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleTexts<'a> {
    /// For the customer; none: the customer is told nothing of it.
    pub customer: Option<&'a CustomerText>,
    /// For the analyst.
    pub analyst: Option<&'a str>,
    /// Who answers for the rule.
    pub owner: Option<&'a str>,
}
