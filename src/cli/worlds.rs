//! `judge`: policies and models judged by what they come to in simulated worlds; each row plays the same worlds with
//! the same seeds.

mod findings;
mod found;
mod parallel;
mod print;
mod rows;

use std::num::NonZeroUsize;
use std::path::Path;

use indicatif::ProgressBar;

use super::args::{Judge, Tables};
use super::exit::{self, Failure};
use super::files;
use super::output::Output;
use super::progress;
use super::simulate::{to_the_end, world_file};
use crate::domain::hazard::Hazard;
use crate::domain::units::{Date, count_to_f64 as count};
use crate::lab::judged::{NOTHING, Run, Sums, sheets};
use crate::lab::simulate::baselines::{
    Everybody, NoVerification, Oracle, RandomTenth, ValueThreshold,
};
use crate::lab::simulate::ledger::Ledger;
use crate::lab::simulate::parameters::{BadWorld, Parameters};
use crate::lab::simulate::shop::Shop;
use crate::lab::simulate::world::{Extent, Nobody, World};
use print::Played;
use rows::Row;

/// The first day of every world, and how many days orders are placed on: a year, so that every season counts once.
const START: &str = "2025-01-01";
const DAYS: i32 = 365;

/// Runs the command.
pub(crate) fn run(command: &Judge, out: &mut Output) -> Result<(), Failure> {
    let plan = Plan::of(command)?;
    let runs = plan.play()?;
    let worlds: Vec<String> = plan.worlds.iter().map(|(name, _)| name.clone()).collect();
    let names: Vec<String> = plan.rows.iter().map(|(name, _)| name.clone()).collect();
    let played = Played {
        orders: command.orders,
        seeds: plan.seeds.clone(),
        command: line(command),
        sheets: sheets(&runs, &worlds, &names, &plan.judged),
        judged: plan.judged,
    };
    if let Some(file) = &command.into {
        write_into(file, &print::markdown(&played))?;
    }
    match command.format {
        Tables::Table => print::table(&played, out)?,
        Tables::Json => out.line(print::json(&played))?,
        Tables::Markdown => out.line(print::markdown(&played))?,
    }
    out.flush()?;
    if findings::against(&played).is_empty() {
        Ok(())
    } else {
        Err(Failure::Findings)
    }
}

/// What is to be played.
struct Plan {
    worlds: Vec<(String, Parameters)>,
    seeds: Vec<u64>,
    orders: u64,
    start: Date,
    rows: Vec<(String, Row)>,
    judged: String,
    threads: usize,
}

impl Plan {
    fn of(command: &Judge) -> Result<Self, Failure> {
        let file = world_file(command.world.as_deref())?;
        let all = || file.scenarios().map(|(name, _)| name.to_owned()).collect();
        let named = if command.worlds.is_empty() {
            all()
        } else {
            command.worlds.clone()
        };
        let parameters = |name: String| match file.scenario(&name) {
            Ok(parameters) => Ok((name, parameters)),
            Err(BadWorld(lines)) => Err(Failure::Usage(lines.join("; "))),
        };
        let worlds = named
            .into_iter()
            .map(parameters)
            .collect::<Result<_, _>>()?;
        let mut names: Vec<String> = command.rows.clone();
        if names.is_empty() {
            names = rows::DEFAULT.split(',').map(str::to_owned).collect();
        }
        // Losses prevented are counted from the world without verification.
        if !names.iter().any(|it| it == NOTHING) {
            names.insert(0, NOTHING.to_owned());
        }
        let mut rows = Vec::new();
        for name in names {
            match Row::of(&name, &command.rules) {
                Ok(row) => rows.push((name, row)),
                // Nobody asked for it by name.
                Err(Failure::Usage(why)) if command.rows.is_empty() => {
                    exit::say(format_args!("row {name} is left out: {why}"));
                }
                Err(failure) => return Err(failure),
            }
        }
        let has = |name: &str| rows.iter().any(|(row, _)| row == name);
        let judged = command.judged.clone().unwrap_or_else(|| {
            let ours = ["trained", "prior", NOTHING]
                .into_iter()
                .find(|name| has(name));
            ours.unwrap_or(NOTHING).to_owned()
        });
        if !has(&judged) {
            return Err(Failure::Usage(format!(
                "--judged: `{judged}` is not among the rows"
            )));
        }
        let start = Date::parse(START);
        Ok(Self {
            worlds,
            seeds: (0..command.seeds)
                .map(|nth| command.first_seed.saturating_add(nth))
                .collect(),
            orders: command.orders,
            start: start.ok_or_else(|| Failure::Bug("the first day is no date".to_owned()))?,
            rows,
            judged,
            threads: command.threads.count(),
        })
    }

    /// Plays every world with every seed and row; then the thresholds that are found in hindsight.
    fn play(&self) -> Result<Vec<Run>, Failure> {
        let mut jobs = Vec::new();
        for (name, row) in &self.rows {
            for world in &self.worlds {
                if matches!(row, Row::SameLoss | Row::Best) {
                    continue;
                }
                jobs.extend(self.seeds.iter().map(|seed| (world, *seed, name, row)));
            }
        }
        let bar = bar(jobs.len());
        let work = |(world, seed, name, row): &(&(String, Parameters), u64, &String, &Row)| {
            let mut shop = shop(row, *seed);
            let sums = self.sums(&world.1, *seed, shop.as_mut())?;
            Ok(self.run(world, *seed, name, sums, None))
        };
        let mut runs = parallel::all(&jobs, self.threads, work, || bar.inc(1))?;
        bar.finish_and_clear();
        runs.extend(self.play_found(&runs)?);
        Ok(runs)
    }

    fn play_found(&self, runs: &[Run]) -> Result<Vec<Run>, Failure> {
        let is_found = |row: &Row| matches!(row, Row::SameLoss | Row::Best);
        let rows = || self.rows.iter().filter(|(_, row)| is_found(row));
        let jobs: Vec<_> = self
            .worlds
            .iter()
            .flat_map(|world| rows().map(move |row| (world, row)))
            .collect();
        let bar = bar(jobs.len());
        let work = |(world, (name, row)): &(&(String, Parameters), &(String, Row))| {
            let all = |from: f64| -> Result<Vec<Sums>, Failure> {
                let one = |seed: &u64| self.sums(&world.1, *seed, &mut ValueThreshold { from });
                self.seeds.iter().map(one).collect()
            };
            let sum = |from: f64, of: fn(&Sums) -> f64| Ok(all(from)?.iter().map(of).sum());
            let threshold = if matches!(row, Row::Best) {
                found::cheapest(|from| sum(from, Sums::total))?
            } else {
                let ours = runs
                    .iter()
                    .filter(|run| run.world == world.0 && run.row == self.judged);
                let wanted = ours.map(|run| run.sums.lost_in_all()).sum();
                found::as_good(wanted, |from| sum(from, Sums::lost_in_all))?
            };
            let sums = self.seeds.iter().zip(all(threshold)?);
            let run =
                |(seed, sums): (&u64, Sums)| self.run(world, *seed, name, sums, Some(threshold));
            Ok(sums.map(run).collect::<Vec<Run>>())
        };
        let found = parallel::all(&jobs, self.threads, work, || bar.inc(1))?;
        bar.finish_and_clear();
        Ok(found.into_iter().flatten().collect())
    }

    fn run(
        &self,
        world: &(String, Parameters),
        seed: u64,
        row: &str,
        sums: Sums,
        setting: Option<f64>,
    ) -> Run {
        Run {
            world: world.0.clone(),
            seed,
            row: row.to_owned(),
            sums,
            setting,
        }
    }

    /// One world with one seed and shop.
    fn sums(
        &self,
        parameters: &Parameters,
        seed: u64,
        shop: &mut dyn Shop,
    ) -> Result<Sums, Failure> {
        let extent = Extent {
            orders: self.orders,
            start: self.start,
            days: DAYS,
            seed,
        };
        let world = World::new(parameters.clone(), &extent);
        let world = world.map_err(|BadWorld(lines)| Failure::BadFile(lines))?;
        // As many worlds are played at once as there are threads: one more a world would only wait.
        let world = world.with_threads(NonZeroUsize::MIN);
        Ok(sums(&to_the_end(world, shop, &mut Nobody)?))
    }
}

/// A shop that knows nothing yet.
fn shop(row: &Row, seed: u64) -> Box<dyn Shop> {
    match row {
        Row::Nothing => Box::new(NoVerification),
        Row::Above(from) => Box::new(ValueThreshold { from: *from }),
        Row::Everybody | Row::SameLoss | Row::Best => Box::new(Everybody),
        Row::Tenth => Box::new(RandomTenth::new(seed)),
        Row::Doorstep(doorstep) => Box::new(doorstep.opened()),
        Row::Oracle => Box::new(Oracle::default()),
    }
}

/// What of a ledger is judged.
fn sums(ledger: &Ledger) -> Sums {
    let mut lost = ledger.lost.map(|money| money.expected);
    if let Some(claims) = lost.get_mut(Hazard::FalseClaim.index()) {
        *claims += ledger.displaced.expected;
    }
    Sums {
        orders: count(ledger.orders),
        lost,
        verification: ledger.verification_in_all().expected,
        losses: ledger.losses_expected,
        bothered: count(ledger.bothered),
        honest_customers: count(ledger.honest_customers_bothered),
        coded: count(ledger.coded),
        coded_valuable: count(ledger.coded_valuable),
        of_victims: count(ledger.orders_of_victims),
        suspected: count(ledger.victims_wrongly_suspected),
        by_action: ledger.by_action.map(count),
    }
}

fn bar(jobs: usize) -> ProgressBar {
    let jobs = u64::try_from(jobs).unwrap_or(u64::MAX);
    progress::bar(Some(jobs), "{wide_bar} {pos} of {len} worlds, {eta}")
}

/// The command as it can be given again.
fn line(command: &Judge) -> String {
    let mut words = vec!["doorstep judge".to_owned()];
    words.extend(command.worlds.iter().cloned());
    words.push(format!(
        "--orders {} --seeds {} --first-seed {}",
        command.orders, command.seeds, command.first_seed
    ));
    if !command.rows.is_empty() {
        words.push(format!("--rows {}", command.rows.join(",")));
    }
    if let Some(judged) = &command.judged {
        words.push(format!("--judged {judged}"));
    }
    words.join(" ")
}

/// Exchanges the tables of a document: all of it, or nothing.
fn write_into(file: &Path, tables: &str) -> Result<(), Failure> {
    let name = file.display();
    let failed = |error: std::io::Error| Failure::bad_file(&name, error);
    let document = std::fs::read_to_string(file).map_err(failed)?;
    let document = print::exchanged(&document, tables).ok_or_else(|| {
        Failure::bad_file(
            &name,
            format_args!("has no lines `{}` and `{}`", print::BEGIN, print::END),
        )
    })?;
    files::put(file, &document)
}
