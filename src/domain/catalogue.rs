//! A shop's facts: currencies and rates, categories, carriers and depots. No choice lives here; choices are the policy's.

use std::collections::BTreeMap;

use super::ids::{CarrierId, DepotId, MerchantKey};
use super::order::{Capability, Category, CountryCode};
use super::units::{Currency, Digest};

/// The facts of one shop, as loaded from `catalogue.toml`.
#[derive(Clone, Debug)]
pub struct Catalogue {
    /// Its name, from the file.
    pub id: String,
    /// Names it by its content.
    pub digest: Digest,
    /// The currency in which risks are priced.
    pub base: Currency,
    /// What one major unit is worth in the base currency, and how many minor units it has; holds the base at 1.
    pub rates: BTreeMap<Currency, Rate>,
    /// Facts by category, in the order of [`Category::ALL`].
    pub categories: Vec<CategoryFacts>,
    /// The merchant's own categories.
    pub merchant_categories: BTreeMap<MerchantKey, Category>,
    /// What a carrier of no entry can do.
    pub default_carrier: CarrierFacts,
    /// Carriers by id.
    pub carriers: BTreeMap<CarrierId, CarrierFacts>,
    /// Depots by id; they override their carrier.
    pub depots: BTreeMap<DepotId, CarrierFacts>,
    /// The zone of a country's deliveries, where the order names none.
    pub zones: BTreeMap<CountryCode, String>,
}

/// A currency's worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Base units a major unit.
    pub per_major: f64,
    /// Minor units a major unit: 100, or 1 for currencies without cents.
    pub minor_units: u32,
}

/// What is usual for a category.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CategoryFacts {
    /// How easily it is resold, 0 to 1.
    pub resale: f64,
    /// Counts as a tech item.
    pub tech: bool,
    /// The usual size of one unit, where there is one.
    pub size: Option<Size>,
}

/// A whole size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Millimetres, longest side first.
    pub sides_mm: [u32; 3],
    /// Grams.
    pub weight_g: u32,
}

/// What a carrier or depot can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarrierFacts {
    /// Its capabilities, sorted.
    pub capabilities: Vec<Capability>,
    /// Its couriers are trained and its devices ready for codes.
    pub code_ready: bool,
    /// Attempts before a parcel goes back.
    pub attempts: u32,
    /// Seconds a courier waits for an inspection.
    pub inspection_s: u32,
}

impl Catalogue {
    /// Minor units of `currency` in minor units (hundredths) of the base; 0 for an unknown currency, which `wire` refuses.
    #[must_use]
    pub fn base_cents(&self, currency: Currency) -> f64 {
        self.rates.get(&currency).map_or(0.0, |rate| {
            rate.per_major * 100.0 / f64::from(rate.minor_units)
        })
    }

    /// The facts of a category.
    #[must_use]
    pub fn category(&self, category: Category) -> &CategoryFacts {
        const UNKNOWN: CategoryFacts = CategoryFacts {
            resale: 0.0,
            tech: false,
            size: None,
        };
        let place = usize::try_from(category.number() - 1).unwrap_or(usize::MAX);
        self.categories.get(place).unwrap_or(&UNKNOWN)
    }
}
