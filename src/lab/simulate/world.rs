//! The world itself: day after day, people order, the shop answers, parcels travel, and the rest follows.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::calendar::Calendar;
use super::chance::Seed;
use super::delivery::is_text;
use super::effects;
use super::goods::Shelf;
use super::ledger::Ledger;
use super::parameters::{BadWorld, Parameters};
use super::people::{self, Population};
use super::places::Places;
use super::placing::{Maker, Pending, Words, best_contact};
use super::plan::{Plan, Planner};
use super::shop::{Closed, Happening, Shop, Truth, Verdict};
use super::telling::{Telling, event};
use crate::domain::action::Action;
use crate::domain::event::{CancelledBy, EventKind, Subject};
use crate::domain::hazard::Hazard;
use crate::domain::ids::OrderId;
use crate::domain::order::{Order, Stage};
use crate::domain::units::{Date, Span, Timestamp, to_f64};

/// Orders are planned so many days ahead, because people change their accounts before they order.
const AHEAD: i32 = 30;
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

/// Whoever watches a world and writes down what happens.
pub trait Witness {
    /// A day is over. After the last day on which orders are placed, `is_after` is true: what was under way ends.
    ///
    /// # Errors
    /// [`Closed`] where nothing more can be written: the world stops.
    fn day(&mut self, day: &Day<'_>) -> Result<(), Closed>;

    /// An order has come to its end: what its true probabilities without control were, and what happened.
    ///
    /// # Errors
    /// As [`Witness::day`].
    fn ended(
        &mut self,
        _order: &OrderId,
        _truth: &[f64; Hazard::COUNT],
        _happened: Option<Hazard>,
    ) -> Result<(), Closed> {
        Ok(())
    }
}

/// One day of a world.
#[derive(Clone, Copy, Debug)]
pub struct Day<'a> {
    /// From 0.
    pub number: i32,
    /// No more orders are placed: what was under way ends.
    pub is_after: bool,
    /// What the shop heard, in order of time.
    pub happenings: &'a [Happening],
    /// What it answered, one an order.
    pub verdicts: &'a [Verdict],
}

/// Watches and writes nothing.
#[derive(Clone, Copy, Debug)]
pub struct Nobody;

impl Witness for Nobody {
    fn day(&mut self, _: &Day<'_>) -> Result<(), Closed> {
        Ok(())
    }
}

impl<W: Witness> Witness for Option<W> {
    fn day(&mut self, day: &Day<'_>) -> Result<(), Closed> {
        self.as_mut().map_or(Ok(()), |it| it.day(day))
    }

    fn ended(
        &mut self,
        order: &OrderId,
        truth: &[f64; Hazard::COUNT],
        happened: Option<Hazard>,
    ) -> Result<(), Closed> {
        self.as_mut()
            .map_or(Ok(()), |it| it.ended(order, truth, happened))
    }
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

/// A world with a known truth.
#[derive(Debug)]
pub struct World {
    pub(super) it: Parameters,
    pub(super) calendar: Calendar,
    pub(super) places: Places,
    shelf: Shelf,
    pub(super) population: Population,
    pub(super) seed: Seed,
    words: Words,
    planner: Planner,
    agenda: BTreeMap<i32, Vec<(Timestamp, u64, Step)>>,
    due: BTreeMap<i32, Vec<Pending>>,
    /// Parcels due, by day and address.
    pub(super) stops: BTreeMap<(i32, usize), u32>,
    telling: Telling,
    /// Accounts with an intruder in them.
    pub(super) broken_in: BTreeMap<usize, BrokenIn>,
    pub(super) ledger: Ledger,
    days: i32,
    ended: Vec<(OrderId, [f64; Hazard::COUNT], Option<Hazard>)>,
}

/// What an intruder put into an account.
#[derive(Clone, Debug, Default)]
pub(super) struct BrokenIn {
    /// Where things are sent, and since when the account knows it.
    pub(super) drop: Option<(usize, Timestamp)>,
    /// How many contacts are the intruder's.
    pub(super) contacts: usize,
}

/// What a day brings before the shop answers.
#[derive(Debug, Default)]
struct Morning {
    happenings: Vec<(Timestamp, Happening)>,
    placed: Vec<(Timestamp, Pending, Truth)>,
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
        let orders = to_f64(i64::try_from(extent.orders).unwrap_or(i64::MAX));
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

    fn deliver_all(&mut self, day: i32) -> Result<(), BadWorld> {
        for pending in self.due.remove(&day).unwrap_or_default() {
            let stop = (day, pending.address);
            let parcels = self.stops.get(&stop).copied().unwrap_or(1);
            self.deliver(pending, parcels)?;
        }
        let later = self.stops.split_off(&(day + 1, 0));
        self.stops = later;
        Ok(())
    }

    /// Everything of a day, in order of time, before the shop answers.
    fn morning(&mut self, day: i32) -> Result<Morning, BadWorld> {
        while let Some(plan) = {
            let of = (&self.it, &self.calendar, &self.population);
            self.planner.next(day + AHEAD, of, &self.seed)
        } {
            self.put_down(plan);
        }
        let later = self.agenda.split_off(&(day + 1));
        let now = std::mem::replace(&mut self.agenda, later);
        let mut now: Vec<_> = now.into_values().flatten().collect();
        now.sort_by_key(|(at, number, _)| (*at, *number));
        let mut morning = Morning::default();
        for (at, number, step) in now {
            self.step(at, number, step, &mut morning)?;
        }
        let told = self.telling.take(day).into_iter();
        morning
            .happenings
            .extend(told.map(|it| (it.occurred_at, Happening::Event(it))));
        morning.happenings.sort_by_key(|(at, _)| *at);
        morning.placed.sort_by_key(|(at, ..)| *at);
        Ok(morning)
    }

    /// The changes that come before an order, and the order.
    fn put_down(&mut self, plan: Plan) {
        let before = |days: f64| {
            plan.at.minus(Span::seconds(super::chance::whole(
                days * super::calendar::DAY_S,
            )))
        };
        let (at, number, acts) = (plan.at, plan.number, plan.acts);
        if let Some(days) = acts.email {
            self.plan_step(
                before(days),
                number,
                Step::Contact {
                    plan: plan.clone(),
                    email: true,
                },
            );
        }
        if let Some(days) = acts.phone {
            self.plan_step(
                before(days),
                number,
                Step::Contact {
                    plan: plan.clone(),
                    email: false,
                },
            );
        }
        if let Some(days) = acts.address {
            self.plan_step(before(days), number, Step::Address { plan: plan.clone() });
        }
        if let Some(days) = acts.reset {
            self.plan_step(before(days), number, Step::Reset { plan: plan.clone() });
        }
        self.plan_step(at, number, Step::Place(plan));
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
        nth: &str,
        kind: EventKind,
    ) -> Result<(), BadWorld> {
        self.telling.tell(&self.calendar, at, (number, nth), kind)
    }

    fn step(
        &mut self,
        at: Timestamp,
        number: u64,
        step: Step,
        morning: &mut Morning,
    ) -> Result<(), BadWorld> {
        let told: Vec<(&str, EventKind)> = match step {
            Step::Place(plan) => return self.place(&plan, morning),
            Step::Contact { plan, email } => self.change_contact(&plan, at, email)?,
            Step::Address { plan } => self.change_address(&plan, at)?,
            Step::Reset { plan } => self.reset_password(&plan, at),
            Step::Restore { customer } => self.take_back(customer, at)?,
            Step::Caught { customer } => {
                if let Some(person) = self.population.people.get_mut(customer) {
                    person.caught += 1;
                }
                Vec::new()
            }
            Step::Leak { depot } => self.suspect(depot, at)?,
        };
        // What happened before the first day is in the accounts already; nobody was there to be told.
        if at >= self.calendar.at(0, 0.0) {
            for (nth, kind) in told {
                let event = event(at, (number, nth), kind)?;
                morning.happenings.push((at, Happening::Event(event)));
            }
        }
        Ok(())
    }

    fn place(&mut self, plan: &Plan, morning: &mut Morning) -> Result<(), BadWorld> {
        let maker = Maker {
            it: &self.it,
            calendar: &self.calendar,
            places: &self.places,
            shelf: &self.shelf,
            population: &self.population,
            seed: &self.seed,
            words: &self.words,
        };
        let Some(person) = self.population.people.get(plan.customer) else {
            return Ok(());
        };
        let drop = self.broken_in.get(&plan.customer).and_then(|it| it.drop);
        let (pending, odds) = maker.order(plan, person, drop)?;
        let code_contact = best_contact(person, &pending.order);
        let mut scene = pending.scene_for(person, code_contact.as_ref());
        let there = self.stops.get(&(pending.day, pending.address));
        scene.parcels_at_stop = scene.parcels + there.copied().unwrap_or(0);
        let truth = Truth {
            without_control: pending.p,
            cost: pending.costs(&self.it, &scene),
            code_contact,
        };
        if plan.probes {
            for cart in carts(&pending.order, super::chance::count(self.it.probing.carts))? {
                let at = cart.placed_at;
                morning
                    .happenings
                    .push((at, Happening::Order(Arc::new(cart))));
                morning.placed.push((at, pending.clone(), truth.clone()));
            }
        }
        let order = Arc::clone(&pending.order);
        morning.happenings.push((plan.at, Happening::Order(order)));
        morning.placed.push((plan.at, pending, truth));
        if let Some(person) = self.population.people.get_mut(plan.customer) {
            person.odds = odds;
        }
        Ok(())
    }

    /// Lets the shop answer, and does what follows from that.
    fn hold(
        &mut self,
        day: i32,
        morning: Morning,
        shop: &mut dyn Shop,
        witness: &mut dyn Witness,
    ) -> Result<(), Stopped> {
        let happenings: Vec<Happening> = morning.happenings.into_iter().map(|(_, it)| it).collect();
        let (mut pending, mut truths) = (Vec::new(), Vec::new());
        for (_, it, truth) in morning.placed {
            pending.push(it);
            truths.push(truth);
        }
        shop.overhear(&truths);
        let verdicts = shop.tick(&happenings)?;
        if verdicts.len() != pending.len() {
            let (many, asked) = (verdicts.len(), pending.len());
            return Err(Closed(format!("the shop gave {many} verdicts on {asked} orders")).into());
        }
        let is_after = day >= self.days;
        witness.day(&Day {
            number: day,
            is_after,
            happenings: &happenings,
            verdicts: &verdicts,
        })?;
        let orders = happenings.iter().filter_map(|it| match it {
            Happening::Order(order) => Some(order.stage),
            Happening::Event(_) => None,
        });
        let answered = orders.zip(pending.into_iter().zip(&truths)).zip(&verdicts);
        for ((stage, (pending, truth)), verdict) in answered {
            if stage == Stage::Placed {
                self.answered(pending, truth, verdict)?;
            }
        }
        Ok(())
    }

    /// One verdict, as the customer sees it.
    fn answered(
        &mut self,
        mut pending: Pending,
        truth: &Truth,
        verdict: &Verdict,
    ) -> Result<(), BadWorld> {
        let Some(person) = self.population.people.get(pending.customer) else {
            return Ok(());
        };
        pending.action = verdict.action;
        pending.scene = pending.scene_for(person, verdict.code_contact.as_ref());
        let reached = pending
            .order
            .contacts
            .iter()
            .find(|it| Some(&it.contact_id) == verdict.code_contact.as_ref());
        pending.code_by_text = reached.is_some_and(|it| is_text(it.kind));
        let next_morning = self.calendar.at(
            self.calendar.day_of(pending.order.placed_at) + 1,
            1_800.0 + 18_000.0 * pending.fate.minute,
        );
        if pending.fate.cancels < self.it.people.cancel_share && !pending.intruder {
            self.ended
                .push((pending.order.order_id.clone(), pending.p, None));
            return self.cancelled(&pending, next_morning, CancelledBy::Customer);
        }
        let remembered = Span::seconds(super::chance::whole(
            self.it.prices.victim_days * super::calendar::DAY_S,
        ));
        let is_victim = person
            .lost_at
            .is_some_and(|at| pending.order.placed_at.since(at) < remembered);
        if is_victim && !pending.intruder && !person.is_claimant {
            self.ledger.orders_of_victims += 1;
            let least = truth.cost.iter().copied().fold(f64::INFINITY, f64::min);
            let deserves_none = truth.cost[Action::None.index()] <= least;
            self.ledger.victims_wrongly_suspected +=
                u64::from(deserves_none && verdict.action != Action::None);
        }
        pending.gave_up =
            pending.fate.gives_up < effects::gives_up(&self.it, &pending.scene, verdict.action);
        if pending.gave_up {
            self.cancelled(&pending, next_morning, CancelledBy::Customer)?;
        } else {
            let stop = self
                .stops
                .entry((pending.day, pending.address))
                .or_insert(0);
            *stop += pending.scene.parcels;
        }
        self.due.entry(pending.day).or_default().push(pending);
        Ok(())
    }

    /// An order's end is known.
    pub(super) fn has_ended(&mut self, pending: &Pending, happened: Option<Hazard>) {
        self.ended
            .push((pending.order.order_id.clone(), pending.p, happened));
    }

    /// When the shop hears of leaks.
    fn leaks(&mut self) {
        let told = self.days / 3
            + i32::try_from(super::chance::whole(self.it.leak.told_days)).unwrap_or(0);
        let at = self.calendar.at(told, 36_000.0);
        let leaked: Vec<usize> = (0..self.places.depots.len())
            .filter(|it| self.places.depots[*it].leaked)
            .collect();
        for depot in leaked {
            self.plan_step(
                at,
                u64::MAX / 2 + u64::try_from(depot).unwrap_or(0),
                Step::Leak { depot },
            );
        }
    }

    fn suspect(
        &self,
        depot: usize,
        _at: Timestamp,
    ) -> Result<Vec<(&'static str, EventKind)>, BadWorld> {
        let route = self.places.routes.iter().find(|route| route.depot == depot);
        let Some(depot_id) = route.and_then(|route| route.carrier.depot_id.clone()) else {
            return Ok(Vec::new());
        };
        let suspicion_id =
            super::ids::make("suspicion", depot, crate::domain::ids::SuspicionId::try_new)?;
        Ok(vec![(
            "u",
            EventKind::SuspicionRaised {
                suspicion_id,
                subject: Subject::Depot(depot_id),
                level: 2,
                evidence_ref: Some("tracking data offered for sale".to_owned()),
                expires_at: None,
            },
        )])
    }
}

/// Looks at the cart before: more, then less of it.
fn carts(order: &Order, number: usize) -> Result<Vec<Order>, BadWorld> {
    let mut all = Vec::new();
    for (nth, share) in [140, 120, 110, 90, 105]
        .into_iter()
        .take(number)
        .enumerate()
    {
        let mut cart = order.clone();
        let minutes = i64::try_from(3 * (number - nth)).unwrap_or(3);
        cart.stage = Stage::Cart;
        cart.placed_at = order.placed_at.minus(Span::minutes(minutes));
        cart.order_id = super::ids::make(
            order.order_id.as_str(),
            format_args!("cart{nth}"),
            OrderId::try_new,
        )?;
        for item in &mut cart.items {
            item.unit_price_minor = item.unit_price_minor * share / 100;
        }
        all.push(cart);
    }
    Ok(all)
}
