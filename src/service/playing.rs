//! The service played in memory: a simulated world's shop that decides by the very steps of the live service, on a
//! store that forgets when it is dropped.
//!
//! What a running server would answer on a driven clock, told the same orders and events in the same order, is what
//! this answers; only ids and salts are not random here, and neither has a part in a decision.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::history::{self, AT_ONCE, Taken};
use super::keyring::KeyRing;
use super::release::InForce;
use super::scratch::Scratch;
use super::step::{Ask, Outcome, step};
use crate::decision::record::Record;
use crate::decision::signals;
use crate::domain::content::{content_digest, event_digest};
use crate::domain::dossier::Dossier;
use crate::domain::event::Event;
use crate::domain::ids::{DecisionId, OrderId};
use crate::domain::order::{Order, Stage};
use crate::domain::units::{Digest, Timestamp};
use crate::lab::simulate::shop::{Closed, Happening, Shop, Verdict};
use crate::store::Found;

#[cfg(test)]
mod tests;

/// A service with all its rows in memory.
#[derive(Clone, Debug)]
pub struct Playing {
    in_force: Arc<InForce>,
    keys: Arc<KeyRing>,
    rows: Scratch,
    /// Goes where orders and events drive it, never back.
    now: Timestamp,
    /// Decisions made so far.
    made: u64,
    /// What carts were told, until they are placed.
    carts: BTreeMap<OrderId, Verdict>,
    /// Events heard and not yet settled: no order came since.
    heard: Vec<(Event, Digest)>,
    /// What was decided, where that is kept.
    kept: Option<Vec<Arc<Record>>>,
}

impl Playing {
    /// A service that knows nothing yet; chance is drawn with the newest of `keys`.
    #[must_use]
    pub fn new(in_force: Arc<InForce>, keys: Arc<KeyRing>) -> Self {
        Self {
            in_force,
            keys,
            rows: Scratch::default(),
            now: Timestamp::from_micros(0),
            made: 0,
            carts: BTreeMap::new(),
            heard: Vec::new(),
            kept: None,
        }
    }

    /// The same, and every record is kept.
    #[must_use]
    pub fn keeping(mut self) -> Self {
        self.kept = Some(Vec::new());
        self
    }

    /// What was kept, with what is known of each order in the end: as a store gives it back.
    ///
    /// # Errors
    /// As [`Playing::settle`].
    pub fn into_found(mut self) -> Result<Vec<Found>, Closed> {
        self.settle()?;
        let records = self.kept.take().unwrap_or_default();
        let dossiers: BTreeMap<OrderId, Arc<Dossier>> = self
            .rows
            .into_dossiers()
            .map(|(id, dossier)| (id, Arc::new(dossier)))
            .collect();
        let found = (1..).zip(records).map(|(seq, record)| Found {
            seq,
            dossier: dossiers
                .get(&record.situation.order.order_id)
                .cloned()
                .unwrap_or_default(),
            record,
        });
        Ok(found.collect())
    }

    /// Puts something else in force from the next order on, as a swap of the live service does.
    pub fn swap(&mut self, in_force: Arc<InForce>) {
        self.in_force = in_force;
    }

    /// Decides an order; none where an earlier decision stands, as for a cart that is placed.
    ///
    /// # Errors
    /// [`Closed`] for what the live service refuses.
    pub fn decide(&mut self, order: &Arc<Order>) -> Result<Option<Arc<Record>>, Closed> {
        self.settle()?;
        self.now = self.now.max(order.placed_at);
        self.made += 1;
        let ask = Ask {
            order: Arc::clone(order),
            content: content_digest(order),
            now: self.now,
            in_force: Arc::clone(&self.in_force),
            keys: Arc::clone(&self.keys),
            decision_id: DecisionId::of(uuid::Uuid::from_u128(self.made.into())),
            salt: [0; 32],
            told: None,
        };
        let keys = signals::keys(order);
        let outcome = self.rows.transact(keys, |rows| step(&ask, rows));
        match outcome {
            Some(Outcome::Made(record, _)) => {
                if let Some(kept) = &mut self.kept {
                    kept.push(Arc::clone(&record));
                }
                Ok(Some(record))
            }
            Some(Outcome::Stands(..)) => Ok(None),
            Some(Outcome::Refused(why)) => Err(Closed(format!("{}: {why}", order.order_id))),
            None => Err(Closed(format!("{}: does not end", order.order_id))),
        }
    }

    /// Hears of an event.
    ///
    /// # Errors
    /// As [`Playing::settle`].
    pub fn hear(&mut self, event: &Event) -> Result<(), Closed> {
        self.heard.push((event.clone(), event_digest(event)));
        if self.heard.len() < AT_ONCE {
            return Ok(());
        }
        self.settle()
    }

    /// Settles what was heard, as much at once as the live service does.
    ///
    /// # Errors
    /// [`Closed`] for an event that the live service rejects.
    pub fn settle(&mut self) -> Result<(), Closed> {
        let Some(newest) = self.heard.iter().map(|(event, _)| event.occurred_at).max() else {
            return Ok(());
        };
        self.now = self.now.max(newest);
        let (now, piece) = (self.now, std::mem::take(&mut self.heard));
        let keys = history::keys(&piece);
        let taken = self
            .rows
            .transact(keys, |rows| history::step(&piece, now, rows));
        let taken = taken.ok_or_else(|| Closed("events do not end".to_owned()))?;
        for (taken, (event, _)) in taken.iter().zip(&piece) {
            if let Taken::Rejected(why) = taken {
                return Err(Closed(format!("{}: {why}", event.event_id)));
            }
        }
        self.heard = piece;
        self.heard.clear();
        Ok(())
    }

    fn verdict(&mut self, order: &Arc<Order>) -> Result<Verdict, Closed> {
        let id = &order.order_id;
        match self.decide(order)? {
            Some(record) => {
                let decision = &record.decision;
                let verdict = Verdict {
                    action: decision.action,
                    code_contact: decision.code_contact_id.clone(),
                    propensities: decision.propensities,
                };
                if order.stage == Stage::Cart {
                    self.carts.insert(id.clone(), verdict.clone());
                } else {
                    self.carts.remove(id);
                }
                Ok(verdict)
            }
            None => match order.stage {
                Stage::Cart => self.carts.get(id).cloned(),
                Stage::Placed => self.carts.remove(id),
            }
            .ok_or_else(|| Closed(format!("{id}: was decided before"))),
        }
    }
}

impl Shop for Playing {
    fn tick(&mut self, batch: &[Happening]) -> Result<Vec<Verdict>, Closed> {
        let mut verdicts = Vec::new();
        for happening in batch {
            match happening {
                Happening::Order(order) => verdicts.push(self.verdict(order)?),
                Happening::Event(event) => self.hear(event)?,
            }
        }
        Ok(verdicts)
    }
}
