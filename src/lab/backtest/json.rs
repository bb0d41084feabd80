//! A report for programs. Amounts are hundredths of the base currency.

use serde_json::{Value, json};

use super::report::{Burden, Different, Figure, Part, Report};
use crate::decision::answer::Term;
use crate::decision::record::Version;
use crate::domain::action::Action;

impl Report {
    /// The whole report; `ids`: with every decision behind every transition.
    #[must_use]
    pub fn json(&self, ids: bool) -> Value {
        let version = |it: Option<&Version>| {
            it.map(|it| json!({"id": it.id, "digest": it.digest.to_string()}))
        };
        let transitions = self.transitions.iter().map(|((from, to), cell)| {
            let mut it = json!({
                "from": from.name(),
                "to": to.name(),
                "orders": cell.decisions.len(),
                "value_minor": cell.value_cents,
            });
            if ids && let Some(members) = it.as_object_mut() {
                let all: Vec<&str> = cell.decisions.iter().map(|it| it.as_str()).collect();
                members.insert("decision_ids".to_owned(), json!(all));
            }
            it
        });
        let not_judged = self.not_judged.iter().map(|(why, count)| {
            json!({"reason": why.name(), "decisions": count, "what_would_be_right": why.text()})
        });
        let segments = self.segments.iter().map(|((dimension, name), it)| {
            let mut part = part(it);
            if let Some(members) = part.as_object_mut() {
                members.insert("dimension".to_owned(), json!(dimension.name()));
                members.insert("value".to_owned(), json!(name));
            }
            part
        });
        let reasons = self.top_reasons().into_iter();
        let reasons = reasons
            .map(|(code, [gained, lost])| json!({"code": code, "gained": gained, "lost": lost}));
        let skipped = self.skipped.iter().map(|((rule, signal), orders)| {
            json!({"rule": rule, "missing_signal": signal, "orders": orders})
        });
        json!({
            "policy": version(self.policy.as_ref()),
            "model": version(self.model.as_ref()),
            "currency": self.currency.code(),
            "from": self.period.0.to_string(),
            "to": self.period.1.to_string(),
            "decisions": self.decisions,
            "reproduced": {
                "identical": self.reproduced.identical,
                "different": self.reproduced.different,
                "versions_not_kept": self.reproduced.unknown,
                "examples": self.reproduced.examples.iter().map(different).collect::<Vec<_>>(),
            },
            "not_judged": not_judged.collect::<Vec<_>>(),
            "replaced": self.replaced,
            "carts": self.carts,
            "moved": self.moved(),
            "transitions": transitions.collect::<Vec<_>>(),
            "beliefs_changed_orders": self.repriced,
            "costs": self.costs(),
            "all": part(&self.all),
            "segments": segments.collect::<Vec<_>>(),
            "reasons": reasons.collect::<Vec<_>>(),
            "rules_not_evaluated": skipped.collect::<Vec<_>>(),
            "off_policy": self.off_policy_json(),
        })
    }

    fn costs(&self) -> Value {
        let costs = &self.all.costs;
        let lines = Term::ALL.iter().enumerate().map(|(place, term)| {
            let at = |of: &[f64; Term::COUNT]| of.get(place).copied().unwrap_or(0.0);
            let hazard = if let Term::Loss(hazard) = term {
                Some(hazard.name())
            } else {
                None
            };
            json!({
                "name": term.name(),
                "hazard": hazard,
                "recorded_minor": at(&costs.recorded),
                "recorded_at_candidate_prices_minor": at(&costs.recorded_repriced),
                "candidate_minor": at(&costs.candidate),
            })
        });
        lines.collect()
    }

    fn off_policy_json(&self) -> Value {
        let it = &self.off_policy;
        let left_out: serde_json::Map<String, Value> = it
            .left_out
            .iter()
            .map(|(why, count)| (why.text().to_owned(), json!(count)))
            .collect();
        let check = Action::ALL.iter().zip(it.check).map(|(action, it)| {
            json!({"action": action.name(), "observed": it.observed, "expected": it.expected, "z": it.z, "p": it.p})
        });
        let mut all = json!({
            "mature_orders": it.mature,
            "left_out": left_out,
            "claims_from_before_the_order": it.impossible,
            "loss_cap_minor": it.loss_cap_cents,
            "propensity_check": check.collect::<Vec<_>>(),
            "refused": it.answer.as_ref().err().map(ToString::to_string),
        });
        if let (Ok(answer), Some(members)) = (&it.answer, all.as_object_mut()) {
            let weights = &answer.weights;
            let warnings: Vec<String> = answer.warnings.iter().map(ToString::to_string).collect();
            members.extend([
                ("excluded_orders".to_owned(), json!(answer.excluded.rows)),
                ("excluded_share".to_owned(), json!(answer.excluded.share)),
                ("unsupported_mass".to_owned(), json!(answer.excluded.mass)),
                ("orders".to_owned(), json!(weights.rows)),
                ("customers".to_owned(), json!(weights.groups)),
                ("orders_that_change".to_owned(), json!(answer.changed.0)),
                ("of_them_matched".to_owned(), json!(answer.changed.1)),
                ("mean_weight".to_owned(), json!(weights.mean)),
                ("max_weight".to_owned(), json!(weights.max)),
                (
                    "max_possible_weight".to_owned(),
                    json!(weights.max_possible),
                ),
                ("effective_sample_size".to_owned(), json!(weights.effective)),
                ("warnings".to_owned(), json!(warnings)),
                ("ran_loss_rate".to_owned(), json!(answer.ran[0])),
                ("ran_loss_minor".to_owned(), json!(answer.ran[1])),
                (
                    "estimates".to_owned(),
                    answer.figures.iter().map(figure).collect(),
                ),
            ]);
        }
        all
    }
}

fn figure(it: &Figure) -> Value {
    json!({
        "metric": it.metric,
        "method": it.method,
        "value": it.value,
        "lower": it.interval.map(|it| it.0),
        "upper": it.interval.map(|it| it.1),
        "note": it.note,
    })
}

fn part(it: &Part) -> Value {
    let Burden {
        orders,
        asked,
        reviews,
        customers,
        customers_asked,
    } = it.burden;
    let [recorded, repriced, candidate] = it.costs.totals();
    json!({
        "orders": orders,
        "asked_recorded": asked[0],
        "asked_candidate": asked[1],
        "reviews_recorded": reviews[0],
        "reviews_candidate": reviews[1],
        "customers": customers,
        "customers_asked_recorded": customers_asked[0],
        "customers_asked_candidate": customers_asked[1],
        "recorded_minor": recorded,
        "recorded_at_candidate_prices_minor": repriced,
        "candidate_minor": candidate,
    })
}

fn different(it: &Different) -> Value {
    let fields = it
        .differences
        .iter()
        .map(|it| json!({"field": it.field, "recorded": it.recorded, "replayed": it.replayed}));
    json!({
        "decision_id": it.decision_id.as_str(),
        "order_id": it.order_id.as_str(),
        "differences": fields.collect::<Vec<_>>(),
    })
}
