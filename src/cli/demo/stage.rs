//! What the demo adds to its world: remarkable orders, what led to them, and what becomes of them.

use std::collections::BTreeMap;

use super::goods::Good;
use super::happen::{self, Happening, Way};
use super::moment::{DAY_S, HOUR_S, Moment};
use super::people::Person;
use super::stories;
use crate::api::wire::pb;
use pb::{Action, FailureReason, Fault, RecipientRole, ScanKind};

/// Days of the demo.
pub(super) const DAYS: i64 = 120;
/// The first day, 2026-01-07, as days after 1970-01-01.
pub(super) const FIRST: i32 = 20_460;
const START: Moment = Moment::day(20_460);

/// An order to be decided.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) order: pb::Order,
    /// What is remarkable about it; none for what only leads to it.
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

/// Everything that is told beside the world's own days.
#[derive(Debug, Default)]
pub(super) struct Stage {
    /// What will happen, by day.
    ahead: BTreeMap<i64, Vec<Happening>>,
    /// What will be ordered, by day of the demo.
    stories: BTreeMap<i64, Vec<Ask>>,
    orders: u32,
    events: u32,
}

impl Stage {
    /// With all stories.
    pub(super) fn new() -> Self {
        let mut stage = Self::default();
        stories::tell(&mut stage);
        stage
    }

    /// The moment so many hours into a day of the demo; days before the first are negative.
    pub(super) const fn at(day: i64, hour: i64) -> Moment {
        START.plus(day * DAY_S + hour * HOUR_S)
    }

    /// A customer with some orders of these goods in the year before.
    pub(super) fn somebody(&mut self, number: i64, usual: &Good) -> Person {
        let person = Person::new(number, START);
        for days_ago in [15, 60, 105, 150] {
            let at = Self::at(-days_ago, 10);
            let order = person.order(self.order_id(), at, &[(usual, 1)], 2);
            self.will(happen::placed(at, &order));
            self.deliver(
                &order,
                Self::at(2 - days_ago, 10),
                0,
                Fate::Usual,
                Action::None,
            );
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

    /// What happened before the first day.
    pub(super) fn before(&mut self) -> Vec<pb::Event> {
        self.take_until(START.days() - 1)
    }

    /// One day, from 0.
    pub(super) fn day(&mut self, day: i64) -> Day {
        let mut asks: Vec<Ask> = self.stories.remove(&day).unwrap_or_default();
        asks.sort_by_key(|ask| ask.order.placed_at.map_or(0, |at| at.seconds));
        Day {
            events: self.take_until(START.days() + day),
            asks,
        }
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
                let at = day(2).plus(9 * HOUR_S);
                self.deliver(&ask.order, at, 0, ask.fate, action);
            }
        }
    }

    /// A delivery from packing to the end of any claim.
    pub(super) fn deliver(
        &mut self,
        order: &pb::Order,
        at: Moment,
        failed: u32,
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
        for _ in 0..failed {
            for way in &ways {
                self.will(way.failed(at, FailureReason::NobodyHome));
            }
            at = at.plus(DAY_S);
        }
        let role = match action {
            Action::LockerOnly => RecipientRole::Locker,
            Action::Otp | Action::ItemCodes => RecipientRole::Customer,
            Action::None | Action::Review | Action::Unspecified => RecipientRole::Unattended,
        };
        for (way, minute) in ways.iter().zip(0..) {
            self.will(way.handed_over(at.plus(minute * 60), role));
        }
        let attended = coded || action == Action::LockerOnly;
        let fault = match fate {
            Fate::PorchTheft if !attended => Some(Fault::Porch),
            Fate::FalseClaim => Some(Fault::Customer),
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
