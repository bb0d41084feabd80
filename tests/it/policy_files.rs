//! Policies as the commands that need no server name, show, compare and refuse them.

use std::fs;

use serde_json::Value;

use crate::place::Place;

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
    // Whoever mistypes the directory is not told of another policy without a word.
    let said = place.run(&["policy", "show"]).ended(0).err;
    assert!(said.starts_with("there is no data directory"), "{said}");
    let said = place.run(&["policy", "show", "built-in"]).ended(0).err;
    assert_eq!(said, "");
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
