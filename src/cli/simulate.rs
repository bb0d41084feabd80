//! `simulate`: plays a world with a known truth, writes its history or lets a server decide, and tells what it cost.

mod files;
mod told;

use std::path::Path;

use indicatif::ProgressBar;

use super::args::{Past, Simulate};
use super::client::Client;
use super::config::{self, Settings};
use super::exit::Failure;
use super::output::Output;
use super::player::Player;
use super::progress;
use crate::domain::hazard::Hazard;
use crate::domain::ids::OrderId;
use crate::domain::units::Date;
use crate::lab::simulate::baselines::{
    Everybody, NoVerification, Oracle, RandomTenth, ValueThreshold,
};
use crate::lab::simulate::ledger::Ledger;
use crate::lab::simulate::parameters::{BadWorld, WorldFile};
use crate::lab::simulate::shop::{Closed, Shop};
use crate::lab::simulate::world::{Day, Extent, Nobody, Stopped, Witness, World};

/// The threshold of the shops in the reports, in EUR.
const THRESHOLD: f64 = 400.0;

/// Runs the command.
pub(crate) fn run(command: &Simulate, out: &mut Output) -> Result<(), Failure> {
    let file = world_file(command.world.as_deref())?;
    if command.list {
        return told::scenarios(&file, command.format, out);
    }
    let name = command
        .world
        .as_deref()
        .map_or_else(|| "--scenario".to_owned(), |it| it.display().to_string());
    let parameters = file
        .scenario(&command.scenario)
        .map_err(|BadWorld(lines)| Failure::Usage(format!("{name}: {}", lines.join("; "))))?;
    let start = Date::parse(&command.start);
    let start = start.ok_or_else(|| {
        Failure::Usage(format!(
            "--start: `{}` is no date YYYY-MM-DD",
            command.start
        ))
    })?;
    let extent = Extent {
        orders: command.orders,
        start,
        days: command.days,
        seed: command.seed,
    };
    let world =
        World::new(parameters, &extent).map_err(|BadWorld(lines)| Failure::BadFile(lines))?;
    let ledger = match (&command.out, &command.server) {
        (None, None) => played(world, past(command).as_mut(), &mut Nobody)?,
        (_, Some(server)) => against(world, server)?,
        (Some(dir), None) => {
            let mut history = files::Begun::new(dir, command.replace)?;
            let ledger = played(world, past(command).as_mut(), history.witness())?;
            history.finish(&files::note(command))?;
            ledger
        }
    };
    told::ledger(&ledger, command, out)
}

/// The parameters that are built in, or a file's.
pub(super) fn world_file(path: Option<&Path>) -> Result<WorldFile, Failure> {
    let Some(path) = path else {
        return WorldFile::built_in().map_err(|bad| Failure::Bug(bad.to_string()));
    };
    let name = path.display();
    let text = std::fs::read_to_string(path);
    let text =
        text.map_err(|error| Failure::bad_file(&name, format_args!("cannot be read: {error}")))?;
    WorldFile::read(&text).map_err(|BadWorld(lines)| {
        Failure::BadFile(lines.iter().map(|line| format!("{name}:{line}")).collect())
    })
}

/// The shop of this name.
fn past(command: &Simulate) -> Box<dyn Shop> {
    match command.past {
        Past::None => Box::new(NoVerification),
        Past::Threshold => Box::new(ValueThreshold { from: THRESHOLD }),
        Past::Everybody => Box::new(Everybody),
        Past::RandomTenth => Box::new(RandomTenth::new(command.seed)),
        Past::Oracle => Box::new(Oracle::default()),
    }
}

/// Plays a world against a server, which decides.
fn against(world: World, server: &str) -> Result<Ledger, Failure> {
    let runtime = tokio::runtime::Runtime::new();
    let runtime = runtime.map_err(|error| Failure::Bug(format!("no runtime: {error}")))?;
    let settings = Settings::read(None, config::Flags::new())?;
    let client = runtime.block_on(Client::open(Some(server), &settings))?;
    let mut player = Player::new(client, runtime.handle().clone());
    let ledger = played(world, &mut player, &mut Nobody);
    runtime.block_on(player.into_client().close())?;
    ledger
}

/// Tells how far a world is, where standard error is a terminal.
struct Watched<'a> {
    bar: ProgressBar,
    by: &'a mut dyn Witness,
}

impl Witness for Watched<'_> {
    fn day(&mut self, day: &Day<'_>) -> Result<(), Closed> {
        let placed = u64::try_from(day.verdicts.len()).unwrap_or(0);
        self.bar.inc(placed);
        self.by.day(day)
    }

    fn ended(
        &mut self,
        order: &OrderId,
        truth: &[f64; Hazard::COUNT],
        happened: Option<Hazard>,
    ) -> Result<(), Closed> {
        self.by.ended(order, truth, happened)
    }
}

/// Plays a world to its end, and shows how far it is.
fn played(world: World, shop: &mut dyn Shop, witness: &mut dyn Witness) -> Result<Ledger, Failure> {
    let mut watched = Watched {
        bar: progress::bar(None, "{pos} orders, {per_sec}"),
        by: witness,
    };
    let played = to_the_end(world, shop, &mut watched);
    watched.bar.finish_and_clear();
    played
}

/// Plays a world to its end.
pub(super) fn to_the_end(
    world: World,
    shop: &mut dyn Shop,
    witness: &mut dyn Witness,
) -> Result<Ledger, Failure> {
    world.play(shop, witness).map_err(|stopped| match stopped {
        Stopped::World(bad) => Failure::Bug(bad.to_string()),
        Stopped::Shop(closed) => Failure::Unreachable(closed.to_string()),
    })
}
