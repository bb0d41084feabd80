//! Decisions as a table: what was asked, what was answered, what every action would have cost, why.

use super::words;
use crate::api::wire::pb;
use crate::cli::exit::Failure;
use crate::cli::output::Output;

/// The columns of a table of decisions, where there is room for all of them.
const HEADER: [&str; 10] = [
    "order", "value", "action", "risk", "none", "otp", "codes", "locker", "review", "why",
];
/// The columns on a terminal: what is long shares the last one.
const NARROW: [&str; 8] = [
    "action",
    "risk",
    "none",
    "otp",
    "codes",
    "locker",
    "review",
    "order, value and why",
];

/// How many reasons a row names.
const REASONS: usize = 3;

/// Prints decisions with the orders they answer.
///
/// # Errors
/// As [`Output::line`].
pub(crate) fn decisions<'a>(
    out: &mut Output,
    rows: impl IntoIterator<Item = (Option<&'a pb::Order>, &'a pb::Decision)>,
) -> Result<(), Failure> {
    super::table(
        out,
        HEADER,
        rows.into_iter()
            .map(|(order, decision)| row(order, decision)),
    )
}

/// Prints decisions with what is remarkable about their orders.
///
/// # Errors
/// As [`Output::line`].
pub(crate) fn stories<'a>(
    out: &mut Output,
    rows: impl IntoIterator<Item = (&'a str, &'a pb::Order, &'a pb::Decision)>,
) -> Result<(), Failure> {
    let rows = rows.into_iter().map(|(story, order, decision)| {
        let mut row = row(Some(order), decision);
        if let Some(first) = row.first_mut() {
            story.clone_into(first);
        }
        row
    });
    print(out, rows)
}

fn print(out: &mut Output, rows: impl Iterator<Item = [String; 10]>) -> Result<(), Failure> {
    if !out.is_terminal() {
        return super::table(out, HEADER, rows);
    }
    let rows = rows.map(
        |[
            order,
            value,
            action,
            risk,
            none,
            otp,
            codes,
            locker,
            review,
            why,
        ]| {
            let long = format!("{order}, {value}\n{why}");
            [action, risk, none, otp, codes, locker, review, long]
        },
    );
    super::table(out, NARROW, rows)
}

fn row(order: Option<&pb::Order>, decision: &pb::Decision) -> [String; 10] {
    let [none, otp, codes, locker, review] = costs(decision);
    [
        decision.order_id.clone(),
        order.map_or_else(String::new, worth),
        words::action(decision.action).to_owned(),
        decision.risk.map_or_else(String::new, words::percent),
        none,
        otp,
        codes,
        locker,
        review,
        reasons(decision),
    ]
}

/// What the order is worth, with its currency.
fn worth(order: &pb::Order) -> String {
    let amount = order.items.iter().fold(0_i64, |sum, item| {
        let quantity = i64::from(item.quantity.unwrap_or(1));
        sum.saturating_add(item.unit_price_minor.unwrap_or(0).saturating_mul(quantity))
    });
    let amount = words::money(crate::domain::units::to_f64(amount));
    format!("{amount} {}", order.currency_code)
}

/// What each action would have cost, a dash where it is not possible.
fn costs(decision: &pb::Decision) -> [String; 5] {
    std::array::from_fn(|place| {
        decision.costs.get(place).map_or_else(String::new, |cost| {
            if cost.feasible {
                words::money(cost.total_minor)
            } else {
                "-".to_owned()
            }
        })
    })
}

/// The first reasons, and how many more there are. That the model's risk decided is said by the costs beside it.
fn reasons(decision: &pb::Decision) -> String {
    let codes = decision.reasons.iter().map(|it| it.code.as_str());
    let codes: Vec<_> = codes.filter(|it| *it != "MODEL_RISK").collect();
    let first = codes.iter().take(REASONS).copied();
    let first = first.collect::<Vec<_>>().join(", ");
    match codes.len().saturating_sub(REASONS) {
        0 => first,
        more => format!("{first} (+{more})"),
    }
}
