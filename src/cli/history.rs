//! A shop's own past as a directory: its files checked as a whole, then told in order of time.
//!
//! Nothing is kept of the files but where each piece stands; the truth of a simulated world, in `truth/`, is never
//! opened.

mod book;
mod column;
mod faults;
mod manifest;
mod reading;
mod survey;
mod table;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::exit::Failure;
use crate::api::wire::Accepts;
use crate::decision::told::Told;
use crate::domain::event::Event;
use crate::domain::order::Order;
use crate::domain::units::{Digest, Timestamp};
use book::{Book, PIECE_MAX};
use faults::Faults;
use manifest::{Manifest, What};
use reading::{Raw, Reading};
pub(crate) use survey::Survey;
use survey::Surveying;

/// Pieces that are read at once.
const AT_ONCE: usize = 2_048;

/// A history that was found good.
#[derive(Debug)]
pub(crate) struct History {
    reading: Reading,
    orders: Option<Book>,
    events: Option<Book>,
    places: Vec<Place>,
    survey: Survey,
    digest: Digest,
}

/// Where a piece stands: its time, and file, offset and length in one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    at: Timestamp,
    where_: u64,
}

/// Bits of a piece's length.
const LENGTH_BITS: u32 = 23;
/// Set where the piece is an event: at the same time, orders come first.
const IS_EVENT: u64 = 1 << 63;

impl Place {
    fn new(at: Timestamp, is_event: bool, offset: u64, length: usize) -> Self {
        let length = u64::try_from(length).unwrap_or(0);
        let where_ = (offset << LENGTH_BITS) | length;
        Self {
            at,
            where_: if is_event { where_ | IS_EVENT } else { where_ },
        }
    }

    const fn is_event(self) -> bool {
        self.where_ & IS_EVENT != 0
    }

    const fn offset(self) -> u64 {
        (self.where_ & !IS_EVENT) >> LENGTH_BITS
    }

    fn length(self) -> usize {
        let length = self.where_ & ((1 << LENGTH_BITS) - 1);
        usize::try_from(length).unwrap_or(PIECE_MAX)
    }
}

/// Something that happened in a shop's past.
#[derive(Clone, Debug)]
pub(crate) enum Happened {
    /// An order was placed, and this was asked of it.
    Order(Arc<Order>, Told),
    /// Something else, with the digest of its content.
    Event(Box<Event>, Digest),
}

impl History {
    /// Reads a history and checks all of it. `progress` hears of bytes read, and of how many there are.
    ///
    /// # Errors
    /// [`Failure::BadFile`] with what is wrong, each with file, line and field: the first twenty, and how many more.
    pub(crate) fn open(
        dir: &Path,
        accepts: Accepts,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, Failure> {
        if !dir.is_dir() {
            let what = "is no directory: it should hold orders.jsonl or orders.csv, and more";
            return Err(Failure::bad_file(dir.display(), what));
        }
        let manifest = Manifest::read(dir)?;
        let find = |what| Book::find(dir, what, &manifest);
        let orders = find(What::Orders)?;
        let events = find(What::Events)?;
        let asked = find(What::Verification)?;
        if orders.is_none() && events.is_none() {
            let what = "holds no history: there is no orders.jsonl, orders.csv, events.jsonl or events.csv";
            return Err(Failure::bad_file(dir.display(), what));
        }
        let mut wrong = Faults::default();
        let about = manifest.about();
        let books = [orders.as_ref(), events.as_ref(), asked.as_ref()];
        let reading = Reading::new(manifest, accepts, books, &mut wrong)?;
        let Some(reading) = reading else {
            wrong.end()?;
            return Err(Failure::Bug("a header is wrong without a fault".to_owned()));
        };
        let total = books.iter().flatten().map(|it| it.size).sum();
        let mut surveying = Surveying::new(about);
        let mut digest = Sha256::new();
        let mut done = 0;
        for book in books.into_iter().flatten() {
            let of = read_all(&reading, book, &mut surveying, &mut wrong, &mut |bytes| {
                progress(done + bytes, total);
            })?;
            done += book.size;
            digest.update(book.what.name());
            digest.update(of);
            surveying.file_done(book, &mut wrong);
        }
        surveying.check(orders.as_ref(), events.as_ref(), &mut wrong);
        wrong.end()?;
        let (mut places, survey) = surveying.finish();
        places.sort_unstable();
        Ok(Self {
            reading,
            orders,
            events,
            places,
            survey,
            digest: Digest(digest.finalize().into()),
        })
    }

    /// What is in it, and what of it is of little use.
    pub(crate) const fn survey(&self) -> &Survey {
        &self.survey
    }

    /// Names the content of its files.
    pub(crate) const fn digest(&self) -> Digest {
        self.digest
    }

    /// How many orders and events it has.
    pub(crate) fn len(&self) -> u64 {
        u64::try_from(self.places.len()).unwrap_or(u64::MAX)
    }

    /// When the piece of this number happens, from 0.
    pub(crate) fn time_of(&self, number: u64) -> Option<Timestamp> {
        let place = self.places.get(usize::try_from(number).ok()?);
        place.map(|it| it.at)
    }

    /// File and line of the piece of this number.
    pub(crate) fn line_of(&self, number: u64) -> String {
        let place = usize::try_from(number)
            .ok()
            .and_then(|it| self.places.get(it));
        let found = place.and_then(|place| Some((self.book(*place)?, place.offset())));
        found.map_or_else(String::new, |(book, at)| {
            format!("{}:{}", book.name, book.line_at(at))
        })
    }

    /// Everything in order of time (an order before events of the same moment), from the piece of this number on.
    pub(crate) fn play(&self, from: u64) -> Play<'_> {
        Play {
            history: self,
            next: usize::try_from(from).unwrap_or(usize::MAX),
            read: Vec::new().into_iter(),
        }
    }

    const fn book(&self, place: Place) -> Option<&Book> {
        if place.is_event() {
            self.events.as_ref()
        } else {
            self.orders.as_ref()
        }
    }

    fn read(&self, places: &[Place]) -> Result<Vec<Happened>, Failure> {
        let mut raw = Vec::with_capacity(places.len());
        for place in places {
            let Some(book) = self.book(*place) else {
                continue;
            };
            let bytes = book.again(place.offset(), place.length(), <[u8]>::to_vec)?;
            raw.push(Raw {
                what: book.what,
                bytes,
                at: place.offset(),
                line: 0,
            });
        }
        let changed = |raw: &Raw| {
            let book = match raw.what {
                What::Events => self.events.as_ref(),
                What::Orders | What::Verification => self.orders.as_ref(),
            };
            let name = book.map_or("", |it| it.name.as_str());
            Failure::bad_file(name, "has changed while it was read")
        };
        let read = self.reading.all(&raw);
        let happened = read.into_iter().zip(&raw).map(|(read, raw)| match read {
            Ok(reading::Read::Order(order)) => {
                let told = self.survey.told(&order.order_id);
                Ok(Happened::Order(Arc::new(order), told))
            }
            Ok(reading::Read::Event(event, digest)) => Ok(Happened::Event(Box::new(event), digest)),
            Ok(reading::Read::Told(..)) | Err(_) => Err(changed(raw)),
        });
        happened.collect()
    }
}

/// Reads a file once from beginning to end.
fn read_all(
    reading: &Reading,
    book: &Book,
    surveying: &mut Surveying,
    wrong: &mut Faults,
    progress: &mut dyn FnMut(u64),
) -> Result<[u8; 32], Failure> {
    let mut raw: Vec<Raw> = Vec::with_capacity(AT_ONCE);
    let mut settle = |raw: &mut Vec<Raw>| {
        for (read, raw) in reading.all(raw).into_iter().zip(raw.iter()) {
            match read {
                Ok(read) => surveying.take(read, raw),
                Err(faults) => {
                    for (line, field, what) in faults {
                        wrong.tell(&book.name, line, &field, what);
                    }
                }
            }
        }
        let at = raw.last().map_or(0, |it| it.at);
        raw.clear();
        progress(at);
    };
    let digest = book.pieces(&mut |piece| {
        raw.push(Raw {
            what: book.what,
            bytes: piece.bytes.to_vec(),
            at: piece.at,
            line: piece.line,
        });
        if raw.len() == AT_ONCE {
            settle(&mut raw);
        }
        true
    })?;
    settle(&mut raw);
    Ok(digest)
}

/// A history as it is told.
#[derive(Debug)]
pub(crate) struct Play<'a> {
    history: &'a History,
    next: usize,
    read: std::vec::IntoIter<Happened>,
}

impl Iterator for Play<'_> {
    type Item = Result<Happened, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(one) = self.read.next() {
            return Some(Ok(one));
        }
        let rest = self.history.places.get(self.next..)?;
        let some = rest.get(..AT_ONCE.min(rest.len()))?;
        if some.is_empty() {
            return None;
        }
        self.next += some.len();
        match self.history.read(some) {
            Ok(read) => self.read = read.into_iter(),
            Err(failure) => {
                self.next = usize::MAX;
                return Some(Err(failure));
            }
        }
        self.read.next().map(Ok)
    }
}
