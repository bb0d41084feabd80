//! Hard constraints and the choice of a contact, by tables.

use std::sync::Arc;

use proptest::prelude::*;

use crate::decision::fixtures::{NOW, contact, locker, situation_of, situations};
use crate::decision::policy::{DEFAULT, Feasible, Policy};
use crate::decision::reasons::Code;
use crate::decision::situation::{Change, Changed, ContactFacts, Fit, Situation};
use crate::domain::action::Action;
use crate::domain::ids::ContactId;
use crate::domain::order::{AddressType, Capability, Category, ContactKind, Order};
use crate::domain::units::{Span, Timestamp};

fn feasible(differs: impl FnOnce(&mut Situation)) -> Feasible {
    let mut situation = situation_of(Category::Tool, 20_000, &[]);
    differs(&mut situation);
    Policy::load(DEFAULT).unwrap().feasible(&situation)
}

fn ordered(differs: impl FnOnce(&mut Order)) -> Feasible {
    feasible(|situation| differs(Arc::make_mut(&mut situation.order)))
}

fn days_ago(days: i64) -> Timestamp {
    NOW.minus(Span::days(days))
}

fn changed(days: i64, what: Changed) -> Change {
    Change {
        at: days_ago(days),
        what,
    }
}

/// A contact that became the customer's, and was verified, so many days ago.
fn since(id: &str, kind: ContactKind, days: i64) -> ContactFacts {
    ContactFacts {
        since: Some(days_ago(days)),
        verified_at: Some(days_ago(days)),
        ..contact(id, kind)
    }
}

const NOTHING: [Code; 0] = [];

/// Otp, item codes and locker, by why they are not possible.
fn check(name: &str, found: &Feasible, expected: [&[Code]; 3]) {
    let [_, otp, item_codes, locker_only, _] = &found.because;
    assert_eq!(
        [otp, item_codes, locker_only].map(Vec::as_slice),
        expected,
        "{name}"
    );
    assert!(
        found.allows(Action::None) && found.allows(Action::Review),
        "{name}"
    );
    assert_eq!(
        found.lockers.is_empty(),
        !found.allows(Action::LockerOnly),
        "{name}"
    );
}

#[test]
fn the_usual_order_can_get_every_action() {
    check("usual", &feasible(|_| {}), [&NOTHING; 3]);
}

#[test]
fn parcels_at_the_stop_decide_whether_one_code_can_serve() {
    let several: [&[Code]; 3] = [&[Code::SeveralParcelsAtStop], &[], &[]];
    let unknown: [&[Code]; 3] = [&[Code::ParcelsUnknown], &[], &[]];
    check(
        "two of its own",
        &feasible(|it| it.own_parcels = Some(2)),
        several,
    );
    check(
        "one of another",
        &feasible(|it| it.other_parcels = 1),
        several,
    );
    check("unknown", &feasible(|it| it.own_parcels = None), unknown);
    let both = |it: &mut Situation| (it.own_parcels, it.other_parcels) = (None, 1);
    check("unknown, and one of another", &feasible(both), several);
}

#[test]
fn addresses_and_carriers_decide_whether_codes_can_be_asked() {
    let at = |kind| ordered(|it| it.delivery.address_type = Some(kind));
    let none: &[Code] = &[Code::NoCodePossible];
    check(
        "post-office box",
        &at(AddressType::PoBox),
        [none, none, &[]],
    );
    check(
        "locker",
        &at(AddressType::Locker),
        [none, none, &[Code::AlreadyCollected]],
    );
    check(
        "pick-up point",
        &at(AddressType::PickupPoint),
        [none, none, &[Code::AlreadyCollected]],
    );
    check("forwarder", &at(AddressType::Forwarder), [&NOTHING; 3]);
    let without = |which| feasible(move |it| it.carrier.capabilities.retain(|can| *can != which));
    check("no code", &without(Capability::Code), [none, none, &[]]);
    check(
        "no code a parcel",
        &without(Capability::PerParcelCode),
        [&[], none, &[]],
    );
    let bare = feasible(|it| it.carrier.capabilities.clear());
    check("no capability", &bare, [none, none, &[]]);
    let late: &[Code] = &[Code::CarrierNotReady];
    check(
        "not ready",
        &feasible(|it| it.carrier.code_ready = false),
        [late, late, &[]],
    );
}

#[test]
fn every_reason_is_told_and_not_the_first_alone() {
    let found = feasible(|it| {
        Arc::make_mut(&mut it.order).preferences.cannot_use_codes = true;
        it.carrier.capabilities.clear();
        it.carrier.code_ready = false;
        it.contacts.clear();
        it.own_parcels = Some(2);
        it.restricted = true;
        it.lockers.clear();
    });
    let codes = [
        Code::NoCodePossible,
        Code::CarrierNotReady,
        Code::NoContact,
        Code::AccessExempt,
    ];
    let otp = [codes.as_slice(), &[Code::SeveralParcelsAtStop]].concat();
    let locker = [Code::LockerDoesNotFit, Code::NoLockerInReach];
    check("everything", &found, [&otp, &codes, &locker]);
}

#[test]
fn what_the_customer_asked_for_excludes_and_never_scores() {
    let exempt: &[Code] = &[Code::AccessExempt];
    let no_codes = ordered(|it| it.preferences.cannot_use_codes = true);
    check("cannot use codes", &no_codes, [exempt, exempt, &[]]);
    let no_door = ordered(|it| it.preferences.cannot_come_to_door = true);
    check("cannot come to the door", &no_door, [exempt; 3]);
    let delegate = ordered(|it| {
        it.preferences.cannot_come_to_door = true;
        it.preferences.delegate_contact_id = Some(ContactId::try_new("d").unwrap());
    });
    check("a delegate comes", &delegate, [&[], &[], exempt]);
    let steps = |step_free: bool| {
        feasible(move |it| {
            Arc::make_mut(&mut it.order).preferences.step_free_only = true;
            it.lockers[0].step_free = step_free;
        })
    };
    check("steps before the locker", &steps(false), [&[], &[], exempt]);
    check("no steps before the locker", &steps(true), [&NOTHING; 3]);
}

#[test]
fn a_locker_must_fit_and_be_in_reach() {
    let with = |lockers| feasible(move |it| it.lockers = lockers).because[3].clone();
    let far = locker("far", 2_001, Fit::Fits);
    let small = locker("small", 100, Fit::DoesNotFit);
    let unknown = locker("unknown", 100, Fit::SizeUnknown);
    let near = locker("near", 2_000, Fit::Fits);
    assert_eq!(with(vec![]), [Code::NoLockerInReach]);
    assert_eq!(with(vec![far.clone()]), [Code::NoLockerInReach]);
    assert_eq!(
        with(vec![small.clone(), far.clone()]),
        [Code::LockerDoesNotFit]
    );
    assert_eq!(
        with(vec![small.clone(), unknown.clone()]),
        [Code::SizeUnknown]
    );
    assert_eq!(with(vec![small.clone(), near.clone()]), NOTHING);
    let mut somewhere = near.clone();
    somewhere.distance_m = None;
    assert_eq!(with(vec![somewhere]), NOTHING);
    let restricted = feasible(|it| it.restricted = true);
    assert_eq!(restricted.because[3], [Code::LockerDoesNotFit]);
    let listed = feasible(|it| it.lockers = vec![unknown, near, small, far]).lockers;
    assert_eq!(
        listed.iter().map(|it| it.as_str()).collect::<Vec<_>>(),
        ["near"]
    );
}

#[test]
fn a_code_goes_to_a_contact_from_before_the_change() {
    let sms = |days| since("sms", ContactKind::Sms, days);
    let mail = |days| since("mail", ContactKind::Email, days);
    let mail_changed = Changed::Contact(ContactKind::Email);
    let goes = |contacts: &[ContactFacts], changes: &[Change]| {
        let found = feasible(|it| {
            it.contacts = contacts.to_vec();
            it.changes = changes.to_vec();
        });
        assert_eq!(found.code_contact.is_none(), !found.because[1].is_empty());
        found.code_contact.map(|it| it.as_str().to_owned())
    };
    let one = |contact: ContactFacts, changes: &[Change]| goes(&[contact], changes).is_some();
    let none: &[Change] = &[];
    assert!(one(sms(1), none));
    assert!(!one(
        ContactFacts {
            verified: false,
            ..sms(100)
        },
        none
    ));
    assert!(!one(
        ContactFacts {
            current: false,
            ..sms(100)
        },
        none
    ));
    assert!(one(
        ContactFacts {
            since: None,
            verified_at: None,
            ..sms(100)
        },
        none
    ));

    let lately: &[Change] = &[changed(3, mail_changed)];
    assert!(one(sms(4), lately));
    assert!(!one(sms(3), lately));
    assert!(!one(sms(2), lately));
    assert!(one(
        ContactFacts {
            current: false,
            ..sms(100)
        },
        lately
    ));
    assert!(!one(
        ContactFacts {
            since: None,
            ..sms(100)
        },
        lately
    ));
    assert!(!one(
        ContactFacts {
            verified_at: None,
            ..sms(100)
        },
        lately
    ));
    assert!(!one(
        ContactFacts {
            verified_at: Some(days_ago(2)),
            ..sms(100)
        },
        lately
    ));
    assert!(!one(
        ContactFacts {
            verified: false,
            ..sms(100)
        },
        lately
    ));

    let twice = [changed(10, Changed::Address), changed(3, mail_changed)];
    assert!(
        !one(sms(9), &twice),
        "the earliest change inside the window counts"
    );
    assert!(one(sms(11), &twice));
    let reset = [changed(5, Changed::Password)];
    assert!(!one(sms(4), &reset));
    assert!(
        one(sms(4), &[changed(14, mail_changed)]),
        "the window is over after 14 days"
    );
    assert!(!one(
        sms(4),
        &[Change {
            at: days_ago(14).plus(Span::seconds(1)),
            what: mail_changed
        }]
    ));

    let both = [mail(100), sms(2)];
    assert_eq!(goes(&both, none).as_deref(), Some("sms"));
    assert_eq!(goes(&both, lately).as_deref(), Some("mail"));
}

#[test]
fn a_missing_contact_is_told_for_what_it_is() {
    let why = |contacts: Vec<ContactFacts>, changes: Vec<Change>| {
        feasible(|it| (it.contacts, it.changes) = (contacts, changes)).because[1].clone()
    };
    let sms = contact("sms", ContactKind::Sms);
    let unproven = ContactFacts {
        verified: false,
        ..sms.clone()
    };
    let new = since("new", ContactKind::Sms, 0);
    let lately = vec![changed(1, Changed::Address)];
    assert_eq!(why(vec![], vec![]), [Code::NoContact]);
    assert_eq!(why(vec![unproven.clone()], vec![]), [Code::NoContact]);
    assert_eq!(why(vec![new], lately.clone()), [Code::NoPriorContact]);
    assert_eq!(
        why(vec![unproven], lately),
        [Code::NoContact, Code::NoPriorContact]
    );
    let gift = |contacts: Vec<ContactFacts>| {
        let mut found = None;
        let because = feasible(|it| {
            let order = Arc::make_mut(&mut it.order);
            order.delivery.recipient_is_buyer = Some(false);
            it.contacts = contacts;
        });
        found.clone_from(&because.code_contact);
        (
            because.because[1].clone(),
            found.map(|it| it.as_str().to_owned()),
        )
    };
    let recipient = ContactFacts {
        recipient: true,
        ..contact("theirs", ContactKind::Post)
    };
    let shy = ContactFacts {
        verified: false,
        ..recipient.clone()
    };
    assert_eq!(
        gift(vec![sms.clone()]),
        (vec![Code::GiftWithoutContact], None)
    );
    assert_eq!(
        gift(vec![sms.clone(), recipient]),
        (vec![], Some("theirs".to_owned()))
    );
    assert_eq!(gift(vec![sms, shy]), (vec![Code::NoContact], None));
    let said = ordered(|it| it.delivery.gift = Some(true));
    assert_eq!(said.because[1], [Code::GiftWithoutContact]);
    let unsaid = ordered(|it| it.delivery.gift = None);
    assert_eq!(unsaid.because[1], NOTHING);
}

#[test]
fn of_several_contacts_the_soonest_then_the_oldest_is_chosen() {
    let chosen = |contacts: Vec<ContactFacts>| {
        let found = feasible(|it| it.contacts = contacts).code_contact;
        found.map(|it| it.as_str().to_owned()).unwrap_or_default()
    };
    let of = |kind, days| since(&format!("{kind:?}-{days}"), kind, days);
    let (push, sms, voice) = (ContactKind::Push, ContactKind::Sms, ContactKind::Voice);
    let (email, post) = (ContactKind::Email, ContactKind::Post);
    assert_eq!(chosen(vec![of(sms, 50), of(push, 10)]), "Push-10");
    assert_eq!(chosen(vec![of(voice, 50), of(sms, 10)]), "Sms-10");
    assert_eq!(chosen(vec![of(email, 50), of(voice, 10)]), "Voice-10");
    assert_eq!(chosen(vec![of(post, 50), of(email, 10)]), "Email-10");
    assert_eq!(
        chosen(vec![of(sms, 10), of(sms, 50), of(sms, 20)]),
        "Sms-50"
    );
    let undated = ContactFacts {
        since: None,
        ..contact("a", sms)
    };
    assert_eq!(chosen(vec![undated, of(sms, 10)]), "Sms-10");
}

#[test]
fn after_a_change_contacts_from_before_are_told() {
    let found = feasible(|it| {
        it.contacts = vec![
            since("mail-old", ContactKind::Email, 50),
            since("mail-new", ContactKind::Email, 1),
            since("sms", ContactKind::Sms, 20),
            ContactFacts {
                recipient: true,
                ..since("theirs", ContactKind::Sms, 50)
            },
        ];
        it.contacts[0].current = false;
        it.changes = vec![changed(1, Changed::Contact(ContactKind::Email))];
    });
    let told: Vec<&str> = found.notify.iter().map(|it| it.as_str()).collect();
    assert_eq!(told, ["sms", "mail-old"]);
    assert!(found.prior);
    assert_eq!(found.changed_at, Some(days_ago(1)));
    assert!(feasible(|_| {}).notify.is_empty());
}

proptest! {
    #[test]
    fn the_promises_hold_under_every_situation(situation in situations()) {
        let found = Policy::load(DEFAULT).unwrap().feasible(&situation);
        let order = &situation.order;
        let codes = found.allows(Action::Otp) || found.allows(Action::ItemCodes);
        prop_assert!(found.allows(Action::None) && found.allows(Action::Review));
        if situation.own_parcels.is_none_or(|own| own + situation.other_parcels > 1) {
            prop_assert!(!found.allows(Action::Otp));
        }
        if order.preferences.cannot_use_codes || !situation.carrier.can(Capability::Code) {
            prop_assert!(!codes);
        }
        if order.preferences.cannot_come_to_door {
            prop_assert!(!found.allows(Action::LockerOnly));
            prop_assert!(!codes || order.preferences.delegate_contact_id.is_some());
        }
        if !situation.carrier.can(Capability::PerParcelCode) {
            prop_assert!(!found.allows(Action::ItemCodes));
        }
        prop_assert!(!codes || found.code_contact.is_some());
        let window = situation.changes.iter().filter(|it| it.at > NOW.minus(Span::days(14)));
        let earliest = window.map(|it| it.at).min();
        if let (Some(chosen), Some(at)) = (&found.code_contact, earliest) {
            let known = situation.contacts.iter().find(|it| it.contact_id == *chosen).unwrap();
            prop_assert!(known.verified && known.verified_at < Some(at) && known.since < Some(at));
            prop_assert!(known.verified_at.is_some() && known.since.is_some());
        }
        for id in &found.lockers {
            let known = situation.lockers.iter().filter(|it| it.locker_id == *id);
            let usable = |it: &crate::decision::situation::LockerFacts| {
                it.fit == Fit::Fits && it.distance_m.is_none_or(|far| far <= 2_000)
                    && (it.step_free || !order.preferences.step_free_only)
            };
            prop_assert!(known.clone().any(usable));
        }
    }
}
