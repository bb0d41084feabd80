//! How often the interval of a backtest holds what playing the candidate would have lost: worlds of known truth, played
//! once by a policy that leaves some answers to chance, and once more by the candidate, with the same dice.
//!
//! `cargo run --release --example backtest_coverage -- [SEEDS] [ORDERS] [RATE]` prints a table; RATE is the chance of each
//! action that is not the policy's own. Truth is the share of orders lost when the candidate is played in the same
//! world, counted by the same rules. The naive figure is the share lost of those orders that got what the candidate
//! would have said.

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use doorstep::decision::catalogue;
use doorstep::decision::model::{Model, PRIOR};
use doorstep::decision::policy::{DEFAULT, Policy};
use doorstep::decision::record::Version;
use doorstep::decision::release::Release;
use doorstep::domain::ids::KeyId;
use doorstep::domain::secret::Secret;
use doorstep::domain::units::{Date, Digest, Span};
use doorstep::lab::backtest::report::{HEADLINE, LOSS_RATE};
use doorstep::lab::backtest::{self, Candidate, LOSS_CAP_CENTS, Report, Settings};
use doorstep::lab::labels::Maturity;
use doorstep::lab::simulate::parameters::WorldFile;
use doorstep::lab::simulate::world::{Extent, Nobody, World};
use doorstep::service::keyring::KeyRing;
use doorstep::service::playing::Playing;
use doorstep::service::release::InForce;
use doorstep::store::Found;

/// 2025-01-01.
const START: Date = Date::from_days(20_089);
const DAYS: i32 = 180;

/// Each action that is not the policy's own gets this chance, where nobody says otherwise.
const RATE: f64 = 0.05;

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

/// Candidates: what a customer's bother is worth, which moves how many are asked.
const CANDIDATES: &[(&str, &[(&str, &str)])] = &[
    (
        "milder",
        &[
            ("otp = 0.40", "otp = 6.00"),
            ("item_codes = 0.50", "item_codes = 6.00"),
        ],
    ),
    (
        "stricter",
        &[
            ("otp = 0.40", "otp = 0.00"),
            ("item_codes = 0.50", "item_codes = 0.00"),
            ("minute = 0.35", "minute = 0.05"),
        ],
    ),
];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize, usual: f64| words.get(place).map_or(Ok(usual), |it| it.parse());
    let whole = |place: usize, usual: u32| words.get(place).map_or(Ok(usual), |it| it.parse());
    let (Ok(seeds), Ok(orders), Ok(rate)) = (whole(0, 100), whole(1, 11_000), number(2, RATE))
    else {
        say("backtest_coverage [SEEDS] [ORDERS] [RATE]: two whole numbers and a share");
        return ExitCode::from(2);
    };
    match table(seeds, orders, rate) {
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

fn table(seeds: u32, orders: u32, rate: f64) -> Result<(), String> {
    let mut lines = vec![
        "| candidate | worlds | refused | orders that change | Cressie-Read holds | mean width | SNIPS, normal | naive, Wilson |".to_owned(),
        "| --- | --- | --- | --- | --- | --- | --- | --- |".to_owned(),
    ];
    for (name, changes) in CANDIDATES {
        lines.push(coverage(changes, rate, seeds, orders)?.line(name));
    }
    let mut out = std::io::stdout().lock();
    let written = lines.iter().try_for_each(|line| writeln!(out, "{line}"));
    written.map_err(|error| error.to_string())
}

/// What many worlds came to.
#[derive(Debug, Default)]
struct Coverage {
    worlds: u32,
    refused: u32,
    changed: f64,
    headline: u32,
    width: f64,
    normal: u32,
    naive: u32,
}

impl Coverage {
    fn line(&self, name: &str) -> String {
        let answered = self.worlds - self.refused;
        let percent = |it: u32| format!("{it} of {answered}");
        format!(
            "| {name} | {} | {} | {:.1} % | {} | {:.4} | {} | {} |",
            self.worlds,
            self.refused,
            100.0 * self.changed / f64::from(self.worlds.max(1)),
            percent(self.headline),
            self.width / f64::from(answered.max(1)),
            percent(self.normal),
            percent(self.naive),
        )
    }
}

fn coverage(
    changes: &[(&str, &str)],
    rate: f64,
    seeds: u32,
    orders: u32,
) -> Result<Coverage, String> {
    let logger = policy(EXPLORING)?.replace("RATE", &rate.to_string());
    let both: Vec<_> = EXPLORING.iter().chain(changes).copied().collect();
    let candidate = policy(&both)?.replace("RATE", &rate.to_string());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = std::sync::atomic::AtomicU32::new(0);
    let all = std::sync::Mutex::new(Coverage::default());
    let failed = std::sync::Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    if seed >= seeds {
                        return;
                    }
                    let told = one(&logger, &candidate, seed + 1, orders);
                    match (told, all.lock(), failed.lock()) {
                        (Ok(told), Ok(mut all), _) => told.add_to(&mut all),
                        (Err(why), _, Ok(mut failed)) => *failed = Some(why),
                        _ => return,
                    }
                }
            });
        }
    });
    if let Some(why) = failed.into_inner().ok().flatten() {
        return Err(why);
    }
    all.into_inner().map_err(|error| error.to_string())
}

/// One world: intervals, and the truth.
struct One {
    changed: f64,
    truth: f64,
    headline: Option<(f64, f64)>,
    normal: Option<(f64, f64)>,
    naive: (f64, f64),
}

impl One {
    fn add_to(&self, all: &mut Coverage) {
        let holds = |it: Option<(f64, f64)>| {
            u32::from(it.is_some_and(|(low, high)| low <= self.truth && self.truth <= high))
        };
        all.worlds += 1;
        all.changed += self.changed;
        let Some((low, high)) = self.headline else {
            all.refused += 1;
            return;
        };
        all.headline += holds(self.headline);
        all.width += high - low;
        all.normal += holds(self.normal);
        all.naive += holds(Some(self.naive));
    }
}

fn one(logger: &str, candidate: &str, seed: u32, orders: u32) -> Result<One, String> {
    let recorded = played(logger, seed, orders)?;
    let truth = played(candidate, seed, orders)?;
    let own = judged(truth, candidate, None)?;
    let told = judged(recorded.clone(), logger, Some(candidate))?;
    let truth = own.off_policy.answer.map_err(|why| why.to_string())?.ran[0];
    let interval = |method| told.figure(LOSS_RATE, method).and_then(|it| it.interval);
    Ok(One {
        changed: share(told.moved(), told.all.burden.orders),
        truth,
        headline: interval(HEADLINE),
        normal: interval("snips"),
        naive: naive(&recorded, &told),
    })
}

fn share(part: u64, of: u64) -> f64 {
    let float = |count: u64| u32::try_from(count).map_or(f64::NAN, f64::from);
    float(part) / float(of.max(1))
}

/// Wilson's interval of the share lost among orders that got what the candidate says.
fn naive(recorded: &[Found], told: &Report) -> (f64, f64) {
    let same: std::collections::BTreeSet<_> = told
        .transitions
        .iter()
        .filter(|((from, to), _)| from == to)
        .flat_map(|(_, cell)| &cell.decisions)
        .collect();
    let maturity = maturity(recorded);
    let (mut n, mut lost) = (0.0, 0.0);
    for it in recorded
        .iter()
        .filter(|it| same.contains(&it.record.decision_id))
    {
        if let Ok(outcome) = doorstep::lab::labels::outcome(&it.dossier, &maturity) {
            n += 1.0;
            lost += f64::from(u8::from(outcome.losses.contains(&true)));
        }
    }
    let (p, z2) = (lost / n, 1.96 * 1.96);
    let middle = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = 1.96 / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    (middle - half, middle + half)
}

/// The shipped policy with these lines exchanged.
fn policy(changes: &[(&str, &str)]) -> Result<String, String> {
    let mut text = DEFAULT.to_owned();
    for (from, to) in changes {
        if !text.contains(from) {
            return Err(format!("the shipped policy has no line `{from}`"));
        }
        text = text.replace(from, to);
    }
    Ok(text)
}

fn loaded(text: &str) -> Result<Arc<Policy>, String> {
    Policy::load(text)
        .map(Arc::new)
        .map_err(|all| all.first().map_or_else(String::new, ToString::to_string))
}

fn engine() -> Version {
    Version {
        id: env!("CARGO_PKG_VERSION").to_owned(),
        digest: Digest::of(b"example"),
    }
}

/// What is recorded when this policy plays the world of this seed.
fn played(text: &str, seed: u32, orders: u32) -> Result<Vec<Found>, String> {
    let facts = catalogue::load(catalogue::DEFAULT)
        .map_err(|problems| format!("the shop's facts: {problems:?}"))?;
    let release = Release {
        policy: loaded(text)?,
        model: Arc::new(Model::load(PRIOR).map_err(|problems| format!("the prior: {problems:?}"))?),
        catalogue: Version {
            id: facts.id.clone(),
            digest: facts.digest,
        },
        engine: engine(),
    };
    let key = KeyId::try_new("k1").map_err(|error| error.to_string())?;
    // Another key a world: else the same customers would draw the same in all.
    let mut secret = [7; 32];
    secret[..4].copy_from_slice(&seed.to_be_bytes());
    let keys = KeyRing::new((key, Secret::new(secret)), []);
    let in_force = InForce::new(release, Arc::new(facts));
    let mut shop = Playing::new(Arc::new(in_force), Arc::new(keys)).keeping();
    let parameters = WorldFile::built_in()
        .and_then(|it| it.scenario("baseline"))
        .map_err(|error| error.to_string())?;
    let extent = Extent {
        orders: orders.into(),
        start: START,
        days: DAYS,
        seed: seed.into(),
    };
    let world = World::new(parameters, &extent).map_err(|error| error.to_string())?;
    world
        .play(&mut shop, &mut Nobody)
        .map_err(|error| error.to_string())?;
    shop.into_found().map_err(|error| error.to_string())
}

/// Claims of the last order are in.
fn maturity(found: &[Found]) -> Maturity {
    let last = found.iter().map(|it| it.record.decided_at).max();
    Maturity {
        as_of: last
            .unwrap_or(doorstep::domain::units::Timestamp::from_micros(0))
            .plus(Span::days(400)),
        claim_window: Span::days(60),
        unheard_shipped: false,
    }
}

fn judged(found: Vec<Found>, own: &str, candidate: Option<&str>) -> Result<Report, String> {
    let settings = Settings {
        from: None,
        to: None,
        maturity: maturity(&found),
        loss_cap_cents: LOSS_CAP_CENTS,
        engine: engine(),
        threads: 1,
    };
    let candidate = Candidate {
        policy: candidate.map(loaded).transpose()?,
        model: None,
    };
    backtest::of(found, &[own], &candidate, &settings).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_world_is_played_twice_and_the_interval_holds_what_the_candidate_lost() {
        let (_, stricter) = CANDIDATES[1];
        // Two rates each way are shares of one draw: a quarter is the most.
        let told = coverage(stricter, 0.2, 1, 900).unwrap();
        assert_eq!((told.worlds, told.refused), (1, 0), "{told:?}");
        assert_eq!(told.headline, 1, "{told:?}");
        assert!(told.width > 0.0 && told.changed > 0.0, "{told:?}");
    }
}
