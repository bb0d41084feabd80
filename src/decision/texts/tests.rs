//! Every code has its words, and no customer reads what is not theirs to read.

use fluent_bundle::FluentResource;

pub(crate) mod languages;

use super::{Texts, file};
use crate::decision::answer::{Alternative, CheckKind, Decision, RandomCheck};
use crate::decision::explain::Counterfactual;
use crate::decision::fixtures::{decided, situation_of};
use crate::decision::language::Language;
use crate::decision::policy::NearMiss;
use crate::decision::reasons::{Code, Reason};
use crate::decision::signal::Signal;
use crate::decision::situation::Situation;
use crate::domain::action::{Action, AlternativeKind, Obligation};
use crate::domain::hazard::Hazard;
use crate::domain::ids::{KeyId, LockerId};
use crate::domain::order::{Category, SecuredDrop};

const SHARE: &str = "We confirm a share of all deliveries at the door.";

/// Codes of which the customer reads nothing (`SIGNAL_MISSING` is no fact about the order).
const SILENT: &[Code] = &[
    Code::Suspicion,
    Code::ClaimHistory,
    Code::LinkedAccounts,
    Code::Probing,
    Code::ModelRisk,
    Code::RouteLosses,
    Code::DepotLosses,
    Code::SignalMissing,
    Code::Imported,
    Code::ReviewBudget,
    Code::SpareBudget,
];

fn victim() -> Situation {
    let mut situation = situation_of(
        Category::Phone,
        89_900,
        &[(Signal::CustomerLosses180d, 2.0)],
    );
    let order = std::sync::Arc::make_mut(&mut situation.order);
    order.preferences.secured_drop = Some(SecuredDrop::Garage);
    situation
}

fn reason(code: Code) -> Reason {
    let signal = if code == Code::ForwarderAddress {
        Some(Signal::Dwelling)
    } else if code == Code::SignalMissing {
        Some(Signal::SpendVsUsual)
    } else {
        Signal::ALL.iter().copied().find(|it| it.code() == code)
    };
    Reason {
        hazard: Some(Hazard::PorchTheft),
        signal,
        value: Some(2.0),
        contribution: 693_147,
        cost_cents: 321.0,
        ..Reason::plain(code)
    }
}

fn one(code: Code) -> Decision {
    decided(Action::Otp, vec![reason(code)])
}

#[test]
fn every_language_reads_without_a_fault() {
    for language in Language::ALL {
        let read = FluentResource::try_new(file(language).to_owned());
        let faults = read.err().map(|(_, faults)| faults);
        assert_eq!(faults, None, "{language:?}");
    }
}

#[test]
fn every_code_has_words_for_the_analyst_with_every_number_filled_in() {
    let (texts, situation) = (Texts::load(), victim());
    for code in Code::ALL {
        let decision = one(code.clone());
        let text = texts
            .of(&situation, &decision, None)
            .analyst(&decision.reasons[0]);
        assert!(
            !text.is_empty() && !text.contains(['{', '$']),
            "{code:?}: {text}"
        );
    }
    let decision = decided(
        Action::Otp,
        vec![Reason::plain(Code::Rule("high".to_owned()))],
    );
    let words = texts.of(&situation, &decision, None);
    assert_eq!(words.analyst(&decision.reasons[0]), "Rule high held.");
    assert_eq!(words.customer(0), None, "a rule without words of its own");
}

#[test]
fn the_analyst_reads_signal_value_unit_weight_and_worth() {
    let (texts, situation) = (Texts::load(), victim());
    let decision = one(Code::OrderValue);
    let text = texts
        .of(&situation, &decision, None)
        .analyst(&decision.reasons[0]);
    assert_eq!(
        text,
        "Dear contents: order_value = 2.00 EUR; porch_theft +0.69 log-odds (odds × 2.00), worth 3.21 EUR."
    );
}

#[test]
fn every_code_has_words_for_the_customer_but_those_that_are_none_of_their_business() {
    let (texts, situation) = (Texts::load(), victim());
    for code in Code::ALL {
        let decision = one(code.clone());
        let text = texts.of(&situation, &decision, None).customer(0);
        assert_eq!(text.is_none(), SILENT.contains(code), "{code:?}: {text:?}");
        let text = text.unwrap_or_default();
        assert!(!text.contains(['{', '$']), "{code:?}: {text}");
        assert_polite(&text);
    }
}

fn assert_polite(text: &str) {
    let text = text.to_lowercase();
    assert!(
        !text.contains(|c: char| c.is_ascii_digit()),
        "a number: {text}"
    );
    for word in languages::FORBIDDEN[0].1 {
        assert!(!text.contains(word), "`{word}` in: {text}");
    }
}

#[test]
fn chance_and_arms_share_one_text() {
    let (texts, situation) = (Texts::load(), victim());
    for code in [
        Code::RandomCheck,
        Code::EarlierDraw,
        Code::ExperimentArm,
        Code::DoorConfirmation,
    ] {
        let decision = one(code);
        let text = texts.of(&situation, &decision, None).customer(0);
        assert_eq!(text.as_deref(), Some(SHARE));
    }
}

#[test]
fn losses_at_an_address_are_told_to_those_who_had_them() {
    let texts = Texts::load();
    let decision = one(Code::PriorLossAddress);
    let told = texts.of(&victim(), &decision, None).customer(0);
    assert!(
        told.unwrap()
            .starts_with("Parcels of yours were lost before")
    );
    let other = situation_of(
        Category::Phone,
        89_900,
        &[(Signal::AddressPorchLosses180d, 2.0)],
    );
    assert_eq!(texts.of(&other, &decision, None).customer(0), None);
}

#[test]
fn alternatives_ways_and_obligations_have_words() {
    let (texts, situation) = (Texts::load(), victim());
    for kind in AlternativeKind::ALL.iter().copied() {
        let alternative = Alternative {
            alternative_id: "a".to_owned(),
            kind,
            action: Action::ItemCodes,
            contact_id: None,
            locker_id: LockerId::try_new("locker-1").ok(),
            secured_drop: Some(SecuredDrop::Garage),
            obligations: Vec::new(),
        };
        let mut decision = one(Code::OrderValue);
        decision.alternatives.push(alternative.clone());
        let words = texts.of(&situation, &decision, None);
        let text = words.alternative(&alternative);
        assert!(
            !text.is_empty() && !text.contains(['{', '$']),
            "{kind:?}: {text}"
        );
        assert_polite(&text);
        let reason = words.customer(0).unwrap();
        assert!(
            reason.contains("also") || reason.contains("possible too"),
            "{reason}"
        );
        assert_polite(&reason);
    }
    let decision = one(Code::OrderValue);
    let words = texts.of(&situation, &decision, None);
    for obligation in Obligation::ALL.iter().copied() {
        assert!(!words.obligation(obligation).is_empty(), "{obligation:?}");
    }
}

#[test]
fn what_would_have_been_is_told_with_numbers() {
    let (texts, situation) = (Texts::load(), victim());
    let decision = one(Code::OrderValue);
    let words = texts.of(&situation, &decision, None);
    let miss = NearMiss {
        rule: "high".to_owned(),
        condition: "risk >= 0.12 || p_porch_theft > 0.1 || order_value > 1e9".to_owned(),
    };
    assert_eq!(
        words.near_miss(&miss),
        "Rule high would hold but for one condition: risk >= 0.12 || p_porch_theft > 0.1 || order_value > 1e9 \
         (here risk = 4.9 %, p_porch_theft = 1.0 %, order_value = 899.00 EUR)."
    );
    let change = Counterfactual {
        signal: Signal::SpendVsUsual,
        from: Some(1.0),
        to: 5.0,
        action: Action::ItemCodes,
    };
    assert_eq!(
        words.counterfactual(&change),
        "spend_vs_usual at 5.00 instead of 1.00: ITEM_CODES instead of OTP."
    );
}

#[test]
fn a_language_that_is_not_there_falls_back_to_english() {
    let (texts, mut situation) = (Texts::load(), victim());
    for locale in [
        "fr",
        "fr-CH",
        "en-GB",
        "EN",
        "x",
        "",
        "-de",
        "zz_DE",
        "d e",
        "\u{1F4A3}",
    ] {
        let order = std::sync::Arc::make_mut(&mut situation.order);
        order.preferences.locale = Some(locale.to_owned());
        let decision = one(Code::RandomCheck);
        let text = texts.of(&situation, &decision, None).customer(0);
        assert_eq!(text.as_deref(), Some(SHARE), "{locale}");
    }
}

#[test]
fn a_browser_sees_two_reasons_at_most_and_chance_only_as_one_code() {
    let (texts, situation) = (Texts::load(), victim());
    let check = |sentence: &str, action: Action, drawn: bool, codes: &[Code], expected: &[&str]| {
        let mut decision = decided(action, codes.iter().cloned().map(reason).collect());
        decision.random_check = drawn.then(|| RandomCheck {
            drawn: true,
            kind: Some(CheckKind::Verified),
            ratcheted: false,
            key_id: KeyId::try_new("epoch-1").unwrap(),
            slot: 0,
            counter: 0,
            draw_micro: 0,
        });
        let shown = texts.of(&situation, &decision, None).basic();
        let shown: Vec<&str> = shown.iter().map(|(code, _)| code.as_ref()).collect();
        assert_eq!(shown, expected, "{sentence}");
    };
    let dear = [
        Code::ModelRisk,
        Code::OrderValue,
        Code::ResaleValue,
        Code::NewDevice,
    ];
    check(
        "two",
        Action::Otp,
        false,
        &dear,
        &["ORDER_VALUE", "RESALE_VALUE"],
    );
    check(
        "none twice",
        Action::Otp,
        false,
        &[Code::OrderValue, Code::OrderValue, Code::Season],
        &["ORDER_VALUE", "SEASON"],
    );
    check(
        "nothing without words for customers",
        Action::Review,
        false,
        &[Code::Suspicion, Code::ClaimHistory],
        &[],
    );
    check(
        "where chance asks, that alone is why",
        Action::Otp,
        true,
        &[Code::RandomCheck, Code::OrderValue],
        &["DOOR_CONFIRMATION"],
    );
    check(
        "an earlier draw is the same to a browser",
        Action::Otp,
        false,
        &[Code::EarlierDraw, Code::OrderValue, Code::Season],
        &["DOOR_CONFIRMATION", "ORDER_VALUE"],
    );
    check(
        "where nothing is asked, only what the customer can use",
        Action::None,
        true,
        &[Code::RandomCheck, Code::OrderValue, Code::SecuredDrop],
        &["DOOR_CONFIRMATION", "SECURED_DROP"],
    );
}
