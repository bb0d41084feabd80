//! When a cap or a budget holds, and what asks for more all the same.

use std::sync::Arc;

use crate::decision::answer::{Chance, Decision, Draw};
use crate::decision::fixtures::{release, situation_of};
use crate::decision::judge::judge;
use crate::decision::policy::Policy;
use crate::decision::reasons::Code;
use crate::decision::release::Release;
use crate::decision::signal::Signal;
use crate::decision::situation::{Asked, Change, Changed, Situation, Used};
use crate::domain::action::Action;
use crate::domain::ids::KeyId;
use crate::domain::order::Category;
use crate::domain::profile::Ratchet;
use crate::domain::units::Span;

/// The shipped policy with lines in the place of others.
fn with(changes: &[(&str, &str)]) -> Release {
    let mut text = include_str!("../../../../models/policy.toml").to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    Release {
        policy: Arc::new(Policy::load(&text).unwrap()),
        ..release()
    }
}

fn preview(situation: &Situation, release: &Release) -> Decision {
    let chance = Chance {
        draw: None,
        ratchet: Ratchet::default(),
    };
    judge(situation, release, &chance)
}

/// A phone of 899 EUR, which gets one code.
fn phone() -> Situation {
    situation_of(Category::Phone, 89_900, &[(Signal::Resale, 1.0)])
}

fn codes(decision: &Decision) -> Vec<Code> {
    decision.reasons.iter().map(|it| it.code.clone()).collect()
}

#[test]
fn a_customer_who_was_asked_often_enough_is_asked_for_nothing_more() {
    let check = |sentence: &str, asked: Option<(u32, u32)>, capped: bool| {
        let mut situation = phone();
        situation.asked = asked.map(|(asked_90d, orders_90d)| Asked {
            asked_90d,
            orders_90d,
        });
        let decision = preview(&situation, &release());
        let expected = if capped { Action::None } else { Action::Otp };
        assert_eq!(decision.action, expected, "{sentence}");
        let said = codes(&decision).contains(&Code::BurdenCap);
        assert_eq!(said, capped, "{sentence}");
    };
    check("a guest, or an old record", None, false);
    check("never asked", Some((0, 0)), false);
    check("this one is the thirteenth", Some((12, 12)), false);
    check("this one were the fourteenth", Some((13, 13)), true);
    check("one in five of many orders", Some((13, 69)), false);
    check("a little more than one in five", Some((14, 69)), true);
}

#[test]
fn something_concrete_asks_all_the_same() {
    let often = Some(Asked {
        asked_90d: 40,
        orders_90d: 50,
    });
    let asked = |change: fn(&mut Situation), release: &Release| {
        let mut situation = phone();
        situation.asked = often;
        change(&mut situation);
        preview(&situation, release).action != Action::None
    };
    let shipped = release();
    assert!(!asked(|_| (), &shipped));
    let suspect = |it: &mut Situation| it.signals.set(Signal::SuspicionLevel, Some(1.0));
    assert!(asked(suspect, &shipped), "a suspicion");
    let changed = |it: &mut Situation| {
        let at = it.now.minus(Span::days(3));
        let what = Changed::Address;
        it.changes = vec![Change { at, what }];
        for contact in &mut it.contacts {
            contact.since = Some(at.minus(Span::days(100)));
            contact.verified_at = contact.since;
        }
    };
    assert!(asked(changed, &shipped), "a fresh change of the account");
    assert!(
        asked(|it| it.review_lapsed = true, &shipped),
        "a lapsed review"
    );
    let wary = with(&[("risk_from = 0.05", "risk_from = 0.001")]);
    assert!(asked(|_| (), &wary), "a risk");
    let rule = "[[rules]]\nid = \"r\"\nwhen = [\"order_value > 400.0\"]\nthen = ";
    for then in ["at_least:otp", "set:item_codes", "forbid:none"] {
        let ruled = with(&[("# Rules come last", &format!("{rule}\"{then}\"\n#"))]);
        assert!(asked(|_| (), &ruled), "{then}");
    }
    let off = with(&[("free = 13 ", "free = 1000 ")]);
    assert!(asked(|_| (), &off), "a generous cap");
}

#[test]
fn a_policy_without_the_table_caps_nothing() {
    let text = include_str!("../../../../models/policy.toml");
    let lines = text.lines().filter(|line| {
        !["[burden]", "free =", "share =", "risk_from ="]
            .iter()
            .any(|it| line.starts_with(it))
    });
    let text: Vec<&str> = lines.collect();
    let policy = Policy::load(&text.join("\n")).unwrap();
    assert_eq!(policy.burden, None);
    assert_eq!(policy.reviews_per_day, None);
    assert_eq!(policy.random_checks.spare_budget_week_cents, None);
}

#[test]
fn when_reviews_are_spent_the_default_is_the_floor() {
    let review =
        "[[rules]]\nid = \"r\"\nwhen = [\"order_value > 400.0\"]\nthen = \"set:review\"\n#";
    let limited = |most: u32| {
        let line = format!("reviews_per_day = {most}\n");
        with(&[
            ("# reviews_per_day = 200", &*line),
            ("# Rules come last", review),
        ])
    };
    let decided = |used: Option<u32>, most: u32| {
        let mut situation = phone();
        situation.used = used.map(|reviews_today| Used {
            reviews_today,
            ..Used::default()
        });
        preview(&situation, &limited(most))
    };
    assert_eq!(decided(Some(1), 2).action, Action::Review);
    assert_eq!(decided(None, 0).action, Action::Review, "an old record");
    let spent = decided(Some(2), 2);
    assert_eq!(spent.action, Action::Otp, "the cheapest above the floor");
    assert!(codes(&spent).contains(&Code::ReviewBudget));
    let cheap = situation_of(Category::Book, 1_500, &[]);
    let cheap = Situation {
        used: Some(Used {
            reviews_today: 9,
            ..Used::default()
        }),
        ..cheap
    };
    let untouched = preview(&cheap, &limited(2));
    assert_eq!(untouched.action, Action::None, "no review was due");
    assert!(!codes(&untouched).contains(&Code::ReviewBudget));
}

#[test]
fn when_the_budget_of_sparing_is_spent_nothing_is_spared() {
    let release = with(&[
        (
            "# spare_budget_per_week = 50.0",
            "spare_budget_per_week = 50.0",
        ),
        ("spare_value_cap = 250.0 ", "spare_value_cap = 5000.0 "),
    ]);
    let drawn = |spared_week_micro: i64| {
        let mut situation = phone();
        situation.used = Some(Used {
            spared_week_micro,
            ..Used::default()
        });
        let chance = Chance {
            draw: Some(Draw {
                key_id: KeyId::try_new("epoch-1").unwrap(),
                slot: 0,
                counter: 0,
                draw_micro: 999_999,
            }),
            ratchet: Ratchet::default(),
        };
        judge(&situation, &release, &chance)
    };
    let before = drawn(49_999_999);
    assert_eq!(before.action, Action::None, "drawn by chance");
    let lost = |action: Action| {
        let cost = &before.costs[action.index()];
        cost.terms.iter().take(6).sum::<f64>() // The hazards' and the displaced claims'.
    };
    let share = f64::from(before.propensities[Action::None.index()]);
    let cents = (lost(Action::None) - lost(Action::Otp)) * share;
    let told = crate::domain::units::to_f64(before.spared_micro());
    assert!((told - cents / 100.0).abs() <= 1.0, "{told} and {cents}");
    assert!(told > 0.0);
    let after = drawn(50_000_000);
    assert_eq!(after.action, Action::Otp);
    assert_eq!(after.spared_micro(), 0);
    assert!(codes(&after).contains(&Code::SpareBudget));
    assert!(!codes(&before).contains(&Code::SpareBudget));
}
