//! What can go wrong with the store, and whether asking again may help.

use std::path::PathBuf;
use std::sync::Arc;

/// Why the store did not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// More is queued than the store will hold.
    #[error("the store's queue is full")]
    Busy,
    /// Its deadline passed before it was begun; nothing of it was written.
    #[error("the deadline passed before the store came to it; nothing was written")]
    Late,
    /// The disk is full, the file cannot be written or the disk fails; nothing of it was written.
    #[error("the store cannot be used: {source}")]
    Unavailable {
        /// What the engine said.
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// Something stored cannot be read: never guessed.
    #[error("stored {what} `{id}` is damaged")]
    Damaged {
        /// What kind of thing.
        what: &'static str,
        /// Which.
        id: String,
    },
    /// The file is no database of ours, or its pages are broken.
    #[error("{path} is damaged or no database: {source}", path = path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
        /// What the engine said.
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// A later release wrote the file.
    #[error("{path} has schema {found}, and this release knows {known}: use a later release", path = path.display())]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// The file's schema.
        found: u32,
        /// The newest schema known here.
        known: u32,
    },
    /// Another process uses the data directory.
    #[error("{dir} is in use by another process", dir = dir.display())]
    Locked {
        /// The data directory.
        dir: PathBuf,
    },
    /// The data directory cannot be made, read or written.
    #[error("cannot use the data directory {dir}: {source}", dir = dir.display())]
    Directory {
        /// The data directory.
        dir: PathBuf,
        /// What the system said.
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// A piece of work panicked, or never had enough; nothing of it was written.
    #[error("a bug in the work given to the store: {what}")]
    Bug {
        /// What happened.
        what: String,
    },
    /// The store is closing.
    #[error("the store is closed")]
    Closed,
}

impl Error {
    /// Whether the same call may succeed later, with nothing changed by the caller.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Busy | Self::Late | Self::Unavailable { .. } | Self::Closed => true,
            Self::Damaged { .. }
            | Self::NotADatabase { .. }
            | Self::NewerSchema { .. }
            | Self::Locked { .. }
            | Self::Directory { .. }
            | Self::Bug { .. } => false,
        }
    }

    /// Whether the fault is the engine's and not the work's, so that all work meets it.
    #[must_use]
    pub(crate) const fn is_outage(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::NotADatabase { .. })
    }
}
