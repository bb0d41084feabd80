//! The trade-off itself: how dear a customer's bother, a review and a lost euro must be for a goal to be met.
//!
//! Every order is taken as it was recorded and weighed once by the policy in force; what remains is a sum over its few
//! possible answers. All policies that differ in the price of bother alone lie on one line (`frontier`), which one pass
//! finds whole and exactly; the other knobs are searched around it (`search`). What comes out is a policy's own answer:
//! chance is left as it is, and told beside it (`asks`).

pub mod cuts;
pub mod frontier;
pub mod search;
pub mod spread;
#[cfg(test)]
mod tests;
pub mod written;

use self::cuts::Cut;
use super::dataset::Segment;
use crate::decision::answer::{Decision, Term};
use crate::decision::choose::Choice;
use crate::decision::judge::{Weighed, propensities, weigh};
use crate::decision::record::Record;
use crate::decision::release::Release;
use crate::decision::signal::Signal;
use crate::decision::situation::Situation;
use crate::domain::action::Action;
use crate::domain::units::{Digest, MILLION, Timestamp};
use crate::stats::off_policy::MATCHED_MIN;

/// An order as tuning sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// Names whose it is without saying who: orders of one customer are not independent.
    pub customer: u64,
    /// When it was decided.
    pub at: Timestamp,
    /// Hundredths of the base currency.
    pub value: f64,
    /// Expected loss if nothing is asked, roughly: risk times order value, in units of the base currency. What a floor
    /// looks at.
    pub stake: f64,
    /// What was recorded as the policy's own answer.
    pub recorded: Action,
    /// The answer of the policy that is tuned, as it stands.
    pub own: Action,
    /// With what probability that policy asks for something, its random checks counted (see [`asks`]).
    pub asks: f64,
    /// What every answer comes to, possible or not, in the order of [`Action::ALL`].
    pub priced: [Priced; Action::COUNT],
    /// What is possible under the policy's rules as they stand.
    pub room: Room,
    /// What is possible on either side of each threshold; none where it makes no difference to this order.
    pub sides: Vec<Option<Sides>>,
    /// Both once more where a floor holds and lifts the cap on what a customer is asked for; none where no cap can hold.
    pub floored: Option<Box<Rooms>>,
    /// What it is compared by.
    pub segment: Segment,
}

/// What makes an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// It is the cheapest of what is open.
    Price,
    /// A rule names it.
    Rule,
    /// Nothing else was left.
    Want,
}

/// What rules and constraints leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// What price may choose among, in the order of [`Action::ALL`]; not so: impossible, forbidden, or below a floor.
    pub open: [bool; Action::COUNT],
    /// The answer where price does not choose.
    pub kept: Action,
    /// What makes the answer.
    pub by: By,
}

/// What rules and constraints leave of an order, and on either side of each threshold.
#[derive(Clone, Debug, PartialEq)]
pub struct Rooms {
    /// Under the rules as they stand.
    pub room: Room,
    /// On either side of each threshold; none where it makes no difference.
    pub sides: Vec<Option<Sides>>,
}

/// What a threshold leaves of an order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sides {
    /// What is compared with the threshold, in its own unit.
    pub at: f64,
    /// What is possible where the threshold is greater.
    pub below: Room,
    /// What is possible where it is less.
    pub above: Room,
}

/// What one answer comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Priced {
    /// What it is expected to cost in all, in hundredths of the base currency.
    pub total: f64,
    /// What is expected to be lost under it: hazards, and claims that come back in another form.
    pub loss: f64,
    /// It could have been taken when the order was decided: the record has such orders.
    pub supported: bool,
}

/// What is turned, against the policy as it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Knobs {
    /// Added to the price of every answer that asks for something, in cents of the base currency; below zero asks more.
    pub bother: i64,
    /// Added to the price of a review beside that, in cents.
    pub review: i64,
    /// Orders with at least this at stake (units of the base currency) are asked for a code or more.
    pub floor: Option<f64>,
    /// A threshold of a rule, elsewhere than it stands.
    pub turn: Option<Turn>,
}

/// A threshold with another number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turn {
    /// Which of those that are tuned, from 0.
    pub cut: usize,
    /// The number, in its own unit.
    pub to: f64,
    /// What is just as great counts as above it.
    pub inclusive: bool,
}

/// What must hold; nothing set: everything does.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Goals {
    /// At most this share of orders is asked for something, 0 to 1.
    pub bothered_max: Option<f64>,
    /// At most this is expected to be lost an order, in hundredths of the base currency.
    pub loss_max: Option<f64>,
    /// At most so many orders a day wait for a person.
    pub reviews_max: Option<f64>,
}

/// What a setting comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Orders.
    pub orders: f64,
    /// Days from the first to the last.
    pub days: f64,
    /// Orders that are asked for something.
    pub asked: f64,
    /// Orders that a person decides.
    pub reviews: f64,
    /// Expected loss, hundredths of the base currency.
    pub loss: f64,
    /// Expected cost in all, at the prices of the policy as it stands.
    pub total: f64,
    /// Orders whose answer is another than the recorded one.
    pub changed: f64,
    /// Of them, those whose answer could not have been taken when they were decided.
    pub unsupported: f64,
}

impl Figures {
    /// Share of orders that are asked for something.
    #[must_use]
    pub fn bothered(&self) -> f64 {
        self.asked / self.orders.max(1.0)
    }

    /// Reviews a day.
    #[must_use]
    pub fn reviews_a_day(&self) -> f64 {
        self.reviews / self.days.max(1.0)
    }

    /// Share of the changed orders of which the record can say nothing.
    #[must_use]
    pub fn unsupported_share(&self) -> f64 {
        if self.changed > 0.0 {
            self.unsupported / self.changed
        } else {
            0.0
        }
    }

    /// Weeks until so many of the orders of which the record knows nothing would have been seen as are needed to speak,
    /// if chance gave each its new answer with this probability (above 0, to 1) and orders come as they did.
    #[must_use]
    pub fn weeks_to_see(&self, chance: f64) -> f64 {
        let a_week = chance * self.unsupported / (self.days / 7.0).max(1.0);
        super::train::float(MATCHED_MIN) / a_week
    }

    /// Whether the goals are met.
    #[must_use]
    pub fn meets(&self, goals: &Goals) -> bool {
        let within = |value: f64, most: Option<f64>| most.is_none_or(|it| value <= it);
        within(self.bothered(), goals.bothered_max)
            && within(self.loss / self.orders.max(1.0), goals.loss_max)
            && within(self.reviews_a_day(), goals.reviews_max)
    }

    fn add(&mut self, order: &Order, action: Action, sign: f64) {
        let asks = if action == Action::None { 0.0 } else { sign };
        self.asked += asks;
        if action == Action::Review {
            self.reviews += sign;
        }
        let priced = order.at(action);
        self.loss += sign * priced.loss;
        self.total += sign * priced.total;
        if action != order.recorded {
            self.changed += sign;
            if !priced.supported {
                self.unsupported += sign;
            }
        }
    }
}

impl Order {
    /// The order of a record, weighed by the policy and model that are tuned; `cuts`: the thresholds that may be turned.
    #[must_use]
    pub fn of(record: &Record, base: &Release, cuts: &[Cut]) -> Self {
        Self {
            customer: key(&format!("{:?}", record.unit)),
            at: record.decided_at,
            ..Self::weighed(&record.situation, &record.decision, base, cuts)
        }
    }

    /// A situation and what was decided, whosever it was.
    fn weighed(situation: &Situation, decided: &Decision, base: &Release, cuts: &[Cut]) -> Self {
        let weighed = weigh(situation, base);
        let mut priced = [Priced::default(); Action::COUNT];
        for (place, cost) in priced.iter_mut().zip(&weighed.costs) {
            let micro = decided.propensities.get(cost.action.index()).copied();
            let losses = Term::ALL
                .iter()
                .zip(cost.terms)
                .filter_map(|(term, value)| {
                    matches!(term, Term::Loss(_) | Term::DisplacedClaims).then_some(value)
                });
            *place = Priced {
                total: cost.total,
                loss: losses.sum(),
                supported: micro.unwrap_or(0) > 0,
            };
        }
        // Without a value no floor holds: a condition on a missing signal is not met.
        let value = situation.signals.get(Signal::OrderValue);
        let Rooms { room, sides } = Rooms::of(situation, &weighed, cuts);
        Self {
            customer: 0,
            at: situation.now,
            value: value.unwrap_or(0.0) * 100.0,
            stake: weighed.risk * value.unwrap_or(f64::NAN),
            recorded: decided.own_action,
            own: weighed.choice.own,
            asks: asks(situation, base, &weighed),
            priced,
            room,
            sides,
            floored: floored(situation, base, cuts),
            segment: Segment::of(situation),
        }
    }

    /// What one of its answers comes to.
    #[must_use]
    pub fn at(&self, action: Action) -> Priced {
        let priced = self.priced.get(action.index());
        priced.copied().unwrap_or_default()
    }

    /// What is possible with the knobs turned.
    #[must_use]
    pub fn room(&self, knobs: &Knobs) -> &Room {
        let floored = self.floored.as_ref().filter(|_| self.is_below(knobs.floor));
        let (room, sides) = floored.map_or((&self.room, &self.sides), |it| (&it.room, &it.sides));
        let turned = knobs.turn.and_then(|turn| {
            let sides = sides.get(turn.cut)?.as_ref()?;
            Some(if turn.has_above(sides.at) {
                &sides.above
            } else {
                &sides.below
            })
        });
        turned.unwrap_or(room)
    }

    /// Its answer with the knobs turned; the same that a policy with these prices gives.
    #[must_use]
    pub fn answer(&self, knobs: &Knobs) -> Action {
        let room = self.room(knobs);
        match room.by {
            By::Price => {}
            By::Want if self.is_below(knobs.floor) => return Action::Review,
            By::Want | By::Rule => return room.kept,
        }
        let asked = self.asked(room, knobs);
        if self.is_below(knobs.floor) || !room.has(Action::None) {
            return asked.map_or(Action::Review, |(action, _)| action);
        }
        match asked {
            Some((action, total)) if total < self.at(Action::None).total => action,
            _ => Action::None,
        }
    }

    /// A floor leaves it no way to be asked for nothing.
    fn is_below(&self, floor: Option<f64>) -> bool {
        floor.is_some_and(|it| self.stake >= it)
    }

    /// The cheapest of what asks for something, with its price.
    fn asked(&self, room: &Room, knobs: &Knobs) -> Option<(Action, f64)> {
        let mut best: Option<(Action, f64)> = None;
        for action in Action::ALL.iter().skip(1).filter(|it| room.has(**it)) {
            let mut total = self.at(*action).total + cents(knobs.bother);
            if *action == Action::Review {
                total += cents(knobs.review);
            }
            if best.is_none_or(|(_, least)| total < least) {
                best = Some((*action, total));
            }
        }
        best
    }
}

/// With what probability something is asked of an order, random checks counted, 0 to 1: what its customer meets. Knobs
/// and goals are about the policy's own answers, to which chance comes.
#[must_use]
pub fn asks(situation: &Situation, release: &Release, weighed: &Weighed) -> f64 {
    let spared = propensities(situation, release, weighed);
    let none = spared.get(Action::None.index()).copied().unwrap_or(0);
    1.0 - f64::from(none) / f64::from(MILLION)
}

/// The rooms of an order under a floor: who is asked by a rule is asked however often that was. None where the customer was
/// not asked often enough for a cap.
fn floored(situation: &Situation, base: &Release, cuts: &[Cut]) -> Option<Box<Rooms>> {
    let free = base.policy.burden.as_ref()?.free;
    situation.asked.filter(|it| it.asked_90d >= free)?;
    let uncapped = Situation {
        asked: None,
        ..situation.clone()
    };
    let weighed = weigh(&uncapped, base);
    Some(Box::new(Rooms::of(&uncapped, &weighed, cuts)))
}

impl Rooms {
    fn of(situation: &Situation, weighed: &Weighed, cuts: &[Cut]) -> Self {
        let room = Room::of(&weighed.choice);
        let sides = cuts
            .iter()
            .map(|it| it.sides(situation, weighed, room))
            .collect();
        Self { room, sides }
    }
}

impl Room {
    /// What a choice leaves.
    fn of(choice: &Choice) -> Self {
        let own = choice.allowed.get(choice.own.index());
        Self {
            open: choice.allowed,
            kept: choice.own,
            by: if choice.set {
                By::Rule
            } else if own.is_some_and(|it| *it) {
                By::Price
            } else {
                By::Want
            },
        }
    }

    /// Price may choose it.
    #[must_use]
    pub fn has(&self, action: Action) -> bool {
        self.open.get(action.index()).is_some_and(|it| *it)
    }
}

impl Turn {
    /// What is compared is above the threshold.
    fn has_above(&self, at: f64) -> bool {
        at > self.to || (self.inclusive && at.total_cmp(&self.to).is_eq())
    }
}

/// What the orders come to with the knobs turned.
#[must_use]
pub fn figures(orders: &[Order], knobs: &Knobs) -> Figures {
    let mut figures = empty(orders);
    for order in orders {
        figures.add(order, order.answer(knobs), 1.0);
    }
    figures
}

fn empty(orders: &[Order]) -> Figures {
    let first = orders.iter().map(|it| it.at).min();
    let last = orders.iter().map(|it| it.at).max();
    let micros = first
        .zip(last)
        .map_or(0, |(first, last)| last.as_micros() - first.as_micros());
    Figures {
        orders: super::train::float(orders.len()),
        days: (crate::domain::units::to_f64(micros) / 86_400e6).max(1.0),
        ..Figures::default()
    }
}

/// Names something without saying what it is.
fn key(name: &str) -> u64 {
    let Digest(bytes) = Digest::of(name.as_bytes());
    bytes
        .iter()
        .take(8)
        .fold(0, |key, byte| key << 8 | u64::from(*byte))
}

fn cents(whole: i64) -> f64 {
    crate::domain::units::to_f64(whole)
}
