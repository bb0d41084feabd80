//! What all dossiers together say of everybody: folded again from nothing, to compare with what is kept.

use std::collections::BTreeMap;

use super::dossier::{Dossier, Fact, ProfileKey};
use super::ids::{AddressKey, OrderId};
use super::order::Unit;
use super::profile::{Address, Customer, Link, OpenOrder, StopEntry};
use super::tally::{Spend, Tally};
use super::units::Timestamp;

/// Profiles as they follow from dossiers.
#[derive(Debug, Default)]
pub struct Fold {
    tallies: BTreeMap<ProfileKey, Tally>,
    spends: BTreeMap<Unit, Spend>,
    completed: BTreeMap<Unit, i64>,
    stops: BTreeMap<AddressKey, BTreeMap<OrderId, StopEntry>>,
    slots: BTreeMap<Unit, BTreeMap<OrderId, OpenOrder>>,
}

impl Fold {
    /// Takes in one order.
    pub fn take(&mut self, id: &OrderId, dossier: &Dossier) {
        for ((key, fact), amount) in dossier.contributions() {
            match (fact, &key) {
                (Fact::Count(entry), _) => self.tallies.entry(key).or_default().add(entry, amount),
                (
                    Fact::Spend {
                        at,
                        currency,
                        minor,
                    },
                    ProfileKey::Unit(unit),
                ) => {
                    self.spends
                        .entry(unit.clone())
                        .or_default()
                        .add(at, currency, minor, amount);
                }
                (Fact::Completed, ProfileKey::Unit(unit)) => {
                    let sum = self.completed.entry(unit.clone()).or_insert(0);
                    *sum = sum.saturating_add(amount);
                }
                (Fact::Spend { .. } | Fact::Completed, _) => {}
            }
        }
        if let Some((address, entry)) = dossier.stop() {
            self.stops
                .entry(address)
                .or_default()
                .insert(id.clone(), entry);
        }
        if let Some((unit, open)) = dossier.slot() {
            self.slots.entry(unit).or_default().insert(id.clone(), open);
        }
    }

    /// In what a kept customer differs at `now`; empty where in nothing.
    #[must_use]
    pub fn of_customer(&self, unit: &Unit, kept: &Customer, now: Timestamp) -> Vec<&'static str> {
        let mut wrong = Vec::new();
        let key = ProfileKey::Unit(unit.clone());
        if !alike(self.tallies.get(&key), &kept.tally) {
            wrong.push("tally");
        }
        let nothing = Spend::default();
        if !self.spends.get(unit).unwrap_or(&nothing).same(&kept.spend) {
            wrong.push("spend");
        }
        let completed = self.completed.get(unit).copied().unwrap_or(0);
        if u64::try_from(completed) != Ok(kept.completed) {
            wrong.push("completed");
        }
        // An order past its validity leaves its slot when its customer is next looked at.
        let held = |open: &BTreeMap<OrderId, OpenOrder>| -> Vec<(OrderId, OpenOrder)> {
            open.iter()
                .filter(|(_, it)| it.until >= now)
                .map(|(id, it)| (id.clone(), *it))
                .collect()
        };
        if self.slots.get(unit).map(held).unwrap_or_default() != held(&kept.open) {
            wrong.push("slots");
        }
        wrong
    }

    /// In what a kept address differs at `now`; empty where in nothing.
    #[must_use]
    pub fn of_address(
        &self,
        key: &AddressKey,
        kept: &Address,
        now: Timestamp,
    ) -> Vec<&'static str> {
        let mut wrong = Vec::new();
        if !alike(
            self.tallies.get(&ProfileKey::Address(key.clone())),
            &kept.tally,
        ) {
            wrong.push("tally");
        }
        let due = |open: &BTreeMap<OrderId, StopEntry>| -> Vec<(OrderId, StopEntry)> {
            open.iter()
                .filter(|(_, it)| it.until >= now)
                .map(|(id, it)| (id.clone(), *it))
                .collect()
        };
        if self.stops.get(key).map(due).unwrap_or_default() != due(&kept.open) {
            wrong.push("stop");
        }
        wrong
    }

    /// In what a kept device or means of payment differs; empty where in nothing.
    #[must_use]
    pub fn of_link(&self, key: &super::order::LinkKey, kept: &Link) -> Vec<&'static str> {
        let folded = self.tallies.get(&ProfileKey::Link(key.clone()));
        if alike(folded, &kept.tally) {
            Vec::new()
        } else {
            vec!["tally"]
        }
    }

    /// The counts of a route, depot or the platform, from orders alone.
    #[must_use]
    pub fn tally(&self, key: &ProfileKey) -> Option<&Tally> {
        self.tallies.get(key)
    }

    /// Everybody of whom dossiers say something.
    pub fn everybody(&self) -> impl Iterator<Item = &ProfileKey> {
        self.tallies.keys()
    }
}

/// Whether two tallies say the same, each seen from the newer of their newest times.
fn alike(folded: Option<&Tally>, kept: &Tally) -> bool {
    let mut folded = folded.cloned().unwrap_or_default();
    let mut kept = kept.clone();
    folded.see(kept.newest());
    kept.see(folded.newest());
    folded.cells().eq(kept.cells())
}
