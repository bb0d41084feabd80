//! What was asked before: of this customer, of those who review, and of the budget of sparing.
//!
//! No signals: they say nothing of what is probable, so no model learns from them. The policy's caps and budgets are
//! compared with them when an order is judged.

use super::Scene;
use crate::decision::situation::{Asked, Used};
use crate::decision::snapshot::Snapshot;
use crate::domain::dossier::ProfileKey;
use crate::domain::tally::{Counter, Tally, utc_day, week_start};
use crate::domain::units::{Span, Timestamp};

/// How far back a customer's verified deliveries are counted (`domain.md` 6, hard constraint 14).
const WINDOW: Span = Span::days(90);

/// What was asked of a known customer, this order not counted.
pub(super) fn asked(scene: &Scene<'_>) -> Option<Asked> {
    let tally = &scene.customer?.tally;
    let key = ProfileKey::Unit(scene.order.unit());
    let from = scene.now.minus(WINDOW);
    let count = |counter| {
        let own = scene
            .own
            .amount(&key, counter, |at| tally.counts(at, from, scene.now));
        whole(tally.sum(counter, from, scene.now).saturating_sub(own))
    };
    Some(Asked {
        asked_90d: count(Counter::Asked),
        orders_90d: count(Counter::Orders),
    })
}

/// What all orders used up of the day's and the week's budgets, this order not counted.
pub(super) fn used(scene: &Scene<'_>, snapshot: &Snapshot) -> Used {
    let day = ProfileKey::Day(utc_day(scene.now));
    let reviews = snapshot
        .tallies
        .get(&day)
        .map_or(0, |it| all(it, Counter::Reviews));
    let own_reviews = scene.own.amount(&day, Counter::Reviews, |_| true);
    let week = week_start(scene.now);
    let in_week = |at: Timestamp| at >= week;
    let spared = snapshot.tallies.get(&ProfileKey::Platform);
    let spared = spared.map_or(0, |it| it.sum(Counter::Spared, week, scene.now));
    let own_spared = scene
        .own
        .amount(&ProfileKey::Platform, Counter::Spared, in_week);
    Used {
        reviews_today: whole(reviews.saturating_sub(own_reviews)),
        spared_week_micro: spared.saturating_sub(own_spared).max(0),
    }
}

/// The whole of a tally that holds one day.
fn all(tally: &Tally, counter: Counter) -> i64 {
    let cells = tally.cells().filter(|(cell, _)| cell.counter == counter);
    cells.fold(0, |sum: i64, (_, amount)| sum.saturating_add(amount))
}

fn whole(count: i64) -> u32 {
    u32::try_from(count.max(0)).unwrap_or(u32::MAX)
}
