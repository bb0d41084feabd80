//! A few threads with a read-only connection each: questions wait in one queue and never on the writer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::engine::Reading;
use super::error::Error;

type Question = Box<dyn FnOnce(&mut dyn Reading) + Send>;

/// The threads that read.
#[derive(Debug)]
pub(super) struct Readers {
    queue: Option<SyncSender<Question>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    /// Starts a thread for each connection.
    pub(super) fn start(
        connections: Vec<Box<dyn Reading>>,
        queue_max: usize,
    ) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel::<Question>(queue_max);
        let receiver = Arc::new(Mutex::new(receiver));
        let start = |(place, connection): (usize, Box<dyn Reading>)| {
            let queue = Arc::clone(&receiver);
            std::thread::Builder::new()
                .name(format!("store-read-{place}"))
                .spawn(move || answer(connection, &queue))
        };
        let threads = connections.into_iter().enumerate().map(start);
        Ok(Self {
            threads: threads.collect::<Result<_, _>>()?,
            queue: Some(sender),
        })
    }

    /// Asks one of them.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut dyn Reading) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        let question: Question = Box::new(move |engine| {
            let result = catch_unwind(AssertUnwindSafe(|| question(engine)));
            let result = result.unwrap_or_else(|_panic| {
                Err(Error::Bug {
                    what: "a reader panicked".to_owned(),
                })
            });
            // Nobody waits any more: nothing was changed.
            drop(reply.send(result));
        });
        let queue = self.queue.as_ref().ok_or(Error::Closed)?;
        queue.try_send(question).map_err(|refused| match refused {
            TrySendError::Full(_) => Error::Busy,
            TrySendError::Disconnected(_) => Error::Closed,
        })?;
        answer.await.unwrap_or(Err(Error::Closed))
    }
}

impl Readers {
    /// Answers what is queued, then closes every connection.
    pub(super) fn stop(&mut self) {
        self.queue = None;
        for thread in self.threads.drain(..) {
            // A reader that panicked has answered already; there is nothing left to tell.
            drop(thread.join());
        }
    }
}

fn answer(mut connection: Box<dyn Reading>, queue: &Mutex<Receiver<Question>>) {
    loop {
        let question = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match question {
            Ok(question) => question(connection.as_mut()),
            Err(_closed) => return,
        }
    }
}
