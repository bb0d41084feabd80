//! `demo`: a service on free ports, four months of a simulated world through real gRPC, some remarkable orders among
//! them, and what came of it. Everything shown is what the service answered.

mod goods;
mod happen;
mod moment;
mod people;
mod stage;
mod stories;
mod tour;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::args::Demo;
use super::client::Client;
use super::config::{self, Setting, Settings};
use super::exit::{self, Failure};
use super::output::Output;
use super::running::Running;
use super::{keys, serve, show};
use crate::domain::action::Action;
use crate::domain::units::Date;
use crate::lab::simulate::parameters::WorldFile;
use crate::lab::simulate::world::{Extent, Nobody, Stopped, World};
use stage::{DAYS, FIRST};
use tour::{Played, Tour};

/// The same world on every run.
const SEED: u64 = 20_260_107;
/// The story that is explained in full.
const EXPLAINED: &str = "a phone, e-mail changed yesterday";
/// Orders of the world's own people.
const ORDERS: u64 = 1_500;

/// Runs the command.
pub(crate) async fn run(command: &Demo, out: &mut Output) -> Result<(), Failure> {
    let folder = config::new_temporary_folder("doorstep-demo")?;
    let shown = in_folder(command, &folder, out).await;
    if let Err(error) = std::fs::remove_dir_all(&folder) {
        exit::say(format_args!("{} is left behind: {error}", folder.display()));
    }
    shown
}

async fn in_folder(command: &Demo, folder: &Path, out: &mut Output) -> Result<(), Failure> {
    let flags = config::Flags::from([
        (Setting::Data, folder.display().to_string()),
        (Setting::Clock, "driven".to_owned()),
        (Setting::Listen, "127.0.0.1:0".to_owned()),
        (Setting::Metrics, "127.0.0.1:0".to_owned()),
        (Setting::DrainPause, "1ms".to_owned()),
    ]);
    let settings = Settings::read(None, flags)?;
    // The demo draws with a key that everybody knows, so that it shows the same on every run.
    keys::put(folder, &[0x0d; 32])?;
    let stop = serve::told_to_stop()?;
    let running = Running::start(&settings).await?;
    let grpc = running.grpc();
    exit::say(format_args!(
        "a service on {grpc}, data in {}",
        folder.display()
    ));
    let client = Client::of(running).await?;
    tokio::pin!(stop);
    let halt = Arc::new(AtomicBool::new(false));
    let playing = play(client, Arc::clone(&halt));
    tokio::pin!(playing);
    let (played, client) = tokio::select! {
        played = &mut playing => played?,
        () = &mut stop => {
            halt.store(true, Ordering::Relaxed);
            let (_, client) = playing.await?;
            return client.close().await;
        }
    };
    let shown = played.and_then(|played| {
        tell(&played, out)?;
        call(&grpc.to_string(), out)?;
        out.flush()
    });
    if shown.is_ok() && !command.once {
        exit::say("the service stays up: Ctrl-C ends it and removes its data");
        stop.await;
    }
    client.close().await?;
    shown
}

/// Plays the months in a thread of their own; the client comes back, for it holds the service.
async fn play(
    client: Client,
    halt: Arc<AtomicBool>,
) -> Result<(Result<Played, Failure>, Client), Failure> {
    let runtime = tokio::runtime::Handle::current();
    let world = world()?;
    let playing = tokio::task::spawn_blocking(move || {
        let mut tour = Tour::new(client, runtime, halt);
        let played = world.play(&mut tour, &mut Nobody);
        let (told, client) = tour.end();
        let told = match played {
            Ok(_) => Ok(told),
            Err(Stopped::World(bad)) => Err(Failure::Bug(bad.to_string())),
            Err(Stopped::Shop(closed)) => Err(Failure::Unreachable(closed.to_string())),
        };
        (told, client)
    });
    let played = playing.await;
    played.map_err(|error| Failure::Bug(format!("the world stopped: {error}")))
}

/// The world of the demo: the built-in one, small.
fn world() -> Result<World, Failure> {
    let extent = Extent {
        orders: ORDERS,
        start: Date::from_days(FIRST),
        days: i32::try_from(DAYS).unwrap_or(1),
        seed: SEED,
    };
    let file = WorldFile::built_in();
    let world = file.and_then(|file| World::new(file.scenario("baseline")?, &extent));
    world.map_err(|bad| Failure::Bug(bad.to_string()))
}

/// The table, the summary and one full explanation.
fn tell(played: &Played, out: &mut Output) -> Result<(), Failure> {
    out.line("Remarkable orders of the last days (costs in EUR, - where not possible)\n")?;
    let rows = played.stories.iter();
    let rows = rows.map(|(ask, decision)| (ask.story.unwrap_or(""), &ask.order, decision));
    show::stories(out, rows)?;
    summary(played, out)?;
    let explained = played
        .stories
        .iter()
        .find(|(ask, _)| ask.story == Some(EXPLAINED));
    if let Some((_, decision)) = explained {
        out.line(format_args!("\nOne of them in full: {EXPLAINED}\n"))?;
        show::explain(out, decision)?;
    }
    Ok(())
}

fn summary(played: &Played, out: &mut Output) -> Result<(), Failure> {
    let mut by_story = BTreeMap::<Action, u32>::new();
    for (_, decision) in &played.stories {
        let action = Action::from_number(decision.action).unwrap_or(Action::None);
        *by_story.entry(action).or_insert(0) += 1;
    }
    let sum = |counts: &BTreeMap<Action, u32>| counts.values().sum::<u32>();
    let (habits, stories) = (sum(&played.habits), sum(&by_story));
    out.line(format_args!(
        "\n{} orders in {DAYS} days ({habits} of a simulated world, {stories} remarkable), {} carts, {} events\n",
        habits + stories,
        played.carts,
        played.events,
    ))?;
    let share = |counts: &BTreeMap<Action, u32>, action: Action| {
        let one = counts.get(&action).copied().unwrap_or(0);
        let all = f64::from(sum(counts).max(1));
        format!("{one} ({:.1} %)", f64::from(one) * 100.0 / all)
    };
    let rows = Action::ALL.iter().map(|action| {
        [
            show::action(action.number()).to_owned(),
            share(&played.habits, *action),
            share(&by_story, *action),
        ]
    });
    show::table(
        out,
        ["action", "orders of the world", "remarkable orders"],
        rows,
    )
}

/// How to call it.
fn call(grpc: &str, out: &mut Output) -> Result<(), Failure> {
    const ORDER: &str = r#"{"order":{"order_id":"o1","customer_id":"c1","currency_code":"EUR",
 "items":[{"unit_price_minor":"89900","category":"CATEGORY_PHONE"}],
 "delivery":{"address_key":"a7f3k9"},
 "contacts":[{"contact_id":"sms-81","kind":"CONTACT_KIND_SMS","verified":true}]}}"#;
    let url = format!("http://{grpc}/doorstep.v1.DecisionService/Decide");
    out.line("\nCall it with curl:\n")?;
    out.line(format_args!(
        "curl -s {url} -H 'content-type: application/json' -d '{ORDER}'"
    ))?;
    out.line("\nor from Python:\n")?;
    out.line("import json, urllib.request")?;
    out.line(format_args!("order = '''{ORDER}'''"))?;
    out.line(format_args!(
        "call = urllib.request.Request(\"{url}\", order.encode(),"
    ))?;
    out.line("    {\"content-type\": \"application/json\"})")?;
    out.line("decision = json.load(urllib.request.urlopen(call))[\"decision\"]")?;
    out.line("print(decision[\"action\"], [reason[\"code\"] for reason in decision[\"reasons\"]])")
}
