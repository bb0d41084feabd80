//! Where a decision judged again differs from the one recorded, field by field; the same to the bit or not at all.

use super::answer::Decision;

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The field, as in `costs[1].total`.
    pub field: String,
    /// As recorded.
    pub recorded: String,
    /// As judged again.
    pub replayed: String,
}

/// Every field in which the two differ; empty where they are identical.
#[must_use]
pub fn differences(recorded: &Decision, replayed: &Decision) -> Vec<Difference> {
    let mut list = Vec::new();
    let Decision {
        action,
        own_action,
        items,
        obligations,
        code_contact_id,
        notify_contact_ids,
        locker_ids,
        alternatives,
        reasons,
        risk,
        hazards,
        costs,
        skipped_rules,
        random_check,
        propensities,
        ratchet,
    } = recorded;
    let mut one = |field: String, a: String, b: String| {
        if a != b {
            list.push(Difference {
                field,
                recorded: a,
                replayed: b,
            });
        }
    };
    one(
        "action".to_owned(),
        action.name().to_owned(),
        replayed.action.name().to_owned(),
    );
    one(
        "own_action".to_owned(),
        own_action.name().to_owned(),
        replayed.own_action.name().to_owned(),
    );
    // Floats print with as many digits as tell them apart, so equal texts are equal bits.
    one(
        "risk".to_owned(),
        format!("{risk:?}"),
        format!("{:?}", replayed.risk),
    );
    for (place, (a, b)) in hazards.iter().zip(&replayed.hazards).enumerate() {
        one(
            format!("hazards[{place}].log_odds"),
            a.log_odds.to_string(),
            b.log_odds.to_string(),
        );
        one(
            format!("hazards[{place}]"),
            format!("{a:?}"),
            format!("{b:?}"),
        );
    }
    for (place, (a, b)) in costs.iter().zip(&replayed.costs).enumerate() {
        one(
            format!("costs[{place}].feasible"),
            a.feasible.to_string(),
            b.feasible.to_string(),
        );
        one(
            format!("costs[{place}].total_minor"),
            format!("{:?}", a.total),
            format!("{:?}", b.total),
        );
        one(
            format!("costs[{place}].terms"),
            format!("{:?}", a.terms),
            format!("{:?}", b.terms),
        );
        one(
            format!("costs[{place}].infeasible_because"),
            format!("{:?}", a.infeasible_because),
            format!("{:?}", b.infeasible_because),
        );
    }
    one(
        "items".to_owned(),
        format!("{items:?}"),
        format!("{:?}", replayed.items),
    );
    one(
        "obligations".to_owned(),
        format!("{obligations:?}"),
        format!("{:?}", replayed.obligations),
    );
    one(
        "code_contact_id".to_owned(),
        format!("{code_contact_id:?}"),
        format!("{:?}", replayed.code_contact_id),
    );
    one(
        "notify_contact_ids".to_owned(),
        format!("{notify_contact_ids:?}"),
        format!("{:?}", replayed.notify_contact_ids),
    );
    one(
        "locker_ids".to_owned(),
        format!("{locker_ids:?}"),
        format!("{:?}", replayed.locker_ids),
    );
    one(
        "alternatives".to_owned(),
        format!("{alternatives:?}"),
        format!("{:?}", replayed.alternatives),
    );
    one(
        "reasons".to_owned(),
        format!("{reasons:?}"),
        format!("{:?}", replayed.reasons),
    );
    one(
        "skipped_rules".to_owned(),
        format!("{skipped_rules:?}"),
        format!("{:?}", replayed.skipped_rules),
    );
    one(
        "random_check".to_owned(),
        format!("{random_check:?}"),
        format!("{:?}", replayed.random_check),
    );
    one(
        "propensities".to_owned(),
        format!("{propensities:?}"),
        format!("{:?}", replayed.propensities),
    );
    one(
        "ratchet".to_owned(),
        format!("{ratchet:?}"),
        format!("{:?}", replayed.ratchet),
    );
    list
}
