//! Numbers as an analyst reads them: with their unit, rounded for the eye. The exact ones stand beside the text.

use crate::decision::signal::{Signal, Unit};
use crate::domain::order::{AddressType, Category, PaymentKind};
use crate::domain::units::{Currency, LogOddsMicro, to_f64};

/// A signal's value with its unit.
pub(super) fn value(signal: Signal, value: Option<f64>, base: Currency) -> String {
    let Some(value) = value else {
        return "missing".to_owned();
    };
    match signal.unit() {
        Unit::Money => format!("{value:.2} {base}"),
        Unit::MoneyPerLitre => format!("{value:.2} {base}/l"),
        Unit::MoneyPerKg => format!("{value:.2} {base}/kg"),
        Unit::Count | Unit::Clock | Unit::Month => format!("{value:.0}"),
        Unit::Days => format!("{value:.1} days"),
        Unit::Hours => format!("{value:.1} hours"),
        Unit::Kg => format!("{value:.2} kg"),
        Unit::Ratio => format!("{value:.2}"),
        Unit::Share => percent(value),
        Unit::YesNo => if value > 0.5 { "yes" } else { "no" }.to_owned(),
        Unit::Category => category(signal, value),
    }
}

/// A category by its name, else by its number.
fn category(signal: Signal, value: f64) -> String {
    let number = (0..100).find(|it| (f64::from(*it) - value).abs() < 0.5);
    let name = number.and_then(|number| {
        if signal == Signal::Dwelling {
            AddressType::from_number(number).map(AddressType::name)
        } else if signal == Signal::PaymentKind {
            PaymentKind::from_number(number).map(PaymentKind::name)
        } else {
            Category::from_number(number).map(Category::name)
        }
    });
    name.map_or_else(|| format!("{value:.0}"), str::to_owned)
}

/// A share as per cent.
pub(super) fn percent(share: f64) -> String {
    let digits = if share < 0.01 { 3 } else { 1 };
    format!("{:.digits$} %", share * 100.0)
}

/// Hundredths of the base currency.
pub(super) fn money(cents: f64, base: Currency) -> String {
    format!("{:.2} {base}", cents / 100.0)
}

/// A contribution, with its sign.
pub(super) fn log_odds(micro: LogOddsMicro) -> String {
    format!("{:+.2}", to_f64(micro) / 1e6)
}

/// A contribution as what it multiplies the odds by.
pub(super) fn times(micro: LogOddsMicro) -> String {
    format!("{:.2}", libm::exp(to_f64(micro) / 1e6))
}
