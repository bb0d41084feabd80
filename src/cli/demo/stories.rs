//! The remarkable orders of the demo: each by a customer of its own, with the history that makes it
//! remarkable, in the last days.

use super::goods::{
    BOOK, CAMERA, CONSOLE, FRIDGE, Good, JACKET, LAPTOP, PERFUME, PHONE, RING, SHIRT,
};
use super::happen;
use super::moment::{DAY_S, HOUR_S};
use super::people::{self, Person};
use super::stage::{Ask, DAYS, Fate, Stage};
use crate::api::wire::pb;
use pb::{AddressType, ContactKind};

/// Stories are told on one of the last days: so many days before the end.
const LAST: i64 = 5;

/// A customer and a day on which something remarkable is ordered.
struct Story<'a> {
    stage: &'a mut Stage,
    person: Person,
    day: i64,
}

/// A story, and what its customer usually orders.
type Told = (fn(&mut Story<'_>), &'static Good);

/// Tells them all.
pub(super) fn tell(stage: &mut Stage) {
    let all: &[Told] = &[
        (dear_goods, &LAPTOP),
        (small_and_dear, &PHONE),
        (several_parcels, &CONSOLE),
        (one_stop, &LAPTOP),
        (mail_changed, &PHONE),
        (taken_over, &JACKET),
        (moved_house, &BOOK),
        (porch_losses, &JACKET),
        (false_claims, &JACKET),
        (suspicion, &CAMERA),
        (no_codes, &PHONE),
        (no_codes_no_locker, &PHONE),
        (forwarder, &BOOK),
        (gift, &PHONE),
        (exempt, &LAPTOP),
        (three_phones, &JACKET),
        (split, &SHIRT),
        (probing, &SHIRT),
        (never_home, &JACKET),
        (age_restricted, &PERFUME),
    ];
    // Their numbers are far above those of the world's own people.
    for (number, (story, usual)) in (901..).zip(all) {
        let person = stage.somebody(number, usual);
        let day = DAYS - LAST + number % LAST;
        story(&mut Story { stage, person, day });
    }
}

impl Story<'_> {
    /// An order of the story, placed at `hour`.
    fn order(&mut self, hour: i64, goods: &[(&Good, u32)]) -> pb::Order {
        let (id, at) = (self.stage.order_id(), Stage::at(self.day, hour));
        self.person.order(id, at, goods, 2)
    }

    fn ask(&mut self, story: &'static str, order: pb::Order) {
        let ask = Ask {
            order,
            story: Some(story),
            fate: Fate::Usual,
        };
        self.stage.will_ask(self.day, ask);
    }

    /// An order of an earlier day that was lost, or said to be.
    fn lost(&mut self, days_ago: i64, good: &Good, fate: Fate) {
        let (id, at) = (self.stage.order_id(), Stage::at(self.day - days_ago, 10));
        let order = self.person.order(id, at, &[(good, 1)], 2);
        self.stage.will(happen::placed(at, &order));
        let door = at.plus(2 * DAY_S);
        self.stage.deliver(&order, door, 0, fate, pb::Action::None);
    }
}

fn dear_goods(story: &mut Story<'_>) {
    let order = story.order(14, &[(&FRIDGE, 1)]);
    story.ask("a fridge: dear, but nobody carries it off", order);
    story.day -= 1;
    story.person.address_key = "address-901-b".to_owned();
    let order = story.order(15, &[(&LAPTOP, 1)]);
    story.ask("a laptop, one parcel", order);
}

fn small_and_dear(story: &mut Story<'_>) {
    let order = story.order(14, &[(&PHONE, 1)]);
    story.ask("a phone: small and dear", order);
    story.day -= 1;
    let mut order = story.order(14, &[(&PHONE, 1)]);
    for item in &mut order.items {
        item.packaging = pb::Packaging::Envelope.into();
    }
    story.ask("a phone in an envelope", order);
    story.day -= 1;
    let order = story.order(14, &[(&RING, 1)]);
    story.ask("a ring", order);
}

fn several_parcels(story: &mut Story<'_>) {
    let mut order = story.order(14, &[(&CONSOLE, 1), (&SHIRT, 1), (&BOOK, 1)]);
    order.expected_parcels = Some(3);
    story.ask("a console among three parcels", order);
}

fn one_stop(story: &mut Story<'_>) {
    let order = story.order(14, &[(&BOOK, 1)]);
    story.ask("a book", order);
    let order = story.order(16, &[(&LAPTOP, 1)]);
    story.ask("a laptop that comes with that book", order);
}

fn mail_changed(story: &mut Story<'_>) {
    let at = Stage::at(story.day - 1, 11);
    let old = story.person.change(ContactKind::Email, "mail-905-new", at);
    let customer = story.person.customer_id.clone();
    story.stage.will(happen::contact_changed(
        at,
        &customer,
        ContactKind::Email,
        "mail-905-new",
        &old,
    ));
    let order = story.order(14, &[(&PHONE, 1)]);
    story.ask("a phone, e-mail changed yesterday", order);
}

fn taken_over(story: &mut Story<'_>) {
    let customer = story.person.customer_id.clone();
    let at = Stage::at(story.day, 9);
    let changes = [
        (ContactKind::Email, "mail-906-new"),
        (ContactKind::Sms, "sms-906-new"),
    ];
    for (kind, new) in changes {
        let old = story.person.change(kind, new, at);
        let happening = happen::contact_changed(at, &customer, kind, new, &old);
        story.stage.will(happening);
    }
    // Nothing older can be trusted either: the intruder has verified both anew, and the old ones were never verified.
    for old in &mut story.person.contacts {
        if old.replaced_at.is_some() {
            (old.verified, old.verified_at) = (Some(false), None);
        }
    }
    let drop = "address-906-new".to_owned();
    story
        .stage
        .will(happen::address_changed(at, &customer, &drop));
    story.person.address_key = drop;
    story.person.address_since = at;
    story.person.device_key = "device-intruder".to_owned();
    story.person.new_device = true;
    let order = story.order(14, &[(&LAPTOP, 1)]);
    story.ask(
        "a laptop; all contacts and the address changed today, new device",
        order,
    );
}

fn moved_house(story: &mut Story<'_>) {
    let at = Stage::at(story.day - 2, 11);
    let customer = story.person.customer_id.clone();
    story.person.address_key = "address-907-new".to_owned();
    story.person.address_since = at;
    story
        .stage
        .will(happen::address_changed(at, &customer, "address-907-new"));
    let order = story.order(14, &[(&BOOK, 2)]);
    story.ask("books, moved house two days ago", order);
}

fn porch_losses(story: &mut Story<'_>) {
    story.person.address_type = AddressType::Flat;
    story.lost(70, &JACKET, Fate::PorchTheft);
    story.lost(40, &SHIRT, Fate::PorchTheft);
    let order = story.order(14, &[(&JACKET, 1)]);
    story.ask("a jacket to a flat with two porch thefts", order);
    story.day -= 1;
    let person = &mut story.person;
    person.customer_id = "customer-908-b".to_owned();
    person.device_key = "device-908-b".to_owned();
    person.payment_key = "payment-908-b".to_owned();
    person.contacts = vec![people::contact(
        "sms-908-b".to_owned(),
        ContactKind::Sms,
        person.since,
    )];
    let order = story.order(14, &[(&BOOK, 1)]);
    story.ask("a book to the same flat, for somebody else there", order);
}

fn false_claims(story: &mut Story<'_>) {
    story.lost(90, &JACKET, Fate::FalseClaim);
    story.lost(45, &PERFUME, Fate::FalseClaim);
    let order = story.order(14, &[(&JACKET, 1)]);
    story.ask(
        "a jacket; two claims were settled as the customer's fault",
        order,
    );
}

fn suspicion(story: &mut Story<'_>) {
    let customer = story.person.customer_id.clone();
    let at = Stage::at(story.day - 3, 9);
    story.stage.will(happen::suspected(at, &customer, 3));
    let order = story.order(14, &[(&CAMERA, 1)]);
    story.ask("a camera; a concrete suspicion is on file", order);
}

fn no_codes(story: &mut Story<'_>) {
    story.person.carrier = people::carrier(905, false);
    story.person.lockers = people::lockers(&story.person.carrier, 1);
    let order = story.order(14, &[(&PHONE, 1)]);
    story.ask("a phone; the carrier has no codes, a locker is near", order);
}

fn no_codes_no_locker(story: &mut Story<'_>) {
    story.person.carrier = people::carrier(906, false);
    story.person.lockers.clear();
    let order = story.order(14, &[(&PHONE, 1)]);
    story.ask("a phone; no codes, and no locker either", order);
}

fn forwarder(story: &mut Story<'_>) {
    let since = Stage::at(story.day - 3, 9);
    let person = &mut story.person;
    person.customer_id = "customer-913-new".to_owned();
    person.since = since;
    person.address_since = since;
    person.address_key = "address-forwarder".to_owned();
    person.address_type = AddressType::Forwarder;
    person.device_key = "device-new".to_owned();
    person.new_device = true;
    person.payment_key = "payment-new".to_owned();
    person.contacts = vec![people::contact(
        "mail-new".to_owned(),
        ContactKind::Email,
        since,
    )];
    let mut order = story.order(14, &[(&LAPTOP, 1)]);
    if let Some(session) = &mut order.session {
        session.billing_matches_delivery = Some(false);
    }
    story.ask(
        "a laptop to a forwarder; the account is three days old",
        order,
    );
}

fn gift(story: &mut Story<'_>) {
    let mut order = story.order(14, &[(&PHONE, 1)]);
    if let Some(delivery) = &mut order.delivery {
        delivery.gift = Some(true);
        delivery.recipient_is_buyer = Some(false);
    }
    story.ask("a phone as a gift; the recipient has no contact", order);
}

fn exempt(story: &mut Story<'_>) {
    story.person.preferences.cannot_use_codes = true;
    let order = story.order(14, &[(&LAPTOP, 1)]);
    story.ask("a laptop; the customer cannot use codes", order);
}

fn three_phones(story: &mut Story<'_>) {
    let order = story.order(14, &[(&PHONE, 3)]);
    story.ask("three phones, far above the usual spend", order);
}

fn split(story: &mut Story<'_>) {
    for hour in 13..16 {
        let order = story.order(hour, &[(&CONSOLE, 1)]);
        story.stage.will_ask(
            story.day,
            Ask {
                order,
                story: None,
                fate: Fate::Cancelled,
            },
        );
    }
    let order = story.order(17, &[(&CONSOLE, 1)]);
    story.ask("a console: the fourth within four hours", order);
}

fn probing(story: &mut Story<'_>) {
    let at = Stage::at(story.day, 14);
    for number in 1..=4 {
        let order = story.order(14, &[(&PHONE, number)]);
        let ask = Ask {
            order,
            story: None,
            fate: Fate::Left,
        };
        story.stage.will_ask(
            story.day,
            ask.as_cart(at.plus(i64::from(number) * 60 - HOUR_S)),
        );
    }
    let order = story.order(14, &[(&PHONE, 1)]);
    story.ask("a phone, after four carts that only looked", order);
}

fn never_home(story: &mut Story<'_>) {
    story.person.address_type = AddressType::Flat;
    for days_ago in [80, 60] {
        story.lost(days_ago, &SHIRT, Fate::PorchTheft);
    }
    for days_ago in [95, 50, 35, 20] {
        let (id, at) = (story.stage.order_id(), Stage::at(story.day - days_ago, 10));
        let order = story.person.order(id, at, &[(&BOOK, 1)], 2);
        story.stage.will(happen::placed(at, &order));
        let failed = if days_ago > 40 { 2 } else { 0 };
        let door = at.plus(2 * DAY_S);
        story
            .stage
            .deliver(&order, door, failed, Fate::Usual, pb::Action::Otp);
    }
    let order = story.order(14, &[(&JACKET, 1)]);
    story.ask(
        "a jacket; two porch thefts, and often nobody is home for a code",
        order,
    );
}

fn age_restricted(story: &mut Story<'_>) {
    let mut order = story.order(14, &[(&LAPTOP, 1), (&PERFUME, 2)]);
    for item in &mut order.items {
        item.age_restricted = Some(true);
    }
    order.expected_parcels = Some(2);
    story.ask("age-restricted goods in two parcels: no locker", order);
}
