//! Which locker stations take the whole order: every parcel in a free compartment of its own.
//!
//! Reach, steps and what must not lie in a locker are the policy's questions; here is only whether things go in.

use std::collections::BTreeMap;

use super::Scene;
use super::items::{category_of, sides_of, weight_of};
use crate::decision::situation::{Fit, LockerFacts};
use crate::domain::catalogue::Catalogue;
use crate::domain::ids::{ItemId, LockerId};
use crate::domain::order::{Item, Locker, Order, Parcel};

/// So many parcels are taken where the number is unknown.
const UNKNOWN_COUNT: u32 = 2;

/// Something that must go into a compartment: sides in millimetres, longest first, and grams, where known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Load {
    sides_mm: Option<[u32; 3]>,
    weight_g: Option<u32>,
}

/// Every station that the order names, nearest first, unknown distance last, then by id.
pub(super) fn measure(scene: &Scene<'_>) -> Vec<LockerFacts> {
    let order = scene.order;
    if order.lockers.is_empty() {
        return Vec::new();
    }
    let loads = loads(order, scene.catalogue);
    let mut stations: BTreeMap<&LockerId, Vec<&Locker>> = BTreeMap::new();
    for locker in &order.lockers {
        stations.entry(&locker.locker_id).or_default().push(locker);
    }
    let mut all: Vec<LockerFacts> = stations
        .into_iter()
        .map(|(id, sizes)| station(id, &sizes, order, &loads))
        .collect();
    // By id already; a stable sort keeps that among equals.
    all.sort_by_key(|it| (it.distance_m.is_none(), it.distance_m));
    all
}

fn station(id: &LockerId, sizes: &[&Locker], order: &Order, loads: &[Load]) -> LockerFacts {
    // A carrier that the order does not name is unknown, and forbids nothing.
    let ours = |locker: &&&Locker| match (&locker.carrier_id, &order.carrier.carrier_id) {
        (Some(theirs), Some(own)) => theirs == own,
        (Some(_) | None, None) | (None, Some(_)) => true,
    };
    let open: Vec<&Locker> = sizes.iter().filter(ours).copied().collect();
    let free = |locker: &&&Locker| locker.step_free == Some(true);
    let without_steps: Vec<&Locker> = open.iter().filter(free).copied().collect();
    let fit = fit(&open, loads);
    let step_free = if without_steps.len() == open.len() {
        !open.is_empty()
    } else {
        self::fit(&without_steps, loads) == Fit::Fits
    };
    LockerFacts {
        locker_id: id.clone(),
        distance_m: sizes.iter().filter_map(|it| it.distance_m).min(),
        step_free,
        fit,
    }
}

/// What has to go in: each parcel as it was measured, else as large as its largest item.
fn loads(order: &Order, catalogue: &Catalogue) -> Vec<Load> {
    let whole = largest(order.items.iter(), catalogue);
    let mut loads: Vec<Load> = order
        .parcels
        .iter()
        .map(|parcel| load(parcel, order, whole, catalogue))
        .collect();
    let count = order.parcel_count().unwrap_or(UNKNOWN_COUNT).max(1);
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    loads.resize(count.max(loads.len()), whole);
    loads
}

fn load(parcel: &Parcel, order: &Order, whole: Load, catalogue: &Catalogue) -> Load {
    let sides = sides_of(&parcel.size, None);
    if sides.is_some() && parcel.size.weight_g.is_some() {
        return Load {
            sides_mm: sides,
            weight_g: parcel.size.weight_g,
        };
    }
    let inside = |id: &ItemId| parcel.items.iter().any(|(item, _)| item == id);
    let mut items = order
        .items
        .iter()
        .filter(|item| inside(&item.item_id))
        .peekable();
    let usual = if items.peek().is_none() {
        whole
    } else {
        largest(items, catalogue)
    };
    Load {
        sides_mm: sides.or(usual.sides_mm),
        weight_g: parcel.size.weight_g.or(usual.weight_g),
    }
}

/// What is as large as each of the items, side by side, and as heavy as the heaviest: where this goes in, each does.
/// Unknown as soon as one is.
fn largest<'a>(items: impl Iterator<Item = &'a Item>, catalogue: &Catalogue) -> Load {
    let none = Load {
        sides_mm: Some([0; 3]),
        weight_g: Some(0),
    };
    items.fold(none, |most, item| {
        let usual = catalogue.category(category_of(item, catalogue)).size;
        let sides = most
            .sides_mm
            .zip(sides_of(&item.size, usual))
            .map(|([a, b, c], [d, e, f])| [a.max(d), b.max(e), c.max(f)]);
        let weight = most.weight_g.zip(weight_of(&item.size, usual));
        Load {
            sides_mm: sides,
            weight_g: weight.map(|(a, b)| a.max(b)),
        }
    })
}

/// Whether one compartment takes one load; a bound that is not told does not bind.
fn takes(locker: &Locker, load: Load) -> Fit {
    let max = &locker.max;
    let mut bounds = [max.length_mm, max.width_mm, max.height_mm].map(|it| it.unwrap_or(u32::MAX));
    bounds.sort_unstable_by(|a, b| b.cmp(a));
    let sides = match load.sides_mm {
        Some(sides) if sides.iter().zip(bounds).all(|(side, bound)| *side <= bound) => Fit::Fits,
        Some(_) => Fit::DoesNotFit,
        None if bounds == [u32::MAX; 3] => Fit::Fits,
        None => Fit::SizeUnknown,
    };
    let weight = match (load.weight_g, max.weight_g) {
        (_, None) => Fit::Fits,
        (Some(grams), Some(bound)) if grams <= bound => Fit::Fits,
        (Some(_), Some(_)) => Fit::DoesNotFit,
        (None, Some(_)) => Fit::SizeUnknown,
    };
    match (sides, weight) {
        (Fit::DoesNotFit, _) | (_, Fit::DoesNotFit) => Fit::DoesNotFit,
        (Fit::SizeUnknown, _) | (_, Fit::SizeUnknown) => Fit::SizeUnknown,
        (Fit::Fits, Fit::Fits) => Fit::Fits,
    }
}

/// Whether all loads find a free compartment, each its own.
fn fit(sizes: &[&Locker], loads: &[Load]) -> Fit {
    let place_all = |enough: fn(Fit) -> bool| {
        let mut places = Places::new(sizes);
        loads.iter().enumerate().all(|(index, _)| {
            let fits = |load: usize, size: usize| {
                let load = loads.get(load);
                let pair = load.zip(sizes.get(size));
                pair.is_some_and(|(load, locker)| enough(takes(locker, *load)))
            };
            places.put(index, &fits)
        })
    };
    if place_all(|fit| fit == Fit::Fits) {
        Fit::Fits
    } else if place_all(|fit| fit != Fit::DoesNotFit) {
        Fit::SizeUnknown
    } else {
        Fit::DoesNotFit
    }
}

/// Compartments by size, and which loads lie in them.
struct Places {
    free: Vec<usize>,
    inside: Vec<Vec<usize>>,
}

impl Places {
    fn new(sizes: &[&Locker]) -> Self {
        let free = |locker: &&Locker| {
            let count = locker.free_compartments.unwrap_or(u32::MAX);
            usize::try_from(count).unwrap_or(usize::MAX)
        };
        Self {
            free: sizes.iter().map(free).collect(),
            inside: vec![Vec::new(); sizes.len()],
        }
    }

    /// Finds a place for a load, moving others where that helps (augmenting paths: exact, and small enough here).
    fn put(&mut self, load: usize, fits: &dyn Fn(usize, usize) -> bool) -> bool {
        let mut seen = vec![false; self.free.len()];
        self.push(load, fits, &mut seen)
    }

    fn push(
        &mut self,
        load: usize,
        fits: &dyn Fn(usize, usize) -> bool,
        seen: &mut [bool],
    ) -> bool {
        for size in 0..self.free.len() {
            let new = seen.get(size) == Some(&false);
            if !new || !fits(load, size) {
                continue;
            }
            if let Some(place) = seen.get_mut(size) {
                *place = true;
            }
            let room = self.free.get(size).copied().unwrap_or(0);
            let lying = self.inside.get(size).map_or(0, Vec::len);
            if lying < room {
                self.lay(size, lying, load);
                return true;
            }
            for index in 0..lying {
                let other = self.inside.get(size).and_then(|it| it.get(index)).copied();
                if other.is_some_and(|other| self.push(other, fits, seen)) {
                    self.lay(size, index, load);
                    return true;
                }
            }
        }
        false
    }

    fn lay(&mut self, size: usize, index: usize, load: usize) {
        if let Some(inside) = self.inside.get_mut(size) {
            if let Some(place) = inside.get_mut(index) {
                *place = load;
            } else {
                inside.push(load);
            }
        }
    }
}
