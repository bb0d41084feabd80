//! One order, from checked to recorded, or only looked at.

use std::future::Future;
use std::sync::Arc;

use super::shown::Shown;
use super::step::{Ask, Outcome, step};
use super::validity::{address_keys, placement, valid_until};
use super::{Deadline, Error, Service};
use crate::decision::answer::Chance;
use crate::decision::judge::judge;
use crate::decision::record::Record;
use crate::decision::release::Release;
use crate::decision::signals;
use crate::decision::snapshot::Snapshot;
use crate::domain::action::Origin;
use crate::domain::order::Order;
use crate::domain::profile::Ratchet;
use crate::domain::units::{Digest, Timestamp};

impl Service {
    /// Decides an order, or finds the decision that stands; durable when it returns.
    ///
    /// The order takes its place in the store's queue at once: orders given one after the other are decided in that
    /// order, however their answers are awaited.
    ///
    /// # Errors
    /// [`Error::WrongState`] for other content of an order that is under way or over; [`Error::Store`] where nothing
    /// could be recorded, and then nothing was.
    pub fn decide(
        &self,
        order: Order,
        content: Digest,
        until: Deadline,
    ) -> impl Future<Output = Result<Shown, Error>> + Send + use<> {
        let now = self.clock.advance(order.placed_at);
        let mut salt = [0; 32];
        (self.entropy)(&mut salt);
        let ask = Ask {
            order: Arc::new(order),
            content,
            now,
            in_force: self.releases.current(),
            keys: Arc::clone(&self.keys),
            decision_id: self.ids.next(now, self.entropy),
            salt,
            told: None,
        };
        let mut keys = signals::keys(&ask.order);
        keys.extend(signals::day_keys(now));
        let release = Arc::clone(&ask.in_force.release);
        let queued = self
            .store
            .transact(keys, until, move |snapshot| step(&ask, snapshot));
        let service = self.clone();
        async move {
            match queued.await? {
                Outcome::Made(record, dossier) => {
                    service.shadows.offer(&record, &release);
                    Ok(Shown::of(record, &dossier, now, false))
                }
                Outcome::Stands(id, dossier) => {
                    let record = service.kept(&id).await?;
                    Ok(Shown::of(record, &dossier, now, true))
                }
                Outcome::Refused(why) => Err(Error::WrongState(why)),
            }
        }
    }

    /// Judges an order without draw, slot, exposure or record, by what is in force or by `release`.
    ///
    /// # Errors
    /// [`Error::Store`] where nothing could be read.
    pub async fn preview(
        &self,
        order: Order,
        content: Digest,
        release: Option<Arc<Release>>,
    ) -> Result<Shown, Error> {
        let now = if self.clock.is_driven() {
            self.clock.now().max(order.placed_at)
        } else {
            self.clock.now()
        };
        let in_force = self.releases.current();
        let release = release.unwrap_or_else(|| Arc::clone(&in_force.release));
        let order = Arc::new(order);
        let snapshot = self.look(&order, now).await?;
        let situation = signals::measure(Arc::clone(&order), &snapshot, &in_force.catalogue, now);
        let chance = Chance {
            draw: None,
            ratchet: Ratchet::default(),
        };
        let decision = judge(&situation, &release, &chance);
        let dossier = snapshot
            .orders
            .get(&order.order_id)
            .cloned()
            .unwrap_or_default();
        let placement = placement(&order, &dossier, &in_force, now);
        Ok(Shown::preview(Record {
            decision_id: self.ids.next(now, self.entropy),
            revision: 0,
            origin: Origin::Service,
            decided_at: now,
            valid_until: valid_until(&order, decision.action, &placement, &in_force, now),
            unit: order.unit(),
            content,
            versions: Arc::new(release.versions()),
            situation,
            chance,
            decision,
            before: Digest([0; 32]),
            salt: [0; 32],
            digest: Digest([0; 32]),
        }))
    }

    /// Reads what a preview looks at.
    async fn look(&self, order: &Order, now: Timestamp) -> Result<Snapshot, Error> {
        let mut keys = signals::keys(order);
        keys.extend(signals::day_keys(now));
        let snapshot = self.store.read(keys.clone()).await?;
        let dossier = snapshot
            .orders
            .get(&order.order_id)
            .cloned()
            .unwrap_or_default();
        keys.extend(address_keys(order, &dossier));
        if snapshot.missing(&keys).is_empty() {
            Ok(snapshot)
        } else {
            Ok(self.store.read(keys).await?)
        }
    }
}
