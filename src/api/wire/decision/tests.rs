//! What each view shows of one decision with a bit of everything.

use std::sync::Arc;

use super::super::{Accepts, pb};
use super::decision;
use crate::decision::answer::{
    ActionCost, Alternative, Chance, CheckKind, Contribution, Decision, HazardScore,
    ItemRequirement, RandomCheck, SkippedRule, Term,
};
use crate::decision::explain::{Counterfactual, Explanation};
use crate::decision::policy::NearMiss;
use crate::decision::reasons::{Code, Reason};
use crate::decision::record::{Record, Version, Versions};
use crate::decision::signal::{Signal, Signals};
use crate::decision::situation::{CarrierAbility, Situation};
use crate::decision::texts::Texts;
use crate::domain::action::{Action, AlternativeKind, DecisionState, Obligation, Origin};
use crate::domain::hazard::Hazard;
use crate::domain::ids::{ContactId, DecisionId, ItemId, KeyId, LockerId};
use crate::domain::profile::Ratchet;
use crate::domain::units::{Currency, Digest, Timestamp};
use crate::service::shown::Shown;

const NOW: Timestamp = Timestamp::from_micros(1_781_092_800_250_000);

fn situation() -> Situation {
    let eur = Currency::parse("EUR").unwrap();
    let accepts = Accepts {
        now: NOW,
        currencies: [eur].into(),
        driven: false,
    };
    let message = pb::Order {
        order_id: "o1".to_owned(),
        customer_id: "c1".to_owned(),
        currency_code: "EUR".to_owned(),
        items: vec![pb::Item {
            unit_price_minor: Some(89_900),
            ..pb::Item::default()
        }],
        delivery: Some(pb::Delivery {
            address_key: "a1".to_owned(),
            ..pb::Delivery::default()
        }),
        ..pb::Order::default()
    };
    let mut signals = Signals::default();
    signals.set(Signal::OrderValue, Some(899.0));
    signals.set(Signal::NewDevice, Some(1.0));
    Situation {
        order: Arc::new(super::super::order(message, &accepts).unwrap()),
        now: NOW,
        signals,
        base: eur,
        base_cents: 1.0,
        own_parcels: Some(1),
        other_parcels: 0,
        contacts: Vec::new(),
        changes: Vec::new(),
        carrier: CarrierAbility {
            capabilities: Vec::new(),
            code_ready: true,
            inspection_s: 60,
        },
        lockers: Vec::new(),
        restricted: false,
        weakly_packed: Vec::new(),
        resale: vec![0.9],
        unsealed: false,
        review_lapsed: false,
        asked: None,
        used: None,
    }
}

fn part(signal: Signal, with: Option<Signal>, log_odds: i64) -> Contribution {
    Contribution {
        signal,
        with,
        log_odds,
    }
}

fn score(hazard: Hazard) -> HazardScore {
    let contributions = vec![
        part(Signal::OrderValue, None, 1_234_567),
        part(Signal::AddressNew, None, 10_001),
        part(Signal::NewDevice, Some(Signal::PasswordResetHours), -7),
    ];
    HazardScore {
        hazard,
        probability: 0.02,
        base: -5_123_457,
        log_odds: -5_123_457 + 1_234_567 + 10_001 - 7,
        contributions,
    }
}

fn cost(action: Action) -> ActionCost {
    let mut terms = [0.0; Term::COUNT];
    terms[Term::Loss(Hazard::CourierTheft).index()] = 12.5;
    terms[Term::DoorSaved.index()] = -50.0;
    let feasible = action != Action::LockerOnly;
    ActionCost {
        action,
        feasible,
        total: -37.5,
        terms,
        infeasible_because: if feasible {
            Vec::new()
        } else {
            vec![Code::NoLockerInReach]
        },
    }
}

fn reason(code: Code, signal: Signal, contribution: i64) -> Reason {
    Reason {
        hazard: Some(Hazard::CourierTheft),
        signal: Some(signal),
        value: Some(899.0),
        contribution,
        cost_cents: 250.0,
        ..Reason::plain(code)
    }
}

fn answer() -> Decision {
    Decision {
        action: Action::Otp,
        own_action: Action::Otp,
        items: vec![ItemRequirement {
            item_id: ItemId::try_new("1").unwrap(),
            needs_code: true,
            obligations: vec![Obligation::LateReveal],
        }],
        obligations: vec![Obligation::LateReveal, Obligation::Photo],
        code_contact_id: ContactId::try_new("sms-81").ok(),
        notify_contact_ids: vec![ContactId::try_new("mail-1").unwrap()],
        locker_ids: vec![LockerId::try_new("l1").unwrap()],
        alternatives: vec![Alternative {
            alternative_id: "locker:l1".to_owned(),
            kind: AlternativeKind::Locker,
            action: Action::LockerOnly,
            contact_id: None,
            locker_id: LockerId::try_new("l1").ok(),
            secured_drop: None,
            obligations: Vec::new(),
        }],
        reasons: vec![
            Reason {
                value: Some(0.1),
                ..Reason::plain(Code::ModelRisk)
            },
            reason(Code::OrderValue, Signal::OrderValue, 1_234_567),
            reason(Code::NewDevice, Signal::NewDevice, 400_000),
            reason(Code::ResaleValue, Signal::Resale, 300_000),
            Reason::plain(Code::NoLockerInReach),
        ],
        risk: 0.1,
        hazards: std::array::from_fn(|place| score(Hazard::ALL[place])),
        costs: std::array::from_fn(|place| cost(Action::ALL[place])),
        skipped_rules: vec![SkippedRule {
            rule: "dear".to_owned(),
            signal: "spend_vs_usual".to_owned(),
        }],
        random_check: Some(RandomCheck {
            drawn: false,
            kind: None,
            ratcheted: false,
            key_id: KeyId::try_new("2026-06").unwrap(),
            slot: 1,
            counter: 7,
            draw_micro: 4_711,
        }),
        propensities: [1_000, 990_000, 9_000, 0, 0],
        ratchet: Ratchet::default(),
    }
}

fn shown(decision: Decision) -> Shown {
    let version = |id: &str| Version {
        id: id.to_owned(),
        digest: Digest::of(id.as_bytes()),
    };
    let situation = situation();
    let record = Record {
        decision_id: DecisionId::try_new("0198-7").unwrap(),
        revision: 3,
        origin: Origin::Service,
        decided_at: NOW,
        valid_until: NOW,
        unit: situation.order.unit(),
        content: Digest([1; 32]),
        versions: Arc::new(Versions {
            policy: version("policy"),
            model: version("model"),
            catalogue: version("catalogue"),
            engine: version("engine"),
        }),
        situation,
        chance: Chance {
            draw: None,
            ratchet: Ratchet::default(),
        },
        decision,
        before: Digest([0; 32]),
        salt: [0; 32],
        digest: Digest([0xab; 32]),
    };
    Shown {
        record: Arc::new(record),
        state: Some(DecisionState::Open),
        valid_until: NOW,
        already_recorded: true,
        said: Vec::new(),
    }
}

fn explanation() -> Explanation {
    Explanation {
        near_misses: vec![NearMiss {
            rule: "dear".to_owned(),
            condition: "order_value > 900.0".to_owned(),
        }],
        counterfactuals: vec![Counterfactual {
            signal: Signal::OrderValue,
            from: Some(899.0),
            to: 90.0,
            action: Action::None,
        }],
    }
}

fn told(shown: &Shown, explained: Option<&Explanation>) -> pb::Decision {
    let texts = Texts::load();
    let words = texts.of(&shown.record.situation, &shown.record.decision, None);
    decision(shown, &words, explained)
}

#[test]
fn both_views_show_what_a_checkout_needs() {
    let shown = shown(answer());
    for explained in [None, Some(&explanation())] {
        let it = told(&shown, explained);
        assert_eq!((it.decision_id.as_str(), it.revision), ("0198-7", 3));
        assert_eq!(
            (it.order_id.as_str(), it.customer_id.as_str()),
            ("o1", "c1")
        );
        assert_eq!(it.state(), pb::DecisionState::Open);
        assert_eq!(it.origin(), pb::Origin::Service);
        assert!(it.already_recorded);
        assert_eq!(it.action(), pb::Action::Otp);
        assert_eq!(it.code_contact_id, "sms-81");
        assert_eq!(it.notify_contact_ids, ["mail-1"]);
        assert_eq!(it.locker_ids, ["l1"]);
        assert_eq!(it.items.len(), 1);
        assert!(it.items[0].needs_code);
        let owed: Vec<_> = it.obligations().collect();
        assert_eq!(owed, [pb::Obligation::LateReveal, pb::Obligation::Photo]);
        assert_eq!(it.alternatives[0].kind(), pb::AlternativeKind::Locker);
        assert!(!it.alternatives[0].customer_text.is_empty());
        assert_eq!(it.policy.unwrap().id, "policy");
        let at = it.decided_at.unwrap();
        assert_eq!((at.seconds, at.nanos), (1_781_092_800, 250_000_000));
    }
}

#[test]
fn basic_shows_two_reasons_by_code_and_text_and_nothing_that_led_to_them() {
    let it = told(&shown(answer()), None);
    let codes: Vec<_> = it
        .reasons
        .iter()
        .map(|reason| reason.code.as_str())
        .collect();
    assert_eq!(codes, ["ORDER_VALUE", "NEW_DEVICE"]);
    for reason in &it.reasons {
        let bare = pb::Reason {
            code: reason.code.clone(),
            customer_text: reason.customer_text.clone(),
            ..pb::Reason::default()
        };
        assert!(!reason.customer_text.is_empty());
        assert_eq!(*reason, bare);
    }
    let nothing_more = pb::Decision {
        reasons: it.reasons.clone(),
        risk: None,
        hazards: Vec::new(),
        cost_currency: String::new(),
        costs: Vec::new(),
        near_misses: Vec::new(),
        counterfactuals: Vec::new(),
        experiments: Vec::new(),
        random_check: None,
        propensities: Vec::new(),
        shadows: Vec::new(),
        skipped_rules: Vec::new(),
        record_digest: String::new(),
        ..it.clone()
    };
    assert_eq!(it, nothing_more);
}

#[test]
fn chance_is_a_door_confirmation_in_basic_and_itself_in_full() {
    for (code, ratcheted) in [(Code::RandomCheck, false), (Code::EarlierDraw, true)] {
        let mut decision = answer();
        decision.own_action = Action::None;
        decision.reasons = vec![Reason::plain(code.clone())];
        decision.random_check = decision.random_check.map(|check| RandomCheck {
            drawn: true,
            kind: Some(CheckKind::Verified),
            ratcheted,
            ..check
        });
        let shown = shown(decision);
        let basic = told(&shown, None);
        let codes: Vec<_> = basic.reasons.iter().map(|it| it.code.as_str()).collect();
        assert_eq!(codes, ["DOOR_CONFIRMATION"]);
        let full = told(&shown, Some(&explanation()));
        assert_eq!(full.reasons[0].code, code.text());
        let check = full.random_check.unwrap();
        assert!(check.drawn);
        assert_eq!(check.kind(), pb::RandomCheckKind::Verified);
        assert_eq!((check.slot, check.counter, check.draw_micro), (1, 7, 4_711));
    }
}

#[test]
fn full_shows_hazards_that_add_up_to_the_millionth() {
    let it = told(&shown(answer()), Some(&explanation()));
    assert_eq!(it.hazards.len(), 5);
    let micro = |natural: f64| (natural * 1e6).round();
    for hazard in &it.hazards {
        let parts: f64 = hazard
            .contributions
            .iter()
            .map(|it| micro(it.log_odds))
            .sum();
        let difference = micro(hazard.base_log_odds) + parts - micro(hazard.log_odds);
        assert!(difference.abs() < 0.5, "{difference}");
    }
    let [known, missing, pair] = it.hazards[0].contributions.as_slice() else {
        panic!("three contributions");
    };
    assert_eq!(
        (known.signal.as_str(), known.missing),
        ("order_value", false)
    );
    assert_eq!(known.value, Some(899.0));
    assert_eq!(known.unit, "base currency");
    assert_eq!((missing.value, missing.missing), (None, true));
    assert_eq!(pair.signal, "new_device*password_reset_hours");
    assert_eq!((pair.value, pair.missing), (None, true));
}

#[test]
fn full_prices_every_action_without_terms_of_nothing() {
    let it = told(&shown(answer()), Some(&explanation()));
    assert_eq!(it.cost_currency, "EUR");
    let actions: Vec<_> = it.costs.iter().map(pb::ActionCost::action).collect();
    let every = [
        pb::Action::None,
        pb::Action::Otp,
        pb::Action::ItemCodes,
        pb::Action::LockerOnly,
        pb::Action::Review,
    ];
    assert_eq!(actions, every);
    let names: Vec<_> = it.costs[0]
        .terms
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(names, ["loss", "door_saved"]);
    assert_eq!(it.costs[0].terms[0].hazard(), pb::Hazard::CourierTheft);
    assert_eq!(it.costs[3].infeasible_because, ["NO_LOCKER_IN_REACH"]);
    assert!(!it.costs[3].feasible);
    let micros: u32 = it.propensities.iter().map(|it| it.micro).sum();
    assert_eq!((it.propensities.len(), micros), (5, 1_000_000));
}

#[test]
fn full_tells_every_reason_and_what_would_have_been() {
    let it = told(&shown(answer()), Some(&explanation()));
    assert_eq!(it.reasons.len(), 5);
    assert_eq!(it.reasons[0].code, "MODEL_RISK");
    assert_eq!(it.reasons[0].contribution, None);
    let value = &it.reasons[1];
    assert_eq!(
        (value.signal.as_str(), value.value),
        ("order_value", Some(899.0))
    );
    assert_eq!(value.contribution, Some(1.234_567));
    assert_eq!(value.cost_minor, Some(250.0));
    assert!(!value.analyst_text.is_empty() && !value.customer_text.is_empty());
    assert_eq!(it.near_misses[0].rule, "dear");
    assert!(
        it.near_misses[0]
            .analyst_text
            .contains("order_value > 900.0")
    );
    let change = &it.counterfactuals[0];
    assert_eq!(
        (change.signal.as_str(), change.action()),
        ("order_value", pb::Action::None)
    );
    assert_eq!(it.skipped_rules[0].signal, "spend_vs_usual");
    assert_eq!(it.record_digest, "ab".repeat(32));
    assert_eq!(it.risk, Some(0.1));
}

#[test]
fn a_preview_stands_nowhere() {
    let mut decision = answer();
    decision.random_check = None;
    let shown = Shown {
        state: None,
        already_recorded: false,
        said: Vec::new(),
        ..shown(decision)
    };
    let it = told(&shown, Some(&explanation()));
    assert_eq!((it.decision_id.as_str(), it.revision), ("", 0));
    assert_eq!(it.state(), pb::DecisionState::Unspecified);
    assert_eq!(it.record_digest, "");
    assert_eq!(it.random_check, None);
}
