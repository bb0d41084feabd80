//! How a day ends: the shop answers, customers see what is asked of them, and some give up.

use super::calendar::DAY_S;
use super::chance::whole;
use super::delivery::is_text;
use super::effects;
use super::morning::{Morning, News};
use super::parameters::BadWorld;
use super::placing::Pending;
use super::shop::{Closed, Happening, Shop, Truth, Verdict};
use super::witness::{Day, Witness};
use super::world::{Stopped, World};
use crate::domain::action::Action;
use crate::domain::event::CancelledBy;
use crate::domain::order::Stage;
use crate::domain::units::Span;

impl World {
    /// Lets the shop answer, and does what follows from that.
    pub(super) fn hold(
        &mut self,
        day: i32,
        morning: Morning,
        shop: &mut dyn Shop,
        witness: &mut dyn Witness,
    ) -> Result<(), Stopped> {
        let mut happenings = std::mem::take(&mut self.happenings);
        happenings.clear();
        happenings.extend(morning.happenings.into_iter().map(|(_, it)| match it {
            News::Order(order) => Happening::Order(order),
            News::Event(event) => Happening::Event(event),
        }));
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
        // Its room is used again tomorrow.
        self.happenings = happenings;
        Ok(())
    }

    /// One verdict, as the customer sees it.
    fn answered(
        &mut self,
        mut pending: Box<Pending>,
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
            return self.cancel(&pending, next_morning, CancelledBy::Customer);
        }
        let remembered = Span::seconds(whole(self.it.prices.victim_days * DAY_S));
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
            self.cancel(&pending, next_morning, CancelledBy::Customer)?;
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
}
