//! Which reasons a decision has, in which order, with which numbers.

use std::sync::Arc;

use super::{Code, Reason};
use crate::decision::answer::{Chance, Decision, Draw};
use crate::decision::fixtures::{NOW, contact, release, situation_of};
use crate::decision::judge::judge;
use crate::decision::policy::Policy;
use crate::decision::signal::Signal;
use crate::decision::situation::{Change, Changed, Situation};
use crate::domain::action::Action;
use crate::domain::hazard::Hazard;
use crate::domain::ids::KeyId;
use crate::domain::order::{AddressType, Category, ContactKind, SecuredDrop};
use crate::domain::profile::Ratchet;
use crate::domain::units::{Span, probability};

const PREVIEW: Chance = Chance {
    draw: None,
    ratchet: Ratchet([[0; 3]; 3]),
};

fn phone(more: &[(Signal, f64)]) -> Situation {
    let known = [
        (Signal::Resale, 1.0),
        (Signal::TechItems, 1.0),
        (Signal::ValueDensity, 3_000.0),
    ];
    let signals: Vec<_> = known.iter().chain(more).copied().collect();
    situation_of(Category::Phone, 89_900, &signals)
}

fn book(more: &[(Signal, f64)]) -> Situation {
    let known = [(Signal::Resale, 0.0)];
    let signals: Vec<_> = known.iter().chain(more).copied().collect();
    situation_of(Category::Book, 1_500, &signals)
}

fn decide(situation: &Situation) -> Decision {
    judge(situation, &release(), &PREVIEW)
}

fn codes(decision: &Decision) -> Vec<String> {
    let codes = decision
        .reasons
        .iter()
        .map(|it| it.code.text().into_owned());
    codes.collect()
}

fn found(decision: &Decision, code: &Code) -> Reason {
    let found = decision.reasons.iter().find(|it| it.code == *code);
    found
        .unwrap_or_else(|| panic!("no {code:?} in {:?}", codes(decision)))
        .clone()
}

/// The address and the e-mail changed yesterday.
fn moved(mut situation: Situation) -> Situation {
    let signals = [
        Signal::AddressChangeDays,
        Signal::EmailChangeDays,
        Signal::ContactChangeDays,
    ];
    for signal in signals {
        situation.signals.set(signal, Some(1.0));
    }
    let at = NOW.minus(Span::days(1));
    let what = [Changed::Contact(ContactKind::Email), Changed::Address];
    situation.changes = what.map(|what| Change { at, what }).to_vec();
    situation
}

#[test]
fn each_situation_has_its_reasons_in_order() {
    let check = |sentence: &str, situation: Situation, expected: &[&str]| {
        assert_eq!(codes(&decide(&situation)), expected, "{sentence}");
    };
    check("nothing to say of a book", book(&[]), &[]);
    check(
        "the model, then what weighs, largest first",
        phone(&[]),
        &[
            "MODEL_RISK",
            "RESALE_VALUE",
            "SMALL_HIGH_VALUE_ITEM",
            "ORDER_VALUE",
        ],
    );
    check(
        "a forwarder is named as such, and other exposed doors as exposed",
        book(&[(Signal::Dwelling, f64::from(AddressType::Forwarder.number()))]),
        &["FORWARDER_ADDRESS"],
    );
    check(
        "a flat",
        book(&[(Signal::Dwelling, f64::from(AddressType::Flat.number()))]),
        &["EXPOSED_DROP"],
    );
    check(
        "a change of contact is the change of the e-mail, and the pair is the address's",
        moved(book(&[])),
        &["ADDRESS_CHANGED", "EMAIL_CHANGED", "CODE_TO_PRIOR_CONTACT"],
    );
    check(
        "failed attempts above the base",
        book(&[(Signal::AttendedFailureRate, 0.061)]),
        &["FAILED_ATTEMPTS"],
    );
    check(
        "what weighs less than a tenth is not told",
        book(&[(Signal::AccountAgeDays, 400.0), (Signal::NewDevice, 0.0)]),
        &[],
    );
    let mut unusual = book(&[]);
    unusual.signals.set(Signal::SpendVsUsual, None);
    check(
        "a missing signal that weighs is told as missing",
        unusual,
        &["SIGNAL_MISSING"],
    );
    let mut several = phone(&[]);
    several.other_parcels = 1;
    check(
        "why a milder action is not possible",
        several,
        &[
            "MODEL_RISK",
            "RESALE_VALUE",
            "SMALL_HIGH_VALUE_ITEM",
            "ORDER_VALUE",
            "SEVERAL_PARCELS_AT_STOP",
        ],
    );
    let mut silent = phone(&[]);
    silent.contacts.clear();
    silent.lockers.clear();
    check(
        "why a cheaper action is not possible",
        silent,
        &[
            "RESALE_VALUE",
            "SMALL_HIGH_VALUE_ITEM",
            "ORDER_VALUE",
            "NO_CONTACT",
            "NO_LOCKER_IN_REACH",
        ],
    );
}

#[test]
fn a_reason_holds_what_its_signal_adds_where_it_adds_most_and_what_that_costs() {
    let decision = decide(&phone(&[]));
    let resale = found(&decision, &Code::ResaleValue);
    assert_eq!(
        resale.hazard,
        Some(Hazard::CourierTheft),
        "×4, the most of the five"
    );
    assert_eq!(
        (resale.signal, resale.value),
        (Some(Signal::Resale), Some(1.0))
    );
    assert_eq!(resale.contribution, 1_386_294);
    let courier = &decision.hazards[Hazard::CourierTheft.index()];
    let without = probability(courier.log_odds - resale.contribution);
    let worth = (courier.probability - without) * (89_900.0 + 1_500.0);
    assert!(
        (resale.cost_cents - worth).abs() < 1e-9,
        "{resale:?} {worth}"
    );
}

#[test]
fn a_pair_adds_to_the_address() {
    let decision = decide(&moved(book(&[])));
    let address = found(&decision, &Code::AddressChanged);
    let email = found(&decision, &Code::EmailChanged);
    assert_eq!(address.hazard, Some(Hazard::AccountTakeover));
    assert_eq!(email.contribution, 2_079_442, "×8");
    assert_eq!(
        address.contribution,
        2_079_442 + 693_147,
        "×8, and ×2 for both"
    );
}

#[test]
fn a_model_never_speaks_alone() {
    let mut many = situation_of(Category::Other, 9_000, &[(Signal::OrderValue, 4_000.0)]);
    many.signals.set(Signal::DearestItemValue, Some(90.0));
    let decision = decide(&many);
    assert_ne!(decision.action, Action::None);
    assert_eq!(codes(&decision), ["MODEL_RISK", "ORDER_VALUE"]);
    assert_eq!(found(&decision, &Code::OrderValue).value, Some(4_000.0));
}

#[test]
fn a_rule_that_holds_comes_first_and_what_it_looked_at_last() {
    let rule = "[[rules]]\nid = \"probed-lately\"\nwhen = [\"probes_24h >= 3.0\"]\nthen = \"at_least:otp\"\nhazard = \"courier_theft\"\n";
    let text = format!("{}\n{rule}", include_str!("../../../models/policy.toml"));
    let mut release = release();
    release.policy = Arc::new(Policy::load(&text).unwrap());
    let situation = book(&[(Signal::Probes24h, 4.0)]);
    let decision = judge(&situation, &release, &PREVIEW);
    assert_eq!(decision.action, Action::Otp);
    assert_eq!(codes(&decision), ["RULE_PROBED_LATELY", "PROBING"]);
    let probing = found(&decision, &Code::Probing);
    assert_eq!((probing.value, probing.contribution), (Some(4.0), 0));
    assert_eq!(probing.hazard, Some(Hazard::CourierTheft));
}

#[test]
fn chance_is_a_reason_where_it_changed_the_action() {
    let check = |sentence: &str, draw_micro: u32, ratchet: [u32; 3], expected: &[&str]| {
        let chance = Chance {
            draw: Some(Draw {
                key_id: KeyId::try_new("epoch-1").unwrap(),
                slot: 0,
                counter: 0,
                draw_micro,
            }),
            ratchet: Ratchet([ratchet, [0; 3], [0; 3]]),
        };
        let decision = judge(&book(&[]), &release(), &chance);
        assert_eq!(codes(&decision), expected, "{sentence}");
    };
    check("not here", 999_999, [0; 3], &[]);
    check("here", 0, [0; 3], &["RANDOM_CHECK"]);
    check(
        "an earlier cart did",
        400_000,
        [0, 500_000, 500_000],
        &["EARLIER_DRAW"],
    );
    check("it did not", 600_000, [0, 500_000, 500_000], &[]);
}

#[test]
fn a_secured_drop_is_a_reason_where_it_is_offered() {
    let check = |sentence: &str, mut situation: Situation, offered: bool| {
        let order = Arc::make_mut(&mut situation.order);
        order.preferences.secured_drop = Some(SecuredDrop::ParcelBox);
        let told = codes(&decide(&situation)).contains(&"SECURED_DROP".to_owned());
        assert_eq!(told, offered, "{sentence}");
    };
    check("porch theft dominates", phone(&[]), true);
    check("the account changed", moved(phone(&[])), false);
    check(
        "false claims dominate",
        book(&[(Signal::CustomerFalseClaims365d, 2.0)]),
        false,
    );
    check(
        "a suspicion is active",
        phone(&[(Signal::SuspicionLevel, 1.0)]),
        false,
    );
}

#[test]
fn a_change_with_no_contact_from_before_says_so() {
    let mut situation = moved(phone(&[]));
    situation.contacts = vec![contact("new", ContactKind::Sms)];
    situation.contacts[0].since = Some(NOW);
    let told = codes(&decide(&situation));
    assert!(told.contains(&"NO_PRIOR_CONTACT".to_owned()), "{told:?}");
    assert!(
        !told.contains(&"CODE_TO_PRIOR_CONTACT".to_owned()),
        "{told:?}"
    );
}
