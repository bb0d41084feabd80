//! What was asked before is counted once, where it belongs, and recorded with the decision that looked at it.

use super::{NOON, Shop, cancelled, cart, doubtful, laptop};
use crate::decision::judge::judge_again;
use crate::decision::reasons::Code;
use crate::decision::record::Record;
use crate::decision::situation::Asked;
use crate::domain::action::Action;
use crate::domain::order::Order;
use crate::domain::units::Span;

/// A dear order of the customer, without a date; days apart from the others, so that one code is possible.
fn apart(number: u32, shop: &Shop) -> Order {
    let mut order = laptop(&format!("o{number}"), "c1");
    order.delivery.expected_on = None;
    order.placed_at = shop.now;
    order
}

fn asked(record: &Record) -> (u32, u32) {
    let Asked {
        asked_90d,
        orders_90d,
    } = record.situation.asked.expect("a known customer");
    (asked_90d, orders_90d)
}

/// No chance, and a cap after two orders.
fn strict(text: String) -> String {
    text.replace("enabled = true", "enabled = false")
        .replace("free = 13 ", "free = 2 ")
}

#[test]
fn an_order_counts_once_while_it_stands_and_for_ninety_days() {
    let mut shop = Shop::with_policy(strict);
    let first = apart(1, &shop);
    assert_eq!(asked(&shop.made(&cart(&first))), (0, 0));
    shop.stands(&first);
    shop.wait(Span::days(4));
    let second = apart(2, &shop);
    assert_eq!(asked(&shop.made(&cart(&second))), (1, 1));
    let mut other = second.clone();
    other.items[0].quantity = 2;
    assert_eq!(
        asked(&shop.made(&other)),
        (1, 1),
        "its own cart is no other"
    );
    shop.wait(Span::days(4));
    let third = shop.made(&apart(3, &shop));
    assert_eq!(asked(&third), (2, 2));
    assert_eq!(third.decision.action, Action::None);
    let capped = |it: &crate::decision::reasons::Reason| it.code == Code::BurdenCap;
    assert!(third.decision.reasons.iter().any(capped));
    assert_eq!(judge_again(&third, &shop.in_force.release), third.decision);
    shop.tell(cancelled("o1"));
    shop.wait(Span::days(4));
    let fourth = shop.made(&apart(4, &shop));
    assert_eq!(
        asked(&fourth),
        (1, 3),
        "nothing is asked for what is cancelled"
    );
    assert_ne!(fourth.decision.action, Action::None);
    shop.wait(Span::days(120));
    assert_eq!(asked(&shop.made(&apart(5, &shop))), (0, 0));
}

#[test]
fn reviews_of_a_day_are_counted_for_all_customers_and_the_next_day_is_new() {
    let mut shop = Shop::with_policy(|text| {
        text.replace("# reviews_per_day = 200", "reviews_per_day = 2")
            .replace("review_default = \"otp\"", "review_default = \"none\"")
    });
    let used = |record: &Record| record.situation.used.unwrap().reviews_today;
    let first = shop.made(&doubtful("o1", "c1"));
    assert_eq!((used(&first), first.decision.action), (0, Action::Review));
    shop.made(&cart(&doubtful("o2", "c2")));
    let second = shop.made(&doubtful("o3", "c3"));
    assert_eq!(used(&second), 1, "nobody reviews a cart");
    assert_eq!(second.decision.action, Action::Review);
    let third = shop.made(&doubtful("o4", "c4"));
    assert_eq!(used(&third), 2);
    assert_ne!(third.decision.action, Action::Review);
    let spent = |it: &crate::decision::reasons::Reason| it.code == Code::ReviewBudget;
    assert!(third.decision.reasons.iter().any(spent));
    assert_eq!(judge_again(&third, &shop.in_force.release), third.decision);
    let mut again = doubtful("o1", "c1");
    again.items[0].quantity = 2;
    assert_eq!(used(&shop.made(&again)), 1, "its own review is no other");
    shop.now = NOON.plus(Span::hours(13));
    let tomorrow = shop.made(&doubtful("o5", "c5"));
    assert_eq!(
        (used(&tomorrow), tomorrow.decision.action),
        (0, Action::Review)
    );
}

#[test]
fn what_sparing_is_expected_to_lose_adds_up_over_the_week() {
    let mut shop = Shop::with_policy(|text| {
        text.replace(
            "# spare_budget_per_week = 50.0",
            "spare_budget_per_week = 0.10",
        )
        .replace("spare_value_cap = 250.0 ", "spare_value_cap = 5000.0 ")
    });
    let spared = |record: &Record| record.situation.used.unwrap().spared_week_micro;
    let mut sum = 0;
    let mut stopped = 0;
    for number in 0..8 {
        let customer = format!("c{number}");
        let record = shop.made(&laptop(&format!("o{number}"), &customer));
        assert_eq!(spared(&record), sum);
        sum += record.decision.spared_micro();
        let spent = |it: &crate::decision::reasons::Reason| it.code == Code::SpareBudget;
        stopped += i32::from(record.decision.reasons.iter().any(spent));
        assert_eq!(
            judge_again(&record, &shop.in_force.release),
            record.decision
        );
    }
    assert!(
        sum >= 100_000,
        "the last one that passes the budget still counts: {sum}"
    );
    assert!(stopped > 0 && stopped < 8, "{stopped}");
    shop.wait(Span::days(7));
    let mut late = laptop("late", "c9");
    late.placed_at = shop.now;
    assert_eq!(spared(&shop.made(&late)), 0);
}
