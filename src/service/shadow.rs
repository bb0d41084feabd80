//! Shadows: policies and scorecards that judge every decision after its answer. They change nothing and delay nothing.
//!
//! A decision that was made is offered to a bounded queue and forgotten by whoever offers it; one thread judges what is
//! there, and writes what was said when the store has nothing else to do. What does not fit into the queue, cannot be
//! judged or cannot be written is counted, and missed by the shadow alone.

mod judging;
#[cfg(test)]
mod tests;
mod uses;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::decision::record::Record;
use crate::decision::release::Release;
use crate::decision::shadow::{Candidate, Shadow, ShadowId};
use crate::domain::action::Action;
use crate::domain::units::Timestamp;
use crate::store::Store;
use crate::store::shadow::{Kept, Totals};
use judging::Judging;

pub use uses::{DAYS_DEFAULT, DAYS_MAX, Start, SwapTo};

/// How many decisions may wait to be judged; at full load a quarter of a second of them.
const QUEUE_MAX: usize = 1_024;
/// How long one who asks what shadows come to waits for what was decided before.
const SETTLE_MAX: Duration = Duration::from_secs(1);
/// How long he leaves a full queue alone.
const FULL_PAUSE: Duration = Duration::from_millis(5);

/// A shadow with what it judges by.
#[derive(Debug)]
struct Running {
    shadow: Shadow,
    /// None: its text was kept and does not load any more.
    candidate: Option<Candidate>,
    /// Decisions that it missed since failures were last written.
    missed: AtomicU64,
}

impl Running {
    fn miss(&self) {
        self.missed.fetch_add(1, Ordering::Relaxed);
    }
}

/// What the live path, the thread and those who ask share.
#[derive(Debug, Default)]
struct Shared {
    /// Whether there is any, so that a decision costs next to nothing where there is none.
    any: AtomicBool,
    running: RwLock<Arc<Vec<Arc<Running>>>>,
    /// As written.
    totals: Mutex<BTreeMap<ShadowId, Totals>>,
    /// Decisions that found the queue full.
    dropped: AtomicU64,
}

impl Shared {
    fn running(&self) -> Arc<Vec<Arc<Running>>> {
        Arc::clone(&self.running.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Exchanges the list as a whole: what is being judged goes on with what it began with.
    fn change(&self, change: impl FnOnce(&mut Vec<Arc<Running>>)) {
        let mut place = self.running.write().unwrap_or_else(PoisonError::into_inner);
        let mut list = Vec::clone(&place);
        change(&mut list);
        self.any.store(!list.is_empty(), Ordering::Release);
        *place = Arc::new(list);
    }
}

/// What goes through the queue.
enum Message {
    /// A decision that was made, and what it was made by.
    Made(Arc<Record>, Arc<Release>),
    /// Everything before this is to be written, then this answered.
    Settle(oneshot::Sender<()>),
}

/// How a candidate is asked; tests ask in other ways.
type Ask = dyn Fn(&Candidate, &Record, &Release) -> Action + Send;

/// The shadows of a service. The last one who drops it waits until what was queued is judged and written.
#[derive(Debug, Default)]
pub struct Shadows {
    shared: Arc<Shared>,
    queue: Option<SyncSender<Message>>,
    thread: Option<JoinHandle<()>>,
}

/// A shadow as those see it who watch.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Which.
    pub id: ShadowId,
    /// What it comes to so far.
    pub totals: Totals,
}

impl Drop for Shadows {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of the shadows panicked");
        }
    }
}

impl Shadows {
    /// Starts the thread that judges, for the shadows that are known; those that ended are not loaded.
    #[must_use]
    pub fn start(store: Store, known: Vec<(Kept, Option<Candidate>)>) -> Self {
        let ask =
            |candidate: &Candidate, record: &Record, live: &Release| candidate.act(record, live);
        Self::start_asking(store, known, QUEUE_MAX, Box::new(ask))
    }

    fn start_asking(
        store: Store,
        known: Vec<(Kept, Option<Candidate>)>,
        queue_max: usize,
        ask: Box<Ask>,
    ) -> Self {
        let shared = Arc::new(Shared::default());
        for (kept, candidate) in known {
            take_in(&shared, kept, candidate);
        }
        let (sender, queue) = sync_channel(queue_max);
        let judging = Judging::new(Arc::clone(&shared), store, ask);
        let thread = std::thread::Builder::new()
            .name("shadows".to_owned())
            .spawn(move || judging.run(&queue));
        match thread {
            Ok(thread) => Self {
                shared,
                queue: Some(sender),
                thread: Some(thread),
            },
            Err(error) => {
                tracing::error!(%error, "no shadow is asked: its thread did not start");
                Self {
                    shared,
                    queue: None,
                    thread: None,
                }
            }
        }
    }

    /// Offers a decision that was made and answered; never waits.
    pub fn offer(&self, record: &Arc<Record>, release: &Arc<Release>) {
        if !self.shared.any.load(Ordering::Acquire) {
            return;
        }
        let message = Message::Made(Arc::clone(record), Arc::clone(release));
        let sent = match &self.queue {
            Some(queue) => queue.try_send(message),
            None => Err(TrySendError::Disconnected(message)),
        };
        if sent.is_err() {
            self.shared.dropped.fetch_add(1, Ordering::Relaxed);
            for it in self.shared.running().iter() {
                if it.shadow.runs_at(record.decided_at) {
                    it.miss();
                }
            }
        }
    }

    /// Waits until everything that was offered before is judged and written, but no longer than a second.
    pub async fn settled(&self) {
        let Some(queue) = &self.queue else { return };
        let (reply, answer) = oneshot::channel();
        let settle = async {
            let mut message = Message::Settle(reply);
            while let Err(refused) = queue.try_send(message) {
                message = match refused {
                    TrySendError::Full(message) => message,
                    TrySendError::Disconnected(_) => return,
                };
                tokio::time::sleep(FULL_PAUSE).await;
            }
            // A thread that is gone has nothing more to write.
            let _gone = answer.await.is_err();
        };
        // Whoever asks is told what there is by then.
        let _late = tokio::time::timeout(SETTLE_MAX, settle).await.is_err();
    }

    /// The shadows that run at `now`, with what they come to.
    #[must_use]
    pub fn seen(&self, now: Timestamp) -> Vec<Seen> {
        let totals = self
            .shared
            .totals
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let running = self.shared.running();
        let running = running.iter().filter(|it| it.shadow.runs_at(now));
        running
            .map(|it| Seen {
                id: it.shadow.id,
                totals: totals.get(&it.shadow.id).cloned().unwrap_or_default(),
            })
            .collect()
    }

    /// Decisions that found the queue full.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.shared.dropped.load(Ordering::Relaxed)
    }

    /// Takes in a shadow that was started.
    fn add(&self, kept: Kept, candidate: Candidate) {
        take_in(&self.shared, kept, Some(candidate));
    }

    /// Leaves out a shadow that was stopped: what was decided before and waits is judged by it no more.
    fn remove(&self, id: ShadowId) {
        self.shared
            .change(|list| list.retain(|it| it.shadow.id != id));
    }
}

fn take_in(shared: &Shared, kept: Kept, candidate: Option<Candidate>) {
    let Kept { shadow, totals } = kept;
    shared
        .totals
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(shadow.id, totals);
    let running = Arc::new(Running {
        shadow,
        candidate,
        missed: AtomicU64::new(0),
    });
    shared.change(|list| list.push(running));
}
