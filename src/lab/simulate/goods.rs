//! What is sold, and what people and intruders choose of it.

use super::chance::{Chance, Weights, pick, small};
use super::parameters::{BadWorld, Good, Parameters};
use crate::domain::order::{Category, Packaging, PartialSize};

/// One kind of goods.
#[derive(Clone, Debug)]
pub(super) struct Kind {
    pub(super) category: Category,
    pub(super) it: Good,
    size: PartialSize,
}

/// All kinds, and who likes what.
#[derive(Clone, Debug)]
pub(super) struct Shelf {
    kinds: Vec<Kind>,
    plain: Weights,
    tech: Weights,
    intruder: Weights,
}

/// What was chosen as one line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Choice {
    pub(super) kind: usize,
    /// EUR of one unit.
    pub(super) price: f64,
    pub(super) units: u32,
    /// How much more an intruder would choose so than this customer, as log-odds.
    pub(super) odds: f64,
}

impl Shelf {
    pub(super) fn new(it: &Parameters) -> Result<Self, BadWorld> {
        let mut kinds = Vec::new();
        for category in Category::ALL {
            let Some(good) = it.goods.get(category.name()) else {
                let problem = format!("goods.{}: is missing", category.name());
                return Err(BadWorld(vec![problem]));
            };
            kinds.push(Kind {
                category: *category,
                it: good.clone(),
                size: size(good),
            });
        }
        let of = |tech: bool| {
            Weights::of(kinds.iter().map(|kind| {
                if kind.it.tech == tech {
                    kind.it.orders
                } else {
                    0.0
                }
            }))
        };
        let takeover = &it.takeover;
        let intruder = |kind: &Kind| {
            let taste = if kind.it.tech {
                takeover.tech_factor
            } else {
                1.0
            };
            kind.it.orders * taste * libm::pow(kind.it.resale, takeover.resale_power)
        };
        Ok(Self {
            plain: of(false),
            tech: of(true),
            intruder: Weights::of(kinds.iter().map(intruder)),
            kinds,
        })
    }

    /// A kind by its place.
    pub(super) fn kind(&self, place: usize) -> Option<&Kind> {
        self.kinds.get(place)
    }

    /// What a customer of this taste and purse chooses, or an intruder in the customer's name.
    pub(super) fn choose(&self, it: &Parameters, who: Who, chance: &mut Chance) -> Choice {
        let Who {
            taste,
            purse,
            intruder,
        } = who;
        let (plain, tech) = (self.plain.total(), self.tech.total() * taste);
        let unit = chance.unit() * (plain + tech);
        let honest = if unit < plain {
            self.plain.at(unit / plain)
        } else {
            self.tech.at((unit - plain) / tech)
        };
        let (z, dice) = (chance.normal(), chance.unit());
        let kind = if intruder {
            self.intruder.at(unit / (plain + tech))
        } else {
            honest
        };
        let Some(chosen) = self.kinds.get(kind) else {
            return Choice {
                kind,
                price: 1.0,
                units: 1,
                odds: 0.0,
            };
        };
        let (good, takeover, basket) = (&chosen.it, &it.takeover, &it.basket);
        let usual = (libm::log(good.price * purse), good.price_sigma);
        let greedy = (
            libm::log(good.price * takeover.price_factor),
            takeover.price_sigma,
        );
        let (mean, sigma) = if intruder { greedy } else { usual };
        let log_price = sigma.mul_add(z, mean);
        let mine = if good.tech {
            self.tech.share(kind) * tech / (plain + tech)
        } else {
            self.plain.share(kind) * plain / (plain + tech)
        };
        let units = [
            units(basket.two_units_share, basket.three_units_share),
            units(takeover.two_units_share, takeover.three_units_share),
        ];
        let number = pick(&units[usize::from(intruder)], dice);
        let odds = libm::log(self.intruder.share(kind) / mine) + density(log_price, greedy)
            - density(log_price, usual)
            + libm::log(
                units[1].get(number).copied().unwrap_or(1.0)
                    / units[0].get(number).copied().unwrap_or(1.0),
            );
        Choice {
            kind,
            price: libm::exp(log_price).clamp(2.0, 20_000.0),
            units: u32::try_from(number).unwrap_or(0) + 1,
            odds,
        }
    }
}

/// Who chooses.
#[derive(Clone, Copy, Debug)]
pub(super) struct Who {
    /// How much tech, beside the average.
    pub(super) taste: f64,
    /// How dear, beside the average.
    pub(super) purse: f64,
    pub(super) intruder: bool,
}

/// Shares of one, two and three units.
fn units(two: f64, three: f64) -> [f64; 3] {
    [
        (1.0 - two - three).max(0.01),
        two.max(0.001),
        three.max(0.001),
    ]
}

/// The logarithm of a normal density, without its constant.
fn density(x: f64, (mean, sigma): (f64, f64)) -> f64 {
    let z = (x - mean) / sigma;
    -z * z / 2.0 - libm::log(sigma)
}

impl Kind {
    /// The size of one unit, a little larger or smaller; absent where the shop does not know it.
    pub(super) fn size(&self, told_share: f64, chance: &mut Chance) -> PartialSize {
        let (told, scale) = (chance.happens(told_share), chance.between(0.9, 1.1));
        if !told {
            return PartialSize::default();
        }
        let scaled = |side: Option<u32>| side.map(|side| small(f64::from(side) * scale).max(1));
        PartialSize {
            length_mm: scaled(self.size.length_mm),
            width_mm: scaled(self.size.width_mm),
            height_mm: scaled(self.size.height_mm),
            weight_g: scaled(self.size.weight_g),
        }
    }

    /// EUR by litre from which a thief finds it small and dear.
    pub(super) fn is_dense(&self, price: f64) -> bool {
        price / self.it.litres >= 200.0
    }

    /// How one unit is packed.
    pub(super) fn packaging(&self, chance: &mut Chance) -> Packaging {
        if chance.happens(self.it.envelope_share) {
            Packaging::Envelope
        } else {
            Packaging::Box
        }
    }
}

/// Sides in the proportion 5 : 4 : 2.
fn size(good: &Good) -> PartialSize {
    let unit = libm::cbrt(good.litres * 1e6 / 40.0);
    let side = |times: f64| Some(small(unit * times).max(1));
    PartialSize {
        length_mm: side(5.0),
        width_mm: side(4.0),
        height_mm: side(2.0),
        weight_g: Some(small(good.kg * 1e3).max(1)),
    }
}
