//! What is offered instead, and what never is.

use std::sync::Arc;

use crate::decision::answer::{Chance, Decision};
use crate::decision::fixtures::{contact, locker, release, situation_of};
use crate::decision::judge::judge;
use crate::decision::policy::Policy;
use crate::decision::signal::Signal;
use crate::decision::situation::{Fit, Situation};
use crate::domain::action::{Action, AlternativeKind, Obligation};
use crate::domain::ids::ContactId;
use crate::domain::order::{Capability, Category, ContactKind, SecuredDrop};
use crate::domain::profile::Ratchet;

const PREVIEW: Chance = Chance {
    draw: None,
    ratchet: Ratchet([[0; 3]; 3]),
};

fn laptop() -> Situation {
    let signals = [(Signal::Resale, 0.8), (Signal::TechItems, 1.0)];
    let mut situation = situation_of(Category::Laptop, 90_000, &signals);
    situation
        .carrier
        .capabilities
        .retain(|it| *it != Capability::IdCheck);
    situation
}

fn decide(situation: &Situation) -> Decision {
    judge(situation, &release(), &PREVIEW)
}

fn ruled(situation: &Situation, then: &str) -> Decision {
    let rule =
        format!("[[rules]]\nid = \"r\"\nwhen = [\"order_value > 0.0\"]\nthen = \"{then}\"\n");
    let text = format!("{}\n{rule}", include_str!("../../../models/policy.toml"));
    let mut release = release();
    release.policy = Arc::new(Policy::load(&text).unwrap());
    judge(situation, &release, &PREVIEW)
}

fn ids(decision: &Decision) -> Vec<&str> {
    let all = decision.alternatives.iter();
    all.map(|it| it.alternative_id.as_str()).collect()
}

#[test]
fn what_is_possible_is_offered_best_first() {
    let decision = decide(&laptop());
    assert_eq!(decision.action, Action::Otp);
    assert_eq!(
        ids(&decision),
        [
            "delegate",
            "other_day",
            "code:item_codes",
            "locker:locker-1"
        ]
    );
    let code = &decision.alternatives[2];
    assert!(code.obligations.contains(&Obligation::TamperSeal));
    assert_eq!(code.contact_id, decision.code_contact_id);
}

#[test]
fn an_identity_card_a_call_a_named_person_and_a_box_are_offered_where_they_are() {
    let check = |sentence: &str, change: &dyn Fn(&mut Situation), expected: &str| {
        let mut situation = laptop();
        let before = decide(&situation);
        assert!(!ids(&before).contains(&expected), "{sentence}: before");
        change(&mut situation);
        let after = decide(&situation);
        assert!(
            ids(&after).contains(&expected),
            "{sentence}: {:?}",
            ids(&after)
        );
    };
    check(
        "a carrier that checks identity",
        &|it| it.carrier.capabilities.push(Capability::IdCheck),
        "id_check",
    );
    check(
        "another telephone that may have the code",
        &|it| it.contacts.push(contact("voice-1", ContactKind::Voice)),
        "voice:voice-1",
    );
    check(
        "a parcel box",
        &|it| {
            let preferences = &mut Arc::make_mut(&mut it.order).preferences;
            preferences.secured_drop = Some(SecuredDrop::ParcelBox);
        },
        "secured_drop",
    );
    check(
        "a second locker",
        &|it| it.lockers.push(locker("locker-2", 900, Fit::Fits)),
        "locker:locker-2",
    );
}

#[test]
fn a_person_named_in_the_order_is_the_delegate() {
    let mut situation = laptop();
    let friend = ContactId::try_new("friend").unwrap();
    let preferences = &mut Arc::make_mut(&mut situation.order).preferences;
    preferences.delegate_contact_id = Some(friend.clone());
    let decision = decide(&situation);
    let kind = |it: &&crate::decision::answer::Alternative| it.kind == AlternativeKind::Delegate;
    let delegate = decision.alternatives.iter().find(kind).unwrap();
    assert_eq!(delegate.contact_id, Some(friend));
}

#[test]
fn an_unverified_telephone_gets_no_call() {
    let mut situation = laptop();
    situation
        .contacts
        .push(contact("voice-1", ContactKind::Voice));
    situation.contacts[1].verified = false;
    assert!(!ids(&decide(&situation)).contains(&"voice:voice-1"));
}

#[test]
fn three_lockers_at_most_nearest_first() {
    let mut situation = laptop();
    situation.lockers = (1..6)
        .map(|place| locker(&format!("locker-{place}"), place * 100, Fit::Fits))
        .collect();
    let decision = decide(&situation);
    let offered = decision
        .alternatives
        .iter()
        .filter_map(|it| it.locker_id.as_ref());
    let offered: Vec<&str> = offered.map(|it| it.as_str()).collect();
    assert_eq!(offered, ["locker-1", "locker-2", "locker-3"]);
    assert_eq!(decision.locker_ids.len(), 5);
}

#[test]
fn nothing_goes_round_a_rule() {
    let mut situation = laptop();
    let preferences = &mut Arc::make_mut(&mut situation.order).preferences;
    preferences.secured_drop = Some(SecuredDrop::ParcelBox);
    let check = |then: &str, action: Action, never: &[&str]| {
        let decision = ruled(&situation, then);
        assert_eq!(decision.action, action, "{then}");
        for id in never {
            assert!(!ids(&decision).contains(id), "{then}: {:?}", ids(&decision));
        }
    };
    check("at_least:otp", Action::Otp, &["secured_drop"]);
    check("forbid:none", Action::Otp, &["secured_drop"]);
    check(
        "at_least:item_codes",
        Action::ItemCodes,
        &["secured_drop", "code:otp"],
    );
    check("forbid:locker_only", Action::Otp, &["locker:locker-1"]);
    check("forbid:item_codes", Action::Otp, &["code:item_codes"]);
    let reviewed = ruled(&situation, "set:review");
    assert_eq!(
        (reviewed.action, ids(&reviewed)),
        (Action::Review, Vec::new())
    );
}

#[test]
fn where_nothing_is_asked_a_locker_is_still_a_choice() {
    let situation = situation_of(Category::Book, 1_500, &[(Signal::Resale, 0.0)]);
    let decision = decide(&situation);
    assert_eq!(decision.action, Action::None);
    assert_eq!(ids(&decision), ["locker:locker-1"]);
}

#[test]
fn a_locker_is_never_the_only_choice_where_there_is_another() {
    let mut situation = laptop();
    situation
        .signals
        .set(Signal::AttendedFailureRate, Some(0.5));
    let decision = ruled(&situation, "set:locker_only");
    assert_eq!(decision.action, Action::LockerOnly);
    assert_eq!(ids(&decision), ["locker:locker-1"], "a rule leaves no code");
    let lost = [
        (Signal::Resale, 0.4),
        (Signal::AddressPorchLosses180d, 2.0),
        (Signal::Dwelling, 2.0),
        (Signal::AttendedFailureRate, 0.3),
    ];
    let decision = decide(&situation_of(Category::Fashion, 12_000, &lost));
    assert_eq!(decision.action, Action::LockerOnly);
    let offered = ids(&decision);
    let others = ["code:otp", "other_day", "id_check"];
    assert!(others.iter().all(|it| offered.contains(it)), "{offered:?}");
}
