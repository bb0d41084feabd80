//! The keys of the draw by epoch: the newest opens slots, older ones stay for slots opened under them.

use std::collections::BTreeMap;

use crate::domain::ids::KeyId;
use crate::domain::secret::Secret;

/// At least one key of the draw.
#[derive(Clone, Debug)]
pub struct KeyRing {
    newest: KeyId,
    keys: BTreeMap<KeyId, Secret<[u8; 32]>>,
}

impl KeyRing {
    /// A ring of `newest` and the older ones.
    #[must_use]
    pub fn new(
        newest: (KeyId, Secret<[u8; 32]>),
        older: impl IntoIterator<Item = (KeyId, Secret<[u8; 32]>)>,
    ) -> Self {
        let id = newest.0.clone();
        Self {
            newest: id,
            keys: older.into_iter().chain([newest]).collect(),
        }
    }

    /// The epoch that opens slots.
    #[must_use]
    pub const fn newest(&self) -> &KeyId {
        &self.newest
    }

    /// The epoch to draw with for a slot opened under `id`, with its key; the newest where that one is gone.
    #[must_use]
    pub fn get(&self, id: &KeyId) -> Option<(&KeyId, &Secret<[u8; 32]>)> {
        self.keys
            .get_key_value(id)
            .or_else(|| self.keys.get_key_value(&self.newest))
    }
}
