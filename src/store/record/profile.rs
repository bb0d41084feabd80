//! Customers, addresses and shared keys: to their stored messages and back.

use std::collections::BTreeMap;

use prost::Message as _;

use super::body::{ratchet, read_ratchet};
use super::parts::{
    Broken, FORMAT, Reader, Writer, known, message, number, of_number, same_length,
};
use super::stored;
use super::tally::{read_spend, read_tally, spend, tally};
use crate::domain::ids::{AddressKey, ContactId, CustomerId, OrderId};
use crate::domain::profile::{
    Address, Customer, KnownAddress, KnownContact, Link, OpenOrder, Slot, StopEntry,
};
use crate::domain::units::{Date, Timestamp};

fn at(micros: Option<i64>) -> Option<Timestamp> {
    micros.map(Timestamp::from_micros)
}

/// The bytes of a customer's row; the salt has a column of its own.
pub(in crate::store) fn customer(row: &Customer) -> Vec<u8> {
    let Customer {
        tally: counts,
        spend: sizes,
        completed,
        since_at,
        contacts,
        addresses,
        resets,
        links,
        open,
        slots,
        salt: _,
    } = row;
    let mut names = Writer::default();
    let (link_places, link_kinds) = names.links(links);
    let into = stored::Customer {
        format: FORMAT,
        tally: tally(&mut names, counts),
        spend: spend(&mut names, sizes),
        completed: *completed,
        since_at: since_at.map(Timestamp::as_micros),
        contacts: contacts
            .iter()
            .map(|it| put_contact(&mut names, it))
            .collect(),
        addresses: addresses
            .iter()
            .map(|it| put_address(&mut names, it))
            .collect(),
        resets: resets.iter().map(|it| it.as_micros()).collect(),
        links: link_places,
        link_kinds,
        open: open.iter().map(|it| put_open(&mut names, it)).collect(),
        slots: slots.iter().map(|it| put_slot(&mut names, it)).collect(),
        names: names.finish(),
    };
    into.encode_to_vec()
}

fn put_contact<'a>(
    names: &mut Writer<'a>,
    (id, it): (&'a ContactId, &KnownContact),
) -> stored::KnownContact {
    stored::KnownContact {
        contact: names.put(id),
        kind: number(it.kind),
        seen_at: it.seen_at.as_micros(),
        changed_at: it.changed_at.map(Timestamp::as_micros),
        verified_at: it.verified_at.map(Timestamp::as_micros),
        replaced_at: it.replaced_at.map(Timestamp::as_micros),
    }
}

fn put_address<'a>(
    names: &mut Writer<'a>,
    (key, it): (&'a AddressKey, &KnownAddress),
) -> stored::KnownAddress {
    stored::KnownAddress {
        address: names.put(key),
        seen_at: it.seen_at.as_micros(),
        changed_at: it.changed_at.map(Timestamp::as_micros),
    }
}

fn put_open<'a>(names: &mut Writer<'a>, (id, it): (&'a OrderId, &OpenOrder)) -> stored::OpenOrder {
    stored::OpenOrder {
        order: names.put(id),
        slot: it.slot,
        until: it.until.as_micros(),
    }
}

fn put_slot<'a>(names: &mut Writer<'a>, (slot, it): (&u32, &'a Slot)) -> stored::Slot {
    stored::Slot {
        slot: *slot,
        counter: it.counter,
        key: names.put(&it.key_id),
        ratchet: ratchet(it.ratchet),
    }
}

/// A customer as read.
pub(in crate::store) fn read_customer(
    bytes: &[u8],
    salt: Option<[u8; 32]>,
) -> Result<Customer, Broken> {
    let mut from = message::<stored::Customer>(bytes)?;
    known(from.format)?;
    let names = std::mem::take(&mut from.names);
    let names = Reader(&names);
    Ok(Customer {
        tally: read_tally(from.tally.as_ref(), &names)?,
        spend: read_spend(from.spend.as_ref(), &names)?,
        completed: from.completed,
        since_at: at(from.since_at),
        contacts: each(&from.contacts, |it| read_contact(&names, it))?,
        addresses: each(&from.addresses, |it| read_known(&names, it))?,
        resets: from
            .resets
            .into_iter()
            .map(Timestamp::from_micros)
            .collect(),
        links: names.links(&from.links, &from.link_kinds)?,
        open: each(&from.open, |it| read_open(&names, it))?,
        slots: each(&from.slots, |it| read_slot(&names, it))?,
        salt,
    })
}

fn each<T, K: Ord, V>(
    list: &[T],
    read: impl FnMut(&T) -> Result<(K, V), Broken>,
) -> Result<BTreeMap<K, V>, Broken> {
    list.iter().map(read).collect()
}

fn read_contact(
    names: &Reader<'_>,
    it: &stored::KnownContact,
) -> Result<(ContactId, KnownContact), Broken> {
    let row = KnownContact {
        kind: of_number(it.kind)?,
        seen_at: Timestamp::from_micros(it.seen_at),
        changed_at: at(it.changed_at),
        verified_at: at(it.verified_at),
        replaced_at: at(it.replaced_at),
    };
    Ok((names.get(it.contact)?, row))
}

fn read_known(
    names: &Reader<'_>,
    it: &stored::KnownAddress,
) -> Result<(AddressKey, KnownAddress), Broken> {
    let row = KnownAddress {
        seen_at: Timestamp::from_micros(it.seen_at),
        changed_at: at(it.changed_at),
    };
    Ok((names.get(it.address)?, row))
}

fn read_open(names: &Reader<'_>, it: &stored::OpenOrder) -> Result<(OrderId, OpenOrder), Broken> {
    let row = OpenOrder {
        slot: it.slot,
        until: Timestamp::from_micros(it.until),
    };
    Ok((names.get(it.order)?, row))
}

fn read_slot(names: &Reader<'_>, it: &stored::Slot) -> Result<(u32, Slot), Broken> {
    let row = Slot {
        counter: it.counter,
        key_id: names.get(it.key)?,
        ratchet: read_ratchet(&it.ratchet)?,
    };
    Ok((it.slot, row))
}

/// The bytes of an address's row.
pub(in crate::store) fn address(row: &Address) -> Vec<u8> {
    let mut names = Writer::default();
    let mut into = stored::Address {
        format: FORMAT,
        tally: tally(&mut names, &row.tally),
        ..stored::Address::default()
    };
    for (id, entry) in &row.open {
        into.open.push(stored::StopEntry {
            order: names.put(id),
            date: entry.date.map(Date::as_days),
            day: entry.day.as_days(),
            parcels: entry.parcels,
            until: entry.until.as_micros(),
        });
    }
    into.names = names.finish();
    into.encode_to_vec()
}

/// An address as read.
pub(in crate::store) fn read_address(bytes: &[u8]) -> Result<Address, Broken> {
    let from: stored::Address = message(bytes)?;
    known(from.format)?;
    let names = Reader(&from.names);
    let entry = |it: &stored::StopEntry| {
        let row = StopEntry {
            date: it.date.map(Date::from_days),
            day: Date::from_days(it.day),
            parcels: it.parcels,
            until: Timestamp::from_micros(it.until),
        };
        Ok((names.get(it.order)?, row))
    };
    Ok(Address {
        tally: read_tally(from.tally.as_ref(), &names)?,
        open: each(&from.open, entry)?,
    })
}

/// The bytes of a shared key's row.
pub(in crate::store) fn link(row: &Link) -> Vec<u8> {
    let mut names = Writer::default();
    let mut into = stored::Link {
        format: FORMAT,
        tally: tally(&mut names, &row.tally),
        ..stored::Link::default()
    };
    for (id, claims) in &row.members {
        into.members.push(names.put(id));
        into.claims
            .push(tally(&mut names, claims).unwrap_or_default());
    }
    // Most members have no claims at all: a list of nothing says so.
    if row.members.values().all(|it| *it == Default::default()) {
        into.claims.clear();
    }
    into.names = names.finish();
    into.encode_to_vec()
}

/// A shared key as read.
pub(in crate::store) fn read_link(bytes: &[u8]) -> Result<Link, Broken> {
    let from: stored::Link = message(bytes)?;
    known(from.format)?;
    let names = Reader(&from.names);
    if !from.claims.is_empty() {
        same_length(from.members.len(), from.claims.len())?;
    }
    let mut members = BTreeMap::new();
    for (place, member) in from.members.iter().enumerate() {
        let claims = from
            .claims
            .get(place)
            .filter(|it| **it != stored::Tally::default());
        members.insert(
            names.get::<CustomerId>(*member)?,
            read_tally(claims, &names)?,
        );
    }
    Ok(Link {
        tally: read_tally(from.tally.as_ref(), &names)?,
        members,
    })
}
