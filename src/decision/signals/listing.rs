//! `docs/signals.md`: every signal in a table, from the list itself, so that the page cannot grow old.

use std::fmt::Write as _;

use crate::decision::signal::Signal;

/// The nine triggers that customers reported (`S2` of the sources), and the signals that took their place.
const TRIGGERS: &[(&str, &[Signal])] = &[
    (
        "1 unusual spend",
        &[
            Signal::OrderValue,
            Signal::DearestItemValue,
            Signal::SpendVsUsual,
            Signal::SpendVsMedian,
            Signal::CustomerValue24h,
            Signal::CustomerValue72h,
            Signal::CustomerValue7d,
            Signal::AddressValue24h,
            Signal::AddressValue72h,
            Signal::AddressValue7d,
            Signal::DeviceValue24h,
            Signal::DeviceValue72h,
            Signal::DeviceValue7d,
            Signal::PaymentValue24h,
            Signal::PaymentValue72h,
            Signal::PaymentValue7d,
            Signal::SplitRatio7d,
        ],
    ),
    (
        "2 several tech items",
        &[
            Signal::TechItems,
            Signal::SameItemUnits,
            Signal::ItemUnits,
            Signal::Resale,
            Signal::Category,
            Signal::Serialised,
        ],
    ),
    (
        "3 small, dear items",
        &[
            Signal::ValueDensity,
            Signal::ValueDensityKg,
            Signal::WeakPackaging,
            Signal::HeaviestItemKg,
        ],
    ),
    (
        "4 recently changed address",
        &[Signal::AddressChangeDays, Signal::AddressNew],
    ),
    (
        "5 changed e-mail or phone",
        &[
            Signal::EmailChangeDays,
            Signal::PhoneChangeDays,
            Signal::ContactChangeDays,
            Signal::PasswordResetHours,
            Signal::NewDevice,
        ],
    ),
    (
        "6 losses at customer or address, by fault",
        &[
            Signal::AddressPorchLosses180d,
            Signal::AddressCourierLosses180d,
            Signal::CustomerLosses180d,
            Signal::CustomerFalseClaims365d,
            Signal::CustomerClaimRate,
            Signal::LinkedFalseClaims365d,
            Signal::LinkedCustomers,
        ],
    ),
    ("9 concrete suspicion", &[Signal::SuspicionLevel]),
];

/// What took the place of "an algorithm" and "other reasons": everything that has no trigger of its own.
const OTHER: &str = "7 the model, other reasons";

const OPENING: &str = "\
# Signals

<!-- Generated from src/decision/signal.rs: `DOORSTEP_BLESS=1 cargo test signals_page` writes it. -->

A signal is one measured fact about an order and its circumstances: a number with a unit, or missing. Missing is
never zero: it weighs what the model gives a missing value, and a rule that asks for it is skipped and says so.
Models weigh signals by these names, rules compare them (`order_value > 400.0`), reasons cite them.

- Money is in major units of the catalogue's base currency. Windows end at the time of receipt; the order itself, its
  earlier revisions and its own cart are not counted, but for the value windows, which hold its present value once.
- Counts come from buckets by hour (three days), by day (a month), by week (400 days): a bucket that reaches into a
  window counts whole, so that 24 hours are up to an hour longer and 180 days up to a week. Sizes of orders are kept on
  a scale of eight steps a doubling, so that a usual size is known to 5 %.
- A guest has no customer's signals, and neither has a customer of whom nothing but this order is known; what the order
  itself says, and what is known of address, device and means of payment, is measured all the same.
- A value of the account (contact or address) that came within a day of its beginning, or that nobody dates and before
  which nothing of its sort was known, is a first value and no change.
- The eighth of the reported triggers, the random check, is no signal but a draw: see `random_check` in a decision.

\"Prior\" says whether the model of a fresh installation weighs the signal; one that it does not weigh is measured,
explained, recorded and trained on all the same.

| signal | unit | what it says | reason | answers the reported trigger | prior |
| --- | --- | --- | --- | --- | --- |
";

/// The whole page; `weighs` tells which signals the model in force weighs.
#[must_use]
pub fn listing(weighs: impl Fn(Signal) -> bool) -> String {
    let mut page = OPENING.to_owned();
    for signal in Signal::ALL {
        let found = TRIGGERS.iter().find(|(_, all)| all.contains(signal));
        let trigger = found.map_or(OTHER, |(trigger, _)| trigger);
        // Writing to a text cannot fail.
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | `{}` | {trigger} | {} |",
            signal.name(),
            signal.unit().name(),
            signal.meaning(),
            signal.code().text(),
            if weighs(*signal) { "weighs" } else { "" },
        );
    }
    page
}
