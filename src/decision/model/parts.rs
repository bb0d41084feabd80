//! A scorecard as its parts, for who writes one: put together here, written as the artifact's text with its checksum.
//!
//! Checking is not here: a text that was written is read like any other before it is used.

use serde_json::{Map, Value};

use super::artifact::{FORMAT, checksum, name};
use super::{Bins, Kind, Model, Row, layout};
use crate::decision::signal::Signal;
use crate::domain::hazard::Hazard;
use crate::domain::units::LogOddsMicro;

/// What an artifact says.
#[derive(Clone, Debug, PartialEq)]
pub struct Parts {
    /// The name that people use; also the file's, without `.json`.
    pub name: String,
    /// Whether its numbers were assumed or learned.
    pub kind: Kind,
    /// The day of the newest thing it rests on, `YYYY-MM-DD`.
    pub created: String,
    /// What people should know before they trust it.
    pub note: String,
    /// Data, settings and figures; null: none.
    pub card: Value,
    /// Every signal that has bins.
    pub signals: Vec<(Signal, Bins)>,
    /// In the order of [`Hazard::ALL`].
    pub hazards: [HazardParts; Hazard::COUNT],
}

/// What an artifact says of one hazard.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HazardParts {
    /// Log-odds of the order whose bins all weigh nothing, in millionths.
    pub base: LogOddsMicro,
    /// One weight a bin, "missing" first; a signal that weighs nothing may be left out.
    pub mains: Vec<(Signal, Vec<LogOddsMicro>)>,
    /// What two signals weigh together.
    pub pairs: Vec<PairParts>,
}

/// What two signals weigh together, beyond what each weighs alone.
#[derive(Clone, Debug, PartialEq)]
pub struct PairParts {
    /// Which.
    pub signals: [Signal; 2],
    /// One list a bin of the first, one weight a bin of the second.
    pub table: Vec<Vec<LogOddsMicro>>,
}

impl Model {
    /// The parts that this model was read from; lists of zeros left out.
    #[must_use]
    pub fn parts(&self) -> Parts {
        let weighs = |weights: &[LogOddsMicro]| weights.iter().any(|it| *it != 0);
        let hazard = |hazard: Hazard| {
            let column = |rows: &[Row]| -> Vec<LogOddsMicro> {
                let one = |row: &Row| row.get(hazard.index()).copied().unwrap_or(0);
                rows.iter().map(one).collect()
            };
            let mains = self.terms.iter().map(|it| (it.signal, column(&it.rows)));
            let pairs = self.pairs.iter().map(|pair| PairParts {
                signals: pair.signals,
                table: pair.rows.chunks(pair.width).map(column).collect(),
            });
            HazardParts {
                base: self.base.get(hazard.index()).copied().unwrap_or(0),
                mains: mains.filter(|(_, weights)| weighs(weights)).collect(),
                pairs: pairs
                    .filter(|pair| pair.table.iter().any(|it| weighs(it)))
                    .collect(),
            }
        };
        Parts {
            name: self.version.id.clone(),
            kind: self.kind,
            created: self.created.clone(),
            note: self.note.clone(),
            card: self.card.clone(),
            signals: self
                .terms
                .iter()
                .map(|it| (it.signal, it.bins.clone()))
                .collect(),
            hazards: [
                Hazard::PorchTheft,
                Hazard::CourierTheft,
                Hazard::Substitution,
                Hazard::FalseClaim,
                Hazard::AccountTakeover,
            ]
            .map(hazard),
        }
    }
}

impl Parts {
    /// The artifact's text, checksum included; the same parts give the same bytes.
    #[must_use]
    pub fn write(&self) -> String {
        let mut lines = vec![
            ("format", Value::from(FORMAT).to_string()),
            ("name", Value::from(self.name.as_str()).to_string()),
            ("kind", Value::from(self.kind.name()).to_string()),
            ("created", Value::from(self.created.as_str()).to_string()),
            ("note", Value::from(self.note.as_str()).to_string()),
        ];
        if !self.card.is_null() {
            lines.push(("card", layout::value(&self.card, 2)));
        }
        lines.push(("signals", self.signals_text()));
        lines.push(("hazards", self.hazards_text()));
        let sum = sum_of(&layout::block(&lines, 0));
        lines.push(("sha256", Value::from(sum).to_string()));
        let mut text = layout::block(&lines, 0);
        text.push('\n');
        text
    }

    fn signals_text(&self) -> String {
        let lines: Vec<String> = self
            .signals
            .iter()
            .map(|(signal, bins)| {
                let mut members = vec![
                    ("signal", Value::from(signal.name())),
                    ("unit", Value::from(signal.unit().name())),
                ];
                match bins {
                    Bins::Edges(edges) => {
                        members.push(("edges", edges.iter().copied().map(number).collect()));
                    }
                    Bins::Names(numbers) => {
                        members.push((
                            "names",
                            numbers.iter().map(|it| named(*signal, *it)).collect(),
                        ));
                    }
                    Bins::YesNo => {}
                }
                format!("    {}", layout::object(&members, 4))
            })
            .collect();
        format!("[\n{}\n  ]", lines.join(",\n"))
    }

    fn hazards_text(&self) -> String {
        let members: Vec<(&str, String)> = Hazard::ALL
            .iter()
            .zip(&self.hazards)
            .map(|(hazard, parts)| (hazard.key(), parts.text()))
            .collect();
        layout::block(&members, 2)
    }
}

impl HazardParts {
    fn text(&self) -> String {
        let list = |weights: &[LogOddsMicro]| -> Vec<Value> {
            weights.iter().copied().map(Value::from).collect()
        };
        let mains: Vec<(&str, String)> = self
            .mains
            .iter()
            .map(|(signal, weights)| (signal.name(), layout::list(&list(weights), 8)))
            .collect();
        let mut members = vec![
            ("base", self.base.to_string()),
            ("terms", layout::block(&mains, 6)),
        ];
        if !self.pairs.is_empty() {
            let pairs: Vec<String> = self
                .pairs
                .iter()
                .map(|pair| {
                    let names = pair.signals.map(|it| Value::from(it.name()));
                    let mut members = vec![("signals", Value::from(names.to_vec()))];
                    let (joined, table) = pair.joined();
                    if table.len() < pair.table.len()
                        || table.first().map(Vec::len) < pair.table.first().map(Vec::len)
                    {
                        let runs = joined.map(Value::from);
                        members.push(("joined", Value::from(runs.to_vec())));
                    }
                    let table = table.iter().map(|line| Value::from(list(line)));
                    members.push(("table", table.collect()));
                    format!("        {}", layout::object(&members, 8))
                })
                .collect();
            members.push(("pairs", format!("[\n{}\n      ]", pairs.join(",\n"))));
        }
        layout::block(&members, 4)
    }
}

/// Smaller tables are written as they are.
const CELLS_MIN: usize = 100;

impl PairParts {
    /// The table with equal neighbours joined, and how many bins each line and each column of it stands for.
    fn joined(&self) -> ([Vec<usize>; 2], Vec<Vec<LogOddsMicro>>) {
        let width = self.table.first().map_or(0, Vec::len);
        if self.table.len() * width < CELLS_MIN {
            return (
                [vec![1; self.table.len()], vec![1; width]],
                self.table.clone(),
            );
        }
        let (up, lines) = runs(&self.table);
        let turned: Vec<Vec<LogOddsMicro>> = (0..width).map(|at| column(&lines, at)).collect();
        let (across, columns) = runs(&turned);
        let table = (0..lines.len()).map(|at| column(&columns, at)).collect();
        ([up, across], table)
    }
}

/// The entries at this place of each line.
fn column(lines: &[Vec<LogOddsMicro>], at: usize) -> Vec<LogOddsMicro> {
    let entry = |line: &Vec<LogOddsMicro>| line.get(at).copied().unwrap_or(0);
    lines.iter().map(entry).collect()
}

/// Equal neighbours as one, and how many each stands for.
fn runs(lines: &[Vec<LogOddsMicro>]) -> (Vec<usize>, Vec<Vec<LogOddsMicro>>) {
    let (mut counts, mut found): (Vec<usize>, Vec<Vec<LogOddsMicro>>) = (Vec::new(), Vec::new());
    for line in lines {
        match counts.last_mut() {
            Some(count) if found.last() == Some(line) => *count += 1,
            _ => {
                counts.push(1);
                found.push(line.clone());
            }
        }
    }
    (counts, found)
}

impl Bins {
    /// What each bin holds, for people: "missing", then `< 50`, `50 to 150`, `>= 150`, or names, or `no` and `yes`.
    #[must_use]
    pub fn labels(&self, signal: Signal) -> Vec<String> {
        let mut labels = vec!["missing".to_owned()];
        match self {
            Self::Edges(edges) => {
                if let Some(first) = edges.first() {
                    labels.push(format!("< {first}"));
                } else {
                    labels.push("any".to_owned());
                }
                for two in edges.windows(2) {
                    if let [from, to] = two {
                        labels.push(format!("{from} to {to}"));
                    }
                }
                labels.extend(edges.last().map(|last| format!(">= {last}")));
            }
            Self::Names(numbers) => {
                let name = |it: &f64| named(signal, *it).as_str().unwrap_or("?").to_owned();
                labels.extend(numbers.iter().map(name));
                labels.push("others".to_owned());
            }
            Self::YesNo => labels.extend(["no".to_owned(), "yes".to_owned()]),
        }
        labels
    }
}

impl Kind {
    /// Its name in the artifact.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prior => "prior",
            Self::Trained => "trained",
        }
    }
}

/// The checksum of a text without one.
fn sum_of(text: &str) -> String {
    let read: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
    checksum(&read).to_string()
}

/// A number as people write it: without a fraction where it has none.
fn number(value: f64) -> Value {
    let whole = format!("{value:.0}").parse::<i64>();
    match whole {
        Ok(whole) if value.abs() < 1e15 && value.fract().abs() <= 0.0 => Value::from(whole),
        _ => Value::from(value),
    }
}

fn named(signal: Signal, number: f64) -> Value {
    let number = format!("{number:.0}").parse().unwrap_or(-1);
    name(signal, number).map_or(Value::Null, Value::from)
}
