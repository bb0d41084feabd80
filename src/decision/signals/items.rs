//! What is in the order: how dear, how small, how easily resold, how packed.

use super::Scene;
use crate::decision::signal::{Signal, Signals};
use crate::domain::catalogue::{Catalogue, Size};
use crate::domain::order::{Category, Item, Packaging, PartialSize};
use crate::domain::units::to_f64;

/// From this price of one unit on an envelope is too weak: 100.00 of the base currency.
const WEAK_FROM_CENTS: f64 = 10_000.0;

/// What the items add up to, beside the signals.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// Places in `order.items` of what is packed too weakly.
    pub(super) weakly_packed: Vec<usize>,
    /// Resale interest by item.
    pub(super) resale: Vec<f64>,
    /// Something is age-restricted or hazardous.
    pub(super) restricted: bool,
}

/// The category as told, else as the catalogue maps the merchant's, else OTHER.
pub(super) fn category_of(item: &Item, catalogue: &Catalogue) -> Category {
    let mapped = || {
        catalogue
            .merchant_categories
            .get(item.merchant_category.as_ref()?)
    };
    item.category
        .or_else(|| mapped().copied())
        .unwrap_or(Category::Other)
}

/// The sides of one unit, longest first: as told, where all three are, else as usual for the category.
pub(super) fn sides_of(size: &PartialSize, usual: Option<Size>) -> Option<[u32; 3]> {
    let told = match (size.length_mm, size.width_mm, size.height_mm) {
        (Some(length), Some(width), Some(height)) => Some([length, width, height]),
        _ => None,
    };
    let mut sides = told.or_else(|| usual.map(|it| it.sides_mm))?;
    sides.sort_unstable_by(|a, b| b.cmp(a));
    Some(sides)
}

/// The weight of one unit in grams: as told, else as usual for the category.
pub(super) fn weight_of(size: &PartialSize, usual: Option<Size>) -> Option<u32> {
    size.weight_g.or_else(|| usual.map(|it| it.weight_g))
}

pub(super) fn measure(scene: &Scene<'_>, signals: &mut Signals) -> Contents {
    densities(scene, signals);
    counts(scene, signals);
    dearest(scene, signals);
    let items = &scene.order.items;
    let facts = |item| scene.catalogue.category(category_of(item, scene.catalogue));
    let weakly_packed = weakly_packed(scene, signals);
    Contents {
        weakly_packed,
        resale: items.iter().map(|item| facts(item).resale).collect(),
        restricted: items
            .iter()
            .any(|item| item.age_restricted == Some(true) || item.hazardous == Some(true)),
    }
}

fn densities(scene: &Scene<'_>, signals: &mut Signals) {
    let (mut per_litre, mut per_kg, mut heaviest_kg) = (None, None, None);
    for item in &scene.order.items {
        let usual = scene
            .catalogue
            .category(category_of(item, scene.catalogue))
            .size;
        let price = to_f64(item.unit_price_minor) * scene.base_cents / 100.0;
        if let Some(sides) = sides_of(&item.size, usual) {
            let cubic_mm: f64 = sides.iter().map(|side| f64::from(*side)).product();
            raise(&mut per_litre, price / (cubic_mm / 1e6));
        }
        if let Some(grams) = weight_of(&item.size, usual) {
            let kg = f64::from(grams) / 1000.0;
            raise(&mut per_kg, price / kg);
            raise(&mut heaviest_kg, kg);
        }
    }
    signals.set(Signal::ValueDensity, per_litre);
    signals.set(Signal::ValueDensityKg, per_kg);
    signals.set(Signal::HeaviestItemKg, heaviest_kg);
}

fn counts(scene: &Scene<'_>, signals: &mut Signals) {
    let (mut tech, mut most, mut units) = (0_i64, 0_u32, 0_i64);
    for item in &scene.order.items {
        let quantity = i64::from(item.quantity);
        units = units.saturating_add(quantity);
        most = most.max(item.quantity);
        let category = category_of(item, scene.catalogue);
        if scene.catalogue.category(category).tech {
            tech = tech.saturating_add(quantity);
        }
    }
    signals.set(Signal::TechItems, Some(to_f64(tech)));
    signals.set(Signal::SameItemUnits, Some(f64::from(most)));
    signals.set(Signal::ItemUnits, Some(to_f64(units)));
}

fn dearest(scene: &Scene<'_>, signals: &mut Signals) {
    let facts = |item| {
        let category = category_of(item, scene.catalogue);
        (item, category, scene.catalogue.category(category).resale)
    };
    let all = scene.order.items.iter().map(facts);
    let Some((item, category, resale)) =
        all.reduce(|best, one| if dearer(one, best) { one } else { best })
    else {
        return;
    };
    let price = to_f64(item.unit_price_minor) * scene.base_cents / 100.0;
    signals.set(Signal::DearestItemValue, Some(price));
    signals.set(Signal::Resale, Some(resale));
    signals.set(Signal::Category, Some(f64::from(category.number())));
    signals.set(Signal::Serialised, item.serialised.map(yes_no));
}

/// Places of the dear items in envelopes. "No" is only said where the packaging of every dear item is known.
fn weakly_packed(scene: &Scene<'_>, signals: &mut Signals) -> Vec<usize> {
    let mut places = Vec::new();
    let mut unknown = false;
    for (place, item) in scene.order.items.iter().enumerate() {
        if to_f64(item.unit_price_minor) * scene.base_cents < WEAK_FROM_CENTS {
            continue;
        }
        match item.packaging {
            Some(Packaging::Envelope) => places.push(place),
            Some(Packaging::Box | Packaging::RigidSealed) => {}
            None => unknown = true,
        }
    }
    let weak = match (places.is_empty(), unknown) {
        (false, _) => Some(1.0),
        (true, false) => Some(0.0),
        (true, true) => None,
    };
    signals.set(Signal::WeakPackaging, weak);
    places
}

/// Whether the first is the dearer; of two equally dear the more easily resold, so that no order of lines matters.
fn dearer(one: (&Item, Category, f64), best: (&Item, Category, f64)) -> bool {
    let price = one.0.unit_price_minor.cmp(&best.0.unit_price_minor);
    let resale = one.2.total_cmp(&best.2);
    let category = best.1.cmp(&one.1);
    let serialised = one.0.serialised.cmp(&best.0.serialised);
    price.then(resale).then(category).then(serialised).is_gt()
}

/// Keeps the larger; what no number is (nothing by no volume) is left out.
fn raise(most: &mut Option<f64>, value: f64) {
    if value.is_finite() {
        *most = Some(most.map_or(value, |it| it.max(value)));
    }
}

pub(super) const fn yes_no(yes: bool) -> f64 {
    if yes { 1.0 } else { 0.0 }
}
