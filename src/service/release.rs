//! What is in force: policy, model and catalogue, swapped whole; and what once was, for replays.

use std::sync::{Arc, PoisonError, RwLock};

use crate::decision::policy::Policy;
use crate::decision::release::Release;
use crate::domain::catalogue::Catalogue;
use crate::domain::units::Timestamp;

/// What one decision rests on: taken once a call, so that a swap never mixes two.
#[derive(Clone, Debug)]
pub struct InForce {
    /// Policy, model and versions.
    pub release: Arc<Release>,
    /// The shop's facts.
    pub catalogue: Arc<Catalogue>,
    /// The versions that a record names.
    pub versions: Arc<crate::decision::record::Versions>,
}

impl InForce {
    /// Puts together what is in force.
    #[must_use]
    pub fn new(release: Release, catalogue: Arc<Catalogue>) -> Self {
        let versions = Arc::new(release.versions());
        Self {
            release: Arc::new(release),
            catalogue,
            versions,
        }
    }
}

/// What is in force now.
#[derive(Debug)]
pub struct Releases(RwLock<Current>);

#[derive(Debug)]
struct Current {
    in_force: Arc<InForce>,
    /// Since when the policy is.
    since: Timestamp,
}

impl Releases {
    /// Starts with `first`, at this time.
    #[must_use]
    pub fn new(first: InForce, at: Timestamp) -> Self {
        Self(RwLock::new(Current {
            in_force: Arc::new(first),
            since: at,
        }))
    }

    /// What is in force now.
    #[must_use]
    pub fn current(&self) -> Arc<InForce> {
        self.current_since().0
    }

    /// What is in force now, and since when its policy is.
    #[must_use]
    pub fn current_since(&self) -> (Arc<InForce>, Timestamp) {
        let current = self.0.read().unwrap_or_else(PoisonError::into_inner);
        (Arc::clone(&current.in_force), current.since)
    }

    /// Puts `next` in force, whole; calls under way finish with what they began.
    pub fn swap(&self, next: InForce, at: Timestamp) {
        self.exchange(at, |_| next);
    }

    /// Puts all of `next` in force but its policy: that is whichever is in force at this moment.
    pub fn swap_beside_policy(&self, next: InForce, at: Timestamp) {
        self.exchange(at, |now| {
            let policy = Arc::clone(&now.release.policy);
            let release = Release::clone(&next.release);
            InForce::new(Release { policy, ..release }, next.catalogue)
        });
    }

    /// Puts another policy in force beside the model and catalogue that are in force at this moment.
    pub fn swap_policy(&self, policy: Arc<Policy>, at: Timestamp) {
        self.exchange(at, |now| {
            let release = Release::clone(&now.release);
            InForce::new(Release { policy, ..release }, Arc::clone(&now.catalogue))
        });
    }

    /// Nothing comes between what is read and what is written.
    fn exchange(&self, at: Timestamp, next: impl FnOnce(&InForce) -> InForce) {
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let next = next(&current.in_force);
        if next.versions.policy != current.in_force.versions.policy {
            current.since = at;
        }
        current.in_force = Arc::new(next);
    }
}
