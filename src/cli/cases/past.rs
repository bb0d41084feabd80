//! The past of a case: events of the contract, and the short form `past_order` for an order with what
//! became of it.

use serde::Deserialize;
use serde_json::{Value, json};

use super::friendly::{Friendly, fill};
use crate::api::wire::pb;
use crate::cli::json;

/// An order of the past: placed, delivered two days later, and perhaps lost or tried in vain.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PastOrder {
    /// When it was placed.
    days_ago: u32,
    /// Whose it was, if not the case's own customer's.
    customer_id: Option<String>,
    /// What it cost, in minor units of the case's currency.
    amount_minor: Option<i64>,
    /// Claimed as not received, and settled as this one's fault.
    fault: Option<String>,
    /// Attempts that found nobody before it was handed over.
    #[serde(default)]
    failed_attempts: u32,
    /// To whom it was handed over.
    #[serde(default = "household")]
    recipient_role: String,
    /// How many such orders; each a week before the one after it.
    #[serde(default = "one")]
    times: u32,
}

fn household() -> String {
    "HOUSEHOLD".to_owned()
}

const fn one() -> u32 {
    1
}

/// The events of a case's `history`, in the order written.
pub(super) fn events(
    history: Vec<Value>,
    order: &pb::Order,
    friendly: &Friendly,
) -> Result<Vec<pb::Event>, String> {
    let mut written = Vec::new();
    for entry in history {
        match entry.get("past_order") {
            Some(past) => {
                let past = PastOrder::deserialize(past).map_err(|error| error.to_string())?;
                for time in 0..past.times {
                    past.events(
                        past.days_ago.saturating_add(time * 7),
                        written.len(),
                        &mut written,
                    );
                }
            }
            None => written.push(entry),
        }
    }
    let numbered = written.into_iter().zip(1..);
    let read = numbered.map(|(mut event, number)| {
        fill_in(&mut event, number, order);
        json::read(&friendly.event(event)?)
    });
    read.collect()
}

/// What an event need not say because the case's order says it.
fn fill_in(event: &mut Value, number: u32, order: &pb::Order) {
    let Value::Object(fields) = event else { return };
    fill(fields, "event_id", &format!("event-{number}"));
    fill(fields, "occurred_at", "now");
    let address = order.delivery.as_ref().map_or("", |it| &it.address_key);
    for (kind, value) in fields.iter_mut() {
        let Value::Object(inner) = value else {
            continue;
        };
        if matches!(kind.as_str(), "order_placed") {
            fill(inner, "customer_id", &order.customer_id);
            fill(inner, "address_key", address);
            if inner.contains_key("amount_minor") {
                fill(inner, "currency_code", &order.currency_code);
            }
        }
        if matches!(
            kind.as_str(),
            "contact_changed" | "address_changed" | "password_reset"
        ) {
            fill(inner, "customer_id", &order.customer_id);
        }
        if kind == "address_changed" {
            fill(inner, "address_key", address);
        }
    }
}

impl PastOrder {
    fn events(&self, days_ago: u32, number: usize, into: &mut Vec<Value>) {
        let id = format!("past-{days_ago}-{number}");
        let parcel = format!("{id}-p1");
        let at = |later: u32| format!("{} days ago", days_ago.saturating_sub(later));
        let mut placed = json!({"order_id": id, "parcels": 1});
        if let Some(fields) = placed.as_object_mut() {
            let amount = self.amount_minor.map(Value::from);
            let customer = self.customer_id.clone().map(Value::from);
            let given = [("amount_minor", amount), ("customer_id", customer)];
            let given = given
                .into_iter()
                .filter_map(|(key, value)| Some((key.to_owned(), value?)));
            fields.extend(given);
        }
        into.push(json!({"occurred_at": at(0), "order_placed": placed}));
        for attempt in 0..self.failed_attempts {
            into.push(json!({
                "occurred_at": at(2 + attempt),
                "delivery_failed":
                    {"order_id": id, "parcel_id": parcel, "reason": "NOBODY_HOME"},
            }));
        }
        into.push(json!({
            "occurred_at": at(2 + self.failed_attempts),
            "parcel_handed_over":
                {"order_id": id, "parcel_id": parcel, "recipient_role": self.recipient_role},
        }));
        if let Some(fault) = &self.fault {
            let claim = format!("{id}-c");
            into.push(json!({
                "occurred_at": at(4),
                "claim_opened": {"claim_id": claim, "order_id": id, "kind": "NOT_RECEIVED"},
            }));
            into.push(json!({
                "occurred_at": at(9),
                "claim_settled": {"claim_id": claim, "fault": fault},
            }));
        }
    }
}
