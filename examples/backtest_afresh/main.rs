//! A backtest against the truth that it stands for: what a changed policy is said to have answered is what a second
//! service with that policy answers when it is told the same orders and events; and the policy in force says again what
//! is recorded, in every field.
//!
//! `cargo run --release --example backtest_afresh -- [ORDERS] [SEED] [SCENARIO]` prints both. Chance, the burden cap and
//! budgets are off in both services: they make an answer depend on earlier answers, which a backtest leaves as they were.

#[path = "../backtest_coverage/worlds.rs"]
mod worlds;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::ExitCode;

use doorstep::domain::action::Action;
use doorstep::domain::ids::DecisionId;
use doorstep::lab::simulate::shop::{Closed, Happening, Shop, Verdict};
use doorstep::service::playing::Playing;

/// Exchanged in both policies: nothing is left to chance.
const SURE: (&str, &str) = ("enabled = true", "enabled = false");

/// Exchanged in the candidate: prices, effects, a window, a floor.
const CHANGES: &[(&str, &str)] = &[
    SURE,
    ("otp = 0.40", "otp = 0.10"),
    ("item_codes = 0.50", "item_codes = 0.90"),
    ("change_days = 14", "change_days = 30"),
    ("locker_distance_m = 2000", "locker_distance_m = 3000"),
    ("porch_theft = 15.0", "porch_theft = 40.0"),
];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let whole = |place: usize, usual: u32| words.get(place).map_or(Ok(usual), |it| it.parse());
    let (Ok(orders), Ok(seed)) = (whole(0, 100_000), whole(1, 1)) else {
        say("backtest_afresh [ORDERS] [SEED] [SCENARIO]: two whole numbers and a name");
        return ExitCode::from(2);
    };
    let scenario = words.get(2).map_or("baseline", String::as_str);
    match compared(orders, seed, scenario) {
        Ok(told) => {
            let written = writeln!(std::io::stdout().lock(), "{told}");
            let right = told.different == 0 && told.otherwise == 0 && written.is_ok();
            ExitCode::from(u8::from(!right))
        }
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

/// What a comparison came to.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Told {
    /// Decisions that the policy in force says again in every field, and those that it does not.
    identical: u64,
    different: u64,
    /// Orders for which the second service's action is the one that the backtest told, and those for which it is not.
    same: u64,
    otherwise: u64,
    /// Orders that get another action by the changed policy, and between how many pairs of actions.
    moved: u64,
    kinds: usize,
}

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "the policy in force: {} decisions identical to the record, {} different",
            self.identical, self.different
        )?;
        write!(
            f,
            "a changed policy: {} orders get what a second service decides, {} do not; {} of them another action than was \
             recorded, between {} pairs of actions",
            self.same, self.otherwise, self.moved, self.kinds
        )
    }
}

/// A shop that writes down all that it hears.
struct Listening {
    shop: Playing,
    heard: Vec<Vec<Happening>>,
}

impl Shop for Listening {
    fn tick(&mut self, batch: &[Happening]) -> Result<Vec<Verdict>, Closed> {
        self.heard.push(batch.to_vec());
        self.shop.tick(batch)
    }
}

fn compared(orders: u32, seed: u32, scenario: &str) -> Result<Told, String> {
    let own = uncapped(&worlds::policy(&[SURE])?)?;
    let candidate = uncapped(&worlds::policy(CHANGES)?)?;
    let mut first = Listening {
        shop: worlds::shop(&own, seed)?,
        heard: Vec::new(),
    };
    worlds::play(&mut first, scenario, seed, orders)?;
    let mut second = worlds::shop(&candidate, seed)?;
    for batch in &first.heard {
        second.tick(batch).map_err(|error| error.to_string())?;
    }
    let found = worlds::recorded(first.shop)?;
    let afresh: BTreeMap<DecisionId, Action> = worlds::recorded(second)?
        .into_iter()
        .map(|it| (it.record.decision_id.clone(), it.record.decision.action))
        .collect();

    let again = worlds::judged(found.clone(), &own, None)?.reproduced;
    let told = worlds::judged(found, &own, Some(&candidate))?;
    let (mut same, mut otherwise, mut kinds) = (0, 0, 0);
    for ((from, to), cell) in &told.transitions {
        kinds += usize::from(from != to);
        for id in &cell.decisions {
            if afresh.get(id) == Some(to) {
                same += 1;
            } else {
                otherwise += 1;
            }
        }
    }
    Ok(Told {
        identical: again.identical,
        different: again.different + again.unknown,
        same,
        otherwise,
        moved: told.moved(),
        kinds,
    })
}

/// A policy without its table `[burden]`.
fn uncapped(policy: &str) -> Result<String, String> {
    let missing = || "the shipped policy has no table [burden]".to_owned();
    let (before, rest) = policy.split_once("\n[burden]\n").ok_or_else(missing)?;
    let (_, after) = rest.split_once("\n\n").ok_or_else(missing)?;
    Ok(format!("{before}\n\n{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backtest_says_what_a_second_service_decides() {
        let told = compared(3_000, 1, "threshold-probing").unwrap();
        assert_eq!((told.different, told.otherwise), (0, 0), "{told}");
        assert!(told.identical >= told.same && told.same > 2_500, "{told}");
        assert!(told.moved > 100 && told.kinds >= 3, "{told}");
    }
}
