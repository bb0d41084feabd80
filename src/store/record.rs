//! The bytes we keep: domain to stored messages and back. Nothing here is ever sent.
//!
//! A record is stored in three parts: columns, which people filter by; a body, which names nobody; a personal part. The
//! digest is made over all of them, the personal ones through a commitment salted for the customer: when salt and
//! personal part are erased, the commitment stays, and so the chain of digests can still be verified.

use std::sync::Arc;

use prost::Message as _;

mod body;
#[cfg(test)]
pub(super) mod dice;
mod dossier;
mod event;
mod order;
mod packed;
mod parts;
mod personal;
mod profile;
mod room;
pub mod stored;
mod tally;
#[cfg(test)]
mod tests;

pub(super) use dossier::{Anchor, dossier, read_dossier};
pub(super) use event::{event, read_event};
pub use packed::Packs;
pub(super) use parts::Broken;
pub(super) use profile::{address, customer, link, read_address, read_customer, read_link};
pub(super) use room::Room;

use crate::decision::answer::{Decision, Draw};
use crate::decision::record::{Record, Sealed, Versions};
use crate::decision::situation::Situation;
use crate::domain::action::{Action, Origin};
use crate::domain::ids::{AddressKey, CustomerId, DecisionId, OrderId};
use crate::domain::order::{Stage, Unit};
use crate::domain::units::{Currency, Digest, Timestamp};
use parts::digest;

/// What a row's columns say of a record.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Columns {
    pub(super) decision_id: DecisionId,
    pub(super) order_id: OrderId,
    pub(super) customer_id: Option<CustomerId>,
    pub(super) unit: Unit,
    pub(super) address_key: AddressKey,
    pub(super) revision: u32,
    pub(super) stage: Stage,
    pub(super) origin: Origin,
    pub(super) action: Action,
    pub(super) own_action: Action,
    pub(super) risk: f64,
    pub(super) currency: Currency,
    pub(super) decided_at: Timestamp,
    pub(super) valid_until: Timestamp,
    pub(super) draw: Option<Draw>,
    pub(super) versions: Arc<Versions>,
    pub(super) content: Digest,
    pub(super) before: Digest,
    pub(super) salt: [u8; 32],
    pub(super) digest: Digest,
}

/// Encodes a record once and fills its digest in. `before` and `salt` must stand already.
#[must_use]
pub fn seal(mut record: Record) -> Sealed {
    let body = body::body(&record).encode_to_vec();
    let personal = personal::personal(&record).encode_to_vec();
    let columns = columns(&record);
    let commitment = commitment(&columns, &personal);
    record.digest = chained(&columns, &body, commitment);
    Sealed {
        record: Arc::new(record),
        body,
        personal,
    }
}

/// What the columns of a record's row say.
pub(super) fn columns(record: &Record) -> Columns {
    let (order, decision) = (&record.situation.order, &record.decision);
    Columns {
        decision_id: record.decision_id.clone(),
        order_id: order.order_id.clone(),
        customer_id: order.customer_id.clone(),
        unit: record.unit.clone(),
        address_key: order.delivery.address_key.clone(),
        revision: record.revision,
        stage: order.stage,
        origin: record.origin,
        action: decision.action,
        own_action: decision.own_action,
        risk: decision.risk,
        currency: order.currency,
        decided_at: record.decided_at,
        valid_until: record.valid_until,
        draw: record.chance.draw.clone(),
        versions: Arc::clone(&record.versions),
        content: record.content,
        before: record.before,
        salt: record.salt,
        digest: record.digest,
    }
}

/// The commitment to what names or places a person.
pub(super) fn commitment(columns: &Columns, personal: &[u8]) -> Digest {
    digest(&[
        b"personal/v1",
        &columns.salt,
        columns.order_id.as_str().as_bytes(),
        columns
            .customer_id
            .as_ref()
            .map_or("", CustomerId::as_str)
            .as_bytes(),
        columns.unit.kind().as_bytes(),
        columns.unit.as_str().as_bytes(),
        columns.address_key.as_str().as_bytes(),
        &columns.content.0,
        personal,
    ])
}

/// The digest of a record, from its public part, its commitment and the digest before it.
pub(super) fn chained(columns: &Columns, body: &[u8], commitment: Digest) -> Digest {
    let versions = &columns.versions;
    let versions = [
        &versions.policy,
        &versions.model,
        &versions.catalogue,
        &versions.engine,
    ];
    let versions = versions
        .map(|it| digest(&[it.id.as_bytes(), &it.digest.0]).0)
        .concat();
    let numbers = [
        columns.stage.number(),
        columns.origin.number(),
        columns.action.number(),
        columns.own_action.number(),
    ];
    let draw = columns.draw.as_ref().map(|it| {
        let numbers = [u64::from(it.slot), it.counter, u64::from(it.draw_micro)];
        [
            it.key_id.as_str().as_bytes(),
            &numbers.map(u64::to_be_bytes).concat(),
        ]
        .concat()
    });
    digest(&[
        b"record/v1",
        &columns.before.0,
        columns.decision_id.as_str().as_bytes(),
        &columns.revision.to_be_bytes(),
        &numbers.map(i32::to_be_bytes).concat(),
        &columns.risk.to_bits().to_be_bytes(),
        columns.currency.code().as_bytes(),
        &columns.decided_at.as_micros().to_be_bytes(),
        &columns.valid_until.as_micros().to_be_bytes(),
        &draw.unwrap_or_default(),
        &versions,
        body,
        &commitment.0,
    ])
}

/// A record as read from its three parts.
pub(super) fn read(columns: Columns, body: &[u8], personal: &[u8]) -> Result<Arc<Record>, Broken> {
    Room::default().record(columns, body, personal)
}

/// A record as read from the columns of its row and its two messages.
fn record(
    columns: Columns,
    body: &mut stored::Body,
    personal: &mut stored::Personal,
) -> Result<Arc<Record>, Broken> {
    let body = body::read(body, columns.draw.clone())?;
    let order_columns = order::Columns {
        order_id: columns.order_id,
        customer_id: columns.customer_id,
        address_key: columns.address_key,
        currency: columns.currency,
        stage: columns.stage,
    };
    let personal = personal::read(personal, order_columns, columns.decided_at)?;
    Ok(Arc::new(Record {
        decision_id: columns.decision_id,
        revision: columns.revision,
        origin: columns.origin,
        decided_at: columns.decided_at,
        valid_until: columns.valid_until,
        unit: columns.unit,
        content: columns.content,
        versions: columns.versions,
        situation: Situation {
            order: Arc::new(personal.order),
            now: body.now.unwrap_or(columns.decided_at),
            signals: body.signals,
            base: body.base,
            base_cents: body.base_cents,
            own_parcels: body.own_parcels,
            other_parcels: body.other_parcels,
            contacts: personal.contacts,
            changes: body.changes,
            carrier: body.carrier,
            lockers: personal.lockers,
            restricted: body.restricted,
            weakly_packed: body.weakly_packed,
            resale: body.resale,
            unsealed: body.unsealed,
            review_lapsed: body.review_lapsed,
            asked: body.asked,
            used: body.used,
        },
        chance: body.chance,
        decision: Decision {
            action: columns.action,
            own_action: columns.own_action,
            items: personal.items,
            obligations: body.obligations,
            code_contact_id: personal.code_contact_id,
            notify_contact_ids: personal.notify_contact_ids,
            locker_ids: personal.locker_ids,
            alternatives: personal.alternatives,
            reasons: body.reasons,
            risk: body.risk.unwrap_or(columns.risk),
            hazards: body.hazards,
            costs: body.costs,
            skipped_rules: body.skipped_rules,
            random_check: body.random_check,
            propensities: body.propensities,
            ratchet: body.ratchet,
        },
        before: columns.before,
        salt: columns.salt,
        digest: columns.digest,
    }))
}
