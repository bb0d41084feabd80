//! What a line of a policy says, in the words of the fraud team.

use toml::Value;

use super::Then;
use super::lines::{Group, Line};
use super::rules::then;
use crate::domain::action::Action;
use crate::domain::hazard::Hazard;

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Plain,
    Money,
    Share,
    /// Of a hazard's probability.
    Left,
    Named(&'static str),
}

/// What a path means: its part of the policy, its words, the action of its column, and what its number counts.
struct Meaning<'a> {
    group: Group,
    subject: String,
    column: Option<&'a str>,
    unit: Unit,
}

impl<'a> Meaning<'a> {
    fn plain(group: Group, subject: impl Into<String>, unit: Unit) -> Self {
        Self {
            group,
            subject: subject.into(),
            column: None,
            unit,
        }
    }

    fn column(group: Group, subject: impl Into<String>, column: &'a str, unit: Unit) -> Self {
        let plain = Self::plain(group, subject, unit);
        Self {
            column: Some(column),
            ..plain
        }
    }
}

/// A line that belongs to no rule.
pub(super) fn line(path: String, value: &Value, currency: &str) -> Line {
    let Meaning {
        group,
        subject,
        column,
        unit,
    } = meaning(&path);
    Line {
        group,
        subject,
        column: column.map(str::to_owned),
        value: said(value, unit, currency),
        plain: plain(value),
        path,
    }
}

/// A line of a rule, but for its conditions.
pub(super) fn rule_line(id: &str, key: &str, value: &Value) -> Line {
    let subject = match key.split_once('.') {
        Some(("customer_text", language)) => format!("what customers read ({language})"),
        _ => {
            let known = match key {
                "then" => "what it asks",
                "hazard" => "what it is about",
                "owner" => "who answers for it",
                "until" => "its last day",
                "customer_text" => "what customers read",
                "analyst_text" => "what analysts read",
                _ => key,
            };
            known.to_owned()
        }
    };
    Line {
        path: format!("rules[{id}].{key}"),
        group: Group::Rules,
        subject: format!("{id}: {subject}"),
        column: None,
        value: plain(value),
        plain: plain(value),
    }
}

/// A rule in one sentence, as in `at least one code where risk >= 0.12 and order_value > 400.0`.
pub(super) fn sentence(when: &[String], asks: &str) -> String {
    let asked = match then(asks) {
        Ok(Then::AtLeast(action)) => format!("at least {}", of_action(action.key())),
        Ok(Then::Set(action)) => format!("always {}", of_action(action.key())),
        Ok(Then::Forbid(action)) => format!("never {}", of_action(action.key())),
        Err(_) => asks.to_owned(),
    };
    match when {
        [always] if always.trim() == "true" => format!("{asked}, everywhere"),
        conditions => format!("{asked} where {}", conditions.join(" and ")),
    }
}

fn meaning(path: &str) -> Meaning<'_> {
    let parts: Vec<&str> = path.split('.').collect();
    let limit = |subject: &str, unit| Meaning::plain(Group::Limits, subject, unit);
    match parts.as_slice() {
        ["id"] => Meaning::plain(Group::Name, "its name", Unit::Plain),
        ["review_default"] => limit("at least, where nobody answered a review", Unit::Plain),
        ["validity", "cart_minutes"] => limit(
            "how long the answer for a cart holds",
            Unit::Named("minutes"),
        ),
        ["validity", "dated_days"] => {
            let subject = "how long an answer holds after the delivery's date";
            limit(subject, Unit::Named("days"))
        }
        ["validity", "undated_days"] => limit(
            "how long an answer without a date holds",
            Unit::Named("days"),
        ),
        ["validity", "review_hours"] => limit("how long a review may take", Unit::Named("hours")),
        ["windows", "change_days"] => limit(
            "how long a change of the account counts",
            Unit::Named("days"),
        ),
        ["limits", "reviews_per_day"] => limit("how many reviews a day", Unit::Plain),
        ["burden", "free"] => {
            let subject = "orders of 90 days for which a customer may be asked";
            limit(subject, Unit::Plain)
        }
        ["burden", "share"] => limit("beyond them, share of a customer's orders", Unit::Share),
        ["burden", "risk_from"] => limit("risk from which that holds no more", Unit::Share),
        ["limits", "locker_distance_m"] => limit("how far a locker may be", Unit::Named("m")),
        ["effects", hazard, column] => {
            Meaning::column(Group::Effects, of_hazard(hazard), column, Unit::Left)
        }
        ["effects", hazard, situation, column] => {
            let subject = format!("{} {}", of_hazard(hazard), of_situation(situation));
            Meaning::column(Group::Effects, subject, column, Unit::Left)
        }
        ["displaced_claims", column] => {
            let subject = "false claims hindered that come back as \"empty\"";
            Meaning::column(Group::Effects, subject, column, Unit::Share)
        }
        ["costs", table, key] => cost(table, key),
        ["random_checks", rest @ ..] => chance(rest, path),
        _ => Meaning::plain(Group::Other, path, Unit::Plain),
    }
}

fn cost<'a>(table: &str, key: &'a str) -> Meaning<'a> {
    let one = |subject: &str, unit| Meaning::plain(Group::Costs, subject, unit);
    let each = |subject: &str, unit| Meaning::column(Group::Costs, subject, key, unit);
    match (table, key) {
        ("loss", "displaced_claim") => one(
            "loss beside the value, false claim of \"empty\"",
            Unit::Money,
        ),
        ("loss", hazard) => {
            let subject = format!("loss beside the value, {}", of_hazard(hazard));
            one(&subject, Unit::Money)
        }
        ("failed_attempt", "cost") => one("a failed attempt", Unit::Money),
        ("failed_attempt", "attended_unknown") => one(
            "attended attempts that fail, where nothing is known",
            Unit::Share,
        ),
        ("failed_attempt", _) => each("attempts that fail", Unit::Share),
        ("handover", "minute") => one("a courier's minute", Unit::Money),
        ("handover", "item_codes_further_parcel") => {
            one("handover of each further parcel", Unit::Named("s"))
        }
        ("handover", _) => each("handover", Unit::Named("s")),
        ("messages", _) => each("messages", Unit::Money),
        ("seal", "order") => one("seals of an order", Unit::Money),
        ("abandonment", "margin") => one("margin that leaves with a customer", Unit::Share),
        ("abandonment", _) => each("customers who leave", Unit::Share),
        ("burden", _) => each("the customer's bother", Unit::Money),
        ("locker", "uncollected_rate") => one("lockers that nobody empties", Unit::Share),
        ("locker", "uncollected_cost") => one("a locker that nobody empties", Unit::Money),
        ("locker", "door_saved") => one("what a locker saves the carrier", Unit::Money),
        ("review", "person") => one("a review", Unit::Money),
        _ => one(&format!("costs.{table}.{key}"), Unit::Plain),
    }
}

fn chance<'a>(rest: &[&'a str], path: &str) -> Meaning<'a> {
    let one = |subject: &str, unit| Meaning::plain(Group::RandomChecks, subject, unit);
    // A stratum's name may have points of its own: it ends where its bracket closes.
    let stratum = path
        .strip_prefix("random_checks.strata[")
        .and_then(|it| it.rsplit_once("]."));
    let Some((name, key)) = stratum else {
        return match rest {
            ["enabled"] => one("random checks at all", Unit::Plain),
            ["spare_budget_per_week"] => one("sparing may lose in a week", Unit::Money),
            ["spare_value_cap"] => one("nothing is spared above a value of", Unit::Money),
            _ => one(path, Unit::Plain),
        };
    };
    let of = |what: &str| format!("stratum {name}, {what}");
    let column = rest.last().copied().unwrap_or_default();
    let each = |what: &str| Meaning::column(Group::RandomChecks, of(what), column, Unit::Share);
    match key.split_once('.') {
        Some(("verify", _)) => each("asked for more"),
        Some(("spare", _)) => each("asked for less"),
        _ => match key {
            "id" => one(&of("its name"), Unit::Plain),
            "risk_below" => one(&of("orders of a risk below"), Unit::Share),
            "value_below" => one(&of("orders of a value below"), Unit::Money),
            _ => one(&of(key), Unit::Plain),
        },
    }
}

/// An action or a column of the effect tables as people say it.
pub(super) fn of_action(key: &str) -> &str {
    match Action::from_key(key) {
        Some(Action::None) => "nothing",
        Some(Action::Otp) => "one code",
        Some(Action::ItemCodes) => "a code a parcel",
        Some(Action::LockerOnly) => "a locker",
        Some(Action::Review) => "a review",
        None if key == "item_codes_unsealed" => "a code a parcel without its seal",
        None => key,
    }
}

fn of_hazard(key: &str) -> String {
    let known = Hazard::ALL.iter().any(|it| it.key() == key);
    if known {
        key.replace('_', " ")
    } else {
        key.to_owned()
    }
}

fn of_situation(key: &str) -> &str {
    match key {
        "one_parcel" => "of one parcel",
        "several_parcels" => "of several parcels",
        "unchanged" => "without a change",
        "prior_contact" => "after a change, contact from before",
        "no_prior_contact" => "after a change, no contact from before",
        _ => key,
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(whole) => Some(crate::domain::units::to_f64(*whole)),
        Value::Float(number) => Some(*number),
        Value::String(_)
        | Value::Boolean(_)
        | Value::Datetime(_)
        | Value::Array(_)
        | Value::Table(_) => None,
    }
}

/// A value with its unit.
fn said(value: &Value, unit: Unit, currency: &str) -> String {
    let Some(number) = number(value) else {
        return plain(value);
    };
    match unit {
        Unit::Plain => number.to_string(),
        Unit::Money => format!("{} {currency}", amount(number)),
        Unit::Share => format!("{} %", percent(number)),
        Unit::Left => format!("{} % left", percent(number)),
        Unit::Named(name) => format!("{number} {name}"),
    }
}

/// With two places, or as many as it has.
fn amount(number: f64) -> String {
    let two = format!("{number:.2}");
    if two.parse() == Ok(number) {
        two
    } else {
        number.to_string()
    }
}

/// Of a hundred, without what the multiplication leaves behind.
fn percent(share: f64) -> String {
    let long = format!("{:.9}", share * 100.0);
    let short = long.trim_end_matches('0').trim_end_matches('.');
    let small = share != 0.0 && short.trim_matches(['0', '.', '-']).is_empty();
    if small {
        format!("{:e}", share * 100.0)
    } else {
        short.to_owned()
    }
}

/// A value as plain text; whole numbers like the others, as no line means another by a point.
fn plain(value: &Value) -> String {
    match (value, number(value)) {
        (Value::String(text), _) => text.clone(),
        (_, Some(number)) => number.to_string(),
        (other, None) => other.to_string(),
    }
}
