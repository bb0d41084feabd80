//! What is known: orders, events, profiles. Pure, and used by every other room.
//!
//! An [`order::Order`] is what the checkout tells, an [`event::Event`] what others tell later. All that is known of one
//! order is its [`dossier::Dossier`]; what follows from it for customers, addresses and routes is
//! [`dossier::Dossier::contributions`], a function of the dossier alone. A change of a dossier is settled by the
//! difference, which is why no order of arrival changes a profile.
//!
//! Nothing here waits, reads a clock, rolls dice or fails but in constructors. No type derives serde.

pub mod action;
pub mod caller;
pub mod catalogue;
pub(crate) mod closed;
pub mod content;
pub mod dossier;
pub mod event;
pub mod fold;
pub mod hazard;
pub mod ids;
pub mod memory;
pub mod order;
pub mod profile;
pub mod secret;
pub mod tally;
pub mod units;
