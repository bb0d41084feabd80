//! What else the shop would accept: never what is impossible, forbidden by a rule or below its floor.
//!
//! A review offers nothing that would go round it. Words are `texts`.

use super::answer::{Alternative, Term};
use super::judge::Weighed;
use super::obligations;
use super::release::Release;
use super::signal::Signal;
use super::situation::Situation;
use crate::domain::action::{Action, AlternativeKind, Obligation};
use crate::domain::hazard::Hazard;
use crate::domain::order::{Capability, ContactKind};

#[cfg(test)]
mod tests;

/// Locker alternatives offered at most; all fitting ones are in the decision's own list.
const LOCKERS_MAX: usize = 3;

/// All alternatives to `action`, best first: by what they are expected to cost, then in the order of the kinds here.
#[must_use]
pub fn of(
    action: Action,
    situation: &Situation,
    release: &Release,
    weighed: &Weighed,
) -> Vec<Alternative> {
    let offer = Offer {
        action,
        situation,
        release,
        weighed,
    };
    let mut found = Vec::new();
    found.extend(offer.secured_drop());
    if action != Action::Review {
        found.extend(offer.voice_codes());
        found.extend(offer.delegate());
        found.extend(offer.other_code());
        found.extend(offer.lockers());
    }
    found.extend(offer.id_check());
    found.extend(offer.other_day());
    found.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    found.into_iter().map(|(_, it)| it).collect()
}

/// What is asked, and where one looks for something else.
struct Offer<'a> {
    action: Action,
    situation: &'a Situation,
    release: &'a Release,
    weighed: &'a Weighed,
}

/// An alternative with its expected cost in hundredths of the base currency.
type Priced = (f64, Alternative);

impl Offer<'_> {
    fn cost(&self, action: Action) -> f64 {
        let cost = self.weighed.costs.get(action.index());
        cost.map_or(f64::INFINITY, |it| it.total)
    }

    /// Rules and situation allow it.
    fn allowed(&self, action: Action) -> bool {
        let allowed = self.weighed.choice.allowed.get(action.index());
        allowed.is_some_and(|it| *it)
    }

    /// It is allowed, and as strict as what is asked or at least no worse than asking nothing.
    fn accepted(&self, action: Action) -> bool {
        let good = action >= self.action || self.cost(action) <= self.cost(Action::None);
        self.allowed(action) && good
    }

    fn one(&self, id: String, kind: AlternativeKind, action: Action) -> Alternative {
        let Weighed {
            feasible, costs, ..
        } = self.weighed;
        Alternative {
            alternative_id: id,
            kind,
            action,
            contact_id: None,
            locker_id: None,
            secured_drop: None,
            obligations: obligations::of_order(action, self.situation, feasible, costs),
        }
    }

    fn other_code(&self) -> Option<Priced> {
        if self.action == Action::None {
            return None;
        }
        let action = self.best_code()?;
        let id = format!("code:{}", action.key());
        let contact_id = self.weighed.feasible.code_contact.clone();
        let code = Alternative {
            contact_id,
            ..self.one(id, AlternativeKind::Code, action)
        };
        Some((self.cost(action), code))
    }

    /// The cheapest code action other than what is asked.
    fn best_code(&self) -> Option<Action> {
        let others = [Action::Otp, Action::ItemCodes].into_iter();
        let fitting = others.filter(|it| *it != self.action && self.accepted(*it));
        fitting.min_by(|a, b| self.cost(*a).total_cmp(&self.cost(*b)))
    }

    fn lockers(&self) -> Vec<Priced> {
        let action = Action::LockerOnly;
        if !self.accepted(action) {
            return Vec::new();
        }
        let nearest = self.weighed.feasible.lockers.iter().take(LOCKERS_MAX);
        let offered = nearest.map(|locker_id| {
            let id = format!("locker:{locker_id}");
            let locker = Alternative {
                locker_id: Some(locker_id.clone()),
                ..self.one(id, AlternativeKind::Locker, action)
            };
            (self.cost(action), locker)
        });
        offered.collect()
    }

    /// An identity document shown at the door instead of the code, or added to what a reviewer knows.
    fn id_check(&self) -> Option<Priced> {
        let can = self.situation.carrier.can(Capability::IdCheck);
        if !can
            || self.action == Action::None
            || (self.action == Action::Review && self.weighed.choice.ruled)
        {
            return None;
        }
        let kind = AlternativeKind::IdCheck;
        let mut shown = self.one("id_check".to_owned(), kind, self.action);
        shown.obligations.retain(|it| *it != Obligation::LateReveal);
        Some((self.cost(self.action), shown))
    }

    /// The customer's own box, garage or concierge: it helps against porch theft and nothing else.
    fn secured_drop(&self) -> Option<Priced> {
        let drop = self.situation.order.preferences.secured_drop?;
        let suspected = self.situation.signals.get(Signal::SuspicionLevel);
        let safe = self.allowed(Action::None)
            && self.weighed.feasible.changed_at.is_none()
            && suspected.is_none_or(|level| level <= 0.0)
            && self.dominating() == Some(Hazard::PorchTheft);
        if !safe || self.action == Action::Review {
            return None;
        }
        let kind = AlternativeKind::SecuredDrop;
        let mut offered = self.one("secured_drop".to_owned(), kind, Action::None);
        let photo = self.situation.carrier.can(Capability::Photo);
        if photo && !offered.obligations.contains(&Obligation::Photo) {
            offered.obligations.push(Obligation::Photo);
            offered.obligations.sort_unstable();
        }
        offered.secured_drop = Some(drop);
        let porch = self.weighed.costs.first().and_then(|none| {
            let place = Term::Loss(Hazard::PorchTheft).index();
            none.terms.get(place).copied()
        });
        Some((self.cost(Action::None) - porch.unwrap_or(0.0), offered))
    }

    /// The hazard that costs most where nothing is asked.
    fn dominating(&self) -> Option<Hazard> {
        let costs = self.weighed.hazards.iter().map(|score| {
            let policy = &self.release.policy;
            let loss = policy.loss_cents(score.hazard, self.situation);
            (score.probability * loss, score.hazard)
        });
        costs
            .max_by(|(a, _), (b, _)| a.total_cmp(b))
            .map(|(_, hazard)| hazard)
    }

    /// Somebody whom the customer names, with a code of their own.
    fn delegate(&self) -> Option<Priced> {
        if !self.action.is_code() {
            return None;
        }
        let delegate = Alternative {
            contact_id: self.situation.order.preferences.delegate_contact_id.clone(),
            ..self.one(
                "delegate".to_owned(),
                AlternativeKind::Delegate,
                self.action,
            )
        };
        Some((self.cost(self.action), delegate))
    }

    /// The code by a call to another telephone that may have it.
    fn voice_codes(&self) -> Option<Priced> {
        if !self.action.is_code() {
            return None;
        }
        let feasible = &self.weighed.feasible;
        let contact = self.situation.contacts.iter().find(|contact| {
            feasible.code_contact.as_ref() != Some(&contact.contact_id)
                && contact.kind == ContactKind::Voice
                && feasible.may_have_code(self.situation, contact)
        })?;
        let id = format!("voice:{}", contact.contact_id);
        let voice = Alternative {
            contact_id: Some(contact.contact_id.clone()),
            ..self.one(id, AlternativeKind::VoiceCode, self.action)
        };
        Some((self.cost(self.action), voice))
    }

    /// The same at another time; instead of a locker a code, when somebody is at home.
    fn other_day(&self) -> Option<Priced> {
        let action = match self.action {
            Action::Otp | Action::ItemCodes => self.action,
            Action::LockerOnly => self.best_code()?,
            Action::None | Action::Review => return None,
        };
        let kind = AlternativeKind::OtherDay;
        let day = self.one("other_day".to_owned(), kind, action);
        Some((self.cost(action), day))
    }
}
