//! From rows to a scorecard: each hazard kept, shrunk or learned by how many losses it has, on common bins.
//!
//! Figures come from a first fit that has not seen the last part of the time; the scorecard is then fitted to all.

mod fit;
mod judge;
mod order;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use serde_json::Value;

use self::fit::{Fitted, Prepared};
use super::blend::{self, Binning};
use super::dataset::{Dataset, Row};
use super::labels::Maturity;
use super::report::{HazardReport, KEPT_BELOW, Report, Way};
use crate::decision::model::{HazardParts, Kind, Model, Parts};
use crate::decision::signal::Signal;
use crate::domain::hazard::Hazard;
use crate::domain::units::{Timestamp, Zone};

/// The part of the orders, by weight, that the first fit does not see: the last fifth.
const HELD_OUT: f64 = 0.2;

/// How scorecards are made.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// What the scorecard is called.
    pub name: String,
    /// A sentence on the data.
    pub note: Option<String>,
    /// Where the rows come from.
    pub source: String,
    /// When outcomes counted as known.
    pub maturity: Maturity,
    /// Chose the negatives.
    pub seed: u64,
    /// Threads; the result is the same for any number.
    pub threads: usize,
}

/// Why no scorecard can be made.
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
    /// No order was lost.
    #[error(
        "none of {known} orders with a known outcome has a loss of any hazard that its action left alone: there is one class only, and nothing to learn"
    )]
    OneClass {
        /// How many there are.
        known: u64,
    },
    /// A hazard happened to nearly every order: as where a past holds the orders that were claimed, and no others.
    #[error(
        "{hazard}: {lost} orders that speak for it were lost by it and {others} were not, {KEPT_BELOW} at least are needed of each: \
         was the whole past brought in, and are enough orders without a loss kept (--negatives)?"
    )]
    FewOthers {
        /// Which.
        hazard: &'static str,
        /// Orders that were lost by it.
        lost: u64,
        /// Orders that were not, and say so.
        others: u64,
    },
    /// No signal tells orders apart.
    #[error("every signal is missing or constant: there is nothing to tell orders apart by")]
    NothingTells,
    /// The learner failed.
    #[error("{hazard}: {why}")]
    Fit {
        /// Whose fit.
        hazard: &'static str,
        /// Why.
        why: String,
    },
    /// What was written does not read: a fault of ours.
    #[error("the scorecard that was made does not load: {0}")]
    Unreadable(String),
}

/// A scorecard and what is known of it.
#[derive(Clone, Debug)]
pub struct Learned {
    /// The scorecard, its card filled in.
    pub parts: Parts,
    /// What was learned and how good it is.
    pub report: Report,
}

/// What the work has come to: for a bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// What is done, of 1.
    pub done: f64,
    /// Which hazard is at work; none: all.
    pub hazard: Option<Hazard>,
}

/// Makes a scorecard of the rows; `base` is kept where losses are few.
///
/// # Errors
/// [`Error`] says what is missing.
pub fn learn(
    dataset: &Dataset,
    base: &Model,
    settings: &Settings,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Learned, Error> {
    check(dataset)?;
    let rows = dataset.rows.as_slice();
    Hazard::ALL.iter().try_for_each(|it| both(rows, *it))?;
    let (signals, dropped) = telling(rows);
    if signals.is_empty() {
        return Err(Error::NothingTells);
    }
    let cut = held_out(rows);
    let prepared = Prepared::of(rows, &signals, base, cut);
    let ways = Hazard::ALL
        .iter()
        .map(|hazard| Way::of(positives(rows, *hazard)));
    let tables = all_hazards(
        &prepared,
        &ways.collect::<Vec<_>>(),
        settings.threads,
        progress,
    )?;
    let bins = prepared.bins();
    let of = |which: fn(&Fitted) -> &HazardParts| -> Vec<(bool, HazardParts)> {
        let one = |(_, it): &(Way, Fitted)| (it.on_base, which(it).clone());
        tables.iter().map(one).collect()
    };
    let free = assembled(base, &of(|it| &it.early), &bins, settings);
    let shares = reference(rows, &free);
    let (bound, mut costs) = (order::bound(&free, &shares), Vec::new());
    let judged = load(&bound)?;
    let late = rows.get(cut..).unwrap_or(&[]);
    let mut hazards = Vec::new();
    for (hazard, (way, fitted)) in Hazard::ALL.iter().copied().zip(&tables) {
        let mut report = judge::judge(late, hazard, &judged, base);
        report.way = *way;
        report.on_base = fitted.on_base;
        costs.clone_from(&fitted.constraints);
        if fitted.on_base && *way != Way::Kept {
            costs = order::costs(late, hazard, &free, &bound);
        }
        report.constraints.clone_from(&costs);
        hazards.push(report);
    }
    let mut parts = assembled(base, &of(|it| &it.parts), &bins, settings);
    parts = order::bound(&parts, &shares);
    let report = report(
        dataset, base, settings, signals, dropped, hazards, &parts, late,
    );
    parts.card = report.json();
    load(&parts)?;
    progress(Progress {
        done: 1.0,
        hazard: None,
    });
    Ok(Learned { parts, report })
}

/// Fits all hazards, as many at once as there are threads; each is the same whoever fits it.
fn all_hazards(
    prepared: &Prepared<'_>,
    ways: &[Way],
    threads: usize,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Vec<(Way, Fitted)>, Error> {
    let done: [AtomicU64; Hazard::COUNT] = std::array::from_fn(|_| AtomicU64::new(0));
    let next = AtomicUsize::new(0);
    let work = || {
        let mut fitted = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let (Some(hazard), Some(way)) = (Hazard::ALL.get(place), ways.get(place)) else {
                return fitted;
            };
            let step = |part: f64| {
                if let Some(done) = done.get(place) {
                    done.store(part.to_bits(), Ordering::Relaxed);
                }
                let sum: f64 = done
                    .iter()
                    .map(|it| f64::from_bits(it.load(Ordering::Relaxed)))
                    .sum();
                progress(Progress {
                    done: sum / 5.0,
                    hazard: Some(*hazard),
                });
            };
            step(0.0);
            fitted.push((place, prepared.fit(*hazard, *way, &step)));
        }
    };
    let mut all: BTreeMap<usize, Result<Fitted, Error>> = BTreeMap::new();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.clamp(1, Hazard::COUNT))
            .map(|_| scope.spawn(work))
            .collect();
        for worker in workers {
            match worker.join() {
                Ok(fitted) => all.extend(fitted),
                Err(fault) => std::panic::resume_unwind(fault),
            }
        }
    });
    all.into_values()
        .zip(ways)
        .map(|(fitted, way)| Ok((*way, fitted?)))
        .collect()
}

/// Whether there is anything to learn from.
fn check(dataset: &Dataset) -> Result<(), Error> {
    let tally = &dataset.tally;
    if tally.mature == 0 {
        let why: Vec<String> = tally
            .left_out
            .iter()
            .map(|(why, count)| format!("{count} {}", why.text()))
            .collect();
        let why = if why.is_empty() {
            "there are none".to_owned()
        } else {
            why.join("; ")
        };
        return Err(Error::NothingKnown {
            orders: tally.orders,
            why,
        });
    }
    if !dataset.rows.iter().any(Row::is_told) {
        return Err(Error::OneClass {
            known: tally.mature,
        });
    }
    Ok(())
}

/// Whether a hazard of which something would be learned has rows of both classes.
fn both(rows: &[Row], hazard: Hazard) -> Result<(), Error> {
    let lost = positives(rows, hazard);
    let speaks = |row: &&Row| row.weight(hazard) > 0.0 && !row.lost(hazard);
    let others = u64::try_from(rows.iter().filter(speaks).count()).unwrap_or(u64::MAX);
    if Way::of(lost) == Way::Kept || others >= KEPT_BELOW {
        return Ok(());
    }
    Err(Error::FewOthers {
        hazard: hazard.key(),
        lost,
        others,
    })
}

/// Losses of a hazard among rows that speak for it.
fn positives(rows: &[Row], hazard: Hazard) -> u64 {
    let lost = |row: &&Row| row.lost(hazard);
    u64::try_from(rows.iter().filter(lost).count()).unwrap_or(u64::MAX)
}

/// Signals that tell rows apart, and the others with the reason.
fn telling(rows: &[Row]) -> (Vec<Signal>, Vec<(Signal, &'static str)>) {
    let (mut telling, mut dropped) = (Vec::new(), Vec::new());
    for signal in Signal::ALL.iter().copied() {
        let mut values = rows.iter().map(|row| row.value(signal));
        let first = values.next().flatten();
        let same = |value: Option<f64>| value.map(f64::to_bits) == first.map(f64::to_bits);
        if !values.all(same) {
            telling.push(signal);
        } else if first.is_none() {
            dropped.push((signal, "always missing"));
        } else {
            dropped.push((signal, "always the same"));
        }
    }
    (telling, dropped)
}

/// The first row of the last fifth of the orders.
fn held_out(rows: &[Row]) -> usize {
    let all: f64 = rows.iter().map(|row| row.stands_for).sum();
    let mut seen = 0.0;
    rows.iter()
        .position(|row| {
            seen += row.stands_for;
            seen > all * (1.0 - HELD_OUT)
        })
        .unwrap_or(rows.len())
}

/// One scorecard of all hazards on common bins.
fn assembled(
    base: &Model,
    tables: &[(bool, HazardParts)],
    bins: &Binning,
    settings: &Settings,
) -> Parts {
    let known = base.parts();
    let old: Binning = known.signals.iter().cloned().collect();
    let kept = kept_bins(&old, &known.hazards, tables);
    let all = blend::common(&[bins, &kept]);
    let mut hazards = known.hazards.clone();
    for ((table, old_table), (on_base, fitted)) in
        hazards.iter_mut().zip(&known.hazards).zip(tables)
    {
        let new = blend::onto(fitted, bins, &all);
        *table = if *on_base {
            blend::sum(&blend::onto(old_table, &old, &all), &new)
        } else {
            new
        };
    }
    for table in &mut hazards {
        tidy(table);
    }
    let day = |at: Timestamp| at.in_zone(&Zone::UTC).0.to_string();
    let words = settings
        .note
        .clone()
        .unwrap_or_else(|| "Learned from what became of orders.".to_owned());
    Parts {
        name: settings.name.clone(),
        kind: Kind::Trained,
        created: day(settings.maturity.as_of),
        note: words,
        card: Value::Null,
        signals: all.into_iter().collect(),
        hazards,
    }
}

/// The base model's bins of the signals that some kept or shrunk hazard weighs.
fn kept_bins(
    old: &Binning,
    hazards: &[HazardParts; Hazard::COUNT],
    tables: &[(bool, HazardParts)],
) -> Binning {
    let mut kept = Binning::new();
    let resting = hazards
        .iter()
        .zip(tables)
        .filter(|(_, (on_base, _))| *on_base);
    for (table, _) in resting {
        let mains = table.mains.iter().map(|(signal, _)| *signal);
        let pairs = table.pairs.iter().flat_map(|pair| pair.signals);
        for signal in mains.chain(pairs) {
            if let Some(bins) = old.get(&signal) {
                kept.insert(signal, bins.clone());
            }
        }
    }
    kept
}

/// Signals in their own order, and none that weighs nothing.
fn tidy(table: &mut HazardParts) {
    table
        .mains
        .retain(|(_, weights)| weights.iter().any(|it| *it != 0));
    table.mains.sort_by_key(|(signal, _)| *signal);
    table
        .pairs
        .retain(|pair| pair.table.iter().flatten().any(|it| *it != 0));
    table.pairs.sort_by_key(|pair| pair.signals);
}

fn load(parts: &Parts) -> Result<Model, Error> {
    Model::load(&parts.write()).map_err(|problems| {
        let all: Vec<String> = problems.iter().take(3).map(ToString::to_string).collect();
        Error::Unreadable(all.join("; "))
    })
}

#[expect(
    clippy::too_many_arguments,
    reason = "a report is made of all of them, once"
)]
fn report(
    dataset: &Dataset,
    base: &Model,
    settings: &Settings,
    signals: Vec<Signal>,
    dropped: Vec<(Signal, &'static str)>,
    hazards: Vec<HazardReport>,
    parts: &Parts,
    late: &[Row],
) -> Report {
    Report {
        name: settings.name.clone(),
        source: settings.source.clone(),
        note: settings.note.clone(),
        base: base.version.id.clone(),
        maturity: settings.maturity,
        seed: settings.seed,
        tally: dataset.tally.clone(),
        held_out_from: late.first().map_or(settings.maturity.as_of, |row| row.at),
        signals,
        dropped,
        settings: fit::settings(),
        hazards,
        reference: reference(&dataset.rows, parts),
    }
}

/// The shares of each signal's bins among the orders as they came.
fn reference(rows: &[Row], parts: &Parts) -> Vec<(Signal, Vec<f64>)> {
    let all: f64 = rows.iter().map(|row| row.stands_for).sum();
    let shares = |(signal, bins): &(Signal, crate::decision::model::Bins)| {
        let mut shares = vec![0.0; bins.count()];
        for row in rows {
            if let Some(share) = shares.get_mut(bins.of(row.value(*signal))) {
                *share += row.stands_for;
            }
        }
        shares.iter_mut().for_each(|it| *it /= all);
        (*signal, shares)
    };
    parts.signals.iter().map(shares).collect()
}
