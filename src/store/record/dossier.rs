//! Dossiers: to their stored message and back. What the row of the latest decision says already is left out.

use std::collections::BTreeMap;

use prost::Message as _;

use super::parts::{
    Broken, FORMAT, Reader, Writer, code, known, member, message, number, of_number, same_length,
};
use super::{Columns, stored};
use crate::domain::dossier::{
    Cancelled, ClaimFile, Dossier, Handover, Latest, ParcelFile, Placement, Rerouted,
};
use crate::domain::ids::{DecisionId, EventId};
use crate::domain::order::Unit;
use crate::domain::profile::Settlement;
use crate::domain::units::{Date, Digest, Timestamp};

/// The row of an order's latest decision, as far as the dossier repeats it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct Anchor {
    /// Its place.
    pub(in crate::store) seq: i64,
    /// Its id.
    pub(in crate::store) decision_id: DecisionId,
    /// Its revision.
    pub(in crate::store) revision: u32,
    /// When.
    pub(in crate::store) decided_at: Timestamp,
    /// Of its content.
    pub(in crate::store) content: Digest,
    /// Of the record.
    pub(in crate::store) digest: Digest,
}

impl Anchor {
    /// What the row of a decision says, where that is the latest.
    pub(in crate::store) fn of(seq: i64, columns: &Columns) -> Self {
        Self {
            seq,
            decision_id: columns.decision_id.clone(),
            revision: columns.revision,
            decided_at: columns.decided_at,
            content: columns.content,
            digest: columns.digest,
        }
    }
}

fn at(micros: Option<i64>) -> Option<Timestamp> {
    micros.map(Timestamp::from_micros)
}

/// The bytes of an order's row.
pub(in crate::store) fn dossier(row: &Dossier, anchor: Option<&Anchor>) -> Vec<u8> {
    let Dossier {
        placed,
        told,
        cart,
        latest,
        cancelled,
        rerouted,
        parcels,
        claims,
        lapsed_at,
        waiting_since,
    } = row;
    let mut names = Writer::default();
    let mut into = stored::Dossier {
        format: FORMAT,
        lapsed_at: lapsed_at.map(Timestamp::as_micros),
        waiting_since: waiting_since.map(Timestamp::as_micros),
        ..stored::Dossier::default()
    };
    into.placed = placed.as_ref().map(|it| placement(&mut names, it));
    into.told = told.as_ref().map(|(_, it)| placement(&mut names, it));
    into.told_event = names.some(told.as_ref().map(|(event, _)| event));
    into.cart = cart.as_ref().map(|it| placement(&mut names, it));
    into.latest = latest.as_ref().map(|it| put_latest(&mut names, it, anchor));
    into.cancelled = cancelled.as_ref().map(|it| stored::Cancelled {
        at: it.at.as_micros(),
        event: names.put(&it.event_id),
        by: code(it.by),
        after_requirement_shown: it.after_requirement_shown,
    });
    into.rerouted = rerouted.as_ref().map(|it| stored::Rerouted {
        at: it.at.as_micros(),
        event: names.put(&it.event_id),
        address: names.put(&it.address),
    });
    for (id, file) in parcels {
        let parcel = names.put(id);
        into.parcels.push(put_parcel(&mut names, parcel, file));
    }
    for (id, file) in claims {
        let claim = names.put(id);
        into.claims.push(put_claim(&mut names, claim, file));
    }
    into.names = names.finish();
    into.encode_to_vec()
}

fn placement<'a>(names: &mut Writer<'a>, it: &'a Placement) -> stored::Placement {
    let (unit_kind, unit) = match &it.unit {
        Unit::Customer(id) if it.customer.as_ref() == Some(id) => (0, 0),
        Unit::Customer(id) => (0, names.put(id)),
        Unit::Payment(key) => (1, names.put(key)),
        Unit::Device(key) => (2, names.put(key)),
        Unit::Address(key) => (3, names.put(key)),
    };
    let (links, link_kinds) = names.links(&it.links);
    stored::Placement {
        at: it.at.as_micros(),
        unit_kind,
        unit,
        customer: names.some(it.customer.as_ref()),
        address: names.put(&it.address),
        address_since: it.address_since.as_micros().wrapping_sub(it.at.as_micros()),
        currency: it
            .amount
            .map_or(0, |(currency, _)| names.put_currency(currency)),
        minor: it.amount.map_or(0, |(_, minor)| minor),
        links,
        link_kinds,
        carrier: names.some(it.carrier.as_ref()),
        route: names.some(it.route.as_ref()),
        depot: names.some(it.depot.as_ref()),
        parcels: it.parcels,
        date: it.date.map(Date::as_days),
        day: it.day.as_days(),
        until: it.until.as_micros().wrapping_sub(it.at.as_micros()),
    }
}

fn put_latest<'a>(
    names: &mut Writer<'a>,
    it: &'a Latest,
    anchor: Option<&Anchor>,
) -> stored::Latest {
    let own = |same: fn(&Anchor, &Latest) -> bool| anchor.is_some_and(|row| same(row, it));
    let id = own(|row, it| row.decision_id == it.decision_id);
    let revision = own(|row, it| row.revision == it.revision);
    let decided_at = own(|row, it| row.decided_at == it.decided_at);
    let content = own(|row, it| row.content == it.content);
    let record = own(|row, it| row.digest == it.record);
    stored::Latest {
        decision: if id { 0 } else { names.put(&it.decision_id) },
        // One more, so that 0 stays free.
        revision: if revision {
            0
        } else {
            it.revision.wrapping_add(1)
        },
        content: if content {
            Vec::new()
        } else {
            it.content.0.to_vec()
        },
        record: if record {
            Vec::new()
        } else {
            it.record.0.to_vec()
        },
        stage: number(it.stage),
        decided_at: (!decided_at).then_some(it.decided_at.as_micros()),
        action: number(it.action),
        valid_for: it
            .valid_until
            .as_micros()
            .wrapping_sub(it.decided_at.as_micros()),
        slot: it.slot,
        counter: it.counter,
        key: names.put(&it.key_id),
        other_parcels: it.other_parcels,
        address: names.put(&it.address),
        failed_twice: it.failed_twice,
        account_mark: it.account_mark,
        spared_micro: it.spared_micro,
    }
}

fn put_parcel<'a>(names: &mut Writer<'a>, parcel: u32, file: &'a ParcelFile) -> stored::ParcelFile {
    let sight = |at: Timestamp, event: u32, name: u32| stored::Sight {
        at: at.as_micros(),
        event,
        name,
    };
    stored::ParcelFile {
        parcel,
        handed_over: file.handed_over.as_ref().map(|it| stored::Handover {
            at: it.at.as_micros(),
            event: names.put(&it.event_id),
            role: code(it.role),
            courier: names.some(it.courier.as_ref()),
        }),
        refused_at: file.refused_at.map(Timestamp::as_micros),
        failure_times: file.failures.iter().map(|(at, _)| at.as_micros()).collect(),
        failure_events: file
            .failures
            .iter()
            .map(|(_, event)| names.put(event))
            .collect(),
        loaded_at: file.loaded_at.map(Timestamp::as_micros),
        last_at: file.last_at.map(Timestamp::as_micros),
        packed: file
            .packed
            .as_ref()
            .map(|(at, event, sealed)| sight(*at, names.put(event), u32::from(*sealed))),
        route: file
            .route
            .as_ref()
            .map(|(at, event, route)| sight(*at, names.put(event), names.put(route))),
        depot: file
            .depot
            .as_ref()
            .map(|(at, event, depot)| sight(*at, names.put(event), names.put(depot))),
    }
}

fn put_claim<'a>(names: &mut Writer<'a>, claim: u32, file: &'a ClaimFile) -> stored::ClaimFile {
    stored::ClaimFile {
        claim,
        at: file.at.as_micros(),
        kind: number(file.kind),
        currency: file
            .amount
            .map_or(0, |(currency, _)| names.put_currency(currency)),
        minor: file.amount.map_or(0, |(_, minor)| minor),
        settled: file.settled.as_ref().map(|it| stored::Settlement {
            at: it.at.as_micros(),
            event: names.put(&it.event_id),
            fault: number(it.fault),
            paid: it.paid,
        }),
    }
}

/// A dossier as read from its bytes.
pub(in crate::store) fn read_dossier(
    bytes: &[u8],
    anchor: Option<&Anchor>,
) -> Result<Dossier, Broken> {
    read(&message(bytes)?, anchor)
}

/// A dossier as read.
pub(super) fn read(from: &stored::Dossier, anchor: Option<&Anchor>) -> Result<Dossier, Broken> {
    known(from.format)?;
    let names = Reader(&from.names);
    let place =
        |it: Option<&stored::Placement>| it.map(|it| read_placement(&names, it)).transpose();
    let told = place(from.told.as_ref())?;
    let event: Option<EventId> = names.some(from.told_event)?;
    let cancelled = from.cancelled.as_ref().map(|it| {
        Ok::<_, Broken>(Cancelled {
            at: Timestamp::from_micros(it.at),
            event_id: names.get(it.event)?,
            by: member(it.by)?,
            after_requirement_shown: it.after_requirement_shown,
        })
    });
    let rerouted = from.rerouted.as_ref().map(|it| {
        Ok::<_, Broken>(Rerouted {
            at: Timestamp::from_micros(it.at),
            event_id: names.get(it.event)?,
            address: names.get(it.address)?,
        })
    });
    let (mut parcels, mut claims) = (BTreeMap::new(), BTreeMap::new());
    for it in &from.parcels {
        parcels.insert(names.get(it.parcel)?, read_parcel(&names, it)?);
    }
    for it in &from.claims {
        claims.insert(names.get(it.claim)?, read_claim(&names, it)?);
    }
    let latest = from
        .latest
        .as_ref()
        .map(|it| read_latest(&names, it, anchor));
    Ok(Dossier {
        placed: place(from.placed.as_ref())?,
        told: event.zip(told),
        cart: place(from.cart.as_ref())?,
        latest: latest.transpose()?,
        cancelled: cancelled.transpose()?,
        rerouted: rerouted.transpose()?,
        parcels,
        claims,
        lapsed_at: at(from.lapsed_at),
        waiting_since: at(from.waiting_since),
    })
}

fn read_placement(names: &Reader<'_>, it: &stored::Placement) -> Result<Placement, Broken> {
    let customer = names.some(it.customer)?;
    let unit = match (it.unit_kind, it.unit) {
        (0, 0) => Unit::Customer(customer.clone().ok_or(Broken)?),
        (0, place) => Unit::Customer(names.get(place)?),
        (1, place) => Unit::Payment(names.get(place)?),
        (2, place) => Unit::Device(names.get(place)?),
        (3, place) => Unit::Address(names.get(place)?),
        _ => return Err(Broken),
    };
    let at = Timestamp::from_micros(it.at);
    Ok(Placement {
        at,
        unit,
        customer,
        address: names.get(it.address)?,
        address_since: Timestamp::from_micros(it.at.wrapping_add(it.address_since)),
        amount: names.money(it.currency, it.minor)?,
        links: names.links(&it.links, &it.link_kinds)?,
        carrier: names.some(it.carrier)?,
        route: names.some(it.route)?,
        depot: names.some(it.depot)?,
        parcels: it.parcels,
        date: it.date.map(Date::from_days),
        day: Date::from_days(it.day),
        until: Timestamp::from_micros(it.at.wrapping_add(it.until)),
    })
}

fn read_latest(
    names: &Reader<'_>,
    it: &stored::Latest,
    anchor: Option<&Anchor>,
) -> Result<Latest, Broken> {
    let row = || anchor.ok_or(Broken);
    let digest = |bytes: &[u8], own: fn(&Anchor) -> Digest| match bytes {
        [] => row().map(own),
        bytes => bytes.try_into().map(Digest).or(Err(Broken)),
    };
    let decided_at = match it.decided_at {
        Some(micros) => Timestamp::from_micros(micros),
        None => row()?.decided_at,
    };
    Ok(Latest {
        decision_id: match it.decision {
            0 => row()?.decision_id.clone(),
            place => names.get(place)?,
        },
        revision: match it.revision {
            0 => row()?.revision,
            revision => revision.wrapping_sub(1),
        },
        content: digest(&it.content, |row| row.content)?,
        stage: of_number(it.stage)?,
        decided_at,
        action: of_number(it.action)?,
        valid_until: Timestamp::from_micros(decided_at.as_micros().wrapping_add(it.valid_for)),
        record: digest(&it.record, |row| row.digest)?,
        slot: it.slot,
        counter: it.counter,
        key_id: names.get(it.key)?,
        other_parcels: it.other_parcels,
        address: names.get(it.address)?,
        failed_twice: it.failed_twice,
        account_mark: it.account_mark,
        spared_micro: it.spared_micro,
    })
}

fn read_parcel(names: &Reader<'_>, it: &stored::ParcelFile) -> Result<ParcelFile, Broken> {
    same_length(it.failure_times.len(), it.failure_events.len())?;
    let failures = it.failure_times.iter().zip(&it.failure_events);
    let failures =
        failures.map(|(at, event)| Ok((Timestamp::from_micros(*at), names.get(*event)?)));
    let handed_over = it.handed_over.as_ref().map(|it| {
        Ok::<_, Broken>(Handover {
            at: Timestamp::from_micros(it.at),
            event_id: names.get(it.event)?,
            role: member(it.role)?,
            courier: names.some(it.courier)?,
        })
    });
    let seen = |it: &stored::Sight| {
        Ok::<_, Broken>((
            Timestamp::from_micros(it.at),
            names.get::<EventId>(it.event)?,
        ))
    };
    let packed = it
        .packed
        .as_ref()
        .map(|it| seen(it).map(|(at, event)| (at, event, it.name == 1)));
    let route = it.route.as_ref().map(|it| {
        let (at, event) = seen(it)?;
        Ok::<_, Broken>((at, event, names.get(it.name)?))
    });
    let depot = it.depot.as_ref().map(|it| {
        let (at, event) = seen(it)?;
        Ok::<_, Broken>((at, event, names.get(it.name)?))
    });
    Ok(ParcelFile {
        handed_over: handed_over.transpose()?,
        refused_at: at(it.refused_at),
        failures: failures.collect::<Result<_, Broken>>()?,
        loaded_at: at(it.loaded_at),
        last_at: at(it.last_at),
        packed: packed.transpose()?,
        route: route.transpose()?,
        depot: depot.transpose()?,
    })
}

fn read_claim(names: &Reader<'_>, it: &stored::ClaimFile) -> Result<ClaimFile, Broken> {
    let settled = it.settled.as_ref().map(|it| {
        Ok::<_, Broken>(Settlement {
            at: Timestamp::from_micros(it.at),
            event_id: names.get(it.event)?,
            fault: of_number(it.fault)?,
            paid: it.paid,
        })
    });
    Ok(ClaimFile {
        at: Timestamp::from_micros(it.at),
        kind: of_number(it.kind)?,
        amount: names.money(it.currency, it.minor)?,
        settled: settled.transpose()?,
    })
}
