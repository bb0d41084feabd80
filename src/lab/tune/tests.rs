//! Tuning: the line is exact, what is found is near the best, and the written policy answers as was said.

use proptest::prelude::*;

use super::frontier::{line, sample};
use super::search::{Limits, Unreached, asked, moved, search};
use super::written::{least, written};
use super::*;
use crate::decision::answer::Chance;
use crate::decision::fixtures;
use crate::decision::judge::{judge, weigh};
use crate::decision::policy::{self, Policy};
use crate::domain::profile::Ratchet;
use crate::lab::dataset::By as Part;

const DAY: i64 = 86_400_000_000;

/// An order with these totals and losses by action; a total below zero: not open.
fn order(number: i64, totals: [f64; 5], losses: [f64; 5], stake: f64, recorded: Action) -> Order {
    let mut open = [None; Action::COUNT];
    for ((place, total), loss) in open.iter_mut().zip(totals).zip(losses) {
        *place = (total >= 0.0).then_some(Open {
            total,
            loss,
            supported: true,
        });
    }
    let mut order = Order {
        customer: u64::try_from(number / 2).unwrap(),
        at: Timestamp::from_micros(number * DAY / 40),
        value: stake * 1_000.0,
        stake,
        recorded,
        own: Action::None,
        by: By::Price,
        open,
        segment: Segment::default(),
    };
    order.own = order.answer(&Knobs::default());
    order
}

/// Orders as a shop has them: most not worth a code, some dear, a few that nothing but a person should see.
fn orders(count: i64) -> Vec<Order> {
    let share = |n: i64, of: i64| {
        crate::domain::units::to_f64(n * 7_919 % of) / crate::domain::units::to_f64(of)
    };
    (0..count)
        .map(|n| {
            let danger = libm::exp(3.0 * share(n, 1_009) + 2.0 * share(n, 613)) * 4.0;
            let loss = [
                danger,
                danger * 0.3,
                danger * 0.2,
                danger * 0.15,
                danger * 0.4,
            ];
            let costs = [30.0, 170.0, 280.0 + 40.0 * share(n, 97), 700.0, 950.0];
            let mut totals = [0.0; 5];
            for ((total, loss), cost) in totals.iter_mut().zip(loss).zip(costs) {
                *total = loss + cost;
            }
            if n % 11 == 0 {
                // A contact that nobody can trust: no code, no locker.
                (totals[1], totals[2], totals[3]) = (-1.0, -1.0, -1.0);
                totals[4] -= share(n, 503) * 900.0;
            }
            order(n, totals, loss, danger / 100.0, Action::None)
        })
        .collect()
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * a.abs().max(b.abs()).max(1.0)
}

#[test]
fn every_step_of_the_line_is_what_its_price_comes_to() {
    let orders = orders(3_000);
    for floor in [None, Some(3.0)] {
        let others = Knobs {
            bother: 0,
            review: 150,
            floor,
        };
        let steps = line(&orders, &others, -40);
        assert!(steps.len() > 50, "{}", steps.len());
        assert!(steps.windows(2).all(|it| it[0].bother > it[1].bother));
        for step in steps.iter().step_by(7) {
            let knobs = Knobs {
                bother: step.bother,
                ..others
            };
            let afresh = figures(&orders, &knobs);
            assert!(near(step.figures.loss, afresh.loss), "{step:?} {afresh:?}");
            assert!(near(step.figures.total, afresh.total));
            assert!(near(step.figures.asked, afresh.asked));
            assert!(near(step.figures.reviews, afresh.reviews));
            assert!(near(step.figures.changed, afresh.changed));
        }
    }
}

#[test]
fn a_price_between_two_steps_comes_to_the_upper_one() {
    let orders = orders(500);
    let steps = line(&orders, &Knobs::default(), -40);
    for pair in steps.windows(2) {
        let between = Knobs {
            bother: pair[1].bother + 1,
            ..Knobs::default()
        };
        assert!(
            near(figures(&orders, &between).asked, pair[0].figures.asked),
            "{pair:?}"
        );
    }
}

#[test]
fn some_steps_of_a_line_reach_from_end_to_end() {
    let steps = line(&orders(3_000), &Knobs::default(), -40);
    let some = sample(&steps, 9);
    assert_eq!(some.first(), steps.first());
    assert_eq!(some.last(), steps.last());
    assert!(some.len() >= 8, "{}", some.len());
    assert!(sample(&[], 9).is_empty());
}

/// The cheapest of all settings on a fine grid.
fn brute(orders: &[Order], goals: &Goals, limits: &Limits) -> Option<f64> {
    let stakes = (0..20).map(|n| Some(f64::from(n) * 0.5));
    let floors: Vec<_> = std::iter::once(None).chain(stakes).collect();
    let mut best: Option<f64> = None;
    for floor in floors {
        for review in [0, 25, 50, 100, 150, 200, 300, 400, 600, 800, 1_000] {
            for bother in (limits.least..600).step_by(8) {
                let figures = figures(
                    orders,
                    &Knobs {
                        bother,
                        review,
                        floor,
                    },
                );
                if figures.meets(goals) && best.is_none_or(|it| figures.total < it) {
                    best = Some(figures.total);
                }
            }
        }
    }
    best
}

#[test]
fn what_is_found_is_within_two_percent_of_the_best_of_a_grid() {
    let orders = orders(400);
    let limits = Limits {
        least: -40,
        unsupported_max: 1.0,
    };
    let live = figures(&orders, &Knobs::default());
    let goals = [
        Goals {
            bothered_max: Some(live.bothered() / 2.0),
            ..Goals::default()
        },
        Goals {
            reviews_max: Some(live.reviews_a_day() / 3.0),
            ..Goals::default()
        },
        Goals {
            loss_max: Some(live.loss / live.orders * 0.8),
            ..Goals::default()
        },
        Goals {
            bothered_max: Some(live.bothered() * 0.8),
            reviews_max: Some(live.reviews_a_day() / 2.0),
            ..Goals::default()
        },
    ];
    for goals in goals {
        let found = search(&orders, &goals, &limits).unwrap();
        assert!(found.figures.meets(&goals), "{goals:?} {found:?}");
        let afresh = figures(&orders, &found.knobs);
        assert!(near(afresh.total, found.figures.total) && afresh.meets(&goals));
        let best = brute(&orders, &goals, &limits).unwrap();
        assert!(
            found.figures.total <= best * 1.02,
            "{goals:?}: {} against {best}",
            found.figures.total
        );
    }
}

#[test]
fn without_a_goal_nothing_is_turned() {
    let orders = orders(800);
    let limits = Limits {
        least: -40,
        unsupported_max: 1.0,
    };
    let found = search(&orders, &Goals::default(), &limits).unwrap();
    assert!(near(
        found.figures.total,
        figures(&orders, &Knobs::default()).total
    ));
}

#[test]
fn what_cannot_be_reached_says_how_far_it_goes() {
    let orders = orders(800);
    let limits = Limits {
        least: -40,
        unsupported_max: 1.0,
    };
    let goals = Goals {
        bothered_max: Some(0.0),
        loss_max: Some(1.0),
        ..Goals::default()
    };
    let Err(Unreached::Goals(ends)) = search(&orders, &goals, &limits) else {
        panic!("reached");
    };
    assert!(ends[0].asked < ends[1].asked && ends[0].loss > ends[1].loss);
    assert_eq!(search(&[], &goals, &limits), Err(Unreached::Nothing));
}

#[test]
fn what_the_record_never_saw_is_not_proposed() {
    let mut orders = orders(800);
    for order in &mut orders {
        order.recorded = order.own;
        let kept = order.own;
        for (action, open) in Action::ALL.iter().zip(&mut order.open) {
            if let Some(open) = open {
                open.supported = *action == kept;
            }
        }
    }
    let limits = Limits {
        least: -40,
        unsupported_max: 0.1,
    };
    let live = figures(&orders, &Knobs::default());
    let goals = Goals {
        bothered_max: Some(live.bothered() / 2.0),
        ..Goals::default()
    };
    let refused = search(&orders, &goals, &limits);
    assert!(
        matches!(refused, Err(Unreached::Unsupported(_))),
        "{refused:?}"
    );
    for order in &mut orders {
        order
            .open
            .iter_mut()
            .flatten()
            .for_each(|it| it.supported = true);
    }
    assert!(search(&orders, &goals, &limits).is_ok());
}

#[test]
fn what_changes_is_counted_by_answers_and_by_segment() {
    let orders = orders(800);
    let dear = Knobs {
        bother: 300,
        ..Knobs::default()
    };
    let all = moved(&orders, &dear);
    assert_eq!(all.values().map(|it| it.orders).sum::<u64>(), 800);
    assert!(
        all.contains_key(&(Action::ItemCodes, Action::None))
            || all.contains_key(&(Action::Otp, Action::None))
    );
    let segments = asked(&orders, &dear, Part::Country);
    let unknown = segments["unknown"];
    assert_eq!(unknown.orders, 800);
    assert!(unknown.after < unknown.before);
}

#[test]
fn the_file_keeps_its_words_and_gets_the_new_prices() {
    let text = policy::DEFAULT;
    assert_eq!(least(text), Some(-40));
    let knobs = Knobs {
        bother: 25,
        review: 1_000,
        floor: Some(12.5),
    };
    let (new, turned) = written(text, &knobs, "tuned").unwrap();
    let policy = Policy::load(&new).unwrap();
    assert_eq!(policy.version.id, "tuned");
    assert_eq!(policy.rule_ids().collect::<Vec<_>>(), ["tuned-floor"]);
    let told: Vec<_> = turned
        .iter()
        .map(|it| (it.path.as_str(), it.from, it.to))
        .collect();
    assert_eq!(
        told,
        [
            ("costs.burden.otp", 0.4, 0.65),
            ("costs.burden.item_codes", 0.5, 0.75),
            ("costs.burden.locker_only", 4.0, 4.25),
            ("costs.burden.review", 0.5, 10.75),
        ]
    );
    assert_eq!(new.matches('#').count(), text.matches('#').count());
    let again = written(&new, &knobs, "twice").unwrap().0;
    assert_eq!(Policy::load(&again).unwrap().rule_ids().count(), 2);
    assert_eq!(written("id = 1", &knobs, "x"), None);
}

proptest! {
    #[test]
    fn a_policy_with_the_knobs_turned_answers_as_tuning_said(
        situation in fixtures::situations(),
        bother in -40_i64..2_000,
        review in 0_i64..3_000,
        floor in prop::option::of(0.0..60.0_f64),
    ) {
        let base = fixtures::release();
        let chance = Chance { draw: None, ratchet: Ratchet::default() };
        let decision = judge(&situation, &base, &chance);
        let order = Order::weighed(&situation, &decision, &base);
        let knobs = Knobs { bother, review, floor: floor.map(|it| (it * 100.0).round() / 100.0) };
        prop_assert_eq!(order.answer(&Knobs::default()), order.own);
        let (text, _) = written(policy::DEFAULT, &knobs, "tuned").unwrap();
        let release = Release { policy: std::sync::Arc::new(Policy::load(&text).unwrap()), ..base };
        prop_assert_eq!(weigh(&situation, &release).choice.own, order.answer(&knobs));
    }
}
