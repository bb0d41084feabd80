//! What of an order or event stays in the memory of its customer: values with their times.
//!
//! Every time merges by minimum or maximum, so no order of arrival matters while a customer has no more than
//! [`KNOWN_MAX`] values of a sort; beyond, the longest unused goes, and the account is at least as old as it was. Counts
//! are no memory: they follow from the dossier.

use std::collections::BTreeMap;

use super::event::{Event, EventKind};
use super::ids::{AddressKey, ContactId};
use super::order::{Contact, Order};
use super::profile::{Customer, KNOWN_MAX, KnownAddress, KnownContact, RESETS_MAX, earliest};
use super::units::{Span, Timestamp};

const MOMENT: Span = Span::micros(1);

/// Takes in what an order tells of its customer, at the time of receipt.
///
/// Nothing of a guest is remembered: a guest has no account whose values could change. Times told from the future are
/// those of receipt.
pub fn remember(customer: &mut Customer, order: &Order, now: Timestamp) {
    if order.customer_id.is_none() {
        return;
    }
    let told = |at: Option<Timestamp>| at.map(|it| it.min(now));
    customer.since_at = earliest(customer.since_at, told(order.customer_since_at));
    // As told, so that the same order sent again tells the same reset; whoever reads it bounds it by the time of asking.
    if let Some(at) = order.session.password_reset_at {
        know_reset(customer, at);
    }
    // The recipient's contact of a gift is somebody else's: it never becomes the buyer's.
    for contact in order
        .contacts
        .iter()
        .filter(|it| it.recipient != Some(true))
    {
        know_contact(customer, &contact.contact_id, seen(contact, now));
    }
    let address = KnownAddress {
        seen_at: now,
        changed_at: told(order.delivery.address_added_at),
    };
    know_address(customer, &order.delivery.address_key, address);
    customer.links.extend(order.links());
    while customer.links.len() > KNOWN_MAX {
        customer.links.pop_last();
    }
}

/// Takes in what an event tells of its customer.
///
/// Changes of contacts, addresses and passwords, and the address of an order that was placed elsewhere; other events
/// tell nothing. Whose memory it is, is the caller's to know.
pub fn remember_event(customer: &mut Customer, event: &Event) {
    let at = event.occurred_at;
    match &event.kind {
        EventKind::ContactChanged {
            contact_id,
            previous_contact_id,
            kind,
            verified,
            ..
        } => {
            let new = KnownContact {
                kind: *kind,
                seen_at: at,
                changed_at: Some(at),
                verified_at: (*verified == Some(true)).then_some(at),
                replaced_at: None,
            };
            know_contact(customer, contact_id, new);
            let replaced = |id: &&ContactId| *id != contact_id;
            if let Some(previous) = previous_contact_id.as_ref().filter(replaced) {
                let old = KnownContact {
                    kind: *kind,
                    seen_at: at.minus(MOMENT),
                    changed_at: None,
                    verified_at: None,
                    replaced_at: Some(at),
                };
                know_contact(customer, previous, old);
            }
        }
        EventKind::AddressChanged { address_key, .. } => {
            let address = KnownAddress {
                seen_at: at,
                changed_at: Some(at),
            };
            know_address(customer, address_key, address);
        }
        EventKind::PasswordReset { .. } => know_reset(customer, at),
        EventKind::OrderPlaced(told) => {
            let address = KnownAddress {
                seen_at: at,
                changed_at: None,
            };
            know_address(customer, &told.address_key, address);
        }
        EventKind::OrderCancelled { .. }
        | EventKind::OrderRerouted { .. }
        | EventKind::ParcelScanned(_)
        | EventKind::ParcelHandedOver(_)
        | EventKind::ParcelRefused { .. }
        | EventKind::DeliveryFailed(_)
        | EventKind::CodeNotice { .. }
        | EventKind::ClaimOpened(_)
        | EventKind::ClaimSettled { .. }
        | EventKind::SuspicionRaised { .. }
        | EventKind::SuspicionCleared { .. } => {}
    }
}

/// A contact as an order received at `now` shows it.
fn seen(contact: &Contact, now: Timestamp) -> KnownContact {
    let told = |at: Option<Timestamp>| at.map(|it| it.min(now));
    let verified = (contact.verified == Some(true)).then_some(now);
    KnownContact {
        kind: contact.kind,
        seen_at: now,
        changed_at: told(contact.changed_at),
        verified_at: told(contact.verified_at)
            .filter(|_| contact.verified != Some(false))
            .or(verified),
        replaced_at: told(contact.replaced_at),
    }
}

fn know_contact(customer: &mut Customer, id: &ContactId, one: KnownContact) {
    let known = customer.contacts.entry(id.clone()).or_insert(one);
    known.merge(&one);
    let last = |it: &KnownContact| {
        let later = it.changed_at.max(it.replaced_at);
        later.map_or(it.seen_at, |at| at.max(it.seen_at))
    };
    let lost = evict(&mut customer.contacts, last).map(|it| it.first_at());
    customer.since_at = earliest(customer.since_at, lost);
}

fn know_address(customer: &mut Customer, key: &AddressKey, one: KnownAddress) {
    let known = customer.addresses.entry(key.clone()).or_insert(one);
    known.merge(&one);
    let last = |it: &KnownAddress| it.since().max(it.seen_at);
    let lost = evict(&mut customer.addresses, last).map(|it| it.first_at());
    customer.since_at = earliest(customer.since_at, lost);
}

fn know_reset(customer: &mut Customer, at: Timestamp) {
    customer.resets.insert(at);
    while customer.resets.len() > RESETS_MAX {
        customer.resets.pop_first();
    }
}

/// Takes out the value that was unused for longest, where there are too many.
fn evict<K: Ord + Clone, V>(
    known: &mut BTreeMap<K, V>,
    last: impl Fn(&V) -> Timestamp,
) -> Option<V> {
    if known.len() <= KNOWN_MAX {
        return None;
    }
    let (key, _) = known
        .iter()
        .min_by_key(|(key, value)| (last(value), *key))?;
    let key = key.clone();
    known.remove(&key)
}

#[cfg(test)]
mod tests;
