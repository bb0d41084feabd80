//! Whether we serve, for load balancers and for `/readyz`: `grpc.health.v1` over one shared state.
//!
//! Any thread may change it. Whether the store can be written is looked up where the store says it: nobody who was
//! refused for it is told afterwards that we serve.

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Asked to stop: new calls should go elsewhere.
    Draining,
    /// The store cannot be written.
    Store,
}

impl Cause {
    /// What `/readyz` and the log say of it.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Draining => "draining",
            Self::Store => "the store cannot be written",
        }
    }
}

/// The name under which health tells of named files: not serving while one on disk is wrong and the one before it
/// stays in force. Everything else goes on serving.
pub const FILES: &str = "doorstep.files";

/// The health of the server and of all its services, which stand and fall together. Clones share it.
#[derive(Clone, Debug)]
pub struct Health {
    services: Arc<[String]>,
    state: watch::Sender<State>,
    writable: watch::Receiver<bool>,
}

/// What health rests on.
#[derive(Clone, Debug, Default)]
struct State {
    draining: bool,
    /// Kinds of files that are wrong on disk.
    stale: BTreeSet<&'static str>,
}

impl Health {
    /// Answers for the server as a whole (the empty name) and for `services`; serving while the store is `writable`.
    #[must_use]
    pub fn new<S: AsRef<str>>(
        services: impl IntoIterator<Item = S>,
        writable: watch::Receiver<bool>,
    ) -> Self {
        let services = services
            .into_iter()
            .map(|name| name.as_ref().to_owned())
            .chain([String::new(), FILES.to_owned()])
            .collect();
        Self {
            services,
            state: watch::Sender::new(State::default()),
            writable,
        }
    }

    /// From now on new calls should go elsewhere; watchers hear of it.
    pub(super) fn drain(&self) {
        self.state.send_modify(|state| state.draining = true);
        tracing::warn!(cause = Cause::Draining.text(), "not serving");
    }

    /// Why we do not serve; `None` while we do.
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        cause(&self.state.borrow(), *self.writable.borrow())
    }

    /// From now on the file of this kind on disk is wrong, and the one before it stays in force, or not any more.
    pub fn set_stale(&self, file: &'static str, stale: bool) {
        self.state.send_if_modified(|state| {
            if stale {
                state.stale.insert(file)
            } else {
                state.stale.remove(file)
            }
        });
    }

    /// Kinds of files that are wrong on disk.
    #[must_use]
    pub fn stale(&self) -> Vec<&'static str> {
        self.state.borrow().stale.iter().copied().collect()
    }

    /// The gRPC service that answers for it.
    pub(super) fn service(&self) -> HealthServer<impl Service> {
        HealthServer::new(self.clone())
    }

    fn knows(&self, service: &str) -> bool {
        self.services.iter().any(|known| known == service)
    }
}

fn cause(state: &State, is_writable: bool) -> Option<Cause> {
    if state.draining {
        Some(Cause::Draining)
    } else if is_writable {
        None
    } else {
        Some(Cause::Store)
    }
}

fn answer(service: &str, state: &State, is_writable: bool) -> HealthCheckResponse {
    let serving = if service == FILES {
        state.stale.is_empty()
    } else {
        cause(state, is_writable).is_none()
    };
    let status = if serving {
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
        let service = &request.get_ref().service;
        if self.knows(service) {
            let is_writable = *self.writable.borrow();
            Ok(Response::new(answer(
                service,
                &self.state.borrow(),
                is_writable,
            )))
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
        let service = request.into_inner().service;
        let answers: Answers = if self.knows(&service) {
            let (state, writable) = (self.state.subscribe(), self.writable.clone());
            let changed = WatchStream::new(state.clone()).map(drop);
            let store_changed = WatchStream::new(writable.clone()).map(drop);
            let mut last = None;
            Box::pin(
                changed
                    .merge(store_changed)
                    .map(move |()| answer(&service, &state.borrow(), *writable.borrow()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draining_is_named_before_the_store_and_each_ends_by_itself() {
        let (writable, told) = watch::channel(true);
        let health = Health::new(["one"], told);
        assert_eq!(health.cause(), None);
        writable.send_replace(false);
        assert_eq!(health.cause(), Some(Cause::Store));
        writable.send_replace(true);
        assert_eq!(health.cause(), None);
        writable.send_replace(false);
        health.drain();
        assert_eq!(health.cause(), Some(Cause::Draining));
        writable.send_replace(true);
        assert_eq!(health.cause(), Some(Cause::Draining));
    }
}
