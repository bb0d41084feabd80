//! What chance may change, and what it may not.

use super::{Explored, Spare, afresh, explore};
use crate::decision::answer::{Chance, CheckKind, Draw};
use crate::decision::choose::Choice;
use crate::decision::policy::{RandomChecks, Stratum};
use crate::domain::action::Action;
use crate::domain::action::Action::{ItemCodes, LockerOnly, None as Nothing, Otp, Review};
use crate::domain::ids::KeyId;
use crate::domain::profile::Ratchet;
use proptest::prelude::*;

fn choice(own: Action, allowed: &[Action]) -> Choice {
    Choice {
        own,
        priced: own,
        allowed: std::array::from_fn(|place| allowed.contains(&Action::ALL[place])),
        set: false,
        ruled: false,
    }
}

fn stratum(verify_micro: [u32; 2], spare_micro: [u32; 2]) -> Stratum {
    Stratum {
        id: "all".to_owned(),
        risk_below: f64::INFINITY,
        value_below_cents: f64::INFINITY,
        verify_micro,
        spare_micro,
    }
}

fn chance(draw_micro: u32, ratchet: Ratchet) -> Chance {
    let key_id = KeyId::try_new("epoch-1").unwrap();
    Chance {
        draw: Some(Draw {
            key_id,
            slot: 0,
            counter: 3,
            draw_micro,
        }),
        ratchet,
    }
}

const ALL: &[Action] = Action::ALL;

fn may(spare: bool) -> Spare {
    if spare { Spare::May } else { Spare::MustNot }
}

fn drawn(choice: &Choice, spare: bool, draw_micro: u32) -> Explored {
    let rates = stratum([20_000, 10_000], [30_000, 40_000]);
    explore(
        choice,
        may(spare),
        Some(&rates),
        &chance(draw_micro, Ratchet::default()),
    )
}

#[test]
fn rates_become_propensities_and_the_draw_falls_on_one() {
    let check = |sentence: &str, choice: &Choice, spare, draw_micro, action, propensities| {
        let explored = drawn(choice, spare, draw_micro);
        let got = (explored.action, explored.propensities);
        assert_eq!(got, (action, propensities), "{sentence}");
        let check = explored.check.unwrap();
        assert_eq!(check.drawn, action != choice.own, "{sentence}");
        let kind = match action.cmp(&choice.own) {
            std::cmp::Ordering::Greater => Some(CheckKind::Verified),
            std::cmp::Ordering::Less => Some(CheckKind::Spared),
            std::cmp::Ordering::Equal => None,
        };
        assert_eq!(check.kind, kind, "{sentence}");
    };
    let (none, otp, codes) = (
        choice(Nothing, ALL),
        choice(Otp, ALL),
        choice(ItemCodes, ALL),
    );
    let of_none = [970_000, 20_000, 10_000, 0, 0];
    check("strictest first", &none, true, 0, ItemCodes, of_none);
    check("then the next", &none, true, 10_000, Otp, of_none);
    check(
        "the rest is the policy's",
        &none,
        true,
        30_000,
        Nothing,
        of_none,
    );
    let of_otp = [30_000, 960_000, 10_000, 0, 0];
    check("both ways", &otp, true, 9_999, ItemCodes, of_otp);
    check("both ways", &otp, true, 970_000, Nothing, of_otp);
    check(
        "nothing is spared, stricter stays",
        &otp,
        false,
        999_999,
        Otp,
        [0, 990_000, 10_000, 0, 0],
    );
    let of_codes = [30_000, 40_000, 930_000, 0, 0];
    check("spared to a code", &codes, true, 930_000, Otp, of_codes);
    check(
        "spared to nothing",
        &codes,
        true,
        999_999,
        Nothing,
        of_codes,
    );
    check(
        "only what is possible",
        &choice(Nothing, &[Nothing, ItemCodes, Review]),
        true,
        10_000,
        Nothing,
        [990_000, 0, 10_000, 0, 0],
    );
    let certain = |at: usize| std::array::from_fn(|it| if it == at { 1_000_000 } else { 0 });
    check(
        "never from a locker",
        &choice(LockerOnly, ALL),
        true,
        999_999,
        LockerOnly,
        certain(3),
    );
    check(
        "never from a review",
        &choice(Review, ALL),
        true,
        999_999,
        Review,
        certain(4),
    );
    let set = Choice { set: true, ..otp };
    check(
        "never where a rule names the action",
        &set,
        true,
        0,
        Otp,
        certain(1),
    );
}

#[test]
fn without_a_draw_or_with_checks_off_the_policy_stands() {
    let choice = choice(Nothing, ALL);
    let rates = stratum([1_000_000, 0], [0, 0]);
    let ratchet = Ratchet([[1, 2, 3]; 3]);
    let preview = Chance {
        draw: None,
        ratchet,
    };
    let explored = explore(&choice, Spare::May, Some(&rates), &preview);
    assert_eq!((explored.action, &explored.check), (Nothing, &None));
    assert_eq!(explored.propensities, [1_000_000, 0, 0, 0, 0]);
    assert_eq!(explored.ratchet, ratchet);
    let off = explore(&choice, Spare::May, None, &chance(0, ratchet));
    assert_eq!((off.action, off.ratchet), (Nothing, ratchet));
    assert!(!off.check.unwrap().drawn, "filled, and changed nothing");
}

#[test]
fn a_spent_budget_stops_sparing_and_says_so_while_verifying_goes_on() {
    let rates = stratum([20_000, 10_000], [30_000, 40_000]);
    let explored = |own: Action, spare: Spare| {
        let draw = chance(999_999, Ratchet::default());
        let found = explore(&choice(own, ALL), spare, Some(&rates), &draw);
        (found.propensities, found.unspared)
    };
    let spared = explored(Otp, Spare::May);
    assert_eq!(spared, ([30_000, 960_000, 10_000, 0, 0], false));
    let spent = explored(Otp, Spare::Spent);
    assert_eq!(spent, ([0, 990_000, 10_000, 0, 0], true));
    assert!(!explored(Otp, Spare::MustNot).1, "no budget is why");
    assert!(!explored(Nothing, Spare::Spent).1, "nothing is milder");
}

#[test]
fn an_earlier_cart_binds_the_draw_of_the_same_own_action_only() {
    let often = stratum([0, 500_000], [0, 0]);
    let never = stratum([0, 0], [0, 0]);
    let all = choice(Nothing, ALL);
    let first = explore(
        &all,
        Spare::May,
        Some(&often),
        &chance(400_000, Ratchet::default()),
    );
    assert_eq!(first.action, ItemCodes);
    let again = explore(
        &all,
        Spare::May,
        Some(&never),
        &chance(400_000, first.ratchet),
    );
    assert_eq!(again.action, ItemCodes, "never more lenient");
    assert!(again.check.unwrap().ratcheted, "and says so");
    let no_codes = choice(Nothing, &[Nothing, Otp, Review]);
    let moved = explore(
        &no_codes,
        Spare::May,
        Some(&never),
        &chance(400_000, first.ratchet),
    );
    assert_eq!(moved.action, Otp, "to the strictest that is still possible");
    assert_eq!(moved.propensities, [500_000, 500_000, 0, 0, 0]);
    let none_left = choice(Nothing, &[Nothing, Review]);
    let own = explore(
        &none_left,
        Spare::May,
        Some(&never),
        &chance(400_000, first.ratchet),
    );
    assert_eq!(own.propensities, [1_000_000, 0, 0, 0, 0]);
    let other = explore(
        &choice(Otp, ALL),
        Spare::May,
        Some(&never),
        &chance(400_000, first.ratchet),
    );
    assert_eq!(other.action, Otp, "the policy's own answer is never bound");
}

#[test]
fn rates_are_those_of_the_first_stratum_that_holds_the_order() {
    let band = |id: &str, risk_below, value_below_cents| Stratum {
        id: id.to_owned(),
        risk_below,
        value_below_cents,
        ..stratum([0; 2], [0; 2])
    };
    let mut checks = RandomChecks {
        enabled: true,
        spare_value_cap_cents: 0.0,
        spare_budget_week_cents: None,
        strata: vec![
            band("low", 0.01, 10_000.0),
            band("high", 0.05, f64::INFINITY),
            band("rest", 0.05, 1.0),
        ],
    };
    let check = |checks: &RandomChecks, risk, value, expected: Option<&str>| {
        let found = checks.rates(risk, value).map(|it| it.id.as_str());
        assert_eq!(found, expected, "{risk} {value}");
    };
    check(&checks, 0.001, 5_000.0, Some("low"));
    check(&checks, 0.001, 10_000.0, Some("high"));
    check(&checks, 0.01, 5_000.0, Some("high"));
    check(&checks, 0.5, 5_000.0, Some("rest"));
    checks.enabled = false;
    check(&checks, 0.001, 5_000.0, None);
}

fn choices() -> impl Strategy<Value = Choice> {
    let allowed = prop::collection::vec(any::<bool>(), Action::COUNT);
    (prop::sample::select(ALL), allowed, any::<bool>()).prop_map(|(own, allowed, set)| Choice {
        own,
        priced: own,
        allowed: std::array::from_fn(|place| allowed[place] || place == own.index()),
        set,
        ruled: set,
    })
}

fn rates() -> impl Strategy<Value = Stratum> {
    let rate = || prop_oneof![Just(0_u32), 0_u32..60_000, 0_u32..=1_000_000];
    ([rate(), rate()], [rate(), rate()]).prop_map(|(verify, spare)| stratum(verify, spare))
}

proptest! {
    #[test]
    fn odds_add_up_and_only_what_is_allowed_is_taken(
        carts in prop::collection::vec((choices(), rates(), any::<bool>()), 1..6),
        draw_micro in 0_u32..1_000_000,
    ) {
        let mut ratchet = Ratchet::default();
        for (choice, rates, spare) in carts {
            let before = ratchet;
            let explored = explore(&choice, may(spare), Some(&rates), &chance(draw_micro, ratchet));
            let odds = explored.propensities;
            let first = explore(&choice, may(spare), Some(&rates), &chance(draw_micro, Ratchet::default()));
            prop_assert_eq!(afresh(&choice, may(spare), Some(&rates)), first.propensities);
            prop_assert_eq!(odds.iter().sum::<u32>(), 1_000_000);
            let taken = explored.action;
            prop_assert!(odds[taken.index()] > 0);
            for action in Action::ALL.iter().filter(|it| odds[it.index()] > 0) {
                prop_assert!(choice.allowed[action.index()]);
                prop_assert!(*action == choice.own || *action < LockerOnly);
                prop_assert!(spare || *action >= choice.own, "spared to {action:?}");
            }
            ratchet = explored.ratchet;
            for (kept, seen) in ratchet.0.iter().flatten().zip(before.0.iter().flatten()) {
                prop_assert!(kept >= seen, "the ratchet loosened");
            }
        }
    }

    #[test]
    fn editing_the_cart_never_makes_the_draw_more_lenient(
        rounds in prop::collection::vec(rates(), 2..6),
        own in prop::sample::select(&[Nothing, Otp, ItemCodes][..]),
        draw_micro in 0_u32..1_000_000,
    ) {
        let choice = choice(own, ALL);
        let (mut ratchet, mut strictest) = (Ratchet::default(), None);
        for rates in rounds {
            let explored = explore(&choice, Spare::May, Some(&rates), &chance(draw_micro, ratchet));
            prop_assert!(Some(explored.action) >= strictest);
            strictest = strictest.max(Some(explored.action));
            ratchet = explored.ratchet;
        }
    }
}
