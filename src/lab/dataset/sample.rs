//! All orders with a loss, and a part of the others that stands for all of them (priority sampling).
//!
//! Each order without a loss draws a number by its key and divides it by its interest; the smallest are kept, and each
//! stands for 1 / P(kept). Which are kept depends on the set of orders alone, not on the order in which they came.

#![expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "random bits to floats"
)]

use super::Row;

/// Rows kept so far.
#[derive(Debug)]
pub(super) struct Sample {
    with_loss: Vec<Row>,
    without: Vec<Drawn>,
    max: usize,
    /// Orders without a loss that were put.
    count: u64,
    /// Draws at or above this are not kept any more.
    limit: f64,
}

#[derive(Debug)]
struct Drawn {
    draw: f64,
    interest: f64,
    row: Row,
}

impl Sample {
    pub(super) const fn new(max: usize) -> Self {
        Self {
            with_loss: Vec::new(),
            without: Vec::new(),
            max,
            count: 0,
            limit: f64::INFINITY,
        }
    }

    /// Puts a row; `interest`: none for one that is kept in any case.
    pub(super) fn put(&mut self, row: Row, interest: Option<f64>) {
        let Some(interest) = interest else {
            self.with_loss.push(row);
            return;
        };
        self.count += 1;
        let draw = draw(row.key, interest);
        if draw < self.limit {
            self.without.push(Drawn {
                draw,
                interest,
                row,
            });
            if self.without.len() > self.max.saturating_mul(2).max(self.max + 1) {
                self.cut();
            }
        }
    }

    /// Counts an order without a loss whose draw is known not to be below the limit.
    pub(super) const fn pass_over(&mut self) {
        self.count += 1;
    }

    /// Keeps no draw that is not below `limit`, from now on and of what was put before.
    pub(super) fn bound(&mut self, limit: f64) {
        self.limit = self.limit.min(limit);
        self.without.retain(|it| it.draw < limit);
    }

    /// Orders without a loss that were put.
    pub(super) const fn negatives(&self) -> u64 {
        self.count
    }

    /// All that is kept, each with how many it stands for.
    pub(super) fn rows(mut self) -> Vec<Row> {
        self.cut();
        let limit = self.limit;
        let mut rows = self.with_loss;
        rows.extend(self.without.into_iter().map(|it| {
            let mut row = it.row;
            let stands_for = 1.0 / (limit * it.interest).min(1.0);
            row.stands_for = stands_for;
            row.weights = row.weights.map(|weight| weight * stands_for);
            row
        }));
        rows
    }

    /// Keeps the smallest `max` draws; the next one is the limit.
    fn cut(&mut self) {
        if self.without.len() <= self.max {
            return;
        }
        let order = |one: &Drawn, two: &Drawn| {
            one.draw
                .total_cmp(&two.draw)
                .then_with(|| one.row.key.cmp(&two.row.key))
        };
        let (_, next, _) = self.without.select_nth_unstable_by(self.max, order);
        self.limit = next.draw;
        self.without.truncate(self.max);
    }
}

/// The draw of an order of this key and interest, above 0: those with the smallest are kept.
pub(super) fn draw(key: u64, interest: f64) -> f64 {
    uniform(key) / interest
}

/// Above 0, up to 1.
fn uniform(key: u64) -> f64 {
    ((key >> 11) as f64 + 1.0) / (1_u64 << 53) as f64
}
