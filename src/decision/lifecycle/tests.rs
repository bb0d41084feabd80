//! Every rule by a table, and random acts of several principals against a model that knows no trail.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{Act, Approvers, Base, Book, Entry, Refusal, Stage, Wish, faults};
use crate::decision::record::Version;
use crate::domain::units::{Digest, Timestamp};

/// A version called `p1` and so on; `p0` is built in.
fn version(number: usize) -> Version {
    let id = format!("p{number}");
    Version {
        digest: Digest::of(id.as_bytes()),
        id,
    }
}

fn digest(number: usize) -> Digest {
    version(number).digest
}

fn activate(number: usize, expected: usize) -> Wish {
    Wish::Activate {
        digest: digest(number),
        expected: digest(expected),
    }
}

fn back(expected: usize) -> Wish {
    Wish::RollBack {
        expected: digest(expected),
    }
}

/// A trail that grows by the rules.
struct Desk {
    base: Base,
    approvers: Approvers,
    trail: Vec<Entry>,
}

impl Desk {
    fn new(approvers: Approvers) -> Self {
        Self {
            base: Base::BuiltIn(version(0)),
            approvers,
            trail: Vec::new(),
        }
    }

    fn book(&self) -> Book {
        Book::of(self.base.clone(), &self.trail)
    }

    /// True where the trail grew.
    fn act(&mut self, who: &str, wish: &Wish) -> Result<bool, Refusal> {
        let planned = self.book().plan(wish, who, self.approvers)?;
        let grew = planned.is_some();
        let at = Timestamp::from_micros(i64::try_from(self.trail.len()).unwrap());
        self.trail
            .extend(planned.map(|it| it.by(at, who, "because")));
        Ok(grew)
    }

    /// Proposed by ana and approved by ben.
    fn approved(&mut self, number: usize) {
        self.act("ana", &Wish::Propose(version(number))).unwrap();
        self.act("ben", &Wish::Approve(digest(number))).unwrap();
    }

    fn active(&self) -> String {
        self.book().active().unwrap().id.clone()
    }
}

#[test]
fn a_version_is_proposed_approved_activated_and_retired() {
    let mut desk = Desk::new(Approvers::Others);
    let stages = |desk: &Desk| {
        let book = desk.book();
        let stage = |number| book.find(digest(number)).map(|it| book.stage(it));
        [stage(0), stage(1)]
    };
    assert_eq!(stages(&desk), [Some(Stage::Active), None]);
    desk.act("ana", &Wish::Propose(version(1))).unwrap();
    assert_eq!(stages(&desk), [Some(Stage::Active), Some(Stage::Proposed)]);
    desk.act("ben", &Wish::Approve(digest(1))).unwrap();
    assert_eq!(stages(&desk), [Some(Stage::Active), Some(Stage::Approved)]);
    desk.act("ana", &activate(1, 0)).unwrap();
    assert_eq!(stages(&desk), [Some(Stage::Retired), Some(Stage::Active)]);
    desk.act("eve", &activate(0, 1)).unwrap();
    assert_eq!(stages(&desk), [Some(Stage::Active), Some(Stage::Retired)]);
    let book = desk.book();
    let one = book.find(digest(1)).unwrap();
    assert_eq!(
        (one.author.as_str(), one.approver.as_deref()),
        ("ana", Some("ben"))
    );
    assert_eq!(
        [one.proposed_at, one.approved_at, one.activated_at].map(|at| at.unwrap().as_micros()),
        [0, 1, 2]
    );
    assert!(!one.is_self_approved());
}

#[test]
fn every_refusal_says_what_would_be_right() {
    let mut desk = Desk::new(Approvers::Others);
    desk.approved(1);
    desk.act("ana", &activate(1, 0)).unwrap();
    desk.act("ana", &Wish::Propose(version(2))).unwrap();
    let book = desk.book();
    let check = |wish: Wish, expected: Refusal, says: &str| {
        let refused = book.plan(&wish, "ana", Approvers::Others).unwrap_err();
        assert_eq!(refused, expected);
        assert!(refused.to_string().contains(says), "{refused}");
    };
    check(
        Wish::Approve(digest(7)),
        Refusal::Unknown(digest(7)),
        "propose it first",
    );
    check(
        activate(7, 1),
        Refusal::Unknown(digest(7)),
        "propose it first",
    );
    check(
        Wish::Approve(digest(2)),
        Refusal::OwnProposal {
            version: version(2),
            author: "ana".to_owned(),
        },
        "another principal",
    );
    check(
        Wish::Approve(digest(1)),
        Refusal::NotProposed {
            version: version(1),
            stage: Stage::Active,
        },
        "is ACTIVE: only a PROPOSED one",
    );
    check(
        Wish::Approve(digest(0)),
        Refusal::NotProposed {
            version: version(0),
            stage: Stage::Retired,
        },
        "is RETIRED",
    );
    check(
        activate(2, 1),
        Refusal::NotApproved(version(2)),
        "approve it first",
    );
    check(
        activate(1, 1),
        Refusal::AlreadyActive(version(1)),
        "ACTIVE already",
    );
    check(
        activate(0, 2),
        Refusal::OtherActive {
            active: version(1),
            expected: digest(2),
        },
        "`p1`",
    );
    check(
        back(0),
        Refusal::OtherActive {
            active: version(1),
            expected: digest(0),
        },
        "expected_active_digest",
    );
    desk.act("ana", &back(1)).unwrap();
    let refused = desk.act("ana", &back(0)).unwrap_err();
    assert_eq!(refused, Refusal::NothingBefore(version(0)));
}

#[test]
fn the_only_principal_may_approve_its_own_and_the_version_says_so() {
    let mut desk = Desk::new(Approvers::AuthorToo);
    desk.act("dev", &Wish::Propose(version(1))).unwrap();
    desk.act("dev", &Wish::Approve(digest(1))).unwrap();
    assert!(desk.book().find(digest(1)).unwrap().is_self_approved());
}

#[test]
fn proposing_what_is_kept_changes_nothing() {
    let mut desk = Desk::new(Approvers::Others);
    assert!(desk.act("ana", &Wish::Propose(version(1))).unwrap());
    for again in [0, 1] {
        assert!(!desk.act("eve", &Wish::Propose(version(again))).unwrap());
    }
    assert_eq!(desk.book().find(digest(1)).unwrap().author, "ana");
}

#[test]
fn a_rollback_returns_to_what_was_before_and_again_further_back() {
    let mut desk = Desk::new(Approvers::Others);
    (1..=3).for_each(|it| desk.approved(it));
    desk.act("ana", &activate(1, 0)).unwrap();
    desk.act("ana", &activate(2, 1)).unwrap();
    desk.act("ana", &back(2)).unwrap();
    assert_eq!(desk.active(), "p1");
    // What was left by a rollback is not returned to.
    desk.act("ana", &activate(3, 1)).unwrap();
    desk.act("ana", &back(3)).unwrap();
    assert_eq!(desk.active(), "p1");
    desk.act("ana", &back(1)).unwrap();
    assert_eq!(desk.active(), "p0");
}

#[test]
fn a_file_is_the_authority_and_versions_are_still_proposed_and_approved() {
    let mut desk = Desk::new(Approvers::Others);
    desk.approved(1);
    desk.act("ana", &activate(1, 0)).unwrap();
    desk.base = Base::File(version(9));
    desk.approved(2);
    for wish in [activate(2, 9), activate(7, 9), back(9)] {
        let refused = desk.act("ana", &wish).unwrap_err();
        assert_eq!(refused, Refusal::FileRules(version(9)), "{wish:?}");
    }
    let book = desk.book();
    let shown: Vec<_> = book
        .newest()
        .into_iter()
        .map(|it| (it.version.id.as_str(), book.stage(it), it.author.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            ("p2", Stage::Approved, "ana"),
            ("p1", Stage::Retired, "ana"),
            ("p9", Stage::Active, "file"),
            ("p0", Stage::Retired, "doorstep"),
        ]
    );
    // Without the file, what was activated last is in force again.
    desk.base = Base::BuiltIn(version(0));
    assert_eq!(desk.active(), "p1");
}

#[test]
fn another_release_has_another_policy_built_in_and_what_was_activated_stays() {
    let mut desk = Desk::new(Approvers::Others);
    desk.base = Base::BuiltIn(version(8));
    assert_eq!(desk.active(), "p8");
    desk.base = Base::BuiltIn(version(0));
    desk.approved(1);
    desk.act("ana", &activate(1, 0)).unwrap();
    desk.base = Base::BuiltIn(version(8));
    assert_eq!(desk.active(), "p1");
    desk.act("ana", &back(1)).unwrap();
    assert_eq!(desk.active(), "p0");
    assert_eq!(faults(&desk.trail), []);
}

#[test]
fn a_name_means_the_version_proposed_last() {
    let mut desk = Desk::new(Approvers::Others);
    let twin = |text: &str| Version {
        id: "twin".to_owned(),
        digest: Digest::of(text.as_bytes()),
    };
    desk.act("ana", &Wish::Propose(twin("a"))).unwrap();
    desk.act("ana", &Wish::Propose(twin("b"))).unwrap();
    let book = desk.book();
    assert_eq!(book.named("twin").unwrap().version, twin("b"));
    assert_eq!(book.named("p0").unwrap().version, version(0));
    assert!(book.named("p7").is_none());
}

#[test]
fn a_trail_that_was_tampered_with_is_found_out() {
    let mut desk = Desk::new(Approvers::Others);
    desk.approved(1);
    desk.approved(2);
    desk.act("ana", &activate(1, 0)).unwrap();
    desk.act("ana", &activate(2, 1)).unwrap();
    desk.act("ana", &back(2)).unwrap();
    assert_eq!(faults(&desk.trail), []);
    let check = |what: &str, place: usize, spoil: &dyn Fn(&mut Vec<Entry>)| {
        let mut trail = desk.trail.clone();
        spoil(&mut trail);
        let found = faults(&trail);
        assert_eq!(
            found.first().map(|it| it.0),
            Some(place),
            "{what}: {found:?}"
        );
    };
    check("nobody proposed it", 1, &|it| drop(it.remove(0)));
    check("nobody approved it", 5, &|it| {
        drop(it.remove(3));
        it.iter_mut()
            .for_each(|entry| entry.at = Timestamp::from_micros(0));
    });
    check("an activation is gone", 6, &|it| drop(it.remove(5)));
    check("it returns elsewhere", 7, &|it| it[6].version = version(0));
    check("it replaces another", 6, &|it| {
        it[5].replaced = Some(version(0));
    });
    check("it replaces nothing", 5, &|it| it[4].replaced = None);
    check("it was proposed twice", 3, &|it| it[2] = it[0].clone());
    check("it is older", 4, &|it| it[3].at = Timestamp::from_micros(1));
}

/// What the rules are, written down another way: sets and a list, and no trail.
#[derive(Default)]
struct Model {
    author: BTreeMap<usize, &'static str>,
    approved: BTreeSet<usize>,
    /// From the built-in one to the one in force.
    played: Vec<usize>,
    acts: Vec<Act>,
}

impl Model {
    /// Whether the act is right; if so, it is done.
    fn act(&mut self, who: &'static str, wish: &Small) -> bool {
        let now = *self.played.last().unwrap();
        let (right, act) = match *wish {
            Small::Propose(it) => {
                if it != 0 && !self.author.contains_key(&it) {
                    self.author.insert(it, who);
                    self.acts.push(Act::Propose);
                }
                return true;
            }
            Small::Approve(it) => {
                let author = self.author.get(&it);
                let right = author.is_some_and(|author| *author != who);
                (right && self.approved.insert(it), Act::Approve)
            }
            Small::Activate(it, expected) => {
                let may = it == 0 || self.approved.contains(&it);
                let right = may && expected == now && it != now;
                if right {
                    self.played.push(it);
                }
                (right, Act::Activate)
            }
            Small::Back(expected) => {
                let right = expected == now && self.played.len() > 1;
                if right {
                    self.played.pop();
                }
                (right, Act::RollBack)
            }
        };
        self.acts.extend(right.then_some(act));
        right
    }
}

#[derive(Clone, Debug)]
enum Small {
    Propose(usize),
    Approve(usize),
    Activate(usize, usize),
    Back(usize),
}

impl Small {
    fn wish(&self) -> Wish {
        match *self {
            Self::Propose(it) => Wish::Propose(version(it)),
            Self::Approve(it) => Wish::Approve(digest(it)),
            Self::Activate(it, expected) => activate(it, expected),
            Self::Back(expected) => back(expected),
        }
    }
}

fn any_act() -> impl Strategy<Value = (&'static str, Small)> {
    let who = prop::sample::select(vec!["ana", "ben", "eve"]);
    let what = prop_oneof![
        (0..4_usize).prop_map(Small::Propose),
        (0..4_usize).prop_map(Small::Approve),
        (0..4_usize, 0..4_usize).prop_map(|(it, expected)| Small::Activate(it, expected)),
        (0..4_usize).prop_map(Small::Back),
    ];
    (who, what)
}

proptest! {
    #[test]
    fn random_acts_keep_exactly_one_version_in_force_and_a_complete_trail(
        acts in prop::collection::vec(any_act(), 0..80)
    ) {
        let mut desk = Desk::new(Approvers::Others);
        let mut model = Model { played: vec![0], ..Model::default() };
        for (who, act) in &acts {
            let done = desk.act(who, &act.wish());
            prop_assert_eq!(done.is_ok(), model.act(who, act), "{} {:?}: {:?}", who, act, done);
        }
        let book = desk.book();
        let told: Vec<_> = desk.trail.iter().map(|it| it.act).collect();
        prop_assert_eq!(told, model.acts);
        let active = model.played.last().map(|it| version(*it));
        prop_assert_eq!(book.active(), active.as_ref());
        let all = book.newest();
        let stages = all.iter().map(|it| book.stage(it));
        prop_assert_eq!(stages.filter(|it| *it == Stage::Active).count(), 1);
        prop_assert!(all.iter().all(|it| !it.is_self_approved()));
        prop_assert_eq!(all.len(), model.author.len() + 1);
        prop_assert_eq!(faults(&desk.trail), []);
    }
}
