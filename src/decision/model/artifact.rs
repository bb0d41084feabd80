//! The artifact: readable JSON with a checksum, read whole or refused with every path that is wrong.
//!
//! A pair's table may be written on joined bins: `joined` then tells how many neighbouring bins of either signal each line
//! and each column stands for.
//!
//! The checksum is the SHA-256 of the canonical rest: the file's object without `sha256`, names sorted, no white space,
//! numbers and texts as `serde_json` writes them. Layout does not enter it, so a file may be indented as people like.

use serde_json::{Map, Value};

use super::{Bins, Kind, Model, Pair, Row, Term};
use crate::decision::problem::{Problem, nearest};
use crate::decision::record::Version;
use crate::decision::signal::{Signal, Unit};
use crate::domain::hazard::Hazard;
use crate::domain::order::{AddressType, Category, PaymentKind};
use crate::domain::units::{Digest, LogOddsMicro};

/// The only format that this engine reads.
pub(super) const FORMAT: &str = "doorstep/model/1";

/// No weight and no base is larger, in millionths of log-odds: sums never overflow, probabilities stay above 10^-22.
const WEIGHT_MAX: LogOddsMicro = 50_000_000;

/// Bins of one signal, "missing" included.
const BINS_MAX: usize = 512;

/// Bytes of a file.
const FILE_MAX: usize = 64 << 20;

const KNOWN: &[&str] = &[
    "format", "name", "kind", "created", "note", "card", "signals", "hazards", "sha256",
];

pub(super) fn load(text: &str) -> Result<Model, Vec<Problem>> {
    if text.len() > FILE_MAX {
        return Err(vec![Problem::at_path("", "is larger than 64 MiB")]);
    }
    let value: Value = serde_json::from_str(text).map_err(|fault| {
        vec![Problem {
            line: u32::try_from(fault.line()).unwrap_or(0),
            column: u32::try_from(fault.column()).unwrap_or(0),
            path: String::new(),
            message: format!("is no JSON: {fault}"),
        }]
    })?;
    let mut reader = Reader::default();
    let model = reader.model(&value);
    match model {
        Some(model) if reader.problems.is_empty() => Ok(model),
        _ => Err(reader.problems),
    }
}

/// The SHA-256 over the canonical text of `artifact` without its `sha256`.
pub(super) fn checksum(artifact: &Map<String, Value>) -> Digest {
    let mut rest = artifact.clone();
    rest.remove("sha256");
    let mut text = String::new();
    canonical(&Value::Object(rest), &mut text);
    Digest::of(text.as_bytes())
}

fn canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort();
            text.push('{');
            for (place, name) in names.into_iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                text.push_str(&Value::String(name.clone()).to_string());
                text.push(':');
                canonical(members.get(name).unwrap_or(&Value::Null), text);
            }
            text.push('}');
        }
        Value::Array(entries) => {
            text.push('[');
            for (place, entry) in entries.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                canonical(entry, text);
            }
            text.push(']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            text.push_str(&value.to_string());
        }
    }
}

/// Walks the artifact and notes whatever is wrong.
#[derive(Default)]
struct Reader {
    problems: Vec<Problem>,
}

impl Reader {
    fn wrong(&mut self, path: &str, message: impl Into<String>) {
        self.problems.push(Problem::at_path(path, message));
    }

    fn model(&mut self, value: &Value) -> Option<Model> {
        let members = self.object("", value, KNOWN)?;
        let format = self.text("format", members)?;
        if format != FORMAT {
            self.wrong(
                "format",
                format!("is `{format}`; this engine reads `{FORMAT}`"),
            );
            return None;
        }
        let id = self.text("name", members);
        let kind = self.text("kind", members).and_then(|kind| match kind {
            "prior" => Some(Kind::Prior),
            "trained" => Some(Kind::Trained),
            _ => {
                self.wrong("kind", format!("is `{kind}`; must be `prior` or `trained`"));
                None
            }
        });
        let created = self.text("created", members);
        let note = self.text("note", members);
        let digest = checksum(members);
        self.sum(members, digest);
        let terms = self.signals(members);
        let mut model = Model {
            version: Version {
                id: id?.to_owned(),
                digest,
            },
            kind: kind?,
            note: note?.to_owned(),
            created: created?.to_owned(),
            card: members.get("card").cloned().unwrap_or(Value::Null),
            base: [0; Hazard::COUNT],
            terms,
            pairs: Vec::new(),
        };
        self.hazards(members, &mut model);
        Some(model)
    }

    fn sum(&mut self, members: &Map<String, Value>, digest: Digest) {
        if let Some(said) = self.text("sha256", members)
            && Digest::parse(said) != Some(digest)
        {
            self.wrong(
                "sha256",
                format!("is {said}, but the content gives {digest}"),
            );
        }
    }

    fn signals(&mut self, members: &Map<String, Value>) -> Vec<Term> {
        let mut terms: Vec<Term> = Vec::new();
        for (place, entry) in self.list("signals", members).iter().enumerate() {
            let path = format!("signals[{place}]");
            let known = ["signal", "unit", "edges", "names"];
            let Some(term) = self
                .object(&path, entry, &known)
                .and_then(|entry| self.signal(&path, entry))
            else {
                continue;
            };
            if terms.iter().any(|other| other.signal == term.signal) {
                let name = term.signal.name();
                self.wrong(&path, format!("`{name}` is listed before"));
            }
            terms.push(term);
        }
        terms
    }

    fn signal(&mut self, path: &str, entry: &Map<String, Value>) -> Option<Term> {
        let signal = self.named(&format!("{path}.signal"), entry.get("signal"))?;
        let unit = signal.unit();
        if entry.get("unit").and_then(Value::as_str) != Some(unit.name()) {
            self.wrong(
                &format!("{path}.unit"),
                format!("must be `{}`", unit.name()),
            );
        }
        let bins = match unit {
            Unit::YesNo => Bins::YesNo,
            Unit::Category => Bins::Names(self.numbers(path, signal, entry)?),
            Unit::Money
            | Unit::MoneyPerLitre
            | Unit::MoneyPerKg
            | Unit::Count
            | Unit::Days
            | Unit::Hours
            | Unit::Kg
            | Unit::Ratio
            | Unit::Share
            | Unit::Month
            | Unit::Clock => Bins::Edges(self.edges(path, entry)?),
        };
        if bins.count() > BINS_MAX {
            self.wrong(path, format!("has more than {BINS_MAX} bins"));
            return None;
        }
        let rows = vec![[0; Hazard::COUNT]; bins.count()];
        Some(Term { signal, bins, rows })
    }

    fn named(&mut self, path: &str, value: Option<&Value>) -> Option<Signal> {
        let Some(name) = value.and_then(Value::as_str) else {
            self.wrong(path, "must be a signal's name");
            return None;
        };
        let signal = Signal::from_name(name);
        if signal.is_none() {
            let names = Signal::ALL.iter().map(|it| it.name());
            let meant = nearest(name, names)
                .map_or_else(String::new, |it| format!("; `{it}` was meant, perhaps"));
            self.wrong(path, format!("no signal is called `{name}`{meant}"));
        }
        signal
    }

    fn edges(&mut self, path: &str, entry: &Map<String, Value>) -> Option<Vec<f64>> {
        let path = format!("{path}.edges");
        let Some(listed) = entry.get("edges").and_then(Value::as_array) else {
            self.wrong(&path, "must be a list of numbers");
            return None;
        };
        let edges: Vec<f64> = listed.iter().filter_map(Value::as_f64).collect();
        if edges.len() != listed.len() || edges.iter().any(|edge| !edge.is_finite()) {
            self.wrong(&path, "must be a list of finite numbers");
            return None;
        }
        if edges.windows(2).any(|two| two.first() >= two.last()) {
            self.wrong(&path, "must increase");
            return None;
        }
        Some(edges)
    }

    fn numbers(
        &mut self,
        path: &str,
        signal: Signal,
        entry: &Map<String, Value>,
    ) -> Option<Vec<f64>> {
        let path = format!("{path}.names");
        let Some(listed) = entry.get("names").and_then(Value::as_array) else {
            self.wrong(&path, "must be a list of names");
            return None;
        };
        let mut numbers = Vec::new();
        for name in listed {
            let number = name.as_str().and_then(|name| number(signal, name));
            match number {
                Some(number) if !numbers.contains(&number) => numbers.push(number),
                Some(_) => self.wrong(&path, format!("{name} is listed twice")),
                None => {
                    self.wrong(&path, format!("`{}` knows no {name}", signal.name()));
                    return None;
                }
            }
        }
        Some(numbers.into_iter().map(f64::from).collect())
    }

    fn hazards(&mut self, members: &Map<String, Value>, model: &mut Model) {
        let keys = Hazard::ALL.iter().map(|it| it.key()).collect::<Vec<_>>();
        let Some(hazards) = members
            .get("hazards")
            .and_then(|value| self.object("hazards", value, &keys))
        else {
            self.wrong("hazards", "must hold all five");
            return;
        };
        for hazard in Hazard::ALL.iter().copied() {
            let path = format!("hazards.{}", hazard.key());
            let Some(entry) = hazards.get(hazard.key()) else {
                self.wrong(&path, "is missing");
                continue;
            };
            let Some(entry) = self.object(&path, entry, &["base", "terms", "pairs"]) else {
                continue;
            };
            let base = self.weight(&format!("{path}.base"), entry.get("base"));
            if let Some(cell) = model.base.get_mut(hazard.index()) {
                *cell = base;
            }
            self.mains(&format!("{path}.terms"), entry.get("terms"), hazard, model);
            self.pairs(&format!("{path}.pairs"), entry.get("pairs"), hazard, model);
        }
    }

    fn mains(&mut self, path: &str, value: Option<&Value>, hazard: Hazard, model: &mut Model) {
        let Some(listed) = value.and_then(Value::as_object) else {
            self.wrong(path, "must hold a list of weights for each signal");
            return;
        };
        for (name, weights) in listed {
            let path = format!("{path}.{name}");
            let Some(signal) = self.named(&path, Some(&Value::String(name.clone()))) else {
                continue;
            };
            let Some(term) = model.terms.iter_mut().find(|term| term.signal == signal) else {
                self.wrong(&path, "has no bins in `signals`");
                continue;
            };
            self.fill(&path, weights, hazard, &mut term.rows);
        }
    }

    fn pairs(&mut self, path: &str, value: Option<&Value>, hazard: Hazard, model: &mut Model) {
        let Some(value) = value else { return };
        let Some(listed) = value.as_array() else {
            self.wrong(path, "must be a list of pairs");
            return;
        };
        for (place, entry) in listed.iter().enumerate() {
            let path = format!("{path}[{place}]");
            let Some(entry) = self.object(&path, entry, &["signals", "joined", "table"]) else {
                continue;
            };
            let Some(at) = self.pair(&format!("{path}.signals"), entry.get("signals"), model)
            else {
                continue;
            };
            let Some(pair) = model.pairs.get_mut(at) else {
                continue;
            };
            let sizes = [pair.rows.len() / pair.width, pair.width];
            let Some(joined) = self.joined(&format!("{path}.joined"), entry.get("joined"), sizes)
            else {
                continue;
            };
            let cells = self.cells(&format!("{path}.table"), entry, hazard, &joined);
            let across = joined.map(|runs| spread(&runs));
            for (up, rows) in across[0].iter().zip(pair.rows.chunks_mut(pair.width)) {
                for (column, row) in across[1].iter().zip(rows) {
                    let weight = cells.get(*up).and_then(|it| it.get(*column));
                    if let (Some(to), Some(weight)) = (row.get_mut(hazard.index()), weight) {
                        *to = *weight;
                    }
                }
            }
        }
    }

    /// How many bins of either signal each line and each column of a pair's table stands for; one where nothing is said.
    fn joined(
        &mut self,
        path: &str,
        value: Option<&Value>,
        sizes: [usize; 2],
    ) -> Option<[Vec<usize>; 2]> {
        let Some(value) = value else {
            return Some(sizes.map(|size| vec![1; size]));
        };
        let runs = |value: &Value| -> Option<Vec<usize>> {
            let one = |it: &Value| {
                usize::try_from(it.as_u64()?)
                    .ok()
                    .filter(|it| (1..=BINS_MAX).contains(it))
            };
            value.as_array()?.iter().map(one).collect()
        };
        let found = match value.as_array().map(Vec::as_slice) {
            Some([up, across]) => runs(up).zip(runs(across)).map(|(up, across)| [up, across]),
            _ => None,
        };
        let fits = |it: &[Vec<usize>; 2]| {
            let sums = it.each_ref().map(|runs| runs.iter().sum::<usize>());
            sums == sizes
        };
        let found = found.filter(fits);
        if found.is_none() {
            let [up, across] = sizes;
            self.wrong(
                path,
                format!("must be two lists of how many bins are joined, which sum to {up} and to {across}"),
            );
        }
        found
    }

    /// A pair's table as it is written.
    fn cells(
        &mut self,
        path: &str,
        entry: &Map<String, Value>,
        hazard: Hazard,
        joined: &[Vec<usize>; 2],
    ) -> Vec<Vec<LogOddsMicro>> {
        let [height, width] = joined.each_ref().map(Vec::len);
        let lines = entry.get("table").and_then(Value::as_array);
        let Some(lines) = lines.filter(|lines| lines.len() == height) else {
            self.wrong(
                path,
                format!("must have {height} lists, one a bin of the first signal"),
            );
            return Vec::new();
        };
        let mut cells = Vec::new();
        for (place, line) in lines.iter().enumerate() {
            let mut rows = vec![[0; Hazard::COUNT]; width];
            self.fill(&format!("{path}[{place}]"), line, hazard, &mut rows);
            let weight = |row: &Row| row.get(hazard.index()).copied().unwrap_or(0);
            cells.push(rows.iter().map(weight).collect());
        }
        cells
    }

    /// The place of this pair in the model, which is made if it is new.
    fn pair(&mut self, path: &str, value: Option<&Value>, model: &mut Model) -> Option<usize> {
        let names = value.and_then(Value::as_array).map(Vec::as_slice);
        let Some([first, second]) = names else {
            self.wrong(path, "must name two signals");
            return None;
        };
        let signals = [
            self.named(path, Some(first))?,
            self.named(path, Some(second))?,
        ];
        let find = |signal| model.terms.iter().position(|term| term.signal == signal);
        let [Some(one), Some(two)] = signals.map(find) else {
            self.wrong(path, "both must have bins in `signals`");
            return None;
        };
        if one == two {
            self.wrong(path, "must name two different signals");
            return None;
        }
        if let Some(at) = model.pairs.iter().position(|pair| pair.signals == signals) {
            return Some(at);
        }
        let count = |place| {
            model
                .terms
                .get(place)
                .map_or(1, |term: &Term| term.bins.count())
        };
        model.pairs.push(Pair {
            places: [one, two],
            signals,
            width: count(two),
            rows: vec![[0; Hazard::COUNT]; count(one) * count(two)],
        });
        Some(model.pairs.len() - 1)
    }

    fn fill(&mut self, path: &str, value: &Value, hazard: Hazard, rows: &mut [Row]) {
        let expected = rows.len();
        let Some(weights) = value.as_array().filter(|it| it.len() == expected) else {
            self.wrong(
                path,
                format!("must have {expected} weights: missing, then one a bin"),
            );
            return;
        };
        for ((place, weight), row) in weights.iter().enumerate().zip(rows) {
            let weight = self.weight(&format!("{path}[{place}]"), Some(weight));
            if let Some(cell) = row.get_mut(hazard.index()) {
                *cell = weight;
            }
        }
    }

    fn weight(&mut self, path: &str, value: Option<&Value>) -> LogOddsMicro {
        let weight = value.and_then(Value::as_i64);
        match weight.filter(|it| (-WEIGHT_MAX..=WEIGHT_MAX).contains(it)) {
            Some(weight) => weight,
            None => {
                self.wrong(
                    path,
                    "must be a whole number of millionths of log-odds, up to 50000000 either way",
                );
                0
            }
        }
    }

    fn object<'a>(
        &mut self,
        path: &str,
        value: &'a Value,
        known: &[&str],
    ) -> Option<&'a Map<String, Value>> {
        let Some(members) = value.as_object() else {
            self.wrong(path, "must be an object");
            return None;
        };
        for name in members
            .keys()
            .filter(|name| !known.contains(&name.as_str()))
        {
            let meant = nearest(name, known.iter().copied())
                .map_or_else(String::new, |it| format!("; `{it}` was meant, perhaps"));
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            self.wrong(&path, format!("is not known here{meant}"));
        }
        Some(members)
    }

    fn text<'a>(&mut self, name: &str, members: &'a Map<String, Value>) -> Option<&'a str> {
        let text = members.get(name).and_then(Value::as_str);
        if text.is_none_or(str::is_empty) {
            self.wrong(name, "must be a text");
        }
        text
    }

    fn list<'a>(&mut self, name: &str, members: &'a Map<String, Value>) -> &'a [Value] {
        let list = members.get(name).and_then(Value::as_array);
        if list.is_none() {
            self.wrong(name, "must be a list");
        }
        list.map_or(&[], Vec::as_slice)
    }
}

/// For each bin the place of the run that holds it.
fn spread(runs: &[usize]) -> Vec<usize> {
    let of = |(place, run): (usize, &usize)| std::iter::repeat_n(place, *run);
    runs.iter().enumerate().flat_map(of).collect()
}

/// The name of a category's number, for the signals that are categories.
pub(super) fn name(signal: Signal, number: i32) -> Option<&'static str> {
    if signal == Signal::Dwelling {
        AddressType::from_number(number).map(AddressType::name)
    } else if signal == Signal::Category {
        Category::from_number(number).map(Category::name)
    } else if signal == Signal::PaymentKind {
        PaymentKind::from_number(number).map(PaymentKind::name)
    } else {
        None
    }
}

/// The number of a category's name, for the signals that are categories.
fn number(signal: Signal, name: &str) -> Option<i32> {
    if signal == Signal::Dwelling {
        AddressType::from_name(name).map(AddressType::number)
    } else if signal == Signal::Category {
        Category::from_name(name).map(Category::number)
    } else if signal == Signal::PaymentKind {
        PaymentKind::from_name(name).map(PaymentKind::number)
    } else {
        None
    }
}
