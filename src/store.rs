//! What must not be lost: a decision is durable before anybody hears of it.
//!
//! A [`Store`] is a batcher over an engine: it takes what is queued, loads the union of the rows once, runs each piece
//! of work against them in the order of arrival, writes what changed once, commits, answers.
//!
//! No rule of the business lives here, and no SQL lives anywhere else. SQLite is the first engine; another one differs
//! only in loading and committing ([`engine::Writing`], [`engine::Reading`]).

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Instant;

use tokio::sync::{oneshot, watch};

mod batcher;
pub mod engine;
mod error;
mod readers;
pub mod record;
pub mod shadow;
mod sqlite;
#[cfg(test)]
mod tests;
mod trail;
mod verify;

pub use engine::{By, Filter, Found, Line, Page, StoredVersion, VersionBy, VersionKind};
pub use error::Error;
pub use verify::{Finding, Verified};

use crate::decision::shadow::{Said, Shadow, ShadowId, Stopped};
use crate::decision::snapshot::{EventLine, Keys, Snapshot, Step};
use crate::domain::ids::DecisionId;
use crate::domain::units::Timestamp;
use batcher::{Batcher, Job, Request};
use engine::Writing;
use readers::Readers;
use shadow::{Judged, Kept, NewShadow};

/// How the store is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The data directory; made where it does not exist.
    pub dir: PathBuf,
    /// Bytes of pages that the writer keeps in memory.
    pub cache_bytes: u64,
    /// How many pieces of work, and how many questions, may wait.
    pub queue_max: usize,
    /// How many pieces of work share one commit.
    pub batch_max: usize,
    /// How many threads read.
    pub readers: usize,
    /// The file's size limit in pages of 4 KiB; none but in tests of a full disk.
    pub pages_max: Option<u32>,
}

impl Settings {
    /// The defaults for a data directory.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            cache_bytes: 128 << 20,
            queue_max: 1024,
            batch_max: 64,
            readers: 2,
            pages_max: None,
        }
    }
}

/// A handle on an open store; cheap to clone. The last one closes it, after everything queued is done.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    queue: Option<SyncSender<Request>>,
    queued: Arc<AtomicUsize>,
    writable: watch::Receiver<bool>,
    writer: Option<JoinHandle<()>>,
    readers: Readers,
    /// For one who wants a connection of their own.
    settings: Settings,
    /// Held for as long as the store is open.
    _lock: sqlite::Lock,
}

impl Drop for Inner {
    fn drop(&mut self) {
        // The writer closes last: only it can tidy up the log.
        self.readers.stop();
        self.queue = None;
        if let Some(writer) = self.writer.take() {
            // Whatever the writer met was answered to whom it concerned.
            drop(writer.join());
        }
    }
}

/// Copies the whole database, as of now, to a new file, whether or not another process is serving it.
///
/// # Errors
/// [`Error::Directory`] where there is no database to read, or the copy cannot be written; and the engine's.
pub fn back_up(settings: &Settings, to: &Path) -> Result<(), Error> {
    sqlite::look(settings)?.back_up(to)
}

/// Looks at everything that is kept, as of now, whether or not another process is serving it.
///
/// # Errors
/// [`Error::Directory`] where there is no database to read, and the engine's; what is wrong with what is kept is no
/// error but a finding.
pub fn verify(settings: &Settings) -> Result<Verified, Error> {
    sqlite::look(settings)?.verify()
}

/// Opens the database to read it, as it stands at each question, whether or not another process is serving it.
///
/// # Errors
/// [`Error::Directory`] where there is no database to read, and the engine's.
pub fn look(settings: &Settings) -> Result<Box<dyn engine::Reading>, Error> {
    sqlite::look(settings)
}

impl Store {
    /// Opens the data directory, which no other process may use, and brings its schema up to date.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::NewerSchema`], [`Error::NotADatabase`] and [`Error::Directory`] say what is wrong.
    pub fn open(settings: &Settings) -> Result<Self, Error> {
        let opened = sqlite::open(settings)?;
        let directory = |source: std::io::Error| Error::Directory {
            dir: settings.dir.clone(),
            source: Arc::new(source),
        };
        let readers = Readers::start(opened.readers, settings.queue_max).map_err(directory)?;
        let (sender, queue) = sync_channel(settings.queue_max);
        let (told, writable) = watch::channel(true);
        let queued = Arc::new(AtomicUsize::new(0));
        let batcher = Batcher {
            engine: opened.writer,
            queue,
            queued: Arc::clone(&queued),
            batch_max: settings.batch_max.max(1),
            writable: told,
            aside: VecDeque::new(),
        };
        let writer = std::thread::Builder::new()
            .name("store-write".to_owned())
            .spawn(move || batcher.run())
            .map_err(directory)?;
        Ok(Self {
            inner: Arc::new(Inner {
                queue: Some(sender),
                queued,
                writable,
                writer: Some(writer),
                readers,
                settings: settings.clone(),
                _lock: opened.lock,
            }),
        })
    }

    /// Runs `work` on the rows of `keys` and makes what it changes durable, all of it or nothing, before it answers.
    ///
    /// `work` may run more than once. It may ask for more rows; they are read in the same transaction. Once it has been
    /// begun it is finished, whoever waits.
    ///
    /// # Errors
    /// [`Error::Busy`] where too much is queued, [`Error::Late`] where `until` passed before it was begun,
    /// [`Error::Bug`] where it panicked, and the engine's errors. On any of them nothing of it was written.
    pub fn transact<T, F>(
        &self,
        keys: Keys,
        until: Instant,
        work: F,
    ) -> impl Future<Output = Result<T, Error>> + Send + use<T, F>
    where
        T: Send + 'static,
        F: FnMut(&Snapshot) -> Step<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let queued = self.send(Request::Piece(Box::new(Job {
            keys,
            until,
            work,
            done: None,
            reply,
        })));
        async move {
            queued?;
            answer.await.unwrap_or(Err(Error::Closed))
        }
    }

    /// The rows of `keys` as they stand, for an answer that changes nothing.
    ///
    /// # Errors
    /// [`Error::Busy`] and the engine's.
    pub async fn read(&self, keys: Keys) -> Result<Snapshot, Error> {
        let ask = move |engine: &mut dyn engine::Reading| engine.snapshot(&keys);
        self.inner.readers.ask(ask).await
    }

    /// A decision by its id, or one of an order.
    ///
    /// # Errors
    /// [`Error::Busy`] and the engine's.
    pub async fn record(&self, by: By) -> Result<Option<Found>, Error> {
        let ask = move |engine: &mut dyn engine::Reading| engine.record(&by);
        self.inner.readers.ask(ask).await
    }

    /// Up to `limit` decisions before the place `before` (from [`Filter::place`]), newest first.
    ///
    /// # Errors
    /// [`Error::Busy`] and the engine's.
    pub async fn list(
        &self,
        filter: Filter,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Page, Error> {
        let ask = move |engine: &mut dyn engine::Reading| engine.list(&filter, before, limit);
        self.inner.readers.ask(ask).await
    }

    /// Up to `limit` decisions after the place `after` (0 at first), oldest first and without their salts.
    ///
    /// # Errors
    /// [`Error::Busy`] and the engine's.
    pub async fn scan(&self, after: i64, limit: usize) -> Result<Vec<Found>, Error> {
        let ask = move |engine: &mut dyn engine::Reading| engine.scan(after, limit);
        self.inner.readers.ask(ask).await
    }

    /// Up to `limit` events after the place `after` (0 at first), in the order of arrival, with their places.
    ///
    /// # Errors
    /// [`Error::Busy`] and the engine's.
    pub async fn events(&self, after: i64, limit: usize) -> Result<Vec<(i64, EventLine)>, Error> {
        let ask = move |engine: &mut dyn engine::Reading| engine.events(after, limit);
        self.inner.readers.ask(ask).await
    }

    /// A policy, model or catalogue that was in force.
    ///
    /// # Errors
    /// [`Error::Busy`] and the engine's.
    pub async fn version(
        &self,
        kind: VersionKind,
        by: VersionBy,
    ) -> Result<Option<StoredVersion>, Error> {
        let ask = move |engine: &mut dyn engine::Reading| engine.version(kind, &by);
        self.inner.readers.ask(ask).await
    }

    /// Keeps the text of a version, once: a digest that is there stays as it is, but gets its text if it had none.
    ///
    /// # Errors
    /// [`Error::Busy`] and the engine's.
    pub async fn keep_version(&self, version: StoredVersion) -> Result<(), Error> {
        self.act(move |engine| engine.keep_version(&version)).await
    }

    /// Starts a shadow; none where [`shadow::RUNNING_MAX`] run already.
    ///
    /// # Errors
    /// [`Error::Busy`] and the engine's.
    pub async fn start_shadow(&self, new: NewShadow) -> Result<Option<Shadow>, Error> {
        self.act(move |engine| engine.start_shadow(&new)).await
    }

    /// Ends a shadow that runs; none where it does not.
    ///
    /// # Errors
    /// [`Error::Busy`] and the engine's.
    pub async fn stop_shadow(&self, id: ShadowId, stopped: Stopped) -> Result<Option<Kept>, Error> {
        self.act(move |engine| engine.stop_shadow(id, &stopped))
            .await
    }

    /// All shadows that were ever started, by their numbers.
    ///
    /// # Errors
    /// [`Error::Busy`] and the engine's.
    pub async fn shadows(&self) -> Result<Vec<Kept>, Error> {
        self.inner.readers.ask(|engine| engine.shadows()).await
    }

    /// What shadows said of decisions; those of which none said anything are absent.
    ///
    /// # Errors
    /// [`Error::Busy`] and the engine's.
    pub async fn said(
        &self,
        of: Vec<DecisionId>,
    ) -> Result<BTreeMap<DecisionId, Vec<Said>>, Error> {
        let ask = move |engine: &mut dyn engine::Reading| engine.said(&of);
        self.inner.readers.ask(ask).await
    }

    /// Writes what shadows said, once nothing else waits for the writer. Waits for it: for a thread of its own, outside
    /// of any runtime.
    ///
    /// # Errors
    /// [`Error::Busy`] and the engine's. On any of them nothing of it was written.
    pub fn keep_judged(&self, judged: Arc<Judged>) -> Result<(), Error> {
        let (reply, answer) = oneshot::channel();
        self.send(Request::Aside(Box::new(move |engine| {
            // Nobody waits any more: what was done stays done.
            drop(reply.send(engine.keep_judged(&judged)));
        })))?;
        answer.blocking_recv().unwrap_or(Err(Error::Closed))
    }

    /// The newest time at which anything was recorded: no clock may be believed that shows less.
    ///
    /// # Errors
    /// [`Error::Busy`] and the engine's.
    pub async fn newest(&self) -> Result<Option<Timestamp>, Error> {
        self.inner.readers.ask(|engine| engine.newest()).await
    }

    /// Looks at everything that is kept, as of now, while it serves: pages, digests, chains, dossiers, profiles.
    ///
    /// # Errors
    /// [`Error::Busy`] and the engine's; what is wrong with what is kept is no error but a finding.
    pub async fn verify(&self) -> Result<Verified, Error> {
        self.inner.readers.ask(|engine| engine.verify()).await
    }

    /// Copies the whole database, as of now, to a file, while it serves.
    ///
    /// # Errors
    /// [`Error::Busy`] and the engine's.
    pub async fn back_up(&self, to: PathBuf) -> Result<(), Error> {
        let ask = move |engine: &mut dyn engine::Reading| engine.back_up(&to);
        self.inner.readers.ask(ask).await
    }

    /// A connection of one's own, for one who reads for long: nobody else waits for it.
    ///
    /// # Errors
    /// The engine's.
    pub fn look(&self) -> Result<Box<dyn engine::Reading>, Error> {
        sqlite::look(&self.inner.settings)
    }

    /// Whether the last write worked; while it is false, the store tries by itself.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        *self.inner.writable.borrow()
    }

    /// Tells of every change of [`Store::is_writable`].
    #[must_use]
    pub fn writable(&self) -> watch::Receiver<bool> {
        self.inner.writable.clone()
    }

    /// How many pieces of work wait.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.inner.queued.load(Ordering::Relaxed)
    }

    /// Lets the writer do something of the engine's own.
    async fn act<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut dyn Writing) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        self.send(Request::Act(Box::new(move |engine| {
            // Nobody waits any more: what was done stays done.
            drop(reply.send(act(engine)));
        })))?;
        answer.await.unwrap_or(Err(Error::Closed))
    }

    fn send(&self, request: Request) -> Result<(), Error> {
        let queue = self.inner.queue.as_ref().ok_or(Error::Closed)?;
        self.inner.queued.fetch_add(1, Ordering::Relaxed);
        queue.try_send(request).map_err(|refused| {
            self.inner.queued.fetch_sub(1, Ordering::Relaxed);
            match refused {
                TrySendError::Full(_) => Error::Busy,
                TrySendError::Disconnected(_) => Error::Closed,
            }
        })
    }
}
