//! A decision as it is sent: in the BASIC view what a browser may see, in the FULL view all that led to it.

mod full;
#[cfg(test)]
mod tests;

use super::pb;
use crate::decision::answer::{Alternative, ItemRequirement};
use crate::decision::explain::Explanation;
use crate::decision::record::Version;
use crate::decision::texts::Words;
use crate::domain::action::Obligation;
use crate::domain::units::Timestamp;
use crate::service::shown::Shown;

/// The decision in the words of its reader; in FULL where it is explained, else in BASIC.
///
/// A preview stands nowhere: its id is empty, its revision 0, its state unspecified.
#[must_use]
pub fn decision(shown: &Shown, words: &Words<'_>, explained: Option<&Explanation>) -> pb::Decision {
    let basic = basic(shown, words);
    match explained {
        None => basic,
        Some(explanation) => full::full(basic, shown, words, explanation),
    }
}

fn basic(shown: &Shown, words: &Words<'_>) -> pb::Decision {
    let Shown {
        record,
        state,
        valid_until,
        already_recorded,
        said: _,
    } = shown;
    let (order, decision) = (&record.situation.order, &record.decision);
    let is_recorded = state.is_some();
    let decision_id = is_recorded.then(|| record.decision_id.to_string());
    let reasons = words.basic().into_iter().map(|(code, customer_text)| {
        let code = code.into_owned();
        pb::Reason {
            code,
            customer_text,
            ..pb::Reason::default()
        }
    });
    pb::Decision {
        decision_id: decision_id.unwrap_or_default(),
        order_id: order.order_id.to_string(),
        customer_id: text(order.customer_id.as_ref()),
        revision: if is_recorded { record.revision } else { 0 },
        state: state.map_or(0, |it| it.number()),
        origin: record.origin.number(),
        already_recorded: *already_recorded,
        decided_at: Some(moment(record.decided_at)),
        valid_until: Some(moment(*valid_until)),
        action: decision.action.number(),
        items: decision.items.iter().map(item).collect(),
        obligations: obligations(&decision.obligations),
        code_contact_id: text(decision.code_contact_id.as_ref()),
        notify_contact_ids: texts(&decision.notify_contact_ids),
        locker_ids: texts(&decision.locker_ids),
        alternatives: decision
            .alternatives
            .iter()
            .map(|it| alternative(it, words))
            .collect(),
        reasons: reasons.collect(),
        obligation_texts: words.with(),
        policy: Some(version(&record.versions.policy)),
        model: Some(version(&record.versions.model)),
        engine: Some(version(&record.versions.engine)),
        ..pb::Decision::default()
    }
}

fn item(requirement: &ItemRequirement) -> pb::ItemRequirement {
    pb::ItemRequirement {
        item_id: requirement.item_id.to_string(),
        needs_code: requirement.needs_code,
        obligations: obligations(&requirement.obligations),
    }
}

fn alternative(alternative: &Alternative, words: &Words<'_>) -> pb::Alternative {
    pb::Alternative {
        alternative_id: alternative.alternative_id.clone(),
        kind: alternative.kind.number(),
        action: alternative.action.number(),
        contact_id: text(alternative.contact_id.as_ref()),
        locker_id: text(alternative.locker_id.as_ref()),
        secured_drop: alternative.secured_drop.map_or(0, |it| it.number()),
        obligations: obligations(&alternative.obligations),
        customer_text: words.alternative(alternative),
    }
}

fn obligations(list: &[Obligation]) -> Vec<i32> {
    list.iter().map(|it| it.number()).collect()
}

/// Name and digest.
#[must_use]
pub fn version(version: &Version) -> pb::Version {
    pb::Version {
        id: version.id.clone(),
        digest: version.digest.to_string(),
    }
}

/// An id that may be absent: then empty.
fn text(id: Option<&impl ToString>) -> String {
    id.map(ToString::to_string).unwrap_or_default()
}

fn texts(ids: &[impl ToString]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

/// A moment as the contract sends it.
#[must_use]
pub fn moment(at: Timestamp) -> prost_types::Timestamp {
    let micros = at.as_micros();
    let nanos = micros.rem_euclid(1_000_000).saturating_mul(1_000);
    prost_types::Timestamp {
        seconds: micros.div_euclid(1_000_000),
        // Under a thousand million, which fits.
        nanos: i32::try_from(nanos).unwrap_or(0),
    }
}
