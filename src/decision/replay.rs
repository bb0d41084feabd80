//! Where a decision judged again differs from the one recorded, field by field, in the words of the contract; the same
//! to the bit or not at all.

use super::answer::{
    ActionCost, Alternative, CheckKind, Contribution, Decision, HazardScore, ItemRequirement,
    RandomCheck, SkippedRule, Term,
};
use super::reasons::{Code, Reason};
use crate::domain::action::{Action, Obligation};

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The field, as in `costs[ACTION_OTP].total_minor`.
    pub field: String,
    /// As recorded; empty where it was not there.
    pub recorded: String,
    /// As judged again; empty where it is not there.
    pub replayed: String,
}

/// Every field in which the two differ; empty where they are identical.
#[must_use]
pub fn differences(recorded: &Decision, replayed: &Decision) -> Vec<Difference> {
    let (one, other) = (fields(recorded), fields(replayed));
    let find = |list: &[(String, String)], field: &str| {
        let found = list.iter().find(|(name, _)| name == field);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let gone = one.iter().map(|(field, _)| field);
    let new = other
        .iter()
        .map(|(field, _)| field)
        .filter(|field| !one.iter().any(|(name, _)| name == *field));
    gone.chain(new)
        .map(|field| Difference {
            field: field.clone(),
            recorded: find(&one, field),
            replayed: find(&other, field),
        })
        .filter(|it| it.recorded != it.replayed)
        .collect()
}

/// A decision as fields and their values. Floats are written with as many digits as tell any two apart.
fn fields(decision: &Decision) -> Vec<(String, String)> {
    // Taken apart in full, so that a new field fails to compile here.
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
    } = decision;
    let mut all = vec![
        ("action".to_owned(), action.name().to_owned()),
        ("own_action".to_owned(), own_action.name().to_owned()),
        ("obligations".to_owned(), names(obligations)),
        ("code_contact_id".to_owned(), text(code_contact_id.as_ref())),
        ("notify_contact_ids".to_owned(), join(notify_contact_ids)),
        ("locker_ids".to_owned(), join(locker_ids)),
        ("risk".to_owned(), format!("{risk:?}")),
    ];
    for ItemRequirement {
        item_id,
        needs_code,
        obligations,
    } in items
    {
        all.push((
            format!("items[{item_id}]"),
            format!("needs_code {needs_code} {}", names(obligations)),
        ));
    }
    for it in alternatives {
        let Alternative {
            alternative_id,
            kind,
            action,
            contact_id,
            locker_id,
            secured_drop,
            obligations,
        } = it;
        let drop = secured_drop.map_or("", |it| it.name());
        let (contact, locker) = (text(contact_id.as_ref()), text(locker_id.as_ref()));
        let words = [
            kind.name(),
            action.name(),
            &contact,
            &locker,
            drop,
            &names(obligations),
        ];
        let words = words
            .into_iter()
            .filter(|it| !it.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        all.push((format!("alternatives[{alternative_id}]"), words));
    }
    all.extend(reasons.iter().map(reason));
    hazards.iter().for_each(|it| hazard(it, &mut all));
    costs.iter().for_each(|it| cost(it, &mut all));
    for SkippedRule { rule, signal } in skipped_rules {
        all.push((format!("skipped_rules[{rule}]"), signal.clone()));
    }
    if let Some(it) = random_check {
        let RandomCheck {
            drawn,
            kind,
            ratcheted,
            key_id,
            slot,
            counter,
            draw_micro,
        } = it;
        let kind = match kind {
            None => "none",
            Some(CheckKind::Verified) => "VERIFIED",
            Some(CheckKind::Spared) => "SPARED",
        };
        let text = format!(
            "drawn {drawn} kind {kind} ratcheted {ratcheted} key {key_id} slot {slot} counter {counter} draw {draw_micro}"
        );
        all.push(("random_check".to_owned(), text));
    }
    for (action, micro) in Action::ALL.iter().zip(propensities) {
        all.push((
            format!("propensities[{}]", action.name()),
            micro.to_string(),
        ));
    }
    all.push(("ratchet".to_owned(), format!("{:?}", ratchet.0)));
    all
}

fn reason(reason: &Reason) -> (String, String) {
    let Reason {
        code,
        hazard,
        signal,
        value,
        contribution,
        cost_cents,
    } = reason;
    let hazard = hazard.map_or("", |it| it.name());
    let signal = signal.map_or("", |it| it.name());
    let value = value.map_or_else(String::new, |it| format!("{it:?}"));
    let words = format!("{hazard} {value} contribution {contribution} cost_minor {cost_cents:?}");
    (
        format!("reasons[{} {signal}]", code.text()),
        words.trim().to_owned(),
    )
}

fn hazard(score: &HazardScore, all: &mut Vec<(String, String)>) {
    let HazardScore {
        hazard,
        probability,
        base,
        log_odds,
        contributions,
    } = score;
    let place = format!("hazards[{}]", hazard.name());
    all.push((format!("{place}.probability"), format!("{probability:?}")));
    all.push((format!("{place}.base_log_odds"), base.to_string()));
    all.push((format!("{place}.log_odds"), log_odds.to_string()));
    for Contribution {
        signal,
        with,
        log_odds,
    } in contributions
    {
        let pair = with.map_or_else(String::new, |it| format!("*{}", it.name()));
        all.push((
            format!("{place}.contributions[{}{pair}]", signal.name()),
            log_odds.to_string(),
        ));
    }
}

fn cost(cost: &ActionCost, all: &mut Vec<(String, String)>) {
    let ActionCost {
        action,
        feasible,
        total,
        terms,
        infeasible_because,
    } = cost;
    let place = format!("costs[{}]", action.name());
    let because = infeasible_because
        .iter()
        .map(Code::text)
        .collect::<Vec<_>>()
        .join(" ");
    all.push((format!("{place}.feasible"), feasible.to_string()));
    all.push((format!("{place}.total_minor"), format!("{total:?}")));
    all.push((format!("{place}.infeasible_because"), because));
    for (term, value) in Term::ALL.iter().zip(terms) {
        let of = if let Term::Loss(hazard) = term {
            hazard.name()
        } else {
            ""
        };
        let name = format!("{} {of}", term.name());
        all.push((
            format!("{place}.terms[{}]", name.trim()),
            format!("{value:?}"),
        ));
    }
}

fn names(obligations: &[Obligation]) -> String {
    obligations
        .iter()
        .map(|it| it.name())
        .collect::<Vec<_>>()
        .join(" ")
}

fn join(ids: &[impl ToString]) -> String {
    ids.iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" ")
}

fn text(id: Option<&impl ToString>) -> String {
    id.map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::decision::answer::Chance;
    use crate::decision::fixtures::release;
    use crate::decision::judge::judge;
    use crate::domain::profile::Ratchet;

    proptest! {
        #[test]
        fn a_decision_differs_from_itself_in_nothing_and_a_changed_one_in_what_changed(
            situation in crate::decision::fixtures::situations()
        ) {
            let chance = Chance { draw: None, ratchet: Ratchet::default() };
            let decision = judge(&situation, &release(), &chance);
            prop_assert_eq!(differences(&decision, &decision), []);
            let changed = Decision { risk: decision.risk / 2.0 + 0.1, ..decision.clone() };
            let told: Vec<_> = differences(&decision, &changed).into_iter().map(|it| it.field).collect();
            prop_assert_eq!(told, ["risk"]);
        }
    }
}
