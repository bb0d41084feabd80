//! `history.toml`: what the files of a history are, and what a shop's own names in them mean.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::cli::exit::Failure;
use crate::domain::units::{Currency, Zone};

/// The format that this program reads.
pub(crate) const FORMAT: &str = "doorstep/history/1";
/// The file's name.
pub(crate) const NAME: &str = "history.toml";

/// What the file says; all of it may be absent, and so may the file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    format: Option<String>,
    note: String,
    source: String,
    csv: Csv,
    columns: Columns,
    values: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Csv {
    delimiter: Option<String>,
    time_zone: Option<String>,
    currency_code: Option<String>,
}

/// A shop's own column names by file: what each is here; empty: it is of no use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Columns {
    orders: BTreeMap<String, String>,
    events: BTreeMap<String, String>,
    verification: BTreeMap<String, String>,
}

/// Which of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    /// Orders.
    Orders,
    /// Events.
    Events,
    /// What was asked of orders.
    Verification,
}

impl What {
    /// Its name without an ending.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Events => "events",
            Self::Verification => "verification",
        }
    }
}

/// How the files are to be read.
#[derive(Clone, Debug)]
pub(crate) struct Manifest {
    written: Written,
    /// Between cells.
    pub(crate) delimiter: u8,
    /// Of times that name no zone.
    pub(crate) zone: Zone,
    /// Of orders that name no currency.
    pub(crate) currency: Option<Currency>,
}

impl Manifest {
    /// Reads the file of a history.
    ///
    /// # Errors
    /// Every fault with its line.
    pub(crate) fn read(dir: &Path) -> Result<Self, Failure> {
        let path = dir.join(NAME);
        let name = path.display().to_string();
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => {
                return Err(Failure::bad_file(
                    name,
                    format_args!("cannot be read: {error}"),
                ));
            }
        };
        Self::of(&name, &text)
    }

    fn of(name: &str, text: &str) -> Result<Self, Failure> {
        let written: Written = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|it| text.get(..it.start));
            let line = before.map_or(1, |it| it.matches('\n').count() + 1);
            Failure::bad_file(format!("{name}:{line}"), error.message())
        })?;
        let mut wrong = Vec::new();
        let mut tell = |key: &str, what: String| {
            let line = line_of(text, key);
            wrong.push(format!("{name}:{line}: {key}: {what}"));
        };
        if let Some(format) = written.format.as_deref().filter(|it| *it != FORMAT) {
            tell(
                "format",
                format!("this release reads `{FORMAT}`, not `{format}`"),
            );
        }
        let delimiter = written.csv.delimiter.as_deref().unwrap_or(",");
        let delimiter = match delimiter.as_bytes() {
            [one] if one.is_ascii() && !matches!(one, b'"' | b'\n' | b'\r') => *one,
            _ => {
                tell(
                    "delimiter",
                    "must be one character of ASCII, as \";\" or \"\\t\"".to_owned(),
                );
                b','
            }
        };
        let zone = written.csv.time_zone.as_deref().unwrap_or("UTC");
        let zone = Zone::named(zone).unwrap_or_else(|| {
            tell(
                "time_zone",
                format!("`{zone}` is no zone: as in Europe/Berlin"),
            );
            Zone::UTC
        });
        let code = written.csv.currency_code.as_deref();
        let currency = code.and_then(Currency::parse);
        if let (Some(code), None) = (code, currency) {
            tell(
                "currency_code",
                format!("`{code}` is no currency: as in EUR"),
            );
        }
        if wrong.is_empty() {
            Ok(Self {
                written,
                delimiter,
                zone,
                currency,
            })
        } else {
            Err(Failure::BadFile(wrong))
        }
    }

    /// What a column is called here, if it is of use.
    pub(crate) fn column<'a>(&'a self, what: What, own: &'a str) -> &'a str {
        let columns = &self.written.columns;
        let of = match what {
            What::Orders => &columns.orders,
            What::Events => &columns.events,
            What::Verification => &columns.verification,
        };
        of.get(own).map_or(own, String::as_str)
    }

    /// What a shop's own value of a field is called here.
    pub(crate) fn value<'a>(&'a self, field: &str, own: &'a str) -> &'a str {
        let of = self.written.values.get(field).and_then(|it| it.get(own));
        of.map_or(own, String::as_str)
    }

    /// Where it is from and what it is, as its author says.
    pub(crate) fn about(&self) -> String {
        let Written { note, source, .. } = &self.written;
        let told = [source.as_str(), note.as_str()];
        let told: Vec<_> = told.into_iter().filter(|it| !it.is_empty()).collect();
        told.join(": ")
    }
}

/// The line of a key, from 1.
fn line_of(text: &str, key: &str) -> usize {
    let is = |line: &str| {
        line.trim_start()
            .strip_prefix(key)
            .is_some_and(|it| it.trim_start().starts_with('='))
    };
    text.lines().position(is).map_or(1, |it| it + 1)
}
