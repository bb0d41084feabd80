//! Shops to compare with: those that decide by one rule, and one that knows everything.

use super::chance::{About, Seed};
use super::shop::{Closed, Happening, Shop, Truth, Verdict};
use crate::domain::action::Action;
use crate::domain::ids::ContactId;
use crate::domain::order::{AddressType, Capability, Contact, ContactKind, Order, Stage};
use crate::domain::units::{MILLION, to_f64};

/// One in so many orders is checked by [`RandomTenth`].
const TENTH: u32 = MILLION / 10;

/// Asks nothing of anybody.
#[derive(Clone, Copy, Debug)]
pub struct NoVerification;

/// Asks for one code from a value of the order on, as the reports tell of shops in use.
#[derive(Clone, Copy, Debug)]
pub struct ValueThreshold {
    /// In the order's major units.
    pub from: f64,
}

/// Asks for one code of everybody.
#[derive(Clone, Copy, Debug)]
pub struct Everybody;

/// Asks for one code of one order in ten, by chance.
#[derive(Clone, Debug)]
pub struct RandomTenth {
    seed: Seed,
    orders: u64,
}

/// Takes the cheapest action by the world's own truth: what no shop could do better.
#[derive(Clone, Debug, Default)]
pub struct Oracle {
    truths: Vec<Truth>,
}

impl RandomTenth {
    /// The same draws for the same seed and order.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self {
            seed: Seed::new(seed),
            orders: 0,
        }
    }
}

impl Shop for NoVerification {
    fn tick(&mut self, batch: &[Happening]) -> Result<Vec<Verdict>, Closed> {
        Ok(each(batch, |_| Verdict::certain(Action::None, None)))
    }
}

impl Shop for ValueThreshold {
    fn tick(&mut self, batch: &[Happening]) -> Result<Vec<Verdict>, Closed> {
        Ok(each(batch, |order| {
            let value = to_f64(order.amount_minor()) / 100.0;
            if value >= self.from {
                one_code(order)
            } else {
                Verdict::certain(Action::None, None)
            }
        }))
    }
}

impl Shop for Everybody {
    fn tick(&mut self, batch: &[Happening]) -> Result<Vec<Verdict>, Closed> {
        Ok(each(batch, one_code))
    }
}

impl Shop for RandomTenth {
    fn tick(&mut self, batch: &[Happening]) -> Result<Vec<Verdict>, Closed> {
        let mut verdicts = Vec::new();
        for order in orders(batch) {
            // By the number of placed orders, so that carts move nothing.
            let mut chance = self.seed.stream(About::Shops, self.orders);
            self.orders += u64::from(order.stage == Stage::Placed);
            let mut verdict = one_code(order);
            if verdict.action == Action::Otp {
                verdict.propensities = [MILLION - TENTH, TENTH, 0, 0, 0];
                if !chance.happens(f64::from(TENTH) / f64::from(MILLION)) {
                    verdict.action = Action::None;
                }
            }
            verdicts.push(verdict);
        }
        Ok(verdicts)
    }
}

impl Shop for Oracle {
    fn tick(&mut self, batch: &[Happening]) -> Result<Vec<Verdict>, Closed> {
        let truths = std::mem::take(&mut self.truths);
        let verdict = |truth: &Truth| {
            let mut best = (Action::None, f64::INFINITY);
            for action in Action::ALL {
                let cost = truth.cost[action.index()];
                if cost < best.1 {
                    best = (*action, cost);
                }
            }
            Verdict::certain(
                best.0,
                truth
                    .code_contact
                    .clone()
                    .filter(|_| best.0.is_code() || best.0 == Action::LockerOnly),
            )
        };
        if truths.len() != orders(batch).count() {
            return Err(Closed(
                "an oracle hears the truth before each tick".to_owned(),
            ));
        }
        Ok(truths.iter().map(verdict).collect())
    }

    fn overhear(&mut self, truths: &[Truth]) {
        self.truths = truths.to_vec();
    }
}

fn orders(batch: &[Happening]) -> impl Iterator<Item = &Order> {
    batch.iter().filter_map(|it| match it {
        Happening::Order(order) => Some(&**order),
        Happening::Event(_) => None,
    })
}

fn each(batch: &[Happening], verdict: impl Fn(&Order) -> Verdict) -> Vec<Verdict> {
    orders(batch).map(verdict).collect()
}

/// One code, mailed to the address that the account names now, wherever a door and a carrier take one.
fn one_code(order: &Order) -> Verdict {
    let collected = matches!(
        order.delivery.address_type,
        Some(AddressType::PoBox | AddressType::Locker | AddressType::PickupPoint)
    );
    if collected || !order.carrier.capabilities.contains(&Capability::Code) {
        return Verdict::certain(Action::None, None);
    }
    Verdict::certain(Action::Otp, current(order))
}

/// The e-mail of now, else any contact of now.
fn current(order: &Order) -> Option<ContactId> {
    let is_current = |it: &&Contact| it.replaced_at.is_none() && it.recipient != Some(true);
    let mut all = order.contacts.iter().filter(is_current);
    let mail = all.clone().find(|it| it.kind == ContactKind::Email);
    mail.or_else(|| all.next()).map(|it| it.contact_id.clone())
}
