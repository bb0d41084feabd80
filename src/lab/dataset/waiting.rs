//! Decisions of a past that is being played, until it is known what became of their orders.
//!
//! Of each decision there is at least what is counted. What makes it a row, some hundreds of bytes, is let go where more
//! wait than could ever be kept: that of orders which are never claimed and whose draws are the largest.

use std::collections::BTreeMap;

use super::sample::draw;
use super::{Details, Measured};
use crate::domain::hazard::Hazard;
use crate::domain::ids::OrderId;
use crate::domain::units::Timestamp;
use crate::lab::labels::Support;

/// What was decided of orders that are under way.
#[derive(Debug)]
pub(super) struct Waiting {
    decisions: Vec<Decision>,
    /// The few different ones that there are.
    supports: Vec<[Support; Hazard::COUNT]>,
    /// Where each stands there, by its bits.
    known: BTreeMap<[u64; Hazard::COUNT], usize>,
    /// Orders without a loss that are kept in the end, at most.
    max: usize,
    /// Decisions that have their details and may lose them.
    detailed: usize,
    /// Draws at or above this have none any more.
    limit: f64,
}

#[derive(Debug)]
struct Decision {
    order: OrderId,
    at: Timestamp,
    revision: u32,
    support: usize,
    /// Of an order that is claimed: 0, which is below every limit.
    draw: f64,
    details: Option<Box<Details>>,
}

impl Waiting {
    pub(super) const fn new(max: usize) -> Self {
        Self {
            decisions: Vec::new(),
            supports: Vec::new(),
            known: BTreeMap::new(),
            max,
            detailed: 0,
            limit: f64::INFINITY,
        }
    }

    /// Takes in a decision of the order with this key. `is_claimed`: it keeps its details in any case.
    pub(super) fn put(&mut self, order: OrderId, key: u64, measured: Measured, is_claimed: bool) {
        let of = |details: &Details| draw(key, details.interest);
        let draw = match &measured.details {
            Some(details) if !is_claimed => of(details),
            _ => 0.0,
        };
        let details = measured.details.filter(|_| draw < self.limit);
        self.detailed += usize::from(details.is_some() && draw > 0.0);
        let support = self.support(measured.support);
        self.decisions.push(Decision {
            order,
            at: measured.at,
            revision: measured.revision,
            support,
            draw,
            details: details.map(Box::new),
        });
        if self.detailed > self.max.saturating_mul(2).max(self.max + 1) {
            self.cut();
        }
    }

    /// All decisions by order, those of one order as they came; and the limit: a decision without details has a draw
    /// that is not below it.
    pub(super) fn finish(mut self) -> (f64, impl Iterator<Item = (OrderId, Vec<Measured>)>) {
        self.cut();
        self.decisions.sort_by(|a, b| a.order.cmp(&b.order));
        let supports = self.supports;
        let mut decisions = self.decisions.into_iter().peekable();
        let orders = std::iter::from_fn(move || {
            let first = decisions.next()?;
            let order = first.order.clone();
            let mut all = vec![first];
            while let Some(next) = decisions.next_if(|it| it.order == order) {
                all.push(next);
            }
            let of = |it: Decision| {
                let support = supports.get(it.support).copied();
                Measured {
                    revision: it.revision,
                    at: it.at,
                    support: support.unwrap_or([Support::Outside; Hazard::COUNT]),
                    details: it.details.map(|it| *it),
                }
            };
            Some((order, all.into_iter().map(of).collect()))
        });
        (self.limit, orders)
    }

    /// How many could become rows.
    #[cfg(test)]
    pub(super) fn with_details(&self) -> usize {
        let with = |it: &&Decision| it.details.is_some();
        self.decisions.iter().filter(with).count()
    }

    fn support(&mut self, support: [Support; Hazard::COUNT]) -> usize {
        let bits = support.map(|it| match it {
            Support::Weight(weight) => weight.to_bits(),
            Support::Hindered => u64::MAX,
            Support::Outside => u64::MAX - 1,
        });
        let next = self.supports.len();
        let place = *self.known.entry(bits).or_insert(next);
        if place == next {
            self.supports.push(support);
        }
        place
    }

    /// Lets go of details, so that half more are left than can be kept: not every order has a known outcome.
    fn cut(&mut self) {
        let most = self.max.saturating_add(self.max / 2);
        if self.detailed <= most {
            return;
        }
        let may_go = |it: &&Decision| it.details.is_some() && it.draw > 0.0;
        let of = self.decisions.iter().filter(may_go);
        let mut draws: Vec<f64> = of.map(|it| it.draw).collect();
        let (_, limit, _) = draws.select_nth_unstable_by(most, f64::total_cmp);
        self.limit = *limit;
        self.detailed = 0;
        for decision in &mut self.decisions {
            if decision.draw >= self.limit {
                decision.details = None;
            }
            self.detailed += usize::from(decision.details.is_some() && decision.draw > 0.0);
        }
    }
}
