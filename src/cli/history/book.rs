//! A file of a history as pieces: an order, an event or an answer, each some bytes of it, found again by their place.

use std::cell::RefCell;
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::manifest::{Manifest, What};
use crate::cli::exit::Failure;

/// A piece is no larger than a message may be.
pub(crate) const PIECE_MAX: usize = 1 << 20;
/// What is read at once when pieces are found again.
const WINDOW: usize = 1 << 18;

/// One file.
#[derive(Debug)]
pub(crate) struct Book {
    /// Which.
    pub(crate) what: What,
    /// Its name, for people.
    pub(crate) name: String,
    /// How pieces are told apart.
    pub(crate) form: Form,
    /// Bytes.
    pub(crate) size: u64,
    file: File,
    /// What was last read of it, and where that begins.
    window: RefCell<(u64, Vec<u8>)>,
}

/// How pieces are told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A JSON document a line.
    Lines,
    /// A table: a row, or neighbouring rows of one order.
    Table {
        /// The names in the first row, as written.
        header: Vec<String>,
        /// Between cells.
        delimiter: u8,
        /// The column whose neighbouring rows belong together.
        together: Option<usize>,
    },
}

/// Some bytes of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece<'a> {
    /// What it says.
    pub(crate) bytes: &'a [u8],
    /// Where it begins in the file.
    pub(crate) at: u64,
    /// The line on which it begins, from 1.
    pub(crate) line: u64,
}

impl Book {
    /// The file of a history for `what`, as JSON lines or as a table, if there is one.
    ///
    /// # Errors
    /// [`Failure::BadFile`] where there are two, or it cannot be read, or a table has no good header.
    pub(crate) fn find(
        dir: &Path,
        what: What,
        manifest: &Manifest,
    ) -> Result<Option<Self>, Failure> {
        let paths = ["jsonl", "csv"].map(|ending| dir.join(format!("{}.{ending}", what.name())));
        let [lines, table] = &paths;
        let (path, is_table) = match (lines.exists(), table.exists()) {
            (false, false) => return Ok(None),
            (true, true) => {
                let other = table.display();
                let what = format_args!("stands beside {other}: keep one of them");
                return Err(Failure::bad_file(lines.display(), what));
            }
            (true, false) => (lines, false),
            (false, true) => (table, true),
        };
        let name = path.display().to_string();
        let bad = |error: std::io::Error| {
            Failure::bad_file(&name, format_args!("cannot be read: {error}"))
        };
        let file = File::open(path).map_err(bad)?;
        let size = file.metadata().map_err(bad)?.len();
        let mut book = Self {
            what,
            name: name.clone(),
            form: Form::Lines,
            size,
            file,
            window: RefCell::default(),
        };
        if is_table {
            book.form = Form::Table {
                header: Vec::new(),
                delimiter: manifest.delimiter,
                together: None,
            };
            let mut header = None;
            book.records(&mut |record, _| {
                header = Some(record.bytes.to_vec());
                false
            })?;
            book.read_header(&header.unwrap_or_default(), manifest)?;
        }
        Ok(Some(book))
    }

    fn read_header(&mut self, bytes: &[u8], manifest: &Manifest) -> Result<(), Failure> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let bad = |what: &str| Failure::bad_file(format_args!("{}:1", self.name), what);
        let rows = cells(bytes, manifest.delimiter).map_err(|what| bad(&what))?;
        let Some(header) = rows.into_iter().next() else {
            return Err(bad("is empty: the first row names the columns"));
        };
        let header: Vec<String> = header.iter().map(|it| it.trim().to_owned()).collect();
        let named = |it: &String| manifest.column(self.what, it) == "order_id";
        let together = (self.what == What::Orders)
            .then(|| header.iter().position(named))
            .flatten();
        self.form = Form::Table {
            header,
            delimiter: manifest.delimiter,
            together,
        };
        Ok(())
    }

    /// Every piece in the order of the file, until `take` says no; what the whole file is, by its digest.
    ///
    /// # Errors
    /// [`Failure::BadFile`] where it cannot be read on.
    pub(crate) fn pieces(
        &self,
        take: &mut dyn FnMut(Piece<'_>) -> bool,
    ) -> Result<[u8; 32], Failure> {
        let mut digest = Sha256::new();
        let Form::Table {
            delimiter,
            together,
            ..
        } = &self.form
        else {
            self.records(&mut |record, all| {
                digest.update(all);
                record.bytes.is_empty() || take(record)
            })?;
            return Ok(digest.finalize().into());
        };
        let mut group: Option<(u64, u64, Vec<u8>, Option<String>)> = None;
        let mut is_first = true;
        self.records(&mut |record, all| {
            digest.update(all);
            if std::mem::take(&mut is_first) || record.bytes.is_empty() {
                return true;
            }
            let key = together.and_then(|place| {
                let rows = cells(record.bytes, *delimiter).ok()?;
                rows.first()?.get(place).cloned()
            });
            if let Some((at, line, bytes, known)) = &mut group {
                let near = record.at == *at + u64::try_from(bytes.len()).unwrap_or(0);
                if key.is_some() && *known == key && near {
                    bytes.extend_from_slice(record.bytes);
                    return bytes.len() <= PIECE_MAX
                        || take(Piece {
                            bytes,
                            at: *at,
                            line: *line,
                        });
                }
                let goes_on = take(Piece {
                    bytes,
                    at: *at,
                    line: *line,
                });
                group = Some((record.at, record.line, record.bytes.to_vec(), key));
                return goes_on;
            }
            group = Some((record.at, record.line, record.bytes.to_vec(), key));
            true
        })?;
        if let Some((at, line, bytes, _)) = group {
            take(Piece {
                bytes: &bytes,
                at,
                line,
            });
        }
        Ok(digest.finalize().into())
    }

    /// Every line, or every row with its quoted line ends; also the bytes that it takes in the file. Empty ones come
    /// without bytes.
    fn records(&self, take: &mut dyn FnMut(Piece<'_>, &[u8]) -> bool) -> Result<(), Failure> {
        let quotes = match &self.form {
            Form::Lines => None,
            Form::Table { delimiter, .. } => Some(*delimiter),
        };
        let bad = |line: u64, what: &dyn std::fmt::Display| {
            Failure::bad_file(format_args!("{}:{line}", self.name), what)
        };
        let file = self.file.try_clone().map_err(|error| bad(1, &error))?;
        let mut file = BufReader::with_capacity(WINDOW, At { file, at: 0 });
        let (mut at, mut line) = (0_u64, 1_u64);
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            let mut quoted = Quoted::Start;
            let mut lines = 0;
            loop {
                let before = bytes.len();
                let most = u64::try_from(PIECE_MAX.saturating_sub(before)).unwrap_or(0);
                let read = (&mut file).take(most).read_until(b'\n', &mut bytes);
                let read =
                    read.map_err(|error| bad(line, &format_args!("cannot be read: {error}")))?;
                if read == 0 {
                    break;
                }
                lines += 1;
                let Some(delimiter) = quotes else { break };
                let new = bytes.get(before..).unwrap_or_default();
                quoted = new
                    .iter()
                    .fold(quoted, |it, byte| it.next(*byte, delimiter));
                if quoted != Quoted::Inside {
                    break;
                }
            }
            if bytes.is_empty() {
                return Ok(());
            }
            if bytes.len() >= PIECE_MAX {
                let what =
                    "is longer than 1 MiB, more than a message may be; is a quote not closed?";
                return Err(bad(line, &what));
            }
            // All that follows would be taken for one cell, and its rows be lost.
            if quotes.is_some() && quoted == Quoted::Inside {
                let what = "a quote is opened in the row that begins here and never closed: end the cell with one, or write it twice where it \
                            belongs to the cell";
                return Err(bad(line, &what));
            }
            let is_empty = bytes.iter().all(u8::is_ascii_whitespace);
            let piece = Piece {
                bytes: if is_empty { &[] } else { &bytes },
                at,
                line,
            };
            if !take(piece, &bytes) {
                return Ok(());
            }
            at += u64::try_from(bytes.len()).unwrap_or(0);
            line += lines;
        }
    }

    /// A piece found again.
    ///
    /// # Errors
    /// [`Failure::BadFile`] where the file has changed since.
    pub(crate) fn again<T>(
        &self,
        at: u64,
        length: usize,
        take: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, Failure> {
        let gone = |what: &dyn std::fmt::Display| Failure::bad_file(&self.name, what);
        let mut window = self.window.borrow_mut();
        let (start, bytes) = &mut *window;
        let inside = |start: u64, bytes: &[u8]| {
            let from = usize::try_from(at.checked_sub(start)?).ok()?;
            let to = from.checked_add(length)?;
            (to <= bytes.len()).then_some(from..to)
        };
        if inside(*start, bytes).is_none() {
            bytes.resize(length.max(WINDOW), 0);
            let mut read = 0;
            while let Some(rest) = bytes.get_mut(read..).filter(|it| !it.is_empty()) {
                let place = at + u64::try_from(read).unwrap_or(0);
                match self.file.read_at(rest, place) {
                    Ok(0) => break,
                    Ok(more) => read += more,
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(gone(&format_args!("cannot be read: {error}"))),
                }
            }
            bytes.truncate(read);
            *start = at;
        }
        let range = inside(*start, bytes);
        let piece = range.and_then(|it| bytes.get(it));
        let piece = piece.ok_or_else(|| gone(&"has changed while it was read"))?;
        Ok(take(piece))
    }

    /// The line on which the byte at this place stands, from 1.
    pub(crate) fn line_at(&self, at: u64) -> u64 {
        let mut line = 1;
        let counted = self.records(&mut |record, all| {
            if record.at >= at {
                return false;
            }
            let lines = all.iter().filter(|it| **it == b'\n').count();
            line += u64::try_from(lines).unwrap_or(0);
            true
        });
        counted.map_or(0, |()| line)
    }
}

/// Reads a file from a place of its own.
#[derive(Debug)]
struct At {
    file: File,
    at: u64,
}

impl std::io::Read for At {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read_at(into, self.at)?;
        self.at += u64::try_from(read).unwrap_or(0);
        Ok(read)
    }
}

/// Whether a byte of a table stands within quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoted {
    /// At the start of a cell.
    Start,
    /// In a cell without quotes, or after its quotes.
    Plain,
    /// Within quotes.
    Inside,
    /// After a quote within quotes: the end, or the first of two.
    Perhaps,
}

impl Quoted {
    const fn next(self, byte: u8, delimiter: u8) -> Self {
        match (self, byte) {
            (Self::Start | Self::Perhaps, b'"') => Self::Inside,
            (Self::Inside, b'"') => Self::Perhaps,
            (Self::Inside, _) => Self::Inside,
            (_, b'\n') => Self::Start,
            (_, byte) if byte == delimiter => Self::Start,
            _ => Self::Plain,
        }
    }
}

/// The rows of some bytes of a table, each as its cells.
///
/// # Errors
/// What is no text.
pub(crate) fn cells(bytes: &[u8], delimiter: u8) -> Result<Vec<Vec<String>>, String> {
    if let Some(row) = plain_row(bytes, delimiter) {
        return Ok(vec![row]);
    }
    rows(bytes, delimiter)
}

/// The rows of any bytes of a table.
fn rows(bytes: &[u8], delimiter: u8) -> Result<Vec<Vec<String>>, String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .buffer_capacity(bytes.len().clamp(1, WINDOW))
        .from_reader(bytes);
    let rows = reader.records().map(|row| match row {
        Ok(row) => Ok(row.iter().map(str::to_owned).collect()),
        Err(error) => Err(if let csv::ErrorKind::Utf8 { err, .. } = error.kind() {
            format!("cell {} is no UTF-8 text", err.field() + 1)
        } else {
            error.to_string()
        }),
    });
    rows.collect()
}

/// The cells of one row without quotes, as most are; none where the bytes are anything else.
fn plain_row(bytes: &[u8], delimiter: u8) -> Option<Vec<String>> {
    let row = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let row = row.strip_suffix(b"\r").unwrap_or(row);
    if row.is_empty() || row.iter().any(|it| matches!(it, b'"' | b'\n' | b'\r')) {
        return None;
    }
    let cells = row.split(|it| *it == delimiter);
    let cells = cells.map(|it| std::str::from_utf8(it).ok().map(str::to_owned));
    cells.collect()
}

#[cfg(test)]
mod tests {
    use super::{cells, plain_row, rows};

    #[test]
    fn a_row_without_quotes_has_the_cells_that_any_reading_finds() {
        for text in ["a,b\n", "a", ",\n", "a,,\r\n", " a , b\n", "ü;b,c"] {
            for delimiter in *b",;\t" {
                let plain = plain_row(text.as_bytes(), delimiter).unwrap();
                assert_eq!(
                    rows(text.as_bytes(), delimiter),
                    Ok(vec![plain]),
                    "{text:?}"
                );
            }
        }
        for text in ["", "\n", "a,\"b\"\n", "a\nb\n", "a\rb\n"] {
            assert_eq!(plain_row(text.as_bytes(), b','), None, "{text:?}");
        }
        let wrong = cells(b"a,\xff\n", b',').unwrap_err();
        assert!(wrong.contains("cell 2"), "{wrong}");
    }
}
