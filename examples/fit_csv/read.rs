//! A CSV file, gzipped or not, as a table: read twice, so that no text is kept of a column of numbers.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use doorstep::lab::train::table::{Column, MISSING, Table, Values};

/// A file as read: rows of train first, then valid, then test, each in the file's order.
pub(crate) struct File {
    pub(crate) table: Table,
    pub(crate) labels: Vec<bool>,
    /// Where valid begins, and where test does.
    pub(crate) valid: usize,
    pub(crate) test: usize,
    /// What its owner may not have meant.
    pub(crate) notes: Vec<String>,
}

const SPLITS: [&str; 3] = ["train", "valid", "test"];

type Csv = csv::Reader<Box<dyn Read>>;

fn open(path: &Path) -> Result<Csv, String> {
    let name = path.display();
    let mut file =
        fs::File::open(path).map_err(|error| format!("{name}: cannot be read: {error}"))?;
    let mut magic = [0_u8; 2];
    let gzipped = file.read_exact(&mut magic).is_ok() && magic == [0x1f, 0x8b];
    file.seek(SeekFrom::Start(0))
        .map_err(|error| format!("{name}: cannot be read: {error}"))?;
    if !gzipped && path.extension().is_some_and(|it| it == "gz") {
        return Err(format!("{name}: is named .gz and is not gzipped"));
    }
    let file = BufReader::with_capacity(1 << 16, file);
    let plain: Box<dyn Read> = if gzipped {
        Box::new(flate2::bufread::MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    };
    let plain: Box<dyn Read> = Box::new(Closed {
        inner: plain,
        line: 1,
        cell_starts: true,
        opened: 1,
        inside: false,
        after_quote: false,
    });
    Ok(csv::ReaderBuilder::new().flexible(true).from_reader(plain))
}

/// What is read, refused at its end if a quote is still open: all rows after it were taken for one cell.
struct Closed<R> {
    inner: R,
    line: u64,
    /// The next byte is the first of a cell.
    cell_starts: bool,
    /// The line on which the last quoted cell began, and whether it still goes on.
    opened: u64,
    inside: bool,
    /// The last byte was a quote within quotes: their end, or the first of two.
    after_quote: bool,
}

impl<R> Closed<R> {
    fn pass(&mut self, byte: u8) {
        match (self.inside, byte) {
            (false, b'"') if self.cell_starts => (self.opened, self.inside) = (self.line, true),
            // The second of two: they stand for one, and the cell goes on.
            (false, b'"') if self.after_quote => self.inside = true,
            (true, b'"') => (self.inside, self.after_quote) = (false, true),
            _ => self.after_quote = false,
        }
        self.after_quote &= byte == b'"' && !self.inside;
        self.cell_starts = !self.inside && matches!(byte, b',' | b'\n' | b'\r');
        self.line += u64::from(byte == b'\n');
    }
}

impl<R: Read> Read for Closed<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(into)?;
        for byte in into.iter().take(read) {
            self.pass(*byte);
        }
        if self.inside && read == 0 && !into.is_empty() {
            let line = self.opened;
            let what = format!("a quote opened on line {line} is never closed");
            return Err(std::io::Error::other(what));
        }
        Ok(read)
    }
}

/// The header's places: split, label, and the first feature.
struct Header {
    names: Vec<String>,
    split: usize,
    label: usize,
}

fn header(csv: &mut Csv, name: &str) -> Result<Header, String> {
    let record = csv.headers().map_err(|error| told(name, &error))?;
    let names: Vec<String> = record
        .iter()
        .map(|it| it.trim_start_matches('\u{feff}').to_owned())
        .collect();
    for (place, it) in names.iter().enumerate() {
        if names.iter().take(place).any(|other| other == it) {
            return Err(format!(
                "{name}:1: column `{it}` comes twice; every column needs a name of its own"
            ));
        }
    }
    if names.is_empty() {
        return Err(format!("{name}: is empty; a header line is needed"));
    }
    let find = |wanted: &str| {
        let found = names.iter().position(|it| it == wanted);
        found.ok_or_else(|| no_column(name, &names, wanted))
    };
    let (split, label) = (find("split")?, find("label")?);
    if split > label {
        return Err(format!(
            "{name}:1: column `split` stands after `label`, among the features; it must stand before"
        ));
    }
    if label + 1 >= names.len() {
        return Err(format!(
            "{name}:1: there is no column after `label`: features are all columns after it"
        ));
    }
    Ok(Header {
        names,
        split,
        label,
    })
}

/// Why a column was not found, as far as the header tells.
fn no_column(name: &str, names: &[String], wanted: &str) -> String {
    let alike = names
        .iter()
        .find(|it| it.trim().eq_ignore_ascii_case(wanted));
    let mark = [(';', "semicolons"), ('\t', "tabs"), ('|', "bars")]
        .into_iter()
        .find(|(mark, _)| matches!(names, [only] if only.contains(*mark)));
    let hint = match (alike, mark) {
        (Some(alike), _) => format!("`{alike}` must be written `{wanted}`"),
        (None, Some((_, marks))) => format!("fields are parted by {marks} and must be by commas"),
        (None, None) => "it must stand before the features".to_owned(),
    };
    format!("{name}:1: there is no column `{wanted}`; {hint}")
}

fn told(name: &str, error: &csv::Error) -> String {
    let line = error.position().map_or(0, csv::Position::line);
    if let csv::ErrorKind::Utf8 { err, .. } = error.kind() {
        let field = err.field() + 1;
        format!("{name}:{line}: field {field} is no UTF-8; save the file as UTF-8")
    } else if let csv::ErrorKind::Io(cause) = error.kind() {
        format!("{name}: cannot be read to its end: {cause}")
    } else {
        format!("{name}:{line}: {error}")
    }
}

/// What the first walk says of a feature.
#[derive(Clone, Debug, Default)]
struct Kind {
    /// The first value that is no number: line and value.
    text: Option<(u64, String)>,
    /// How many are numbers, and how many are not.
    numbers: usize,
    texts: usize,
    /// The first that is a number and not finite: line and value.
    endless: Option<(u64, String)>,
}

fn each(
    path: &Path,
    mut row: impl FnMut(u64, &csv::StringRecord, &Header) -> Result<(), String>,
) -> Result<Header, String> {
    let name = path.display().to_string();
    let mut csv = open(path)?;
    let header = header(&mut csv, &name)?;
    let mut record = csv::StringRecord::new();
    while csv
        .read_record(&mut record)
        .map_err(|error| told(&name, &error))?
    {
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() != header.names.len() {
            let next = header.names.get(record.len()).map_or_else(
                || {
                    format!(
                        "one field too many after `{}`",
                        header.names.last().map_or("", String::as_str)
                    )
                },
                |it| format!("`{it}` is missing"),
            );
            return Err(format!(
                "{name}:{line}: has {} fields, the header has {}: {next}",
                record.len(),
                header.names.len()
            ));
        }
        row(line, &record, &header).map_err(|what| format!("{name}:{line}: {what}"))?;
    }
    Ok(header)
}

/// Of a column that is a category for the sake of few values: its order is lost, and that may be a slip.
fn note(name: &str, kind: &Kind, column: &str) -> Option<String> {
    let (line, value) = kind.text.as_ref()?;
    (kind.texts < kind.numbers).then(|| {
        format!(
            "{name}:{line}: `{column}` is taken for a category, since `{value}` is no number; {} of its {} values are \
             numbers. Leave empty what is missing",
            kind.numbers,
            kind.numbers + kind.texts
        )
    })
}

/// Reads the file.
pub(crate) fn read(path: &Path) -> Result<File, String> {
    let name = path.display().to_string();
    let mut kinds: Vec<Kind> = Vec::new();
    let mut places: Vec<(usize, bool)> = Vec::new();
    let mut classes = [[0_usize; 2]; 3];
    let header = each(path, |line, record, header| {
        let first = header.label + 1;
        kinds.resize(header.names.len() - first, Kind::default());
        let split = record.get(header.split).unwrap_or_default();
        let Some(at) = SPLITS.iter().position(|it| *it == split) else {
            return Err(format!(
                "`split` is `{split}`; must be train, valid or test"
            ));
        };
        let label = match record.get(header.label).unwrap_or_default() {
            "0" | "0.0" => false,
            "1" | "1.0" => true,
            other => return Err(format!("`label` is `{other}`; must be 0 or 1")),
        };
        classes[at][usize::from(label)] += 1;
        places.push((at, label));
        for (kind, value) in kinds.iter_mut().zip(record.iter().skip(first)) {
            if value.is_empty() {
                continue;
            }
            match value.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => kind.numbers += 1,
                Ok(_) if kind.endless.is_some() => {}
                Ok(_) => kind.endless = Some((line, value.to_owned())),
                Err(_) => {
                    kind.texts += 1;
                    if kind.text.is_none() {
                        kind.text = Some((line, value.to_owned()));
                    }
                }
            }
        }
        Ok(())
    })?;
    let first = header.label + 1;
    for (kind, column) in kinds.iter().zip(header.names.iter().skip(first)) {
        if let (None, Some((line, value))) = (&kind.text, &kind.endless) {
            return Err(format!(
                "{name}:{line}: `{column}` is `{value}`; a number must be finite, and empty where it is missing"
            ));
        }
    }
    let named = kinds.iter().zip(header.names.iter().skip(first));
    let notes = named.filter_map(|(kind, column)| note(&name, kind, column));
    let notes = notes.collect();
    if places.is_empty() {
        return Err(format!("{name}: has a header and no rows"));
    }
    for (split, [none, some]) in SPLITS.iter().zip(classes) {
        let rows = none + some;
        if rows == 0 {
            return Err(format!(
                "{name}: no row's `split` is {split}; rows of train, valid and test are needed"
            ));
        }
        if none == 0 || some == 0 {
            return Err(format!(
                "{name}: `{split}` has {some} rows of label 1 among {rows}; both labels are needed in each split"
            ));
        }
    }
    let starts = [
        0,
        places.iter().filter(|it| it.0 == 0).count(),
        places.iter().filter(|it| it.0 < 2).count(),
    ];
    let mut next = starts;
    let order: Vec<usize> = places
        .iter()
        .map(|(split, _)| {
            let place = next[*split];
            next[*split] += 1;
            place
        })
        .collect();
    let rows = places.len();
    let mut labels = vec![false; rows];
    let mut columns: Vec<(Values, BTreeMap<String, u32>)> = kinds
        .iter()
        .map(|kind| {
            let values = if kind.text.is_some() {
                Values::Levels {
                    codes: vec![MISSING; rows],
                    names: Vec::new(),
                }
            } else {
                Values::Numbers(vec![f64::NAN; rows])
            };
            (values, BTreeMap::new())
        })
        .collect();
    let mut seen = 0;
    each(path, |_, record, header| {
        let place = order
            .get(seen)
            .copied()
            .ok_or("the file grew while it was read")?;
        if let (Some(label), Some((_, value))) = (labels.get_mut(place), places.get(seen)) {
            *label = *value;
        }
        seen += 1;
        for ((values, known), value) in columns.iter_mut().zip(record.iter().skip(header.label + 1))
        {
            if value.is_empty() {
                continue;
            }
            match values {
                Values::Numbers(numbers) => {
                    if let (Some(cell), Ok(number)) =
                        (numbers.get_mut(place), value.trim().parse::<f64>())
                    {
                        *cell = number;
                    }
                }
                Values::Levels { codes, names } => {
                    let code = match known.get(value) {
                        Some(code) => *code,
                        None => {
                            let code = u32::try_from(names.len())
                                .map_err(|_many| "has more levels than can be told apart")?;
                            names.push(value.to_owned());
                            known.insert(value.to_owned(), code);
                            code
                        }
                    };
                    if let Some(cell) = codes.get_mut(place) {
                        *cell = code;
                    }
                }
            }
        }
        Ok(())
    })?;
    let columns = columns
        .into_iter()
        .zip(header.names.iter().skip(first))
        .map(|((values, _), name)| Column {
            name: name.clone(),
            values,
        })
        .collect();
    Ok(File {
        table: Table { columns },
        labels,
        valid: starts[1],
        test: starts[2],
        notes,
    })
}
