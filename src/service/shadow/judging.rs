//! The thread that asks the shadows: judges what is in the queue, gathers, and writes in small pieces.

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
use crate::domain::units::to_f64;
use crate::store::Store;
use crate::store::shadow::{Judged, Totals};

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
    judged: Judged,
    rows: usize,
    /// Since when something waits to be written.
    since: Option<Instant>,
    /// As they will stand once it is written: of the shadows that said something or failed.
    next: BTreeMap<ShadowId, Totals>,
}

impl Judging {
    pub(super) fn new(shared: Arc<Shared>, store: Store, ask: Box<Ask>) -> Self {
        Self {
            shared,
            store,
            ask,
            judged: Judged::default(),
            rows: 0,
            since: None,
            next: BTreeMap::new(),
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
                Ok(Message::Made(record, live)) => {
                    self.judge(&record, &live);
                    if self.rows >= ROWS_MAX {
                        self.write();
                    }
                }
                Ok(Message::Settle(reply)) => {
                    self.write();
                    // Nobody waits any more: what was written stays written.
                    let _gone = reply.send(()).is_err();
                }
                Err(RecvTimeoutError::Timeout) => self.write(),
                Err(RecvTimeoutError::Disconnected) => {
                    self.write();
                    return;
                }
            }
        }
    }

    /// Asks every shadow that ran when the decision was made.
    fn judge(&mut self, record: &Arc<Record>, live: &Release) {
        let running = self.shared.running();
        let mut said = Vec::new();
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
            let totals = self
                .next
                .entry(id)
                .or_insert_with(|| written(&self.shared, id));
            let moved = totals.moved.entry((record.decision.action, action));
            moved.or_default().add(record.decision_id.clone(), value);
        }
        if !said.is_empty() {
            self.rows += said.len();
            self.judged.said.push((record.decision_id.clone(), said));
        }
    }

    /// Writes what was said, and what failed. Where it cannot be written, all of it failed.
    fn write(&mut self) {
        self.since = None;
        self.rows = 0;
        let mut judged = std::mem::take(&mut self.judged);
        let mut next = std::mem::take(&mut self.next);
        let running = self.shared.running();
        let mut missed = BTreeMap::new();
        for it in running.iter() {
            let count = it.missed.swap(0, Ordering::Relaxed);
            if count > 0 {
                let id = it.shadow.id;
                let totals = next.entry(id).or_insert_with(|| written(&self.shared, id));
                totals.failed = totals.failed.saturating_add(count);
                missed.insert(id, count);
                judged.failed.push((id, totals.failed));
            }
        }
        if next.is_empty() {
            return;
        }
        for (id, totals) in &next {
            let moved = totals.moved.iter();
            judged
                .moved
                .extend(moved.map(|(transition, moved)| (*id, *transition, moved.clone())));
        }
        let said: Vec<_> = judged
            .said
            .iter()
            .flat_map(|(_, said)| said)
            .copied()
            .collect();
        match self.store.keep_judged(judged) {
            Ok(()) => {
                let totals = &self.shared.totals;
                let mut totals = totals.lock().unwrap_or_else(PoisonError::into_inner);
                totals.extend(next);
            }
            Err(error) => {
                tracing::warn!(%error, rows = said.len(), "what shadows said could not be kept");
                for (id, _) in said {
                    *missed.entry(id).or_insert(0) += 1;
                }
                for it in running.iter() {
                    let count = missed.get(&it.shadow.id).copied().unwrap_or(0);
                    it.missed.fetch_add(count, Ordering::Relaxed);
                }
            }
        }
    }
}

/// What a shadow comes to as written.
fn written(shared: &Shared, id: ShadowId) -> Totals {
    let totals = &shared.totals;
    let totals = totals.lock().unwrap_or_else(PoisonError::into_inner);
    totals.get(&id).cloned().unwrap_or_default()
}
