//! Tuning: the line is exact, what is found is near the best, and the written policy answers as was said.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::frontier::{line, sample};
use super::search::{Limits, Unreached, asked, moved, search};
use super::spread::spread;
use super::written::{least, written};
use super::*;
use crate::decision::answer::Chance;
use crate::decision::fixtures;
use crate::decision::judge::{judge, weigh};
use crate::decision::policy::{self, Policy};
use crate::decision::signal::Signal;
use crate::decision::situation::Asked;
use crate::domain::order::Category;
use crate::domain::profile::Ratchet;
use crate::lab::dataset::By as Part;

const DAY: i64 = 86_400_000_000;

/// An order with these totals and losses by action; a total below zero: not open.
fn order(number: i64, totals: [f64; 5], losses: [f64; 5], stake: f64, recorded: Action) -> Order {
    let mut priced = [Priced::default(); Action::COUNT];
    for ((place, total), loss) in priced.iter_mut().zip(totals).zip(losses) {
        *place = Priced {
            total,
            loss,
            supported: true,
        };
    }
    let mut order = Order {
        customer: u64::try_from(number / 2).unwrap(),
        at: Timestamp::from_micros(number * DAY / 40),
        value: stake * 1_000.0,
        stake,
        recorded,
        own: Action::None,
        asks: 0.0,
        priced,
        room: Room {
            open: totals.map(|it| it >= 0.0),
            kept: Action::Review,
            by: By::Price,
        },
        sides: Vec::new(),
        floored: None,
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

/// Rules of every kind.
const RULES: &str = r#"
[[rules]]
id = "dear"
when = ["order_value >= 300"]   # agreed with the insurer
then = "at_least:otp"

[[rules]]
id = "risky"
when = ['0.004 < risk', "!(risk * order_value < 2.5)"]
then = "forbid:none"

[[rules]]
id = "odd"
when = ["""
  p_account_takeover > 0.004 && (order_value > 250.0 || resale >= 0.9)""", "\u006frder_value <= 1500.0"]
then = "set:review"
"#;

/// The shipped policy with these rules.
fn ruled(rules: &str) -> (String, Release) {
    let text = format!("{}\n{rules}", policy::DEFAULT);
    let policy = Policy::load(&text).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let release = Release {
        policy: std::sync::Arc::new(policy),
        ..fixtures::release()
    };
    (text, release)
}

/// All thresholds of its rules.
fn cuts(base: &Release) -> Vec<Cut> {
    let thresholds = base.policy.thresholds().into_iter();
    thresholds.map(|it| Cut::new(base, it).unwrap()).collect()
}

/// Everything may be turned.
const fn all(unsupported_max: f64) -> Limits<'static> {
    Limits {
        bother: true,
        review: true,
        floor: true,
        rules_too: true,
        cuts: &[],
        least: -40,
        unsupported_max,
    }
}

#[test]
fn every_step_of_the_line_is_what_its_price_comes_to() {
    let orders = orders(3_000);
    for floor in [None, Some(3.0)] {
        let others = Knobs {
            bother: 0,
            review: 150,
            floor,
            turn: None,
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
fn brute(orders: &[Order], goals: &Goals, limits: &Limits<'_>) -> Option<f64> {
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
                        turn: None,
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
    let limits = all(1.0);
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

/// Orders of which those from 300 on must be asked for a code, whatever it costs; 20 values, one a fifth above the last.
fn with_a_rule(count: i64) -> Vec<Order> {
    let mut orders = orders(count);
    for (order, number) in orders.iter_mut().zip(0_i32..) {
        let at = 20.0 * 1.2_f64.powi(number * 7 % 20);
        let below = order.room;
        let mut above = below;
        above.open[0] = false;
        let room = if at >= 300.0 { above } else { below };
        (order.room, order.sides) = (room, vec![Some(Sides { at, below, above })]);
        order.own = order.answer(&Knobs::default());
    }
    orders
}

#[test]
fn a_threshold_is_turned_alone_and_with_prices_to_within_two_percent_of_the_best() {
    let orders = with_a_rule(400);
    let (_, base) = ruled(RULES);
    let cuts = &cuts(&base)[..1];
    let live = figures(&orders, &Knobs::default());
    let goals = Goals {
        bothered_max: Some(live.bothered() * 0.85),
        ..Goals::default()
    };
    let least = |bothers: &[i64], turns: &[Option<Turn>]| {
        let settings = bothers.iter().flat_map(|bother| {
            turns.iter().map(|turn| Knobs {
                bother: *bother,
                turn: *turn,
                ..Knobs::default()
            })
        });
        let all = settings.map(|knobs| figures(&orders, &knobs));
        all.filter(|it| it.meets(&goals))
            .map(|it| it.total)
            .min_by(f64::total_cmp)
    };
    let bothers: Vec<i64> = (-40..800).step_by(6).collect();
    // Up from where it stands, and no further than the goal asks.
    let mut turns = vec![None];
    for to in (0..20)
        .map(|n| 20.0 * 1.2_f64.powi(n))
        .filter(|it| *it > 300.0)
    {
        let turn = Some(cuts[0].turn(0, to));
        turns.push(turn);
        let knobs = Knobs {
            turn,
            ..Knobs::default()
        };
        if figures(&orders, &knobs).meets(&goals) {
            break;
        }
    }
    assert!((3..8).contains(&turns.len()), "{turns:?}");
    let prices = all(1.0);
    let rule = Limits {
        bother: false,
        cuts,
        ..all(1.0)
    };
    let both = Limits { cuts, ..all(1.0) };
    let mut totals = Vec::new();
    for (name, limits, best) in [
        ("prices", prices, least(&bothers, &[None])),
        ("the rule", rule, least(&[0], &turns)),
        ("both", both, least(&bothers, &turns)),
    ] {
        let found = search(&orders, &goals, &limits).unwrap();
        assert!(found.figures.meets(&goals), "{name}: {found:?}");
        assert!(near(
            figures(&orders, &found.knobs).total,
            found.figures.total
        ));
        assert_eq!(found.knobs.turn.is_some(), name != "prices", "{found:?}");
        assert!(
            found.figures.total <= best.unwrap() * 1.02,
            "{name}: {} against {best:?}",
            found.figures.total
        );
        totals.push(found.figures.total);
    }
    assert!(
        totals[2] <= totals[1] && totals[2] < totals[0],
        "{totals:?}"
    );
}

#[test]
fn a_rule_is_turned_only_where_a_goal_asks_it_and_the_way_that_serves() {
    let orders = with_a_rule(400);
    let (_, base) = ruled(RULES);
    let cuts = &cuts(&base)[..1];
    let live = figures(&orders, &Knobs::default());
    let bothered = |share: f64| Goals {
        bothered_max: Some(live.bothered() * share),
        ..Goals::default()
    };
    let lost = |share: f64| Goals {
        loss_max: Some(live.loss / live.orders * share),
        ..Goals::default()
    };
    let rule = Limits {
        bother: false,
        floor: false,
        cuts,
        ..all(1.0)
    };
    let last = Limits {
        rules_too: false,
        cuts,
        ..all(1.0)
    };
    // What nothing asks is not turned; what is asked for less goes up, what is to lose less goes down.
    let up: fn(f64) -> bool = |it| it > 300.0;
    let down: fn(f64) -> bool = |it| it < 300.0;
    for (name, goals, limits, turned) in [
        ("met", bothered(1.0), rule, None),
        ("fewer", bothered(0.9), rule, Some(up)),
        ("less lost", lost(0.95), rule, Some(down)),
        ("prices do", bothered(0.95), last, None),
        ("prices do not", bothered(0.3), last, Some(up)),
    ] {
        let found =
            search(&orders, &goals, &limits).unwrap_or_else(|why| panic!("{name}: {why:?}"));
        assert!(found.figures.meets(&goals), "{name}");
        let to = found.knobs.turn.map(|it| it.to);
        assert_eq!(to.is_some(), turned.is_some(), "{name}: {to:?}");
        if let (Some(to), Some(turned)) = (to, turned) {
            assert!(turned(to), "{name}: {to}");
        }
    }
}

#[test]
fn a_turned_number_stands_where_the_old_one_stood() {
    let (text, base) = ruled(RULES);
    let cuts = cuts(&base);
    let to = |cut: usize, to: f64| Knobs {
        turn: Some(cuts[cut].turn(cut, to)),
        ..Knobs::default()
    };
    for (cut, number, was, is) in [
        (
            0,
            450.0,
            r#"when = ["order_value >= 300"]   # agreed with the insurer"#,
            r#"when = ["order_value >= 450"]   # agreed with the insurer"#,
        ),
        (1, 0.0125, "'0.004 < risk'", "'0.0125 < risk'"),
        (
            4,
            99.5,
            "0.004 && (order_value > 250.0 ||",
            "0.004 && (order_value > 99.5 ||",
        ),
        (
            6,
            2000.0,
            r#""\u006frder_value <= 1500.0""#,
            r#""order_value <= 2000.0""#,
        ),
    ] {
        let (new, turned) = written(&text, &to(cut, number), &cuts, "default").unwrap();
        assert_eq!(new, text.replace(was, is), "{cut}");
        assert_ne!(new, text, "{cut}");
        assert_eq!(turned.len(), 1);
        assert!((turned[0].to - number).abs() < 1e-12);
        let again = Policy::load(&new).unwrap();
        assert!((again.thresholds()[cut].number - number).abs() < 1e-12);
    }
    // A text without the rule is not turned by halves.
    assert_eq!(written(policy::DEFAULT, &to(0, 1.0), &cuts, "x"), None);
}

#[test]
fn without_a_goal_nothing_is_turned() {
    let orders = orders(800);
    let limits = all(1.0);
    let found = search(&orders, &Goals::default(), &limits).unwrap();
    assert!(near(
        found.figures.total,
        figures(&orders, &Knobs::default()).total
    ));
}

#[test]
fn what_cannot_be_reached_says_how_far_it_goes() {
    let orders = orders(800);
    let limits = all(1.0);
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
        for (action, priced) in Action::ALL.iter().zip(&mut order.priced) {
            priced.supported = *action == kept;
        }
    }
    let limits = all(0.1);
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
        order.priced.iter_mut().for_each(|it| it.supported = true);
    }
    assert!(search(&orders, &goals, &limits).is_ok());
}

#[test]
fn how_long_the_record_must_grow_goes_by_the_orders_it_knows_nothing_of_a_week() {
    let figures = Figures {
        days: 70.0,
        unsupported: 600.0,
        ..Figures::default()
    };
    // 60 a week: 0.6 of them at 1 %, and 30 are needed.
    assert!(near(figures.weeks_to_see(0.01), 50.0));
    assert!(near(figures.weeks_to_see(0.05), 10.0));
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
        turn: None,
    };
    let (new, turned) = written(text, &knobs, &[], "tuned").unwrap();
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
    let again = written(&new, &knobs, &[], "twice").unwrap().0;
    assert_eq!(Policy::load(&again).unwrap().rule_ids().count(), 2);
    assert_eq!(written("id = 1", &knobs, &[], "x"), None);
}

static RULED: LazyLock<(String, Release, Vec<Cut>)> = LazyLock::new(|| {
    let (text, _) = ruled(RULES);
    // A cap that holds for whoever was asked once.
    let text = text
        .replace("free = 13 ", "free = 1 ")
        .replace("\nshare = 0.2 ", "\nshare = 0.0 ");
    let policy = Policy::load(&text).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let base = Release {
        policy: std::sync::Arc::new(policy),
        ..fixtures::release()
    };
    let cuts = cuts(&base);
    (text, base, cuts)
});

proptest! {
    #[test]
    fn a_policy_with_the_knobs_turned_answers_as_tuning_said(
        situation in fixtures::situations(),
        bother in -40_i64..2_000,
        review in 0_i64..3_000,
        floor in prop::option::of(0.0..60.0_f64),
        turn in prop::option::of((0_usize..8, prop_oneof![0.0..3.0_f64, 0.0..2_000.0_f64])),
    ) {
        let (text, base, cuts) = &*RULED;
        let chance = Chance { draw: None, ratchet: Ratchet::default() };
        let decision = judge(&situation, base, &chance);
        let order = Order::weighed(&situation, &decision, base, cuts);
        let knobs = Knobs {
            bother,
            review,
            floor: floor.map(|it| (it * 100.0).round() / 100.0),
            turn: turn.map(|(cut, to)| cuts[cut % cuts.len()].turn(cut % cuts.len(), to)),
        };
        prop_assert_eq!(order.answer(&Knobs::default()), order.own);
        let (text, _) = written(text, &knobs, cuts, "tuned").unwrap();
        let release = Release { policy: std::sync::Arc::new(Policy::load(&text).unwrap()), ..base.clone() };
        prop_assert_eq!(weigh(&situation, &release).choice.own, order.answer(&knobs));
    }
}

#[test]
fn a_floor_asks_those_too_who_were_asked_often_enough() {
    let base = fixtures::release();
    let mut situation = fixtures::situation_of(Category::Phone, 89_900, &[(Signal::Resale, 1.0)]);
    situation.asked = Some(Asked {
        asked_90d: 13,
        orders_90d: 13,
    });
    let chance = Chance {
        draw: None,
        ratchet: Ratchet::default(),
    };
    let order = Order::weighed(&situation, &judge(&situation, &base, &chance), &base, &[]);
    for (floor, expected) in [
        (None, Action::None),
        (Some(1_000.0), Action::None),
        (Some(0.0), Action::Otp),
    ] {
        let knobs = Knobs {
            floor,
            ..Knobs::default()
        };
        assert_eq!(order.answer(&knobs), expected, "{floor:?}");
        let (text, _) = written(policy::DEFAULT, &knobs, &[], "tuned").unwrap();
        let release = Release {
            policy: std::sync::Arc::new(Policy::load(&text).unwrap()),
            ..base.clone()
        };
        assert_eq!(
            weigh(&situation, &release).choice.own,
            expected,
            "{floor:?}"
        );
    }
}

#[test]
fn one_customer_says_nothing_of_others() {
    let mut all = orders(40);
    let knobs = Knobs::default();
    let some = spread(&all, &knobs, &figures(&all, &knobs)).unwrap();
    assert!(some.loss > 0.0 && some.total > 0.0, "{some:?}");
    for order in &mut all {
        order.customer = 7;
    }
    assert_eq!(spread(&all, &knobs, &figures(&all, &knobs)), None);
}
