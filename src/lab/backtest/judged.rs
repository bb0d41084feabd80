//! One decision judged again: by its own versions, and by the candidate.

use std::borrow::Cow;

use super::Settings;
use super::outcomes::{self, Told as Outcome};
use super::report::NotJudged;
use super::shelf::Pair;
use crate::decision::answer::{Decision, Term};
use crate::decision::judge::{decide, judge_again, propensities, weigh, weigh_scored};
use crate::decision::reasons::Reason;
use crate::decision::record::Record;
use crate::decision::release::Release;
use crate::decision::replay::{Difference, differences};
use crate::decision::told::Told;
use crate::domain::action::Action;
use crate::domain::ids::{DecisionId, OrderId};
use crate::domain::units::{Currency, Digest, Timestamp, to_f64};
use crate::lab::dataset::Segment;
use crate::lab::labels;
use crate::store::engine::Found;

/// Whether a record came out again as it was recorded.
#[derive(Clone, Debug)]
pub(super) enum Again {
    /// In every field.
    Same,
    /// Not in these.
    Differs(Vec<Difference>),
    /// Its versions are not kept.
    Unknown,
}

/// One decision, judged.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) decision_id: DecisionId,
    pub(super) order_id: OrderId,
    /// It is the order's last one.
    pub(super) latest: bool,
    /// Whether it was there when the order went on its way.
    pub(super) in_force: bool,
    /// The order was placed, and did not stay a cart.
    pub(super) placed: bool,
    pub(super) at: Timestamp,
    pub(super) again: Again,
    /// Or why the candidate cannot judge it.
    pub(super) changed: Result<Box<Changed>, NotJudged>,
}

/// What the candidate makes of a decision.
#[derive(Debug)]
pub(super) struct Changed {
    pub(super) from: Action,
    pub(super) to: Action,
    /// Names the customer or guest without saying who it is.
    pub(super) unit: u64,
    /// Hundredths of the base currency.
    pub(super) value_cents: f64,
    /// Cost terms in hundredths of the base currency: the recorded answer at the record's prices, the same at the
    /// candidate's, and the candidate's answer at its own.
    pub(super) recorded: [f64; Term::COUNT],
    pub(super) recorded_repriced: [f64; Term::COUNT],
    pub(super) candidate: [f64; Term::COUNT],
    /// Some price of the candidate differs.
    pub(super) repriced: bool,
    pub(super) segment: Segment,
    /// What the customer cannot do, in words.
    pub(super) access: Cow<'static, str>,
    /// Codes of reasons that come and go.
    pub(super) gained: Vec<String>,
    pub(super) lost: Vec<String>,
    /// The candidate's rules that could not be evaluated, with the signal that was missing.
    pub(super) skipped: Vec<(String, &'static str)>,
    /// Those of the policy of the record.
    pub(super) skipped_before: Vec<String>,
    pub(super) logged: [u32; Action::COUNT],
    pub(super) would: [u32; Action::COUNT],
    pub(super) outcome: Outcome,
}

/// Judges a decision again.
pub(super) fn judge(found: Found, pair: &Pair, settings: &Settings, base: Currency) -> Judged {
    let Found {
        record, dossier, ..
    } = found;
    let known = pair.own.as_ref().map(|own| judge_again(&record, own));
    let again = known
        .as_ref()
        .map_or(Again::Unknown, |it| compared(&record, it));
    let changed = match &pair.candidate {
        Err(why) => Err(*why),
        Ok(_) if record.situation.base != base => Err(NotJudged::OtherCurrency),
        Ok(release) => {
            let (decision, would) = answer(&record, pair, release, known);
            let outcome = outcomes::of(&record, &dossier, &settings.maturity);
            Ok(Box::new(change(&record, &decision, would, outcome)))
        }
    };
    let latest = dossier
        .latest
        .as_ref()
        .map_or(record.revision, |it| it.revision);
    Judged {
        latest: record.revision >= latest,
        in_force: labels::in_force(record.decided_at, &dossier, &settings.maturity),
        placed: dossier.is_known(),
        at: record.decided_at,
        again,
        changed,
        decision_id: record.decision_id.clone(),
        order_id: record.situation.order.order_id.clone(),
    }
}

/// What judging a record again came to, in every field.
fn compared(record: &Record, again: &Decision) -> Again {
    if *again == record.decision {
        return Again::Same;
    }
    let found = differences(&record.decision, again);
    if found.is_empty() {
        Again::Same
    } else {
        Again::Differs(found)
    }
}

/// The candidate's answer, and the probability that it gives every action. `known`: that of the record's own versions.
///
/// Where chance had no part in the record, the answer is the candidate's own; the probabilities are those of its own
/// random checks all the same, as it would have been played.
fn answer(
    record: &Record,
    pair: &Pair,
    release: &Release,
    known: Option<Decision>,
) -> (Decision, [u32; Action::COUNT]) {
    let situation = &record.situation;
    let weighed = match known {
        // The versions are its own and chance is the same: so is the answer.
        Some(known) if pair.same && Told::of(record).is_none() => {
            let would = known.propensities;
            return (known, would);
        }
        Some(known) if pair.same_model => weigh_scored(situation, &release.policy, known.hazards),
        Some(_) | None => weigh(situation, release),
    };
    if record.chance.draw.is_some() {
        let decision = decide(situation, release, weighed, &record.chance);
        let would = decision.propensities;
        return (decision, would);
    }
    let would = propensities(situation, release, &weighed);
    let decision = decide(situation, release, weighed, &record.chance);
    (decision, would)
}

fn change(
    record: &Record,
    decision: &Decision,
    would: [u32; Action::COUNT],
    outcome: Outcome,
) -> Changed {
    let situation = &record.situation;
    let (from, to) = (record.decision.action, decision.action);
    let terms = |of: &Decision, action: Action| {
        let cost = of.costs.get(action.index());
        cost.map_or([0.0; Term::COUNT], |it| it.terms)
    };
    let prices = record.decision.costs.iter().zip(&decision.costs);
    let (before, after) = (&record.decision.reasons, &decision.reasons);
    Changed {
        from,
        to,
        unit: key(record.unit.as_str()),
        value_cents: to_f64(situation.order.amount_minor()) * situation.base_cents,
        recorded: terms(&record.decision, from),
        recorded_repriced: terms(decision, from),
        candidate: terms(decision, to),
        repriced: prices
            .flat_map(|(one, other)| one.terms.iter().zip(&other.terms))
            .any(|(one, other)| one.to_bits() != other.to_bits()),
        segment: Segment::of(situation),
        access: access(record),
        gained: without(after, before),
        lost: without(before, after),
        skipped: decision
            .skipped_rules
            .iter()
            .map(|it| (it.rule.clone(), signal_name(&it.signal)))
            .collect(),
        skipped_before: record
            .decision
            .skipped_rules
            .iter()
            .map(|it| it.rule.clone())
            .collect(),
        logged: record.decision.propensities,
        would,
        outcome,
    }
}

/// Codes of the one that the other has not, each once.
fn without(one: &[Reason], other: &[Reason]) -> Vec<String> {
    let gone = one
        .iter()
        .filter(|it| other.iter().all(|other| other.code != it.code));
    // Two rules may share a text.
    let texts = gone
        .map(|it| it.code.text())
        .filter(|text| other.iter().all(|other| other.code.text() != *text));
    let mut codes: Vec<String> = texts.map(Cow::into_owned).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// A signal's own name; a condition that failed names none.
fn signal_name(name: &str) -> &'static str {
    let known = crate::decision::signal::Signal::ALL
        .iter()
        .find(|it| it.name() == name);
    known.map_or("", |it| it.name())
}

/// How a customer cannot be reached, in words.
fn access(record: &Record) -> Cow<'static, str> {
    let wishes = &record.situation.order.preferences;
    let said = [
        (wishes.cannot_use_codes, "cannot use codes"),
        (wishes.cannot_come_to_door, "cannot come to the door"),
        (wishes.step_free_only, "step-free only"),
    ];
    let said: Vec<&'static str> = said
        .into_iter()
        .filter_map(|(is, name)| is.then_some(name))
        .collect();
    match said.as_slice() {
        [] => Cow::Borrowed("none"),
        [one] => Cow::Borrowed(one),
        several => Cow::Owned(several.join(", ")),
    }
}

/// A number that names a text.
pub(super) fn key(text: &str) -> u64 {
    let digest = Digest::of(text.as_bytes());
    digest
        .0
        .iter()
        .take(8)
        .fold(0, |key, byte| key << 8 | u64::from(*byte))
}
