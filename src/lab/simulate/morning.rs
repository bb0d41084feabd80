//! What a day brings before the shop answers: changes of accounts, orders, and what carriers and claims desks tell.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::parameters::BadWorld;
use super::placing::{Maker, Pending, best_contact};
use super::plan::Plan;
use super::shop::Truth;
use super::telling::{Nth, event};
use super::world::{Step, World, in_parts};
use crate::domain::event::{Event, EventKind, Subject};
use crate::domain::ids::{OrderId, SuspicionId};
use crate::domain::order::{Order, Stage};
use crate::domain::units::{Span, Timestamp};

/// Orders are planned so many days ahead, because people change their accounts before they order.
const AHEAD: i32 = 30;

/// Something that happens today, as small as can be until it has its place.
#[derive(Debug)]
pub(super) enum News {
    Order(Arc<Order>),
    Event(Box<Event>),
}

/// An order with all that the world knows of it.
struct Made {
    pending: Box<Pending>,
    odds: f64,
    truth: Truth,
}

/// What a day brings before the shop answers.
#[derive(Debug, Default)]
pub(super) struct Morning {
    pub(super) happenings: Vec<(Timestamp, News)>,
    pub(super) placed: Vec<(Timestamp, Box<Pending>, Truth)>,
}

impl World {
    /// Everything of a day, in order of time, before the shop answers.
    pub(super) fn morning(&mut self, day: i32) -> Result<Morning, BadWorld> {
        let of = (&self.it, &self.calendar, &self.population);
        let by = (&self.seed, self.threads);
        for plan in self.planner.all(day + AHEAD, of, by)? {
            self.put_down(plan);
        }
        let later = self.agenda.split_off(&(day + 1));
        let now = std::mem::replace(&mut self.agenda, later);
        let mut now: Vec<_> = now.into_values().flatten().collect();
        now.sort_by_cached_key(|(at, number, _)| (*at, *number));
        let mut morning = Morning::default();
        let made = self.make_ahead(&now)?;
        for ((at, number, step), made) in now.into_iter().zip(made) {
            self.step((at, number, step), made, &mut morning)?;
        }
        let told = self.telling.take(day);
        morning
            .happenings
            .extend(told.map(|it| (it.occurred_at, News::Event(it))));
        // What shares a moment stays in the order in which it was caused.
        morning.happenings.sort_by_key(|(at, _)| *at);
        morning.placed.sort_by_key(|(at, ..)| *at);
        Ok(morning)
    }

    /// The orders of a day whose customers do nothing else, made at once by as many threads as there are: an order
    /// depends on its own draws and on how the day began, so that the number of threads changes nothing.
    fn make_ahead(&self, steps: &[(Timestamp, u64, Step)]) -> Result<Vec<Option<Made>>, BadWorld> {
        let mut busy = BTreeSet::new();
        for (_, _, step) in steps {
            match step {
                Step::Contact { plan, .. } | Step::Address { plan } | Step::Reset { plan } => {
                    busy.insert(plan.customer);
                }
                Step::Restore { customer } | Step::Caught { customer } => {
                    busy.insert(*customer);
                }
                Step::Place(_) | Step::Leak { .. } => {}
            }
        }
        let make = |step: &Step| match step {
            Step::Place(plan) if !plan.again && !busy.contains(&plan.customer) => self.make(plan),
            Step::Place(_)
            | Step::Contact { .. }
            | Step::Address { .. }
            | Step::Reset { .. }
            | Step::Restore { .. }
            | Step::Caught { .. }
            | Step::Leak { .. } => Ok(None),
        };
        in_parts(self.threads, steps, |steps| {
            steps.iter().map(|(_, _, step)| make(step)).collect()
        })
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

    fn step(
        &mut self,
        (at, number, step): (Timestamp, u64, Step),
        made: Option<Made>,
        morning: &mut Morning,
    ) -> Result<(), BadWorld> {
        let told: Vec<(&'static str, EventKind)> = match step {
            Step::Place(plan) => return self.place(&plan, made, morning),
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
                let event = event(at, (number, Nth::only(nth)), kind)?;
                morning.happenings.push((at, News::Event(event)));
            }
        }
        Ok(())
    }

    /// The order of a plan, as things are.
    fn make(&self, plan: &Plan) -> Result<Option<Made>, BadWorld> {
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
            return Ok(None);
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
        Ok(Some(Made {
            pending,
            odds,
            truth,
        }))
    }

    fn place(
        &mut self,
        plan: &Plan,
        made: Option<Made>,
        morning: &mut Morning,
    ) -> Result<(), BadWorld> {
        let made = match made {
            Some(made) => Some(made),
            None => self.make(plan)?,
        };
        let Some(Made {
            pending,
            odds,
            truth,
        }) = made
        else {
            return Ok(());
        };
        if plan.probes {
            for cart in carts(&pending.order, super::chance::count(self.it.probing.carts))? {
                let at = cart.placed_at;
                morning.happenings.push((at, News::Order(Arc::new(cart))));
                morning.placed.push((at, pending.clone(), truth.clone()));
            }
        }
        let order = Arc::clone(&pending.order);
        morning.happenings.push((plan.at, News::Order(order)));
        morning.placed.push((plan.at, pending, truth));
        if let Some(person) = self.population.people.get_mut(plan.customer) {
            person.odds = odds;
        }
        Ok(())
    }

    /// When the shop hears of leaks.
    pub(super) fn leaks(&mut self) {
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
        let suspicion_id = super::ids::make("suspicion", depot, SuspicionId::try_new)?;
        Ok(vec![(
            "u",
            EventKind::SuspicionRaised {
                suspicion_id,
                subject: Subject::Depot(depot_id),
                level: 2,
                evidence_ref: Some("tracking-data-offered-for-sale".to_owned()),
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
