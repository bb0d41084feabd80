//! Whether the orders of two periods look alike, signal by signal; and whether recent orders look like those that a
//! model was fitted to.
//!
//! No outcome is needed, so drift is seen long before losses are. A verdict stands only where the index is beyond its
//! own null bound; with many signals, one in a hundred is beyond it by chance.

#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use crate::decision::model::{Bins, Model};
use crate::decision::record::Record;
use crate::decision::signal::{Signal, Signals, Unit};
use crate::domain::units::{Digest, Timestamp, to_f64};
use crate::stats::drift::{self, Drift, Side};

/// Bins of a number, "missing" not counted: tenths of the reference period.
const TENTHS: usize = 10;

/// Orders kept of a period; more would say no more.
const KEPT: usize = 20_000;

/// Orders of a period, at most 20,000 of them: which ones depends on the set of orders alone.
#[derive(Debug, Default)]
pub struct Period {
    /// From this time on; none: from the beginning.
    pub from: Option<Timestamp>,
    /// Before this time; none: to the end.
    pub to: Option<Timestamp>,
    /// By the digest of the order's id, the smallest digests.
    kept: Vec<([u8; 32], Signals)>,
    /// Digests at or above this are not kept any more.
    limit: Option<[u8; 32]>,
    seen: u64,
}

/// One signal.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalDrift {
    /// Which.
    pub signal: Signal,
    /// How far the periods are apart; none where nothing can be said: always missing, or always the same.
    pub drift: Option<Drift>,
    /// The share of the reference period without a value.
    pub missing_before: f64,
    /// The same of the recent one.
    pub missing_now: f64,
}

impl SignalDrift {
    /// Whether it is beyond its bound, and a thing that should stay: the calendar moves by itself.
    #[must_use]
    pub fn is_finding(&self) -> bool {
        !is_calendar(self.signal) && self.drift.is_some_and(|it| it.is_beyond())
    }

    /// What it says, in a word.
    #[must_use]
    pub fn verdict(&self) -> &'static str {
        match self.drift {
            None => "nothing to compare",
            Some(it) if !it.is_beyond() => "alike",
            Some(_) if is_calendar(self.signal) => "the calendar",
            Some(_) => "drifted",
        }
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "signal": self.signal.name(),
            "psi": self.drift.map(|it| it.psi),
            "bound": self.drift.map(|it| it.bound),
            "bins": self.drift.map(|it| it.bins),
            "missing_before": self.missing_before,
            "missing_now": self.missing_now,
            "verdict": self.verdict(),
        })
    }
}

/// Season, weekday and hour differ between two periods by themselves.
fn is_calendar(signal: Signal) -> bool {
    matches!(signal.unit(), Unit::Month | Unit::Clock)
}

impl Period {
    /// An empty one.
    #[must_use]
    pub fn new(from: Option<Timestamp>, to: Option<Timestamp>) -> Self {
        Self {
            from,
            to,
            ..Self::default()
        }
    }

    /// Takes in a decision if it is of this period and the first of its order.
    pub fn put(&mut self, record: &Record) {
        let at = record.decided_at;
        let within = self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at < to);
        if !within || record.revision > 1 {
            return;
        }
        self.seen += 1;
        let id = record.situation.order.order_id.as_str();
        let key = Digest::of(id.as_bytes()).0;
        if self.limit.is_some_and(|limit| key >= limit) {
            return;
        }
        self.kept.push((key, record.situation.signals.clone()));
        if self.kept.len() >= 2 * KEPT {
            let (_, next, _) = self.kept.select_nth_unstable_by_key(KEPT, |(key, _)| *key);
            self.limit = Some(next.0);
            self.kept.truncate(KEPT);
        }
    }

    /// Orders of the period.
    #[must_use]
    pub const fn seen(&self) -> u64 {
        self.seen
    }

    /// Orders that shares rest on.
    #[must_use]
    pub fn rows(&self) -> f64 {
        count(self.kept.len())
    }

    fn values(&self, signal: Signal) -> impl Iterator<Item = Option<f64>> {
        self.kept
            .iter()
            .map(move |(_, signals)| signals.get(signal))
    }

    /// Rows by bin, "missing" first.
    fn counts(&self, signal: Signal, bins: &Bins) -> Vec<f64> {
        let mut counts = vec![0.0; bins.count()];
        for value in self.values(signal) {
            if let Some(count) = counts.get_mut(bins.of(value)) {
                *count += 1.0;
            }
        }
        counts
    }
}

/// Compares two periods on bins of the reference period's own.
#[must_use]
pub fn compare(reference: &Period, recent: &Period) -> Vec<SignalDrift> {
    let one = |signal: Signal| {
        let bins = bins_of(signal, reference);
        let (before, now) = (
            reference.counts(signal, &bins),
            recent.counts(signal, &bins),
        );
        told(signal, &before, reference.rows(), &now, recent.rows())
    };
    Signal::ALL.iter().copied().map(one).collect()
}

/// Compares recent orders to those that a model's card holds the shares of; empty where it holds none.
#[must_use]
pub fn compare_to_card(model: &Model, recent: &Period) -> Vec<SignalDrift> {
    let Some(shares) = model.card.get("reference").and_then(Value::as_object) else {
        return Vec::new();
    };
    let rows = reference_rows(&model.card);
    let mut all = Vec::new();
    for (signal, bins) in model.parts().signals {
        let before = shares.get(signal.name()).and_then(Value::as_array);
        let before: Option<Vec<f64>> = before.and_then(|it| it.iter().map(Value::as_f64).collect());
        if let (Some(before), Some(rows)) = (before.filter(|it| it.len() == bins.count()), rows) {
            let now = recent.counts(signal, &bins);
            all.push(told(signal, &before, rows, &now, recent.rows()));
        }
    }
    all
}

/// How many orders the card's shares rest on.
fn reference_rows(card: &Value) -> Option<f64> {
    let data = card.get("data")?;
    let known = data.get("known").and_then(Value::as_f64);
    let kept = data.get("without_loss").and_then(|it| it.get("kept"));
    // A sample of orders says as much as it has rows, whatever it stands for.
    let kept = kept.and_then(Value::as_f64).or(known)?;
    Some(known.map_or(kept, |known| known.min(kept))).filter(|it| *it > 0.0)
}

fn told(signal: Signal, before: &[f64], rows: f64, now: &[f64], rows_now: f64) -> SignalDrift {
    let missing = |side: &[f64]| {
        let all: f64 = side.iter().sum();
        let missing = side.first().copied().unwrap_or(0.0);
        if all > 0.0 { missing / all } else { 0.0 }
    };
    let side = |shares, rows| Side { shares, rows };
    SignalDrift {
        signal,
        drift: drift::drift(side(before, rows), side(now, rows_now)),
        missing_before: missing(before),
        missing_now: missing(now),
    }
}

/// Tenths of a number, each value of a category, no and yes.
fn bins_of(signal: Signal, reference: &Period) -> Bins {
    let mut values: Vec<f64> = reference.values(signal).flatten().collect();
    values.sort_unstable_by(f64::total_cmp);
    match signal.unit() {
        Unit::YesNo => Bins::YesNo,
        Unit::Category => {
            values.dedup_by(|one, two| one.total_cmp(two).is_eq());
            Bins::Names(values)
        }
        Unit::Money
        | Unit::MoneyPerLitre
        | Unit::MoneyPerKg
        | Unit::Count
        | Unit::Days
        | Unit::Hours
        | Unit::Kg
        | Unit::Ratio
        | Unit::Share
        | Unit::Month
        | Unit::Clock => {
            let first = values.first().copied();
            let tenth = |k: usize| values.get(k * values.len() / TENTHS).copied();
            let mut edges: Vec<f64> = (1..TENTHS).filter_map(tenth).collect();
            // A value that fills several tenths has one bin; what lies below the first edge is never empty.
            edges.dedup_by(|one, two| one.total_cmp(two).is_eq());
            edges.retain(|edge| first.is_some_and(|first| first < *edge));
            if edges.is_empty() {
                // One value fills the first nine tenths: whatever is larger is told apart from it.
                edges.extend(first.map(f64::next_up));
            }
            Bins::Edges(edges)
        }
    }
}

fn count(rows: usize) -> f64 {
    to_f64(i64::try_from(rows).unwrap_or(i64::MAX))
}
