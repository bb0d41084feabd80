//! Tables for people: lines and wrapping on a terminal, the same columns plain where piped.

mod decisions;
mod explain;
mod words;

pub(crate) use decisions::{decisions, stories};
pub(crate) use explain::explain;
pub(crate) use words::{action, money, time, version};

use comfy_table::{ColumnConstraint, ContentArrangement, LineStyle, Table, Width, presets};

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
    let mut words = header.map(longest_word);
    table.set_header(header);
    for row in rows {
        for (word, cell) in words.iter_mut().zip(&row) {
            *word = longest_word(cell).max(*word);
        }
        table.add_row(row);
    }
    if out.is_terminal() {
        let under_header = LineStyle::new('─', '─', '─', '─');
        table
            .load_style(presets::NOTHING.header_separator(under_header))
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(width());
        for (column, word) in table.column_iter_mut().zip(words) {
            column.set_padding((0, 1));
            // No word is broken where that can be helped; one more for the gap.
            let word = u16::try_from(word + 1).unwrap_or(0).min(width() / 3);
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(word)));
        }
    } else {
        table.load_style(presets::NOTHING);
    }
    for line in table.lines() {
        out.line(line.trim_end())?;
    }
    Ok(())
}

fn longest_word(text: &str) -> usize {
    text.split_whitespace()
        .map(|it| it.chars().count())
        .fold(0, usize::max)
}

/// Columns of the terminal on standard output.
pub(crate) fn width() -> u16 {
    let told = console::Term::stdout()
        .size_checked()
        .map(|(_, columns)| columns);
    told.filter(|it| *it >= NARROWEST).unwrap_or(FALLBACK)
}
