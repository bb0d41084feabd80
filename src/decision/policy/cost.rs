//! What an action is expected to cost here: what each hazard still costs under it, and what it costs by itself.
//!
//! Terms are summed in the order of [`Term::ALL`], in hundredths of the base currency. Infeasible actions are priced
//! too, so that an explanation can say what was given up.

use super::{Feasible, Policy};
use crate::decision::answer::{ActionCost, HazardScore, Term};
use crate::decision::signal::Signal;
use crate::decision::situation::Situation;
use crate::domain::action::Action;
use crate::domain::hazard::Hazard;
use crate::domain::units::to_f64;

/// One number an action, in the order of [`Action::ALL`].
pub(super) type ByAction = [f64; Action::COUNT];

/// One number a column of an effect table, in the order of [`COLUMNS`].
pub(super) type ByColumn = [f64; COLUMNS.len()];

/// The columns of an effect table: the actions, item codes with and without a seal apart.
pub(super) const COLUMNS: [&str; 6] = [
    "none",
    "otp",
    "item_codes",
    "item_codes_unsealed",
    "locker_only",
    "review",
];

/// The effect tables: the hazards, two of them by situation.
pub(super) const TABLES: [&str; 8] = [
    "porch_theft",
    "courier_theft.one_parcel",
    "courier_theft.several_parcels",
    "substitution",
    "false_claim",
    "account_takeover.unchanged",
    "account_takeover.prior_contact",
    "account_takeover.no_prior_contact",
];

/// Parcels that are priced where their number is unknown.
const PARCELS_UNKNOWN: u32 = 2;

/// Effects and costs as loaded; amounts in hundredths of the base currency.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Costs {
    /// What an action leaves of each hazard's probability, by the place in [`TABLES`].
    pub(super) effects: [ByColumn; TABLES.len()],
    /// Share of the false claims hindered that come back as "empty".
    pub(super) displaced: ByColumn,
    /// Beside the order value, by hazard in the order of [`Hazard::ALL`].
    pub(super) loss: [f64; Hazard::COUNT],
    /// Beside the order value, of a claim that comes back as "empty".
    pub(super) displaced_loss: f64,
    pub(super) attempt: f64,
    /// Of an attempt; for codes beside the customer's own rate.
    pub(super) attempt_rate: ByAction,
    /// The customer's rate where it is unknown.
    pub(super) attended_unknown: f64,
    pub(super) minute: f64,
    pub(super) seconds: ByAction,
    pub(super) further_parcel_seconds: f64,
    /// For item codes: a parcel.
    pub(super) message: ByAction,
    pub(super) seal: f64,
    /// Share of the order value.
    pub(super) margin: f64,
    pub(super) abandoned: ByAction,
    pub(super) burden: ByAction,
    pub(super) uncollected_rate: f64,
    pub(super) uncollected: f64,
    pub(super) door_saved: f64,
    pub(super) person: f64,
}

/// What of a situation enters prices.
struct Stake<'a> {
    costs: &'a Costs,
    /// Order value.
    value: f64,
    /// By hazard.
    probabilities: [f64; Hazard::COUNT],
    /// Places in [`TABLES`], by hazard.
    tables: [usize; Hazard::COUNT],
    /// Of this order.
    parcels: f64,
    sealed: bool,
    /// The customer's attended attempts that fail.
    attended_failure_rate: f64,
}

impl Policy {
    pub(super) fn prices(
        &self,
        situation: &Situation,
        feasible: &Feasible,
        hazards: &[HazardScore; Hazard::COUNT],
    ) -> [ActionCost; Action::COUNT] {
        let stake = Stake::of(&self.costs, situation, feasible, hazards);
        let cost = |action: Action| {
            let terms = stake.terms(action);
            let because = feasible.because.get(action.index());
            ActionCost {
                action,
                feasible: feasible.allows(action),
                total: terms.iter().sum(),
                terms,
                infeasible_because: because.cloned().unwrap_or_default(),
            }
        };
        // Each made in its place: they are large, and `map` would move them.
        [
            cost(Action::None),
            cost(Action::Otp),
            cost(Action::ItemCodes),
            cost(Action::LockerOnly),
            cost(Action::Review),
        ]
    }

    pub(super) fn effects_of(
        &self,
        situation: &Situation,
        feasible: &Feasible,
    ) -> [[f64; Action::COUNT]; Hazard::COUNT] {
        let tables = tables(situation, feasible);
        let sealed = !situation.unsealed;
        tables.map(|table| {
            let effects = self.costs.effects.get(table);
            [
                Action::None,
                Action::Otp,
                Action::ItemCodes,
                Action::LockerOnly,
                Action::Review,
            ]
            .map(|action| effects.map_or(1.0, |it| at(it, column(action, sealed))))
        })
    }

    pub(super) fn loss_of(&self, hazard: Hazard, situation: &Situation) -> f64 {
        value(situation) + at(&self.costs.loss, hazard.index())
    }
}

impl<'a> Stake<'a> {
    fn of(
        costs: &'a Costs,
        situation: &Situation,
        feasible: &Feasible,
        hazards: &[HazardScore; Hazard::COUNT],
    ) -> Self {
        let parcels = situation.own_parcels.unwrap_or(PARCELS_UNKNOWN);
        let rate = situation.signals.get(Signal::AttendedFailureRate);
        Self {
            costs,
            value: value(situation),
            probabilities: hazards.each_ref().map(|score| score.probability),
            tables: tables(situation, feasible),
            parcels: f64::from(parcels),
            sealed: !situation.unsealed,
            attended_failure_rate: rate.unwrap_or(costs.attended_unknown),
        }
    }

    fn terms(&self, action: Action) -> [f64; Term::COUNT] {
        let costs = self.costs;
        let by_action = |numbers: &ByAction| at(numbers, action.index());
        let column = column(action, self.sealed);
        let effect = |hazard: Hazard| {
            let table = at(&self.tables, hazard.index());
            costs.effects.get(table).map_or(1.0, |it| at(it, column))
        };
        let sealed = action == Action::ItemCodes && self.sealed;
        let locker = action == Action::LockerOnly;
        let review = action == Action::Review;
        let only = |holds: bool, cents: f64| if holds { cents } else { 0.0 };
        let value = |term: Term| match term {
            Term::Loss(hazard) => {
                let loss = self.value + at(&costs.loss, hazard.index());
                at(&self.probabilities, hazard.index()) * effect(hazard) * loss
            }
            Term::DisplacedClaims => {
                let hindered = (1.0 - effect(Hazard::FalseClaim)).max(0.0);
                let back = hindered * at(&costs.displaced, column);
                let claims = at(&self.probabilities, Hazard::FalseClaim.index());
                claims * back * (self.value + costs.displaced_loss)
            }
            Term::FailedAttempt => {
                let own = only(action.is_code(), self.attended_failure_rate);
                (own + by_action(&costs.attempt_rate)).min(1.0) * costs.attempt
            }
            Term::Handover => {
                let further = only(action == Action::ItemCodes, self.parcels - 1.0);
                let seconds = by_action(&costs.seconds) + further * costs.further_parcel_seconds;
                seconds / 60.0 * costs.minute
            }
            Term::Messages => {
                let each = action == Action::ItemCodes;
                by_action(&costs.message) * if each { self.parcels } else { 1.0 }
            }
            Term::Seal => only(sealed, costs.seal),
            Term::Abandonment => by_action(&costs.abandoned) * costs.margin * self.value,
            Term::Burden => by_action(&costs.burden),
            Term::Uncollected => only(locker, costs.uncollected_rate * costs.uncollected),
            Term::DoorSaved => only(locker, -costs.door_saved),
            Term::Person => only(review, costs.person),
        };
        let mut terms = [0.0; Term::COUNT];
        for (place, term) in terms.iter_mut().zip(Term::ALL) {
            *place = value(term);
        }
        terms
    }
}

/// The effect table of each hazard here: places in [`TABLES`], by hazard.
pub(super) fn tables(situation: &Situation, feasible: &Feasible) -> [usize; Hazard::COUNT] {
    let parcels = situation.own_parcels.unwrap_or(PARCELS_UNKNOWN);
    let several = parcels.saturating_add(situation.other_parcels) > 1;
    let takeover = match (feasible.changed_at, feasible.prior) {
        (None, _) => 5,
        (Some(_), true) => 6,
        (Some(_), false) => 7,
    };
    [0, if several { 2 } else { 1 }, 3, 4, takeover]
}

/// The column of an action in an effect table.
pub(super) const fn column(action: Action, sealed: bool) -> usize {
    match action {
        Action::None => 0,
        Action::Otp => 1,
        Action::ItemCodes if sealed => 2,
        Action::ItemCodes => 3,
        Action::LockerOnly => 4,
        Action::Review => 5,
    }
}

/// Order value in hundredths of the base currency: the signal, so that a counterfactual can move it.
fn value(situation: &Situation) -> f64 {
    situation.signals.get(Signal::OrderValue).map_or_else(
        || to_f64(situation.order.amount_minor()) * situation.base_cents,
        |units| units * 100.0,
    )
}

/// The entry at a place that is always there.
fn at<T: Copy + Default>(entries: &[T], place: usize) -> T {
    entries.get(place).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
