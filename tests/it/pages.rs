//! Pages that are told in commands: each ```` ```sh ```` block is run in order as a shell runs it, and what it prints is what
//! the ```` ```text ```` block after it shows. With `DOORSTEP_BLESS` set, the page is written anew.
//!
//! A line runs by itself, in the page's own directory; with `<<'END'` it goes on until the line `END`.
//! `…` in a page stands for whatever is different each time, as the id of a decision. A line that ends with ` &` starts a
//! server; where the page says 127.0.0.1:50051, the commands after it reach that one. A line that ends with
//! ` # exits N` ends with that code.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::place::{Place, Ran, Serving};

/// A part of a page.
enum Part {
    Text(String),
    /// The block's lines.
    Commands(Vec<String>),
    /// What is shown of the commands before it.
    Shown(String),
}

fn parts(page: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut lines = page.lines().peekable();
    let mut text = String::new();
    while let Some(line) = lines.next() {
        let is_block = line == "```sh" || line == "```text";
        if !is_block {
            text.push_str(line);
            text.push('\n');
            continue;
        }
        parts.push(Part::Text(std::mem::take(&mut text)));
        let block: Vec<String> = lines
            .by_ref()
            .take_while(|it| *it != "```")
            .map(str::to_owned)
            .collect();
        parts.push(if line == "```sh" {
            Part::Commands(block)
        } else {
            Part::Shown(block.join("\n"))
        });
    }
    parts.push(Part::Text(text));
    parts
}

/// The commands of a block: its lines, each with the text it is given by `<<'END'`.
fn commands(lines: &[String]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut inside = false;
    for line in lines {
        match all.last_mut() {
            Some(command) if inside => {
                command.push('\n');
                command.push_str(line);
                inside = line != "END";
            }
            _ => {
                inside = line.contains("<<'END'");
                all.push(line.clone());
            }
        }
    }
    all
}

/// Whether a line is what the page shows, `…` standing for anything.
fn is_like(shown: &str, line: &str) -> bool {
    let mut pieces = shown.split('…');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = line.strip_prefix(first) else {
        return false;
    };
    let mut last = first;
    let mut open = false;
    for piece in pieces {
        let Some(at) = rest.find(piece) else {
            return false;
        };
        rest = &rest[at + piece.len()..];
        last = piece;
        open = true;
    }
    rest.is_empty() || (open && last.is_empty())
}

/// Keeps the page's line where it still holds, so that blessing keeps its `…`.
fn blessed(shown: &str, printed: &str) -> String {
    let mut old = shown.lines();
    let lines = printed.lines().map(|line| match old.next() {
        Some(old) if is_like(old, line) => old,
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

struct Session {
    place: Place,
    servers: Vec<Serving>,
}

impl Session {
    fn command(&self, line: &str) -> Command {
        let here = self
            .servers
            .last()
            .map_or("127.0.0.1:9", |it| it.grpc.as_str());
        let mut command = self.place.shell(&line.replace("127.0.0.1:50051", here));
        command
            .env("DOORSTEP_SERVER_RELOAD", "20ms")
            .env("DOORSTEP_SERVER_DRAIN_PAUSE", "1ms");
        command
    }

    fn run(&mut self, line: &str) -> String {
        if let Some(line) = line.strip_suffix(" &") {
            let ports = "--listen 127.0.0.1:0 --metrics 127.0.0.1:0";
            let command = self.command(&format!("exec {line} {ports}"));
            self.servers.push(Serving::start(command));
            return String::new();
        }
        let (line, code) = match line.split_once(" # exits ") {
            Some((line, code)) => (line, code.parse().unwrap()),
            None => (line, 0),
        };
        let ran = Ran::of(self.command(line).output().unwrap()).ended(code);
        ran.out
    }
}

/// Runs a page of `docs/`, or of it one chapter, named by how its heading begins.
#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the tests says so whether pages are written anew"
)]
pub(crate) fn check(name: &str, chapter: Option<&str>) {
    let place = Place::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["models", "models/cases"] {
        // What the page names stands where its reader has it, and may be written over.
        fs::create_dir(place.path(folder)).unwrap();
        for file in fs::read_dir(root.join(folder)).unwrap().map(Result::unwrap) {
            if file.file_type().unwrap().is_file() {
                let copy = place.path(folder).join(file.file_name());
                fs::copy(file.path(), copy).unwrap();
            }
        }
    }
    let mut session = Session {
        place,
        servers: Vec::new(),
    };
    let file = root.join("docs").join(name);
    let page = fs::read_to_string(&file).unwrap();
    let (before, told, after) = chapter.map_or(("", page.as_str(), ""), |heading| {
        let (_, rest) = page.split_once(heading).unwrap();
        let from = page.len() - rest.len();
        let to = rest.find("\n## ").map_or(page.len(), |it| from + it + 1);
        (&page[..from], &page[from..to], &page[to..])
    });
    let (mut new, mut wrong, mut printed) = (before.to_owned(), Vec::new(), String::new());
    for part in parts(told) {
        match part {
            Part::Text(text) => new.push_str(&text),
            Part::Commands(lines) => {
                printed.clear();
                for command in &commands(&lines) {
                    printed.push_str(&session.run(command));
                }
                writeln!(new, "```sh\n{}\n```", lines.join("\n")).unwrap();
            }
            Part::Shown(shown) => {
                assert!(
                    !printed.trim().is_empty(),
                    "{name} shows what printed nothing:\n{shown}"
                );
                let told = blessed(&shown, printed.trim_end());
                if told != shown {
                    wrong.push(format!("{name} shows\n{shown}\nbut it is\n{printed}"));
                }
                writeln!(new, "```text\n{told}\n```").unwrap();
            }
        }
    }
    if std::env::var_os("DOORSTEP_BLESS").is_some() {
        new.push_str(after);
        fs::write(&file, new).unwrap();
        return;
    }
    assert!(
        wrong.is_empty(),
        "{}\nDOORSTEP_BLESS=1 cargo test writes it anew",
        wrong.join("\n")
    );
}

#[test]
fn three_dots_stand_for_anything() {
    for (shown, line, expected) in [
        ("a … c", "a b c", true),
        ("a …", "a b c", true),
        ("… c", "a b c", true),
        ("a b c", "a b c", true),
        ("a b", "a b c", false),
        ("a … d", "a b c", false),
        ("… b", "a b c", false),
    ] {
        assert_eq!(is_like(shown, line), expected, "{shown} against {line}");
    }
}

#[test]
fn from_an_idea_to_a_policy_is_as_the_policy_page_tells_it() {
    check("policy.md", Some("## 11. From an idea to a policy"));
}

#[test]
fn a_week_of_the_fraud_team_is_as_the_policy_page_tells_it() {
    check("policy.md", Some("## 13. A week of the fraud team"));
}

#[test]
fn tuning_is_as_the_page_tells_it() {
    check("tuning.md", None);
}

#[test]
fn shadows_are_as_the_policy_page_tells_them() {
    check("policy.md", Some("## 10. Shadows"));
}

#[test]
fn a_backtest_is_as_the_policy_page_tells_it() {
    check("policy.md", Some("## 12. Backtest"));
}
