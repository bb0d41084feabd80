//! Values as columns hold them: numbers of closed sets, kinds of keys, digests, and what of a record has columns.

use std::borrow::Cow;
use std::path::Path;

use rusqlite::types::{FromSql, ValueRef};
use rusqlite::{Connection, Row};

use super::failed;
use super::versions::Versions;
use crate::decision::answer::Draw;
use crate::domain::closed::Member;
use crate::domain::dossier::ProfileKey;
use crate::domain::event::Subject;
use crate::domain::ids::{
    AddressKey, CourierId, CustomerId, DecisionId, DepotId, KeyId, OrderId, RouteId, SharedKey,
};
use crate::domain::order::{LinkKey, Unit};
use crate::domain::units::{Currency, Digest, Timestamp};
use crate::store::error::Error;
use crate::store::record::{Anchor, Broken, Columns};

/// The kind and key of a customer's row.
pub(super) fn unit(unit: &Unit) -> (i64, &str) {
    let kind = match unit {
        Unit::Customer(_) => 0,
        Unit::Payment(_) => 1,
        Unit::Device(_) => 2,
        Unit::Address(_) => 3,
    };
    (kind, unit.as_str())
}

/// The customer or guest of a row.
pub(super) fn read_unit(kind: i64, key: &str) -> Result<Unit, Broken> {
    let shared = |key| SharedKey::try_new(key).or(Err(Broken));
    match kind {
        0 => CustomerId::try_new(key).map(Unit::Customer).or(Err(Broken)),
        1 => shared(key).map(Unit::Payment),
        2 => shared(key).map(Unit::Device),
        3 => AddressKey::try_new(key).map(Unit::Address).or(Err(Broken)),
        _ => Err(Broken),
    }
}

/// The kind and key of a link's row.
pub(super) fn link(link: &LinkKey) -> (i64, &str) {
    match link {
        LinkKey::Device(key) => (0, key.as_str()),
        LinkKey::Payment(key) => (1, key.as_str()),
    }
}

/// The device or means of payment of a row.
pub(super) fn read_link_key(kind: i64, key: &str) -> Result<LinkKey, Broken> {
    let key = SharedKey::try_new(key).or(Err(Broken))?;
    match kind {
        0 => Ok(LinkKey::Device(key)),
        1 => Ok(LinkKey::Payment(key)),
        _ => Err(Broken),
    }
}

/// The kind and key of a count's rows; customers, addresses and links count in their own.
pub(super) fn counted(key: &ProfileKey) -> Option<(i64, Cow<'_, str>)> {
    match key {
        ProfileKey::Route(id) => Some((0, id.as_str().into())),
        ProfileKey::Depot(id) => Some((1, id.as_str().into())),
        ProfileKey::Platform => Some((2, "".into())),
        ProfileKey::Day(day) => Some((3, day.to_string().into())),
        ProfileKey::Unit(_) | ProfileKey::Address(_) | ProfileKey::Link(_) => None,
    }
}

/// The kind and key of a suspicion's subject.
pub(super) fn subject(subject: &Subject) -> (i64, &str) {
    match subject {
        Subject::Customer(id) => (0, id.as_str()),
        Subject::Address(key) => (1, key.as_str()),
        Subject::Route(id) => (2, id.as_str()),
        Subject::Depot(id) => (3, id.as_str()),
        Subject::Courier(id) => (4, id.as_str()),
    }
}

/// The subject of a suspicion's row.
pub(super) fn read_subject(kind: i64, key: &str) -> Result<Subject, Broken> {
    match kind {
        0 => CustomerId::try_new(key)
            .map(Subject::Customer)
            .or(Err(Broken)),
        1 => AddressKey::try_new(key)
            .map(Subject::Address)
            .or(Err(Broken)),
        2 => RouteId::try_new(key).map(Subject::Route).or(Err(Broken)),
        3 => DepotId::try_new(key).map(Subject::Depot).or(Err(Broken)),
        4 => CourierId::try_new(key)
            .map(Subject::Courier)
            .or(Err(Broken)),
        _ => Err(Broken),
    }
}

/// The member of a column's number.
pub(super) fn member<T: Member>(number: i32) -> Result<T, Broken> {
    T::from_number(number).ok_or(Broken)
}

/// The digest of a column's bytes.
pub(super) fn digest(bytes: &[u8]) -> Result<Digest, Broken> {
    bytes.try_into().map(Digest).or(Err(Broken))
}

/// A row while it is read, column by column; knows which thing it is of, for the error.
pub(super) struct Cells<'a> {
    pub(super) row: &'a Row<'a>,
    pub(super) connection: &'a Connection,
    pub(super) path: &'a Path,
    pub(super) next: usize,
}

impl<'a> Cells<'a> {
    /// Starts at the first column.
    pub(super) const fn new(row: &'a Row<'a>, connection: &'a Connection, path: &'a Path) -> Self {
        Self {
            row,
            connection,
            path,
            next: 0,
        }
    }

    /// The next column's value. A type that cannot be is damage, and SQLite's own faults are its own.
    pub(super) fn take<T: FromSql>(&mut self) -> Result<T, Fault> {
        let place = self.next;
        self.next += 1;
        self.row.get(place).map_err(|fault| {
            let broken = matches!(
                fault,
                rusqlite::Error::FromSqlConversionFailure(..)
                    | rusqlite::Error::InvalidColumnType(..)
                    | rusqlite::Error::IntegralValueOutOfRange(..)
                    | rusqlite::Error::Utf8Error(..)
            );
            if broken {
                Fault::Broken
            } else {
                Fault::Engine(failed(fault, self.path))
            }
        })
    }
}

/// The next column's text or bytes, as they lie in the row.
impl<'a> Cells<'a> {
    pub(super) fn text(&mut self) -> Result<&'a str, Fault> {
        self.text_or_none()?.ok_or(Fault::Broken)
    }

    pub(super) fn text_or_none(&mut self) -> Result<Option<&'a str>, Fault> {
        self.lying()?.as_str_or_null().or(Err(Fault::Broken))
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Fault> {
        self.bytes_or_none()?.ok_or(Fault::Broken)
    }

    pub(super) fn bytes_or_none(&mut self) -> Result<Option<&'a [u8]>, Fault> {
        self.lying()?.as_blob_or_null().or(Err(Fault::Broken))
    }

    fn lying(&mut self) -> Result<ValueRef<'a>, Fault> {
        let place = self.next;
        self.next += 1;
        let value = self.row.get_ref(place);
        value.map_err(|fault| Fault::Engine(failed(fault, self.path)))
    }
}

/// Why a row was not read.
pub(super) enum Fault {
    /// It says what no row can say.
    Broken,
    /// The engine failed.
    Engine(Error),
}

impl From<Broken> for Fault {
    fn from(_: Broken) -> Self {
        Self::Broken
    }
}

impl Fault {
    /// The store's error, naming the thing.
    pub(super) fn of(self, what: &'static str, id: &str) -> Error {
        match self {
            Self::Broken => Error::Damaged {
                what,
                id: id.to_owned(),
            },
            Self::Engine(error) => error,
        }
    }
}

/// Whether a decision is read with the salt of its customer: to find the row of a customer, SQLite reads those beside it
/// whole, which costs more than all the rest of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Salts {
    /// As `verify` needs it.
    Told,
    /// All zero.
    LeftOut,
}

impl Salts {
    /// The column.
    const fn column(self) -> &'static str {
        match self {
            Self::Told => "COALESCE(d.salt, c.salt)",
            Self::LeftOut => "NULL",
        }
    }

    /// What finds it: `c` is the customer of the decision `d`.
    pub(super) const fn join(self) -> &'static str {
        match self {
            Self::Told => {
                "LEFT JOIN customer c ON c.kind = d.unit_kind AND c.key = COALESCE(d.unit_key, d.customer_id)"
            }
            Self::LeftOut => "",
        }
    }
}

/// The columns of a decision `d`, in the order in which [`columns`] reads them.
pub(super) fn columns_of(salts: Salts) -> String {
    let salt = salts.column();
    format!(
        "d.decision_id, d.order_id, d.customer_id, d.unit_kind, COALESCE(d.unit_key, d.customer_id), d.address_key, \
         d.revision, d.stage, d.origin, d.action, d.own_action, d.risk, d.currency, d.decided_at, d.valid_until, \
         d.draw_key, d.slot, d.counter, d.draw_micro, d.policy, d.model, d.catalogue, d.engine, d.content, d.before, \
         {salt}, d.digest"
    )
}

/// Reads [`columns_of`].
pub(super) fn columns(cells: &mut Cells<'_>, versions: &mut Versions) -> Result<Columns, Fault> {
    let decision_id = cells.text()?;
    let order_id = cells.text()?;
    let customer_id = cells.text_or_none()?.map(CustomerId::try_new);
    let unit_kind = cells.take()?;
    let unit_key = cells.text()?;
    let address_key = cells.text()?;
    Ok(Columns {
        decision_id: DecisionId::try_new(decision_id).or(Err(Broken))?,
        order_id: OrderId::try_new(order_id).or(Err(Broken))?,
        customer_id: customer_id.transpose().or(Err(Broken))?,
        unit: read_unit(unit_kind, unit_key)?,
        address_key: AddressKey::try_new(address_key).or(Err(Broken))?,
        revision: cells.take()?,
        stage: member(cells.take()?)?,
        origin: member(cells.take()?)?,
        action: member(cells.take()?)?,
        own_action: member(cells.take()?)?,
        risk: cells.take::<Option<f64>>()?.unwrap_or(0.0),
        currency: Currency::parse(cells.text()?).ok_or(Broken)?,
        decided_at: Timestamp::from_micros(cells.take()?),
        valid_until: Timestamp::from_micros(cells.take()?),
        draw: draw(cells)?,
        versions: {
            let ids = [cells.take()?, cells.take()?, cells.take()?, cells.take()?];
            versions.of(ids, cells)?
        },
        content: digest(cells.bytes()?)?,
        before: match cells.bytes_or_none()? {
            Some(bytes) => digest(bytes)?,
            None => Digest([0; 32]),
        },
        salt: match cells.bytes_or_none()? {
            Some(bytes) => bytes.try_into().or(Err(Broken))?,
            None => [0; 32],
        },
        digest: digest(cells.bytes()?)?,
    })
}

fn draw(cells: &mut Cells<'_>) -> Result<Option<Draw>, Fault> {
    let key = cells.text_or_none()?;
    let slot: Option<u32> = cells.take()?;
    let counter: Option<i64> = cells.take()?;
    let draw_micro: Option<u32> = cells.take()?;
    let Some(key) = key else { return Ok(None) };
    Ok(Some(Draw {
        key_id: KeyId::try_new(key).or(Err(Broken))?,
        slot: slot.ok_or(Broken)?,
        counter: counter.ok_or(Broken)?.cast_unsigned(),
        draw_micro: draw_micro.ok_or(Broken)?,
    }))
}

/// The columns of an order's latest decision, in the order in which [`anchor`] reads them.
pub(super) const ANCHOR: &str =
    "l.seq, l.decision_id, l.revision, l.decided_at, l.content, l.digest";

/// Reads [`ANCHOR`]; none where the order was never decided.
pub(super) fn anchor(cells: &mut Cells<'_>) -> Result<Option<Anchor>, Fault> {
    let seq: Option<i64> = cells.take()?;
    let Some(seq) = seq else {
        cells.next += 5;
        return Ok(None);
    };
    let decision_id = cells.text()?;
    Ok(Some(Anchor {
        seq,
        decision_id: DecisionId::try_new(decision_id).or(Err(Broken))?,
        revision: cells.take()?,
        decided_at: Timestamp::from_micros(cells.take()?),
        content: digest(cells.bytes()?)?,
        digest: digest(cells.bytes()?)?,
    }))
}
