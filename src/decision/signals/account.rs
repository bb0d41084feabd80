//! The account: contacts, addresses and passwords of order and history together, resolved.
//!
//! Which values are changes is said in `values`.

use super::Scene;
use super::values::{Sort, Value, Values};
use crate::decision::signal::{Signal, Signals};
use crate::decision::situation::{Change, Changed, ContactFacts};
use crate::domain::ids::ContactId;
use crate::domain::order::{Contact, ContactKind};
use crate::domain::profile::{KnownAddress, KnownContact};
use crate::domain::units::{Span, Timestamp};

/// Older changes are not told.
const TOLD: Span = Span::days(90);

/// Contacts and changes of an account, resolved.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// Sorted by id.
    pub(super) contacts: Vec<ContactFacts>,
    /// Within 90 days, oldest first.
    pub(super) changes: Vec<Change>,
}

/// Resolves contacts and changes, and measures how long ago each sort changed.
pub(super) fn measure(scene: &Scene<'_>, signals: &mut Signals) -> Account {
    let now = scene.now;
    let mut all = Vec::with_capacity(16);
    let contacts = contacts(scene, &mut all);
    addresses(scene, &mut all);
    let told = scene.order.customer_since_at.map(|at| at.min(now));
    let began = told.or_else(|| scene.customer?.since_at);
    let values = Values::new(all, began);
    let since = |at: Option<Timestamp>| at.map(|at| now.since(at).as_days().max(0.0));
    let (email, phone) = (values.latest(Sort::Email), values.latest(Sort::Phone));
    signals.set(Signal::EmailChangeDays, since(email));
    signals.set(Signal::PhoneChangeDays, since(phone));
    signals.set(Signal::ContactChangeDays, since(email.max(phone)));
    if scene.order.customer_id.is_some() {
        let address = values.latest(Sort::Address);
        signals.set(Signal::AddressChangeDays, since(address));
        signals.set(Signal::AccountAgeDays, since(began));
    }
    let reset = resets(scene).max();
    let hours = reset.map(|at| now.since(at).as_hours().max(0.0));
    signals.set(Signal::PasswordResetHours, hours);
    let resets = resets(scene).map(|at| Change {
        at,
        what: Changed::Password,
    });
    let changes = values.changes().map(|(value, at)| Change {
        at,
        what: value.what,
    });
    let from = now.minus(TOLD);
    let mut changes: Vec<Change> = changes
        .chain(resets)
        .filter(|change| change.at > from)
        .collect();
    changes.sort_unstable();
    changes.dedup();
    Account { contacts, changes }
}

/// Password resets of order and history; one from the future is of now.
fn resets(scene: &Scene<'_>) -> impl Iterator<Item = Timestamp> {
    let told = scene.order.session.password_reset_at;
    let known = scene.customer.into_iter().flat_map(|it| &it.resets);
    told.into_iter()
        .chain(known.copied())
        .map(|at| at.min(scene.now))
}

/// Contacts of order and history, each once. Those that the order lists are the current ones, but for those it calls
/// replaced; where it lists none, those that history knows and never saw replaced since.
fn contacts(scene: &Scene<'_>, values: &mut Vec<Value>) -> Vec<ContactFacts> {
    let now = scene.now;
    let listed = &scene.order.contacts;
    let known = scene.customer.map(|it| &it.contacts);
    let mut facts = Vec::with_capacity(listed.len() + known.map_or(0, |it| it.len()));
    for contact in listed {
        let history = known.and_then(|it| it.get(&contact.contact_id));
        let (value, fact) = listed_contact(contact, history, now);
        // The recipient's contact of a gift is no value of the buyer's account, and no change of it.
        if !fact.recipient {
            values.push(value);
        }
        facts.push(fact);
    }
    let is_listed = |id: &ContactId| listed.iter().any(|it| it.contact_id == *id);
    for (id, history) in known.into_iter().flatten().filter(|(id, _)| !is_listed(id)) {
        let history = by_now(history, now);
        values.push(Value::contact(history.kind, &history));
        let replaced = history.replaced_at.is_some_and(|at| at >= history.since());
        facts.push(ContactFacts {
            contact_id: id.clone(),
            kind: history.kind,
            verified: history.verified_at.is_some(),
            verified_at: history.verified_at,
            since: Some(history.since()),
            current: listed.is_empty() && !replaced,
            recipient: false,
        });
    }
    facts.sort_by(|a, b| a.contact_id.cmp(&b.contact_id));
    facts
}

/// A contact of the order, with what history adds.
fn listed_contact(
    contact: &Contact,
    history: Option<&KnownContact>,
    now: Timestamp,
) -> (Value, ContactFacts) {
    let history = history.map(|it| by_now(it, now));
    let told = |at: Option<Timestamp>| at.map(|it| it.min(now));
    let kind = match contact.kind {
        ContactKind::Unknown => history.map_or(ContactKind::Unknown, |it| it.kind),
        kind @ (ContactKind::Email
        | ContactKind::Sms
        | ContactKind::Voice
        | ContactKind::Push
        | ContactKind::Post) => kind,
    };
    let known = KnownContact {
        kind,
        seen_at: history.map_or(now, |it| it.seen_at),
        changed_at: told(contact.changed_at).max(history.and_then(|it| it.changed_at)),
        verified_at: None,
        replaced_at: told(contact.replaced_at).or_else(|| history?.replaced_at),
    };
    let mut value = Value::contact(kind, &known);
    if value.past && history.is_none() {
        // Its end is told and its beginning is not: it counts as from before nothing.
        value.since = None;
    }
    let shown = history.and_then(|it| it.verified_at);
    let proven = contact.verified_at.is_some() || shown.is_some();
    let verified = contact.verified.unwrap_or(proven);
    let fact = ContactFacts {
        contact_id: contact.contact_id.clone(),
        kind,
        verified,
        verified_at: told(contact.verified_at).or(shown).filter(|_| verified),
        since: value.since,
        current: contact.replaced_at.is_none(),
        recipient: contact.recipient == Some(true),
    };
    (value, fact)
}

/// The order's address, the one it was rerouted to, and those of history.
fn addresses(scene: &Scene<'_>, values: &mut Vec<Value>) {
    let now = scene.now;
    let delivery = &scene.order.delivery;
    let known = scene.customer.map(|it| &it.addresses);
    let told = delivery.address_added_at.map(|at| at.min(now));
    let history = known.and_then(|it| it.get(&delivery.address_key));
    let own = KnownAddress {
        seen_at: history.map_or(now, |it| it.seen_at.min(now)),
        changed_at: told.max(history.and_then(|it| it.changed_at)),
    };
    values.push(Value::address(&own));
    let rerouted = scene
        .rerouted
        .filter(|(_, key)| **key != delivery.address_key);
    if let Some((at, key)) = rerouted
        && known.is_none_or(|it| !it.contains_key(key))
    {
        values.push(Value::address(&KnownAddress {
            seen_at: at.max(own.since()).min(now),
            changed_at: None,
        }));
    }
    let others = known.into_iter().flatten();
    for (_, history) in others.filter(|(key, _)| **key != delivery.address_key) {
        values.push(Value::address(&KnownAddress {
            seen_at: history.seen_at.min(now),
            changed_at: history.changed_at.map(|at| at.min(now)),
        }));
    }
}

/// History as it can be true now: what a faster clock dated ahead is of now.
fn by_now(known: &KnownContact, now: Timestamp) -> KnownContact {
    let told = |at: Option<Timestamp>| at.map(|it| it.min(now));
    KnownContact {
        kind: known.kind,
        seen_at: known.seen_at.min(now),
        changed_at: told(known.changed_at),
        verified_at: told(known.verified_at),
        replaced_at: told(known.replaced_at),
    }
}
