//! Is everything that is kept whole, and does it fit together?
//!
//! The engine says whether its pages are whole. Here every record is sealed again, every chain followed, every dossier
//! folded again from the events, and every profile from the dossiers; each difference is a finding. What a customer's
//! contacts and addresses were first seen at is not folded again: the moment at which a cart was placed is no record.

use std::collections::{BTreeMap, BTreeSet};

use super::engine::{KeptDecision, KeptEvent, VersionKind, Walk};
use super::error::Error;
use super::record::{chained, commitment, read};
use crate::decision::lifecycle::{self, Act, Entry};
use crate::decision::snapshot::Row;
use crate::domain::dossier::{Dossier, Fact, ProfileKey};
use crate::domain::event::EventKind;
use crate::domain::fold::Fold;
use crate::domain::ids::{AddressKey, ClaimId, DecisionId, OrderId};
use crate::domain::order::{LinkKey, Unit};
use crate::domain::profile::{Address, Claim, Customer, Link, Settlement};
use crate::domain::tally::{Counter, week_of};
use crate::domain::units::{Currency, Digest, Timestamp};

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// What kind of thing: `decision`, `order`, `customer`, ...
    pub what: &'static str,
    /// Which; empty where it is the whole file.
    pub id: String,
    /// What is wrong with it.
    pub problem: String,
}

/// `order o1: its claims differ from its events`.
impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.what)?;
        if !self.id.is_empty() {
            write!(f, " {}", self.id)?;
        }
        write!(f, ": {}", self.problem)
    }
}

/// What was looked at, and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Decisions sealed again.
    pub decisions: u64,
    /// Events folded again.
    pub events: u64,
    /// Orders and profiles compared.
    pub rows: u64,
    /// Acts on policies looked at again.
    pub acts: u64,
    /// What is wrong; empty where nothing is.
    pub findings: Vec<Finding>,
}

/// The count of one thing of a route, a depot or the platform in one week.
pub(super) type Week = (ProfileKey, Counter, Option<Currency>, i64);

/// The last decision of an order, as the chain knows it.
struct Last {
    decision_id: DecisionId,
    revision: u32,
    digest: Digest,
}

/// Everything at once, as of one state of the database.
pub(super) fn verify(walk: &mut dyn Walk, now: Timestamp) -> Result<Verified, Error> {
    let mut check = Check::default();
    for problem in walk.integrity()? {
        check.tell("database", String::new(), problem);
    }
    walk.decisions(&mut |kept| check.decision(kept))?;
    walk.events(&mut |kept| check.event(kept))?;
    walk.rows(&mut |row| check.first(row))?;
    // Profiles follow from dossiers, so every dossier must be known first.
    walk.rows(&mut |row| check.second(row, now))?;
    check.acts(walk)?;
    let mut weeks = std::mem::take(&mut check.weeks);
    walk.weeks(&mut |week, n| {
        *weeks.entry(week).or_insert(0) -= n;
    })?;
    check.finish(weeks, now);
    Ok(check.done)
}

#[derive(Default)]
struct Check {
    done: Verified,
    last: BTreeMap<OrderId, Last>,
    events: BTreeMap<OrderId, Dossier>,
    claims: BTreeMap<ClaimId, Claim>,
    fold: Fold,
    weeks: BTreeMap<Week, i64>,
    seen: BTreeSet<ProfileKey>,
}

impl Check {
    fn tell(&mut self, what: &'static str, id: impl Into<String>, problem: impl Into<String>) {
        self.done.findings.push(Finding {
            what,
            id: id.into(),
            problem: problem.into(),
        });
    }

    /// A row that cannot be read is a finding, and any other fault the end.
    fn readable<T>(&mut self, row: Result<T, Error>) -> Option<T> {
        match row {
            Ok(row) => Some(row),
            Err(Error::Damaged { what, id }) => {
                self.tell(what, id, "cannot be read");
                None
            }
            Err(error) => {
                self.tell("database", "", error.to_string());
                None
            }
        }
    }

    /// The trail against its rules, and every text against its digest.
    fn acts(&mut self, walk: &mut dyn Walk) -> Result<(), Error> {
        let mut kept = BTreeSet::new();
        walk.texts(&mut |kind, digest, text| {
            // A model's digest is over its tables, and a program has no text.
            let of_text = matches!(kind, VersionKind::Policy | VersionKind::Catalogue);
            if of_text && Digest::of(&text) != digest {
                let problem = "its digest is not that of its text";
                self.tell(kind.name(), digest.to_string(), problem);
            }
            if kind == VersionKind::Policy {
                kept.insert(digest);
            }
        })?;
        let acts = walk.acts();
        let Some(acts) = self.readable(acts) else {
            return Ok(());
        };
        let gap = (1_i64..).zip(&acts).find(|(place, (seq, _))| place != seq);
        if let Some((place, _)) = gap {
            self.tell("act", place.to_string(), "it is missing");
        }
        let trail: Vec<Entry> = acts.into_iter().map(|(_, entry)| entry).collect();
        for (place, problem) in lifecycle::faults(&trail) {
            self.tell("act", place.to_string(), problem);
        }
        let of_policies = |it: &&Entry| !matches!(it.act, Act::StartShadow | Act::StopShadow);
        for entry in trail.iter().filter(of_policies) {
            if !kept.contains(&entry.version.digest) {
                let id = entry.version.digest.to_string();
                self.tell("policy", id, "its text is not kept");
            }
        }
        self.done.acts = u64::try_from(trail.len()).unwrap_or(u64::MAX);
        Ok(())
    }

    fn decision(&mut self, kept: Result<KeptDecision, Error>) {
        self.done.decisions += 1;
        let Some(kept) = self.readable(kept) else {
            return;
        };
        let KeptDecision {
            columns,
            body,
            personal,
            commitment: committed,
        } = kept;
        let id = columns.decision_id.to_string();
        let own = personal.as_ref().map(|it| commitment(&columns, it));
        let digest = own.or(committed).map(|it| chained(&columns, &body, it));
        if digest != Some(columns.digest) {
            self.tell("decision", &*id, "its digest is not that of its content");
        }
        if let Some(personal) = &personal
            && read(columns.clone(), &body, personal).is_err()
        {
            self.tell("decision", &*id, "cannot be read");
        }
        let last = self.last.get(&columns.order_id);
        let (before, revision) = last.map_or((Digest([0; 32]), 0), |it| (it.digest, it.revision));
        if columns.before != before {
            self.tell("decision", &*id, "it is not chained to the one before it");
        }
        if columns.revision != revision + 1 {
            let problem = format!("revision {} follows {revision}", columns.revision);
            self.tell("decision", &*id, problem);
        }
        self.last.insert(
            columns.order_id,
            Last {
                decision_id: columns.decision_id,
                revision: columns.revision,
                digest: columns.digest,
            },
        );
    }

    fn event(&mut self, kept: Result<KeptEvent, Error>) {
        self.done.events += 1;
        let Some(KeptEvent { line, dropped }) = self.readable(kept) else {
            return;
        };
        let event = &line.event;
        if let EventKind::ClaimOpened(opened) = &event.kind {
            let claim = self.claims.entry(opened.claim_id.clone()).or_default();
            claim.order_id = Some(opened.order_id.clone());
        }
        if let EventKind::ClaimSettled {
            claim_id,
            fault,
            paid,
        } = &event.kind
        {
            let settled = Settlement {
                at: event.occurred_at,
                event_id: event.event_id.clone(),
                fault: *fault,
                paid: *paid,
            };
            let claim = self.claims.entry(claim_id.clone()).or_default();
            claim.settled = claim.settled.take().max(Some(settled));
        }
        if let Some(id) = event.kind.order_id().filter(|_| !dropped) {
            let dossier = self.events.entry(id.clone()).or_default();
            dossier.apply(event, line.received_at, None);
        }
    }

    /// Orders and claims against events and decisions; orders fill the fold.
    fn first(&mut self, row: Result<Row, Error>) {
        let Some(row) = self.readable(row) else {
            return;
        };
        self.done.rows += 1;
        match row {
            Row::Order(id, dossier) => self.order(&id, &dossier),
            Row::Claim(id, claim) => {
                if self.claims.get(&id) != Some(&claim) {
                    self.tell("claim", id.as_str(), "it differs from its events");
                }
            }
            Row::Suspicion(..) | Row::Customer(..) | Row::Address(..) | Row::Link(..) => {}
        }
    }

    fn order(&mut self, id: &OrderId, dossier: &Dossier) {
        let mut told = self.events.remove(id).unwrap_or_default();
        let claims: Vec<ClaimId> = told.claims.keys().cloned().collect();
        for claim in claims {
            if let Some(settled) = self.claims.get(&claim).and_then(|it| it.settled.as_ref()) {
                told.settle(&claim, settled);
            }
        }
        let parts = [
            (told.cancelled == dossier.cancelled, "its cancellation"),
            (told.rerouted == dossier.rerouted, "its reroute"),
            (
                told.parcels == dossier.parcels,
                "what happened to its parcels",
            ),
            (told.claims == dossier.claims, "its claims"),
            (told.told == dossier.told, "what was told of it"),
        ];
        for (_, part) in parts.into_iter().filter(|(same, _)| !same) {
            self.tell(
                "order",
                id.as_str(),
                format!("{part} differs from its events"),
            );
        }
        let latest = dossier.latest.as_ref();
        let latest = latest.map(|it| (&it.decision_id, it.revision, it.record));
        let last = self.last.remove(id);
        if latest
            != last
                .as_ref()
                .map(|it| (&it.decision_id, it.revision, it.digest))
        {
            self.tell(
                "order",
                id.as_str(),
                "its latest decision is not the last one",
            );
        }
        self.fold.take(id, dossier);
        for ((key, fact), amount) in dossier.contributions() {
            let way = matches!(
                key,
                ProfileKey::Route(_)
                    | ProfileKey::Depot(_)
                    | ProfileKey::Platform
                    | ProfileKey::Day(_)
            );
            if let (true, Fact::Count(entry)) = (way, fact) {
                let week = week_of(entry.at);
                *self
                    .weeks
                    .entry((key, entry.counter, entry.currency, week))
                    .or_insert(0) += amount;
            }
        }
    }

    /// Profiles against the fold.
    fn second(&mut self, row: Result<Row, Error>, now: Timestamp) {
        // What cannot be read was told the first time.
        match row {
            Ok(Row::Customer(unit, row)) => self.customer(&unit, &row, now),
            Ok(Row::Address(key, row)) => self.address(&key, &row, now),
            Ok(Row::Link(key, row)) => self.link(&key, &row),
            Ok(Row::Order(..) | Row::Claim(..) | Row::Suspicion(..)) | Err(_) => {}
        }
    }

    fn customer(&mut self, unit: &Unit, row: &Customer, now: Timestamp) {
        for part in self.fold.of_customer(unit, row, now) {
            self.differs("customer", unit.as_str(), part);
        }
        self.seen.insert(ProfileKey::Unit(unit.clone()));
    }

    fn address(&mut self, key: &AddressKey, row: &Address, now: Timestamp) {
        for part in self.fold.of_address(key, row, now) {
            self.differs("address", key.as_str(), part);
        }
        self.seen.insert(ProfileKey::Address(key.clone()));
    }

    fn link(&mut self, key: &LinkKey, row: &Link) {
        for part in self.fold.of_link(key, row) {
            let (LinkKey::Device(text) | LinkKey::Payment(text)) = key;
            self.differs("link", text.as_str(), part);
        }
        self.seen.insert(ProfileKey::Link(key.clone()));
    }

    fn differs(&mut self, what: &'static str, id: &str, part: &str) {
        let problem = format!("its {part} differs from what its orders say");
        self.tell(what, id, problem);
    }

    /// What has no row though it should have one.
    fn finish(&mut self, weeks: BTreeMap<Week, i64>, now: Timestamp) {
        let absent: Vec<ProfileKey> = self
            .fold
            .everybody()
            .filter(|it| !self.seen.contains(it))
            .cloned()
            .collect();
        for key in absent {
            match key {
                ProfileKey::Unit(unit) => self.customer(&unit, &Customer::default(), now),
                ProfileKey::Address(key) => self.address(&key, &Address::default(), now),
                ProfileKey::Link(key) => self.link(&key, &Link::default()),
                ProfileKey::Route(_)
                | ProfileKey::Depot(_)
                | ProfileKey::Platform
                | ProfileKey::Day(_) => {}
            }
        }
        for ((key, counter, ..), _) in weeks.into_iter().filter(|(_, n)| *n != 0) {
            let id = match key {
                ProfileKey::Route(id) => format!("of route {id}"),
                ProfileKey::Depot(id) => format!("of depot {id}"),
                ProfileKey::Platform => "of all".to_owned(),
                ProfileKey::Day(day) => format!("of day {day}"),
                ProfileKey::Unit(_) | ProfileKey::Address(_) | ProfileKey::Link(_) => continue,
            };
            self.differs("count", &id, counter.name());
        }
        for (id, last) in std::mem::take(&mut self.last) {
            let problem = format!("its decision {} has no order", last.decision_id);
            self.tell("order", id.as_str(), problem);
        }
        for id in std::mem::take(&mut self.events).into_keys() {
            self.tell("order", id.as_str(), "its events have no order");
        }
        self.done.findings.sort();
        self.done.findings.dedup();
    }
}
