//! First values and changes, known contacts and unknown ones.

use super::{NOW, World, address, ago, contact, customer_id, hours_ago, order_id, same, simple};
use crate::decision::signal::Signal;
use crate::decision::signals::account_mark;
use crate::decision::situation::{Changed, ContactFacts, Situation};
use crate::domain::event::EventKind;
use crate::domain::ids::ContactId;
use crate::domain::order::{Category, Contact, ContactKind, Order, Unit};
use crate::domain::profile::Customer;
use crate::domain::units::{Span, Timestamp};

use Changed::{Address, Password};
use ContactKind::{Email, Sms, Voice};

const EMAIL: Changed = Changed::Contact(Email);
const SMS: Changed = Changed::Contact(Sms);

fn id(text: &str) -> ContactId {
    ContactId::try_new(text).unwrap()
}

/// A contact that became the customer's so many days ago.
fn dated(text: &str, kind: ContactKind, days: i64) -> Contact {
    Contact {
        changed_at: Some(ago(days)),
        verified_at: Some(ago(days)),
        ..contact(text, kind)
    }
}

fn changed(new: &str, previous: Option<&str>, kind: ContactKind) -> EventKind {
    EventKind::ContactChanged {
        customer_id: customer_id("c1"),
        contact_id: id(new),
        previous_contact_id: previous.map(id),
        kind,
        verified: Some(true),
    }
}

fn moved(key: &str) -> EventKind {
    EventKind::AddressChanged {
        customer_id: customer_id("c1"),
        address_key: address(key),
    }
}

#[track_caller]
fn changes(situation: &Situation, expected: &[(Changed, Timestamp)]) {
    let found: Vec<_> = situation
        .changes
        .iter()
        .map(|it| (it.what, it.at))
        .collect();
    assert_eq!(found, expected);
}

/// An order with these contacts, of an account that began so many days ago, where that is known.
fn with(contacts: Vec<Contact>, since_days: Option<i64>) -> Order {
    let mut order = simple("o1", Category::Phone, 89_900);
    order.contacts = contacts;
    order.customer_since_at = since_days.map(ago);
    order
}

fn found<'a>(situation: &'a Situation, text: &str) -> &'a ContactFacts {
    let mut all = situation.contacts.iter();
    all.find(|it| it.contact_id == id(text)).unwrap()
}

#[test]
fn values_told_by_the_order_alone() {
    let check = |name: &str, order: Order, expected: &[(Changed, Timestamp)]| {
        println!("{name}");
        changes(&World::new().measure(&order), expected);
    };
    check(
        "nobody dates anything",
        with(vec![contact("s", Sms)], None),
        &[],
    );
    check(
        "two of one sort, both new",
        with(vec![contact("s1", Sms), contact("s2", Sms)], None),
        &[],
    );
    check(
        "set up with the account",
        with(vec![dated("s", Sms, 3), dated("m", Email, 3)], Some(3)),
        &[],
    );
    check(
        "an account of 3 days, an e-mail of yesterday",
        with(vec![dated("s", Sms, 3), dated("m", Email, 1)], Some(3)),
        &[(EMAIL, ago(1))],
    );
    check(
        "the account's age is unknown: the earliest value begins it",
        with(vec![dated("s", Sms, 300), dated("m", Email, 1)], None),
        &[(EMAIL, ago(1))],
    );
    check(
        "one dated value is its own beginning",
        with(vec![dated("m", Email, 1)], None),
        &[],
    );
    check(
        "a change of a quarter ago is not told",
        with(vec![dated("s", Sms, 300), dated("m", Email, 91)], None),
        &[],
    );
    check(
        "one that nobody dates joins a dated one of its sort",
        with(vec![dated("m1", Email, 300), contact("m2", Email)], None),
        &[(EMAIL, NOW)],
    );
    check(
        "but not one of another sort",
        with(vec![dated("m1", Email, 300), contact("s", Sms)], None),
        &[],
    );
    check(
        "a telephone number is one sort, called or texted",
        with(vec![dated("s", Sms, 300), contact("v", Voice)], None),
        &[(Changed::Contact(Voice), NOW)],
    );
    check(
        "a replaced value counts by its own beginning",
        with(
            vec![
                Contact {
                    replaced_at: Some(ago(5)),
                    ..dated("m1", Email, 300)
                },
                dated("m2", Email, 5),
            ],
            Some(300),
        ),
        &[(EMAIL, ago(5))],
    );
    check(
        "one whose beginning nobody tells is no change, and what follows it is none of the first",
        with(
            vec![
                Contact {
                    replaced_at: Some(ago(5)),
                    ..contact("m1", Email)
                },
                contact("m2", Email),
            ],
            None,
        ),
        &[(EMAIL, NOW)],
    );
    check(
        "a clock that runs ahead",
        with(
            vec![
                dated("s", Sms, 300),
                Contact {
                    changed_at: Some(NOW.plus(Span::minutes(4))),
                    ..contact("m", Email)
                },
            ],
            None,
        ),
        &[(EMAIL, NOW)],
    );
    let mut order = with(Vec::new(), Some(300));
    order.delivery.address_added_at = Some(ago(2));
    check("a dated address", order, &[(Address, ago(2))]);
    let mut order = with(Vec::new(), None);
    order.session.password_reset_at = Some(hours_ago(30));
    check("a reset password", order, &[(Password, hours_ago(30))]);
}

#[test]
fn values_told_by_history() {
    let check = |name: &str,
                 build: &dyn Fn(&mut World),
                 order: Order,
                 expected: &[(Changed, Timestamp)]| {
        let mut world = World::new();
        build(&mut world);
        println!("{name}");
        changes(&world.measure(&order), expected);
    };
    let past = |world: &mut World| world.told("p1", 100, 5_000, |_| {});
    check("an old address", &past, with(vec![], None), &[]);
    check(
        "a new address joins it",
        &past,
        Order {
            delivery: crate::domain::order::Delivery {
                address_key: address("a2"),
                ..with(vec![], None).delivery
            },
            ..with(vec![], None)
        },
        &[(Address, NOW)],
    );
    check(
        "a first contact of an old customer",
        &past,
        with(vec![contact("s", Sms)], None),
        &[],
    );
    check(
        "a dated contact of an old customer",
        &past,
        with(vec![dated("m", Email, 2)], None),
        &[(EMAIL, ago(2))],
    );
    check(
        "an e-mail took another's place",
        &|world| {
            past(world);
            world.tell(ago(2), changed("m2", Some("m1"), Email));
        },
        with(vec![contact("s", Sms)], None),
        &[(EMAIL, ago(2))],
    );
    check(
        "even where nothing else is known",
        &|world| world.tell(ago(2), changed("m2", Some("m1"), Email)),
        with(vec![], None),
        &[(EMAIL, ago(2))],
    );
    check(
        "but a first one does not",
        &|world| world.tell(ago(2), changed("m1", None, Email)),
        with(vec![], None),
        &[],
    );
    check(
        "within a day of the account's beginning",
        &|world| world.tell(ago(2), changed("m2", Some("m1"), Email)),
        with(vec![], Some(2)),
        &[],
    );
    check(
        "moved, and the password after it",
        &|world| {
            past(world);
            world.tell(ago(20), moved("a2"));
            let customer_id = customer_id("c1");
            world.tell(ago(1), EventKind::PasswordReset { customer_id });
        },
        with(vec![], None),
        &[(Address, ago(20)), (Password, ago(1))],
    );
    check(
        "an order before brought a number that nobody dated",
        &|world| {
            let mut first = with(vec![contact("s1", Sms)], None);
            first.order_id = order_id("p1");
            world.place(&first, ago(50));
            first.order_id = order_id("p2");
            first.contacts = vec![contact("s2", Sms)];
            world.place(&first, ago(10));
        },
        with(vec![contact("s1", Sms), contact("s2", Sms)], None),
        &[(SMS, ago(10))],
    );
    check(
        "a value that came back",
        &|world| {
            world.tell(ago(300), changed("m1", None, Email));
            world.tell(ago(200), changed("m2", Some("m1"), Email));
            world.tell(ago(3), changed("m1", Some("m2"), Email));
        },
        with(vec![], Some(300)),
        &[(EMAIL, ago(3))],
    );
    check(
        "rerouted to where nobody ever ordered",
        &|world| {
            past(world);
            world.place(&with(vec![], None), ago(3));
            let order_id = order_id("o1");
            let address_key = address("b");
            let rerouted = EventKind::OrderRerouted {
                order_id,
                address_key,
            };
            world.tell(ago(1), rerouted);
        },
        with(vec![], None),
        &[(Address, ago(1))],
    );
}

#[test]
fn change_days_count_from_the_latest_change_of_a_sort() {
    let mut world = World::new();
    world.told("p1", 100, 5_000, |_| {});
    world.tell(ago(9), changed("m2", Some("m1"), Email));
    world.tell(ago(4), changed("m3", Some("m2"), Email));
    world.tell(ago(6), changed("v2", Some("v1"), Voice));
    world.tell(ago(20), moved("a2"));
    let mut order = with(vec![], None);
    order.session.password_reset_at = Some(hours_ago(3));
    let situation = world.measure(&order);
    same(&situation, Signal::EmailChangeDays, Some(4.0));
    same(&situation, Signal::PhoneChangeDays, Some(6.0));
    same(&situation, Signal::ContactChangeDays, Some(4.0));
    same(&situation, Signal::AddressChangeDays, Some(20.0));
    same(&situation, Signal::PasswordResetHours, Some(3.0));
    same(&situation, Signal::AccountAgeDays, None);
    order.customer_since_at = Some(ago(400));
    same(&world.measure(&order), Signal::AccountAgeDays, Some(400.0));
}

#[test]
fn contacts_are_those_of_order_and_history_together() {
    let mut world = World::new();
    let mut first = with(vec![contact("s1", Sms), contact("m1", Email)], None);
    first.order_id = order_id("p1");
    first.contacts[1].verified = None;
    world.place(&first, ago(50));
    world.tell(ago(5), changed("m2", Some("m1"), Email));

    let none = world.measure(&with(vec![], None));
    let of = |text: &str| found(&none, text).clone();
    let times = |it: &ContactFacts| (it.since, it.verified, it.verified_at, it.current);
    let old = Some(ago(50));
    assert_eq!(times(&of("s1")), (old, true, old, true));
    assert_eq!(times(&of("m1")), (old, false, None, false), "replaced");
    assert_eq!(times(&of("m2")), (Some(ago(5)), true, Some(ago(5)), true));

    let listed = world.measure(&with(vec![contact("s2", Sms), contact("m1", Email)], None));
    let of = |text: &str| found(&listed, text).clone();
    assert!(!of("s1").current, "the order lists the current ones");
    assert_eq!(
        times(&of("s2")),
        (Some(NOW), true, None, true),
        "new at receipt"
    );
    assert_eq!(
        times(&of("m1")),
        (old, true, None, true),
        "verified, nobody knows when"
    );
    assert_eq!(listed.contacts.len(), 4);
    let ids: Vec<&str> = listed
        .contacts
        .iter()
        .map(|it| it.contact_id.as_str())
        .collect();
    assert_eq!(ids, ["m1", "m2", "s1", "s2"]);
}

#[test]
fn what_the_order_says_of_a_contact_goes_before_history() {
    let mut world = World::new();
    let mut first = with(vec![contact("s1", Sms)], None);
    first.order_id = order_id("p1");
    world.place(&first, ago(50));
    let told = |change: fn(&mut Contact)| {
        let mut one = contact("s1", Sms);
        change(&mut one);
        found(&world.measure(&with(vec![one], None)), "s1").clone()
    };
    let check = |change: fn(&mut Contact), expected: (Option<i64>, bool, Option<i64>)| {
        let fact = told(change);
        let (since, verified, verified_at) = expected;
        assert_eq!(fact.since, since.map(ago));
        assert_eq!(fact.verified, verified);
        assert_eq!(fact.verified_at, verified_at.map(ago));
    };
    check(|_| {}, (Some(50), true, Some(50)));
    check(
        |it| it.changed_at = Some(ago(90)),
        (Some(90), true, Some(50)),
    );
    check(|it| it.changed_at = Some(ago(2)), (Some(2), true, Some(50)));
    check(
        |it| it.verified_at = Some(ago(80)),
        (Some(50), true, Some(80)),
    );
    check(|it| it.verified = None, (Some(50), true, Some(50)));
    check(|it| it.verified = Some(false), (Some(50), false, None));
    let unknown = told(|it| it.kind = ContactKind::Unknown);
    assert_eq!(unknown.kind, Sms);
    let replaced = told(|it| it.replaced_at = Some(ago(1)));
    assert!(!replaced.current);
    let theirs = told(|it| it.recipient = Some(true));
    assert!(theirs.recipient);
}

#[test]
fn a_contact_whose_beginning_nobody_tells_counts_as_from_before_nothing() {
    let old = Contact {
        verified_at: Some(ago(300)),
        replaced_at: Some(ago(2)),
        ..contact("m1", Email)
    };
    let order = with(vec![old, dated("m2", Email, 2)], Some(300));
    let situation = World::new().measure(&order);
    assert_eq!(found(&situation, "m1").since, None);
    changes(&situation, &[(EMAIL, ago(2))]);
}

#[test]
fn the_mark_follows_what_somebody_dated() {
    let customer = |build: &dyn Fn(&mut World)| {
        let mut world = World::new();
        build(&mut world);
        let unit = Unit::Customer(customer_id("c1"));
        world.snapshot.customers.remove(&unit).unwrap_or_default()
    };
    let check = |name: &str, build: &dyn Fn(&mut World), expected: Option<i64>| {
        let mark = account_mark(&customer(build));
        assert_eq!(mark.is_some(), expected.is_some(), "{name}");
    };
    assert_eq!(account_mark(&Customer::default()), None);
    let past = |world: &mut World| world.told("p1", 100, 5_000, |_| {});
    check("orders alone", &past, None);
    check(
        "another order's new address is no news",
        &|world| {
            past(world);
            world.told("p2", 1, 5_000, |it| it.address_key = address("a2"));
        },
        None,
    );
    check(
        "a changed e-mail",
        &|world| {
            past(world);
            world.tell(ago(3), changed("m2", Some("m1"), Email));
        },
        Some(3),
    );
    check(
        "a first e-mail",
        &|world| world.tell(ago(3), changed("m1", None, Email)),
        None,
    );
    check(
        "moved",
        &|world| {
            past(world);
            world.tell(ago(3), moved("a2"));
        },
        Some(3),
    );
    check(
        "a reset",
        &|world| {
            let customer_id = customer_id("c1");
            world.tell(ago(1), EventKind::PasswordReset { customer_id });
        },
        Some(1),
    );
    check(
        "told by an order",
        &|world| {
            let contacts = vec![dated("s", Sms, 300), dated("m", Email, 2)];
            world.place(&with(contacts, None), NOW);
        },
        Some(2),
    );
}

#[test]
fn sending_an_order_again_moves_no_mark() {
    let mut world = World::new();
    world.told("p1", 100, 5_000, |_| {});
    let contacts = vec![
        contact("s", Sms),
        dated("m1", Email, 300),
        dated("m2", Email, 2),
        contact("v", Voice),
    ];
    let mut order = with(contacts, Some(300));
    order.delivery.address_key = address("a2");
    order.session.password_reset_at = Some(NOW.plus(Span::minutes(4)));
    world.place(&order, NOW);
    let unit = Unit::Customer(customer_id("c1"));
    let mark = account_mark(&world.snapshot.customers[&unit]);
    assert!(mark.is_some());
    let later = NOW.plus(Span::minutes(1));
    let first = world.measure_at(&order, later).changes;
    world.place(&order, later);
    let again = world.measure_at(&order, later).changes;
    assert_eq!(first, again);
    assert_eq!(account_mark(&world.snapshot.customers[&unit]), mark);
    // A change told late that is older than all others is news too: it decides what is from before.
    let customer = world.snapshot.customers.get_mut(&unit).unwrap();
    customer.resets.insert(ago(5));
    assert_ne!(account_mark(customer), mark);
}

#[test]
fn the_recipient_of_a_gift_is_no_part_of_the_account() {
    let mut world = World::new();
    let mut gift = with(
        vec![dated("s1", Sms, 300), contact("theirs", Sms)],
        Some(300),
    );
    gift.delivery.gift = Some(true);
    gift.contacts[1].recipient = Some(true);
    gift.order_id = order_id("p1");
    changes(&world.measure(&gift), &[]);
    world.place(&gift, ago(3));
    let own = world.measure(&with(vec![], None));
    changes(&own, &[]);
    let ids: Vec<&str> = own
        .contacts
        .iter()
        .map(|it| it.contact_id.as_str())
        .collect();
    assert_eq!(ids, ["s1"]);
}
