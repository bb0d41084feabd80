//! Rules: what the fraud team says outright, by conditions over signals and risks.
//!
//! A rule holds when all its conditions hold. One on a missing signal, or one that has no answer, is not met, and the
//! rule is listed as skipped. Putting what rules say together with what is possible is `judge`'s.

use super::condition::{Condition, Facts, Gap};
use super::{CustomerText, HeldRule, NearMiss, Policy, RuleTexts, Then, Verdict};
use crate::decision::answer::{HazardScore, SkippedRule};
use crate::decision::problem::Problem;
use crate::decision::signal::Signal;
use crate::decision::situation::Situation;
use crate::domain::action::Action;
use crate::domain::hazard::Hazard;
use crate::domain::units::{Date, Timestamp};

/// A rule as loaded.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) id: String,
    pub(super) when: Vec<Condition>,
    pub(super) then: Then,
    pub(super) hazard: Option<Hazard>,
    pub(super) owner: Option<String>,
    pub(super) until: Option<Until>,
    pub(super) customer_text: Option<CustomerText>,
    pub(super) analyst_text: Option<String>,
}

/// The last day of a rule, in UTC.
#[derive(Clone, Debug)]
pub(super) struct Until {
    pub(super) date: Date,
    /// The first moment after it.
    pub(super) end: Timestamp,
    /// The date's place in the file, to be completed by a message.
    pub(super) place: Problem,
}

/// What a rule's conditions gave.
enum Outcome<'a> {
    Held,
    /// The first condition that had no answer, and why.
    Skipped(&'a Condition, Gap),
    /// Conditions unmet, and the first of them.
    Unmet(usize, &'a Condition),
}

impl Rule {
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.until.as_ref().is_some_and(|until| now >= until.end)
    }

    fn ask(&self, facts: &Facts<'_>) -> Outcome<'_> {
        let mut skipped = None;
        let mut unmet = (0, None);
        for condition in &self.when {
            match condition.holds(facts) {
                Ok(true) => {}
                Ok(false) => unmet = (unmet.0 + 1, unmet.1.or(Some(condition))),
                Err(gap) => skipped = skipped.or(Some((condition, gap))),
            }
        }
        match (skipped, unmet) {
            (Some((condition, gap)), _) => Outcome::Skipped(condition, gap),
            (None, (count, Some(condition))) => Outcome::Unmet(count, condition),
            (None, (_, None)) => Outcome::Held,
        }
    }

    fn held(&self) -> HeldRule {
        let mut signals: Vec<Signal> = Vec::new();
        for signal in self.when.iter().flat_map(|condition| &condition.signals) {
            if !signals.contains(signal) {
                signals.push(*signal);
            }
        }
        HeldRule {
            id: self.id.clone(),
            hazard: self.hazard,
            then: self.then,
            signals,
        }
    }
}

impl Policy {
    pub(super) fn verdict(&self, situation: &Situation, facts: &Facts<'_>) -> Verdict {
        let mut verdict = Verdict::default();
        for (rule, outcome) in self.asked(situation, facts) {
            match outcome {
                Outcome::Held => verdict.take(rule),
                Outcome::Skipped(condition, gap) => verdict.skipped.push(SkippedRule {
                    rule: rule.id.clone(),
                    signal: lacking(condition, gap),
                }),
                Outcome::Unmet(..) => {}
            }
        }
        verdict
    }

    pub(super) fn missed(&self, situation: &Situation, facts: &Facts<'_>) -> Vec<NearMiss> {
        let near = |(rule, outcome): (&Rule, Outcome<'_>)| match outcome {
            Outcome::Unmet(1, condition) => Some(NearMiss {
                rule: rule.id.clone(),
                condition: condition.source.clone(),
            }),
            Outcome::Unmet(..) | Outcome::Held | Outcome::Skipped(..) => None,
        };
        self.asked(situation, facts).filter_map(near).collect()
    }

    /// Every rule that is not over, with what its conditions give.
    fn asked(
        &self,
        situation: &Situation,
        facts: &Facts<'_>,
    ) -> impl Iterator<Item = (&Rule, Outcome<'_>)> {
        self.rules
            .iter()
            .filter(|rule| !rule.is_over(situation.now))
            .map(|rule| (rule, rule.ask(facts)))
    }

    pub(super) fn texts_of(&self, id: &str) -> Option<RuleTexts<'_>> {
        let rule = self.rules.iter().find(|rule| rule.id == id)?;
        Some(RuleTexts {
            customer: rule.customer_text.as_ref(),
            analyst: rule.analyst_text.as_deref(),
            owner: rule.owner.as_deref(),
        })
    }

    pub(super) fn compared(&self, signal: Signal) -> Vec<f64> {
        let conditions = self.rules.iter().flat_map(|rule| &rule.when);
        let mut numbers: Vec<f64> = conditions
            .flat_map(|condition| &condition.constants)
            .filter(|(of, _)| *of == signal)
            .map(|(_, number)| *number)
            .collect();
        numbers.sort_by(f64::total_cmp);
        numbers.dedup_by(|a, b| a.total_cmp(b).is_eq());
        numbers
    }

    pub(super) fn over(&self, now: Timestamp) -> Vec<Problem> {
        let over = self.rules.iter().filter(|rule| rule.is_over(now));
        over.filter_map(|rule| {
            let until = rule.until.as_ref()?;
            Some(Problem {
                message: format!("the rule `{}` ended on {}", rule.id, until.date),
                ..until.place.clone()
            })
        })
        .collect()
    }
}

impl Verdict {
    fn take(&mut self, rule: &Rule) {
        match rule.then {
            Then::Forbid(action) => {
                if let Some(cell) = self.forbidden.get_mut(action.index()) {
                    *cell = true;
                }
            }
            Then::Set(action) => self.set = self.set.max(Some(action)),
            Then::AtLeast(action) => self.floor = self.floor.max(Some(action)),
        }
        self.held.push(rule.held());
    }
}

/// The name of what a condition lacked: the missing signal, else the first that it names.
fn lacking(condition: &Condition, gap: Gap) -> String {
    let signal = match gap {
        Gap::Missing(signal) => Some(signal),
        Gap::NotANumber => condition.signals.first().copied(),
    };
    signal.map_or("risk", Signal::name).to_owned()
}

/// What the conditions may ask.
pub(super) fn facts<'a>(
    situation: &'a Situation,
    hazards: &[HazardScore; Hazard::COUNT],
    risk: f64,
) -> Facts<'a> {
    Facts {
        signals: &situation.signals,
        probabilities: hazards.each_ref().map(|score| score.probability),
        risk,
    }
}

/// Reads `at_least:otp`, `forbid:none` or `set:review`.
///
/// # Errors
/// What is wrong with it.
pub(super) fn then(text: &str) -> Result<Then, String> {
    let right = "must be `at_least:`, `forbid:` or `set:` and an action";
    let (verb, action) = text
        .split_once(':')
        .ok_or_else(|| format!("is `{text}`; {right}"))?;
    let named = Action::from_key(action).ok_or_else(|| {
        let keys = Action::ALL.iter().map(|it| it.key());
        let meant = crate::decision::problem::nearest(action, keys.clone());
        let keys = keys.collect::<Vec<_>>().join(", ");
        meant.map_or_else(
            || format!("no action is called `{action}`; there are {keys}"),
            |it| format!("no action is called `{action}`; `{it}` was meant, perhaps"),
        )
    });
    match (verb, named?) {
        ("forbid", Action::Review) => {
            Err("`review` cannot be forbidden: it is what is left when nothing else is".to_owned())
        }
        ("forbid", action) => Ok(Then::Forbid(action)),
        ("at_least", action) => Ok(Then::AtLeast(action)),
        ("set", action) => Ok(Then::Set(action)),
        _ => Err(format!("is `{text}`; {right}")),
    }
}

#[cfg(test)]
mod tests;
