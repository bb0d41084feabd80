//! The life of a version as `docs/policy.md` tells it: every command is run, and says what the page says. Digests and
//! times differ; which digest is which does not.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::place::{Place, Ran};

/// Where the page's server listens.
const ADDRESS: &str = "127.0.0.1:50051";
/// Characters of a digest that are shown.
const SHORT: usize = 8;

/// A command of the page, and what it printed.
struct Step {
    command: String,
    printed: Vec<String>,
}

/// The `console` blocks of the chapter.
fn steps() -> Vec<Step> {
    let page = fs::read_to_string("docs/policy.md").unwrap();
    let start = page.find("The life of a version\n").unwrap();
    let chapter = &page[start..];
    let chapter = chapter.split("\n## ").next().unwrap();
    let (mut steps, mut inside) = (Vec::<Step>::new(), false);
    for line in chapter.lines() {
        match (line, line.strip_prefix("$ ")) {
            ("```console", _) => inside = true,
            ("```", _) => inside = false,
            (_, Some(command)) if inside => steps.push(Step {
                command: command.to_owned(),
                printed: Vec::new(),
            }),
            _ if inside => steps.last_mut().unwrap().printed.push(line.to_owned()),
            _ => {}
        }
    }
    steps
}

/// A line without what differs from run to run, its columns without their widths; and its digests, shortened.
fn masked(line: &str) -> (String, Vec<String>) {
    let (mut words, mut digests) = (Vec::new(), Vec::new());
    for word in line.split_whitespace() {
        let time = word.len() == 20 && word.starts_with("20") && word.ends_with('Z');
        let mut text = if time { "TIME" } else { word }.to_owned();
        for run in word.split(|c: char| !c.is_ascii_alphanumeric()) {
            let hex = run.bytes().all(|it| it.is_ascii_hexdigit());
            let short = run.len() == SHORT && word.contains(&format!("@{run}"));
            if hex && (short || run.len() == 64) {
                digests.push(run[..SHORT].to_owned());
                text = text.replace(run, "DIGEST");
            }
        }
        words.push(text);
    }
    (words.join(" "), digests)
}

#[test]
fn a_version_lives_as_the_page_says() {
    let place = Place::new();
    fs::create_dir(place.path("models")).unwrap();
    let shipped = fs::read_to_string("models/policy.toml").unwrap();
    place.file("models/policy.toml", &shipped);
    let serving = place.serve(&[]);
    // The page's digests, and ours.
    let mut ours = BTreeMap::<String, String>::new();
    let all = steps();
    assert!(all.len() >= 9, "the page lost its commands: {}", all.len());
    for Step { command, printed } in all {
        let mut line = command.replace(ADDRESS, &serving.grpc);
        for (page, own) in &ours {
            line = line.replace(page, own);
        }
        let ran = Ran::of(place.shell(&line).output().unwrap());
        let told = ran.out.lines().chain(ran.err.lines());
        let told: Vec<_> = told.map(|it| it.replace(&serving.grpc, ADDRESS)).collect();
        let texts = |lines: &[String]| lines.iter().map(|it| masked(it).0).collect::<Vec<_>>();
        assert_eq!(texts(&told), texts(&printed), "{command}");
        for (page, own) in printed.iter().zip(&told) {
            for (page, own) in masked(page).1.into_iter().zip(masked(own).1) {
                let known = ours.entry(page).or_insert_with(|| own.clone());
                assert_eq!(*known, own, "{command}: another version");
            }
        }
    }
    let metrics = serving.page("/metrics");
    let done = |act: &str| {
        let name = format!("doorstep_policy_acts_total{{act=\"{act}\"}} ");
        let line = metrics.lines().find_map(|it| it.strip_prefix(&name));
        line.map(|it| it.parse::<u32>().unwrap())
    };
    assert_eq!(
        [done("propose"), done("activate"), done("roll_back")],
        [Some(1); 3]
    );
    assert!(metrics.contains("doorstep_in_force{"), "{metrics}");
    assert!(metrics.contains("policy=\"default\""), "{metrics}");
    serving.stop().ended(0);
}

const ORDER: &str = r#"{"order_id":"o1","customer_id":"c1","currency_code":"EUR","items":[{"unit_price_minor":"2900","category":"CATEGORY_BOOK"}],"delivery":{"address_key":"a1"}}"#;

#[test]
fn an_activated_policy_decides_and_outlives_restarts_reloads_and_a_policy_file() {
    let place = Place::new();
    let shipped = fs::read_to_string("models/policy.toml").unwrap();
    let spring = place.file(
        "spring.toml",
        &shipped.replace("id = \"default\"", "id = \"spring\""),
    );
    let facts = fs::read_to_string("models/catalogue.toml").unwrap();
    let catalogue = place.file("catalogue.toml", &facts);
    let order = place.file("order.json", ORDER);
    let data = place.path("data").display().to_string();
    let act = |args: &[&str]| {
        let mut all = vec!["policy"];
        all.extend(args);
        all.extend(["--data", &data, "--format", "json"]);
        let ran = place.run(&all).ended(0);
        serde_json::from_str::<Value>(&ran.out).unwrap()
    };
    let none = place.run(&["policy", "history", "--data", &data]).ended(4);
    assert!(
        none.err.contains("there is no data directory"),
        "{}",
        none.err
    );
    let proposed = act(&["propose", &spring, "--note", "in process"]);
    let digest = proposed["version"]["digest"].as_str().unwrap().to_owned();
    assert_eq!(proposed["stage"], "POLICY_STAGE_PROPOSED");
    act(&["approve", &digest[..6]]);
    let active = act(&["activate", &digest]);
    assert_eq!(active["stage"], "POLICY_STAGE_ACTIVE");
    assert_eq!(active["self_approved"], true);

    let decided_by = |id: &str, server: &str| {
        let text = ORDER.replace("\"o1\"", &format!("\"{id}\""));
        fs::write(&order, text).unwrap();
        let args = ["decide", &order, "--server", server, "--format", "json"];
        let told = place.run(&args).ended(0).out;
        let told: Value = serde_json::from_str(&told).unwrap();
        told["policy"]["id"].as_str().unwrap().to_owned()
    };
    let serving = place.serve(&["--data", &data, "--catalogue", &catalogue]);
    assert_eq!(decided_by("o1", &serving.grpc), "spring");
    // A changed catalogue leaves the activated policy in force.
    place.file("catalogue.toml", &format!("# changed\n{facts}"));
    let page = serving.wait_for("doorstep_reload_total{file=\"catalogue\",result=\"taken\"} 1");
    assert!(page.contains("policy=\"spring\""), "{page}");
    assert_eq!(decided_by("o2", &serving.grpc), "spring");
    let back = ["policy", "rollback", "--server", &serving.grpc];
    place.run(&back).ended(0);
    place.file("catalogue.toml", &format!("# changed again\n{facts}"));
    let page = serving.wait_for("doorstep_reload_total{file=\"catalogue\",result=\"taken\"} 2");
    assert!(page.contains("policy=\"default\""), "{page}");
    assert_eq!(decided_by("o3", &serving.grpc), "default");
    let again = ["policy", "activate", &digest, "--server", &serving.grpc];
    place.run(&again).ended(0);
    serving.stop().ended(0);

    let named = place.file(
        "named.toml",
        &shipped.replace("id = \"default\"", "id = \"named\""),
    );
    let serving = place.serve(&["--data", &data, "--policy", &named]);
    assert_eq!(decided_by("o4", &serving.grpc), "named");
    let refused = place
        .run(&["policy", "rollback", "--server", &serving.grpc])
        .ended(2);
    assert!(refused.err.contains("the authority"), "{}", refused.err);
    serving.stop().ended(0);
    let all = act(&["history"]);
    assert_eq!(all["policies"][0]["version"]["id"], "spring");
    assert_eq!(all["policies"][0]["stage"], "POLICY_STAGE_ACTIVE");
    assert_eq!(all["trail"].as_array().unwrap().len(), 5);
    place.run(&["store", "verify", "--data", &data]).ended(0);
}
