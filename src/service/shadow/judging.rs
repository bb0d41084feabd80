//! The thread that asks the shadows: lets decisions gather, judges them together, and writes in small pieces.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::{Ask, Message, Shared};
use crate::decision::record::Record;
use crate::decision::release::Release;
use crate::decision::shadow::ShadowId;
use crate::domain::action::Action;
use crate::domain::ids::DecisionId;
use crate::domain::units::to_f64;
use crate::store::shadow::{Judged, Moved, Transition};
use crate::store::{self, Store};

/// How long decisions gather before they are judged together: nobody who offers one has to wake the thread meanwhile.
const GATHER: Duration = Duration::from_millis(20);
/// How long what was said may wait to be written together with more.
const WRITE_EVERY: Duration = Duration::from_millis(250);
/// Rows of one piece: about a millisecond of the writer's time.
const ROWS_MAX: usize = 1_024;

/// The thread's own state.
pub(super) struct Judging {
    shared: Arc<Shared>,
    store: Store,
    ask: Box<Ask>,
    /// What was said and is not written.
    said: Vec<(DecisionId, Vec<(ShadowId, Action)>)>,
    rows: usize,
    /// What that adds to the totals.
    added: BTreeMap<(ShadowId, Transition), Moved>,
    /// Since when something waits to be written.
    since: Option<Instant>,
}

impl Judging {
    pub(super) fn new(shared: Arc<Shared>, store: Store, ask: Box<Ask>) -> Self {
        Self {
            shared,
            store,
            ask,
            said: Vec::new(),
            rows: 0,
            added: BTreeMap::new(),
            since: None,
        }
    }

    /// Works until nobody offers any more and the queue is empty.
    pub(super) fn run(mut self, queue: &Receiver<Message>) {
        loop {
            let message = match self.since {
                None => queue
                    .recv()
                    .map_err(|_closed| RecvTimeoutError::Disconnected),
                Some(since) => queue.recv_timeout(WRITE_EVERY.saturating_sub(since.elapsed())),
            };
            match message {
                Ok(first) => {
                    std::thread::sleep(GATHER);
                    self.take(first);
                    while let Ok(next) = queue.try_recv() {
                        self.take(next);
                    }
                }
                Err(RecvTimeoutError::Timeout) => self.write(),
                Err(RecvTimeoutError::Disconnected) => {
                    self.write();
                    return;
                }
            }
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Made(record, live) => {
                self.judge(&record, &live);
                if self.rows >= ROWS_MAX {
                    self.write();
                }
            }
            Message::Settle(reply) => {
                self.write();
                // Nobody waits any more: what was written stays written.
                let _gone = reply.send(()).is_err();
            }
        }
    }

    /// Asks every shadow that ran when the decision was made.
    fn judge(&mut self, record: &Arc<Record>, live: &Release) {
        let running = self.shared.running();
        let mut said = Vec::with_capacity(running.len());
        let value = to_f64(record.situation.order.amount_minor()) * record.situation.base_cents;
        for it in running.iter() {
            if !it.shadow.runs_at(record.decided_at) {
                continue;
            }
            self.since.get_or_insert_with(Instant::now);
            let ask = || it.candidate.as_ref().map(|by| (self.ask)(by, record, live));
            let Ok(Some(action)) = catch_unwind(AssertUnwindSafe(ask)) else {
                it.miss();
                continue;
            };
            let id = it.shadow.id;
            said.push((id, action));
            let moved = self.added.entry((id, (record.decision.action, action)));
            moved.or_default().add(record.decision_id.clone(), value);
        }
        if !said.is_empty() {
            self.rows += said.len();
            self.said.push((record.decision_id.clone(), said));
        }
    }

    /// Writes what was said, and what failed. Where it cannot be written, all of it failed.
    fn write(&mut self) {
        self.since = None;
        self.rows = 0;
        let judged = Arc::new(self.gathered());
        if judged.is_empty() {
            return;
        }
        match self.store.keep_judged(Arc::clone(&judged)) {
            Ok(()) => {
                let totals = &self.shared.totals;
                let mut totals = totals.lock().unwrap_or_else(PoisonError::into_inner);
                for (id, transition, moved) in &judged.moved {
                    let own = totals.entry(*id).or_default();
                    own.moved.insert(*transition, moved.clone());
                }
                for (id, failed) in &judged.failed {
                    totals.entry(*id).or_default().failed = *failed;
                }
            }
            Err(error) => self.lose(&judged, &error),
        }
    }

    /// What waits to be written, with what those shadows come to by it. Only this thread changes what is written.
    fn gathered(&mut self) -> Judged {
        let totals = &self.shared.totals;
        let totals = totals.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |id: &ShadowId| totals.get(id);
        let moved = std::mem::take(&mut self.added).into_iter();
        let moved = moved.map(|((id, transition), later)| {
            let before = of(&id).and_then(|it| it.moved.get(&transition));
            let both = match before {
                Some(before) => before.with(later),
                None => later,
            };
            (id, transition, both)
        });
        let mut failed = Vec::new();
        for it in self.shared.running().iter() {
            let missed = it.missed.swap(0, Ordering::Relaxed);
            if missed > 0 {
                let before = of(&it.shadow.id).map_or(0, |it| it.failed);
                failed.push((it.shadow.id, before.saturating_add(missed)));
            }
        }
        Judged {
            moved: moved.collect(),
            said: std::mem::take(&mut self.said),
            failed,
        }
    }

    /// Counts as missed what could not be written; that is written with the next piece.
    fn lose(&self, judged: &Judged, error: &store::Error) {
        let mut missed: BTreeMap<ShadowId, u64> = BTreeMap::new();
        for (id, _) in judged.said.iter().flat_map(|(_, said)| said) {
            *missed.entry(*id).or_insert(0) += 1;
        }
        let rows: u64 = missed.values().sum();
        tracing::warn!(%error, rows, "what shadows said could not be kept");
        let totals = &self.shared.totals;
        let totals = totals.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, failed) in &judged.failed {
            let before = totals.get(id).map_or(0, |it| it.failed);
            *missed.entry(*id).or_insert(0) += failed.saturating_sub(before);
        }
        for it in self.shared.running().iter() {
            let count = missed.get(&it.shadow.id).copied().unwrap_or(0);
            it.missed.fetch_add(count, Ordering::Relaxed);
        }
    }
}
