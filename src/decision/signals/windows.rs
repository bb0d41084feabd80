//! One profile's counts in windows that end now, without what the order at hand added itself.

use crate::domain::catalogue::Catalogue;
use crate::domain::dossier::{Contributions, Dossier, Fact, ProfileKey};
use crate::domain::tally::{Counter, Entry, Spend, SpendCell, Tally, middle};
use crate::domain::units::{Span, Timestamp, to_f64};

/// What an order counts for already: nothing before its first decision.
#[derive(Debug, Default)]
pub(super) struct Own {
    all: Contributions,
    /// The earliest time that anything of it is dated, where it is known already.
    pub(super) first_at: Option<Timestamp>,
}

impl Own {
    pub(super) fn of(dossier: Option<&Dossier>) -> Self {
        let Some(dossier) = dossier else {
            return Self::default();
        };
        let told = dossier.told.as_ref().map(|(_, it)| it);
        let known = [dossier.cart.as_ref(), dossier.placed.as_ref(), told];
        let first_at = known.into_iter().flatten().map(|it| it.at).min();
        if first_at.is_none() {
            return Self::default();
        }
        Self {
            all: dossier.contributions(),
            first_at,
        }
    }

    /// Whether something first seen at `at` was known before this order was.
    pub(super) fn came_after(&self, at: Timestamp) -> bool {
        // A caller's clock may run ahead of ours by five minutes.
        self.first_at
            .is_none_or(|first| at < first.minus(Span::minutes(5)))
    }

    /// What is the order's own in one profile. What happened to its parcels is news to the next decision and stays.
    fn entries(&self, key: impl FnOnce() -> ProfileKey) -> Vec<(Entry, i64)> {
        if self.all.is_empty() {
            return Vec::new();
        }
        let key = key();
        let counted = self.all.iter().filter(|((whose, _), _)| *whose == key);
        counted
            .filter_map(|((_, fact), amount)| match fact {
                Fact::Count(entry) if is_of_placing(entry.counter) => Some((*entry, *amount)),
                Fact::Count(_) | Fact::Spend { .. } | Fact::Completed => None,
            })
            .collect()
    }

    /// How much of a counter is the order's own in one profile, of what is dated as asked.
    pub(super) fn amount(
        &self,
        key: &ProfileKey,
        counter: Counter,
        dated: impl Fn(Timestamp) -> bool,
    ) -> i64 {
        let counted = self.all.iter().filter(|((whose, fact), _)| {
            whose == key
                && matches!(fact, Fact::Count(entry) if entry.counter == counter && dated(entry.at))
        });
        counted.fold(0, |sum: i64, (_, amount)| sum.saturating_add(*amount))
    }

    /// The order's own place in its customer's sizes of orders.
    pub(super) fn spend(&self) -> Option<SpendCell> {
        self.all.keys().find_map(|(_, fact)| match fact {
            Fact::Spend {
                at,
                currency,
                minor,
            } => Some(SpendCell::of(*at, *currency, *minor)),
            Fact::Count(_) | Fact::Completed => None,
        })
    }
}

const fn is_of_placing(counter: Counter) -> bool {
    match counter {
        Counter::Orders
        | Counter::Value
        | Counter::Probes
        | Counter::Parcels
        | Counter::Asked
        | Counter::Reviews
        | Counter::Spared => true,
        Counter::Claims
        | Counter::LossPorch
        | Counter::LossCourier
        | Counter::LossDepot
        | Counter::LossCustomer
        | Counter::LossTakeover
        | Counter::LossUnknown
        | Counter::Attended
        | Counter::AttendedFailed
        | Counter::Coded => false,
    }
}

/// One profile's windows; a profile that was never heard of counts nothing.
#[derive(Debug)]
pub(super) struct Windows<'a> {
    tally: Option<&'a Tally>,
    own: Vec<(Entry, i64)>,
    now: Timestamp,
}

impl<'a> Windows<'a> {
    pub(super) fn new(
        tally: Option<&'a Tally>,
        own: &Own,
        key: impl FnOnce() -> ProfileKey,
        now: Timestamp,
    ) -> Self {
        let own = if tally.is_some() {
            own.entries(key)
        } else {
            Vec::new()
        };
        Self { tally, own, now }
    }

    /// How many in the window of this length; never below 0.
    pub(super) fn count(&self, counter: Counter, window: Span) -> f64 {
        let Some(tally) = self.tally else {
            return 0.0;
        };
        let from = self.now.minus(window);
        let own = self
            .own
            .iter()
            .filter(|(entry, _)| entry.counter == counter && tally.counts(entry.at, from, self.now))
            .fold(0_i64, |sum, (_, amount)| sum.saturating_add(*amount));
        let sum = tally.sum(counter, from, self.now).saturating_sub(own);
        to_f64(sum.max(0))
    }

    /// How much money in the window of this length, in hundredths of the base currency; never below 0.
    pub(super) fn cents(&self, window: Span, catalogue: &Catalogue) -> f64 {
        let Some(tally) = self.tally else {
            return 0.0;
        };
        let from = self.now.minus(window);
        let mut sum = 0.0;
        let mut last = None;
        tally.each(Counter::Value, from, self.now, |currency, minor| {
            let Some(currency) = currency else { return };
            let cents = match last {
                Some((known, cents)) if known == currency => cents,
                _ => catalogue.base_cents(currency),
            };
            last = Some((currency, cents));
            sum += to_f64(minor) * cents;
        });
        for (entry, minor) in &self.own {
            let Some(currency) = entry.currency else {
                continue;
            };
            if entry.counter == Counter::Value && tally.counts(entry.at, from, self.now) {
                sum -= to_f64(*minor) * catalogue.base_cents(currency);
            }
        }
        sum.max(0.0)
    }
}

/// Sizes of a customer's other orders in a window that ends now, in hundredths of the base currency with their number,
/// ascending.
pub(super) fn sizes(
    spend: &Spend,
    own: Option<SpendCell>,
    (window, now): (Span, Timestamp),
    catalogue: &Catalogue,
) -> Vec<(f64, i64)> {
    let mut sizes: Vec<(f64, i64)> = spend
        .each(now.minus(window), now)
        .filter_map(|(cell, count)| {
            let count = count - i64::from(own == Some(cell));
            let cents = middle(cell.step) * catalogue.base_cents(cell.currency);
            (count > 0).then_some((cents, count))
        })
        .collect();
    sizes.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    sizes
}

/// The smallest size that is at least as large as this share of all, by nearest rank; nothing under `least` orders.
pub(super) fn percentile(sizes: &[(f64, i64)], percent: i64, least: i64) -> Option<f64> {
    let all: i64 = sizes.iter().map(|(_, count)| count).sum();
    if all < least {
        return None;
    }
    let rank = all.saturating_mul(percent).saturating_add(99) / 100;
    let mut below = 0;
    let place = sizes.iter().find(|(_, count)| {
        below += count;
        below >= rank
    });
    place.map(|(cents, _)| *cents)
}
