//! Load: so many calls in flight for so long, or so many a second whatever becomes of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use doorstep::api::wire::pb;
use pb::decision_service_client::DecisionServiceClient;
use pb::history_service_client::HistoryServiceClient;
use tokio::task::JoinSet;
use tonic::Code;
use tonic::transport::{Channel, Endpoint};

use super::child::Child;
use super::orders::{self, Orders};

/// Orders of a batch.
const BATCH: u32 = 64;
/// Customers whose history is told in one call.
const TOLD: usize = 200;

/// How calls are made.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// An order a call, so many in flight.
    Unary(u32),
    /// A batch a call, so many in flight.
    Batches(u32),
}

impl Shape {
    pub(super) fn name(self) -> String {
        match self {
            Self::Unary(calls) => format!("unary, {calls} in flight"),
            Self::Batches(calls) => format!("batches of {BATCH}, {calls} in flight"),
        }
    }
}

/// A server to be asked, over one connection.
#[derive(Clone, Debug)]
pub(super) struct Target {
    client: DecisionServiceClient<Channel>,
    /// How many orders it decided.
    decided: Arc<AtomicU64>,
}

/// What a stretch of load came to.
#[derive(Debug)]
pub(super) struct Slice {
    seconds: f64,
    orders: f64,
    cpu_s: f64,
    writer_s: f64,
    /// Microseconds, unsorted.
    latencies: Vec<u32>,
}

impl Slice {
    /// Batches of so many orders, one after the other, on one thread.
    pub(super) fn of_batches(length: Duration, ticks: u64, batch: u32, times: &[Duration]) -> Self {
        let batches = u32::try_from(times.len()).unwrap();
        Self {
            seconds: length.as_secs_f64(),
            orders: f64::from(batches * batch),
            cpu_s: seconds(ticks),
            writer_s: 0.0,
            latencies: times.iter().copied().map(micros).collect(),
        }
    }

    pub(super) fn per_second(&self) -> f64 {
        self.orders / self.seconds
    }

    /// Server CPU an order.
    pub(super) fn cpu_us(&self) -> f64 {
        self.cpu_s * 1e6 / self.orders
    }

    /// Server CPU an order without the thread that writes the store.
    pub(super) fn faces_us(&self) -> f64 {
        (self.cpu_s - self.writer_s) * 1e6 / self.orders
    }

    /// CPU of the thread that writes the store, an order.
    pub(super) fn writer_us(&self) -> f64 {
        self.writer_s * 1e6 / self.orders
    }

    /// Of the calls' latencies, in milliseconds.
    pub(super) fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        let rank = (sorted.len().saturating_sub(1)) * percent / 100;
        sorted.get(rank).map_or(f64::NAN, |us| f64::from(*us) / 1e3)
    }

    /// p50, p99 and the longest.
    pub(super) fn latencies(&self) -> String {
        let [half, most, all] = [50, 99, 100].map(|it| self.percentile(it));
        format!("{half:.2} / {most:.2} / {all:.2}")
    }
}

impl Target {
    pub(super) async fn connect(address: &str) -> Self {
        let client = DecisionServiceClient::new(channel(address).await);
        Self {
            client,
            decided: Arc::default(),
        }
    }

    /// How many orders it decided so far.
    pub(super) fn decided(&self) -> u64 {
        self.decided.load(Ordering::Relaxed)
    }

    pub(super) async fn one(&self, request: pb::DecideRequest) -> pb::DecideResponse {
        let answer = self.client.clone().decide(request).await;
        answer.unwrap().into_inner()
    }

    /// Calls once; how many orders were decided.
    async fn call(&mut self, shape: Shape, orders: &Orders) -> u32 {
        let decided = match shape {
            Shape::Unary(_) => {
                self.client.decide(orders.next()).await.unwrap();
                1
            }
            Shape::Batches(_) => {
                let requests = (0..BATCH).map(|_| orders.next()).collect();
                let batch = pb::DecideBatchRequest { requests };
                let results = self.client.decide_batch(batch).await.unwrap();
                let decided = |it: &&pb::DecideResult| {
                    matches!(it.result, Some(pb::decide_result::Result::Decision(_)))
                };
                let decided = results.get_ref().results.iter().filter(decided).count();
                assert_eq!(
                    u32::try_from(decided),
                    Ok(BATCH),
                    "a batch came back in part"
                );
                BATCH
            }
        };
        self.decided
            .fetch_add(u64::from(decided), Ordering::Relaxed);
        decided
    }
}

/// Keeps calls in flight for so long.
pub(super) async fn closed(
    target: &Target,
    child: &Child,
    shape: Shape,
    length: Duration,
    orders: &Arc<Orders>,
) -> Slice {
    let (Shape::Unary(calls) | Shape::Batches(calls)) = shape;
    let before = child.cpu();
    let begun = Instant::now();
    let mut callers = JoinSet::new();
    for _ in 0..calls {
        let (mut target, orders) = (target.clone(), Arc::clone(orders));
        callers.spawn(async move {
            let (mut decided, mut latencies) = (0, Vec::new());
            while begun.elapsed() < length {
                let asked = Instant::now();
                decided += target.call(shape, &orders).await;
                latencies.push(micros(asked.elapsed()));
            }
            (decided, latencies)
        });
    }
    let (mut decided, mut latencies) = (0, Vec::new());
    for (own, times) in callers.join_all().await {
        decided += own;
        latencies.extend(times);
    }
    let seconds = begun.elapsed().as_secs_f64();
    let after = child.cpu();
    let spent = |after: u64, before: u64| self::seconds(after.saturating_sub(before));
    Slice {
        seconds,
        orders: f64::from(decided),
        cpu_s: spent(after.all, before.all),
        writer_s: spent(after.writer, before.writer),
        latencies,
    }
}

/// Asks so many a second for so long, and times each from when it should have been asked. One that is refused as too late
/// is a slow one.
pub(super) async fn open(
    target: &Target,
    child: &Child,
    per_second: f64,
    length: Duration,
    orders: &Orders,
) -> Slice {
    let before = child.cpu();
    let begun = Instant::now();
    let mut calls = JoinSet::new();
    let mut due = Duration::ZERO;
    while due < length {
        tokio::time::sleep_until((begun + due).into()).await;
        let mut client = target.client.clone();
        let (request, asked) = (orders.next(), begun + due);
        calls.spawn(async move {
            if let Err(refused) = client.decide(request).await {
                assert_eq!(refused.code(), Code::DeadlineExceeded, "{refused}");
            }
            micros(asked.elapsed())
        });
        due += Duration::from_secs_f64(1.0 / per_second);
    }
    let latencies = calls.join_all().await;
    let after = child.cpu();
    Slice {
        seconds: begun.elapsed().as_secs_f64(),
        orders: f64::from(u32::try_from(latencies.len()).unwrap()),
        cpu_s: seconds(after.all.saturating_sub(before.all)),
        writer_s: seconds(after.writer.saturating_sub(before.writer)),
        latencies,
    }
}

/// Tells every customer's history; how many events there were.
pub(super) async fn history(address: &str, orders: &Orders) -> usize {
    let mut client = HistoryServiceClient::new(channel(address).await);
    let customers: Vec<u64> = (0..orders::CUSTOMERS).collect();
    let mut told = 0;
    for some in customers.chunks(TOLD) {
        let events = some.iter().flat_map(|it| orders.history(*it));
        let request = pb::RecordEventsRequest {
            events: events.collect(),
        };
        told += request.events.len();
        client.record_events(request).await.unwrap();
    }
    told
}

async fn channel(address: &str) -> Channel {
    let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
    endpoint.connect().await.unwrap()
}

/// Hundredths of a second as seconds.
fn seconds(ticks: u64) -> f64 {
    f64::from(u32::try_from(ticks).unwrap()) / 100.0
}

fn micros(length: Duration) -> u32 {
    u32::try_from(length.as_micros()).unwrap_or(u32::MAX)
}
