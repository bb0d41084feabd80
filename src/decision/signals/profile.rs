//! What is known of one customer, address, route or depot, by the names of the signals; and some plain counts.
//!
//! Measured by the same code as an order's signals, but with no order at hand.

use super::spend::{SPLIT, USUAL, USUAL_LEAST};
use super::windows::{Own, Windows, percentile, sizes};
use super::{losses, values};
use crate::decision::signal::{Signal, Signals, Unit as Measure};
use crate::decision::snapshot::{Key, Keys, Look, Snapshot};
use crate::domain::catalogue::Catalogue;
use crate::domain::dossier::ProfileKey;
use crate::domain::event::Subject;
use crate::domain::order::Unit;
use crate::domain::profile::{Address, Customer};
use crate::domain::tally::{Counter, Tally};
use crate::domain::units::{Span, Timestamp, to_f64};

/// One known fact.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// The signal's name, or that of a plain count.
    pub name: &'static str,
    /// The number.
    pub value: f64,
    /// Its unit, as in answers.
    pub unit: &'static str,
    /// Since when it is so, where that is known.
    pub since_at: Option<Timestamp>,
}

/// What has to be read to tell what is known of `subject`.
#[must_use]
pub fn profile_keys(subject: &Subject) -> Keys {
    let mut keys = Keys::default();
    match subject {
        Subject::Customer(id) => {
            keys.lock.insert(Key::Customer(Unit::Customer(id.clone())));
        }
        Subject::Address(key) => {
            keys.lock.insert(Key::Address(key.clone()));
        }
        Subject::Route(id) => {
            keys.look.insert(Look::Route(id.clone()));
        }
        Subject::Depot(id) => {
            keys.look.insert(Look::Depot(id.clone()));
        }
        Subject::Courier(_) => {}
    }
    keys.look.insert(Look::Platform);
    keys.look.insert(Look::Suspicions(subject.clone()));
    keys
}

/// What is known of `subject` at `now`; nothing where it was never heard of.
#[must_use]
pub fn known(
    subject: &Subject,
    snapshot: &Snapshot,
    catalogue: &Catalogue,
    now: Timestamp,
) -> Option<Vec<Known>> {
    let mut facts = Facts {
        snapshot,
        catalogue,
        now,
        signals: Signals::default(),
        counts: Vec::new(),
        since: Vec::new(),
    };
    let found = match subject {
        Subject::Customer(id) => {
            let customer = snapshot.customers.get(&Unit::Customer(id.clone()));
            let customer = customer.filter(|it| **it != Customer::default());
            customer.map(|it| facts.customer(it)).is_some()
        }
        Subject::Address(key) => {
            let address = snapshot.addresses.get(key);
            let address = address.filter(|it| **it != Address::default());
            address.map(|it| facts.address(it)).is_some()
        }
        Subject::Route(id) => {
            let key = ProfileKey::Route(id.clone());
            facts.way(&key, Signal::RouteLossRatio, losses::ROUTE_WEIGHT)
        }
        Subject::Depot(id) => {
            let key = ProfileKey::Depot(id.clone());
            facts.way(&key, Signal::DepotLossRatio, losses::DEPOT_WEIGHT)
        }
        Subject::Courier(_) => false,
    };
    let suspected = facts.suspicion(subject);
    (found || suspected).then(|| facts.told())
}

struct Facts<'a> {
    snapshot: &'a Snapshot,
    catalogue: &'a Catalogue,
    now: Timestamp,
    signals: Signals,
    counts: Vec<(&'static str, f64, Measure)>,
    since: Vec<(Signal, Timestamp)>,
}

impl<'a> Facts<'a> {
    fn windows(&self, tally: Option<&'a Tally>) -> Windows<'a> {
        let none = Own::default();
        Windows::new(tally, &none, || ProfileKey::Platform, self.now)
    }

    fn count(&mut self, name: &'static str, value: f64) {
        self.counts.push((name, value, Measure::Count));
    }

    /// Values of the three windows.
    fn values(&mut self, windows: &Windows<'_>, names: [Signal; 3]) {
        for (window, name) in SPLIT.into_iter().zip(names) {
            let cents = windows.cents(window, self.catalogue);
            self.signals.set(name, Some(cents / 100.0));
        }
    }

    fn customer(&mut self, customer: &'a Customer) {
        let windows = self.windows(Some(&customer.tally));
        let orders = |window| Some(windows.count(Counter::Orders, window));
        self.signals.set(Signal::Orders24h, orders(Span::hours(24)));
        self.signals.set(Signal::Orders7d, orders(Span::days(7)));
        let probes = windows.count(Counter::Probes, Span::hours(24));
        self.signals.set(Signal::Probes24h, Some(probes));
        self.values(&windows, super::spend::CUSTOMER);
        losses::of_customer(&windows, &mut self.signals);
        let now = self.now;
        for (signal, at) in values::last_changes(customer) {
            let Some(at) = at else { continue };
            let span = now.since(at);
            let long = match signal.unit() == Measure::Hours {
                true => span.as_hours(),
                false => span.as_days(),
            };
            self.signals.set(signal, Some(long.max(0.0)));
            self.since.push((signal, at));
        }
        if let Some(at) = customer.since_at {
            let days = now.since(at).as_days().max(0.0);
            self.signals.set(Signal::AccountAgeDays, Some(days));
            self.since.push((Signal::AccountAgeDays, at));
        }
        let completed = i64::try_from(customer.completed).unwrap_or(i64::MAX);
        self.count("completed_orders", to_f64(completed));
        self.count("orders_400d", windows.count(Counter::Orders, USUAL));
        self.count("claims_365d", windows.count(Counter::Claims, losses::YEAR));
        let attended = windows.count(Counter::Attended, USUAL);
        self.count("attended_attempts_400d", attended);
        self.count("known_contacts", length(customer.contacts.len()));
        self.count("known_addresses", length(customer.addresses.len()));
        self.count("known_devices_and_payments", length(customer.links.len()));
        let sizes = sizes(&customer.spend, None, (USUAL, now), self.catalogue);
        for (name, percent) in [("spend_p95_400d", 95), ("spend_median_400d", 50)] {
            if let Some(cents) = percentile(&sizes, percent, USUAL_LEAST) {
                self.counts.push((name, cents / 100.0, Measure::Money));
            }
        }
    }

    fn address(&mut self, address: &'a Address) {
        let windows = self.windows(Some(&address.tally));
        let orders = windows.count(Counter::Orders, Span::hours(24));
        self.signals.set(Signal::AddressOrders24h, Some(orders));
        self.values(&windows, super::spend::ADDRESS);
        let porch = windows.count(Counter::LossPorch, losses::HALF_YEAR);
        self.signals
            .set(Signal::AddressPorchLosses180d, Some(porch));
        let courier = windows.count(Counter::LossCourier, losses::HALF_YEAR);
        self.signals
            .set(Signal::AddressCourierLosses180d, Some(courier));
        self.count("orders_400d", windows.count(Counter::Orders, USUAL));
        let due = address.open.values().filter(|it| it.until >= self.now);
        self.count("orders_due", length(due.count()));
    }

    /// A route or depot; whether it was ever heard of.
    fn way(&mut self, key: &ProfileKey, ratio: Signal, weight: f64) -> bool {
        let tally = self.snapshot.tallies.get(key);
        let Some(tally) = tally.filter(|it| !it.is_empty()) else {
            return false;
        };
        let windows = self.windows(Some(tally));
        let platform = self.windows(self.snapshot.tallies.get(&ProfileKey::Platform));
        let value = losses::loss_ratio(&windows, &platform, weight);
        self.signals.set(ratio, value);
        for (name, counter) in [
            ("parcels_180d", Counter::Parcels),
            ("courier_losses_180d", Counter::LossCourier),
            ("depot_losses_180d", Counter::LossDepot),
        ] {
            self.count(name, windows.count(counter, losses::HALF_YEAR));
        }
        true
    }

    /// The highest suspicion in force; whether there ever was one.
    fn suspicion(&mut self, subject: &Subject) -> bool {
        let raised = self.snapshot.subjects.get(subject);
        let Some(raised) = raised.filter(|it| !it.is_empty()) else {
            self.signals.set(Signal::SuspicionLevel, Some(0.0));
            return false;
        };
        let level = losses::highest(raised.values(), self.now);
        let signal = Signal::SuspicionLevel;
        self.signals.set(signal, Some(f64::from(level)));
        let of_level = raised
            .values()
            .filter(|it| it.level_at(self.now) == Some(level))
            .filter_map(|it| it.raised.as_ref());
        let first = of_level.map(|it| it.at).min();
        self.since.extend(first.map(|at| (signal, at)));
        true
    }

    fn told(self) -> Vec<Known> {
        let since = |signal| {
            let found = self.since.iter().find(|(of, _)| *of == signal);
            found.map(|(_, at)| *at)
        };
        let signals = Signal::ALL.iter().filter_map(|signal| {
            Some(Known {
                name: signal.name(),
                value: self.signals.get(*signal)?,
                unit: signal.unit().name(),
                since_at: since(*signal),
            })
        });
        let counts = self.counts.iter().map(|(name, value, unit)| Known {
            name,
            value: *value,
            unit: unit.name(),
            since_at: None,
        });
        signals.chain(counts).collect()
    }
}

fn length(count: usize) -> f64 {
    to_f64(i64::try_from(count).unwrap_or(i64::MAX))
}
