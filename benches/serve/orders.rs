//! The orders that are asked: each new, of one of many customers with a history, three items and two contacts.

use std::sync::atomic::{AtomicU64, Ordering};

use doorstep::api::wire::pb;
use pb::event::Kind;
use prost_reflect::{DescriptorPool, DynamicMessage};
use prost_types::Timestamp;

/// How many customers there are, each with an address of their own.
pub(super) const CUSTOMERS: u64 = 10_000;
/// How many orders each had delivered before.
const EARLIER: u64 = 2;
const DAY_S: i64 = 86_400;

/// A source of orders.
#[derive(Debug)]
pub(super) struct Orders {
    like: pb::Order,
    now_s: i64,
    asked: AtomicU64,
}

impl Orders {
    pub(super) fn new() -> Self {
        let file: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/data/vectors/answers.json")).unwrap();
        let cases = file["cases"].as_array().unwrap();
        let case = cases
            .iter()
            .find(|case| case["name"] == "console among three parcels");
        let mut order = case.unwrap()["order"].clone();
        order["items"]
            .as_array_mut()
            .unwrap()
            .push(serde_json::json!(
                {"item_id": "9", "category": "CATEGORY_FASHION", "unit_price_minor": 6900}
            ));
        let pool = DescriptorPool::decode(pb::DESCRIPTOR_SET).unwrap();
        let kind = pool.get_message_by_name("doorstep.v1.Order").unwrap();
        let order = DynamicMessage::deserialize(kind, order).unwrap();
        let now_s = jiff::Timestamp::now().as_second();
        let mut like: pb::Order = order.transcode_to().unwrap();
        like.placed_at = Some(moment(now_s));
        like.stage = pb::Stage::Placed.into();
        if let Some(delivery) = &mut like.delivery {
            let day = jiff::Timestamp::from_second(now_s + 2 * DAY_S).unwrap();
            delivery.expected_on = day.to_string()[..10].to_owned();
        }
        Self {
            like,
            now_s,
            asked: AtomicU64::new(0),
        }
    }

    /// One that was never asked before.
    pub(super) fn next(&self) -> pb::DecideRequest {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        // Scattered by a multiplier without a factor in common, so that neighbours in time are none in the store.
        let customer = number.wrapping_mul(7_919) % CUSTOMERS;
        let mut order = self.like.clone();
        order.order_id = format!("order-{:016x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        order.customer_id = format!("customer-{customer}");
        if let Some(delivery) = &mut order.delivery {
            delivery.address_key = address(customer);
        }
        for contact in &mut order.contacts {
            contact.contact_id = format!("{}-{customer}", contact.contact_id);
        }
        pb::DecideRequest {
            order: Some(order),
            view: pb::DecisionView::Basic.into(),
            request_id: format!("r-{number}"),
            ..pb::DecideRequest::default()
        }
    }

    /// What happened to a customer before: orders, each placed and handed over.
    pub(super) fn history(&self, customer: u64) -> Vec<pb::Event> {
        let mut events = Vec::new();
        for (number, days) in (0..EARLIER).zip([70_i64, 40]) {
            let order_id = format!("earlier-{customer}-{number}");
            let at = self.now_s - days * DAY_S;
            let mut tell = |what: &str, at: i64, kind: Kind| {
                events.push(pb::Event {
                    event_id: format!("{what}-{order_id}"),
                    occurred_at: Some(moment(at)),
                    kind: Some(kind),
                });
            };
            let placed = pb::OrderPlaced {
                order_id: order_id.clone(),
                customer_id: format!("customer-{customer}"),
                address_key: address(customer),
                amount_minor: Some(5_600),
                currency_code: "EUR".to_owned(),
                ..pb::OrderPlaced::default()
            };
            tell("placed", at, Kind::OrderPlaced(placed));
            let handed = pb::ParcelHandedOver {
                order_id: order_id.clone(),
                parcel_id: format!("{order_id}-1"),
                recipient_role: pb::RecipientRole::Customer.into(),
                ..pb::ParcelHandedOver::default()
            };
            tell("handed", at + 2 * DAY_S, Kind::ParcelHandedOver(handed));
        }
        events
    }
}

fn address(customer: u64) -> String {
    format!("address-{customer}")
}

const fn moment(seconds: i64) -> Timestamp {
    Timestamp { seconds, nanos: 0 }
}
