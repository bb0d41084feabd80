//! Everything that is kept, one row after the other, for `verify`.

use rusqlite::Row as Found;

use super::failed;
use super::find::Finder;
use super::load::{read_claim, read_suspicion};
use super::rows::{self, Cells, Fault, Salts};
use super::trail;
use crate::decision::lifecycle::Entry;
use crate::decision::snapshot::{EventLine, Row};
use crate::domain::dossier::ProfileKey;
use crate::domain::event::Event;
use crate::domain::ids::{AddressKey, ClaimId, DepotId, EventId, OrderId, RouteId, SuspicionId};
use crate::domain::units::{Currency, Digest, Timestamp};
use crate::store::engine::{KeptDecision, KeptEvent, VersionKind, Walk};
use crate::store::error::Error;
use crate::store::record::{
    Broken, read_address, read_customer, read_dossier, read_event, read_link,
};
use crate::store::verify::Week;

/// Events, their place first, as [`read_line`] reads the rest.
pub(super) const EVENTS: &str =
    "SELECT seq, event_id, kind, occurred_at, received_at, state, digest, body FROM event";

/// Reads an event, its place read already.
pub(super) fn read_line(cells: &mut Cells<'_>) -> Result<KeptEvent, Fault> {
    let id: String = cells.take()?;
    let kind: String = cells.take()?;
    let occurred_at = Timestamp::from_micros(cells.take()?);
    let received_at = Timestamp::from_micros(cells.take()?);
    let state: i64 = cells.take()?;
    let digest = rows::digest(&cells.take::<Vec<u8>>()?)?;
    let event = Event {
        event_id: EventId::try_new(&id).or(Err(Broken))?,
        occurred_at,
        kind: read_event(&kind, &cells.take::<Vec<u8>>()?)?,
    };
    Ok(KeptEvent {
        line: EventLine {
            event,
            digest,
            received_at,
            pending: state == 1,
        },
        dropped: state == 2,
    })
}

impl Finder<'_> {
    /// Visits every row of a query; the first column names the thing.
    fn visit<T>(
        &mut self,
        query: &str,
        what: &'static str,
        visit: &mut dyn FnMut(Result<T, Error>),
        mut read: impl FnMut(&str, &mut Cells<'_>, &mut super::versions::Versions) -> Result<T, Fault>,
    ) -> Result<(), Error> {
        let (connection, path) = (self.loader.connection, self.loader.path);
        let tell = |fault| failed(fault, path);
        let mut statement = connection.prepare(query).map_err(tell)?;
        let mut found = statement.query([]).map_err(tell)?;
        loop {
            let row: &Found<'_> = match found.next() {
                Ok(Some(row)) => row,
                Ok(None) => return Ok(()),
                Err(fault) => {
                    // Pages that are gone end this part of the walk, and are a finding.
                    visit(Err(tell(fault)));
                    return Ok(());
                }
            };
            let mut cells = Cells::new(row, connection, path);
            let id = cells.take::<String>();
            let read = id.and_then(|id| {
                read(&id, &mut cells, self.versions)
                    .map_err(|fault| Fault::Engine(fault.of(what, &id)))
            });
            visit(read.map_err(|fault| fault.of(what, "?")));
        }
    }
}

impl Walk for Finder<'_> {
    fn integrity(&mut self) -> Result<Vec<String>, Error> {
        let what = ("integrity of", "the database");
        let lines = "PRAGMA integrity_check(20)";
        let mut lines: Vec<String> = match self.loader.each(lines, [], what, |cells| cells.take()) {
            Ok(lines) => lines,
            Err(error) => vec![error.to_string()],
        };
        lines.retain(|line| line != "ok");
        Ok(lines)
    }

    fn decisions(
        &mut self,
        visit: &mut dyn FnMut(Result<KeptDecision, Error>),
    ) -> Result<(), Error> {
        let query = format!(
            "SELECT d.decision_id, {}, d.body, q.body, d.commitment FROM decision d \
             LEFT JOIN decision_personal q ON q.seq = d.seq {} ORDER BY d.seq",
            rows::columns_of(Salts::Told),
            Salts::Told.join()
        );
        self.visit(&query, "decision", visit, |_, cells, versions| {
            let columns = rows::columns(cells, versions)?;
            let body = cells.take()?;
            let personal = cells.take()?;
            let commitment: Option<Vec<u8>> = cells.take()?;
            let commitment = commitment.map(|it| rows::digest(&it)).transpose()?;
            Ok(KeptDecision {
                columns,
                body,
                personal,
                commitment,
            })
        })
    }

    fn events(&mut self, visit: &mut dyn FnMut(Result<KeptEvent, Error>)) -> Result<(), Error> {
        let query = format!("{} ORDER BY seq", EVENTS.replacen("seq", "event_id", 1));
        self.visit(&query, "event", visit, |_, cells, _| read_line(cells))
    }

    fn rows(&mut self, visit: &mut dyn FnMut(Result<Row, Error>)) -> Result<(), Error> {
        let query = "SELECT o.order_id, o.dossier, l.seq, l.decision_id, l.revision, l.decided_at, l.content, l.digest \
                     FROM orders o LEFT JOIN decision l ON l.seq = o.latest";
        self.visit(query, "order", visit, |id, cells, _| {
            let bytes: Vec<u8> = cells.take()?;
            let anchor = rows::anchor(cells)?;
            let dossier = read_dossier(&bytes, anchor.as_ref())?;
            let id = OrderId::try_new(id).or(Err(Broken))?;
            Ok(Row::Order(id, Box::new(dossier)))
        })?;
        let query = "SELECT key, kind, salt, body FROM customer";
        self.visit(query, "customer", visit, |id, cells, _| {
            let unit = rows::read_unit(cells.take()?, id)?;
            let salt: Option<Vec<u8>> = cells.take()?;
            let salt = salt.map(<[u8; 32]>::try_from).transpose().or(Err(Broken))?;
            let row = read_customer(&cells.take::<Vec<u8>>()?, salt)?;
            Ok(Row::Customer(unit, Box::new(row)))
        })?;
        self.visit(
            "SELECT key, body FROM address",
            "address",
            visit,
            |id, cells, _| {
                let key = AddressKey::try_new(id).or(Err(Broken))?;
                Ok(Row::Address(key, read_address(&cells.take::<Vec<u8>>()?)?))
            },
        )?;
        self.visit(
            "SELECT key, kind, body FROM link",
            "link",
            visit,
            |id, cells, _| {
                let key = rows::read_link_key(cells.take()?, id)?;
                Ok(Row::Link(key, read_link(&cells.take::<Vec<u8>>()?)?))
            },
        )?;
        let query = "SELECT claim_id, order_id, settled_at, settled_by, fault, paid FROM claim";
        self.visit(query, "claim", visit, |id, cells, _| {
            let id = ClaimId::try_new(id).or(Err(Broken))?;
            Ok(Row::Claim(id, read_claim(cells)?))
        })?;
        let query = "SELECT suspicion_id, subject_kind, subject_key, level, raised_at, expires_at, cleared_at \
                     FROM suspicion";
        self.visit(query, "suspicion", visit, |id, cells, _| {
            let id = SuspicionId::try_new(id).or(Err(Broken))?;
            Ok(Row::Suspicion(id, read_suspicion(cells)?))
        })
    }

    fn texts(&mut self, visit: &mut dyn FnMut(VersionKind, Digest, Vec<u8>)) -> Result<(), Error> {
        let query = "SELECT kind, digest, body FROM version WHERE body IS NOT NULL ORDER BY id";
        let all = self
            .loader
            .each(query, [], ("text of", "a version"), |cells| {
                let kind = VersionKind::from_name(&cells.take::<String>()?).ok_or(Broken)?;
                let digest = rows::digest(&cells.take::<Vec<u8>>()?)?;
                Ok((kind, digest, cells.take()?))
            })?;
        all.into_iter()
            .for_each(|(kind, digest, body)| visit(kind, digest, body));
        Ok(())
    }

    fn acts(&mut self) -> Result<Vec<(i64, Entry)>, Error> {
        trail::read(&self.loader)
    }

    fn weeks(&mut self, visit: &mut dyn FnMut(Week, i64)) -> Result<(), Error> {
        let query = "SELECT kind, key, counter, currency, week, n FROM tally";
        let what = ("counts of", "routes and depots");
        let all = self.loader.each(query, [], what, |cells| {
            let kind: i64 = cells.take()?;
            let key: String = cells.take()?;
            let key = match kind {
                0 => ProfileKey::Route(RouteId::try_new(&key).or(Err(Broken))?),
                1 => ProfileKey::Depot(DepotId::try_new(&key).or(Err(Broken))?),
                2 => ProfileKey::Platform,
                3 => ProfileKey::Day(key.parse().or(Err(Broken))?),
                _ => return Err(Fault::Broken),
            };
            let counter = rows::member(cells.take()?)?;
            let currency: String = cells.take()?;
            let currency = match currency.as_str() {
                "" => None,
                code => Some(Currency::parse(code).ok_or(Broken)?),
            };
            Ok((
                (key, counter, currency, cells.take()?),
                cells.take::<i64>()?,
            ))
        })?;
        all.into_iter().for_each(|(week, n)| visit(week, n));
        Ok(())
    }
}
