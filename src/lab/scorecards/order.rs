//! One way only, for sums: where a hazard is learned as a difference to the base, base and difference together are bound
//! by the list of directions, neighbours that go the wrong way pooled by the orders that they hold.

use crate::decision::model::{HazardParts, Parts};
use crate::decision::signal::Signal;
use crate::domain::hazard::Hazard;
use crate::domain::units::{LogOddsMicro, to_f64};
use crate::lab::dataset::Row;
use crate::lab::directions;
use crate::lab::report::Constraint;
use crate::lab::train::scorecard::micro;
use crate::lab::train::tree::{Direction, pool};
use crate::stats::logistic;

/// Shares of orders by bin.
type Shares = [(Signal, Vec<f64>)];

/// The same tables, each main that is on the list going its way.
pub(super) fn bound(parts: &Parts, shares: &Shares) -> Parts {
    let mut parts = parts.clone();
    for (hazard, table) in Hazard::ALL.iter().zip(&mut parts.hazards) {
        for (signal, weights) in &mut table.mains {
            let Some(rule) = directions::rule(*hazard, *signal) else {
                continue;
            };
            let direction = match rule.way {
                directions::Way::Up => Direction::Up,
                directions::Way::Down => Direction::Down,
            };
            let held = shares
                .iter()
                .find(|(it, _)| it == signal)
                .map(|(_, held)| held.as_slice());
            *weights = one_way(weights, held.unwrap_or(&[]), direction);
        }
    }
    parts
}

/// "Missing" stays as it is; the rest is pooled where it goes the wrong way.
fn one_way(weights: &[LogOddsMicro], held: &[f64], direction: Direction) -> Vec<LogOddsMicro> {
    let shares = held.iter().copied().chain(std::iter::repeat(0.0));
    let mut values: Vec<(f64, f64)> = weights
        .iter()
        .map(|it| to_f64(*it) / 1e6)
        .zip(shares)
        .collect();
    let before: Vec<f64> = values.iter().map(|(value, _)| *value).collect();
    if let Some(known) = values.get_mut(1..) {
        pool(known, direction);
    }
    let changed = values.iter().zip(&before).zip(weights);
    // What was not pooled keeps its very number.
    let number = |(((after, _), before), weight): ((&(f64, f64), &f64), &LogOddsMicro)| {
        if after.to_bits() == before.to_bits() {
            *weight
        } else {
            micro(*after)
        }
    };
    changed.map(number).collect()
}

/// What binding each main costs on rows that no table saw, in nats an order; below 0: it helps.
pub(super) fn costs(rows: &[Row], hazard: Hazard, free: &Parts, bound: &Parts) -> Vec<Constraint> {
    let empty = HazardParts::default();
    let table = |parts: &'_ Parts| {
        parts
            .hazards
            .get(hazard.index())
            .cloned()
            .unwrap_or_else(|| empty.clone())
    };
    let (free_table, bound_table) = (table(free), table(bound));
    let speaking: Vec<&Row> = rows.iter().filter(|row| row.weight(hazard) > 0.0).collect();
    let scores: Vec<f64> = speaking
        .iter()
        .map(|row| score(row, &free_table, free))
        .collect();
    let loss = |change: &dyn Fn(&Row) -> f64| {
        let (mut sum, mut all) = (0.0, 0.0);
        for (row, score) in speaking.iter().zip(&scores) {
            let loss = logistic::loss(score + change(row), row.lost(hazard));
            sum += row.weight(hazard) * loss;
            all += row.weight(hazard);
        }
        if all > 0.0 { sum / all } else { 0.0 }
    };
    let as_it_is = loss(&|_| 0.0);
    let mut costs = Vec::new();
    for (signal, weights) in &free_table.mains {
        let Some(rule) = directions::rule(hazard, *signal) else {
            continue;
        };
        let after = bound_table
            .mains
            .iter()
            .find(|(it, _)| it == signal)
            .map(|(_, it)| it);
        let bins = free
            .signals
            .iter()
            .find(|(it, _)| it == signal)
            .map(|(_, bins)| bins);
        let (Some(after), Some(bins)) = (after, bins) else {
            continue;
        };
        let change = |row: &Row| {
            let bin = bins.of(row.value(*signal));
            let at = |it: &[LogOddsMicro]| to_f64(it.get(bin).copied().unwrap_or(0)) / 1e6;
            at(after) - at(weights)
        };
        let cost = if after == weights {
            0.0
        } else {
            loss(&change) - as_it_is
        };
        costs.push(Constraint { rule, cost });
    }
    costs
}

/// Log-odds of a row by mains and pairs.
fn score(row: &Row, table: &HazardParts, parts: &Parts) -> f64 {
    let bin = |signal: Signal| {
        let found = parts.signals.iter().find(|(it, _)| *it == signal);
        found.map_or(0, |(_, bins)| bins.of(row.value(signal)))
    };
    let mut sum = table.base;
    for (signal, weights) in &table.mains {
        sum += weights.get(bin(*signal)).copied().unwrap_or(0);
    }
    for pair in &table.pairs {
        let [up, across] = pair.signals.map(bin);
        let cell = pair.table.get(up).and_then(|line| line.get(across));
        sum += cell.copied().unwrap_or(0);
    }
    to_f64(sum) / 1e6
}

#[cfg(test)]
mod tests {
    use super::one_way;
    use crate::lab::train::tree::Direction;

    #[test]
    fn neighbours_that_go_the_wrong_way_are_pooled_by_what_they_hold_and_missing_is_free() {
        let check = |weights: &[i64], held: &[f64], direction, expected: &[i64]| {
            assert_eq!(one_way(weights, held, direction), expected, "{weights:?}");
        };
        check(
            &[9, 1, 2, 3],
            &[0.1, 0.3, 0.3, 0.3],
            Direction::Up,
            &[9, 1, 2, 3],
        );
        check(
            &[9_000_000, 1_000_000, 3_000_000, 2_000_000],
            &[0.1, 0.3, 0.1, 0.3],
            Direction::Up,
            &[9_000_000, 1_000_000, 2_250_000, 2_250_000],
        );
        check(
            &[0, 1, 2, 3],
            &[0.1, 0.5, 0.0, 0.0],
            Direction::Down,
            &[0, 1, 1, 1],
        );
    }
}
