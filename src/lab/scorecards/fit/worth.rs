//! What each constraint costs: its signal's table is learned once more with and without it, all else as it is, and both
//! are asked about rows that neither saw.

use crate::domain::hazard::Hazard;
use crate::lab::directions;
use crate::lab::report::Constraint;
use crate::lab::train::rows::Rows;
use crate::lab::train::tables::Tables;
use crate::lab::train::tree::{Direction, pool};
use crate::stats::logistic::sigmoid;

use super::table::Columns;

/// Newton's steps: a table of few bins needs no more.
const STEPS: usize = 8;
/// Added to a bin's curvature: a table without constraint must not be worse for its noise alone.
const L2: f64 = 5.0;

/// The cost of each constraint on `after`, in nats an order; below 0: it helps.
pub(super) fn constraints(
    hazard: Hazard,
    columns: &Columns,
    tables: &Tables,
    before: &Rows,
    after: &Rows,
    bound: &[Option<Direction>],
) -> Vec<Constraint> {
    let (early, late) = (before.scores(tables), after.scores(tables));
    let mut found = Vec::new();
    for (term, signal) in columns.signals().iter().enumerate() {
        let (Some(rule), Some(Some(direction))) =
            (directions::rule(hazard, *signal), bound.get(term))
        else {
            continue;
        };
        let (Some(table), Some(codes)) = (tables.mains.get(term), after.codes.get(term)) else {
            continue;
        };
        let loss = |direction: Option<Direction>| {
            let learned = relearned(term, table, before, &early, direction);
            let mut scores = late.clone();
            for (score, code) in scores.iter_mut().zip(codes) {
                let at = usize::from(*code);
                let old = table.get(at).copied().unwrap_or(0.0);
                *score += learned.get(at).copied().unwrap_or(0.0) - old;
            }
            after.mean_loss(&scores)
        };
        found.push(Constraint {
            rule,
            cost: loss(Some(*direction)) - loss(None),
        });
    }
    found
}

/// One main learned again, all other terms as they are.
fn relearned(
    term: usize,
    table: &[f64],
    rows: &Rows,
    scores: &[f64],
    direction: Option<Direction>,
) -> Vec<f64> {
    let Some(codes) = rows.codes.get(term) else {
        return table.to_vec();
    };
    let mut learned = table.to_vec();
    for _ in 0..STEPS {
        let mut sums = vec![(0.0, 0.0); learned.len()];
        let known = rows.labels.iter().zip(&rows.weights);
        for ((code, score), (lost, weight)) in codes.iter().zip(scores).zip(known) {
            let at = usize::from(*code);
            let (Some(now), Some(old)) = (learned.get(at), table.get(at)) else {
                continue;
            };
            let p = sigmoid(score + now - old);
            if let Some(sum) = sums.get_mut(at) {
                sum.0 += weight * (f64::from(u8::from(*lost)) - p);
                sum.1 += weight * p * (1.0 - p);
            }
        }
        let mut next: Vec<(f64, f64)> = learned
            .iter()
            .zip(&sums)
            .map(|(now, (gradient, curvature))| (now + gradient / (curvature + L2), curvature + L2))
            .collect();
        if let (Some(direction), Some(known)) = (direction, next.get_mut(1..)) {
            pool(known, direction);
        }
        learned = next.into_iter().map(|(value, _)| value).collect();
    }
    learned
}
