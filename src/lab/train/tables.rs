//! What is learned: log-odds by bin, and by cell of pairs of features.

use super::rows::Rows;

/// Two features, each on coarser bins of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// Places of the features.
    pub features: [usize; 2],
    /// For each bin of each its coarse bin; "missing" stays alone.
    pub coarse: [Vec<u8>; 2],
    /// Coarse bins of each.
    pub sizes: [usize; 2],
}

/// Tables of log-odds: mains by feature and bin, pairs by cell, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Tables {
    /// Log-odds of nothing known.
    pub base: f64,
    /// By feature, then by bin.
    pub mains: Vec<Vec<f64>>,
    /// Which pairs.
    pub pairs: Vec<Pair>,
    /// By pair, then by cell.
    pub cells: Vec<Vec<f64>>,
}

impl Tables {
    /// How many terms: mains, then pairs.
    #[must_use]
    pub fn terms(&self) -> usize {
        self.mains.len() + self.cells.len()
    }

    /// Multiplies each term by its weight: mains, then pairs.
    pub fn weigh(&mut self, weights: &[f64]) {
        let terms = self.mains.iter_mut().chain(&mut self.cells);
        for (table, weight) in terms.zip(weights) {
            table.iter_mut().for_each(|it| *it *= weight);
        }
    }

    /// The mean of these and of others with the same terms.
    #[must_use]
    pub fn mean_with(mut self, others: &[Self]) -> Self {
        for other in others {
            self.base += other.base;
            for (cell, more) in self
                .numbers()
                .zip(other.mains.iter().chain(&other.cells).flatten())
            {
                *cell += more;
            }
        }
        let count = super::float(others.len() + 1);
        self.base /= count;
        self.numbers().for_each(|it| *it /= count);
        self
    }

    /// Of all terms, the base apart.
    fn numbers(&mut self) -> impl Iterator<Item = &mut f64> {
        self.mains.iter_mut().chain(&mut self.cells).flatten()
    }

    /// Adds what one term says to the scores of rows.
    pub fn add_term(&self, term: usize, codes: &[Vec<u8>], scores: &mut [f64]) {
        if let Some(table) = self.mains.get(term) {
            if let Some(codes) = codes.get(term) {
                add_main(table, codes, scores);
            }
        } else if let Some((pair, cells)) = self.pair(term) {
            let [a, b] = pair.features;
            if let (Some(a), Some(b)) = (codes.get(a), codes.get(b)) {
                for ((a, b), score) in a.iter().zip(b).zip(scores) {
                    *score += cells.get(pair.cell(*a, *b)).copied().unwrap_or(0.0);
                }
            }
        }
    }

    fn pair(&self, term: usize) -> Option<(&Pair, &Vec<f64>)> {
        let at = term.checked_sub(self.mains.len())?;
        Some((self.pairs.get(at)?, self.cells.get(at)?))
    }
}

impl Pair {
    /// A pair of two features, each cut into bins of about equal weight.
    #[must_use]
    pub fn new(features: [usize; 2], rows: &Rows, bins: usize) -> Self {
        Self::of(
            features,
            features.map(|feature| coarse(rows, feature, bins)),
        )
    }

    /// A pair of two features on coarser bins that are known.
    #[must_use]
    pub(super) fn of(features: [usize; 2], coarse: [Vec<u8>; 2]) -> Self {
        let size = |map: &[u8]| map.iter().max().map_or(1, |it| usize::from(*it) + 1);
        Self {
            features,
            sizes: [size(&coarse[0]), size(&coarse[1])],
            coarse,
        }
    }

    /// The place of a cell.
    #[must_use]
    pub fn cell(&self, a: u8, b: u8) -> usize {
        let [up, across] = &self.coarse;
        let of = |map: &[u8], bin: u8| map.get(usize::from(bin)).map_or(0, |it| usize::from(*it));
        of(up, a) * self.sizes[1] + of(across, b)
    }
}

/// Neighbouring bins joined until each holds its share of the rows.
pub(super) fn coarse(rows: &Rows, feature: usize, bins: usize) -> Vec<u8> {
    let count = rows.counts.get(feature).copied().unwrap_or(1);
    let mut held = vec![0.0; count];
    for (code, weight) in rows
        .codes
        .get(feature)
        .into_iter()
        .flatten()
        .zip(&rows.weights)
    {
        if let Some(held) = held.get_mut(usize::from(*code)) {
            *held += weight;
        }
    }
    if count <= bins + 1 {
        return (0..count)
            .map(|it| u8::try_from(it).unwrap_or(u8::MAX))
            .collect();
    }
    let all: f64 = held.iter().skip(1).sum();
    let share = all / super::float(bins);
    let (mut map, mut bin, mut sum) = (vec![0_u8], 1_u8, 0.0);
    for held in held.iter().skip(1) {
        if sum > 0.0 && sum + held * 0.5 > share * f64::from(bin) && usize::from(bin) < bins {
            bin += 1;
        }
        sum += held;
        map.push(bin);
    }
    map
}

fn add_main(table: &[f64], codes: &[u8], scores: &mut [f64]) {
    for (code, score) in codes.iter().zip(scores) {
        *score += table.get(usize::from(*code)).copied().unwrap_or(0.0);
    }
}
