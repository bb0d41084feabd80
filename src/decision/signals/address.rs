//! The place and the time of the delivery: how exposed, how new, which season; how many parcels meet there.

use super::Scene;
use super::items::yes_no;
use crate::decision::signal::{Signal, Signals};

pub(super) fn measure(scene: &Scene<'_>, signals: &mut Signals, other_parcels: u32) {
    let order = scene.order;
    let delivery = &order.delivery;
    // What the order says of its address is nothing about the address that it was rerouted to.
    if scene.rerouted.is_none() {
        let kind = delivery.address_type.map(|it| f64::from(it.number()));
        signals.set(Signal::Dwelling, kind);
        let visible = delivery.visible_from_street.map(yes_no);
        signals.set(Signal::VisibleFromStreet, visible);
    }
    signals.set(Signal::AddressNew, is_new(scene).map(yes_no));
    let parcels = order
        .parcel_count()
        .or_else(|| (other_parcels > 0).then_some(1))
        .map(|own| f64::from(own) + f64::from(other_parcels));
    signals.set(Signal::ParcelsAtStop, parcels);
    let (placed_on, hour) = order.placed_at.in_zone(&scene.zone);
    let day = delivery.expected_on.unwrap_or(placed_on);
    signals.set(Signal::Season, Some(f64::from(day.month())));
    signals.set(Signal::Weekday, Some(f64::from(day.weekday())));
    signals.set(Signal::OrderHour, Some(f64::from(hour)));
    let billing = order.session.billing_matches_delivery;
    signals.set(Signal::BillingMismatch, billing.map(|same| yes_no(!same)));
}

/// Whether the customer's address was never heard of before this order; unknown while nothing was heard of the customer.
fn is_new(scene: &Scene<'_>) -> Option<bool> {
    let customer = scene.customer?;
    let mut before = customer
        .addresses
        .iter()
        .filter(|(_, known)| scene.own.came_after(known.first_at()))
        .map(|(key, _)| key)
        .peekable();
    if before.peek().is_none() && !scene.has_history {
        return None;
    }
    Some(before.all(|key| *key != scene.address_key))
}

/// Parcels of other orders due at the stop; one for each order whose number is unknown.
pub(super) fn other_parcels(scene: &Scene<'_>) -> u32 {
    let Some(address) = scene.address else {
        return 0;
    };
    let order = scene.order;
    let mut day = None;
    let due = address.open.iter().filter(|(id, entry)| {
        // The day is worked out once, and only where somebody else is due.
        **id != order.order_id && entry.until >= scene.now && {
            let day = *day.get_or_insert_with(|| scene.day());
            entry.meets(order.delivery.expected_on, day)
        }
    });
    due.fold(0, |sum: u32, (_, entry)| {
        sum.saturating_add(entry.parcels.unwrap_or(1))
    })
}
