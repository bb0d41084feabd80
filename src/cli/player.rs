//! A server as the shop of a simulated world: orders and events go over the wire as a real shop's would, and what it
//! answers changes what happens next.
//!
//! Changes of accounts are told at once and in their place among the orders; carriers and claims desks report by the
//! hour, as they do. A server that is busy or away for a moment is waited for as long as it asks for.

mod messages;

use std::time::Duration;

use tokio::runtime::Handle;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::client::{self, Client};
use super::exit::Failure;
use crate::api::wire::pb;
use crate::domain::action::Action;
use crate::domain::event::{Event, EventKind};
use crate::domain::ids::ContactId;
use crate::domain::units::Timestamp;
use crate::lab::simulate::shop::{Closed, Happening, Shop, Verdict};

/// The contract's bounds of one call.
const ORDERS_MAX: usize = 100;
const EVENTS_MAX: usize = 1_000;
/// How often a call is made again before the world gives up.
const TRIES_MAX: u32 = 50;
/// No longer than this is waited at once, and so long where the server does not say.
const WAIT_MAX: Duration = Duration::from_secs(10);
const WAIT: Duration = Duration::from_millis(200);
/// Seconds that a server's clock may be ahead of an order of the world: what is told comes by the hour.
const CLOCK_MAX: i64 = 86_400;
/// Microseconds of an hour.
const HOUR: i64 = 3_600_000_000;

/// Plays orders and events against a service, from a thread that may block.
#[derive(Debug)]
pub(crate) struct Player {
    client: Client,
    runtime: Handle,
    asks: Vec<pb::DecideRequest>,
    events: Vec<pb::Event>,
    verdicts: Vec<Verdict>,
    /// Some of the events must be known before the next order.
    is_urgent: bool,
    /// The hour that is being played.
    hour: i64,
    /// Events told so far.
    pub(crate) told: u64,
}

impl Player {
    /// Plays against `client`, waiting on `runtime`.
    pub(crate) const fn new(client: Client, runtime: Handle) -> Self {
        Self {
            client,
            runtime,
            asks: Vec::new(),
            events: Vec::new(),
            verdicts: Vec::new(),
            is_urgent: false,
            hour: i64::MIN,
            told: 0,
        }
    }

    /// Ends the conversation.
    pub(crate) fn into_client(self) -> Client {
        self.client
    }

    /// The client, to say more than a world does.
    pub(crate) const fn client(&mut self) -> &mut Client {
        &mut self.client
    }

    /// Plays what happened, and gives the verdicts on its orders.
    ///
    /// # Errors
    /// What the service refuses, and a service that cannot be reached.
    pub(crate) fn play(&mut self, batch: &[Happening]) -> Result<Vec<Verdict>, Failure> {
        batch
            .iter()
            .try_for_each(|happening| self.take(happening))?;
        self.ask()?;
        self.tell()?;
        Ok(std::mem::take(&mut self.verdicts))
    }

    /// Takes one happening: sends what must come before it, and keeps it for its turn.
    fn take(&mut self, happening: &Happening) -> Result<(), Failure> {
        match happening {
            Happening::Order(order) => {
                self.turn(order.placed_at)?;
                if self.is_urgent {
                    self.tell()?;
                }
                self.asks.push(pb::DecideRequest {
                    order: Some(messages::order(order)),
                    view: pb::DecisionView::Basic.into(),
                    ..pb::DecideRequest::default()
                });
                if self.asks.len() >= ORDERS_MAX {
                    self.ask()
                } else {
                    Ok(())
                }
            }
            Happening::Event(event) => {
                self.turn(event.occurred_at)?;
                if is_of_account(event) {
                    self.ask()?;
                    self.is_urgent = true;
                }
                self.events.push(messages::event(event));
                if self.events.len() >= EVENTS_MAX {
                    self.tell()
                } else {
                    Ok(())
                }
            }
        }
    }

    /// A new hour: what the last one held is sent.
    fn turn(&mut self, at: Timestamp) -> Result<(), Failure> {
        let hour = at.as_micros().div_euclid(HOUR);
        if hour != self.hour {
            self.hour = hour;
            self.ask()?;
            self.tell()?;
        }
        Ok(())
    }

    /// Tells the events that wait.
    fn tell(&mut self) -> Result<(), Failure> {
        self.is_urgent = false;
        if self.events.is_empty() {
            return Ok(());
        }
        let events = std::mem::take(&mut self.events);
        let runtime = self.runtime.clone();
        self.told += u64::try_from(events.len()).unwrap_or(0);
        runtime.block_on(record(&mut self.client, events))
    }

    /// Asks about the orders that wait.
    fn ask(&mut self) -> Result<(), Failure> {
        if self.asks.is_empty() {
            return Ok(());
        }
        let asks = std::mem::take(&mut self.asks);
        let runtime = self.runtime.clone();
        let placed: Vec<i64> = asks.iter().map(placed_at).collect();
        let decisions = runtime.block_on(decide(&mut self.client, asks))?;
        for (placed, decision) in placed.into_iter().zip(&decisions) {
            same_clock(placed, decision)?;
            self.verdicts.push(verdict(decision));
        }
        Ok(())
    }
}

impl Shop for Player {
    fn tick(&mut self, batch: &[Happening]) -> Result<Vec<Verdict>, Closed> {
        self.play(batch).map_err(|failure| Closed(why(&failure)))
    }
}

/// When the order of a question was placed, in seconds since 1970.
fn placed_at(ask: &pb::DecideRequest) -> i64 {
    let placed = ask.order.as_ref().and_then(|it| it.placed_at.as_ref());
    placed.map_or(0, |it| it.seconds)
}

/// A server with a clock of its own judges what nobody of the world knows yet: a world on it says nothing.
fn same_clock(placed: i64, decision: &pb::Decision) -> Result<(), Failure> {
    let decided = decision.decided_at.as_ref().map_or(placed, |it| it.seconds);
    if decided.saturating_sub(placed) <= CLOCK_MAX {
        return Ok(());
    }
    let told = |seconds: i64| Timestamp::from_micros(seconds.saturating_mul(1_000_000));
    Err(Failure::Usage(format!(
        "--server: it is {} by the server's clock where the world is at {}: start it with --clock driven and an empty data directory",
        told(decided),
        told(placed)
    )))
}

/// A failure in words.
pub(crate) fn why(failure: &Failure) -> String {
    match failure {
        Failure::Usage(what) | Failure::Unreachable(what) | Failure::Bug(what) => what.clone(),
        Failure::BadFile(lines) => lines.join("; "),
        Failure::Findings | Failure::Closed => "the server was left".to_owned(),
    }
}

/// Whether it must be known before the next order is judged.
const fn is_of_account(event: &Event) -> bool {
    matches!(
        event.kind,
        EventKind::ContactChanged { .. }
            | EventKind::AddressChanged { .. }
            | EventKind::PasswordReset { .. }
            | EventKind::SuspicionRaised { .. }
            | EventKind::SuspicionCleared { .. }
    )
}

/// Records events, so many a call; a rejected one is a fault of the world.
pub(crate) async fn record(client: &mut Client, events: Vec<pb::Event>) -> Result<(), Failure> {
    for events in events.chunks(EVENTS_MAX) {
        let request = pb::RecordEventsRequest {
            events: events.to_vec(),
        };
        let mut tries = 0;
        let answer = loop {
            match client.history.record_events(request.clone()).await {
                Ok(answer) => break answer.into_inner(),
                Err(status) => wait(&status, &mut tries).await?,
            }
        };
        for result in answer.results {
            if result.status == i32::from(pb::EventStatus::Rejected) {
                let (id, why) = (result.event_id, result.reason);
                return Err(Failure::Bug(format!("{id} was rejected: {why}")));
            }
        }
    }
    Ok(())
}

/// Decides orders, so many a call; a refused one is a fault of the world.
pub(crate) async fn decide(
    client: &mut Client,
    asks: Vec<pb::DecideRequest>,
) -> Result<Vec<pb::Decision>, Failure> {
    let mut decided = Vec::new();
    for requests in asks.chunks(ORDERS_MAX) {
        let request = pb::DecideBatchRequest {
            requests: requests.to_vec(),
        };
        let mut tries = 0;
        loop {
            let results = match client.decisions.decide_batch(request.clone()).await {
                Ok(answer) => answer.into_inner().results,
                Err(status) => {
                    wait(&status, &mut tries).await?;
                    continue;
                }
            };
            match answers(requests, results)? {
                Some(all) => {
                    decided.extend(all);
                    break;
                }
                // The same call again: what was recorded is answered as it was.
                None => {
                    wait(
                        &Status::unavailable("some orders were not decided"),
                        &mut tries,
                    )
                    .await?;
                }
            }
        }
    }
    Ok(decided)
}

/// Every decision of a batch, or none where the server asks to come again for some.
fn answers(
    requests: &[pb::DecideRequest],
    results: Vec<pb::DecideResult>,
) -> Result<Option<Vec<pb::Decision>>, Failure> {
    let mut all = Vec::with_capacity(results.len());
    for (request, result) in requests.iter().zip(results) {
        match result.result {
            Some(pb::decide_result::Result::Decision(decision)) => all.push(*decision),
            Some(pb::decide_result::Result::Error(error)) => {
                let code = Code::from_i32(i32::try_from(error.code).unwrap_or(0));
                if may_pass(code) {
                    return Ok(None);
                }
                let id = request.order.as_ref().map_or("", |it| it.order_id.as_str());
                // Ids of another world that the server knows already: its orders are others.
                let known = if code == Code::FailedPrecondition {
                    "; a world is played against an empty data directory"
                } else {
                    ""
                };
                let fields = error.field_violations.into_iter();
                let fields = fields.map(|it| format!("; {}: {}", it.field, it.description));
                let fields: String = fields.collect();
                return Err(Failure::Bug(format!(
                    "{id} was refused: {}{fields}{known}",
                    error.message
                )));
            }
            None => return Err(Failure::Bug("the service answered nothing".to_owned())),
        }
    }
    Ok(Some(all))
}

/// Whether the same call may succeed a little later.
const fn may_pass(code: Code) -> bool {
    matches!(
        code,
        Code::Unavailable | Code::ResourceExhausted | Code::DeadlineExceeded | Code::Aborted
    )
}

/// Waits as long as the server asks for, if it makes sense to call again.
async fn wait(status: &Status, tries: &mut u32) -> Result<(), Failure> {
    *tries += 1;
    if !may_pass(status.code()) || *tries > TRIES_MAX {
        return Err(client::refused(status));
    }
    let asked = status
        .get_details_retry_info()
        .and_then(|it| it.retry_delay);
    tokio::time::sleep(asked.unwrap_or(WAIT).min(WAIT_MAX)).await;
    Ok(())
}

/// A decision as the world plays it.
fn verdict(decision: &pb::Decision) -> Verdict {
    let action = Action::from_number(decision.action).unwrap_or(Action::None);
    let contact = ContactId::try_new(&decision.code_contact_id).ok();
    Verdict::certain(action, contact)
}
