//! Files of orders and events: JSON documents one after another, each with the line it begins on.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::exit::Failure;
use super::json;
use crate::api::wire::pb;

/// Something read from a file, and where it began.
#[derive(Clone, Debug)]
pub(crate) struct Found<T> {
    /// From 1.
    pub(crate) line: u32,
    /// What was read, or what is wrong.
    pub(crate) what: T,
}

/// Opens a file, or standard input for `-`.
///
/// # Errors
/// [`Failure::BadFile`] where it cannot be opened.
pub(crate) fn open(path: &Path) -> Result<Box<dyn BufRead + Send>, Failure> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(BufReader::new(std::io::stdin())));
    }
    let file = File::open(path).map_err(|error| {
        Failure::bad_file(path.display(), format_args!("cannot be read: {error}"))
    })?;
    Ok(Box::new(BufReader::new(file)))
}

/// Reads every order of a file: JSON lines, documents over several lines, or one array of them; each an `Order` or a
/// `DecideRequest`.
///
/// # Errors
/// [`Failure::BadFile`] with every document that is neither.
pub(crate) fn orders(path: &Path) -> Result<Vec<Found<pb::DecideRequest>>, Failure> {
    let mut text = String::new();
    let name = path.display();
    open(path)?
        .read_to_string(&mut text)
        .map_err(|error| Failure::bad_file(&name, format_args!("cannot be read: {error}")))?;
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    let mut documents = serde_json::Deserializer::from_str(&text).into_iter::<serde_json::Value>();
    loop {
        let start = documents.byte_offset();
        let Some(document) = documents.next() else {
            break;
        };
        let line = line_of_next(&text, start);
        let all = match document {
            Ok(serde_json::Value::Array(all)) => all,
            Ok(one) => vec![one],
            Err(error) => {
                let (line, column) = (error.line(), error.column());
                wrong.push(format!("{name}:{line}:{column}: no JSON: {error}"));
                break;
            }
        };
        for one in all {
            match request(one) {
                Ok(what) => found.push(Found { line, what }),
                Err(what) => wrong.push(format!("{name}:{line}: {what}")),
            }
        }
    }
    if wrong.is_empty() {
        Ok(found)
    } else {
        Err(Failure::BadFile(wrong))
    }
}

/// An order on its own is asked for as it is; a request says more.
fn request(value: serde_json::Value) -> Result<pb::DecideRequest, String> {
    if value.get("order").is_some() {
        return json::read(&value);
    }
    Ok(pb::DecideRequest {
        order: Some(json::read(&value)?),
        ..pb::DecideRequest::default()
    })
}

/// The line, from 1, of the first character after `offset` that is no white space.
fn line_of_next(text: &str, offset: usize) -> u32 {
    let rest = text.get(offset..).unwrap_or_default();
    let gap = rest.len() - rest.trim_start().len();
    let before = text.get(..offset + gap).unwrap_or(text);
    u32::try_from(before.matches('\n').count()).map_or(u32::MAX, |it| it.saturating_add(1))
}

/// Reads one event a line; empty lines are skipped. One bad line spoils no other.
pub(crate) fn events(
    from: impl BufRead,
) -> impl Iterator<Item = std::io::Result<Found<Result<pb::Event, String>>>> {
    let lines = (1..=u32::MAX).zip(from.split(b'\n'));
    lines.filter_map(|(line, bytes)| {
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) => return Some(Err(error)),
        };
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return None;
        }
        let value = serde_json::from_slice(&bytes).map_err(|error| format!("no JSON: {error}"));
        Some(Ok(Found {
            line,
            what: value.and_then(|it| json::read(&it)),
        }))
    })
}

#[cfg(test)]
mod tests {
    use super::{Failure, events, orders};

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    #[test]
    fn orders_come_as_lines_as_documents_or_as_an_array_bare_or_asked_for() {
        let check = |text: &str, expected: &[(&str, u32)]| {
            let read = orders(file(text).path()).unwrap();
            let told: Vec<_> = read
                .iter()
                .map(|it| (it.what.order.as_ref().unwrap().order_id.as_str(), it.line))
                .collect();
            assert_eq!(told, expected, "{text}");
        };
        check("", &[]);
        check(
            "{\"order_id\":\"a\"}\n\n{\"order_id\":\"b\"}\n",
            &[("a", 1), ("b", 3)],
        );
        check(
            "{\"order\":{\"order_id\":\"a\"},\"mode\":\"MODE_PREVIEW\"}",
            &[("a", 1)],
        );
        check(
            "{\n \"order_id\":\"a\"\n}\n{\n\"order_id\":\"b\"}",
            &[("a", 1), ("b", 4)],
        );
        check(
            "[{\"orderId\":\"a\"},\n{\"order_id\":\"b\"}]",
            &[("a", 1), ("b", 1)],
        );
    }

    #[test]
    fn a_file_that_makes_no_sense_is_told_with_every_place() {
        let Err(Failure::BadFile(lines)) =
            orders(file("{\"order_id\":1}\n{\"x\":1}\n{\"order_id\":").path())
        else {
            panic!("taken");
        };
        let starts: Vec<_> = lines
            .iter()
            .map(|it| it.split(": ").next().unwrap())
            .collect();
        let ends: Vec<_> = starts
            .iter()
            .map(|it| it.split_once(':').unwrap().1)
            .collect();
        assert_eq!(ends, ["1", "2", "3:12"], "{lines:?}");
    }

    #[test]
    fn one_bad_line_of_events_spoils_no_other() {
        let text = b"{\"event_id\":\"e1\"}\n\nnot json\n{\"event\":\"e2\"}\n{\"event_id\":\"e3\"}";
        let read: Vec<_> = events(&text[..]).map(Result::unwrap).collect();
        let told: Vec<_> = read.iter().map(|it| (it.line, it.what.is_ok())).collect();
        assert_eq!(told, [(1, true), (3, false), (4, false), (5, true)]);
    }
}
