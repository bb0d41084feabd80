//! Whoever watches a world and writes down what happens.

use super::shop::{Closed, Happening, Verdict};
use crate::domain::hazard::Hazard;
use crate::domain::ids::OrderId;

/// Whoever watches a world and writes down what happens.
pub trait Witness {
    /// A day is over. After the last day on which orders are placed, `is_after` is true: what was under way ends.
    ///
    /// # Errors
    /// [`Closed`] where nothing more can be written: the world stops.
    fn day(&mut self, day: &Day<'_>) -> Result<(), Closed>;

    /// An order has come to its end: what its true probabilities without control were, and what happened.
    ///
    /// # Errors
    /// As [`Witness::day`].
    fn ended(
        &mut self,
        _order: &OrderId,
        _truth: &[f64; Hazard::COUNT],
        _happened: Option<Hazard>,
    ) -> Result<(), Closed> {
        Ok(())
    }
}

/// One day of a world.
#[derive(Clone, Copy, Debug)]
pub struct Day<'a> {
    /// From 0.
    pub number: i32,
    /// No more orders are placed: what was under way ends.
    pub is_after: bool,
    /// What the shop heard, in order of time.
    pub happenings: &'a [Happening],
    /// What it answered, one an order.
    pub verdicts: &'a [Verdict],
}

/// Watches and writes nothing.
#[derive(Clone, Copy, Debug)]
pub struct Nobody;

impl Witness for Nobody {
    fn day(&mut self, _: &Day<'_>) -> Result<(), Closed> {
        Ok(())
    }
}

impl<W: Witness> Witness for Option<W> {
    fn day(&mut self, day: &Day<'_>) -> Result<(), Closed> {
        self.as_mut().map_or(Ok(()), |it| it.day(day))
    }

    fn ended(
        &mut self,
        order: &OrderId,
        truth: &[f64; Hazard::COUNT],
        happened: Option<Hazard>,
    ) -> Result<(), Closed> {
        self.as_mut()
            .map_or(Ok(()), |it| it.ended(order, truth, happened))
    }
}
