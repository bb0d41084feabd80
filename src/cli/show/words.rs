//! Enums, money and shares as people read them.

use crate::api::wire::pb;

/// An action's name, as in `ITEM_CODES`.
pub(crate) fn action(number: i32) -> &'static str {
    short(
        pb::Action::try_from(number).map(|it| it.as_str_name()),
        "ACTION_",
    )
}

/// A hazard's name in small letters, as in `porch_theft`; empty where there is none.
pub(crate) fn hazard(number: i32) -> String {
    let name = short(
        pb::Hazard::try_from(number).map(|it| it.as_str_name()),
        "HAZARD_",
    );
    if name == "UNSPECIFIED" {
        String::new()
    } else {
        name.to_ascii_lowercase()
    }
}

/// A state's name, as in `OPEN`.
pub(crate) fn state(number: i32) -> &'static str {
    let known = pb::DecisionState::try_from(number);
    short(known.map(|it| it.as_str_name()), "DECISION_STATE_")
}

/// Obligations' names with commas.
pub(crate) fn obligations(numbers: &[i32]) -> String {
    let name = |number: &i32| {
        let known = pb::Obligation::try_from(*number);
        short(known.map(|it| it.as_str_name()), "OBLIGATION_")
    };
    numbers.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// An alternative's kind, as in `LOCKER`.
pub(crate) fn alternative(number: i32) -> &'static str {
    let known = pb::AlternativeKind::try_from(number);
    short(known.map(|it| it.as_str_name()), "ALTERNATIVE_KIND_")
}

fn short<E>(name: Result<&'static str, E>, prefix: &str) -> &'static str {
    name.map_or("?", |name| name.strip_prefix(prefix).unwrap_or(name))
}

/// Hundredths as units with two places. Nothing is shown as less than nothing, as a sum of no amounts would be.
pub(crate) fn money(minor: f64) -> String {
    format!("{:.2}", minor / 100.0 + 0.0)
}

/// A probability in percent, with as many places as tell small ones apart.
pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent >= 9.95 {
        format!("{percent:.0} %")
    } else {
        format!("{percent:.2} %")
    }
}

/// A signal's value: whole numbers without places.
pub(crate) fn value(value: f64) -> String {
    if value.fract().abs() < 1e-9 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}

/// A time to the second, in UTC.
pub(crate) fn time(at: Option<&prost_types::Timestamp>) -> String {
    at.map_or_else(String::new, |at| {
        let seconds = prost_types::Timestamp {
            seconds: at.seconds,
            nanos: 0,
        };
        seconds.to_string()
    })
}

/// A version as `id@digest`, the digest shortened.
pub(crate) fn version(version: Option<&pb::Version>) -> String {
    version.map_or_else(String::new, |it| {
        format!("{}@{}", it.id, it.digest.get(..8).unwrap_or(&it.digest))
    })
}
