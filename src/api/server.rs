//! The server: it listens, lets connections in, and ends in good order.
//!
//! Ending goes in steps, and never takes longer than [`Settings::drain_max`] whatever others do.
//! Health says so first, and new calls are still answered for a moment, so that balancers can turn
//! away; then nobody is let in, streams end, connections are told to go, and calls in flight are
//! waited for; at the limit every connection that is left is dropped, silent ones too.
//!
//! tonic's own server is not used: it waits for silent connections when it should stop, and spins
//! when it cannot accept.

mod connection;
mod door;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};
use tonic::service::Routes;

use self::door::Door;
use super::auth::{Access, NotLoopback};
use super::call::Calls;
use super::face::Face;
use super::health::Health;
use super::limits::Limits;
use super::methods::Methods;
use super::metrics::Metrics;
use super::page;
use super::wire::pb;

/// Bytes of one reflection request.
const REFLECTION_BYTES_MAX: usize = 64 << 10;

/// What the server holds connections and calls to.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// What one call may cost.
    pub limits: Limits,
    /// Connections open at once on the first listener; more are closed at once.
    pub connections_max: usize,
    /// Streams of one HTTP/2 connection; above `limits.in_flight_max`, else refusals for want of a
    /// place would wait unseen in the client's queue.
    pub streams_max: u32,
    /// How long a connection may take to say its first bytes.
    pub greeting_max: Duration,
    /// How long the headers of an HTTP/1 request may take, waiting for them included.
    pub header_max: Duration,
    /// How often an HTTP/2 connection is pinged.
    pub keepalive_every: Duration,
    /// How long it may take to answer a ping.
    pub keepalive_max: Duration,
    /// Connections older than about this are told to go, so that balancers can spread them anew.
    pub age_max: Duration,
    /// How long one that was told to go may take.
    pub age_grace: Duration,
    /// How long new calls are still answered after health has said that we stop.
    pub drain_pause: Duration,
    /// The longest from being asked to stop to having stopped.
    pub drain_max: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            connections_max: 4_096,
            streams_max: 1_100,
            greeting_max: Duration::from_secs(3),
            header_max: Duration::from_secs(5),
            keepalive_every: Duration::from_secs(5),
            keepalive_max: Duration::from_secs(5),
            age_max: Duration::from_secs(300),
            age_grace: Duration::from_secs(10),
            drain_pause: Duration::from_millis(1_500),
            // The store has to close within the same ten seconds.
            drain_max: Duration::from_secs(8),
        }
    }
}

/// Where the server listens.
#[derive(Debug)]
pub struct Listeners {
    /// gRPC, and JSON over HTTP.
    pub calls: TcpListener,
    /// `/metrics`, `/livez` and `/readyz`.
    pub pages: Option<TcpListener>,
}

/// What the server serves. Health and reflection are added to `routes`.
#[derive(Debug)]
pub struct Services {
    /// The contract's services.
    pub routes: Routes,
    /// Whether we serve; not any more as soon as `serve` is asked to end.
    pub health: Health,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Who may call.
    pub access: Access,
}

/// How the server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    /// Connections that were still open at the limit, and were dropped.
    pub dropped: usize,
}

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is in use, or not ours.
    #[error("cannot listen on {address}")]
    Listen {
        /// Where it should listen.
        address: SocketAddr,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// Others could reach it without a name.
    #[error(transparent)]
    NotLoopback(#[from] NotLoopback),
    /// The listener is none any more.
    #[error("the listener has no address")]
    Listener(#[source] io::Error),
    /// The descriptors that are compiled in contradict each other.
    #[error("the descriptors of the contract do not fit together")]
    Descriptors(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The names of the contract's services, for [`Health::new`].
///
/// # Errors
/// [`Error::Descriptors`], a bug of the build.
pub fn service_names() -> Result<Vec<String>, Error> {
    let pool = prost_reflect::DescriptorPool::decode(pb::DESCRIPTOR_SET)
        .map_err(|fault| Error::Descriptors(fault.into()))?;
    Ok(pool
        .services()
        .map(|service| service.full_name().to_owned())
        .collect())
}

/// Listens on `address` for calls, where `access` allows it; port 0 takes a free one.
///
/// # Errors
/// [`Error::NotLoopback`] or [`Error::Listen`].
pub async fn listen(address: SocketAddr, access: &Access) -> Result<TcpListener, Error> {
    access.may_listen(address)?;
    listen_for_pages(address).await
}

/// Listens on `address` for metrics, which hold nothing of any customer.
///
/// # Errors
/// [`Error::Listen`].
pub async fn listen_for_pages(address: SocketAddr) -> Result<TcpListener, Error> {
    TcpListener::bind(address)
        .await
        .map_err(|source| Error::Listen { address, source })
}

/// Serves until `stop` resolves and everything that began has ended or was dropped.
///
/// # Errors
/// Only before the first connection: where it must not listen, or descriptors contradict.
pub async fn serve(
    listeners: Listeners,
    services: Services,
    settings: Settings,
    stop: impl Future<Output = ()>,
) -> Result<Drained, Error> {
    let address = listeners.calls.local_addr().map_err(Error::Listener)?;
    services.access.may_listen(address)?;
    let (closing, closed) = watch::channel(false);
    let (health, metrics) = (services.health.clone(), Arc::clone(&services.metrics));
    let face = Arc::new(face(services, settings.limits, closed.clone())?);
    let answer = move |request: Request<Incoming>| Arc::clone(&face).answer(request);
    let mut calls = Door::new(listeners.calls, settings, Arc::clone(&metrics), closed);

    let serving = async {
        tokio::select! {
            never = calls.admit(&answer) => match never {},
            () = stop => {}
        }
        let limit = Instant::now() + settings.drain_max;
        health.drain();
        if calls.is_busy() {
            let pause = settings.drain_pause.min(settings.drain_max);
            // Ends by the clock alone.
            let _elapsed = timeout(pause, calls.admit(&answer)).await.is_err();
        }
        let mut connections = calls.close();
        closing.send_replace(true);
        let ended = async { while connections.join_next().await.is_some() {} };
        let _in_time = timeout_at(limit, ended).await.is_ok();
        let dropped = connections.len();
        connections.shutdown().await;
        Drained { dropped }
    };
    let Some(pages) = listeners.pages else {
        return Ok(serving.await);
    };
    let page = {
        let (metrics, health) = (Arc::clone(&metrics), health.clone());
        move |request: Request<Incoming>| {
            std::future::ready(page::answer(&request, &metrics, &health))
        }
    };
    // Pages are answered to the last, so that `/readyz` can say that we drain.
    let (_open, never) = watch::channel(false);
    let mut pages = Door::new(pages, settings.for_pages(), metrics, never);
    tokio::select! {
        drained = serving => Ok(drained),
        never = pages.admit(&page) => match never {},
    }
}

impl Settings {
    /// A handful of scrapers and probes, and no more.
    fn for_pages(self) -> Self {
        Self {
            connections_max: self.connections_max.min(64),
            streams_max: 16,
            ..self
        }
    }
}

/// The routes with health and both reflections, and all that stands before them.
fn face(services: Services, limits: Limits, closing: watch::Receiver<bool>) -> Result<Face, Error> {
    let fault = |fault: tonic_reflection::server::Error| Error::Descriptors(fault.into());
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(pb::DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let v1 = reflection().build_v1().map_err(fault)?;
    let v1alpha = reflection().build_v1alpha().map_err(fault)?;
    let routes = services
        .routes
        .add_service(services.health.service())
        .add_service(v1.max_decoding_message_size(REFLECTION_BYTES_MAX))
        .add_service(v1alpha.max_decoding_message_size(REFLECTION_BYTES_MAX));
    let methods =
        Methods::new(&services.metrics).map_err(|fault| Error::Descriptors(fault.into()))?;
    // Without randomness, ids of requests may repeat those of an earlier start, and nothing else.
    let start = getrandom::u64().unwrap_or_default();
    Ok(Face {
        routes: routes.prepare(),
        methods,
        calls: Calls::new(limits, services.metrics, start),
        access: services.access,
        closing,
    })
}
