//! A listener with the connections it let in: how many, and what happens when one cannot come in.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tonic::body::Body;

use super::Settings;
use super::connection::{Wire, serve};
use crate::api::metrics::Metrics;

/// The longest we wait before we try again to accept.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// The first time we wait before we try again to accept.
const PAUSE_MIN: Duration = Duration::from_millis(10);

/// One listener and its open connections, which are dropped with it.
#[derive(Debug)]
pub(super) struct Door {
    listener: TcpListener,
    connections: JoinSet<()>,
    connections_max: usize,
    wire: Arc<Wire>,
    metrics: Arc<Metrics>,
    closing: watch::Receiver<bool>,
    /// Connections ever let in, which spreads their ages.
    count: u64,
}

impl Door {
    pub(super) fn new(
        listener: TcpListener,
        settings: Settings,
        metrics: Arc<Metrics>,
        closing: watch::Receiver<bool>,
    ) -> Self {
        Self {
            listener,
            connections: JoinSet::new(),
            connections_max: settings.connections_max,
            wire: Arc::new(Wire::new(settings)),
            metrics,
            closing,
            count: 0,
        }
    }

    /// Whether any connection is open.
    pub(super) fn is_busy(&self) -> bool {
        !self.connections.is_empty()
    }

    /// Lets nobody in any more; those inside are handed out.
    pub(super) fn close(self) -> JoinSet<()> {
        self.connections
    }

    /// Lets connections in, and answers their requests with `answer`, until dropped. It may be
    /// dropped and called again; connections stay.
    pub(super) async fn admit<A, F>(&mut self, answer: &A) -> Infallible
    where
        A: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Response<Body>> + Send + 'static,
    {
        let mut pause = Duration::ZERO;
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _peer)) => {
                        pause = Duration::ZERO;
                        self.enter(stream, answer);
                    }
                    Err(error) => {
                        pause = longer(pause, error.kind());
                        self.metrics.accept_errors.inc();
                        tracing::warn!(%error, ?pause, "cannot accept a connection");
                        tokio::time::sleep(pause).await;
                    }
                },
                Some(_ended) = self.connections.join_next() => {}
            }
        }
    }

    fn enter<A, F>(&mut self, stream: TcpStream, answer: &A)
    where
        A: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Response<Body>> + Send + 'static,
    {
        if self.connections.len() >= self.connections_max {
            self.metrics.refused.inc();
            return;
        }
        if let Err(error) = prompt(&stream) {
            tracing::debug!(%error, "a connection went away");
            return;
        }
        self.count = self.count.wrapping_add(1);
        let open = Open::new(Arc::clone(&self.metrics));
        let (wire, answer) = (Arc::clone(&self.wire), answer.clone());
        let (closing, count) = (self.closing.clone(), self.count);
        self.connections.spawn(async move {
            let _open = open;
            serve(stream, &wire, answer, closing, count).await;
        });
    }
}

/// Sends what is written at once: else answers wait for a delayed acknowledgement, 44 ms a call.
fn prompt(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)
}

/// How long to wait after another failure: not at all where only that one connection failed.
fn longer(pause: Duration, kind: io::ErrorKind) -> Duration {
    let theirs = matches!(
        kind,
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    );
    if theirs {
        Duration::ZERO
    } else {
        pause.saturating_mul(2).clamp(PAUSE_MIN, PAUSE_MAX)
    }
}

/// Counts a connection as open for as long as it lives.
struct Open(Arc<Metrics>);

impl Open {
    fn new(metrics: Arc<Metrics>) -> Self {
        metrics.connections.inc();
        Self(metrics)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.connections.dec();
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::time::Duration;

    use tokio::net::{TcpListener, TcpStream};

    use super::{longer, prompt};

    #[tokio::test]
    async fn a_connection_does_not_wait_to_fill_its_packets() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let _client = TcpStream::connect(address).await.unwrap();
        let (stream, _peer) = listener.accept().await.unwrap();
        assert!(!stream.nodelay().unwrap());
        prompt(&stream).unwrap();
        assert!(stream.nodelay().unwrap());
    }

    #[test]
    fn we_wait_longer_while_nobody_can_come_in() {
        let check = |pause: u64, kind: ErrorKind, expected: u64| {
            let found = longer(Duration::from_millis(pause), kind);
            assert_eq!(found, Duration::from_millis(expected), "{pause} {kind}");
        };
        // Too many open files, which has no kind of its own.
        check(0, ErrorKind::Other, 10);
        check(10, ErrorKind::Other, 20);
        check(800, ErrorKind::Other, 1_000);
        check(1_000, ErrorKind::OutOfMemory, 1_000);
        check(0, ErrorKind::ConnectionAborted, 0);
        check(640, ErrorKind::ConnectionReset, 0);
    }
}
