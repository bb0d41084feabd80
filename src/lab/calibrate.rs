//! Level and slope of a scorecard, refreshed from the latest outcomes without training again.
//!
//! log-odds' = intercept + slope · log-odds for each hazard, folded into its base and tables as whole millionths: the new
//! scorecard is as exactly additive as the old one, and every order keeps its rank but for that rounding.

#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

use super::dataset::Row;
use super::evaluate::{Found, found};
use super::labels::Maturity;
use crate::decision::model::{HazardParts, Model, Parts};
use crate::domain::hazard::Hazard;
use crate::domain::units::{LogOddsMicro, Timestamp, Zone, to_f64};
use crate::stats::calibration::{self, Case, Expected, Line};
use crate::stats::interval::Repeats;

/// Fewer losses of a hazard leave it as it is (assumed).
pub const LOSSES_MIN: usize = 30;

/// How far level and slope may be expected to be off before anything was seen (assumed): a base rate within a factor of
/// two, a slope within a quarter. With few losses the line is drawn towards "all is well".
const EXPECTED: Expected = Expected {
    level: 0.7,
    slope: 0.25,
};

/// A flatter line says that the scores hardly rank any more: that is mended by training, not by calibrating (assumed).
const SLOPE_MIN: f64 = 0.3;

/// What a calibrated scorecard's name says before its day.
const MARK: &str = "-calibrated-";

/// How to refresh.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The new name; none: the old one with the day.
    pub name: Option<String>,
    /// Orders decided at this time or later; none: those the scorecard was not fitted to, as far as its card tells.
    pub from: Option<Timestamp>,
    /// When outcomes counted as known.
    pub maturity: Maturity,
}

/// Why nothing was refreshed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No hazard has losses enough.
    #[error(
        "no hazard has {LOSSES_MIN} losses among {orders} orders with a known outcome decided from {from} on: {why}"
    )]
    TooFew {
        /// Orders that were looked at.
        orders: usize,
        /// Since when.
        from: String,
        /// How many each has.
        why: String,
    },
    /// What came of it does not load: a weight is out of bounds.
    #[error("the refreshed scorecard would not load: {0}")]
    OutOfBounds(String),
}

/// What became of a hazard.
#[derive(Clone, Debug, PartialEq)]
pub struct Refreshed {
    /// Which.
    pub hazard: Hazard,
    /// The line that was folded in, or why it was left as it is.
    pub line: Result<Line, String>,
    /// What the scores said before.
    pub before: Found,
    /// What they say now.
    pub after: Found,
}

/// A refreshed scorecard.
#[derive(Clone, Debug)]
pub struct Calibrated {
    /// The scorecard, its card filled in.
    pub parts: Parts,
    /// In the order of [`Hazard::ALL`].
    pub hazards: Vec<Refreshed>,
    /// Orders from here on were looked at.
    pub from: Option<String>,
    /// How many they are, as rows.
    pub orders: usize,
}

/// Refreshes a scorecard by rows.
///
/// # Errors
/// [`Error`] says how many losses are needed.
pub fn calibrate(model: &Model, rows: &[Row], settings: &Settings) -> Result<Calibrated, Error> {
    let (rows, from) = latest(model, rows, settings);
    let mut parts = model.parts();
    let lines: Vec<(Hazard, Result<Line, String>)> = Hazard::ALL
        .iter()
        .map(|hazard| (*hazard, line(model, &rows, *hazard)))
        .collect();
    if lines.iter().all(|(_, line)| line.is_err()) {
        let why: Vec<String> = lines
            .iter()
            .filter_map(|(hazard, line)| Some(format!("{} {}", hazard.key(), line.as_ref().err()?)))
            .collect();
        return Err(Error::TooFew {
            orders: rows.len(),
            from: from.unwrap_or_else(|| "the first".to_owned()),
            why: why.join("; "),
        });
    }
    for (table, (_, line)) in parts.hazards.iter_mut().zip(&lines) {
        if let Ok(line) = line {
            fold(table, line);
        }
    }
    let day = settings.maturity.as_of.in_zone(&Zone::UTC).0.to_string();
    parts.name = settings.name.clone().unwrap_or_else(|| {
        let old = parts.name.split(MARK).next().unwrap_or_default();
        format!("{old}{MARK}{day}")
    });
    parts.created = day;
    let after = load(&parts)?;
    let hazards: Vec<Refreshed> = lines
        .into_iter()
        .map(|(hazard, line)| Refreshed {
            hazard,
            line,
            before: seen(model, &rows, hazard),
            after: seen(&after, &rows, hazard),
        })
        .collect();
    let orders = rows.len();
    let note = note(model, &hazards, from.as_deref(), orders, settings);
    parts.card = with(parts.card, note);
    load(&parts)?;
    Ok(Calibrated {
        parts,
        hazards,
        from,
        orders,
    })
}

/// Rows that the scorecard was not fitted to, as far as one knows, and since when.
fn latest<'a>(
    model: &Model,
    rows: &'a [Row],
    settings: &Settings,
) -> (Vec<&'a Row>, Option<String>) {
    if let Some(from) = settings.from {
        let rows = rows.iter().filter(|row| from <= row.at).collect();
        return (rows, Some(from.to_string()));
    }
    let fitted_to = model.card.get("data").and_then(|it| it.get("to"));
    let Some(fitted_to) = fitted_to.and_then(Value::as_str) else {
        return (rows.iter().collect(), None);
    };
    // Both are RFC 3339 in UTC with the same number of digits, or nearly: a second more or less is nothing.
    let newer = |row: &&Row| row.at.to_string().as_str() > fitted_to;
    (
        rows.iter().filter(newer).collect(),
        Some(fitted_to.to_owned()),
    )
}

fn scored<'a>(model: &Model, rows: &[&'a Row], hazard: Hazard) -> Vec<(&'a Row, LogOddsMicro)> {
    let score = |row: &Row| {
        let scores = model.score(&row.signals());
        scores.get(hazard.index()).map_or(0, |it| it.log_odds)
    };
    let speaking = rows.iter().filter(|row| row.weight(hazard) > 0.0);
    speaking.map(|row| (*row, score(row))).collect()
}

fn seen(model: &Model, rows: &[&Row], hazard: Hazard) -> Found {
    // Values alone are told: no intervals.
    let once = Repeats { count: 0, seed: 0 };
    found(scored(model, rows, hazard).iter(), hazard, once, &[])
}

fn line(model: &Model, rows: &[&Row], hazard: Hazard) -> Result<Line, String> {
    let cases: Vec<Case> = scored(model, rows, hazard)
        .iter()
        .map(|(row, micro)| Case {
            log_odds: to_f64(*micro) / 1e6,
            positive: row.lost(hazard),
            weight: row.weight(hazard),
        })
        .collect();
    let losses = cases.iter().filter(|it| it.positive).count();
    if losses < LOSSES_MIN {
        return Err(format!("{losses} losses, {LOSSES_MIN} are needed"));
    }
    let line = calibration::fit(&cases, Some(EXPECTED)).map_err(|why| why.to_string())?;
    if line.slope < SLOPE_MIN {
        return Err(format!(
            "slope {:.2}: its scores hardly rank losses any more, so train again",
            line.slope
        ));
    }
    Ok(line)
}

/// Every weight times the slope, and the intercept into the base.
fn fold(table: &mut HazardParts, line: &Line) {
    let steeper = |weight: &mut LogOddsMicro| *weight = micro(to_f64(*weight) * line.slope);
    table.base = micro(to_f64(table.base) * line.slope + line.intercept * 1e6);
    for (_, weights) in &mut table.mains {
        weights.iter_mut().for_each(steeper);
    }
    for pair in &mut table.pairs {
        pair.table.iter_mut().flatten().for_each(steeper);
    }
}

/// The nearest whole number; halves away from zero. Far beyond all bounds where there is none.
fn micro(value: f64) -> LogOddsMicro {
    let whole = libm::round(value);
    format!("{whole:.0}").parse().unwrap_or(i64::MAX)
}

fn load(parts: &Parts) -> Result<Model, Error> {
    Model::load(&parts.write()).map_err(|problems| {
        let all: Vec<String> = problems.iter().take(3).map(ToString::to_string).collect();
        Error::OutOfBounds(all.join("; "))
    })
}

/// What the card says of it.
fn note(
    model: &Model,
    hazards: &[Refreshed],
    from: Option<&str>,
    orders: usize,
    settings: &Settings,
) -> Value {
    let figures = |it: &Found| {
        let log_loss = it.judged.as_ref().ok().map(|it| it.figures.log_loss.value);
        json!({
            "expected": it.expected,
            "seen": it.seen,
            "log_loss": log_loss,
        })
    };
    let hazards: Map<String, Value> = hazards
        .iter()
        .map(|it| {
            let value = match &it.line {
                Ok(line) => json!({
                    "losses": it.before.losses,
                    "intercept": line.intercept,
                    "slope": line.slope,
                    "before": figures(&it.before),
                    "after": figures(&it.after),
                }),
                Err(why) => json!({"losses": it.before.losses, "left": why}),
            };
            (it.hazard.key().to_owned(), value)
        })
        .collect();
    json!({
        "of": model.version.id,
        "of_digest": model.version.digest.to_string(),
        "as_of": settings.maturity.as_of.to_string(),
        "claim_window_days": settings.maturity.claim_window.as_days(),
        "orders_from": from,
        "orders": orders,
        "hazards": hazards,
    })
}

/// The card with a note more; earlier ones stay.
fn with(card: Value, note: Value) -> Value {
    let mut members = match card {
        Value::Object(members) => members,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    };
    let mut notes = match members.remove("calibrated") {
        Some(Value::Array(notes)) => notes,
        _ => Vec::new(),
    };
    notes.push(note);
    members.insert("calibrated".to_owned(), Value::Array(notes));
    Value::Object(members)
}
