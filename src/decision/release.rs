//! What is in force: the versions that people chose, together with the program that runs them.

use std::sync::Arc;

use super::model::Model;
use super::policy::Policy;
use super::record::{Version, Versions};

/// Everything beside the situation that a decision rests on.
#[derive(Clone, Debug)]
pub struct Release {
    /// What is possible, forbidden, and what it costs.
    pub policy: Arc<Policy>,
    /// How probable each hazard is.
    pub model: Arc<Model>,
    /// The facts with which the situation was measured.
    pub catalogue: Version,
    /// This program.
    pub engine: Version,
}

impl Release {
    /// The names and digests, as a record keeps them.
    #[must_use]
    pub fn versions(&self) -> Versions {
        Versions {
            policy: self.policy.version.clone(),
            model: self.model.version.clone(),
            catalogue: self.catalogue.clone(),
            engine: self.engine.clone(),
        }
    }
}
