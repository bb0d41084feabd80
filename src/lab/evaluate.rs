//! How good models are: what each said of orders whose outcome is known, and what was seen, with intervals.
//!
//! Orders speak for a hazard with the weights of `labels`: those whose action hindered it do not, and others stand for
//! them. Orders that a model was fitted to flatter it; which period is judged is the caller's choice.

mod json;
#[cfg(test)]
pub(super) mod tests;

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::dataset::{By, Dataset, Row};
use super::labels::LeftOut;
use crate::decision::model::Model;
use crate::decision::record::Version;
use crate::domain::hazard::Hazard;
use crate::domain::units::{LogOddsMicro, Timestamp, to_f64};
use crate::stats::calibration::{self, Line};
use crate::stats::interval::{self, Judged, Repeats};
use crate::stats::threshold::{self, At};

/// What is judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Orders decided at this time or later; none: all.
    pub from: Option<Timestamp>,
    /// Orders decided before this time; none: all.
    pub to: Option<Timestamp>,
    /// How often rows are drawn again for the intervals.
    pub repeats: Repeats,
    /// What flagging orders from these probabilities on would do.
    pub thresholds: Vec<f64>,
    /// By these segments, too.
    pub by: Vec<By>,
    /// Threads; the result is the same for any number.
    pub threads: usize,
}

/// Why nothing can be judged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No order's outcome is known.
    #[error("none of {orders} orders has a known outcome: {why}")]
    NothingKnown {
        /// How many were looked at.
        orders: u64,
        /// What they were left out for.
        why: String,
    },
    /// None in the period.
    #[error(
        "no order with a known outcome was decided in the period; the known ones were from {from} to {to}"
    )]
    NothingInPeriod {
        /// The first of all.
        from: Timestamp,
        /// The last of all.
        to: Timestamp,
    },
    /// No hazard has losses enough.
    #[error(
        "no hazard has losses enough to judge by ({} are needed): {why}",
        interval::POSITIVES_MIN
    )]
    TooFew {
        /// How many each has.
        why: String,
    },
}

/// How good several models are on the same orders.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Orders judged by, as rows.
    pub rows: usize,
    /// When the first and the last of them were decided.
    pub period: (Timestamp, Timestamp),
    /// In the order asked for.
    pub models: Vec<ModelFigures>,
}

/// How good one model is.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelFigures {
    /// Which.
    pub model: Version,
    /// In the order of [`Hazard::ALL`].
    pub hazards: Vec<HazardFigures>,
}

/// How good one hazard's scores are.
#[derive(Clone, Debug, PartialEq)]
pub struct HazardFigures {
    /// Which.
    pub hazard: Hazard,
    /// On all orders.
    pub all: Found,
    /// By segment: its kind, its name.
    pub segments: Vec<(By, String, Found)>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Orders that speak, as rows.
    pub rows: usize,
    /// Losses, as rows.
    pub losses: usize,
    /// Losses that the scores led to expect, in orders.
    pub expected: f64,
    /// Losses that were, in orders.
    pub seen: f64,
    /// By how much what is seen differs by chance alone from what is expected, as a standard deviation.
    pub spread: f64,
    /// The figures, or why there are none.
    pub judged: Result<Judged, interval::Error>,
    /// What flagging from each of the thresholds on does.
    pub thresholds: Vec<(f64, At)>,
    /// The line that would mend the scores; none where no line fits.
    pub line: Option<Line>,
}

/// Judges models, side by side.
///
/// # Errors
/// [`Error`] says what is missing.
pub fn evaluate(
    dataset: &Dataset,
    models: &[Model],
    settings: &Settings,
) -> Result<Evaluation, Error> {
    let rows = known(dataset, settings)?;
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        return Err(nothing_in_period(dataset, settings));
    };
    let period = (first.at, last.at);
    let scores: Vec<Vec<[LogOddsMicro; Hazard::COUNT]>> = models
        .iter()
        .map(|model| rows.iter().map(|row| log_odds(model, row)).collect())
        .collect();
    let tasks: Vec<(usize, Hazard)> = (0..models.len())
        .flat_map(|place| Hazard::ALL.iter().map(move |hazard| (place, *hazard)))
        .collect();
    let mut found = each(settings.threads, &tasks, |(place, hazard)| {
        let scores = scores.get(*place).map_or(&[][..], Vec::as_slice);
        figures(&rows, scores, *hazard, settings)
    })
    .into_iter();
    let models: Vec<ModelFigures> = models
        .iter()
        .map(|model| ModelFigures {
            model: model.version.clone(),
            hazards: found.by_ref().take(Hazard::COUNT).collect(),
        })
        .collect();
    let hazards = models.iter().flat_map(|it| &it.hazards);
    if models.is_empty() || hazards.clone().any(|it| it.all.judged.is_ok()) {
        return Ok(Evaluation {
            rows: rows.len(),
            period,
            models,
        });
    }
    let why: Vec<String> = hazards
        .take(Hazard::COUNT)
        .map(|it| format!("{} {}", it.hazard.key(), it.all.losses))
        .collect();
    Err(Error::TooFew {
        why: why.join(", "),
    })
}

/// A look at one model without intervals, however little is known.
#[must_use]
pub fn glance(rows: &[Row], model: &Model) -> Vec<HazardFigures> {
    let settings = Settings {
        from: None,
        to: None,
        repeats: Repeats { count: 0, seed: 0 },
        thresholds: Vec::new(),
        by: Vec::new(),
        threads: 1,
    };
    let rows: Vec<&Row> = rows.iter().collect();
    let scores: Vec<_> = rows.iter().map(|row| log_odds(model, row)).collect();
    let hazards = Hazard::ALL.iter().copied();
    hazards
        .map(|hazard| figures(&rows, &scores, hazard, &settings))
        .collect()
}

/// Rows of the period.
fn known<'a>(dataset: &'a Dataset, settings: &Settings) -> Result<Vec<&'a Row>, Error> {
    let tally = &dataset.tally;
    if tally.mature == 0 {
        let reasons = LeftOut::ALL.iter().filter_map(|why| {
            let count = tally.left_out.get(why)?;
            Some(format!("{count} {}", why.text()))
        });
        let why = reasons.collect::<Vec<_>>().join("; ");
        let why = if why.is_empty() {
            "there are none".to_owned()
        } else {
            why
        };
        return Err(Error::NothingKnown {
            orders: tally.orders,
            why,
        });
    }
    let within = |row: &&Row| {
        settings.from.is_none_or(|from| from <= row.at) && settings.to.is_none_or(|to| row.at < to)
    };
    Ok(dataset.rows.iter().filter(within).collect())
}

fn nothing_in_period(dataset: &Dataset, settings: &Settings) -> Error {
    let anywhere = settings.from.or(settings.to);
    let anywhere = anywhere.unwrap_or(Timestamp::from_micros(0));
    let (from, to) = dataset.tally.period.unwrap_or((anywhere, anywhere));
    Error::NothingInPeriod { from, to }
}

/// A row's scores, in the order of [`Hazard::ALL`].
fn log_odds(model: &Model, row: &Row) -> [LogOddsMicro; Hazard::COUNT] {
    model.score(&row.signals()).map(|score| score.log_odds)
}

fn figures(
    rows: &[&Row],
    scores: &[[LogOddsMicro; Hazard::COUNT]],
    hazard: Hazard,
    settings: &Settings,
) -> HazardFigures {
    let speaking: Vec<(&Row, LogOddsMicro)> = rows
        .iter()
        .zip(scores)
        .filter(|(row, _)| row.weight(hazard) > 0.0)
        .map(|(row, scores)| (*row, scores.get(hazard.index()).copied().unwrap_or(0)))
        .collect();
    let mut segments = Vec::new();
    for by in settings.by.iter().copied() {
        let mut names: Vec<&str> = speaking
            .iter()
            .map(|(row, _)| row.segment.name(by))
            .collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let of = speaking
                .iter()
                .filter(|(row, _)| row.segment.name(by) == name);
            let found = found(of, hazard, settings.repeats, &[]);
            segments.push((by, name.to_owned(), found));
        }
    }
    HazardFigures {
        hazard,
        all: found(
            speaking.iter(),
            hazard,
            settings.repeats,
            &settings.thresholds,
        ),
        segments,
    }
}

/// What some rows say of their scores.
pub(super) fn found<'a>(
    rows: impl Iterator<Item = &'a (&'a Row, LogOddsMicro)>,
    hazard: Hazard,
    repeats: Repeats,
    thresholds: &[f64],
) -> Found {
    let (mut said, mut drawn) = (Vec::new(), Vec::new());
    let (mut losses, mut expected, mut seen, mut variance) = (0, 0.0, 0.0, 0.0);
    for (row, micro) in rows {
        let (weight, lost) = (row.weight(hazard), row.lost(hazard));
        let probability = crate::domain::units::probability(*micro);
        expected += weight * probability;
        variance += weight * weight * probability * (1.0 - probability);
        if lost {
            losses += 1;
            seen += weight;
        }
        said.push(interval::Case {
            probability,
            positive: lost,
            weight,
        });
        drawn.push(calibration::Case {
            log_odds: to_f64(*micro) / 1e6,
            positive: lost,
            weight,
        });
    }
    let judged = interval::judge(&said, repeats);
    let line = judged.as_ref().ok();
    let line = line.and_then(|_| calibration::fit(&drawn, None).ok());
    Found {
        rows: said.len(),
        losses,
        expected,
        seen,
        spread: libm::sqrt(variance),
        judged,
        thresholds: thresholds
            .iter()
            .map(|from| (*from, threshold::at(&said, *from, None)))
            .collect(),
        line,
    }
}

/// Does each task, some at a time; answers in their order.
fn each<T: Sync, R: Send>(threads: usize, tasks: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, R)>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, tasks.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(task) = tasks.get(place) else { break };
                    let result = work(task);
                    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                    done.push((place, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}
