//! A case judged: its past told to a store that forgets, by the very steps of the live service, and
//! its order measured and judged without chance.

use std::sync::Arc;

use super::Case;
use crate::api::wire::{self, Accepts, Invalid};
use crate::decision::answer::{Chance, Decision};
use crate::decision::judge::{Weighed, judge, weigh};
use crate::decision::policy::{NearMiss, Policy};
use crate::decision::release::Release;
use crate::decision::signals;
use crate::decision::situation::Situation;
use crate::domain::content::{content_digest, event_digest};
use crate::domain::ids::{DecisionId, KeyId};
use crate::domain::order::Order;
use crate::domain::profile::Ratchet;
use crate::domain::secret::Secret;
use crate::domain::units::Timestamp;
use crate::service::history;
use crate::service::keyring::KeyRing;
use crate::service::release::InForce;
use crate::service::scratch::Scratch;
use crate::service::step::{Ask, step};

/// A case with its answer, and all that led there.
#[derive(Debug)]
pub(crate) struct Judged {
    /// What was measured.
    pub(crate) situation: Situation,
    /// What was thought of it.
    pub(crate) weighed: Weighed,
    /// The answer without chance.
    pub(crate) decision: Decision,
    /// Rules that nearly held.
    pub(crate) near_misses: Vec<NearMiss>,
}

/// Judges cases by what is in force.
#[derive(Debug)]
pub(crate) struct Judge {
    in_force: Arc<InForce>,
    keys: Arc<KeyRing>,
}

impl Judge {
    /// By this policy, model and catalogue.
    pub(crate) fn new(in_force: InForce) -> Option<Self> {
        // Orders placed before draw with some key; what is drawn changes nothing that a case looks at.
        let key = (KeyId::try_new("case").ok()?, Secret::new([0; 32]));
        Some(Self {
            in_force: Arc::new(in_force),
            keys: Arc::new(KeyRing::new(key, [])),
        })
    }

    /// The policy, model and versions that judge.
    pub(crate) fn release(&self) -> &Release {
        &self.in_force.release
    }

    /// What differs from what the case expects; nothing where it passes.
    pub(crate) fn differences(&self, case: &Case, judged: &Judged) -> Vec<String> {
        let policy: &Policy = &self.in_force.release.policy;
        case.expect.differences(judged, policy)
    }

    /// Judges a case.
    ///
    /// # Errors
    /// What keeps it from being judged.
    pub(crate) fn judge(&self, case: &Case) -> Result<Judged, String> {
        let mut rows = Scratch::default();
        let accepts = self.accepts(case.now);
        for event in &case.events {
            self.tell(&mut rows, event.clone(), &accepts)?;
        }
        for before in &case.before {
            let order = wire::order(before.clone(), &accepts).map_err(|it| told("before", &it))?;
            self.place(&mut rows, order, case.now)?;
        }
        let order = wire::order(case.order.clone(), &accepts).map_err(|it| told("order", &it))?;
        let order = Arc::new(order);
        let mut keys = signals::keys(&order);
        keys.extend(signals::address_keys(&order.delivery.address_key));
        keys.extend(signals::day_keys(case.now));
        let snapshot = rows.read(keys);
        let catalogue = &self.in_force.catalogue;
        let mut situation = signals::measure(order, snapshot, catalogue, case.now);
        for (signal, value) in &case.signals {
            situation.signals.set(*signal, *value);
        }
        let chance = Chance {
            draw: None,
            ratchet: Ratchet::default(),
        };
        let release = self.release();
        let weighed = weigh(&situation, release);
        let Weighed { hazards, risk, .. } = &weighed;
        let near_misses = release.policy.near_misses(&situation, hazards, *risk);
        let decision = judge(&situation, release, &chance);
        Ok(Judged {
            situation,
            weighed,
            decision,
            near_misses,
        })
    }

    fn accepts(&self, now: Timestamp) -> Accepts {
        let currencies = self.in_force.catalogue.rates.keys().copied().collect();
        Accepts {
            now,
            currencies,
            driven: false,
        }
    }

    fn tell(
        &self,
        rows: &mut Scratch,
        event: wire::pb::Event,
        accepts: &Accepts,
    ) -> Result<(), String> {
        let id = event.event_id.clone();
        let event = wire::event(event, accepts).map_err(|it| told(&id, &it))?;
        let digest = event_digest(&event);
        let (events, now) = ([(event, digest)], accepts.now);
        let taken = rows.transact(history::keys(&events), |snapshot| {
            history::step(&events, now, snapshot)
        });
        match taken.as_deref() {
            Some([history::Taken::Rejected(why)]) => Err(format!("{id}: {why}")),
            Some(_) => Ok(()),
            None => Err(format!("{id}: does not end")),
        }
    }

    fn place(&self, rows: &mut Scratch, order: Order, now: Timestamp) -> Result<(), String> {
        let order = Arc::new(order);
        let ask = Ask {
            content: content_digest(&order),
            now,
            in_force: Arc::clone(&self.in_force),
            keys: Arc::clone(&self.keys),
            decision_id: DecisionId::of(uuid::Uuid::nil()),
            salt: [0; 32],
            told: None,
            order: Arc::clone(&order),
        };
        let placed = rows.transact(signals::keys(&order), |snapshot| step(&ask, snapshot));
        placed
            .map(drop)
            .ok_or_else(|| format!("{}: does not end", order.order_id))
    }
}

fn told(what: &str, invalid: &Invalid) -> String {
    format!("{what}: {invalid}")
}
