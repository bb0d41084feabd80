//! Pieces of files as orders, events and answers, by the very checks of the live calls; on all processors.

use serde_json::Value;

use super::book::Book;
use super::faults::Faults;
use super::manifest::{Manifest, What};
use super::table::{self, Table, Wrong};
use crate::api::wire::{self, Accepts, Invalid, pb};
use crate::cli::exit::Failure;
use crate::cli::json;
use crate::decision::told::Told;
use crate::domain::content::event_digest;
use crate::domain::event::Event;
use crate::domain::ids::OrderId;
use crate::domain::order::Order;
use crate::domain::units::Digest;

/// A piece as it stands in its file.
#[derive(Debug)]
pub(super) struct Raw {
    pub(super) what: What,
    pub(super) bytes: Vec<u8>,
    pub(super) at: u64,
    pub(super) line: u64,
}

/// A piece as read.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "one at a time, handed on at once"
)]
pub(super) enum Read {
    Order(Order),
    Event(Event, Digest),
    Told(OrderId, Told),
}

/// What reading takes.
#[derive(Debug)]
pub(super) struct Reading {
    manifest: Manifest,
    accepts: Accepts,
    orders: Option<Table>,
    events: Option<Table>,
    asked: Option<Table>,
}

impl Reading {
    /// Settles what the columns of all tables mean; none where some mean nothing, which is told.
    pub(super) fn new(
        manifest: Manifest,
        accepts: Accepts,
        books: [Option<&Book>; 3],
        wrong: &mut Faults,
    ) -> Result<Option<Self>, Failure> {
        let mut table = |book: Option<&Book>| match book {
            Some(book) => Table::of(book, &manifest, wrong).map_err(Failure::Bug),
            None => Ok(None),
        };
        let [orders, events, asked] = books;
        let (orders, events, asked) = (table(orders)?, table(events)?, table(asked)?);
        Ok(wrong.is_empty().then_some(Self {
            manifest,
            accepts,
            orders,
            events,
            asked,
        }))
    }

    /// Reads pieces; what comes of each, in their order.
    pub(super) fn all(&self, raw: &[Raw]) -> Vec<Result<Read, Vec<Wrong>>> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let share = raw.len().div_ceil(processors).max(64);
        if raw.len() <= share {
            return raw.iter().map(|it| self.one(it)).collect();
        }
        std::thread::scope(|scope| {
            let work = raw.chunks(share).map(|some| {
                scope.spawn(move || some.iter().map(|it| self.one(it)).collect::<Vec<_>>())
            });
            let work: Vec<_> = work.collect();
            let done = work.into_iter().map(std::thread::ScopedJoinHandle::join);
            // A panic there is one here.
            done.flat_map(|it| it.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        })
    }

    fn one(&self, raw: &Raw) -> Result<Read, Vec<Wrong>> {
        match raw.what {
            What::Orders => self.order(raw).map(Read::Order),
            What::Events => self.event(raw).map(|it| {
                let digest = event_digest(&it);
                Read::Event(it, digest)
            }),
            What::Verification => self.told(raw).map(|(id, told)| Read::Told(id, told)),
        }
    }

    fn order(&self, raw: &Raw) -> Result<Order, Vec<Wrong>> {
        let mut order: pb::Order = match &self.orders {
            Some(table) => table.order(&raw.bytes, raw.line, &self.manifest)?,
            None => parsed(raw)?,
        };
        if order.currency_code.is_empty()
            && let Some(currency) = &self.manifest.currency
        {
            currency.code().clone_into(&mut order.currency_code);
        }
        let dated = order.placed_at.is_some();
        let mut wrong = Vec::new();
        if !dated {
            let what = "is required: when the order was placed".to_owned();
            wrong.push((raw.line, "placed_at".to_owned(), what));
        }
        match wire::order(order, &self.accepts) {
            Ok(order) if dated => Ok(order),
            Ok(_) => Err(wrong),
            Err(invalid) => {
                wrong.extend(faults(raw.line, "order", invalid));
                Err(wrong)
            }
        }
    }

    fn event(&self, raw: &Raw) -> Result<Event, Vec<Wrong>> {
        let event: pb::Event = match &self.events {
            Some(table) => table.event(&raw.bytes, raw.line, &self.manifest)?,
            None => parsed(raw)?,
        };
        wire::event(event, &self.accepts).map_err(|it| faults(raw.line, "event", it))
    }

    fn told(&self, raw: &Raw) -> Result<(OrderId, Told), Vec<Wrong>> {
        if let Some(table) = &self.asked {
            return table.told(&raw.bytes, raw.line, &self.manifest);
        }
        let whole = |what: String| vec![(raw.line, String::new(), what)];
        let value = serde_json::from_slice(&raw.bytes);
        let value: Value = value.map_err(|error| whole(format!("is no JSON: {error}")))?;
        if let Value::Object(fields) = value {
            table::told(raw.line, &fields)
        } else {
            let what = "must be an object with order_id and action";
            Err(whole(what.to_owned()))
        }
    }
}

fn parsed<T: json::Named>(raw: &Raw) -> Result<T, Vec<Wrong>> {
    json::parse(&raw.bytes).map_err(|found| {
        let placed = found.into_iter();
        placed.map(|(path, what)| (raw.line, path, what)).collect()
    })
}

/// Faults by their field in the file: the message's own name before it says nothing there.
fn faults(line: u64, root: &str, invalid: Invalid) -> Vec<Wrong> {
    let fields = invalid.fields.into_iter();
    let own = fields.map(|(path, what)| {
        let path = path.strip_prefix(root).unwrap_or(&path);
        let path = path.strip_prefix('.').unwrap_or(path).to_owned();
        (line, path, what)
    });
    own.collect()
}
