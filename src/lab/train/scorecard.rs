//! What learning leaves: whole millionths of log-odds by bin. A score is a sum of whole numbers, and a reason is one of
//! the summands.

use super::bins::{Feature, Value};
use super::tables::{Pair, Tables};

/// Millionths of log-odds.
pub type Micro = i64;

/// A scorecard of one target.
#[derive(Clone, Debug, PartialEq)]
pub struct Scorecard {
    /// How values find their bins.
    pub features: Vec<Feature>,
    /// Of nobody in particular.
    pub base: Micro,
    /// By feature, then by bin.
    pub mains: Vec<Vec<Micro>>,
    /// Which pairs.
    pub pairs: Vec<Pair>,
    /// By pair, then by cell.
    pub cells: Vec<Vec<Micro>>,
}

impl Scorecard {
    /// Rounds tables to whole millionths.
    #[must_use]
    pub fn freeze(tables: &Tables, features: &[Feature]) -> Self {
        let round = |table: &Vec<f64>| table.iter().map(|it| micro(*it)).collect();
        Self {
            features: features.to_vec(),
            base: micro(tables.base),
            mains: tables.mains.iter().map(round).collect(),
            pairs: tables.pairs.clone(),
            cells: tables.cells.iter().map(round).collect(),
        }
    }

    /// The bins of a row, values by column of the table.
    pub fn bins(&self, values: &[Value<'_>], bins: &mut Vec<u8>) {
        bins.clear();
        bins.extend(self.features.iter().map(|feature| {
            let value = values
                .get(feature.column)
                .copied()
                .unwrap_or(Value::Level(None));
            u8::try_from(feature.bin(value)).unwrap_or(u8::MAX)
        }));
    }

    /// Log-odds of a row, by its bins.
    #[must_use]
    pub fn log_odds(&self, bins: &[u8]) -> Micro {
        let mut sum = self.base;
        for (table, bin) in self.mains.iter().zip(bins) {
            sum += table.get(usize::from(*bin)).copied().unwrap_or(0);
        }
        for (pair, cells) in self.pairs.iter().zip(&self.cells) {
            sum += cell(pair, cells, bins);
        }
        sum
    }

    /// What each term adds: mains by feature, then pairs.
    #[must_use]
    pub fn contributions(&self, bins: &[u8]) -> Vec<Micro> {
        let mains = self
            .mains
            .iter()
            .zip(bins)
            .map(|(table, bin)| table.get(usize::from(*bin)).copied().unwrap_or(0));
        let pairs = self
            .pairs
            .iter()
            .zip(&self.cells)
            .map(|(pair, cells)| cell(pair, cells, bins));
        mains.chain(pairs).collect()
    }
}

fn cell(pair: &Pair, cells: &[Micro], bins: &[u8]) -> Micro {
    let [a, b] = pair.features.map(|it| bins.get(it).copied().unwrap_or(0));
    cells.get(pair.cell(a, b)).copied().unwrap_or(0)
}

/// Whole millionths; beyond 50 either way is as good as certain.
#[must_use]
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "a rounded number within 50 million"
)]
pub fn micro(log_odds: f64) -> Micro {
    if log_odds.is_finite() {
        (log_odds.clamp(-50.0, 50.0) * 1e6).round() as i64
    } else {
        0
    }
}
