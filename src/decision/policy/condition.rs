//! A rule's condition as a small tree of our own, and its answer.
//!
//! `checker` makes it from CEL. The tree is bounded there, so evaluating it is total: it never panics, never loops, and
//! says which signal it lacked.

use std::cmp::Ordering;

use super::checker::Fault;
use super::thresholds::Cut;
use crate::decision::signal::{Signal, Signals};
use crate::domain::hazard::Hazard;

/// A condition that was checked.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    /// As written.
    pub(super) source: String,
    /// The signals that it names, each once.
    pub(super) signals: Vec<Signal>,
    /// Numbers that it compares a signal with.
    pub(super) constants: Vec<(Signal, f64)>,
    /// Names of values that it compares with what is never one of them: right as numbers, and surely not meant.
    pub(super) strays: Vec<Fault>,
    /// Numbers in it that can be turned.
    pub(super) cuts: Vec<Cut>,
    pub(super) truth: Truth,
}

/// What a condition may ask.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts<'a> {
    pub(super) signals: &'a Signals,
    /// In the order of [`Hazard::ALL`].
    pub(super) probabilities: [f64; Hazard::COUNT],
    pub(super) risk: f64,
}

/// Why a condition has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    /// The signal is missing.
    Missing(Signal),
    /// A number came out that is none, as from a division of zero by zero.
    NotANumber,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Variable {
    Signal(Signal),
    Probability(Hazard),
    Risk,
}

/// An expression that is a number.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Number {
    Literal(f64),
    Variable(Variable),
    Negated(Box<Self>),
    Math(Math, Box<[Self; 2]>),
    Choice(Box<(Truth, Self, Self)>),
}

/// An expression that is true or false.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Truth {
    Literal(bool),
    Compare(Comparison, Box<[Number; 2]>),
    Among(Box<Number>, Vec<Number>),
    Not(Box<Self>),
    Both(Box<[Self; 2]>),
    Either(Box<[Self; 2]>),
    Choice(Box<(Self, Self, Self)>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Math {
    Add,
    Subtract,
    Multiply,
    Divide,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    AtMost,
    Greater,
    AtLeast,
    Equal,
    Unequal,
}

impl Condition {
    /// Whether it holds. As in CEL, `&&` and `||` have an answer where one side alone gives it.
    pub(super) fn holds(&self, facts: &Facts<'_>) -> Result<bool, Gap> {
        self.truth.of(facts)
    }
}

impl Variable {
    pub(super) fn named(name: &str) -> Option<Self> {
        if name == "risk" {
            return Some(Self::Risk);
        }
        if let Some(key) = name.strip_prefix("p_") {
            let hazard = Hazard::ALL.iter().copied().find(|it| it.key() == key);
            return hazard.map(Self::Probability);
        }
        Signal::from_name(name).map(Self::Signal)
    }

    fn of(self, facts: &Facts<'_>) -> Result<f64, Gap> {
        match self {
            Self::Signal(signal) => facts.signals.get(signal).ok_or(Gap::Missing(signal)),
            Self::Probability(hazard) => {
                let one = facts.probabilities.get(hazard.index());
                one.copied().ok_or(Gap::NotANumber)
            }
            Self::Risk => Ok(facts.risk),
        }
    }
}

impl Comparison {
    fn of(self, a: f64, b: f64) -> Result<bool, Gap> {
        let order = a.partial_cmp(&b).ok_or(Gap::NotANumber)?;
        Ok(match self {
            Self::Less => order == Ordering::Less,
            Self::AtMost => order != Ordering::Greater,
            Self::Greater => order == Ordering::Greater,
            Self::AtLeast => order != Ordering::Less,
            Self::Equal => order == Ordering::Equal,
            Self::Unequal => order != Ordering::Equal,
        })
    }
}

impl Number {
    pub(super) fn of(&self, facts: &Facts<'_>) -> Result<f64, Gap> {
        match self {
            Self::Literal(number) => Ok(*number),
            Self::Variable(variable) => variable.of(facts),
            Self::Negated(one) => Ok(-one.of(facts)?),
            Self::Math(math, sides) => {
                let [a, b] = sides.as_ref();
                let (a, b) = (a.of(facts)?, b.of(facts)?);
                Ok(match math {
                    Math::Add => a + b,
                    Math::Subtract => a - b,
                    Math::Multiply => a * b,
                    Math::Divide => a / b,
                })
            }
            Self::Choice(parts) => {
                let (which, a, b) = parts.as_ref();
                if which.of(facts)? {
                    a.of(facts)
                } else {
                    b.of(facts)
                }
            }
        }
    }
}

impl Truth {
    fn of(&self, facts: &Facts<'_>) -> Result<bool, Gap> {
        match self {
            Self::Literal(flag) => Ok(*flag),
            Self::Compare(comparison, sides) => {
                let [a, b] = sides.as_ref();
                comparison.of(a.of(facts)?, b.of(facts)?)
            }
            Self::Among(value, entries) => {
                let value = value.of(facts)?;
                let mut found = false;
                for entry in entries {
                    found |= Comparison::Equal.of(value, entry.of(facts)?)?;
                }
                Ok(found)
            }
            Self::Not(one) => Ok(!one.of(facts)?),
            Self::Both(sides) => either(sides, facts, false),
            Self::Either(sides) => either(sides, facts, true),
            Self::Choice(parts) => {
                let (which, a, b) = parts.as_ref();
                if which.of(facts)? {
                    a.of(facts)
                } else {
                    b.of(facts)
                }
            }
        }
    }
}

/// The answer that one side alone gives, if either gives it; else both must have an answer.
fn either(sides: &[Truth; 2], facts: &Facts<'_>, decides: bool) -> Result<bool, Gap> {
    let [a, b] = sides;
    let a = a.of(facts);
    if a == Ok(decides) {
        return a;
    }
    let b = b.of(facts);
    if b == Ok(decides) { b } else { a.and(b) }
}
