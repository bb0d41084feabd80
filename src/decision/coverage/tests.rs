//! What cases reach is what was weighed, and what is listed is all there is.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::{Coverage, Kind, Missing, RuleReach};
use crate::decision::fixtures::{contact, locker, release, situation_of, situations};
use crate::decision::judge::weigh;
use crate::decision::policy::{CONSTRAINTS, DEFAULT, EffectCell, Policy};
use crate::decision::reasons::Code;
use crate::decision::release::Release;
use crate::decision::signal::Signal;
use crate::decision::situation::{Asked, Change, Changed, Fit};
use crate::domain::order::{Category, ContactKind};
use crate::domain::units::Span;

fn told(missing: &[Missing]) -> BTreeSet<String> {
    missing.iter().map(ToString::to_string).collect()
}

fn with_rules(rules: &str) -> Release {
    let policy = Policy::load(&format!("{DEFAULT}\n{rules}")).unwrap();
    Release {
        policy: Arc::new(policy),
        ..release()
    }
}

proptest! {
    #[test]
    fn nothing_that_a_situation_reaches_is_missing_from_the_lists(
        mut situation in situations(),
        asked_90d in 0_u32..40,
    ) {
        let release = release();
        situation.asked = Some(Asked { asked_90d, orders_90d: 40 });
        let weighed = weigh(&situation, &release);
        let cells = EffectCell::all();
        for cost in &weighed.costs {
            let cell = EffectCell::of(&situation, &weighed.feasible, cost.action);
            prop_assert!(!cost.feasible || cells.contains(&cell), "{cell}");
            for code in &cost.infeasible_because {
                // A cap is the policy's, and lifted by what is concrete: no hard constraint.
                let known = *code == Code::BurdenCap
                    || CONSTRAINTS.contains(&(cost.action, code.clone()));
                prop_assert!(known, "{} {}", cost.action.key(), code.text());
            }
        }
    }
}

#[test]
fn situations_at_random_reach_every_constraint_so_that_none_is_listed_in_vain() {
    let release = release();
    let mut coverage = Coverage::new(&release);
    let mut runner = TestRunner::deterministic();
    for _ in 0..1_000 {
        let mut situation = situations().new_tree(&mut runner).unwrap().current();
        situation.asked = Some(Asked {
            asked_90d: 40,
            orders_90d: 40,
        });
        coverage.see(&situation, &weigh(&situation, &release));
    }
    let [_, constraints, ..] = coverage.reached();
    assert_eq!(constraints.missing, []);
}

#[test]
fn parcels_seal_and_account_together_reach_every_effect_cell() {
    let release = release();
    let mut coverage = Coverage::new(&release);
    let mut situation = situation_of(Category::Phone, 30_000, &[]);
    situation.lockers = vec![locker("l1", 300, Fit::Fits)];
    let older = vec![contact("sms-1", ContactKind::Sms)];
    let at = situation.now.minus(Span::days(1));
    let change = vec![Change {
        at,
        what: Changed::Address,
    }];
    for (contacts, changes) in [
        (&older, vec![]),
        (&older, change.clone()),
        (&vec![], change),
    ] {
        for (parcels, unsealed) in [(1, false), (1, true), (2, false), (2, true)] {
            situation.contacts.clone_from(contacts);
            situation.changes.clone_from(&changes);
            (situation.own_parcels, situation.unsealed) = (Some(parcels), unsealed);
            coverage.see(&situation, &weigh(&situation, &release));
        }
    }
    let [.., effects] = coverage.reached();
    assert_eq!((effects.of, effects.missing), (28, Vec::new()));
}

#[test]
fn a_rule_is_reached_where_it_holds_and_else_it_is_told_how_near_cases_came() {
    let release = with_rules(
        "[[rules]]\nid = \"dear\"\nwhen = [\"order_value > 400.0\"]\nthen = \"at_least:otp\"\n\
         [[rules]]\nid = \"route\"\nwhen = [\"route_loss_ratio > 2.0\"]\nthen = \"at_least:otp\"\n\
         [[rules]]\nid = \"both\"\nwhen = [\"order_value > 900.0\", \"tech_items > 0\"]\nthen = \"set:otp\"\n\
         [[rules]]\nid = \"far\"\nwhen = [\"order_value > 900.0\", \"tech_items > 9\"]\nthen = \"set:otp\"\n",
    );
    let mut coverage = Coverage::new(&release);
    for cents in [30_000, 50_000] {
        let situation = situation_of(Category::Phone, cents, &[(Signal::TechItems, 1.0)]);
        coverage.see(&situation, &weigh(&situation, &release));
    }
    let met: Vec<(u32, u32, u32)> = coverage
        .rules()
        .map(
            |(
                _,
                RuleReach {
                    held,
                    nearly,
                    skipped,
                },
            )| (held, nearly, skipped),
        )
        .collect();
    assert_eq!(met, [(1, 1, 0), (0, 0, 2), (0, 2, 0), (0, 0, 0)]);
    let [rules, ..] = coverage.reached();
    assert_eq!((rules.kind, rules.of, rules.reached()), (Kind::Rules, 4, 1));
    let missing: Vec<String> = rules.missing.iter().map(ToString::to_string).collect();
    let expected = [
        "route: a signal was missing",
        "both: nearly held",
        "far: never held",
    ];
    assert_eq!(missing, expected);
    assert!(rules.is_at_least(25) && !rules.is_at_least(26));
}

#[test]
fn bins_are_told_in_words_and_the_one_that_a_value_falls_into_is_reached() {
    let release = release();
    let mut coverage = Coverage::new(&release);
    let [rules, _, before, _] = coverage.reached();
    assert!(rules.is_at_least(100), "no rules, nothing to reach");
    let situation = situation_of(Category::Phone, 30_000, &[(Signal::NewDevice, 1.0)]);
    coverage.see(&situation, &weigh(&situation, &release));
    let [_, _, after, _] = coverage.reached();
    let (before, after) = (told(&before.missing), told(&after.missing));
    let reached: Vec<&String> = before.difference(&after).collect();
    assert_eq!(reached.len(), release.model.signals().count());
    let expected = [
        "dearest_item_value: 150 to 400",
        "dwelling: HOUSE",
        "new_device: yes",
    ];
    for words in expected {
        let known = reached.iter().any(|it| *it == words);
        assert!(known, "{words}: {reached:?}");
    }
}
