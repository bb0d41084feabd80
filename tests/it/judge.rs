//! `judge` in short: two worlds, one seed, few orders, and what must hold in any world.

use std::process::{Command, Output};

use serde_json::Value;

fn judge(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorstep"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("DOORSTEP_")) {
        command.env_remove(name);
    }
    command.arg("judge").args(args).output().unwrap()
}

fn judged(args: &[&str]) -> Value {
    let ran = judge(args);
    let told = String::from_utf8_lossy(&ran.stderr);
    assert!(matches!(ran.status.code(), Some(0 | 1)), "{told}");
    serde_json::from_slice(&ran.stdout).unwrap()
}

fn figure(sheet: &Value, row: &str, column: &str) -> f64 {
    let rows = sheet["rows"].as_array().unwrap();
    let line = rows.iter().find(|line| line["row"] == row).unwrap();
    line[column]["mean"].as_f64().unwrap()
}

/// Two worlds: nothing out of the ordinary, and one that departs from the prior.
const SHORT: &[&str] = &[
    "baseline",
    "departed",
    "--orders",
    "3000",
    "--seeds",
    "1",
    "--format",
    "json",
    "--rows",
    "none,above-100,everybody,random-tenth,prior,oracle",
];

#[test]
fn nobody_beats_the_oracle_and_the_prior_beats_what_shops_do_today() {
    let tables = judged(SHORT);
    let sheets = tables["sheets"].as_array().unwrap();
    assert_eq!(sheets.len(), 3, "all together, and two worlds");
    for sheet in sheets {
        let total = |row: &str| figure(sheet, row, "total");
        for row in ["none", "above-100", "everybody", "random-tenth", "prior"] {
            assert!(total("oracle") < total(row), "{row} in {sheet:#}");
        }
        for row in ["none", "everybody", "random-tenth"] {
            assert!(total("prior") < total(row), "{row} in {sheet:#}");
        }
        assert!(figure(sheet, "none", "verification").abs() < 1e-9);
        assert!(figure(sheet, "none", "bothered_percent").abs() < 1e-9);
        let bothered = |row: &str| figure(sheet, row, "bothered_percent");
        assert!(bothered("prior") < bothered("above-100"), "{sheet:#}");
        for row in ["none", "prior", "oracle"] {
            let (lost, spent) = (
                figure(sheet, row, "lost"),
                figure(sheet, row, "verification"),
            );
            assert!(
                (lost + spent - total(row)).abs() < 1e-6,
                "{row} in {sheet:#}"
            );
        }
    }
}

#[test]
fn the_tables_are_the_same_on_any_number_of_threads() {
    let with = |threads: &str| {
        judged(&[
            "baseline",
            "--orders",
            "400",
            "--seeds",
            "2",
            "--format",
            "json",
            "--rows",
            "none,above-best,prior",
            "--threads",
            threads,
        ])
    };
    assert_eq!(with("1"), with("4"));
}

#[test]
fn what_cannot_be_judged_is_told() {
    let wrong: [(&[&str], &str); 3] = [
        (&["atlantis"], "there is no scenario `atlantis`"),
        (&["baseline", "--rows", "none,wisdom"], "wisdom"),
        (
            &["baseline", "--rows", "none", "--judged", "prior"],
            "`prior` is not among the rows",
        ),
    ];
    for (args, expected) in wrong {
        let ran = judge(args);
        let told = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!(ran.status.code(), Some(2), "{args:?}: {told}");
        assert!(told.contains(expected), "{args:?}: {told}");
    }
}

#[test]
fn tables_go_between_the_marks_of_a_document_and_nowhere_else() {
    let place = tempfile::tempdir().unwrap();
    let page = place.path().join("page.md");
    let marks = (
        "<!-- doorstep judge: from here on written by the command -->",
        "<!-- doorstep judge: to here -->",
    );
    std::fs::write(
        &page,
        format!("before\n{}\nold\n{}\nafter\n", marks.0, marks.1),
    )
    .unwrap();
    let into = page.display().to_string();
    let few = [
        "baseline",
        "--orders",
        "200",
        "--seeds",
        "1",
        "--rows",
        "none,everybody",
    ];
    let args: Vec<&str> = few
        .into_iter()
        .chain(["--judged", "none", "--into", &into])
        .collect();
    judge(&args);
    let text = std::fs::read_to_string(&page).unwrap();
    assert!(
        text.starts_with("before\n") && text.ends_with("\nafter\n"),
        "{text}"
    );
    assert!(
        !text.contains("old") && text.contains("| everybody |"),
        "{text}"
    );
    std::fs::write(&page, "no marks").unwrap();
    let ran = judge(&args);
    assert_eq!(ran.status.code(), Some(3));
    assert_eq!(std::fs::read_to_string(&page).unwrap(), "no marks");
}
