//! Answers beside the decision: what became of events, what is known, what judging again gave.

use super::decision::moment;
use super::{Invalid, pb};
use crate::decision::replay::Difference;
use crate::decision::signals::Known;
use crate::service::history::Taken;

/// What became of an event: of one that was checked, or why it was not.
#[must_use]
pub fn event_result(event_id: String, taken: Result<Taken, &Invalid>) -> pb::EventResult {
    use pb::EventStatus;
    let (status, reason) = match taken {
        Ok(Taken::Recorded) => (EventStatus::Recorded, String::new()),
        Ok(Taken::Duplicate) => (EventStatus::Duplicate, String::new()),
        Ok(Taken::Pending) => (EventStatus::Pending, "NOT_KNOWN_YET".to_owned()),
        Ok(Taken::Rejected(why)) => (EventStatus::Rejected, why.to_owned()),
        Err(invalid) => (EventStatus::Rejected, invalid.to_string()),
    };
    pb::EventResult {
        event_id,
        status: status.into(),
        reason,
    }
}

/// What is known of somebody or something.
#[must_use]
pub fn profile(facts: &[Known]) -> pb::GetProfileResponse {
    let fact = |known: &Known| pb::ProfileFact {
        name: known.name.to_owned(),
        value: known.value,
        unit: known.unit.to_owned(),
        since_at: known.since_at.map(moment),
    };
    pb::GetProfileResponse {
        facts: facts.iter().map(fact).collect(),
    }
}

/// What judging again gave: the decision as it comes out now, and every field that differs.
#[must_use]
pub fn replay(decision: pb::Decision, differences: &[Difference]) -> pb::ReplayDecisionResponse {
    let one = |difference: &Difference| {
        let Difference {
            field,
            recorded,
            replayed,
        } = difference.clone();
        pb::Difference {
            field,
            recorded,
            replayed,
        }
    };
    pb::ReplayDecisionResponse {
        identical: differences.is_empty(),
        decision: Some(decision),
        differences: differences.iter().map(one).collect(),
    }
}
