//! What operators see of shadows: how often each would have acted otherwise, and what they missed. Read at each scrape;
//! labels are bounded, as only shadows that run are shown.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;

use crate::service::Service;

/// Reads the shadows of a service.
#[derive(Debug)]
pub(crate) struct ShadowCounts(Arc<Service>);

impl ShadowCounts {
    /// Those of `service`.
    pub(crate) const fn new(service: Arc<Service>) -> Self {
        Self(service)
    }
}

impl Collector for ShadowCounts {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let shadows = &self.0.shadows;
        let seen = shadows.seen(self.0.clock.now());
        let mut transitions = encoder.encode_descriptor(
            "doorstep_shadow_transitions",
            "Decisions judged by a shadow that runs, by the live action and the shadow's; goes on where it stood after a \
             restart",
            None,
            MetricType::Counter,
        )?;
        for it in &seen {
            for ((live, said), moved) in &it.totals.moved {
                let shadow = it.id.to_string();
                let labels = [
                    ("shadow", shadow.as_str()),
                    ("from", live.name()),
                    ("to", said.name()),
                ];
                let count = ConstCounter::new(moved.decisions);
                count.encode(transitions.encode_family(&labels)?)?;
            }
        }
        let mut failed = encoder.encode_descriptor(
            "doorstep_shadow_failed",
            "Decisions that a shadow that runs failed at or came too late for",
            None,
            MetricType::Counter,
        )?;
        for it in &seen {
            let labels = [("shadow", it.id.to_string())];
            let count = ConstCounter::new(it.totals.failed);
            count.encode(failed.encode_family(&labels)?)?;
        }
        let dropped = encoder.encode_descriptor(
            "doorstep_shadow_dropped",
            "Decisions that found the shadows' queue full",
            None,
            MetricType::Counter,
        )?;
        ConstCounter::new(shadows.dropped()).encode(dropped)
    }
}
