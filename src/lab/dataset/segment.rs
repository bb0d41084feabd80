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

/// Where an order stands in each, in few bytes: there is one a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    country: Option<CountryCode>,
    category: Option<Category>,
    value: Band,
    dwelling: Option<AddressType>,
    customer: Known,
}

/// A band of value, in the base currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Band {
    #[default]
    Unknown,
    Under50,
    Under150,
    Under400,
    Under1000,
    More,
}

/// Upper bounds of the bands (assumed: those of the prior's items).
const BANDS: &[(f64, Band)] = &[
    (50.0, Band::Under50),
    (150.0, Band::Under150),
    (400.0, Band::Under400),
    (1000.0, Band::Under1000),
];

/// How well a customer is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Known {
    #[default]
    Unknown,
    Guest,
    New,
    Returning,
}

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
            value: signals
                .get(Signal::OrderValue)
                .map_or(Band::Unknown, Band::of),
            dwelling: member(AddressType::ALL, signals.get(Signal::Dwelling)),
            customer: match signals.get(Signal::AccountAgeDays) {
                _ if situation.order.customer_id.is_none() => Known::Guest,
                None => Known::Unknown,
                Some(days) if days < NEW_DAYS => Known::New,
                Some(_) => Known::Returning,
            },
        }
    }

    /// Its name under one of the ways to tell orders apart.
    #[must_use]
    pub fn name(&self, by: By) -> &str {
        match by {
            By::Country => self.country.as_ref().map_or("unknown", CountryCode::code),
            By::Category => self.category.map_or("unknown", Category::name),
            By::Value => self.value.name(),
            By::Dwelling => self.dwelling.map_or("unknown", AddressType::name),
            By::Customer => self.customer.name(),
        }
    }
}

impl Band {
    fn of(value: f64) -> Self {
        let band = BANDS.iter().find(|(below, _)| value < *below);
        band.map_or(Self::More, |(_, band)| *band)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Under50 => "under 50",
            Self::Under150 => "50 to 150",
            Self::Under400 => "150 to 400",
            Self::Under1000 => "400 to 1000",
            Self::More => "1000 or more",
        }
    }
}

impl Known {
    const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Guest => "guest",
            Self::New => "new (under 30 days)",
            Self::Returning => "returning",
        }
    }
}

/// The member whose number a signal holds.
fn member<T: Member>(all: &[T], value: Option<f64>) -> Option<T> {
    let number = libm::rint(value?);
    let is_it = |it: &&T| f64::from(it.number()).total_cmp(&number).is_eq();
    all.iter().find(is_it).copied()
}
