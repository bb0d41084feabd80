//! One file a use: fetch, decide, record. Clock, chance and versions come in as values.
//!
//! A use fails with one [`Error`] whose [`Kind`] says what a caller can do; the faces turn kinds into codes.

pub mod backtest;
pub mod clock;
pub mod decide;
pub mod history;
pub mod ids;
pub mod keyring;
pub mod past;
pub mod playing;
pub mod policies;
pub mod read;
pub mod release;
pub mod scratch;
pub mod shadow;
pub mod shelf;
pub mod shown;
pub mod step;
pub mod validity;

use std::sync::Arc;
use std::time::Instant;

use crate::decision::lifecycle::Refusal;
use crate::store;
use clock::Clock;
use keyring::KeyRing;
use release::Releases;

/// Everything that uses share.
#[derive(Clone, Debug)]
pub struct Service {
    /// What must not be lost.
    pub store: store::Store,
    /// What time it is.
    pub clock: Arc<Clock>,
    /// Policies, models and catalogue in force.
    pub releases: Arc<Releases>,
    /// The draw's keys.
    pub keys: Arc<KeyRing>,
    /// Policies and models of old records.
    pub library: Arc<read::Library>,
    /// Who says what about policies.
    pub governance: Arc<policies::Governance>,
    /// Scorecards by name.
    pub shelf: Arc<shelf::Shelf>,
    /// What judges beside the live answer.
    pub shadows: Arc<shadow::Shadows>,
    /// Names of new decisions.
    pub ids: Arc<ids::Ids>,
    /// Where unpredictable bytes come from: ids and salts.
    pub entropy: Entropy,
}

/// Fills a buffer with unpredictable bytes.
pub type Entropy = fn(&mut [u8]);

/// Until when an answer is worth having.
pub type Deadline = Instant;

/// Why a use failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing of that name.
    #[error("{what} `{id}` is not known")]
    NotFound {
        /// What kind of thing.
        what: &'static str,
        /// Its name as asked.
        id: String,
    },
    /// Not in this state.
    #[error("{0}")]
    WrongState(&'static str),
    /// Not with these words.
    #[error("{field}: {fault}")]
    Invalid {
        /// The field's path.
        field: &'static str,
        /// What is wrong and what would be right.
        fault: String,
    },
    /// An act on a policy that the rules do not allow; says what would be right.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store did not do it.
    #[error("the store did not answer")]
    Store(#[from] store::Error),
    /// A recorded decision names a version that is not kept.
    #[error("{what} `{id}` of a recorded decision is not kept or does not load")]
    LostVersion {
        /// What kind of version.
        what: &'static str,
        /// Its digest.
        id: String,
    },
}

/// What a caller can do about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Ask for something else.
    NotFound,
    /// Bring the thing into another state first.
    WrongState,
    /// Correct the request.
    Invalid,
    /// Ask again later, less often.
    Busy,
    /// Ask again later.
    Unavailable,
    /// Allow more time.
    Late,
    /// Nothing: a bug.
    Internal,
}

impl Error {
    /// What a caller can do.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::NotFound { .. } => Kind::NotFound,
            Self::Refused(Refusal::Unknown(_)) => Kind::NotFound,
            Self::WrongState(_) | Self::Refused(_) => Kind::WrongState,
            Self::Invalid { .. } => Kind::Invalid,
            Self::LostVersion { .. } => Kind::Internal,
            Self::Store(error) => store_kind(error),
        }
    }
}

fn store_kind(error: &store::Error) -> Kind {
    match error {
        store::Error::Busy => Kind::Busy,
        store::Error::Late => Kind::Late,
        store::Error::Bug { .. } | store::Error::Damaged { .. } => Kind::Internal,
        store::Error::Unavailable { .. }
        | store::Error::NotADatabase { .. }
        | store::Error::NewerSchema { .. }
        | store::Error::Locked { .. }
        | store::Error::Directory { .. }
        | store::Error::Closed => Kind::Unavailable,
    }
}

#[cfg(test)]
mod tests;
