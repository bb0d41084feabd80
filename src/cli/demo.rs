//! `demo`: a service on free ports, four months of orders and events through real gRPC, and what came
//! of them. Everything shown is what the service answered.

mod chance;
mod goods;
mod happen;
mod moment;
mod people;
mod stories;
mod world;

use std::collections::BTreeMap;
use std::path::Path;

use super::args::Demo;
use super::client::{self, Client};
use super::config::{self, Setting, Settings};
use super::exit::{self, Failure};
use super::output::Output;
use super::running::Running;
use super::{keys, serve, show};
use crate::api::wire::pb;
use pb::Action;
use world::{Ask, DAYS, World};

/// The same world on every run.
const SEED: u64 = 20_260_107;
/// The story that is explained in full.
const EXPLAINED: &str = "a phone, e-mail changed yesterday";
/// The contract's bounds of one call.
const ORDERS_MAX: usize = 100;
const EVENTS_MAX: usize = 1_000;

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
    let mut client = Client::of(running).await?;
    let playing = async {
        let played = play(&mut client).await?;
        tell(&played, out)?;
        call(&grpc.to_string(), out)?;
        out.flush()
    };
    tokio::pin!(stop);
    let played = tokio::select! {
        played = playing => Some(played),
        () = &mut stop => None,
    };
    match played {
        Some(Ok(())) if !command.once => {
            exit::say("the service stays up: Ctrl-C ends it and removes its data");
            stop.await;
        }
        Some(Err(failure)) => {
            client.close().await?;
            return Err(failure);
        }
        Some(Ok(())) | None => {}
    }
    client.close().await
}

/// What was played.
#[derive(Debug, Default)]
struct Played {
    events: u64,
    carts: u64,
    /// Every placed order with its decision: by habit, and by story.
    habits: Vec<(Ask, pb::Decision)>,
    stories: Vec<(Ask, pb::Decision)>,
}

/// Plays the months day by day: what happens, what is ordered, what follows from the decisions.
async fn play(client: &mut Client) -> Result<Played, Failure> {
    let mut world = World::new(SEED);
    let mut played = Played::default();
    record(client, world.before(), &mut played).await?;
    for day in 0..DAYS {
        let today = world.day(day);
        record(client, today.events, &mut played).await?;
        for asks in today.asks.chunks(ORDERS_MAX) {
            for (ask, decision) in decide(client, asks).await? {
                let action = Action::try_from(decision.action).unwrap_or(Action::Unspecified);
                world.decided(&ask, action);
                if ask.order.stage == i32::from(pb::Stage::Cart) {
                    played.carts += 1;
                } else if ask.story.is_some() {
                    played.stories.push((ask, decision));
                } else {
                    played.habits.push((ask, decision));
                }
            }
        }
    }
    // In the order in which the stories are written.
    played
        .stories
        .sort_by(|(a, _), (b, _)| a.order.order_id.cmp(&b.order.order_id));
    Ok(played)
}

async fn record(
    client: &mut Client,
    events: Vec<pb::Event>,
    played: &mut Played,
) -> Result<(), Failure> {
    for events in events.chunks(EVENTS_MAX) {
        let request = pb::RecordEventsRequest {
            events: events.to_vec(),
        };
        let answer = client.history.record_events(request).await;
        let answer = answer.map_err(|status| client::refused(&status))?;
        for result in answer.into_inner().results {
            if result.status == i32::from(pb::EventStatus::Rejected) {
                let (id, why) = (result.event_id, result.reason);
                return Err(Failure::Bug(format!("the demo's {id} was rejected: {why}")));
            }
            played.events += 1;
        }
    }
    Ok(())
}

async fn decide(client: &mut Client, asks: &[Ask]) -> Result<Vec<(Ask, pb::Decision)>, Failure> {
    // Habits are only counted; explanations are for what is shown.
    let view = |ask: &Ask| match ask.story {
        Some(_) => pb::DecisionView::Full,
        None => pb::DecisionView::Basic,
    };
    let request = |ask: &Ask| pb::DecideRequest {
        order: Some(ask.order.clone()),
        view: view(ask).into(),
        ..pb::DecideRequest::default()
    };
    let requests = asks.iter().map(request).collect();
    let answer = client
        .decisions
        .decide_batch(pb::DecideBatchRequest { requests })
        .await;
    let answer = answer.map_err(|status| client::refused(&status))?;
    let mut decided = Vec::new();
    for (ask, result) in asks.iter().zip(answer.into_inner().results) {
        match result.result {
            Some(pb::decide_result::Result::Decision(it)) => decided.push((ask.clone(), *it)),
            Some(pb::decide_result::Result::Error(error)) => {
                let (id, fields) = (&ask.order.order_id, &error.field_violations);
                let why = format!("the demo's {id} was refused: {} {fields:?}", error.message);
                return Err(Failure::Bug(why));
            }
            None => return Err(Failure::Bug("the service answered nothing".to_owned())),
        }
    }
    Ok(decided)
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
    let (habits, stories) = (played.habits.len(), played.stories.len());
    out.line(format_args!(
        "\n{} orders in {DAYS} days ({habits} by habit, {stories} remarkable), {} carts, {} events\n",
        habits + stories,
        played.carts,
        played.events,
    ))?;
    let count = |of: &[(Ask, pb::Decision)]| {
        let mut counts = BTreeMap::<i32, u32>::new();
        for (_, decision) in of {
            *counts.entry(decision.action).or_insert(0) += 1;
        }
        counts
    };
    let (by_habit, by_story) = (count(&played.habits), count(&played.stories));
    let share = |counts: &BTreeMap<i32, u32>, action: Action| {
        let one = counts.get(&action.into()).copied().unwrap_or(0);
        let all: u32 = counts.values().sum();
        format!(
            "{one} ({:.1} %)",
            f64::from(one) * 100.0 / f64::from(all.max(1))
        )
    };
    let actions = [
        Action::None,
        Action::Otp,
        Action::ItemCodes,
        Action::LockerOnly,
        Action::Review,
    ];
    let rows = actions.map(|action| {
        [
            show::action(action.into()).to_owned(),
            share(&by_habit, action),
            share(&by_story, action),
        ]
    });
    show::table(
        out,
        ["action", "orders by habit", "remarkable orders"],
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
