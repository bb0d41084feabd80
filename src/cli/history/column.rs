//! What a column of a table means: a field of an order or event, and how its cells are read.

use prost_reflect::{EnumDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value};

use super::manifest::Manifest;
use crate::cli::json::faults;

/// How a cell is read.
#[derive(Clone, Debug)]
pub(crate) enum Cell {
    /// As it stands.
    Text,
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// Yes or no.
    YesNo,
    /// A member of an enum, with or without its prefix.
    Member(EnumDescriptor),
    /// A time, in the history's zone where it names none.
    Time,
    /// Money in major units, for a field in minor ones.
    Major,
    /// Several, `;` between them.
    List(Box<Cell>),
}

/// One step to a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Into a field.
    Field(String),
    /// Into an entry of a list, from 0.
    Nth(String, usize),
    /// Into the list's entry of this row.
    Row(String),
}

/// How a cell gets into a message.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) steps: Vec<Step>,
    pub(crate) cell: Cell,
}

/// The most entries of a list that columns can name.
const NTH_MAX: usize = 20;

/// The way to the field of this name in a message: its path with dots, an entry of a list by its number from 1 (without
/// one, the first). In the list `rows` each row has an entry of its own.
pub(crate) fn way(message: &MessageDescriptor, name: &str, rows: &str) -> Option<Way> {
    let mut steps = Vec::new();
    let mut message = message.clone();
    let mut parts = name.split('.').peekable();
    loop {
        let part = parts.next()?;
        let is_last = parts.peek().is_none();
        let field = message.get_field_by_name(part);
        let Some(field) = field else {
            let minor = message.get_field_by_name(&format!("{part}_minor"))?;
            if !is_last {
                return None;
            }
            steps.push(Step::Field(minor.name().to_owned()));
            return Some(Way {
                steps,
                cell: Cell::Major,
            });
        };
        let Some(of) = message_of(&field.kind()) else {
            let cell = cell(&field.kind()).filter(|_| is_last)?;
            steps.push(Step::Field(part.to_owned()));
            let cell = if field.is_list() {
                Cell::List(Box::new(cell))
            } else {
                cell
            };
            return Some(Way { steps, cell });
        };
        if !field.is_list() {
            steps.push(Step::Field(part.to_owned()));
        } else if part == rows {
            steps.push(Step::Row(part.to_owned()));
        } else {
            let number = parts.next_if(|it| it.bytes().all(|it| it.is_ascii_digit()));
            let number = number.map_or(Some(1), |it| it.parse::<usize>().ok())?;
            let nth = number.checked_sub(1).filter(|it| *it < NTH_MAX)?;
            steps.push(Step::Nth(part.to_owned(), nth));
        }
        message = of;
    }
}

/// The message that a field of this kind holds; a time is none.
fn message_of(kind: &Kind) -> Option<MessageDescriptor> {
    let of = kind.as_message()?;
    (of.full_name() != "google.protobuf.Timestamp").then(|| of.clone())
}

fn cell(kind: &Kind) -> Option<Cell> {
    let cells: [(bool, Cell); 4] = [
        (*kind == Kind::String, Cell::Text),
        (matches!(kind, Kind::Int64 | Kind::Uint32), Cell::Whole),
        (*kind == Kind::Double, Cell::Number),
        (*kind == Kind::Bool, Cell::YesNo),
    ];
    if let Some(of) = kind.as_enum() {
        return Some(Cell::Member(of.clone()));
    }
    if kind.as_message().is_some() {
        return Some(Cell::Time);
    }
    cells.into_iter().find_map(|(is, cell)| is.then_some(cell))
}

/// Every name that [`way`] knows, entries of lists without their numbers.
pub(crate) fn names(message: &MessageDescriptor) -> Vec<String> {
    let mut found = Vec::new();
    for field in message.fields() {
        let name = field.name().to_owned();
        if let Some(of) = message_of(&field.kind()) {
            found.extend(names(&of).iter().map(|it| format!("{name}.{it}")));
        } else {
            found.extend(name.strip_suffix("_minor").map(str::to_owned));
            found.push(name);
        }
    }
    found
}

impl Cell {
    /// A cell's text as a value of JSON.
    ///
    /// # Errors
    /// What it must be.
    pub(crate) fn read(&self, text: &str, manifest: &Manifest) -> Result<Value, String> {
        let shown = if text.chars().count() <= 40 && !text.contains('@') {
            format!("`{text}`")
        } else {
            "this text".to_owned()
        };
        match self {
            Self::Text => Ok(Value::String(text.to_owned())),
            Self::Whole => match text.parse::<i64>() {
                Ok(_) => Ok(Value::String(text.to_owned())),
                Err(_) => Err(format!("must be a whole number, not {shown}")),
            },
            Self::Number => {
                let number = text.parse::<f64>().ok().filter(|it| it.is_finite());
                let number = number.and_then(serde_json::Number::from_f64);
                let number = number.map(Value::Number);
                number.ok_or_else(|| format!("must be a number, not {shown}"))
            }
            Self::YesNo => match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "y" | "1" => Ok(Value::Bool(true)),
                "false" | "no" | "n" | "0" => Ok(Value::Bool(false)),
                _ => Err(format!("must be true or false, not {shown}")),
            },
            Self::Member(of) => member(of, text).map(Value::String),
            Self::Time => {
                let in_zone = || manifest.zone.moment(text).map(|it| it.to_string());
                // With an offset and without a `T` a text is neither: the offset would not count.
                let naive = !text
                    .get(10..)
                    .is_some_and(|it| it.contains(['Z', '+', '-']));
                let told = if naive {
                    in_zone()
                } else {
                    faults::is_time(text).then(|| text.to_owned())
                };
                told.map(Value::String)
                    .ok_or_else(|| faults::no_time(&shown))
            }
            Self::Major => minor(text)
                .map(|it| Value::String(it.to_string()))
                .ok_or_else(|| {
                    format!("must be an amount in major units as in 899.00, not {shown}")
                }),
            Self::List(of) => {
                let parts = text.split(';').map(str::trim).filter(|it| !it.is_empty());
                let all: Result<Vec<_>, _> = parts.map(|it| of.read(it, manifest)).collect();
                all.map(Value::Array)
            }
        }
    }
}

/// The full name of a member of an enum.
fn member(of: &EnumDescriptor, text: &str) -> Result<String, String> {
    let upper = text.to_ascii_uppercase();
    let zero = of.get_value(0).map(|it| it.name().to_owned());
    let zero = zero.unwrap_or_default();
    let prefix = zero.strip_suffix("UNSPECIFIED").unwrap_or_default();
    [format!("{prefix}{upper}"), upper]
        .into_iter()
        .find(|it| of.get_value_by_name(it).is_some())
        .ok_or_else(|| faults::no_member(of, text))
}

/// An amount in hundredths: digits, and up to two after a point or comma.
fn minor(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let digits = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    if whole.is_empty() || part.len() > 2 || !digits(whole) || !digits(part) {
        return None;
    }
    let part: i64 = format!("{part:0<2}").parse().ok()?;
    whole
        .parse::<i64>()
        .ok()?
        .checked_mul(100)?
        .checked_add(part)
}

/// Puts a value where its way leads. `row`: the number of this row's entry, from 0.
pub(crate) fn put(into: &mut Map<String, Value>, way: &[Step], row: usize, value: Value) {
    let Some((step, rest)) = way.split_first() else {
        return;
    };
    let (name, nth) = match step {
        Step::Field(name) if rest.is_empty() => {
            into.insert(name.clone(), value);
            return;
        }
        Step::Field(name) => (name, None),
        Step::Nth(name, nth) => (name, Some(*nth)),
        Step::Row(name) => (name, Some(row)),
    };
    let empty = || Value::Object(Map::new());
    let below = match nth {
        None => into.entry(name.clone()).or_insert_with(empty),
        Some(nth) => {
            let list = into
                .entry(name.clone())
                .or_insert_with(|| Value::Array(Vec::new()));
            let Value::Array(list) = list else { return };
            while list.len() <= nth {
                list.push(empty());
            }
            let Some(entry) = list.get_mut(nth) else {
                return;
            };
            entry
        }
    };
    if let Value::Object(below) = below {
        put(below, rest, row, value);
    }
}

/// Entries of lists that nothing was put into, as where a second contact is there without a first, are none.
pub(crate) fn tidy(message: &mut Map<String, Value>) {
    for value in message.values_mut() {
        if let Value::Array(list) = value {
            list.retain(|it| it.as_object().is_none_or(|it| !it.is_empty()));
        }
    }
}
