//! What is in force: policy, model and catalogue, swapped whole; and what once was, for replays.

use std::sync::{Arc, PoisonError, RwLock};

use crate::decision::release::Release;
use crate::domain::catalogue::Catalogue;

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
pub struct Releases(RwLock<Arc<InForce>>);

impl Releases {
    /// Starts with `first`.
    #[must_use]
    pub fn new(first: InForce) -> Self {
        Self(RwLock::new(Arc::new(first)))
    }

    /// What is in force now.
    #[must_use]
    pub fn current(&self) -> Arc<InForce> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts `next` in force, whole; calls under way finish with what they began.
    pub fn swap(&self, next: InForce) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
    }
}
