//! What a world cost, as a table or as JSON.

use serde_json::{Map, Value, json};

use crate::cli::args::{Format, Simulate};
use crate::cli::exit::Failure;
use crate::cli::output::Output;
use crate::cli::show;
use crate::domain::hazard::Hazard;
use crate::lab::simulate::Term;
use crate::lab::simulate::ledger::{Ledger, Money};
use crate::lab::simulate::parameters::WorldFile;

/// Lists the scenarios.
pub(super) fn scenarios(file: &WorldFile, format: Format, out: &mut Output) -> Result<(), Failure> {
    match format {
        Format::Table => {
            let rows = file
                .scenarios()
                .map(|(name, about)| [name.to_owned(), about.to_owned()]);
            show::table(out, ["scenario", "what is different"], rows)?;
        }
        Format::Json => {
            for (name, about) in file.scenarios() {
                out.line(json!({"scenario": name, "about": about}))?;
            }
        }
    }
    out.flush()
}

/// Tells the account of one shop in one world.
pub(super) fn ledger(ledger: &Ledger, command: &Simulate, out: &mut Output) -> Result<(), Failure> {
    match command.format {
        Format::Table => table(ledger, out)?,
        Format::Json => out.line(as_json(ledger, command))?,
    }
    out.flush()
}

/// All lines of the account, as name, by expectation, as it happened.
fn lines(ledger: &Ledger) -> Vec<(String, Money)> {
    let lost = Hazard::ALL.iter().zip(&ledger.lost);
    let mut lines: Vec<(String, Money)> = lost
        .map(|(hazard, money)| (format!("lost to {}", hazard.key()), *money))
        .collect();
    lines.push(("lost to displaced claims".to_owned(), ledger.displaced));
    lines.push(("lost in all".to_owned(), ledger.lost_in_all()));
    let cost = Term::ALL.iter().zip(&ledger.verification);
    lines.extend(cost.map(|(term, money)| (format!("cost of {}", term.key()), *money)));
    lines.push((
        "cost of verification".to_owned(),
        ledger.verification_in_all(),
    ));
    lines.push(("total".to_owned(), ledger.total()));
    lines
}

/// Counts of the account, as name and number.
fn counts(ledger: &Ledger) -> Vec<(&'static str, u64)> {
    let mut counts = vec![("orders", ledger.orders)];
    let names = [
        "asked_none",
        "asked_otp",
        "asked_item_codes",
        "asked_locker_only",
        "asked_review",
    ];
    counts.extend(names.into_iter().zip(ledger.by_action));
    let names = [
        "porch_thefts",
        "courier_thefts",
        "substitutions",
        "false_claims",
        "account_takeovers",
    ];
    counts.extend(names.into_iter().zip(ledger.losses));
    counts.extend([
        ("bothered", ledger.bothered),
        ("honest_bothered", ledger.honest_bothered),
        (
            "honest_customers_bothered",
            ledger.honest_customers_bothered,
        ),
        ("abandoned", ledger.abandoned),
        ("coded", ledger.coded),
        ("coded_valuable", ledger.coded_valuable),
        ("victims", ledger.victims),
        ("misrouted", ledger.misrouted),
        ("orders_of_victims", ledger.orders_of_victims),
        (
            "victims_wrongly_suspected",
            ledger.victims_wrongly_suspected,
        ),
        ("claims", ledger.claims),
        ("wrongly_settled", ledger.wrongly_settled),
        ("victims_blamed", ledger.victims_blamed),
    ]);
    counts
}

fn table(ledger: &Ledger, out: &mut Output) -> Result<(), Failure> {
    let money = lines(ledger).into_iter().map(|(name, money)| {
        [
            name,
            format!("{:.2}", money.expected),
            format!("{:.2}", money.happened),
        ]
    });
    show::table(out, ["EUR", "expected", "happened"], money)?;
    out.line("")?;
    let counts = counts(ledger)
        .into_iter()
        .map(|(name, count)| [name.replace('_', " "), count.to_string()]);
    show::table(out, ["count", "orders"], counts)
}

fn as_json(ledger: &Ledger, command: &Simulate) -> Value {
    let mut all = Map::new();
    let mut put = |name: &str, value: Value| drop(all.insert(name.to_owned(), value));
    put("scenario", json!(command.scenario));
    put("seed", json!(command.seed));
    put("days", json!(command.days));
    put(
        "shop",
        json!(
            command
                .server
                .as_ref()
                .map_or_else(|| format!("{:?}", command.past), |_| "server".to_owned())
        ),
    );
    put("value", json!(ledger.value));
    for (name, count) in counts(ledger) {
        put(name, json!(count));
    }
    put("share_bothered", json!(ledger.share_bothered()));
    put("valuable_if_coded", json!(ledger.valuable_if_coded()));
    for (name, money) in lines(ledger) {
        let name = name.replace(' ', "_");
        put(&format!("{name}_expected"), json!(money.expected));
        put(&format!("{name}_happened"), json!(money.happened));
    }
    Value::Object(all)
}
