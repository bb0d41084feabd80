//! Shadows: what is asked to start or stop, and how they stand.

use super::check::Check;
use super::decision::{moment, version};
use super::policy::{digest, note_of};
use super::{Accepts, Invalid, pb};
use crate::decision::shadow::{ShadowId, Swap};
use crate::domain::ids::{DecisionId, ParcelId};
use crate::service::shadow::{Start, SwapTo};
use crate::store::shadow::{Kept, Moved, Transition};
use pb::start_shadow_request::Candidate;

#[cfg(test)]
mod tests;

/// Checks what is to judge beside the live answer, for the principal who asks.
///
/// # Errors
/// Every fault, by its path in the request.
pub fn start(
    message: pb::StartShadowRequest,
    principal: &str,
    accepts: &Accepts,
) -> Result<Start, Invalid> {
    let pb::StartShadowRequest {
        candidate,
        until_at,
        note,
    } = message;
    let mut check = Check::new("", accepts);
    let swap = match candidate {
        None => {
            let what = "exactly one of policy_digest, model_name is required";
            check.fault("policy_digest", what);
            None
        }
        Some(Candidate::PolicyDigest(text)) => {
            digest(&mut check, "policy_digest", &text).map(SwapTo::Policy)
        }
        Some(Candidate::ModelName(name)) => {
            // A name has the characters of an id.
            let named = check.id("model_name", &name, ParcelId::try_new);
            named.map(|_| SwapTo::Model(name))
        }
    };
    let until_at = check.plan("until_at", until_at);
    let note = note_of(&mut check, note);
    check.finish(swap.map(|swap| Start {
        swap,
        until_at,
        principal: principal.to_owned(),
        note,
    }))
}

/// Checks which shadow is to end, and why.
///
/// # Errors
/// Every fault, by its path in the request.
pub fn stop(message: pb::StopShadowRequest) -> Result<(ShadowId, String), Invalid> {
    let pb::StopShadowRequest { shadow_id, note } = message;
    let mut check = Check::question();
    let id = ShadowId::parse(&shadow_id);
    if id.is_none() {
        check.fault("shadow_id", "must be a shadow's id, as in shadow-1");
    }
    let note = note_of(&mut check, note);
    check.finish(id.map(|id| (id, note)))
}

/// A shadow as it stands.
#[must_use]
pub fn shadow(kept: &Kept) -> pb::Shadow {
    let Kept { shadow, totals } = kept;
    let candidate = match &shadow.swap {
        Swap::Policy(policy) => pb::shadow::Candidate::Policy(version(policy)),
        Swap::Model(model) => pb::shadow::Candidate::Model(version(model)),
    };
    pb::Shadow {
        shadow_id: shadow.id.to_string(),
        candidate: Some(candidate),
        started_at: Some(moment(shadow.started_at)),
        until_at: Some(moment(shadow.ends_at())),
        principal: shadow.principal.clone(),
        note: shadow.note.clone(),
        transitions: totals.moved.iter().map(transition).collect(),
        failed: totals.failed,
    }
}

fn transition(((from, to), moved): (&Transition, &Moved)) -> pb::Transition {
    pb::Transition {
        from: from.number(),
        to: to.number(),
        orders: moved.decisions,
        value_minor: moved.value_cents,
        decision_ids: moved.newest.iter().map(DecisionId::to_string).collect(),
    }
}
