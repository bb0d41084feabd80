//! Revisions, stops, slots and events by the steps of the live service, on a store that forgets.

mod budgets;

use std::sync::Arc;

use super::history;
use super::keyring::KeyRing;
use super::release::InForce;
use super::scratch::Scratch;
use super::step::{Ask, Outcome, step};
use crate::decision::model::Model;
use crate::decision::policy::Policy;
use crate::decision::record::{Record, Version};
use crate::decision::release::Release;
use crate::decision::{catalogue, signals};
use crate::domain::action::{Action, DecisionState};
use crate::domain::content::content_digest;
use crate::domain::dossier::Dossier;
use crate::domain::event::{
    CancelledBy, DeliveryFailed, Event, EventKind, ParcelHandedOver, RecipientRole,
};
use crate::domain::ids::{
    AddressKey, ContactId, CustomerId, DecisionId, EventId, ItemId, KeyId, OrderId, ParcelId,
};
use crate::domain::order::{
    Carrier, Category, Contact, ContactKind, Delivery, Item, Order, PartialSize, Preferences,
    Session, Stage, Unit,
};
use crate::domain::secret::Secret;
use crate::domain::units::{Currency, Date, Digest, Span, Timestamp};

/// 2026-06-10T12:00:00Z.
const NOON: Timestamp = Timestamp::from_micros(1_781_092_800_000_000);

/// A shop that forgets, driven by hand.
struct Shop {
    rows: Scratch,
    in_force: Arc<InForce>,
    keys: Arc<KeyRing>,
    now: Timestamp,
    made: u128,
}

impl Shop {
    fn new() -> Self {
        Self::with_policy(|text| text)
    }

    fn with_policy(change: impl FnOnce(String) -> String) -> Self {
        let policy = change(include_str!("../../models/policy.toml").to_owned());
        let policy = Policy::load(&policy).expect("the shipped policy loads");
        let model = Model::load(include_str!("../../models/prior.json")).expect("the prior loads");
        let catalogue = catalogue::load(include_str!("../../models/catalogue.toml"))
            .expect("the shipped catalogue loads");
        let version = |id: &str, digest| Version {
            id: id.to_owned(),
            digest,
        };
        let release = Release {
            policy: Arc::new(policy),
            model: Arc::new(model),
            catalogue: version(&catalogue.id, catalogue.digest),
            engine: version("test", Digest([7; 32])),
        };
        let key = (KeyId::try_new("k1").expect("an id"), Secret::new([1; 32]));
        Self {
            rows: Scratch::default(),
            in_force: Arc::new(InForce::new(release, Arc::new(catalogue))),
            keys: Arc::new(KeyRing::new(key, [])),
            now: NOON,
            made: 0,
        }
    }

    fn wait(&mut self, span: Span) {
        self.now = self.now.plus(span);
    }

    fn decide(&mut self, order: &Order) -> Outcome {
        self.made += 1;
        let ask = Ask {
            order: Arc::new(order.clone()),
            content: content_digest(order),
            now: self.now,
            in_force: Arc::clone(&self.in_force),
            keys: Arc::clone(&self.keys),
            decision_id: DecisionId::of(uuid::Uuid::from_u128(self.made)),
            salt: [3; 32],
            told: None,
        };
        let keys = signals::keys(order);
        self.rows
            .transact(keys, |rows| step(&ask, rows))
            .expect("it ends")
    }

    fn made(&mut self, order: &Order) -> Arc<Record> {
        match self.decide(order) {
            Outcome::Made(record, _) => record,
            other @ (Outcome::Stands(..) | Outcome::Refused(_)) => {
                panic!("no new decision: {other:?}")
            }
        }
    }

    fn stands(&mut self, order: &Order) -> (DecisionId, Box<Dossier>) {
        match self.decide(order) {
            Outcome::Stands(id, dossier) => (id, dossier),
            other @ (Outcome::Made(..) | Outcome::Refused(_)) => {
                panic!("it does not stand: {other:?}")
            }
        }
    }

    fn tell(&mut self, kind: EventKind) -> history::Taken {
        self.made += 1;
        let event_id = EventId::try_new(&format!("e{}", self.made)).expect("an id");
        let event = Event {
            event_id,
            occurred_at: self.now,
            kind,
        };
        let digest = Digest::of(format!("{event:?}").as_bytes());
        let events = [(event, digest)];
        let now = self.now;
        let taken = self
            .rows
            .transact(history::keys(&events), |rows| {
                history::step(&events, now, rows)
            })
            .expect("it ends");
        taken[0]
    }

    fn dossier(&mut self, id: &str) -> Dossier {
        let id = OrderId::try_new(id).expect("an id");
        let keys = signals::keys(&order(id.as_str(), "c"));
        self.rows
            .read(keys)
            .orders
            .get(&id)
            .cloned()
            .unwrap_or_default()
    }
}

fn order(id: &str, customer: &str) -> Order {
    Order {
        order_id: OrderId::try_new(id).expect("an id"),
        customer_id: Some(CustomerId::try_new(customer).expect("an id")),
        placed_at: NOON,
        currency: Currency::parse("EUR").expect("a currency"),
        stage: Stage::Placed,
        customer_since_at: None,
        items: vec![item(12_000, Category::Fashion)],
        parcels: Vec::new(),
        expected_parcels: Some(1),
        delivery: Delivery {
            address_key: AddressKey::try_new(&format!("at-{customer}")).expect("an id"),
            address_type: None,
            address_added_at: None,
            gift: None,
            recipient_is_buyer: None,
            visible_from_street: None,
            expected_on: Date::parse("2026-06-12"),
            country_code: None,
            time_zone: None,
            window_start_at: None,
            window_end_at: None,
        },
        contacts: vec![Contact {
            contact_id: ContactId::try_new(&format!("sms-{customer}")).expect("an id"),
            kind: ContactKind::Sms,
            verified: Some(true),
            verified_at: None,
            changed_at: None,
            replaced_at: None,
            recipient: None,
        }],
        carrier: Carrier::default(),
        lockers: Vec::new(),
        preferences: Preferences::default(),
        session: Session::default(),
    }
}

fn item(price: i64, category: Category) -> Item {
    Item {
        item_id: ItemId::try_new("1").expect("an id"),
        named: false,
        sku: None,
        category: Some(category),
        merchant_category: None,
        unit_price_minor: price,
        quantity: 1,
        size: PartialSize::default(),
        serialised: None,
        age_restricted: None,
        hazardous: None,
        packaging: None,
    }
}

fn laptop(id: &str, customer: &str) -> Order {
    Order {
        items: vec![item(90_000, Category::Laptop)],
        ..order(id, customer)
    }
}

fn cart(order: &Order) -> Order {
    Order {
        stage: Stage::Cart,
        ..order.clone()
    }
}

fn handed_over(id: &str) -> EventKind {
    EventKind::ParcelHandedOver(ParcelHandedOver {
        order_id: OrderId::try_new(id).expect("an id"),
        parcel_id: ParcelId::try_new(&format!("{id}-p1")).expect("an id"),
        courier_id: None,
        route_id: None,
        depot_id: None,
        stop_id: None,
        recipient_role: Some(RecipientRole::Customer),
        weight_g: None,
        handover_s: None,
        seal_id: None,
        seal_intact: None,
        inspected: None,
        photo_sha256: None,
        position: None,
    })
}

fn failed(id: &str) -> EventKind {
    EventKind::DeliveryFailed(DeliveryFailed {
        order_id: OrderId::try_new(id).expect("an id"),
        parcel_id: ParcelId::try_new(&format!("{id}-p1")).expect("an id"),
        reason: None,
        courier_id: None,
        route_id: None,
        position: None,
        dwell_s: None,
        photo_sha256: None,
    })
}

fn cancelled(id: &str) -> EventKind {
    EventKind::OrderCancelled {
        order_id: OrderId::try_new(id).expect("an id"),
        by: Some(CancelledBy::Customer),
        after_requirement_shown: None,
    }
}

#[test]
fn the_same_content_meets_the_same_decision() {
    let mut shop = Shop::new();
    let first = shop.made(&laptop("o1", "c1"));
    shop.wait(Span::hours(5));
    assert_eq!(shop.stands(&laptop("o1", "c1")).0, first.decision_id);
}

#[test]
fn other_content_is_the_next_revision_and_counts_once() {
    let mut shop = Shop::new();
    shop.made(&laptop("o1", "c1"));
    let second = shop.made(&order("o1", "c1"));
    assert_eq!(second.revision, 2);
    let other = shop.made(&order("o2", "c1"));
    assert_eq!(
        other
            .situation
            .signals
            .get(crate::decision::signal::Signal::Orders24h),
        Some(1.0)
    );
    assert_eq!(
        second
            .situation
            .signals
            .get(crate::decision::signal::Signal::Orders24h),
        None
    );
}

#[test]
fn records_of_an_order_are_chained() {
    let mut shop = Shop::new();
    let first = shop.made(&laptop("o1", "c1"));
    let second = shop.made(&order("o1", "c1"));
    assert_eq!(first.before, Digest([0; 32]));
    assert_eq!(second.before, first.digest);
    assert_ne!(second.digest, first.digest);
}

#[test]
fn what_is_over_or_under_way_keeps_its_content() {
    for event in [handed_over("o1"), failed("o1"), cancelled("o1")] {
        let mut shop = Shop::new();
        shop.made(&laptop("o1", "c1"));
        shop.tell(event.clone());
        assert!(
            matches!(shop.decide(&order("o1", "c1")), Outcome::Refused(_)),
            "{event:?}"
        );
        shop.stands(&laptop("o1", "c1"));
    }
}

#[test]
fn a_second_order_to_the_stop_never_gets_a_single_code_too() {
    let mut shop = Shop::new();
    let first = shop.made(&laptop("o1", "c1"));
    assert_eq!(first.decision.own_action, Action::Otp);
    let second = shop.made(&laptop("o2", "c1"));
    assert_eq!(second.situation.other_parcels, 1);
    assert_ne!(second.decision.action, Action::Otp);
}

#[test]
fn a_cart_is_confirmed_by_placing_it() {
    let mut shop = Shop::new();
    let shown = shop.made(&cart(&laptop("o1", "c1")));
    assert_eq!(shown.valid_until, NOON.plus(Span::minutes(30)));
    shop.wait(Span::minutes(10));
    let (id, dossier) = shop.stands(&laptop("o1", "c1"));
    assert_eq!(id, shown.decision_id);
    let until = dossier.latest.as_ref().map(|it| it.valid_until);
    assert_eq!(
        until,
        Some(Date::parse("2026-06-20").map(midnight).expect("a date"))
    );
}

#[test]
fn a_cart_whose_stop_was_taken_is_decided_again() {
    let mut shop = Shop::new();
    let mine = laptop("o1", "c1");
    shop.made(&cart(&mine));
    shop.made(&laptop("o2", "c1"));
    assert_eq!(shop.made(&mine).revision, 2);
}

#[test]
fn a_cart_lapses_after_half_an_hour() {
    let mut shop = Shop::new();
    shop.made(&cart(&laptop("o1", "c1")));
    shop.wait(Span::minutes(31));
    assert_eq!(shop.made(&laptop("o1", "c1")).revision, 2);
}

#[test]
fn an_order_lapses_seven_days_after_its_date_and_frees_its_slot() {
    let mut shop = Shop::new();
    let first = shop.made(&laptop("o1", "c1"));
    shop.now = Date::parse("2026-06-19")
        .map(midnight)
        .expect("a date")
        .plus(Span::hours(23));
    shop.stands(&laptop("o1", "c1"));
    shop.wait(Span::hours(2));
    let other = shop.made(&order("o2", "c1"));
    assert_eq!(slot(&first), slot(&other));
    assert!(shop.dossier("o1").lapsed_at.is_some());
    assert_eq!(shop.made(&laptop("o1", "c1")).revision, 2);
}

#[test]
fn open_orders_hold_slots_and_cancelling_frees_them_with_the_same_draw() {
    let mut shop = Shop::new();
    let first = shop.made(&laptop("o1", "c1"));
    let second = shop.made(&laptop("o2", "c1"));
    assert_eq!((slot(&first), slot(&second)), (Some(0), Some(1)));
    shop.tell(cancelled("o1"));
    let third = shop.made(&laptop("o3", "c1"));
    assert_eq!(third.chance.draw, first.chance.draw);
}

#[test]
fn a_completed_delivery_draws_anew() {
    let mut shop = Shop::new();
    let first = shop.made(&laptop("o1", "c1"));
    shop.tell(handed_over("o1"));
    let second = shop.made(&laptop("o2", "c1"));
    assert_eq!(slot(&second), Some(0));
    assert_eq!(
        second.chance.draw.as_ref().map(|draw| draw.counter),
        Some(1)
    );
    assert_ne!(second.chance.draw, first.chance.draw);
}

#[test]
fn the_second_failed_attempt_decides_again_once() {
    let mut shop = Shop::new();
    shop.made(&laptop("o1", "c1"));
    shop.tell(failed("o1"));
    shop.stands(&laptop("o1", "c1"));
    shop.wait(Span::days(1));
    shop.tell(failed("o1"));
    assert_eq!(shop.made(&laptop("o1", "c1")).revision, 2);
    shop.stands(&laptop("o1", "c1"));
}

#[test]
fn a_cart_of_a_placed_order_is_a_change_of_it() {
    let mut shop = Shop::new();
    shop.made(&laptop("o1", "c1"));
    shop.stands(&cart(&laptop("o1", "c1")));
    let changed = shop.made(&cart(&order("o1", "c1")));
    assert_eq!(
        (changed.revision, changed.situation.order.stage),
        (2, Stage::Placed)
    );
}

#[test]
fn a_change_told_late_decides_again_though_a_later_one_was_known() {
    let mut shop = Shop::new();
    shop.made(&order("o0", "c1"));
    shop.wait(Span::days(20));
    let customer_id = CustomerId::try_new("c1").expect("an id");
    let reset = EventKind::PasswordReset { customer_id };
    shop.tell(reset.clone());
    shop.wait(Span::hours(1));
    shop.made(&laptop("o1", "c1"));
    let received = shop.now;
    shop.now = received.minus(Span::days(3));
    shop.tell(reset);
    shop.now = received;
    assert_eq!(shop.made(&laptop("o1", "c1")).revision, 2);
}

#[test]
fn a_reroute_decides_again_and_moves_the_stop() {
    let mut shop = Shop::new();
    shop.made(&laptop("o1", "c1"));
    shop.wait(Span::hours(1));
    let address_key = AddressKey::try_new("elsewhere").expect("an id");
    let order_id = OrderId::try_new("o1").expect("an id");
    shop.tell(EventKind::OrderRerouted {
        order_id,
        address_key: address_key.clone(),
    });
    shop.wait(Span::hours(1));
    assert_eq!(shop.made(&laptop("o1", "c1")).revision, 2);
    assert_eq!(
        shop.dossier("o1").stop().map(|(address, _)| address),
        Some(address_key)
    );
    shop.stands(&laptop("o1", "c1"));
}

#[test]
fn an_account_change_before_dispatch_decides_again() {
    let mut shop = Shop::new();
    shop.made(&laptop("o1", "c1"));
    shop.wait(Span::days(2));
    let customer_id = CustomerId::try_new("c1").expect("an id");
    shop.tell(EventKind::PasswordReset { customer_id });
    assert_eq!(shop.made(&laptop("o1", "c1")).revision, 2);
    shop.stands(&laptop("o1", "c1"));
}

#[test]
fn an_event_of_an_unknown_order_waits_for_it() {
    let mut shop = Shop::new();
    assert_eq!(shop.tell(handed_over("o1")), history::Taken::Pending);
    shop.made(&laptop("o1", "c1"));
    let dossier = shop.dossier("o1");
    assert_eq!(
        dossier.state(1, shop.now, shop.now),
        DecisionState::Completed
    );
    let next = shop.made(&laptop("o2", "c1"));
    assert_eq!(next.chance.draw.as_ref().map(|draw| draw.counter), Some(1));
}

#[test]
fn what_waited_too_long_is_dropped() {
    let mut shop = Shop::new();
    shop.tell(handed_over("o1"));
    shop.wait(Span::days(91));
    let late = Order {
        placed_at: shop.now,
        ..laptop("o1", "c1")
    };
    shop.made(&late);
    assert_eq!(shop.dossier("o1").ended_at(), None);
}

#[test]
fn a_review_that_lapsed_is_answered_by_the_default() {
    let mut shop = Shop::new();
    let doubtful = doubtful("o1", "c1");
    let first = shop.made(&doubtful);
    assert_eq!(first.decision.action, Action::Review);
    assert_eq!(first.valid_until, NOON.plus(Span::hours(24)));
    shop.wait(Span::hours(25));
    let second = shop.made(&doubtful);
    assert!(second.situation.review_lapsed);
    assert_ne!(second.decision.action, Action::Review);
}

/// Every contact and the address changed yesterday: nothing is left that an intruder does not hold.
fn doubtful(id: &str, customer: &str) -> Order {
    let yesterday = NOON.minus(Span::days(1));
    let mut order = laptop(id, customer);
    order.customer_since_at = Some(NOON.minus(Span::days(800)));
    order.session.new_device = Some(true);
    order.delivery.address_added_at = Some(yesterday);
    for (kind, name) in [(ContactKind::Email, "mail"), (ContactKind::Sms, "sms")] {
        let contact_id = ContactId::try_new(&format!("{name}-new-{customer}")).expect("an id");
        order.contacts.push(Contact {
            contact_id,
            kind,
            verified: Some(true),
            verified_at: Some(yesterday),
            changed_at: Some(yesterday),
            replaced_at: None,
            recipient: None,
        });
    }
    order.contacts.remove(0);
    order.sort();
    order
}

#[test]
fn a_guest_holds_the_slots_of_the_address() {
    let mut shop = Shop::new();
    let guest = Order {
        customer_id: None,
        ..laptop("o1", "c1")
    };
    let record = shop.made(&guest);
    assert!(matches!(record.unit, Unit::Address(_)));
    let again = Order {
        customer_id: None,
        ..laptop("o2", "c1")
    };
    assert_eq!(slot(&shop.made(&again)), Some(1));
}

fn slot(record: &Record) -> Option<u32> {
    record.chance.draw.as_ref().map(|draw| draw.slot)
}

/// The first moment of a day in UTC.
fn midnight(date: Date) -> Timestamp {
    crate::domain::units::Zone::UTC.end_of(date.plus_days(-1))
}
