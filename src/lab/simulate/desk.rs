//! After the door: who notices, who claims, how claims are settled, and what people remember.

use super::calendar::DAY_S;
use super::chance::{Weights, whole};
use super::delivery::End;
use super::ids;
use super::parameters::BadWorld;
use super::placing::Pending;
use super::telling::Nth;
use super::world::{Step, World};
use crate::domain::action::Action;
use crate::domain::event::{ClaimKind, ClaimOpened, EventKind, Fault};
use crate::domain::hazard::Hazard;
use crate::domain::ids::ClaimId;
use crate::domain::units::{Span, Timestamp};

/// In the order of the file's shares; what remains is `UNKNOWN`.
const FAULTS: [Fault; 6] = [
    Fault::Porch,
    Fault::Courier,
    Fault::Depot,
    Fault::Customer,
    Fault::AccountTakeover,
    Fault::Unknown,
];

impl World {
    /// What follows from an end: memory, claims, settlements.
    pub(super) fn consequences(
        &mut self,
        pending: &Pending,
        played: Action,
        end: End,
        door: Timestamp,
    ) -> Result<(), BadWorld> {
        let fate = pending.fate;
        let exponential = |mean: f64, unit: f64| -mean * libm::log(1.0 - unit);
        let soon = days(0.3 + exponential(self.it.desk.claim_days, fate.claim_days));
        let noticed = days(1.0 + exponential(self.it.takeover.noticed_days, fate.claim_days));
        let claimed = fate.claims < self.it.claims.honest_claim_share;
        let swapped = if fate.kind < 0.5 {
            ClaimKind::Empty
        } else {
            ClaimKind::Swapped
        };
        if pending.intruder {
            // The owner finds out either way, and takes the account back.
            self.restore(pending.customer, door.plus(noticed), pending.number);
        }
        let (kind, after, is_claimed) = match end {
            End::Well | End::Stopped => return Ok(()),
            End::Lost(Hazard::AccountTakeover) => (ClaimKind::NotReceived, noticed, true),
            End::Lost(Hazard::FalseClaim) => (ClaimKind::NotReceived, soon, true),
            End::Displaced => (ClaimKind::Empty, soon, true),
            End::Lost(Hazard::Substitution) => (swapped, soon, claimed),
            End::Misrouted if fate.role >= 0.5 => (ClaimKind::Damaged, soon, claimed),
            End::Lost(Hazard::PorchTheft | Hazard::CourierTheft) | End::Misrouted => {
                (ClaimKind::NotReceived, soon, claimed)
            }
        };
        if end == End::Lost(Hazard::PorchTheft)
            && let Some(address) = self.population.addresses.get_mut(pending.address)
        {
            address.robbed_at = Some(door);
        }
        let genuine = !matches!(end, End::Lost(Hazard::FalseClaim) | End::Displaced);
        if genuine {
            self.ledger.victims += 1;
            self.ledger.misrouted += u64::from(end == End::Misrouted);
            if let Some(person) = self.population.people.get_mut(pending.customer) {
                person.lost_at = Some(door);
            }
        }
        if is_claimed {
            self.claim(pending, (end, played), kind, door.plus(after))?;
        }
        Ok(())
    }

    fn claim(
        &mut self,
        pending: &Pending,
        (end, played): (End, Action),
        kind: ClaimKind,
        at: Timestamp,
    ) -> Result<(), BadWorld> {
        let desk = &self.it.desk;
        let claim_id = ids::make("claim", pending.order.order_id.as_str(), ClaimId::try_new)?;
        let opened = EventKind::ClaimOpened(ClaimOpened {
            claim_id: claim_id.clone(),
            order_id: pending.order.order_id.clone(),
            items: Vec::new(),
            parcel_ids: Vec::new(),
            kind,
            amount_minor: Some(pending.order.amount_minor()),
            currency: Some(pending.order.currency),
        });
        let shares = match end {
            End::Lost(Hazard::PorchTheft) => &desk.porch,
            End::Lost(Hazard::CourierTheft) => &desk.courier,
            End::Lost(Hazard::Substitution) => &desk.substitution,
            End::Lost(Hazard::FalseClaim) | End::Displaced if played.is_code() => {
                &desk.false_claim_coded
            }
            End::Lost(Hazard::FalseClaim) | End::Displaced => &desk.false_claim,
            End::Lost(Hazard::AccountTakeover) => &desk.takeover,
            End::Misrouted | End::Well | End::Stopped => &desk.honest,
        };
        let unknown = (1.0 - shares.iter().sum::<f64>()).max(0.0);
        let fault = Weights::of(shares.iter().copied().chain([unknown])).at(pending.fate.fault);
        let fault = FAULTS.get(fault).copied().unwrap_or(Fault::Unknown);
        let mean = -desk.settle_days * libm::log(1.0 - pending.fate.settle_days);
        let after = (desk.settle_days_least + mean).min(desk.settle_days_most);
        let unresolved = pending.fate.kind < desk.unresolved_share;
        self.tell(at, pending.number, Nth::only("c"), opened)?;
        if unresolved {
            return Ok(());
        }
        let at = at.plus(days(after));
        let settled = EventKind::ClaimSettled {
            claim_id,
            fault,
            paid: Some(fault != Fault::Customer),
        };
        self.tell(at, pending.number, Nth::only("s"), settled)?;
        self.settled(pending.customer, (end, fault), at, pending.number);
        Ok(())
    }

    /// Writes a settlement down; whoever is caught remembers it from then on.
    fn settled(&mut self, customer: usize, (end, fault): (End, Fault), at: Timestamp, number: u64) {
        let truth: &[Fault] = match end {
            End::Lost(Hazard::PorchTheft) => &[Fault::Porch],
            End::Lost(Hazard::CourierTheft) => &[Fault::Courier],
            End::Lost(Hazard::Substitution) => &[Fault::Courier, Fault::Depot],
            End::Lost(Hazard::FalseClaim) | End::Displaced => &[Fault::Customer],
            End::Lost(Hazard::AccountTakeover) => &[Fault::AccountTakeover],
            End::Misrouted | End::Well | End::Stopped => &[Fault::Depot, Fault::Courier],
        };
        let right = truth.contains(&fault);
        self.ledger.claims += 1;
        self.ledger.wrongly_settled += u64::from(!right && fault != Fault::Unknown);
        self.ledger.victims_blamed += u64::from(!right && fault == Fault::Customer);
        if fault == Fault::Customer {
            self.plan_step(at, number, Step::Caught { customer });
        }
    }
}

fn days(days: f64) -> Span {
    Span::seconds(whole(days * DAY_S))
}
