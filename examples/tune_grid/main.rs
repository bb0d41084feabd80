//! Whether tuning finds the best there is: simulated worlds, recorded, tuned for every kind of goal, and against each
//! what a dense grid of the same knobs comes to when every one of its policies judges every recorded order.
//!
//! `cargo run --release --example tune_grid -- [SEEDS] [ORDERS] [STEPS]` prints a table; STEPS is how many prices of
//! bother the grid has, ever further apart; around the best of them for each goal come more, down to single cents.
//! The grid shares nothing with the search but the writing of the file: each of its policies is loaded, and `weigh`
//! answers.

#[path = "../backtest_coverage/worlds.rs"]
#[expect(dead_code, reason = "no backtest is needed here")]
mod worlds;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use doorstep::decision::answer::Term;
use doorstep::decision::judge::weigh;
use doorstep::decision::policy::Policy;
use doorstep::decision::release::Release;
use doorstep::domain::action::Action;
use doorstep::domain::order::Stage;
use doorstep::domain::units::rounded;
use doorstep::lab::tune::cuts::Cut;
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
    // A rule of the shop's own asks for a code from 120 EUR on.
    (
        "rotten-courier",
        &[(
            "# analyst_text = \"Agreed with the insurer in March.\"",
            "[[rules]]\nid = \"dear\"\nwhen = [\"order_value >= 120\"]\nthen = \"at_least:otp\"",
        )],
        Kind::Rule,
    ),
];

/// What the goals of a shop are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Who is asked at the door, and what is lost.
    Checks,
    /// How many orders wait for a person.
    Reviews,
    /// Who is asked because of a rule, and what is lost.
    Rule,
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

/// Floors of the grid, in hundredths of the base currency: from the first on, each 12 % above the one before.
const FLOORS: (f64, i32) = (10.0, 48);

/// Prices of a review in the grid, in cents above the policy as it stands: from the first on, each 18 % above the one
/// before.
const REVIEWS: (f64, i32) = (5.0, 44);

/// The number of the rule as it stands, in units of the base currency; the grid has numbers 4 % apart from 20 to 1,000.
const RULE_FROM: f64 = 120.0;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let whole = |place: usize, usual: u32| words.get(place).map_or(Ok(usual), |it| it.parse());
    let (Ok(seeds), Ok(orders), Ok(steps)) = (whole(0, 3), whole(1, 4_000), whole(2, 48)) else {
        say("tune_grid [SEEDS] [ORDERS] [STEPS]: three whole numbers");
        return ExitCode::from(2);
    };
    match table(seeds, orders, steps) {
        Ok(good) => ExitCode::from(u8::from(!good)),
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

/// Whether all is good.
fn table(seeds: u32, orders: u32, steps: u32) -> Result<bool, String> {
    let mut out = std::io::stdout().lock();
    let mut line = |line: &str| writeln!(out, "{line}").map_err(|error| error.to_string());
    line(
        "| world, seed | goal | cost as it stands | tuned | grid's best | tuned against it | as said |",
    )?;
    line("| --- | --- | --- | --- | --- | --- | --- |")?;
    let mut good = true;
    for shop in SHOPS {
        for seed in 1..=seeds {
            for it in one(shop, seed, orders, steps)? {
                good &= it.is_good();
                line(&it.line(&format!("{} {seed}", shop.0)))?;
            }
        }
    }
    Ok(good)
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
    /// The written policy meets the goal, is known to the record, and asks as many as tuning said.
    as_said: bool,
}

impl Told {
    fn line(&self, world: &str) -> String {
        let cost = |it: Option<Sum>| {
            it.map_or_else(|| "none".to_owned(), |it| format!("{:.0}", it.cost()))
        };
        let against = self.against().map_or_else(
            || "-".to_owned(),
            |it| format!("{:+.2} %", 100.0 * (it - 1.0)),
        );
        let said = if self.as_said { "yes" } else { "no" };
        format!(
            "| {world} | {} | {:.0} | {} | {} | {against} | {said} |",
            self.goal,
            self.live,
            cost(self.tuned),
            cost(self.best)
        )
    }

    /// Cost of what was found, by that of the grid's best.
    fn against(&self) -> Option<f64> {
        Some(self.tuned?.cost() / self.best?.cost())
    }

    /// What was found is as said, and within 2 % of the grid's best.
    fn is_good(&self) -> bool {
        let within = self.best.is_none() || self.against().is_some_and(|it| it <= 1.02);
        within && (self.tuned.is_none() || self.as_said)
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
    let thresholds = base.policy.thresholds().into_iter();
    let cuts: Vec<Cut> = thresholds.filter_map(|it| Cut::new(&base, it)).collect();
    let mut grid = grid(*kind, &cuts, least, steps);
    let tuned = (&base, text.as_str(), cuts.as_slice());
    let mut sums = all(&priced, tuned, &grid)?;
    let orders: Vec<Order> = recorded
        .iter()
        .map(|it| Order::of(&it.record, &base, &cuts))
        .collect();
    let wanted = wanted(*kind, &live);
    let closer: Vec<Knobs> = wanted
        .iter()
        .filter_map(|(_, goals, unsupported_max)| best(&grid, &sums, goals, *unsupported_max))
        .flat_map(|(best, _)| near(&grid, best, least, steps))
        .collect();
    sums.extend(all(&priced, tuned, &closer)?);
    grid.extend(closer);
    let mut told = Vec::new();
    for (goal, goals, unsupported_max) in wanted {
        let limits = Limits {
            bother: true,
            review: true,
            floor: true,
            rules_too: true,
            cuts: &cuts,
            least,
            unsupported_max,
        };
        let mut row = Told {
            goal,
            live: live.cost(),
            tuned: None,
            best: best(&grid, &sums, &goals, unsupported_max).map(|(_, sum)| *sum),
            as_said: false,
        };
        if let Ok(found) = search(&orders, &goals, &limits) {
            let proposed = judged(&priced, &turned(tuned, &found.knobs)?);
            let said = figures(&orders, &found.knobs);
            row.as_said = proposed.meets(&goals, unsupported_max)
                && said.asked.total_cmp(&proposed.asked).is_eq()
                && said.reviews.total_cmp(&proposed.reviews).is_eq();
            row.tuned = Some(proposed);
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
            ("5 % less lost".to_owned(), lost(0.95), FRESH),
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
        // What a rule asks for is never spared, so that of less of it the record knows nothing.
        Kind::Rule => vec![
            ("a quarter fewer asked".to_owned(), bothered(0.75), 1.0),
            ("half as many asked".to_owned(), bothered(0.5), 1.0),
            ("5 % less lost".to_owned(), lost(0.95), FRESH),
            (
                "3 % less lost, at most half more asked".to_owned(),
                Goals {
                    loss_max: Some(loss * 0.97),
                    ..bothered(1.5)
                },
                1.0,
            ),
        ],
    }
}

/// Prices of bother from the least to dear ones, ever further apart; each alone, and with every value of another knob.
fn grid(kind: Kind, cuts: &[Cut], least: i64, steps: u32) -> Vec<Knobs> {
    let mut bothers: Vec<i64> = (0..steps.max(2))
        .map(|step| {
            let share = f64::from(step) / f64::from(steps.max(2) - 1);
            // From 1 to 3,000 cents above the least.
            let above = (share * 3_000.0_f64.ln()).exp();
            least + rounded(above) - 1
        })
        .chain([0])
        .collect();
    bothers.sort_unstable();
    bothers.dedup();
    let mut others = vec![Knobs::default()];
    match kind {
        Kind::Checks => others.extend((0..FLOORS.1).map(|step| Knobs {
            floor: Some((FLOORS.0 * 1.12_f64.powi(step)).round() / 100.0),
            ..Knobs::default()
        })),
        Kind::Reviews => others.extend((0..REVIEWS.1).map(|step| Knobs {
            review: rounded(REVIEWS.0 * 1.18_f64.powi(step)),
            ..Knobs::default()
        })),
        Kind::Rule => others.extend(cuts.iter().enumerate().flat_map(|(place, cut)| {
            let numbers = (0..100).map(|n| (20.0 * 1.04_f64.powi(n)).round());
            numbers.map(move |to| Knobs {
                turn: Some(cut.turn(place, to)),
                ..Knobs::default()
            })
        })),
    }
    let each = |others: Knobs| {
        bothers.iter().map(move |bother| Knobs {
            bother: *bother,
            ..others
        })
    };
    others.into_iter().flat_map(each).collect()
}

/// The policy that is tuned: loaded, as written, and its thresholds.
type Tuned<'a> = (&'a Release, &'a str, &'a [Cut]);

fn turned((base, text, cuts): Tuned<'_>, knobs: &Knobs) -> Result<Release, String> {
    let (text, _) = written(text, knobs, cuts, "turned").ok_or("the policy cannot be written")?;
    let policy = Policy::load(&text).map_err(|all| format!("{all:?}"))?;
    Ok(Release {
        policy: Arc::new(policy),
        ..base.clone()
    })
}

/// What every policy of the grid comes to.
fn all(priced: &[Priced<'_>], tuned: Tuned<'_>, grid: &[Knobs]) -> Result<Vec<Sum>, String> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let part = |knobs: &[Knobs]| -> Result<Vec<Sum>, String> {
        let each = |knobs: &Knobs| Ok(judged(priced, &turned(tuned, knobs)?));
        knobs.iter().map(each).collect()
    };
    std::thread::scope(|scope| {
        let parts = grid.chunks(grid.len().div_ceil(threads).max(1));
        let running: Vec<_> = parts.map(|it| scope.spawn(move || part(it))).collect();
        let mut sums = Vec::new();
        for it in running {
            let ended = it
                .join()
                .map_err(|_panic| "a thread ended early".to_owned());
            sums.extend(ended??);
        }
        Ok(sums)
    })
}

/// The cheapest that meets the goals; a rule turned no further than they ask.
fn best<'a>(
    grid: &'a [Knobs],
    sums: &'a [Sum],
    goals: &Goals,
    unsupported_max: f64,
) -> Option<(&'a Knobs, &'a Sum)> {
    let all = || grid.iter().zip(sums);
    let far = |to: f64, from: f64| (to - from).abs();
    // With prices as they stand, the nearest number of the rule that meets the goals.
    let nearest = all()
        .filter(|(knobs, sum)| knobs.bother == 0 && sum.meets(goals, 1.0))
        .filter_map(|(knobs, _)| Some(far(knobs.turn?.to, RULE_FROM)))
        .min_by(f64::total_cmp);
    let asked_for = |knobs: &Knobs| {
        let far = knobs.turn.map(|it| far(it.to, RULE_FROM));
        far.zip(nearest).is_none_or(|(far, nearest)| far <= nearest)
    };
    all()
        .filter(|(knobs, sum)| asked_for(knobs) && sum.meets(goals, unsupported_max))
        .min_by(|(_, a), (_, b)| a.total.total_cmp(&b.total))
}

/// Prices of bother around that of the best so far, up to those next to it, with what else it turns: on either side half
/// as many as there are steps, in single cents, and as many over the whole way.
fn near(grid: &[Knobs], best: &Knobs, least: i64, steps: u32) -> Vec<Knobs> {
    let most = i64::from(steps / 2).max(1);
    let others = |sign: i64| {
        let far = grid.iter().map(|it| sign * (it.bother - best.bother));
        far.filter(|it| *it > 0).min().unwrap_or(0)
    };
    let mut prices = Vec::new();
    for (sign, room) in [(-1, others(-1)), (1, others(1))] {
        let step = (room / most).max(1);
        let single = (1..=room.min(most)).map(|it| sign * it);
        prices.extend(single.chain((1..=most).map(|it| sign * it * step)));
        prices.retain(|it| it.abs() < room || it.signum() != sign);
    }
    prices.sort_unstable();
    prices.dedup();
    let prices = prices.into_iter().map(|it| best.bother + it);
    let each = prices.filter(|it| *it >= least);
    each.map(|bother| Knobs { bother, ..*best }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tuning_is_within_two_percent_of_the_best_of_a_grid_that_judges_every_order() {
        let all = SHOPS.iter().map(|shop| one(shop, 1, 300, 5).unwrap());
        for it in all.flatten() {
            let line = it.line("1");
            assert!(it.tuned.is_some() && it.best.is_some(), "{line}");
            let changed = it.tuned.is_some_and(|tuned| tuned.changed > 0.0);
            assert!(changed, "met as it stands: {line}");
            assert!(it.is_good(), "{line}");
        }
    }
}
