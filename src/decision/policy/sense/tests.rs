//! What can never hold is found, and nothing else is.

use proptest::prelude::*;

use super::{Profile, never};
use crate::decision::fixtures::situations;
use crate::decision::policy::condition::{Condition, Facts};

fn conditions(sources: &[&str]) -> Vec<Condition> {
    sources
        .iter()
        .map(|it| Condition::load(it).unwrap())
        .collect()
}

#[test]
fn conditions_that_contradict_each_other_or_a_range_are_found_with_the_reason() {
    let check = |sources: &[&str], place: usize, expected: &str| {
        let found = never(&conditions(sources));
        let found = found.unwrap_or_else(|| panic!("{sources:?} can hold"));
        assert_eq!(found.condition, place, "{sources:?}: {}", found.message);
        assert!(
            found.message.contains(expected),
            "{sources:?}: {}",
            found.message
        );
    };
    check(
        &["risk > 0.5", "risk < 0.2"],
        1,
        "together with `risk > 0.5`",
    );
    check(
        &["risk > 0.5", "risk <= 0.5"],
        1,
        "together with `risk > 0.5`",
    );
    check(&["0.5 < risk && 0.5 > risk"], 0, "can never hold");
    check(&["risk > 1.0"], 0, "`risk` is from 0 to 1");
    check(
        &["p_false_claim < 0.0"],
        0,
        "`p_false_claim` is from 0 to 1",
    );
    check(&["order_value < 0.0"], 0, "`order_value` is never below 0");
    check(
        &["tech_items > 2", "tech_items < 3"],
        1,
        "together with `tech_items > 2`",
    );
    check(
        &["tech_items == 1.5"],
        0,
        "`tech_items` is never below 0, and whole",
    );
    check(
        &["new_device == 2.0"],
        0,
        "`new_device` is from 0 to 1 and whole",
    );
    check(&["season == 13"], 0, "`season` is from 1 to 12");
    check(&["weekday == 0"], 0, "`weekday` is from 1 to 7");
    check(&["dwelling in [77.0, 78.0]"], 0, "`dwelling` is from");
    check(
        &[
            "dwelling == ADDRESS_TYPE_FLAT",
            "dwelling == ADDRESS_TYPE_HOUSE",
        ],
        1,
        "together with",
    );
    check(&["false"], 0, "can never hold");
    check(&["1.0 > 2.0"], 0, "can never hold");
    check(&["order_value + 10.0 < 5.0"], 0, "can never hold");
    check(
        &["order_value * 2.0 < 100.0", "order_value > 50.0"],
        0,
        "with the other conditions",
    );
    check(
        &["risk > 0.4", "risk < 0.6 && !(risk > 0.3)"],
        1,
        "can never hold",
    );
    check(
        &["risk > 0.4", "risk < 0.2 || risk < 0.3"],
        1,
        "can never hold",
    );
    check(&["risk > 2.0 ? true : false"], 0, "can never hold");
    check(
        &[
            "order_value > 1.0",
            "order_value > 2.0",
            "order_value < 1.5",
        ],
        2,
        "`order_value > 2.0`",
    );
}

#[test]
fn what_can_hold_is_left_alone() {
    for sources in [
        &["risk > 0.2", "risk < 0.5"][..],
        &["risk >= 0.5", "risk <= 0.5"],
        &["risk == 1.0"],
        &["order_value / order_value > 5.0"],
        &["risk < risk"],
        &["true"],
        &["season in [11.0, 12.0, 77.0]"],
        &["dwelling != ADDRESS_TYPE_FLAT"],
        &["risk > 0.4", "risk < 0.2 || order_value > 3.0"],
        &["order_value - dearest_item_value < 0.0"],
        &["tech_items > 2", "tech_items <= 3"],
    ] {
        assert_eq!(never(&conditions(sources)), None, "{sources:?}");
    }
}

#[test]
fn a_rule_holds_whenever_another_does_where_it_asks_the_same_or_less() {
    let check = |wide: &[&str], narrow: &[&str], expected: bool| {
        let (wide, narrow) = (conditions(wide), conditions(narrow));
        let implied = Profile::of(&wide).is_implied_by(&Profile::of(&narrow));
        assert_eq!(implied, expected, "{wide:?} {narrow:?}");
    };
    check(&["risk > 0.1"], &["risk > 0.2"], true);
    check(&["risk > 0.2"], &["risk > 0.1"], false);
    check(&["risk > 0.1"], &["risk > 0.2", "order_value > 4.0"], true);
    check(&["true"], &["risk > 0.2"], true);
    check(&["risk > 0.2"], &["true"], false);
    check(
        &["order_value > 4.0", "risk > 0.1"],
        &["risk >= 0.2 && 9.0 < order_value"],
        true,
    );
    check(
        &["resale / risk > 2.0"],
        &["resale / risk > 2.0", "risk > 0.1"],
        true,
    );
    check(&["resale / risk > 2.0"], &["resale / risk > 3.0"], false);
    // A missing signal keeps the one from holding and not the other.
    check(&["order_value >= 0.0"], &["risk > 0.1"], false);
    check(&["tech_items > 1"], &["tech_items >= 2"], true);
}

proptest! {
    #[test]
    fn no_situation_meets_what_is_said_never_to_hold(
        situation in situations(),
        picks in proptest::collection::vec((0_usize..8, 0_usize..6, 0_u32..30), 1..5),
        risk in 0.0..=1.0,
    ) {
        const NAMES: [&str; 8] = ["risk", "order_value", "tech_items", "season", "resale", "new_device", "dwelling", "p_false_claim"];
        const SIGNS: [&str; 6] = ["<", "<=", ">", ">=", "==", "!="];
        let sources: Vec<String> = picks
            .iter()
            .map(|(name, sign, tenths)| format!("{} {} {tenths}.0 / 10.0 * 3.0", NAMES[*name], SIGNS[*sign]))
            .collect();
        let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
        let conditions = conditions(&sources);
        let facts = Facts { signals: &situation.signals, probabilities: [risk; 5], risk };
        let held = conditions.iter().all(|it| it.holds(&facts) == Ok(true));
        prop_assert!(!held || never(&conditions).is_none(), "{sources:?}");
    }
}
