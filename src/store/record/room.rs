//! Messages that rows are read into one after the other: what is read next lies in the room that the last one left.
//!
//! A row is a few hundred bytes and its messages some fifty small lists: making room for each costs more than reading it.

use std::sync::Arc;

use prost::Message;

use super::dossier::{self, Anchor};
use super::parts::{Broken, text};
use super::{Columns, Record, stored};
use crate::domain::dossier::Dossier;

/// Room for the messages of a decision's row, kept from one row to the next.
#[derive(Default)]
pub(in crate::store) struct Room {
    body: stored::Body,
    personal: stored::Personal,
    dossier: stored::Dossier,
}

impl Room {
    /// A record from its three parts.
    pub(in crate::store) fn record(
        &mut self,
        columns: Columns,
        body: &[u8],
        personal: &[u8],
    ) -> Result<Arc<Record>, Broken> {
        // `clear` gives the floats' room away; they are the longest lists.
        let mut reals = self.body.reals.take().unwrap_or_default();
        reals.clear();
        self.body.clear();
        self.body.reals = Some(reals);
        self.body.merge(body)?;
        self.personal.clear();
        self.personal.merge(text(personal))?;
        super::record(columns, &mut self.body, &mut self.personal)
    }

    /// A dossier from its row, and from what the row of the latest decision says.
    pub(in crate::store) fn dossier(
        &mut self,
        bytes: &[u8],
        anchor: Option<&Anchor>,
    ) -> Result<Dossier, Broken> {
        self.dossier.clear();
        self.dossier.merge(text(bytes))?;
        dossier::read(&self.dossier, anchor)
    }
}
