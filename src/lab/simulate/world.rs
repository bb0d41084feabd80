//! The world itself: day after day, people order, the shop answers, parcels travel, and the rest follows.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use super::calendar::Calendar;
use super::chance::Seed;
use super::goods::Shelf;
use super::ledger::Ledger;
use super::parameters::{BadWorld, Parameters};
use super::people::{self, Population};
use super::places::Places;
use super::placing::{Pending, Words};
use super::plan::{Plan, Planner};
use super::shop::{Closed, Happening, Shop};
use super::telling::{Nth, Telling, event};
pub use super::witness::{Day, Nobody, Witness};
use crate::domain::event::EventKind;
use crate::domain::hazard::Hazard;
use crate::domain::ids::OrderId;
use crate::domain::units::{Date, Timestamp, count_to_f64};

/// After the last order, everything comes to its end within so many days.
const AFTER_MAX: i32 = 400;

/// How large a world is and where its chance begins.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// Orders placed, exactly.
    pub orders: u64,
    /// The first day.
    pub start: Date,
    /// Days on which orders are placed, from 1.
    pub days: i32,
    /// The same seed gives the same world.
    pub seed: u64,
}

/// Why a world stopped before its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stopped {
    /// Its parameters make no world.
    #[error(transparent)]
    World(#[from] BadWorld),
    /// Its shop closed, or whoever watched it could not go on.
    #[error(transparent)]
    Shop(#[from] Closed),
}

/// Something that will happen in somebody's life, or to their account.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// An order is placed.
    Place(Plan),
    /// A contact changes: the e-mail, or else the telephone number.
    Contact { plan: Plan, email: bool },
    /// An address is added: the customer moves, or an intruder has a drop.
    Address { plan: Plan },
    /// The password is reset.
    Reset { plan: Plan },
    /// The owner takes the account back.
    Restore { customer: usize },
    /// A claim was settled as the customer's own.
    Caught { customer: usize },
    /// The shop hears that a depot's tracking data is out.
    Leak { depot: usize },
}

/// Fewer things are not worth a thread.
const PART_LEAST: usize = 200;

/// What comes of things, in their order, made by so many threads: each from what the world is now and from its own
/// draws, so that the number of threads changes nothing.
pub(super) fn in_parts<T: Sync, R: Send>(
    threads: NonZeroUsize,
    things: &[T],
    make: impl Fn(&[T]) -> Result<Vec<R>, BadWorld> + Sync,
) -> Result<Vec<R>, BadWorld> {
    let part = things.len().div_ceil(threads.get()).max(PART_LEAST);
    if things.len() <= part {
        return make(things);
    }
    let make = &make;
    std::thread::scope(|scope| {
        let mut parts = things.chunks(part);
        let own = parts.next().unwrap_or_default();
        let others: Vec<_> = parts.map(|part| scope.spawn(move || make(part))).collect();
        let mut made = make(own)?;
        for other in others {
            let stopped = |_| BadWorld(vec!["a thread of the world stopped".to_owned()]);
            made.extend(other.join().map_err(stopped)??);
        }
        Ok(made)
    })
}

/// A world with a known truth.
#[derive(Debug)]
#[expect(
    clippy::vec_box,
    reason = "orders under way are large and move from list to list"
)]
pub struct World {
    pub(super) it: Parameters,
    pub(super) calendar: Calendar,
    pub(super) places: Places,
    pub(super) shelf: Shelf,
    pub(super) population: Population,
    pub(super) seed: Seed,
    pub(super) words: Words,
    pub(super) planner: Planner,
    pub(super) agenda: BTreeMap<i32, Vec<(Timestamp, u64, Step)>>,
    pub(super) due: BTreeMap<i32, Vec<Box<Pending>>>,
    /// Parcels due, by day and address.
    pub(super) stops: BTreeMap<(i32, usize), u32>,
    pub(super) telling: Telling,
    /// Accounts with an intruder in them.
    pub(super) broken_in: BTreeMap<usize, BrokenIn>,
    pub(super) ledger: Ledger,
    pub(super) days: i32,
    pub(super) threads: NonZeroUsize,
    pub(super) happenings: Vec<Happening>,
    pub(super) ended: Vec<(OrderId, [f64; Hazard::COUNT], Option<Hazard>)>,
}

/// What an intruder put into an account.
#[derive(Clone, Debug, Default)]
pub(super) struct BrokenIn {
    /// Where things are sent, and since when the account knows it.
    pub(super) drop: Option<(usize, Timestamp)>,
    /// How many contacts are the intruder's.
    pub(super) contacts: usize,
}

impl World {
    /// The world of these parameters and this seed.
    ///
    /// # Errors
    /// [`BadWorld`] where the parameters make none.
    pub fn new(it: Parameters, extent: &Extent) -> Result<Self, BadWorld> {
        if extent.days < 1 || extent.orders < 1 {
            return Err(BadWorld(vec![
                "a world has at least one day and one order".to_owned(),
            ]));
        }
        let seed = Seed::new(extent.seed);
        let orders = count_to_f64(extent.orders);
        let a_year = orders * 365.0 / f64::from(extent.days);
        let calendar = Calendar::new(extent.start, extent.days, &it, &seed);
        let places = Places::new(&it, a_year, &seed)?;
        let number = people::number_of(&it, a_year);
        let start = calendar.at(0, 0.0);
        let population = Population::new(&it, &places, number, (start, extent.days), &seed)?;
        let mut world = Self {
            shelf: Shelf::new(&it)?,
            words: Words::new()?,
            planner: Planner::new(extent.orders),
            agenda: BTreeMap::new(),
            due: BTreeMap::new(),
            stops: BTreeMap::new(),
            telling: Telling::default(),
            broken_in: BTreeMap::new(),
            ledger: Ledger::default(),
            days: extent.days,
            threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            happenings: Vec::new(),
            ended: Vec::new(),
            it,
            calendar,
            places,
            population,
            seed,
        };
        world.leaks();
        Ok(world)
    }

    /// The same world made by so many threads instead of as many as there are processors.
    #[must_use]
    pub const fn with_threads(mut self, threads: NonZeroUsize) -> Self {
        self.threads = threads;
        self
    }

    /// Plays it to its end with a shop that decides and somebody who watches.
    ///
    /// # Errors
    /// [`Stopped`] where the shop closes, the witness cannot go on or the parameters make no world.
    pub fn play(
        mut self,
        shop: &mut dyn Shop,
        witness: &mut dyn Witness,
    ) -> Result<Ledger, Stopped> {
        let mut day = 0;
        while day < self.days || !self.is_over() && day < self.days + AFTER_MAX {
            self.deliver_all(day)?;
            let morning = self.morning(day)?;
            self.hold(day, morning, shop, witness)?;
            for (order, truth, happened) in self.ended.drain(..) {
                witness.ended(&order, &truth, happened)?;
            }
            day += 1;
        }
        let customers = self.ledger.bothered_people.len();
        self.ledger.honest_customers_bothered = u64::try_from(customers).unwrap_or(u64::MAX);
        Ok(self.ledger)
    }

    fn is_over(&self) -> bool {
        self.due.is_empty() && self.telling.is_over()
    }

    /// The doors of a day are made ahead, in parts; what follows from them is written down in their order.
    fn deliver_all(&mut self, day: i32) -> Result<(), BadWorld> {
        let due = self.due.remove(&day).unwrap_or_default();
        let doors = in_parts(self.threads, &due, |due| {
            let doors = due.iter().map(|pending| {
                let stop = (day, pending.address);
                let parcels = self.stops.get(&stop).copied().unwrap_or(1);
                self.door(pending, parcels)
            });
            doors.collect()
        })?;
        for (pending, door) in due.into_iter().zip(doors) {
            self.settle(&pending, door)?;
        }
        let later = self.stops.split_off(&(day + 1, 0));
        self.stops = later;
        Ok(())
    }

    /// Something will happen at a moment.
    pub(super) fn plan_step(&mut self, at: Timestamp, number: u64, step: Step) {
        let day = self.calendar.day_of(at);
        self.agenda.entry(day).or_default().push((at, number, step));
    }

    /// The owner of an account will notice.
    pub(super) fn restore(&mut self, customer: usize, at: Timestamp, number: u64) {
        self.plan_step(at, number, Step::Restore { customer });
    }

    /// Something will be told of an order.
    pub(super) fn tell(
        &mut self,
        at: Timestamp,
        number: u64,
        nth: Nth,
        kind: EventKind,
    ) -> Result<(), BadWorld> {
        let event = event(at, (number, nth), kind)?;
        self.telling.tell(&self.calendar, event);
        Ok(())
    }

    /// An order's end is known.
    pub(super) fn has_ended(&mut self, pending: &Pending, happened: Option<Hazard>) {
        self.ended
            .push((pending.order.order_id.clone(), pending.p, happened));
    }
}
