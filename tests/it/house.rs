//! The house's rules that Cargo does not check: which room may use which, and which word belongs
//! in which room. Reads `src/` as text; it does not resolve names, so an alias can fool it.

use std::fs;
use std::path::{Path, PathBuf};

/// A room's floor: a room uses only rooms on lower floors. `main` stands above them all.
const FLOORS: &[(&str, u8)] = &[
    ("domain", 0),
    ("stats", 0),
    ("decision", 1),
    ("store", 2),
    ("lab", 3),
    ("service", 4),
    ("api", 5),
    ("cli", 6),
];

/// A word, and the only places (a module's path from `src/`, itself and all below) that may say it.
const WORDS: &[(&str, &[&str])] = &[
    ("tonic::", &["api", "cli"]),
    ("pb::", &["api", "cli"]),
    ("include_proto!", &["api/wire", "store/record"]),
    ("rusqlite", &["store/sqlite"]),
    ("tokio_postgres", &["store/postgres"]),
    ("linfa", &["lab/train"]),
    ("ndarray", &["lab/train"]),
    ("cel::", &["decision/policy"]),
    ("fluent", &["decision/texts"]),
    ("jiff", &["domain"]),
    ("libm", &["domain", "decision", "stats", "lab"]),
    ("statrs", &["stats"]),
    ("std::env", &["cli/config"]),
    ("SystemTime", &["cli"]),
    ("rand::", &["lab/simulate"]),
    ("async fn", &["store", "lab", "service", "api", "cli"]),
    (".await", &["store", "lab", "service", "api", "cli"]),
];

/// One source file: its module's path (`store/sqlite`), and its lines without comments.
struct Source {
    module: String,
    lines: Vec<String>,
}

impl Source {
    fn new(module: &str, text: &str) -> Self {
        Self {
            module: module.to_owned(),
            lines: text.lines().map(code).collect(),
        }
    }

    fn room(&self) -> &str {
        self.module.split('/').next().unwrap_or_default()
    }

    fn is_in(&self, place: &str) -> bool {
        self.module
            .strip_prefix(place)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// A line without its comment. A `//` inside a string ends the line too: good enough for words.
fn code(line: &str) -> String {
    line.split("//").next().unwrap_or_default().to_owned()
}

fn floor(room: &str) -> Option<u8> {
    FLOORS
        .iter()
        .find(|(name, _)| *name == room)
        .map(|(_, floor)| *floor)
}

/// True for a character that can be part of a name.
fn in_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether `line` says `word`, and not merely a longer name that ends or begins with it.
fn says(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let open_start = word.starts_with(in_name) && before.is_some_and(in_name);
        let open_end = word.ends_with(in_name) && after.is_some_and(in_name);
        !open_start && !open_end
    })
}

/// Every name that follows `crate::`, those of `use crate::{..}` over several lines included.
fn rooms_used(source: &Source) -> Vec<String> {
    let text = source.lines.join("\n");
    let mut used = Vec::new();
    for (at, start) in text.match_indices("crate::") {
        let rest = &text[at + start.len()..];
        if let Some(group) = rest.strip_prefix('{') {
            used.extend(heads(group));
        } else {
            used.push(rest.chars().take_while(|c| in_name(*c)).collect());
        }
    }
    used
}

/// The first name of each entry of a `{..}` group whose opening brace is already taken.
fn heads(group: &str) -> Vec<String> {
    let (mut heads, mut depth, mut head, mut open) = (Vec::new(), 0_u32, String::new(), true);
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                heads.push(std::mem::take(&mut head));
                open = true;
            }
            _ if depth == 0 && open && in_name(c) => head.push(c),
            _ if depth == 0 && !head.is_empty() => open = false,
            _ => {}
        }
    }
    heads.push(head);
    heads.retain(|head| !head.is_empty());
    heads
}

/// Every fault of a tree, as sentences.
fn faults(sources: &[Source]) -> Vec<String> {
    let mut faults = Vec::new();
    for source in sources {
        let room = source.room();
        if room == "lib" || room == "main" {
            continue;
        }
        let Some(own) = floor(room) else {
            faults.push(format!(
                "`{room}` is no room: give it a floor in tests/it/house.rs"
            ));
            continue;
        };
        for used in rooms_used(source) {
            if used != room && floor(&used).is_some_and(|other| other >= own) {
                faults.push(format!("{}: `{room}` must not use `{used}`", source.module));
            }
        }
        for (word, places) in WORDS {
            let here = places.iter().any(|place| source.is_in(place));
            if !here && source.lines.iter().any(|line| says(line, word)) {
                faults.push(format!(
                    "{}: `{word}` belongs in {}",
                    source.module,
                    places.join(", ")
                ));
            }
        }
    }
    faults
}

/// All of `src/`, sorted by path.
fn tree() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut open, mut files) = (vec![root.clone()], Vec::<PathBuf>::new());
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
        .iter()
        .map(|path| {
            let module = path.strip_prefix(&root).unwrap().with_extension("");
            Source::new(
                &module.to_string_lossy().replace('\\', "/"),
                &fs::read_to_string(path).unwrap(),
            )
        })
        .collect()
}

#[test]
fn the_house_is_in_order() {
    let sources = tree();
    assert!(
        sources.iter().any(|s| s.module == "lib"),
        "src/lib.rs was not found"
    );
    let faults = faults(&sources);
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_file_opens_by_saying_what_lives_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for source in tree() {
        let path = root.join(format!("{}.rs", source.module));
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            text.starts_with("//!"),
            "{} does not open with `//!`",
            path.display()
        );
    }
}

#[test]
fn a_planted_fault_is_found() {
    let check = |module: &str, text: &str, expected: &[&str]| {
        assert_eq!(
            faults(&[Source::new(module, text)]),
            expected,
            "{module}: {text}"
        );
    };
    check(
        "decision/judge",
        "use crate::store::Error;",
        &["decision/judge: `decision` must not use `store`"],
    );
    check(
        "domain/order",
        "use crate::{\n    decision::{Signal, model},\n    domain::Action,\n};",
        &["domain/order: `domain` must not use `decision`"],
    );
    check(
        "stats/ratio",
        "fn f(x: crate::domain::Order) {}",
        &["stats/ratio: `stats` must not use `domain`"],
    );
    check(
        "service/decide",
        "use rusqlite::Connection;",
        &["service/decide: `rusqlite` belongs in store/sqlite"],
    );
    check(
        "decision/judge",
        "async fn judge() {}",
        &["decision/judge: `async fn` belongs in store, lab, service, api, cli"],
    );
    check(
        "store/sqlites",
        "use rusqlite::Connection;",
        &["store/sqlites: `rusqlite` belongs in store/sqlite"],
    );
    check(
        "cellar",
        "",
        &["`cellar` is no room: give it a floor in tests/it/house.rs"],
    );
}

#[test]
fn a_lawful_line_is_left_alone() {
    let check = |module: &str, text: &str| {
        assert_eq!(
            faults(&[Source::new(module, text)]),
            [""; 0],
            "{module}: {text}"
        );
    };
    check(
        "decision/judge",
        "use crate::domain::Order; // never crate::store",
    );
    check("decision/judge", "use crate::decision::model;");
    check(
        "decision/judge",
        "let parcel::Kind = excel::open(superb::Pb);",
    );
    check("decision/policy/rules", "use cel::Program;");
    check("store/sqlite/load", "use rusqlite::Connection;");
    check("main", "fn main() { crate::cli::main() }");
}
