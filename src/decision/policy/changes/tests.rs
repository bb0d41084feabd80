//! Nothing that differs between two policies is left out of their comparison, and what is told is in words.

use toml::{Table, Value};

use crate::decision::policy::tests::{at, leaves};
use crate::decision::policy::{Change, DEFAULT, Group, Policy};

/// The default with every key that a policy may have.
fn whole() -> String {
    let bounds = "risk_below = 0.02\nvalue_below = 900.0 ";
    let text = DEFAULT
        .replacen("risk_below = 0.02", bounds, 1)
        .replacen(
            "enabled = true",
            "enabled = true\nspare_budget_per_week = 300.0",
            1,
        )
        .replacen("[limits]", "[limits]\nreviews_per_day = 40", 1);
    assert!(text.contains("value_below = 900.0"));
    format!(
        "{text}\n[[rules]]\nid = \"dear\"\nwhen = [\"risk >= 0.12\", \"order_value > 400.0\"]\n\
         then = \"at_least:otp\"\nhazard = \"courier_theft\"\nowner = \"fraud team\"\n\
         until = 2027-03-31\ncustomer_text = \"Dear.\"\nanalyst_text = \"Agreed.\"\n"
    )
}

fn changes(before: &str, after: &str) -> Vec<Change> {
    let [before, after] = [before, after].map(|it| Policy::lines(it, "EUR").unwrap());
    before.changes(&after)
}

/// Another value that the same key may have.
fn other(value: &Value, way: &[String]) -> Value {
    let key = way
        .iter()
        .rev()
        .find(|it| it.parse::<usize>().is_err())
        .unwrap();
    match (value, key.as_str()) {
        (Value::Integer(number), _) => Value::Integer(number + 1),
        (Value::Float(number), _) => Value::Float(if *number > 0.5 {
            number * 0.9
        } else {
            number + 0.001
        }),
        (Value::Boolean(flag), _) => Value::Boolean(!flag),
        (Value::Datetime(_), _) => Value::Datetime("2027-04-01".parse().unwrap()),
        (Value::String(text), "id" | "owner" | "customer_text" | "analyst_text") => {
            format!("{text}2").into()
        }
        (_, "then") => "at_least:item_codes".into(),
        (_, "hazard") => "substitution".into(),
        (_, "review_default") => "item_codes".into(),
        (_, "when") => "risk >= 0.13".into(),
        (other, key) => panic!("another {key} than {other}"),
    }
}

#[test]
fn whatever_single_leaf_of_a_policy_is_changed_the_comparison_says_so() {
    let text = whole();
    let table = Value::Table(toml::from_str::<Table>(&text).unwrap());
    let mut all = Vec::new();
    leaves(&table, &[], &mut all);
    assert!(all.len() >= 120, "{}", all.len());
    let lines = Policy::lines(&text, "EUR").unwrap();
    let wordless: Vec<_> = lines
        .lines
        .iter()
        .filter(|it| it.group == Group::Other)
        .collect();
    assert!(wordless.is_empty(), "{wordless:?} have no words");
    for way in all {
        let mut changed = table.clone();
        let leaf = at(&mut changed, &way);
        *leaf = other(leaf, &way);
        let changed = toml::to_string(&changed).unwrap();
        let found = changes(&text, &changed);
        assert!(!found.is_empty(), "{way:?}");
        let name = way
            .iter()
            .rev()
            .find(|it| it.parse::<usize>().is_err())
            .unwrap();
        // A list's entry of another id is another entry.
        let said = found.iter().any(|it| it.path.ends_with(name.as_str()));
        assert!(said || name == "id", "{way:?}: {found:?}");
        assert!(found.len() == 1 || name == "id", "{way:?}: {found:?}");
    }
}

#[test]
fn whatever_optional_line_is_added_or_removed_the_comparison_says_so() {
    let text = whole();
    for key in [
        "risk_below",
        "value_below",
        "hazard",
        "owner",
        "until",
        "customer_text",
        "analyst_text",
    ] {
        let line = text
            .lines()
            .find(|it| it.starts_with(key) && !it.starts_with('#'))
            .unwrap();
        let without = text.replacen(&format!("{line}\n"), "", 1);
        for (before, after) in [(&text, &without), (&without, &text)] {
            let found = changes(before, after);
            assert_eq!(found.len(), 1, "{key}: {found:?}");
            assert!(found[0].path.ends_with(key), "{found:?}");
            assert_eq!(found[0].before.is_none(), before == &without, "{found:?}");
        }
    }
}

#[test]
fn changes_are_told_in_words_and_numbers() {
    let text = whole();
    let check = |from: &str, to: &str, expected: &[&str]| {
        assert!(text.contains(from), "{from}");
        let found = changes(&text, &text.replacen(from, to, 1));
        let side = |it: &Option<String>| it.clone().unwrap_or_else(|| "-".to_owned());
        let found: Vec<String> = found
            .iter()
            .map(|it| {
                format!(
                    "{} | {} | {} -> {}",
                    it.group.name(),
                    it.subject,
                    side(&it.before),
                    side(&it.after)
                )
            })
            .collect();
        assert_eq!(found, expected, "{to}");
    };
    check(
        "otp = 0.06",
        "otp = 0.05",
        &["costs | messages, one code | 0.06 EUR -> 0.05 EUR"],
    );
    check(
        "otp = 0.06",
        "otp = 0.0625",
        &["costs | messages, one code | 0.06 EUR -> 0.0625 EUR"],
    );
    check(
        "otp = 0.05 ",
        "otp = 0.07 ",
        &["effects | porch theft, one code | 5 % left -> 7 % left"],
    );
    check(
        "change_days = 14",
        "change_days = 7",
        &["limits | how long a change of the account counts | 14 days -> 7 days"],
    );
    check(
        "then = \"at_least:otp\"\nhazard",
        "then = \"at_least:item_codes\"\nhazard",
        &["rules | dear: what it asks | at_least:otp -> at_least:item_codes"],
    );
    check(
        "\"order_value > 400.0\"]\nthen",
        "\"order_value > 300.0\"]\nthen",
        &["rules | dear: condition | order_value > 400.0 -> order_value > 300.0"],
    );
    check(
        "[\"risk >= 0.12\", \"order_value > 400.0\"]\nthen",
        "[\"risk >= 0.12\", \"new_device == 1.0\", \"resale > 0.5\"]\nthen",
        &[
            "rules | dear: condition added | - -> new_device == 1.0",
            "rules | dear: condition added | - -> resale > 0.5",
            "rules | dear: condition removed | order_value > 400.0 -> -",
        ],
    );
    check(
        "[\"risk >= 0.12\", \"order_value > 400.0\"]\nthen",
        "[\"order_value > 400.0\", \"risk >= 0.12\"]\nthen",
        &[
            "rules | dear: order or number of its conditions | risk >= 0.12 and order_value > 400.0 -> order_value > 400.0 and risk >= 0.12",
        ],
    );
    check(
        "id = \"dear\"",
        "id = \"dearer\"",
        &[
            "rules | dearer: added | - -> at least one code where risk >= 0.12 and order_value > 400.0",
            "rules | dear: removed | at least one code where risk >= 0.12 and order_value > 400.0 -> -",
        ],
    );
    check(
        "item_codes = 0.02 }\nspare = { none = 0.01",
        "item_codes = 0.025 }\nspare = { none = 0.0",
        &[
            "random checks | stratum raised, asked for less, nothing | 1 % -> 0 %",
            "random checks | stratum raised, asked for more, a code a parcel | 2 % -> 2.5 %",
        ],
    );
    check("# The courier's time", "# The courier's own time", &[]);
    check("minute = 0.35", "minute = 0.350", &[]);
}

#[test]
fn the_order_of_strata_is_told_and_so_is_that_of_rules() {
    let rule =
        |id: &str| format!("[[rules]]\nid = \"{id}\"\nwhen = [\"true\"]\nthen = \"set:otp\"\n");
    let [a, b] = [rule("a"), rule("b")];
    let found = changes(&format!("{DEFAULT}{a}{b}"), &format!("{DEFAULT}{b}{a}"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].subject.starts_with("order of the rules"));
    let stratum = "[[random_checks.strata]]\nid = \"ordinary\"\nvalue_below = 50.0\n\
                   verify = { otp = 0.0, item_codes = 0.0 }\nspare = { none = 0.0, otp = 0.0 }\n";
    let first = DEFAULT.find("[[random_checks.strata]]").unwrap();
    let text = format!("{}{stratum}{}", &DEFAULT[..first], &DEFAULT[first..]);
    let found = changes(DEFAULT, &text);
    let order = found
        .iter()
        .find(|it| it.path == "random_checks.strata")
        .unwrap();
    assert_eq!(order.after.as_deref(), Some("ordinary, ordinary#2, raised"));
}
