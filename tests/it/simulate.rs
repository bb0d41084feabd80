//! The command that plays a simulated world: histories, their refusals, and a server that decides.

use std::fs;

use crate::place::Place;

const SMALL: [&str; 7] = [
    "simulate", "--orders", "300", "--days", "60", "--format", "json",
];

fn simulate(place: &Place, more: &[&str]) -> crate::place::Ran {
    place.run(&[&SMALL[..], more].concat())
}

#[test]
fn a_history_is_written_whole_and_replaces_nothing_but_a_history() {
    let place = Place::new();
    let dir = place.path("past");
    let out = dir.display().to_string();
    simulate(&place, &["--out", &out]).ended(0);
    let orders = fs::read_to_string(dir.join("orders.jsonl")).unwrap();
    assert_eq!(orders.lines().count(), 300);
    for file in [
        "events.jsonl",
        "verification.csv",
        "history.toml",
        "truth/truth.csv",
    ] {
        assert!(dir.join(file).is_file(), "{file}");
    }
    assert!(!place.path("past.unfinished").exists());
    let again = simulate(&place, &["--out", &out, "--seed", "2"]).ended(2);
    assert!(again.err.contains("--replace"), "{}", again.err);
    assert_eq!(
        fs::read_to_string(dir.join("orders.jsonl")).unwrap(),
        orders
    );
    simulate(&place, &["--out", &out, "--seed", "2", "--replace"]).ended(0);
    assert_ne!(
        fs::read_to_string(dir.join("orders.jsonl")).unwrap(),
        orders
    );
    fs::remove_file(dir.join("history.toml")).unwrap();
    let other = simulate(&place, &["--out", &out, "--replace"]).ended(2);
    assert!(other.err.contains("no history"), "{}", other.err);
}

#[test]
fn a_history_is_imported_as_a_shops_own_past() {
    let place = Place::new();
    let out = place.path("past").display().to_string();
    simulate(&place, &["--out", &out, "--past", "random-tenth"]).ended(0);
    let ran = place.run(&["import", &out]).ended(0);
    assert!(ran.out.contains("300"), "{}", ran.out);
}

#[test]
fn what_cannot_be_played_is_told_with_its_place() {
    let place = Place::new();
    let check = |args: &[&str], code: i32, told: &str| {
        let ran = simulate(&place, args).ended(code);
        assert!(ran.err.contains(told), "{told}: {}", ran.err);
    };
    check(&["--scenario", "nowhere"], 2, "refund-ring");
    check(&["--start", "2025-02-30"], 2, "--start");
    let file = place.file("world.toml", "[time]\nhours = 3\n");
    check(&["--world", &file], 3, "world.toml:2:1");
    check(&["--world", "none.toml"], 3, "none.toml");
    check(&["--server", "127.0.0.1:1"], 4, "127.0.0.1:1");
    let ran = place.run(&["simulate", "--list"]).ended(0);
    assert_eq!(
        ran.out.lines().filter(|it| !it.trim().is_empty()).count(),
        17,
        "{}",
        ran.out
    );
}

#[test]
fn a_server_decides_what_happens_next() {
    let place = Place::new();
    let server = place.serve(&["--clock", "driven"]);
    let played = simulate(&place, &["--server", &server.grpc]).ended(0);
    let again = simulate(&place, &["--server", &server.grpc, "--seed", "9"]).ended(4);
    let words = "a world is played against an empty data directory";
    assert!(again.err.contains(words), "{}", again.err);
    server.stop();
    // By a clock of its own a server knows of nothing when it happens.
    let other = Place::new();
    let server = other.serve(&[]);
    let ran = simulate(&place, &["--server", &server.grpc]);
    let ran = ran.ended(4);
    let words = "by the server's clock where the world is at 2025-01-0";
    assert!(ran.err.contains(words), "{}", ran.err);
    server.stop();
    let none = simulate(&place, &[]).ended(0);
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let (played, none) = (read(&played.out), read(&none.out));
    assert_eq!(played["orders"], none["orders"]);
    assert_eq!(none["bothered"], 0);
    assert!(played["bothered"].as_u64().unwrap() > 0, "{played}");
    let lost = |it: &serde_json::Value| it["lost_in_all_expected"].as_f64().unwrap();
    assert!(lost(&played) < lost(&none), "{played} {none}");
}
