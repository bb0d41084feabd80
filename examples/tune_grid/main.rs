//! Whether tuning finds the best there is: simulated worlds, recorded, tuned for every kind of goal, and against each
//! what a dense grid of the same knobs comes to when every one of its policies judges every recorded order.
//!
//! `cargo run --release --example tune_grid -- [SEEDS] [ORDERS] [STEPS]` prints a table; STEPS is how many prices of
//! bother the grid has. The grid shares nothing with the search but the writing of the file: each of its policies is
//! loaded, and `weigh` answers.

#[path = "../backtest_coverage/worlds.rs"]
#[expect(dead_code, reason = "no backtest is needed here")]
mod worlds;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use doorstep::decision::answer::Term;
use doorstep::decision::judge::weigh;
use doorstep::decision::policy::Policy;
use doorstep::decision::release::Release;
use doorstep::domain::action::Action;
use doorstep::domain::order::Stage;
use doorstep::lab::tune::search::{Limits, search};
use doorstep::lab::tune::written::{least, written};
use doorstep::lab::tune::{Goals, Knobs, Order, figures};
use doorstep::store::Found;

/// Lines of a policy that are exchanged.
type Lines = &'static [(&'static str, &'static str)];

/// A world, and what the shop in it has changed of the shipped policy, beside its random checks.
const SHOPS: &[(&str, Lines, Kind)] = &[
    ("baseline", &[], Kind::Checks),
    // Where intruders order and a reviewer's time is cheap there are reviews.
    (
        "threshold-probing",
        &[("person = 9.00", "person = 2.00")],
        Kind::Reviews,
    ),
];

/// What the goals of a shop are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Who is asked at the door, and what is lost.
    Checks,
    /// How many orders wait for a person.
    Reviews,
}

/// Exchanged in all: each action that is not the policy's own gets a chance of 5 %, whatever an order is worth.
const EXPLORING: Lines = &[
    ("spare_value_cap = 250.0", "spare_value_cap = 100000.0"),
    (
        "otp = 0.01, item_codes = 0.01",
        "otp = 0.05, item_codes = 0.05",
    ),
    (
        "otp = 0.01, item_codes = 0.02",
        "otp = 0.05, item_codes = 0.05",
    ),
    ("none = 0.01, otp = 0.01", "none = 0.05, otp = 0.05"),
];

/// After a fresh change of the account nothing is spared, so that of many who are asked the record knows nothing milder:
/// up to so many of the changed orders may be such.
const FRESH: f64 = 0.5;

/// Floors of the grid, in units of the base currency; none: no floor. Only goals on what is lost need one.
const FLOORS: &[Option<f64>] = &[
    None,
    Some(0.25),
    Some(0.5),
    Some(0.75),
    Some(1.0),
    Some(1.5),
    Some(2.0),
    Some(3.0),
    Some(5.0),
    Some(8.0),
];

/// Prices of a review in the grid, in cents against the policy as it stands. Only goals on reviews need one.
const REVIEWS: &[i64] = &[0, 25, 50, 100, 200, 400, 800, 1_600, 3_000, 6_000];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let whole = |place: usize, usual: u32| words.get(place).map_or(Ok(usual), |it| it.parse());
    let (Ok(seeds), Ok(orders), Ok(steps)) = (whole(0, 3), whole(1, 30_000), whole(2, 24)) else {
        say("tune_grid [SEEDS] [ORDERS] [STEPS]: three whole numbers");
        return ExitCode::from(2);
    };
    match table(seeds, orders, steps) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            say(&why);
            ExitCode::FAILURE
        }
    }
}

/// On standard error; nobody listening there is no fault.
fn say(line: &str) {
    drop(writeln!(std::io::stderr().lock(), "{line}"));
}

fn table(seeds: u32, orders: u32, steps: u32) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    let mut line = |line: &str| writeln!(out, "{line}").map_err(|error| error.to_string());
    line("| world | goal | as it stands | tuned | grid's best | tuned against it |")?;
    line("| --- | --- | --- | --- | --- | --- |")?;
    for shop in SHOPS {
        for seed in 1..=seeds {
            for it in one(shop, seed, orders, steps)? {
                line(&it.line(&format!("{} {seed}", shop.0)))?;
            }
        }
    }
    Ok(())
}

/// A goal, and what tuning and the grid made of it.
struct Told {
    goal: String,
    /// Expected cost of 1,000 orders as it stands.
    live: f64,
    /// Of what was found, as its written policy judges every order; none: nothing was proposed.
    tuned: Option<Sum>,
    /// Of the grid's best that meets the goal and that the record can speak for.
    best: Option<Sum>,
    goals: Goals,
    unsupported_max: f64,
    /// Orders that the written policy answers otherwise than tuning said.
    unlike: usize,
}

impl Told {
    fn line(&self, world: &str) -> String {
        let cost = |it: Option<Sum>| it.map_or("none".to_owned(), |it| format!("{:.0}", it.cost()));
        let against = match (self.tuned, self.best) {
            (Some(tuned), Some(best)) => {
                format!("{:+.2} %", 100.0 * (tuned.cost() / best.cost() - 1.0))
            }
            _ => "-".to_owned(),
        };
        format!(
            "| {world} | {} | {:.0} | {} | {} | {against} |",
            self.goal,
            self.live,
            cost(self.tuned),
            cost(self.best)
        )
    }
}

/// A record as the grid sees it: what it is priced at, whatever the policy that answers.
struct Priced<'a> {
    found: &'a Found,
    /// Hundredths by action, in all and what is lost of it.
    total: [f64; Action::COUNT],
    loss: [f64; Action::COUNT],
}

/// What a policy comes to.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    orders: f64,
    days: f64,
    asked: f64,
    reviews: f64,
    loss: f64,
    total: f64,
    changed: f64,
    unsupported: f64,
}

impl Sum {
    /// Of 1,000 orders, in whole units.
    fn cost(&self) -> f64 {
        self.total * 10.0 / self.orders
    }

    fn meets(&self, goals: &Goals, unsupported_max: f64) -> bool {
        goals
            .bothered_max
            .is_none_or(|it| self.asked / self.orders <= it)
            && goals
                .loss_max
                .is_none_or(|it| self.loss / self.orders <= it)
            && goals
                .reviews_max
                .is_none_or(|it| self.reviews / self.days <= it)
            && self.unsupported <= unsupported_max * self.changed
    }
}

/// Every record judged by this policy.
fn judged(all: &[Priced<'_>], release: &Release) -> Sum {
    let times = || all.iter().map(|it| it.found.record.decided_at.as_micros());
    let span = times().max().unwrap_or(0) - times().min().unwrap_or(0);
    let mut sum = Sum {
        orders: float(all.len()),
        days: (float(usize::try_from(span / 1_000_000).unwrap_or(0)) / 86_400.0).max(1.0),
        ..Sum::default()
    };
    for it in all {
        let record = &it.found.record;
        let own = weigh(&record.situation, release).choice.own;
        let place = own.index();
        sum.asked += f64::from(u8::from(own != Action::None));
        sum.reviews += f64::from(u8::from(own == Action::Review));
        sum.loss += it.loss[place];
        sum.total += it.total[place];
        if own != record.decision.own_action {
            sum.changed += 1.0;
            sum.unsupported += f64::from(u8::from(record.decision.propensities[place] == 0));
        }
    }
    sum
}

fn float(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::NAN, f64::from)
}

/// One world.
fn one(
    (scenario, changes, kind): &(&str, Lines, Kind),
    seed: u32,
    orders: u32,
    steps: u32,
) -> Result<Vec<Told>, String> {
    let changes: Vec<_> = EXPLORING.iter().chain(*changes).copied().collect();
    let text = worlds::policy(&changes)?;
    let (base, _) = worlds::release(&text)?;
    let mut shop = worlds::shop(&text, seed)?;
    worlds::play(&mut shop, scenario, seed, orders)?;
    let recorded = last(worlds::recorded(shop)?);
    let priced: Vec<Priced<'_>> = recorded.iter().map(|it| priced(it, &base)).collect();
    let live = judged(&priced, &base);
    let least = least(&text).ok_or("the policy has no prices of bother")?;
    let grid = grid(*kind, least, steps);
    let sums = all(&priced, &base, &text, &grid)?;
    let orders: Vec<Order> = recorded
        .iter()
        .map(|it| Order::of(&it.record, &base))
        .collect();
    let mut told = Vec::new();
    for (goal, goals, unsupported_max) in wanted(*kind, &live) {
        let limits = Limits {
            least,
            unsupported_max,
        };
        let mut row = Told {
            goal,
            live: live.cost(),
            tuned: None,
            best: best(&sums, &goals, unsupported_max),
            goals,
            unsupported_max,
            unlike: 0,
        };
        if let Ok(found) = search(&orders, &goals, &limits) {
            let tuned = judged(&priced, &turned(&base, &text, &found.knobs)?);
            let said = figures(&orders, &found.knobs);
            row.unlike = usize::from(said.asked.total_cmp(&tuned.asked).is_ne())
                + usize::from(said.reviews.total_cmp(&tuned.reviews).is_ne());
            row.tuned = Some(tuned);
        }
        told.push(row);
    }
    Ok(told)
}

/// The last word on every order that was placed.
fn last(all: Vec<Found>) -> Vec<Found> {
    let placed = all
        .into_iter()
        .filter(|it| it.record.situation.order.stage == Stage::Placed)
        .map(|it| (it.record.situation.order.order_id.clone(), it));
    BTreeMap::from_iter(placed).into_values().collect()
}

fn priced<'a>(found: &'a Found, base: &Release) -> Priced<'a> {
    let costs = weigh(&found.record.situation, base).costs;
    Priced {
        found,
        total: costs.each_ref().map(|it| it.total),
        loss: costs.each_ref().map(|it| {
            let terms = Term::ALL.iter().zip(it.terms);
            let lost =
                terms.filter(|(term, _)| matches!(term, Term::Loss(_) | Term::DisplacedClaims));
            lost.map(|(_, cents)| cents).sum()
        }),
    }
}

/// Goals of every kind, by what the policy comes to as it stands: name, goal, and how much may be unknown to the record.
fn wanted(kind: Kind, live: &Sum) -> Vec<(String, Goals, f64)> {
    let none = Goals::default();
    let asked = live.asked / live.orders;
    let loss = live.loss / live.orders;
    let reviews = live.reviews / live.days;
    let bothered = |share: f64| Goals {
        bothered_max: Some(asked * share),
        ..none
    };
    let lost = |share: f64| Goals {
        loss_max: Some(loss * share),
        ..none
    };
    let reviewed = |share: f64| Goals {
        reviews_max: Some(reviews * share),
        ..none
    };
    match kind {
        Kind::Checks => vec![
            ("a quarter fewer asked".to_owned(), bothered(0.75), FRESH),
            ("half as many asked".to_owned(), bothered(0.5), FRESH),
            ("2 % less lost".to_owned(), lost(0.98), FRESH),
            ("10 % less lost".to_owned(), lost(0.9), FRESH),
        ],
        // A review is never drawn, nor anything else in its place: of that the record can say nothing.
        Kind::Reviews => vec![
            ("half as many reviews".to_owned(), reviewed(0.5), 1.0),
            ("a fifth of the reviews".to_owned(), reviewed(0.2), 1.0),
            (
                "a quarter fewer asked, half as many reviews".to_owned(),
                Goals {
                    reviews_max: Some(reviews * 0.5),
                    ..bothered(0.75)
                },
                1.0,
            ),
        ],
    }
}

/// Prices of bother from the least to dear ones, ever further apart; with each the prices of a review and the floors.
fn grid(kind: Kind, least: i64, steps: u32) -> Vec<Knobs> {
    let mut bothers: Vec<i64> = (0..steps.max(2))
        .map(|step| {
            let share = f64::from(step) / f64::from(steps.max(2) - 1);
            // From 1 to 3,000 cents above the least.
            let above = (share * 3_000.0_f64.ln()).exp().round();
            least + i64::from(above.clamp(1.0, 3_000.0) as i32) - 1
        })
        .chain([0])
        .collect();
    bothers.sort_unstable();
    bothers.dedup();
    let mut grid = Vec::new();
    let (floors, reviews) = match kind {
        Kind::Checks => (FLOORS, &REVIEWS[..2]),
        Kind::Reviews => (&FLOORS[..2], REVIEWS),
    };
    for floor in floors {
        for review in reviews {
            grid.extend(bothers.iter().map(|bother| Knobs {
                bother: *bother,
                review: *review,
                floor: *floor,
            }));
        }
    }
    grid
}

fn turned(base: &Release, text: &str, knobs: &Knobs) -> Result<Release, String> {
    let (text, _) = written(text, knobs, "turned").ok_or("the policy cannot be written")?;
    let policy = Policy::load(&text).map_err(|all| format!("{all:?}"))?;
    Ok(Release {
        policy: Arc::new(policy),
        ..base.clone()
    })
}

/// What every policy of the grid comes to.
fn all(
    priced: &[Priced<'_>],
    base: &Release,
    text: &str,
    grid: &[Knobs],
) -> Result<Vec<Sum>, String> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let sums = Mutex::new(Ok(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(knobs) = grid.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let sum = turned(base, text, knobs).map(|it| judged(priced, &it));
                    match (sums.lock().as_deref_mut(), sum) {
                        (Ok(Ok(sums)), Ok(sum)) => sums.push(sum),
                        (Ok(sums), Err(why)) => *sums = Err(why),
                        _ => return,
                    }
                }
            });
        }
    });
    sums.into_inner().map_err(|error| error.to_string())?
}

fn best(sums: &[Sum], goals: &Goals, unsupported_max: f64) -> Option<Sum> {
    sums.iter()
        .filter(|it| it.meets(goals, unsupported_max))
        .min_by(|a, b| a.total.total_cmp(&b.total))
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tuning_is_within_two_percent_of_the_best_of_a_grid_that_judges_every_order() {
        let all = SHOPS.iter().map(|shop| one(shop, 1, 400, 8).unwrap());
        for it in all.flatten() {
            let line = it.line("1");
            let (Some(tuned), Some(best)) = (it.tuned, it.best) else {
                panic!("{line}");
            };
            assert!(tuned.cost() > it.live, "nothing to find: {line}");
            assert!(tuned.meets(&it.goals, it.unsupported_max), "{line}");
            assert!(tuned.cost() <= best.cost() * 1.02, "{line}");
            assert_eq!(it.unlike, 0, "{line}");
        }
    }
}
