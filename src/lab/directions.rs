//! Which way a signal may move a hazard, where the domain leaves no doubt: one list, with the reason of each line.
//!
//! A line holds where the prior's odds ratios rise (or fall) with the signal, and where a loss is what the signal counts.
//! "Missing" is no value, and so is bound by none. What each constraint costs is measured at every training.

use crate::decision::signal::Signal;
use crate::domain::hazard::Hazard;

/// Which way the log-odds go as the signal grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// They never fall.
    Up,
    /// They never rise.
    Down,
}

/// A line of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Of which signal.
    pub signal: Signal,
    /// Which way.
    pub way: Way,
    /// For which hazards.
    pub hazards: &'static [Hazard],
    /// Why nobody should have to argue about it.
    pub reason: &'static str,
}

const ALL: &[Hazard] = Hazard::ALL;
/// Whoever carries the parcel.
const CARRIED: &[Hazard] = &[Hazard::CourierTheft, Hazard::Substitution];
/// Whoever orders it.
const ORDERED: &[Hazard] = &[Hazard::FalseClaim, Hazard::AccountTakeover];
/// Whoever knows what is inside.
const KNOWING: &[Hazard] = &[
    Hazard::CourierTheft,
    Hazard::Substitution,
    Hazard::FalseClaim,
    Hazard::AccountTakeover,
];
const TAKEOVER: &[Hazard] = &[Hazard::AccountTakeover];
const CLAIM: &[Hazard] = &[Hazard::FalseClaim];

const fn up(signal: Signal, hazards: &'static [Hazard], reason: &'static str) -> Rule {
    Rule {
        signal,
        way: Way::Up,
        hazards,
        reason,
    }
}

const fn down(signal: Signal, hazards: &'static [Hazard], reason: &'static str) -> Rule {
    Rule {
        signal,
        way: Way::Down,
        hazards,
        reason,
    }
}

/// The whole list.
pub const RULES: &[Rule] = &[
    up(Signal::Resale, ALL, "what sells easily is worth stealing"),
    up(
        Signal::DearestItemValue,
        KNOWING,
        "a dearer item is worth more to whoever knows of it",
    ),
    up(
        Signal::ValueDensity,
        KNOWING,
        "more value by litre is easier to take and to hide",
    ),
    up(
        Signal::WeakPackaging,
        &[
            Hazard::CourierTheft,
            Hazard::Substitution,
            Hazard::FalseClaim,
        ],
        "an envelope shows what it holds and opens unseen",
    ),
    up(
        Signal::TechItems,
        KNOWING,
        "several of what resells best is a haul",
    ),
    up(
        Signal::SpendVsUsual,
        ORDERED,
        "an intruder spends what the customer never did",
    ),
    up(
        Signal::Orders24h,
        ORDERED,
        "who has little time orders in a row",
    ),
    down(
        Signal::AddressChangeDays,
        &[
            Hazard::PorchTheft,
            Hazard::FalseClaim,
            Hazard::AccountTakeover,
        ],
        "a younger change of the address is more suspicious",
    ),
    down(
        Signal::EmailChangeDays,
        ORDERED,
        "a younger change of the e-mail is more suspicious",
    ),
    down(
        Signal::PhoneChangeDays,
        ORDERED,
        "a younger change of the phone is more suspicious",
    ),
    down(
        Signal::ContactChangeDays,
        TAKEOVER,
        "a younger change of any contact is more suspicious",
    ),
    down(
        Signal::PasswordResetHours,
        TAKEOVER,
        "a younger reset of the password is more suspicious",
    ),
    up(
        Signal::NewDevice,
        ORDERED,
        "an intruder brings a device of his own",
    ),
    down(
        Signal::AccountAgeDays,
        ORDERED,
        "an older account has more to lose",
    ),
    up(
        Signal::BillingMismatch,
        ORDERED,
        "a bill that goes elsewhere is paid by somebody else",
    ),
    up(
        Signal::AddressPorchLosses180d,
        &[Hazard::PorchTheft, Hazard::CourierTheft, Hazard::FalseClaim],
        "where thieves found something they come again",
    ),
    up(
        Signal::AddressCourierLosses180d,
        CARRIED,
        "a loss on the way to this address happens again",
    ),
    up(
        Signal::RouteLossRatio,
        CARRIED,
        "a route that loses more loses more",
    ),
    up(
        Signal::DepotLossRatio,
        CARRIED,
        "a depot that loses more loses more",
    ),
    up(
        Signal::CustomerFalseClaims365d,
        CLAIM,
        "who claimed falsely does so again",
    ),
    up(
        Signal::CustomerClaimRate,
        CLAIM,
        "who claims more often claims falsely more often",
    ),
    up(
        Signal::LinkedFalseClaims365d,
        ORDERED,
        "who shares a device with a false claimant may be him",
    ),
    up(
        Signal::VisibleFromStreet,
        &[Hazard::PorchTheft],
        "what is seen from the street is taken from it",
    ),
    up(
        Signal::Subcontracted,
        CARRIED,
        "a subcontractor's courier is watched less",
    ),
    down(
        Signal::HeaviestItemKg,
        &[
            Hazard::PorchTheft,
            Hazard::CourierTheft,
            Hazard::Substitution,
        ],
        "nobody carries off what is heavy",
    ),
    up(
        Signal::SuspicionLevel,
        ALL,
        "a concrete suspicion never speaks for the suspect",
    ),
];

/// The line that binds a signal for a hazard, if one does.
#[must_use]
pub fn rule(hazard: Hazard, signal: Signal) -> Option<&'static Rule> {
    RULES
        .iter()
        .find(|rule| rule.signal == signal && rule.hazards.contains(&hazard))
}

#[cfg(test)]
mod tests {
    use super::{RULES, Way, rule};
    use crate::decision::model::{Bins, Model, PRIOR};
    use crate::domain::hazard::Hazard;

    #[test]
    fn the_prior_keeps_to_the_list_and_every_monotone_rise_of_it_is_on_the_list() {
        let prior = Model::load(PRIOR).unwrap();
        let parts = prior.parts();
        for hazard in Hazard::ALL.iter().copied() {
            for (signal, weights) in &parts.hazards[hazard.index()].mains {
                let Some(Bins::Edges(_) | Bins::YesNo) = prior.bins(*signal) else {
                    continue;
                };
                let known = &weights[1..];
                let (rises, falls) = (known.is_sorted(), known.iter().rev().is_sorted());
                match rule(hazard, *signal).map(|it| it.way) {
                    Some(Way::Up) => assert!(rises, "{hazard:?} {signal:?}"),
                    Some(Way::Down) => assert!(falls, "{hazard:?} {signal:?}"),
                    // The months are no scale, and what weighs a tenth is no law.
                    None => assert!(
                        signal.name() == "season" || signal.name() == "heaviest_item_kg",
                        "{hazard:?} {signal:?} {known:?}"
                    ),
                }
            }
        }
    }

    #[test]
    fn no_signal_is_bound_twice_for_a_hazard() {
        for hazard in Hazard::ALL {
            for one in RULES {
                let same = RULES
                    .iter()
                    .filter(|it| it.signal == one.signal && it.hazards.contains(hazard));
                assert!(same.count() <= 1, "{hazard:?} {:?}", one.signal);
            }
        }
    }
}
