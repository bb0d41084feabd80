//! What a world has to say of a shop: money lost and people bothered, expected and as it happened.

use std::collections::BTreeSet;

use super::effects::Term;
use crate::domain::action::Action;
use crate::domain::hazard::Hazard;
use crate::domain::units::count_to_f64;

/// Money by expectation and as it happened, in EUR.
///
/// The expectation is the true probability, times the true effect of the action that was taken, times what is lost: it
/// has no luck in it, so shops compare with small variance.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Money {
    /// By the truth.
    pub expected: f64,
    /// By the dice.
    pub happened: f64,
}

impl Money {
    pub(super) fn add(&mut self, expected: f64, happened: f64) {
        self.expected += expected;
        self.happened += happened;
    }
}

/// The account of one shop in one world. Orders that their customers cancelled whatever was asked are not in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    /// Orders delivered, or lost on the way.
    pub orders: u64,
    /// EUR of those.
    pub value: f64,
    /// Orders by what was asked, by [`Action::index`].
    pub by_action: [u64; Action::COUNT],
    /// Money lost by hazard, by [`Hazard::index`].
    pub lost: [Money; Hazard::COUNT],
    /// How many losses were to be expected, to all hazards, displaced claims included.
    pub losses_expected: f64,
    /// How often each hazard happened.
    pub losses: [u64; Hazard::COUNT],
    /// False claims that a code hindered and that came back as "it was empty".
    pub displaced: Money,
    /// What verification cost, by [`Term::index`], beyond a delivery without any.
    pub verification: [Money; 8],
    /// Sales lost when the demand was shown.
    pub abandoned: u64,
    /// Orders for which anything was asked.
    pub bothered: u64,
    /// Of those, by people who were neither intruders nor about to lie.
    pub honest_bothered: u64,
    /// How many customers those are.
    pub honest_customers_bothered: u64,
    /// Parcels with a code that a courier saw, by order.
    pub coded: u64,
    /// Of those, orders from the value that couriers find worth taking.
    pub coded_valuable: u64,
    /// Orders truly lost of honest customers, misroutes and damage included.
    pub victims: u64,
    /// Orders of honest customers, not long after a genuine loss of theirs, for which anything was asked although by
    /// the world's truth (what was lost there before included) asking nothing was the cheapest.
    pub victims_wrongly_suspected: u64,
    /// All orders of honest customers not long after a genuine loss.
    pub orders_of_victims: u64,
    /// Claims settled.
    pub claims: u64,
    /// Of those, settled as a fault that it was not, `UNKNOWN` aside.
    pub wrongly_settled: u64,
    /// Of those, genuine losses settled as the customer's own fault.
    pub victims_blamed: u64,
    /// Losses by misroute and damage, which nothing that is asked changes: not in the total.
    pub misrouted: u64,
    pub(super) bothered_people: BTreeSet<usize>,
}

impl Ledger {
    /// Money lost to all hazards, displaced claims included.
    #[must_use]
    pub fn lost_in_all(&self) -> Money {
        sum(self.lost.iter().chain([&self.displaced]))
    }

    /// What verification cost in all.
    #[must_use]
    pub fn verification_in_all(&self) -> Money {
        sum(&self.verification)
    }

    /// Losses and verification.
    #[must_use]
    pub fn total(&self) -> Money {
        let (lost, cost) = (self.lost_in_all(), self.verification_in_all());
        sum([&lost, &cost])
    }

    /// The share of orders that a code marks as valuable, as a courier sees it; none where no code was seen.
    #[must_use]
    pub fn valuable_if_coded(&self) -> Option<f64> {
        (self.coded > 0).then(|| ratio(self.coded_valuable, self.coded))
    }

    /// The share of orders for which anything was asked.
    #[must_use]
    pub fn share_bothered(&self) -> f64 {
        ratio(self.bothered, self.orders.max(1))
    }

    pub(super) fn cost(&mut self, term: Term, expected: f64, happened: f64) {
        if let Some(money) = self.verification.get_mut(term.index()) {
            money.add(expected, happened);
        }
    }

    pub(super) fn lose(&mut self, hazard: Hazard, money: f64) {
        if let Some(lost) = self.lost.get_mut(hazard.index()) {
            lost.happened += money;
        }
        if let Some(count) = self.losses.get_mut(hazard.index()) {
            *count += 1;
        }
    }
}

fn sum<'a>(all: impl IntoIterator<Item = &'a Money>) -> Money {
    let mut sum = Money::default();
    for money in all {
        sum.add(money.expected, money.happened);
    }
    sum
}

fn ratio(part: u64, whole: u64) -> f64 {
    count_to_f64(part) / count_to_f64(whole)
}
