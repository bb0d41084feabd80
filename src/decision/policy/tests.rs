//! Whatever policy is accepted, deciding by it is total.

use std::fmt::Write as _;
use std::sync::Arc;

use proptest::prelude::*;

use toml::{Table, Value};

use super::{DEFAULT, Policy};
use crate::decision::answer::Chance;
use crate::decision::fixtures::{release, situations};
use crate::decision::judge::{judge, weigh};
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

/// The shipped policy with rules, so that every key is there.
fn whole() -> Value {
    let rules = "[[rules]]\nid = \"a\"\nwhen = [\"risk >= 0.12\", \"order_value > 400.0\"]\nthen = \"at_least:otp\"\n\
                 hazard = \"courier_theft\"\nowner = \"o\"\nuntil = 2027-03-31\ncustomer_text = \"c\"\n\
                 analyst_text = \"a\"\n[[rules]]\nid = \"b\"\nwhen = [\"tech_items > 1\"]\nthen = \"forbid:none\"\n";
    Value::Table(toml::from_str(&format!("{DEFAULT}\n{rules}")).unwrap())
}

/// What somebody may write where something else stood.
fn written() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => (0.0..=1.0).prop_map(Value::Float),
        2 => (0_i64..100).prop_map(Value::Integer),
        1 => proptest::sample::select(&[-1.0, 10.0, 11.0, 1e6, 1e7, 5e-324, f64::NAN, f64::INFINITY][..]).prop_map(Value::Float),
        1 => proptest::sample::select(&["none", "otp", "set:otp", "risk > 0.5", "risk > 2.0", "x", "", "2026-01-01"][..]).prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::Boolean),
        1 => Just(Value::Array(Vec::new())),
        1 => Just(Value::Table(Table::new())),
    ]
}

/// Every way down to a leaf of a value: keys and places.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is no table and no list"
)]
pub(super) fn leaves(value: &Value, way: &[String], into: &mut Vec<Vec<String>>) {
    let mut below = |name: String, value: &Value| {
        let way: Vec<String> = way.iter().cloned().chain([name]).collect();
        leaves(value, &way, into);
    };
    match value {
        Value::Table(table) if !table.is_empty() => {
            table.iter().for_each(|(key, it)| below(key.clone(), it));
        }
        Value::Array(list) if !list.is_empty() => {
            let numbered = list.iter().enumerate();
            numbered.for_each(|(at, it)| below(at.to_string(), it));
        }
        _ => into.push(way.to_vec()),
    }
}

/// What stands at the end of a way.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is no table and no list"
)]
pub(super) fn at<'a>(value: &'a mut Value, way: &[String]) -> &'a mut Value {
    way.iter().fold(value, |value, name| match value {
        Value::Table(table) => table.get_mut(name).unwrap(),
        Value::Array(list) => list.get_mut(name.parse::<usize>().unwrap()).unwrap(),
        other => panic!("{other} has nothing below"),
    })
}

/// Puts a value in the place of some leaf, or takes it or a table around it away.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is no table and no list"
)]
fn mutate(whole: &mut Value, pick: usize, put: Option<Value>) {
    let mut all = Vec::new();
    leaves(whole, &[], &mut all);
    let mut way = all.swap_remove(pick % all.len());
    match put {
        Some(put) => *at(whole, &way) = put,
        None => {
            way.truncate(1 + pick % way.len());
            let name = way.pop().unwrap();
            match at(whole, &way) {
                Value::Table(table) => drop(table.remove(&name)),
                Value::Array(list) => drop(list.remove(name.parse().unwrap())),
                other => panic!("{other} has nothing below"),
            }
        }
    }
}

proptest! {
    #[test]
    fn what_is_accepted_judges_anything_and_what_is_refused_names_a_place(
        changes in proptest::collection::vec((any::<usize>(), proptest::option::weighted(0.9, written())), 1..4),
        situation in situations(),
    ) {
        let mut table = whole();
        for (pick, put) in changes {
            mutate(&mut table, pick, put);
        }
        let text = toml::to_string(&table).unwrap();
        match Policy::load(&text) {
            Ok(policy) => {
                let release = Release { policy: Arc::new(policy), ..release() };
                let weighed = weigh(&situation, &release);
                prop_assert!(weighed.costs.iter().all(|it| it.total.is_finite()), "{text}");
                let preview = Chance { draw: None, ratchet: Ratchet::default() };
                prop_assert_eq!(judge(&situation, &release, &preview).own_action, weighed.choice.own);
                prop_assert!(Policy::lines(&text, "EUR").is_ok());
            }
            Err(problems) => {
                prop_assert!(!problems.is_empty());
                for it in problems {
                    prop_assert!(it.line > 0 && it.column > 0 && !it.message.is_empty(), "{it:?}");
                }
            }
        }
    }

    #[test]
    fn a_rule_that_is_said_to_change_no_answer_changes_none(
        picks in proptest::collection::vec((0_usize..3, 0_u32..3, 0_usize..3, 0_u32..3, 0_usize..6), 2..6),
        situation in situations(),
    ) {
        const NAMES: [&str; 3] = ["risk >= 0.0", "order_value > ", "tech_items >= "];
        const THENS: [&str; 6] = ["at_least:otp", "at_least:item_codes", "set:otp", "set:review", "forbid:none", "at_least:review"];
        let condition = |name: usize, number: u32| format!("\"{}{number}\"", NAMES[name]);
        let rules: Vec<String> = picks
            .iter()
            .enumerate()
            .map(|(place, (a, from, b, least, then))| {
                let when = [condition(*a, *from), condition(*b, *least)].join(", ");
                format!("[[rules]]\nid = \"r{place}\"\nwhen = [{when}]\nthen = \"{}\"\n", THENS[*then])
            })
            .collect();
        let loaded = |rules: &[String]| Policy::load(&format!("{DEFAULT}\n{}", rules.concat()));
        let own = |policy: Policy| {
            let release = Release { policy: Arc::new(policy), ..release() };
            weigh(&situation, &release).choice.own
        };
        let policy = loaded(&rules).unwrap();
        let said = policy.notes().iter().chain(policy.mistakes());
        let idle = said.filter(|it| it.message.contains("changes no answer"));
        let idle: Vec<usize> = idle.filter_map(|it| it.path.strip_prefix("rules[")?.strip_suffix(']')?.parse().ok()).collect();
        let before = own(policy);
        for place in idle {
            let mut fewer = rules.clone();
            fewer.remove(place);
            prop_assert_eq!(own(loaded(&fewer).unwrap()), before, "{:?} without {}", rules, place);
        }
    }
}
