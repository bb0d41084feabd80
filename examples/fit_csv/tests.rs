//! What is refused, and where it is said to be wrong; how columns are read.

use std::io::Write as _;

use doorstep::lab::train::table::{MISSING, Values};

use crate::read::{self, File};

/// Both labels in each split.
const FINE: &str = "split,label,x\ntrain,0,1\ntrain,1,2\nvalid,0,3\nvalid,1,\ntest,0,5\ntest,1,6\n";

fn read(name: &str, content: &[u8]) -> Result<File, String> {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join(name);
    std::fs::write(&path, content).unwrap();
    read::read(&path).map_err(|what| what.replace(&room.path().display().to_string(), ""))
}

fn gzipped(text: &str) -> Vec<u8> {
    let mut to = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    to.write_all(text.as_bytes()).unwrap();
    to.finish().unwrap()
}

#[test]
fn what_is_wrong_is_named_with_file_line_and_field() {
    let check = |text: &str, place: &str, field: &str| {
        let what = read("it.csv", text.as_bytes()).err().unwrap_or_default();
        assert!(
            what.starts_with(place),
            "{what:?} must begin with {place:?}"
        );
        assert!(what.contains(field), "{what:?} must name {field}");
    };
    check(&FINE.replace("train,1,2", "train,1"), "/it.csv:3:", "`x`");
    check(
        &FINE.replace("train,1,2", "train,1,2,3"),
        "/it.csv:3:",
        "`x`",
    );
    check(&FINE.replace("valid,0", "later,0"), "/it.csv:4:", "`split`");
    check(&FINE.replace("valid,0", ",0"), "/it.csv:4:", "`split`");
    check(
        &FINE.replace("train,1", "train,yes"),
        "/it.csv:3:",
        "`label`",
    );
    check(&FINE.replace(",5", ",NaN"), "/it.csv:6:", "`x`");
    check(&FINE.replace(",5", ",-inf"), "/it.csv:6:", "`x`");
    check(&FINE.replace("test,1", "test,0"), "/it.csv:", "`test`");
    check(&FINE.replace("split", "part"), "/it.csv:1:", "`split`");
    check(&FINE.replace("label", "y"), "/it.csv:1:", "`label`");
    check("split,label\ntrain,0\n", "/it.csv:1:", "`label`");
    // Without a word the rows after it would be one cell of the row that it stands in.
    let open = format!("{FINE}test,1,\"7\ntest,0,8\n");
    check(
        &open,
        "/it.csv: cannot be read to its end",
        "a quote opened on line 8",
    );
    let doubled = format!("{FINE}test,1,\"7\n\"\"8\n");
    check(&doubled, "/it.csv: cannot be read to its end", "on line 8");
    check("split,label,x,x\n", "/it.csv:1:", "`x`");
    check(&FINE.replace(',', ";"), "/it.csv:1:", "semicolons");
    check(&FINE.replace("label", " Label"), "/it.csv:1:", "` Label`");
    check(&FINE.replace("test,", "train,"), "/it.csv:", "is test;");
}

#[test]
fn a_category_for_the_sake_of_few_values_is_noted() {
    let notes = |text: &str| read("it.csv", text.as_bytes()).unwrap().notes;
    assert!(notes(FINE).is_empty());
    let slip = notes(&FINE.replace(",5", ",NA"));
    assert_eq!(slip.len(), 1);
    assert!(slip[0].contains("/it.csv:6: `x`"), "{slip:?}");
    assert!(slip[0].contains("`NA`"), "{slip:?}");
    let meant = "split,label,x\ntrain,0,a\ntrain,1,b\nvalid,0,3\nvalid,1,\ntest,0,5\ntest,1,c\n";
    assert!(notes(meant).is_empty());
}

#[test]
fn quotes_that_are_closed_are_no_fault() {
    for cell in [
        "\"7\"",
        "\"7\"\"8\"",
        "7\"8",
        "\"7\n8\"",
        "\"\"\"\"",
        "\"\"",
    ] {
        let what = read("it.csv", format!("{FINE}test,1,{cell}\n").as_bytes()).err();
        assert_eq!(what, None, "{cell}");
    }
}

#[test]
fn a_file_named_gz_must_be_gzipped_and_whole() {
    let what = read("it.csv.gz", FINE.as_bytes()).err().unwrap_or_default();
    assert!(what.contains("not gzipped"), "{what}");
    let mut cut = gzipped(FINE);
    cut.truncate(cut.len() / 2);
    assert!(read("it.csv.gz", &cut).is_err());
    assert!(read("it.csv.gz", &gzipped(FINE)).is_ok());
    assert!(read("it.csv", &gzipped(FINE)).is_ok());
}

#[test]
fn a_column_is_of_numbers_if_all_its_values_are() {
    let numbers = read("it.csv", FINE.as_bytes()).unwrap();
    assert_eq!((numbers.valid, numbers.test), (2, 4));
    let Values::Numbers(values) = &numbers.table.columns[0].values else {
        panic!("x holds numbers");
    };
    assert!(values[3].is_nan());
    assert_eq!(values[5].to_bits(), 6.0_f64.to_bits());
    let levels = read("it.csv", FINE.replace(",6", ",six").as_bytes()).unwrap();
    let Values::Levels { codes, names } = &levels.table.columns[0].values else {
        panic!("x holds levels");
    };
    assert_eq!(codes[3], MISSING);
    assert_eq!(names.last().map(String::as_str), Some("six"));
}
