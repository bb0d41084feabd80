//! The settings file as text: TOML to keys and values, or every problem with its place.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::setting::Setting;
use crate::decision::problem::Problem;

/// A value of the file, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Given {
    /// The value as text.
    pub(super) value: String,
    /// From 1.
    pub(super) line: u32,
}

/// Reads a settings file.
///
/// # Errors
/// Every problem: no TOML, unknown keys, values that will not do.
pub(super) fn read(text: &str) -> Result<Vec<(Setting, Given)>, Vec<Problem>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader {
        text,
        problems: Vec::new(),
        given: Vec::new(),
    };
    for error in &errors {
        let at = error.span().map_or(0, |span| span.start);
        reader.problem(at, "", error.message());
    }
    if errors.is_empty() {
        reader.table("", table.get_ref());
    }
    reader.problems.sort();
    if reader.problems.is_empty() {
        Ok(reader.given)
    } else {
        Err(reader.problems)
    }
}

struct Reader<'a> {
    text: &'a str,
    problems: Vec<Problem>,
    given: Vec<(Setting, Given)>,
}

impl Reader<'_> {
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let path = if prefix.is_empty() {
                key.get_ref().to_string()
            } else {
                format!("{prefix}.{}", key.get_ref())
            };
            self.entry(&path, key.span().start, value);
        }
    }

    fn entry(&mut self, path: &str, key_at: usize, value: &Spanned<DeValue<'_>>) {
        let inner = format!("{path}.");
        if let DeValue::Table(table) = value.get_ref()
            && Setting::ALL.iter().any(|it| it.key().starts_with(&inner))
        {
            self.table(path, table);
            return;
        }
        let Some(setting) = Setting::from_key(path) else {
            self.problem(key_at, path, "no setting has this name");
            return;
        };
        let at = value.span().start;
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().to_owned(),
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => {
                let what = format!(
                    "must be a string or a number, not {}",
                    value.get_ref().type_str()
                );
                self.problem(at, path, &what);
                return;
            }
        };
        if let Err(what) = setting.check(&text) {
            self.problem(at, path, &what);
            return;
        }
        let (line, _) = place(self.text, at);
        self.given.push((setting, Given { value: text, line }));
    }

    fn problem(&mut self, at: usize, path: &str, message: &str) {
        let (line, column) = place(self.text, at);
        self.problems.push(Problem {
            line,
            column,
            path: path.to_owned(),
            message: message.to_owned(),
        });
    }
}

/// Line and column, from 1, of the byte at `offset`.
fn place(text: &str, offset: usize) -> (u32, u32) {
    let before = text.get(..offset).unwrap_or(text);
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let line = count(before.matches('\n').count()).saturating_add(1);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before.get(start..).map_or(0, |it| it.chars().count());
    (line, count(column).saturating_add(1))
}
