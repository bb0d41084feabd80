//! Judging the record again beside the live service: on one thread and with a connection of its own, one at a time, so
//! that no checkout waits for it.

use std::sync::{Arc, TryLockError};

use super::policies::PolicyBy;
use super::{Error, Service};
use crate::decision::model::{self, Model};
use crate::decision::policy::Policy;
use crate::domain::units::{Digest, Timestamp};
use crate::lab::backtest::{self, Candidate, LOSS_CAP_CENTS, Progress, Report, Settings};
use crate::lab::labels::{CLAIM_WINDOW, Maturity};
use crate::store::{VersionBy, VersionKind};

/// Which policy is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The one in force.
    Active,
    /// One that is kept.
    Kept(Digest),
    /// This text.
    Text(String),
}

/// What to judge by, and which decisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// By this policy.
    pub policy: Asked,
    /// By the scorecard of this name; none: each record's own.
    pub model: Option<String>,
    /// Decided at this time or later.
    pub from: Option<Timestamp>,
    /// Decided before this time.
    pub to: Option<Timestamp>,
    /// Although a new rule can be evaluated in no order; the active policy always is.
    pub unmeasured: bool,
}

impl Service {
    /// Finds what is asked about.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a text that is no policy and a scorecard that is not known, [`Error::NotFound`],
    /// [`Error::Store`].
    pub async fn candidate(&self, wanted: &Wanted) -> Result<Candidate, Error> {
        let policy = match &wanted.policy {
            Asked::Active => Arc::clone(&self.releases.current().release.policy),
            Asked::Kept(digest) => {
                let (placed, text) = self.policy(PolicyBy::Digest(*digest)).await?;
                let lost = |_| Error::LostVersion {
                    what: "policy",
                    id: placed.standing.version.digest.to_string(),
                };
                Arc::new(Policy::load(&text).map_err(lost)?)
            }
            Asked::Text(text) => {
                let told = Policy::load(text).map_err(|problems| Error::Invalid {
                    field: "policy_toml",
                    fault: problems
                        .iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()
                        .join("; "),
                });
                Arc::new(told?)
            }
        };
        let model = match &wanted.model {
            Some(name) => Some(self.model_named(name).await?),
            None => None,
        };
        Ok(Candidate {
            policy: Some(policy),
            model,
        })
    }

    /// A scorecard by name: in force, kept, or built in.
    async fn model_named(&self, name: &str) -> Result<Arc<Model>, Error> {
        let in_force = self.releases.current();
        if in_force.release.model.version.id == name {
            return Ok(Arc::clone(&in_force.release.model));
        }
        let by = VersionBy::Name(name.to_owned());
        let kept = self.store.version(VersionKind::Model, by).await?;
        let text = kept.and_then(|kept| String::from_utf8(kept.body?).ok());
        let text = text.or_else(|| model::built_in(name).map(str::to_owned));
        let model = text.and_then(|text| Model::load(&text).ok());
        let unknown = || Error::Invalid {
            field: "model_name",
            fault: format!("no scorecard `{name}` is in force, kept or built in"),
        };
        model.map(Arc::new).ok_or_else(unknown)
    }

    /// Judges the record again; takes as long as it takes, so call it where nothing else waits.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a period without decisions, [`Error::WrongState`] where another one runs,
    /// [`Error::Store`].
    pub fn backtest(
        &self,
        candidate: &Candidate,
        wanted: &Wanted,
        progress: Progress<'_>,
    ) -> Result<Report, Error> {
        let _alone = match self.library.judging.try_lock() {
            Ok(alone) => alone,
            Err(TryLockError::Poisoned(alone)) => alone.into_inner(),
            Err(TryLockError::WouldBlock) => {
                return Err(Error::WrongState(
                    "a backtest is running: wait for it, or run `doorstep backtest` beside the server",
                ));
            }
        };
        let latest = self.store.look()?.latest()?;
        let settings = Settings {
            from: wanted.from,
            to: wanted.to,
            maturity: Maturity {
                as_of: latest.unwrap_or_else(|| self.clock.now()),
                claim_window: CLAIM_WINDOW,
                unheard_shipped: false,
            },
            loss_cap_cents: LOSS_CAP_CENTS,
            unmeasured: wanted.unmeasured || wanted.policy == Asked::Active,
            engine: self.releases.current().release.engine.clone(),
            threads: 1,
        };
        let told = backtest::run(&|| self.store.look(), candidate, &settings, progress);
        told.map_err(|error| match error {
            backtest::Error::Store(error) => Error::Store(error),
            backtest::Error::Stopped => Error::WrongState("it was stopped"),
            backtest::Error::Nothing | backtest::Error::NothingInPeriod { .. } => Error::Invalid {
                field: "from_at",
                fault: error.to_string(),
            },
            backtest::Error::Unmeasured { .. } => Error::Invalid {
                field: "candidate",
                fault: format!("{error}; `unmeasured` judges the candidate without it"),
            },
        })
    }
}
