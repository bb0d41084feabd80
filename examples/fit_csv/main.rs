//! The learner on any file: settings by `valid`, one fit on `train` and `valid`, figures on `test`.
//!
//! `cargo run --release --example fit_csv -- FILE.csv.gz --format json`. Columns: `split` (train, valid, test) and `label`
//! (0, 1), then the features; a column is a number if all its values are, else a category; empty is missing. Rows stand
//! in order of time.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example talks to people"
)]

mod read;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use doorstep::lab::train::bins::{self, Cut, Encoding, Feature, Value};
use doorstep::lab::train::rows::Rows;
use doorstep::lab::train::scorecard::Scorecard;
use doorstep::lab::train::table::{MISSING, Table, Values};
use doorstep::lab::train::{self, Settings};
use doorstep::stats::interval::{self, Case, Repeats};
use doorstep::stats::logistic;

fn main() -> ExitCode {
    let mut file = None;
    let mut json = false;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--format" => match arguments.next().as_deref() {
                Some("json") => json = true,
                Some("table") => json = false,
                _ => return usage("--format must be json or table"),
            },
            flag if flag.starts_with("--") => return usage(&format!("`{flag}` is not known")),
            _ if file.is_some() => return usage("one file only"),
            _ => file = Some(argument),
        }
    }
    let Some(file) = file else {
        return usage("a file is needed");
    };
    match judged(Path::new(&file)) {
        Ok(figures) => {
            show(&figures, json);
            ExitCode::SUCCESS
        }
        Err(what) => {
            eprintln!("{what}");
            ExitCode::from(3)
        }
    }
}

fn usage(what: &str) -> ExitCode {
    eprintln!("{what}\nusage: fit_csv FILE.csv[.gz] [--format json|table]");
    ExitCode::from(2)
}

fn show(figures: &[(&str, f64, usize)], json: bool) {
    if json {
        let members: Vec<String> = figures
            .iter()
            .map(|(name, value, digits)| format!("\"{name}\": {value:.digits$}"))
            .collect();
        println!("{{{}}}", members.join(", "));
    } else {
        for (name, value, digits) in figures {
            println!("{name:<18} {value:>14.digits$}");
        }
    }
}

/// Reads, chooses, fits, and judges on test: name, value, digits to show.
fn judged(path: &Path) -> Result<Vec<(&'static str, f64, usize)>, String> {
    let file = read::read(path)?;
    for note in &file.notes {
        eprintln!("{note}");
    }
    let found = file.labels.iter().skip(file.test).filter(|it| **it).count();
    if found < interval::POSITIVES_MIN {
        return Err(format!(
            "{}: `test` has {found} rows of label 1; {} are needed to judge by",
            path.display(),
            interval::POSITIVES_MIN
        ));
    }
    let began = cpu_s();
    let card = fitted(&file);
    let fit_cpu_s = cpu_s() - began;
    let text = written(&card);
    let rows = file.labels.len();
    let mut bins = Vec::new();
    let (mut exact, mut cases) = (0_i64, Vec::new());
    let test: Vec<Vec<Value<'_>>> = (file.test..rows)
        .map(|row| values(&file.table, row))
        .collect();
    for (values, label) in test.iter().zip(file.labels.iter().skip(file.test)) {
        card.bins(values, &mut bins);
        let log_odds = card.log_odds(&bins);
        let told: i64 = card.base + card.contributions(&bins).iter().sum::<i64>();
        exact = exact.max((told - log_odds).abs());
        cases.push(Case {
            probability: probability(log_odds),
            positive: *label,
            weight: 1.0,
        });
    }
    let score_ns = (0..PASSES)
        .map(|_| pass_ns(&card, &test))
        .fold(f64::INFINITY, f64::min);
    let judged = interval::judge(&cases, Repeats { count: 0, seed: 0 })
        .map_err(|error| format!("{}: `test`: {error}", path.display()))?;
    let figures = judged.figures;
    Ok(vec![
        ("roc_auc", figures.roc_auc.value, 6),
        ("pr_auc", figures.pr_auc.value, 6),
        ("log_loss", figures.log_loss.value, 6),
        ("brier", figures.brier.value, 6),
        ("ece", figures.ece.value, 6),
        ("recall_at_fpr_01", figures.recall_at_fpr_01.value, 6),
        ("recall_at_fpr_05", figures.recall_at_fpr_05.value, 6),
        ("rows", count(rows), 0),
        ("features", count(file.table.columns.len()), 0),
        ("pairs", count(card.pairs.len()), 0),
        ("fit_cpu_s", fit_cpu_s, 2),
        ("rss_mib_max", rss_mib_max(), 1),
        ("score_ns", score_ns, 0),
        ("file_bytes", count(text.len()), 0),
        #[expect(
            clippy::as_conversions,
            clippy::cast_precision_loss,
            reason = "a small whole number"
        )]
        ("exact", exact as f64, 0),
    ])
}

/// How categories become numbers: which columns have rates beside their levels, and from which rows rates are taken.
#[derive(Clone, Debug)]
struct Ways {
    rated: BTreeSet<usize>,
    encoding: Encoding,
}

/// Share of the rows of `valid` whose level `train` must have seen, for its rate to be worth anything.
const SEEN_MIN: f64 = 0.8;
/// By how much of itself the loss must fall for a column to have rates.
const WORTH: f64 = 0.001;

/// How often the test rows are scored for the time of one: the quietest pass counts, not what else the machine does.
const PASSES: usize = 25;

/// Nanoseconds a row, from values to log-odds.
fn pass_ns(card: &Scorecard, rows: &[Vec<Value<'_>>]) -> f64 {
    let (mut bins, mut sum) = (Vec::new(), 0_i64);
    let started = Instant::now();
    for values in rows {
        card.bins(std::hint::black_box(values), &mut bins);
        sum = sum.wrapping_add(card.log_odds(&bins));
    }
    std::hint::black_box(sum);
    started.elapsed().as_secs_f64() * 1e9 / count(rows.len().max(1))
}

/// Settings by `valid` alone, then one fit on `train` and `valid`.
fn fitted(file: &read::File) -> Scorecard {
    let settings = Settings::for_rows(file.test);
    let ways = ways(file, &settings);
    let (features, rows) = prepared(file, file.test, &ways);
    let columns: Vec<usize> = features.iter().map(|it| it.column).collect();
    let allowed = |a: usize, b: usize| columns.get(a) != columns.get(b);
    let directions = vec![None; features.len()];
    let fit = train::fit(&rows, file.valid, &directions, &settings, &allowed, &|_| {});
    let chosen = &fit.chosen;
    eprintln!(
        "chosen on valid: {}, {} pairs, {} and {} rounds, penalty {}, rates of {} columns ({:?})",
        fit.memory.map_or_else(
            || "nothing is forgotten".to_owned(),
            |it| format!("1/e is forgotten after {it} of the rows")
        ),
        chosen.pairs.len(),
        chosen.rounds,
        chosen.pair_rounds,
        chosen
            .alpha
            .map_or_else(|| "none".to_owned(), |it| it.to_string()),
        ways.rated.len(),
        ways.encoding,
    );
    Scorecard::freeze(&fit.tables, &features)
}

/// No rates unless `valid` gains by them, and then by those columns alone that it gains by.
fn ways(file: &read::File, settings: &Settings) -> Ways {
    let loss = |ways: &Ways| {
        let (_, rows) = prepared(file, file.valid, ways);
        train::quick_loss(
            &rows.part(0..file.valid),
            &rows.part(file.valid..file.test),
            &settings.boost,
        )
    };
    let mut best = Ways {
        rated: BTreeSet::new(),
        encoding: Encoding::Levels,
    };
    let all: BTreeSet<usize> = (0..file.table.columns.len())
        .filter(|it| is_rated(file, *it))
        .collect();
    if all.is_empty() {
        return best;
    }
    let mut least = loss(&best);
    for encoding in Encoding::ALL
        .into_iter()
        .filter(|it| *it != Encoding::Levels)
    {
        let ways = Ways {
            rated: all.clone(),
            encoding,
        };
        let found = loss(&ways);
        if found < least * (1.0 - WORTH) {
            (least, best) = (found, ways);
        }
    }
    for column in best.rated.clone().into_iter().filter(|_| all.len() > 1) {
        let mut without = best.clone();
        without.rated.remove(&column);
        let found = loss(&without);
        if found < least * (1.0 + WORTH * 0.2) {
            (least, best) = (found.min(least), without);
        }
    }
    best
}

/// Whether a column's rates are worth a try: many levels, and `valid` mostly has levels that `train` has.
fn is_rated(file: &read::File, column: usize) -> bool {
    let Some(Values::Levels { codes, names }) = file.table.columns.get(column).map(|it| &it.values)
    else {
        return false;
    };
    let mut seen = vec![false; names.len()];
    for code in codes.iter().take(file.valid) {
        if let Some(seen) = usize::try_from(*code).ok().and_then(|it| seen.get_mut(it)) {
            *seen = true;
        }
    }
    let later = codes.get(file.valid..file.test).unwrap_or(&[]);
    let known = later.iter().filter(|it| **it != MISSING);
    let met = known
        .clone()
        .filter(|it| usize::try_from(**it).is_ok_and(|it| seen.get(it) == Some(&true)));
    names.len() > 12 && count(met.count()) >= SEEN_MIN * count(known.count())
}

/// Features that know the first `known` rows and their labels, and all rows before test on them.
fn prepared(file: &read::File, known: usize, ways: &Ways) -> (Vec<Feature>, Rows) {
    let settings = bins::Settings::default();
    let labels = file.labels.get(..known).unwrap_or(&[]);
    let mut features =
        bins::features_by_rate(&file.table, 0..known, labels, ways.encoding, &settings);
    features.retain(|it| !matches!(it.cut, Cut::Rates { .. }) || ways.rated.contains(&it.column));
    let mut coded = bins::coded(&file.table, &features);
    bins::recode(
        &mut coded,
        &file.table,
        &features,
        labels,
        known,
        ways.encoding,
        &settings,
    );
    let rows = Rows {
        counts: features.iter().map(|it| it.count).collect(),
        codes: coded.codes,
        labels: file.labels.clone(),
        weights: vec![1.0; file.labels.len()],
        offset: None,
    };
    (features, rows.part(0..file.test))
}

fn values(table: &Table, row: usize) -> Vec<Value<'_>> {
    table
        .columns
        .iter()
        .map(|it| value(&it.values, row))
        .collect()
}

fn value(values: &Values, row: usize) -> Value<'_> {
    match values {
        Values::Numbers(numbers) => Value::Number(numbers.get(row).copied().unwrap_or(f64::NAN)),
        Values::Levels { codes, names } => {
            let code = codes.get(row).and_then(|it| usize::try_from(*it).ok());
            Value::Level(code.and_then(|it| names.get(it)).map(String::as_str))
        }
    }
}

/// The scorecard as a file.
fn written(card: &Scorecard) -> String {
    serde_json::json!({
        "base": card.base,
        "features": card.features.iter().map(|it| serde_json::json!({"name": it.name, "cut": format!("{:?}", it.cut)})).collect::<Vec<_>>(),
        "mains": card.mains,
        "pairs": card.pairs.iter().zip(&card.cells).map(|(pair, cells)| serde_json::json!({"features": pair.features, "coarse": pair.coarse, "cells": cells})).collect::<Vec<_>>(),
    })
    .to_string()
}

#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "millionths as a number"
)]
fn probability(log_odds: i64) -> f64 {
    logistic::sigmoid(log_odds as f64 / 1e6)
}

#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "counts as numbers"
)]
const fn count(of: usize) -> f64 {
    of as f64
}

/// CPU seconds of this process so far; of Linux only, else 0.
fn cpu_s() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = text.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|it| it.parse::<f64>().ok())
        .sum();
    ticks / 100.0
}

/// The most memory this process has held; of Linux only, else 0.
fn rss_mib_max() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|it| it.strip_prefix("VmHWM:"));
    let kib = line
        .and_then(|it| it.split_whitespace().next())
        .and_then(|it| it.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}
