//! What happens to accounts: people move and change their numbers, intruders put themselves in, owners take back.

use super::chance::About;
use super::ids;
use super::parameters::BadWorld;
use super::people::{self, Person};
use super::plan::Plan;
use super::world::World;
use crate::domain::event::EventKind;
use crate::domain::ids::{AddressKey, ContactId};
use crate::domain::order::{AddressType, ContactKind};
use crate::domain::units::Timestamp;

/// What is told of a change, each with the name that tells it from others of the same order.
type Told = Vec<(&'static str, EventKind)>;

impl World {
    /// A contact takes the place of the one of its kind.
    pub(super) fn change_contact(
        &mut self,
        plan: &Plan,
        at: Timestamp,
        email: bool,
    ) -> Result<Told, BadWorld> {
        let Some(person) = self.population.people.get_mut(plan.customer) else {
            return Ok(Vec::new());
        };
        let kind = if email {
            ContactKind::Email
        } else {
            phone_of(person)
        };
        let told = replace(person, kind, at)?;
        if plan.intruder {
            self.broken_in.entry(plan.customer).or_default().contacts += 1;
        }
        Ok(vec![(if email { "m" } else { "p" }, told)])
    }

    /// The customer moves, or an intruder adds a drop.
    pub(super) fn change_address(&mut self, plan: &Plan, at: Timestamp) -> Result<Told, BadWorld> {
        let (it, places, all) = (&self.it, &self.places, &mut self.population);
        let Some(person) = all.people.get_mut(plan.customer) else {
            return Ok(Vec::new());
        };
        let town = all
            .addresses
            .get(person.address)
            .map_or(0, |address| address.town);
        let mut chance = self.seed.stream(About::People, u64::MAX / 2 + plan.number);
        let address = if plan.intruder {
            let mules = all.mules.get(town).map_or(&[][..], Vec::as_slice);
            let (homes, forwarders) = mules.split_at(mules.len() / 2);
            let mules = if plan.acts.forwarder {
                forwarders
            } else {
                homes
            };
            let drop = mules
                .get(chance.below(mules.len()))
                .copied()
                .unwrap_or(person.address);
            self.broken_in.entry(plan.customer).or_default().drop = Some((drop, at));
            drop
        } else {
            let key = ids::make("address-moved", plan.number, AddressKey::try_new)?;
            let kind = plan.acts.forwarder.then_some(AddressType::Forwarder);
            let moved = people::new_address(it, places, key, (town, kind), &mut chance)?;
            (person.address, person.address_since) = (all.addresses.len(), at);
            all.addresses.push(moved);
            person.address
        };
        person.changed_at = person.changed_at.max(Some(at));
        let Some(address) = all.addresses.get(address) else {
            return Ok(Vec::new());
        };
        let told = EventKind::AddressChanged {
            customer_id: person.id.clone(),
            address_key: address.key.clone(),
        };
        Ok(vec![("a", told)])
    }

    /// The password is reset.
    pub(super) fn reset_password(&mut self, plan: &Plan, at: Timestamp) -> Told {
        let Some(person) = self.population.people.get_mut(plan.customer) else {
            return Vec::new();
        };
        person.password_reset_at = person.password_reset_at.max(Some(at));
        person.changed_at = person.changed_at.max(Some(at));
        let customer_id = person.id.clone();
        vec![("w", EventKind::PasswordReset { customer_id })]
    }

    /// The owner throws an intruder out: new contacts where the intruder's were, a new password.
    pub(super) fn take_back(&mut self, customer: usize, at: Timestamp) -> Result<Told, BadWorld> {
        let (Some(broken_in), Some(person)) = (
            self.broken_in.remove(&customer),
            self.population.people.get_mut(customer),
        ) else {
            return Ok(Vec::new());
        };
        let mut told = Vec::new();
        if broken_in.contacts > 0 {
            told.push(("r", replace(person, ContactKind::Email, at)?));
        }
        person.password_reset_at = Some(at);
        person.changed_at = Some(at);
        let customer_id = person.id.clone();
        told.push(("v", EventKind::PasswordReset { customer_id }));
        Ok(told)
    }
}

/// The kind of telephone contact that a customer has.
fn phone_of(person: &Person) -> ContactKind {
    let has_voice = person
        .contacts
        .iter()
        .any(|it| it.kind == ContactKind::Voice);
    if has_voice {
        ContactKind::Voice
    } else {
        ContactKind::Sms
    }
}

/// A new contact of this kind; the one before is replaced.
fn replace(person: &mut Person, kind: ContactKind, at: Timestamp) -> Result<EventKind, BadWorld> {
    person.versions += 1;
    person.changed_at = person.changed_at.max(Some(at));
    let word = if kind == ContactKind::Email {
        "mail"
    } else {
        "phone"
    };
    let name = format_args!("{}-{}", person.number, person.versions);
    let contact_id = ids::make(word, name, ContactId::try_new)?;
    let mut previous = None;
    for old in &mut person.contacts {
        if old.kind == kind && old.replaced_at.is_none() {
            old.replaced_at = Some(at);
            previous = Some(old.contact_id.clone());
        }
    }
    person
        .contacts
        .push(people::contact(contact_id.clone(), kind, at));
    Ok(EventKind::ContactChanged {
        customer_id: person.id.clone(),
        contact_id,
        previous_contact_id: previous,
        kind,
        verified: Some(true),
    })
}
