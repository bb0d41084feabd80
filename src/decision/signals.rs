//! From an order and what is known to a [`Situation`]: every signal measured once, with its unit, and what is possible.
//!
//! Nothing is weighed here; how each number is measured stands in the file of its topic. Windows reach back from the
//! time of receipt, not from `placed_at`: an old order that comes late is judged by what is known now, and `placed_at`
//! says only in which window of *other* orders it counts. What the order itself added to profiles before (an earlier
//! revision, its cart) is taken out again, so that a revision is measured like a first call.

mod account;
mod address;
mod burden;
mod carrier;
mod items;
mod listing;
mod lockers;
mod losses;
mod profile;
mod spend;
mod stop;
mod values;
mod windows;

use std::sync::Arc;

use self::windows::{Own, Windows};
use super::signal::Signals;
use super::situation::Situation;
use super::snapshot::{Key, Keys, Look, Snapshot};
use crate::domain::action::Action;
use crate::domain::catalogue::Catalogue;
use crate::domain::dossier::{Dossier, ProfileKey};
use crate::domain::event::Subject;
use crate::domain::ids::AddressKey;
use crate::domain::order::{LinkKey, Order, Stage};
use crate::domain::profile::{Address, Customer};
use crate::domain::tally::{Counter, utc_day};
use crate::domain::units::{Date, Span, Timestamp, Zone, to_f64};

pub use listing::listing;
pub use profile::{Known, known, profile_keys};
pub use stop::{address_of, day_of, placement, until, zone_of};
pub use values::account_mark;

/// What deciding `order` has to read. A rerouted order also needs [`address_keys`] of [`address_of`].
#[must_use]
pub fn keys(order: &Order) -> Keys {
    let mut keys = address_keys(&order.delivery.address_key);
    keys.lock.insert(Key::Order(order.order_id.clone()));
    keys.lock.insert(Key::Customer(order.unit()));
    keys.lock.extend(order.links().into_iter().map(Key::Link));
    if let Some(id) = &order.customer_id {
        let subject = Subject::Customer(id.clone());
        keys.look.insert(Look::Suspicions(subject));
    }
    if let Some(id) = &order.carrier.route_id {
        keys.look.insert(Look::Route(id.clone()));
        keys.look
            .insert(Look::Suspicions(Subject::Route(id.clone())));
    }
    if let Some(id) = &order.carrier.depot_id {
        keys.look.insert(Look::Depot(id.clone()));
        keys.look
            .insert(Look::Suspicions(Subject::Depot(id.clone())));
    }
    keys.look.insert(Look::Platform);
    keys
}

/// What an address has to be read for.
#[must_use]
pub fn address_keys(address: &AddressKey) -> Keys {
    let mut keys = Keys::default();
    keys.lock.insert(Key::Address(address.clone()));
    keys.look
        .insert(Look::Suspicions(Subject::Address(address.clone())));
    keys
}

/// What the budgets of all orders have to be read for at `now`.
#[must_use]
pub fn day_keys(now: Timestamp) -> Keys {
    let mut keys = Keys::default();
    keys.look.insert(Look::Day(utc_day(now)));
    keys
}

/// Measures everything about an order at `now`, the time of receipt.
#[must_use]
pub fn measure(
    order: Arc<Order>,
    snapshot: &Snapshot,
    catalogue: &Catalogue,
    now: Timestamp,
) -> Situation {
    let scene = Scene::new(&order, snapshot, catalogue, now);
    let mut signals = Signals::default();
    let other_parcels = address::other_parcels(&scene);
    let contents = items::measure(&scene, &mut signals);
    spend::measure(&scene, &mut signals);
    address::measure(&scene, &mut signals, other_parcels);
    let account = account::measure(&scene, &mut signals);
    losses::measure(&scene, snapshot, &mut signals);
    carrier::measure(&scene, &mut signals);
    let dossier = scene.dossier;
    Situation {
        now,
        signals,
        base: catalogue.base,
        base_cents: scene.base_cents,
        own_parcels: order.parcel_count(),
        other_parcels,
        contacts: account.contacts,
        changes: account.changes,
        carrier: carrier::ability(&order.carrier, catalogue),
        lockers: lockers::measure(&scene),
        restricted: contents.restricted,
        weakly_packed: contents.weakly_packed,
        resale: contents.resale,
        unsealed: dossier.is_some_and(Dossier::is_unsealed),
        review_lapsed: dossier.is_some_and(|it| review_lapsed(it, now)),
        asked: burden::asked(&scene),
        used: Some(burden::used(&scene, snapshot)),
        order,
    }
}

/// An order among what is known of its customer, address and keys.
struct Scene<'a> {
    order: &'a Order,
    catalogue: &'a Catalogue,
    now: Timestamp,
    dossier: Option<&'a Dossier>,
    own: Own,
    /// The known customer; never a guest's row.
    customer: Option<&'a Customer>,
    /// Something is known of the customer beyond this order.
    has_history: bool,
    /// When and where to the order was rerouted.
    rerouted: Option<(Timestamp, &'a AddressKey)>,
    address_key: AddressKey,
    address: Option<&'a Address>,
    /// Device and means of payment.
    links: [Option<LinkKey>; 2],
    customer_windows: Windows<'a>,
    /// Of address, device and means of payment, where there is one.
    other_windows: [Option<Windows<'a>>; 3],
    zone: Zone,
    base_cents: f64,
    order_cents: f64,
}

impl<'a> Scene<'a> {
    fn new(
        order: &'a Order,
        snapshot: &'a Snapshot,
        catalogue: &'a Catalogue,
        now: Timestamp,
    ) -> Self {
        let dossier = snapshot.orders.get(&order.order_id);
        let own = Own::of(dossier);
        let unit = order.unit();
        let customer = snapshot
            .customers
            .get(&unit)
            .filter(|_| order.customer_id.is_some());
        let tally = customer.map(|it| &it.tally);
        let customer_windows = Windows::new(tally, &own, || ProfileKey::Unit(unit), now);
        let rerouted = stop::rerouted(order, dossier);
        let address_key = rerouted
            .map_or(&order.delivery.address_key, |(_, address)| address)
            .clone();
        let address = snapshot.addresses.get(&address_key);
        let session = &order.session;
        let links = [
            session.device_key.clone().map(LinkKey::Device),
            session.payment_key.clone().map(LinkKey::Payment),
        ];
        let of_address = Windows::new(
            address.map(|it| &it.tally),
            &own,
            || ProfileKey::Address(address_key.clone()),
            now,
        );
        let of_link = |key: &Option<LinkKey>| {
            let key = key.as_ref()?;
            let tally = snapshot.links.get(key).map(|it| &it.tally);
            let profile = || ProfileKey::Link(key.clone());
            Some(Windows::new(tally, &own, profile, now))
        };
        let [device, payment] = &links;
        let other_windows = [Some(of_address), of_link(device), of_link(payment)];
        let base_cents = catalogue.base_cents(order.currency);
        Self {
            has_history: customer.is_some_and(|it| it.completed > 0) || is_known(&customer_windows),
            zone: zone_of(order, catalogue),
            order_cents: to_f64(order.amount_minor()) * base_cents,
            order,
            catalogue,
            now,
            dossier,
            own,
            customer,
            rerouted,
            address_key,
            address,
            links,
            customer_windows,
            other_windows,
            base_cents,
        }
    }

    /// The day of delivery, else the day the order was placed.
    fn day(&self) -> Date {
        let placed = || self.order.placed_at.in_zone(&self.zone).0;
        self.order.delivery.expected_on.unwrap_or_else(placed)
    }

    /// The address's windows, where anything is known of it beyond this order.
    fn address_with_history(&self) -> Option<&Windows<'a>> {
        let [address, ..] = &self.other_windows;
        address.as_ref().filter(|windows| is_known(windows))
    }
}

/// Whether a profile knows of other orders, or of anything that happened to them.
fn is_known(windows: &Windows<'_>) -> bool {
    const LONG: Span = Span::days(400);
    let counters = [
        Counter::Orders,
        Counter::Claims,
        Counter::Attended,
        Counter::LossPorch,
        Counter::LossCourier,
    ];
    counters
        .into_iter()
        .any(|counter| windows.count(counter, LONG) > 0.0)
}

/// The latest answer was `REVIEW` for a placed order, and nobody answered in time. A cart's lapses without effect:
/// nobody was asked to review it.
fn review_lapsed(dossier: &Dossier, now: Timestamp) -> bool {
    dossier.latest.as_ref().is_some_and(|latest| {
        latest.action == Action::Review && latest.stage == Stage::Placed && now > latest.valid_until
    })
}

#[cfg(test)]
mod tests;
