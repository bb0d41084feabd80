//! The contract's services: a message in, a use of the service, a message out. Nothing is decided here.
//!
//! `failed` is the only place that turns a kind of error into a code.

mod decision;
mod history;
mod policy;
mod shadows;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tonic::service::Routes;
use tonic::{Code, Request, Status};

use super::limits::Deadline;
use super::outcomes::Outcomes;
use super::status;
use super::wire::pb::decision_service_server::DecisionServiceServer;
use super::wire::pb::history_service_server::HistoryServiceServer;
use super::wire::pb::policy_service_server::PolicyServiceServer;
use super::wire::{Accepts, Invalid};
use crate::decision::texts::Texts;
use crate::domain::caller::Caller;
use crate::service::{Error, Kind, Service};

/// When to ask a store again that could not be written.
const STORE_PAUSE: Duration = Duration::from_secs(1);
/// When to ask again while more is queued than the store will hold.
const QUEUE_PAUSE: Duration = Duration::from_millis(200);
/// The deadline of a call that came without one: the server's own limits always set one.
const DEADLINE_DEFAULT: Duration = Duration::from_secs(2);

/// What every service needs.
#[derive(Clone, Debug)]
pub(super) struct Face {
    service: Service,
    texts: Arc<Texts>,
    outcomes: Outcomes,
}

/// The routes of every service that is built.
#[must_use]
pub fn routes(
    service: Service,
    texts: Arc<Texts>,
    outcomes: Outcomes,
    message_bytes_max: usize,
) -> Routes {
    let face = Face {
        service,
        texts,
        outcomes,
    };
    let decision =
        DecisionServiceServer::new(face.clone()).max_decoding_message_size(message_bytes_max);
    let history =
        HistoryServiceServer::new(face.clone()).max_decoding_message_size(message_bytes_max);
    let policy = PolicyServiceServer::new(face).max_decoding_message_size(message_bytes_max);
    Routes::new(decision)
        .add_service(history)
        .add_service(policy)
}

impl Face {
    /// What messages are checked against now.
    fn accepts(&self) -> Accepts {
        Accepts {
            now: self.service.clock.now(),
            currencies: self
                .service
                .releases
                .current()
                .catalogue
                .rates
                .keys()
                .copied()
                .collect(),
            driven: self.service.clock.is_driven(),
        }
    }
}

/// Until when an answer is worth having.
fn deadline<T>(request: &Request<T>) -> Instant {
    let set = request
        .extensions()
        .get::<Deadline>()
        .map(|deadline| deadline.at());
    set.unwrap_or_else(|| Instant::now() + DEADLINE_DEFAULT)
}

/// Who calls.
fn caller<T>(request: &Request<T>) -> Result<Caller, Status> {
    let named = request.extensions().get::<Caller>().cloned();
    named.ok_or_else(|| Status::unauthenticated("the call has no principal"))
}

/// `INVALID_ARGUMENT` with every fault.
fn refused(invalid: Invalid) -> Status {
    status::invalid(invalid.fields)
}

/// A call that later releases will answer.
fn not_built(call: &str) -> Status {
    Status::unimplemented(format!(
        "{call} is not built yet; this release decides, records and replays"
    ))
}

/// The code of an error; logged once, in full, where the caller is told little.
fn failed(error: &Error) -> Status {
    match error.kind() {
        Kind::NotFound => Status::not_found(error.to_string()),
        Kind::WrongState => {
            status::because(Code::FailedPrecondition, "WRONG_STATE", error.to_string())
        }
        Kind::Invalid => match error {
            Error::Invalid { field, fault } => status::invalid([(*field, fault.clone())]),
            Error::NotFound { .. }
            | Error::WrongState(_)
            | Error::Refused(_)
            | Error::Store(_)
            | Error::LostVersion { .. } => status::internal(),
        },
        Kind::Busy => status::busy("more is queued than the store will hold", QUEUE_PAUSE),
        Kind::Late => status::late(),
        Kind::Unavailable => {
            tracing::warn!(error = %Chain(error), "the store did not answer");
            status::unavailable("it could not be recorded; nothing was", STORE_PAUSE)
        }
        Kind::Internal => {
            tracing::error!(error = %Chain(error), "a call could not be served");
            status::internal()
        }
    }
}

/// An error with all its causes.
struct Chain<'a>(&'a Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = std::error::Error::source(self.0);
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
