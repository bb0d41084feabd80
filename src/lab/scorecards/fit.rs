//! STAND-IN until the learner lands: bins by quantiles, mains by Newton steps.
#![expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "counts to floats"
)]

use serde_json::{Value, json};

use super::Error;
use crate::decision::model::{Bins, HazardParts, Model};
use crate::decision::signal::{Signal, Unit};
use crate::domain::hazard::Hazard;
use crate::domain::units::to_f64;
use crate::lab::blend::Binning;
use crate::lab::dataset::Row;
use crate::lab::report::{Constraint, Way};

pub(super) struct Fitted {
    pub(super) parts: HazardParts,
    pub(super) constraints: Vec<Constraint>,
}

pub(super) struct Prepared<'a> {
    pub(super) bins: Binning,
    rows: &'a [Row],
    places: Vec<(Signal, Vec<usize>)>,
    offsets: Vec<[f64; Hazard::COUNT]>,
}

impl<'a> Prepared<'a> {
    pub(super) fn of(rows: &'a [Row], signals: &[Signal], base: &Model, _threads: usize) -> Self {
        let mut bins = Binning::new();
        for signal in signals {
            let mut values: Vec<f64> = rows.iter().filter_map(|row| row.value(*signal)).collect();
            values.sort_by(f64::total_cmp);
            let mut distinct = values.clone();
            distinct.dedup();
            let one = match signal.unit() {
                Unit::YesNo => Bins::YesNo,
                Unit::Category => Bins::Names(distinct),
                _ => {
                    let mut edges: Vec<f64> = (1..16)
                        .filter_map(|k| values.get(values.len() * k / 16).copied())
                        .collect();
                    edges.dedup();
                    edges.retain(|it| distinct.first() != Some(it));
                    Bins::Edges(edges)
                }
            };
            bins.insert(*signal, one);
        }
        let places = bins
            .iter()
            .map(|(signal, bins)| {
                (
                    *signal,
                    rows.iter().map(|row| bins.of(row.value(*signal))).collect(),
                )
            })
            .collect();
        let offsets = rows
            .iter()
            .map(|row| {
                base.score(&row.signals())
                    .map(|it| to_f64(it.log_odds) / 1e6)
            })
            .collect();
        Self {
            bins,
            rows,
            places,
            offsets,
        }
    }

    pub(super) fn fit(
        &self,
        hazard: Hazard,
        way: Way,
        until: usize,
        _threads: usize,
        progress: &dyn Fn(f64),
    ) -> Result<Fitted, Error> {
        if way == Way::Kept {
            return Ok(Fitted {
                parts: HazardParts::default(),
                constraints: Vec::new(),
            });
        }
        let rows = self.rows.get(..until).unwrap_or_default();
        let mut score: Vec<f64> = self
            .offsets
            .iter()
            .map(|it| {
                if way == Way::Shrunk {
                    it[hazard.index()]
                } else {
                    -6.0
                }
            })
            .collect();
        let mut base = if way == Way::Shrunk { 0.0 } else { -6.0 };
        let mut tables: Vec<Vec<f64>> = self
            .places
            .iter()
            .map(|(signal, _)| vec![0.0; self.bins[signal].count()])
            .collect();
        for round in 0..20 {
            progress(f64::from(round) / 20.0);
            for ((_, places), table) in self.places.iter().zip(&mut tables) {
                let mut sums = vec![(0.0, 20.0); table.len()];
                for ((row, place), score) in rows.iter().zip(places).zip(&score) {
                    let p = 1.0 / (1.0 + libm::exp(-score));
                    let weight = row.weight(hazard);
                    sums[*place].0 += weight * (f64::from(u8::from(row.lost(hazard))) - p);
                    sums[*place].1 += weight * p * (1.0 - p);
                }
                let steps: Vec<f64> = sums
                    .iter()
                    .map(|(g, h)| 0.3 * (g / h).clamp(-1.0, 1.0))
                    .collect();
                table.iter_mut().zip(&steps).for_each(|(to, it)| *to += it);
                score
                    .iter_mut()
                    .zip(places)
                    .for_each(|(to, place)| *to += steps[*place]);
            }
            let (mut g, mut h) = (0.0, 1.0);
            for (row, score) in rows.iter().zip(&score) {
                let p = 1.0 / (1.0 + libm::exp(-score));
                g += row.weight(hazard) * (f64::from(u8::from(row.lost(hazard))) - p);
                h += row.weight(hazard) * p * (1.0 - p);
            }
            base += g / h;
            score.iter_mut().for_each(|it| *it += g / h);
        }
        let micro = |it: f64| (it * 1e6).round() as i64;
        let mains = self
            .places
            .iter()
            .zip(&tables)
            .map(|((signal, _), table)| (*signal, table.iter().copied().map(micro).collect()));
        Ok(Fitted {
            parts: HazardParts {
                base: micro(base),
                mains: mains.collect(),
                pairs: Vec::new(),
            },
            constraints: Vec::new(),
        })
    }
}

pub(super) fn settings() -> Value {
    json!({})
}
