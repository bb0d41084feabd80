//! SQLite: the embedded engine. One file in the data directory, opened and backed up by every tool.
//!
//! Write-ahead log, synced at every commit; the schema's numbered files run once each, in order. Opening costs the same
//! however long the history is; whether all of it is whole is for `verify` to say.

use std::fs::{File, TryLockError};
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::Settings;
use super::engine::{Reading, Writing};
use super::error::Error;
use reader::Reader;
use writer::Writer;

mod find;
mod load;
mod reader;
mod rows;
mod shadows;
#[cfg(test)]
mod tests;
mod trail;
mod versions;
mod walk;
mod writer;

/// The database's name in the data directory.
const FILE: &str = "doorstep.sqlite3";
/// The file that is locked while the directory is in use.
const LOCK: &str = "lock";
/// What brings each schema to the next.
const MIGRATIONS: &[&str] = &[
    include_str!("schema/0001.sql"),
    include_str!("schema/0002.sql"),
    include_str!("schema/0003.sql"),
    include_str!("schema/0004.sql"),
];
/// The size of a page.
const PAGE_BYTES: u64 = 4_096;
/// Pages of the log after which they are moved to the database: small and often, so that no commit waits long.
const CHECKPOINT_PAGES: u32 = 1_000;
/// How long to wait for a tool that holds the file.
const PATIENCE: Duration = Duration::from_secs(1);

/// Holds the data directory against other processes.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "held, never read")] File);

/// An open database.
pub(super) struct Opened {
    pub(super) lock: Lock,
    pub(super) writer: Box<dyn Writing>,
    pub(super) readers: Vec<Box<dyn Reading>>,
}

/// Opens the database in the data directory, after making it where there is none.
pub(super) fn open(settings: &Settings) -> Result<Opened, Error> {
    let directory = |source: std::io::Error| Error::Directory {
        dir: settings.dir.clone(),
        source: Arc::new(source),
    };
    std::fs::create_dir_all(&settings.dir).map_err(directory)?;
    let lock = lock(&settings.dir)?;
    let path: Arc<Path> = settings.dir.join(FILE).into();
    let fault = |fault| opening(fault, settings, &path);
    check_length(&path)?;
    let mut connection = Connection::open(&path).map_err(fault)?;
    prepare(&connection, settings).map_err(fault)?;
    migrate(&mut connection, &path).map_err(|problem| match problem {
        Migration::Newer(error) => error,
        Migration::Failed(source) => fault(source),
    })?;
    let writer = Writer::new(connection, Arc::clone(&path)).map_err(fault)?;
    let readers = (0..settings.readers.max(1)).map(|_| reader(&path));
    Ok(Opened {
        lock,
        writer: Box::new(writer),
        readers: readers.collect::<Result<_, _>>().map_err(fault)?,
    })
}

/// Opens the database for one look, and leaves the directory to whoever uses it.
pub(super) fn look(settings: &Settings) -> Result<Box<dyn Reading>, Error> {
    let path: Arc<Path> = settings.dir.join(FILE).into();
    let fault = |fault| opening(fault, settings, &path);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&path, flags).map_err(fault)?;
    let (found, known) = (schema(&connection).map_err(fault)?, known());
    if found > known {
        return Err(newer(&path, found, known));
    }
    if found < known {
        return Err(Error::NotADatabase {
            source: Arc::new(std::io::Error::other(format!(
                "it has schema {found}, and {known} is due: serve from it once"
            ))),
            path: path.to_path_buf(),
        });
    }
    reader(&path).map_err(fault)
}

fn reader(path: &Arc<Path>) -> rusqlite::Result<Box<dyn Reading>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    keep_plans(&connection)?;
    connection.pragma_update(None, "cache_size", -16_384)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(Box::new(Reader::new(connection, Arc::clone(path))))
}

fn lock(dir: &Path) -> Result<Lock, Error> {
    let directory = |source: std::io::Error| Error::Directory {
        dir: dir.to_owned(),
        source: Arc::new(source),
    };
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(dir.join(LOCK))
        .map_err(directory)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(Error::Locked {
            dir: dir.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(directory(source)),
    }
}

fn prepare(connection: &Connection, settings: &Settings) -> rusqlite::Result<()> {
    let cache = i64::try_from(settings.cache_bytes / 1024).unwrap_or(i64::MAX);
    connection.busy_timeout(PATIENCE)?;
    keep_plans(connection)?;
    connection.set_prepared_statement_cache_capacity(128);
    connection.pragma_update(None, "page_size", 4_096)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", cache.saturating_neg())?;
    // References say what belongs together; `verify` checks more than they could, and not at every write.
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
    if let Some(pages) = settings.pages_max {
        connection.pragma_update(None, "max_page_count", pages)?;
    }
    Ok(())
}

/// A plan depends on the query and never on its values: else queries that could use a partial index are parsed and
/// planned again at every use.
fn keep_plans(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map(drop)
}

enum Migration {
    Newer(Error),
    Failed(rusqlite::Error),
}

impl From<rusqlite::Error> for Migration {
    fn from(fault: rusqlite::Error) -> Self {
        Self::Failed(fault)
    }
}

fn schema(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// The newest schema.
fn known() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

fn newer(path: &Path, found: u32, known: u32) -> Error {
    Error::NewerSchema {
        path: path.to_owned(),
        found,
        known,
    }
}

/// Runs what is missing, each file in a transaction of its own with the number that says so.
fn migrate(connection: &mut Connection, path: &Path) -> Result<(), Migration> {
    let (found, known) = (schema(connection)?, known());
    if found > known {
        return Err(Migration::Newer(newer(path, found, known)));
    }
    for (number, text) in (1_u32..).zip(MIGRATIONS) {
        if number > found {
            let transaction = connection.transaction()?;
            transaction.execute_batch(text)?;
            transaction.pragma_update(None, "user_version", number)?;
            transaction.commit()?;
        }
    }
    Ok(())
}

/// Refuses a file that lost its end, before SQLite opens it: it would take what is there for all there is.
///
/// With a log that a crash left, the file may rightly be shorter than it says; then the log has the rest.
fn check_length(path: &Path) -> Result<(), Error> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let length = |path: &Path| std::fs::metadata(path).map_or(0, |it| it.len());
    let there = length(path);
    if there == 0 || length(Path::new(&log)) > 0 {
        return Ok(());
    }
    let mut head = [0; 32];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    let pages = head.last_chunk().map_or(0, |it| u32::from_be_bytes(*it));
    if read.is_ok() && there >= u64::from(pages) * PAGE_BYTES {
        return Ok(());
    }
    Err(Error::NotADatabase {
        path: path.to_owned(),
        source: Arc::new(std::io::Error::other(format!(
            "{pages} pages are due, and {there} bytes are there"
        ))),
    })
}

/// A fault while opening: whatever is no damage is the directory's.
fn opening(fault: rusqlite::Error, settings: &Settings, path: &Path) -> Error {
    let error = failed(fault, path);
    if let Error::Unavailable { source } = error {
        Error::Directory {
            dir: settings.dir.clone(),
            source,
        }
    } else {
        error
    }
}

/// A fault of SQLite as one of the store's.
fn failed(fault: rusqlite::Error, path: &Path) -> Error {
    match fault.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Error::NotADatabase {
            path: path.to_owned(),
            source: Arc::new(fault),
        },
        Some(
            ErrorCode::DiskFull
            | ErrorCode::ReadOnly
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::OutOfMemory
            | ErrorCode::PermissionDenied
            | ErrorCode::NoLargeFileSupport
            | ErrorCode::OperationInterrupted,
        ) => Error::Unavailable {
            source: Arc::new(fault),
        },
        _ => Error::Bug {
            what: fault.to_string(),
        },
    }
}
