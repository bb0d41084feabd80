//! Rows as bytes, by their key.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::marker::PhantomData;

use crate::store::record::Packs;

/// Rows that nobody asked for lately. Each is here or unpacked elsewhere, never both; one that is nowhere is empty.
#[derive(Clone, Debug)]
pub struct Packed<K, R> {
    rows: BTreeMap<K, Box<[u8]>>,
    kind: PhantomData<R>,
}

impl<K, R> Default for Packed<K, R> {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            kind: PhantomData,
        }
    }
}

impl<K: Ord, R: Packs> Packed<K, R> {
    /// Takes one out.
    pub fn remove(&mut self, key: &K) -> Option<R> {
        R::unpacked(&self.rows.remove(key)?)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Takes in all of `rows`, where there are more than `most`. Empty ones leave no trace.
    pub(super) fn take_in(&mut self, rows: &mut BTreeMap<K, R>, most: usize) {
        if rows.len() <= most {
            return;
        }
        let empty = R::default();
        let told = std::mem::take(rows)
            .into_iter()
            .filter(|(_, row)| *row != empty);
        self.rows
            .extend(told.map(|(key, row)| (key, row.packed().into_boxed_slice())));
    }

    /// Puts one among `rows`, unless it is there.
    pub(super) fn give_out(&mut self, rows: &mut BTreeMap<K, R>, key: K) {
        if let Entry::Vacant(place) = rows.entry(key) {
            let row = self.remove(place.key()).unwrap_or_default();
            place.insert(row);
        }
    }
}

impl<K: Ord, R: Packs> Iterator for Packed<K, R> {
    type Item = (K, R);

    /// Takes the one with the first key out.
    fn next(&mut self) -> Option<Self::Item> {
        let (key, bytes) = self.rows.pop_first()?;
        Some((key, R::unpacked(&bytes)?))
    }
}
