//! What each term says of rows that it was not learned from, and how much weight that earns it.

use std::ops::Range;

use super::rows::Rows;
use super::stack::{self, Scores, Weights};
use super::tables::Tables;
use super::tree::Direction;
use super::{Chosen, Settings, refit, settle, watched_loss};

/// Rows that stand for all, no more than a regression sees, so that what is held does not grow with what is learned from;
/// and the score of each term for each of them, from what was learned outside the row's block.
pub(super) struct Outside {
    rows: Rows,
    /// By term, then by row.
    terms: Vec<Vec<f64>>,
    /// How many of the rows are not watched.
    early: usize,
    /// What was learned outside each block.
    pub(super) learned: Vec<Tables>,
}

impl Outside {
    /// `blocks`: in time, the last one what is watched; `last`: what was learned from all but that.
    pub(super) fn of(
        rows: &Rows,
        blocks: &[Range<usize>],
        last: &Tables,
        chosen: &Chosen,
        directions: &[Option<Direction>],
        settings: &Settings,
    ) -> Self {
        let drawn = stack::drawn(&rows.labels, &rows.weights);
        let places: Vec<usize> = drawn.iter().map(|it| it.row).collect();
        let mut picked = rows.these(&places);
        picked.weights = drawn.iter().map(|it| it.weight).collect();
        let at = |row: usize| places.partition_point(|it| *it < row);
        let mut terms = vec![vec![0.0; picked.len()]; last.terms()];
        let mut learned = Vec::new();
        for (place, block) in blocks.iter().enumerate() {
            let others: Vec<Range<usize>> =
                blocks.iter().filter(|it| *it != block).cloned().collect();
            let learned_from = rows.only(&others);
            let mut tables = if place + 1 == blocks.len() {
                last.clone()
            } else {
                refit(&learned_from, chosen, directions, settings)
            };
            settle(&mut tables, &learned_from, directions);
            let within = at(block.start)..at(block.end);
            let part = picked.part(within.clone());
            for (term, column) in terms.iter_mut().enumerate() {
                if let Some(scores) = column.get_mut(within.clone()) {
                    tables.add_term(term, &part.codes, scores);
                }
            }
            learned.push(tables);
        }
        let early = at(blocks.last().map_or(0, |it| it.start));
        Self {
            rows: picked,
            terms,
            early,
            learned,
        }
    }

    /// The penalty by the loss on what is watched, then the weights from all blocks.
    pub(super) fn weigh(&self, settings: &Settings) -> Option<(f64, Weights)> {
        let part = |range: Range<usize>| -> Vec<Vec<f64>> {
            let of = |it: &Vec<f64>| it.get(range.clone()).unwrap_or(&[]).to_vec();
            self.terms.iter().map(of).collect()
        };
        let (early, late) = (part(0..self.early), part(self.early..self.rows.len()));
        let after = self.rows.part(self.early..self.rows.len());
        let before = Scores {
            terms: &early,
            labels: self.rows.labels.get(..self.early).unwrap_or(&[]),
            weights: self.rows.weights.get(..self.early).unwrap_or(&[]),
        };
        let mut best: Option<(f64, f64)> = None;
        for alpha in settings.alphas.iter().copied() {
            let Some(found) = stack::fit(&before, alpha) else {
                continue;
            };
            let mut scores = stack::sums(&late, &found.terms, after.len());
            scores.iter_mut().for_each(|it| *it += found.intercept);
            let loss = watched_loss(&after, scores, &settings.boost);
            // The boosted sums were stopped where this loss was least; the weights never saw it. So they compete among
            // themselves alone.
            if best.is_none_or(|(least, _)| loss < least) {
                best = Some((loss, alpha));
            }
        }
        let (_, alpha) = best?;
        let all = Scores {
            terms: &self.terms,
            labels: &self.rows.labels,
            weights: &self.rows.weights,
        };
        Some((alpha, stack::fit(&all, alpha)?))
    }
}
