//! Writes a world down as a shop would have exported it, and the truth apart from it.

use std::fmt::Write as _;
use std::io::Write;
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::json;
use super::shop::{Closed, Happening, Verdict};
use super::world::{Day, Witness, in_parts};
use crate::domain::action::Action;
use crate::domain::hazard::Hazard;
use crate::domain::ids::OrderId;
use crate::domain::order::Stage;
use crate::domain::units::MILLION;

/// The format of the history's files.
pub const FORMAT: &str = "doorstep/history/1";
/// What is written at once, at least.
const CHUNK: usize = 1 << 18;
/// Chunks that wait to be written.
const WAITING: usize = 8;

/// The files of a history. Carts are not in it, nor anything after the last day on which orders are placed: a shop that
/// exports its past knows no more.
#[derive(Debug)]
pub struct History<W> {
    /// What is not yet on its way, by [`Which`].
    texts: Files<String>,
    /// None once it stopped.
    writer: Option<Writer<W>>,
    threads: NonZeroUsize,
}

/// Writes the files, on a thread of its own.
#[derive(Debug)]
struct Writer<W> {
    chunks: SyncSender<(Which, String)>,
    done: JoinHandle<Result<Files<W>, Closed>>,
}

/// One of the files.
#[derive(Clone, Copy, Debug)]
enum Which {
    Orders,
    Events,
    Verification,
    Truth,
}

/// Where the files of a history go.
#[derive(Debug, Default)]
pub struct Files<W> {
    /// `orders.jsonl`: an order a line.
    pub orders: W,
    /// `events.jsonl`: an event a line.
    pub events: W,
    /// `verification.csv`: what was asked; orders that are not there were asked nothing, with certainty.
    pub verification: W,
    /// `truth/truth.csv`: what nobody who learns may read.
    pub truth: W,
}

impl<T> Files<T> {
    const fn one(&mut self, which: Which) -> &mut T {
        match which {
            Which::Orders => &mut self.orders,
            Which::Events => &mut self.events,
            Which::Verification => &mut self.verification,
            Which::Truth => &mut self.truth,
        }
    }
}

impl<W: Write + Send + 'static> Writer<W> {
    fn start(files: Files<W>) -> Self {
        let (chunks, come) = sync_channel(WAITING);
        Self {
            chunks,
            done: std::thread::spawn(move || write_all(files, &come)),
        }
    }

    /// The files, once all is written; or why it stopped.
    fn end(self) -> Result<Files<W>, Closed> {
        drop(self.chunks);
        let stopped = |_| {
            Err(Closed(
                "the thread that writes the history stopped".to_owned(),
            ))
        };
        self.done.join().unwrap_or_else(stopped)
    }
}

fn write_all<W: Write>(
    mut files: Files<W>,
    chunks: &Receiver<(Which, String)>,
) -> Result<Files<W>, Closed> {
    for (which, text) in chunks {
        let written = files.one(which).write_all(text.as_bytes());
        written.map_err(|error| Closed(format!("cannot write the history: {error}")))?;
    }
    Ok(files)
}

impl<W: Write + Send + 'static> History<W> {
    /// Begins a history.
    #[must_use]
    pub fn new(files: Files<W>) -> Self {
        let mut texts = Files::<String>::default();
        texts.verification.push_str("order_id,action");
        texts.truth.push_str("order_id");
        for action in Action::ALL {
            texts.verification.push_str(",propensity_");
            texts.verification.push_str(action.key());
        }
        for hazard in Hazard::ALL {
            texts.truth.push(',');
            texts.truth.push_str(hazard.key());
        }
        texts.verification.push('\n');
        texts.truth.push_str(",happened\n");
        Self {
            texts,
            writer: Some(Writer::start(files)),
            threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        }
    }

    /// Writes what is left and gives the files back.
    ///
    /// # Errors
    /// [`Closed`] where it cannot be written.
    pub fn finish(mut self) -> Result<Files<W>, Closed> {
        for which in [
            Which::Orders,
            Which::Events,
            Which::Verification,
            Which::Truth,
        ] {
            self.send(which, 0)?;
        }
        let gone = || Closed("the history was stopped before".to_owned());
        self.writer.take().ok_or_else(gone)?.end()
    }

    /// Sends a file's text on its way where there is at least so much of it.
    fn send(&mut self, which: Which, least: usize) -> Result<(), Closed> {
        let text = self.texts.one(which);
        if text.len() < least {
            return Ok(());
        }
        let text = std::mem::take(text);
        let Some(writer) = &self.writer else {
            return Err(Closed("the history was stopped before".to_owned()));
        };
        if writer.chunks.send((which, text)).is_err() {
            // It takes nothing more: it says why.
            self.writer.take().map_or(Ok(()), |it| it.end().map(drop))?;
        }
        Ok(())
    }

    /// Adds text, which is a chunk of its own where nothing waits.
    fn add(&mut self, which: Which, more: String) -> Result<(), Closed> {
        let text = self.texts.one(which);
        if text.is_empty() {
            *text = more;
        } else {
            text.push_str(&more);
        }
        self.send(which, CHUNK)
    }

    fn asked(&mut self, order: &OrderId, verdict: &Verdict) -> Result<(), Closed> {
        if verdict.propensities == Verdict::certain(Action::None, None).propensities {
            return Ok(());
        }
        let line = &mut self.texts.verification;
        line.push_str(order.as_str());
        line.push(',');
        line.push_str(verdict.action.name());
        for micro in verdict.propensities {
            line.push(',');
            json::digits(line, micro.min(MILLION).into());
        }
        line.push('\n');
        self.send(Which::Verification, CHUNK)
    }
}

/// The lines of some happenings: of orders, and of events.
fn lines(happenings: &[Happening]) -> (String, String) {
    let (mut orders, mut events) = (String::new(), String::new());
    for happening in happenings {
        match happening {
            Happening::Event(event) => {
                json::event(&mut events, event);
                events.push('\n');
            }
            Happening::Order(order) if order.stage == Stage::Cart => {}
            Happening::Order(order) => {
                json::order(&mut orders, order);
                orders.push('\n');
            }
        }
    }
    (orders, events)
}

impl<W: Write + Send + 'static> Witness for History<W> {
    fn day(&mut self, day: &Day<'_>) -> Result<(), Closed> {
        if day.is_after {
            return Ok(());
        }
        let parts = in_parts(self.threads, day.happenings, |some| Ok(vec![lines(some)]));
        for (orders, events) in parts.map_err(|bad| Closed(bad.to_string()))? {
            self.add(Which::Orders, orders)?;
            self.add(Which::Events, events)?;
        }
        let orders = day.happenings.iter().filter_map(|it| match it {
            Happening::Order(order) => Some(order),
            Happening::Event(_) => None,
        });
        for (order, verdict) in orders.zip(day.verdicts) {
            if order.stage != Stage::Cart {
                self.asked(&order.order_id, verdict)?;
            }
        }
        Ok(())
    }

    fn ended(
        &mut self,
        order: &OrderId,
        truth: &[f64; Hazard::COUNT],
        happened: Option<Hazard>,
    ) -> Result<(), Closed> {
        let line = &mut self.texts.truth;
        line.push_str(order.as_str());
        for p in truth {
            let _infallible = write!(line, ",{p:e}");
        }
        line.push(',');
        line.push_str(happened.map_or("", Hazard::key));
        line.push('\n');
        self.send(Which::Truth, CHUNK)
    }
}
