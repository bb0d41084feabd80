//! A service that runs in this process: the rooms put together from settings, and taken apart in
//! good order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::registry::Registry;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;

use super::config::{Setting, Settings};
use super::exit::Failure;
use super::files::{Loaded, Sources, shelf};
use super::gauges::Gauges;
use super::reload::Reload;
use super::watch::{ModelGauges, Watch};
use super::{clock, keys, policies};
use crate::api;
use crate::api::auth::Access;
use crate::api::health::{Cause, Health};
use crate::api::limits::Limits;
use crate::api::metrics::Metrics;
use crate::api::outcomes::Outcomes;
use crate::api::server::{self, Drained, Listeners, Services};
use crate::decision::lifecycle::Approvers;
use crate::decision::texts::Texts;
use crate::domain::units::Timestamp;
use crate::service::Service;
use crate::service::clock::Clock;
use crate::service::policies::Governance;
use crate::service::release::Releases;
use crate::service::shadow::Shadows;
use crate::store::{self, Store};

/// A running service.
#[derive(Debug)]
pub(crate) struct Running {
    grpc: SocketAddr,
    metrics: Option<SocketAddr>,
    service: Arc<Service>,
    stop: oneshot::Sender<()>,
    serving: JoinSet<Result<Option<Drained>, Failure>>,
    reload: Option<Reload>,
    watch: Option<Watch>,
}

/// Who is to reach it.
#[derive(Clone, Copy, Debug)]
struct Faces {
    grpc: SocketAddr,
    metrics: Option<SocketAddr>,
    /// Others call too: named files are watched, and they are given time to turn away at the end.
    public: bool,
}

impl Running {
    /// Starts what `serve` serves.
    ///
    /// # Errors
    /// Every fault of every file ([`Failure::BadFile`]); a store or an address that cannot be used
    /// ([`Failure::Unreachable`]).
    pub(crate) async fn start(settings: &Settings) -> Result<Self, Failure> {
        let faces = Faces {
            grpc: settings.address(Setting::Listen),
            metrics: Some(settings.address(Setting::Metrics)),
            public: true,
        };
        Self::start_with(settings, faces).await
    }

    /// Starts a service for one command: on a free port of this machine, without metrics.
    ///
    /// # Errors
    /// As [`Running::start`].
    pub(crate) async fn start_for_ourselves(settings: &Settings) -> Result<Self, Failure> {
        let faces = Faces {
            grpc: SocketAddr::from(([127, 0, 0, 1], 0)),
            metrics: None,
            public: false,
        };
        Self::start_with(settings, faces).await
    }

    async fn start_with(settings: &Settings, faces: Faces) -> Result<Self, Failure> {
        let loaded = Sources::read(settings).and_then(|sources| sources.load());
        let (loaded, epochs) = both(loaded, keys::read(settings))?;
        let access = Access::open();
        let calls = server::listen(faces.grpc, &access).await;
        let calls = calls.map_err(|error| cannot_listen("--listen", &error))?;
        let pages = match faces.metrics {
            Some(address) => Some(
                server::listen_for_pages(address)
                    .await
                    .map_err(|error| cannot_listen("--metrics", &error))?,
            ),
            None => None,
        };
        let local = |listener: &tokio::net::TcpListener| {
            let address = listener.local_addr();
            address.map_err(|error| Failure::Unreachable(error.to_string()))
        };
        let grpc = local(&calls)?;
        let name = grpc.to_string();
        let assembled = assembled(settings, loaded, epochs, name, Whole::default()).await?;
        let (service, loaded) = (Arc::new(assembled.0), assembled.1);
        let metrics = pages.as_ref().map(local).transpose()?;
        let names = server::service_names().map_err(|error| bug(&error))?;
        let health = Health::new(names, service.store.writable());
        let mut registry = Registry::default();
        let gauges = Gauges::new(&mut registry, Arc::clone(&service), health.clone());
        let of_model = ModelGauges::new(&mut registry);
        let limits = server_settings(settings, faces.public);
        let services = Services {
            routes: api::grpc::routes(
                Service::clone(&service),
                Arc::new(Texts::load()),
                Outcomes::new(&mut registry),
                limits.limits.message_bytes_max,
            ),
            health,
            metrics: Arc::new(Metrics::new(registry)),
            access,
        };
        let reload = faces.public.then(|| {
            Reload::start(
                loaded,
                Arc::clone(&service),
                gauges,
                settings.duration(Setting::Reload),
            )
        });
        let watch = faces
            .public
            .then(|| Watch::start(settings, Arc::clone(&service), of_model));
        let (stop, stopped) = oneshot::channel::<()>();
        let mut serving = JoinSet::new();
        let writable = service.store.writable();
        serving.spawn(async move {
            tell(writable).await;
            Ok(None)
        });
        serving.spawn(async move {
            let stop = async { drop(stopped.await) };
            let listeners = Listeners { calls, pages };
            let drained = server::serve(listeners, services, limits, stop).await;
            drained.map(Some).map_err(|error| bug(&error))
        });
        Ok(Self {
            grpc,
            metrics,
            service,
            stop,
            serving,
            reload,
            watch,
        })
    }

    /// Where gRPC and JSON over HTTP are answered.
    pub(crate) const fn grpc(&self) -> SocketAddr {
        self.grpc
    }

    /// Where metrics are read.
    pub(crate) const fn metrics(&self) -> Option<SocketAddr> {
        self.metrics
    }

    /// Ends it: calls under way are finished within the limit, and everything queued is written.
    ///
    /// # Errors
    /// [`Failure::Bug`] where it ended badly.
    pub(crate) async fn stop(self) -> Result<(), Failure> {
        let Self {
            service,
            stop,
            mut serving,
            reload,
            watch,
            ..
        } = self;
        // The server may have ended already.
        let _gone = stop.send(()).is_err();
        drop((reload, watch));
        while let Some(ended) = serving.join_next().await {
            match ended {
                Ok(Ok(None)) => {}
                Ok(Ok(Some(drained))) => {
                    if drained.dropped > 0 {
                        tracing::warn!(connections = drained.dropped, "dropped at the limit");
                    }
                    break;
                }
                Ok(Err(failure)) => return Err(failure),
                Err(panicked) => return Err(Failure::Bug(panicked.to_string())),
            }
        }
        serving.shutdown().await;
        drop(service);
        Ok(())
    }
}

/// What a command wants that has the data directory for itself.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Whole {
    /// Where nothing is known yet, versions are in force since then.
    pub(crate) since: Option<Timestamp>,
    /// Pieces of work that it has under way at once.
    pub(crate) under_way: usize,
}

/// A service without faces, for a command that has the data directory for itself.
///
/// # Errors
/// As [`Running::start`].
pub(crate) async fn service(
    settings: &Settings,
    loaded: Loaded,
    whole: Whole,
) -> Result<Service, Failure> {
    let epochs = keys::read(settings)?;
    let name = "this command".to_owned();
    Ok(assembled(settings, loaded, epochs, name, whole).await?.0)
}

/// The service, and what is in force where acts may have said so.
async fn assembled(
    settings: &Settings,
    loaded: Loaded,
    epochs: Vec<keys::Epoch>,
    server: String,
    whole: Whole,
) -> Result<(Service, Loaded), Failure> {
    let data = settings.data();
    keys::make_folder(&data)?;
    let mut wanted = store_settings(settings);
    wanted.queue_max = wanted.queue_max.max(whole.under_way.saturating_mul(2));
    wanted.batch_max = wanted.batch_max.max(whole.under_way / 2);
    let store = Store::open(&wanted).map_err(|error| cannot_store(&error))?;
    let newest = store.newest().await.map_err(|error| cannot_store(&error))?;
    let keys = keys::ring(epochs, &data, newest.is_some())?;
    let clock = clock_of(settings, newest);
    let (authority, loaded) = policies::in_force(&store, loaded).await?;
    let since = whole.since.filter(|_| newest.is_none());
    let now = clock.now();
    for version in loaded.versions(since.unwrap_or(now)) {
        let kept = store.keep_version(version).await;
        kept.map_err(|error| cannot_store(&error))?;
    }
    let shadows = Shadows::resume(&store, clock.now()).await;
    let governance = Governance {
        authority,
        // As long as callers have no identities, there is only one.
        approvers: Approvers::AuthorToo,
        server,
    };
    let service = Service {
        store,
        clock: Arc::new(clock),
        releases: Arc::new(Releases::new(loaded.in_force.clone(), now)),
        keys: Arc::new(keys),
        library: Arc::default(),
        governance: Arc::new(governance),
        shelf: Arc::new(shelf(settings)),
        shadows: Arc::new(shadows.map_err(|error| cannot_store(&error))?),
        ids: Arc::default(),
        entropy: clock::entropy,
    };
    Ok((service, loaded))
}

/// The log says when the store can be written no longer, and when it can again, until the service ends.
async fn tell(mut writable: watch::Receiver<bool>) {
    let mut told = true;
    loop {
        let is_writable = *writable.borrow_and_update();
        let cause = Cause::Store.text();
        if told && !is_writable {
            tracing::warn!(cause, "not serving");
        } else if !told && is_writable {
            tracing::info!(cause, "no longer");
        }
        told = is_writable;
        if writable.changed().await.is_err() {
            return;
        }
    }
}

/// Two results, or the failures of both.
fn both<A, B>(a: Result<A, Failure>, b: Result<B, Failure>) -> Result<(A, B), Failure> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(Failure::BadFile(mut a)), Err(Failure::BadFile(b))) => {
            a.extend(b);
            Err(Failure::BadFile(a))
        }
        (Err(failure), _) | (_, Err(failure)) => Err(failure),
    }
}

fn clock_of(settings: &Settings, newest: Option<Timestamp>) -> Clock {
    // Before anything is known, a driven clock stands at the beginning of all times accepted.
    let start = newest.unwrap_or(Timestamp::from_micros(946_684_800_000_000));
    if settings.text(Setting::Clock) == "driven" {
        tracing::warn!("the clock is driven: time is what orders and events say");
        Clock::driven(start)
    } else {
        Clock::wall(clock::wall, start)
    }
}

fn store_settings(settings: &Settings) -> store::Settings {
    let cache_mib = u64::try_from(settings.count(Setting::StoreCacheMib)).unwrap_or(1);
    store::Settings {
        cache_bytes: cache_mib << 20,
        queue_max: settings.count(Setting::StoreQueue),
        batch_max: settings.count(Setting::StoreBatch),
        readers: settings.count(Setting::StoreReaders),
        ..store::Settings::new(settings.data())
    }
}

fn server_settings(settings: &Settings, public: bool) -> server::Settings {
    let in_flight_max = settings.count(Setting::InFlightMax);
    let streams_max = u32::try_from(in_flight_max).unwrap_or(u32::MAX);
    server::Settings {
        limits: Limits {
            call_max: settings.duration(Setting::CallMax),
            batch_max: settings.duration(Setting::BatchMax),
            in_flight_max,
            ..Limits::default()
        },
        connections_max: settings.count(Setting::ConnectionsMax),
        streams_max: streams_max.saturating_add(76),
        drain_pause: if public {
            settings.duration(Setting::DrainPause)
        } else {
            Duration::ZERO
        },
        drain_max: settings.duration(Setting::DrainMax),
        ..server::Settings::default()
    }
}

fn cannot_listen(flag: &str, error: &server::Error) -> Failure {
    use std::error::Error as _;
    if matches!(error, server::Error::NotLoopback(_)) {
        return Failure::Usage(format!("{flag}: {error}"));
    }
    let cause = error
        .source()
        .map_or_else(String::new, |it| format!(": {it}"));
    Failure::Unreachable(format!("{flag}: {error}{cause}"))
}

/// What a store that cannot be used means for a command.
pub(crate) fn cannot_store(error: &store::Error) -> Failure {
    match error {
        store::Error::Bug { .. } => Failure::Bug(error.to_string()),
        store::Error::Locked { .. } => Failure::Unreachable(format!(
            "{error}: name the server that serves it with --server, or stop it first"
        )),
        store::Error::Busy
        | store::Error::Late
        | store::Error::Unavailable { .. }
        | store::Error::Damaged { .. }
        | store::Error::NotADatabase { .. }
        | store::Error::NewerSchema { .. }
        | store::Error::Directory { .. }
        | store::Error::Closed => Failure::Unreachable(error.to_string()),
    }
}

fn bug(error: &server::Error) -> Failure {
    Failure::Bug(error.to_string())
}
