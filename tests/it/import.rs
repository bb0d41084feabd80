//! `import` as people use it: a shop's past becomes records and profiles, once, whatever interrupts it; or nothing.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use crate::place::{LIMIT, Place, Ran};

const JSONL: &str = "tests/data/history/jsonl";
const CSV: &str = "tests/data/history/csv";
const SHOP: &str = "tests/data/history/shop";

/// Every decision of the data directory, by order.
fn decisions(place: &Place) -> BTreeMap<String, Value> {
    let ran = place.run(&["store", "export"]).ended(0);
    let all = ran
        .out
        .lines()
        .map(|it| serde_json::from_str::<Value>(it).unwrap());
    let all: Vec<_> = all.collect();
    let by_order: BTreeMap<_, _> = all
        .iter()
        .map(|it| (it["order_id"].as_str().unwrap().to_owned(), it.clone()))
        .collect();
    assert_eq!(all.len(), by_order.len(), "an order was decided twice");
    by_order
}

fn report(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap()
}

fn verified(place: &Place) {
    let ran = place.run(&["store", "verify"]).ended(0);
    assert!(ran.out.trim_end().ends_with(": 0 findings"), "{}", ran.out);
    place.run(&["replay", "--all"]).ended(0);
}

/// A decision without what names this very record.
fn content(decision: &Value) -> Value {
    let mut content = decision.clone();
    for field in ["decision_id", "record_digest"] {
        content[field] = Value::Null;
    }
    content
}

#[test]
fn lines_and_tables_of_one_past_become_the_same_records_which_verify_and_replay() {
    let (lines, tables) = (Place::new(), Place::new());
    for (place, dir) in [(&lines, JSONL), (&tables, CSV)] {
        let ran = place.run(&["import", dir, "--format", "json"]).ended(0);
        let told = report(&ran);
        assert_eq!(told["orders_imported"], 4, "{told}");
        assert_eq!(told["events_recorded"], 11, "{told}");
        assert_eq!(told["asked_by_chance"], 1, "{told}");
        verified(place);
    }
    let (one, other) = (decisions(&lines), decisions(&tables));
    assert_eq!(one.len(), 4);
    for (order, decision) in &one {
        assert_eq!(content(decision), content(&other[order]), "{order}");
        assert_eq!(decision["origin"], "ORIGIN_IMPORTED");
        assert_eq!(decision["revision"], 1);
        assert_eq!(decision["reasons"][0]["code"], "IMPORTED");
        assert_eq!(decision.get("random_check"), None, "nothing was drawn");
        assert_eq!(decision["state"], "DECISION_STATE_COMPLETED");
    }
    let asked = |order: &str| {
        let decision = &one[order];
        let micros = decision["propensities"].as_array().unwrap();
        let micros: Vec<_> = micros
            .iter()
            .map(|it| it["micro"].as_u64().unwrap())
            .collect();
        (decision["action"].as_str().unwrap(), micros)
    };
    assert_eq!(asked("o-1"), ("ACTION_NONE", vec![1_000_000, 0, 0, 0, 0]));
    assert_eq!(asked("o-2"), ("ACTION_OTP", vec![0, 1_000_000, 0, 0, 0]));
    assert_eq!(
        asked("o-3"),
        ("ACTION_OTP", vec![900_000, 100_000, 0, 0, 0])
    );
    assert_eq!(one["o-1"]["decided_at"], "2025-03-01T09:15:00Z");
}

#[test]
fn a_shops_own_names_zone_and_prices_are_read_as_it_says() {
    let place = Place::new();
    let ran = place.run(&["import", SHOP, "--format", "json"]).ended(0);
    assert_eq!(report(&ran)["orders_imported"], 3);
    verified(&place);
    let all = decisions(&place);
    let first = &all["B-1001"];
    assert_eq!(
        first["decided_at"], "2025-03-01T09:15:00Z",
        "Berlin is an hour ahead in March"
    );
    assert_eq!(
        first["items"].as_array().unwrap().len(),
        2,
        "two rows, one order"
    );
    assert_eq!(all["B-1002"]["action"], "ACTION_OTP");
}

#[test]
fn the_page_shows_files_and_answers_as_they_are() {
    let page = include_str!("../../docs/import.md");
    for file in [
        "history.toml",
        "orders.csv",
        "events.csv",
        "verification.csv",
    ] {
        let text = fs::read_to_string(format!("{SHOP}/{file}")).unwrap();
        assert!(
            page.contains(text.trim_end()),
            "docs/import.md does not show {SHOP}/{file} as it is"
        );
    }
    let ran = Place::new().run(&["import", SHOP]).ended(0);
    let shown: Vec<_> = ran.out.lines().map(str::trim_end).collect();
    assert!(
        page.contains(&shown.join("\n")),
        "docs/import.md shows another answer than\n{}",
        ran.out
    );
}

#[test]
fn a_service_on_imported_data_knows_the_past() {
    let order = r#"{"order_id":"new","placed_at":"2025-04-01T10:00:00Z","customer_id":"c-ada","currency_code":"EUR","items":[{"unit_price_minor":"45900","category":"CATEGORY_CONSOLE"}],"delivery":{"address_key":"a-elm-4","address_type":"ADDRESS_TYPE_HOUSE"}}"#;
    let cited = |place: &Place| {
        let file = place.file("order.json", order);
        let mut decide = place.command(&["decide", &file, "--format", "json"]);
        let ran = Ran::of(decide.env("DOORSTEP_CLOCK", "driven").output().unwrap()).ended(0);
        let decision: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(decision["origin"], "ORIGIN_SERVICE");
        let reasons = decision["reasons"].as_array().unwrap().iter();
        let loss = reasons.filter(|it| it["code"] == "PRIOR_LOSS_ADDRESS");
        loss.map(|it| it["value"].as_f64().unwrap())
            .collect::<Vec<_>>()
    };
    let (nothing, place) = (Place::new(), Place::new());
    place.run(&["import", JSONL]).ended(0);
    assert!(cited(&nothing).is_empty());
    assert!(
        cited(&place).contains(&1.0),
        "the parcel that was stolen there"
    );
    let before = place
        .run(&["decide", JSONL_ORDERS, "--format", "json"])
        .ended(0);
    for line in before.out.lines() {
        let decision: Value = serde_json::from_str(line).unwrap();
        assert_eq!(
            decision["origin"], "ORIGIN_IMPORTED",
            "the same content is the same decision"
        );
        assert_eq!(decision["already_recorded"], true);
    }
    assert_eq!(before.out.lines().count(), 4);
}

const JSONL_ORDERS: &str = "tests/data/history/jsonl/orders.jsonl";

#[test]
fn killed_and_run_again_it_ends_as_if_nothing_had_been() {
    let place = Place::new();
    let history = place.path("history").display().to_string();
    place
        .run(&[
            "simulate", "--orders", "500", "--days", "30", "--out", &history,
        ])
        .ended(0);
    fs::write(place.path("history/truth/truth.csv"), [0xff, 0x00, 0xfe]).unwrap();
    let mut import = place.command(&["import", &history]);
    let mut import = import
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (mark, start) = (place.path("data/import.json"), Instant::now());
    while !mark.exists() {
        assert!(start.elapsed() < LIMIT * 5, "it does not begin");
        std::thread::yield_now();
    }
    import.kill().unwrap();
    import.wait().unwrap();
    let ran = place
        .run(&["import", &history, "--format", "json"])
        .ended(0);
    let told = report(&ran);
    assert!(
        told["before"].as_u64().unwrap() > 0,
        "it began anew: {told}"
    );
    verified(&place);

    let whole = Place::new();
    let ran = whole
        .run(&["import", &history, "--format", "json"])
        .ended(0);
    assert_eq!(report(&ran)["orders_imported"], 500);
    let (one, other) = (decisions(&place), decisions(&whole));
    assert_eq!((one.len(), other.len()), (500, 500));
    for (order, decision) in &one {
        assert_eq!(content(decision), content(&other[order]), "{order}");
    }
    let again = whole
        .run(&["import", &history, "--format", "json"])
        .ended(0);
    let told = report(&again);
    assert_eq!(
        told.get("orders_imported"),
        None,
        "nothing is left to do: {told}"
    );
    fs::remove_file(whole.path("data/import.json")).unwrap();
    let unmarked = whole
        .run(&["import", &history, "--format", "json"])
        .ended(0);
    let told = report(&unmarked);
    assert_eq!(
        told.get("orders_imported"),
        None,
        "what is there stays as it is: {told}"
    );
    verified(&whole);
}

#[test]
fn a_signal_stops_it_after_the_work_under_way_and_it_says_where() {
    let place = Place::new();
    let history = place.path("history").display().to_string();
    let extent = ["--orders", "1200", "--days", "30", "--out", &history];
    place.run(&[&["simulate"], &extent[..]].concat()).ended(0);
    let mark = place.path("data/import.json");
    let done = || {
        let text = fs::read_to_string(&mark).unwrap_or_default();
        let read = serde_json::from_str::<Value>(&text).unwrap_or_default();
        read["done"].as_u64().unwrap_or(0)
    };
    for signal in ["-INT", "-TERM"] {
        let (before, start) = (done(), Instant::now());
        let mut import = place.command(&["import", &history, "--format", "json"]);
        let import = import.stdout(Stdio::piped()).stderr(Stdio::piped());
        let import = import.spawn().unwrap();
        while done() <= before {
            assert!(start.elapsed() < LIMIT * 5, "it does not begin");
            std::thread::yield_now();
        }
        let pid = import.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status();
        assert!(sent.unwrap().success());
        let ran = Ran::of(import.wait_with_output().unwrap()).ended(1);
        let told = format!("interrupted: {} of ", done());
        assert!(ran.err.contains(&told), "{told}: {}", ran.err);
        assert!(ran.err.contains("goes on from there"), "{}", ran.err);
        assert_eq!(ran.out, "", "a report of a part would be none");
        place.run(&["store", "verify"]).ended(0);
    }
    let before = done();
    let ran = place.run(&["import", &history, "--format", "json"]);
    let told = report(&ran.ended(0));
    assert_eq!(told["before"], before, "{told}");
    assert_eq!(
        told.get("orders_known"),
        None,
        "nothing is played twice: {told}"
    );
    assert_eq!(decisions(&place).len(), 1_200);
    place.run(&["store", "verify"]).ended(0);
}

#[test]
fn a_bad_history_is_told_and_nothing_is_written() {
    let place = Place::new();
    fs::create_dir(place.path("past")).unwrap();
    let line = fs::read_to_string(JSONL_ORDERS).unwrap();
    let bad = line.replacen("CATEGORY_CONSOLE", "CATEGORY_CONSOL", 1);
    let orders = place.file("past/orders.jsonl", &bad);
    let past = place.path("past").display().to_string();
    let ran = place.run(&["import", &past]).ended(3);
    let start = format!("{orders}:1: items[0].category: `CATEGORY_CONSOL` is none of PHONE, ");
    assert!(
        ran.err.starts_with(&start) && ran.err.lines().count() == 1,
        "{}",
        ran.err
    );
    assert!(ran.out.is_empty() && !place.path("data").exists());
    place.run(&["import", &past, "--dry-run"]).ended(3);
    let ran = place
        .run(&["import", &past, "--policy", "no-such-file"])
        .ended(3);
    assert!(ran.err.contains("no-such-file"), "{}", ran.err);
    place.run(&["import", JSONL, "--dry-run"]).ended(0);
    assert!(!place.path("data").exists(), "a dry run writes nothing");
}

#[test]
fn what_is_known_already_must_be_earlier_than_what_is_new() {
    let place = Place::new();
    place.run(&["import", JSONL]).ended(0);
    let ran = place.run(&["import", SHOP]).ended(3);
    assert!(
        ran.err.contains(
            "orders.csv:2: order B-1001 is new, and the data directory knows of 2025-03-24"
        ),
        "{}",
        ran.err
    );
    assert_eq!(decisions(&place).len(), 4);
}

#[test]
fn a_data_directory_that_is_served_is_left_alone() {
    let place = Place::new();
    let server = place.serve(&[]);
    let ran = place.run(&["import", JSONL]).ended(4);
    assert!(
        ran.err.contains("--server") || ran.err.contains("stop it first"),
        "{}",
        ran.err
    );
    server.stop();
}
