//! What people do with shadows: start, stop, list; and what shadows said of decisions.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Shadows;
use crate::decision::model::Model;
use crate::decision::policy::Policy;
use crate::decision::record::Version;
use crate::decision::shadow::{Candidate, Said, ShadowId, Stopped, Swap};
use crate::domain::ids::DecisionId;
use crate::domain::units::{Digest, Span, Timestamp};
use crate::service::{Error, Service};
use crate::store::shadow::{Kept, NewShadow, Totals};
use crate::store::{self, Store, StoredVersion, VersionBy, VersionKind};

/// How long a shadow runs where nobody says.
pub const DAYS_DEFAULT: i64 = 30;
/// How long a shadow may run: it is looked at or forgotten.
pub const DAYS_MAX: i64 = 90;

/// Where as many run as may (`store::shadow::RUNNING_MAX`).
const FULL: &str = "16 shadows run already, as many as may: stop one first";

/// What a shadow is to judge by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SwapTo {
    /// A policy that is kept.
    Policy(Digest),
    /// A scorecard by its name.
    Model(String),
}

/// A shadow to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// What it judges by.
    pub swap: SwapTo,
    /// When it ends by itself; none: [`DAYS_DEFAULT`] from now.
    pub until_at: Option<Timestamp>,
    /// Who starts it.
    pub principal: String,
    /// Why; up to 500 characters.
    pub note: String,
}

impl Shadows {
    /// Goes on with the shadows of a store. One whose text does not load any more says nothing, and that is counted.
    ///
    /// # Errors
    /// The store's, where nothing could be read.
    pub async fn resume(store: &Store, now: Timestamp) -> Result<Self, store::Error> {
        let known = Self::known(store, now).await?;
        for (kept, _) in known.iter().filter(|(_, candidate)| candidate.is_none()) {
            tracing::warn!(shadow = %kept.shadow.id, "its text does not load: it says nothing");
        }
        Ok(Self::start(store.clone(), known))
    }

    /// The shadows of a store that did not end by `now`, each with what it judges by.
    pub(super) async fn known(
        store: &Store,
        now: Timestamp,
    ) -> Result<Vec<(Kept, Option<Candidate>)>, store::Error> {
        let mut known = Vec::new();
        for kept in store.shadows().await? {
            if kept.shadow.ends_at() > now {
                let candidate = candidate(store, &kept.shadow.swap).await?;
                known.push((kept, candidate));
            }
        }
        Ok(known)
    }
}

/// What a shadow judges by, from the text that is kept.
async fn candidate(store: &Store, swap: &Swap) -> Result<Option<Candidate>, store::Error> {
    let (kind, version) = match swap {
        Swap::Policy(version) => (VersionKind::Policy, version),
        Swap::Model(version) => (VersionKind::Model, version),
    };
    let kept = store
        .version(kind, VersionBy::Digest(version.digest))
        .await?;
    let text = kept.and_then(|kept| String::from_utf8(kept.body?).ok());
    Ok(text.and_then(|text| match swap {
        Swap::Policy(_) => Policy::load(&text)
            .ok()
            .map(|it| Candidate::Policy(Arc::new(it))),
        Swap::Model(_) => Model::load(&text)
            .ok()
            .map(|it| Candidate::Model(Arc::new(it))),
    }))
}

impl Service {
    /// Judges every decision from now on also by another policy or scorecard, after its answer.
    ///
    /// # Errors
    /// [`Error::NotFound`] where nothing of that name is kept, [`Error::Invalid`] for an end that cannot be,
    /// [`Error::WrongState`] where as many run as may, [`Error::Store`].
    pub async fn start_shadow(&self, start: Start) -> Result<Kept, Error> {
        let Start {
            swap,
            until_at,
            principal,
            note,
        } = start;
        let now = self.clock.now();
        let until_at = until_at.unwrap_or_else(|| now.plus(Span::days(DAYS_DEFAULT)));
        if until_at <= now || until_at > now.plus(Span::days(DAYS_MAX)) {
            return Err(Error::Invalid {
                field: "until_at",
                fault: format!("must be after now, and at most {DAYS_MAX} days ahead"),
            });
        }
        let candidate = match swap {
            SwapTo::Policy(digest) => self.kept_policy(digest).await?,
            SwapTo::Model(name) => self.kept_model(&name, now).await?,
        };
        let new = NewShadow {
            swap: candidate.swap(),
            now,
            until_at,
            principal,
            note,
        };
        let started = self.store.start_shadow(new).await?;
        let shadow = started.ok_or(Error::WrongState(FULL))?;
        let kept = Kept {
            shadow,
            totals: Totals::default(),
        };
        self.shadows.add(kept.clone(), candidate);
        Ok(kept)
    }

    async fn kept_policy(&self, digest: Digest) -> Result<Candidate, Error> {
        let current = Arc::clone(&self.releases.current().release.policy);
        if current.version.digest == digest {
            return Ok(Candidate::Policy(current));
        }
        let swap = Swap::Policy(Version {
            id: String::new(),
            digest,
        });
        let lost = || Error::NotFound {
            what: "policy",
            id: digest.to_string(),
        };
        candidate(&self.store, &swap).await?.ok_or_else(lost)
    }

    async fn kept_model(&self, name: &str, now: Timestamp) -> Result<Candidate, Error> {
        let invalid = |fault| Error::Invalid {
            field: "model_name",
            fault,
        };
        let text = self.shelf.find(name).map_err(invalid)?;
        let model = Model::load(&text).map_err(|problems| {
            let first = problems.first().map(ToString::to_string);
            invalid(format!(
                "the scorecard does not load: {}",
                first.unwrap_or_default()
            ))
        })?;
        // So that it can be loaded after a restart, whatever became of the file.
        let version = StoredVersion {
            kind: VersionKind::Model,
            version: model.version.clone(),
            body: Some(text.into_bytes()),
            first_used_at: now,
        };
        self.store.keep_version(version).await?;
        Ok(Candidate::Model(Arc::new(model)))
    }

    /// Ends a shadow; what it said stays.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::WrongState`] where it ended before, [`Error::Store`].
    pub async fn stop_shadow(
        &self,
        id: ShadowId,
        principal: String,
        note: String,
    ) -> Result<Kept, Error> {
        // What was decided before belongs to it still.
        self.shadows.settled().await;
        let stopped = Stopped {
            at: self.clock.now(),
            principal,
            note,
        };
        if let Some(kept) = self.store.stop_shadow(id, stopped).await? {
            self.shadows.remove(id);
            return Ok(kept);
        }
        let shadows = self.store.shadows().await?;
        if shadows.iter().any(|it| it.shadow.id == id) {
            return Err(Error::WrongState("the shadow has ended already"));
        }
        Err(Error::NotFound {
            what: "shadow",
            id: id.to_string(),
        })
    }

    /// All shadows that run or ran, the one started last first, with what was decided until now.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn list_shadows(&self) -> Result<Vec<Kept>, Error> {
        self.shadows.settled().await;
        let mut shadows = self.store.shadows().await?;
        shadows.reverse();
        Ok(shadows)
    }

    /// What shadows said of decisions.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn said_of(
        &self,
        decisions: Vec<DecisionId>,
    ) -> Result<BTreeMap<DecisionId, Vec<Said>>, Error> {
        Ok(self.store.said(decisions).await?)
    }
}
