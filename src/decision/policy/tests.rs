//! Whatever policy is accepted, deciding by it is total.

use std::fmt::Write as _;
use std::sync::Arc;

use proptest::prelude::*;

use super::{DEFAULT, Policy};
use crate::decision::answer::Chance;
use crate::decision::fixtures::{release, situations};
use crate::decision::judge::judge;
use crate::decision::release::Release;
use crate::decision::signal::Signal;
use crate::domain::action::Action;
use crate::domain::profile::Ratchet;

/// The shipped policy with other numbers in its tables of effects and costs, each within its bounds.
fn numbers(shares: &[f64]) -> String {
    let mut shares = shares.iter().cycle();
    let mut section = "";
    let mut text = String::new();
    for line in DEFAULT.lines() {
        if line.starts_with('[') {
            section = line;
        }
        let (name, rest) = line.split_once(" = ").unwrap_or((line, ""));
        let is_number = rest.starts_with(|it: char| it.is_ascii_digit());
        let rate = name.ends_with("_rate") || name == "attended_unknown" || name == "margin";
        let scale = match section {
            _ if rate || section.starts_with("[displaced_claims") => 1.0,
            _ if section.starts_with("[effects") => 10.0,
            _ if section.starts_with("[costs.failed_attempt") && name != "cost" => 1.0,
            _ if section.starts_with("[costs.abandonment") => 1.0,
            _ if section.starts_with("[costs") => 1_000.0,
            _ => 0.0,
        };
        match (is_number && scale > 0.0).then(|| shares.next().unwrap() * scale) {
            Some(number) => writeln!(text, "{name} = {number:?}").unwrap(),
            None => writeln!(text, "{line}").unwrap(),
        }
    }
    text
}

fn rules() -> impl Strategy<Value = String> {
    let signal = proptest::sample::select(Signal::ALL).prop_map(|it| it.name().to_owned());
    let name = prop_oneof![
        signal,
        Just("risk".to_owned()),
        Just("p_false_claim".to_owned())
    ];
    let comparison = proptest::sample::select(&["<", ">=", "==", "!="][..]);
    let condition = (name, comparison, 0_u32..1_000)
        .prop_map(|(name, by, number)| format!("\"{name} {by} {number}.0 / 10.0\""));
    let verb = proptest::sample::select(&["at_least", "forbid", "set"][..]);
    let action = proptest::sample::select(Action::ALL);
    let rule = (proptest::collection::vec(condition, 1..4), verb, action)
        .prop_filter("a review cannot be forbidden", |(_, verb, action)| {
            (*verb, *action) != ("forbid", Action::Review)
        });
    proptest::collection::vec(rule, 0..6).prop_map(|rules| {
        let mut text = String::new();
        for (place, (when, verb, action)) in rules.iter().enumerate() {
            let (when, action) = (when.join(", "), action.key());
            writeln!(text, "[[rules]]\nid = \"r{place}\"\nwhen = [{when}]").unwrap();
            writeln!(text, "then = \"{verb}:{action}\"").unwrap();
        }
        text
    })
}

proptest! {
    #[test]
    fn deciding_by_any_policy_that_is_accepted_is_total(
        shares in proptest::collection::vec(0.0..=1.0, 1..60),
        rules in rules(),
        situation in situations(),
    ) {
        let text = format!("{}\n{rules}", numbers(&shares));
        let policy = Policy::load(&text);
        prop_assert!(policy.is_ok(), "{:?}", policy.err());
        let release = Release { policy: Arc::new(policy.unwrap()), ..release() };
        let preview = Chance { draw: None, ratchet: Ratchet::default() };
        let decision = judge(&situation, &release, &preview);
        let cost = &decision.costs[decision.action.index()];
        prop_assert!(cost.feasible || decision.action == Action::Review, "{cost:?}");
        prop_assert!(decision.costs.iter().all(|it| it.total.is_finite()));
        let again = judge(&situation, &release, &preview);
        prop_assert_eq!(decision, again);
        drop(release.policy.near_misses(&situation, &release.model.score(&situation.signals), 0.5));
    }
}
