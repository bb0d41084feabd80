//! Rules: met, missed, skipped, over.

use crate::decision::answer::HazardScore;
use crate::decision::fixtures::{NOW, situation_of};
use crate::decision::language::Language;
use crate::decision::model::{Model, PRIOR};
use crate::decision::policy::{DEFAULT, NearMiss, Policy, Verdict};
use crate::decision::signal::Signal;
use crate::decision::situation::Situation;
use crate::domain::action::Action;
use crate::domain::order::Category;
use crate::domain::units::Span;

fn policy(rules: &str) -> Policy {
    let loaded = Policy::load(&format!("{DEFAULT}\n{rules}"));
    loaded.unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn rule(id: &str, when: &str, then: &str) -> String {
    format!("[[rules]]\nid = \"{id}\"\nwhen = {when}\nthen = \"{then}\"\n")
}

/// A phone of 899 EUR; nothing is known of the device.
fn phone() -> (Situation, [HazardScore; 5]) {
    let situation = situation_of(Category::Phone, 89_900, &[(Signal::Resale, 1.0)]);
    let scores = Model::load(PRIOR).unwrap().score(&situation.signals);
    (situation, scores)
}

fn verdict(rules: &str) -> Verdict {
    let (situation, scores) = phone();
    policy(rules).rules(&situation, &scores, 0.02)
}

fn missed(rules: &str) -> Vec<NearMiss> {
    let (situation, scores) = phone();
    policy(rules).near_misses(&situation, &scores, 0.02)
}

#[test]
fn a_rule_holds_when_all_its_conditions_hold() {
    let held = |when: &str| verdict(&rule("r", when, "set:otp")).set.is_some();
    assert!(held("[\"order_value > 400.0\"]"));
    assert!(held(
        "[\"order_value > 400.0\", \"risk >= 0.02\", \"true\"]"
    ));
    assert!(!held("[\"order_value > 400.0\", \"risk > 0.02\"]"));
    assert!(held("[\"p_porch_theft > 0.005\"]"));
}

#[test]
fn of_several_floors_and_settings_the_strictest_counts() {
    let rules = [
        rule("a", "[\"true\"]", "at_least:item_codes"),
        rule("b", "[\"true\"]", "at_least:otp"),
        rule("c", "[\"true\"]", "set:otp"),
        rule("d", "[\"true\"]", "set:locker_only"),
        rule("e", "[\"true\"]", "forbid:none"),
        rule("f", "[\"false\"]", "set:review"),
    ];
    let verdict = verdict(&rules.concat());
    assert_eq!(verdict.floor, Some(Action::ItemCodes));
    assert_eq!(verdict.set, Some(Action::LockerOnly));
    assert_eq!(verdict.forbidden, [true, false, false, false, false]);
    let held: Vec<&str> = verdict.held.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(held, ["a", "b", "c", "d", "e"]);
}

#[test]
fn a_rule_on_a_missing_signal_is_skipped_with_the_signals_name() {
    let skipped = |when: &str| {
        let verdict = verdict(&rule("r", when, "set:otp"));
        assert!(verdict.held.is_empty(), "{when}");
        verdict
            .skipped
            .into_iter()
            .map(|it| it.signal)
            .collect::<Vec<_>>()
    };
    assert_eq!(skipped("[\"new_device == 1.0\"]"), ["new_device"]);
    assert_eq!(
        skipped("[\"order_value > 9e9\", \"new_device == 1.0\"]"),
        ["new_device"]
    );
    assert_eq!(
        skipped("[\"new_device == 1.0\", \"order_value > 9e9\"]"),
        ["new_device"]
    );
    assert_eq!(
        skipped("[\"tech_items / tech_items > 1.0\"]"),
        ["tech_items"]
    );
    assert_eq!(
        skipped("[\"(risk - risk) / (risk - risk) > 1.0\"]"),
        ["risk"]
    );
    assert_eq!(skipped("[\"order_value > 9e9\"]"), [""; 0]);
}

#[test]
fn a_near_miss_has_exactly_one_condition_unmet_and_none_skipped() {
    let check = |when: &str, expected: Option<&str>| {
        let missed = missed(&rule("r", when, "set:otp"));
        let found = missed.first().map(|it| it.condition.as_str());
        assert_eq!(found, expected, "{when}");
    };
    check("[\"order_value > 900.0\"]", Some("order_value > 900.0"));
    check(
        "[\"risk > 0.01\", \"order_value > 900.0\"]",
        Some("order_value > 900.0"),
    );
    check("[\"risk > 0.03\", \"order_value > 900.0\"]", None);
    check("[\"order_value > 800.0\"]", None);
    check("[\"order_value > 900.0\", \"new_device == 1.0\"]", None);
}

#[test]
fn a_rule_ends_after_its_last_day() {
    let rules = |until: &str| rule("r", "[\"true\"]", "set:otp") + &format!("until = {until}\n");
    let (mut situation, scores) = phone();
    let mut held = |until: &str, now| {
        situation.now = now;
        let policy = policy(&rules(until));
        let expired = policy.expired(now);
        let held = policy.rules(&situation, &scores, 0.0).set.is_some();
        assert_eq!(held, expired.is_empty(), "{until}");
        held
    };
    assert!(held("2026-06-10", NOW));
    assert!(held("\"2026-06-10\"", NOW.plus(Span::hours(11))));
    assert!(!held("2026-06-10", NOW.plus(Span::hours(12))));
    assert!(!held("2026-06-09", NOW));
    let expired = policy(&rules("2026-06-09")).expired(NOW);
    assert_eq!(expired[0].message, "the rule `r` ended on 2026-06-09");
    assert!(
        expired[0].line > 100 && expired[0].column == 9,
        "{expired:?}"
    );
}

#[test]
fn a_held_rule_says_what_it_asks_and_brings_its_own_words() {
    let text = rule(
        "dear",
        "[\"order_value > 400.0 && tech_items < 1.0\", \"risk < 1.0\"]",
        "at_least:otp",
    ) + "hazard = \"courier_theft\"\nowner = \"fraud team\"\ncustomer_text = \"c\"\nanalyst_text = \"a\"\n";
    let policy = policy(&text);
    let (situation, scores) = phone();
    let held = policy.rules(&situation, &scores, 0.0).held;
    assert_eq!(held[0].hazard.map(|it| it.key()), Some("courier_theft"));
    assert_eq!(held[0].signals, [Signal::OrderValue, Signal::TechItems]);
    let texts = policy.rule_texts("dear").unwrap();
    assert_eq!(
        (texts.analyst, texts.owner),
        (Some("a"), Some("fraud team"))
    );
    let read = |language| texts.customer.unwrap().in_language(language);
    assert_eq!(Language::ALL.map(read), ["c"; 3], "one text is for all");
    assert_eq!(policy.rule_texts("other"), None);
    assert_eq!(policy.constants(Signal::OrderValue), [400.0]);
}

#[test]
fn a_rule_has_words_for_customers_by_language_or_one_text_for_all() {
    let dear = rule("dear", "[\"order_value > 400.0\"]", "at_least:otp");
    let policy = policy(&format!(
        "{dear}customer_text = {{ en = \"hello\", it = \"ciao\" }}\n"
    ));
    let text = policy.rule_texts("dear").unwrap().customer.unwrap();
    assert_eq!(
        Language::ALL.map(|it| text.in_language(it)),
        ["hello", "hello", "ciao"]
    );
    for (written, expected) in [
        (
            "{ de = \"hallo\" }",
            "rules[0].customer_text.en: is missing",
        ),
        (
            "{ en = \"hello\", fr = \"salut\" }",
            "rules[0].customer_text.fr: is not known",
        ),
        ("{ en = 1 }", "rules[0].customer_text.en: must be a text"),
        ("7", "rules[0].customer_text: must be a text"),
    ] {
        let text = format!("{DEFAULT}\n{dear}customer_text = {written}\n");
        let told: Vec<_> = Policy::load(&text)
            .unwrap_err()
            .iter()
            .map(|it| format!("{}: {}", it.path, it.message))
            .collect();
        assert!(
            told.iter().any(|it| it.starts_with(expected)),
            "{written}: {told:?}"
        );
        assert_eq!(told.len(), 1, "{written}: {told:?}");
    }
}
