//! Versions and reason codes have a table each: a decision's row names them by number.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::rows::{Cells, Fault};
use crate::decision::reasons::Code;
use crate::decision::record;
use crate::domain::units::{Digest, Timestamp};
use crate::store::engine::{StoredVersion, VersionBy, VersionKind};
use crate::store::record::Broken;

/// How many combinations of versions are remembered; there are few in force at once.
const KNOWN_MAX: usize = 256;

/// Versions by their numbers, as a connection has met them.
#[derive(Default)]
pub(super) struct Versions {
    known: BTreeMap<[i64; 4], Arc<record::Versions>>,
}

impl Versions {
    /// The versions behind a row's four numbers; a number without a version is damage.
    pub(super) fn of(
        &mut self,
        ids: [i64; 4],
        cells: &Cells<'_>,
    ) -> Result<Arc<record::Versions>, Fault> {
        if let Some(known) = self.known.get(&ids) {
            return Ok(Arc::clone(known));
        }
        let connection: &Connection = cells.connection;
        let one = |id: i64| -> Result<record::Version, Fault> {
            let found = connection
                .prepare_cached("SELECT name, digest FROM version WHERE id = ?1")
                .and_then(|mut it| it.query_row([id], read_version).optional())
                .map_err(|fault| Fault::Engine(super::failed(fault, cells.path)))?;
            Ok(found.ok_or(Broken)??)
        };
        let [policy, model, catalogue, engine] = ids;
        let versions = Arc::new(record::Versions {
            policy: one(policy)?,
            model: one(model)?,
            catalogue: one(catalogue)?,
            engine: one(engine)?,
        });
        if self.known.len() >= KNOWN_MAX {
            self.known.clear();
        }
        self.known.insert(ids, Arc::clone(&versions));
        Ok(versions)
    }
}

fn read_version(row: &Row<'_>) -> rusqlite::Result<Result<record::Version, Broken>> {
    let id = row.get(0)?;
    let bytes: Vec<u8> = row.get(1)?;
    Ok(super::rows::digest(&bytes).map(|digest| record::Version { id, digest }))
}

/// Numbers of versions and reason codes, as the writer gives them.
#[derive(Default)]
pub(super) struct Numbers {
    versions: BTreeMap<(VersionKind, String, Digest), i64>,
    rules: BTreeMap<String, i64>,
}

/// The first number of rules' codes; those of the contract are below.
const RULES_FROM: i64 = 1_000;

impl Numbers {
    /// Forgets all: a transaction that gave some was rolled back.
    pub(super) fn forget(&mut self) {
        self.versions.clear();
        self.rules.clear();
    }

    /// The numbers of a decision's versions: policy, model, catalogue, engine.
    pub(super) fn versions(
        &mut self,
        connection: &Connection,
        versions: &record::Versions,
        at: Timestamp,
    ) -> rusqlite::Result<[i64; 4]> {
        Ok([
            self.version(connection, VersionKind::Policy, &versions.policy, at)?,
            self.version(connection, VersionKind::Model, &versions.model, at)?,
            self.version(connection, VersionKind::Catalogue, &versions.catalogue, at)?,
            self.version(connection, VersionKind::Engine, &versions.engine, at)?,
        ])
    }

    fn version(
        &mut self,
        connection: &Connection,
        kind: VersionKind,
        version: &record::Version,
        at: Timestamp,
    ) -> rusqlite::Result<i64> {
        let key = (kind, version.id.clone(), version.digest);
        if let Some(id) = self.versions.get(&key) {
            return Ok(*id);
        }
        let id = keep(connection, kind, version, None, at)?;
        if self.versions.len() >= KNOWN_MAX {
            self.versions.clear();
        }
        self.versions.insert(key, id);
        Ok(id)
    }

    /// The number of a reason's code.
    pub(super) fn code(&mut self, connection: &Connection, code: &Code) -> rusqlite::Result<i64> {
        let Code::Rule(_) = code else {
            return Ok(i64::from(code.number()));
        };
        let name = code.text();
        if let Some(number) = self.rules.get(name.as_ref()) {
            return Ok(*number);
        }
        let number = rule_number(connection, &name)?;
        self.rules.insert(name.into_owned(), number);
        Ok(number)
    }
}

fn rule_number(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    let found = "SELECT code FROM reason_code WHERE name = ?1";
    let known = connection
        .prepare_cached(found)?
        .query_row([name], |row| row.get(0))
        .optional()?;
    if let Some(number) = known {
        return Ok(number);
    }
    let next = "SELECT COALESCE(MAX(code), 0) + 1 FROM reason_code WHERE code >= ?1";
    let next: i64 = connection.query_row(next, [RULES_FROM], |row| row.get(0))?;
    let next = next.max(RULES_FROM);
    connection.execute(
        "INSERT INTO reason_code (code, name) VALUES (?1, ?2)",
        params![next, name],
    )?;
    Ok(next)
}

/// Puts the contract's codes into their table.
pub(super) fn keep_codes(connection: &mut Connection) -> rusqlite::Result<()> {
    let known: i64 = connection.query_row(
        "SELECT COUNT(*) FROM reason_code WHERE code < ?1",
        [RULES_FROM],
        |row| row.get(0),
    )?;
    if usize::try_from(known) == Ok(Code::ALL.len()) {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    for code in Code::ALL {
        let insert = "INSERT INTO reason_code (code, name) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        transaction.execute(insert, params![code.number(), code.text()])?;
    }
    transaction.commit()
}

/// Keeps a version, once; gives its number.
pub(super) fn keep(
    connection: &Connection,
    kind: VersionKind,
    version: &record::Version,
    body: Option<&[u8]>,
    at: Timestamp,
) -> rusqlite::Result<i64> {
    let insert = "INSERT INTO version (kind, name, digest, body, first_used_at) VALUES (?1, ?2, ?3, ?4, ?5) \
                  ON CONFLICT (kind, digest, name) DO UPDATE SET body = COALESCE(version.body, excluded.body) \
                  RETURNING id";
    let values = params![
        kind.name(),
        version.id,
        version.digest.0,
        body,
        at.as_micros()
    ];
    connection
        .prepare_cached(insert)?
        .query_row(values, |row| row.get(0))
}

/// A version with its text.
pub(super) fn find(
    connection: &Connection,
    kind: VersionKind,
    by: &VersionBy,
) -> rusqlite::Result<Option<Result<StoredVersion, Broken>>> {
    let read = |row: &Row<'_>| {
        let version = read_version(row)?;
        let body = row.get(2)?;
        let first_used_at = Timestamp::from_micros(row.get(3)?);
        Ok(version.map(|version| StoredVersion {
            kind,
            version,
            body,
            first_used_at,
        }))
    };
    let columns = "SELECT name, digest, body, first_used_at FROM version WHERE kind = ?1";
    match by {
        VersionBy::Digest(digest) => {
            let query = format!("{columns} AND digest = ?2 ORDER BY id DESC LIMIT 1");
            let mut query = connection.prepare_cached(&query)?;
            query
                .query_row(params![kind.name(), digest.0], read)
                .optional()
        }
        VersionBy::Name(name) => {
            let query = format!("{columns} AND name = ?2 ORDER BY id DESC LIMIT 1");
            let mut query = connection.prepare_cached(&query)?;
            query.query_row(params![kind.name(), name], read).optional()
        }
    }
}
