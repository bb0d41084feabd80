//! Tables for people: lines and wrapping on a terminal, the same columns plain where piped.

mod decisions;
mod explain;
mod words;

pub(crate) use decisions::{decisions, stories};
pub(crate) use explain::explain;
pub(crate) use words::action;

use comfy_table::{ContentArrangement, LineStyle, Table, presets};

use super::exit::Failure;
use super::output::Output;

/// The narrowest terminal that a table is fitted to; one that says less (some say 0) is taken as 100 columns.
const NARROWEST: u16 = 40;
const FALLBACK: u16 = 100;

/// Prints `rows` under a `header`.
///
/// # Errors
/// As [`Output::line`].
pub(crate) fn table<const N: usize>(
    out: &mut Output,
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Result<(), Failure> {
    let mut table = Table::new();
    if out.is_terminal() {
        table
            .load_style(presets::NOTHING.header_separator(LineStyle::new('─', '─', '─', '─')))
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(width());
    } else {
        table.load_style(presets::NOTHING);
    }
    table.set_header(header);
    for row in rows {
        table.add_row(row);
    }
    for line in table.lines() {
        out.line(line.trim_end())?;
    }
    Ok(())
}

/// Columns of the terminal on standard output.
pub(crate) fn width() -> u16 {
    let told = console::Term::stdout()
        .size_checked()
        .map(|(_, columns)| columns);
    told.filter(|it| *it >= NARROWEST).unwrap_or(FALLBACK)
}
