//! Whether we serve, for load balancers and for `/readyz`: `grpc.health.v1` over one shared state.
//! Any thread may change it; what makes a store unwritable is not known here.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Request, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_server::{Health as Service, HealthServer};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

/// What can keep us from serving. The first that holds is the one `/readyz` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Asked to stop: new calls should go elsewhere.
    Draining,
    /// The store cannot be written.
    Store,
    /// No valid policy, model or key is loaded.
    Release,
}

impl Cause {
    /// What `/readyz` and the log say of it.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Draining => "draining",
            Self::Store => "the store cannot be written",
            Self::Release => "no valid policy is loaded",
        }
    }
}

/// The health of the server and of all its services, which stand and fall together. Clones share it.
#[derive(Clone, Debug)]
pub struct Health {
    services: Arc<[String]>,
    causes: watch::Sender<BTreeSet<Cause>>,
}

impl Health {
    /// Serving; answers for the server as a whole (the empty name) and for `services`.
    #[must_use]
    pub fn new<S: AsRef<str>>(services: impl IntoIterator<Item = S>) -> Self {
        let services = services
            .into_iter()
            .map(|name| name.as_ref().to_owned())
            .chain([String::new()])
            .collect();
        Self {
            services,
            causes: watch::Sender::new(BTreeSet::new()),
        }
    }

    /// From now on `cause` holds, or holds no longer; watchers hear of it. Says so in the log when
    /// that is news.
    pub fn set(&self, cause: Cause, holds: bool) {
        let changed = self.causes.send_if_modified(|causes| {
            if holds {
                causes.insert(cause)
            } else {
                causes.remove(&cause)
            }
        });
        if changed && holds {
            tracing::warn!(cause = cause.text(), "not serving");
        } else if changed {
            tracing::info!(cause = cause.text(), "no longer");
        }
    }

    /// Why we do not serve; `None` while we do.
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        self.causes.borrow().first().copied()
    }

    /// The gRPC service that answers for it.
    pub(super) fn service(&self) -> HealthServer<impl Service> {
        HealthServer::new(self.clone())
    }

    fn knows(&self, service: &str) -> bool {
        self.services.iter().any(|known| known == service)
    }
}

fn answer(causes: &BTreeSet<Cause>) -> HealthCheckResponse {
    let status = if causes.is_empty() {
        ServingStatus::Serving
    } else {
        ServingStatus::NotServing
    };
    says(status)
}

fn says(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse {
        status: status.into(),
    }
}

type Answers = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

#[tonic::async_trait]
impl Service for Health {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        if self.knows(&request.get_ref().service) {
            Ok(Response::new(answer(&self.causes.borrow())))
        } else {
            Err(Status::not_found("no such service"))
        }
    }

    type WatchStream = Answers;

    /// An unknown service is answered once and then watched for ever, as the protocol wants it.
    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Answers>, Status> {
        let answers: Answers = if self.knows(&request.get_ref().service) {
            let mut last = None;
            Box::pin(
                WatchStream::new(self.causes.subscribe())
                    .map(|causes| answer(&causes))
                    .filter(move |now| last.replace(now.status) != Some(now.status))
                    .map(Ok),
            )
        } else {
            let once = tokio_stream::once(Ok(says(ServingStatus::ServiceUnknown)));
            Box::pin(once.chain(tokio_stream::pending()))
        };
        Ok(Response::new(answers))
    }
}
