//! What of a record names or places a person: the order, contacts, lockers; to its stored message and back.

use super::body::read_members;
use super::order::{self, Columns};
use super::parts::{Broken, FORMAT, Reader, Writer, code, each, known, member, number, of_number};
use super::stored;
use crate::decision::answer::{Alternative, ItemRequirement};
use crate::decision::record::Record;
use crate::decision::situation::{ContactFacts, Fit, LockerFacts};
use crate::domain::ids::{ContactId, LockerId};
use crate::domain::order::{Item, Order};
use crate::domain::units::Timestamp;

/// The message of a record.
pub(super) fn personal(record: &Record) -> stored::Personal {
    let (situation, decision) = (&record.situation, &record.decision);
    let mut names = Writer::default();
    let mut into = stored::Personal {
        format: FORMAT,
        ..stored::Personal::default()
    };
    let now = record.decided_at;
    order::put(&mut into, &mut names, &situation.order);
    into.placed_at = less(situation.order.placed_at, now);
    for facts in &situation.contacts {
        into.contact_facts.push(put_contact(&mut names, facts, now));
    }
    for facts in &situation.lockers {
        into.locker_facts.push(put_locker(&mut names, facts));
    }
    for (place, requirement) in decision.items.iter().enumerate() {
        let line = situation.order.items.get(place);
        into.requirements
            .push(put_requirement(&mut names, line, requirement));
    }
    into.code_contact = names.some(decision.code_contact_id.as_ref());
    for contact in &decision.notify_contact_ids {
        into.notify_contacts.push(names.put(contact));
    }
    for locker in &decision.locker_ids {
        into.fitting_lockers.push(names.put(locker));
    }
    for alternative in &decision.alternatives {
        into.alternatives
            .push(put_alternative(&mut names, alternative));
    }
    into.names = names.finish();
    into
}

fn put_contact<'a>(
    names: &mut Writer<'a>,
    it: &'a ContactFacts,
    now: Timestamp,
) -> stored::ContactFacts {
    let flags = [(it.verified, 1), (it.current, 2), (it.recipient, 4)];
    stored::ContactFacts {
        contact: names.put(&it.contact_id),
        kind: number(it.kind),
        flags: flags.iter().filter(|(on, _)| *on).map(|(_, bit)| bit).sum(),
        verified_at: it.verified_at.map(|at| less(at, now)),
        since: it.since.map(|at| less(at, now)),
    }
}

/// A time as it is stored: near the decision, it is short.
const fn less(at: Timestamp, now: Timestamp) -> i64 {
    at.as_micros().wrapping_sub(now.as_micros())
}

/// A time as it was.
const fn plus(micros: i64, now: Timestamp) -> Timestamp {
    Timestamp::from_micros(micros.wrapping_add(now.as_micros()))
}

fn put_locker<'a>(names: &mut Writer<'a>, it: &'a LockerFacts) -> stored::LockerFacts {
    stored::LockerFacts {
        locker: names.put(&it.locker_id),
        distance_m: it.distance_m,
        step_free: it.step_free,
        fit: match it.fit {
            Fit::Fits => 0,
            Fit::DoesNotFit => 1,
            Fit::SizeUnknown => 2,
        },
    }
}

fn put_requirement<'a>(
    names: &mut Writer<'a>,
    line: Option<&Item>,
    it: &'a ItemRequirement,
) -> stored::Requirement {
    let own = line.is_some_and(|line| line.item_id == it.item_id);
    stored::Requirement {
        item: if own { 0 } else { names.put(&it.item_id) },
        needs_code: it.needs_code,
        obligations: it.obligations.iter().copied().map(number).collect(),
    }
}

fn put_alternative<'a>(names: &mut Writer<'a>, it: &'a Alternative) -> stored::Alternative {
    stored::Alternative {
        alternative: names.put(&it.alternative_id),
        kind: number(it.kind),
        action: number(it.action),
        contact: names.some(it.contact_id.as_ref()),
        locker: names.some(it.locker_id.as_ref()),
        secured_drop: code(it.secured_drop),
        obligations: it.obligations.iter().copied().map(number).collect(),
    }
}

/// What is read from a personal part.
pub(super) struct Read {
    pub(super) order: Order,
    pub(super) contacts: Vec<ContactFacts>,
    pub(super) lockers: Vec<LockerFacts>,
    pub(super) items: Vec<ItemRequirement>,
    pub(super) code_contact_id: Option<ContactId>,
    pub(super) notify_contact_ids: Vec<ContactId>,
    pub(super) locker_ids: Vec<LockerId>,
    pub(super) alternatives: Vec<Alternative>,
}

/// Reads a message, with what the row's columns say of the order and of the time of the decision.
pub(super) fn read(
    from: &mut stored::Personal,
    columns: Columns,
    now: Timestamp,
) -> Result<Read, Broken> {
    known(from.format)?;
    let delivery = from.delivery.take().unwrap_or_default();
    let preferences = from.preferences.take().unwrap_or_default();
    let names = Reader(&from.names);
    let mut order = order::read(from, delivery, preferences, &names, columns)?;
    order.placed_at = plus(from.placed_at, now);
    let items = from.requirements.iter().enumerate();
    Ok(Read {
        contacts: each(&from.contact_facts, |it| read_contact(&names, it, now))?,
        lockers: each(&from.locker_facts, |it| read_locker(&names, it))?,
        items: each(items, |(place, it)| {
            read_requirement(&names, order.items.get(place), it)
        })?,
        code_contact_id: names.some(from.code_contact)?,
        notify_contact_ids: each(&from.notify_contacts, |it| names.get(*it))?,
        locker_ids: each(&from.fitting_lockers, |it| names.get(*it))?,
        alternatives: each(&from.alternatives, |it| read_alternative(&names, it))?,
        order,
    })
}

fn read_contact(
    names: &Reader<'_>,
    it: &stored::ContactFacts,
    now: Timestamp,
) -> Result<ContactFacts, Broken> {
    Ok(ContactFacts {
        contact_id: names.get(it.contact)?,
        kind: of_number(it.kind)?,
        verified: it.flags & 1 != 0,
        verified_at: it.verified_at.map(|at| plus(at, now)),
        since: it.since.map(|at| plus(at, now)),
        current: it.flags & 2 != 0,
        recipient: it.flags & 4 != 0,
    })
}

fn read_locker(names: &Reader<'_>, it: &stored::LockerFacts) -> Result<LockerFacts, Broken> {
    Ok(LockerFacts {
        locker_id: names.get(it.locker)?,
        distance_m: it.distance_m,
        step_free: it.step_free,
        fit: match it.fit {
            0 => Fit::Fits,
            1 => Fit::DoesNotFit,
            2 => Fit::SizeUnknown,
            _ => return Err(Broken),
        },
    })
}

fn read_requirement(
    names: &Reader<'_>,
    line: Option<&Item>,
    it: &stored::Requirement,
) -> Result<ItemRequirement, Broken> {
    let item_id = match it.item {
        0 => line.ok_or(Broken)?.item_id.clone(),
        place => names.get(place)?,
    };
    Ok(ItemRequirement {
        item_id,
        needs_code: it.needs_code,
        obligations: read_members(&it.obligations)?,
    })
}

fn read_alternative(names: &Reader<'_>, it: &stored::Alternative) -> Result<Alternative, Broken> {
    Ok(Alternative {
        alternative_id: names.get(it.alternative)?,
        kind: of_number(it.kind)?,
        action: of_number(it.action)?,
        contact_id: names.some(it.contact)?,
        locker_id: names.some(it.locker)?,
        secured_drop: member(it.secured_drop)?,
        obligations: read_members(&it.obligations)?,
    })
}
