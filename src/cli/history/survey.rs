//! What is in a history as a whole: what comes twice, what cannot be, and what is of little use.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::Place;
use super::book::Book;
use super::faults::Faults;
use super::manifest::What;
use super::reading::{Raw, Read};
use crate::decision::told::Told;
use crate::domain::action::Action;
use crate::domain::content::content_digest;
use crate::domain::event::{Event, EventKind, Fault};
use crate::domain::ids::OrderId;
use crate::domain::order::{Order, Stage};
use crate::domain::units::{Digest, MILLION, Timestamp};

/// What is in a history, in numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Survey {
    /// What its author says of it.
    pub(crate) about: String,
    /// The first and the last moment.
    pub(crate) span: Option<(Timestamp, Timestamp)>,
    /// Lines of the report: a stable key, how many, and what that means.
    pub(crate) counts: Vec<(&'static str, u64, &'static str)>,
    told: Vec<(u64, u16)>,
    kinds: Vec<Told>,
    /// Orders that are claimed, sorted.
    claimed: Vec<u64>,
}

impl Survey {
    /// Whether there is a claim of an order; of very few that have none it may be said too, as ids are compared by
    /// fingerprints.
    pub(crate) fn is_claimed(&self, order: &OrderId) -> bool {
        self.claimed.binary_search(&key(order.as_str())).is_ok()
    }

    /// What was asked of an order: nothing, with certainty, where nobody says otherwise.
    pub(crate) fn told(&self, order: &OrderId) -> Told {
        let key = key(order.as_str());
        let found = self.told.binary_search_by_key(&key, |it| it.0).ok();
        let kind = found.and_then(|it| self.told.get(it));
        let told = kind.and_then(|(_, kind)| self.kinds.get(usize::from(*kind)));
        told.copied().unwrap_or_else(|| Told::certain(Action::None))
    }
}

/// A text as a number: two of a million texts share one with a probability of about 3 in 100,000,000.
fn key(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

fn short(digest: &Digest) -> u64 {
    let bytes = digest.0.first_chunk::<8>().copied().unwrap_or_default();
    u64::from_le_bytes(bytes)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    key: u64,
    /// 0 a cart, 1 placed.
    stage: u8,
    line: u64,
    content: u64,
    at: Timestamp,
    heard: bool,
}

#[derive(Clone, Copy, Debug)]
struct Claim {
    key: u64,
    order: u64,
    at: Timestamp,
    line: u64,
}

#[derive(Clone, Copy, Debug)]
struct Settled {
    claim: u64,
    at: Timestamp,
    line: u64,
    unknown: bool,
}

/// What is gathered while files are read.
#[derive(Debug, Default)]
pub(super) struct Surveying {
    places: Vec<Place>,
    orders: Vec<Seen>,
    events: Vec<(u64, u64, u32)>,
    claims: Vec<Claim>,
    settled: Vec<Settled>,
    /// Orders that events tell of.
    told_orders: Vec<(u64, Timestamp)>,
    /// Orders that events name and `orders` does not.
    strangers: Vec<u64>,
    asked: Vec<(u64, u16, u64)>,
    kinds: Vec<Told>,
    known_kinds: BTreeMap<(Action, [u32; Action::COUNT]), u16>,
    guests: u64,
    undated: u64,
    early: u64,
    repeated: u64,
    survey: Survey,
}

impl Surveying {
    pub(super) fn new(about: String) -> Self {
        Self {
            survey: Survey {
                about,
                ..Survey::default()
            },
            ..Self::default()
        }
    }

    pub(super) fn take(&mut self, read: Read, raw: &Raw) {
        match read {
            Read::Order(order) => self.order(&order, raw),
            Read::Event(event, digest) => self.event(&event, &digest, raw),
            Read::Told(id, told) => self.told(&id, told, raw.line),
        }
    }

    fn place(&mut self, at: Timestamp, is_event: bool, raw: &Raw) {
        self.places
            .push(Place::new(at, is_event, raw.at, raw.bytes.len()));
        let span = self.survey.span.get_or_insert((at, at));
        *span = (span.0.min(at), span.1.max(at));
    }

    fn order(&mut self, order: &Order, raw: &Raw) {
        self.place(order.placed_at, false, raw);
        let undated = |it: &&crate::domain::order::Contact| {
            it.changed_at.is_none() && it.verified_at.is_none()
        };
        self.guests += u64::from(order.customer_id.is_none());
        self.undated += u64::from(order.contacts.iter().any(|it| undated(&it)));
        self.orders.push(Seen {
            key: key(order.order_id.as_str()),
            stage: u8::from(order.stage == Stage::Placed),
            line: raw.line,
            content: short(&content_digest(order)),
            at: order.placed_at,
            heard: false,
        });
    }

    fn event(&mut self, event: &Event, digest: &Digest, raw: &Raw) {
        let at = event.occurred_at;
        self.place(at, true, raw);
        let line = u32::try_from(raw.line).unwrap_or(u32::MAX);
        self.events
            .push((key(event.event_id.as_str()), short(digest), line));
        let order = event.kind.order_id().map(|it| key(it.as_str()));
        if let Some(order) = order {
            let first = self.orders.partition_point(|it| it.key < order);
            let known = self.orders.get_mut(first..).unwrap_or_default();
            let known = known.iter_mut().take_while(|it| it.key == order);
            let mut is_known = false;
            let mut is_early = true;
            for seen in known {
                is_known = true;
                is_early &= at < seen.at;
                seen.heard |= !matches!(
                    event.kind,
                    EventKind::OrderPlaced(_) | EventKind::ClaimOpened(_)
                );
            }
            if !is_known {
                self.strangers.push(order);
            }
            self.early += u64::from(is_known && is_early);
        }
        if let EventKind::OrderPlaced(_) = &event.kind {
            self.told_orders.extend(order.map(|it| (it, at)));
        }
        if let EventKind::ClaimOpened(opened) = &event.kind {
            self.claims.extend(order.map(|order| Claim {
                key: key(opened.claim_id.as_str()),
                order,
                at,
                line: raw.line,
            }));
        }
        if let EventKind::ClaimSettled {
            claim_id, fault, ..
        } = &event.kind
        {
            self.settled.push(Settled {
                claim: key(claim_id.as_str()),
                at,
                line: raw.line,
                unknown: *fault == Fault::Unknown,
            });
        }
    }

    fn told(&mut self, id: &OrderId, told: Told, line: u64) {
        let next = u16::try_from(self.kinds.len()).unwrap_or(u16::MAX);
        let kind = *self
            .known_kinds
            .entry((told.action, told.propensities))
            .or_insert(next);
        if kind == next {
            self.kinds.push(told);
        }
        self.asked.push((key(id.as_str()), kind, line));
    }

    /// What can be said once all of a file is read: what comes twice.
    pub(super) fn file_done(&mut self, book: &Book, wrong: &mut Faults) {
        let twice = |line: u64, field: &str, before: u64, wrong: &mut Faults| {
            let what =
                format!("is there twice with other content, first on line {before}: each once");
            wrong.tell(&book.name, line, field, what);
        };
        match book.what {
            What::Orders => {
                self.orders.sort_unstable();
                for pair in self.orders.windows(2) {
                    let [one, two] = pair else { continue };
                    if one.key != two.key {
                        continue;
                    }
                    if one.stage == two.stage && (one.content, one.at) == (two.content, two.at) {
                        self.repeated += 1;
                    } else if one.stage == two.stage {
                        twice(two.line, "order_id", one.line, wrong);
                    } else if one.at >= two.at {
                        let what = "a cart must be earlier than the order that it became";
                        wrong.tell(&book.name, one.line, "placed_at", what);
                    }
                }
            }
            What::Events => {
                self.events.sort_unstable_by_key(|it| (it.0, it.2));
                for pair in self.events.windows(2) {
                    let [one, two] = pair else { continue };
                    if one.0 == two.0 && one.1 == two.1 {
                        self.repeated += 1;
                    } else if one.0 == two.0 {
                        twice(two.2.into(), "event_id", one.2.into(), wrong);
                    }
                }
                self.events = Vec::new();
            }
            What::Verification => {
                self.asked.sort_unstable_by_key(|it| (it.0, it.2));
                for pair in self.asked.windows(2) {
                    let [one, two] = pair else { continue };
                    if one.0 == two.0 && one.1 != two.1 {
                        twice(two.2, "order_id", one.2, wrong);
                    }
                }
                self.asked.dedup_by_key(|it| it.0);
            }
        }
    }

    /// What cannot be: a claim from before its order, a settlement from before its claim, a claim of two orders.
    pub(super) fn check(&mut self, _: Option<&Book>, events: Option<&Book>, wrong: &mut Faults) {
        let Some(events) = events else { return };
        self.told_orders.sort_unstable();
        self.claims.sort_unstable_by_key(|it| (it.key, it.line));
        for claim in &self.claims {
            let placed = self.placed_at(claim.order).filter(|at| claim.at < *at);
            if let Some(at) = placed {
                let what = format!("{} is before its order was placed, at {at}", claim.at);
                wrong.tell(&events.name, claim.line, "occurred_at", what);
            }
        }
        for pair in self.claims.windows(2) {
            let [one, two] = pair else { continue };
            if one.key == two.key && one.order != two.order {
                let what = format!(
                    "is of another order on line {}: a claim is of one order",
                    one.line
                );
                wrong.tell(&events.name, two.line, "claim_opened.claim_id", what);
            }
        }
        for settled in &self.settled {
            let claim = self.claim(settled.claim).filter(|it| settled.at < it.at);
            if let Some(claim) = claim {
                let what = format!("{} is before its claim, at {}", settled.at, claim.at);
                wrong.tell(&events.name, settled.line, "occurred_at", what);
            }
        }
    }

    fn placed_at(&self, order: u64) -> Option<Timestamp> {
        let first = self.orders.partition_point(|it| it.key < order);
        let own = self.orders.get(first..).unwrap_or_default();
        let own = own.iter().take_while(|it| it.key == order).map(|it| it.at);
        own.min().or_else(|| {
            let first = self.told_orders.partition_point(|it| it.0 < order);
            let told = self.told_orders.get(first)?;
            (told.0 == order).then_some(told.1)
        })
    }

    fn claim(&self, key: u64) -> Option<&Claim> {
        let first = self.claims.partition_point(|it| it.key < key);
        self.claims.get(first).filter(|it| it.key == key)
    }

    /// Where every piece stands, and what there is to tell.
    pub(super) fn finish(mut self) -> (Vec<Place>, Survey) {
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let placed = self.orders.iter().filter(|it| it.stage == 1);
        let unheard = count(placed.filter(|it| !it.heard).count());
        let is_told = |key: u64| {
            self.told_orders
                .binary_search_by_key(&key, |it| it.0)
                .is_ok()
        };
        let waiting = self.strangers.iter().filter(|it| !is_told(**it));
        let waiting = count(waiting.count());
        let known = |key: u64| self.orders.binary_search_by_key(&key, |it| it.key).is_ok();
        let unasked = count(self.asked.iter().filter(|it| !known(it.0)).count());
        let mut by_claim: Vec<_> = self.settled.iter().collect();
        by_claim.sort_unstable_by_key(|it| (it.claim, it.at));
        let stray = by_claim.iter().filter(|it| self.claim(it.claim).is_none());
        let stray = count(stray.count());
        let last = by_claim
            .chunk_by(|a, b| a.claim == b.claim)
            .filter_map(<[_]>::last);
        let unknown = count(last.filter(|it| it.unknown).count());
        let mut claims: Vec<_> = self.claims.iter().map(|it| it.key).collect();
        claims.dedup();
        let is_settled = |claim: u64| by_claim.binary_search_by_key(&claim, |it| it.claim).is_ok();
        let open = count(claims.iter().filter(|it| !is_settled(**it)).count());
        let carts = count(self.orders.iter().filter(|it| it.stage == 0).count());
        let by_chance = self.asked.iter().filter(|(_, kind, _)| {
            let kind = self.kinds.get(usize::from(*kind));
            kind.is_some_and(|it| it.propensities.iter().all(|micro| *micro < MILLION))
        });
        let by_chance = count(by_chance.count());
        let orders = count(self.orders.len()).saturating_sub(carts);
        let events = count(self.places.len()).saturating_sub(orders + carts);
        self.survey.counts = vec![
            ("orders", orders, "placed orders"),
            ("carts", carts, "carts, shown before payment"),
            ("events", events, "events"),
            (
                "asked",
                count(self.asked.len()),
                "orders of which it is told what was asked; of all others: nothing, with certainty",
            ),
            (
                "asked_by_chance",
                by_chance,
                "of these, orders where chance had a part",
            ),
            ("claims", count(claims.len()), "claims"),
            (
                "repeated",
                self.repeated,
                "lines that are there twice: counted once",
            ),
            (
                "guests",
                self.guests,
                "orders without customer_id: they build no customer's history",
            ),
            (
                "contacts_undated",
                self.undated,
                "orders with a contact that has neither changed_at nor verified_at: new where nothing else dates it",
            ),
            (
                "never_heard",
                unheard,
                "orders of which no parcel, cancellation or attempt is told: they lapse, leave the customer's spend, and teach nothing",
            ),
            (
                "waiting",
                waiting,
                "events of orders that are not in the history: kept, PENDING",
            ),
            (
                "events_early",
                self.early,
                "events from before their order was placed: kept, PENDING until then; do both files tell the same time?",
            ),
            (
                "settlements_waiting",
                stray,
                "settlements of claims that are not in the history: kept, PENDING",
            ),
            (
                "claims_open",
                open,
                "claims that were never settled: they say nothing of a hazard",
            ),
            (
                "claims_unknown",
                unknown,
                "claims settled as UNKNOWN: they say nothing of a hazard",
            ),
            (
                "asked_unknown",
                unasked,
                "lines of verification whose order is not in the history: of no use",
            ),
        ];
        self.survey.told = self
            .asked
            .iter()
            .map(|(key, kind, _)| (*key, *kind))
            .collect();
        self.survey.kinds = self.kinds;
        self.survey.claimed = self.claims.iter().map(|it| it.order).collect();
        self.survey.claimed.sort_unstable();
        self.survey.claimed.dedup();
        (self.places, self.survey)
    }
}
