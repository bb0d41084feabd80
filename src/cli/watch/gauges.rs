//! What operators see of the model in force: `doorstep_model_*`, as `docs/operations.md` lists them.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::look::Sight;
use crate::domain::units::to_f64;
use crate::lab::evaluate::HazardFigures;

type Number = Gauge<f64, AtomicU64>;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfHazard {
    hazard: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfSignal {
    signal: &'static str,
}

/// The families.
#[derive(Clone, Debug, Default)]
pub(crate) struct ModelGauges {
    expected: Family<OfHazard, Number>,
    spread: Family<OfHazard, Number>,
    seen: Family<OfHazard, Number>,
    labels: Family<OfHazard, Number>,
    auc: Family<OfHazard, Number>,
    intercept: Family<OfHazard, Number>,
    slope: Family<OfHazard, Number>,
    matured: Gauge,
    drift: Family<OfSignal, Number>,
    bound: Family<OfSignal, Number>,
    recent: Gauge,
    watched: Number,
    failures: Counter,
}

impl ModelGauges {
    /// Adds the families to `registry`.
    pub(crate) fn new(registry: &mut Registry) -> Self {
        let all = Self::default();
        let hazards = [
            (
                "losses_expected",
                "Losses that the model in force leads to expect among orders with a known outcome",
                &all.expected,
            ),
            (
                "losses_expected_spread",
                "By how much the losses seen differ from that by chance alone, as a standard deviation",
                &all.spread,
            ),
            (
                "losses_seen",
                "Losses settled among the same orders",
                &all.seen,
            ),
            (
                "labels",
                "Orders with a known outcome whose action left the hazard alone",
                &all.labels,
            ),
            (
                "roc_auc",
                "P(a lost order scores above one that was not); absent under 10 losses",
                &all.auc,
            ),
            (
                "calibration_intercept",
                "Intercept of the line that would mend the log-odds: 0 is right; absent under 10 losses",
                &all.intercept,
            ),
            (
                "calibration_slope",
                "Slope of that line: 1 is right; absent under 10 losses",
                &all.slope,
            ),
        ];
        for (name, help, family) in hazards {
            registry.register(format!("doorstep_model_{name}"), help, family.clone());
        }
        let signals = [
            (
                "drift_psi",
                "Population stability index of a signal: the latest orders against those the model was fitted to",
                &all.drift,
            ),
            (
                "drift_bound",
                "What that index stays below in 99 % of all cases where nothing drifted",
                &all.bound,
            ),
        ];
        for (name, help, family) in signals {
            registry.register(format!("doorstep_model_{name}"), help, family.clone());
        }
        registry.register(
            "doorstep_model_matured_orders",
            "Orders with a known outcome that calibration is told of",
            all.matured.clone(),
        );
        registry.register(
            "doorstep_model_drift_orders",
            "Orders that drift is told of",
            all.recent.clone(),
        );
        registry.register(
            "doorstep_model_watched_seconds",
            "When the model was last looked at, in seconds since 1970 by the service's clock",
            all.watched.clone(),
        );
        registry.register(
            "doorstep_model_watch_failures",
            "Looks at the model that failed; the log says why",
            all.failures.clone(),
        );
        all
    }

    /// A look failed; what was seen before stays.
    pub(super) fn failed(&self) {
        self.failures.inc();
    }

    /// Shows what was seen, and nothing of what was seen before.
    pub(super) fn show(&self, sight: &Sight) {
        let families = [
            &self.expected,
            &self.spread,
            &self.seen,
            &self.labels,
            &self.auc,
            &self.intercept,
            &self.slope,
        ];
        families.iter().for_each(|family| family.clear());
        sight.hazards.iter().for_each(|it| self.show_hazard(it));
        self.drift.clear();
        self.bound.clear();
        for it in &sight.drift {
            let of = OfSignal {
                signal: it.signal.name(),
            };
            if let Some(drift) = it.drift {
                self.drift.get_or_create(&of).set(drift.psi);
                self.bound.get_or_create(&of).set(drift.bound);
            }
        }
        let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.matured.set(whole(sight.matured));
        self.recent.set(whole(sight.recent));
        self.watched.set(to_f64(sight.at.as_micros()) / 1e6);
    }

    fn show_hazard(&self, it: &HazardFigures) {
        let of = OfHazard {
            hazard: it.hazard.key(),
        };
        let (found, rows) = (&it.all, it.all.rows);
        self.expected.get_or_create(&of).set(found.expected);
        self.spread.get_or_create(&of).set(found.spread);
        self.seen.get_or_create(&of).set(found.seen);
        let rows = to_f64(i64::try_from(rows).unwrap_or(i64::MAX));
        self.labels.get_or_create(&of).set(rows);
        if let Ok(judged) = &found.judged {
            self.auc
                .get_or_create(&of)
                .set(judged.figures.roc_auc.value);
        }
        if let Some(line) = found.line {
            self.intercept.get_or_create(&of).set(line.intercept);
            self.slope.get_or_create(&of).set(line.slope);
        }
    }
}
