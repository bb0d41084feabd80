//! How sure the figures are: other customers of the same kind would have come to somewhat else.

use super::{Figures, Knobs, Order};
use crate::domain::action::Action;

/// The quantile of a normal distribution that leaves 5 % outside.
const Z: f64 = 1.959_963_984_540_054;

/// Half the widths of 95 % intervals.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// Of the share of orders that are asked for something.
    pub bothered: f64,
    /// Of the expected loss an order, in hundredths of the base currency.
    pub loss: f64,
    /// Of the expected cost in all an order.
    pub total: f64,
}

/// How far the figures of a setting may be off, customers being independent and the orders of one customer not.
///
/// It knows of no error of the model: of that, what happened under random checks speaks. None under two customers: one
/// says nothing of others.
#[must_use]
pub fn spread(orders: &[Order], knobs: &Knobs, figures: &Figures) -> Option<Spread> {
    let count = figures.orders.max(1.0);
    let means = [figures.asked, figures.loss, figures.total].map(|it| it / count);
    let mut of: Vec<(u64, [f64; 3])> = orders
        .iter()
        .map(|order| {
            let answer = order.answer(knobs);
            let asked = if answer == Action::None { 0.0 } else { 1.0 };
            let priced = order.at(answer);
            let [a, b, c] = means;
            let off = [asked - a, priced.loss - b, priced.total - c];
            (order.customer, off)
        })
        .collect();
    // Stable, so that sums of floats are the same each time.
    of.sort_by_key(|(customer, _)| *customer);
    let mut squares = [0.0; 3];
    let mut customers = 0.0_f64;
    for group in of.chunk_by(|a, b| a.0 == b.0) {
        customers += 1.0;
        for (place, square) in squares.iter_mut().enumerate() {
            let sum: f64 = group.iter().filter_map(|(_, it)| it.get(place)).sum();
            *square += sum * sum;
        }
    }
    if customers < 2.0 {
        return None;
    }
    let scale = customers / (customers - 1.0);
    let [bothered, loss, total] = squares.map(|it| Z * libm::sqrt(scale * it) / count);
    Some(Spread {
        bothered,
        loss,
        total,
    })
}
