//! `tune` as the fraud team uses it: goals in, a policy file out that answers as was promised; and what is refused.

use std::fs;

use serde_json::Value;

use crate::place::Place;

/// A shop's past of which a random tenth was verified, so that its record speaks for codes and for none.
fn shop() -> Place {
    let place = Place::new();
    let past = place.path("past").display().to_string();
    let simulate = ["simulate", "--orders", "700", "--past", "random-tenth"];
    place
        .run(&[&simulate[..], &["--out", &past]].concat())
        .ended(0);
    place.run(&["import", &past]).ended(0);
    place
}

fn tuned(place: &Place, args: &[&str]) -> Value {
    let ran = place
        .run(&[&["tune", "--format", "json"], args].concat())
        .ended(0);
    serde_json::from_str(&ran.out).unwrap()
}

fn row<'a>(told: &'a Value, name: &str) -> &'a Value {
    let rows = told["curve"].as_array().unwrap();
    rows.iter().find(|it| it["name"] == name).unwrap()
}

#[test]
fn goals_become_a_policy_that_keeps_them_and_what_cannot_be_is_refused() {
    let place = shop();
    // Without a goal there is the curve alone; with one that holds, nothing to change.
    assert_eq!(tuned(&place, &[])["proposed"], Value::Null);
    let told = tuned(&place, &["--bothered-max", "1"]);
    assert_eq!(told["orders"], 700);
    assert_eq!(told["proposed"]["changes"], serde_json::json!([]));
    let live = row(&told, "as it stands")["bothered"].as_f64().unwrap();
    assert!(live > 0.02, "{live}");
    let losses: Vec<f64> = told["curve"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["name"] != "proposed")
        .map(|it| it["loss_per_order"].as_f64().unwrap())
        .collect();
    assert!(losses.windows(2).all(|it| it[0] >= it[1]), "{losses:?}");

    // Random checks ask people too, and are told beside the policy's own answers; nothing is written without a goal.
    let with_checks = row(&told, "as it stands")["bothered_with_checks"]
        .as_f64()
        .unwrap();
    assert!(
        with_checks > live + 0.005 && with_checks < live + 0.03,
        "{with_checks} {live}"
    );
    for (flag, value) in [("--into", "x.toml"), ("--id", "x")] {
        let ran = place.run(&["tune", flag, value]).ended(2);
        let words = format!("{flag}: nothing is proposed without a goal");
        assert!(ran.err.contains(&words), "{}", ran.err);
    }
    let ran = place
        .run(&["tune", "--bothered-max", "1", "--id", "a b"])
        .ended(2);
    assert!(
        ran.err.starts_with("--id: `a b` must be 1 to 64"),
        "{}",
        ran.err
    );

    // A third fewer people: the file is written, loads, and asks no more than that.
    let most = format!("{:.4}", live * 2.0 / 3.0);
    let file = place.path("tuned.toml").display().to_string();
    let curve = place.path("curve.svg").display().to_string();
    let goal = ["--bothered-max", &most, "--into", &file, "--curve", &curve];
    let told = tuned(&place, &goal);
    let proposed = &told["proposed"];
    assert_eq!(proposed["judged"], 700);
    assert_eq!(proposed["confirmed"], 700);
    assert!(row(&told, "proposed")["bothered"].as_f64().unwrap() <= live * 2.0 / 3.0 + 1e-4);
    assert_eq!(proposed["toml"], fs::read_to_string(&file).unwrap());
    let drawing = fs::read_to_string(&curve).unwrap();
    assert!(
        drawing.starts_with("<svg") && !drawing.contains("href"),
        "{drawing}"
    );
    place.run(&["policy", "check", &file]).ended(0);
    let again = tuned(&place, &["--policy", &file]);
    let before = row(&told, "proposed")["bothered"].as_f64().unwrap();
    assert_eq!(
        row(&again, "as it stands")["bothered"].as_f64(),
        Some(before)
    );
    assert_eq!(again["policy"], "default-tuned");

    // For people.
    let table = place.run(&["tune", "--bothered-max", &most]).ended(0).out;
    for words in [
        "as it stands",
        "proposed",
        "costs.burden.otp: 0.40 -> ",
        "confirmed: 700 of 700",
        "asked with random checks counted: ",
        "; the goal is held by the policy's own answers",
        "known to the record",
    ] {
        assert!(table.contains(words), "{words}: {table}");
    }

    // Beyond the knobs, and beyond the record.
    let ran = place.run(&["tune", "--loss-max", "0"]).ended(1);
    assert!(
        ran.err
            .contains("no setting meets the goals: by prices asking least comes to"),
        "{}",
        ran.err
    );
    let floor = ["tune", "--loss-max", "900", "--unsupported-max", "0"];
    let ran = place.run(&floor).ended(1);
    assert!(ran.err.contains("not proposed"), "{}", ran.err);
    assert!(ran.err.contains("[random_checks]"), "{}", ran.err);
    let words = "with a chance of 1 % each, 30 of them would be seen in about ";
    assert!(ran.err.contains(words), "{}", ran.err);
    let ran = place.run(&["tune", "--from", "2030-01-01"]).ended(3);
    assert!(
        ran.err.contains("holds no order of that time"),
        "{}",
        ran.err
    );
    for (flag, value, words) in [
        (
            "--bothered-max",
            "108%",
            "--bothered-max: `108%` must be a share of 0% to 100%",
        ),
        (
            "--bothered-max",
            "few",
            "--bothered-max: `few` must be a share",
        ),
        ("--loss-max=-1", "", "--loss-max: must be 0 or more, not -1"),
        (
            "--reviews-max",
            "NaN",
            "--reviews-max: must be 0 or more, not NaN",
        ),
    ] {
        let mut args = vec!["tune", flag];
        args.extend(Some(value).filter(|it| !it.is_empty()));
        let ran = place.run(&args).ended(2);
        assert!(ran.err.contains(words), "{}", ran.err);
    }
}

/// Asks for a code from a value on.
const RULE: &str = "
[[rules]]
id = \"dear\"
when = [\"order_value >= 150\"]  # agreed with the insurer
then = \"at_least:otp\"
";

#[test]
fn a_rule_is_turned_as_far_as_a_goal_asks_and_the_file_says_from_what_to_what() {
    let place = Place::new();
    let past = place.path("past").display().to_string();
    let simulate = ["simulate", "--orders", "300", "--past", "random-tenth"];
    place
        .run(&[&simulate[..], &["--out", &past]].concat())
        .ended(0);
    let text = format!("{}{RULE}", include_str!("../../models/policy.toml"));
    let ours = place.file("ours.toml", &text);
    place.run(&["import", &past, "--policy", &ours]).ended(0);

    let goal = ["--policy", &ours, "--bothered-max", "15%"];
    let told = tuned(&place, &[&goal[..], &["--knob", "rule:dear"]].concat());
    let change = &told["proposed"]["changes"][0];
    let number = change["to"].as_f64().unwrap();
    assert_eq!(change["path"], "rules.dear.when[0]");
    assert_eq!(change["from"], 150.0);
    assert_eq!(change["condition"][0], "order_value >= 150");
    assert!(number > 150.0, "{change}");
    let is = change["condition"][1].as_str().unwrap();
    let written = told["proposed"]["toml"].as_str().unwrap();
    let line = format!("when = [\"{is}\"]  # agreed with the insurer");
    assert!(written.contains(&line), "{line}: {written}");
    assert_eq!(told["proposed"]["confirmed"], 300);
    // As few as were asked for, and not many fewer.
    let asked = row(&told, "proposed")["bothered"].as_f64().unwrap();
    assert!((0.14..=0.15).contains(&asked), "{asked}");

    // Without a word the rule is turned too, as prices alone cannot ask fewer than it does.
    assert_eq!(tuned(&place, &goal)["proposed"]["changes"][0], *change);
    let prices = [&goal[..], &["--knob", "bother"]].concat();
    let ran = place.run(&[&["tune"], &prices[..]].concat()).ended(1);
    assert!(
        ran.err.contains("no setting of what may be turned meets"),
        "{}",
        ran.err
    );
    let table = [&["tune"], &goal[..], &["--knob", "rule:dear"]].concat();
    let table = place.run(&table).ended(0).out;
    let line = format!("rules.dear.when[0]: order_value >= 150 -> {is}");
    assert!(table.contains(&line), "{line}: {table}");

    for (knob, words) in [
        (
            "rule:deer",
            "--knob: `rule:deer` is none; there are bother, review, floor, rule:dear",
        ),
        ("price", "--knob: `price` is none"),
    ] {
        let ran = place
            .run(&["tune", "--policy", &ours, "--knob", knob])
            .ended(2);
        assert!(ran.err.contains(words), "{}", ran.err);
    }
}
