//! `docs/policy.md`, the section of these commands, from its first command to its last: what the page shows is what the commands print.

use std::fs;

use serde_json::Value;

use crate::place::{Place, Ran};

/// How the section's title ends.
const SECTION: &str = ". From an idea to a policy";

/// A block of commands, and what they print on standard output as the page shows it; none: it shows nothing.
struct Step {
    commands: String,
    shown: Option<String>,
}

/// The blocks of `sh` of the page, each with the block of `text` that follows at once.
fn steps() -> Vec<Step> {
    let page = fs::read_to_string("docs/policy.md").unwrap();
    let (_, section) = page.split_once(SECTION).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let mut steps: Vec<Step> = Vec::new();
    let mut inside: Option<(&str, String)> = None;
    let mut follows = false;
    for line in section.lines() {
        match (&mut inside, line) {
            (None, "```sh") => inside = Some(("sh", String::new())),
            (None, "```text") if follows => inside = Some(("text", String::new())),
            (None, _) => follows &= line.is_empty(),
            (Some((kind, text)), "```") => {
                let text = std::mem::take(text);
                match (*kind, steps.last_mut()) {
                    ("text", Some(last)) => last.shown = Some(text),
                    _ => steps.push(Step {
                        commands: text,
                        shown: None,
                    }),
                }
                follows = *kind == "sh";
                inside = None;
            }
            (Some((_, text)), line) => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    steps
}

/// Without what tables put at the ends of lines, and without the draft's line numbers, which move with the shipped file.
fn trimmed(text: &str) -> Vec<String> {
    let plain = |line: &str| match line.split_once("draft.toml:") {
        Some(("", rest)) => {
            format!(
                "draft.toml:{}",
                rest.trim_start_matches(|it: char| it.is_ascii_digit())
            )
        }
        _ => line.trim_end().to_owned(),
    };
    text.trim_end().lines().map(plain).collect()
}

#[test]
fn what_the_page_shows_of_its_commands_is_what_they_print() {
    let place = Place::new();
    fs::create_dir_all(place.path("models/cases")).unwrap();
    for name in [
        "models/policy.toml",
        "models/catalogue.toml",
        "models/cases/default.toml",
    ] {
        place.file(name, &fs::read_to_string(name).unwrap());
    }
    let steps = steps();
    assert!(
        steps.len() >= 7,
        "the page lost its commands: {}",
        steps.len()
    );
    let (mut wrong, mut shown) = (Vec::new(), 0);
    for step in steps {
        let ran = Ran::of(place.shell(&step.commands).output().unwrap());
        let Some(expected) = step.shown else {
            assert_eq!(
                (ran.code, ran.err.as_str()),
                (Some(0), ""),
                "{}",
                step.commands
            );
            continue;
        };
        shown += 1;
        if trimmed(&expected) != trimmed(&ran.out) {
            wrong.push(format!("{}prints\n{}{}", step.commands, ran.out, ran.err));
        }
    }
    assert!(
        shown >= 6 && wrong.is_empty(),
        "{shown} shown; {}",
        wrong.join("\n")
    );
}

#[test]
fn versions_of_the_data_directory_go_by_id_digest_and_what_is_active() {
    let place = Place::new();
    let json = |args: &[&str]| -> Value {
        let all = [&["policy"][..], args, &["--format", "json"]].concat();
        serde_json::from_str(&place.run(&all).ended(0).out).unwrap()
    };
    let shipped = json(&["show"])["digest"].clone();
    assert_eq!(
        json(&["show", "built-in"])["digest"],
        shipped,
        "nothing else was activated"
    );
    let text = fs::read_to_string("models/policy.toml").unwrap();
    let text = text.replacen("id = \"default\"", "id = \"june\"", 1);
    let file = place.file(
        "june.toml",
        &text.replacen("change_days = 14", "change_days = 7", 1),
    );
    let digest = json(&["show", &file])["digest"]
        .as_str()
        .unwrap()
        .to_owned();
    for args in [
        &["propose", &file][..],
        &["approve", &digest],
        &["activate", &digest],
    ] {
        place.run(&[&["policy"][..], args].concat()).ended(0);
    }
    for name in ["active", "june", &digest, &digest[..8]] {
        assert_eq!(json(&["show", name])["digest"], digest.as_str(), "{name}");
    }
    assert_eq!(
        place
            .run(&["policy", "show", "june", "--toml"])
            .ended(0)
            .out,
        fs::read_to_string(&file).unwrap()
    );
    let ran = place
        .run(&["policy", "diff", "built-in", "active", "--exit-code"])
        .ended(1);
    assert!(
        ran.out.contains("14 days") && ran.out.contains("2 differences"),
        "{}",
        ran.out
    );
    let told = json(&["diff", "active", &file]);
    assert_eq!(
        (
            told["identical"].as_bool(),
            told["changes"].as_array().unwrap().len()
        ),
        (Some(true), 0)
    );
    let ran = place.run(&["policy", "diff", "july", "active"]).ended(2);
    assert!(ran.err.contains("`july` is no file"), "{}", ran.err);
}

#[test]
fn a_policy_of_any_kind_of_wrong_is_refused_by_its_place() {
    let place = Place::new();
    let text = fs::read_to_string("models/policy.toml").unwrap();
    let refused = |name: &str, bytes: &[u8], expected: &[&str]| {
        let file = place.path(name);
        fs::write(&file, bytes).unwrap();
        let ran = place
            .run(&["policy", "check", file.to_str().unwrap()])
            .ended(3);
        let lines: Vec<&str> = ran
            .out
            .lines()
            .filter(|it| !it.starts_with("note: "))
            .collect();
        assert_eq!(lines.len(), expected.len(), "{}", ran.out);
        for (line, expected) in lines.iter().zip(expected) {
            let place = line.strip_prefix(file.to_str().unwrap()).unwrap();
            assert!(
                place.starts_with(':') && place[1..].starts_with(|it: char| it.is_ascii_digit()),
                "{line}"
            );
            assert!(line.contains(expected), "{line} is not {expected}");
        }
    };
    let rule =
        "\n[[rules]]\nid = \"a\"\nwhen = [\"risk > 0.5\", \"risk < 0.2\"]\nthen = \"set:otp\"\n";
    refused(
        "never.toml",
        format!("{text}{rule}").as_bytes(),
        &["can never hold together with `risk > 0.5`"],
    );
    let wrong = text
        .replacen("margin = 0.15", "margin = 7.0", 1)
        .replacen("[limits]", "[limit]", 1);
    refused(
        "both.toml",
        wrong.as_bytes(),
        &[
            "limits: is missing",
            "limit: is not known",
            "margin: is 7; must be",
        ],
    );
    refused("bytes.toml", b"id = \"a\"\n# \xff", &["2:3: is no UTF-8"]);
    refused(
        "large.toml",
        "#".repeat(10 << 20).as_bytes(),
        &["1:1: is larger than 1 MiB"],
    );
}
