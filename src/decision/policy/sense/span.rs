//! Spans of numbers, and what a signal, a probability or the risk can be at all.

use crate::decision::policy::condition::Variable;
use crate::decision::signal::{Signal, Unit};
use crate::domain::order::{AddressType, Category, PaymentKind};

/// Values from one number to another, both included; empty where `low` is above `high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    pub(super) low: f64,
    pub(super) high: f64,
}

pub(super) const ANY: Span = Span {
    low: f64::NEG_INFINITY,
    high: f64::INFINITY,
};

impl Span {
    pub(super) const fn point(number: f64) -> Self {
        Self {
            low: number,
            high: number,
        }
    }

    pub(super) fn is_empty(self) -> bool {
        self.low > self.high
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self {
            low: self.low.max(other.low),
            high: self.high.min(other.high),
        }
    }

    /// The least span that holds both.
    pub(super) const fn or(self, other: Self) -> Self {
        Self {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
        }
    }

    /// The least span that holds all, or any where one is no number.
    pub(super) fn around(numbers: &[f64]) -> Self {
        if numbers.iter().any(|it| it.is_nan()) {
            return ANY;
        }
        let start = Self {
            low: f64::INFINITY,
            high: f64::NEG_INFINITY,
        };
        numbers
            .iter()
            .fold(start, |span, it| span.or(Self::point(*it)))
    }

    pub(super) fn holds(self, number: f64) -> bool {
        self.low <= number && number <= self.high
    }
}

/// To whole numbers where the variable has no others.
pub(super) fn rounded(variable: Variable, span: Span) -> Span {
    if is_whole(variable) {
        Span {
            low: span.low.ceil(),
            high: span.high.floor(),
        }
    } else {
        span
    }
}

pub(super) fn is_whole(variable: Variable) -> bool {
    let Variable::Signal(signal) = variable else {
        return false;
    };
    match signal.unit() {
        Unit::Count | Unit::YesNo | Unit::Category | Unit::Month | Unit::Clock => true,
        Unit::Money
        | Unit::MoneyPerLitre
        | Unit::MoneyPerKg
        | Unit::Days
        | Unit::Hours
        | Unit::Kg
        | Unit::Ratio
        | Unit::Share => false,
    }
}

/// What a variable can be at all.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "of the signals three are categories"
)]
pub(super) fn range(variable: Variable) -> Span {
    let to = |low: f64, high: f64| Span { low, high };
    let Variable::Signal(signal) = variable else {
        return to(0.0, 1.0);
    };
    match signal.unit() {
        Unit::Share | Unit::YesNo => to(0.0, 1.0),
        Unit::Month => to(1.0, 12.0),
        Unit::Clock if signal == Signal::Weekday => to(1.0, 7.0),
        Unit::Clock => to(0.0, 23.0),
        Unit::Category => {
            let numbers: Vec<f64> = match signal {
                Signal::Dwelling => AddressType::ALL
                    .iter()
                    .map(|it| f64::from(it.number()))
                    .collect(),
                Signal::PaymentKind => PaymentKind::ALL
                    .iter()
                    .map(|it| f64::from(it.number()))
                    .collect(),
                _ => Category::ALL
                    .iter()
                    .map(|it| f64::from(it.number()))
                    .collect(),
            };
            Span::around(&numbers)
        }
        Unit::Money
        | Unit::MoneyPerLitre
        | Unit::MoneyPerKg
        | Unit::Count
        | Unit::Days
        | Unit::Hours
        | Unit::Kg
        | Unit::Ratio => to(0.0, f64::INFINITY),
    }
}
