//! One unary call, whatever its face: its body is read within limits, it takes a place, it has a
//! deadline, its panic stays its own, and it is counted. What it does is not known here.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue};
use http_body::Body;
use http_body_util::BodyExt as _;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout_at;
use tonic::{Code, Status};
use tracing::Instrument as _;

use super::limits::{Deadline, Limits};
use super::methods::{Lane, Method};
use super::metrics::Metrics;
use super::status;

/// The header that names a request, in both directions.
pub(super) const REQUEST_ID: &str = "x-request-id";

/// Times the limit that we read and throw away of a body that is too large, so that a client that
/// writes first and reads later sees our answer.
const PATIENCE: usize = 16;

/// Where calls are held to their limits.
#[derive(Debug)]
pub(super) struct Calls {
    pub(super) limits: Limits,
    places: Semaphore,
    held: Semaphore,
    metrics: Arc<Metrics>,
    /// Tells apart the requests of this process and of the one before.
    start: u64,
    next: AtomicU64,
}

/// A call panicked; our log says where.
#[derive(Debug)]
pub(super) struct Panicked;

impl Calls {
    /// `start` is any number that differs from one start of the process to the next.
    pub(super) fn new(limits: Limits, metrics: Arc<Metrics>, start: u64) -> Self {
        let places = |count: usize| Semaphore::new(count.min(Semaphore::MAX_PERMITS));
        Self {
            limits,
            places: places(limits.in_flight_max),
            held: places(limits.held_bytes_max),
            metrics,
            start,
            next: AtomicU64::new(0),
        }
    }

    /// The request's id: the caller's own if it is short and plain, else a new one.
    pub(super) fn request_id(&self, headers: &HeaderMap) -> HeaderValue {
        let plain = |id: &&HeaderValue| {
            let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._:-".contains(byte);
            (1..=128).contains(&id.len()) && id.as_bytes().iter().all(plain)
        };
        headers
            .get(REQUEST_ID)
            .filter(plain)
            .cloned()
            .unwrap_or_else(|| {
                let count = self.next.fetch_add(1, Ordering::Relaxed);
                let id = format!("{:08x}-{count:x}", self.start & 0xffff_ffff);
                HeaderValue::from_str(&id).unwrap_or_else(|_| HeaderValue::from_static("unnamed"))
            })
    }

    /// Answers one call of `method`: reads `body` up to `bytes_max`, then does `work` with it.
    ///
    /// `work` is dropped where its deadline passes, so it must be a thing that can be dropped at
    /// any await: what it hands to the store is recorded whole or not at all.
    pub(super) async fn run<B, T, F>(
        &self,
        method: &Method,
        id: &HeaderValue,
        asked: Result<Option<Duration>, Status>,
        (body, bytes_max): (B, usize),
        work: impl FnOnce(Bytes, Deadline) -> F,
    ) -> Result<T, Status>
    where
        B: Body<Data = Bytes> + Unpin,
        F: Future<Output = Result<T, Status>>,
    {
        let span = tracing::info_span!(
            "call",
            rpc = method.rpc.as_str(),
            request = id.to_str().unwrap_or_default()
        );
        async {
            let mut tally = method.meter.begin();
            let deadline = match asked {
                Ok(asked) => self.limits.deadline(method.lane, asked),
                Err(refused) => {
                    tally.set(refused.code());
                    return Err(refused);
                }
            };
            let guarded = caught(async {
                let (body, _held) = self.read(body, bytes_max).await?;
                let _place = self.place(method.lane, id)?;
                work(body, deadline).await
            });
            let answer = match timeout_at(deadline.instant(), guarded).await {
                Ok(Ok(answer)) => answer.map_err(status::mapped),
                Ok(Err(Panicked)) => Err(self.panicked()),
                Err(_elapsed) => Err(status::late()),
            };
            tally.set(answer.as_ref().err().map_or(Code::Ok, Status::code));
            answer
        }
        .instrument(span)
        .await
    }

    /// The answer to a call that panicked.
    pub(super) fn panicked(&self) -> Status {
        self.metrics.panics.inc();
        tracing::error!("a call panicked");
        status::internal()
    }

    /// A place among those answered at once, or a refusal that says when to ask again.
    fn place(&self, lane: Lane, id: &HeaderValue) -> Result<Option<SemaphorePermit<'_>>, Status> {
        if lane == Lane::Health {
            return Ok(None);
        }
        match self.places.try_acquire() {
            Ok(place) => Ok(Some(place)),
            Err(_taken) => Err(self.shed(id)),
        }
    }

    /// Refused; asked to come again in 50 to 500 ms, not all at the same moment.
    fn shed(&self, id: &HeaderValue) -> Status {
        self.metrics.shed.inc();
        // FNV-1a over the id: any spread will do.
        let spread = id.as_bytes().iter().fold(0x811c_9dc5_u32, |hash, byte| {
            (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
        });
        let wait = Duration::from_millis(50 + u64::from(spread % 451));
        status::busy("too many calls at once", wait)
    }

    /// The whole body, and the room it takes.
    async fn read<B>(
        &self,
        mut body: B,
        bytes_max: usize,
    ) -> Result<(Bytes, Option<SemaphorePermit<'_>>), Status>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let (mut whole, mut parts) = (Bytes::new(), BytesMut::new());
        let (mut seen, mut held) = (0_usize, None::<SemaphorePermit<'_>>);
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else {
                return Err(Status::cancelled("the caller went away"));
            };
            let Ok(data) = frame.into_data() else {
                continue;
            };
            seen = seen.saturating_add(data.len());
            if seen > bytes_max {
                (whole, parts, held) = (Bytes::new(), BytesMut::new(), None);
                if seen > bytes_max.saturating_mul(PATIENCE) {
                    break;
                }
                continue;
            }
            let more = u32::try_from(data.len()).unwrap_or(u32::MAX);
            match (self.held.try_acquire_many(more), &mut held) {
                (Ok(more), Some(held)) => held.merge(more),
                (Ok(more), None) => held = Some(more),
                (Err(_none_left), _) => {
                    return Err(status::busy(
                        "too many bytes at once",
                        Duration::from_millis(500),
                    ));
                }
            }
            if whole.is_empty() && parts.is_empty() {
                whole = data;
            } else {
                parts.extend_from_slice(&std::mem::take(&mut whole));
                parts.extend_from_slice(&data);
            }
        }
        if seen > bytes_max {
            return Err(self.limits.too_large());
        }
        let whole = if parts.is_empty() {
            whole
        } else {
            parts.freeze()
        };
        Ok((whole, held))
    }
}

/// `work`, whose panic becomes a value. Nothing it held is looked at again.
pub(super) async fn caught<F: Future>(work: F) -> Result<F::Output, Panicked> {
    let mut work = pin!(work);
    poll_fn(
        |context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
            Ok(poll) => poll.map(Ok),
            Err(_payload) => std::task::Poll::Ready(Err(Panicked)),
        },
    )
    .await
}
