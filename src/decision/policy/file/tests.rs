//! Policy files, good and bad, with the place of every fault.

use proptest::prelude::*;

use crate::decision::policy::{DEFAULT, Policy};
use crate::domain::action::Action;
use crate::domain::units::Span;

/// The problems of a text, as they are printed.
fn problems(text: &str) -> Vec<String> {
    let problems = match Policy::load(text) {
        Ok(policy) => policy.mistakes().to_vec(),
        Err(problems) => problems,
    };
    problems.iter().map(ToString::to_string).collect()
}

/// The place of a text in the default policy, as `line:column`.
fn place(text: &str, of: &str) -> String {
    let at = text.find(of).unwrap_or_else(|| panic!("{of} is not there"));
    let line = text[..at].matches('\n').count() + 1;
    let start = text[..at].rfind('\n').map_or(0, |it| it + 1);
    format!("{line}:{}", text[start..at].chars().count() + 1)
}

#[test]
fn the_default_policy_loads_with_notes_on_effects_above_one() {
    assert_eq!(problems(DEFAULT), [""; 0]);
    let policy = Policy::load(DEFAULT).unwrap();
    assert_eq!(policy.version.id, "default");
    assert_eq!(policy.review_default, Action::Otp);
    assert_eq!(policy.validity.cart, Span::minutes(30));
    assert!(policy.random_checks.enabled);
    assert_eq!(policy.random_checks.strata.len(), 2);
    assert_eq!(
        policy.random_checks.strata[0].verify_micro,
        [10_000, 10_000]
    );
    assert_eq!(policy.rule_ids().count(), 0);
    let notes: Vec<String> = policy.notes().iter().map(ToString::to_string).collect();
    let path = "effects.courier_theft.several_parcels.otp: is 1.3: above 1";
    assert_eq!(notes.len(), 3, "{notes:#?}");
    assert!(notes[0].contains(path), "{notes:#?}");
}

#[test]
fn one_changed_line_of_the_default_is_told_with_its_place() {
    let mut wrong = Vec::new();
    let mut check = |from: &str, to: &str, at: &str, expected: &str| {
        assert!(DEFAULT.contains(from), "{from}");
        let text = DEFAULT.replacen(from, to, 1);
        let at = if at.is_empty() {
            String::new()
        } else {
            format!("{}: ", place(&text, at))
        };
        let expected = format!("{at}{expected}");
        let found = problems(&text);
        if !found.iter().any(|it| it.contains(&expected)) {
            wrong.push(format!("{to}: not {expected}: {found:#?}"));
        }
    };
    check(
        "change_days = 14",
        "chang_days = 14",
        "chang_days",
        "windows.chang_days: is not known here; `change_days` was meant",
    );
    check(
        "change_days = 14",
        "chang_days = 14",
        "[windows]",
        "windows.change_days: is missing",
    );
    check(
        "change_days = 14",
        "change_days = 0",
        "0  # a new",
        "windows.change_days: is 0; must be from 1 to 90",
    );
    check(
        "change_days = 14",
        "change_days = 14.5",
        "14.5",
        "windows.change_days: must be a whole number, but is a float",
    );
    check(
        "change_days = 14",
        "change_days = 99999999999999999999",
        "99999999999999999999",
        "windows.change_days: is 99999999999999999999; must be from 1 to 90",
    );
    check(
        "change_days = 14",
        "change_days = \"14\"",
        "\"14\"",
        "windows.change_days: must be a whole number, but is a string",
    );
    check(
        "locker_distance_m = 2000",
        "locker_distance_m = -1",
        "-1",
        "limits.locker_distance_m: is -1",
    );
    check(
        "# reviews_per_day = 200 ",
        "reviews_per_day = 0.5 ",
        "0.5",
        "limits.reviews_per_day: must be a whole number",
    );
    check(
        "# spare_budget_per_week = 50.0",
        "spare_budget_per_week = -1",
        "-1",
        "random_checks.spare_budget_per_week: is -1; must be from 0 to 1000000",
    );
    check(
        "free = 13 ",
        "# free = 13 ",
        "[burden]",
        "burden.free: is missing",
    );
    check(
        "share = 0.2 ",
        "share = 20 ",
        "20 ",
        "burden.share: is 20; must be from 0 to 1",
    );
    check(
        "[limits]",
        "[limit]",
        "limit]",
        "limit: is not known here; `limits` was meant",
    );
    check(
        "id = \"default\"",
        "id = \"de fault\"",
        "\"de fault\"",
        "id: must be 1 to 64",
    );
    check(
        "id = \"default\"",
        "id = \"\"",
        "\"\"",
        "id: must not be empty",
    );
    check(
        "review_default = \"otp\"",
        "review_default = \"review\"",
        "\"review\"",
        "review_default: is `review`",
    );
    check(
        "otp = 0.05 ",
        "otp = -0.05 ",
        "-0.05",
        "effects.porch_theft.otp: is -0.05; must be from 0 to 10",
    );
    check(
        "otp = 0.05 ",
        "otp = 10.5 ",
        "10.5",
        "effects.porch_theft.otp: is 10.5; must be from 0 to 10",
    );
    check(
        "otp = 0.05 ",
        "otp = nan ",
        "nan",
        "effects.porch_theft.otp: is NaN",
    );
    check(
        "otp = 0.05 ",
        "otp = inf ",
        "inf",
        "effects.porch_theft.otp: is inf",
    );
    check(
        "otp = 0.05 ",
        "otp = true ",
        "true",
        "effects.porch_theft.otp: must be a number, but is a boolean",
    );
    check(
        "otp = 0.05 ",
        "opt = 0.05 ",
        "[effects.porch_theft]",
        "effects.porch_theft.otp: is missing",
    );
    check(
        "[effects.porch_theft]",
        "[effects.porch_thft]",
        "porch_thft",
        "effects.porch_thft: is not known here; `porch_theft` was meant",
    );
    check(
        "[effects.courier_theft.one_parcel]",
        "[effects.courier_theft.on_parcel]",
        "on_parcel",
        "effects.courier_theft.on_parcel: is not known here",
    );
    check(
        "margin = 0.15",
        "margin = 1.51",
        "1.51",
        "costs.abandonment.margin: is 1.51; must be from 0 to 1",
    );
    check(
        "person = 9.00",
        "person = -9.00",
        "-9.00",
        "costs.review.person: is -9",
    );
    check(
        "enabled = true",
        "enabled = 1",
        "1\nspare",
        "random_checks.enabled: must be true or false",
    );
    check(
        "spare = { none = 0.01",
        "spare = { none = 1.5",
        "1.5,",
        "random_checks.strata[0].spare.none: is 1.5",
    );
    check(
        "verify = { otp = 0.01, item_codes = 0.01 }",
        "verify = { otp = 0.9, item_codes = 0.9 }",
        "",
        "random_checks.strata[0]: its rates sum to 1.82",
    );
    check(
        "risk_below = 0.02",
        "risk_bellow = 0.02",
        "risk_bellow",
        "random_checks.strata[0].risk_bellow: is not known here; `risk_below` was meant",
    );
    check(
        "id = \"raised\"",
        "id = \"raised\"\nrisk_below = 0.5",
        "0.5\nverify",
        "random_checks.strata[1].risk_below: the last stratum holds every order",
    );
    check("[costs.seal]", "[costs.seal", "", "unclosed table");
    check(
        "minute = 0.35",
        "minute = 0,35",
        "",
        "129:11: unexpected key or value",
    );
    check(
        "id = \"default\"",
        "id = \"default\"\nid = \"again\"",
        "",
        "duplicate key",
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn one_wrong_rule_is_told_with_its_place() {
    let mut wrong = Vec::new();
    let mut check = |rule: &str, at: &str, expected: &str| {
        let text = format!("{DEFAULT}\n[[rules]]\n{rule}\n");
        let expected = format!("{}: {expected}", place(&text, at));
        let found = problems(&text);
        if !found.iter().any(|it| it.contains(&expected)) {
            wrong.push(format!("{rule}: not {expected}: {found:#?}"));
        }
    };
    let good = "id = \"r1\"\nwhen = [\"risk > 0.9\"]\nthen = \"at_least:otp\"";
    let with = |line: &str| format!("{good}\n{line}");
    let when = |conditions: &str| format!("id = \"r1\"\nwhen = {conditions}\nthen = \"set:otp\"");
    let then = |then: &str| format!("id = \"r1\"\nwhen = [\"risk > 0.9\"]\nthen = \"{then}\"");
    check(
        "id = \"r1\"\nwhen = [\"true\"]",
        "[[rules]]\nid = \"r1\"",
        "rules[0].then: is missing",
    );
    check(
        "when = [\"true\"]\nthen = \"set:otp\"",
        "[[rules]]\nwhen",
        "rules[0].id: is missing",
    );
    check(
        &with("hazzard = \"porch_theft\""),
        "hazzard",
        "rules[0].hazzard: is not known here; `hazard` was meant",
    );
    check(
        &with("hazard = \"porch_thef\""),
        "\"porch_thef\"",
        "rules[0].hazard: no hazard is called `porch_thef`; `porch_theft` was meant",
    );
    check(
        &with("until = \"soon\""),
        "\"soon\"",
        "rules[0].until: must be a date as in 2026-12-31",
    );
    check(&with("until = 2026-02-30"), "2026-02-30", "");
    check(
        &with("customer_text = 777"),
        "777",
        "rules[0].customer_text: must be a text",
    );
    check(
        &then("at_least"),
        "\"at_least\"",
        "rules[0].then: is `at_least`; must be",
    );
    check(
        &then("at_most:otp"),
        "\"at_most:otp\"",
        "rules[0].then: is `at_most:otp`; must be",
    );
    check(
        &then("set:opt"),
        "\"set:opt\"",
        "rules[0].then: no action is called `opt`",
    );
    check(
        &then("forbid:review"),
        "\"forbid:review\"",
        "rules[0].then: `review` cannot be forbidden",
    );
    check(
        &when("[]"),
        "[[rules]]\nid = \"r1\"",
        "rules[0].when: must hold 1 to 16 conditions",
    );
    check(
        &when("\"risk > 0.9\""),
        "\"risk > 0.9\"",
        "rules[0].when: must be a list of texts",
    );
    check(
        &when("[\"risk > 0.9\", 7]"),
        "7]",
        "rules[0].when[1]: must be a text",
    );
    check(
        &when("[\"risk > 0.9\", \"order_value * 2 > risk\"]"),
        "2 > risk",
        "rules[0].when[1]: CEL does not calculate",
    );
    check(
        &when("['order_valu > 1.0']"),
        "order_valu ",
        "rules[0].when[0]: no signal is called `order_valu`",
    );
    check(
        &when("[\"\"\"\nrisk > 0.9 &&\n  frisk > 1.0\"\"\"]"),
        "frisk",
        "rules[0].when[0]: no signal is called `frisk`",
    );
    check(
        &when("[\"\\u0072isk > 0.9 && frisk > 1.0\"]"),
        "\"\\u0072",
        "rules[0].when[0]: no signal is called `frisk`",
    );
    check(
        &when("[\"risk > 0.5\", \"risk < 0.2\"]"),
        "\"risk < 0.2\"",
        "rules[0].when[1]: can never hold together with `risk > 0.5`",
    );
    check(
        &when("[\"dwelling == CATEGORY_PHONE\"]"),
        "CATEGORY_PHONE\"",
        "rules[0].when[0]: `CATEGORY_PHONE` is a value of `category`, and never one of `dwelling`",
    );
    check(
        &when("[\"risk > 0.1\", \"category in [CATEGORY_TOOL, PAYMENT_KIND_CARD]\"]"),
        "PAYMENT_KIND_CARD",
        "rules[0].when[1]: `PAYMENT_KIND_CARD` is a value of `payment_kind`, and never one of `category`",
    );
    check(
        &when("[\"ADDRESS_TYPE_FLAT < order_value\"]"),
        "ADDRESS_TYPE_FLAT",
        "rules[0].when[0]: `ADDRESS_TYPE_FLAT` is a value of `dwelling`, and never one of `order_value`",
    );
    check(
        &when("[\"resale > 1.5\"]"),
        "\"resale > 1.5\"",
        "rules[0].when[0]: can never hold: `resale` is from 0 to 1",
    );
    check(
        &format!("{good}\n[[rules]]\n# later\n{}", good.replace("r1", "r2")),
        "[[rules]]\n# later",
        "rules[1]: changes no answer: `r1` (rules[0]) has the same conditions",
    );
    check(
        &format!(
            "{good}\n[[rules]]\n# later\n{}",
            good.replace("r1", "r2").replace("at_least", "set")
        ),
        "[[rules]]\nid = \"r1\"",
        "rules[0]: changes no answer: `r2` (rules[1]) has the same conditions",
    );
    check(
        &format!("{good}\n[[rules]]\n{}", good.replace("r1", "R1")),
        "\"R1\"",
        "rules[1].id: `R1` gives the same reason code as rules[0]",
    );
    check(
        &good.replace("r1", "r 1"),
        "\"r 1\"",
        "rules[0].id: must be 1 to 64",
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_allowed_and_worth_a_second_look_is_noted_with_its_place() {
    let rule = |id: &str, when: &str, then: &str, more: &str| {
        format!("[[rules]]\nid = \"{id}\"\nwhen = [{when}]\nthen = \"{then}\"\n{more}\n")
    };
    let notes = |rules: &str| -> Vec<String> {
        let policy = Policy::load(&format!("{DEFAULT}\n{rules}")).unwrap();
        let over = policy.expired(crate::decision::fixtures::NOW);
        let all = policy.notes().iter().chain(&over).map(ToString::to_string);
        all.filter(|it| it.contains("rules[")).collect()
    };
    let check = |rules: &[String], expected: &[&str]| {
        let found = notes(&rules.concat());
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.contains(expected), "{found} is not {expected}");
        }
    };
    let wide = || rule("wide", "\"risk > 0.1\"", "at_least:item_codes", "");
    let narrow =
        |then: &str, more: &str| rule("narrow", "\"risk > 0.2\", \"tech_items > 1\"", then, more);
    check(
        &[wide(), narrow("at_least:otp", "")],
        &["rules[1]: changes no answer: `wide` (rules[0]) holds whenever it does"],
    );
    check(
        &[narrow("at_least:otp", ""), wide()],
        &["rules[0]: changes no answer"],
    );
    check(&[wide(), narrow("at_least:review", "")], &[]);
    check(&[wide(), narrow("forbid:otp", "")], &[]);
    check(
        &[
            wide(),
            rule("other", "\"order_value > 1.0\"", "at_least:otp", ""),
        ],
        &[],
    );
    let short = rule(
        "short",
        "\"risk > 0.1\"",
        "at_least:item_codes",
        "until = 2026-08-01",
    );
    check(&[short, narrow("at_least:otp", "")], &[]);
    check(
        &[rule("asks", "\"true\"", "at_least:none", "")],
        &["rules[0].then: asks nothing"],
    );
    check(
        &[rule("old", "\"true\"", "set:otp", "until = 2026-06-09")],
        &["rules[0].until: the rule `old` ended on 2026-06-09"],
    );
}

#[test]
fn rates_that_are_missing_are_told_and_so_is_a_stratum_without_any() {
    for (from, expected) in [
        (
            "verify = { otp = 0.01, item_codes = 0.02 }\n",
            "random_checks.strata[1].verify: is missing",
        ),
        (
            "spare_value_cap = 250.0 ",
            "random_checks.spare_value_cap: is missing",
        ),
    ] {
        assert!(DEFAULT.contains(from), "{from}");
        let found = problems(&DEFAULT.replacen(from, "#", 1));
        assert!(found.iter().any(|it| it.contains(expected)), "{found:?}");
    }
    let found = problems(&DEFAULT.replacen(
        "verify = { otp = 0.01, item_codes = 0.02 }",
        "verify = { otp = 0.01 }",
        1,
    ));
    assert!(
        found[0].contains("strata[1].verify.item_codes: is missing"),
        "{found:?}"
    );
}

#[test]
fn every_problem_is_told_at_once_and_in_order() {
    let text = DEFAULT
        .replacen("change_days = 14", "change_days = 0", 1)
        .replacen("margin = 0.15", "margin = 7.0", 1)
        .replacen("[costs.seal]", "[costs.seals]", 1);
    let rule = "\n[[rules]]\nid = \"x\"\nwhen = [\"a > 1.0\", \"b > 1.0\"]\nthen = \"c\"\n";
    let found = problems(&format!("{text}{rule}"));
    assert_eq!(found.len(), 7, "{found:#?}");
    let lines: Vec<u32> = Policy::load(&format!("{text}{rule}"))
        .unwrap_err()
        .iter()
        .map(|it| it.line)
        .collect();
    assert!(lines.is_sorted(), "{lines:?}");
}

#[test]
fn what_is_too_large_is_refused() {
    let comment = format!("{DEFAULT}# {}\n", "x".repeat(1 << 20));
    assert_eq!(problems(&comment), ["1:1: is larger than 1 MiB"]);
    let rule = "[[rules]]\nid=\"a\"\nwhen=[\"true\"]\nthen=\"set:otp\"\n";
    let found = problems(&format!("{DEFAULT}\n{}", rule.repeat(10_001)));
    assert!(
        found.iter().any(|it| it.contains("more than 10000 rules")),
        "{found:?}"
    );
}

#[test]
fn nothing_that_is_no_policy_makes_it_panic() {
    for text in [
        String::new(),
        "\u{0}".to_owned(),
        "[".repeat(100_000),
        "a = ".to_owned() + &"[".repeat(100_000),
        "a = ".to_owned() + &"{a=".repeat(100_000),
        "a.".repeat(100_000),
        "rules = 7".to_owned(),
        "rules = [7]".to_owned(),
        "effects = []".to_owned(),
        "[[costs]]".to_owned(),
        "\u{1F4A3} = 1".to_owned(),
        "id = \"\u{1F4A3}".to_owned(),
    ] {
        assert!(Policy::load(&text).is_err(), "{text:.20}");
    }
}

proptest! {
    #[test]
    fn no_damage_to_a_policy_makes_it_panic(
        from in 0..DEFAULT.len(),
        length in 0_usize..200,
        put in "[a-z0-9 =.\\[\\]{}\"'\n#-]{0,20}",
    ) {
        let text: String = DEFAULT
            .char_indices()
            .filter(|(at, _)| *at < from || *at >= from + length)
            .map(|(_, letter)| letter)
            .collect();
        let at = (0..=from.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        let text = format!("{}{put}{}", &text[..at], &text[at..]);
        let lines = text.lines().count() + 1;
        for problem in Policy::load(&text).err().unwrap_or_default() {
            prop_assert!(!problem.message.is_empty());
            prop_assert!(problem.line > 0 && problem.column > 0, "{problem:?}");
            prop_assert!(usize::try_from(problem.line).unwrap() <= lines);
        }
    }
}

#[test]
fn every_line_of_the_default_is_explained_to_the_fraud_team() {
    let page = include_str!("../../../../docs/policy.md");
    let mut missing = Vec::new();
    for line in DEFAULT.lines().filter(|line| !line.starts_with('#')) {
        let line = line.split('#').next().unwrap_or_default().trim();
        let name = match line.split_once(" = ") {
            Some((key, _)) => key,
            None => line.trim_matches(['[', ']']).trim_start_matches("effects."),
        };
        if !name.is_empty() && !page.contains(name) {
            missing.push(name);
        }
        // Every value stands on the page too, but for the shape in which TOML wants it.
        let value = line.split_once(" = ").map_or("", |(_, it)| it);
        let plain = value.trim_matches('"').trim_end_matches(".0");
        if !page.contains(plain) {
            missing.push(line);
        }
    }
    assert!(
        missing.is_empty(),
        "docs/policy.md says nothing of {missing:#?}"
    );
}

#[test]
fn the_rules_that_the_page_shows_load() {
    let page = include_str!("../../../../docs/policy.md");
    let mut shown = String::new();
    for block in page.split("```toml").skip(1) {
        shown.push_str(block.split("```").next().unwrap_or_default());
    }
    assert_eq!(shown.matches("[[rules]]").count(), 4);
    assert_eq!(problems(&format!("{DEFAULT}\n{shown}")), [""; 0]);
}
