//! Who decides: the one thing that a world asks from outside.

use std::sync::Arc;

use crate::domain::action::Action;
use crate::domain::event::Event;
use crate::domain::hazard::Hazard;
use crate::domain::ids::ContactId;
use crate::domain::order::Order;
use crate::domain::units::MILLION;

/// What a shop hears of its world.
#[derive(Clone, Debug)]
pub enum Happening {
    /// An order was placed: the shop answers with a verdict.
    Order(Arc<Order>),
    /// Something happened that shops are told: scans, handovers, failed attempts, claims, changes of an account.
    Event(Box<Event>),
}

/// What a shop demands of one delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The proof of handover.
    pub action: Action,
    /// Where the code goes, if one is sent; the world's intruders read what is sent to their own contacts.
    pub code_contact: Option<ContactId>,
    /// With which probability each action would have been taken, by [`Action::index`], in millionths; sum 1,000,000.
    pub propensities: [u32; Action::COUNT],
}

impl Verdict {
    /// An action taken without chance.
    #[must_use]
    pub fn certain(action: Action, code_contact: Option<ContactId>) -> Self {
        let mut propensities = [0; Action::COUNT];
        if let Some(one) = propensities.get_mut(action.index()) {
            *one = MILLION;
        }
        Self {
            action,
            code_contact,
            propensities,
        }
    }
}

/// What the world knows of one order and tells no trainer: only [`Shop::overhear`] hears it.
#[derive(Clone, Debug, PartialEq)]
pub struct Truth {
    /// The probability of each hazard if nothing is demanded, by [`Hazard::index`].
    pub without_control: [f64; Hazard::COUNT],
    /// The expected cost of each action, by [`Action::index`], in the currency's major units: losses that remain and
    /// everything the action costs; infinite where the action is impossible.
    pub cost: [f64; Action::COUNT],
    /// Where a code would best go.
    pub code_contact: Option<ContactId>,
}

/// A shop cannot go on: its world stops.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Closed(pub String);

/// A shop: it hears what happens, in order of time, and answers what each delivery has to prove.
///
/// A shop never sees the world's hidden state, only what a real one would be told.
pub trait Shop {
    /// Takes the happenings since the last tick, in order of time (about a day of them), and gives one verdict for
    /// each order among them, in their order. What a verdict changes happens after the last happening of the tick.
    ///
    /// # Errors
    /// [`Closed`] when the shop can give no more verdicts.
    fn tick(&mut self, batch: &[Happening]) -> Result<Vec<Verdict>, Closed>;

    /// The truth of the orders of the next tick, in their order. Every shop but an oracle lets it pass.
    fn overhear(&mut self, _truths: &[Truth]) {}
}
