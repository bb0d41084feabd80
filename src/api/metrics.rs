//! What operators count of the faces: calls, refusals, connections. What they count of decisions
//! and the store is registered by those rooms, in the registry that is handed in.

use std::fmt;
use std::time::Instant;

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use tonic::Code;

use super::status;

/// All families of the faces, and the registry that prints them and all others.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    calls: Family<ByCode, Counter>,
    seconds: Family<ByRpc, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    pub(super) serving: Gauge,
    pub(super) panics: Counter,
    pub(super) shed: Counter,
    pub(super) connections: Gauge,
    pub(super) refused: Counter,
    pub(super) accept_errors: Counter,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByCode {
    rpc: String,
    code: CodeName,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByRpc {
    rpc: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct CodeName(Code);

impl EncodeLabelValue for CodeName {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        EncodeLabelValue::encode(&status::name(self.0), encoder)
    }
}

/// From a quarter of a millisecond to eight seconds.
fn call_buckets() -> Histogram {
    Histogram::new(exponential_buckets(0.000_25, 2.0, 16))
}

impl Metrics {
    /// Adds the faces' families to `registry`, which may hold those of other rooms already.
    #[must_use]
    pub fn new(mut registry: Registry) -> Self {
        let calls = Family::<ByCode, Counter>::default();
        let seconds: Family<ByRpc, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(call_buckets);
        let (in_flight, connections) = (Gauge::default(), Gauge::default());
        let serving = Gauge::default();
        let (panics, shed) = (Counter::default(), Counter::default());
        let (refused, accept_errors) = (Counter::default(), Counter::default());
        let add = &mut registry;
        add.register(
            "doorstep_calls",
            "Calls answered, by method and code",
            calls.clone(),
        );
        add.register(
            "doorstep_call_duration_seconds",
            "From a call's headers to its answer, by method",
            seconds.clone(),
        );
        add.register(
            "doorstep_calls_in_flight",
            "Calls being answered",
            in_flight.clone(),
        );
        add.register(
            "doorstep_serving",
            "1 while health says SERVING, else 0",
            serving.clone(),
        );
        add.register(
            "doorstep_panics",
            "Calls that panicked; each was answered INTERNAL",
            panics.clone(),
        );
        add.register(
            "doorstep_calls_shed",
            "Calls refused because every place was taken",
            shed.clone(),
        );
        add.register(
            "doorstep_connections",
            "Connections open",
            connections.clone(),
        );
        add.register(
            "doorstep_connections_refused",
            "Connections closed at once because too many were open",
            refused.clone(),
        );
        add.register(
            "doorstep_accept_errors",
            "Times a connection could not be accepted, as without file descriptors",
            accept_errors.clone(),
        );
        Self {
            registry,
            calls,
            seconds,
            in_flight,
            serving,
            panics,
            shed,
            connections,
            refused,
            accept_errors,
        }
    }

    /// The page that Prometheus reads.
    #[must_use]
    pub fn page(&self) -> String {
        let mut page = String::new();
        // Writing to a String does not fail; a label that cannot be written ends the page early.
        if encode(&mut page, &self.registry).is_err() {
            tracing::error!("a metric could not be written");
        }
        page
    }

    /// What is counted of one method, looked up once.
    pub(super) fn meter(&self, rpc: &str) -> Meter {
        let labels = ByRpc {
            rpc: rpc.to_owned(),
        };
        Meter {
            rpc: rpc.to_owned(),
            calls: self.calls.clone(),
            ok: self.calls.get_or_create_owned(&by_code(rpc, Code::Ok)),
            seconds: self.seconds.get_or_create_owned(&labels),
            in_flight: self.in_flight.clone(),
        }
    }
}

fn by_code(rpc: &str, code: Code) -> ByCode {
    ByCode {
        rpc: rpc.to_owned(),
        code: CodeName(code),
    }
}

/// The counters of one method.
#[derive(Clone, Debug)]
pub(super) struct Meter {
    rpc: String,
    calls: Family<ByCode, Counter>,
    ok: Counter,
    seconds: Histogram,
    in_flight: Gauge,
}

impl Meter {
    /// A call begins; it is counted when the tally ends, however it ends.
    pub(super) fn begin(&self) -> Tally {
        self.in_flight.inc();
        Tally {
            meter: self.clone(),
            started: Instant::now(),
            code: Code::Cancelled,
        }
    }
}

/// One call being counted. Dropped without a code, the caller went away: `CANCELLED`.
#[derive(Debug)]
pub(super) struct Tally {
    meter: Meter,
    started: Instant,
    code: Code,
}

impl Tally {
    /// The call ended with `code`.
    pub(super) fn set(&mut self, code: Code) {
        self.code = code;
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        let took = self.started.elapsed();
        let (rpc, code) = (self.meter.rpc.as_str(), self.code);
        self.meter.in_flight.dec();
        self.meter.seconds.observe(took.as_secs_f64());
        if code == Code::Ok {
            self.meter.ok.inc();
        } else {
            self.meter.calls.get_or_create(&by_code(rpc, code)).inc();
        }
        let (code, duration_ms) = (status::name(code), took.as_secs_f64() * 1_000.0);
        if self.code == Code::Ok {
            tracing::debug!(rpc, code, duration_ms, "call");
        } else if self.code == Code::Internal {
            tracing::error!(rpc, code, duration_ms, "call");
        } else {
            tracing::info!(rpc, code, duration_ms, "call");
        }
    }
}
