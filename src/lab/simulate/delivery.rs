//! The last mile: what truly becomes of an order, what couriers and customers tell of it, and what it costs.

use super::chance::small;
use super::effects::{self, Scene, Term};
use super::ids;
use super::parameters::BadWorld;
use super::placing::{Pending, one_of};
use super::telling::{Nth, event};
use super::world::World;
use crate::domain::action::Action;
use crate::domain::event::{
    CancelledBy, DeliveryFailed, Event, EventKind, FailureReason, ParcelHandedOver, ParcelScanned,
    RecipientRole, ScanKind,
};
use crate::domain::hazard::Hazard;
use crate::domain::ids::ParcelId;
use crate::domain::order::{AddressType, ContactKind};
use crate::domain::units::{Span, Timestamp};

/// What truly happened to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It arrived and nobody says otherwise.
    Well,
    /// It arrived as well as that, and a misroute or damage took it.
    Misrouted,
    /// A hazard.
    Lost(Hazard),
    /// A false claim that a code hindered came back as "it was empty".
    Displaced,
    /// An intruder was stopped.
    Stopped,
}

/// What happens to an order at its door, before anything follows from it.
#[derive(Debug)]
#[expect(clippy::vec_box, reason = "events are moved on one by one")]
pub(super) struct Door {
    /// As it is played, with everything that stops there.
    scene: Scene,
    /// What the demand comes to.
    played: Action,
    end: End,
    /// Attempts that fail.
    failed: u32,
    /// When the last attempt is over; none where the order never goes out.
    at: Option<Timestamp>,
    /// What carriers tell of it.
    told: Vec<Box<Event>>,
}

impl World {
    /// Plays the attempts of one order: from its own draws, so that doors can be made in any order.
    pub(super) fn door(&self, pending: &Pending, parcels_at_stop: u32) -> Result<Door, BadWorld> {
        let mut scene = pending.scene;
        scene.parcels_at_stop = parcels_at_stop;
        if self.calendar.is_outage(pending.day) && pending.code_by_text {
            scene.no_code = scene.no_code.max(self.it.effects.fault.notice_lost_share);
        }
        let played = scene.played(pending.action);
        let end = self.end(pending, &scene, played);
        let mut door = Door {
            scene,
            played,
            end,
            failed: self.failed(pending, &scene, played, end),
            at: None,
            told: Vec::new(),
        };
        if !pending.gave_up {
            door.at = Some(self.tell_of_door(pending, &mut door)?);
        }
        Ok(door)
    }

    /// Writes down what happened at a door, and what follows from it.
    pub(super) fn settle(&mut self, pending: &Pending, door: Door) -> Result<(), BadWorld> {
        let (scene, played, end) = (&door.scene, door.played, door.end);
        self.account(pending, scene, played, end);
        let happened = match end {
            End::Lost(hazard) if !pending.gave_up => Some(hazard),
            End::Lost(_) | End::Well | End::Misrouted | End::Displaced | End::Stopped => None,
        };
        self.has_ended(pending, happened);
        let Some(at) = door.at else {
            return Ok(());
        };
        if pending.action != Action::None {
            let plain = effects::attempts(self.it.door.failed_plain_share);
            let beyond = f64::from(door.failed) - plain;
            let money = beyond * self.it.prices.failed_attempt;
            self.ledger.cost(Term::FailedAttempts, 0.0, money);
        }
        for event in door.told {
            self.telling.tell(&self.calendar, event);
        }
        self.consequences(pending, played, end, at)
    }

    /// What becomes of it: each draw against the true probability and what the action leaves of it.
    fn end(&self, pending: &Pending, scene: &Scene, played: Action) -> End {
        let left = effects::remaining(&self.it, scene, played);
        let fate = &pending.fate;
        let dice = |hazard: Hazard| (fate.hazards[hazard.index()], left[hazard.index()]);
        if pending.intruder {
            let (dice, left) = dice(Hazard::AccountTakeover);
            return if dice < left {
                End::Lost(Hazard::AccountTakeover)
            } else {
                End::Stopped
            };
        }
        // What is left for honest people: the truth was told with the chance of an intruder taken off.
        let honest = 1.0 - pending.p[Hazard::AccountTakeover.index()];
        for hazard in [
            Hazard::CourierTheft,
            Hazard::Substitution,
            Hazard::PorchTheft,
        ] {
            let (dice, left) = dice(hazard);
            if dice * honest < pending.p[hazard.index()] * left {
                return End::Lost(hazard);
            }
        }
        let (dice, left) = dice(Hazard::FalseClaim);
        let p = pending.p[Hazard::FalseClaim.index()] / honest.max(1e-9);
        if dice < p * left {
            return End::Lost(Hazard::FalseClaim);
        }
        let back = (1.0 - left).max(0.0) * effects::displaced(&self.it, played);
        if dice < p * (left + back) {
            return End::Displaced;
        }
        if fate.lost < self.it.claims.honest_loss_share {
            End::Misrouted
        } else {
            End::Well
        }
    }

    /// Writes the order into the ledger: what was to be expected, and what happened.
    fn account(&mut self, pending: &Pending, scene: &Scene, played: Action, end: End) {
        let (it, action, ledger) = (&self.it, pending.action, &mut self.ledger);
        let (left, loss) = (
            effects::remaining(it, scene, played),
            effects::losses(&it.prices, scene.value),
        );
        let kept = 1.0 - effects::gives_up(it, scene, action);
        ledger.orders += 1;
        ledger.value += scene.value;
        ledger.by_action[action.index()] += 1;
        for hazard in Hazard::ALL {
            let at = hazard.index();
            ledger.lost[at].expected += kept * pending.p[at] * left[at] * loss[at];
            ledger.losses_expected += kept * pending.p[at] * left[at];
        }
        let claim = Hazard::FalseClaim.index();
        let back = pending.p[claim] * (1.0 - left[claim]).max(0.0) * effects::displaced(it, played);
        let back_loss = loss[Hazard::Substitution.index()];
        ledger.displaced.expected += kept * back * back_loss;
        ledger.losses_expected += kept * back;
        match end {
            _ if pending.gave_up => ledger.abandoned += 1,
            End::Lost(hazard) => ledger.lose(hazard, loss[hazard.index()]),
            End::Displaced => ledger.displaced.happened += back_loss,
            End::Well | End::Misrouted | End::Stopped => {}
        }
        let terms = effects::verification(it, scene, action);
        let margin = it.prices.margin_share * scene.value;
        for term in Term::ALL {
            let expected = terms[term.index()];
            let happened = match term {
                // Written down as attempts fail.
                Term::FailedAttempts => 0.0,
                Term::Abandonment => {
                    if pending.gave_up {
                        margin
                    } else {
                        0.0
                    }
                }
                Term::Handover
                | Term::Messages
                | Term::Seals
                | Term::Burden
                | Term::Lockers
                | Term::Reviews => expected,
            };
            ledger.cost(term, expected, happened);
        }
        if action != Action::None {
            ledger.bothered += 1;
            if !pending.intruder && !matches!(end, End::Lost(Hazard::FalseClaim) | End::Displaced) {
                ledger.honest_bothered += 1;
                ledger.bothered_people.insert(pending.customer);
            }
        }
        if played.is_code() {
            ledger.coded += 1;
            ledger.coded_valuable += u64::from(scene.value >= it.prices.valuable);
        }
    }

    /// How many attempts fail, two at most.
    fn failed(&self, pending: &Pending, scene: &Scene, played: Action, end: End) -> u32 {
        if end == End::Stopped && played.is_code() {
            return 2;
        }
        let fails = effects::fails(&self.it, scene, played);
        let attempts = pending.fate.attempts.iter();
        let missed = attempts.take_while(|dice| **dice < fails).count();
        u32::try_from(missed).unwrap_or(0)
    }

    /// Scans, failed attempts and the handover, as couriers tell them; the moment of the last.
    fn tell_of_door(&self, pending: &Pending, door: &mut Door) -> Result<Timestamp, BadWorld> {
        let (played, failed, end) = (door.played, door.failed, door.end);
        let number = pending.number;
        let mut tell = |at: Timestamp, nth: Nth, kind: EventKind| -> Result<(), BadWorld> {
            door.told.push(event(at, (number, nth), kind)?);
            Ok(())
        };
        if end == End::Stopped && !played.is_code() {
            // Somebody looked, or the owner was told: it never goes out.
            let at = self.calendar.at(pending.day, 6.0 * 3_600.0);
            tell(at, CANCELLED, cancelled(pending, CancelledBy::Shop))?;
            return Ok(at);
        }
        let mut day = pending.day;
        let mut tries = [None; 2];
        for attempt in tries.iter_mut().zip(0..failed) {
            *attempt.0 = Some(day);
            day = self.calendar.working(day + 1);
        }
        let loaded = self
            .calendar
            .at(pending.day, 6.5 * 3_600.0 + pending.second / 40.0);
        let over = self
            .calendar
            .at(day, pending.second + 60.0 * pending.fate.minute);
        let vanishes = end == End::Misrouted && pending.fate.role < 0.5;
        let role = self.role(pending, played, end);
        for parcel in 1..=pending.scene.parcels {
            let way = self.way(pending, parcel)?;
            if played == Action::ItemCodes {
                let packed = self
                    .calendar
                    .at(pending.day - 1, 20.0 * 3_600.0 + pending.second / 40.0);
                let seal = format!("seal-{}", way.parcel);
                let scan = way.scanned(ScanKind::Packed, Some(seal));
                tell(packed, Nth::of("k", parcel), scan)?;
            }
            let scan = way.scanned(ScanKind::Loaded, None);
            tell(loaded, Nth::of("l", parcel), scan)?;
            for (nth, day) in (0..).zip(tries.iter().flatten()) {
                let at = self.calendar.at(*day, pending.second + f64::from(parcel));
                let reason = self.reason(pending, played, end);
                tell(at, Nth("f", Some(parcel), Some(nth)), way.failed(reason))?;
            }
            if end != End::Stopped && !vanishes {
                let seconds = small(
                    if played.is_code() {
                        self.it.prices.otp_seconds
                    } else {
                        20.0
                    } + 30.0 * pending.fate.minute,
                );
                let at = self.calendar.at(
                    day,
                    pending.second + 60.0 * pending.fate.minute + f64::from(parcel),
                );
                let handed_over = way.handed_over(role, seconds);
                tell(at, Nth::of("h", parcel), handed_over)?;
            }
        }
        if end == End::Stopped {
            let at = over.plus(Span::hours(2));
            tell(at, CANCELLED, cancelled(pending, CancelledBy::Carrier))?;
        }
        Ok(over)
    }

    /// An order is cancelled.
    pub(super) fn cancel(
        &mut self,
        pending: &Pending,
        at: Timestamp,
        by: CancelledBy,
    ) -> Result<(), BadWorld> {
        self.tell(at, pending.number, CANCELLED, cancelled(pending, by))
    }

    /// Why an attempt failed.
    fn reason(&self, pending: &Pending, played: Action, end: End) -> FailureReason {
        let no_code =
            pending.scene.no_code / (pending.scene.no_code + pending.scene.nobody_home).max(1e-9);
        match played {
            Action::LockerOnly => FailureReason::LockerFull,
            Action::Otp | Action::ItemCodes if end == End::Stopped => FailureReason::NoCode,
            Action::Otp | Action::ItemCodes if pending.fate.no_code < no_code => {
                FailureReason::NoCode
            }
            Action::None | Action::Review if pending.fate.no_code < 0.3 => FailureReason::NoAccess,
            Action::None | Action::Otp | Action::ItemCodes | Action::Review => {
                FailureReason::NobodyHome
            }
        }
    }

    /// Who received it, as the courier says.
    fn role(&self, pending: &Pending, played: Action, end: End) -> RecipientRole {
        let fate = &pending.fate;
        let kind = pending
            .order
            .delivery
            .address_type
            .unwrap_or(AddressType::House);
        let person = one_of(
            &[
                RecipientRole::Customer,
                RecipientRole::Customer,
                RecipientRole::Household,
            ],
            fate.role,
        );
        let person = person.unwrap_or(RecipientRole::Customer);
        match (played, kind) {
            (Action::LockerOnly, _)
            | (_, AddressType::Locker | AddressType::PickupPoint | AddressType::PoBox) => {
                RecipientRole::Locker
            }
            (Action::Otp | Action::ItemCodes, _) => person,
            // A courier who keeps a parcel says what nobody can check.
            _ if end == End::Lost(Hazard::CourierTheft) && fate.role < 0.6 => {
                RecipientRole::Unattended
            }
            _ if end == End::Lost(Hazard::PorchTheft) => RecipientRole::Unattended,
            (Action::None | Action::Review, _) => {
                if fate.home < pending.home {
                    person
                } else if pending.secured {
                    RecipientRole::SecuredDrop
                } else if fate.role < self.it.door.neighbour_share {
                    RecipientRole::Neighbour
                } else {
                    RecipientRole::Unattended
                }
            }
        }
    }

    fn way(&self, pending: &Pending, parcel: u32) -> Result<Way, BadWorld> {
        let route = self.places.routes.get(pending.route);
        let courier = self.places.couriers.get(pending.courier);
        Ok(Way {
            order: pending.order.order_id.clone(),
            parcel: ids::numbered(
                pending.order.order_id.as_str(),
                (parcel.into(), 1),
                ParcelId::try_new,
            )?,
            route: route.map(|route| route.id.clone()),
            depot: pending.order.carrier.depot_id.clone(),
            courier: courier.map(|courier| courier.id.clone()),
        })
    }
}

/// Names an order's cancellation.
const CANCELLED: Nth = Nth::only("x");

/// An order is cancelled.
fn cancelled(pending: &Pending, by: CancelledBy) -> EventKind {
    EventKind::OrderCancelled {
        order_id: pending.order.order_id.clone(),
        by: Some(by),
        after_requirement_shown: Some(pending.action != Action::None),
    }
}

/// Whether a code to this contact goes by text message.
pub(super) const fn is_text(kind: ContactKind) -> bool {
    matches!(kind, ContactKind::Sms)
}

/// A parcel on its way.
struct Way {
    order: crate::domain::ids::OrderId,
    parcel: ParcelId,
    route: Option<crate::domain::ids::RouteId>,
    depot: Option<crate::domain::ids::DepotId>,
    courier: Option<crate::domain::ids::CourierId>,
}

impl Way {
    fn scanned(&self, kind: ScanKind, seal_id: Option<String>) -> EventKind {
        EventKind::ParcelScanned(ParcelScanned {
            order_id: self.order.clone(),
            parcel_id: self.parcel.clone(),
            kind,
            weight_g: None,
            seal_id,
            depot_id: self.depot.clone(),
            route_id: self.route.clone(),
            courier_id: self.courier.clone(),
        })
    }

    fn failed(&self, reason: FailureReason) -> EventKind {
        EventKind::DeliveryFailed(DeliveryFailed {
            order_id: self.order.clone(),
            parcel_id: self.parcel.clone(),
            reason: Some(reason),
            courier_id: self.courier.clone(),
            route_id: self.route.clone(),
            position: None,
            dwell_s: None,
            photo_sha256: None,
        })
    }

    fn handed_over(&self, role: RecipientRole, seconds: u32) -> EventKind {
        EventKind::ParcelHandedOver(ParcelHandedOver {
            order_id: self.order.clone(),
            parcel_id: self.parcel.clone(),
            courier_id: self.courier.clone(),
            route_id: self.route.clone(),
            depot_id: self.depot.clone(),
            stop_id: None,
            recipient_role: Some(role),
            weight_g: None,
            handover_s: Some(seconds),
            seal_id: None,
            seal_intact: None,
            inspected: None,
            photo_sha256: None,
            position: None,
        })
    }
}
