//! How often the interval of a backtest holds what playing the candidate would have lost, and how often what a shop would
//! read off its record without weights does: worlds of known truth, played once by a policy that leaves some answers to
//! chance, and once more by each candidate, with the same dice.
//!
//! `cargo run --release --example backtest_coverage -- [SEEDS] [ORDERS] [RATE] [SCENARIO]` prints a table; RATE is the
//! chance of each action that is not the policy's own, SCENARIO one of `models/world.toml`. Truth is the share of orders
//! lost when the candidate is played in the same world, counted by the same rules, of the orders that the record can
//! speak for. The two naive figures are shares lost as they were recorded: of the orders that got what the candidate
//! says, and of all orders, as if nothing changed.

mod naive;
mod worlds;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use doorstep::decision::judge::judge;
use doorstep::domain::ids::OrderId;
use doorstep::lab::backtest::report::{HEADLINE, LOSS_RATE};
use doorstep::lab::labels;
use doorstep::store::Found;

use worlds::{judged, maturity, policy};

/// Each action that is not the policy's own gets this chance, where nobody says otherwise.
const RATE: f64 = 0.1;

/// Lines of the shipped policy, by which it leaves more to chance, whatever an order is worth; `RATE` stands for the rate.
const EXPLORING: &[(&str, &str)] = &[
    ("spare_value_cap = 250.0", "spare_value_cap = 100000.0"),
    (
        "verify = { otp = 0.01, item_codes = 0.01 }",
        "verify = { otp = RATE, item_codes = RATE }",
    ),
    (
        "spare = { none = 0.01, otp = 0.01 }",
        "spare = { none = RATE, otp = RATE }",
    ),
    (
        "verify = { otp = 0.01, item_codes = 0.02 }",
        "verify = { otp = RATE, item_codes = RATE }",
    ),
];

/// Lines exchanged in the shipped policy.
type Changes = &'static [(&'static str, &'static str)];

/// Asks nobody, whatever it costs.
const NOBODY: Changes = &[
    ("otp = 0.40", "otp = 500.0"),
    ("item_codes = 0.50", "item_codes = 500.0"),
    ("locker_only = 4.00", "locker_only = 500.0"),
    ("review = 0.50", "review = 500.0"),
];

/// Nothing that it takes to ask counts for much, and nobody is spared for being asked often.
const STRICTEST: Changes = &[
    ("otp = 0.40", "otp = 0.00"),
    ("item_codes = 0.50", "item_codes = 0.00"),
    ("minute = 0.35", "minute = 0.00"),
    ("cost = 11.50 ", "cost = 0.50 "),
    ("margin = 0.15", "margin = 0.00"),
    ("order = 0.60", "order = 0.00"),
    ("otp = 0.06", "otp = 0.00"),
    ("item_codes = 0.06 ", "item_codes = 0.00 "),
    ("share = 0.2 ", "share = 1.0 "),
    ("locker_only = 4.00", "locker_only = 500.0"),
    ("review = 0.50", "review = 500.0"),
];

/// Who plays, and the candidate.
struct Pair {
    plays: &'static str,
    own: Changes,
    name: &'static str,
    candidate: Changes,
}

const PAIRS: [Pair; 2] = [
    Pair {
        plays: "strictest",
        own: STRICTEST,
        name: "asks nobody",
        candidate: NOBODY,
    },
    Pair {
        plays: "asks nobody",
        own: NOBODY,
        name: "strictest",
        candidate: STRICTEST,
    },
];

/// What is played: so many seeds of so many orders.
#[derive(Clone, Debug)]
struct Runs {
    seeds: u32,
    orders: u32,
    rate: f64,
    scenario: String,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize, usual: f64| words.get(place).map_or(Ok(usual), |it| it.parse());
    let whole = |place: usize, usual: u32| words.get(place).map_or(Ok(usual), |it| it.parse());
    let (Ok(seeds), Ok(orders), Ok(rate)) = (whole(0, 100), whole(1, 11_000), number(2, RATE))
    else {
        say(
            "backtest_coverage [SEEDS] [ORDERS] [RATE] [SCENARIO]: two whole numbers, a share, a name",
        );
        return ExitCode::from(2);
    };
    let scenario = words.get(3).map_or("baseline", String::as_str).to_owned();
    let runs = Runs {
        seeds,
        orders,
        rate,
        scenario,
    };
    match coverage(&PAIRS, &runs).and_then(|told| print(&told)) {
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

fn print(told: &[Coverage]) -> Result<(), String> {
    let mut lines = vec![
        "| played by | candidate | worlds | refused | orders that change | out of reach | lost, played | Cressie-Read holds | mean width | SNIPS, normal | naive: same answer | naive: all |".to_owned(),
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |".to_owned(),
    ];
    lines.extend(PAIRS.iter().zip(told).map(|(pair, told)| told.line(pair)));
    let mut out = std::io::stdout().lock();
    let written = lines.iter().try_for_each(|line| writeln!(out, "{line}"));
    written.map_err(|error| error.to_string())
}

/// What many worlds came to; sums over worlds, but for counts of those whose interval held.
#[derive(Clone, Debug, Default)]
struct Coverage {
    worlds: u32,
    refused: u32,
    changed: f64,
    excluded: f64,
    truth: f64,
    headline: u32,
    width: f64,
    normal: u32,
    same: (u32, f64),
    all: (u32, f64),
}

impl Coverage {
    fn line(&self, pair: &Pair) -> String {
        let answered = self.worlds - self.refused;
        let mean = |sum: f64| sum / f64::from(answered.max(1));
        let percent = |sum: f64| format!("{:.2} %", 100.0 * mean(sum));
        let held = |it: u32| format!("{it} of {answered}");
        let naive = |(held_in, sum): (u32, f64)| format!("{} ({})", held(held_in), percent(sum));
        format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            pair.plays,
            pair.name,
            self.worlds,
            self.refused,
            percent(self.changed),
            percent(self.excluded),
            percent(self.truth),
            held(self.headline),
            percent(self.width),
            held(self.normal),
            naive(self.same),
            naive(self.all),
        )
    }

    fn add(&mut self, one: Option<One>) {
        self.worlds += 1;
        let Some(one) = one else {
            self.refused += 1;
            return;
        };
        let holds = |(low, high): (f64, f64)| u32::from(low <= one.truth && one.truth <= high);
        self.changed += one.changed;
        self.excluded += one.excluded;
        self.truth += one.truth;
        self.headline += holds(one.headline);
        self.width += one.headline.1 - one.headline.0;
        self.normal += holds(one.normal);
        for ((held, sum), it) in [(&mut self.same, one.same), (&mut self.all, one.all)] {
            *held += holds(it.interval());
            *sum += it.share();
        }
    }
}

/// What every pair came to over all seeds; seeds are shared out to threads, and added up in their order.
fn coverage(pairs: &[Pair], runs: &Runs) -> Result<Vec<Coverage>, String> {
    let with = |changes: Changes| -> Result<String, String> {
        let both: Vec<_> = EXPLORING.iter().chain(changes).copied().collect();
        Ok(policy(&both)?.replace("RATE", &runs.rate.to_string()))
    };
    let texts = pairs
        .iter()
        .map(|it| Ok((with(it.own)?, with(it.candidate)?)));
    let texts: Vec<(String, String)> = texts.collect::<Result<_, String>>()?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (next, told) = (AtomicU32::new(1), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed > runs.seeds {
                        return;
                    }
                    let world = world(&texts, runs, seed);
                    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                    told.push((seed, world));
                    say(&format!("{} of {} worlds", told.len(), runs.seeds));
                }
            });
        }
    });
    let mut told = told.into_inner().unwrap_or_else(PoisonError::into_inner);
    told.sort_by_key(|(seed, _)| *seed);
    let mut all = vec![Coverage::default(); pairs.len()];
    for (_, world) in told {
        for (all, one) in all.iter_mut().zip(world?) {
            all.add(one);
        }
    }
    Ok(all)
}

/// One world and one candidate: intervals, and the truth.
struct One {
    changed: f64,
    excluded: f64,
    truth: f64,
    headline: (f64, f64),
    normal: (f64, f64),
    same: naive::Share,
    all: naive::Share,
}

/// One world, and every pair; none where the backtest refuses to say.
fn world(pairs: &[(String, String)], runs: &Runs, seed: u32) -> Result<Vec<Option<One>>, String> {
    // One policy's candidate is another's record: each is played once.
    let mut played = BTreeMap::new();
    for policy in pairs.iter().flat_map(|(own, candidate)| [own, candidate]) {
        if !played.contains_key(policy) {
            played.insert(policy, play(policy, runs, seed)?);
        }
    }
    let found = |policy: &String| played.get(policy).ok_or("a policy was not played");
    let mut all = Vec::with_capacity(pairs.len());
    for (own, candidate) in pairs {
        all.push(one(found(own)?, own, found(candidate)?, candidate)?);
    }
    Ok(all)
}

fn one(
    recorded: &[Found],
    own: &str,
    truth: &[Found],
    candidate: &str,
) -> Result<Option<One>, String> {
    let told = judged(recorded.to_vec(), own, Some(candidate))?;
    let Ok(answer) = &told.off_policy.answer else {
        return Ok(None);
    };
    let beyond = beyond(recorded, candidate)?;
    let truth = lost(truth, |id| !beyond.contains(id));
    let interval = |method| {
        let figure = told.figure(LOSS_RATE, method);
        figure
            .and_then(|it| it.interval)
            .ok_or_else(|| method.to_owned())
    };
    let same: BTreeSet<_> = told
        .transitions
        .iter()
        .filter(|((from, to), _)| from == to)
        .flat_map(|(_, cell)| &cell.decisions)
        .collect();
    let same: BTreeSet<&OrderId> = recorded
        .iter()
        .filter(|it| same.contains(&it.record.decision_id))
        .map(|it| &it.record.situation.order.order_id)
        .collect();
    let moved = naive::Share::of(told.moved(), told.all.burden.orders);
    Ok(Some(One {
        changed: moved.share(),
        excluded: answer.excluded.share,
        truth: truth.share(),
        headline: interval(HEADLINE)?,
        normal: interval("snips")?,
        same: lost(recorded, |id| same.contains(id)),
        all: lost(recorded, |id| !beyond.contains(id)),
    }))
}

/// Orders of which the record cannot speak: the candidate may do what had no chance.
fn beyond(recorded: &[Found], candidate: &str) -> Result<BTreeSet<OrderId>, String> {
    let (release, _) = worlds::release(candidate)?;
    let mut beyond = BTreeSet::new();
    for Found { record, .. } in recorded {
        let would = judge(&record.situation, &release, &record.chance).propensities;
        let mut pairs = would.iter().zip(record.decision.propensities);
        if pairs.any(|(would, logged)| *would > 0 && logged == 0) {
            beyond.insert(record.situation.order.order_id.clone());
        }
    }
    Ok(beyond)
}

/// What is recorded when this policy plays the world of a seed.
fn play(policy: &str, runs: &Runs, seed: u32) -> Result<Vec<Found>, String> {
    let mut shop = worlds::shop(policy, seed)?;
    worlds::play(&mut shop, &runs.scenario, seed, runs.orders)?;
    worlds::recorded(shop)
}

/// The share lost of those orders whose end is known.
fn lost(found: &[Found], counts: impl Fn(&OrderId) -> bool) -> naive::Share {
    let maturity = maturity(found);
    let (mut of, mut lost) = (0, 0);
    for it in found
        .iter()
        .filter(|it| counts(&it.record.situation.order.order_id))
    {
        if let Ok(outcome) = labels::outcome(&it.dossier, &maturity) {
            of += 1;
            lost += u64::from(outcome.losses.contains(&true));
        }
    }
    naive::Share::of(lost, of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_holds_what_the_candidate_lost_and_the_record_as_it_is_leans_to_who_played() {
        let runs = Runs {
            seeds: 1,
            orders: 2_000,
            rate: 0.2,
            scenario: "baseline".to_owned(),
        };
        let told = coverage(&PAIRS, &runs).unwrap();
        for told in &told {
            assert_eq!((told.worlds, told.refused), (1, 0), "{told:?}");
            assert_eq!(told.headline, 1, "{told:?}");
            assert!(told.width > 0.0 && told.changed > 0.3, "{told:?}");
        }
        let [strict, lax] = told.as_slice() else {
            panic!("two pairs: {told:?}")
        };
        assert!(strict.all.1 < strict.truth, "{strict:?}");
        assert!(lax.all.1 > lax.truth, "{lax:?}");
    }
}
