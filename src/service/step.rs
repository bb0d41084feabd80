//! The whole decision as a function of what was loaded: which revision, if any, is due; measure; judge; and what changes.
//! It may run more than once, and waits for nothing.

use std::sync::Arc;

use super::keyring::KeyRing;
use super::release::InForce;
use super::validity::{address_keys, lapse, placement, valid_until, wake};
use crate::decision::answer::{Chance, Decision, Draw};
use crate::decision::draft::Draft;
use crate::decision::draw::draw_micro;
use crate::decision::judge::{judge, judge_past};
use crate::decision::record::Record;
use crate::decision::signals;
use crate::decision::situation::Situation;
use crate::decision::snapshot::{Snapshot, Step};
use crate::decision::told::Told;
use crate::domain::action::{Action, Origin};
use crate::domain::dossier::{Dossier, Latest, Placement};
use crate::domain::ids::DecisionId;
use crate::domain::order::{Order, Stage};
use crate::domain::profile::{Customer, Ratchet, Slot};
use crate::domain::units::{Digest, Timestamp};
use crate::store::record::seal;
/// One call, with all that comes from outside brought in as values.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The order as checked.
    pub order: Arc<Order>,
    /// Digest of its content.
    pub content: Digest,
    /// The time of receipt.
    pub now: Timestamp,
    /// What is in force.
    pub in_force: Arc<InForce>,
    /// Keys of the draw.
    pub keys: Arc<KeyRing>,
    /// The id of a new decision, if one is made.
    pub decision_id: DecisionId,
    /// The salt of a customer who has none yet.
    pub salt: [u8; 32],
    /// For an order of a shop's past: what was asked of it. Nothing is drawn then.
    pub told: Option<Told>,
}

/// What came of a call.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// A decision was made.
    Made(Arc<Record>, Box<Dossier>),
    /// The decision recorded before stands.
    Stands(DecisionId, Box<Dossier>),
    /// Not in this state.
    Refused(&'static str),
}

/// What is due for a call.
enum Due {
    /// The decision recorded before stands.
    Nothing,
    /// It stands, and the order is placed by it.
    Placing,
    /// A new one; perhaps because a review lapsed.
    Decision { review_lapsed: bool },
    /// None, and why.
    Refusal(&'static str),
}

/// Decides, given what was loaded. A cart of an order that is placed is a change of that order.
#[must_use]
pub fn step(ask: &Ask, snapshot: &Snapshot) -> Step<Outcome> {
    let known = snapshot.orders.get(&ask.order.order_id);
    let is_placed = known.is_some_and(|dossier| dossier.placed.is_some());
    if ask.order.stage == Stage::Cart && is_placed {
        let order = Arc::new(Order {
            stage: Stage::Placed,
            ..Order::clone(&ask.order)
        });
        return step(
            &Ask {
                order,
                ..ask.clone()
            },
            snapshot,
        );
    }
    let (order, now) = (&*ask.order, ask.now);
    let mut draft = Draft::new(snapshot, now);
    let mut dossier = draft.order(&order.order_id).clone();
    let mut keys = signals::keys(order);
    keys.extend(signals::day_keys(now));
    keys.extend(address_keys(order, &dossier));
    draft.need(&keys);
    let unit = order.unit();
    lapse(&mut draft, &unit, &order.order_id);
    if order.stage == Stage::Placed {
        wake(&mut draft, &mut dossier, &order.order_id, now);
    }
    if let Some(step) = draft.more() {
        return step;
    }
    let seen = draft.view(&keys);
    let situation = signals::measure(Arc::clone(&ask.order), &seen, &ask.in_force.catalogue, now);
    let customer = draft.customer(&unit).clone();
    match due(ask, &dossier, &customer, &situation) {
        Due::Refusal(why) => draft.finish(Outcome::Refused(why)),
        Due::Nothing => {
            let Some(latest) = &dossier.latest else {
                return draft.finish(Outcome::Refused("the order was never decided"));
            };
            draft.finish(Outcome::Stands(
                latest.decision_id.clone(),
                Box::new(dossier),
            ))
        }
        Due::Placing => placing(ask, draft, dossier),
        Due::Decision { review_lapsed } => {
            let situation = Situation {
                review_lapsed,
                ..situation
            };
            made(ask, draft, dossier, &customer, situation)
        }
    }
}

/// Which revision is due, if any (contract, Revisions).
fn due(ask: &Ask, dossier: &Dossier, customer: &Customer, situation: &Situation) -> Due {
    let (order, now) = (&*ask.order, ask.now);
    let Some(latest) = &dossier.latest else {
        return Due::Decision {
            review_lapsed: false,
        };
    };
    let placed = dossier.placed.is_some();
    let over = dossier.is_known() && (dossier.cancelled.is_some() || dossier.ended_at().is_some());
    let dispatched = dossier.is_known() && dossier.dispatched_at().is_some();
    if latest.content != ask.content {
        return if over || dispatched {
            Due::Refusal(
                "the order is dispatched, completed or cancelled; its content cannot change",
            )
        } else {
            Due::Decision {
                review_lapsed: false,
            }
        };
    }
    if over {
        return Due::Nothing;
    }
    let expired = now > latest.valid_until && !dispatched;
    let rerouted = signals::address_of(order, Some(dossier)) != latest.address;
    let failing = dossier.failed_twice() > latest.failed_twice;
    let changed = !dispatched && signals::account_mark(customer) != latest.account_mark;
    let review_lapsed = expired && latest.action == Action::Review;
    let placing = !placed && order.stage == Stage::Placed;
    let taken = placing
        && (situation.other_parcels > latest.other_parcels
            || customer.lowest_free_slot(&order.order_id, now) != latest.slot);
    if expired || rerouted || failing || changed || taken {
        Due::Decision { review_lapsed }
    } else if placing {
        Due::Placing
    } else {
        Due::Nothing
    }
}

/// The order is placed by the decision that its cart was shown.
fn placing(ask: &Ask, mut draft: Draft<'_>, mut dossier: Dossier) -> Step<Outcome> {
    let (order, now) = (&*ask.order, ask.now);
    let placement = placement(order, &dossier, &ask.in_force, now);
    let Some(latest) = dossier.latest.as_mut() else {
        return draft.finish(Outcome::Refused("the order was never decided"));
    };
    latest.stage = Stage::Placed;
    latest.valid_until = valid_until(order, latest.action, &placement, &ask.in_force, now);
    let decision_id = latest.decision_id.clone();
    dossier.placed = Some(placement);
    remember(&mut draft, &mut dossier, order, now);
    draft.put_order(&order.order_id, dossier.clone());
    draft.finish(Outcome::Stands(decision_id, Box::new(dossier)))
}

/// A new decision is made.
fn made(
    ask: &Ask,
    mut draft: Draft<'_>,
    mut dossier: Dossier,
    customer: &Customer,
    situation: Situation,
) -> Step<Outcome> {
    let (order, now) = (&*ask.order, ask.now);
    let draw = draw(ask, &dossier, customer);
    let (chance, decision) = judged(ask, customer, &situation, &draw);
    let placement = placement(order, &dossier, &ask.in_force, now);
    let unit = order.unit();
    let row = draft.customer_mut(&unit);
    if ask.told.is_none() {
        let slot = Slot {
            counter: draw.counter,
            key_id: draw.key_id.clone(),
            ratchet: decision.ratchet,
        };
        row.slots.insert(draw.slot, slot);
    }
    let salt = *row.salt.get_or_insert(ask.salt);
    let before = dossier.latest.as_ref();
    let record = Record {
        decision_id: ask.decision_id.clone(),
        revision: before.map_or(1, |latest| latest.revision.saturating_add(1)),
        origin: match ask.told {
            None => Origin::Service,
            Some(_) => Origin::Imported,
        },
        decided_at: now,
        valid_until: valid_until(order, decision.action, &placement, &ask.in_force, now),
        unit,
        content: ask.content,
        versions: Arc::clone(&ask.in_force.versions),
        situation,
        chance,
        decision,
        before: before.map_or(Digest([0; 32]), |latest| latest.record),
        salt,
        digest: Digest([0; 32]),
    };
    let sealed = seal(record);
    let record = Arc::clone(&sealed.record);
    dossier.latest = Some(Latest {
        decision_id: record.decision_id.clone(),
        revision: record.revision,
        content: ask.content,
        stage: order.stage,
        decided_at: now,
        action: record.decision.action,
        valid_until: record.valid_until,
        record: record.digest,
        slot: draw.slot,
        counter: draw.counter,
        key_id: draw.key_id,
        other_parcels: record.situation.other_parcels,
        address: signals::address_of(order, Some(&dossier)),
        failed_twice: dossier.failed_twice(),
        account_mark: None,
        spared_micro: Some(match ask.told {
            None => record.decision.spared_micro(),
            Some(_) => 0,
        }),
    });
    match order.stage {
        Stage::Placed => {
            dossier.placed = Some(placement);
            dossier.lapsed_at = None;
        }
        Stage::Cart => {
            let at = dossier.cart.as_ref().map_or(placement.at, |cart| cart.at);
            dossier.cart = Some(Placement { at, ..placement });
        }
    }
    remember(&mut draft, &mut dossier, order, now);
    draft.put_order(&order.order_id, dossier.clone());
    draft.append(sealed);
    draft.finish(Outcome::Made(record, Box::new(dossier)))
}

/// Judges with the draw and what its slot remembers; an order of a shop's past with what was asked of it.
fn judged(
    ask: &Ask,
    customer: &Customer,
    situation: &Situation,
    draw: &Draw,
) -> (Chance, Decision) {
    let release = &ask.in_force.release;
    if let Some(told) = &ask.told {
        let nothing = Chance {
            draw: None,
            ratchet: Ratchet::default(),
        };
        return (nothing, judge_past(situation, release, told));
    }
    let kept = customer
        .slots
        .get(&draw.slot)
        .filter(|slot| slot.counter == draw.counter && slot.key_id == draw.key_id);
    let chance = Chance {
        draw: Some(draw.clone()),
        ratchet: kept.map_or_else(Ratchet::default, |slot| slot.ratchet),
    };
    let decision = judge(situation, release, &chance);
    (chance, decision)
}

/// The draw of this order: a revision keeps slot and draw; else the lowest free slot, with the draw that the slot has.
fn draw(ask: &Ask, dossier: &Dossier, customer: &Customer) -> Draw {
    let order = &*ask.order;
    let lowest = customer.lowest_free_slot(&order.order_id, ask.now);
    let kept = dossier.latest.as_ref().filter(|latest| {
        let taken = customer.open.iter().any(|(id, open)| {
            *id != order.order_id && open.slot == latest.slot && open.until >= ask.now
        });
        dossier.placed.is_some() && !taken
    });
    let (slot, counter, key_id) = match kept {
        Some(latest) => (latest.slot, latest.counter, latest.key_id.clone()),
        None => {
            let used = customer
                .slots
                .get(&lowest)
                .filter(|slot| slot.counter == customer.completed);
            let key_id = used.map_or_else(|| ask.keys.newest().clone(), |slot| slot.key_id.clone());
            (lowest, customer.completed, key_id)
        }
    };
    let (key_id, draw_micro) = match ask.keys.get(&key_id) {
        Some((id, key)) => (
            id.clone(),
            draw_micro(key.reveal(), order.unit().as_str(), counter, slot),
        ),
        None => (key_id, 0),
    };
    Draw {
        key_id,
        slot,
        counter,
        draw_micro,
    }
}

/// Puts an order's content into the memory of its customer, and notes the latest account change known by then.
fn remember(draft: &mut Draft<'_>, dossier: &mut Dossier, order: &Order, now: Timestamp) {
    let unit = order.unit();
    if order.stage == Stage::Placed && order.customer_id.is_some() {
        crate::domain::memory::remember(draft.customer_mut(&unit), order, now);
        draft.share_false_claims(&unit);
    }
    let mark = signals::account_mark(draft.customer(&unit));
    if let Some(latest) = dossier.latest.as_mut() {
        latest.account_mark = mark;
    }
}
