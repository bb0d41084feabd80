//! Rows of one target, binned: what is learned from.

use std::ops::Range;

use super::logistic;
use super::tables::Tables;
use crate::stats::logistic::loss;

/// Rows of one target, ready to be learned from.
#[derive(Clone, Debug)]
pub struct Rows {
    /// By feature, then by row.
    pub codes: Vec<Vec<u8>>,
    /// Bins of each feature.
    pub counts: Vec<usize>,
    /// Whether it happened.
    pub labels: Vec<bool>,
    /// For how many rows it stands.
    pub weights: Vec<f64>,
    /// Log-odds to begin with, where known.
    pub offset: Option<Vec<f64>>,
}

impl Rows {
    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Those of one block.
    #[must_use]
    pub fn part(&self, block: Range<usize>) -> Self {
        self.only(std::slice::from_ref(&block))
    }

    /// Some of them, by blocks.
    #[must_use]
    pub fn only(&self, blocks: &[Range<usize>]) -> Self {
        fn cut<T: Copy>(all: &[T], blocks: &[Range<usize>]) -> Vec<T> {
            let of = |block: &Range<usize>| all.get(block.clone()).unwrap_or(&[]);
            blocks.iter().flat_map(of).copied().collect()
        }
        Self {
            codes: self.codes.iter().map(|it| cut(it, blocks)).collect(),
            counts: self.counts.clone(),
            labels: cut(&self.labels, blocks),
            weights: cut(&self.weights, blocks),
            offset: self.offset.as_ref().map(|it| cut(it, blocks)),
        }
    }

    /// Some of them by place, in any order and as often as they are named.
    #[must_use]
    pub fn these(&self, places: &[usize]) -> Self {
        fn pick<T: Copy>(all: &[T], places: &[usize]) -> Vec<T> {
            let of = |it: &usize| all.get(*it).copied();
            places.iter().filter_map(of).collect()
        }
        Self {
            codes: self.codes.iter().map(|it| pick(it, places)).collect(),
            counts: self.counts.clone(),
            labels: pick(&self.labels, places),
            weights: pick(&self.weights, places),
            offset: self.offset.as_ref().map(|it| pick(it, places)),
        }
    }

    /// The same rows in order of time, of which older ones count less: a row that lies `memory` of all rows back counts
    /// 1/e of what it would. `memory`: above 0.
    #[must_use]
    pub fn fading(mut self, memory: f64) -> Self {
        let rows = super::float(self.len().max(1));
        for (at, weight) in self.weights.iter_mut().enumerate() {
            *weight *= libm::exp((super::float(at) / rows - 1.0) / memory);
        }
        self
    }

    /// The weighted mean log-loss at these log-odds, moved alike to the level at which as many losses are expected as
    /// happened: what is told apart counts, and not how often it happens.
    #[must_use]
    pub fn levelled_loss(&self, mut scores: Vec<f64>) -> f64 {
        let by = logistic::level(&scores, &self.labels, &self.weights);
        scores.iter_mut().for_each(|it| *it += by);
        self.mean_loss(&scores)
    }

    /// The weighted mean log-loss at these log-odds.
    #[must_use]
    pub fn mean_loss(&self, scores: &[f64]) -> f64 {
        let (mut sum, mut weight) = (0.0, 0.0);
        for ((score, label), w) in scores.iter().zip(&self.labels).zip(&self.weights) {
            sum += w * loss(*score, *label);
            weight += w;
        }
        if weight > 0.0 { sum / weight } else { 0.0 }
    }

    /// What the tables say of each row, offsets included.
    #[must_use]
    pub fn scores(&self, tables: &Tables) -> Vec<f64> {
        let mut scores = match &self.offset {
            Some(offset) => offset.iter().map(|it| it + tables.base).collect(),
            None => vec![tables.base; self.len()],
        };
        for term in 0..tables.terms() {
            tables.add_term(term, &self.codes, &mut scores);
        }
        scores
    }
}
