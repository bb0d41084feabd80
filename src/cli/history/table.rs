//! Rows of a table as messages of the contract: what each column means is settled once, from the header.

use std::collections::BTreeMap;

use prost_reflect::MessageDescriptor;
use serde_json::{Map, Value};

use super::book::{Book, Form, cells};
use super::column::{self, Way};
use super::faults::Faults;
use super::manifest::{Manifest, What};
use crate::api::wire::pb;
use crate::cli::json::{self, faults};
use crate::decision::told::Told;
use crate::domain::action::Action;
use crate::domain::ids::OrderId;
use crate::domain::units::{Digest, MILLION};

/// One thing that is wrong: the line, the field (may be empty), and what would be right.
pub(crate) type Wrong = (u64, String, String);

/// The list of an order of which each row is an entry.
const ROWS: &str = "items";
/// The column that says what happened.
const KIND: &str = "event";

/// What the columns of a table mean.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    delimiter: u8,
    /// What may happen, by name.
    kinds: Vec<String>,
}

#[derive(Debug)]
struct Column {
    /// As in messages to people: our name, and the file's own where it differs.
    shown: String,
    /// Our name.
    name: String,
    meaning: Meaning,
}

#[derive(Debug)]
enum Meaning {
    /// Of no use, as the shop says.
    Nothing,
    /// A field of an order, or of every event.
    Field(Way),
    /// What happened.
    Kind,
    /// A field of some kinds of events.
    Of(BTreeMap<String, Way>),
    /// A field of what was asked.
    Told,
}

impl Table {
    /// Settles what the columns of a file mean; none where some mean nothing that is known.
    ///
    /// # Errors
    /// A fault of ours.
    pub(crate) fn of(
        book: &Book,
        manifest: &Manifest,
        wrong: &mut Faults,
    ) -> Result<Option<Self>, String> {
        let Form::Table {
            header, delimiter, ..
        } = &book.form
        else {
            return Ok(None);
        };
        let known = Known::of(book.what)?;
        let (mut columns, mut bad) = (Vec::<Column>::new(), false);
        for own in header {
            let name = manifest.column(book.what, own);
            let shown = if own == name {
                name.to_owned()
            } else {
                format!("{name} (column `{own}`)")
            };
            let mut fault = |what: &str| {
                wrong.tell(&book.name, 1, &shown, what);
                bad = true;
            };
            if !name.is_empty() && columns.iter().any(|it| it.name == name) {
                fault("is there twice: each column once");
                continue;
            }
            match known.meaning(name) {
                Some(meaning) => columns.push(Column {
                    shown,
                    name: name.to_owned(),
                    meaning,
                }),
                None => {
                    let told =
                        faults::no_field(name, known.of, known.names().iter().map(String::as_str));
                    let stop = if told.ends_with('?') { "" } else { "." };
                    fault(&format!(
                        "{told}{stop} If it is of no use, name it \"\" in [columns.{}] of {}",
                        book.what.name(),
                        super::manifest::NAME,
                    ));
                }
            }
        }
        for needed in known.needed {
            if !bad && !columns.iter().any(|it| it.name == *needed) {
                wrong.tell(
                    &book.name,
                    1,
                    needed,
                    "is required: no column has this name",
                );
                bad = true;
            }
        }
        Ok((!bad).then_some(Self {
            columns,
            delimiter: *delimiter,
            kinds: known.kinds.into_keys().collect(),
        }))
    }

    /// The rows of a piece with their lines, each as many cells as there are columns.
    fn rows(&self, bytes: &[u8], line: u64) -> Result<Vec<(u64, Vec<String>)>, Vec<Wrong>> {
        let whole = |what| vec![(line, String::new(), what)];
        let rows = cells(bytes, self.delimiter).map_err(whole)?;
        let (mut line, mut good, mut wrong) = (line, Vec::new(), Vec::new());
        for row in rows {
            let lines: usize = row.iter().map(|it| it.matches('\n').count()).sum();
            if row.len() == self.columns.len() {
                good.push((line, row));
            } else {
                let (has, due) = (row.len(), self.columns.len());
                let what = format!("has {has} cells, and the first row names {due} columns");
                wrong.push((line, String::new(), what));
            }
            line += u64::try_from(lines).unwrap_or(0) + 1;
        }
        if wrong.is_empty() {
            Ok(good)
        } else {
            Err(wrong)
        }
    }

    fn read<'a>(
        &'a self,
        row: &'a [String],
        manifest: &'a Manifest,
    ) -> impl Iterator<Item = (&'a Column, &'a str)> {
        let cells = row.iter().map(|it| it.trim());
        self.columns
            .iter()
            .zip(cells)
            .map(|(column, own)| (column, manifest.value(&column.name, own)))
    }

    /// An order: its rows are its items.
    pub(crate) fn order(
        &self,
        bytes: &[u8],
        line: u64,
        manifest: &Manifest,
    ) -> Result<pb::Order, Vec<Wrong>> {
        let rows = self.rows(bytes, line)?;
        let (mut order, mut wrong) = (Map::new(), Vec::new());
        for (nth, (line, row)) in rows.iter().enumerate() {
            for (place, (column, text)) in self.read(row, manifest).enumerate() {
                let Meaning::Field(way) = &column.meaning else {
                    continue;
                };
                let of_row = matches!(way.steps.first(), Some(column::Step::Row(_)));
                if nth > 0 && !of_row {
                    let (first, before) = rows.first().map_or((0, ""), |(first, cells)| {
                        (*first, cells.get(place).map_or("", |it| it.trim()))
                    });
                    let own = row.get(place).map_or("", |it| it.trim());
                    if !own.is_empty() && own != before {
                        let what = format!("differs from line {first} of the same order");
                        wrong.push((*line, column.shown.clone(), what));
                    }
                    continue;
                }
                if text.is_empty() {
                    continue;
                }
                match way.cell.read(text, manifest) {
                    Ok(value) => column::put(&mut order, &way.steps, nth, value),
                    Err(what) => wrong.push((*line, column.shown.clone(), what)),
                }
            }
        }
        column::tidy(&mut order);
        done(line, order, wrong)
    }

    /// An event: a row. One without an id is named by its content.
    pub(crate) fn event(
        &self,
        bytes: &[u8],
        line: u64,
        manifest: &Manifest,
    ) -> Result<pb::Event, Vec<Wrong>> {
        let rows = self.rows(bytes, line)?;
        let Some((_, row)) = rows.first() else {
            return Err(vec![(line, String::new(), "is no row".to_owned())]);
        };
        let of_kind = |it: &(&Column, &str)| matches!(it.0.meaning, Meaning::Kind);
        let kind = self.read(row, manifest).find(of_kind);
        let kind = kind.map_or_else(String::new, |(_, text)| text.to_ascii_lowercase());
        if !self.kinds.contains(&kind) {
            let names = self.kinds.iter().map(String::as_str);
            let what = format!(
                "`{kind}` {}",
                faults::no_field(&kind, "kind of event", names)
            );
            return Err(vec![(line, KIND.to_owned(), what)]);
        }
        let (mut event, mut inner, mut wrong) = (Map::new(), Map::new(), Vec::new());
        for (column, text) in self
            .read(row, manifest)
            .filter(|(_, text)| !text.is_empty())
        {
            let (way, into) = match &column.meaning {
                Meaning::Field(way) => (way, &mut event),
                Meaning::Of(ways) => match ways.get(&kind) {
                    Some(way) => (way, &mut inner),
                    None => {
                        let what = format!("is no field of {kind}: leave the cell empty");
                        wrong.push((line, column.shown.clone(), what));
                        continue;
                    }
                },
                Meaning::Nothing | Meaning::Kind | Meaning::Told => continue,
            };
            match way.cell.read(text, manifest) {
                Ok(value) => column::put(into, &way.steps, 0, value),
                Err(what) => wrong.push((line, column.shown.clone(), what)),
            }
        }
        event.insert(kind, Value::Object(inner));
        if !event.contains_key("event_id") {
            let content = Value::Object(event.clone()).to_string();
            let digest = Digest::of(content.as_bytes()).to_string();
            let id = format!("row-{}", digest.get(..32).unwrap_or(&digest));
            event.insert("event_id".to_owned(), Value::String(id));
        }
        done(line, event, wrong)
    }

    /// What was asked of an order: a row.
    pub(crate) fn told(
        &self,
        bytes: &[u8],
        line: u64,
        manifest: &Manifest,
    ) -> Result<(OrderId, Told), Vec<Wrong>> {
        let rows = self.rows(bytes, line)?;
        let Some((_, row)) = rows.first() else {
            return Err(vec![(line, String::new(), "is no row".to_owned())]);
        };
        let mut fields = Map::new();
        for (column, text) in self
            .read(row, manifest)
            .filter(|(_, text)| !text.is_empty())
        {
            if !matches!(column.meaning, Meaning::Nothing) {
                fields.insert(column.name.clone(), Value::String(text.to_owned()));
            }
        }
        told(line, &fields)
    }
}

fn done<T: json::Named>(
    line: u64,
    message: Map<String, Value>,
    wrong: Vec<Wrong>,
) -> Result<T, Vec<Wrong>> {
    if !wrong.is_empty() {
        return Err(wrong);
    }
    json::read(&Value::Object(message)).map_err(|what| vec![(line, String::new(), what)])
}

/// What was asked of an order, as its fields: `order_id`, `action`, and `propensity_<action>` in millionths.
pub(crate) fn told(line: u64, fields: &Map<String, Value>) -> Result<(OrderId, Told), Vec<Wrong>> {
    let mut wrong = Vec::new();
    let text = |name: &str| match fields.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    };
    for name in fields.keys() {
        if !VERIFICATION.contains(&name.as_str()) {
            let what =
                faults::no_field(name, "field of verification", VERIFICATION.iter().copied());
            wrong.push((line, name.clone(), what));
        }
    }
    let mut fault = |field: &str, what: String| wrong.push((line, field.to_owned(), what));
    let id = OrderId::try_new(&text("order_id"));
    if let Err(why) = &id {
        fault("order_id", why.to_string());
    }
    let name = text("action");
    let upper = name.to_ascii_uppercase();
    let action = Action::from_name(upper.strip_prefix("ACTION_").unwrap_or(&upper));
    if action.is_none() {
        let names: Vec<_> = Action::ALL.iter().map(|it| it.name()).collect();
        fault(
            "action",
            format!("`{name}` is none of {}", names.join(", ")),
        );
    }
    let (mut micros, mut any) = ([0_u32; Action::COUNT], false);
    for (action, micro) in Action::ALL.iter().zip(&mut micros) {
        let field = format!("propensity_{}", action.key());
        let told = text(&field);
        if told.is_empty() {
            continue;
        }
        any = true;
        match told.parse::<u32>().ok().filter(|it| *it <= MILLION) {
            Some(number) => *micro = number,
            None => fault(
                &field,
                format!("must be millionths, 0 to {MILLION}, not `{told}`"),
            ),
        }
    }
    let (Ok(id), Some(action), true) = (id, action, wrong.is_empty()) else {
        return Err(wrong);
    };
    if !any {
        return Ok((id, Told::certain(action)));
    }
    match Told::try_new(action, micros) {
        Ok(told) => Ok((id, told)),
        Err(why) => Err(vec![(
            line,
            format!("propensity_{}", action.key()),
            why.to_string(),
        )]),
    }
}

/// The fields of what was asked.
const VERIFICATION: &[&str] = &[
    "order_id",
    "action",
    "propensity_none",
    "propensity_otp",
    "propensity_item_codes",
    "propensity_locker_only",
    "propensity_review",
];

/// What columns of a file can mean.
struct Known {
    what: What,
    /// For `is no ..`.
    of: &'static str,
    needed: &'static [&'static str],
    message: MessageDescriptor,
    kinds: BTreeMap<String, MessageDescriptor>,
}

impl Known {
    fn of(what: What) -> Result<Self, String> {
        let (of, needed, message): (_, &'static [&'static str], _) = match what {
            What::Orders => ("column of orders", &["order_id", "placed_at"], "Order"),
            What::Events => ("column of events", &["occurred_at", KIND], "Event"),
            What::Verification => ("column of verification", &["order_id", "action"], "Order"),
        };
        Ok(Self {
            what,
            of,
            needed,
            message: json::descriptor_of(message)?,
            kinds: Self::kinds()?,
        })
    }

    /// What may happen, by name.
    fn kinds() -> Result<BTreeMap<String, MessageDescriptor>, String> {
        let event = json::descriptor_of("Event")?;
        let kinds = event
            .oneofs()
            .flat_map(|it| it.fields().collect::<Vec<_>>());
        let messages = kinds.filter_map(|it| {
            let kind = it.kind();
            Some((it.name().to_owned(), kind.as_message()?.clone()))
        });
        Ok(messages.collect())
    }

    fn meaning(&self, name: &str) -> Option<Meaning> {
        if name.is_empty() {
            return Some(Meaning::Nothing);
        }
        match self.what {
            What::Orders => column::way(&self.message, name, ROWS).map(Meaning::Field),
            What::Events => match name {
                KIND => Some(Meaning::Kind),
                "event_id" | "occurred_at" => {
                    column::way(&self.message, name, "").map(Meaning::Field)
                }
                _ => {
                    let ways = self.kinds.iter().filter_map(|(kind, message)| {
                        Some((kind.clone(), column::way(message, name, "")?))
                    });
                    let ways: BTreeMap<_, _> = ways.collect();
                    (!ways.is_empty()).then_some(Meaning::Of(ways))
                }
            },
            What::Verification => VERIFICATION.contains(&name).then_some(Meaning::Told),
        }
    }

    fn names(&self) -> Vec<String> {
        match self.what {
            What::Orders => column::names(&self.message),
            What::Events => {
                let own = ["event_id", "occurred_at", KIND].map(str::to_owned);
                let of_kinds = self.kinds.values().flat_map(column::names);
                own.into_iter().chain(of_kinds).collect()
            }
            What::Verification => VERIFICATION.iter().map(|it| (*it).to_owned()).collect(),
        }
    }
}
