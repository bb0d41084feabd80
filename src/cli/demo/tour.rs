//! The demo's shop: the service, which hears a world's days with the stories among them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::runtime::Handle;

use super::stage::{Ask, DAYS, Stage};
use crate::api::wire::pb;
use crate::cli::client::Client;
use crate::cli::exit::Failure;
use crate::cli::player::{self, Player};
use crate::domain::action::Action;
use crate::lab::simulate::shop::{Closed, Happening, Shop, Verdict};

/// What was played.
#[derive(Debug, Default)]
pub(super) struct Played {
    pub(super) events: u64,
    pub(super) carts: u64,
    /// Orders of the world, by what was asked.
    pub(super) habits: BTreeMap<Action, u32>,
    /// Every remarkable order with its decision, in the order in which the stories are written.
    pub(super) stories: Vec<(Ask, pb::Decision)>,
}

/// Leads a service through the months.
#[derive(Debug)]
pub(super) struct Tour {
    player: Player,
    runtime: Handle,
    stage: Stage,
    day: i64,
    played: Played,
    /// Somebody wants it to end.
    halt: Arc<AtomicBool>,
}

impl Tour {
    /// A tour that waits on `runtime`.
    pub(super) fn new(client: Client, runtime: Handle, halt: Arc<AtomicBool>) -> Self {
        Self {
            player: Player::new(client, runtime.clone()),
            runtime,
            stage: Stage::new(),
            day: 0,
            played: Played::default(),
            halt,
        }
    }

    /// What was played, and the client.
    pub(super) fn end(self) -> (Played, Client) {
        let mut played = self.played;
        played.events += self.player.told;
        played
            .stories
            .sort_by(|(a, _), (b, _)| a.order.order_id.cmp(&b.order.order_id));
        (played, self.player.into_client())
    }

    fn record(&mut self, events: Vec<pb::Event>) -> Result<(), Failure> {
        self.played.events += u64::try_from(events.len()).unwrap_or(0);
        self.runtime
            .block_on(player::record(self.player.client(), events))
    }

    /// Asks about one order of a story, and lets what follows from it happen.
    fn tell(&mut self, ask: Ask) -> Result<(), Failure> {
        let request = pb::DecideRequest {
            order: Some(ask.order.clone()),
            view: pb::DecisionView::Full.into(),
            ..pb::DecideRequest::default()
        };
        let client = self.player.client();
        let decided = self
            .runtime
            .block_on(player::decide(client, vec![request]))?;
        for decision in decided {
            let action = pb::Action::try_from(decision.action).unwrap_or(pb::Action::Unspecified);
            self.stage.decided(&ask, action);
            if ask.order.stage == i32::from(pb::Stage::Cart) {
                self.played.carts += 1;
            } else if ask.story.is_some() {
                self.played.stories.push((ask.clone(), decision));
            }
        }
        Ok(())
    }

    /// A day: what the stories' people did, then orders of the world and of the stories by their time.
    fn day(&mut self, batch: &[Happening]) -> Result<Vec<Verdict>, Failure> {
        if self.day == 0 {
            let before = self.stage.before();
            self.record(before)?;
        }
        let today = self.stage.day(self.day);
        self.record(today.events)?;
        let (mut verdicts, mut rest) = (Vec::new(), batch);
        for ask in today.asks {
            let seconds = ask.order.placed_at.map_or(0, |at| at.seconds);
            let earlier = rest.partition_point(|it| second(it) <= seconds);
            let (now, later) = rest.split_at(earlier);
            verdicts.extend(self.player.play(now)?);
            rest = later;
            self.tell(ask)?;
        }
        verdicts.extend(self.player.play(rest)?);
        Ok(verdicts)
    }
}

impl Shop for Tour {
    fn tick(&mut self, batch: &[Happening]) -> Result<Vec<Verdict>, Closed> {
        if self.halt.load(Ordering::Relaxed) {
            return Err(Closed("the demo was ended".to_owned()));
        }
        // What is under way after the last day is not told: the demo's time stands still there.
        let verdicts = if self.day < DAYS {
            let verdicts = self.day(batch);
            verdicts.map_err(|failure| Closed(player::why(&failure)))?
        } else {
            Vec::new()
        };
        self.day += 1;
        for verdict in &verdicts {
            *self.played.habits.entry(verdict.action).or_insert(0) += 1;
        }
        Ok(verdicts)
    }
}

/// When it happened, in seconds.
fn second(happening: &Happening) -> i64 {
    let at = match happening {
        Happening::Order(order) => order.placed_at,
        Happening::Event(event) => event.occurred_at,
    };
    at.as_micros().div_euclid(1_000_000)
}
