//! An evaluation for programs: every figure with its interval.

use serde_json::{Map, Value, json};

use super::{Evaluation, Found, HazardFigures};
use crate::stats::interval::{Estimate, Judged};
use crate::stats::threshold::{At, Share};

impl Evaluation {
    /// One document; figures that could not be had are null, with the reason beside them.
    #[must_use]
    pub fn json(&self) -> Value {
        let models: Vec<Value> = self
            .models
            .iter()
            .map(|it| {
                let hazards: Map<String, Value> = it
                    .hazards
                    .iter()
                    .map(|it| (it.hazard.key().to_owned(), hazard(it)))
                    .collect();
                json!({
                    "model": it.model.id,
                    "digest": it.model.digest.to_string(),
                    "hazards": hazards,
                })
            })
            .collect();
        json!({
            "rows": self.rows,
            "from": self.period.0.to_string(),
            "to": self.period.1.to_string(),
            "confidence": crate::stats::interval::CONFIDENCE,
            "models": models,
        })
    }
}

fn hazard(it: &HazardFigures) -> Value {
    let mut members = found(&it.all);
    if !it.segments.is_empty() {
        let segments = it.segments.iter().map(|(by, name, it)| {
            let mut members = found(it);
            members.insert("by".to_owned(), by.name().into());
            members.insert("segment".to_owned(), name.as_str().into());
            Value::Object(members)
        });
        members.insert("segments".to_owned(), segments.collect());
    }
    Value::Object(members)
}

fn threshold((from, at): &(f64, At)) -> Value {
    let share = |it: Option<Share>| {
        it.map(|it| json!({"value": it.value, "rows": it.rows, "error": it.error, "bound": it.bound()}))
    };
    json!({
        "from": from,
        "flagged": share(at.flagged),
        "precision": share(at.precision),
        "recall": share(at.recall),
    })
}

fn found(it: &Found) -> Map<String, Value> {
    let judged = it.judged.as_ref().ok();
    let figure = |of: fn(&Judged) -> Estimate| {
        judged.map(|it| {
            let it = of(it);
            json!({"value": it.value, "low": it.low, "high": it.high})
        })
    };
    let line = it.line.map(|it| {
        json!({
            "intercept": it.intercept,
            "intercept_error": it.errors.intercept,
            "slope": it.slope,
            "slope_error": it.errors.slope,
            "level": it.level,
            "level_error": it.errors.level,
        })
    });
    let value = json!({
        "losses": it.losses,
        "rows": it.rows,
        "effective": judged.map(|it| it.effective),
        "losses_effective": judged.map(|it| it.positives_effective),
        "expected": it.expected,
        "seen": it.seen,
        "expected_spread": it.spread,
        "roc_auc": figure(|it| it.figures.roc_auc),
        "pr_auc": figure(|it| it.figures.pr_auc),
        "log_loss": figure(|it| it.figures.log_loss),
        "brier": figure(|it| it.figures.brier),
        "ece": figure(|it| it.figures.ece),
        "ece_by_chance": judged.map(|it| it.ece_by_chance),
        "recall_at_fpr_01": figure(|it| it.figures.recall_at_fpr_01),
        "recall_at_fpr_05": figure(|it| it.figures.recall_at_fpr_05),
        "thresholds": it.thresholds.iter().map(threshold).collect::<Vec<_>>(),
        "calibration": line,
        "why_none": it.judged.as_ref().err().map(ToString::to_string),
    });
    match value {
        Value::Object(members) => members,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    }
}
