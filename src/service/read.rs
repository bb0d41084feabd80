//! Looking at what is recorded: one decision, many, judged again, and what is known of somebody.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::shown::Shown;
use super::{Error, Service};
use crate::decision::judge::judge_again;
use crate::decision::model::Model;
use crate::decision::policy::Policy;
use crate::decision::record::{Record, Version};
use crate::decision::release::Release;
use crate::decision::replay::{Difference, differences};
use crate::decision::signals::{self, Known};
use crate::decision::snapshot::Key;
use crate::domain::action::{Action, DecisionState};
use crate::domain::event::Subject;
use crate::domain::ids::{CustomerId, DecisionId};
use crate::domain::order::Unit;
use crate::domain::units::{Digest, Timestamp};
use crate::store::{By, Filter, VersionBy, VersionKind};

/// Versions by digest, loaded once.
#[derive(Debug, Default)]
pub struct Library {
    policies: Mutex<BTreeMap<Digest, Arc<Policy>>>,
    models: Mutex<BTreeMap<Digest, Arc<Model>>>,
    /// Held while the record is judged again: one at a time.
    pub(super) judging: Mutex<()>,
}

/// Which decisions are asked for; everything absent holds for all.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Of this customer.
    pub customer: Option<CustomerId>,
    /// Decided at this time or later.
    pub from: Option<Timestamp>,
    /// Decided before this time.
    pub to: Option<Timestamp>,
    /// With this action.
    pub action: Option<Action>,
    /// With this reason code.
    pub reason: Option<String>,
    /// That stand like this now.
    pub state: Option<DecisionState>,
    /// At most so many, 1 to 500.
    pub page_size: usize,
    /// Where the page before ended; empty: from the newest.
    pub page_token: String,
}

/// A decision judged again.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The decision as it comes out now, with the record's own standing.
    pub shown: Shown,
    /// Where the two differ; empty: identical, to the bit.
    pub differences: Vec<Difference>,
}

impl Service {
    /// A recorded decision by its id, or one of an order.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Store`].
    pub async fn decision(&self, by: By) -> Result<Shown, Error> {
        let now = self.clock.now();
        let (what, id) = match &by {
            By::Decision(id) => ("decision", id.to_string()),
            By::Order(id, None) => ("order", id.to_string()),
            By::Order(id, Some(revision)) => ("decision", format!("{id} revision {revision}")),
        };
        let found = self
            .store
            .record(by)
            .await?
            .ok_or(Error::NotFound { what, id })?;
        Ok(Shown::of(found.record, &found.dossier, now, true))
    }

    /// A recorded decision, for an answer that says that it stands.
    pub(super) async fn kept(&self, id: &DecisionId) -> Result<Arc<Record>, Error> {
        let found = self.store.record(By::Decision(id.clone())).await?;
        let lost = || Error::NotFound {
            what: "decision",
            id: id.to_string(),
        };
        Ok(found.ok_or_else(lost)?.record)
    }

    /// Decisions, newest first, with the token of the next page (empty at the end).
    ///
    /// # Errors
    /// [`Error::Invalid`] for a token of another list, [`Error::Store`].
    pub async fn list(&self, listing: Listing) -> Result<(Vec<Shown>, String), Error> {
        let now = self.clock.now();
        let Listing {
            customer,
            from,
            to,
            action,
            reason,
            state,
            page_size,
            page_token,
        } = listing;
        let filter = Filter {
            customer,
            from,
            to,
            action,
            reason,
            state,
            now,
        };
        let before = if page_token.is_empty() {
            None
        } else {
            let fault = || Error::Invalid {
                field: "page_token",
                fault: "must be the next_page_token of the same list".to_owned(),
            };
            Some(filter.place(&page_token).ok_or_else(fault)?)
        };
        let page = self.store.list(filter, before, page_size).await?;
        let shown = page
            .found
            .into_iter()
            .map(|found| Shown::of(found.record, &found.dossier, now, true));
        Ok((shown.collect(), page.next.unwrap_or_default()))
    }

    /// Judges a recorded decision again, by its own versions or by another policy.
    ///
    /// # Errors
    /// [`Error::NotFound`] for the decision, [`Error::Invalid`] for the policy, [`Error::Store`].
    pub async fn replay(&self, id: DecisionId, policy: Option<&str>) -> Result<Replayed, Error> {
        let mut shown = self.decision(By::Decision(id)).await?;
        let record = Arc::clone(&shown.record);
        let policy = match policy {
            Some(name) => Some(self.policy_named(name).await?),
            None => None,
        };
        let release = self.release_of(&record, policy).await?;
        let decision = judge_again(&record, &release);
        let differences = differences(&record.decision, &decision);
        let versions = Arc::new(release.versions());
        shown.record = Arc::new(Record {
            decision,
            versions,
            ..Record::clone(&record)
        });
        Ok(Replayed { shown, differences })
    }

    /// What a record was judged by: its own versions, or another policy with its own model.
    ///
    /// # Errors
    /// [`Error::LostVersion`] where a version is not kept, [`Error::Store`].
    pub async fn release_of(
        &self,
        record: &Record,
        policy: Option<Arc<Policy>>,
    ) -> Result<Release, Error> {
        let policy = match policy {
            Some(policy) => policy,
            None => self.policy_of(&record.versions.policy).await?,
        };
        let model = self.model_of(&record.versions.model).await?;
        let in_force = self.releases.current();
        let engine = in_force.release.engine.clone();
        Ok(Release {
            policy,
            model,
            catalogue: record.versions.catalogue.clone(),
            engine,
        })
    }

    /// A policy by its digest or id, for a preview or a replay.
    ///
    /// # Errors
    /// [`Error::Invalid`] where nothing of that name is known, [`Error::Store`].
    pub async fn policy_named(&self, name: &str) -> Result<Arc<Policy>, Error> {
        let in_force = self.releases.current();
        let current = &in_force.release.policy;
        if current.version.id == name || current.version.digest.to_string() == name {
            return Ok(Arc::clone(current));
        }
        let by =
            Digest::parse(name).map_or_else(|| VersionBy::Name(name.to_owned()), VersionBy::Digest);
        let kept = self.store.version(VersionKind::Policy, by).await?;
        let text = kept.and_then(|kept| String::from_utf8(kept.body?).ok());
        let policy = text.and_then(|text| Policy::load(&text).ok());
        let fault = || Error::Invalid {
            field: "policy_version",
            fault: format!("no policy `{name}` is known by id or digest"),
        };
        policy.map(Arc::new).ok_or_else(fault)
    }

    /// What is in force, with another policy.
    ///
    /// # Errors
    /// [`Error::Invalid`] where nothing of that name is known, [`Error::Store`].
    pub async fn release_named(&self, policy: &str) -> Result<Arc<Release>, Error> {
        let policy = self.policy_named(policy).await?;
        let in_force = self.releases.current();
        Ok(Arc::new(Release {
            policy,
            ..Release::clone(&in_force.release)
        }))
    }

    async fn policy_of(&self, version: &Version) -> Result<Arc<Policy>, Error> {
        let in_force = self.releases.current();
        if in_force.release.policy.version == *version {
            return Ok(Arc::clone(&in_force.release.policy));
        }
        let known = lock(&self.library.policies).get(&version.digest).cloned();
        if let Some(policy) = known {
            return Ok(policy);
        }
        let text = self
            .kept_text(VersionKind::Policy, "policy", version)
            .await?;
        let lost = || Error::LostVersion {
            what: "policy",
            id: version.digest.to_string(),
        };
        let policy = Arc::new(Policy::load(&text).map_err(|_problems| lost())?);
        lock(&self.library.policies).insert(version.digest, Arc::clone(&policy));
        Ok(policy)
    }

    async fn model_of(&self, version: &Version) -> Result<Arc<Model>, Error> {
        let in_force = self.releases.current();
        if in_force.release.model.version == *version {
            return Ok(Arc::clone(&in_force.release.model));
        }
        let known = lock(&self.library.models).get(&version.digest).cloned();
        if let Some(model) = known {
            return Ok(model);
        }
        let text = self.kept_text(VersionKind::Model, "model", version).await?;
        let lost = || Error::LostVersion {
            what: "model",
            id: version.digest.to_string(),
        };
        let model = Arc::new(Model::load(&text).map_err(|_problems| lost())?);
        lock(&self.library.models).insert(version.digest, Arc::clone(&model));
        Ok(model)
    }

    async fn kept_text(
        &self,
        kind: VersionKind,
        what: &'static str,
        version: &Version,
    ) -> Result<String, Error> {
        let kept = self
            .store
            .version(kind, VersionBy::Digest(version.digest))
            .await?;
        let text = kept.and_then(|kept| String::from_utf8(kept.body?).ok());
        text.ok_or_else(|| Error::LostVersion {
            what,
            id: version.digest.to_string(),
        })
    }

    /// What is known of a customer, address, route or depot, by the names of the signals.
    ///
    /// # Errors
    /// [`Error::NotFound`] where nothing is, [`Error::Store`].
    pub async fn profile(&self, of: Subject) -> Result<Vec<Known>, Error> {
        let (what, id) = match &of {
            Subject::Customer(id) => ("customer", id.to_string()),
            Subject::Address(key) => ("address", key.to_string()),
            Subject::Route(id) => ("route", id.to_string()),
            Subject::Depot(id) => ("depot", id.to_string()),
            Subject::Courier(id) => ("courier", id.to_string()),
        };
        let mut keys = signals::profile_keys(&of);
        let mut snapshot = self.store.read(keys.clone()).await?;
        if let Subject::Customer(id) = &of {
            let customer = snapshot.customers.get(&Unit::Customer(id.clone()));
            let links = customer
                .into_iter()
                .flat_map(|it| it.links.iter().cloned().map(Key::Link));
            keys.lock.extend(links);
            snapshot = self.store.read(keys).await?;
        }
        let in_force = self.releases.current();
        let facts = signals::known(&of, &snapshot, &in_force.catalogue, self.clock.now());
        facts.ok_or(Error::NotFound { what, id })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
