//! `train` as people use it: from a data directory to a scorecard that serves, and what is said when that cannot be.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// A directory of its own for one test.
pub(crate) struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn file(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).unwrap();
        self.text(name)
    }

    fn run(&self, args: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_doorstep"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("DOORSTEP_")) {
            command.env_remove(name);
        }
        command
            .args(args)
            .current_dir(self.0.path())
            .env("DOORSTEP_DATA", self.path("data"))
            .env("DOORSTEP_CLOCK", "driven")
            .stdin(Stdio::null());
        Ran::of(command.output().unwrap())
    }

    /// A data directory of these orders and events.
    fn told(&self, orders: &str, events: &str) {
        let orders = self.file("orders.jsonl", orders);
        self.run(&["decide", &orders, "--format", "json"]).ended(0);
        let events = self.file("events.jsonl", events);
        self.run(&["events", "import", &events]).ended(0);
    }
}

/// What a command did.
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn ended(self, code: i32) -> Self {
        assert!(!self.err.contains("panicked"), "{}", self.err);
        assert_eq!(
            self.code,
            Some(code),
            "out: {}\nerr: {}",
            self.out,
            self.err
        );
        self
    }
}

/// A moment of 2026: so many days and minutes after the first of January.
fn at(day: u32, minute: u32) -> String {
    let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let (mut day, mut month) = (day, 0);
    while day >= lengths[month] {
        day -= lengths[month];
        month += 1;
    }
    format!(
        "2026-{:02}-{:02}T{:02}:{:02}:00Z",
        month + 1,
        day + 1,
        6 + minute / 60 % 12,
        minute % 60
    )
}

/// Orders of a small shop in 100 days and what became of them: what is seen from the street is stolen more often.
pub(crate) struct Shop {
    orders: String,
    events: String,
}

impl Shop {
    fn new(count: u32) -> Self {
        let mut shop = Self {
            orders: String::new(),
            events: String::new(),
        };
        for number in 0..count {
            let day = number * 100 / count;
            let visible = number % 2 == 0;
            let dearer = number % 3;
            writeln!(
                shop.orders,
                r#"{{"order_id":"o{number}","customer_id":"c{}","placed_at":"{}","currency_code":"EUR","expected_parcels":1,"items":[{{"unit_price_minor":"{}","category":"CATEGORY_BOOK"}}],"delivery":{{"address_key":"a{number}","country_code":"{}","visible_from_street":{visible}}}}}"#,
                number % 97, at(day, number % 300), 900 + dearer * 400, if number % 5 == 0 { "DE" } else { "NL" },
            ).unwrap();
            shop.happens(number, day + 2, number % 300, &format!(r#""parcel_handed_over":{{"order_id":"o{number}","parcel_id":"p{number}","recipient_role":"RECIPIENT_ROLE_UNATTENDED"}}"#));
            let lost = if visible {
                number % 8 == 0
            } else {
                number % 51 == 0
            };
            if lost {
                shop.claim(number, day + 3, "CLAIM_KIND_NOT_RECEIVED", "FAULT_PORCH");
            } else if number % 101 == 0 {
                shop.claim(number, day + 3, "CLAIM_KIND_DAMAGED", "FAULT_UNKNOWN");
            }
        }
        shop.happens(count, 300, 0, r#""password_reset":{"customer_id":"c1"}"#);
        shop
    }

    fn happens(&mut self, number: u32, day: u32, minute: u32, what: &str) {
        let id = self.events.len();
        writeln!(
            self.events,
            r#"{{"event_id":"e{number}-{id}","occurred_at":"{}",{what}}}"#,
            at(day, minute)
        )
        .unwrap();
    }

    fn claim(&mut self, number: u32, day: u32, kind: &str, fault: &str) {
        self.happens(number, day, 0, &format!(r#""claim_opened":{{"claim_id":"k{number}","order_id":"o{number}","kind":"{kind}"}}"#));
        self.happens(
            number,
            day + 9,
            0,
            &format!(r#""claim_settled":{{"claim_id":"k{number}","fault":"{fault}"}}"#),
        );
    }
}

/// One shop for all tests that only read it.
pub(crate) fn shop() -> &'static Place {
    static SHOP: OnceLock<Place> = OnceLock::new();
    SHOP.get_or_init(|| {
        let place = Place::new();
        let shop = Shop::new(1_500);
        place.told(&shop.orders, &shop.events);
        place
    })
}

/// Orders whose answers are known.
const ANSWERS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/data/vectors/answers.json"
);

#[test]
fn a_shop_trains_its_own_scorecard_twice_the_same_and_decides_with_it() {
    let (shop, place) = (shop(), Place::new());
    let data = shop.text("data");
    let train = |out: &str, threads: &str| {
        let out = place.text(out);
        place
            .run(&[
                "train",
                "--data",
                &data,
                "--out",
                &out,
                "--name",
                "ours",
                "--answers",
                ANSWERS,
                "--threads",
                threads,
            ])
            .ended(0)
    };
    let ran = train("one", "1");
    assert!(
        ran.out.contains("porch_theft") && ran.out.contains("shrunk to the base"),
        "{}",
        ran.out
    );
    for line in [
        "1500  orders",
        "settled claims that name no hazard",
        "courier_theft: 0 losses are too few, 100 are needed",
    ] {
        assert!(ran.err.contains(line), "{line}: {}", ran.err);
    }
    train("two", "2");
    let read = |out: &str, file: &str| fs::read_to_string(place.path(out).join(file)).unwrap();
    for file in [
        "ours.json",
        "ours.md",
        "ours/visible_from_street.svg",
        "ours/calibration.svg",
    ] {
        assert_eq!(
            read("one", file),
            read("two", file),
            "{file}: the same bytes for any number of threads"
        );
    }
    let card = read("one", "ours.md");
    for part in [
        "claims may come in for 60 days",
        "left out: a claim is open",
        "name no hazard",
        "| country | DE |",
        "always missing",
        "Of 25 orders whose answers are known, by the same policy and without chance, `prior` answers 25 as wanted",
    ] {
        assert!(card.contains(part), "{part}: {card}");
    }
    let scorecard: serde_json::Value = serde_json::from_str(&read("one", "ours.json")).unwrap();
    assert_eq!(scorecard["kind"], "trained");
    let seen = scorecard["card"]["reference"]["visible_from_street"]
        .as_array()
        .unwrap();
    assert_eq!(seen.len(), 3, "missing, no, yes");
    let orders = place.file("order.jsonl", Shop::new(1).orders.trim());
    let models = place.text("one");
    let ran = place
        .run(&[
            "decide", &orders, "--models", &models, "--model", "ours", "--format", "json",
        ])
        .ended(0);
    let decision: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(decision["model"]["id"], "ours");
}

#[test]
fn what_cannot_be_learned_is_told_and_nothing_is_written() {
    let place = Place::new();
    let check = |told: Option<(&str, &str)>, args: &[&str], code: i32, parts: &[&str]| {
        let place = Place::new();
        if let Some((orders, events)) = told {
            place.told(orders, events);
        }
        let out = place.text("out");
        let mut all = vec!["train", "--out", &out, "--name", "ours"];
        all.extend(args);
        let ran = place.run(&all).ended(code);
        for part in parts {
            assert!(ran.err.contains(part), "{part}: {}", ran.err);
        }
        assert!(!place.path("out").exists(), "nothing is written: {args:?}");
    };
    let Shop { orders, events } = Shop::new(1);
    let told = Some((orders.as_str(), events.as_str()));
    check(None, &[], 4, &["data"]);
    check(
        told,
        &["--claim-window", "soon"],
        2,
        &["--claim-window: `soon` must be a duration"],
    );
    check(
        told,
        &["--as-of", "yesterday"],
        2,
        &["--as-of: `yesterday` must be a date or a time"],
    );
    check(told, &["--threads", "0"], 2, &["--threads"]);
    check(
        told,
        &["--name", "a/b"],
        2,
        &["cannot be used multiple times"],
    );
    let missing = place.text("nowhere.toml");
    check(told, &["--policy", &missing], 3, &["nowhere.toml"]);
    let none = place.text("none.json");
    check(
        told,
        &["--answers", &none],
        3,
        &["none.json", "cannot be read"],
    );
    let wrong = r#"{"now":"2026-06-10T12:00:00Z","cases":[{"name":"a","order":{"order_id":"o"},"action":"ACTION_PRAY"},{"name":"b","order":{"colour":1},"action":"ACTION_NONE"}]}"#;
    let wrong = place.file("wrong.json", wrong);
    let parts = [
        "wrong.json: cases[0]: no action is called `ACTION_PRAY`",
        "wrong.json: cases[1]: order: ",
    ];
    check(told, &["--answers", &wrong], 3, &parts);
    check(
        told,
        &["--as-of", "2026-01-20"],
        3,
        &["none of 1 orders has a known outcome: 1 too young"],
    );
    let mut honest = Shop::new(2);
    honest.events = honest
        .events
        .lines()
        .filter(|it| !it.contains("claim"))
        .map(|it| format!("{it}\n"))
        .collect();
    check(
        Some((&honest.orders, &honest.events)),
        &[],
        3,
        &["one class only"],
    );
    let early = format!(
        "{events}{}\n",
        r#"{"event_id":"x","occurred_at":"2025-12-24T12:00:00Z","claim_opened":{"claim_id":"k-early","order_id":"o0","kind":"CLAIM_KIND_EMPTY"}}"#
    );
    let parts = [
        "order o0",
        "claim k-early",
        "2025-12-24T12:00:00Z",
        "before the order was placed",
    ];
    check(Some((&orders, &early)), &[], 3, &parts);
    let broken = place.file("broken.json", "{\"format\": \"doorstep/model/1\"}");
    let folder = broken.trim_end_matches("/broken.json");
    check(
        told,
        &["--models", folder, "--model", "broken"],
        3,
        &["broken.json", "name: must be a text"],
    );
}

/// What a scorecard learned, without where it learned it.
fn learned(card: &serde_json::Value) -> Vec<serde_json::Value> {
    vec![
        card["created"].clone(),
        card["signals"].clone(),
        card["hazards"].clone(),
        card["card"]["reference"].clone(),
        card["card"]["hazards"].clone(),
    ]
}

#[test]
fn a_history_gives_the_same_tables_played_in_memory_as_imported() {
    let place = Place::new();
    let history = place.text("history");
    place
        .run(&[
            "simulate",
            "--out",
            &history,
            "--orders",
            "1500",
            "--days",
            "200",
            "--scenario",
            "refund-ring",
            "--past",
            "random-tenth",
        ])
        .ended(0);
    place.run(&["import", &history]).ended(0);
    let train = |out: &str, from: &[&str]| {
        let out = place.text(out);
        let mut all = vec!["train", "--out", &out, "--name", "ours"];
        all.extend(from);
        place.run(&all).ended(0);
        let text = fs::read_to_string(place.path(&out).join("ours.json")).unwrap();
        serde_json::from_str::<serde_json::Value>(&text).unwrap()
    };
    let played = train("played", &["--history", &history]);
    let imported = train("imported", &["--data", &place.text("data")]);
    let (a, b) = (learned(&played), learned(&imported));
    assert_eq!(a, b);
    assert!(a[1].as_array().is_some_and(|it| it.len() > 20), "{a:?}");
    let twice = train("twice", &["--history", &history, "--history", &history]);
    let orders = |of: &serde_json::Value| of["card"]["data"]["orders"].as_u64().unwrap();
    assert_eq!(
        orders(&twice),
        2 * orders(&played),
        "each history is a shop of its own"
    );
}
