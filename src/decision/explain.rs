//! What would have been: rules that nearly held, and the smallest change of one signal that changes the action.
//!
//! Computed when somebody asks, from what was recorded; no part of the record. Every change is checked by judging again,
//! without chance. Words are `texts`.

use super::judge::{Weighed, weigh};
use super::policy::NearMiss;
use super::release::Release;
use super::signal::{Signal, Unit};
use super::situation::Situation;
use crate::domain::action::Action;

#[cfg(test)]
mod tests;

/// Changes told at most: the nearest in relative terms.
const CHANGES_MAX: usize = 5;

/// How far a number that prices continuously is followed, as a multiple of what it is, and in which steps.
const REACH: (f64, f64) = (20.0, 1.25);

/// What would have been.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explanation {
    /// Rules with exactly one condition unmet, in the policy's order.
    pub near_misses: Vec<NearMiss>,
    /// Changes of one signal that change the policy's own answer, nearest first.
    pub counterfactuals: Vec<Counterfactual>,
}

/// A change of one signal that changes the policy's own answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counterfactual {
    /// Which.
    pub signal: Signal,
    /// What it is; missing signals are not changed.
    pub from: Option<f64>,
    /// What it would have to be.
    pub to: f64,
    /// The answer then.
    pub action: Action,
}

/// Explains a situation under the versions that judged it.
#[must_use]
pub fn explain(situation: &Situation, release: &Release) -> Explanation {
    let weighed = weigh(situation, release);
    let Weighed { hazards, risk, .. } = &weighed;
    Explanation {
        near_misses: release.policy.near_misses(situation, hazards, *risk),
        counterfactuals: counterfactuals(situation, release, weighed.choice.own),
    }
}

fn counterfactuals(situation: &Situation, release: &Release, own: Action) -> Vec<Counterfactual> {
    let search = Search {
        situation,
        release,
        own,
    };
    let mut found: Vec<(f64, Counterfactual)> = Vec::new();
    for signal in Signal::ALL.iter().copied() {
        let Some(from) = situation.signals.get(signal) else {
            continue;
        };
        found.extend(search.changes(signal, from));
    }
    found.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    found.truncate(CHANGES_MAX);
    found.into_iter().map(|(_, change)| change).collect()
}

struct Search<'a> {
    situation: &'a Situation,
    release: &'a Release,
    own: Action,
}

impl Search<'_> {
    /// The nearest change in each direction, with its distance.
    fn changes(&self, signal: Signal, from: f64) -> Vec<(f64, Counterfactual)> {
        let ordered = !matches!(signal.unit(), Unit::Category | Unit::Month | Unit::YesNo);
        let mut values = self.candidates(signal, from);
        values.retain(|to| (to - from).abs() > 1e-9);
        values.sort_by(|a, b| (a - from).abs().total_cmp(&(b - from).abs()));
        let mut found = Vec::new();
        let sides: &[fn(f64, f64) -> bool] = if ordered {
            &[|to, from| to > from, |to, from| to < from]
        } else {
            &[|_, _| true]
        };
        for side in sides {
            let beside = values.iter().copied().filter(|to| side(*to, from));
            let first = beside.map(|to| (to, self.action(signal, to)));
            let Some((to, action)) = first.into_iter().find(|(_, action)| *action != self.own)
            else {
                continue;
            };
            let (to, action) = if prices(signal) {
                self.closer(signal, from, to).unwrap_or((to, action))
            } else {
                (to, action)
            };
            let distance = if ordered {
                (to - from).abs() / to.abs().max(from.abs()).max(f64::MIN_POSITIVE)
            } else {
                1.0
            };
            let change = Counterfactual {
                signal,
                from: Some(from),
                to,
                action,
            };
            found.push((distance, change));
        }
        found
    }

    /// Where another answer is possible: at the model's edges and the rules' numbers, each rounded to what people say;
    /// and along the way where the signal enters prices.
    fn candidates(&self, signal: Signal, from: f64) -> Vec<f64> {
        let steps = self.release.model.steps(signal);
        let constants = self.release.policy.constants(signal);
        let around = constants
            .iter()
            .flat_map(|it| [it.next_down(), *it, it.next_up()]);
        let mut values = Vec::new();
        for step in steps.into_iter().chain(around) {
            values.extend([
                round(signal, step, f64::floor),
                round(signal, step, f64::ceil),
            ]);
        }
        if signal == Signal::ParcelsAtStop {
            values.extend([1.0, 2.0]);
        } else if prices(signal) && from > 0.0 {
            let (reach, factor) = REACH;
            let mut times = factor;
            while times <= reach {
                values.push(round(signal, from * times, f64::ceil));
                values.push(round(signal, from / times, f64::floor));
                times *= factor;
            }
        }
        values.retain(|it| *it >= 0.0 && (signal.unit() != Unit::Share || *it <= 1.0));
        values
    }

    /// Halves the way between what it is and what changes the answer, as far as people say it.
    fn closer(&self, signal: Signal, from: f64, to: f64) -> Option<(f64, Action)> {
        let (mut same, mut other) = (from, to);
        for _ in 0..40 {
            let toward = if other > same { f64::ceil } else { f64::floor };
            let middle = round(signal, f64::midpoint(same, other), toward);
            if (middle - other).abs() < 1e-9 || (middle - same).abs() < 1e-9 {
                break;
            }
            if self.action(signal, middle) == self.own {
                same = middle;
            } else {
                other = middle;
            }
        }
        let action = self.action(signal, other);
        (action != self.own).then_some((other, action))
    }

    /// The policy's own answer if the signal were `to` and all else as it is.
    fn action(&self, signal: Signal, to: f64) -> Action {
        weigh(&changed(self.situation, signal, to), self.release)
            .choice
            .own
    }
}

/// Signals that enter prices by their own value, not only by the bin they fall into.
fn prices(signal: Signal) -> bool {
    matches!(signal, Signal::OrderValue | Signal::AttendedFailureRate)
}

/// The situation with one signal changed, and the facts that this signal stands for.
fn changed(situation: &Situation, signal: Signal, to: f64) -> Situation {
    let mut changed = situation.clone();
    changed.signals.set(signal, Some(to));
    if signal == Signal::ParcelsAtStop {
        let more = to >= 2.0;
        changed.own_parcels = Some(if more { 2 } else { 1 });
        changed.other_parcels = 0;
    }
    changed
}

/// To the precision in which people speak of the signal.
fn round(signal: Signal, value: f64, toward: fn(f64) -> f64) -> f64 {
    let parts = match signal.unit() {
        Unit::Money | Unit::Count | Unit::YesNo | Unit::Category | Unit::Month | Unit::Clock => 1.0,
        Unit::Days | Unit::Hours => 10.0,
        Unit::MoneyPerLitre | Unit::MoneyPerKg | Unit::Kg | Unit::Ratio => 100.0,
        Unit::Share => 1_000.0,
    };
    toward(value * parts) / parts
}
