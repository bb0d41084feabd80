//! Labels, read as sentences.

use super::{
    CLAIM_WINDOW, LeftOut, Maturity, Outcome, Support, hazard_of, impossible, outcome, support,
};
use crate::decision::fixtures::{NOW, situation_of};
use crate::decision::policy::{DEFAULT, Policy};
use crate::decision::situation::Situation;
use crate::domain::action::Action;
use crate::domain::dossier::{Cancelled, ClaimFile, Dossier, Handover, ParcelFile, Placement};
use crate::domain::event::{ClaimKind, Fault};
use crate::domain::hazard::Hazard;
use crate::domain::ids::{AddressKey, ClaimId, EventId, ParcelId};
use crate::domain::order::{Category, Unit};
use crate::domain::profile::Settlement;
use crate::domain::units::{Date, Span, Timestamp};

#[test]
fn every_fault_and_kind_of_claim_speaks_for_one_hazard_or_none() {
    use ClaimKind::{Damaged, Empty, NotReceived, Swapped, Unknown};
    let own = |hazard| [Some(hazard), Some(hazard), Some(hazard), None, Some(hazard)];
    let carried = [
        Some(Hazard::CourierTheft),
        Some(Hazard::Substitution),
        Some(Hazard::Substitution),
        None,
        None,
    ];
    let check = |fault: Fault, expected: [Option<Hazard>; 5]| {
        for (kind, expected) in [NotReceived, Empty, Swapped, Damaged, Unknown]
            .iter()
            .zip(expected)
        {
            assert_eq!(hazard_of(fault, *kind), expected, "{fault:?} {kind:?}");
        }
    };
    check(Fault::Porch, own(Hazard::PorchTheft));
    check(Fault::Courier, carried);
    check(Fault::Depot, carried);
    check(Fault::Customer, own(Hazard::FalseClaim));
    check(Fault::AccountTakeover, own(Hazard::AccountTakeover));
    check(Fault::Unknown, [None; 5]);
    assert_eq!(
        (Fault::ALL.len(), ClaimKind::ALL.len()),
        (6, 5),
        "all of both were looked at"
    );
}

fn event(name: &str) -> EventId {
    EventId::try_new(name).unwrap()
}

fn days(count: i64) -> Timestamp {
    NOW.plus(Span::days(count))
}

/// Placed at [`NOW`], dispatched after a day, handed over after two.
fn shipped() -> Dossier {
    let mut dossier = placed();
    let parcel = ParcelFile {
        loaded_at: Some(days(1)),
        handed_over: Some(Handover {
            at: days(2),
            event_id: event("h"),
            role: None,
            courier: None,
        }),
        ..ParcelFile::default()
    };
    dossier
        .parcels
        .insert(ParcelId::try_new("p1").unwrap(), parcel);
    dossier
}

fn placed() -> Dossier {
    let placement = Placement {
        at: NOW,
        unit: Unit::Address(AddressKey::try_new("a1").unwrap()),
        customer: None,
        address: AddressKey::try_new("a1").unwrap(),
        address_since: NOW,
        amount: None,
        links: Vec::new(),
        carrier: None,
        route: None,
        depot: None,
        parcels: Some(1),
        date: None,
        day: Date::from_days(20_614),
        until: days(14),
    };
    Dossier {
        placed: Some(placement),
        ..Dossier::default()
    }
}

fn claim(kind: ClaimKind, settled: Option<(Timestamp, Fault)>) -> ClaimFile {
    ClaimFile {
        at: days(3),
        kind,
        amount: None,
        settled: settled.map(|(at, fault)| Settlement {
            at,
            event_id: event("s"),
            fault,
            paid: None,
        }),
    }
}

fn with(claims: &[ClaimFile]) -> Dossier {
    let mut dossier = shipped();
    for (number, file) in claims.iter().enumerate() {
        let id = ClaimId::try_new(&format!("c{number}")).unwrap();
        dossier.claims.insert(id, file.clone());
    }
    dossier
}

const LATER: Maturity = Maturity {
    as_of: NOW.plus(Span::days(100)),
    claim_window: CLAIM_WINDOW,
    unheard_shipped: false,
};

fn lost(hazards: &[Hazard], unnamed: u32) -> Result<Outcome, LeftOut> {
    let mut losses = [false; 5];
    for hazard in hazards {
        losses[hazard.index()] = true;
    }
    Ok(Outcome { losses, unnamed })
}

#[test]
fn an_outcome_is_known_once_the_claim_window_is_closed_and_every_claim_is_settled() {
    let check = |sentence: &str,
                 dossier: &Dossier,
                 maturity: &Maturity,
                 expected: Result<Outcome, LeftOut>| {
        assert_eq!(outcome(dossier, maturity), expected, "{sentence}");
    };
    let at = |day: i64| Maturity {
        as_of: days(day),
        ..LATER
    };
    let porch = claim(ClaimKind::NotReceived, Some((days(20), Fault::Porch)));
    let swapped = claim(ClaimKind::Swapped, Some((days(20), Fault::Depot)));
    let damaged = claim(ClaimKind::Damaged, Some((days(20), Fault::Courier)));
    let open = claim(ClaimKind::NotReceived, None);
    check("no claim is no loss", &shipped(), &LATER, lost(&[], 0));
    check(
        "a claim settled as porch theft",
        &with(std::slice::from_ref(&porch)),
        &LATER,
        lost(&[Hazard::PorchTheft], 0),
    );
    check(
        "two losses of one order",
        &with(&[porch.clone(), swapped]),
        &LATER,
        lost(&[Hazard::PorchTheft, Hazard::Substitution], 0),
    );
    check(
        "damage names no hazard and is counted",
        &with(&[damaged]),
        &LATER,
        lost(&[], 1),
    );
    check(
        "an open claim says nothing",
        &with(std::slice::from_ref(&open)),
        &LATER,
        Err(LeftOut::ClaimOpen),
    );
    check(
        "one of two is open",
        &with(&[porch.clone(), open.clone()]),
        &LATER,
        Err(LeftOut::ClaimOpen),
    );
    let late = claim(ClaimKind::NotReceived, Some((days(99), Fault::Porch)));
    check(
        "settled after the day one looks from",
        &with(&[late]),
        &at(98),
        Err(LeftOut::ClaimOpen),
    );
    check(
        "the window is closed to the moment",
        &shipped(),
        &at(62),
        lost(&[], 0),
    );
    check(
        "a day before, it is not",
        &shipped(),
        &at(61),
        Err(LeftOut::TooYoung),
    );
    check(
        "too young goes before an open claim",
        &with(&[open]),
        &at(61),
        Err(LeftOut::TooYoung),
    );
    check(
        "a cart",
        &Dossier::default(),
        &LATER,
        Err(LeftOut::NeverPlaced),
    );
    check(
        "nothing was heard of it",
        &placed(),
        &LATER,
        Err(LeftOut::NeverShipped),
    );
    let told = Maturity {
        unheard_shipped: true,
        ..LATER
    };
    check(
        "nothing is ever heard in this shop",
        &placed(),
        &told,
        lost(&[], 0),
    );
    let mut dated = placed();
    dated.placed.as_mut().unwrap().date = Some(Date::from_days(20_614 + 50));
    check(
        "its day counts where no handover is known",
        &dated,
        &told,
        Err(LeftOut::TooYoung),
    );
    let mut under_way = shipped();
    under_way
        .parcels
        .values_mut()
        .for_each(|it| it.handed_over = None);
    check(
        "dispatched and silent for ever",
        &under_way,
        &LATER,
        lost(&[], 0),
    );
    let cancel = Some(Cancelled {
        at: days(1),
        event_id: event("x"),
        by: None,
        after_requirement_shown: None,
    });
    check(
        "cancelled under way",
        &Dossier {
            cancelled: cancel.clone(),
            ..under_way
        },
        &LATER,
        Err(LeftOut::Cancelled),
    );
    check(
        "cancelled, but handed over",
        &Dossier {
            cancelled: cancel,
            ..shipped()
        },
        &LATER,
        lost(&[], 0),
    );
}

#[test]
fn a_claim_from_before_its_order_is_impossible() {
    let mut early = claim(ClaimKind::Empty, None);
    early.at = days(-1);
    let found = impossible(&with(&[claim(ClaimKind::Empty, None), early])).unwrap();
    assert_eq!(
        (found.claim_id.as_str(), found.at, found.placed_at),
        ("c1", days(-1), NOW)
    );
    assert_eq!(impossible(&with(&[claim(ClaimKind::Empty, None)])), None);
}

/// What the default policy and these chances (none, otp, item codes, locker, review) say of an order.
fn supported(differs: fn(&mut Situation), action: Action, chances: [u32; 5]) -> [Support; 5] {
    let mut situation = situation_of(Category::Phone, 89_900, &[]);
    differs(&mut situation);
    let policy = Policy::load(DEFAULT).unwrap();
    let effects = policy.effects(&situation, &policy.feasible(&situation));
    support(action, &chances, &effects)
}

#[test]
fn only_orders_whose_action_leaves_a_hazard_alone_speak_for_it() {
    use Support::{Hindered, Outside, Weight};
    let check = |sentence: &str, found: [Support; 5], expected: [Support; 5]| {
        assert_eq!(found, expected, "{sentence}");
    };
    let usual: fn(&mut Situation) = |_| {};
    check(
        "nothing asked for, as ever",
        supported(usual, Action::None, [1_000_000, 0, 0, 0, 0]),
        [Weight(1.0); 5],
    );
    check(
        "nothing asked for, in one of ten",
        supported(usual, Action::None, [100_000, 900_000, 0, 0, 0]),
        [Weight(10.0); 5],
    );
    check(
        "a code hinders all five",
        supported(usual, Action::Otp, [100_000, 900_000, 0, 0, 0]),
        [Hindered; 5],
    );
    check(
        "a code for sure",
        supported(usual, Action::Otp, [0, 1_000_000, 0, 0, 0]),
        [Outside; 5],
    );
    check(
        "a review leaves thieves and couriers alone",
        supported(usual, Action::Review, [0, 0, 0, 0, 1_000_000]),
        [Weight(1.0), Weight(1.0), Weight(1.0), Outside, Outside],
    );
    check(
        "review and nothing share the weight",
        supported(usual, Action::None, [250_000, 500_000, 0, 0, 250_000]),
        [
            Weight(2.0),
            Weight(2.0),
            Weight(2.0),
            Weight(4.0),
            Weight(4.0),
        ],
    );
    check(
        "a locker leaves the intruder alone where nothing changed",
        supported(usual, Action::LockerOnly, [500_000, 0, 0, 500_000, 0]),
        [Hindered, Hindered, Hindered, Hindered, Weight(1.0)],
    );
    let several: fn(&mut Situation) = |it| it.other_parcels = 2;
    check(
        "a code among several parcels helps the courier: no label either",
        supported(several, Action::Otp, [500_000, 500_000, 0, 0, 0]),
        [Hindered; 5],
    );
    let unsealed: fn(&mut Situation) = |it| it.unsealed = true;
    check(
        "item codes without a seal still move who is swapped",
        supported(unsealed, Action::ItemCodes, [500_000, 0, 500_000, 0, 0]),
        [Hindered; 5],
    );
}
