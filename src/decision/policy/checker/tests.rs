//! Conditions: what types, what does not, and where.

use proptest::prelude::*;

use super::SOURCE_MAX;
use crate::decision::policy::condition::{Condition, Facts, Gap};
use crate::decision::signal::{Signal, Signals};

fn facts(signals: &Signals) -> Facts<'_> {
    Facts {
        signals,
        probabilities: [0.1, 0.2, 0.3, 0.4, 0.5],
        risk: 0.25,
    }
}

/// Order value 450, two tech items, a flat, a phone; no device.
fn signals() -> Signals {
    let mut signals = Signals::default();
    signals.set(Signal::OrderValue, Some(450.0));
    signals.set(Signal::TechItems, Some(2.0));
    signals.set(Signal::Dwelling, Some(2.0));
    signals.set(Signal::Category, Some(1.0));
    signals.set(Signal::Orders24h, Some(0.0));
    signals
}

#[test]
fn a_condition_is_answered_as_cel_would() {
    let check = |source: &str, expected: Result<bool, Gap>| {
        let condition = Condition::load(source).unwrap_or_else(|it| panic!("{source}: {it:?}"));
        assert_eq!(condition.holds(&facts(&signals())), expected, "{source}");
    };
    let lacking = Err(Gap::Missing(Signal::NewDevice));
    check("order_value > 400.0", Ok(true));
    check("order_value > 400", Ok(true));
    check("400 < order_value", Ok(true));
    check("order_value >= 450.0 && order_value <= 450.0", Ok(true));
    check("order_value == 450", Ok(true));
    check("order_value != 450.0", Ok(false));
    check("risk >= 0.25", Ok(true));
    check("risk > 0.25", Ok(false));
    check("p_porch_theft < p_courier_theft", Ok(true));
    check("p_account_takeover == 0.5", Ok(true));
    check("order_value * p_false_claim > 100.0", Ok(true));
    check("-order_value < -1.0 && order_value > -1", Ok(true));
    check("order_value / 2.0 - 25.0 + 1.0 == 201.0", Ok(true));
    check("dwelling == ADDRESS_TYPE_FLAT", Ok(true));
    check(
        "dwelling in [ADDRESS_TYPE_HOUSE, ADDRESS_TYPE_FLAT]",
        Ok(true),
    );
    check("tech_items in [1, 3]", Ok(false));
    check("category != CATEGORY_PHONE", Ok(false));
    check("tech_items > 1.0 ? order_value > 1000.0 : true", Ok(false));
    check("(tech_items > 1.0 ? 10.0 : 0.0) > 5.0", Ok(true));
    check("!(order_value > 400.0)", Ok(false));
    check("true", Ok(true));
    check("false || order_value > 400.0", Ok(true));
    check("new_device == 1.0", lacking);
    check("new_device == 1.0 || order_value > 400.0", Ok(true));
    check("order_value > 400.0 || new_device == 1.0", Ok(true));
    check("order_value > 1000.0 || new_device == 1.0", lacking);
    check("new_device == 1.0 && order_value > 1000.0", Ok(false));
    check("new_device == 1.0 && order_value > 400.0", lacking);
    check("!(new_device == 1.0)", lacking);
    check("order_value / orders_24h > 1.0", Ok(true));
    check("orders_24h / orders_24h > 1.0", Err(Gap::NotANumber));
    check("orders_24h / orders_24h == 1.0", Err(Gap::NotANumber));
}

#[test]
fn what_cannot_be_asked_is_refused_with_its_place() {
    let mut wrong = Vec::new();
    let mut check = |source: &str, offset: usize, expected: &str| {
        let faults = Condition::load(source).err().unwrap_or_default();
        let found = faults
            .iter()
            .any(|it| it.offset == offset && it.message.contains(expected));
        if !found {
            wrong.push(format!(
                "{source:.60}: not {expected} at {offset}: {faults:?}"
            ));
        }
    };
    check(
        "order_valeu > 400.0",
        0,
        "no signal is called `order_valeu`; `order_value` was meant",
    );
    check(
        "risk > 0.1 && fraud > 400.0",
        14,
        "no signal is called `fraud`",
    );
    check(
        "risk > 0.1 || frisk > 4.0",
        14,
        "no signal is called `frisk`; `risk` was meant",
    );
    check("order_value * 2 > 400.0", 14, "write `2.0`");
    check("order_value + -2 > 400.0", 15, "write `-2.0`");
    check("1 + 1 > risk", 0, "write `1.0`");
    check("new_device", 0, "`new_device` is a number; compare it");
    check("!new_device", 1, "`new_device` is a number; compare it");
    check(
        "new_device == true",
        14,
        "`new_device` is a number: write `1.0`",
    );
    check(
        "false != new_device",
        0,
        "`new_device` is a number: write `0.0`",
    );
    check("risk", 0, "`risk` is a number");
    check("1.0", 0, "must be true or false");
    check("order_value + 1.0", 12, "must be true or false");
    check("order_value > 'high'", 14, "must be a number");
    check("order_value > (risk > 0.1)", 20, "must be a number");
    check(
        "dwelling == ADDRESS_TYPE_PALACE",
        12,
        "no signal is called `ADDRESS_TYPE_PALACE`",
    );
    check("[1.0].exists(x, x > risk)", 12, "macros");
    check("[1.0].map(x, x) == [1.0]", 9, "macros");
    check("has(order.value)", 3, "signals have no fields");
    check("order.value > 1.0", 5, "signals have no fields");
    check("size('a') > 1", 4, "there is no function `size`");
    check(
        "double(order_value) > 1.0",
        6,
        "there is no function `double`",
    );
    check(
        "'a'.matches('(a+)+$')",
        11,
        "there is no function `matches`",
    );
    check("order_value in order_value", 15, "must be a list");
    check("[risk] == [0.1]", 0, "a list stands only after `in`");
    check("order_value % 2.0 == 0.0", 12, "must be a number");
    check("{'a': 1.0}['a'] > 0.5", 10, "must be a number");
    check("null", 0, "must be true or false");
    check("order_value > ", 14, "is no CEL");
    check("", 0, "is no CEL");
    check("order_value >> 2.0", 13, "is no CEL");
    check(
        &format!("risk > 0.1{}", " ".repeat(SOURCE_MAX)),
        0,
        "longer than 1 KiB",
    );
    check(&"(".repeat(900), 32, "nested too deeply");
    check(&format!("{}true", "!".repeat(900)), 32, "nested too deeply");
    check(
        &format!("{}1.0 > risk", "-".repeat(900)),
        32,
        "nested too deeply",
    );
    check(
        &format!("{}1.0 > risk", "- ".repeat(400)),
        64,
        "nested too deeply",
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn nothing_a_kibibyte_can_hold_overflows_the_stack() {
    let hostile = [
        "risk+".repeat(200) + "risk > 1.0",
        "1.0+".repeat(250) + "1.0 > risk",
        "a.".repeat(500) + "b",
        "a".to_owned() + &"[0]".repeat(300),
        "a?".repeat(250) + "b" + &":c".repeat(250),
        "true?true:".repeat(100) + "true",
        "true&&".repeat(160) + "true",
        "true||".repeat(160) + "true",
        "1<".repeat(500) + "1",
        "a()".repeat(300),
        "f(".repeat(400),
        "[".repeat(1_000),
        "{".repeat(1_000),
        "{a:".repeat(300),
        "!(".repeat(500),
        "-(".repeat(500),
        "\"".repeat(1_000),
        "a.exists(x,".repeat(90),
        "\u{1F4A3}".repeat(250),
    ];
    for source in hostile {
        let bounded = std::thread::Builder::new().stack_size(2 << 20);
        let job = bounded.spawn(move || Condition::load(&source).map(|it| it.source.len()));
        drop(job.unwrap().join().unwrap());
    }
}

#[test]
fn a_condition_knows_its_signals_and_the_numbers_it_compares_them_with() {
    let source =
        "order_value > 400.0 && 7 >= tech_items && dwelling in [1.0, 2.0] && order_value < 9.0";
    let condition = Condition::load(source).unwrap();
    let (value, tech, dwelling) = (Signal::OrderValue, Signal::TechItems, Signal::Dwelling);
    let mut names = condition.signals.clone();
    names.sort();
    assert_eq!(names, [value, tech, dwelling]);
    let mut constants = condition.constants;
    constants.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let expected = [
        (value, 9.0),
        (value, 400.0),
        (tech, 7.0),
        (dwelling, 1.0),
        (dwelling, 2.0),
    ];
    assert_eq!(constants, expected);
}

const NAMES: &[&str] = &[
    "order_value",
    "tech_items",
    "dwelling",
    "new_device",
    "risk",
    "p_false_claim",
];

/// Sources that load: arithmetic and logic over four signals, one of them missing.
fn sources() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        proptest::sample::select(NAMES).prop_map(str::to_owned),
        (-50_i32..500).prop_map(|it| format!("({it}.0)")),
    ];
    let number = number.prop_recursive(2, 8, 2, |inner| {
        (
            inner.clone(),
            proptest::sample::select(&["+", "-", "*"][..]),
            inner,
        )
            .prop_map(|(a, operator, b)| format!("({a} {operator} {b})"))
    });
    let comparison = proptest::sample::select(&["<", "<=", ">", ">=", "==", "!="][..]);
    let truth =
        (number.clone(), comparison, number).prop_map(|(a, by, b)| format!("({a} {by} {b})"));
    truth.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} && {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} || {b})")),
            inner.clone().prop_map(|it| format!("!{it}")),
            (inner.clone(), inner.clone(), inner)
                .prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
        ]
    })
}

/// The library's own answer; none where it has none.
fn answered(source: &str, signals: &Signals) -> Option<bool> {
    let program = cel::Program::compile(source).unwrap();
    let mut context = cel::Context::default();
    for signal in Signal::ALL {
        if let Some(value) = signals.get(*signal) {
            context.add_variable(signal.name(), value).unwrap();
        }
    }
    context.add_variable("risk", 0.25).unwrap();
    context.add_variable("p_false_claim", 0.4).unwrap();
    match program.execute(&context) {
        Ok(cel::Value::Bool(flag)) => Some(flag),
        _ => None,
    }
}

proptest! {
    #[test]
    fn the_librarys_own_evaluation_gives_the_same(source in sources()) {
        prop_assume!(source.len() <= SOURCE_MAX);
        let Ok(condition) = Condition::load(&source) else { return Ok(()) };
        let ours = condition.holds(&facts(&signals())).ok();
        prop_assert_eq!(ours, answered(&source, &signals()), "{}", source);
    }

    #[test]
    fn no_text_makes_it_panic(source in "[a-z0-9_ .()\\[\\]{}!<>=&|?:+*/,'\"-]{0,60}|\\PC{0,40}") {
        if let Ok(condition) = Condition::load(&source) {
            prop_assert!(condition.holds(&facts(&signals())).is_ok_and(|it| it) || !source.is_empty());
        }
    }
}
