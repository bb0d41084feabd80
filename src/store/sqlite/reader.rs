//! A connection that reads: each question sees one state of the database, whatever is committed meanwhile.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OptionalExtension as _};

use super::failed;
use super::find::Finder;
use super::load::Loader;
use super::shadows;
use super::trail;
use super::versions::{self, Versions};
use super::walk::{EVENTS, read_line};
use crate::decision::lifecycle::Entry;
use crate::decision::shadow::Said;
use crate::decision::snapshot::{EventLine, Keys, Snapshot};
use crate::domain::ids::DecisionId;
use crate::domain::units::Timestamp;
use crate::store::engine::{
    By, Filter, Found, Page, Reading, StoredVersion, VersionBy, VersionKind, Visit,
};
use crate::store::error::Error;
use crate::store::record::Room;
use crate::store::shadow::Kept;
use crate::store::verify::{Verified, verify};

/// One connection that reads.
pub(super) struct Reader {
    connection: Connection,
    path: Arc<Path>,
    versions: Versions,
    room: Room,
}

impl Reader {
    pub(super) fn new(connection: Connection, path: Arc<Path>) -> Self {
        Self {
            connection,
            path,
            versions: Versions::default(),
            room: Room::default(),
        }
    }

    /// Runs a question in a transaction of its own, so that it sees one state.
    fn ask<T>(
        &mut self,
        question: impl FnOnce(&mut Finder<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let Self {
            connection,
            path,
            versions,
            room,
        } = self;
        let transaction = connection
            .unchecked_transaction()
            .map_err(|it| failed(it, path))?;
        let loader = Loader { connection, path };
        let answer = question(&mut Finder {
            loader,
            versions,
            room,
        });
        transaction.rollback().map_err(|it| failed(it, path))?;
        answer
    }

    /// The latest of the times that these queries find.
    fn last(&self, queries: [&str; 2]) -> Result<Option<Timestamp>, Error> {
        let mut latest = None;
        for query in queries {
            let found = self
                .connection
                .query_row(query, [], |row| row.get::<_, Option<i64>>(0))
                .optional()
                .map_err(|it| failed(it, &self.path))?;
            latest = latest.max(found.flatten().map(Timestamp::from_micros));
        }
        Ok(latest)
    }
}

impl Reading for Reader {
    fn snapshot(&mut self, keys: &Keys) -> Result<Snapshot, Error> {
        self.ask(|it| {
            let mut snapshot = Snapshot::default();
            it.loader.load(keys, &mut snapshot, |_, _| {})?;
            Ok(snapshot)
        })
    }

    fn record(&mut self, by: &By) -> Result<Option<Found>, Error> {
        self.ask(|it| it.record(by))
    }

    fn list(&mut self, filter: &Filter, before: Option<i64>, limit: usize) -> Result<Page, Error> {
        self.ask(|it| it.list(filter, before, limit))
    }

    fn scan(&mut self, after: i64, limit: usize) -> Result<Vec<Found>, Error> {
        self.ask(|it| it.scan(after, limit))
    }

    fn visit(&mut self, after: i64, to: i64, visit: Visit<'_>) -> Result<(), Error> {
        self.ask(|it| it.range(after, to, visit))
    }

    fn events(&mut self, after: i64, limit: usize) -> Result<Vec<(i64, EventLine)>, Error> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let query = format!("{EVENTS} WHERE seq > ?1 AND state < 2 ORDER BY seq LIMIT ?2");
        let what = ("event after", &*after.to_string());
        self.ask(|it| {
            it.loader.each(&query, (after, limit), what, |cells| {
                let seq = cells.take()?;
                Ok((seq, read_line(cells)?.line))
            })
        })
    }

    fn version(
        &mut self,
        kind: VersionKind,
        by: &VersionBy,
    ) -> Result<Option<StoredVersion>, Error> {
        let found = versions::find(&self.connection, kind, by);
        let found = found.map_err(|it| failed(it, &self.path))?.transpose();
        found.map_err(|_broken| Error::Damaged {
            what: "version",
            id: format!("{by:?}"),
        })
    }

    fn trail(&mut self) -> Result<Vec<Entry>, Error> {
        let acts = self.ask(|it| trail::read(&it.loader))?;
        Ok(acts.into_iter().map(|(_, entry)| entry).collect())
    }

    fn shadows(&mut self) -> Result<Vec<Kept>, Error> {
        self.ask(|it| shadows::all(&it.loader))
    }

    fn said(&mut self, of: &[DecisionId]) -> Result<BTreeMap<DecisionId, Vec<Said>>, Error> {
        self.ask(|it| shadows::said(&it.loader, of))
    }

    fn verify(&mut self) -> Result<Verified, Error> {
        let now = self.newest()?.unwrap_or(Timestamp::from_micros(0));
        self.ask(|it| verify(it, now))
    }

    fn newest(&mut self) -> Result<Option<Timestamp>, Error> {
        self.last([
            "SELECT decided_at FROM decision ORDER BY seq DESC LIMIT 1",
            "SELECT received_at FROM event ORDER BY seq DESC LIMIT 1",
        ])
    }

    fn latest(&mut self) -> Result<Option<Timestamp>, Error> {
        self.last([
            "SELECT MAX(decided_at) FROM decision",
            "SELECT MAX(occurred_at) FROM event WHERE occurred_at <= received_at",
        ])
    }

    fn back_up(&mut self, to: &Path) -> Result<(), Error> {
        let cannot = |source: Arc<dyn std::error::Error + Send + Sync>| Error::Directory {
            dir: to.to_owned(),
            source,
        };
        // A file that is there is never written over.
        let file = std::fs::File::options()
            .write(true)
            .create_new(true)
            .open(to);
        drop(file.map_err(|it| cannot(Arc::new(it)))?);
        let copy = || -> rusqlite::Result<StepResult> {
            let mut target = Connection::open(to)?;
            // One step sees one state, and holds up no writer.
            Backup::new(&self.connection, &mut target)?.step(-1)
        };
        match copy() {
            Ok(StepResult::Done) => {
                let file = std::fs::File::options().write(true).open(to);
                let synced = file.and_then(|it| it.sync_all());
                synced.map_err(|it| cannot(Arc::new(it)))
            }
            Ok(_) => Err(Error::Unavailable {
                source: Arc::new(std::io::Error::other("the database was busy")),
            }),
            Err(fault) => Err(cannot(Arc::new(fault))),
        }
    }
}
