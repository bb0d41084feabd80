//! One connection: which protocol it speaks, and when it has to end.

use std::convert::Infallible;
use std::future::Future;
use std::io::{self, Cursor};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncReadExt as _, join};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use tonic::body::Body;

use super::Settings;

/// What an HTTP/2 client says first.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The preface, and the head of the settings that follow it at once.
const GREETING_BYTES: usize = PREFACE.len() + 9;

/// HTTP/2 refuses longer headers by itself, in a way that gRPC clients read as unknown; so it gets
/// a multiple of what the face refuses in words.
const HEADERS_PATIENCE: u32 = 16;

/// How often a connection that was told to go is looked at. One without a call twice in a row is
/// ended: if it answers no ping, it would else be waited for until its keepalive ends it.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The wire's settings, made once.
#[derive(Debug)]
pub(super) struct Wire {
    http1: auto::Builder<TokioExecutor>,
    http2: auto::Builder<TokioExecutor>,
    greeting_max: Duration,
    age_max: Duration,
    age_grace: Duration,
}

impl Wire {
    pub(super) fn new(settings: Settings) -> Self {
        let headers_max =
            u32::try_from(settings.limits.headers_bytes_max).unwrap_or(u32::MAX / HEADERS_PATIENCE);
        let mut both = auto::Builder::new(TokioExecutor::new());
        both.http1()
            .timer(TokioTimer::new())
            .header_read_timeout(settings.header_max)
            .max_buf_size(64 << 10);
        both.http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(settings.keepalive_every)
            .keep_alive_timeout(settings.keepalive_max)
            .max_concurrent_streams(settings.streams_max)
            .max_header_list_size(headers_max.saturating_mul(HEADERS_PATIENCE));
        Self {
            http1: both.clone().http1_only(),
            http2: both.http2_only(),
            greeting_max: settings.greeting_max,
            age_max: settings.age_max,
            age_grace: settings.age_grace,
        }
    }

    /// Each connection's own age, up to a fifth less than the greatest, so that those that came
    /// together do not all go together.
    fn age(&self, count: u64) -> Duration {
        let fifths = u32::try_from(count.wrapping_mul(37) % 100).unwrap_or_default();
        self.age_max - self.age_max / 500 * fifths
    }
}

/// Serves one connection until it ends, by itself or because `closing` became true.
pub(super) async fn serve<A, F>(
    mut stream: TcpStream,
    wire: &Wire,
    answer: A,
    mut closing: watch::Receiver<bool>,
    count: u64,
) where
    A: Fn(Request<Incoming>) -> F + Send + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let greeted = tokio::select! {
        greeted = timeout(wire.greeting_max, greeting(&mut stream)) => greeted,
        _ = closing.wait_for(|closing| *closing) => return,
    };
    // Silent, or gone: either way there is nobody to tell.
    let Ok(Ok((first, http2))) = greeted else {
        return;
    };
    let (read, write) = stream.into_split();
    let io = TokioIo::new(join(Cursor::new(first).chain(read), write));
    let open = Arc::new(AtomicUsize::new(0));
    let service = {
        let open = Arc::clone(&open);
        service_fn(move |request| {
            let call = Call::begin(&open);
            let answered = answer(request);
            async move {
                let response = answered.await;
                drop(call);
                Ok::<_, Infallible>(response)
            }
        })
    };
    let builder = if http2 { &wire.http2 } else { &wire.http1 };
    let mut serving = pin!(builder.serve_connection(io, service));
    let mut age = pin!(sleep(wire.age(count)));
    let mut look = pin!(sleep(LOOK_EVERY));
    let (mut leaving, mut quiet) = (false, false);
    loop {
        tokio::select! {
            ended = serving.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(error, "a connection broke");
                }
                return;
            }
            _ = closing.wait_for(|closing| *closing), if !leaving => {}
            () = age.as_mut() => {
                if leaving {
                    return;
                }
            }
            () = look.as_mut(), if leaving => {
                let was_quiet = std::mem::replace(&mut quiet, open.load(Ordering::Relaxed) == 0);
                if quiet && was_quiet {
                    return;
                }
                look.as_mut().reset(Instant::now() + LOOK_EVERY);
                continue;
            }
        }
        leaving = true;
        serving.as_mut().graceful_shutdown();
        age.as_mut().reset(Instant::now() + wire.age_grace);
        look.as_mut().reset(Instant::now() + LOOK_EVERY);
    }
}

/// One call of a connection being answered.
struct Call(Arc<AtomicUsize>);

impl Call {
    fn begin(open: &Arc<AtomicUsize>) -> Self {
        open.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(open))
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The first bytes, and whether they are HTTP/2's preface.
async fn greeting(stream: &mut TcpStream) -> io::Result<(Vec<u8>, bool)> {
    let mut first = Vec::with_capacity(GREETING_BYTES);
    loop {
        let read = stream.read_buf(&mut first).await?;
        let as_far = first.len().min(PREFACE.len());
        if read == 0 || first.get(..as_far) != PREFACE.get(..as_far) {
            return Ok((first, false));
        }
        if first.len() >= GREETING_BYTES {
            return Ok((first, true));
        }
    }
}
