//! Why: stable codes with the numbers behind them. Choosing which apply is here; wording them is `texts`.

use super::answer::{ActionCost, Alternative, HazardScore};
use super::draw::explore::Explored;
use super::judge::Weighed;
use super::policy::{Policy, Verdict};
use super::release::Release;
use super::signal::Signal;
use super::situation::Situation;
use crate::domain::action::{Action, AlternativeKind};
use crate::domain::hazard::Hazard;
use crate::domain::order::AddressType;
use crate::domain::units::{LogOddsMicro, probability};

mod code;
#[cfg(test)]
mod tests;

pub use code::Code;

/// One reason with its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// Which.
    pub code: Code,
    /// The hazard it speaks of most.
    pub hazard: Option<Hazard>,
    /// The signal behind it.
    pub signal: Option<Signal>,
    /// The signal's value, where it is not missing.
    pub value: Option<f64>,
    /// What it adds to that hazard; 0 for reasons that are no signal's.
    pub contribution: LogOddsMicro,
    /// What that is worth without verification, in hundredths of the base currency; 0 for reasons that are no signal's.
    pub cost_cents: f64,
}

/// From this contribution on, a signal that raises a hazard is a reason.
pub const CITED_FROM: LogOddsMicro = 100_000;

/// The share of attended attempts that fails where nothing is known: above it, failed attempts are a reason.
const FAILURE_BASE: f64 = 0.06;

/// Why.
///
/// What determined the action comes first (rules, chance, the model), then the signals, largest first, then what chose
/// the code's contact, what made a cheaper or milder action impossible, and what else is offered.
#[must_use]
pub fn of(
    situation: &Situation,
    release: &Release,
    weighed: &Weighed,
    explored: &Explored,
    alternatives: &[Alternative],
) -> Vec<Reason> {
    let mut found = Found {
        situation,
        reasons: Vec::new(),
    };
    if explored.told {
        found.push(Reason::plain(Code::Imported));
    }
    found.rules(&weighed.verdict);
    if weighed.unreviewed {
        let reviews = situation.used.map(|it| f64::from(it.reviews_today));
        found.push(Reason {
            value: reviews,
            ..Reason::plain(Code::ReviewBudget)
        });
    }
    found.chance(explored);
    let mut signals = signals(situation, &release.policy, &weighed.hazards);
    if weighed.choice.own == weighed.choice.priced && weighed.choice.own > Action::None {
        found.push(Reason {
            value: Some(weighed.risk),
            ..Reason::plain(Code::ModelRisk)
        });
        if signals.is_empty() {
            let value = situation.signals.get(Signal::OrderValue);
            signals.push(Reason::measured(
                Signal::OrderValue,
                Code::OrderValue,
                value,
            ));
        }
    }
    signals.into_iter().for_each(|reason| found.push(reason));
    found.named(&weighed.verdict);
    found.failed_attempts();
    if weighed.feasible.prior && weighed.feasible.code_contact.is_some() {
        found.push(Reason::plain(Code::CodeToPriorContact));
    }
    found.impossible(explored.action, &weighed.costs);
    let drop = |it: &Alternative| it.kind == AlternativeKind::SecuredDrop;
    if alternatives.iter().any(drop) {
        found.push(Reason {
            hazard: Some(Hazard::PorchTheft),
            ..Reason::plain(Code::SecuredDrop)
        });
    }
    found.reasons
}

impl Reason {
    /// One without numbers.
    #[must_use]
    pub const fn plain(code: Code) -> Self {
        Self {
            code,
            hazard: None,
            signal: None,
            value: None,
            contribution: 0,
            cost_cents: 0.0,
        }
    }

    /// One with a signal that adds nothing to a hazard.
    fn measured(signal: Signal, code: Code, value: Option<f64>) -> Self {
        Self {
            signal: Some(signal),
            value,
            ..Self::plain(code)
        }
    }
}

/// Reasons gathered so far, none twice.
struct Found<'a> {
    situation: &'a Situation,
    reasons: Vec<Reason>,
}

impl Found<'_> {
    fn push(&mut self, reason: Reason) {
        let same = |it: &Reason| it.code == reason.code && it.signal == reason.signal;
        if !self.reasons.iter().any(same) {
            self.reasons.push(reason);
        }
    }

    /// Every rule that held.
    fn rules(&mut self, verdict: &Verdict) {
        for rule in &verdict.held {
            self.push(Reason {
                hazard: rule.hazard,
                ..Reason::plain(Code::Rule(rule.id.clone()))
            });
        }
    }

    /// What rules that held looked at, as far as it is no reason of its own weight.
    fn named(&mut self, verdict: &Verdict) {
        for rule in &verdict.held {
            for signal in rule.signals.iter().copied() {
                let value = self.situation.signals.get(signal);
                self.push(Reason {
                    hazard: rule.hazard,
                    ..Reason::measured(signal, code(signal, value), value)
                });
            }
        }
    }

    /// Chance, where it changed the action, and where it could not for want of a budget.
    fn chance(&mut self, explored: &Explored) {
        if explored.unspared {
            self.push(Reason::plain(Code::SpareBudget));
        }
        let Some(check) = explored.check.as_ref().filter(|it| it.drawn) else {
            return;
        };
        self.push(Reason::plain(if check.ratcheted {
            Code::EarlierDraw
        } else {
            Code::RandomCheck
        }));
    }

    fn failed_attempts(&mut self) {
        let signal = Signal::AttendedFailureRate;
        let rate = self.situation.signals.get(signal);
        if rate.is_some_and(|it| it > FAILURE_BASE + 1e-9) {
            self.push(Reason::measured(signal, Code::FailedAttempts, rate));
        }
    }

    /// What made an action impossible that is milder than the one taken, or would be cheaper.
    fn impossible(&mut self, taken: Action, costs: &[ActionCost; Action::COUNT]) {
        let taken_total = costs
            .get(taken.index())
            .map_or(f64::INFINITY, |it| it.total);
        let wanted = |it: &&ActionCost| it.action < taken || it.total < taken_total;
        for cost in costs.iter().filter(|it| !it.feasible).filter(wanted) {
            for code in &cost.infeasible_because {
                let parcels = self.situation.signals.get(Signal::ParcelsAtStop);
                self.push(if *code == Code::SeveralParcelsAtStop {
                    Reason::measured(Signal::ParcelsAtStop, code.clone(), parcels)
                } else {
                    Reason::plain(code.clone())
                });
            }
        }
    }
}

/// One reason for each signal that raises a hazard enough, with the hazard where it adds most; largest first.
fn signals(
    situation: &Situation,
    policy: &Policy,
    hazards: &[HazardScore; Hazard::COUNT],
) -> Vec<Reason> {
    // Whether a signal adds anything: most do not, and are not looked at again.
    let mut sums = [(false, [0; Hazard::COUNT]); Signal::COUNT];
    for (place, score) in hazards.iter().enumerate() {
        for part in &score.contributions {
            let row = sums.get_mut(spoken_for(part.signal, situation).index());
            let sum = row.and_then(|(adds, row)| {
                *adds = true;
                row.get_mut(place)
            });
            if let Some(sum) = sum {
                *sum += part.log_odds;
            }
        }
    }
    let mut reasons = Vec::new();
    for (signal, (adds, row)) in Signal::ALL.iter().copied().zip(&sums) {
        if !adds || row.iter().all(|sum| *sum < CITED_FROM) {
            continue;
        }
        let most = row.iter().zip(hazards).rev().max_by_key(|(sum, _)| **sum);
        let Some((sum, score)) = most else { continue };
        let without = probability(score.log_odds - sum);
        let loss = policy.loss_cents(score.hazard, situation);
        let value = situation.signals.get(signal);
        reasons.push(Reason {
            code: code(signal, value),
            hazard: Some(score.hazard),
            signal: Some(signal),
            value,
            contribution: *sum,
            cost_cents: (score.probability - without) * loss,
        });
    }
    reasons.sort_by_key(|it| std::cmp::Reverse(it.contribution));
    reasons
}

/// The signal that is cited: a change of contact is the change of the e-mail or of the phone, whichever is younger.
fn spoken_for(signal: Signal, situation: &Situation) -> Signal {
    if signal != Signal::ContactChangeDays {
        return signal;
    }
    let of = |it: Signal| situation.signals.get(it).unwrap_or(f64::INFINITY);
    if of(Signal::PhoneChangeDays) < of(Signal::EmailChangeDays) {
        Signal::PhoneChangeDays
    } else {
        Signal::EmailChangeDays
    }
}

/// The code of a signal at this value.
fn code(signal: Signal, value: Option<f64>) -> Code {
    let Some(value) = value else {
        return Code::SignalMissing;
    };
    let forwarder = f64::from(AddressType::Forwarder.number());
    if signal == Signal::Dwelling && (value - forwarder).abs() < 0.5 {
        Code::ForwarderAddress
    } else {
        signal.code()
    }
}
