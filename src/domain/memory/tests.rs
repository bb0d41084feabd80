//! What stays of orders and events, in whatever order they come.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::{remember, remember_event};
use crate::domain::event::{Event, EventKind, OrderPlaced};
use crate::domain::ids::{AddressKey, ContactId, CustomerId, EventId, OrderId, SharedKey};
use crate::domain::order::{
    Carrier, Contact, ContactKind, Delivery, Order, Preferences, Session, Stage,
};
use crate::domain::profile::{Customer, KNOWN_MAX, RESETS_MAX};
use crate::domain::units::{Currency, Span, Timestamp};

const NOW: Timestamp = Timestamp::from_micros(1_781_092_800_000_000);

fn ago(hours: i64) -> Timestamp {
    NOW.minus(Span::hours(hours))
}

fn contact_id(id: &str) -> ContactId {
    ContactId::try_new(id).unwrap()
}

fn address(key: &str) -> AddressKey {
    AddressKey::try_new(key).unwrap()
}

fn order(contacts: Vec<Contact>) -> Order {
    Order {
        order_id: OrderId::try_new("o").unwrap(),
        customer_id: CustomerId::try_new("c").ok(),
        placed_at: NOW,
        currency: Currency::parse("EUR").unwrap(),
        stage: Stage::Placed,
        customer_since_at: None,
        items: Vec::new(),
        parcels: Vec::new(),
        expected_parcels: None,
        delivery: Delivery {
            address_key: address("a"),
            address_type: None,
            address_added_at: None,
            gift: None,
            recipient_is_buyer: None,
            visible_from_street: None,
            expected_on: None,
            country_code: None,
            time_zone: None,
            window_start_at: None,
            window_end_at: None,
        },
        contacts,
        carrier: Carrier::default(),
        lockers: Vec::new(),
        preferences: Preferences::default(),
        session: Session::default(),
    }
}

fn contact(id: &str) -> Contact {
    Contact {
        contact_id: contact_id(id),
        kind: ContactKind::Sms,
        verified: None,
        verified_at: None,
        changed_at: None,
        replaced_at: None,
        recipient: None,
    }
}

fn event(at: Timestamp, kind: EventKind) -> Event {
    Event {
        event_id: EventId::try_new("e").unwrap(),
        occurred_at: at,
        kind,
    }
}

fn changed(new: &str, previous: Option<&str>) -> EventKind {
    EventKind::ContactChanged {
        customer_id: CustomerId::try_new("c").unwrap(),
        contact_id: contact_id(new),
        previous_contact_id: previous.map(contact_id),
        kind: ContactKind::Email,
        verified: Some(true),
    }
}

#[test]
fn a_contact_of_an_order_is_seen_at_receipt() {
    let check = |name: &str, change: fn(&mut Contact), expected: [Option<i64>; 3]| {
        let mut one = contact("s");
        change(&mut one);
        let mut customer = Customer::default();
        remember(&mut customer, &order(vec![one]), NOW);
        let known = customer.contacts[&contact_id("s")];
        assert_eq!(known.seen_at, NOW, "{name}");
        let found = [known.changed_at, known.verified_at, known.replaced_at];
        assert_eq!(found, expected.map(|it| it.map(ago)), "{name}");
    };
    check("nothing told", |_| {}, [None, None, None]);
    check(
        "verified",
        |it| it.verified = Some(true),
        [None, Some(0), None],
    );
    check(
        "verified, with a time",
        |it| {
            it.verified = Some(true);
            it.verified_at = Some(ago(9));
        },
        [None, Some(9), None],
    );
    check(
        "only a time",
        |it| it.verified_at = Some(ago(9)),
        [None, Some(9), None],
    );
    check(
        "denied",
        |it| {
            it.verified = Some(false);
            it.verified_at = Some(ago(9));
        },
        [None, None, None],
    );
    check(
        "replaced, and a beginning ahead of our clock",
        |it| {
            it.changed_at = Some(ago(-1));
            it.replaced_at = Some(ago(2));
        },
        [Some(0), None, Some(2)],
    );
}

#[test]
fn nothing_of_a_guest_is_remembered() {
    let mut guest = order(vec![contact("s")]);
    guest.customer_id = None;
    guest.customer_since_at = Some(NOW);
    let mut customer = Customer::default();
    remember(&mut customer, &guest, NOW);
    assert_eq!(customer, Customer::default());
}

#[test]
fn a_changed_contact_was_preceded_by_the_one_before() {
    let mut customer = Customer::default();
    remember_event(&mut customer, &event(ago(5), changed("new", Some("old"))));
    let (new, old) = (
        customer.contacts[&contact_id("new")],
        customer.contacts[&contact_id("old")],
    );
    assert_eq!(
        (new.changed_at, new.verified_at),
        (Some(ago(5)), Some(ago(5)))
    );
    assert_eq!((old.changed_at, old.replaced_at), (None, Some(ago(5))));
    assert!(old.seen_at < ago(5));
    remember_event(&mut customer, &event(ago(4), changed("new", Some("new"))));
    assert_eq!(customer.contacts[&contact_id("new")].replaced_at, None);
}

#[test]
fn too_many_values_push_out_the_longest_unused_and_leave_its_age() {
    let mut customer = Customer::default();
    for place in 0..80_i64 {
        let at = ago(1000 - place);
        remember_event(
            &mut customer,
            &event(at, changed(&format!("m{place}"), None)),
        );
        let customer_id = CustomerId::try_new("c").unwrap();
        let address_key = address(&format!("a{place}"));
        let moved = EventKind::AddressChanged {
            customer_id: customer_id.clone(),
            address_key,
        };
        remember_event(&mut customer, &event(at, moved));
        let reset = EventKind::PasswordReset { customer_id };
        remember_event(&mut customer, &event(at, reset));
        let mut one = order(Vec::new());
        one.session.device_key = SharedKey::try_new(&format!("d{place}")).ok();
        one.delivery.address_key = address("a79");
        remember(&mut customer, &one, NOW);
    }
    assert_eq!(customer.contacts.len(), KNOWN_MAX);
    assert_eq!(customer.addresses.len(), KNOWN_MAX);
    assert_eq!(customer.links.len(), KNOWN_MAX);
    assert_eq!(customer.resets.len(), RESETS_MAX);
    assert!(customer.contacts.contains_key(&contact_id("m79")));
    assert!(!customer.contacts.contains_key(&contact_id("m0")));
    assert_eq!(customer.since_at, Some(ago(1000)));
    assert_eq!(customer.resets.last(), Some(&ago(921)));
}

/// Something that a customer's memory takes in.
#[derive(Clone, Debug)]
enum Told {
    Order(Box<Order>, Timestamp),
    Event(Box<Event>),
}

fn told() -> impl Strategy<Value = Told> {
    let id = || select(vec!["x1", "x2", "x3"]);
    let hours = || 0..200_i64;
    let maybe = || proptest::option::of(hours());
    let kinds = select(ContactKind::ALL.to_vec());
    let parts = (
        id(),
        kinds,
        proptest::option::of(any::<bool>()),
        maybe(),
        maybe(),
        maybe(),
    );
    let contact = parts.prop_map(
        |(id, kind, verified, verified_at, changed, replaced)| Contact {
            kind,
            verified,
            verified_at: verified_at.map(ago),
            changed_at: changed.map(ago),
            replaced_at: replaced.map(ago),
            ..contact(id)
        },
    );
    let placed = (vec(contact, 0..3), id(), maybe(), maybe(), maybe(), hours());
    let placed = placed.prop_map(|(contacts, key, added, since, reset, at)| {
        let mut order = order(contacts);
        order.delivery.address_key = address(key);
        order.delivery.address_added_at = added.map(ago);
        order.customer_since_at = since.map(ago);
        order.session.password_reset_at = reset.map(ago);
        order.session.device_key = SharedKey::try_new(key).ok();
        Told::Order(Box::new(order), ago(at))
    });
    let customer_id = || CustomerId::try_new("c").unwrap();
    let other = (0..4_u8, id(), proptest::option::of(id()), hours());
    let other = other.prop_map(move |(kind, new, previous, at)| {
        let customer_id = customer_id();
        let kind = match kind {
            0 => changed(new, previous),
            1 => EventKind::AddressChanged {
                customer_id,
                address_key: address(new),
            },
            2 => EventKind::PasswordReset { customer_id },
            _ => EventKind::OrderPlaced(OrderPlaced {
                order_id: OrderId::try_new("p").unwrap(),
                customer_id: Some(customer_id),
                address_key: address(new),
                amount_minor: None,
                currency: None,
                carrier_id: None,
                route_id: None,
                depot_id: None,
                expected_on: None,
                parcels: None,
            }),
        };
        Told::Event(Box::new(event(ago(at), kind)))
    });
    prop_oneof![placed, other]
}

fn fold(all: &[Told]) -> Customer {
    let mut customer = Customer::default();
    for one in all {
        match one {
            Told::Order(order, at) => remember(&mut customer, order, *at),
            Told::Event(event) => remember_event(&mut customer, event),
        }
    }
    customer
}

proptest! {
    #[test]
    fn no_order_of_arrival_matters(all in vec(told(), 0..10), turn in 0..10_usize) {
        let mut turned = all.clone();
        turned.rotate_left(turn.min(all.len()));
        let mut back = all.clone();
        back.reverse();
        let expected = fold(&all);
        prop_assert_eq!(&fold(&turned), &expected);
        prop_assert_eq!(&fold(&back), &expected);
        let twice: Vec<Told> = all.iter().chain(&all).cloned().collect();
        prop_assert_eq!(&fold(&twice), &expected);
    }
}
