//! What a dossier means for others: a function of the dossier alone.

use super::super::action::Action;
use super::super::event::{Fault, RecipientRole};
use super::super::tally::{Counter, Entry, utc_day};
use super::{Contributions, Dossier, Fact, Placement, ProfileKey};

impl Dossier {
    /// Everything that it adds to profiles.
    #[must_use]
    pub fn contributions(&self) -> Contributions {
        let mut all = Contributions::new();
        let mut put = |key: ProfileKey, fact: Fact, amount: i64| {
            let place = all.entry((key, fact)).or_insert(0_i64);
            *place = place.saturating_add(amount);
        };
        let count = |counter, at| {
            Fact::Count(Entry {
                counter,
                currency: None,
                at,
            })
        };
        if let Some(cart) = &self.cart {
            put(
                ProfileKey::Unit(cart.unit.clone()),
                count(Counter::Probes, cart.at),
                1,
            );
            for link in &cart.links {
                put(
                    ProfileKey::Link(link.clone()),
                    count(Counter::Probes, cart.at),
                    1,
                );
            }
        }
        let (Some(placement), Some(address)) = (self.placement(), self.address()) else {
            return all;
        };
        let unit = ProfileKey::Unit(placement.unit.clone());
        let address = ProfileKey::Address(address.clone());
        let links = placement.links.iter().cloned().map(ProfileKey::Link);
        let lapsed = self.lapsed_at.is_some() && self.dispatched_at().is_none();
        let spent = placement
            .amount
            .filter(|_| self.cancelled.is_none() && !lapsed);
        for key in [unit.clone(), address.clone()].into_iter().chain(links) {
            put(key.clone(), count(Counter::Orders, placement.at), 1);
            if let Some((currency, minor)) = spent {
                let entry = Entry {
                    counter: Counter::Value,
                    currency: Some(currency),
                    at: placement.at,
                };
                put(key, Fact::Count(entry), minor);
            }
        }
        if let Some((currency, minor)) = spent {
            put(
                unit.clone(),
                Fact::Spend {
                    at: placement.at,
                    currency,
                    minor,
                },
                1,
            );
        }
        let ways = self.ways(placement);
        if self.cancelled.is_none() {
            let parcels = i64::from(placement.parcels.unwrap_or(1));
            for key in &ways {
                put(key.clone(), count(Counter::Parcels, placement.at), parcels);
            }
        }
        self.decided(placement, &mut put);
        if self.is_completed() {
            put(unit.clone(), Fact::Completed, 1);
        }
        for parcel in self.parcels.values() {
            for (at, _) in &parcel.failures {
                put(unit.clone(), count(Counter::Attended, *at), 1);
                put(unit.clone(), count(Counter::AttendedFailed, *at), 1);
            }
            if let Some(handover) = parcel
                .handed_over
                .as_ref()
                .filter(|it| it.role.is_some_and(RecipientRole::is_person))
            {
                put(unit.clone(), count(Counter::Attended, handover.at), 1);
            }
        }
        for claim in self.claims.values() {
            put(unit.clone(), count(Counter::Claims, claim.at), 1);
            let Some(fault) = claim.settled.as_ref().map(|it| it.fault) else {
                continue;
            };
            let loss = count(loss_counter(fault), claim.at);
            put(unit.clone(), loss, 1);
            put(address.clone(), loss, 1);
            if matches!(fault, Fault::Courier | Fault::Depot) {
                for key in &ways {
                    put(key.clone(), loss, 1);
                }
            }
        }
        all
    }

    /// What the latest decision asks of the customer, of those who review, and of the budget of sparing. A cancelled or
    /// lapsed order asks nothing of its customer any more; what it took of a budget is spent.
    fn decided(&self, placement: &Placement, put: &mut impl FnMut(ProfileKey, Fact, i64)) {
        let Some(latest) = self.latest.as_ref() else {
            return;
        };
        let Some(spared) = latest.spared_micro.filter(|_| self.placed.is_some()) else {
            return;
        };
        let count = |counter, at| {
            Fact::Count(Entry {
                counter,
                currency: None,
                at,
            })
        };
        let lapsed = self.lapsed_at.is_some() && self.dispatched_at().is_none();
        if latest.action.asks_customer() && self.cancelled.is_none() && !lapsed {
            let unit = ProfileKey::Unit(placement.unit.clone());
            put(unit, count(Counter::Asked, placement.at), 1);
        }
        if latest.action == Action::Review {
            let day = ProfileKey::Day(utc_day(latest.decided_at));
            put(day, count(Counter::Reviews, latest.decided_at), 1);
        }
        if spared != 0 {
            let entry = count(Counter::Spared, latest.decided_at);
            put(ProfileKey::Platform, entry, spared);
        }
    }

    /// Route, depot and platform: by the latest scan that names them, else as ordered.
    fn ways(&self, placement: &Placement) -> Vec<ProfileKey> {
        let route = self
            .parcels
            .values()
            .filter_map(|it| it.route.as_ref())
            .max()
            .map(|(_, _, route)| route);
        let depot = self
            .parcels
            .values()
            .filter_map(|it| it.depot.as_ref())
            .max()
            .map(|(_, _, depot)| depot);
        let route = route
            .or(placement.route.as_ref())
            .cloned()
            .map(ProfileKey::Route);
        let depot = depot
            .or(placement.depot.as_ref())
            .cloned()
            .map(ProfileKey::Depot);
        route
            .into_iter()
            .chain(depot)
            .chain([ProfileKey::Platform])
            .collect()
    }
}

/// Where a loss of this fault is counted.
#[must_use]
const fn loss_counter(fault: Fault) -> Counter {
    match fault {
        Fault::Porch => Counter::LossPorch,
        Fault::Courier => Counter::LossCourier,
        Fault::Depot => Counter::LossDepot,
        Fault::Customer => Counter::LossCustomer,
        Fault::AccountTakeover => Counter::LossTakeover,
        Fault::Unknown => Counter::LossUnknown,
    }
}
