//! What orders are compared by: country, category, value, dwelling, and how well the customer is known.

use crate::decision::signal::Signal;
use crate::decision::situation::Situation;
use crate::domain::closed::Member;
use crate::domain::order::{AddressType, Category, CountryCode};

/// By what orders are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// The country of delivery.
    Country,
    /// The category of the dearest item.
    Category,
    /// The order's value.
    Value,
    /// The type of the address.
    Dwelling,
    /// How long the customer has been one.
    Customer,
}

impl By {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Country,
        Self::Category,
        Self::Value,
        Self::Dwelling,
        Self::Customer,
    ];

    /// For tables and cards.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::Category => "category",
            Self::Value => "value",
            Self::Dwelling => "dwelling",
            Self::Customer => "customer",
        }
    }
}

/// Where an order stands in each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    country: Option<CountryCode>,
    category: Option<Category>,
    value: &'static str,
    dwelling: Option<AddressType>,
    customer: &'static str,
}

/// Upper bounds of the bands of value, in the base currency (assumed: those of the prior's items).
const VALUES: &[(f64, &str)] = &[
    (50.0, "under 50"),
    (150.0, "50 to 150"),
    (400.0, "150 to 400"),
    (1000.0, "400 to 1000"),
];

/// A customer of fewer days is new (that is where the prior's own bin ends).
const NEW_DAYS: f64 = 30.0;

impl Segment {
    /// The segment of a recorded situation.
    #[must_use]
    pub fn of(situation: &Situation) -> Self {
        let signals = &situation.signals;
        Self {
            country: situation.order.delivery.country_code,
            category: member(Category::ALL, signals.get(Signal::Category)),
            value: signals.get(Signal::OrderValue).map_or("unknown", |value| {
                let band = VALUES.iter().find(|(below, _)| value < *below);
                band.map_or("1000 or more", |(_, name)| name)
            }),
            dwelling: member(AddressType::ALL, signals.get(Signal::Dwelling)),
            customer: match signals.get(Signal::AccountAgeDays) {
                _ if situation.order.customer_id.is_none() => "guest",
                None => "unknown",
                Some(days) if days < NEW_DAYS => "new (under 30 days)",
                Some(_) => "returning",
            },
        }
    }

    /// Its name under one of the ways to tell orders apart.
    #[must_use]
    pub fn name(&self, by: By) -> &str {
        match by {
            By::Country => self.country.as_ref().map_or("unknown", CountryCode::code),
            By::Category => self.category.map_or("unknown", Category::name),
            By::Value => self.value,
            By::Dwelling => self.dwelling.map_or("unknown", AddressType::name),
            By::Customer => self.customer,
        }
    }
}

/// The member whose number a signal holds.
fn member<T: Member>(all: &[T], value: Option<f64>) -> Option<T> {
    let number = libm::rint(value?);
    let is_it = |it: &&T| f64::from(it.number()).total_cmp(&number).is_eq();
    all.iter().find(is_it).copied()
}
