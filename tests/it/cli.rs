//! The command line as people meet it: the binary, its exit codes, and what goes to which stream.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use crate::place::{Place, Ran};

const ORDER: &str = r#"{"order_id":"o1","customer_id":"c1","currency_code":"EUR","items":[{"unit_price_minor":"89900","category":"CATEGORY_PHONE"}],"delivery":{"address_key":"a7f3k9"},"contacts":[{"contact_id":"sms-81","kind":"CONTACT_KIND_SMS","verified":true}]}"#;

#[test]
fn usage_is_told_on_standard_error_and_help_is_data() {
    let place = Place::new();
    for args in [
        &[][..],
        &["tune", "--bothered-max", "many"],
        &["serve", "--clock", "atomic"],
        &["replay"],
        &["decide", "-", "--server", "x", "--data", "y"],
        &["decide", "-", "--format", "xml"],
    ] {
        let ran = place.run(args).ended(2);
        assert!(
            ran.out.is_empty() && !ran.err.is_empty(),
            "{args:?}: {}",
            ran.out
        );
    }
    let help = place.run(&["--help"]).ended(0);
    assert!(help.out.contains("Exit codes: 0 done") && help.err.is_empty());
}

/// The names of a command's own commands, as its help lists them.
fn listed(place: &Place, args: &[&str]) -> Vec<String> {
    let help = place.run(&[args, &["--help"]].concat()).ended(0).out;
    let (_, after) = help.split_once("Commands:\n").unwrap();
    let (commands, _) = after.split_once("\n\n").unwrap();
    // Lines that go on stand further to the right.
    let names = commands.lines().filter(|it| !it.starts_with("   "));
    let names = names.filter_map(|it| it.split_whitespace().next());
    names
        .filter(|it| *it != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_readme_names_every_command_and_every_page() {
    let place = Place::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let (_, commands) = readme.split_once("## Commands").unwrap();
    let (commands, _) = commands.split_once("\n## ").unwrap();
    let words: Vec<&str> = commands
        .split(|it: char| !it.is_alphanumeric() && it != '-')
        .collect();
    let all = [listed(&place, &[]), listed(&place, &["policy"])].concat();
    assert!(all.len() > 20, "{all:?}");
    for name in all {
        assert!(words.contains(&name.as_str()), "{name}");
    }
    for page in fs::read_dir(root.join("docs")).unwrap() {
        let name = page.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") {
            assert!(readme.contains(&format!("docs/{name}")), "{name}");
        }
    }
}

#[test]
fn settings_are_shown_with_where_they_come_from() {
    let place = Place::new();
    let file = place.file(
        "settings.toml",
        "model = \"spring\"\n[server]\ndrain = \"250ms\"\n",
    );
    let shown = place
        .run(&[
            "config", "show", "--config", &file, "--clock", "driven", "--format", "json",
        ])
        .ended(0);
    let of = |name: &str| {
        let all = shown
            .out
            .lines()
            .map(|it| serde_json::from_str::<serde_json::Value>(it).unwrap());
        let found = all.into_iter().find(|it| it["setting"] == name).unwrap();
        (
            found["value"].as_str().unwrap().to_owned(),
            found["from"].as_str().unwrap().to_owned(),
        )
    };
    assert_eq!(
        of("server.drain"),
        ("250ms".to_owned(), format!("{file}:3"))
    );
    assert_eq!(of("clock"), ("driven".to_owned(), "--clock".to_owned()));
    assert_eq!(of("data").1, "DOORSTEP_DATA");
    assert_eq!(
        of("listen"),
        ("127.0.0.1:50051".to_owned(), "default".to_owned())
    );
}

#[test]
fn a_bad_file_at_the_start_is_told_whole_with_its_places() {
    let place = Place::new();
    let policy = place.file("policy.toml", "id = 7\nreview_defualt = \"otp\"\n");
    let catalogue = place.file("catalogue.toml", "id =");
    let ran = place
        .run(&["serve", "--policy", &policy, "--catalogue", &catalogue])
        .ended(3);
    assert!(ran.out.is_empty(), "{}", ran.out);
    for start in [
        format!("{policy}:1:"),
        format!("{policy}:2:1:"),
        format!("{catalogue}:1:"),
    ] {
        assert!(
            ran.err.lines().any(|it| it.starts_with(&start)),
            "{start}: {}",
            ran.err
        );
    }
    fs::create_dir(place.path("models")).unwrap();
    place.file("models/spring.json", "{\n}");
    let models = place.path("models").display().to_string();
    let ran = place
        .run(&["serve", "--models", &models, "--model", "spring"])
        .ended(3);
    assert!(ran.err.contains("spring.json"), "{}", ran.err);
    let ran = place
        .run(&["serve", "--models", &models, "--model", "autumn"])
        .ended(3);
    assert!(
        ran.err.contains("autumn.json: cannot be read"),
        "{}",
        ran.err
    );
    let settings = place.file("settings.toml", "listen = \"here\"\nlissen = 1\n");
    let ran = place.run(&["serve", "--config", &settings]).ended(3);
    assert!(
        ran.err
            .contains(&format!("{settings}:1:10: listen: `here`")),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains(&format!("{settings}:2:1: lissen")),
        "{}",
        ran.err
    );
}

#[test]
fn keys_are_made_listed_and_never_printed() {
    let place = Place::new();
    assert_eq!(place.run(&["keys", "new"]).ended(0).out, "k1\n");
    assert_eq!(place.run(&["keys", "new"]).ended(0).out, "k2\n");
    let listed = place.run(&["keys", "list"]).ended(0).out;
    let key = fs::read_to_string(place.path("data/keys/k1.key")).unwrap();
    assert!(listed.contains("k1") && listed.contains("k2") && !listed.contains(key.trim()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let open = fs::Permissions::from_mode(0o644);
        fs::set_permissions(place.path("data/keys/k1.key"), open).unwrap();
        let ran = place.run(&["serve"]).ended(3);
        assert!(
            ran.err.contains("k1.key") && ran.err.contains("0644"),
            "{}",
            ran.err
        );
    }
}

#[test]
fn the_shipped_policy_is_good_and_answers_its_cases() {
    let place = Place::new();
    let ran = place
        .run(&["policy", "check", "models/policy.toml"])
        .ended(0);
    assert!(ran.out.contains("note: models/policy.toml:"), "{}", ran.out);
    let ran = place.run(&["policy", "test", "tests/data/policy"]).ended(0);
    assert!(ran.out.ends_with(" passed, 0 failed\n"), "{}", ran.out);
}

#[test]
fn a_policy_that_is_wrong_or_answers_otherwise_is_told_by_place_and_case() {
    let place = Place::new();
    let text = fs::read_to_string("models/policy.toml").unwrap();
    let bad = place.file("bad.toml", &text.replace("otp = 0.05 ", "otp = -1.0 "));
    let ran = place.run(&["policy", "check", &bad]).ended(3);
    assert!(ran.out.starts_with(&format!("{bad}:37:")), "{}", ran.out);
    // Reviews for nothing: cheap enough to be taken everywhere.
    let all = "\n[[rules]]\nid = \"all\"\nwhen = [\"order_value >= 0.0\"]\nthen = \"set:review\"\n";
    let other = place.file("other.toml", &format!("{text}{all}"));
    let ran = place
        .run(&[
            "policy",
            "test",
            "tests/data/policy/ordinary.toml",
            "--policy",
            &other,
        ])
        .ended(1);
    assert!(ran.out.contains("a book is left alone"), "{}", ran.out);
    assert!(ran.out.contains("expected NONE, got REVIEW"), "{}", ran.out);
}

#[test]
fn a_server_says_where_it_listens_decides_and_drains() {
    let place = Place::new();
    let serving = place.serve(&[]);
    let orders = place.file("orders.jsonl", ORDER);
    let ran = place
        .run(&["decide", &orders, "--server", &serving.grpc])
        .ended(0);
    assert!(
        ran.out.contains("o1") && ran.out.contains("ITEM_CODES"),
        "{}",
        ran.out
    );
    let page = serving.page("/metrics");
    assert!(page.contains("doorstep_clock_driven 0"), "{page}");
    let ran = serving.stop().ended(0);
    assert_eq!(ran.out, "", "only the two lines belong on standard output");
    for line in ran.err.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
        assert!(
            !line.contains("sms-81") && !line.contains("a7f3k9"),
            "{line}"
        );
    }
}

#[test]
fn what_is_taken_already_is_unreachable_and_says_by_what() {
    let place = Place::new();
    let serving = place.serve(&["--clock", "driven"]);
    let other = Place::new();
    let ran = other
        .run(&[
            "serve",
            "--listen",
            &serving.grpc,
            "--metrics",
            "127.0.0.1:0",
        ])
        .ended(4);
    assert!(
        ran.err.contains(&serving.grpc) && ran.err.contains("in use"),
        "{}",
        ran.err
    );
    let ran = place
        .run(&[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--metrics",
            "127.0.0.1:0",
        ])
        .ended(4);
    assert!(ran.err.contains("in use by another process"), "{}", ran.err);
    assert!(serving.page("/metrics").contains("doorstep_clock_driven 1"));
    drop(serving);
    let orders = place.file("orders.jsonl", ORDER);
    let ran = place
        .run(&["decide", &orders, "--server", "127.0.0.1:1"])
        .ended(4);
    assert!(ran.err.contains("127.0.0.1:1"), "{}", ran.err);
}

#[test]
fn a_command_that_only_looks_makes_no_data_directory() {
    for command in [
        &["replay", "--all"][..],
        &["store", "export"],
        &["store", "verify"],
    ] {
        let place = Place::new();
        place.run(command).ended(4);
        assert!(!place.path("data").exists(), "{command:?}");
    }
}

#[test]
fn in_process_orders_are_decided_recorded_and_replayed() {
    let place = Place::new();
    let orders = place.file("orders.jsonl", ORDER);
    let preview = place
        .run(&["decide", &orders, "--preview", "--format", "json"])
        .ended(0);
    let shown: serde_json::Value = serde_json::from_str(&preview.out).unwrap();
    assert_eq!(shown["order_id"], "o1");
    assert_eq!(
        place.run(&["replay", "--all"]).ended(0).out,
        "identical: 0\n"
    );

    let decided = place.run(&["decide", &orders, "--format", "json"]).ended(0);
    let decided: serde_json::Value = serde_json::from_str(&decided.out).unwrap();
    let id = decided["decision_id"].as_str().unwrap();
    assert_eq!(place.run(&["replay", id]).ended(0).out, "identical: 1\n");
    assert_eq!(
        place.run(&["replay", "--all"]).ended(0).out,
        "identical: 1\n"
    );
    place.run(&["replay", "no-such-decision"]).ended(2);

    let explained = place.run(&["decide", &orders, "--explain"]).ended(0).out;
    for part in [
        "risk without verification",
        "expected cost in EUR",
        "reasons",
        "how probable",
    ] {
        assert!(explained.contains(part), "{part}: {explained}");
    }
    let exported = place.run(&["store", "export"]).ended(0).out;
    assert_eq!(exported.lines().count(), 1);
    place.run(&["store", "verify"]).ended(0);
    let copy = place.path("copy.db").display().to_string();
    place.run(&["store", "backup", &copy]).ended(0);
    assert!(Path::new(&copy).exists());
}

#[test]
fn a_bad_order_is_told_by_line_and_field_and_spoils_no_other() {
    let place = Place::new();
    let bad = ORDER.replace("EUR", "XYZ").replace("o1", "o2");
    let orders = place.file("orders.jsonl", &format!("{ORDER}\n{bad}\n"));
    let ran = place.run(&["decide", &orders, "--format", "json"]).ended(3);
    assert_eq!(ran.out.lines().count(), 1);
    let start = format!("{orders}:2: order `o2`: order.currency_code: ");
    assert!(ran.err.contains(&start), "{}", ran.err);
}

#[test]
fn events_are_counted_by_status_and_rejected_ones_told_by_line() {
    let place = Place::new();
    let event = r#"{"event_id":"e1","occurred_at":"2026-01-05T10:00:00Z","password_reset":{"customer_id":"c1"}}"#;
    let wait = r#"{"event_id":"e2","occurred_at":"2026-01-05T10:00:00Z","order_cancelled":{"order_id":"nobody-knows"}}"#;
    let bad = r#"{"event_id":"e3","occurred_at":"2026-01-05T10:00:00Z"}"#;
    let file = place.file(
        "events.jsonl",
        &format!("{event}\n{event}\nno json\n{wait}\n{bad}\n"),
    );
    let ran = place
        .run(&["events", "import", &file, "--format", "json"])
        .ended(1);
    let counts: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let expected = serde_json::json!({"RECORDED": 1, "DUPLICATE": 1, "PENDING": 1, "REJECTED": 2});
    assert_eq!(counts, expected);
    let told = |line: u32| ran.err.contains(&format!("{file}:{line}: "));
    assert!(told(3) && told(5) && !told(1), "{}", ran.err);
}

#[test]
fn a_good_change_of_a_file_comes_into_force_and_a_bad_one_changes_nothing() {
    let place = Place::new();
    let text = fs::read_to_string("models/policy.toml").unwrap();
    let policy = place.file("policy.toml", &text);
    let serving = place.serve(&["--policy", &policy]);
    place.file("policy.toml", "id = 7");
    let page = serving.wait_for("doorstep_file_stale{file=\"policy\"} 1");
    assert!(
        page.contains("doorstep_reload_total{file=\"policy\",result=\"refused\"} 1"),
        "{page}"
    );
    assert!(page.contains("policy=\"default\""), "{page}");
    assert!(serving.page("/readyz").ends_with("ok\nstale: policy\n"));
    place.file(
        "policy.toml",
        &text.replace("id = \"default\"", "id = \"summer\""),
    );
    let page = serving.wait_for("doorstep_file_stale{file=\"policy\"} 0");
    assert!(
        page.contains("doorstep_reload_total{file=\"policy\",result=\"taken\"} 1"),
        "{page}"
    );
    assert!(page.contains("policy=\"summer\""), "{page}");
    let orders = place.file("orders.jsonl", ORDER);
    let args = [
        "decide",
        &orders,
        "--server",
        &serving.grpc,
        "--format",
        "json",
    ];
    let decided: serde_json::Value = serde_json::from_str(&place.run(&args).ended(0).out).unwrap();
    assert_eq!(decided["policy"]["id"], "summer");
    let ran = serving.stop().ended(0);
    assert!(ran.err.contains(&format!("{policy}:1:")), "{}", ran.err);
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let place = Place::new();
    let many = ORDER.replace("\"o1\"", "\"oN\"");
    let many: String = (0..200)
        .map(|n| many.replace("oN", &format!("o{n}")) + "\n")
        .collect();
    let orders = place.file("orders.jsonl", &many);
    let mut command = place.command(&["decide", &orders, "--preview", "--format", "json"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ran = Ran::of(child.wait_with_output().unwrap()).ended(0);
    assert_eq!(ran.err, "");
}

#[test]
fn the_demo_shows_decisions_and_leaves_ordinary_orders_alone() {
    let ran = Place::new().run(&["demo", "--once"]).ended(0);
    for part in [
        "Remarkable orders",
        "1500 of a simulated world",
        "One of them in full",
        "curl -s http://127.0.0.1:",
    ] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    let none = ran
        .out
        .lines()
        .find(|it| it.trim_start().starts_with("NONE  "))
        .unwrap();
    let share = none.split('(').nth(1).unwrap().split(' ').next().unwrap();
    assert!(share.parse::<f64>().unwrap() >= 85.0, "{none}");
}
