//! What packers, couriers and the notifier must do beside an action, for the whole order and line by line.

use super::answer::{ActionCost, ItemRequirement, Term};
use super::policy::Feasible;
use super::situation::Situation;
use crate::domain::action::{Action, Obligation};
use crate::domain::hazard::Hazard;
use crate::domain::order::Capability;

/// From this expected loss without verification on (hundredths of the base currency; assumed), an unverified drop is
/// worth a photo.
const PHOTO_FROM_CENTS: f64 = 100.0;

/// What goes with `action`, sorted.
#[must_use]
pub fn of_order(
    action: Action,
    situation: &Situation,
    feasible: &Feasible,
    costs: &[ActionCost; Action::COUNT],
) -> Vec<Obligation> {
    let mut all = Vec::new();
    all.extend(of_contents(action, situation));
    let can = |it: Capability| situation.carrier.can(it);
    if action.is_code() {
        all.extend(can(Capability::LateReveal).then_some(Obligation::LateReveal));
        all.push(Obligation::NoNeighbour);
    }
    if !situation.weakly_packed.is_empty() {
        all.push(Obligation::RigidPackaging);
    }
    if action == Action::None && can(Capability::Photo) && worth_a_photo(costs) {
        all.push(Obligation::Photo);
    }
    if !feasible.notify.is_empty() {
        all.push(Obligation::NotifyPriorContact);
    }
    all.sort_unstable();
    all
}

/// What each line needs under `action`, in the order's order. A code belongs to a parcel and so to every line in it.
#[must_use]
pub fn of_items(action: Action, situation: &Situation) -> Vec<ItemRequirement> {
    let items = situation.order.items.iter().enumerate();
    items
        .map(|(place, item)| {
            let mut obligations: Vec<_> = of_contents(action, situation).collect();
            if situation.weakly_packed.contains(&place) {
                obligations.push(Obligation::RigidPackaging);
            }
            obligations.sort_unstable();
            ItemRequirement {
                item_id: item.item_id.clone(),
                needs_code: action.is_code(),
                obligations,
            }
        })
        .collect()
}

/// What protects the contents: only codes that are bound to the items.
fn of_contents(action: Action, situation: &Situation) -> impl Iterator<Item = Obligation> {
    let bound = action == Action::ItemCodes;
    let can = |it: Capability| situation.carrier.can(it);
    let inspects = can(Capability::Inspection) && situation.carrier.inspection_s > 0;
    [
        (true, Obligation::TamperSeal),
        (can(Capability::WeightCheck), Obligation::WeightCheck),
        (inspects, Obligation::InspectBeforeCode),
    ]
    .into_iter()
    .filter_map(move |(when, obligation)| (bound && when).then_some(obligation))
}

/// Something may be lost here, or a stricter action would be better and is not possible.
fn worth_a_photo(costs: &[ActionCost; Action::COUNT]) -> bool {
    let [none, ..] = costs;
    let losses: f64 = Hazard::ALL
        .iter()
        .filter_map(|hazard| none.terms.get(Term::Loss(*hazard).index()))
        .sum();
    let better = |it: &ActionCost| !it.feasible && it.total < none.total;
    losses >= PHOTO_FROM_CENTS || costs.iter().any(better)
}
