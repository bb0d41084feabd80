//! Rows as bytes that are complete by themselves: for whoever holds many in memory and looks at few.

use super::{
    address, customer, dossier, link, read_address, read_customer, read_dossier, read_link,
};
use crate::domain::dossier::Dossier;
use crate::domain::profile::{Address, Customer, Link};

/// A row that goes into bytes, as the store keeps it, and comes back the same.
pub trait Packs: Default + PartialEq {
    /// As bytes.
    fn packed(&self) -> Vec<u8>;

    /// From the bytes of [`Packs::packed`]; none from others.
    fn unpacked(bytes: &[u8]) -> Option<Self>;
}

impl Packs for Dossier {
    fn packed(&self) -> Vec<u8> {
        dossier(self, None)
    }

    fn unpacked(bytes: &[u8]) -> Option<Self> {
        read_dossier(bytes, None).ok()
    }
}

impl Packs for Customer {
    /// The salt first: 32 bytes, or one where there is none yet.
    fn packed(&self) -> Vec<u8> {
        let salt = self.salt.as_ref().map_or(&[][..], |it| it.as_slice());
        let has_salt = u8::from(self.salt.is_some());
        [&[has_salt], salt, &customer(self)].concat()
    }

    fn unpacked(bytes: &[u8]) -> Option<Self> {
        let (has_salt, rest) = bytes.split_first()?;
        let (salt, rest) = match has_salt {
            0 => (None, rest),
            _ => rest
                .split_first_chunk()
                .map(|(salt, rest)| (Some(*salt), rest))?,
        };
        read_customer(rest, salt).ok()
    }
}

impl Packs for Address {
    fn packed(&self) -> Vec<u8> {
        address(self)
    }

    fn unpacked(bytes: &[u8]) -> Option<Self> {
        read_address(bytes).ok()
    }
}

impl Packs for Link {
    fn packed(&self) -> Vec<u8> {
        link(self)
    }

    fn unpacked(bytes: &[u8]) -> Option<Self> {
        read_link(bytes).ok()
    }
}
