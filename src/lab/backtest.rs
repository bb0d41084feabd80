//! What a candidate would have done: recorded situations judged again under another policy or model, and what really
//! became of their orders reweighted by the logged probabilities.
//!
//! Every decision of the period is judged by its own versions first, and must come out as it was recorded. Then an
//! order's last decision is judged by the candidate, with the same draw; an imported one, of which chance had no part,
//! gets the candidate's own answer. Nothing is measured again: a record says what was known when it was made, under the
//! answers that were given before it.

pub mod html;
mod json;
mod judged;
mod lane;
pub mod outcomes;
pub mod report;
mod shelf;
mod tally;

use std::sync::{Arc, Mutex, PoisonError};

pub use report::Report;

use self::judged::{Judged, judge};
use self::shelf::{Pair, Shelf, Texts};
use self::tally::Tally;
use super::labels::Maturity;
use crate::decision::model::Model;
use crate::decision::policy::Policy;
use crate::decision::record::{Version, Versions};
use crate::domain::units::{Currency, Timestamp};
use crate::store::engine::{Found, Reading};
use crate::store::{self, Filter};

/// Decisions of a page: what is judged of it, some 100 kB, stays in the processor's cache, and in memory that the system
/// need not clear each time.
const PAGE: usize = 128;

/// What to judge by.
#[derive(Clone, Debug, Default)]
pub struct Candidate {
    /// The policy; none: each record's own.
    pub policy: Option<Arc<Policy>>,
    /// The scorecard; none: each record's own.
    pub model: Option<Arc<Model>>,
}

/// What is judged, and how.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Decided at this time or later; none: from the first.
    pub from: Option<Timestamp>,
    /// Decided before this time; none: to the last.
    pub to: Option<Timestamp>,
    /// When an outcome counts as known.
    pub maturity: Maturity,
    /// What one order loses at most, in hundredths of the base currency: rare large losses would drown all else.
    pub loss_cap_cents: f64,
    /// Judges a candidate although a new rule of it can be evaluated in no order, as if that rule were not there.
    pub unmeasured: bool,
    /// This program: a record of a newer one is not judged.
    pub engine: Version,
    /// Threads; the result is the same for any number.
    pub threads: usize,
}

/// What one order loses at most, where nobody says otherwise: 500 of the base currency (assumed).
pub const LOSS_CAP_CENTS: f64 = 50_000.0;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Nobody wants to know any more.
    #[error("it was stopped")]
    Stopped,
    /// Nothing is recorded.
    #[error("no decision is recorded: there is nothing to judge again")]
    Nothing,
    /// The record cannot say what a rule would do.
    #[error(
        "rule `{rule}` can be evaluated in none of the {orders} orders{}: the record cannot say what it would do; judge a \
         period in which it can, or leave the rule out",
        wanting(signal)
    )]
    Unmeasured {
        /// The rule of the candidate.
        rule: String,
        /// What is missing most often; empty where it is no signal.
        signal: &'static str,
        /// How many were judged.
        orders: u64,
    },
    /// Nothing in the period.
    #[error("no decision was made {period}; those recorded were made from {first} to {last}")]
    NothingInPeriod {
        /// The period, in words.
        period: String,
        /// The first of all.
        first: Timestamp,
        /// The last of all.
        last: Timestamp,
    },
}

/// How far it is: decisions looked at, of so many. Answers whether to go on.
pub type Progress<'a> = &'a dyn Fn(u64, u64) -> bool;

/// Judges the record again. `open`: another connection to it; each thread has one of its own.
///
/// # Errors
/// [`Error`] says why there is no report.
pub fn run(
    open: &(dyn Fn() -> Result<Box<dyn Reading>, store::Error> + Sync),
    candidate: &Candidate,
    settings: &Settings,
    progress: Progress<'_>,
) -> Result<Report, Error> {
    let mut reader = open()?;
    let last = newest(reader.as_mut())?.ok_or(Error::Nothing)?;
    let base = last.record.situation.base;
    let work = Work {
        open,
        judging: Judging {
            shelf: Mutex::new(Shelf::new(
                candidate.clone(),
                settings.engine.clone(),
                reader,
            )),
            settings,
            base,
        },
        readers: Mutex::new(Vec::new()),
    };
    let total = u64::try_from(last.seq).unwrap_or(0);
    let starts: Vec<i64> = (0..last.seq).step_by(PAGE).collect();
    let mut tally = Tally::new(settings, base);
    let mut done = 0;
    let take = |page: Result<Page, store::Error>| {
        let page = page?;
        done += page.looked_at;
        tally.take(page);
        let goes_on = progress(done.min(total), total);
        if goes_on { Ok(()) } else { Err(Error::Stopped) }
    };
    let page = |start: &i64| work.page(*start, last.seq);
    lane::in_order(settings.threads, &starts, page, take)?;
    ended(tally, candidate, settings)
}

/// Judges decisions that are at hand again, in the order in which they were made. `policies`: the texts that they rest
/// on; the scorecards are built in.
///
/// # Errors
/// [`Error`] says why there is no report.
pub fn of(
    found: Vec<Found>,
    policies: &[&str],
    candidate: &Candidate,
    settings: &Settings,
) -> Result<Report, Error> {
    let base = found.last().ok_or(Error::Nothing)?.record.situation.base;
    let mut tally = Tally::new(settings, base);
    let judging = Judging {
        shelf: Mutex::new(Shelf::new(
            candidate.clone(),
            settings.engine.clone(),
            policies,
        )),
        settings,
        base,
    };
    let mut page = Page::default();
    for found in found {
        page.add(found, &judging)?;
    }
    tally.take(page);
    ended(tally, candidate, settings)
}

fn ended(tally: Tally<'_>, candidate: &Candidate, settings: &Settings) -> Result<Report, Error> {
    let seen = tally.seen();
    let report = tally.finish(candidate).ok_or_else(|| match seen {
        Some((first, last)) => Error::NothingInPeriod {
            period: period(settings),
            first,
            last,
        },
        None => Error::Nothing,
    })?;
    match report.unmeasured.first() {
        Some((rule, signal)) if !settings.unmeasured => Err(Error::Unmeasured {
            rule: rule.clone(),
            signal,
            orders: report.all.burden.orders,
        }),
        Some(_) | None => Ok(report),
    }
}

/// What a rule wants, in words.
fn wanting(signal: &str) -> String {
    if signal.is_empty() {
        String::new()
    } else {
        format!(" for want of `{signal}`")
    }
}

/// The period in words.
fn period(settings: &Settings) -> String {
    let from = settings.from.map(|it| format!("from {it} on"));
    let to = settings.to.map(|it| format!("before {it}"));
    let words: Vec<String> = [from, to].into_iter().flatten().collect();
    words.join(" and ")
}

/// The decision that was recorded last.
fn newest(reader: &mut dyn Reading) -> Result<Option<Found>, store::Error> {
    let all = Filter {
        customer: None,
        from: None,
        to: None,
        action: None,
        reason: None,
        state: None,
        now: Timestamp::from_micros(0),
    };
    Ok(reader.list(&all, None, 1)?.found.into_iter().next())
}

/// What all threads share.
struct Work<'a> {
    open: &'a (dyn Fn() -> Result<Box<dyn Reading>, store::Error> + Sync),
    judging: Judging<'a, Box<dyn Reading>>,
    /// Connections that nobody uses now; the shelf has one of its own.
    readers: Mutex<Vec<Box<dyn Reading>>>,
}

impl Work<'_> {
    fn page(&self, start: i64, last: i64) -> Result<Page, store::Error> {
        let idle = lock(&self.readers).pop();
        let mut reader = idle.map_or_else(self.open, Ok)?;
        let page = self.read(reader.as_mut(), start, last);
        lock(&self.readers).push(reader);
        page
    }

    fn read(&self, reader: &mut dyn Reading, start: i64, last: i64) -> Result<Page, store::Error> {
        let end = last.min(start + i64::try_from(PAGE).unwrap_or(i64::MAX));
        let mut page = Page {
            judged: Vec::with_capacity(PAGE),
            ..Page::default()
        };
        // A record is many small pieces: judged as soon as it is read, they lie where those of the last one lay.
        reader.visit(start, end, &mut |found| page.add(found, &self.judging))?;
        Ok(page)
    }
}

/// By what is judged, and how.
struct Judging<'a, T> {
    shelf: Mutex<Shelf<T>>,
    settings: &'a Settings,
    base: Currency,
}

/// Decisions that were made one after the other, judged.
#[derive(Default)]
struct Page {
    looked_at: u64,
    /// When the first and the last of all that was looked at were decided.
    seen: Option<(Timestamp, Timestamp)>,
    judged: Vec<Judged>,
    /// What the decision before was judged by: nearly always the next one too.
    last: Option<(Arc<Versions>, Pair)>,
}

impl Page {
    /// Judges the next one, if it is of the period.
    fn add(&mut self, found: Found, by: &Judging<'_, impl Texts>) -> Result<(), store::Error> {
        let (at, settings) = (found.record.decided_at, by.settings);
        self.looked_at += 1;
        self.seen = merged(self.seen, Some((at, at)));
        let within =
            settings.from.is_none_or(|from| from <= at) && settings.to.is_none_or(|to| at < to);
        if within {
            let versions = &found.record.versions;
            let known = self.last.take().filter(|(of, _)| Arc::ptr_eq(of, versions));
            let (versions, pair) = match known {
                Some(known) => known,
                None => (Arc::clone(versions), lock(&by.shelf).of(versions)?),
            };
            self.judged.push(judge(found, &pair, settings, by.base));
            self.last = Some((versions, pair));
        }
        Ok(())
    }
}

/// From the first of both to the last.
fn merged(
    one: Option<(Timestamp, Timestamp)>,
    two: Option<(Timestamp, Timestamp)>,
) -> Option<(Timestamp, Timestamp)> {
    match (one, two) {
        (Some(one), Some(two)) => Some((one.0.min(two.0), one.1.max(two.1))),
        (one, two) => one.or(two),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
