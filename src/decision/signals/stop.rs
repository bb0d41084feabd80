//! Where and when an order is due: its address after a reroute, its day in the delivery's zone, its place in windows.

use crate::decision::policy::Validity;
use crate::domain::catalogue::Catalogue;
use crate::domain::dossier::{Dossier, Placement};
use crate::domain::ids::AddressKey;
use crate::domain::order::{Order, Stage};
use crate::domain::units::{Date, Timestamp, Zone};

/// An order's amount counts for others up to this many minor units, so that sums of many stay exact.
const AMOUNT_MAX: i64 = 1_000_000_000_000_000;
/// Since always: the first content of an order ends no reroute, whenever that was.
const ALWAYS: Timestamp = Timestamp::from_micros(0);

/// The address that counts for stop and profile: a reroute's, until content with another address than before is sent.
///
/// A cart is never rerouted; a reroute that waits for its order is in force with its first placing.
#[must_use]
pub fn address_of(order: &Order, dossier: Option<&Dossier>) -> AddressKey {
    rerouted(order, dossier)
        .map_or(&order.delivery.address_key, |(_, address)| address)
        .clone()
}

/// The reroute in force for this content: when, and where to.
pub(super) fn rerouted<'a>(
    order: &Order,
    dossier: Option<&'a Dossier>,
) -> Option<(Timestamp, &'a AddressKey)> {
    let dossier = dossier?;
    let last = dossier.placement();
    let since = match last {
        Some(last) if last.address == order.delivery.address_key => last.address_since,
        Some(_) => return None,
        None if order.stage == Stage::Cart => return None,
        None => ALWAYS,
    };
    let reroute = dossier.rerouted.as_ref().filter(|it| it.at > since)?;
    Some((reroute.at, &reroute.address))
}

/// The delivery's zone: as the order names it, else its country's in the catalogue, else UTC.
#[must_use]
pub fn zone_of(order: &Order, catalogue: &Catalogue) -> Zone {
    let delivery = &order.delivery;
    let country = || catalogue.zones.get(delivery.country_code.as_ref()?);
    delivery
        .time_zone
        .as_deref()
        .or_else(|| country().map(String::as_str))
        .and_then(Zone::named)
        .unwrap_or(Zone::UTC)
}

/// The day of delivery, else the day the order was placed, in the delivery's zone.
#[must_use]
pub fn day_of(order: &Order, catalogue: &Catalogue) -> Date {
    order
        .delivery
        .expected_on
        .unwrap_or_else(|| order.placed_at.in_zone(&zone_of(order, catalogue)).0)
}

/// Until when an order received at `now` holds if nothing is dispatched.
///
/// A cart some minutes; a placed order some days after the end of its date in the delivery's zone, without a date some
/// days from now. An answer `REVIEW` lapses sooner, the order does not.
#[must_use]
pub fn until(
    order: &Order,
    catalogue: &Catalogue,
    now: Timestamp,
    validity: &Validity,
) -> Timestamp {
    match (order.stage, order.delivery.expected_on) {
        (Stage::Cart, _) => now.plus(validity.cart),
        (Stage::Placed, None) => now.plus(validity.undated),
        (Stage::Placed, Some(date)) => {
            zone_of(order, catalogue).end_of(date.plus_days(validity.dated_days))
        }
    }
}

/// What of `order`, received at `now`, counts for others; `dossier` is what was known of it before.
#[must_use]
pub fn placement(
    order: &Order,
    dossier: &Dossier,
    catalogue: &Catalogue,
    now: Timestamp,
    validity: &Validity,
) -> Placement {
    let address = &order.delivery.address_key;
    let address_since = match dossier.placement() {
        Some(last) if last.address == *address => last.address_since,
        Some(_) => now,
        None => ALWAYS,
    };
    // A revision stays where the order was first dated: it counts once, at one time.
    let before = match order.stage {
        Stage::Cart => dossier.cart.as_ref(),
        Stage::Placed => dossier.placed.as_ref(),
    };
    Placement {
        at: before.map_or(order.placed_at, |it| it.at.min(order.placed_at)),
        unit: order.unit(),
        customer: order.customer_id.clone(),
        address: address.clone(),
        address_since,
        amount: Some((order.currency, order.amount_minor().min(AMOUNT_MAX))),
        links: order.links(),
        carrier: order.carrier.carrier_id.clone(),
        route: order.carrier.route_id.clone(),
        depot: order.carrier.depot_id.clone(),
        parcels: order.parcel_count(),
        date: order.delivery.expected_on,
        day: day_of(order, catalogue),
        until: until(order, catalogue, now, validity),
    }
}
