//! A model that is the base but for what each test changes: which orders part, by which hazard and terms.

use super::{Answers, Case, compare};
use crate::decision::fixtures::{NOW, release, situation_of};
use crate::decision::model::{Model, Parts};
use crate::decision::signal::Signal;
use crate::domain::action::Action;
use crate::domain::hazard::Hazard;
use crate::domain::order::Category;
use crate::lab::dataset::{Row, Segment, Values};

/// A laptop: the base asks for one code; and a book, which nobody protects.
fn cases() -> Vec<Case> {
    let case = |name: &str, wanted, category, cents| Case {
        name: name.to_owned(),
        why: "of a test".to_owned(),
        wanted: vec![wanted],
        situation: situation_of(category, cents, &[]),
    };
    vec![
        case("laptop", Action::Otp, Category::Laptop, 90_000),
        case("book", Action::None, Category::Book, 1_500),
    ]
}

/// Two orders as dear as the laptop, one of them lost.
fn rows() -> Vec<Row> {
    let row = |key, value: f64, lost| Row {
        at: NOW,
        key,
        values: Values::of(|it| (it == Signal::DearestItemValue).then_some(value)),
        losses: [lost, false, false, false, false],
        weights: [2.5; Hazard::COUNT],
        stands_for: 1.0,
        segment: Segment::default(),
    };
    vec![
        row(1, 850.0, true),
        row(2, 700.0, false),
        row(3, 20.0, true),
    ]
}

fn compared(change: impl Fn(&mut Parts)) -> Answers {
    let base = release();
    let mut parts = base.model.parts();
    change(&mut parts);
    let model = Model::load(&parts.write()).unwrap();
    compare(&cases(), &base, (&model, &parts), &rows())
}

#[test]
fn the_same_model_answers_alike() {
    let found = compared(|_| {});
    assert_eq!((found.cases, found.right, found.base_right), (2, 2, 2));
    assert!(found.parted.is_empty(), "{:?}", found.parted);
}

#[test]
fn the_hazard_that_decides_is_named_alone_with_the_terms_that_changed() {
    let found = compared(|parts| {
        let porch = &mut parts.hazards[Hazard::PorchTheft.index()];
        porch.base -= 6_000_000;
        let edges = parts.signals.iter();
        let dearest = edges
            .filter(|it| it.0 == Signal::DearestItemValue)
            .map(|it| it.1.count())
            .sum();
        porch
            .mains
            .push((Signal::DearestItemValue, vec![250_000; dearest]));
        // Takeover changes too, and changes no answer.
        parts.hazards[Hazard::AccountTakeover.index()].base -= 10_000;
    });
    assert_eq!((found.right, found.base_right), (1, 2));
    let [laptop] = found.parted.as_slice() else {
        panic!("{:?}", found.parted);
    };
    assert_eq!(laptop.name, "laptop");
    assert_eq!(
        (laptop.base.action, laptop.ours.action),
        (Action::Otp, Action::None)
    );
    let [porch] = laptop.hazards.as_slice() else {
        panic!("{:?}", laptop.hazards);
    };
    assert_eq!((porch.hazard, porch.decides), (Hazard::PorchTheft, true));
    assert_eq!(porch.bases[1] - porch.bases[0], -6_000_000);
    assert_eq!(porch.log_odds[1] - porch.log_odds[0], -5_750_000);
    let [term] = porch.terms.as_slice() else {
        panic!("{:?}", porch.terms);
    };
    assert_eq!(
        (term.signal, term.log_odds),
        (Signal::DearestItemValue, [0, 250_000])
    );
    assert_eq!(term.evidence, Some((5.0, 1)), "two orders of 2.5 each");
}

#[test]
fn where_no_hazard_decides_alone_all_that_changed_are_told() {
    let found = compared(|parts| {
        // Either is enough by itself.
        parts.hazards[Hazard::PorchTheft.index()].base += 4_000_000;
        parts.hazards[Hazard::CourierTheft.index()].base += 8_000_000;
    });
    let book = found.parted.iter().find(|it| it.name == "book").unwrap();
    let named: Vec<Hazard> = book.hazards.iter().map(|it| it.hazard).collect();
    assert_ne!(book.ours.action, Action::None);
    assert_eq!(named, [Hazard::PorchTheft, Hazard::CourierTheft]);
    assert!(book.hazards.iter().all(|it| !it.decides));
}
