//! The five ways in which a delivery is lost.

use super::closed::closed;

closed! {
    /// What may happen to a delivery; estimated apart, because each needs another control.
    Hazard {
        /// Stolen after an unattended drop.
        PorchTheft = 1 "PORCH_THEFT",
        /// Never handed over, though marked delivered.
        CourierTheft = 2 "COURIER_THEFT",
        /// Handed over, but emptied or swapped.
        Substitution = 3 "SUBSTITUTION",
        /// Received, and claimed as not received.
        FalseClaim = 4 "FALSE_CLAIM",
        /// Ordered or rerouted by an intruder.
        AccountTakeover = 5 "ACCOUNT_TAKEOVER",
    }
}

impl Hazard {
    /// How many there are.
    pub const COUNT: usize = 5;

    /// Its place in arrays that hold one value a hazard.
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::PorchTheft => 0,
            Self::CourierTheft => 1,
            Self::Substitution => 2,
            Self::FalseClaim => 3,
            Self::AccountTakeover => 4,
        }
    }

    /// The name in model and policy files, as in `porch_theft`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::PorchTheft => "porch_theft",
            Self::CourierTheft => "courier_theft",
            Self::Substitution => "substitution",
            Self::FalseClaim => "false_claim",
            Self::AccountTakeover => "account_takeover",
        }
    }
}
