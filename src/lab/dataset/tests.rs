//! One row an order, of the decision in force; samples that stand for all.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{By, Dataset, Error, Gathering, Measured, Row, Settings};
use crate::decision::answer::Chance;
use crate::decision::fixtures::{NOW, release, situation_of};
use crate::decision::judge::judge;
use crate::decision::model::{Model, PRIOR};
use crate::decision::policy::{DEFAULT, Policy};
use crate::decision::record::{Record, Version, Versions};
use crate::decision::signal::Signal;
use crate::domain::action::{Action, Origin};
use crate::domain::dossier::{ClaimFile, Dossier, Latest, ParcelFile, Placement};
use crate::domain::event::{ClaimKind, Fault};
use crate::domain::hazard::Hazard;
use crate::domain::ids::{AddressKey, ClaimId, DecisionId, EventId, KeyId, OrderId, ParcelId};
use crate::domain::order::{Category, Stage, Unit};
use crate::domain::profile::{Ratchet, Settlement};
use crate::domain::units::{Date, Digest, Span, Timestamp};
use crate::lab::labels::{CLAIM_WINDOW, LeftOut, Maturity};

fn settings(negatives_max: usize) -> Settings {
    Settings {
        maturity: Maturity {
            as_of: NOW.plus(Span::days(200)),
            claim_window: CLAIM_WINDOW,
            unheard_shipped: false,
        },
        negatives_max,
        seed: 7,
        leave_out_impossible: false,
    }
}

fn policy() -> Policy {
    Policy::load(DEFAULT).unwrap()
}

fn gathering(negatives_max: usize) -> Gathering {
    Gathering::new(settings(negatives_max), Model::load(PRIOR).unwrap())
}

/// A recorded decision of a phone; chance gave `none` with `chance` millionths, and that is what it got.
fn record(name: &str, revision: u32, hours: i64, age_days: f64, chance: u32) -> Record {
    let at = NOW.plus(Span::hours(hours));
    let mut situation = situation_of(
        Category::Phone,
        89_900,
        &[(Signal::AccountAgeDays, age_days)],
    );
    let mut order = (*situation.order).clone();
    order.order_id = OrderId::try_new(name).unwrap();
    situation.order = Arc::new(order);
    situation.now = at;
    let chance_none = Chance {
        draw: None,
        ratchet: Ratchet::default(),
    };
    let mut decision = judge(&situation, &release(), &chance_none);
    decision.action = Action::None;
    decision.propensities = [chance, 0, 1_000_000 - chance, 0, 0];
    let version = || Version {
        id: "v".to_owned(),
        digest: Digest([0; 32]),
    };
    Record {
        decision_id: DecisionId::try_new(&format!("d-{name}-{revision}")).unwrap(),
        revision,
        origin: Origin::Service,
        decided_at: at,
        valid_until: at,
        unit: Unit::Address(AddressKey::try_new("a1").unwrap()),
        content: Digest([0; 32]),
        versions: Arc::new(Versions {
            policy: version(),
            model: version(),
            catalogue: version(),
            engine: version(),
        }),
        situation,
        chance: chance_none,
        decision,
        before: Digest([0; 32]),
        salt: [0; 32],
        digest: Digest([0; 32]),
    }
}

/// Placed now, its latest decision that revision, dispatched after so many hours, with claims settled like this.
fn dossier(revision: u32, dispatched: Option<i64>, faults: &[Fault]) -> Dossier {
    let address = AddressKey::try_new("a1").unwrap();
    let placement = Placement {
        at: NOW,
        unit: Unit::Address(address.clone()),
        customer: None,
        address: address.clone(),
        address_since: NOW,
        amount: None,
        links: Vec::new(),
        carrier: None,
        route: None,
        depot: None,
        parcels: Some(1),
        date: None,
        day: Date::from_days(20_614),
        until: NOW.plus(Span::days(14)),
    };
    let latest = Latest {
        decision_id: DecisionId::try_new("d").unwrap(),
        revision,
        content: Digest([0; 32]),
        stage: Stage::Placed,
        decided_at: NOW,
        action: Action::None,
        valid_until: NOW,
        record: Digest([0; 32]),
        slot: 0,
        counter: 0,
        key_id: KeyId::try_new("k").unwrap(),
        other_parcels: 0,
        address,
        failed_twice: 0,
        account_mark: None,
        spared_micro: None,
    };
    let loaded = |hours| ParcelFile {
        loaded_at: Some(NOW.plus(Span::hours(hours))),
        ..ParcelFile::default()
    };
    let claim = |(number, fault): (usize, &Fault)| {
        let settled = Settlement {
            at: NOW.plus(Span::days(9)),
            event_id: EventId::try_new("s").unwrap(),
            fault: *fault,
            paid: None,
        };
        let file = ClaimFile {
            at: NOW.plus(Span::days(3)),
            kind: ClaimKind::NotReceived,
            amount: None,
            settled: Some(settled),
        };
        (ClaimId::try_new(&format!("c{number}")).unwrap(), file)
    };
    Dossier {
        placed: Some(placement),
        latest: Some(latest),
        parcels: dispatched
            .map(|hours| (ParcelId::try_new("p1").unwrap(), loaded(hours)))
            .into_iter()
            .collect(),
        claims: faults.iter().enumerate().map(claim).collect(),
        ..Dossier::default()
    }
}

fn ages(dataset: &Dataset) -> Vec<f64> {
    let age = |row: &Row| row.value(Signal::AccountAgeDays).unwrap_or(f64::NAN);
    dataset.rows.iter().map(age).collect()
}

#[test]
fn the_latest_decision_in_force_at_dispatch_is_the_row() {
    let check =
        |sentence: &str, revisions: &[(u32, i64, f64)], dispatched: i64, expected: &[f64]| {
            let mut gathering = gathering(100);
            let last = revisions.last().unwrap().0;
            for (revision, hours, age) in revisions {
                let record = record("o1", *revision, *hours, *age, 1_000_000);
                gathering
                    .add(&record, &dossier(last, Some(dispatched), &[]), &policy())
                    .unwrap();
            }
            let found = gathering.finish();
            assert_eq!(ages(&found), expected, "{sentence}");
            assert_eq!(found.tally.orders, 1, "{sentence}");
            let late = u64::from(expected.is_empty());
            let left_out = found
                .tally
                .left_out
                .get(&LeftOut::DecidedTooLate)
                .copied()
                .unwrap_or(0);
            assert_eq!(left_out, late, "{sentence}");
        };
    check("one decision", &[(1, 0, 1.0)], 5, &[1.0]);
    check(
        "the second, where both came before",
        &[(1, 0, 1.0), (2, 3, 2.0)],
        5,
        &[2.0],
    );
    check(
        "the first, where the second came after",
        &[(1, 0, 1.0), (2, 8, 2.0)],
        5,
        &[1.0],
    );
    check(
        "the second of three",
        &[(1, 0, 1.0), (2, 3, 2.0), (3, 8, 3.0)],
        5,
        &[2.0],
    );
    check(
        "none where all came after",
        &[(1, 8, 1.0), (2, 9, 2.0)],
        5,
        &[],
    );
}

#[test]
fn rows_hold_weights_labels_and_segments_and_the_tally_what_was_left_out() {
    let mut gathering = gathering(100);
    let mut add = |name: &str, chance: u32, dossier: &Dossier| {
        gathering
            .add(&record(name, 1, 0, 10.0, chance), dossier, &policy())
            .unwrap();
    };
    add(
        "a",
        500_000,
        &dossier(1, Some(5), &[Fault::Porch, Fault::Unknown]),
    );
    add("b", 1_000_000, &dossier(1, Some(5), &[]));
    add("c", 1_000_000, &dossier(1, None, &[]));
    add("d", 1_000_000, &Dossier::default());
    let found = gathering.finish();
    let tally = &found.tally;
    assert_eq!((tally.orders, tally.mature, tally.unnamed), (4, 2, 1));
    assert_eq!(tally.left_out[&LeftOut::NeverShipped], 1);
    assert_eq!(tally.left_out[&LeftOut::NeverPlaced], 1);
    let porch = tally.hazards[Hazard::PorchTheft.index()];
    assert_eq!((porch.labelled, porch.positives), (2, 1));
    assert!((porch.stand_for - 3.0).abs() < 1e-12 && (porch.weight_max - 2.0).abs() < 1e-12);
    assert!((porch.effective() - 9.0 / 5.0).abs() < 1e-12);
    let lost: Vec<_> = found.rows.iter().filter(|row| row.losses[0]).collect();
    assert_eq!(lost.len(), 1);
    assert!(lost[0].weights.iter().all(|it| (it - 2.0).abs() < 1e-9));
    assert_eq!(lost[0].segment.name(By::Customer), "new (under 30 days)");
    assert_eq!(lost[0].segment.name(By::Category), "PHONE");
    assert_eq!(lost[0].segment.name(By::Value), "400 to 1000");
    assert_eq!(lost[0].signals().get(Signal::AccountAgeDays), Some(10.0));
    assert_eq!(lost[0].signals().get(Signal::EmailChangeDays), None);
}

#[test]
fn a_claim_from_before_its_order_is_an_error_that_names_both_or_left_out_on_request() {
    let mut early = dossier(1, Some(5), &[Fault::Porch]);
    early
        .claims
        .values_mut()
        .for_each(|it| it.at = NOW.minus(Span::days(1)));
    let record = record("o1", 1, 0, 10.0, 1_000_000);
    let error = gathering(9)
        .add(&record, &early, &policy())
        .unwrap_err()
        .to_string();
    for part in [
        "order o1",
        "claim c0",
        "2026-06-09T12:00:00Z",
        "2026-06-10T12:00:00Z",
        "occurred_at",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
    let mut lenient = settings(9);
    lenient.leave_out_impossible = true;
    let mut gathering = Gathering::new(lenient, Model::load(PRIOR).unwrap());
    gathering.add(&record, &early, &policy()).unwrap();
    assert_eq!(gathering.finish().tally.impossible, 1);
}

#[test]
fn who_looks_back_from_a_day_sees_no_order_of_a_later_one() {
    let mut gathering = gathering(100);
    let record = record("o1", 1, 0, 1.0, 1_000_000);
    for (days, orders) in [(201, 0), (200, 1)] {
        let mut dossier = dossier(1, None, &[]);
        dossier.placed.as_mut().unwrap().at = NOW.plus(Span::days(days));
        gathering.add(&record, &dossier, &policy()).unwrap();
        assert_eq!(gathering.tally.orders, orders, "{days} days later");
    }
    assert_eq!(gathering.finish().tally.left_out[&LeftOut::NeverShipped], 1);
}

#[test]
fn a_decision_that_comes_twice_is_an_error() {
    let mut gathering = gathering(9);
    let (record, dossier) = (
        record("o1", 1, 0, 10.0, 1_000_000),
        dossier(2, Some(5), &[]),
    );
    gathering.add(&record, &dossier, &policy()).unwrap();
    let again = gathering.add(&record, &dossier, &policy());
    assert!(
        matches!(again, Err(Error::Twice { revision: 1, .. })),
        "{again:?}"
    );
}

/// A data set of 400 orders, 20 of them lost, taken in forwards or backwards.
fn many(negatives_max: usize, backwards: bool) -> Dataset {
    let mut gathering = gathering(negatives_max);
    let one = record("o", 1, 0, 10.0, 1_000_000);
    let mut numbers: Vec<u32> = (0..400).collect();
    if backwards {
        numbers.reverse();
    }
    for number in numbers {
        let id = OrderId::try_new(&format!("o{number}")).unwrap();
        let measured = numbered(&gathering, &one, number);
        gathering
            .take(&id, Some(measured), &dossier(1, Some(5), faults(number)))
            .unwrap();
    }
    gathering.finish()
}

fn numbered(gathering: &Gathering, record: &Record, number: u32) -> Measured {
    let mut measured = gathering.measure(record, &policy());
    measured.at = Timestamp::from_micros(i64::from(number / 2));
    measured.details.as_mut().unwrap().interest = f64::from(number % 7 + 1);
    measured
}

/// One order in twenty is lost.
fn faults(number: u32) -> &'static [Fault] {
    if number.is_multiple_of(20) {
        &[Fault::Porch]
    } else {
        &[]
    }
}

/// The same orders, played, and how many had details at once. `open`: the outcome is not known.
fn played(negatives_max: usize, backwards: bool, open: fn(u32) -> bool) -> (Dataset, usize) {
    let mut gathering = gathering(negatives_max);
    let one = record("o", 1, 0, 10.0, 1_000_000);
    let mut numbers: Vec<u32> = (0..400).collect();
    if backwards {
        numbers.reverse();
    }
    let (mut dossiers, mut most) = (BTreeMap::new(), 0);
    for number in numbers {
        let id = OrderId::try_new(&format!("o{number}")).unwrap();
        let (measured, key) = (numbered(&gathering, &one, number), gathering.key(&id));
        let is_claimed = !faults(number).is_empty();
        gathering.played.put(id.clone(), key, measured, is_claimed);
        most = most.max(gathering.played.with_details());
        let ended = (!open(number)).then_some(5);
        dossiers.insert(id, dossier(1, ended, faults(number)));
    }
    let mut dossier = |id: &OrderId| dossiers.remove(id).unwrap();
    gathering.take_played(&mut dossier).unwrap();
    (gathering.finish(), most)
}

fn kept(found: &Dataset) -> Vec<(Timestamp, u64, u64)> {
    let of = |row: &Row| (row.at, row.key, row.stands_for.to_bits());
    found.rows.iter().map(of).collect()
}

#[test]
fn a_past_that_is_played_keeps_the_same_orders_and_the_details_of_few() {
    let (found, most) = played(60, false, |_| false);
    let expected = many(60, false);
    assert_eq!(kept(&found), kept(&expected));
    assert_eq!(found.tally, expected.tally);
    assert!(
        most <= 20 + 2 * 60 + 1,
        "{most}: the lost ones, and twice what is kept"
    );
}

#[test]
fn where_few_outcomes_are_known_the_orders_that_are_left_stand_for_all_of_those() {
    let open = |number: u32| !number.is_multiple_of(3);
    let (found, _) = played(100, false, open);
    let (again, _) = played(100, true, open);
    assert_eq!(kept(&found), kept(&again), "whatever order they came in");
    let losses = found.rows.iter().filter(|row| row.is_told()).count();
    assert_eq!(losses, 7, "of every third of 20, none is missed");
    assert_eq!(found.tally.kept_of, 134 - 7);
    assert!(
        found.tally.kept < 100,
        "more could be kept than have a known outcome"
    );
    let others = found.rows.iter().filter(|row| !row.is_told());
    let stand_for: f64 = others.map(|row| row.stands_for).sum();
    assert!((stand_for - 127.0).abs() < 40.0, "{stand_for}");
}

#[test]
fn all_losses_are_kept_and_the_others_stand_for_all() {
    let found = many(100, false);
    assert_eq!(found.rows.iter().filter(|row| row.is_told()).count(), 20);
    assert_eq!((found.tally.kept, found.tally.kept_of), (100, 380));
    let stand_for: f64 = found
        .rows
        .iter()
        .filter(|row| !row.is_told())
        .map(|row| row.stands_for)
        .sum();
    assert!((stand_for - 380.0).abs() < 60.0, "{stand_for}");
    for row in &found.rows {
        assert!(
            (row.weights[0] - row.stands_for).abs() < 1e-9,
            "weights multiply: {row:?}"
        );
    }
    let all = many(1000, false);
    assert_eq!(all.rows.len(), 400);
    assert!(
        all.rows
            .iter()
            .all(|row| (row.stands_for - 1.0).abs() < 1e-12)
    );
}

#[test]
fn which_are_kept_depends_on_the_orders_alone() {
    let (one, two) = (many(100, false), many(100, true));
    assert_eq!(kept(&one), kept(&two));
    assert!(
        one.rows
            .windows(2)
            .all(|two| (two[0].at, two[0].key) < (two[1].at, two[1].key))
    );
}
