//! The one writer: takes what is queued, runs it in one transaction, commits once, then answers.
//!
//! Pieces of work run in the order of arrival against shared rows, so each sees what those before it changed. One that
//! panics or comes too late spoils no other. Work may be run again: it must not keep what it did.

use std::collections::{BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use tokio::sync::{oneshot, watch};

use super::engine::{Batch, Writing};
use super::error::Error;
use crate::decision::snapshot::{Changes, Key, Keys, Look, Row, Snapshot, Step};
use crate::domain::dossier::ProfileKey;

/// How often one piece may ask for more; a piece of events reads along a few chains, never this many.
const ROUNDS_MAX: usize = 32;
/// How long something waits for a moment in which nothing else does; then it is done between two transactions. Short
/// pieces only: at full load they take a few of every hundred milliseconds.
const ASIDE_MAX: Duration = Duration::from_millis(50);
/// How often a store that could not write tries again.
const PROBE_EVERY: Duration = Duration::from_millis(500);

/// Something for the writer to do.
pub(super) enum Request {
    /// A piece of work.
    Piece(Box<dyn Piece>),
    /// Something of the engine's own, between transactions.
    Act(Act),
    /// The same, but when nothing else waits.
    Aside(Act),
}

/// Something of the engine's own, with the place of its answer inside.
pub(super) type Act = Box<dyn FnOnce(&mut dyn Writing) + Send>;

/// A piece of work, its answer's type hidden.
pub(super) trait Piece: Send {
    fn keys(&self) -> &Keys;
    fn is_late(&self) -> bool;
    /// Runs the work; keeps its answer, if it is done, until it is told how the commit went.
    fn run(&mut self, snapshot: &Snapshot) -> Step<()>;
    fn answer(self: Box<Self>, result: Result<(), Error>);
}

/// A piece of work with the place of its answer.
pub(super) struct Job<T, F> {
    pub(super) keys: Keys,
    pub(super) until: Instant,
    pub(super) work: F,
    pub(super) done: Option<T>,
    pub(super) reply: oneshot::Sender<Result<T, Error>>,
}

impl<T, F> Piece for Job<T, F>
where
    T: Send,
    F: FnMut(&Snapshot) -> Step<T> + Send,
{
    fn keys(&self) -> &Keys {
        &self.keys
    }

    fn is_late(&self) -> bool {
        Instant::now() >= self.until
    }

    fn run(&mut self, snapshot: &Snapshot) -> Step<()> {
        self.done = None;
        match (self.work)(snapshot) {
            Step::Done(changes, answer) => {
                self.done = Some(answer);
                Step::Done(changes, ())
            }
            Step::More(keys) => Step::More(keys),
        }
    }

    fn answer(self: Box<Self>, result: Result<(), Error>) {
        let bug = || Error::Bug {
            what: "no answer was kept".to_owned(),
        };
        let Self { done, reply, .. } = *self;
        let answer = result.and_then(|()| done.ok_or_else(bug));
        // Nobody waits any more: what was written stays written.
        drop(reply.send(answer));
    }
}

/// The writer's own state, on its own thread.
pub(super) struct Batcher {
    pub(super) engine: Box<dyn Writing>,
    pub(super) queue: Receiver<Request>,
    pub(super) queued: Arc<AtomicUsize>,
    pub(super) batch_max: usize,
    pub(super) writable: watch::Sender<bool>,
    /// What waits until nothing else does, and since when.
    pub(super) aside: VecDeque<(Instant, Act)>,
}

impl Batcher {
    /// Works until every sender is gone and the queue is empty.
    pub(super) fn run(mut self) {
        loop {
            let first = if let Some((since, _)) = self.aside.front() {
                let waited = since.elapsed() >= ASIDE_MAX;
                match self.queue.try_recv() {
                    Ok(first) if !waited => Ok(first),
                    more => {
                        if let Some((_, act)) = self.aside.pop_front() {
                            act(self.engine.as_mut());
                        }
                        match more {
                            Ok(first) => Ok(first),
                            // Whether there is more, and ever will be, is asked again.
                            Err(_) => continue,
                        }
                    }
                }
            } else if *self.writable.borrow() {
                self.queue
                    .recv()
                    .map_err(|_closed| RecvTimeoutError::Disconnected)
            } else {
                self.queue.recv_timeout(PROBE_EVERY)
            };
            match first {
                Ok(first) => self.take(first),
                Err(RecvTimeoutError::Timeout) => {
                    let result = self.engine.probe();
                    self.judge(&result);
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Gathers a batch that begins with `first`, and runs it.
    fn take(&mut self, first: Request) {
        let mut pieces = Vec::new();
        let mut next = Some(first);
        while let Some(request) = next.take() {
            self.queued.fetch_sub(1, Ordering::Relaxed);
            match request {
                Request::Piece(piece) => pieces.push(piece),
                Request::Act(act) => {
                    self.settle(std::mem::take(&mut pieces));
                    act(self.engine.as_mut());
                }
                Request::Aside(act) => self.aside.push_back((Instant::now(), act)),
            }
            if pieces.len() < self.batch_max {
                next = self.queue.try_recv().ok();
            }
        }
        self.settle(pieces);
    }

    /// Runs pieces in one transaction and answers them; one by one where a fault is not the engine's.
    fn settle(&mut self, mut pieces: Vec<Box<dyn Piece>>) {
        if pieces.is_empty() {
            return;
        }
        let mut verdicts = vec![Ok(()); pieces.len()];
        match self.attempt(&mut pieces, &mut verdicts) {
            Ok(()) => {}
            Err(fault) if fault.is_outage() || pieces.len() == 1 => verdicts.fill(Err(fault)),
            Err(_) => {
                for (piece, verdict) in pieces.iter_mut().zip(&mut verdicts) {
                    *verdict = Ok(());
                    let alone = (std::slice::from_mut(piece), std::slice::from_mut(verdict));
                    if let Err(fault) = self.attempt(alone.0, alone.1) {
                        *verdict = Err(fault);
                    }
                }
            }
        }
        for (piece, verdict) in pieces.into_iter().zip(verdicts) {
            piece.answer(verdict);
        }
    }

    /// One transaction: an error means that nothing at all was written.
    fn attempt(
        &mut self,
        pieces: &mut [Box<dyn Piece>],
        verdicts: &mut [Result<(), Error>],
    ) -> Result<(), Error> {
        let mut result = self.engine.begin();
        let mut sheet = Sheet::default();
        if result.is_ok() {
            result = sheet.fill(self.engine.as_mut(), pieces, verdicts);
            let written = !sheet.batch.is_empty();
            if result.is_ok() && written {
                result = self
                    .engine
                    .write(&sheet.snapshot, &sheet.batch)
                    .and_then(|()| self.engine.commit());
            }
            if result.is_err() || !written {
                self.engine.roll_back();
            }
            if result.is_ok() {
                self.engine.keep(sheet.snapshot);
            }
            if written {
                self.judge(&result);
            }
        }
        if result.is_err() {
            self.judge(&result);
        }
        result
    }

    /// Learns from how a write went whether the store can be written.
    fn judge(&self, result: &Result<(), Error>) {
        let able = match result {
            Ok(()) => true,
            Err(fault) if fault.is_outage() => false,
            Err(_) => return,
        };
        self.writable.send_if_modified(|writable| {
            let changed = *writable != able;
            *writable = able;
            changed
        });
    }
}

/// The rows of one transaction, and what its pieces changed so far.
#[derive(Default)]
struct Sheet {
    snapshot: Snapshot,
    batch: Batch,
}

impl Sheet {
    /// Loads the union of all keys and runs each piece; a piece's own faults are its verdict.
    fn fill(
        &mut self,
        engine: &mut dyn Writing,
        pieces: &mut [Box<dyn Piece>],
        verdicts: &mut [Result<(), Error>],
    ) -> Result<(), Error> {
        let mut union = Keys::default();
        for piece in pieces.iter() {
            union.extend(piece.keys().clone());
        }
        engine.load(&union, &mut self.snapshot)?;
        for (piece, verdict) in pieces.iter_mut().zip(verdicts) {
            if piece.is_late() {
                *verdict = Err(Error::Late);
                continue;
            }
            match self.run(engine, piece.as_mut()) {
                Ok(changes) => self.take_in(changes),
                Err(fault @ Error::Bug { .. }) => *verdict = Err(fault),
                Err(fault) => return Err(fault),
            }
        }
        Ok(())
    }

    /// Runs one piece until it has seen enough.
    fn run(&mut self, engine: &mut dyn Writing, piece: &mut dyn Piece) -> Result<Changes, Error> {
        for _ in 0..ROUNDS_MAX {
            let step = catch_unwind(AssertUnwindSafe(|| piece.run(&self.snapshot)));
            match step {
                Ok(Step::Done(changes, ())) => return Ok(changes),
                Ok(Step::More(keys)) => {
                    let missing = self.snapshot.missing(&keys);
                    if missing.is_empty() {
                        return Err(bug("it asks for what it has"));
                    }
                    engine.load(&missing, &mut self.snapshot)?;
                    self.catch_up(&missing);
                }
                Err(panic) => return Err(bug(text_of(panic.as_ref()))),
            }
        }
        Err(bug("it asks for more without end"))
    }

    /// Puts what was added in this transaction into counts and lists that were loaded only now.
    fn catch_up(&mut self, loaded: &Keys) {
        let tallies: BTreeSet<_> = loaded.look.iter().filter_map(tally_of).collect();
        for (key, entry, amount) in &self.batch.add {
            if tallies.contains(key) {
                self.snapshot.count(key, *entry, *amount);
            }
        }
        for key in &self.batch.dirty {
            if let Key::Suspicion(id) = key
                && let Some(row) = self.snapshot.suspicions.get(id).cloned()
            {
                self.snapshot.put(Row::Suspicion(id.clone(), row));
            }
        }
    }

    /// Takes in what a piece changed, so that the next one sees it.
    fn take_in(&mut self, changes: Changes) {
        for row in changes.rows {
            self.batch.dirty.insert(row.key());
            self.snapshot.put(row);
        }
        for (key, entry, amount) in changes.add {
            self.snapshot.count(&key, entry, amount);
            self.batch.add.push((key, entry.by_week(), amount));
        }
        for line in changes.events {
            self.snapshot
                .events
                .insert(line.event.event_id.clone(), Some(line.digest));
            self.batch.events.push(line);
        }
        self.batch.append.extend(changes.append);
        self.batch.woken.extend(changes.woken);
        self.batch.lapsed.extend(changes.lapsed);
    }
}

/// The counts that a look loads, if it loads some.
pub(super) fn tally_of(look: &Look) -> Option<ProfileKey> {
    match look {
        Look::Route(id) => Some(ProfileKey::Route(id.clone())),
        Look::Depot(id) => Some(ProfileKey::Depot(id.clone())),
        Look::Platform => Some(ProfileKey::Platform),
        Look::Day(day) => Some(ProfileKey::Day(*day)),
        Look::Event(_) | Look::Suspicions(_) => None,
    }
}

fn bug(what: &str) -> Error {
    Error::Bug {
        what: what.to_owned(),
    }
}

fn text_of(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a text")
}
