//! Rows into a snapshot: a missing row becomes an empty one.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{CachedStatement, Connection, Params, Row};

use super::failed;
use super::rows::{self, Cells, Fault};
use crate::decision::snapshot::{Key, Keys, Look, Snapshot};
use crate::domain::dossier::{Dossier, ProfileKey};
use crate::domain::event::Subject;
use crate::domain::ids::{ClaimId, EventId, OrderId, SuspicionId};
use crate::domain::profile::{Address, Claim, Customer, Link, Raised, Settlement, Suspicion};
use crate::domain::tally::{Bucket, Counter, Entry, Tally};
use crate::domain::units::{Currency, Timestamp};
use crate::store::batcher::tally_of;
use crate::store::error::Error;
use crate::store::record::{Anchor, Broken, read_address, read_customer, read_dossier, read_link};

/// Counts of routes, depots and the platform older than this many weeks are in no window.
const WEEKS_KEPT: i64 = 58;

/// A connection that loads.
pub(super) struct Loader<'a> {
    pub(super) connection: &'a Connection,
    pub(super) path: &'a Path,
}

impl Loader<'_> {
    /// Loads all of `keys`; tells the anchors of the orders among them.
    pub(super) fn load(
        &self,
        keys: &Keys,
        into: &mut Snapshot,
        mut anchors: impl FnMut(&OrderId, Anchor),
    ) -> Result<(), Error> {
        for key in &keys.lock {
            match key {
                Key::Claim(id) => drop(into.claims.insert(id.clone(), self.claim(id)?)),
                Key::Suspicion(id) => drop(into.suspicions.insert(id.clone(), self.suspicion(id)?)),
                Key::Order(id) => {
                    let (dossier, anchor) = self.order(id)?;
                    if let Some(anchor) = anchor {
                        anchors(id, anchor);
                    }
                    into.orders.insert(id.clone(), dossier);
                }
                Key::Customer(unit) => {
                    let (kind, id) = rows::unit(unit);
                    into.customers
                        .insert(unit.clone(), self.customer(kind, id)?);
                }
                Key::Address(key) => {
                    into.addresses
                        .insert(key.clone(), self.address(key.as_str())?);
                }
                Key::Link(key) => {
                    let (kind, id) = rows::link(key);
                    into.links.insert(key.clone(), self.link(kind, id)?);
                }
            }
        }
        for look in &keys.look {
            match look {
                Look::Event(id) => drop(into.events.insert(id.clone(), self.event(id)?)),
                Look::Suspicions(subject) => {
                    into.subjects
                        .insert(subject.clone(), self.suspicions(subject)?);
                }
                Look::Route(_) | Look::Depot(_) | Look::Platform | Look::Day(_) => {
                    if let Some(key) = tally_of(look) {
                        let tally = self.tally(&key)?;
                        into.tallies.insert(key, tally);
                    }
                }
            }
        }
        Ok(())
    }

    fn statement(&self, query: &str) -> Result<CachedStatement<'_>, Error> {
        self.connection
            .prepare_cached(query)
            .map_err(|fault| failed(fault, self.path))
    }

    /// The one row of a query, read; none where there is none.
    pub(super) fn one<T>(
        &self,
        query: &str,
        values: impl Params,
        (what, id): (&'static str, &str),
        read: impl FnOnce(&mut Cells<'_>) -> Result<T, Fault>,
    ) -> Result<Option<T>, Error> {
        let mut statement = self.statement(query)?;
        let mut found = statement
            .query(values)
            .map_err(|fault| failed(fault, self.path))?;
        let row = found.next().map_err(|fault| failed(fault, self.path))?;
        let read = row.map(|row| read(&mut self.cells(row)));
        read.transpose().map_err(|fault| fault.of(what, id))
    }

    /// Every row of a query, read.
    pub(super) fn each<T>(
        &self,
        query: &str,
        values: impl Params,
        (what, id): (&'static str, &str),
        mut read: impl FnMut(&mut Cells<'_>) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        self.visit(query, values, |cells| {
            all.push(read(cells).map_err(|fault| fault.of(what, id))?);
            Ok(())
        })?;
        Ok(all)
    }

    /// Every row of a query, one after the other.
    pub(super) fn visit(
        &self,
        query: &str,
        values: impl Params,
        mut read: impl FnMut(&mut Cells<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut statement = self.statement(query)?;
        let mut found = statement
            .query(values)
            .map_err(|fault| failed(fault, self.path))?;
        while let Some(row) = found.next().map_err(|fault| failed(fault, self.path))? {
            read(&mut self.cells(row))?;
        }
        Ok(())
    }

    const fn cells<'b>(&'b self, row: &'b Row<'b>) -> Cells<'b> {
        Cells::new(row, self.connection, self.path)
    }

    /// An order's dossier, and the row of its latest decision.
    pub(super) fn order(&self, id: &OrderId) -> Result<(Dossier, Option<Anchor>), Error> {
        let query = "SELECT o.dossier, l.seq, l.decision_id, l.revision, l.decided_at, l.content, l.digest \
                     FROM orders o LEFT JOIN decision l ON l.seq = o.latest WHERE o.order_id = ?1";
        let found = self.one(query, [id.as_str()], ("order", id.as_str()), |cells| {
            let bytes: Vec<u8> = cells.take()?;
            let anchor = rows::anchor(cells)?;
            Ok((read_dossier(&bytes, anchor.as_ref())?, anchor))
        })?;
        Ok(found.unwrap_or_default())
    }

    fn customer(&self, kind: i64, id: &str) -> Result<Customer, Error> {
        let query = "SELECT salt, body FROM customer WHERE kind = ?1 AND key = ?2";
        let found = self.one(query, (kind, id), ("customer", id), |cells| {
            let salt: Option<Vec<u8>> = cells.take()?;
            let salt = salt.map(<[u8; 32]>::try_from).transpose().or(Err(Broken))?;
            Ok(read_customer(&cells.take::<Vec<u8>>()?, salt)?)
        })?;
        Ok(found.unwrap_or_default())
    }

    fn address(&self, id: &str) -> Result<Address, Error> {
        let query = "SELECT body FROM address WHERE key = ?1";
        let found = self.one(query, [id], ("address", id), |cells| {
            Ok(read_address(&cells.take::<Vec<u8>>()?)?)
        })?;
        Ok(found.unwrap_or_default())
    }

    fn link(&self, kind: i64, id: &str) -> Result<Link, Error> {
        let query = "SELECT body FROM link WHERE kind = ?1 AND key = ?2";
        let found = self.one(query, (kind, id), ("link", id), |cells| {
            Ok(read_link(&cells.take::<Vec<u8>>()?)?)
        })?;
        Ok(found.unwrap_or_default())
    }

    fn claim(&self, id: &ClaimId) -> Result<Claim, Error> {
        let query =
            "SELECT order_id, settled_at, settled_by, fault, paid FROM claim WHERE claim_id = ?1";
        let found = self.one(query, [id.as_str()], ("claim", id.as_str()), read_claim)?;
        Ok(found.unwrap_or_default())
    }

    fn suspicion(&self, id: &SuspicionId) -> Result<Suspicion, Error> {
        let query = "SELECT subject_kind, subject_key, level, raised_at, expires_at, cleared_at FROM suspicion \
                     WHERE suspicion_id = ?1";
        let id = id.as_str();
        let found = self.one(query, [id], ("suspicion", id), read_suspicion)?;
        Ok(found.unwrap_or_default())
    }

    fn suspicions(&self, subject: &Subject) -> Result<BTreeMap<SuspicionId, Suspicion>, Error> {
        let query = "SELECT subject_kind, subject_key, level, raised_at, expires_at, cleared_at, suspicion_id \
                     FROM suspicion WHERE subject_kind = ?1 AND subject_key = ?2";
        let (kind, id) = rows::subject(subject);
        let all = self.each(query, (kind, id), ("suspicion of", id), |cells| {
            let row = read_suspicion(cells)?;
            let id: String = cells.take()?;
            Ok((SuspicionId::try_new(&id).or(Err(Broken))?, row))
        })?;
        Ok(all.into_iter().collect())
    }

    fn event(&self, id: &EventId) -> Result<Option<crate::domain::units::Digest>, Error> {
        let query = "SELECT digest FROM event WHERE event_id = ?1";
        let id = id.as_str();
        self.one(query, [id], ("event", id), |cells| {
            Ok(rows::digest(&cells.take::<Vec<u8>>()?)?)
        })
    }

    /// The counts of a route, a depot or the platform, the weeks that may still be in a window.
    pub(super) fn tally(&self, key: &ProfileKey) -> Result<Tally, Error> {
        let mut tally = Tally::default();
        let Some((kind, id)) = rows::counted(key) else {
            return Ok(tally);
        };
        let query = "SELECT counter, currency, week, n FROM tally WHERE kind = ?1 AND key = ?2";
        let cells = self.each(query, (kind, &*id), ("counts of", &id), |cells| {
            let counter: Counter = rows::member(cells.take()?)?;
            let currency: String = cells.take()?;
            let currency = match currency.as_str() {
                "" => None,
                code => Some(Currency::parse(code).ok_or(Broken)?),
            };
            let week: i64 = cells.take()?;
            let at = Bucket::Week(week).bounds().0;
            let entry = Entry {
                counter,
                currency,
                at,
            };
            Ok((week, entry, cells.take::<i64>()?))
        })?;
        let newest = cells.iter().map(|(week, ..)| *week).max().unwrap_or(0);
        for (week, entry, amount) in cells {
            if week > newest - WEEKS_KEPT {
                tally.add(entry, amount);
            }
        }
        Ok(tally)
    }
}

/// Reads a claim, its id read already.
pub(super) fn read_claim(cells: &mut Cells<'_>) -> Result<Claim, Fault> {
    let order_id: Option<String> = cells.take()?;
    let settled_at: Option<i64> = cells.take()?;
    let settled_by: Option<String> = cells.take()?;
    let fault: Option<i32> = cells.take()?;
    let paid = cells.take()?;
    let order_id = order_id.map(|id| OrderId::try_new(&id));
    let settled = settled_at.map(|at| {
        Ok::<_, Fault>(Settlement {
            at: Timestamp::from_micros(at),
            event_id: EventId::try_new(&settled_by.ok_or(Broken)?).or(Err(Broken))?,
            fault: rows::member(fault.ok_or(Broken)?)?,
            paid,
        })
    });
    Ok(Claim {
        order_id: order_id.transpose().or(Err(Broken))?,
        settled: settled.transpose()?,
    })
}

/// Reads a suspicion up to its clearing.
pub(super) fn read_suspicion(cells: &mut Cells<'_>) -> Result<Suspicion, Fault> {
    let kind: Option<i64> = cells.take()?;
    let key: Option<String> = cells.take()?;
    let level: Option<u8> = cells.take()?;
    let raised_at: Option<i64> = cells.take()?;
    let expires_at: Option<i64> = cells.take()?;
    let cleared_at: Option<i64> = cells.take()?;
    let raised = raised_at.map(|at| {
        Ok::<_, Fault>(Raised {
            subject: rows::read_subject(kind.ok_or(Broken)?, &key.ok_or(Broken)?)?,
            level: level.ok_or(Broken)?,
            at: Timestamp::from_micros(at),
            expires_at: Timestamp::from_micros(expires_at.ok_or(Broken)?),
        })
    });
    Ok(Suspicion {
        raised: raised.transpose()?,
        cleared_at: cleared_at.map(Timestamp::from_micros),
    })
}
