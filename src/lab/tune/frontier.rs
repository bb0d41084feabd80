//! The line of all policies that differ in the price of bother alone: from those that ask only where they must to those
//! that ask whenever it saves a cent.
//!
//! An order is asked for something as long as that costs less than nothing asked. The price of bother at which this turns
//! is the order's own, and what it is asked for does not depend on it; so sorting the turns and summing once gives every
//! policy of the line, exactly.

use std::collections::BTreeMap;

use super::{By, Figures, Knobs, Order, cents, empty};
use crate::domain::action::Action;
use crate::domain::units::to_f64;

/// A price of bother and what it comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The greatest price that comes to this, in cents against the policy as it stands.
    pub bother: i64,
    /// The least price that comes to this.
    pub lowest: i64,
    /// What it comes to.
    pub figures: Figures,
}

/// The whole line, the dearest bother first. `least`: no price below it, in cents; `others`: the other knobs.
#[must_use]
pub fn line(orders: &[Order], others: &Knobs, least: i64) -> Vec<Step> {
    let mut now = empty(orders);
    // What changes when the price falls to this.
    let mut turns: BTreeMap<i64, Figures> = BTreeMap::new();
    for order in orders {
        let Some((asked, turn)) = turn(order, others) else {
            // Whatever the price of bother, this is its answer.
            now.add(order, order.answer(others), 1.0);
            continue;
        };
        now.add(order, Action::None, 1.0);
        if turn >= least {
            let change = turns.entry(turn).or_default();
            change.add(order, Action::None, -1.0);
            change.add(order, asked, 1.0);
        }
    }
    let top = turns.keys().next_back().map_or(0, |it| it + 1);
    let mut steps = vec![Step {
        bother: top.max(least),
        lowest: top.max(least),
        figures: now,
    }];
    for (bother, change) in turns.into_iter().rev() {
        now = now.with(&change);
        if let Some(above) = steps.last_mut() {
            above.lowest = bother + 1;
        }
        steps.push(Step {
            bother,
            lowest: least,
            figures: now,
        });
    }
    steps
}

/// What the order is asked for, and the greatest price of bother at which it is; none where price does not turn it.
fn turn(order: &Order, others: &Knobs) -> Option<(Action, i64)> {
    let room = order.room(others);
    if room.by != By::Price || order.is_below(others.floor) || !room.has(Action::None) {
        return None;
    }
    let none = order.at(Action::None);
    let at_no_price = Knobs {
        bother: 0,
        ..*others
    };
    let (action, total) = order.asked(room, &at_no_price)?;
    let guess = whole((none.total - total).ceil()) - 1;
    // Sums round; the turn is where the answer turns.
    let asks = |bother: i64| total + cents(bother) < none.total;
    let turn = [guess + 1, guess, guess - 1]
        .into_iter()
        .find(|it| asks(*it));
    Some((action, turn.unwrap_or(guess - 2)))
}

/// The nearest whole number; those too large for any price become the largest that is one.
pub(super) fn whole(value: f64) -> i64 {
    const MOST: f64 = 1e12;
    crate::domain::units::rounded(value.clamp(-MOST, MOST))
}

impl Figures {
    fn with(&self, change: &Self) -> Self {
        Self {
            orders: self.orders,
            days: self.days,
            asked: self.asked + change.asked,
            reviews: self.reviews + change.reviews,
            loss: self.loss + change.loss,
            total: self.total + change.total,
            changed: self.changed + change.changed,
            unsupported: self.unsupported + change.unsupported,
        }
    }
}

/// Some steps of a line, evenly spaced over the share of orders that are asked, both ends among them.
#[must_use]
pub fn sample(line: &[Step], count: usize) -> Vec<Step> {
    let (Some(first), Some(last)) = (line.first(), line.last()) else {
        return Vec::new();
    };
    let (from, to) = (first.figures.asked, last.figures.asked);
    let parts = to_f64(i64::try_from(count.max(2) - 1).unwrap_or(1));
    let mut steps: Vec<Step> = Vec::new();
    for part in 0..count.max(2) {
        let share = to_f64(i64::try_from(part).unwrap_or(0)) / parts;
        let wanted = (to - from).mul_add(share, from);
        let place = line.partition_point(|it| it.figures.asked < wanted);
        let step = line.get(place).unwrap_or(last);
        if steps.last().is_none_or(|it| it.bother != step.bother) {
            steps.push(*step);
        }
    }
    steps
}
