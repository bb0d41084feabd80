//! What was decided and recorded, counted: by action, by what came of it, by what became of events. Counts only; whose
//! they were is nowhere in them.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::wire::pb;
use crate::decision::lifecycle::Act;
use crate::decision::reasons::Code;
use crate::domain::units::to_f64;
use crate::service::shown::Shown;

/// Reasons that say that a cap or a budget stood in the way.
const LIMITS: [Code; 3] = [Code::BurdenCap, Code::ReviewBudget, Code::SpareBudget];

/// Counters of answers; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Outcomes {
    decisions: Family<Decided, Counter>,
    limited: Family<Limited, Counter>,
    reviews_today: Gauge,
    spared_week: Gauge<f64, AtomicU64>,
    events: Family<Taken, Counter>,
    acts: Family<Acted, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Decided {
    action: &'static str,
    own_action: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Limited {
    reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Taken {
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Acted {
    act: &'static str,
}

impl Outcomes {
    /// Adds the families to `registry`.
    #[must_use]
    pub fn new(registry: &mut Registry) -> Self {
        let outcomes = Self::default();
        registry.register(
            "doorstep_decisions",
            "Decide calls answered, by action, by the policy's own action before chance, and by whether the decision was \
             made now, stood already, or was a preview",
            outcomes.decisions.clone(),
        );
        registry.register(
            "doorstep_decisions_limited",
            "Decisions made in which a cap or a budget of the policy stood in the way, by the reason that says so",
            outcomes.limited.clone(),
        );
        registry.register(
            "doorstep_reviews_today",
            "Orders of the day (UTC) that wait or waited for a person, when the latest order was decided, that one not counted",
            outcomes.reviews_today.clone(),
        );
        registry.register(
            "doorstep_spared_this_week",
            "What sparing is expected to have lost since Monday (UTC), in the base currency, when the latest order was decided, \
             that one not counted",
            outcomes.spared_week.clone(),
        );
        registry.register(
            "doorstep_events",
            "Events answered, by what became of them",
            outcomes.events.clone(),
        );
        registry.register(
            "doorstep_policy_acts",
            "Acts on policies that were done, by what was done",
            outcomes.acts.clone(),
        );
        outcomes
    }

    pub(super) fn decided(&self, shown: &Shown) {
        let outcome = match (shown.state, shown.already_recorded) {
            (None, _) => "preview",
            (Some(_), true) => "stands",
            (Some(_), false) => "made",
        };
        let decision = &shown.record.decision;
        let labels = Decided {
            action: decision.action.name(),
            own_action: decision.own_action.name(),
            outcome,
        };
        self.decisions.get_or_create(&labels).inc();
        if outcome == "made" {
            self.budgets(shown);
        }
    }

    /// What was left of caps and budgets for a decision that was made.
    fn budgets(&self, shown: &Shown) {
        let record = &shown.record;
        let told = |code: &Code| record.decision.reasons.iter().any(|it| it.code == *code);
        for code in LIMITS.into_iter().filter(told) {
            let reason = code.text().into_owned();
            self.limited.get_or_create(&Limited { reason }).inc();
        }
        if let Some(used) = record.situation.used {
            self.reviews_today.set(i64::from(used.reviews_today));
            self.spared_week.set(to_f64(used.spared_week_micro) / 1e6);
        }
    }

    pub(super) fn acted(&self, act: Act) {
        let act = act.name();
        self.acts.get_or_create(&Acted { act }).inc();
    }

    pub(super) fn taken(&self, result: &pb::EventResult) {
        let status = result.status().as_str_name();
        self.events.get_or_create(&Taken { status }).inc();
    }
}
