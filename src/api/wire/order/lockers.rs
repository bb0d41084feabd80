//! The lockers near an order's address.

use crate::api::wire::check::Check;
use crate::api::wire::{bounds, pb};
use crate::domain::ids::{CarrierId, LockerId};
use crate::domain::order::{Locker, PartialSize};

/// One compartment size of one locker.
pub(super) fn locker(message: pb::Locker, check: &mut Check<'_>) -> Option<Locker> {
    let pb::Locker {
        locker_id,
        carrier_id,
        distance_m,
        max_length_mm,
        max_width_mm,
        max_height_mm,
        max_weight_g,
        free_compartments,
        step_free,
    } = message;
    let max = PartialSize {
        length_mm: max_length_mm,
        width_mm: max_width_mm,
        height_mm: max_height_mm,
        weight_g: max_weight_g,
    };
    let free = &bounds::COMPARTMENTS;
    Some(Locker {
        carrier_id: check.maybe_id("carrier_id", &carrier_id, CarrierId::try_new),
        distance_m: check.number("distance_m", distance_m, &bounds::DISTANCE_M),
        max: check.size("max_", max),
        free_compartments: check.number("free_compartments", free_compartments, free),
        step_free,
        locker_id: check.id("locker_id", &locker_id, LockerId::try_new)?,
    })
}
