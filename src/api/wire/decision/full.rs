//! The FULL view: hazards, costs, chance, what nearly held, and what would have changed the action.

use super::version;
use crate::api::wire::pb;
use crate::decision::answer::{
    ActionCost, CheckKind, Contribution, HazardScore, RandomCheck, Term,
};
use crate::decision::explain::{Counterfactual, Explanation};
use crate::decision::reasons::Reason;
use crate::decision::shadow::{Said, Swap};
use crate::decision::signal::Signals;
use crate::decision::texts::Words;
use crate::domain::action::Action;
use crate::domain::units::{LogOddsMicro, to_f64};
use crate::service::shown::Shown;

/// Adds what FULL shows beyond BASIC, and shows every reason with all that is known of it.
pub(super) fn full(
    basic: pb::Decision,
    shown: &Shown,
    words: &Words<'_>,
    explanation: &Explanation,
) -> pb::Decision {
    let record = &shown.record;
    let (situation, decision) = (&record.situation, &record.decision);
    let reasons = decision.reasons.iter().enumerate();
    let hazards = decision.hazards.iter();
    let skipped = decision.skipped_rules.iter().map(|it| pb::SkippedRule {
        rule: it.rule.clone(),
        signal: it.signal.clone(),
    });
    let near_misses = explanation.near_misses.iter().map(|it| pb::NearMiss {
        rule: it.rule.clone(),
        analyst_text: words.near_miss(it),
    });
    let changes = explanation.counterfactuals.iter();
    let is_recorded = shown.state.is_some();
    let record_digest = is_recorded.then(|| record.digest.to_string());
    pb::Decision {
        reasons: reasons.map(|(at, it)| reason(at, it, words)).collect(),
        risk: Some(decision.risk),
        hazards: hazards.map(|it| hazard(it, &situation.signals)).collect(),
        cost_currency: situation.base.to_string(),
        costs: decision.costs.iter().map(cost).collect(),
        near_misses: near_misses.collect(),
        counterfactuals: changes.map(|it| counterfactual(it, words)).collect(),
        random_check: decision.random_check.as_ref().map(random_check),
        propensities: propensities(&decision.propensities),
        shadows: shown.said.iter().map(|it| said(it, shown)).collect(),
        skipped_rules: skipped.collect(),
        record_digest: record_digest.unwrap_or_default(),
        ..basic
    }
}

fn reason(place: usize, reason: &Reason, words: &Words<'_>) -> pb::Reason {
    // A signal that weighs speaks of a hazard; one that a rule only looked at adds nothing.
    let weighs = reason.signal.is_some() && reason.hazard.is_some() && reason.contribution != 0;
    pb::Reason {
        code: reason.code.text().into_owned(),
        customer_text: words.customer(place).unwrap_or_default(),
        analyst_text: words.analyst(reason),
        hazard: reason.hazard.map_or(0, |it| it.number()),
        signal: reason.signal.map_or("", |it| it.name()).to_owned(),
        value: reason.value,
        unit: reason.signal.map_or("", |it| it.unit().name()).to_owned(),
        contribution: weighs.then(|| log_odds(reason.contribution)),
        cost_minor: weighs.then_some(reason.cost_cents),
    }
}

fn hazard(score: &HazardScore, signals: &Signals) -> pb::HazardRisk {
    let parts = score.contributions.iter();
    pb::HazardRisk {
        hazard: score.hazard.number(),
        probability: score.probability,
        base_log_odds: log_odds(score.base),
        log_odds: log_odds(score.log_odds),
        contributions: parts.map(|it| contribution(it, signals)).collect(),
    }
}

/// A pair is named `a*b` and has no value of its own; it is missing where either signal is.
fn contribution(part: &Contribution, signals: &Signals) -> pb::Contribution {
    let own = signals.get(part.signal);
    let (signal, value, unit, missing) = match part.with {
        None => {
            let (name, unit) = (part.signal.name(), part.signal.unit().name());
            (name.to_owned(), own, unit, own.is_none())
        }
        Some(with) => {
            let name = format!("{}*{}", part.signal.name(), with.name());
            let missing = own.is_none() || signals.get(with).is_none();
            (name, None, "", missing)
        }
    };
    pb::Contribution {
        signal,
        value,
        unit: unit.to_owned(),
        missing,
        log_odds: log_odds(part.log_odds),
    }
}

/// Natural logarithms. Millionths are whole, so rounding to six digits gives back sums that are exact.
fn log_odds(micro: LogOddsMicro) -> f64 {
    to_f64(micro) / 1e6
}

fn cost(cost: &ActionCost) -> pb::ActionCost {
    let terms = Term::ALL.iter().zip(&cost.terms);
    let terms = terms.filter(|(_, minor)| minor.abs() > 0.0);
    let because = cost.infeasible_because.iter();
    pb::ActionCost {
        action: cost.action.number(),
        feasible: cost.feasible,
        total_minor: cost.total,
        terms: terms
            .map(|(term, minor)| cost_term(*term, *minor))
            .collect(),
        infeasible_because: because.map(|it| it.text().into_owned()).collect(),
    }
}

fn cost_term(term: Term, minor: f64) -> pb::CostTerm {
    let hazard = match term {
        Term::Loss(hazard) => hazard.number(),
        Term::DisplacedClaims
        | Term::FailedAttempt
        | Term::Handover
        | Term::Messages
        | Term::Seal
        | Term::Abandonment
        | Term::Burden
        | Term::Uncollected
        | Term::DoorSaved
        | Term::Person => 0,
    };
    pb::CostTerm {
        name: term.name().to_owned(),
        hazard,
        minor,
    }
}

fn counterfactual(change: &Counterfactual, words: &Words<'_>) -> pb::Counterfactual {
    pb::Counterfactual {
        signal: change.signal.name().to_owned(),
        from: change.from.unwrap_or_default(),
        to: change.to,
        unit: change.signal.unit().name().to_owned(),
        action: change.action.number(),
        analyst_text: words.counterfactual(change),
    }
}

fn random_check(check: &RandomCheck) -> pb::RandomCheck {
    let kind = match check.kind {
        None => pb::RandomCheckKind::Unspecified,
        Some(CheckKind::Verified) => pb::RandomCheckKind::Verified,
        Some(CheckKind::Spared) => pb::RandomCheckKind::Spared,
    };
    pb::RandomCheck {
        drawn: check.drawn,
        kind: kind.into(),
        key_id: check.key_id.to_string(),
        slot: check.slot,
        counter: check.counter,
        draw_micro: check.draw_micro,
    }
}

/// What a shadow did not exchange is what the record was decided by.
fn said(said: &Said, shown: &Shown) -> pb::ShadowDecision {
    let versions = &shown.record.versions;
    let (policy, model) = match &said.swap {
        Swap::Policy(policy) => (policy, &versions.model),
        Swap::Model(model) => (&versions.policy, model),
    };
    pb::ShadowDecision {
        shadow_id: said.shadow.to_string(),
        policy: Some(version(policy)),
        model: Some(version(model)),
        action: said.action.number(),
    }
}

/// Every action. Without experiments there is one arm, so the probability over all arms is the same.
fn propensities(micros: &[u32; Action::COUNT]) -> Vec<pb::Propensity> {
    let each = Action::ALL.iter().zip(micros);
    let one = |(action, micro): (&Action, &u32)| pb::Propensity {
        action: action.number(),
        micro: *micro,
        marginal_micro: *micro,
    };
    each.map(one).collect()
}
