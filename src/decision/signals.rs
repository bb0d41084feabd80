//! From an order and what is known to a [`Situation`]: every signal measured once, with its unit, and what is possible.
//!
//! Nothing is weighed here; how each number is measured stands in the file of its topic. Windows reach back from the
//! time of receipt, not from `placed_at`: an old order that comes late is judged by what is known now, and `placed_at`
//! says only in which window of *other* orders it counts. What the order itself added to profiles before (an earlier
//! revision, its cart) is taken out again, so that a revision is measured like a first call.

mod account;
mod profile;
mod stop;

use std::sync::Arc;

use super::signal::Signals;
use super::situation::{CarrierAbility, Situation};
use super::snapshot::{Key, Keys, Look, Snapshot};
use crate::domain::action::Action;
use crate::domain::catalogue::Catalogue;
use crate::domain::dossier::Dossier;
use crate::domain::event::Subject;
use crate::domain::ids::AddressKey;
use crate::domain::order::{Order, Stage};
use crate::domain::units::Timestamp;

pub use account::account_mark;
pub use profile::{Known, known, profile_keys};
pub use stop::{address_of, day_of, placement, until, zone_of};

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

/// Measures everything about an order at `now`, the time of receipt.
#[must_use]
pub fn measure(
    order: Arc<Order>,
    snapshot: &Snapshot,
    catalogue: &Catalogue,
    now: Timestamp,
) -> Situation {
    let dossier = snapshot.orders.get(&order.order_id);
    let signals = Signals::default();
    Situation {
        now,
        signals,
        base: catalogue.base,
        base_cents: catalogue.base_cents(order.currency),
        own_parcels: order.parcel_count(),
        other_parcels: 0,
        contacts: Vec::new(),
        changes: Vec::new(),
        carrier: CarrierAbility {
            capabilities: Vec::new(),
            code_ready: true,
            inspection_s: 0,
        },
        lockers: Vec::new(),
        restricted: false,
        weakly_packed: Vec::new(),
        resale: Vec::new(),
        unsealed: dossier.is_some_and(Dossier::is_unsealed),
        review_lapsed: dossier.is_some_and(|it| review_lapsed(it, now)),
        order,
    }
}

/// The latest answer was `REVIEW` for a placed order, and nobody answered in time. A cart's lapses without effect:
/// nobody was asked to review it.
fn review_lapsed(dossier: &Dossier, now: Timestamp) -> bool {
    dossier.latest.as_ref().is_some_and(|latest| {
        latest.action == Action::Review && latest.stage == Stage::Placed && now > latest.valid_until
    })
}
