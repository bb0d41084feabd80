//! What operators see of a running service beside its calls: versions in force, files, clock, store.

mod shadows;

use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::registry::Registry;

use super::files::What;
use crate::api::health::Health;
use crate::decision::policy::Policy;
use crate::service::Service;
use shadows::ShadowCounts;

/// The families, and what they are read from.
#[derive(Debug)]
pub(crate) struct Gauges {
    service: Arc<Service>,
    health: Health,
    reloads: Family<Reloaded, Counter>,
    stale: Family<File, Gauge>,
    clock_driven: Gauge,
    clock_held: Gauge,
    store_writable: Gauge,
    store_queued: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reloaded {
    file: &'static str,
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct File {
    file: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Info {
    engine: String,
    policy: String,
    policy_digest: String,
    model: String,
    model_digest: String,
    catalogue: String,
    catalogue_digest: String,
}

impl Gauges {
    /// Adds the families to `registry`.
    pub(crate) fn new(registry: &mut Registry, service: Arc<Service>, health: Health) -> Self {
        let gauges = Self {
            service,
            health,
            reloads: Family::default(),
            stale: Family::default(),
            clock_driven: Gauge::default(),
            clock_held: Gauge::default(),
            store_writable: Gauge::default(),
            store_queued: Gauge::default(),
        };
        registry.register(
            "doorstep_reload",
            "Changed files taken or refused; a refused one changes nothing",
            gauges.reloads.clone(),
        );
        registry.register(
            "doorstep_file_stale",
            "1 where the file on disk is wrong and an earlier one is in force",
            gauges.stale.clone(),
        );
        registry.register_collector(Box::new(InForceNow(Arc::clone(&gauges.service))));
        registry.register(
            "doorstep_clock_driven",
            "1 where time is what orders and events say",
            gauges.clock_driven.clone(),
        );
        registry.register(
            "doorstep_clock_held",
            "1 while the wall clock jumped and is not believed",
            gauges.clock_held.clone(),
        );
        registry.register(
            "doorstep_store_writable",
            "1 while the store can be written",
            gauges.store_writable.clone(),
        );
        registry.register(
            "doorstep_store_queued",
            "Pieces of work that wait for the store",
            gauges.store_queued.clone(),
        );
        let counts = ShadowCounts::new(Arc::clone(&gauges.service));
        registry.register_collector(Box::new(counts));
        gauges.look();
        gauges
    }

    /// Looks at clock and store again.
    pub(crate) fn look(&self) {
        let service = &self.service;
        self.clock_driven.set(i64::from(service.clock.is_driven()));
        self.clock_held.set(i64::from(service.clock.is_held()));
        self.store_writable
            .set(i64::from(service.store.is_writable()));
        let queued = i64::try_from(service.store.queued()).unwrap_or(i64::MAX);
        self.store_queued.set(queued);
    }

    /// A file changed, and was taken or refused.
    pub(crate) fn reloaded(&self, what: What, taken: bool) {
        let (file, result) = (what.name(), if taken { "taken" } else { "refused" });
        self.reloads.get_or_create(&Reloaded { file, result }).inc();
        self.set_stale(what, !taken);
    }

    /// Whether the file on disk is not the one in force.
    pub(crate) fn set_stale(&self, what: What, stale: bool) {
        let file = File { file: what.name() };
        self.stale.get_or_create(&file).set(i64::from(stale));
        self.health.set_stale(what.name(), stale);
    }
}

/// The versions in force at the moment at which metrics are read, whoever exchanged them.
#[derive(Debug)]
struct InForceNow(Arc<Service>);

impl Collector for InForceNow {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let current = self.0.releases.current();
        let versions = &current.versions;
        let info = Info {
            engine: versions.engine.id.clone(),
            policy: versions.policy.id.clone(),
            policy_digest: versions.policy.digest.to_string(),
            model: versions.model.id.clone(),
            model_digest: versions.model.digest.to_string(),
            catalogue: versions.catalogue.id.clone(),
            catalogue_digest: versions.catalogue.digest.to_string(),
        };
        let family = Family::<Info, Gauge>::default();
        family.get_or_create(&info).set(1);
        let help = "1 for the versions in force.";
        let in_force = encoder.encode_descriptor(
            "doorstep_in_force",
            help,
            None,
            EncodeMetric::metric_type(&family),
        )?;
        family.encode(in_force)?;
        budgets(&current.release.policy, &mut encoder)
    }
}

/// What the policy in force allows, where it sets a limit, beside what is used of it.
fn budgets(policy: &Policy, encoder: &mut DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
    if let Some(most) = policy.reviews_per_day {
        let help = "Orders that may wait for a person in a day (UTC).";
        let name = "doorstep_reviews_per_day";
        let family = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
        ConstGauge::new(i64::from(most)).encode(family)?;
    }
    if let Some(most) = policy.random_checks.spare_budget_week_cents {
        let help = "What sparing may be expected to lose in a week from Monday (UTC) on, in the base currency.";
        let name = "doorstep_spare_budget_per_week";
        let family = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
        ConstGauge::new(most / 100.0).encode(family)?;
    }
    Ok(())
}
