//! Prices against the published orders.

use proptest::prelude::*;

use crate::decision::answer::{HazardScore, Term};
use crate::decision::fixtures::{NOW, contact, situation_of, situations};
use crate::decision::model::{Model, PRIOR};
use crate::decision::policy::{DEFAULT, Policy};
use crate::decision::signal::Signal;
use crate::decision::situation::{Change, Changed, ContactFacts, Situation};
use crate::domain::action::Action;
use crate::domain::hazard::Hazard;
use crate::domain::order::{Category, ContactKind};
use crate::domain::units::{Span, probability};

fn default() -> Policy {
    Policy::load(DEFAULT).unwrap()
}

/// An order of the table below: what it measures beyond the reference order, and how its situation differs.
struct Row {
    name: &'static str,
    cents: i64,
    signals: &'static [(Signal, f64)],
    differs: fn(&mut Situation),
    /// Percent, in the order of [`Hazard::ALL`].
    percent: [f64; 5],
    /// Base currency, in the order of [`Action::ALL`]; NaN where the action is not possible.
    costs: [f64; 5],
    /// The cheapest that is possible.
    answer: Action,
}

/// Missing, or not possible.
const NO: f64 = f64::NAN;

fn as_usual(_: &mut Situation) {}

fn something_changed(situation: &mut Situation) {
    let at = NOW.minus(Span::days(1));
    let what = Changed::Contact(ContactKind::Email);
    situation.changes = vec![Change { at, what }];
}

fn everything_changed(situation: &mut Situation) {
    something_changed(situation);
    situation.contacts = vec![ContactFacts {
        verified_at: Some(NOW),
        since: Some(NOW.minus(Span::days(1))),
        ..contact("sms-2", ContactKind::Sms)
    }];
}

/// The page of numbers that the prior was published with: twenty-five orders of a customer of two years in June.
const ROWS: &[Row] = &[
    Row {
        name: "book",
        cents: 1500,
        signals: &[
            (Signal::HeaviestItemKg, 0.4),
            (Signal::Resale, 0.0),
            (Signal::DearestItemValue, 15.0),
            (Signal::ValueDensity, 17.86),
        ],
        differs: as_usual,
        percent: [0.2, 0.015, 0.004, 0.056, 0.009],
        costs: [0.43, 1.7, 2.75, 3.44, 9.99],
        answer: Action::None,
    },
    Row {
        name: "groceries in two parcels",
        cents: 8400,
        signals: &[
            (Signal::HeaviestItemKg, 9.0),
            (Signal::Resale, 0.0),
            (Signal::DearestItemValue, 12.0),
            (Signal::ValueDensity, 0.33),
        ],
        differs: |it| it.own_parcels = Some(2),
        percent: [0.2, 0.015, 0.004, 0.056, 0.009],
        costs: [0.63, NO, 2.98, 3.99, 10.47],
        answer: Action::None,
    },
    Row {
        name: "jacket to a flat",
        cents: 12000,
        signals: &[
            (Signal::HeaviestItemKg, 1.2),
            (Signal::Resale, 0.4),
            (Signal::DearestItemValue, 120.0),
            (Signal::ValueDensity, 8.33),
            (Signal::Dwelling, 2.0),
        ],
        differs: as_usual,
        percent: [0.479, 0.04, 0.012, 0.096, 0.027],
        costs: [1.23, 1.93, 2.95, 4.34, 11.18],
        answer: Action::None,
    },
    Row {
        name: "drill",
        cents: 29000,
        signals: &[
            (Signal::HeaviestItemKg, 4.5),
            (Signal::Resale, 0.5),
            (Signal::DearestItemValue, 290.0),
            (Signal::ValueDensity, 9.21),
        ],
        differs: as_usual,
        percent: [0.32, 0.06, 0.018, 0.125, 0.043],
        costs: [2.08, 2.38, 3.33, 5.88, 12.61],
        answer: Action::None,
    },
    Row {
        name: "fridge",
        cents: 100000,
        signals: &[
            (Signal::HeaviestItemKg, 60.0),
            (Signal::DearestItemValue, 1000.0),
            (Signal::ValueDensity, 1.54),
        ],
        differs: |it| it.lockers.clear(),
        percent: [0.03, 0.025, 0.006, 0.13, 0.038],
        costs: [2.67, 3.59, 4.47, NO, 15.78],
        answer: Action::None,
    },
    Row {
        name: "laptop, one parcel",
        cents: 90000,
        signals: &[
            (Signal::HeaviestItemKg, 2.5),
            (Signal::Resale, 0.8),
            (Signal::DearestItemValue, 900.0),
            (Signal::ValueDensity, 93.75),
            (Signal::TechItems, 1.0),
        ],
        differs: as_usual,
        percent: [0.499, 0.125, 0.032, 0.179, 0.099],
        costs: [8.9, 4.96, 5.41, 12.2, 21.08],
        answer: Action::Otp,
    },
    Row {
        name: "console, one parcel",
        cents: 50000,
        signals: &[
            (Signal::HeaviestItemKg, 4.5),
            (Signal::Resale, 0.8),
            (Signal::DearestItemValue, 500.0),
            (Signal::ValueDensity, 18.52),
            (Signal::TechItems, 1.0),
        ],
        differs: as_usual,
        percent: [0.499, 0.125, 0.032, 0.179, 0.099],
        costs: [5.16, 3.52, 4.23, 8.27, 16.14],
        answer: Action::Otp,
    },
    Row {
        name: "console among three parcels",
        cents: 56000,
        signals: &[
            (Signal::HeaviestItemKg, 4.5),
            (Signal::Resale, 0.8),
            (Signal::DearestItemValue, 500.0),
            (Signal::ValueDensity, 23.81),
            (Signal::TechItems, 1.0),
        ],
        differs: |it| it.own_parcels = Some(3),
        percent: [0.499, 0.125, 0.032, 0.179, 0.099],
        costs: [5.72, NO, 4.7, 8.9, 16.88],
        answer: Action::ItemCodes,
    },
    Row {
        name: "phone",
        cents: 89900,
        signals: &[
            (Signal::HeaviestItemKg, 0.4),
            (Signal::Resale, 1.0),
            (Signal::DearestItemValue, 899.0),
            (Signal::ValueDensity, 832.41),
            (Signal::TechItems, 1.0),
        ],
        differs: as_usual,
        percent: [0.697, 0.399, 0.144, 0.266, 0.175],
        costs: [15.72, 8.24, 7.36, 14.48, 27.08],
        answer: Action::ItemCodes,
    },
    Row {
        name: "phone in an envelope",
        cents: 89900,
        signals: &[
            (Signal::HeaviestItemKg, 0.4),
            (Signal::Resale, 1.0),
            (Signal::DearestItemValue, 899.0),
            (Signal::ValueDensity, 832.41),
            (Signal::WeakPackaging, 1.0),
            (Signal::TechItems, 1.0),
        ],
        differs: as_usual,
        percent: [0.697, 0.517, 0.573, 0.319, 0.175],
        costs: [21.24, 13.66, 9.03, 18.01, 32.35],
        answer: Action::ItemCodes,
    },
    Row {
        name: "ring",
        cents: 250000,
        signals: &[
            (Signal::HeaviestItemKg, 0.2),
            (Signal::Resale, 0.9),
            (Signal::DearestItemValue, 2500.0),
            (Signal::ValueDensity, 5000.0),
        ],
        differs: as_usual,
        percent: [0.697, 0.498, 0.18, 0.299, 0.245],
        costs: [48.61, 23.65, 18.18, 37.41, 61.89],
        answer: Action::ItemCodes,
    },
    Row {
        name: "three phones, six times the usual spend",
        cents: 240000,
        signals: &[
            (Signal::HeaviestItemKg, 0.4),
            (Signal::Resale, 1.0),
            (Signal::DearestItemValue, 800.0),
            (Signal::ValueDensity, 740.74),
            (Signal::TechItems, 3.0),
            (Signal::SpendVsUsual, 6.0),
        ],
        differs: as_usual,
        percent: [0.697, 0.517, 0.187, 0.636, 4.204],
        costs: [151.48, 104.13, 97.21, 135.85, 102.94],
        answer: Action::ItemCodes,
    },
    Row {
        name: "jacket to a flat with two porch losses",
        cents: 12000,
        signals: &[
            (Signal::HeaviestItemKg, 1.2),
            (Signal::Resale, 0.4),
            (Signal::DearestItemValue, 120.0),
            (Signal::ValueDensity, 8.33),
            (Signal::AddressPorchLosses180d, 2.0),
            (Signal::Dwelling, 2.0),
        ],
        differs: as_usual,
        percent: [4.589, 0.048, 0.012, 0.106, 0.027],
        costs: [6.8, 2.22, 3.18, 4.46, 16.75],
        answer: Action::Otp,
    },
    Row {
        name: "book to the same flat",
        cents: 1500,
        signals: &[
            (Signal::HeaviestItemKg, 0.4),
            (Signal::Resale, 0.0),
            (Signal::DearestItemValue, 15.0),
            (Signal::ValueDensity, 17.86),
            (Signal::AddressPorchLosses180d, 2.0),
            (Signal::Dwelling, 2.0),
        ],
        differs: as_usual,
        percent: [2.918, 0.018, 0.004, 0.062, 0.009],
        costs: [1.25, 1.74, 2.78, 3.46, 10.81],
        answer: Action::None,
    },
    Row {
        name: "jacket, two claims settled as the customer's",
        cents: 12000,
        signals: &[
            (Signal::HeaviestItemKg, 1.2),
            (Signal::Resale, 0.4),
            (Signal::DearestItemValue, 120.0),
            (Signal::ValueDensity, 8.33),
            (Signal::CustomerFalseClaims365d, 2.0),
        ],
        differs: as_usual,
        percent: [0.32, 0.04, 0.012, 2.346, 0.027],
        costs: [4.05, 3.5, 3.94, 5.7, 12.49],
        answer: Action::Otp,
    },
    Row {
        name: "phone, e-mail changed yesterday, an older number is verified",
        cents: 89900,
        signals: &[
            (Signal::HeaviestItemKg, 0.4),
            (Signal::Resale, 1.0),
            (Signal::DearestItemValue, 899.0),
            (Signal::ValueDensity, 832.41),
            (Signal::TechItems, 1.0),
            (Signal::EmailChangeDays, 1.0),
            (Signal::ContactChangeDays, 1.0),
        ],
        differs: something_changed,
        percent: [0.697, 0.399, 0.144, 0.292, 1.385],
        costs: [27.14, 9.63, 8.7, 16.8, 31.67],
        answer: Action::ItemCodes,
    },
    Row {
        name: "laptop, e-mail and address changed, new device, older number verified",
        cents: 120000,
        signals: &[
            (Signal::HeaviestItemKg, 2.5),
            (Signal::Resale, 0.8),
            (Signal::DearestItemValue, 1200.0),
            (Signal::ValueDensity, 125.0),
            (Signal::TechItems, 1.0),
            (Signal::AddressChangeDays, 1.0),
            (Signal::EmailChangeDays, 1.0),
            (Signal::NewDevice, 1.0),
            (Signal::ContactChangeDays, 1.0),
        ],
        differs: something_changed,
        percent: [0.548, 0.156, 0.04, 0.268, 30.729],
        costs: [389.07, 81.2, 81.13, 127.49, 176.49],
        answer: Action::ItemCodes,
    },
    Row {
        name: "laptop, every contact and the address changed, new device",
        cents: 120000,
        signals: &[
            (Signal::HeaviestItemKg, 2.5),
            (Signal::Resale, 0.8),
            (Signal::DearestItemValue, 1200.0),
            (Signal::ValueDensity, 125.0),
            (Signal::TechItems, 1.0),
            (Signal::AddressChangeDays, 1.0),
            (Signal::EmailChangeDays, 1.0),
            (Signal::PhoneChangeDays, 1.0),
            (Signal::NewDevice, 1.0),
            (Signal::ContactChangeDays, 1.0),
        ],
        differs: everything_changed,
        percent: [0.548, 0.156, 0.04, 0.295, 72.69],
        costs: [903.42, NO, NO, 905.15, 382.26],
        answer: Action::Review,
    },
    Row {
        name: "book, e-mail and address changed",
        cents: 1500,
        signals: &[
            (Signal::HeaviestItemKg, 0.4),
            (Signal::Resale, 0.0),
            (Signal::DearestItemValue, 15.0),
            (Signal::ValueDensity, 17.86),
            (Signal::AddressChangeDays, 1.0),
            (Signal::EmailChangeDays, 1.0),
            (Signal::ContactChangeDays, 1.0),
        ],
        differs: something_changed,
        percent: [0.22, 0.015, 0.004, 0.068, 1.139],
        costs: [0.89, 1.79, 2.84, 3.58, 10.18],
        answer: Action::None,
    },
    Row {
        name: "jacket, moved house",
        cents: 12000,
        signals: &[
            (Signal::HeaviestItemKg, 1.2),
            (Signal::Resale, 0.4),
            (Signal::DearestItemValue, 120.0),
            (Signal::ValueDensity, 8.33),
            (Signal::AddressChangeDays, 2.0),
        ],
        differs: something_changed,
        percent: [0.351, 0.04, 0.012, 0.106, 0.216],
        costs: [1.35, 1.96, 2.98, 4.4, 11.13],
        answer: Action::None,
    },
    Row {
        name: "phone, carrier without codes",
        cents: 89900,
        signals: &[
            (Signal::HeaviestItemKg, 0.4),
            (Signal::Resale, 1.0),
            (Signal::DearestItemValue, 899.0),
            (Signal::ValueDensity, 832.41),
            (Signal::TechItems, 1.0),
        ],
        differs: |it| it.carrier.capabilities.clear(),
        percent: [0.697, 0.399, 0.144, 0.266, 0.175],
        costs: [15.72, NO, NO, 14.48, 27.08],
        answer: Action::LockerOnly,
    },
    Row {
        name: "phone, carrier without codes, no locker in reach",
        cents: 89900,
        signals: &[
            (Signal::HeaviestItemKg, 0.4),
            (Signal::Resale, 1.0),
            (Signal::DearestItemValue, 899.0),
            (Signal::ValueDensity, 832.41),
            (Signal::TechItems, 1.0),
        ],
        differs: |it| {
            it.carrier.capabilities.clear();
            it.lockers.clear();
        },
        percent: [0.697, 0.399, 0.144, 0.266, 0.175],
        costs: [15.72, NO, NO, NO, 27.08],
        answer: Action::None,
    },
    Row {
        name: "jacket, two porch losses, four of ten attended attempts fail",
        cents: 12000,
        signals: &[
            (Signal::HeaviestItemKg, 1.2),
            (Signal::Resale, 0.4),
            (Signal::DearestItemValue, 120.0),
            (Signal::ValueDensity, 8.33),
            (Signal::AddressPorchLosses180d, 2.0),
            (Signal::Dwelling, 2.0),
            (Signal::AttendedFailureRate, 4.18 / 13.0),
        ],
        differs: as_usual,
        percent: [4.589, 0.048, 0.012, 0.106, 0.027],
        costs: [6.8, 5.23, 6.19, 4.46, 16.75],
        answer: Action::LockerOnly,
    },
    Row {
        name: "camera, concrete suspicion of level 3",
        cents: 80000,
        signals: &[
            (Signal::HeaviestItemKg, 1.8),
            (Signal::Resale, 0.8),
            (Signal::DearestItemValue, 800.0),
            (Signal::ValueDensity, 88.89),
            (Signal::TechItems, 1.0),
            (Signal::SuspicionLevel, 3.0),
        ],
        differs: as_usual,
        percent: [1.481, 0.99, 0.255, 2.62, 1.464],
        costs: [56.01, 29.2, 23.58, 33.94, 51.19],
        answer: Action::ItemCodes,
    },
    Row {
        name: "laptop to a forwarder, three-day-old account, new device, billing elsewhere",
        cents: 120000,
        signals: &[
            (Signal::HeaviestItemKg, 2.5),
            (Signal::Resale, 0.8),
            (Signal::DearestItemValue, 1200.0),
            (Signal::ValueDensity, 125.0),
            (Signal::TechItems, 1.0),
            (Signal::SpendVsUsual, NO),
            (Signal::NewDevice, 1.0),
            (Signal::AccountAgeDays, 3.0),
            (Signal::BillingMismatch, 1.0),
            (Signal::Dwelling, 7.0),
        ],
        differs: as_usual,
        percent: [0.15, 0.156, 0.04, 1.418, 6.567],
        costs: [102.23, 77.16, 74.55, 101.07, 60.24],
        answer: Action::Review,
    },
];

fn scored(row: &Row) -> (Situation, [HazardScore; 5]) {
    let mut situation = situation_of(
        Category::Other,
        row.cents,
        &[(Signal::AccountAgeDays, 800.0)],
    );
    for (signal, value) in row.signals {
        situation.signals.set(*signal, Some(*value));
    }
    (row.differs)(&mut situation);
    let scores = Model::load(PRIOR).unwrap().score(&situation.signals);
    (situation, scores)
}

#[test]
fn the_published_orders_have_the_published_probabilities_costs_and_answers() {
    for row in ROWS {
        let (situation, scores) = scored(row);
        for (score, percent) in scores.iter().zip(row.percent) {
            let off = (score.probability * 100.0 - percent).abs();
            assert!(
                off < 0.000_51,
                "{}: {:?} {}",
                row.name,
                score.hazard,
                score.probability
            );
        }
        let policy = default();
        let feasible = policy.feasible(&situation);
        let costs = policy.price(&situation, &feasible, &scores);
        for (cost, expected) in costs.iter().zip(row.costs) {
            let off = (cost.total / 100.0 - expected).abs();
            assert_eq!(
                cost.feasible,
                expected.is_finite(),
                "{}: {cost:?}",
                row.name
            );
            assert!(
                !cost.feasible || off < 0.0051,
                "{}: {:?} {}",
                row.name,
                cost.action,
                cost.total
            );
        }
        let possible = costs.iter().filter(|cost| cost.feasible);
        let cheapest = possible.min_by(|a, b| a.total.total_cmp(&b.total));
        assert_eq!(
            cheapest.map(|it| it.action),
            Some(row.answer),
            "{}",
            row.name
        );
    }
}

#[test]
fn an_action_costs_the_sum_of_its_terms() {
    let check = |situation: &Situation, action: Action, term: Term, cents: f64| {
        let policy = default();
        let scores = Model::load(PRIOR).unwrap().score(&situation.signals);
        let costs = policy.price(situation, &policy.feasible(situation), &scores);
        let found = costs[action.index()].terms[term.index()];
        assert!(
            (found - cents).abs() < 1e-9,
            "{action:?} {term:?}: {found}, not {cents}"
        );
    };
    let mut order = situation_of(Category::Tool, 20_000, &[]);
    check(&order, Action::None, Term::FailedAttempt, 34.5);
    check(&order, Action::Otp, Term::FailedAttempt, 86.25);
    check(&order, Action::ItemCodes, Term::FailedAttempt, 92.0);
    check(&order, Action::LockerOnly, Term::FailedAttempt, 2.3);
    check(&order, Action::Otp, Term::Handover, 35.0);
    check(
        &order,
        Action::ItemCodes,
        Term::Handover,
        110.0 / 60.0 * 35.0,
    );
    check(&order, Action::ItemCodes, Term::Messages, 6.0);
    check(&order, Action::ItemCodes, Term::Seal, 60.0);
    check(&order, Action::Otp, Term::Seal, 0.0);
    check(
        &order,
        Action::LockerOnly,
        Term::Abandonment,
        0.05 * 0.15 * 20_000.0,
    );
    check(&order, Action::LockerOnly, Term::Uncollected, 23.0);
    check(&order, Action::LockerOnly, Term::DoorSaved, -100.0);
    check(&order, Action::Review, Term::Person, 900.0);
    check(&order, Action::Review, Term::Burden, 50.0);
    order.own_parcels = Some(3);
    check(&order, Action::ItemCodes, Term::Messages, 18.0);
    check(
        &order,
        Action::ItemCodes,
        Term::Handover,
        140.0 / 60.0 * 35.0,
    );
    order.own_parcels = None;
    check(&order, Action::ItemCodes, Term::Messages, 12.0);
    check(
        &order,
        Action::ItemCodes,
        Term::Handover,
        125.0 / 60.0 * 35.0,
    );
    order.signals.set(Signal::AttendedFailureRate, None);
    check(&order, Action::Otp, Term::FailedAttempt, 86.25);
    order.signals.set(Signal::AttendedFailureRate, Some(0.995));
    check(&order, Action::Otp, Term::FailedAttempt, 1_150.0);
    order.unsealed = true;
    check(&order, Action::ItemCodes, Term::Seal, 0.0);
}

#[test]
fn a_hazard_costs_by_the_situation() {
    let check = |situation: &Situation, hazard: Hazard, expected: [f64; 5]| {
        let policy = default();
        let certain = certain(hazard);
        let costs = policy.price(situation, &policy.feasible(situation), &certain);
        let loss = policy.loss_cents(hazard, situation);
        let effects = costs
            .each_ref()
            .map(|cost| cost.terms[hazard.index()] / loss);
        for (found, expected) in effects.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-9, "{hazard:?}: {effects:?}");
        }
    };
    let one = situation_of(Category::Tool, 20_000, &[]);
    let mut several = one.clone();
    several.other_parcels = 1;
    let mut unknown = one.clone();
    unknown.own_parcels = None;
    check(&one, Hazard::CourierTheft, [1.0, 0.4, 0.3, 0.15, 1.0]);
    check(&several, Hazard::CourierTheft, [1.0, 1.3, 0.3, 0.2, 1.0]);
    check(&unknown, Hazard::CourierTheft, [1.0, 1.3, 0.3, 0.2, 1.0]);
    let mut unsealed = one.clone();
    unsealed.unsealed = true;
    check(&one, Hazard::Substitution, [1.0, 1.2, 0.3, 0.8, 1.0]);
    check(&unsealed, Hazard::Substitution, [1.0, 1.2, 1.1, 0.8, 1.0]);
    let (mut old, mut gone) = (one.clone(), one.clone());
    something_changed(&mut old);
    everything_changed(&mut gone);
    check(&one, Hazard::AccountTakeover, [1.0, 0.8, 0.8, 1.0, 0.4]);
    check(&old, Hazard::AccountTakeover, [1.0, 0.2, 0.2, 0.3, 0.4]);
    check(&gone, Hazard::AccountTakeover, [1.0, 1.0, 1.0, 1.0, 0.4]);
    check(&one, Hazard::FalseClaim, [1.0, 0.3, 0.25, 0.2, 0.5]);
    check(&one, Hazard::PorchTheft, [1.0, 0.05, 0.04, 0.02, 1.0]);
    let cents = default().loss_cents(Hazard::Substitution, &one);
    assert!((cents - 22_000.0).abs() < 1e-9);
}

/// Scores in which this hazard is certain and no other possible.
fn certain(hazard: Hazard) -> [HazardScore; 5] {
    let mut scores = Model::load(PRIOR).unwrap().score(&Default::default());
    for score in &mut scores {
        score.probability = if score.hazard == hazard { 1.0 } else { 0.0 };
    }
    scores
}

proptest! {
    #[test]
    fn if_only_one_hazard_rises_the_answer_costs_no_more_per_unit_of_it(
        situation in situations(),
        place in 0_usize..5,
        steps in proptest::collection::vec(-12_000_000_i64..6_000_000, 2..8),
    ) {
        let policy = default();
        let feasible = policy.feasible(&situation);
        let mut scores = Model::load(PRIOR).unwrap().score(&situation.signals);
        let hazard = scores[place].hazard;
        let unit: [f64; 5] = {
            let costs = policy.price(&situation, &feasible, &certain(hazard));
            let free = policy.price(&situation, &feasible, &none());
            std::array::from_fn(|at| costs[at].total - free[at].total)
        };
        let mut steps = steps;
        steps.sort_unstable();
        let mut before = f64::INFINITY;
        for step in steps {
            scores[place].probability = probability(step);
            let costs = policy.price(&situation, &feasible, &scores);
            let possible = costs.iter().filter(|cost| cost.feasible);
            let cheapest = possible.min_by(|a, b| a.total.total_cmp(&b.total)).unwrap();
            let now = unit[cheapest.action.index()];
            prop_assert!(now <= before + 1e-6, "{now} after {before}");
            before = now;
        }
    }

    #[test]
    fn totals_are_the_sums_of_finite_terms(situation in situations()) {
        let policy = default();
        let scores = Model::load(PRIOR).unwrap().score(&situation.signals);
        for cost in policy.price(&situation, &policy.feasible(&situation), &scores) {
            prop_assert!(cost.terms.iter().all(|term| term.is_finite()), "{cost:?}");
            prop_assert_eq!(cost.total.to_bits(), cost.terms.iter().sum::<f64>().to_bits());
            prop_assert_eq!(cost.feasible, cost.infeasible_because.is_empty());
        }
    }
}

/// Scores in which nothing is possible.
fn none() -> [HazardScore; 5] {
    let mut scores = Model::load(PRIOR).unwrap().score(&Default::default());
    for score in &mut scores {
        score.probability = 0.0;
    }
    scores
}

proptest! {
    #[test]
    fn effects_are_what_prices_rest_on(situation in situations()) {
        let policy = default();
        let feasible = policy.feasible(&situation);
        let effects = policy.effects(&situation, &feasible);
        for hazard in Hazard::ALL.iter().copied() {
            let costs = policy.price(&situation, &feasible, &certain(hazard));
            let whole = policy.loss_cents(hazard, &situation);
            for (cost, effect) in costs.iter().zip(effects[hazard.index()]) {
                let priced = cost.terms[Term::Loss(hazard).index()];
                prop_assert!((priced - whole * effect).abs() < 1e-6, "{:?} {:?}", hazard, cost.action);
            }
        }
    }
}
