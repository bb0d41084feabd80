//! What can be turned in a rule, what compares with it, and the rule with another number.

use crate::decision::fixtures::situation_of;
use crate::decision::model::{Model, PRIOR};
use crate::decision::policy::{DEFAULT, Policy, Threshold};
use crate::domain::order::Category;

fn policy(when: &str) -> Policy {
    let rule = format!("[[rules]]\nid = \"r\"\nwhen = [{when:?}]\nthen = \"set:otp\"\n");
    Policy::load(&format!("{DEFAULT}\n{rule}")).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn told(when: &str) -> Vec<(f64, bool, String)> {
    let told = |it: &Threshold| (it.number, it.inclusive, it.turned(412.5));
    policy(when).thresholds().iter().map(told).collect()
}

#[test]
fn numbers_that_something_is_compared_with_can_be_turned() {
    for (when, number, inclusive, turned) in [
        ("order_value >= 300", 300.0, true, "order_value >= 412.5"),
        ("order_value>300.0", 300.0, false, "order_value>412.5"),
        ("0.02 <= risk", 0.02, true, "412.5 <= risk"),
        ("order_value < 1e2", 100.0, true, "order_value < 412.5"),
        (
            "!(risk * order_value <= (30))",
            30.0,
            false,
            "!(risk * order_value <= (412.5))",
        ),
    ] {
        assert_eq!(
            told(when),
            [(number, inclusive, turned.to_owned())],
            "{when}"
        );
    }
    let both = told("order_value > 50.0 && (risk < 0.3 || order_value >= 50.0)");
    let turned: Vec<&str> = both.iter().map(|it| it.2.as_str()).collect();
    assert_eq!(
        turned,
        [
            "order_value > 412.5 && (risk < 0.3 || order_value >= 50.0)",
            "order_value > 50.0 && (risk < 412.5 || order_value >= 50.0)",
            "order_value > 50.0 && (risk < 0.3 || order_value >= 412.5)",
        ]
    );
}

#[test]
fn what_has_no_sides_or_is_no_number_of_the_rules_own_is_left_alone() {
    for when in [
        "true",
        "order_value == 300.0",
        "order_value != 300.0",
        "dwelling <= ADDRESS_TYPE_FLAT",
        "1.0 < 2.0",
        "order_value in [100.0, 200.0]",
        "order_value < risk * 300.0",
    ] {
        assert_eq!(told(when), [], "{when}");
    }
}

#[test]
fn whole_numbers_stay_whole_where_they_can() {
    let [threshold] = &policy("order_value >= 300").thresholds()[..] else {
        panic!("one");
    };
    for (number, turned) in [
        (450.0, "order_value >= 450"),
        (450.25, "order_value >= 450.25"),
        (1e-7, "order_value >= 1e-7"),
        (-5.0, "order_value >= -5"),
        (f64::MAX, "order_value >= 1.7976931348623157e308"),
    ] {
        assert_eq!(threshold.turned(number), turned);
        let again = policy(turned);
        assert_eq!(again.rule_ids().collect::<Vec<_>>(), ["r"]);
    }
}

#[test]
fn a_turned_rule_holds_on_the_other_side() {
    let situation = situation_of(Category::Phone, 89_900, &[]);
    let scores = Model::load(PRIOR).unwrap().score(&situation.signals);
    for (when, compared) in [
        ("order_value > 400.0", Some(899.0)),
        ("!(400.0 >= order_value)", Some(899.0)),
        ("risk * order_value > 4.0", Some(0.02 * 899.0)),
        // There was no change.
        ("address_change_days > 3.0", None),
    ] {
        let policy = policy(when);
        let threshold = &policy.thresholds()[0];
        let value = policy.compared_with(threshold, &situation, &scores, 0.02);
        assert_eq!(value, compared, "{when}");
        let Some(value) = value else { continue };
        for (to, holds) in [(value.next_down(), true), (value, false), (f64::MAX, false)] {
            let turned = policy.with(threshold, to).unwrap();
            let verdict = turned.rules(&situation, &scores, 0.02);
            assert_eq!(verdict.set.is_some(), holds, "{when}: {to}");
        }
    }
}
