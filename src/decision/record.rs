//! A decision as it is kept: everything that judges it again, sealed by a digest chained to the order's record before.

use std::sync::Arc;

use super::answer::{Chance, Decision};
use super::situation::Situation;
use crate::domain::action::Origin;
use crate::domain::ids::DecisionId;
use crate::domain::order::Unit;
use crate::domain::units::{Digest, Timestamp};

/// What was in force when something was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The name that people use.
    pub id: String,
    /// Names it by its content.
    pub digest: Digest,
}

/// All versions that a decision rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versions {
    /// The policy.
    pub policy: Version,
    /// The model.
    pub model: Version,
    /// The catalogue.
    pub catalogue: Version,
    /// This program: its version, and the digest over it.
    pub engine: Version,
}

/// One decision as it is kept; never changed, only followed by another.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Opaque, time-ordered.
    pub decision_id: DecisionId,
    /// From 1.
    pub revision: u32,
    /// Who decided.
    pub origin: Origin,
    /// When.
    pub decided_at: Timestamp,
    /// Until when the answer holds, as decided: a cart that is placed later holds longer.
    pub valid_until: Timestamp,
    /// Whose slot.
    pub unit: Unit,
    /// Of the order's content.
    pub content: Digest,
    /// What was in force.
    pub versions: Arc<Versions>,
    /// What it was about; holds the order.
    pub situation: Situation,
    /// What chance brought in.
    pub chance: Chance,
    /// What was said.
    pub decision: Decision,
    /// Of the record before it for the same order; all zero for the first.
    pub before: Digest,
    /// Salt of the commitment to personal fields: the customer's.
    pub salt: [u8; 32],
    /// Over everything above and `before`; made by sealing.
    pub digest: Digest,
}

/// A record whose digest is made, with the bytes that it was made over: encoded once, and so written.
///
/// Only the store's encoding makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct Sealed {
    /// The record, its digest filled in.
    pub record: Arc<Record>,
    /// What names nobody, as stored.
    pub body: Vec<u8>,
    /// What names or places a person, as stored; erased with the salt.
    pub personal: Vec<u8>,
}
