//! What would have changed the answer, checked by judging again.

use std::sync::Arc;

use proptest::prelude::*;

use super::{CHANGES_MAX, Counterfactual, changed, explain};
use crate::decision::fixtures::{release, situation_of, situations};
use crate::decision::judge::weigh;
use crate::decision::policy::Policy;
use crate::decision::signal::Signal;
use crate::decision::situation::Situation;
use crate::domain::action::Action;
use crate::domain::order::Category;

fn laptop(more: &[(Signal, f64)]) -> Situation {
    let known = [(Signal::Resale, 0.8), (Signal::TechItems, 1.0)];
    let signals: Vec<_> = known.iter().chain(more).copied().collect();
    situation_of(Category::Laptop, 90_000, &signals)
}

fn of(changes: &[Counterfactual], signal: Signal) -> Vec<(f64, Action)> {
    let of = changes.iter().filter(|it| it.signal == signal);
    of.map(|it| (it.to, it.action)).collect()
}

#[test]
fn the_smallest_change_each_way_is_told_in_the_numbers_people_say() {
    let changes = explain(&laptop(&[]), &release()).counterfactuals;
    let check = |signal, expected: &[(f64, Action)]| {
        assert_eq!(of(&changes, signal), expected, "{signal:?}");
    };
    check(
        Signal::OrderValue,
        &[(1_422.0, Action::ItemCodes), (204.0, Action::None)],
    );
    check(Signal::ParcelsAtStop, &[(2.0, Action::ItemCodes)]);
    check(Signal::AttendedFailureRate, &[(0.422, Action::None)]);
}

#[test]
fn a_rule_is_followed_to_its_number() {
    let rule = "[[rules]]\nid = \"usual\"\nwhen = [\"spend_vs_median > 2.5\"]\nthen = \"at_least:locker_only\"\n";
    let text = format!("{}\n{rule}", include_str!("../../../models/policy.toml"));
    let mut release = release();
    release.policy = Arc::new(Policy::load(&text).unwrap());
    let situation = laptop(&[(Signal::SpendVsMedian, 2.4)]);
    let explained = explain(&situation, &release);
    let found = of(&explained.counterfactuals, Signal::SpendVsMedian);
    assert_eq!(found, [(2.51, Action::LockerOnly)]);
    let near: Vec<&str> = explained
        .near_misses
        .iter()
        .map(|it| it.rule.as_str())
        .collect();
    assert_eq!(near, ["usual"]);
}

#[test]
fn a_missing_signal_is_not_changed() {
    let changes = explain(&laptop(&[]), &release()).counterfactuals;
    assert_eq!(of(&changes, Signal::SuspicionLevel), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_change_told_changes_the_answer_to_what_is_told(situation in situations()) {
        let release = release();
        let own = weigh(&situation, &release).choice.own;
        let changes = explain(&situation, &release).counterfactuals;
        prop_assert!(changes.len() <= CHANGES_MAX);
        for change in changes {
            prop_assert_ne!(change.action, own);
            let other = changed(&situation, change.signal, change.to);
            prop_assert_eq!(weigh(&other, &release).choice.own, change.action);
        }
    }
}
