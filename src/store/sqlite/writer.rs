//! The connection that writes: each dirty row once, decisions and events appended.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, Params, params};

use super::failed;
use super::load::Loader;
use super::rows;
use super::shadows;
use super::trail;
use super::versions::{self, Numbers};
use crate::decision::lifecycle;
use crate::decision::record::Sealed;
use crate::decision::shadow::{Shadow, ShadowId, Stopped};
use crate::decision::signal::Signal;
use crate::decision::snapshot::{EventLine, Key, Keys, Snapshot};
use crate::domain::dossier::{Dossier, ProfileKey};
use crate::domain::event::EventKind;
use crate::domain::ids::{ClaimId, CustomerId, OrderId, SuspicionId};
use crate::domain::order::Unit;
use crate::domain::profile::{Claim, Customer, Suspicion};
use crate::domain::tally::{Entry, Tally, week_of};
use crate::domain::units::{Digest, Timestamp};
use crate::store::batcher::tally_of;
use crate::store::engine::{Batch, Line, StoredVersion, Writing};
use crate::store::error::Error;
use crate::store::record::{self, Anchor};
use crate::store::shadow::{Judged, Kept, NewShadow};

/// How many routes and depots have their counts kept in memory between transactions.
const TALLIES_MAX: usize = 4_096;
/// Events as people see their state.
const KEPT: i64 = 0;
const WAITING: i64 = 1;
const DROPPED: i64 = 2;

/// The one connection that writes.
pub(super) struct Writer {
    connection: Connection,
    path: Arc<Path>,
    /// The place of the last decision.
    seq: i64,
    /// Latest decisions of the orders in this transaction.
    anchors: BTreeMap<OrderId, Anchor>,
    /// Counts as committed: nobody else writes them. A transaction takes out those that it looks at, and adds to the
    /// others as it writes; where it fails, all are forgotten.
    tallies: BTreeMap<ProfileKey, Tally>,
    numbers: Numbers,
}

impl Writer {
    pub(super) fn new(mut connection: Connection, path: Arc<Path>) -> rusqlite::Result<Self> {
        versions::keep_codes(&mut connection)?;
        let seq = last(&connection)?;
        Ok(Self {
            connection,
            path,
            seq,
            anchors: BTreeMap::new(),
            tallies: BTreeMap::new(),
            numbers: Numbers::default(),
        })
    }

    fn tell(&self) -> impl Fn(rusqlite::Error) -> Error + use<> {
        let path = Arc::clone(&self.path);
        move |fault| failed(fault, &path)
    }

    /// Does something in a transaction of its own; what it writes is in no snapshot.
    fn apart<T>(&mut self, act: impl FnOnce(&Loader<'_>) -> Result<T, Error>) -> Result<T, Error> {
        let tell = self.tell();
        let path = Arc::clone(&self.path);
        let transaction = self.connection.transaction().map_err(&tell)?;
        let done = act(&Loader {
            connection: &transaction,
            path: &path,
        })?;
        transaction.commit().map_err(&tell)?;
        Ok(done)
    }

    fn put(&self, query: &str, values: impl Params) -> rusqlite::Result<()> {
        self.connection.prepare_cached(query)?.execute(values)?;
        Ok(())
    }
}

fn last(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT COALESCE(MAX(seq), 0) FROM decision", [], |row| {
        row.get(0)
    })
}

impl Writing for Writer {
    fn begin(&mut self) -> Result<(), Error> {
        self.anchors.clear();
        self.put("BEGIN IMMEDIATE", []).map_err(self.tell())
    }

    fn load(&mut self, keys: &Keys, into: &mut Snapshot) -> Result<(), Error> {
        let mut rest = keys.clone();
        rest.look.retain(|look| {
            let known = tally_of(look).and_then(|key| self.tallies.remove_entry(&key));
            let known = known.map(|(key, tally)| into.tallies.insert(key, tally));
            known.is_none()
        });
        let Self {
            connection,
            path,
            anchors,
            ..
        } = self;
        let loader = Loader { connection, path };
        loader.load(&rest, into, |id, anchor| {
            anchors.insert(id.clone(), anchor);
        })
    }

    fn write(&mut self, snapshot: &Snapshot, batch: &Batch) -> Result<(), Error> {
        self.write_all(snapshot, batch).map_err(self.tell())
    }

    fn commit(&mut self) -> Result<(), Error> {
        self.put("COMMIT", []).map_err(self.tell())
    }

    fn roll_back(&mut self) {
        self.anchors.clear();
        self.tallies.clear();
        self.numbers.forget();
        if !self.connection.is_autocommit() {
            // A rollback that fails leaves a transaction that the next `begin` meets, and reports.
            drop(self.connection.execute_batch("ROLLBACK"));
        }
        if let Ok(seq) = last(&self.connection) {
            self.seq = seq;
        }
    }

    fn keep(&mut self, snapshot: Snapshot) {
        if self.tallies.len() > TALLIES_MAX {
            self.tallies.clear();
        }
        self.tallies.extend(snapshot.tallies);
    }

    fn probe(&mut self) -> Result<(), Error> {
        // As much as a transaction of many decisions needs, and given back at once.
        let probe = "BEGIN IMMEDIATE; \
             INSERT INTO probe (id, body) VALUES (1, zeroblob(262144)) \
             ON CONFLICT (id) DO UPDATE SET body = excluded.body; \
             UPDATE probe SET body = NULL WHERE id = 1; \
             COMMIT";
        let result = self.connection.execute_batch(probe).map_err(self.tell());
        if result.is_err() {
            self.roll_back();
        }
        result
    }

    fn keep_version(&mut self, it: &StoredVersion) -> Result<(), Error> {
        let body = it.body.as_deref();
        let kept = versions::keep(
            &self.connection,
            it.kind,
            &it.version,
            body,
            it.first_used_at,
        );
        kept.map(drop).map_err(self.tell())
    }

    fn trail(&mut self) -> Result<Vec<lifecycle::Entry>, Error> {
        let Self {
            connection, path, ..
        } = self;
        let acts = trail::read(&Loader { connection, path })?;
        Ok(acts.into_iter().map(|(_, entry)| entry).collect())
    }

    fn enter(&mut self, line: &Line) -> Result<(), Error> {
        trail::enter(&self.connection, line).map_err(self.tell())
    }

    fn start_shadow(&mut self, new: &NewShadow) -> Result<Option<Shadow>, Error> {
        let tell = self.tell();
        self.apart(|it| shadows::start(it.connection, new).map_err(tell))
    }

    fn stop_shadow(&mut self, id: ShadowId, stopped: &Stopped) -> Result<Option<Kept>, Error> {
        self.apart(|loader| shadows::stop(loader, id, stopped))
    }

    fn keep_judged(&mut self, judged: &Judged) -> Result<(), Error> {
        let tell = self.tell();
        self.apart(|it| shadows::keep(it.connection, judged).map_err(tell))
    }
}

impl Writer {
    fn write_all(&mut self, snapshot: &Snapshot, batch: &Batch) -> rusqlite::Result<()> {
        for sealed in &batch.append {
            self.append(sealed, snapshot)?;
        }
        for key in &batch.dirty {
            self.row(key, snapshot)?;
        }
        let mut sums: BTreeMap<(&ProfileKey, Entry), i64> = BTreeMap::new();
        for (key, entry, amount) in &batch.add {
            let sum = sums.entry((key, *entry)).or_insert(0);
            *sum = sum.saturating_add(*amount);
        }
        for ((key, entry), amount) in sums {
            self.count(key, entry, amount)?;
            // What this transaction looked at is in its snapshot, up to date; the rest is still here.
            if let Some(tally) = self.tallies.get_mut(key) {
                tally.add(entry, amount);
            }
        }
        for line in &batch.events {
            self.event(line)?;
        }
        for id in &batch.woken {
            self.wake(id, KEPT)?;
        }
        for id in &batch.lapsed {
            self.wake(id, DROPPED)?;
        }
        Ok(())
    }

    fn row(&self, key: &Key, snapshot: &Snapshot) -> rusqlite::Result<()> {
        match key {
            Key::Claim(id) => snapshot.claims.get(id).map_or(Ok(()), |row| self.claim(id, row)),
            Key::Suspicion(id) => {
                let row = snapshot.suspicions.get(id);
                row.map_or(Ok(()), |row| self.suspicion(id, row))
            }
            Key::Order(id) => snapshot.orders.get(id).map_or(Ok(()), |row| self.order(id, row)),
            Key::Customer(unit) => {
                let row = snapshot.customers.get(unit);
                row.map_or(Ok(()), |row| self.customer(unit, row))
            }
            Key::Address(key) => snapshot.addresses.get(key).map_or(Ok(()), |row| {
                let open = i64::try_from(row.open.len()).unwrap_or(i64::MAX);
                self.put(
                    "INSERT INTO address (key, open_orders, body) VALUES (?1, ?2, ?3) ON CONFLICT (key) \
                     DO UPDATE SET open_orders = excluded.open_orders, body = excluded.body",
                    params![key.as_str(), open, record::address(row)],
                )
            }),
            Key::Link(key) => snapshot.links.get(key).map_or(Ok(()), |row| {
                let (kind, key) = rows::link(key);
                let members = i64::try_from(row.members.len()).unwrap_or(i64::MAX);
                self.put(
                    "INSERT INTO link (kind, key, members, body) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (kind, key) \
                     DO UPDATE SET members = excluded.members, body = excluded.body",
                    params![kind, key, members, record::link(row)],
                )
            }),
        }
    }

    fn append(&mut self, sealed: &Sealed, snapshot: &Snapshot) -> rusqlite::Result<()> {
        let record = &sealed.record;
        let columns = record::columns(record);
        let seq = self.seq + 1;
        let at = columns.decided_at;
        let versions = self
            .numbers
            .versions(&self.connection, &columns.versions, at)?;
        let earlier = self.anchors.get(&columns.order_id).map(|it| it.seq);
        let (unit_kind, unit_key) = rows::unit(&columns.unit);
        let customer = columns.customer_id.as_ref().map(CustomerId::as_str);
        let own =
            matches!(&columns.unit, Unit::Customer(id) if Some(id) == columns.customer_id.as_ref());
        let salted = snapshot.customers.get(&columns.unit).and_then(|it| it.salt);
        let salt = (salted != Some(columns.salt)).then_some(columns.salt);
        let before = (columns.before != Digest([0; 32])).then_some(columns.before.0);
        let draw = columns.draw.as_ref();
        let propensity = record.decision.propensities.get(columns.action.index());
        let drawn = record.decision.random_check.as_ref().map(|it| it.drawn);
        let order = &record.situation.order;
        let insert = "INSERT INTO decision (seq, decision_id, order_id, customer_id, unit_kind, unit_key, \
             address_key, revision, earlier, stage, origin, action, own_action, risk, order_value, amount_minor, \
             currency, decided_at, valid_until, policy, model, catalogue, engine, propensity_micro, drawn, draw_key, \
             slot, counter, draw_micro, content, before, digest, salt, body) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, \
             ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34)";
        self.put(
            insert,
            params![
                seq,
                columns.decision_id.as_str(),
                columns.order_id.as_str(),
                customer,
                unit_kind,
                (!own).then_some(unit_key),
                columns.address_key.as_str(),
                columns.revision,
                earlier,
                columns.stage.number(),
                columns.origin.number(),
                columns.action.number(),
                columns.own_action.number(),
                columns.risk,
                record.situation.signals.get(Signal::OrderValue),
                order.amount_minor(),
                columns.currency.code(),
                at.as_micros(),
                columns.valid_until.as_micros(),
                versions[0],
                versions[1],
                versions[2],
                versions[3],
                propensity,
                drawn,
                draw.map(|it| it.key_id.as_str()),
                draw.map(|it| it.slot),
                draw.map(|it| it.counter.cast_signed()),
                draw.map(|it| it.draw_micro),
                columns.content.0,
                before,
                columns.digest.0,
                salt,
                sealed.body,
            ],
        )?;
        let personal = "INSERT INTO decision_personal (seq, body) VALUES (?1, ?2)";
        self.put(personal, params![seq, sealed.personal])?;
        let mut codes = Vec::new();
        for reason in &record.decision.reasons {
            codes.push(self.numbers.code(&self.connection, &reason.code)?);
        }
        codes.sort_unstable();
        codes.dedup();
        for code in codes {
            self.put(
                "INSERT INTO decision_reason (code, seq) VALUES (?1, ?2)",
                (code, seq),
            )?;
        }
        self.seq = seq;
        self.anchors.insert(
            columns.order_id,
            Anchor {
                seq,
                decision_id: columns.decision_id,
                revision: columns.revision,
                decided_at: columns.decided_at,
                content: columns.content,
                digest: columns.digest,
            },
        );
        Ok(())
    }

    fn order(&self, id: &OrderId, row: &Dossier) -> rusqlite::Result<()> {
        let anchor = self.anchors.get(id);
        let placement = row.placement();
        let micros = |at: Option<Timestamp>| at.map(Timestamp::as_micros);
        let known = placement.is_some();
        let cancelled = row.cancelled.as_ref().map(|it| it.at);
        let customer = placement.and_then(|it| it.customer.as_ref());
        self.put(
            "INSERT INTO orders (order_id, latest, revision, valid_until, customer_id, address_key, placed_at, \
             cancelled_at, dispatched_at, silent_at, ended_at, dossier) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) \
             ON CONFLICT (order_id) DO UPDATE SET latest = excluded.latest, revision = excluded.revision, \
             valid_until = excluded.valid_until, customer_id = excluded.customer_id, \
             address_key = excluded.address_key, placed_at = excluded.placed_at, \
             cancelled_at = excluded.cancelled_at, dispatched_at = excluded.dispatched_at, \
             silent_at = excluded.silent_at, ended_at = excluded.ended_at, dossier = excluded.dossier",
            params![
                id.as_str(),
                anchor.map(|it| it.seq),
                row.latest.as_ref().map(|it| it.revision),
                row.latest.as_ref().map(|it| it.valid_until.as_micros()),
                customer.map(CustomerId::as_str),
                row.address().map(|it| it.as_str()),
                placement.map(|it| it.at.as_micros()),
                micros(cancelled.filter(|_| known)),
                micros(row.dispatched_at().filter(|_| known)),
                micros(row.silent_at().filter(|_| known)),
                micros(row.ended_at().filter(|_| known)),
                record::dossier(row, anchor),
            ],
        )
    }

    fn customer(&self, unit: &Unit, row: &Customer) -> rusqlite::Result<()> {
        let (kind, key) = rows::unit(unit);
        self.put(
            "INSERT INTO customer (kind, key, completed, salt, body) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (kind, key) DO UPDATE SET completed = excluded.completed, salt = excluded.salt, \
             body = excluded.body",
            params![kind, key, row.completed.cast_signed(), row.salt, record::customer(row)],
        )
    }

    fn claim(&self, id: &ClaimId, row: &Claim) -> rusqlite::Result<()> {
        let settled = row.settled.as_ref();
        self.put(
            "INSERT INTO claim (claim_id, order_id, settled_at, settled_by, fault, paid) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (claim_id) DO UPDATE SET order_id = excluded.order_id, \
             settled_at = excluded.settled_at, settled_by = excluded.settled_by, fault = excluded.fault, \
             paid = excluded.paid",
            params![
                id.as_str(),
                row.order_id.as_ref().map(OrderId::as_str),
                settled.map(|it| it.at.as_micros()),
                settled.map(|it| it.event_id.as_str()),
                settled.map(|it| it.fault.number()),
                settled.and_then(|it| it.paid),
            ],
        )
    }

    fn suspicion(&self, id: &SuspicionId, row: &Suspicion) -> rusqlite::Result<()> {
        let raised = row.raised.as_ref();
        let subject = raised.map(|it| rows::subject(&it.subject));
        self.put(
            "INSERT INTO suspicion (suspicion_id, subject_kind, subject_key, level, raised_at, expires_at, \
             cleared_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (suspicion_id) DO UPDATE SET \
             subject_kind = excluded.subject_kind, subject_key = excluded.subject_key, level = excluded.level, \
             raised_at = excluded.raised_at, expires_at = excluded.expires_at, cleared_at = excluded.cleared_at",
            params![
                id.as_str(),
                subject.map(|(kind, _)| kind),
                subject.map(|(_, key)| key),
                raised.map(|it| it.level),
                raised.map(|it| it.at.as_micros()),
                raised.map(|it| it.expires_at.as_micros()),
                row.cleared_at.map(Timestamp::as_micros),
            ],
        )
    }

    fn count(&self, key: &ProfileKey, entry: Entry, amount: i64) -> rusqlite::Result<()> {
        let Some((kind, key)) = rows::counted(key) else {
            return Ok(());
        };
        let week = week_of(entry.at);
        let currency = entry
            .currency
            .map_or_else(String::new, |it| it.code().to_owned());
        self.put(
            "INSERT INTO tally (kind, key, counter, currency, week, n) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
             ON CONFLICT (kind, key, counter, currency, week) DO UPDATE SET n = tally.n + excluded.n",
            params![kind, key, entry.counter.number(), currency, week, amount],
        )
    }

    fn event(&self, line: &EventLine) -> rusqlite::Result<()> {
        let kind = &line.event.kind;
        let claim = claim_of(kind).map(ClaimId::as_str);
        self.put(
            "INSERT INTO event (event_id, kind, occurred_at, received_at, order_id, customer_id, claim_id, state, \
             digest, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                line.event.event_id.as_str(),
                kind.name(),
                line.event.occurred_at.as_micros(),
                line.received_at.as_micros(),
                kind.order_id().map(OrderId::as_str),
                customer_of(kind).map(CustomerId::as_str),
                claim,
                if line.pending { WAITING } else { KEPT },
                line.digest.0,
                record::event(kind),
            ],
        )?;
        if matches!(kind, EventKind::ClaimOpened(_)) && !line.pending {
            let wake = "UPDATE event SET state = ?2 WHERE claim_id = ?1 AND state = 1 AND order_id IS NULL";
            self.put(wake, (claim, KEPT))?;
        }
        Ok(())
    }

    fn wake(&self, id: &OrderId, state: i64) -> rusqlite::Result<()> {
        let wake = "UPDATE event SET state = ?2 WHERE order_id = ?1 AND state = 1";
        self.put(wake, (id.as_str(), state))
    }
}

fn claim_of(kind: &EventKind) -> Option<&ClaimId> {
    if let EventKind::ClaimOpened(it) = kind {
        Some(&it.claim_id)
    } else if let EventKind::ClaimSettled { claim_id, .. } = kind {
        Some(claim_id)
    } else {
        None
    }
}

fn customer_of(kind: &EventKind) -> Option<&CustomerId> {
    if let EventKind::OrderPlaced(it) = kind {
        it.customer_id.as_ref()
    } else if let EventKind::ContactChanged { customer_id, .. }
    | EventKind::AddressChanged { customer_id, .. }
    | EventKind::PasswordReset { customer_id } = kind
    {
        Some(customer_id)
    } else {
        None
    }
}
