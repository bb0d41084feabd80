//! What a decision says: action, requirements, reasons, prices, chance. Numbers and ids; words come later.

use super::reasons::Reason;
use super::signal::Signal;
use crate::domain::action::{Action, AlternativeKind, Obligation};
use crate::domain::hazard::Hazard;
use crate::domain::ids::{ContactId, ItemId, KeyId, LockerId};
use crate::domain::order::SecuredDrop;
use crate::domain::profile::Ratchet;
use crate::domain::units::{LogOddsMicro, MILLION, micros_of};

/// An answer to a situation, with everything that explains it.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// What the delivery is asked for.
    pub action: Action,
    /// What the policy would have said without chance.
    pub own_action: Action,
    /// Per line of the order, in its order.
    pub items: Vec<ItemRequirement>,
    /// What goes with the action, sorted.
    pub obligations: Vec<Obligation>,
    /// Where a code would go, whatever the action; none where none may be sent.
    pub code_contact_id: Option<ContactId>,
    /// Whom to tell: contacts from before a change.
    pub notify_contact_ids: Vec<ContactId>,
    /// Fitting lockers in reach, nearest first.
    pub locker_ids: Vec<LockerId>,
    /// What else would be accepted, best first.
    pub alternatives: Vec<Alternative>,
    /// Why, largest first.
    pub reasons: Vec<Reason>,
    /// P(any hazard) without verification, 0 to 1.
    pub risk: f64,
    /// All five, in the order of [`Hazard::ALL`].
    pub hazards: [HazardScore; Hazard::COUNT],
    /// All five, in the order of [`Action::ALL`].
    pub costs: [ActionCost; Action::COUNT],
    /// Rules with a condition on a missing signal or one that could not be evaluated.
    pub skipped_rules: Vec<SkippedRule>,
    /// What chance did, also where that was nothing; none in a preview.
    pub random_check: Option<RandomCheck>,
    /// Probability of every action in millionths, in the order of [`Action::ALL`]; sums to 1,000,000.
    pub propensities: [u32; Action::COUNT],
    /// The slot's ratchet after this decision.
    pub ratchet: Ratchet,
}

impl Decision {
    /// What sparing is expected to lose here, in millionths of the base currency: for every action milder than the
    /// policy's own, its probability times what more is lost under it.
    ///
    /// Lost is what the hazards cost; what is saved at the door is not set against it.
    #[must_use]
    pub fn spared_micro(&self) -> i64 {
        let lost = |action: Action| {
            let terms = self.costs.get(action.index()).map(|it| &it.terms);
            let terms = Term::ALL.iter().zip(terms.into_iter().flatten());
            terms
                .filter(|(term, _)| matches!(term, Term::Loss(_) | Term::DisplacedClaims))
                .fold(0.0, |sum, (_, cents)| sum + cents)
        };
        let own = lost(self.own_action);
        let milder = Action::ALL.iter().filter(|it| **it < self.own_action);
        let cents = milder
            .zip(&self.propensities)
            .fold(0.0, |sum, (action, share)| {
                let more = (lost(*action) - own).max(0.0);
                sum + more * f64::from(*share) / f64::from(MILLION)
            });
        micros_of(cents / 100.0)
    }
}

/// What one line of the order needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemRequirement {
    /// The line.
    pub item_id: ItemId,
    /// It is released by a code only.
    pub needs_code: bool,
    /// What goes with it, sorted.
    pub obligations: Vec<Obligation>,
}

/// Something else that would be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// Names it within the decision, as in `locker:locker-1`.
    pub alternative_id: String,
    /// What it is.
    pub kind: AlternativeKind,
    /// The action that it amounts to.
    pub action: Action,
    /// To which contact.
    pub contact_id: Option<ContactId>,
    /// In which locker.
    pub locker_id: Option<LockerId>,
    /// In which secured drop.
    pub secured_drop: Option<SecuredDrop>,
    /// What goes with it, sorted.
    pub obligations: Vec<Obligation>,
}

/// How probable a hazard is without verification, and what makes it so.
#[derive(Clone, Debug, PartialEq)]
pub struct HazardScore {
    /// Which.
    pub hazard: Hazard,
    /// 0 to 1.
    pub probability: f64,
    /// Of the reference order.
    pub base: LogOddsMicro,
    /// `base` and all contributions: exact.
    pub log_odds: LogOddsMicro,
    /// What each term adds; those that add nothing are left out.
    pub contributions: Vec<Contribution>,
}

/// What a signal, or a pair of them, adds to a hazard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// The signal.
    pub signal: Signal,
    /// The second signal of a pair.
    pub with: Option<Signal>,
    /// What it adds.
    pub log_odds: LogOddsMicro,
}

/// A term of an action's expected cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Term {
    /// What the hazard still costs under the action.
    Loss(Hazard),
    /// False claims hindered that come back as "empty".
    DisplacedClaims,
    /// Failed attempts.
    FailedAttempt,
    /// The courier's time.
    Handover,
    /// Messages.
    Messages,
    /// The seal.
    Seal,
    /// Sales lost at the checkout.
    Abandonment,
    /// The customer's bother.
    Burden,
    /// Lockers not emptied.
    Uncollected,
    /// The door saved; negative.
    DoorSaved,
    /// The reviewer.
    Person,
}

impl Term {
    /// How many there are.
    pub const COUNT: usize = 15;

    /// Every term, in a fixed order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Loss(Hazard::PorchTheft),
        Self::Loss(Hazard::CourierTheft),
        Self::Loss(Hazard::Substitution),
        Self::Loss(Hazard::FalseClaim),
        Self::Loss(Hazard::AccountTakeover),
        Self::DisplacedClaims,
        Self::FailedAttempt,
        Self::Handover,
        Self::Messages,
        Self::Seal,
        Self::Abandonment,
        Self::Burden,
        Self::Uncollected,
        Self::DoorSaved,
        Self::Person,
    ];

    /// Its place in [`Term::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Loss(hazard) => hazard.index(),
            Self::DisplacedClaims => 5,
            Self::FailedAttempt => 6,
            Self::Handover => 7,
            Self::Messages => 8,
            Self::Seal => 9,
            Self::Abandonment => 10,
            Self::Burden => 11,
            Self::Uncollected => 12,
            Self::DoorSaved => 13,
            Self::Person => 14,
        }
    }

    /// Its name in answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Loss(_) => "loss",
            Self::DisplacedClaims => "displaced_claims",
            Self::FailedAttempt => "failed_attempt",
            Self::Handover => "handover",
            Self::Messages => "messages",
            Self::Seal => "seal",
            Self::Abandonment => "abandonment",
            Self::Burden => "burden",
            Self::Uncollected => "uncollected",
            Self::DoorSaved => "door_saved",
            Self::Person => "person",
        }
    }
}

/// What an action is expected to cost.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionCost {
    /// Which.
    pub action: Action,
    /// Whether it is possible here; never returned otherwise.
    pub feasible: bool,
    /// Hundredths of the base currency: the sum of the terms in their order.
    pub total: f64,
    /// Hundredths of the base currency, in the order of [`Term::ALL`].
    pub terms: [f64; Term::COUNT],
    /// Why it is not possible; empty where it is.
    pub infeasible_because: Vec<super::reasons::Code>,
}

/// A rule that could not be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SkippedRule {
    /// The rule's id.
    pub rule: String,
    /// The missing signal's name.
    pub signal: String,
}

/// What chance did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RandomCheck {
    /// It changed the action.
    pub drawn: bool,
    /// Towards more or less; none where it changed nothing.
    pub kind: Option<CheckKind>,
    /// An earlier cart of the same slot made it stricter than a fresh draw would have been.
    pub ratcheted: bool,
    /// The draw key's epoch.
    pub key_id: KeyId,
    /// The slot.
    pub slot: u32,
    /// Completed orders.
    pub counter: u64,
    /// 0 to 999,999.
    pub draw_micro: u32,
}

/// Which way chance went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckKind {
    /// Stricter than the policy.
    Verified,
    /// Milder than the policy.
    Spared,
}

/// The outcome of one draw, made outside and brought in as a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chance {
    /// The draw; none in a preview.
    pub draw: Option<Draw>,
    /// The slot's ratchet so far.
    pub ratchet: Ratchet,
}

/// One draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    /// The draw key's epoch.
    pub key_id: KeyId,
    /// The slot.
    pub slot: u32,
    /// Completed orders.
    pub counter: u64,
    /// 0 to 999,999.
    pub draw_micro: u32,
}
