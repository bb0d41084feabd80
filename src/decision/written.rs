//! What people wrote in TOML: values with their places, so that every fault is told at once, each with its line and
//! column.
//!
//! Which keys there are and what they mean is the file's own reader's to say; this knows TOML and nothing else.

use std::ops::{Range, RangeInclusive};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Problem, nearest};
use crate::domain::units::Date;

/// A file being read, and what was found wrong so far.
#[derive(Debug)]
pub struct Sheet<'t> {
    text: &'t str,
    /// Where each line starts, in bytes.
    starts: Vec<usize>,
    /// Some of it is no TOML, so that what is missing may only be unread.
    broken: bool,
    problems: Vec<Problem>,
}

/// A table of the file: its path, its place, its keys.
#[derive(Clone, Debug)]
pub struct Part<'a> {
    /// As in `costs.burden` or `rules[2]`; empty for the file itself.
    pub path: String,
    /// In bytes of the text.
    pub span: Range<usize>,
    table: &'a DeTable<'a>,
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot<T> {
    /// What was written.
    pub value: T,
    /// In bytes of the text, quotes included.
    pub span: Range<usize>,
    /// The key, as in `rules[2].when[0]`.
    pub path: String,
}

/// Reads a text as TOML; what is no TOML is noted in the sheet and left out.
#[must_use]
pub fn parse(text: &str) -> (Sheet<'_>, Spanned<DeTable<'_>>) {
    let mut sheet = Sheet {
        text,
        starts: std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect(),
        broken: false,
        problems: Vec::new(),
    };
    let (table, faults) = DeTable::parse_recoverable(text);
    sheet.broken = !faults.is_empty();
    for fault in faults {
        let span = fault.span().unwrap_or(0..0);
        sheet.wrong(&span, "", fault.message().replace('\n', "; "));
    }
    (sheet, table)
}

impl<'a> Part<'a> {
    /// The whole file.
    #[must_use]
    pub fn root(table: &'a Spanned<DeTable<'a>>) -> Self {
        Self {
            path: String::new(),
            span: 0..0,
            table: table.get_ref(),
        }
    }

    /// The path of one of its keys.
    #[must_use]
    pub fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// Whether it has this key.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.table.contains_key(name)
    }

    /// Whether a table stands under this key.
    #[must_use]
    pub fn is_table(&self, name: &str) -> bool {
        self.table
            .get(name)
            .is_some_and(|it| it.get_ref().is_table())
    }

    /// Its keys as written, with their places.
    pub fn keys(&self) -> impl Iterator<Item = (&str, Range<usize>)> {
        self.table
            .keys()
            .map(|key| (key.get_ref().as_ref(), key.span()))
    }
}

impl Sheet<'_> {
    /// Notes a fault.
    pub fn wrong(&mut self, span: &Range<usize>, path: &str, message: impl Into<String>) {
        let problem = self.problem(span, path, message);
        self.problems.push(problem);
    }

    /// A remark about a place, not counted as a fault.
    #[must_use]
    pub fn problem(&self, span: &Range<usize>, path: &str, message: impl Into<String>) -> Problem {
        let line = self.starts.partition_point(|start| *start <= span.start);
        let start = self.starts.get(line.saturating_sub(1)).copied();
        let before = self
            .text
            .get(start.unwrap_or(0)..span.start)
            .map_or(0, |it| it.chars().count());
        Problem {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(before + 1).unwrap_or(u32::MAX),
            path: path.to_owned(),
            message: message.into(),
        }
    }

    /// What was wrong, by place; empty if nothing was.
    #[must_use]
    pub fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort();
        self.problems.dedup();
        self.problems
    }

    /// Whether nothing is wrong so far.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    /// The text as written at a place, quotes included.
    #[must_use]
    pub fn written(&self, span: &Range<usize>) -> &str {
        self.text.get(span.clone()).unwrap_or("")
    }

    /// Notes every key that is none of `known`.
    pub fn known(&mut self, part: &Part<'_>, known: &[&str]) {
        for (name, span) in part.keys() {
            if !known.contains(&name) {
                let names = known.iter().copied();
                let meant = nearest(name, names)
                    .map_or_else(String::new, |it| format!("; `{it}` was meant, perhaps"));
                self.wrong(
                    &span,
                    &part.path_of(name),
                    format!("is not known here{meant}"),
                );
            }
        }
    }

    /// The table of this name; noted if it is missing.
    pub fn table<'a>(&mut self, part: &Part<'a>, name: &str) -> Option<Part<'a>> {
        let value = self.needed(part, name)?;
        let path = part.path_of(name);
        let Some(table) = value.get_ref().as_table() else {
            self.kind(value, &path, "a table");
            return None;
        };
        Some(Part {
            path,
            span: value.span(),
            table,
        })
    }

    /// The tables of this name, as in `[[rules]]`; none if there are none.
    pub fn tables<'a>(&mut self, part: &Part<'a>, name: &str) -> Vec<Part<'a>> {
        let Some(value) = part.table.get(name) else {
            return Vec::new();
        };
        let path = part.path_of(name);
        let Some(list) = value.get_ref().as_array() else {
            self.kind(value, &path, &format!("a list of tables, `[[{path}]]`"));
            return Vec::new();
        };
        let mut parts = Vec::new();
        for (place, entry) in list.iter().enumerate() {
            let path = format!("{path}[{place}]");
            match entry.get_ref().as_table() {
                Some(table) => parts.push(Part {
                    path,
                    span: entry.span(),
                    table,
                }),
                None => self.kind(entry, &path, "a table"),
            }
        }
        parts
    }

    /// A text that is not empty; noted if it is missing.
    pub fn text(&mut self, part: &Part<'_>, name: &str) -> Option<Spot<String>> {
        let value = self.needed(part, name)?;
        self.string(value, part.path_of(name))
    }

    /// A text, if the key is there.
    pub fn text_if(&mut self, part: &Part<'_>, name: &str) -> Option<Spot<String>> {
        let value = part.table.get(name)?;
        self.string(value, part.path_of(name))
    }

    /// A list of texts; noted if it is missing.
    pub fn texts(&mut self, part: &Part<'_>, name: &str) -> Option<Vec<Spot<String>>> {
        let value = self.needed(part, name)?;
        let path = part.path_of(name);
        let Some(list) = value.get_ref().as_array() else {
            self.kind(value, &path, "a list of texts");
            return None;
        };
        let mut texts = Vec::new();
        for (place, entry) in list.iter().enumerate() {
            texts.extend(self.string(entry, format!("{path}[{place}]")));
        }
        (texts.len() == list.len()).then_some(texts)
    }

    /// Yes or no; noted if it is missing.
    pub fn flag(&mut self, part: &Part<'_>, name: &str) -> Option<Spot<bool>> {
        let value = self.needed(part, name)?;
        let path = part.path_of(name);
        let Some(flag) = value.get_ref().as_bool() else {
            self.kind(value, &path, "true or false");
            return None;
        };
        Some(Spot {
            value: flag,
            span: value.span(),
            path,
        })
    }

    /// A number, whole or not, within bounds; noted if it is missing.
    pub fn number(
        &mut self,
        part: &Part<'_>,
        name: &str,
        bounds: RangeInclusive<f64>,
    ) -> Option<Spot<f64>> {
        let value = self.needed(part, name)?;
        let path = part.path_of(name);
        let number = value
            .get_ref()
            .as_float()
            .and_then(|it| it.as_str().parse().ok())
            .or_else(|| whole(value.get_ref()).map(crate::domain::units::to_f64));
        let Some(number) = number else {
            self.kind(value, &path, "a number");
            return None;
        };
        let (least, most) = (bounds.start(), bounds.end());
        if !bounds.contains(&number) {
            let message = format!("is {number}; must be from {least} to {most}");
            self.wrong(&value.span(), &path, message);
            return None;
        }
        Some(Spot {
            value: number,
            span: value.span(),
            path,
        })
    }

    /// A whole number within bounds; noted if it is missing.
    pub fn whole(
        &mut self,
        part: &Part<'_>,
        name: &str,
        bounds: RangeInclusive<i64>,
    ) -> Option<Spot<i64>> {
        let value = self.needed(part, name)?;
        let path = part.path_of(name);
        let (least, most) = (bounds.start(), bounds.end());
        let Some(number) = whole(value.get_ref()) else {
            if let Some(integer) = value.get_ref().as_integer() {
                let message = format!("is {integer}; must be from {least} to {most}");
                self.wrong(&value.span(), &path, message);
            } else {
                self.kind(value, &path, "a whole number");
            }
            return None;
        };
        if !bounds.contains(&number) {
            let message = format!("is {number}; must be from {least} to {most}");
            self.wrong(&value.span(), &path, message);
            return None;
        }
        Some(Spot {
            value: number,
            span: value.span(),
            path,
        })
    }

    /// A date, as `2026-12-31` with or without quotes, if the key is there.
    pub fn date_if(&mut self, part: &Part<'_>, name: &str) -> Option<Spot<Date>> {
        let value = part.table.get(name)?;
        let path = part.path_of(name);
        let date = match value.get_ref() {
            DeValue::Datetime(moment) => Date::parse(&moment.to_string()),
            DeValue::String(text) => Date::parse(text),
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => None,
        };
        let Some(date) = date else {
            self.kind(value, &path, "a date as in 2026-12-31");
            return None;
        };
        Some(Spot {
            value: date,
            span: value.span(),
            path,
        })
    }

    fn string(&mut self, value: &Spanned<DeValue<'_>>, path: String) -> Option<Spot<String>> {
        let Some(text) = value.get_ref().as_str() else {
            self.kind(value, &path, "a text");
            return None;
        };
        if text.trim().is_empty() {
            self.wrong(&value.span(), &path, "must not be empty");
            return None;
        }
        Some(Spot {
            value: text.to_owned(),
            span: value.span(),
            path,
        })
    }

    fn needed<'a>(&mut self, part: &Part<'a>, name: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        let value = part.table.get(name);
        if value.is_none() && !self.broken {
            self.wrong(&part.span, &part.path_of(name), "is missing");
        }
        value
    }

    fn kind(&mut self, value: &Spanned<DeValue<'_>>, path: &str, right: &str) {
        let found = value.get_ref().type_str();
        let article = if found.starts_with(['a', 'i']) {
            "an"
        } else {
            "a"
        };
        self.wrong(
            &value.span(),
            path,
            format!("must be {right}, but is {article} {found}"),
        );
    }
}

fn whole(value: &DeValue<'_>) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}
