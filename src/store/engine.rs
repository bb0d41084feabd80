//! What an engine must do: load rows, write what changed, commit; and answer what people ask.
//!
//! An engine knows its database and nothing of queues, deadlines or panics: those are the batcher's and the readers'.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::error::Error;
use super::record::Columns;
use super::shadow::{Judged, Kept, NewShadow};
use super::verify::{Verified, Week};
use crate::decision::lifecycle::Entry;
use crate::decision::record::{Record, Sealed, Version};
use crate::decision::shadow::{Said, Shadow, ShadowId, Stopped};
use crate::decision::snapshot::{EventLine, Key, Keys, Row, Snapshot};
use crate::domain::action::{Action, DecisionState};
use crate::domain::closed::closed;
use crate::domain::dossier::{Dossier, ProfileKey};
use crate::domain::ids::{CustomerId, DecisionId, OrderId};
use crate::domain::tally;
use crate::domain::units::{Digest, Timestamp};

/// What one transaction writes beside the rows of its snapshot.
#[derive(Debug, Default)]
pub struct Batch {
    /// Rows that changed: they stand in the snapshot.
    pub dirty: BTreeSet<Key>,
    /// Decisions to append, in order.
    pub append: Vec<Sealed>,
    /// Amounts to add to routes, depots and the platform; times are the first of their week.
    pub add: Vec<(ProfileKey, tally::Entry, i64)>,
    /// Events to keep.
    pub events: Vec<EventLine>,
    /// Orders whose waiting events are pending no more.
    pub woken: Vec<OrderId>,
    /// Orders whose waiting events lapsed.
    pub lapsed: Vec<OrderId>,
}

impl Batch {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.dirty.is_empty()
            && self.append.is_empty()
            && self.add.is_empty()
            && self.events.is_empty()
            && self.woken.is_empty()
            && self.lapsed.is_empty()
    }
}

/// The one connection that writes.
pub trait Writing: Send {
    /// Begins a transaction that sees everything committed, and that nobody else can write beside.
    ///
    /// # Errors
    /// Any of the engine's.
    fn begin(&mut self) -> Result<(), Error>;

    /// Loads rows into a snapshot; a missing row becomes an empty one.
    ///
    /// # Errors
    /// [`Error::Damaged`] names a row that cannot be read.
    fn load(&mut self, keys: &Keys, into: &mut Snapshot) -> Result<(), Error>;

    /// Writes each dirty row of the snapshot once, and appends.
    ///
    /// # Errors
    /// Any of the engine's; the transaction must then be rolled back.
    fn write(&mut self, snapshot: &Snapshot, batch: &Batch) -> Result<(), Error>;

    /// Makes it durable.
    ///
    /// # Errors
    /// Any of the engine's; nothing was written then.
    fn commit(&mut self) -> Result<(), Error>;

    /// Undoes what was not committed; never fails, as an engine that cannot is reopened by it.
    fn roll_back(&mut self);

    /// Takes back what it may keep for the next transaction, after a commit.
    fn keep(&mut self, snapshot: Snapshot);

    /// Writes and commits next to nothing, to see whether it can.
    ///
    /// # Errors
    /// Any of the engine's.
    fn probe(&mut self) -> Result<(), Error>;

    /// Keeps the text of a version, once.
    ///
    /// # Errors
    /// Any of the engine's.
    fn keep_version(&mut self, version: &StoredVersion) -> Result<(), Error>;

    /// Every act so far, oldest first.
    ///
    /// # Errors
    /// [`Error::Damaged`] names an act that cannot be read.
    fn trail(&mut self) -> Result<Vec<Entry>, Error>;

    /// Adds an act, and keeps the versions that it names.
    ///
    /// # Errors
    /// Any of the engine's.
    fn enter(&mut self, line: &Line) -> Result<(), Error>;

    /// Starts a shadow, unless as many run as may; an act of the trail.
    ///
    /// # Errors
    /// Any of the engine's.
    fn start_shadow(&mut self, new: &NewShadow) -> Result<Option<Shadow>, Error>;

    /// Ends a shadow that runs, an act of the trail; none where it does not, or never did.
    ///
    /// # Errors
    /// Any of the engine's.
    fn stop_shadow(&mut self, id: ShadowId, stopped: &Stopped) -> Result<Option<Kept>, Error>;

    /// Writes what shadows said, all of it or nothing, in a transaction of its own.
    ///
    /// # Errors
    /// Any of the engine's.
    fn keep_judged(&mut self, judged: &Judged) -> Result<(), Error>;
}

/// Takes in one decision after the other.
pub type Visit<'a> = &'a mut dyn FnMut(Found) -> Result<(), Error>;

/// One connection that reads what is committed.
pub trait Reading: Send {
    /// The rows as they stand.
    ///
    /// # Errors
    /// Any of the engine's.
    fn snapshot(&mut self, keys: &Keys) -> Result<Snapshot, Error>;

    /// A decision by its id, or one of an order by revision (none: the latest).
    ///
    /// # Errors
    /// Any of the engine's.
    fn record(&mut self, by: &By) -> Result<Option<Found>, Error>;

    /// Decisions before a place, newest first.
    ///
    /// # Errors
    /// Any of the engine's.
    fn list(&mut self, filter: &Filter, before: Option<i64>, limit: usize) -> Result<Page, Error>;

    /// Decisions after a place, oldest first. Salts stay where they are (all zero here): they are for `verify`, and a
    /// customer's row is as costly to find as all the rest.
    ///
    /// # Errors
    /// Any of the engine's.
    fn scan(&mut self, after: i64, limit: usize) -> Result<Vec<Found>, Error>;

    /// Visits decisions after a place, up to another and with it, oldest first and without salts, each as soon as it is
    /// read.
    ///
    /// # Errors
    /// Any of the engine's, and the visitor's, which ends it.
    fn visit(&mut self, after: i64, to: i64, visit: Visit<'_>) -> Result<(), Error>;

    /// Events after a place, in the order of arrival, with their places.
    ///
    /// # Errors
    /// Any of the engine's.
    fn events(&mut self, after: i64, limit: usize) -> Result<Vec<(i64, EventLine)>, Error>;

    /// A version by digest, or the one last used of a name.
    ///
    /// # Errors
    /// Any of the engine's.
    fn version(
        &mut self,
        kind: VersionKind,
        by: &VersionBy,
    ) -> Result<Option<StoredVersion>, Error>;

    /// Every act so far, oldest first.
    ///
    /// # Errors
    /// [`Error::Damaged`] names an act that cannot be read.
    fn trail(&mut self) -> Result<Vec<Entry>, Error>;

    /// All shadows that were ever started, by their numbers.
    ///
    /// # Errors
    /// Any of the engine's.
    fn shadows(&mut self) -> Result<Vec<Kept>, Error>;

    /// What shadows said of decisions; those of which none said anything are absent.
    ///
    /// # Errors
    /// Any of the engine's.
    fn said(&mut self, of: &[DecisionId]) -> Result<BTreeMap<DecisionId, Vec<Said>>, Error>;

    /// The newest time at which anything was recorded.
    ///
    /// # Errors
    /// Any of the engine's.
    fn newest(&mut self) -> Result<Option<Timestamp>, Error>;

    /// The newest time at which anything happened that was recorded: a past that was imported ends when it ended.
    ///
    /// # Errors
    /// Any of the engine's.
    fn latest(&mut self) -> Result<Option<Timestamp>, Error>;

    /// Looks at everything, as of now.
    ///
    /// # Errors
    /// Any of the engine's that keeps it from looking.
    fn verify(&mut self) -> Result<Verified, Error>;

    /// Copies the whole database, as of now, to a file.
    ///
    /// # Errors
    /// Any of the engine's.
    fn back_up(&mut self, to: &Path) -> Result<(), Error>;
}

/// Everything that is kept, one after the other, as of one state of the database.
///
/// A thing that cannot be read is told as such, and the walk goes on.
pub(super) trait Walk {
    /// What the engine itself finds wrong.
    fn integrity(&mut self) -> Result<Vec<String>, Error>;

    /// Every decision, oldest first.
    fn decisions(
        &mut self,
        visit: &mut dyn FnMut(Result<KeptDecision, Error>),
    ) -> Result<(), Error>;

    /// Every event, in the order of arrival.
    fn events(&mut self, visit: &mut dyn FnMut(Result<KeptEvent, Error>)) -> Result<(), Error>;

    /// Every row.
    fn rows(&mut self, visit: &mut dyn FnMut(Result<Row, Error>)) -> Result<(), Error>;

    /// Every version that has a text: of what, the digest by which it is named, the text.
    fn texts(&mut self, visit: &mut dyn FnMut(VersionKind, Digest, Vec<u8>)) -> Result<(), Error>;

    /// Every act, oldest first, with its place.
    fn acts(&mut self) -> Result<Vec<(i64, Entry)>, Error>;

    /// Every count of routes, depots and the platform.
    fn weeks(&mut self, visit: &mut dyn FnMut(Week, i64)) -> Result<(), Error>;
}

/// A decision's three parts as they are kept.
pub(super) struct KeptDecision {
    pub(super) columns: Columns,
    pub(super) body: Vec<u8>,
    /// None: erased.
    pub(super) personal: Option<Vec<u8>>,
    /// Stands in for what was erased.
    pub(super) commitment: Option<Digest>,
}

/// An event as it is kept.
pub(super) struct KeptEvent {
    pub(super) line: EventLine,
    /// It waited too long, and counts for nothing.
    pub(super) dropped: bool,
}

/// How a decision is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// By its own id.
    Decision(DecisionId),
    /// By order and revision; none: the latest.
    Order(OrderId, Option<u32>),
}

/// A stored decision, with what is known of its order now.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its place in the order of commits, from 1.
    pub seq: i64,
    /// The decision as recorded.
    pub record: Arc<Record>,
    /// Its order as it stands.
    pub dossier: Arc<Dossier>,
}

impl Found {
    /// Until when the answer holds: as decided, or as prolonged when its cart was placed.
    #[must_use]
    pub fn valid_until(&self) -> Timestamp {
        let Record {
            revision,
            valid_until,
            ..
        } = *self.record;
        self.dossier.valid_until(revision, valid_until)
    }

    /// Where it stands at `now`.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> DecisionState {
        self.dossier
            .state(self.record.revision, self.valid_until(), now)
    }
}

/// Which decisions are asked for; everything absent holds for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Of this customer.
    pub customer: Option<CustomerId>,
    /// Decided at this time or later.
    pub from: Option<Timestamp>,
    /// Decided before this time.
    pub to: Option<Timestamp>,
    /// With this action.
    pub action: Option<Action>,
    /// With this reason code, among all its reasons.
    pub reason: Option<String>,
    /// That stand like this at `now`.
    pub state: Option<DecisionState>,
    /// The time of the call, for the state.
    pub now: Timestamp,
}

impl Filter {
    /// The token of the page after the place `seq`.
    #[must_use]
    pub fn token(&self, seq: i64) -> String {
        format!("{seq:x}-{}", self.mark())
    }

    /// The place that a token of the same filter names; none for any other text.
    #[must_use]
    pub fn place(&self, token: &str) -> Option<i64> {
        let (seq, mark) = token.split_once('-')?;
        let seq = i64::from_str_radix(seq, 16).ok()?;
        (mark == self.mark() && seq > 0 && self.token(seq) == token).then_some(seq)
    }

    /// Names the filter, its `now` apart.
    fn mark(&self) -> String {
        let Self {
            customer,
            from,
            to,
            action,
            reason,
            state,
            now: _,
        } = self;
        let text = format!("{customer:?} {from:?} {to:?} {action:?} {reason:?} {state:?}");
        let mut hex = Digest::of(text.as_bytes()).to_string();
        hex.truncate(16);
        hex
    }
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Page {
    /// Newest first.
    pub found: Vec<Found>,
    /// The token of the next page, where there is more.
    pub next: Option<String>,
}

closed! {
    /// What a version is of.
    VersionKind {
        /// A policy.
        Policy = 1 "policy",
        /// A model.
        Model = 2 "model",
        /// A catalogue.
        Catalogue = 3 "catalogue",
        /// This program.
        Engine = 4 "engine",
    }
}

/// How a version is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VersionBy {
    /// By its content.
    Digest(Digest),
    /// By its name; the one first used last.
    Name(String),
}

/// Something that was in force, with its text, so that records can be judged again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredVersion {
    /// Of what.
    pub kind: VersionKind,
    /// Name and digest.
    pub version: Version,
    /// The file as it was read; none where only records name it.
    pub body: Option<Vec<u8>>,
    /// When it was first used here.
    pub first_used_at: Timestamp,
}

/// An act for the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What the trail says.
    pub entry: Entry,
    /// Of what its version is.
    pub kind: VersionKind,
    /// The file, where the version is not kept yet.
    pub body: Option<Vec<u8>>,
}
