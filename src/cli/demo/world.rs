//! Four months in the demo: who orders what on which day, and what becomes of it at the door.
//!
//! A generator of its own: it shares nothing with what measures, weighs and prices, which it would
//! only flatter.

use std::collections::BTreeMap;

use super::chance::Chance;
use super::goods::{self, Good};
use super::happen::{self, Happening, Way};
use super::moment::{DAY_S, HOUR_S, Moment};
use super::people::Person;
use super::stories;
use crate::api::wire::pb;
use pb::{Action, FailureReason, Fault, RecipientRole, ScanKind};

/// Customers with habits.
const PEOPLE: i64 = 60;
/// Days of the demo.
pub(super) const DAYS: i64 = 120;
/// 2026-01-07.
const START: Moment = Moment::day(20_460);

/// An order to be decided.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) order: pb::Order,
    /// What is remarkable about it; none for a habit.
    pub(super) story: Option<&'static str>,
    /// How its delivery ends.
    pub(super) fate: Fate,
}

/// How a delivery ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// As deliveries usually do.
    Usual,
    /// Stolen from the door, unless somebody has to open it.
    PorchTheft,
    /// Received, and claimed as not received.
    FalseClaim,
    /// It never goes out.
    Cancelled,
    /// A cart: nothing comes of it.
    Left,
}

/// One day: what happens first, and what is ordered then.
#[derive(Debug, Default)]
pub(super) struct Day {
    pub(super) events: Vec<pb::Event>,
    pub(super) asks: Vec<Ask>,
}

/// Everybody and everything in the demo.
#[derive(Debug)]
pub(super) struct World {
    pub(super) chance: Chance,
    people: Vec<Person>,
    /// What will happen, by day.
    ahead: BTreeMap<i64, Vec<Happening>>,
    /// What will be ordered beside habits, by day of the demo.
    stories: BTreeMap<i64, Vec<Ask>>,
    orders: u32,
    events: u32,
}

impl World {
    /// The same world for the same seed.
    pub(super) fn new(seed: u64) -> Self {
        let mut world = Self {
            chance: Chance::seeded(seed),
            people: Vec::new(),
            ahead: BTreeMap::new(),
            stories: BTreeMap::new(),
            orders: 0,
            events: 0,
        };
        for number in 1..=PEOPLE {
            let person = world.somebody(number, goods::HABITS);
            world.people.push(person);
        }
        stories::tell(&mut world);
        world
    }

    /// The moment so many hours into a day of the demo; days before the first are negative.
    pub(super) const fn at(day: i64, hour: i64) -> Moment {
        START.plus(day * DAY_S + hour * HOUR_S)
    }

    /// A customer with some orders of these goods in the year before.
    pub(super) fn somebody(&mut self, number: i64, usual: &[&Good]) -> Person {
        let person = Person::new(number, START, &mut self.chance);
        for _ in 0..self.chance.between(3, 6) {
            let day = -self.chance.between(12, 200);
            let at = Self::at(day, 10);
            if at > person.since {
                let good = self.chance.one_of(usual).copied().unwrap_or(&goods::BOOK);
                let id = self.order_id();
                let order = person.order(id, at, &[(good, 1)], 2, &mut self.chance);
                self.will(happen::placed(at, &order));
                let door = Self::at(day + 2, 10);
                self.deliver(&order, door, person.home, Fate::Usual, Action::None);
            }
        }
        person
    }

    /// The next order's id.
    pub(super) fn order_id(&mut self) -> String {
        self.orders += 1;
        format!("order-{:04}", self.orders)
    }

    /// Something will happen.
    pub(super) fn will(&mut self, happening: Happening) {
        let day = happening.0.days();
        self.ahead.entry(day).or_default().push(happening);
    }

    /// Something will be ordered.
    pub(super) fn will_ask(&mut self, day: i64, ask: Ask) {
        self.stories.entry(day).or_default().push(ask);
    }

    fn habit(&mut self) -> &'static Good {
        let some = self.chance.one_of(goods::HABITS);
        some.copied().unwrap_or(&goods::BOOK)
    }

    /// What happened before the first day.
    pub(super) fn before(&mut self) -> Vec<pb::Event> {
        self.take_until(START.days() - 1)
    }

    /// One day, from 0.
    pub(super) fn day(&mut self, day: i64) -> Day {
        let mut asks: Vec<Ask> = self.stories.remove(&day).unwrap_or_default();
        for person in self.people.clone() {
            if self.chance.between(0, 99) < person.orders_100d {
                self.ordinary(&person, day, &mut asks);
            }
        }
        asks.sort_by_key(|ask| ask.order.placed_at.map_or(0, |at| at.seconds));
        Day {
            events: self.take_until(START.days() + day),
            asks,
        }
    }

    /// A habit, or a treat; now and then with a look at the cart first, as a gift, or in two parcels.
    fn ordinary(&mut self, person: &Person, day: i64, asks: &mut Vec<Ask>) {
        let at = Self::at(day, 13).plus(self.chance.between(0, 8 * HOUR_S));
        let mut goods = vec![(self.habit(), 1)];
        if self.chance.permille(350) {
            goods.push((self.habit(), 1));
        }
        if self.chance.permille(35) {
            let treat = self.chance.one_of(goods::TREATS).copied();
            goods = vec![(treat.unwrap_or(&goods::LAPTOP), 1)];
        }
        let (id, in_days) = (self.order_id(), self.chance.between(1, 3));
        let mut order = person.order(id, at, &goods, in_days, &mut self.chance);
        if goods.len() > 1 && self.chance.permille(200) {
            order.expected_parcels = Some(2);
        }
        if self.chance.permille(40)
            && let Some(delivery) = &mut order.delivery
        {
            delivery.gift = Some(true);
            delivery.recipient_is_buyer = Some(false);
        }
        let fate = match self.chance.between(0, 999) {
            0..=14 => Fate::Cancelled,
            15..=19 => Fate::PorchTheft,
            _ => Fate::Usual,
        };
        let ask = Ask {
            order,
            story: None,
            fate,
        };
        if self.chance.permille(80) {
            asks.push(ask.as_cart(at.plus(-600)));
        }
        asks.push(ask);
    }

    /// What follows from a decision.
    pub(super) fn decided(&mut self, ask: &Ask, action: Action) {
        let Some(placed) = ask.order.placed_at else {
            return;
        };
        let day = |later: i64| Moment::day(Moment::day(0).plus(placed.seconds).days() + later);
        match ask.fate {
            Fate::Left => {}
            Fate::Cancelled => {
                let (at, asked) = (day(1).plus(8 * HOUR_S), action != Action::None);
                self.will(happen::cancelled(at, &ask.order.order_id, asked));
            }
            Fate::Usual | Fate::PorchTheft | Fate::FalseClaim => {
                let customer = &ask.order.customer_id;
                let person = self.people.iter().find(|it| it.customer_id == *customer);
                let home = person.map_or(700, |it| it.home);
                let at = day(self.chance.between(1, 3)).plus(9 * HOUR_S);
                self.deliver(&ask.order, at, home, ask.fate, action);
            }
        }
    }

    /// A delivery from packing to the end of any claim.
    pub(super) fn deliver(
        &mut self,
        order: &pb::Order,
        at: Moment,
        home: i64,
        fate: Fate,
        action: Action,
    ) {
        let mut at = at;
        let coded = matches!(action, Action::Otp | Action::ItemCodes);
        let ways = Way::all(order);
        for way in &ways {
            self.will(way.scanned(at.plus(-2 * HOUR_S), ScanKind::Packed));
            self.will(way.scanned(at.plus(-HOUR_S), ScanKind::Loaded));
        }
        // Somebody has to be there for a code; who is not is tried again, once or twice.
        for _ in 0..2 {
            if !coded || self.chance.permille(home) {
                break;
            }
            for way in &ways {
                self.will(way.failed(at, FailureReason::NobodyHome));
            }
            at = at.plus(DAY_S);
        }
        let role = match action {
            Action::LockerOnly => RecipientRole::Locker,
            Action::Otp | Action::ItemCodes => RecipientRole::Customer,
            Action::None | Action::Review | Action::Unspecified => {
                if self.chance.permille(home) {
                    RecipientRole::Household
                } else {
                    RecipientRole::Unattended
                }
            }
        };
        for (way, minute) in ways.iter().zip(0..) {
            self.will(way.handed_over(at.plus(minute * 60), role));
        }
        let route = order.carrier.as_ref().map_or("", |it| it.route_id.as_str());
        let on_the_way = route == "route-8" && self.chance.permille(30);
        let attended = coded || action == Action::LockerOnly;
        let fault = match fate {
            Fate::PorchTheft if !attended => Some(Fault::Porch),
            Fate::FalseClaim => Some(Fault::Customer),
            Fate::Usual | Fate::PorchTheft if on_the_way => Some(Fault::Courier),
            Fate::Usual | Fate::PorchTheft | Fate::Cancelled | Fate::Left => None,
        };
        if let Some(fault) = fault {
            self.will(happen::claimed(at.plus(2 * DAY_S), order));
            self.will(happen::settled(at.plus(9 * DAY_S), &order.order_id, fault));
        }
    }

    /// Everything that happens until the end of a day, in order, with ids.
    fn take_until(&mut self, day: i64) -> Vec<pb::Event> {
        let later = self.ahead.split_off(&(day + 1));
        let now = std::mem::replace(&mut self.ahead, later);
        let mut now: Vec<_> = now.into_values().flatten().collect();
        now.sort_by_key(|(at, _)| *at);
        let with_id = |(at, kind): Happening| {
            self.events += 1;
            pb::Event {
                event_id: format!("event-{:05}", self.events),
                occurred_at: Some(at.stamp()),
                kind: Some(kind),
            }
        };
        now.into_iter().map(with_id).collect()
    }
}

impl Ask {
    /// The same as a cart, shown at `at`.
    pub(super) fn as_cart(&self, at: Moment) -> Self {
        let mut cart = self.clone();
        cart.order.stage = pb::Stage::Cart.into();
        cart.order.placed_at = Some(at.stamp());
        cart.story = None;
        cart.fate = Fate::Left;
        cart
    }
}
