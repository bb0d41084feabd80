//! Towns, depots, routes and couriers.

use super::chance::{About, Chance, Seed, Weights, count, float};
use super::ids;
use super::parameters::{BadWorld, Parameters};
use crate::domain::ids::{CarrierId, CourierId, DepotId, RouteId};
use crate::domain::order::{Capability, Carrier};

/// A town.
#[derive(Clone, Debug)]
pub(super) struct Town {
    /// How much likelier theft from the door is here.
    pub(super) theft: f64,
    /// Share of flats.
    pub(super) flats: f64,
    /// Its routes.
    pub(super) routes: Vec<usize>,
}

/// A depot: of one carrier in one town.
#[derive(Clone, Debug)]
pub(super) struct Depot {
    /// How much likelier goods are swapped here.
    pub(super) swaps: f64,
    /// Whether its tracking data is leaked.
    pub(super) leaked: bool,
    couriers: Vec<usize>,
}

/// A route.
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub(super) id: RouteId,
    pub(super) depot: usize,
    /// As orders tell it.
    pub(super) carrier: Carrier,
    /// The courier whose route it is.
    courier: usize,
}

/// A courier.
#[derive(Clone, Debug)]
pub(super) struct Courier {
    pub(super) id: CourierId,
    pub(super) rotten: bool,
    /// How much likelier a parcel is lost on the round.
    pub(super) theft: f64,
}

/// Everything that does not move.
#[derive(Clone, Debug)]
pub(super) struct Places {
    pub(super) towns: Vec<Town>,
    pub(super) depots: Vec<Depot>,
    pub(super) routes: Vec<Route>,
    pub(super) couriers: Vec<Courier>,
    home_route_share: f64,
}

/// What a carrier can do that has codes.
const EVERYTHING: &[Capability] = &[
    Capability::Code,
    Capability::PerParcelCode,
    Capability::LateReveal,
    Capability::Photo,
    Capability::Geofence,
    Capability::Inspection,
    Capability::WeightCheck,
];

impl Places {
    /// `orders_a_year` of the whole shop say how many couriers there are.
    pub(super) fn new(it: &Parameters, orders_a_year: f64, seed: &Seed) -> Result<Self, BadWorld> {
        let mut chance = seed.stream(About::Places, 0);
        let mut places = Self {
            towns: towns(it, &mut chance),
            depots: Vec::new(),
            routes: Vec::new(),
            couriers: Vec::new(),
            home_route_share: it.places.home_route_share,
        };
        let routes = count(orders_a_year / it.places.parcels_a_courier.max(1.0));
        let routes = routes.max(places.towns.len() * it.carriers.len() * 2);
        places.couriers = couriers(it, routes, &mut chance)?;
        places.lay_out(it, routes, &mut chance)?;
        Ok(places)
    }

    /// Depots for each carrier in each town, and their routes.
    fn lay_out(
        &mut self,
        it: &Parameters,
        routes: usize,
        chance: &mut Chance,
    ) -> Result<(), BadWorld> {
        let shares = Weights::of(it.carriers.values().map(|carrier| carrier.route_share));
        for town in &mut self.towns {
            for (name, carrier) in &it.carriers {
                let number = self.depots.len();
                self.depots.push(Depot {
                    swaps: chance.factor(it.substitution.depot_sigma),
                    leaked: chance.happens(it.leak.depot_share),
                    couriers: Vec::new(),
                });
                let codes = chance.happens(carrier.codes_share);
                let place = it
                    .carriers
                    .keys()
                    .position(|other| other == name)
                    .unwrap_or(0);
                let mine =
                    count(float(routes) * shares.share(place) / it.places.towns.max(1.0)).max(1);
                for _ in 0..mine {
                    let courier = self.routes.len() % self.couriers.len().max(1);
                    let capabilities = if codes {
                        EVERYTHING
                    } else {
                        &[Capability::Photo]
                    };
                    let route = Route {
                        id: ids::make("route", self.routes.len(), RouteId::try_new)?,
                        depot: number,
                        carrier: Carrier {
                            carrier_id: Some(ids::named(name, CarrierId::try_new)?),
                            depot_id: Some(ids::make("depot", number, DepotId::try_new)?),
                            route_id: Some(ids::make(
                                "route",
                                self.routes.len(),
                                RouteId::try_new,
                            )?),
                            capabilities: capabilities.to_vec(),
                            subcontracted: Some(chance.happens(carrier.subcontracted_share)),
                        },
                        courier,
                    };
                    if let Some(depot) = self.depots.get_mut(number) {
                        depot.couriers.push(courier);
                    }
                    town.routes.push(self.routes.len());
                    self.routes.push(route);
                }
            }
        }
        Ok(())
    }

    /// Who drives a route on a day: mostly the one whose it is.
    pub(super) fn driver(&self, route: usize, at_home: f64, other: f64) -> usize {
        let Some(route) = self.routes.get(route) else {
            return 0;
        };
        if at_home < self.home_route_share {
            return route.courier;
        }
        let others = self.depots.get(route.depot).map(|depot| &depot.couriers);
        let others = others.map_or(&[][..], Vec::as_slice);
        others
            .get(super::chance::place(other, others.len()))
            .copied()
            .unwrap_or(route.courier)
    }
}

fn towns(it: &Parameters, chance: &mut Chance) -> Vec<Town> {
    let town = |_| Town {
        theft: chance.factor(it.places.town_sigma),
        flats: (it.people.flat_share * chance.factor(it.places.flat_sigma)).clamp(0.05, 0.9),
        routes: Vec::new(),
    };
    (0..count(it.places.towns).max(1)).map(town).collect()
}

/// One in so many is rotten, at least one, and causes the named part of all courier theft.
fn couriers(it: &Parameters, number: usize, chance: &mut Chance) -> Result<Vec<Courier>, BadWorld> {
    let it = &it.courier;
    let rotten = count(float(number) * it.rotten_share).clamp(1, number.max(1));
    let first = chance.below(number);
    let part = it.rotten_part_share;
    let all = float(number);
    let mut couriers = Vec::new();
    for place in 0..number {
        // Spread evenly from a first one, so that no depot has them all.
        let is_rotten = (0..rotten).any(|nth| (first + nth * number / rotten) % number == place);
        let theft = if is_rotten {
            part * all / float(rotten)
        } else {
            (1.0 - part) * all / float((number - rotten).max(1)) * chance.factor(it.courier_sigma)
        };
        couriers.push(Courier {
            id: ids::make("courier", place, CourierId::try_new)?,
            rotten: is_rotten,
            theft,
        });
    }
    Ok(couriers)
}
