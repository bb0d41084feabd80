//! Watches the model in force: do its probabilities still hold, and do orders still look like those that it was fitted to.
//!
//! A thread with a connection of its own reads what is committed, a bounded number of decisions at each look and at most
//! a fifth of the time, so that no decision waits for it. It judges by the model in force whichever one decided, hence a
//! new model has figures at once.

mod gauges;
mod look;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub(crate) use gauges::ModelGauges;

use super::config::{Setting, Settings};
use crate::domain::units::{Digest, Span};
use crate::service::Service;
use look::Looking;

/// How often a look is thought of: a model that was swapped in is looked at no later than this.
const TICK: Duration = Duration::from_secs(1);

/// A thread that watches; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Watch {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that watches the model panicked");
        }
    }
}

impl Watch {
    /// Starts to watch, at once and every so often.
    pub(crate) fn start(settings: &Settings, service: Arc<Service>, gauges: ModelGauges) -> Self {
        let (stop, stopped) = channel::<()>();
        let every = settings.duration(Setting::WatchEvery);
        let window = settings.duration(Setting::WatchClaimWindow);
        let window = i64::try_from(window.as_micros()).unwrap_or(i64::MAX);
        let looking = Looking {
            data: settings.data(),
            claim_window: Span::micros(window),
        };
        let thread = std::thread::Builder::new()
            .name("watch-model".to_owned())
            .spawn(move || watch(&looking, &service, &gauges, every, &stopped));
        let thread = thread
            .inspect_err(|error| tracing::error!(%error, "the model is not watched"))
            .ok();
        Self {
            stop: Some(stop),
            thread,
        }
    }
}

/// Looks until it is told to stop.
fn watch(
    looking: &Looking,
    service: &Service,
    gauges: &ModelGauges,
    every: Duration,
    stopped: &Receiver<()>,
) {
    let mut last: Option<(Instant, Digest)> = None;
    loop {
        let model = Arc::clone(&service.releases.current().release.model);
        let digest = model.version.digest;
        if last.is_none_or(|(at, of)| of != digest || at.elapsed() >= every) {
            match looking.look(&model, service.clock.now(), stopped) {
                Ok(Some(sight)) => gauges.show(&sight),
                Ok(None) => return,
                Err(error) => {
                    tracing::warn!(error, "the model could not be looked at");
                    gauges.failed();
                }
            }
            last = Some((Instant::now(), digest));
        }
        if stopped.recv_timeout(TICK.min(every)) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}
