//! What an order's outcome says of each hazard, and for whom it speaks: fault, maturity, and what the action hindered.
//!
//! An order whose outcome is not known yet has no label, and neither has a hazard that the order's action hindered: "no
//! loss" under a code is no sign that none was tried. Nothing is imputed; what is left out is counted by its reason.

use crate::domain::action::Action;
use crate::domain::dossier::{ClaimFile, Dossier};
use crate::domain::event::{ClaimKind, Fault};
use crate::domain::hazard::Hazard;
use crate::domain::ids::ClaimId;
use crate::domain::units::{Span, Timestamp, Zone};

/// How long after the handover claims still come in, where nobody says otherwise: 60 days (assumed).
pub const CLAIM_WINDOW: Span = Span::days(60);

/// When an outcome counts as known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Maturity {
    /// The moment from which one looks back: what was settled later is not known.
    pub as_of: Timestamp,
    /// How long after the handover claims still come in.
    pub claim_window: Span,
    /// Orders of which no parcel was ever heard count as shipped on their day: for shops that tell of no parcels.
    pub unheard_shipped: bool,
}

/// Why an order says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOut {
    /// A cart that was never placed.
    NeverPlaced,
    /// Cancelled before it was handed over.
    Cancelled,
    /// Placed, and no parcel of it was ever heard of.
    NeverShipped,
    /// Shipped before anything was decided: what was measured then knew too much.
    DecidedTooLate,
    /// Claims may still come in.
    TooYoung,
    /// A claim is open.
    ClaimOpen,
}

impl LeftOut {
    /// Every reason, in the order in which they are looked at.
    pub const ALL: &'static [Self] = &[
        Self::NeverPlaced,
        Self::Cancelled,
        Self::NeverShipped,
        Self::DecidedTooLate,
        Self::TooYoung,
        Self::ClaimOpen,
    ];

    /// For tables and cards.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::NeverPlaced => "carts that were never placed",
            Self::Cancelled => "cancelled before they were handed over",
            Self::NeverShipped => "placed, and no parcel heard of",
            Self::DecidedTooLate => "shipped before anything was decided",
            Self::TooYoung => "too young: claims may still come in",
            Self::ClaimOpen => "a claim is open",
        }
    }
}

/// What became of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Which hazards happened, in the order of [`Hazard::ALL`].
    pub losses: [bool; Hazard::COUNT],
    /// Settled claims that name no hazard: nobody's fault, or damage.
    pub unnamed: u32,
}

/// A claim that cannot be: it happened before its order was placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impossible {
    /// Which.
    pub claim_id: ClaimId,
    /// When it is said to have happened.
    pub at: Timestamp,
    /// When the order was placed.
    pub placed_at: Timestamp,
}

/// The hazard that a settled claim speaks for, if it speaks for one.
#[must_use]
pub const fn hazard_of(fault: Fault, kind: ClaimKind) -> Option<Hazard> {
    match (fault, kind) {
        (_, ClaimKind::Damaged) | (Fault::Unknown, _) => None,
        (Fault::Porch, _) => Some(Hazard::PorchTheft),
        (Fault::Customer, _) => Some(Hazard::FalseClaim),
        (Fault::AccountTakeover, _) => Some(Hazard::AccountTakeover),
        (Fault::Courier | Fault::Depot, ClaimKind::Empty | ClaimKind::Swapped) => {
            Some(Hazard::Substitution)
        }
        (Fault::Courier | Fault::Depot, ClaimKind::NotReceived) => Some(Hazard::CourierTheft),
        (Fault::Courier | Fault::Depot, ClaimKind::Unknown) => None,
    }
}

/// When the order went on its way; none where it never did.
#[must_use]
pub fn shipped_at(dossier: &Dossier, maturity: &Maturity) -> Option<Timestamp> {
    let told = dossier.dispatched_at().filter(|at| *at <= maturity.as_of);
    told.or_else(|| {
        let placement = dossier.placement().filter(|_| maturity.unheard_shipped)?;
        Some(placement.at)
    })
}

/// Whether a decision of this time was there when the order went on its way.
#[must_use]
pub fn in_force(decided_at: Timestamp, dossier: &Dossier, maturity: &Maturity) -> bool {
    decided_at <= dossier.dispatched_at().unwrap_or(maturity.as_of)
}

/// What became of an order, if that is known.
///
/// # Errors
/// Why it says nothing.
pub fn outcome(dossier: &Dossier, maturity: &Maturity) -> Result<Outcome, LeftOut> {
    let placement = dossier.placement().ok_or(LeftOut::NeverPlaced)?;
    let known = |at: &Timestamp| *at <= maturity.as_of;
    let ended = dossier.ended_at().filter(known);
    if dossier.cancelled.as_ref().is_some_and(|it| known(&it.at)) && ended.is_none() {
        return Err(LeftOut::Cancelled);
    }
    let shipped = shipped_at(dossier, maturity).ok_or(LeftOut::NeverShipped)?;
    let due = placement.date.map(|date| Zone::UTC.end_of(date));
    let last = ended.unwrap_or_else(|| due.map_or(shipped, |due| due.max(shipped)));
    if last.plus(maturity.claim_window) > maturity.as_of {
        return Err(LeftOut::TooYoung);
    }
    let mut outcome = Outcome::default();
    for claim in dossier.claims.values().filter(|it| known(&it.at)) {
        let settled = claim.settled.as_ref().filter(|it| known(&it.at));
        let settled = settled.ok_or(LeftOut::ClaimOpen)?;
        match hazard_of(settled.fault, claim.kind) {
            Some(hazard) => {
                if let Some(lost) = outcome.losses.get_mut(hazard.index()) {
                    *lost = true;
                }
            }
            None => outcome.unnamed += 1,
        }
    }
    Ok(outcome)
}

/// The first claim of an order that happened before the order was placed.
#[must_use]
pub fn impossible(dossier: &Dossier) -> Option<Impossible> {
    let placed_at = dossier.placement()?.at;
    let early = |(_, claim): &(&ClaimId, &ClaimFile)| claim.at < placed_at;
    let (claim_id, claim) = dossier.claims.iter().find(early)?;
    Some(Impossible {
        claim_id: claim_id.clone(),
        at: claim.at,
        placed_at,
    })
}

/// Whether an order's action left a hazard alone, so that the order's outcome speaks for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Support {
    /// It did; the order stands for this many: one by the logged probability of an action that leaves it alone.
    Weight(f64),
    /// The action hindered the hazard, or helped it: no label, and others stand for this order.
    Hindered,
    /// No action that leaves it alone had a chance: outside the population, and nobody stands for it.
    Outside,
}

/// For whom an order's outcome speaks, by hazard in the order of [`Hazard::ALL`].
///
/// `action`, `chances`: what it got, and the logged propensities in millionths. `effects`: what each action leaves of
/// each hazard in the recorded situation, by the policy that was in force.
#[must_use]
pub fn support(
    action: Action,
    chances: &[u32; Action::COUNT],
    effects: &[[f64; Action::COUNT]; Hazard::COUNT],
) -> [Support; Hazard::COUNT] {
    let taken = action.index();
    effects.map(|effects| {
        let alone = effects.map(|effect| (effect - 1.0).abs() < 1e-9);
        let micro: u32 = chances
            .iter()
            .zip(alone)
            .filter_map(|(chance, alone)| alone.then_some(*chance))
            .sum();
        if micro == 0 {
            Support::Outside
        } else if alone.get(taken).copied().unwrap_or(false) {
            Support::Weight(1e6 / f64::from(micro))
        } else {
            Support::Hindered
        }
    })
}

#[cfg(test)]
mod tests;
