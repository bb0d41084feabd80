//! What an action truly changes, and what it truly costs.

use super::parameters::{Effect, Parameters, Prices};
use crate::domain::action::Action;
use crate::domain::hazard::Hazard;

/// Whom a code reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Nothing was changed in the account: whoever is in it reads what its owner reads.
    Account,
    /// Something was changed, and the code goes to a contact from before.
    Owner,
    /// It goes to a contact that was just put there.
    Newcomer,
}

/// The delivery that an action is played at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene {
    /// EUR of the whole order.
    pub(super) value: f64,
    /// Of this order.
    pub(super) parcels: u32,
    /// Of all orders that come to the address on the day.
    pub(super) parcels_at_stop: u32,
    /// Carrier and address allow codes.
    pub(super) takes_codes: bool,
    /// A locker is in reach and everything fits.
    pub(super) takes_locker: bool,
    pub(super) reach: Reach,
    /// An attempt that needs somebody at the door fails.
    pub(super) nobody_home: f64,
    /// Somebody is there, but without the code (of one parcel).
    pub(super) no_code: f64,
    /// How much more often the customer gives up when asked.
    pub(super) gives_up: f64,
}

impl Scene {
    /// What an action comes to at the door: one that cannot be played is none.
    pub(super) const fn played(&self, action: Action) -> Action {
        match action {
            Action::Otp | Action::ItemCodes if !self.takes_codes => Action::None,
            Action::LockerOnly if !self.takes_locker => Action::None,
            Action::None
            | Action::Otp
            | Action::ItemCodes
            | Action::LockerOnly
            | Action::Review => action,
        }
    }
}

/// What remains of each hazard's probability, by [`Hazard::index`].
pub(super) fn remaining(it: &Parameters, scene: &Scene, played: Action) -> [f64; Hazard::COUNT] {
    let Some(effect) = effect(it, played) else {
        return [1.0; Hazard::COUNT];
    };
    let fault = &it.effects.fault;
    let is_code = played.is_code();
    let several = scene.parcels_at_stop > 1;
    let alone = if several {
        effect.courier_several
    } else {
        effect.courier_one
    };
    // A code that is bypassed protects nothing; one that a courier talks out of somebody protects not from him.
    let around = |share: f64, effect: f64| {
        if is_code && effect < 1.0 {
            share.mul_add(1.0 - effect, effect)
        } else {
            effect
        }
    };
    let phished = if played == Action::Otp {
        fault.phished_share
    } else {
        fault.phished_each_share
    };
    let talked_out = 1.0 - (1.0 - phished) * (1.0 - fault.scanner_share);
    let takeover = match (scene.reach, played) {
        (Reach::Account, _) | (_, Action::Review) => effect.takeover_unchanged,
        (Reach::Owner, _) => effect.takeover_prior,
        (Reach::Newcomer, _) => 1.0,
    };
    let bypassed = |effect: f64| around(fault.bypass_share, effect);
    [
        bypassed(effect.porch),
        bypassed(around(talked_out, alone)),
        effect.substitution,
        bypassed(effect.false_claim),
        bypassed(takeover),
    ]
}

/// Of the false claims hindered, the share that comes back as "it was empty".
pub(super) fn displaced(it: &Parameters, played: Action) -> f64 {
    effect(it, played).map_or(0.0, |effect| effect.displaced_share)
}

const fn effect(it: &Parameters, played: Action) -> Option<&Effect> {
    match played {
        Action::None => None,
        Action::Otp => Some(&it.effects.otp),
        Action::ItemCodes => Some(&it.effects.item_codes),
        Action::LockerOnly => Some(&it.effects.locker_only),
        Action::Review => Some(&it.effects.review),
    }
}

/// What is lost if each hazard happens, by [`Hazard::index`], in EUR.
pub(super) fn losses(prices: &Prices, value: f64) -> [f64; Hazard::COUNT] {
    let plain = value + prices.handling;
    [
        plain,
        plain,
        value + prices.handling_substitution,
        plain,
        value + prices.handling_takeover,
    ]
}

/// A kind of cost of verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Term {
    /// Attempts that fail beyond those of a plain delivery.
    FailedAttempts,
    /// The courier's time at the door.
    Handover,
    /// Messages with codes.
    Messages,
    /// Sealed bags.
    Seals,
    /// Margin of sales lost when the demand was shown.
    Abandonment,
    /// What it costs customers, and the customers it costs.
    Burden,
    /// Lockers: parcels nobody collects, less what is saved on the door.
    Lockers,
    /// People who review.
    Reviews,
}

impl Term {
    /// Every term.
    pub const ALL: [Self; 8] = [
        Self::FailedAttempts,
        Self::Handover,
        Self::Messages,
        Self::Seals,
        Self::Abandonment,
        Self::Burden,
        Self::Lockers,
        Self::Reviews,
    ];

    /// Its name in tables and JSON.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::FailedAttempts => "failed_attempts",
            Self::Handover => "handover",
            Self::Messages => "messages",
            Self::Seals => "seals",
            Self::Abandonment => "abandonment",
            Self::Burden => "burden",
            Self::Lockers => "lockers",
            Self::Reviews => "reviews",
        }
    }

    /// Its place in arrays that hold one value a term.
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::FailedAttempts => 0,
            Self::Handover => 1,
            Self::Messages => 2,
            Self::Seals => 3,
            Self::Abandonment => 4,
            Self::Burden => 5,
            Self::Lockers => 6,
            Self::Reviews => 7,
        }
    }
}

/// How likely an attempt fails.
pub(super) fn fails(it: &Parameters, scene: &Scene, played: Action) -> f64 {
    let door = &it.door;
    match played {
        Action::None | Action::Review => door.failed_plain_share,
        Action::LockerOnly => door.failed_locker_share,
        Action::Otp => either(scene.nobody_home, scene.no_code),
        Action::ItemCodes => either(scene.nobody_home, more_codes(it, scene)),
    }
}

/// How likely somebody who is home has not all codes.
fn more_codes(it: &Parameters, scene: &Scene) -> f64 {
    either(
        scene.no_code,
        it.door.no_code_each_share * f64::from(scene.parcels),
    )
}

fn either(one: f64, other: f64) -> f64 {
    1.0 - (1.0 - one) * (1.0 - other)
}

/// How likely the sale is lost when the demand is shown.
pub(super) fn gives_up(it: &Parameters, scene: &Scene, shown: Action) -> f64 {
    let door = &it.door;
    let share = match shown {
        Action::None => 0.0,
        Action::Otp => door.abandon_otp_share,
        Action::ItemCodes => door.abandon_item_codes_share,
        Action::LockerOnly => door.abandon_locker_share,
        Action::Review => door.abandon_review_share,
    };
    (share * scene.gives_up).min(0.5)
}

/// Attempts that fail until one does not, or the parcel waits to be collected: two at most.
pub(super) fn attempts(fails: f64) -> f64 {
    fails.mul_add(fails, fails)
}

/// What an action costs in expectation, by [`Term::index`], in EUR.
pub(super) fn verification(it: &Parameters, scene: &Scene, shown: Action) -> [f64; 8] {
    let (prices, door) = (&it.prices, &it.door);
    let played = scene.played(shown);
    let mut terms = [0.0; 8];
    if shown == Action::None {
        return terms;
    }
    let parcels = f64::from(scene.parcels);
    let more = attempts(fails(it, scene, played)) - attempts(door.failed_plain_share);
    let seconds = match played {
        Action::Otp => prices.otp_seconds,
        Action::ItemCodes => prices
            .further_parcel_seconds
            .mul_add(parcels - 1.0, prices.item_codes_seconds),
        Action::None | Action::LockerOnly | Action::Review => 0.0,
    };
    let messages = match shown {
        Action::ItemCodes => parcels,
        Action::Otp | Action::LockerOnly => 1.0,
        Action::None | Action::Review => 0.0,
    };
    let burden = match shown {
        Action::None => 0.0,
        Action::Otp => prices.burden_otp,
        Action::ItemCodes => prices.burden_item_codes,
        Action::LockerOnly => prices.burden_locker,
        Action::Review => prices.burden_review,
    };
    let mut put = |term: Term, money: f64| {
        if let Some(place) = terms.get_mut(term.index()) {
            *place = money;
        }
    };
    put(Term::FailedAttempts, more * prices.failed_attempt);
    put(Term::Handover, seconds * prices.minute / 60.0);
    put(Term::Messages, messages * prices.message);
    put(
        Term::Seals,
        if played == Action::ItemCodes {
            prices.seal
        } else {
            0.0
        },
    );
    put(
        Term::Abandonment,
        gives_up(it, scene, shown) * prices.margin_share * scene.value,
    );
    put(Term::Burden, burden);
    let uncollected = door.uncollected_share * prices.failed_attempt - prices.locker_saved;
    put(
        Term::Lockers,
        if played == Action::LockerOnly {
            uncollected
        } else {
            0.0
        },
    );
    put(
        Term::Reviews,
        if played == Action::Review {
            prices.reviewer
        } else {
            0.0
        },
    );
    terms
}

/// What an action costs in all, in expectation: the losses that remain and the verification, in EUR. Infinite where it
/// cannot be played.
pub(super) fn cost(
    it: &Parameters,
    scene: &Scene,
    p: &[f64; Hazard::COUNT],
    action: Action,
) -> f64 {
    let played = scene.played(action);
    if played != action {
        return f64::INFINITY;
    }
    let (remaining, loss) = (
        remaining(it, scene, played),
        losses(&it.prices, scene.value),
    );
    let kept = 1.0 - gives_up(it, scene, action);
    let lost: f64 = (0..Hazard::COUNT)
        .map(|h| p[h] * remaining[h] * loss[h])
        .sum();
    let claim = Hazard::FalseClaim.index();
    let back = p[claim]
        * (1.0 - remaining[claim]).max(0.0)
        * displaced(it, played)
        * loss[Hazard::Substitution.index()];
    let terms: f64 = verification(it, scene, action).iter().sum();
    (lost + back).mul_add(kept, terms)
}

#[cfg(test)]
mod tests {
    use super::{Reach, Scene, cost, displaced, remaining};
    use crate::domain::action::Action;
    use crate::domain::hazard::Hazard;
    use crate::lab::simulate::parameters::{Parameters, WorldFile};

    fn parameters(name: &str) -> Parameters {
        WorldFile::built_in().unwrap().scenario(name).unwrap()
    }

    const SCENE: Scene = Scene {
        value: 500.0,
        parcels: 1,
        parcels_at_stop: 1,
        takes_codes: true,
        takes_locker: true,
        reach: Reach::Account,
        nobody_home: 0.08,
        no_code: 0.015,
        gives_up: 1.0,
    };

    #[test]
    fn codes_deter_and_attract_as_reports_say() {
        let it = parameters("baseline");
        let left = |scene: &Scene, action: Action, hazard: Hazard| {
            remaining(&it, scene, action)[hazard.index()]
        };
        let (several, courier) = (
            Scene {
                parcels_at_stop: 3,
                ..SCENE
            },
            Hazard::CourierTheft,
        );
        assert!(left(&SCENE, Action::Otp, courier) < 0.5);
        assert!(
            left(&several, Action::Otp, courier) > 1.2,
            "one code among several tells which to take"
        );
        assert!(
            left(&several, Action::ItemCodes, courier) < 0.4,
            "a code for each tells nothing"
        );
        assert!(left(&SCENE, Action::Otp, Hazard::Substitution) > 1.0);
        assert!(left(&SCENE, Action::ItemCodes, Hazard::Substitution) < 0.5);
        assert!(left(&SCENE, Action::LockerOnly, Hazard::PorchTheft) < 0.05);
        assert!(displaced(&it, Action::ItemCodes) < displaced(&it, Action::Otp));
    }

    #[test]
    fn a_code_to_the_intruders_own_contact_helps_nobody() {
        let it = parameters("baseline");
        let left = |reach: Reach, action: Action| {
            remaining(&it, &Scene { reach, ..SCENE }, action)[Hazard::AccountTakeover.index()]
        };
        for action in [Action::Otp, Action::ItemCodes] {
            assert!(
                (left(Reach::Newcomer, action) - 1.0).abs() < 1e-12,
                "{action:?}"
            );
            assert!(left(Reach::Owner, action) < 0.3, "{action:?}");
            assert!(left(Reach::Account, action) > 0.8, "{action:?}");
        }
        assert!(left(Reach::Newcomer, Action::Review) < 0.5);
    }

    #[test]
    fn an_action_that_cannot_be_played_is_none_and_never_worth_its_cost() {
        let it = parameters("baseline");
        let scene = Scene {
            takes_codes: false,
            takes_locker: false,
            ..SCENE
        };
        for action in [Action::Otp, Action::ItemCodes, Action::LockerOnly] {
            assert_eq!(scene.played(action), Action::None);
            assert!(cost(&it, &scene, &[0.1; 5], action).is_infinite());
        }
    }

    #[test]
    fn couriers_who_phish_or_break_scanners_leave_little_of_a_single_code() {
        let left = |name: &str, action: Action| {
            remaining(&parameters(name), &SCENE, action)[Hazard::CourierTheft.index()]
        };
        let usual = left("baseline", Action::Otp);
        for (name, action) in [
            ("phished-codes", Action::Otp),
            ("scanner-broken", Action::Otp),
            ("codes-ignored", Action::Otp),
        ] {
            assert!(left(name, action) > usual, "{name}");
        }
        assert!(left("phished-codes", Action::ItemCodes) < left("phished-codes", Action::Otp));
    }
}
