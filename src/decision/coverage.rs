//! What a policy's test cases reached: rules, hard constraints, bins of signals, cells of the effect tables.
//!
//! Read off what was weighed; nothing in the pipeline knows that anybody looks.

use std::collections::{BTreeMap, BTreeSet};

use super::judge::Weighed;
use super::model::Model;
use super::policy::{CONSTRAINTS, EffectCell};
use super::reasons::Code;
use super::release::Release;
use super::signal::Signal;
use super::situation::Situation;
use crate::domain::action::Action;

#[cfg(test)]
mod tests;

/// What was reached so far under one release.
#[derive(Clone, Debug)]
pub struct Coverage<'r> {
    release: &'r Release,
    rules: BTreeMap<String, RuleReach>,
    constraints: BTreeSet<(Action, Code)>,
    bins: BTreeSet<(Signal, usize)>,
    cells: BTreeSet<EffectCell>,
}

/// How often a rule was met by cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleReach {
    /// All its conditions held.
    pub held: u32,
    /// One condition was unmet, the others held.
    pub nearly: u32,
    /// A condition had no answer, as where its signal was missing.
    pub skipped: u32,
}

/// What kind of thing a case can reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A rule that holds.
    Rules,
    /// A reason for which an action is not possible.
    Constraints,
    /// A bin of a signal in the model; "missing" is one.
    Bins,
    /// A cell of the effect tables that prices a possible action.
    Effects,
}

impl Kind {
    /// Every kind, in the order in which they are told.
    pub const ALL: [Self; 4] = [Self::Rules, Self::Constraints, Self::Bins, Self::Effects];

    /// Its name for people and programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rules => "rules",
            Self::Constraints => "constraints",
            Self::Bins => "bins",
            Self::Effects => "effects",
        }
    }
}

/// Everything of one kind: how much there is, and what no case reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Of which kind.
    pub kind: Kind,
    /// How many there are.
    pub of: usize,
    /// What no case reached.
    pub missing: Vec<Missing>,
}

/// Something that no case reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The rule, the action that is not possible, the signal, or parcels and account of an effect cell.
    pub what: String,
    /// How near cases came to the rule; else the reason, the bin or the effect's column.
    pub which: String,
}

/// As in `new_device: yes`.
impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.what, self.which)
    }
}

impl Reached {
    /// How many were reached.
    #[must_use]
    pub const fn reached(&self) -> usize {
        self.of - self.missing.len()
    }

    /// Whether at least so many per cent were reached; where there is nothing, all of it was.
    #[must_use]
    pub fn is_at_least(&self, percent: u8) -> bool {
        100 * self.reached() >= usize::from(percent) * self.of
    }
}

impl<'r> Coverage<'r> {
    /// Nothing reached so far.
    #[must_use]
    pub fn new(release: &'r Release) -> Self {
        let rules = release.policy.rule_ids();
        Self {
            release,
            rules: rules
                .map(|id| (id.to_owned(), RuleReach::default()))
                .collect(),
            constraints: BTreeSet::new(),
            bins: BTreeSet::new(),
            cells: BTreeSet::new(),
        }
    }

    /// Takes in one case as it was weighed.
    pub fn see(&mut self, situation: &Situation, weighed: &Weighed) {
        self.see_rules(situation, weighed);
        for (action, because) in Action::ALL.iter().zip(&weighed.feasible.because) {
            let codes = because.iter().map(|code| (*action, code.clone()));
            self.constraints.extend(codes);
        }
        let model = &self.release.model;
        for signal in model.signals() {
            let value = situation.signals.get(signal);
            let bin = model.bins(signal).map(|it| (signal, it.of(value)));
            self.bins.extend(bin);
        }
        for cost in weighed.costs.iter().filter(|it| it.feasible) {
            let cell = EffectCell::of(situation, &weighed.feasible, cost.action);
            self.cells.insert(cell);
        }
    }

    fn see_rules(&mut self, situation: &Situation, weighed: &Weighed) {
        let Weighed {
            hazards,
            risk,
            verdict,
            ..
        } = weighed;
        let near = self.release.policy.near_misses(situation, hazards, *risk);
        let mut count = |id: &str, more: fn(&mut RuleReach) -> &mut u32| {
            if let Some(rule) = self.rules.get_mut(id) {
                *more(rule) += 1;
            }
        };
        for rule in &verdict.held {
            count(&rule.id, |it| &mut it.held);
        }
        for rule in &near {
            count(&rule.rule, |it| &mut it.nearly);
        }
        for rule in &verdict.skipped {
            count(&rule.rule, |it| &mut it.skipped);
        }
    }

    /// Every rule with how often it was met, in the policy's order.
    pub fn rules(&self) -> impl Iterator<Item = (&str, RuleReach)> {
        let ids = self.release.policy.rule_ids();
        ids.map(|id| (id, self.rules.get(id).copied().unwrap_or_default()))
    }

    /// What was reached and what was not, by kind in the order of [`Kind::ALL`].
    #[must_use]
    pub fn reached(&self) -> [Reached; 4] {
        Kind::ALL.map(|kind| match kind {
            Kind::Rules => {
                let all = self.rules().map(|(id, it)| (it.held > 0, id, near(it)));
                Reached::of(kind, all)
            }
            Kind::Constraints => {
                let all = CONSTRAINTS.iter().map(|(action, code)| {
                    let seen = self.constraints.contains(&(*action, code.clone()));
                    (seen, action.key(), code.text().into_owned())
                });
                Reached::of(kind, all)
            }
            Kind::Bins => {
                let all = bins(&self.release.model).map(|(signal, place, words)| {
                    let seen = self.bins.contains(&(signal, place));
                    (seen, signal.name(), words)
                });
                Reached::of(kind, all)
            }
            Kind::Effects => {
                let all = EffectCell::all().into_iter().map(|cell| {
                    let around = format!("{}, {}", cell.parcels, cell.account);
                    (self.cells.contains(&cell), around, cell.column.to_owned())
                });
                Reached::of(kind, all)
            }
        })
    }
}

impl Reached {
    fn of<S: Into<String>>(kind: Kind, all: impl Iterator<Item = (bool, S, String)>) -> Self {
        let (mut of, mut missing) = (0, Vec::new());
        for (seen, what, which) in all {
            of += 1;
            if !seen {
                let what = what.into();
                missing.push(Missing { what, which });
            }
        }
        Self { kind, of, missing }
    }
}

/// How near cases came to a rule that never held.
fn near(reach: RuleReach) -> String {
    let near = match reach {
        RuleReach { nearly: 1.., .. } => "nearly held",
        RuleReach { skipped: 1.., .. } => "a signal was missing",
        RuleReach { .. } => "never held",
    };
    near.to_owned()
}

/// Every bin of every signal, with its words.
fn bins(model: &Model) -> impl Iterator<Item = (Signal, usize, String)> {
    model.signals().flat_map(|signal| {
        let bins = model.bins(signal);
        let places = 0..bins.map_or(0, super::model::Bins::count);
        places.map(move |place| {
            let words = bins.map_or_else(String::new, |it| it.words(signal, place));
            (signal, place, words)
        })
    })
}
