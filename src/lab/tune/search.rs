//! The setting that meets the goals and costs least, and what it would change for whom.

use std::collections::BTreeMap;
use std::ops::Range;

use super::cuts::{Cut, turned};
use super::frontier::{Step, line, whole};
use super::{By as Made, Figures, Goals, Knobs, Order};
use crate::domain::action::Action;
use crate::lab::dataset::By;

/// How many values of a knob are tried over all there are, and again around the best of them.
const TRIED: usize = 32;

/// How far knobs may be turned, and which.
#[derive(Clone, Copy, Debug)]
pub struct Limits<'a> {
    /// The price of bother may be.
    pub bother: bool,
    /// The price of a review may be, where a goal limits reviews.
    pub review: bool,
    /// A floor may be added, where prices and thresholds lose too much.
    pub floor: bool,
    /// Thresholds may be turned beside prices; else only where prices alone do not meet the goals.
    pub rules_too: bool,
    /// The thresholds that may be, one at a time; orders know their sides of them in this order.
    pub cuts: &'a [Cut],
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
pub fn search(orders: &[Order], goals: &Goals, limits: &Limits<'_>) -> Result<Found, Unreached> {
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

fn best(orders: &[Order], goals: &Goals, limits: &Limits<'_>) -> Option<Found> {
    let as_it_stands = Knobs::default();
    let plain = with_reviews(orders, &as_it_stands, goals, limits);
    let review = plain.map_or(0, |it| it.knobs.review);
    let turned = || {
        let cuts = limits.cuts.iter().enumerate();
        cuts.filter_map(move |cut| turned(orders, cut, review, goals, limits))
    };
    if limits.rules_too {
        let found = cheapest(plain.into_iter().chain(turned()));
        return found.or_else(|| with_floor(orders, goals, limits));
    }
    if plain.is_some() {
        return plain;
    }
    // Prices alone do not do.
    cheapest(turned().chain(with_floor(orders, goals, limits)))
}

/// The cheapest setting with a floor, where too much is lost: it asks also where asking does not pay by itself.
fn with_floor(orders: &[Order], goals: &Goals, limits: &Limits<'_>) -> Option<Found> {
    if goals.loss_max.is_none() || !limits.floor {
        return None;
    }
    let floors = floors(orders);
    sampled(0..floors.len(), |place| {
        let others = Knobs {
            floor: Some(*floors.get(place)?),
            ..Knobs::default()
        };
        with_reviews(orders, &others, goals, limits)
    })
}

/// The cheapest setting with these other knobs; where the reviews of a day are limited, at the best price of a review.
pub(super) fn with_reviews(
    orders: &[Order],
    others: &Knobs,
    goals: &Goals,
    limits: &Limits<'_>,
) -> Option<Found> {
    let plain = at(orders, others, goals, limits);
    if goals.reviews_max.is_none() || !limits.review {
        return plain;
    }
    let prices = reviews(orders, others);
    let dearer = sampled(0..prices.len(), |place| {
        let others = Knobs {
            review: *prices.get(place)?,
            ..*others
        };
        at(orders, &others, goals, limits)
    });
    cheapest(plain.into_iter().chain(dearer))
}

/// The cheapest price of bother with these other knobs.
pub(super) fn at(
    orders: &[Order],
    others: &Knobs,
    goals: &Goals,
    limits: &Limits<'_>,
) -> Option<Found> {
    let fits = |figures: &Figures| {
        figures.meets(goals) && figures.unsupported_share() <= limits.unsupported_max
    };
    if limits.bother {
        return on_line(&line(orders, others, limits.least), others, fits);
    }
    let figures = super::figures(orders, others);
    fits(&figures).then_some(Found {
        knobs: *others,
        figures,
    })
}

/// The cheapest of many values in order: of some that are spread over all, then of those around the best.
pub(super) fn sampled(
    all: Range<usize>,
    mut at: impl FnMut(usize) -> Option<Found>,
) -> Option<Found> {
    let mut best: Option<(usize, Found)> = None;
    let mut look = |all: Range<usize>, best: &mut Option<(usize, Found)>| {
        let step = all.len().div_ceil(TRIED).max(1);
        let last = all.clone().next_back();
        for place in all.step_by(step).chain(last) {
            let known = best.map(|(_, found)| found);
            let found = at(place);
            if found != known && cheapest(known.into_iter().chain(found)) == found {
                *best = found.map(|it| (place, it));
            }
        }
        step
    };
    let step = look(all.clone(), &mut best);
    if let Some((place, _)) = best
        && step > 1
    {
        let from = all.start.max(place.saturating_sub(step));
        look(from..all.end.min(place + step), &mut best);
    }
    best.map(|(_, found)| found)
}

/// The cheapest of a line that fits.
fn on_line(steps: &[Step], others: &Knobs, fits: impl Fn(&Figures) -> bool) -> Option<Found> {
    cheapest(
        steps
            .iter()
            .filter(|it| fits(&it.figures))
            .map(|step| Found {
                knobs: Knobs {
                    // No further from the policy as it stands than it must be.
                    bother: 0.clamp(step.lowest, step.bother),
                    ..*others
                },
                figures: step.figures,
            }),
    )
}

/// The one with the least cost in all; of equals the one that turns least.
pub(super) fn cheapest(found: impl Iterator<Item = Found>) -> Option<Found> {
    found.min_by(|a, b| {
        let turned = |it: &Found| {
            let Knobs {
                turn,
                bother,
                review,
                ..
            } = it.knobs;
            (turn.is_some(), bother.abs(), review)
        };
        (a.figures.total.total_cmp(&b.figures.total)).then_with(|| turned(a).cmp(&turned(b)))
    })
}

/// Stakes at which a floor may lie, in whole cents: those that price would let go.
fn floors(orders: &[Order]) -> Vec<f64> {
    let room = |it: &Order| it.floored.as_ref().map_or(it.room, |floored| floored.room);
    let turnable = orders
        .iter()
        .filter(|it| room(it).by == Made::Price && room(it).has(Action::None));
    let mut floors: Vec<f64> = turnable
        .map(|it| (it.stake * 100.0).ceil() / 100.0)
        .filter(|it| it.is_finite())
        .collect();
    floors.sort_by(f64::total_cmp);
    floors.dedup_by(|a, b| a.total_cmp(b).is_eq());
    floors
}

/// Prices of a review, in cents against the policy as it stands, at which an order turns from it to something else.
fn reviews(orders: &[Order], others: &Knobs) -> Vec<i64> {
    let mut prices: Vec<i64> = Vec::new();
    for order in orders {
        let room = order.room(others);
        if room.by != Made::Price || !room.has(Action::Review) {
            continue;
        }
        let review = order.at(Action::Review).total;
        let rest = Action::ALL
            .iter()
            .filter(|it| **it != Action::Review && room.has(**it));
        prices.extend(rest.map(|it| whole((order.at(*it).total - review).ceil())));
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
        moved.supported += u64::from(order.at(answer).supported);
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
