//! The card's drawings: every signal's shape, the strongest pairs, calibration.

use super::plot::{self, Curve, Heat, Series};
use crate::decision::model::{Bins, PairParts, Parts};
use crate::decision::signal::Signal;
use crate::domain::hazard::Hazard;
use crate::domain::units::{LogOddsMicro, to_f64};
use crate::lab::report::Report;

/// Pairs that are drawn for each hazard, the strongest first.
const PAIRS: usize = 4;

/// All drawings as files: name and text.
pub(super) fn draw(report: &Report, parts: &Parts) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for (signal, bins) in &parts.signals {
        files.extend(shape(*signal, bins, parts));
    }
    for (hazard, table) in Hazard::ALL.iter().zip(&parts.hazards) {
        let mut pairs: Vec<&PairParts> = table.pairs.iter().collect();
        pairs.sort_by_key(|pair| std::cmp::Reverse(strength(pair)));
        files.extend(
            pairs
                .into_iter()
                .take(PAIRS)
                .filter_map(|it| pair(*hazard, it, parts)),
        );
    }
    files.push(("calibration.svg".to_owned(), calibration(report)));
    files
}

/// What a signal adds to each hazard; none where it adds to none.
fn shape(signal: Signal, bins: &Bins, parts: &Parts) -> Option<(String, String)> {
    let series: Vec<Series> = Hazard::ALL
        .iter()
        .zip(&parts.hazards)
        .filter_map(|(hazard, table)| {
            let (_, weights) = table.mains.iter().find(|(it, _)| *it == signal)?;
            let some = weights.iter().any(|it| *it != 0);
            some.then(|| Series {
                name: hazard.key().replace('_', " "),
                values: weights.iter().copied().map(log_odds).collect(),
            })
        })
        .collect();
    if series.is_empty() {
        return None;
    }
    let title = format!("{} ({}): log-odds", signal.name(), signal.unit().name());
    Some((
        format!("{}.svg", signal.name()),
        plot::steps(&title, &bins.labels(signal), &series),
    ))
}

fn pair(hazard: Hazard, pair: &PairParts, parts: &Parts) -> Option<(String, String)> {
    let [up, across] = pair.signals;
    let labels = |signal: Signal| {
        let (_, bins) = parts.signals.iter().find(|(it, _)| *it == signal)?;
        Some(bins.labels(signal))
    };
    let cells: Vec<Vec<f64>> = pair
        .table
        .iter()
        .map(|line| line.iter().copied().map(log_odds).collect())
        .collect();
    let map = Heat {
        across: &labels(across)?,
        up: &labels(up)?,
        cells: &cells,
    };
    let title = format!(
        "{}: {} and {} together",
        hazard.key(),
        up.name(),
        across.name()
    );
    let svg = plot::heat(&title, [across.name(), up.name()], &map);
    Some((
        format!("pair-{}-{}-{}.svg", hazard.key(), up.name(), across.name()),
        svg,
    ))
}

/// The largest weight of a pair.
fn strength(pair: &PairParts) -> LogOddsMicro {
    pair.table
        .iter()
        .flatten()
        .map(|it| it.abs())
        .max()
        .unwrap_or(0)
}

/// Said and seen by tenths of the score, as powers of ten, so that rare hazards show beside frequent ones.
fn calibration(report: &Report) -> String {
    let curves: Vec<Curve> = report
        .hazards
        .iter()
        .map(|hazard| Curve {
            name: hazard.hazard.key().replace('_', " "),
            points: hazard
                .calibration
                .iter()
                .filter(|it| it.said > 0.0 && it.seen > 0.0)
                .map(|it| (libm::log10(it.said), libm::log10(it.seen)))
                .collect(),
        })
        .filter(|curve| !curve.points.is_empty())
        .collect();
    plot::curves(
        "Calibration on held-out orders",
        ["said (power of ten)", "seen (power of ten)"],
        &curves,
        true,
    )
}

fn log_odds(micro: LogOddsMicro) -> f64 {
    to_f64(micro) / 1e6
}
