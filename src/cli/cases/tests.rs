//! Cases that analysts write: those shipped hold, and faults are told at their place.

use std::sync::Arc;

use super::{Case, Judge, sheet};
use crate::decision::catalogue;
use crate::decision::fixtures::release;
use crate::decision::policy::Policy;
use crate::decision::release::Release;
use crate::service::release::InForce;

const HEAD: &str = "now = 2026-06-10T12:00:00Z\n[base]\ncurrency_code = \"EUR\"\n\
                    delivery = { address_key = \"a1\", expected_on = \"in 2 days\" }\n";

fn read(cases: &str) -> Result<Vec<Case>, Vec<String>> {
    sheet(
        "f.toml",
        &format!("{}{cases}", HEAD.replace("now = 2026-06-10T12:00:00Z", NOW)),
    )
}

const NOW: &str = "now = \"2026-06-10T12:00:00Z\"";

#[test]
fn what_is_short_is_lengthened_and_what_is_said_once_holds_for_all() {
    let cases = read(
        "[[case]]\nname = \"c\"\nexpect.action = \"OTP\"\n\
         order.items = [{ category = \"PHONE\", unit_price_minor = 1 }]\n\
         order.customer_since_at = \"2 days ago\"\n\
         order.delivery.address_type = \"FLAT\"\n\
         order.currency_code = \"missing\"\n\
         history = [{ occurred_at = \"3 hours ago\", password_reset = {} }]\n",
    );
    let case = &cases.unwrap()[0];
    let delivery = case.order.delivery.as_ref().unwrap();
    assert_eq!(
        (case.place.as_str(), case.order.currency_code.as_str()),
        ("f.toml:5", "")
    );
    assert_eq!(case.order.items[0].category, 1);
    assert_eq!(
        (delivery.address_type, delivery.address_key.as_str()),
        (2, "a1")
    );
    assert_eq!(delivery.expected_on, "2026-06-12");
    assert_eq!(
        case.order.customer_since_at.unwrap().to_string(),
        "2026-06-08T12:00:00Z"
    );
    assert_eq!(
        case.events[0].occurred_at.unwrap().to_string(),
        "2026-06-10T09:00:00Z"
    );
}

#[test]
fn a_past_order_is_short_for_what_became_of_it() {
    let cases = read(
        "[[case]]\nname = \"c\"\nexpect = {}\norder.customer_id = \"c1\"\n\
         history = [{ past_order = { days_ago = 40, fault = \"PORCH\", failed_attempts = 2 } }, \
         { past_order = { days_ago = 10, times = 3 } }]\n",
    );
    // Placed, twice in vain, handed over, claimed, settled; and three times placed and handed over.
    assert_eq!(cases.unwrap()[0].events.len(), 6 + 3 * 2);
}

#[test]
fn what_is_no_case_is_told_with_its_line() {
    let check = |cases: &str, expected: &[&str]| {
        let wrong = read(cases).unwrap_err();
        assert_eq!(wrong.len(), expected.len(), "{wrong:?}");
        for (wrong, expected) in wrong.iter().zip(expected) {
            assert!(wrong.contains(expected), "{wrong} is not {expected}");
        }
    };
    check("[[case]]\nname = \"c\"\n", &["f.toml:5: missing field"]);
    check("[[case]]\nname = 7\n", &["f.toml:6: "]);
    check(
        "[[case]]\nname = \"c\"\nexpect = {}\norder.items = [{ category = \"FONE\" }]\n\
         [[case]]\nname = \"d\"\nexpect = {}\norder.item = []\n",
        &[
            "f.toml:5: case `c`: order: items: category: no Category is called `FONE`",
            "f.toml:9: case `d`: order: ",
        ],
    );
}

#[test]
fn a_name_that_no_answer_has_is_no_expectation() {
    let wrong = |lines: &str| {
        let order = "order.items = [{ unit_price_minor = 1 }]";
        let case = format!("[[case]]\nname = \"c\"\n{order}\n{lines}\n");
        read(&case).unwrap_err().remove(0)
    };
    let check = |lines: &str, expected: &str| {
        let found = wrong(lines);
        assert!(
            found.starts_with("f.toml:5: case `c`: ") && found.contains(expected),
            "{found}"
        );
    };
    check(
        "expect.action = \"OPT\"",
        "expect: no action is called `OPT`",
    );
    check("expect.action = []", "expect: action: names none");
    check(
        "expect.not_possible.LOCKERONLY = []",
        "`LOCKER_ONLY` was meant",
    );
    check(
        "expect.reasons = [\"ORDER_VALU\"]",
        "no reason is called `ORDER_VALU`; `ORDER_VALUE`",
    );
    check(
        "expect.obligations = [\"FOTO\"]",
        "no obligation is called `FOTO`",
    );
    check("expect.alternatives = [\"LOKER\"]", "`LOCKER` was meant");
    check("expect = {}\nnow = \"June\"", "now: must be a time");
    check(
        "expect = {}\nsignals.risc = 1.0",
        "signals: no signal is called `risc`",
    );
    check(
        "expect = {}\nsignals.order_value = 1.0",
        "order_value: follows from the order",
    );
    check(
        "expect = {}\nsignals.route_loss_ratio = \"high\"",
        "must be a number, true, false",
    );
}

/// What differs in the answer of the shipped policy with these rules to a phone of 500 EUR.
fn differences(rules: &str, lines: &str) -> Vec<String> {
    let case = format!(
        "[[case]]\nname = \"c\"\n\
         order.items = [{{ category = \"PHONE\", unit_price_minor = 50000 }}]\n{lines}\n"
    );
    let case = read(&case).unwrap().remove(0);
    let policy = format!("{}\n{rules}", crate::decision::policy::DEFAULT);
    let release = Release {
        policy: Arc::new(Policy::load(&policy).unwrap()),
        ..release()
    };
    let catalogue = catalogue::load(catalogue::DEFAULT).unwrap();
    let judge = Judge::new(InForce::new(release, Arc::new(catalogue))).unwrap();
    judge.differences(&case, &judge.judge(&case).unwrap())
}

const RULE: &str = "[[rules]]\nid = \"route\"\nwhen = [\"route_loss_ratio > 2.0\", \"order_value > 400.0\"]\n\
                    then = \"set:review\"\nuntil = 2026-06-10\n";

#[test]
fn a_signal_that_is_stated_counts_as_measured_and_a_case_has_its_own_now() {
    let check = |lines: &str, expected: &[&str]| {
        let found = differences(RULE, lines);
        let same = found.len() == expected.len()
            && found
                .iter()
                .zip(expected)
                .all(|(it, expected)| it.contains(expected));
        assert!(same, "{lines}: {found:?}");
    };
    let stated = "signals.route_loss_ratio = 3.0";
    check(
        &format!("{stated}\nexpect = {{ action = \"REVIEW\", reasons = [\"RULE_ROUTE\"] }}"),
        &[],
    );
    check(
        "expect = { skipped_rules = [\"route\"], not_near_misses = [\"route\"] }",
        &[],
    );
    check(
        "signals.route_loss_ratio = 1.0\nexpect.near_misses = [\"route\"]",
        &[],
    );
    // The rule's last day is the file's: a day later it asks nothing any more.
    check(
        &format!("{stated}\nnow = \"2026-06-11T00:00:00Z\"\nexpect.not_reasons = [\"RULE_ROUTE\"]"),
        &[],
    );
    check(
        &format!(
            "{stated}\nexpect = {{ near_misses = [\"route\", \"rout\"], not_reasons = [\"RULE_ROUTE\"] }}"
        ),
        &[
            "reason RULE_ROUTE is there and should not be",
            "no rule is called `rout`; `route` was meant",
            "rule route is not among the near misses: there are none",
        ],
    );
    check(
        "expect = { risk_from = 0.9, risk_below = 0.000001, alternatives = [\"OTHER_DAY\"], skipped_rules = [] }",
        &[
            "alternative OTHER_DAY is not among what is offered",
            "below 0.9",
            "not below 0.000001",
        ],
    );
}
