//! Rows as the learner's columns, and the learner's tables as weights of signals.

use std::collections::BTreeMap;

use crate::decision::model::{Bins, HazardParts, PairParts};
use crate::decision::signal::{Signal, Unit};
use crate::domain::units::LogOddsMicro;
use crate::lab::blend::{self, Binning};
use crate::lab::dataset::Row;
use crate::lab::train::bins::{self, Cut, Feature, Value};
use crate::lab::train::scorecard::Scorecard;
use crate::lab::train::table::{Column, MISSING, Table, Values};

/// Signals as the learner's features, each row binned.
pub(super) struct Columns {
    signals: Vec<Signal>,
    features: Vec<Feature>,
    codes: Vec<Vec<u8>>,
}

/// Fewer bins than the learner's own default: losses are rare, and people read the tables.
pub(super) fn bin_settings() -> bins::Settings {
    bins::Settings {
        bins_max: 40,
        ..bins::Settings::default()
    }
}

impl Columns {
    pub(super) fn of(rows: &[Row], signals: &[Signal]) -> Self {
        let (mut features, mut codes) = (Vec::new(), Vec::new());
        // One column after the other: the numbers of all signals at once would be the largest thing in memory.
        for signal in signals {
            let table = Table {
                columns: vec![column(rows, *signal)],
            };
            let found = bins::features(&table, 0..rows.len(), &bin_settings());
            codes.extend(bins::coded(&table, &found).codes);
            features.extend(found);
        }
        Self {
            signals: signals.to_vec(),
            features,
            codes,
        }
    }

    pub(super) fn signals(&self) -> &[Signal] {
        &self.signals
    }

    pub(super) fn features(&self) -> &[Feature] {
        &self.features
    }

    pub(super) fn counts(&self) -> Vec<usize> {
        self.features.iter().map(|it| it.count).collect()
    }

    /// By feature, the bins of these rows.
    pub(super) fn codes(&self, rows: &[usize]) -> Vec<Vec<u8>> {
        let of = |codes: &Vec<u8>| {
            rows.iter()
                .filter_map(|row| codes.get(*row))
                .copied()
                .collect()
        };
        self.codes.iter().map(of).collect()
    }

    /// The same bins as a scorecard says them.
    pub(super) fn bins(&self) -> Binning {
        let of = |(signal, feature): (&Signal, &Feature)| (*signal, bins_of(*signal, feature));
        self.signals.iter().zip(&self.features).map(of).collect()
    }

    /// The weights of signals that a learned scorecard says, on [`Columns::bins`].
    pub(super) fn parts(&self, learned: &Scorecard) -> HazardParts {
        let places: Vec<Vec<usize>> = self
            .signals
            .iter()
            .zip(&self.features)
            .map(|(signal, feature)| places(*signal, feature))
            .collect();
        let mains = self.signals.iter().zip(&places).zip(&learned.mains).map(
            |((signal, places), table)| {
                let at = |place: &usize| table.get(*place).copied().unwrap_or(0);
                (
                    *signal,
                    places.iter().map(at).collect::<Vec<LogOddsMicro>>(),
                )
            },
        );
        let pairs = learned
            .pairs
            .iter()
            .zip(&learned.cells)
            .filter_map(|(pair, cells)| {
                let [a, b] = pair.features;
                let signals = [*self.signals.get(a)?, *self.signals.get(b)?];
                let narrow = |place: &usize| u8::try_from(*place).unwrap_or(u8::MAX);
                let cell = |up: &usize, across: &usize| {
                    cells
                        .get(pair.cell(narrow(up), narrow(across)))
                        .copied()
                        .unwrap_or(0)
                };
                let across = places.get(b)?;
                let line = |up: &usize| across.iter().map(|it| cell(up, it)).collect();
                let table = places.get(a)?.iter().map(line).collect();
                Some(PairParts { signals, table })
            });
        HazardParts {
            base: learned.base,
            mains: mains.collect(),
            pairs: pairs.collect(),
        }
    }
}

/// A signal's values as a column; categories by the number of their name.
fn column(rows: &[Row], signal: Signal) -> Column {
    let values = if signal.unit() == Unit::Category {
        let mut names: BTreeMap<String, u32> = BTreeMap::new();
        for value in rows.iter().filter_map(|row| row.value(signal)) {
            names.entry(level(value)).or_default();
        }
        names
            .values_mut()
            .zip(0..)
            .for_each(|(code, number)| *code = number);
        let code = |row: &Row| {
            let name = row.value(signal).map(level);
            name.and_then(|name| names.get(&name).copied())
                .unwrap_or(MISSING)
        };
        Values::Levels {
            codes: rows.iter().map(code).collect(),
            names: names.keys().cloned().collect(),
        }
    } else {
        Values::Numbers(
            rows.iter()
                .map(|row| row.value(signal).unwrap_or(f64::NAN))
                .collect(),
        )
    };
    Column {
        name: signal.name().to_owned(),
        values,
    }
}

/// A category's number as a level's name.
fn level(value: f64) -> String {
    format!("{value:.0}")
}

fn bins_of(signal: Signal, feature: &Feature) -> Bins {
    match &feature.cut {
        _ if signal.unit() == Unit::YesNo => Bins::YesNo,
        Cut::Edges(edges) | Cut::Rates { edges, .. } => Bins::Edges(edges.clone()),
        Cut::Levels(levels) => {
            let mut numbers: Vec<f64> = levels.keys().filter_map(|it| it.parse().ok()).collect();
            numbers.sort_by(f64::total_cmp);
            Bins::Names(numbers)
        }
    }
}

/// The learner's bin of each bin of the scorecard.
fn places(signal: Signal, feature: &Feature) -> Vec<usize> {
    let bin = |value: Option<f64>| {
        let Some(value) = value else { return 0 };
        match &feature.cut {
            Cut::Edges(_) => feature.bin(Value::Number(value)),
            Cut::Levels(_) | Cut::Rates { .. } => feature.bin(Value::Level(Some(&level(value)))),
        }
    };
    blend::values(&bins_of(signal, feature))
        .into_iter()
        .map(bin)
        .collect()
}
