//! A shop's own past: its orders and events, played in order of time by the very steps of the live service.
//!
//! An order of the past is measured and judged as it would have been when it was placed, and becomes a record of origin
//! `IMPORTED`: what was asked of it is what the shop tells, and chance has no part in it. An event is received when it
//! occurred.
//!
//! [`Service::import_order`] and [`Service::import_events`] record; [`Past`] does the same in memory, for one who only
//! wants to learn from it.

use std::future::Future;
use std::sync::Arc;

use super::history::{self, Taken};
use super::keyring::KeyRing;
use super::release::InForce;
use super::scratch::{Packed, Scratch};
use super::step::{self, Ask, Outcome};
use super::{Deadline, Error, Service};
use crate::decision::record::Record;
use crate::decision::signals;
use crate::decision::snapshot::{Changes, Snapshot, Step};
use crate::decision::told::Told;
use crate::domain::content::{content_digest, event_digest};
use crate::domain::dossier::Dossier;
use crate::domain::event::Event;
use crate::domain::ids::{DecisionId, OrderId};
use crate::domain::order::{Order, Stage};
use crate::domain::units::Digest;

#[cfg(test)]
mod tests;

/// What became of an order of the past.
#[derive(Clone, Debug, PartialEq)]
pub enum Played {
    /// It became a record.
    Made(Arc<Record>),
    /// It was there already.
    Known,
    /// It cannot be, and why: other content of an order that was on its way.
    Refused(&'static str),
}

/// One order of the past, given what was loaded: the step of the live service, at the time it was placed.
///
/// What was played before is left as it is: playing a history again from somewhere in it adds nothing.
#[must_use]
pub fn step(ask: &Ask, snapshot: &Snapshot) -> Step<Outcome> {
    let known = snapshot.orders.get(&ask.order.order_id);
    if let Some(known) = known
        && let Some(latest) = &known.latest
    {
        let places = ask.order.stage == Stage::Placed && latest.stage == Stage::Cart;
        let same = latest.content == ask.content && !places;
        if same || latest.decided_at >= ask.now {
            let id = latest.decision_id.clone();
            let stands = Outcome::Stands(id, Box::new(known.clone()));
            return Step::Done(Changes::default(), stands);
        }
    }
    step::step(ask, snapshot)
}

impl Service {
    /// Records an order of the past with what was asked of it; durable when it returns. Orders and events take their
    /// place in the store's queue at once: given in order of time, they are settled in that order, however their
    /// answers are awaited.
    ///
    /// # Errors
    /// [`Error::Store`] where nothing could be recorded, and then nothing was.
    pub fn import_order(
        &self,
        order: Arc<Order>,
        told: Told,
        until: Deadline,
    ) -> impl Future<Output = Result<Played, Error>> + Send + use<> {
        let now = order.placed_at;
        let mut salt = [0; 32];
        (self.entropy)(&mut salt);
        let ask = Ask {
            content: content_digest(&order),
            now,
            in_force: self.releases.current(),
            keys: Arc::clone(&self.keys),
            decision_id: self.ids.next(now, self.entropy),
            salt,
            told: Some(told),
            order,
        };
        let keys = signals::keys(&ask.order);
        let queued = self
            .store
            .transact(keys, until, move |snapshot| step(&ask, snapshot));
        async move { Ok(played(queued.await?)) }
    }

    /// Records events of the past, in order of time; answers in that order, durable when it returns.
    ///
    /// # Errors
    /// As [`Service::import_order`].
    pub fn import_events(
        &self,
        events: Vec<(Event, Digest)>,
        until: Deadline,
    ) -> impl Future<Output = Result<Vec<Taken>, Error>> + Send + use<> {
        let keys = history::keys(&events);
        let queued = self.store.transact(keys, until, move |snapshot| {
            history::step_past(&events, snapshot)
        });
        async move { Ok(queued.await?) }
    }
}

fn played(outcome: Outcome) -> Played {
    match outcome {
        Outcome::Made(record, _) => Played::Made(record),
        Outcome::Stands(..) => Played::Known,
        Outcome::Refused(why) => Played::Refused(why),
    }
}

/// Rows of a kind that a past in memory keeps at hand: orders, customers, addresses, shared keys.
const UNPACKED_MAX: usize = 4_096;

/// A past played in memory: orders and events go in, in order of time; records come out, and in the end the dossiers.
///
/// Holds profiles and dossiers, but no record and no event: a record is its taker's to keep or drop.
#[derive(Clone, Debug)]
pub struct Past {
    in_force: Arc<InForce>,
    keys: Arc<KeyRing>,
    rows: Scratch,
    /// Records made so far.
    made: u64,
}

impl Past {
    /// One in which nothing happened yet, judged by what is in force. Nothing is drawn with the keys; the name of the
    /// newest is noted with each order.
    #[must_use]
    pub fn new(in_force: Arc<InForce>, keys: Arc<KeyRing>) -> Self {
        Self {
            in_force,
            keys,
            rows: Scratch::default(),
            made: 0,
        }
    }

    /// An order, placed at its own time.
    pub fn order(&mut self, order: Arc<Order>, told: &Told) -> Played {
        self.made += 1;
        let keys = signals::keys(&order);
        let ask = Ask {
            content: content_digest(&order),
            now: order.placed_at,
            in_force: Arc::clone(&self.in_force),
            keys: Arc::clone(&self.keys),
            decision_id: DecisionId::of(uuid::Uuid::from_u128(self.made.into())),
            salt: [0; 32],
            told: Some(*told),
            order,
        };
        let outcome = self.rows.transact(keys, |rows| step(&ask, rows));
        self.rows.pack(UNPACKED_MAX);
        outcome.map_or(Played::Refused("it does not end"), played)
    }

    /// An event, received when it occurred.
    pub fn event(&mut self, event: Event) -> Taken {
        let digest = event_digest(&event);
        let piece = [(event, digest)];
        let keys = history::keys(&piece);
        let taken = self
            .rows
            .transact(keys, |rows| history::step_past(&piece, rows));
        self.rows.forget_events();
        self.rows.pack(UNPACKED_MAX);
        let taken = taken.and_then(|it| it.first().copied());
        taken.unwrap_or(Taken::Rejected("DOES_NOT_END"))
    }

    /// All that is known of every order in the end, also of those that were never placed. They are packed: take out
    /// one after the other.
    #[must_use]
    pub fn into_dossiers(self) -> Packed<OrderId, Dossier> {
        self.rows.into_dossiers()
    }
}
