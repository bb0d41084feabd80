//! What is possible at all: the hard constraints that no policy can lift, and the contact that a code may go to.
//!
//! Built in, because they are promises: the policy sets only how long a change counts and how far a locker may be.
//! Every reason is collected, not the first alone.

use super::{Feasible, Policy};
use crate::decision::reasons::Code;
use crate::decision::situation::{ContactFacts, Fit, LockerFacts, Situation};
use crate::domain::action::Action;
use crate::domain::order::{AddressType, Capability, ContactKind};
use crate::domain::units::Timestamp;

/// Every action that a hard constraint can exclude, with the reason: what [`Policy::feasible`] and [`Feasible::cap`] ever
/// say.
pub const CONSTRAINTS: &[(Action, Code)] = &[
    (Action::Otp, Code::SeveralParcelsAtStop),
    (Action::Otp, Code::ParcelsUnknown),
    (Action::Otp, Code::NoCodePossible),
    (Action::Otp, Code::CarrierNotReady),
    (Action::Otp, Code::GiftWithoutContact),
    (Action::Otp, Code::NoContact),
    (Action::Otp, Code::NoPriorContact),
    (Action::Otp, Code::AccessExempt),
    (Action::Otp, Code::BurdenCap),
    (Action::ItemCodes, Code::NoCodePossible),
    (Action::ItemCodes, Code::CarrierNotReady),
    (Action::ItemCodes, Code::GiftWithoutContact),
    (Action::ItemCodes, Code::NoContact),
    (Action::ItemCodes, Code::NoPriorContact),
    (Action::ItemCodes, Code::AccessExempt),
    (Action::ItemCodes, Code::BurdenCap),
    (Action::LockerOnly, Code::AccessExempt),
    (Action::LockerOnly, Code::AlreadyCollected),
    (Action::LockerOnly, Code::LockerDoesNotFit),
    (Action::LockerOnly, Code::SizeUnknown),
    (Action::LockerOnly, Code::NoLockerInReach),
    (Action::LockerOnly, Code::BurdenCap),
];

impl Policy {
    pub(super) fn possible(&self, situation: &Situation) -> Feasible {
        let mut feasible = Feasible {
            changed_at: self.changed_at(situation),
            ..Feasible::default()
        };
        let contacts = Contacts::of(situation, feasible.changed_at);
        feasible.code_contact = contacts.chosen().map(|it| it.contact_id.clone());
        feasible.prior = feasible.changed_at.is_some() && feasible.code_contact.is_some();
        feasible.notify = contacts.to_notify();

        let mut codes = codes(situation, &contacts);
        if !codes.is_empty() {
            // Where no code may be sent at all, none goes anywhere.
            feasible.code_contact = None;
        }
        let otp = codes.iter().cloned().chain(parcels(situation)).collect();
        let per_parcel = situation.carrier.can(Capability::PerParcelCode);
        if !per_parcel && !codes.contains(&Code::NoCodePossible) {
            codes.insert(0, Code::NoCodePossible);
        }
        let (lockers, locker_only) = self.lockers(situation);
        if locker_only.is_empty() {
            for locker in lockers {
                if !feasible.lockers.contains(&locker.locker_id) {
                    feasible.lockers.push(locker.locker_id.clone());
                }
            }
        }
        feasible.because = [Vec::new(), otp, codes, locker_only, Vec::new()];
        feasible
    }

    /// The earliest change inside the window.
    fn changed_at(&self, situation: &Situation) -> Option<Timestamp> {
        let from = situation.now.minus(self.change_window);
        let times = situation.changes.iter().map(|change| change.at);
        times.filter(|at| *at > from).min()
    }

    /// Lockers that fit, are in reach and accessible, and why there is none or why collection is not possible.
    fn lockers<'a>(
        &self,
        situation: &'a Situation,
    ) -> (impl Iterator<Item = &'a LockerFacts>, Vec<Code>) {
        let limit = self.locker_distance_m;
        let steps = situation.order.preferences.step_free_only;
        let reached = move |it: &&LockerFacts| it.distance_m.is_none_or(|far| far <= limit);
        let in_reach = || situation.lockers.iter().filter(reached);
        let usable = move |it: &&LockerFacts| it.fit == Fit::Fits && (it.step_free || !steps);

        let mut because = Vec::new();
        if collected(situation) {
            because.push(Code::AlreadyCollected);
        }
        let fits_somewhere = in_reach().any(|it| it.fit == Fit::Fits);
        let entered_nowhere = steps && !in_reach().any(|it| it.step_free);
        let barred = fits_somewhere && !in_reach().any(|it| usable(&it));
        if situation.order.preferences.cannot_come_to_door
            || barred
            || (entered_nowhere && in_reach().next().is_some())
        {
            because.push(Code::AccessExempt);
        }
        let near = in_reach().next().is_some();
        let unknown = in_reach().any(|it| it.fit == Fit::SizeUnknown);
        if situation.restricted || (near && !fits_somewhere && !unknown) {
            because.push(Code::LockerDoesNotFit);
        } else if near && !fits_somewhere {
            because.push(Code::SizeUnknown);
        }
        if !near {
            because.push(Code::NoLockerInReach);
        }
        (in_reach().filter(usable), because)
    }
}

impl Feasible {
    /// Whether a code may go to this contact here, chosen or not.
    #[must_use]
    pub fn may_have_code(&self, situation: &Situation, contact: &ContactFacts) -> bool {
        let contacts = Contacts::of(situation, self.changed_at);
        contact.recipient == contacts.gift && contacts.allowed(contact)
    }
}

/// Whether the parcel goes to a locker or shop anyway.
fn collected(situation: &Situation) -> bool {
    matches!(
        situation.order.delivery.address_type,
        Some(AddressType::Locker | AddressType::PickupPoint)
    )
}

/// Why no code of any kind is possible.
fn codes(situation: &Situation, contacts: &Contacts<'_>) -> Vec<Code> {
    let mut because = Vec::new();
    let po_box = situation.order.delivery.address_type == Some(AddressType::PoBox);
    if po_box || collected(situation) || !situation.carrier.can(Capability::Code) {
        because.push(Code::NoCodePossible);
    }
    if !situation.carrier.code_ready {
        because.push(Code::CarrierNotReady);
    }
    contacts.complain(&mut because);
    let preferences = &situation.order.preferences;
    let alone = preferences.cannot_come_to_door && preferences.delegate_contact_id.is_none();
    if preferences.cannot_use_codes || alone {
        because.push(Code::AccessExempt);
    }
    because
}

/// Why one code for the whole stop is not possible.
fn parcels(situation: &Situation) -> Option<Code> {
    let others = situation.other_parcels;
    match situation.own_parcels {
        None if others == 0 => Some(Code::ParcelsUnknown),
        None => Some(Code::SeveralParcelsAtStop),
        Some(own) if own.saturating_add(others) > 1 => Some(Code::SeveralParcelsAtStop),
        Some(_) => None,
    }
}

/// Contacts seen with the rule that a code follows no change.
struct Contacts<'a> {
    all: &'a [ContactFacts],
    /// A code goes to the recipient's contacts only.
    gift: bool,
    changed_at: Option<Timestamp>,
}

impl<'a> Contacts<'a> {
    fn of(situation: &'a Situation, changed_at: Option<Timestamp>) -> Self {
        let delivery = &situation.order.delivery;
        Self {
            all: &situation.contacts,
            gift: delivery.gift == Some(true) || delivery.recipient_is_buyer == Some(false),
            changed_at,
        }
    }

    /// Those that could receive the code if all were proven: the recipient's of a gift, else the customer's own.
    fn addressed(&self) -> impl Iterator<Item = &'a ContactFacts> {
        let gift = self.gift;
        self.all.iter().filter(move |it| it.recipient == gift)
    }

    fn allowed(&self, contact: &ContactFacts) -> bool {
        contact.verified
            && match self.changed_at {
                None => contact.current,
                Some(at) => is_from_before(contact, at),
            }
    }

    /// The first by kind, then the oldest known, then by id.
    fn chosen(&self) -> Option<&'a ContactFacts> {
        let rank = |it: &&ContactFacts| (ease(it.kind), it.since.is_none(), it.since);
        self.addressed()
            .filter(|it| self.allowed(it))
            .min_by_key(rank)
    }

    /// The buyer's contacts from before the change.
    fn to_notify(&self) -> Vec<crate::domain::ids::ContactId> {
        let Some(at) = self.changed_at else {
            return Vec::new();
        };
        let from_before =
            |it: &&ContactFacts| it.verified && !it.recipient && is_from_before(it, at);
        let mut contacts: Vec<&ContactFacts> = self.all.iter().filter(from_before).collect();
        contacts.sort_by_key(|it| (ease(it.kind), it.since));
        contacts
            .into_iter()
            .map(|it| it.contact_id.clone())
            .collect()
    }

    /// Why no contact may receive a code, if none may.
    fn complain(&self, because: &mut Vec<Code>) {
        if self.chosen().is_some() {
            return;
        }
        if self.gift && self.addressed().next().is_none() {
            because.push(Code::GiftWithoutContact);
            return;
        }
        let proven = self.addressed().any(|it| it.verified && it.current);
        if !proven {
            because.push(Code::NoContact);
        }
        if self.changed_at.is_some() {
            because.push(Code::NoPriorContact);
        }
    }
}

/// Verified and the customer's before the change; what nothing dates is not.
fn is_from_before(contact: &ContactFacts, change: Timestamp) -> bool {
    let before = |at: Option<Timestamp>| at.is_some_and(|at| at < change);
    before(contact.verified_at) && before(contact.since)
}

/// The order in which kinds of contact are preferred: what reaches a person at the door soonest comes first.
const fn ease(kind: ContactKind) -> u8 {
    match kind {
        ContactKind::Push => 0,
        ContactKind::Sms => 1,
        ContactKind::Voice => 2,
        ContactKind::Email => 3,
        ContactKind::Post => 4,
        ContactKind::Unknown => 5,
    }
}

#[cfg(test)]
mod tests;
