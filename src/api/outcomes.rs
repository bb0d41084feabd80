//! What was decided and recorded, counted: by action, by what came of it, by what became of events. Counts only; whose
//! they were is nowhere in them.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::wire::pb;
use crate::decision::lifecycle::Act;
use crate::service::shown::Shown;

/// Counters of answers; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Outcomes {
    decisions: Family<Decided, Counter>,
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
