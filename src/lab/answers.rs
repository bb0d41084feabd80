//! Orders whose answers are known, asked of two models under one policy: where they part, which hazard makes the
//! difference, and by which terms.
//!
//! A hazard makes the difference where its old table, put back alone, brings the old answer back.

use super::blend::{self, Binning};
use super::dataset::Row;
use crate::decision::answer::{Chance, Decision, HazardScore};
use crate::decision::judge::judge;
use crate::decision::model::{Model, Parts};
use crate::decision::release::Release;
use crate::decision::signal::Signal;
use crate::decision::situation::Situation;
use crate::domain::action::Action;
use crate::domain::hazard::Hazard;
use crate::domain::profile::Ratchet;
use crate::domain::units::LogOddsMicro;
use std::collections::BTreeMap;
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// Terms told of a hazard, those that changed most first.
const TERMS_MAX: usize = 8;

/// An order, what was known of it, and what it should be answered.
#[derive(Clone, Debug)]
pub struct Case {
    /// For people.
    pub name: String,
    /// Why it should be answered so.
    pub why: String,
    /// Any of these is right.
    pub wanted: Vec<Action>,
    /// As it was measured.
    pub situation: Situation,
}

/// What two models answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Answers {
    /// How many orders there were.
    pub cases: usize,
    /// How many the new model answers as wanted.
    pub right: usize,
    /// How many the base does.
    pub base_right: usize,
    /// Orders that the two answer differently, or the new one not as wanted.
    pub parted: Vec<Parted>,
}

/// One order that two models answer differently.
#[derive(Clone, Debug, PartialEq)]
pub struct Parted {
    /// Which.
    pub name: String,
    /// Why it should be answered so.
    pub why: String,
    /// Any of these is right.
    pub wanted: Vec<Action>,
    /// The base's answer.
    pub base: Said,
    /// The new model's.
    pub ours: Said,
    /// Hazards whose old table alone brings the base's answer back; all that changed where none does.
    pub hazards: Vec<Changed>,
}

/// What one model says of an order.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// The policy's own answer by it.
    pub action: Action,
    /// What each possible action is expected to cost, in cents of the base currency.
    pub costs: Vec<(Action, f64)>,
}

/// One hazard of one order under two models.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// Which.
    pub hazard: Hazard,
    /// Whether its old table alone brings the old answer back.
    pub decides: bool,
    /// Log-odds by the base and by the new model.
    pub log_odds: [LogOddsMicro; 2],
    /// Probabilities of the same.
    pub probability: [f64; 2],
    /// Bases of the same.
    pub bases: [LogOddsMicro; 2],
    /// Terms that changed most.
    pub terms: Vec<Term>,
    /// What all other terms changed together.
    pub rest: LogOddsMicro,
}

/// One term of one order under two models.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// Which signal.
    pub signal: Signal,
    /// With which other, of a pair.
    pub with: Option<Signal>,
    /// What it adds by the base and by the new model.
    pub log_odds: [LogOddsMicro; 2],
    /// Of the orders learned from: for how many those stand that fall into the same bin, and how many losses are
    /// among them. None for a pair.
    pub evidence: Option<(f64, u64)>,
}

/// Asks both. `base`: what is in force; `ours`: what was learned from `rows`, and as its parts.
#[must_use]
pub fn compare(cases: &[Case], base: &Release, ours: (&Model, &Parts), rows: &[Row]) -> Answers {
    let (model, parts) = ours;
    let with = |model: &Model| Release {
        model: Arc::new(model.clone()),
        ..base.clone()
    };
    let new = with(model);
    // Each hazard as the base has it, the others as they were learned.
    let put_back: Vec<Option<Release>> = Hazard::ALL
        .iter()
        .map(|hazard| put_back(parts, &base.model, *hazard).map(|it| with(&it)))
        .collect();
    let mut answers = Answers {
        cases: cases.len(),
        right: 0,
        base_right: 0,
        parted: Vec::new(),
    };
    for case in cases {
        let (old, now) = (ask(case, base), ask(case, &new));
        let right = |it: &Decision| case.wanted.contains(&it.own_action);
        answers.right += usize::from(right(&now));
        answers.base_right += usize::from(right(&old));
        if old.own_action == now.own_action && right(&now) {
            continue;
        }
        let decides = |place: usize| {
            let release = put_back.get(place).and_then(Option::as_ref);
            let differs = old.own_action != now.own_action;
            differs && release.is_some_and(|it| ask(case, it).own_action == old.own_action)
        };
        let changed = old.hazards.iter().zip(&now.hazards).enumerate();
        let mut hazards: Vec<Changed> = changed
            .filter(|(_, (old, now))| old.log_odds != now.log_odds)
            .map(|(place, scores)| changed_in(case, scores, decides(place), model, rows))
            .collect();
        if hazards.iter().any(|it| it.decides) {
            hazards.retain(|it| it.decides);
        }
        answers.parted.push(Parted {
            name: case.name.clone(),
            why: case.why.clone(),
            wanted: case.wanted.clone(),
            base: said(&old),
            ours: said(&now),
            hazards,
        });
    }
    answers
}

/// Judged without chance.
fn ask(case: &Case, release: &Release) -> Decision {
    let chance = Chance {
        draw: None,
        ratchet: Ratchet::default(),
    };
    judge(&case.situation, release, &chance)
}

fn said(decision: &Decision) -> Said {
    let possible = decision.costs.iter().filter(|it| it.feasible);
    Said {
        action: decision.own_action,
        costs: possible.map(|it| (it.action, it.total)).collect(),
    }
}

/// The new model with the base's table of one hazard.
fn put_back(parts: &Parts, base: &Model, hazard: Hazard) -> Option<Model> {
    let known = base.parts();
    let old: Binning = known.signals.into_iter().collect();
    let new: Binning = parts.signals.iter().cloned().collect();
    let all = blend::common(&[&new, &old]);
    let mut mixed = parts.clone();
    for (place, (table, kept)) in mixed.hazards.iter_mut().zip(&known.hazards).enumerate() {
        *table = if place == hazard.index() {
            blend::onto(kept, &old, &all)
        } else {
            blend::onto(table, &new, &all)
        };
    }
    mixed.signals = all.into_iter().collect();
    Model::load(&mixed.write()).ok()
}

fn changed_in(
    case: &Case,
    (old, now): (&HazardScore, &HazardScore),
    decides: bool,
    model: &Model,
    rows: &[Row],
) -> Changed {
    let mut both: BTreeMap<(Signal, Option<Signal>), [LogOddsMicro; 2]> = BTreeMap::new();
    for (place, score) in [old, now].into_iter().enumerate() {
        for part in &score.contributions {
            let parts = both.entry((part.signal, part.with)).or_default();
            if let Some(it) = parts.get_mut(place) {
                *it += part.log_odds;
            }
        }
    }
    let mut terms: Vec<_> = both.into_iter().collect();
    terms.sort_by_key(|(_, [old, now])| std::cmp::Reverse((now - old).abs()));
    let rest = terms.split_off(terms.len().min(TERMS_MAX));
    terms.retain(|(_, [old, now])| old != now);
    let term = |((signal, with), log_odds): ((Signal, Option<Signal>), _)| Term {
        signal,
        with,
        log_odds,
        evidence: (with.is_none()).then(|| evidence(case, signal, old.hazard, model, rows)),
    };
    Changed {
        hazard: old.hazard,
        decides,
        log_odds: [old.log_odds, now.log_odds],
        probability: [old.probability, now.probability],
        bases: [old.base, now.base],
        terms: terms.into_iter().map(term).collect(),
        rest: rest.iter().map(|(_, [old, now])| now - old).sum(),
    }
}

/// Orders of the same bin that speak for the hazard, and losses among them.
fn evidence(
    case: &Case,
    signal: Signal,
    hazard: Hazard,
    model: &Model,
    rows: &[Row],
) -> (f64, u64) {
    let Some(bins) = model.bins(signal) else {
        return (0.0, 0);
    };
    let bin = bins.of(case.situation.signals.get(signal));
    let mut found = (0.0, 0);
    for row in rows.iter().filter(|it| bins.of(it.value(signal)) == bin) {
        found.0 += row.weight(hazard);
        found.1 += u64::from(row.lost(hazard));
    }
    found
}
