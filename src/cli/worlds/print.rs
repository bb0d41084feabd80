//! The tables of judged worlds: for people, for documents, for programs.

use serde_json::{Value, json};

use super::findings::findings;
use crate::cli::exit::Failure;
use crate::cli::output::Output;
use crate::domain::hazard::Hazard;
use crate::lab::judged::{Column, Line, Sheet, Standing};
use crate::stats::mean::Mean;

/// Where the tables stand in a document.
pub(super) const BEGIN: &str = "<!-- doorstep judge: from here on written by the command -->";
pub(super) const END: &str = "<!-- doorstep judge: to here -->";

/// What was played.
#[derive(Clone, Debug)]
pub(crate) struct Played {
    /// Orders of each world and seed.
    pub(crate) orders: u64,
    /// The seeds.
    pub(crate) seeds: Vec<u64>,
    /// The row that others are compared to.
    pub(crate) judged: String,
    /// The command, as it can be given again.
    pub(crate) command: String,
    /// The tables: all worlds together first.
    pub(crate) sheets: Vec<Sheet>,
}

/// One JSON document.
pub(crate) fn json(played: &Played) -> Value {
    let number = |mean: Mean| json!({ "mean": mean.mean, "half": mean.half });
    let line = |line: &Line| {
        let mut object = serde_json::Map::new();
        object.insert("row".to_owned(), json!(line.row));
        object.insert("setting".to_owned(), json!(line.setting));
        for column in Column::ALL {
            let figure = line.figure(column).map_or(Value::Null, number);
            object.insert(column.key(), figure);
        }
        object.insert("actions_percent".to_owned(), json!(line.actions));
        object.insert("dearer".to_owned(), line.dearer.map_or(Value::Null, number));
        Value::Object(object)
    };
    let sheet = |sheet: &Sheet| {
        json!({
            "world": sheet.world,
            "rows": sheet.lines.iter().map(line).collect::<Vec<_>>(),
        })
    };
    json!({
        "orders": played.orders,
        "seeds": played.seeds,
        "judged": played.judged,
        "sheets": played.sheets.iter().map(sheet).collect::<Vec<_>>(),
        "findings": findings(played),
    })
}

/// Plain tables for a terminal: a narrow one a world.
pub(crate) fn table(played: &Played, out: &mut Output) -> Result<(), Failure> {
    for sheet in &played.sheets {
        out.line(title(sheet))?;
        let rows = sheet.lines.iter().map(|line| {
            let cell = |column| figure(line, column);
            [
                name(line),
                cell(Column::LostInAll),
                cell(Column::Verification),
                cell(Column::Total),
                line.dearer.map_or_else(String::new, signed),
                cell(Column::Bothered),
                cell(Column::HonestPerLoss),
                cell(Column::ValuableIfCoded),
                cell(Column::Suspected),
            ]
        });
        let dearer = format!("than {}", played.judged);
        let header = [
            "row",
            "lost",
            "spent",
            "total",
            &dearer,
            "bothered %",
            "honest/loss",
            "P(valuable)",
            "suspected %",
        ];
        crate::cli::show::table(out, header, rows)?;
        out.line("")?;
    }
    for finding in findings(played) {
        out.line(finding)?;
    }
    Ok(())
}

/// The tables as Markdown.
pub(crate) fn markdown(played: &Played) -> String {
    let mut text = String::new();
    let seeds: Vec<String> = played.seeds.iter().map(u64::to_string).collect();
    let mut say = |line: &str| {
        text.push_str(line);
        text.push('\n');
    };
    say(&format!("`{}`\n", played.command));
    say(&format!(
        "{} orders a world and seed; seeds {}; EUR of 1,000 orders; ± half the 95 % interval over seeds.\n",
        played.orders,
        seeds.join(", ")
    ));
    for finding in findings(played) {
        say(&format!("- {finding}"));
    }
    say("\n### How much dearer than the row judged\n");
    matrix(played, &mut say);
    for sheet in &played.sheets {
        say(&format!("\n### {}\n", title(sheet)));
        wide(sheet, &mut say);
    }
    text
}

/// The total of each row less that of the row judged, by world.
fn matrix(played: &Played, say: &mut impl FnMut(&str)) {
    let Some(first) = played.sheets.iter().max_by_key(|sheet| sheet.lines.len()) else {
        return;
    };
    let others = || {
        first
            .lines
            .iter()
            .map(|line| line.row.as_str())
            .filter(|row| *row != played.judged)
    };
    say(&format!(
        "| world | {} |",
        others().collect::<Vec<_>>().join(" | ")
    ));
    say(&format!("| --- |{}", " ---: |".repeat(others().count())));
    for sheet in &played.sheets {
        let cells = others().map(|row| {
            let line = sheet.lines.iter().find(|line| line.row == row);
            let dearer = line.and_then(|line| line.dearer.map(|it| (line, it)));
            dearer.map_or_else(String::new, |(line, dearer)| {
                let sign = match line.standing() {
                    Some(Standing::Open) => " (open)",
                    Some(Standing::Cheaper | Standing::Dearer) | None => "",
                };
                format!("{}{sign}", signed(dearer))
            })
        });
        say(&format!(
            "| {} | {} |",
            title(sheet),
            cells.collect::<Vec<_>>().join(" | ")
        ));
    }
}

/// Every column of one world.
fn wide(sheet: &Sheet, say: &mut impl FnMut(&str)) {
    let head = Column::ALL
        .iter()
        .map(|column| heading(*column))
        .collect::<Vec<_>>();
    say(&format!("| row | {} |", head.join(" | ")));
    say(&format!("| --- |{}", " ---: |".repeat(head.len())));
    for line in &sheet.lines {
        let cells = Column::ALL
            .iter()
            .map(|column| figure(line, *column))
            .collect::<Vec<_>>();
        say(&format!("| {} | {} |", name(line), cells.join(" | ")));
    }
}

fn title(sheet: &Sheet) -> &str {
    sheet.world.as_deref().unwrap_or("all worlds together")
}

const fn heading(column: Column) -> &'static str {
    match column {
        Column::Lost(Hazard::PorchTheft) => "porch theft",
        Column::Lost(Hazard::CourierTheft) => "courier theft",
        Column::Lost(Hazard::Substitution) => "substitution",
        Column::Lost(Hazard::FalseClaim) => "false claim",
        Column::Lost(Hazard::AccountTakeover) => "takeover",
        Column::LostInAll => "lost",
        Column::Verification => "verification",
        Column::Total => "**total**",
        Column::Bothered => "orders bothered %",
        Column::HonestPerLoss => "honest customers bothered a loss prevented",
        Column::ValuableIfCoded => "P(valuable given a code) %",
        Column::Suspected => "victims wrongly suspected %",
    }
}

/// A row's name, with what was found for it.
fn name(line: &Line) -> String {
    line.setting
        .map_or_else(|| line.row.clone(), |it| format!("{} ({it:.0})", line.row))
}

fn figure(line: &Line, column: Column) -> String {
    line.figure(column).map_or_else(|| "–".to_owned(), plain)
}

fn plain(mean: Mean) -> String {
    let digits = digits(mean);
    let half = mean.half.map(|half| format!(" ±{half:.digits$}"));
    format!("{:.digits$}{}", mean.mean, half.unwrap_or_default())
}

fn signed(mean: Mean) -> String {
    let digits = digits(mean);
    let half = mean.half.map(|half| format!(" ±{half:.digits$}"));
    format!("{:+.digits$}{}", mean.mean, half.unwrap_or_default())
}

/// As many as say something.
fn digits(mean: Mean) -> usize {
    match mean.mean.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        _ => 2,
    }
}

/// A document with the tables between its marks exchanged; none where the marks are missing.
pub(crate) fn exchanged(document: &str, tables: &str) -> Option<String> {
    let (before, rest) = document.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{tables}\n{END}{after}"))
}
