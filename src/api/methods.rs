//! Every method the server has, from the descriptors that also serve reflection: its path, whether
//! it streams, and the messages that JSON is read into.

use std::collections::BTreeMap;

use prost_reflect::{DescriptorError, DescriptorPool, MethodDescriptor};

use super::metrics::{Meter, Metrics};
use super::wire::pb;

/// Calls that carry many orders or events, and may take longer.
const BATCHES: &[&str] = &[
    "doorstep.v1.DecisionService/DecideBatch",
    "doorstep.v1.HistoryService/RecordEvents",
];

/// The service that is answered however busy we are.
const HEALTH: &str = "grpc.health.v1.Health";

/// Which limits hold for a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// One order, one question.
    Call,
    /// Many orders or events.
    Batch,
    /// Never refused for want of places.
    Health,
}

/// One method of one service.
#[derive(Debug)]
pub(super) struct Method {
    /// `doorstep.v1.DecisionService/Decide`.
    pub(super) rpc: String,
    /// Whether either side sends more than one message.
    pub(super) streams: bool,
    pub(super) lane: Lane,
    pub(super) descriptor: MethodDescriptor,
    pub(super) meter: Meter,
}

/// All methods, and the pool their messages come from.
#[derive(Debug)]
pub(super) struct Methods {
    by_rpc: BTreeMap<String, Method>,
    pub(super) pool: DescriptorPool,
}

impl Methods {
    /// The methods of the contract, of health and of both reflections.
    pub(super) fn new(metrics: &Metrics) -> Result<Self, DescriptorError> {
        let mut pool = DescriptorPool::new();
        for set in [
            pb::DESCRIPTOR_SET,
            tonic_health::pb::FILE_DESCRIPTOR_SET,
            tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
            tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
            // The details of refusals, so that JSON can show them.
            tonic_types::pb::FILE_DESCRIPTOR_SET,
        ] {
            pool.decode_file_descriptor_set(set)?;
        }
        let methods: Vec<_> = pool
            .services()
            .flat_map(|service| service.methods().collect::<Vec<_>>())
            .collect();
        let by_rpc = methods
            .into_iter()
            .map(|descriptor| {
                let method = Method::new(descriptor, metrics);
                (method.rpc.clone(), method)
            })
            .collect();
        Ok(Self { by_rpc, pool })
    }

    /// The method that a request's path names, if there is one.
    pub(super) fn find(&self, path: &str) -> Option<&Method> {
        self.by_rpc.get(path.strip_prefix('/')?)
    }
}

impl Method {
    fn new(descriptor: MethodDescriptor, metrics: &Metrics) -> Self {
        let service = descriptor.parent_service();
        let rpc = format!("{}/{}", service.full_name(), descriptor.name());
        let lane = if service.full_name() == HEALTH {
            Lane::Health
        } else if BATCHES.contains(&rpc.as_str()) {
            Lane::Batch
        } else {
            Lane::Call
        };
        Self {
            streams: descriptor.is_client_streaming() || descriptor.is_server_streaming(),
            lane,
            meter: metrics.meter(&rpc),
            rpc,
            descriptor,
        }
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::registry::Registry;

    use super::{BATCHES, Lane, Methods};
    use crate::api::metrics::Metrics;

    #[test]
    fn a_path_names_a_method_with_its_lane() {
        let methods = Methods::new(&Metrics::new(Registry::default())).unwrap();
        let check = |path: &str, expected: Option<(Lane, bool)>| {
            let found = methods
                .find(path)
                .map(|method| (method.lane, method.streams));
            assert_eq!(found, expected, "{path}");
        };
        check(
            "/doorstep.v1.DecisionService/Decide",
            Some((Lane::Call, false)),
        );
        check("/grpc.health.v1.Health/Check", Some((Lane::Health, false)));
        check("/grpc.health.v1.Health/Watch", Some((Lane::Health, true)));
        check(
            "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
            Some((Lane::Call, true)),
        );
        check("doorstep.v1.DecisionService/Decide", None);
        check(
            "/doorstep.v1.PolicyService/BacktestPolicy",
            Some((Lane::Call, true)),
        );
        check("/doorstep.v1.PolicyService/Unheard", None);
        for rpc in BATCHES {
            check(&format!("/{rpc}"), Some((Lane::Batch, false)));
        }
    }
}
