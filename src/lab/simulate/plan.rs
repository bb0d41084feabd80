//! Who orders when, and who really sits at the keyboard.
//!
//! An intruder is drawn first and then behaves as intruders do; everybody else behaves as people do, and some of them
//! happen to do the same. How much likelier the one is than the other is summed up on the way, which makes the true
//! probability of a takeover a matter of arithmetic (Bayes), not of taste.

use std::num::NonZeroUsize;

use super::calendar::Calendar;
use super::chance::{About, Chance, Seed, float, whole};
use super::parameters::{BadWorld, Parameters};
use super::people::Population;
use super::world::in_parts;
use crate::domain::units::{Span, Timestamp};

/// An order before its goods are chosen.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// From 0, in the order of planning: names the order and all its draws.
    pub(super) number: u64,
    pub(super) at: Timestamp,
    pub(super) customer: usize,
    /// Whether an intruder sits there.
    pub(super) intruder: bool,
    /// Whether it follows at once on the customer's last order.
    pub(super) again: bool,
    /// Whether a threshold is known and dodged.
    pub(super) probes: bool,
    pub(super) acts: Acts,
    /// Log-odds that it is an intruder, as far as the plan tells.
    pub(super) odds: f64,
}

/// What somebody did to the account before ordering, each as days before it, and how the order is made.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Acts {
    pub(super) email: Option<f64>,
    pub(super) phone: Option<f64>,
    pub(super) address: Option<f64>,
    pub(super) reset: Option<f64>,
    pub(super) forwarder: bool,
    pub(super) new_device: bool,
    pub(super) billing_elsewhere: bool,
    pub(super) stored_payment: bool,
}

/// Plans one order after another.
#[derive(Debug)]
pub(super) struct Planner {
    next: u64,
    orders: u64,
    last: Option<Plan>,
}

impl Planner {
    pub(super) const fn new(orders: u64) -> Self {
        Self {
            next: 0,
            orders,
            last: None,
        }
    }

    /// The next orders, up to the end of `until`. Each is drawn from its own stream, by so many threads; only whether
    /// it follows on the one before is settled one after the other.
    pub(super) fn all(
        &mut self,
        until: i32,
        of: (&Parameters, &Calendar, &Population),
        (seed, threads): (&Seed, NonZeroUsize),
    ) -> Result<Vec<Plan>, BadWorld> {
        let (it, calendar, _) = of;
        let all = to_float(self.orders);
        // One order in each of as many equal parts: exactly so many, in order of time.
        let day_of = |number: u64, unit: f64| calendar.day_at((to_float(number) + unit) / all);
        let (mut end, mut beyond) = (self.next, self.orders);
        while end < beyond {
            let middle = end + (beyond - end) / 2;
            if day_of(middle, 0.0) <= until {
                end = middle + 1;
            } else {
                beyond = middle;
            }
        }
        let numbers: Vec<u64> = (self.next..end).collect();
        let drawn = in_parts(threads, &numbers, |numbers| {
            let draw = |number: &u64| {
                let mut chance = seed.stream(About::Plans, *number);
                let day = day_of(*number, chance.unit());
                (day, chance.unit(), first(*number, day, of, &mut chance))
            };
            Ok(numbers.iter().map(draw).collect())
        })?;
        let mut plans = Vec::with_capacity(drawn.len());
        for (number, (day, again, first)) in numbers.into_iter().zip(drawn) {
            if day > until {
                break;
            }
            let plan = match self.last.take() {
                Some(last) if again < again_share(it, last.intruder) => {
                    let mut chance = seed.stream(About::Plans, number);
                    let _day_and_again = (chance.unit(), chance.unit());
                    follow(it, number, &last, &mut chance)
                }
                _ => match first {
                    Some(first) => first,
                    None => break,
                },
            };
            self.next += 1;
            self.last = Some(plan.clone());
            plans.push(plan);
        }
        Ok(plans)
    }
}

fn to_float(number: u64) -> f64 {
    float(usize::try_from(number).unwrap_or(usize::MAX))
}

const fn again_share(it: &Parameters, intruder: bool) -> f64 {
    if intruder {
        it.takeover.again_share
    } else {
        it.people.again_share
    }
}

/// The same person orders again at once.
fn follow(it: &Parameters, number: u64, last: &Plan, chance: &mut Chance) -> Plan {
    let seconds = whole(chance.between(300.0, 5_400.0));
    let told = libm::log(it.takeover.again_share.max(1e-6) / it.people.again_share.max(1e-6));
    Plan {
        number,
        at: last.at.plus(Span::seconds(seconds)),
        again: true,
        acts: Acts {
            email: None,
            phone: None,
            address: None,
            reset: None,
            ..last.acts
        },
        odds: told,
        ..last.clone()
    }
}

fn first(
    number: u64,
    day: i32,
    (it, calendar, population): (&Parameters, &Calendar, &Population),
    chance: &mut Chance,
) -> Option<Plan> {
    let (hour, rest) = (chance.unit(), chance.unit());
    let latest = calendar.at(day, 0.0);
    let mut customer = population.habits.at(chance.unit());
    // Somebody who has an account by then.
    for _ in 0..20 {
        let person = population.people.get(customer)?;
        if person.since < latest {
            break;
        }
        customer = population.habits.at(chance.unit());
    }
    let person = population.people.get(customer)?;
    let prior = (it.takeover.base * person.account * calendar.wave(day)).clamp(1e-9, 0.5);
    let intruder = chance.happens(prior);
    let at = calendar.moment(day, intruder, hour, rest).max(person.since);
    let mut behaviour = Behaviour {
        it,
        intruder,
        chance,
        odds: libm::log(prior / (1.0 - prior)) + calendar.hour_odds(at),
        account_days: at.since(person.since).as_days(),
    };
    let acts = behaviour.acts();
    let odds = behaviour.odds;
    let knows = if intruder {
        it.probing.intruder_share
    } else if person.is_claimant {
        it.probing.claimant_share
    } else {
        0.0
    };
    Some(Plan {
        number,
        at,
        customer,
        intruder,
        again: false,
        probes: chance.happens(knows),
        acts,
        odds,
    })
}

/// Draws what is done, and sums up what each act tells.
struct Behaviour<'a> {
    it: &'a Parameters,
    intruder: bool,
    chance: &'a mut Chance,
    odds: f64,
    account_days: f64,
}

impl Behaviour<'_> {
    fn acts(&mut self) -> Acts {
        let (people, takeover) = (&self.it.people, &self.it.takeover);
        let spread = people.change_spread_days;
        let email = self.act(people.email_change_share, takeover.email_share);
        let with = if email {
            takeover.phone_with_email_share
        } else {
            takeover.phone_without_email_share
        };
        let phone = self.act(people.phone_change_share, with);
        let address = self.act(people.address_change_share, takeover.address_share);
        let reset = self.act(people.password_reset_share, takeover.reset_share);
        let mut acts = Acts {
            email: self.days_before(email, spread),
            phone: self.days_before(phone, spread),
            address: self.days_before(address, spread),
            reset: self.days_before(reset, 7.0),
            forwarder: false,
            new_device: self.act(people.new_device_share, takeover.new_device_share),
            billing_elsewhere: self.act(
                people.billing_elsewhere_share,
                takeover.billing_elsewhere_share,
            ),
            stored_payment: self.act(people.stored_payment_share, takeover.stored_payment_share),
        };
        if address {
            acts.forwarder = self.act(people.forwarder_share, takeover.forwarder_share);
        }
        acts
    }

    /// Whether something is done, by its share among honest people and among intruders.
    fn act(&mut self, honest: f64, intruder: f64) -> bool {
        let (honest, guilty) = (
            honest.clamp(1e-5, 1.0 - 1e-5),
            intruder.clamp(1e-5, 1.0 - 1e-5),
        );
        let done = self
            .chance
            .happens(if self.intruder { guilty } else { honest });
        self.odds += if done {
            libm::log(guilty / honest)
        } else {
            libm::log((1.0 - guilty) / (1.0 - honest))
        };
        done
    }

    /// How long before the order: honest people at any time within `spread`, intruders soon before.
    fn days_before(&mut self, done: bool, spread: f64) -> Option<f64> {
        let unit = self.chance.unit();
        if !done {
            return None;
        }
        let mean = self.it.takeover.change_spread_days.max(0.01);
        // An exponential cut off at the same spread, so that either could have any value.
        let whole = 1.0 - libm::exp(-spread / mean);
        let days = if self.intruder {
            -mean * libm::log(unit.mul_add(-whole, 1.0))
        } else {
            spread * unit
        };
        self.odds += libm::log(spread / mean / whole) - days / mean;
        (days < self.account_days).then_some(days)
    }
}
