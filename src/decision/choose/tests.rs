//! What rules leave, and what is chosen of it.

use super::{Choice, choose};
use crate::decision::answer::{ActionCost, Term};
use crate::decision::policy::{Feasible, Verdict};
use crate::decision::reasons::Code;
use crate::domain::action::Action;
use crate::domain::action::Action::{ItemCodes, LockerOnly, None as Nothing, Otp, Review};

/// Costs of none, otp, item codes, locker, review; what is not possible; what rules say; and the answer.
struct Case {
    costs: [f64; Action::COUNT],
    impossible: &'static [Action],
    verdict: Verdict,
    lapsed: Option<Action>,
}

impl Case {
    fn new() -> Self {
        Self {
            costs: [1.0, 2.0, 3.0, 4.0, 5.0],
            impossible: &[],
            verdict: Verdict::default(),
            lapsed: None,
        }
    }

    fn costs(self, costs: [f64; Action::COUNT]) -> Self {
        Self { costs, ..self }
    }

    fn impossible(self, impossible: &'static [Action]) -> Self {
        Self { impossible, ..self }
    }

    fn forbid(mut self, action: Action) -> Self {
        self.verdict.forbidden[action.index()] = true;
        self
    }

    fn set(mut self, action: Action) -> Self {
        self.verdict.set = Some(action);
        self
    }

    fn floor(mut self, action: Action) -> Self {
        self.verdict.floor = Some(action);
        self
    }

    fn lapsed(self, default: Action) -> Self {
        Self {
            lapsed: Some(default),
            ..self
        }
    }

    fn choice(&self) -> Choice {
        let mut feasible = Feasible::default();
        for action in self.impossible {
            feasible.because[action.index()].push(Code::NoContact);
        }
        let costs = std::array::from_fn(|place| ActionCost {
            action: Action::ALL[place],
            feasible: feasible.allows(Action::ALL[place]),
            total: self.costs[place],
            terms: [0.0; Term::COUNT],
            infeasible_because: Vec::new(),
        });
        choose(&feasible, &self.verdict, &costs, self.lapsed)
    }
}

#[test]
fn the_cheapest_that_is_possible_and_allowed_is_chosen() {
    let check = |sentence: &str, case: Case, expected: Action| {
        assert_eq!(case.choice().own, expected, "{sentence}");
    };
    let new = Case::new;
    check("the cheapest", new(), Nothing);
    check(
        "of two equal costs the milder",
        new().costs([3.0, 2.0, 2.0, 2.0, 2.0]),
        Otp,
    );
    check(
        "the cheapest that is possible",
        new().costs([9.0, 2.0, 3.0, 4.0, 5.0]).impossible(&[Otp]),
        ItemCodes,
    );
    check(
        "a review is priced like the others",
        new().costs([9.0, 8.0, 7.0, 6.0, 5.0]),
        Review,
    );
    check("a floor", new().floor(Otp), Otp);
    check(
        "the cheapest above a floor",
        new().floor(Otp).costs([1.0, 9.0, 9.0, 4.0, 5.0]),
        LockerOnly,
    );
    check(
        "a review satisfies every floor",
        new().floor(Otp).costs([1.0, 9.0, 9.0, 9.0, 5.0]),
        Review,
    );
    check(
        "an impossible floor moves up",
        new().floor(Otp).impossible(&[Otp]),
        ItemCodes,
    );
    check(
        "at last to a review",
        new().floor(Otp).impossible(&[Otp, ItemCodes, LockerOnly]),
        Review,
    );
    check(
        "what is forbidden is not chosen",
        new().forbid(Nothing),
        Otp,
    );
    check(
        "what is set is chosen at any price",
        new().set(LockerOnly),
        LockerOnly,
    );
    check(
        "what is set and impossible moves up, not to the cheapest",
        new()
            .set(Otp)
            .impossible(&[Otp])
            .costs([1.0, 9.0, 9.0, 1.0, 1.0]),
        ItemCodes,
    );
    check(
        "what is set and forbidden moves up",
        new().set(Otp).forbid(Otp),
        ItemCodes,
    );
    check(
        "a set comes before a floor",
        new().set(Nothing).floor(Otp),
        Nothing,
    );
}

#[test]
fn a_lapsed_review_gives_the_default_or_milder_and_asks_again_only_for_a_rule() {
    let check = |sentence: &str, case: Case, expected: Action| {
        assert_eq!(case.choice().own, expected, "{sentence}");
    };
    let costly = || Case::new().costs([9.0, 8.0, 7.0, 6.0, 1.0]);
    const ALL: &[Action] = &[Otp, ItemCodes, LockerOnly];
    check(
        "the default is a floor",
        costly().lapsed(ItemCodes),
        LockerOnly,
    );
    check(
        "with the cheapest above it",
        costly().costs([1.0, 2.0, 3.0, 4.0, 0.0]).lapsed(ItemCodes),
        ItemCodes,
    );
    check(
        "the rule that asked for the review is answered",
        costly().set(Review).lapsed(Otp).impossible(&[LockerOnly]),
        ItemCodes,
    );
    check(
        "so is the floor that did",
        costly().floor(Review).lapsed(Otp).impossible(&[LockerOnly]),
        ItemCodes,
    );
    check(
        "a stricter floor of a rule stands",
        costly().floor(LockerOnly).lapsed(Otp),
        LockerOnly,
    );
    check(
        "nothing at or above the default is possible",
        costly().lapsed(Otp).impossible(ALL),
        Nothing,
    );
    check(
        "and a rule forbids nothing",
        costly().lapsed(Otp).impossible(ALL).forbid(Nothing),
        Review,
    );
    check(
        "and a rule's own floor is not possible either",
        costly().lapsed(Otp).impossible(ALL).floor(Otp),
        Review,
    );
    check(
        "something milder than the default is no answer",
        costly().lapsed(LockerOnly).impossible(&[LockerOnly]),
        Nothing,
    );
    check(
        "a review's rule with no default possible goes as it is",
        costly().set(Review).lapsed(ItemCodes).impossible(ALL),
        Nothing,
    );
}

#[test]
fn chance_is_told_what_rules_determined() {
    let check = |sentence: &str, case: Case, ruled: bool, allowed: [bool; Action::COUNT]| {
        let choice = case.choice();
        assert_eq!(
            (choice.ruled, choice.allowed),
            (ruled, allowed),
            "{sentence}"
        );
    };
    let dear = || Case::new().costs([9.0, 8.0, 1.0, 7.0, 6.0]);
    check("price alone", Case::new(), false, [true; 5]);
    check(
        "a floor below what price alone chooses excludes, and determines nothing",
        dear().floor(Otp),
        false,
        [false, true, true, true, true],
    );
    check(
        "a floor at what price alone chooses",
        dear().floor(ItemCodes),
        true,
        [false, false, true, true, true],
    );
    check(
        "a floor that lifts",
        Case::new().floor(Otp),
        true,
        [false, true, true, true, true],
    );
    check(
        "a forbid that lifts",
        Case::new().forbid(Nothing),
        true,
        [false, true, true, true, true],
    );
    check(
        "an impossible action is not allowed",
        dear().impossible(&[Otp]),
        false,
        [true, false, true, true, true],
    );
}
