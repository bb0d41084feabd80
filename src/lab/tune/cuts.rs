//! Thresholds of rules as knobs: what each leaves of an order on either of its sides, and where it may stand.
//!
//! An order knows of a threshold only on which side of it it is. So it is weighed once with the threshold beyond reach,
//! and every number that the threshold could be is answered by comparing.
//!
//! A rule says what prices do not know. So it is turned only where a goal is missed, only the way that serves it, and no
//! further than the goals ask: cost alone would do away with every rule.

use std::ops::Range;
use std::sync::Arc;

use super::search::{Found, Limits, at, cheapest, sampled, with_reviews};
use super::{Figures, Goals, Knobs, Order, Room, Sides, Turn, figures};
use crate::decision::judge::{Weighed, weigh};
use crate::decision::policy::{Policy, Threshold};
use crate::decision::release::Release;
use crate::decision::situation::Situation;

/// A threshold that may be turned.
#[derive(Clone, Debug)]
pub struct Cut {
    threshold: Threshold,
    /// The policy that is tuned.
    policy: Arc<Policy>,
    /// The policy with it so high that all is below it.
    below: Release,
    /// The policy with it so low that all is above it.
    above: Release,
}

impl Cut {
    /// A threshold of the policy that is tuned; none where its rule does not bear another number.
    #[must_use]
    pub fn new(base: &Release, threshold: Threshold) -> Option<Self> {
        let with = |number| {
            let policy = base.policy.with(&threshold, number)?;
            Some(Release {
                policy: Arc::new(policy),
                ..base.clone()
            })
        };
        Some(Self {
            below: with(f64::MAX)?,
            above: with(-f64::MAX)?,
            policy: Arc::clone(&base.policy),
            threshold,
        })
    }

    /// The threshold.
    #[must_use]
    pub const fn threshold(&self) -> &Threshold {
        &self.threshold
    }

    /// It with another number.
    #[must_use]
    pub const fn turn(&self, cut: usize, to: f64) -> Turn {
        Turn {
            cut,
            to,
            inclusive: self.threshold.inclusive,
        }
    }

    /// What it leaves of an order on either side; none where that is the same. `room`: as it stands.
    pub(super) fn sides(
        &self,
        situation: &Situation,
        weighed: &Weighed,
        room: Room,
    ) -> Option<Sides> {
        let Threshold {
            number, inclusive, ..
        } = self.threshold;
        let Weighed { hazards, risk, .. } = weighed;
        let policy = &self.policy;
        let at = policy.compared_with(&self.threshold, situation, hazards, *risk)?;
        let is_above = Turn {
            cut: 0,
            to: number,
            inclusive,
        }
        .has_above(at);
        let other = if is_above { &self.below } else { &self.above };
        let other = Room::of(&weigh(situation, other).choice);
        let (below, above) = if is_above {
            (other, room)
        } else {
            (room, other)
        };
        (other != room).then_some(Sides { at, below, above })
    }
}

/// The cheapest setting with this threshold turned; `review`: a price of a review that does without.
pub(super) fn turned(
    orders: &[Order],
    (cut, it): (usize, &Cut),
    review: i64,
    goals: &Goals,
    limits: &Limits<'_>,
) -> Option<Found> {
    let places = places(orders, cut, it.threshold.inclusive);
    let with = |place: usize| {
        let turn = Some(it.turn(cut, *places.get(place)?));
        Some(Knobs {
            turn,
            ..Knobs::default()
        })
    };
    let alone = |place: usize| with(place).map(|knobs| figures(orders, &knobs));
    let here = places.partition_point(|place| *place <= it.threshold.number);
    let before = places.partition_point(|place| *place < it.threshold.number);
    let live = figures(orders, &Knobs::default());
    let up = serves(places.len().checked_sub(1).and_then(alone), &live, goals).then(|| {
        here..places
            .len()
            .min(first(here..places.len(), |place| meets(alone(place), goals)) + 1)
    });
    let down = serves(alone(0), &live, goals).then(|| {
        // Counted from the threshold down.
        let met = first(0..before, |back| meets(alone(before - 1 - back), goals));
        (before.saturating_sub(met + 1))..before
    });
    let found = cheapest([up, down].into_iter().flatten().filter_map(|range| {
        sampled(range, |place| {
            let others = Knobs {
                review,
                ..with(place)?
            };
            at(orders, &others, goals, limits)
        })
    }))?;
    // The best price of a review is another with another rule.
    let others = Knobs {
        turn: found.knobs.turn,
        ..Knobs::default()
    };
    cheapest(
        with_reviews(orders, &others, goals, limits)
            .into_iter()
            .chain([found]),
    )
}

fn meets(figures: Option<Figures>, goals: &Goals) -> bool {
    figures.is_some_and(|it| it.meets(goals))
}

/// Turned as far as it goes it makes no missed goal worse, and one better.
fn serves(far: Option<Figures>, live: &Figures, goals: &Goals) -> bool {
    let Some(far) = far else { return false };
    let each = |it: &Figures| {
        [
            it.bothered(),
            it.loss / it.orders.max(1.0),
            it.reviews_a_day(),
        ]
    };
    let wanted = [goals.bothered_max, goals.loss_max, goals.reviews_max];
    let missed = each(live).into_iter().zip(each(&far)).zip(wanted);
    let mut missed = missed.filter(|((now, _), most)| most.is_some_and(|it| *now > it));
    let mut better = false;
    missed.all(|((now, then), _)| {
        better |= then < now;
        then <= now
    }) && better
}

/// The first place of a range from which on something holds, by halving; the end where it does not.
fn first(range: Range<usize>, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (range.start, range.end);
    while low < high {
        let middle = usize::midpoint(low, high);
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// Where a threshold may stand, ascending: for each set of orders that it can leave below it a number that does, as short
/// as there is one. None beyond the orders to which it makes a difference.
fn places(orders: &[Order], cut: usize, inclusive: bool) -> Vec<f64> {
    let sides = orders.iter().filter_map(|it| it.sides.get(cut)?.as_ref());
    let mut values: Vec<f64> = sides.map(|it| it.at).collect();
    values.sort_by(f64::total_cmp);
    values.dedup_by(|a, b| a.total_cmp(b).is_eq());
    let first = values.first().filter(|_| inclusive).copied();
    let between = values.windows(2).filter_map(|pair| match pair {
        [low, high] => Some(between(*low, *high, inclusive)),
        _ => None,
    });
    let last = values.last().filter(|_| !inclusive).copied();
    first.into_iter().chain(between).chain(last).collect()
}

/// The number with the fewest decimals that has `low` below it and `high` above it.
fn between(low: f64, high: f64, inclusive: bool) -> f64 {
    let mut scale = 1.0;
    for _ in 0..9 {
        let near = if inclusive {
            (high * scale).floor() / scale
        } else {
            (low * scale).ceil() / scale
        };
        let parts = if inclusive {
            low < near && near <= high
        } else {
            low <= near && near < high
        };
        if parts {
            return near;
        }
        scale *= 10.0;
    }
    if inclusive { high } else { low }
}

#[cfg(test)]
mod tests;
