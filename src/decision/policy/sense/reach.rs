//! Whether a condition can be true or false while its variables are in their spans.

use super::Spans;
use super::span::{ANY, Span, range};
use crate::decision::policy::condition::{Comparison, Math, Number, Truth};

impl Comparison {
    /// Whether it can be true, and whether it can be false.
    fn can_be(self, a: Span, b: Span) -> (bool, bool) {
        let meet = !a.and(b).is_empty();
        let differ = a.low < a.high || b.low < b.high || !meet;
        match self {
            Self::Less => (a.low < b.high, a.high >= b.low),
            Self::AtMost => (a.low <= b.high, a.high > b.low),
            Self::Greater => (a.high > b.low, a.low <= b.high),
            Self::AtLeast => (a.high >= b.low, a.low < b.high),
            Self::Equal => (meet, differ),
            Self::Unequal => (differ, meet),
        }
    }
}

impl Number {
    /// What it can be. Rounding keeps order, so the ends of what goes in give the ends of what comes out.
    fn span(&self, spans: &Spans) -> Span {
        match self {
            Self::Literal(number) => Span::point(*number),
            Self::Variable(variable) => {
                let known = spans.get(&variable.place()).copied();
                known.unwrap_or_else(|| range(*variable))
            }
            Self::Negated(one) => {
                let Span { low, high } = one.span(spans);
                Span {
                    low: -high,
                    high: -low,
                }
            }
            Self::Math(math, sides) => {
                let [a, b] = sides.as_ref();
                let (a, b) = (a.span(spans), b.span(spans));
                let ends = |of: fn(f64, f64) -> f64| {
                    Span::around(&[
                        of(a.low, b.low),
                        of(a.low, b.high),
                        of(a.high, b.low),
                        of(a.high, b.high),
                    ])
                };
                match math {
                    Math::Add => ends(|a, b| a + b),
                    Math::Subtract => ends(|a, b| a - b),
                    Math::Multiply => ends(|a, b| a * b),
                    Math::Divide if b.holds(0.0) => ANY,
                    Math::Divide => ends(|a, b| a / b),
                }
            }
            Self::Choice(parts) => {
                let (_, a, b) = parts.as_ref();
                a.span(spans).or(b.span(spans))
            }
        }
    }
}

impl Truth {
    /// Whether it can be true, and whether it can be false.
    pub(super) fn can_be(&self, spans: &Spans) -> (bool, bool) {
        match self {
            Self::Literal(flag) => (*flag, !*flag),
            Self::Compare(comparison, sides) => {
                let [a, b] = sides.as_ref();
                comparison.can_be(a.span(spans), b.span(spans))
            }
            Self::Among(value, entries) => {
                let value = value.span(spans);
                let meets = |it: &Number| !it.span(spans).and(value).is_empty();
                (entries.iter().any(meets), true)
            }
            Self::Not(one) => {
                let (yes, no) = one.can_be(spans);
                (no, yes)
            }
            Self::Both(sides) => {
                let [a, b] = sides.each_ref().map(|it| it.can_be(spans));
                (a.0 && b.0, a.1 || b.1)
            }
            Self::Either(sides) => {
                let [a, b] = sides.each_ref().map(|it| it.can_be(spans));
                (a.0 || b.0, a.1 && b.1)
            }
            Self::Choice(parts) => {
                let (which, a, b) = parts.as_ref();
                let (which, a, b) = (which.can_be(spans), a.can_be(spans), b.can_be(spans));
                (
                    (which.0 && a.0) || (which.1 && b.0),
                    (which.0 && a.1) || (which.1 && b.1),
                )
            }
        }
    }
}
