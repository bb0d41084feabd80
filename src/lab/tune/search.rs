//! The setting that meets the goals and costs least, and what it would change for whom.

use std::collections::BTreeMap;

use super::frontier::{Step, line, whole};
use super::{By as Made, Figures, Goals, Knobs, Order};
use crate::domain::action::Action;
use crate::lab::dataset::By;

/// How many values of a knob are tried over all there are, and again around the best of them.
const TRIED: usize = 32;

/// How far knobs may be turned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The least price of bother, in cents against the policy as it stands: prices are not negative.
    pub least: i64,
    /// Of the orders whose answer changes, at most this share may be ones of which the record can say nothing, 0 to 1.
    pub unsupported_max: f64,
}

/// A setting that meets the goals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// How the knobs stand.
    pub knobs: Knobs,
    /// What it comes to.
    pub figures: Figures,
}

/// Why there is none.
#[derive(Clone, Debug, PartialEq)]
pub enum Unreached {
    /// There are no orders.
    Nothing,
    /// No setting of the knobs meets the goals. The two ends of what they reach: asking least, asking most.
    Goals(Box<[Figures; 2]>),
    /// One does, and the record cannot speak for it.
    Unsupported(Box<Found>),
}

/// Searches.
///
/// # Errors
/// Why no setting is proposed.
pub fn search(orders: &[Order], goals: &Goals, limits: &Limits) -> Result<Found, Unreached> {
    if orders.is_empty() {
        return Err(Unreached::Nothing);
    }
    if let Some(found) = best(orders, goals, limits) {
        return Ok(found);
    }
    let anyhow = Limits {
        unsupported_max: 1.0,
        ..*limits
    };
    if let Some(found) = best(orders, goals, &anyhow) {
        return Err(Unreached::Unsupported(Box::new(found)));
    }
    let reached = line(orders, &Knobs::default(), limits.least);
    let least_asked = reached.first().map(|it| it.figures).unwrap_or_default();
    let everybody = Knobs {
        bother: limits.least,
        floor: Some(0.0),
        ..Knobs::default()
    };
    let most_asked = super::figures(orders, &everybody);
    Err(Unreached::Goals(Box::new([least_asked, most_asked])))
}

fn best(orders: &[Order], goals: &Goals, limits: &Limits) -> Option<Found> {
    let plain = with_reviews(orders, None, goals, limits);
    if plain.is_some() || goals.loss_max.is_none() {
        return plain;
    }
    // Prices alone lose too much: a floor asks also where asking does not pay by itself.
    let floors = floors(orders);
    sampled(floors.len(), |place| {
        with_reviews(orders, Some(*floors.get(place)?), goals, limits)
    })
}

/// The cheapest setting with this floor; where the reviews of a day are limited, at the best price of a review.
fn with_reviews(
    orders: &[Order],
    floor: Option<f64>,
    goals: &Goals,
    limits: &Limits,
) -> Option<Found> {
    let at = |review| {
        let others = Knobs {
            bother: 0,
            review,
            floor,
        };
        on_line(&line(orders, &others, limits.least), &others, goals, limits)
    };
    let plain = at(0);
    if goals.reviews_max.is_none() {
        return plain;
    }
    let prices = reviews(orders);
    let dearer = sampled(prices.len(), |place| at(*prices.get(place)?));
    cheapest(plain.into_iter().chain(dearer))
}

/// The cheapest of many values in order: of some that are spread over all, then of those around the best.
fn sampled(count: usize, mut at: impl FnMut(usize) -> Option<Found>) -> Option<Found> {
    let mut best: Option<(usize, Found)> = None;
    let mut look = |from: usize, to: usize, best: &mut Option<(usize, Found)>| {
        let step = (to - from).div_ceil(TRIED).max(1);
        for place in (from..to).step_by(step).chain(to.checked_sub(1)) {
            let known = best.map(|(_, found)| found);
            let found = at(place);
            if found != known && cheapest(known.into_iter().chain(found)) == found {
                *best = found.map(|it| (place, it));
            }
        }
        step
    };
    let step = look(0, count, &mut best);
    if let Some((place, _)) = best
        && step > 1
    {
        let to = count.min(place + step);
        look(place.saturating_sub(step), to, &mut best);
    }
    best.map(|(_, found)| found)
}

/// The cheapest of a line that meets the goals and that the record can speak for.
fn on_line(steps: &[Step], others: &Knobs, goals: &Goals, limits: &Limits) -> Option<Found> {
    let fitting = steps.iter().filter(|step| {
        step.figures.meets(goals) && step.figures.unsupported_share() <= limits.unsupported_max
    });
    cheapest(fitting.map(|step| Found {
        knobs: Knobs {
            // No further from the policy as it stands than it must be.
            bother: 0.clamp(step.lowest, step.bother),
            ..*others
        },
        figures: step.figures,
    }))
}

/// The one with the least cost in all; of equals the one that turns least.
fn cheapest(found: impl Iterator<Item = Found>) -> Option<Found> {
    found.min_by(|a, b| {
        let turned = |it: &Found| (it.knobs.bother.abs(), it.knobs.review);
        (a.figures.total.total_cmp(&b.figures.total)).then_with(|| turned(a).cmp(&turned(b)))
    })
}

/// Stakes at which a floor may lie, in whole cents: those that price would let go.
fn floors(orders: &[Order]) -> Vec<f64> {
    let turnable = orders
        .iter()
        .filter(|it| it.by == Made::Price && it.at(Action::None).is_some());
    let mut floors: Vec<f64> = turnable
        .map(|it| (it.stake * 100.0).ceil() / 100.0)
        .filter(|it| it.is_finite())
        .collect();
    floors.sort_by(f64::total_cmp);
    floors.dedup_by(|a, b| a.total_cmp(b).is_eq());
    floors
}

/// Prices of a review, in cents against the policy as it stands, at which an order turns from it to something else.
fn reviews(orders: &[Order]) -> Vec<i64> {
    let mut prices: Vec<i64> = Vec::new();
    for order in orders.iter().filter(|it| it.by == Made::Price) {
        let Some(review) = order.at(Action::Review) else {
            continue;
        };
        let others = Action::ALL.iter().filter(|it| **it != Action::Review);
        let others = others.filter_map(|it| order.at(*it));
        prices.extend(others.map(|it| whole((it.total - review.total).ceil())));
    }
    prices.retain(|it| *it > 0);
    prices.sort_unstable();
    prices.dedup();
    prices
}

/// Orders that go from one answer to another.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moved {
    /// How many.
    pub orders: u64,
    /// What they are worth together, in hundredths of the base currency.
    pub value: f64,
    /// Of them, those that the record can speak for.
    pub supported: u64,
}

/// Orders by the answer of the policy as it stands and the one with the knobs turned.
#[must_use]
pub fn moved(orders: &[Order], knobs: &Knobs) -> BTreeMap<(Action, Action), Moved> {
    let mut all: BTreeMap<(Action, Action), Moved> = BTreeMap::new();
    for order in orders {
        let answer = order.answer(knobs);
        let moved = all.entry((order.own, answer)).or_default();
        moved.orders += 1;
        moved.value += order.value;
        let supported = order.at(answer).is_some_and(|it| it.supported);
        moved.supported += u64::from(supported);
    }
    all
}

/// How many orders of a segment are asked for something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Orders.
    pub orders: u64,
    /// Asked by the policy as it stands.
    pub before: u64,
    /// Asked with the knobs turned.
    pub after: u64,
}

/// Who is asked, by segment.
#[must_use]
pub fn asked(orders: &[Order], knobs: &Knobs, by: By) -> BTreeMap<String, Asked> {
    let mut all: BTreeMap<String, Asked> = BTreeMap::new();
    for order in orders {
        let asked = all.entry(order.segment.name(by).to_owned()).or_default();
        asked.orders += 1;
        asked.before += u64::from(order.own != Action::None);
        asked.after += u64::from(order.answer(knobs) != Action::None);
    }
    all
}
