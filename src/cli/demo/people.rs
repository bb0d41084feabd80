//! Who orders in the demo's stories: customers with an account, contacts, an address, and a carrier that serves it.

use super::goods::Good;
use super::moment::{DAY_S, Moment};
use crate::api::wire::pb;
use pb::{AddressType, Capability, ContactKind};

/// A customer.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) customer_id: String,
    pub(super) since: Moment,
    pub(super) contacts: Vec<pb::Contact>,
    pub(super) address_key: String,
    pub(super) address_type: AddressType,
    pub(super) address_since: Moment,
    pub(super) visible: Option<bool>,
    pub(super) device_key: String,
    pub(super) new_device: bool,
    pub(super) payment_key: String,
    pub(super) carrier: pb::Carrier,
    pub(super) lockers: Vec<pb::Locker>,
    pub(super) preferences: pb::Preferences,
}

/// What a good carrier can do.
const EVERYTHING: &[Capability] = &[
    Capability::Code,
    Capability::PerParcelCode,
    Capability::LateReveal,
    Capability::Photo,
    Capability::Geofence,
    Capability::Inspection,
    Capability::WeightCheck,
];

impl Person {
    /// The customer of this number, at the beginning of the demo: somebody in a house, known for a year or more.
    pub(super) fn new(number: i64, start: Moment) -> Self {
        let since = start.plus(-(400 + 17 * (number % 50)) * DAY_S);
        let carrier = carrier(900 + number % 4, true);
        Self {
            customer_id: format!("customer-{number}"),
            since,
            contacts: vec![
                contact(format!("mail-{number}"), ContactKind::Email, since),
                contact(format!("sms-{number}"), ContactKind::Sms, since),
            ],
            address_key: format!("address-{number}"),
            address_type: AddressType::House,
            address_since: since,
            visible: None,
            device_key: format!("device-{number}"),
            new_device: false,
            payment_key: format!("payment-{number}"),
            lockers: lockers(&carrier, 1),
            carrier,
            preferences: pb::Preferences::default(),
        }
    }

    /// An order of these goods, placed at `at` for delivery `in_days` later.
    pub(super) fn order(
        &self,
        order_id: String,
        at: Moment,
        goods: &[(&Good, u32)],
        in_days: i64,
    ) -> pb::Order {
        let lines = (1..).zip(goods);
        let items = lines.map(|(number, (good, quantity))| good.line(number, *quantity));
        pb::Order {
            order_id,
            customer_id: self.customer_id.clone(),
            placed_at: Some(at.stamp()),
            currency_code: "EUR".to_owned(),
            customer_since_at: Some(self.since.stamp()),
            items: items.collect(),
            expected_parcels: Some(1),
            delivery: Some(self.delivery(at.plus(in_days * DAY_S))),
            contacts: self.contacts.clone(),
            carrier: Some(self.carrier.clone()),
            lockers: self.lockers.clone(),
            preferences: Some(self.preferences.clone()),
            session: Some(pb::Session {
                new_device: Some(self.new_device),
                stored_payment: Some(!self.new_device),
                payment_kind: pb::PaymentKind::Card.into(),
                billing_matches_delivery: Some(true),
                device_key: self.device_key.clone(),
                payment_key: self.payment_key.clone(),
                ..pb::Session::default()
            }),
            ..pb::Order::default()
        }
    }

    fn delivery(&self, on: Moment) -> pb::Delivery {
        pb::Delivery {
            address_key: self.address_key.clone(),
            address_type: self.address_type.into(),
            address_added_at: Some(self.address_since.stamp()),
            recipient_is_buyer: Some(true),
            visible_from_street: self.visible,
            expected_on: on.date(),
            country_code: "DE".to_owned(),
            time_zone: "Europe/Berlin".to_owned(),
            ..pb::Delivery::default()
        }
    }

    /// The customer's contact of this kind becomes `contact_id` at `at`; the old one is kept as replaced, and named.
    pub(super) fn change(&mut self, kind: ContactKind, contact_id: &str, at: Moment) -> String {
        let mut replaced = String::new();
        for old in &mut self.contacts {
            if old.kind == i32::from(kind) && old.replaced_at.is_none() {
                old.replaced_at = Some(at.stamp());
                replaced.clone_from(&old.contact_id);
            }
        }
        self.contacts.push(contact(contact_id.to_owned(), kind, at));
        replaced
    }
}

/// A verified contact since `at`.
pub(super) fn contact(contact_id: String, kind: ContactKind, at: Moment) -> pb::Contact {
    pb::Contact {
        contact_id,
        kind: kind.into(),
        verified: Some(true),
        verified_at: Some(at.stamp()),
        changed_at: Some(at.stamp()),
        ..pb::Contact::default()
    }
}

/// The carrier of a route, with codes or without.
pub(super) fn carrier(route: i64, with_codes: bool) -> pb::Carrier {
    let capabilities = if with_codes {
        EVERYTHING
    } else {
        &[Capability::Photo]
    };
    pb::Carrier {
        carrier_id: if with_codes { "north" } else { "budget" }.to_owned(),
        depot_id: format!("depot-{}", 900 + route % 3),
        route_id: format!("route-{route}"),
        capabilities: capabilities.iter().map(|it| i32::from(*it)).collect(),
        subcontracted: None,
    }
}

/// So many stations near the carrier's route.
pub(super) fn lockers(carrier: &pb::Carrier, count: i64) -> Vec<pb::Locker> {
    let station = |number: i64| pb::Locker {
        locker_id: format!("locker-{}-{number}", carrier.route_id),
        carrier_id: carrier.carrier_id.clone(),
        distance_m: u32::try_from(300 + 450 * number).ok(),
        max_length_mm: Some(600),
        max_width_mm: Some(400),
        max_height_mm: Some(400),
        max_weight_g: Some(20_000),
        free_compartments: Some(6),
        step_free: Some(number == 1),
    };
    (1..=count).map(station).collect()
}
