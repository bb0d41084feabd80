//! The contacts of an order.

use std::collections::BTreeMap;

use crate::api::wire::check::Check;
use crate::api::wire::{bounds, pb};
use crate::domain::ids::ContactId;
use crate::domain::order::{Contact, ContactKind};

/// Each value once.
pub(super) fn contacts(messages: Vec<pb::Contact>, check: &mut Check<'_>) -> Vec<Contact> {
    let mut seen = BTreeMap::new();
    check.each(
        "contacts",
        messages,
        bounds::CONTACTS_MAX,
        |it, place, one| {
            let contact = contact(one, it)?;
            match seen.insert(contact.contact_id.clone(), place) {
                None => Some(contact),
                Some(other) => {
                    let fault = format!("must be unique; it is that of contacts[{other}]");
                    it.fault("contact_id", fault);
                    None
                }
            }
        },
    )
}

fn contact(message: pb::Contact, check: &mut Check<'_>) -> Option<Contact> {
    let pb::Contact {
        contact_id,
        kind,
        verified,
        verified_at,
        changed_at,
        replaced_at,
        recipient,
    } = message;
    let contact_id = check.id("contact_id", &contact_id, ContactId::try_new);
    let kind = check.one_of("kind", kind, "ContactKind", ContactKind::from_number);
    let verified_at = check.past("verified_at", verified_at);
    let changed_at = check.past("changed_at", changed_at);
    let replaced_at = check.past("replaced_at", replaced_at);
    Some(Contact {
        contact_id: contact_id?,
        kind: kind.unwrap_or(ContactKind::Unknown),
        verified,
        verified_at,
        changed_at,
        replaced_at,
        recipient,
    })
}
