//! Periods that are alike and others, and a card's shares.

use std::sync::{Arc, OnceLock};

use serde_json::json;

use super::{Period, SignalDrift, compare, compare_to_card};
use crate::decision::answer::{Chance as Draw, Decision};
use crate::decision::fixtures::{NOW, release, situation_of};
use crate::decision::judge::judge;
use crate::decision::model::{Model, PRIOR};
use crate::decision::record::{Record, Version, Versions};
use crate::decision::signal::Signal;
use crate::decision::situation::Situation;
use crate::domain::action::Origin;
use crate::domain::ids::{AddressKey, DecisionId, OrderId};
use crate::domain::order::{Category, Unit};
use crate::domain::profile::Ratchet;
use crate::domain::units::{Digest, Span, to_f64};
use crate::stats::interval::Chance;

/// Decided once for all: what differs from order to order is set below.
fn decided() -> &'static (Situation, Decision) {
    static DECIDED: OnceLock<(Situation, Decision)> = OnceLock::new();
    DECIDED.get_or_init(|| {
        let situation = situation_of(Category::Phone, 20_000, &[]);
        let draw = Draw {
            draw: None,
            ratchet: Ratchet::default(),
        };
        let decision = judge(&situation, &release(), &draw);
        (situation, decision)
    })
}

fn record(number: i64, revision: u32, age_days: f64) -> Record {
    let (situation, decision) = decided();
    let mut situation = situation.clone();
    situation
        .signals
        .set(Signal::AccountAgeDays, Some(age_days));
    let mut order = (*situation.order).clone();
    order.order_id = OrderId::try_new(&format!("o{number}")).unwrap();
    situation.order = Arc::new(order);
    let draw = Draw {
        draw: None,
        ratchet: Ratchet::default(),
    };
    let version = || Version {
        id: "v".to_owned(),
        digest: Digest([0; 32]),
    };
    Record {
        decision_id: DecisionId::try_new(&format!("d{number}-{revision}")).unwrap(),
        revision,
        origin: Origin::Service,
        decided_at: NOW.plus(Span::minutes(number)),
        valid_until: NOW,
        unit: Unit::Address(AddressKey::try_new("a1").unwrap()),
        content: Digest([0; 32]),
        versions: Arc::new(Versions {
            policy: version(),
            model: version(),
            catalogue: version(),
            engine: version(),
        }),
        decision: decision.clone(),
        situation,
        chance: draw,
        before: Digest([0; 32]),
        salt: [0; 32],
        digest: Digest([0; 32]),
    }
}

/// Customers of up to so many days, in the minutes from `start` on.
fn period(start: i64, count: i64, days: f64, seed: u64) -> Period {
    let mut chance = Chance::new(seed);
    let mut period = Period::new(None, None);
    for number in start..start + count {
        period.put(&record(number, 1, days * chance.share()));
    }
    period
}

fn of(all: &[SignalDrift], signal: Signal) -> SignalDrift {
    all.iter().find(|it| it.signal == signal).unwrap().clone()
}

#[test]
fn like_periods_are_alike_and_others_are_not() {
    let (before, like) = (period(0, 600, 700.0, 1), period(600, 600, 700.0, 2));
    let told = of(&compare(&before, &like), Signal::AccountAgeDays);
    assert_eq!(told.verdict(), "alike", "{told:?}");
    assert_eq!(told.drift.unwrap().bins, 10);
    let other = period(600, 600, 500.0, 2);
    let told = of(&compare(&before, &other), Signal::AccountAgeDays);
    assert!(told.is_finding() && told.verdict() == "drifted", "{told:?}");
    // So few say nothing, whatever the index is.
    let few = compare(&period(0, 25, 700.0, 3), &period(600, 25, 650.0, 4));
    let told = of(&few, Signal::AccountAgeDays);
    assert!(!told.is_finding(), "{told:?}");
    let told = of(&few, Signal::RouteLossRatio);
    assert_eq!(told.verdict(), "nothing to compare", "{told:?}");
}

#[test]
fn a_period_counts_each_order_once_and_only_its_own() {
    let mut some = Period::new(
        Some(NOW.plus(Span::minutes(10))),
        Some(NOW.plus(Span::minutes(20))),
    );
    for number in 0..40 {
        some.put(&record(number, 1, to_f64(number)));
        some.put(&record(number, 2, to_f64(number)));
    }
    assert_eq!(some.seen(), 10);
}

#[test]
fn orders_are_compared_to_the_shares_of_a_card() {
    let reference = period(0, 800, 700.0, 5);
    let mut parts = Model::load(PRIOR).unwrap().parts();
    let (signal, bins) = parts
        .signals
        .iter()
        .find(|(signal, _)| *signal == Signal::AccountAgeDays)
        .cloned()
        .unwrap();
    let shares: Vec<f64> = reference
        .counts(signal, &bins)
        .iter()
        .map(|it| it / 800.0)
        .collect();
    parts.card = json!({
        "data": {"known": 800, "without_loss": {"kept": 790, "of": 790}},
        "reference": {"account_age_days": shares, "resale": [1.0]},
    });
    let model = Model::load(&parts.write()).unwrap();
    let like = compare_to_card(&model, &period(900, 500, 700.0, 6));
    // Shares of other bins than the model's are of no use.
    assert_eq!(like.len(), 1);
    assert!(!like[0].is_finding(), "{like:?}");
    let other = compare_to_card(&model, &period(900, 500, 60.0, 7));
    assert!(other[0].is_finding(), "{other:?}");
    assert!(compare_to_card(&Model::load(PRIOR).unwrap(), &reference).is_empty());
}
