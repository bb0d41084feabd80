//! What a rule's conditions can be at all: whether they can hold together, and whether another rule's hold whenever
//! they do.
//!
//! By ranges: each condition narrows the variables that it compares with a number, and is then asked whether any values
//! in those ranges could make it true. What is found never to hold never does; the reverse is not promised.

mod reach;
mod span;

use std::collections::BTreeMap;

use self::span::{Span, is_whole, range, rounded};
use super::condition::{Comparison, Condition, Number, Truth, Variable};
use crate::decision::signal::Signal;
use crate::domain::hazard::Hazard;

/// What variables can be, by their places.
type Spans = BTreeMap<usize, Span>;

/// Why a rule can never hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Never {
    /// The place of the condition that cannot hold.
    pub(super) condition: usize,
    pub(super) message: String,
}

/// What a rule's conditions together ask, so that two can be compared.
#[derive(Clone, Debug)]
pub(super) struct Profile<'a> {
    bounds: Spans,
    /// What is no comparison of a variable with a number, in order.
    rest: Vec<&'a Truth>,
}

/// Why the conditions can never hold together, if they cannot.
pub(super) fn never(conditions: &[Condition]) -> Option<Never> {
    let mut spans = Spans::new();
    for (place, condition) in conditions.iter().enumerate() {
        let parts = parts(condition);
        for (variable, span) in parts.iter().filter_map(|it| bound(it)) {
            let narrowed = narrow(&mut spans, variable, span);
            if narrowed.is_empty() {
                let message = contradiction(conditions.get(..place).unwrap_or(&[]), variable, span);
                let condition = place;
                return Some(Never { condition, message });
            }
        }
        if !parts.iter().all(|it| it.can_be(&spans).0) {
            return Some(Never {
                condition: place,
                message: "can never hold".to_owned(),
            });
        }
    }
    // What a later condition narrows may leave an earlier one nothing.
    let late = |it: &Condition| parts(it).iter().any(|it| !it.can_be(&spans).0);
    conditions.iter().position(late).map(|condition| Never {
        condition,
        message: "can never hold together with the other conditions".to_owned(),
    })
}

/// What is wrong with this span of a variable after conditions that left it something.
fn contradiction(before: &[Condition], variable: Variable, span: Span) -> String {
    let range = range(variable);
    let name = variable.name();
    let own = range.and(rounded(variable, span));
    if own.is_empty() {
        return if range.high.is_finite() {
            let (low, high) = (range.low, range.high);
            let whole = if is_whole(variable) { " and whole" } else { "" };
            format!("can never hold: `{name}` is from {low} to {high}{whole}")
        } else {
            let whole = if is_whole(variable) {
                ", and whole"
            } else {
                ""
            };
            format!(
                "can never hold: `{name}` is never below {}{whole}",
                range.low
            )
        };
    }
    let against = before.iter().find(|condition| {
        let others = parts(condition);
        let mut spans = others.iter().filter_map(|it| bound(it));
        spans.any(|(of, span)| of == variable && rounded(of, span).and(own).is_empty())
    });
    against.map_or_else(
        || "can never hold together with the conditions before it".to_owned(),
        |it| format!("can never hold together with `{}`", it.source),
    )
}

impl<'a> Profile<'a> {
    pub(super) fn of(conditions: &'a [Condition]) -> Self {
        let (mut bounds, mut rest) = (Spans::new(), Vec::new());
        for part in conditions.iter().flat_map(parts) {
            match bound(part) {
                Some((variable, span)) if !matches!(part, Truth::Among(..)) => {
                    narrow(&mut bounds, variable, span);
                }
                _ if *part == Truth::Literal(true) => {}
                _ => rest.push(part),
            }
        }
        Self { bounds, rest }
    }

    /// Whether this holds whenever the other does: each bound is as wide, and all else is asked there too. What a
    /// missing signal keeps from holding here it keeps from holding there.
    pub(super) fn is_implied_by(&self, other: &Self) -> bool {
        let wide = |(variable, span): (&usize, &Span)| {
            let narrow = other.bounds.get(variable);
            narrow.is_some_and(|it| span.low <= it.low && it.high <= span.high)
        };
        self.bounds.iter().all(wide) && self.rest.iter().all(|it| other.rest.contains(it))
    }

    /// The same for every profile that asks the same.
    pub(super) fn key(&self) -> String {
        let mut rest: Vec<String> = self.rest.iter().map(|it| format!("{it:?}")).collect();
        rest.sort();
        rest.dedup();
        format!("{:?} {rest:?}", self.bounds)
    }
}

/// Conditions that must all hold for this one to.
fn parts(condition: &Condition) -> Vec<&Truth> {
    let (mut open, mut parts) = (vec![&condition.truth], Vec::new());
    while let Some(truth) = open.pop() {
        match truth {
            Truth::Both(sides) => open.extend(sides.iter().rev()),
            Truth::Literal(_)
            | Truth::Compare(..)
            | Truth::Among(..)
            | Truth::Not(_)
            | Truth::Either(_)
            | Truth::Choice(_) => parts.push(truth),
        }
    }
    parts
}

/// The span in which a variable must be for this to hold, where it is that simple.
fn bound(truth: &Truth) -> Option<(Variable, Span)> {
    match truth {
        Truth::Compare(comparison, sides) => match sides.as_ref() {
            [Number::Variable(variable), Number::Literal(number)] => {
                Some((*variable, comparison.span(*number)?))
            }
            [Number::Literal(number), Number::Variable(variable)] => {
                Some((*variable, comparison.turned().span(*number)?))
            }
            _ => None,
        },
        Truth::Among(value, entries) => {
            let Number::Variable(variable) = value.as_ref() else {
                return None;
            };
            let range = range(*variable);
            let mut numbers = Vec::new();
            for entry in entries {
                let Number::Literal(number) = entry else {
                    return None;
                };
                numbers.extend(Some(*number).filter(|it| range.holds(*it)));
            }
            Some((*variable, Span::around(&numbers)))
        }
        Truth::Literal(_)
        | Truth::Not(_)
        | Truth::Both(_)
        | Truth::Either(_)
        | Truth::Choice(_) => None,
    }
}

/// Narrows what the variable can be, and says to what.
fn narrow(spans: &mut Spans, variable: Variable, span: Span) -> Span {
    let known = spans
        .entry(variable.place())
        .or_insert_with(|| range(variable));
    *known = known.and(rounded(variable, span));
    *known
}

impl Variable {
    /// Signals first, then hazards, then the risk.
    const fn place(self) -> usize {
        match self {
            Self::Signal(signal) => signal.index(),
            Self::Probability(hazard) => Signal::COUNT + hazard.index(),
            Self::Risk => Signal::COUNT + Hazard::COUNT,
        }
    }

    fn name(self) -> String {
        match self {
            Self::Signal(signal) => signal.name().to_owned(),
            Self::Probability(hazard) => format!("p_{}", hazard.key()),
            Self::Risk => "risk".to_owned(),
        }
    }
}

impl Comparison {
    /// What is so compared with a number; none for "unequal", which is no span.
    fn span(self, number: f64) -> Option<Span> {
        let (low, high) = (f64::NEG_INFINITY, f64::INFINITY);
        Some(match self {
            Self::Less => Span {
                low,
                high: number.next_down(),
            },
            Self::AtMost => Span { low, high: number },
            Self::Greater => Span {
                low: number.next_up(),
                high,
            },
            Self::AtLeast => Span { low: number, high },
            Self::Equal => Span::point(number),
            Self::Unequal => return None,
        })
    }

    /// The same with its sides exchanged.
    pub(super) const fn turned(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::AtMost => Self::AtLeast,
            Self::Greater => Self::Less,
            Self::AtLeast => Self::AtMost,
            same @ (Self::Equal | Self::Unequal) => same,
        }
    }
}

#[cfg(test)]
mod tests;
