//! Commands speak the public contract: to a server that was named, or to one started in this process
//! on the data directory, which ends with the command.

use std::time::Duration;

use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};

use super::config::Settings;
use super::exit::Failure;
use super::running::Running;
use crate::api::wire::pb;
use pb::decision_service_client::DecisionServiceClient;
use pb::history_service_client::HistoryServiceClient;
use pb::policy_service_client::PolicyServiceClient;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);
/// Answers of up to 500 full decisions are larger than a client's usual 4 MiB.
const ANSWER_BYTES_MAX: usize = 256 << 20;

/// A service to talk to.
#[derive(Debug)]
pub(crate) struct Client {
    /// Orders and decisions.
    pub(crate) decisions: DecisionServiceClient<Channel>,
    /// Events.
    pub(crate) history: HistoryServiceClient<Channel>,
    /// The fraud team's choices.
    pub(crate) policies: PolicyServiceClient<Channel>,
    own: Option<Running>,
}

impl Client {
    /// Connects to `server`, or starts a service in this process.
    ///
    /// # Errors
    /// [`Failure::Unreachable`], and whatever keeps a service from starting.
    pub(crate) async fn open(server: Option<&str>, settings: &Settings) -> Result<Self, Failure> {
        match server {
            Some(server) => Self::connect(server, None).await,
            None => Self::of(Running::start_for_ourselves(settings).await?).await,
        }
    }

    /// The same for commands that only look: a data directory that does not exist is told, and not made.
    pub(crate) async fn look(server: Option<&str>, settings: &Settings) -> Result<Self, Failure> {
        let dir = settings.data();
        if server.is_none() && !dir.is_dir() {
            let what = format!("there is no data directory {}", dir.display());
            return Err(Failure::Unreachable(what));
        }
        Self::open(server, settings).await
    }

    /// Talks to a service of our own and stops it at the end.
    pub(crate) async fn of(running: Running) -> Result<Self, Failure> {
        let server = running.grpc().to_string();
        Self::connect(&server, Some(running)).await
    }

    async fn connect(server: &str, own: Option<Running>) -> Result<Self, Failure> {
        let address = if server.contains("://") {
            server.to_owned()
        } else {
            format!("http://{server}")
        };
        let endpoint = Endpoint::from_shared(address).map_err(|_unusable| {
            Failure::Usage(format!("--server: `{server}` is not HOST:PORT"))
        })?;
        let channel = endpoint.connect_timeout(CONNECT).connect().await;
        let channel = channel.map_err(|error| {
            let cause = deepest(&error);
            Failure::Unreachable(format!("cannot reach a service at {server}: {cause}"))
        })?;
        Ok(Self {
            decisions: DecisionServiceClient::new(channel.clone())
                .max_decoding_message_size(ANSWER_BYTES_MAX),
            history: HistoryServiceClient::new(channel.clone()),
            policies: PolicyServiceClient::new(channel).max_decoding_message_size(ANSWER_BYTES_MAX),
            own,
        })
    }

    /// Ends the service in this process, if there is one: everything queued is done first.
    pub(crate) async fn close(self) -> Result<(), Failure> {
        let Self {
            decisions,
            history,
            policies,
            own,
        } = self;
        drop((decisions, history, policies));
        match own {
            Some(running) => running.stop().await,
            None => Ok(()),
        }
    }
}

fn deepest(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// What a refused call means for the command that made it.
pub(crate) fn refused(status: &Status) -> Failure {
    let told = match status.message() {
        "" => status.code().to_string(),
        message => message.to_owned(),
    };
    match status.code() {
        Code::InvalidArgument
        | Code::NotFound
        | Code::FailedPrecondition
        | Code::AlreadyExists
        | Code::OutOfRange => Failure::Usage(told),
        Code::Ok
        | Code::Cancelled
        | Code::DeadlineExceeded
        | Code::ResourceExhausted
        | Code::Aborted
        | Code::Unavailable
        | Code::Unimplemented
        | Code::PermissionDenied
        | Code::Unauthenticated => Failure::Unreachable(format!("the service refused: {told}")),
        Code::Unknown | Code::Internal | Code::DataLoss => {
            Failure::Bug(format!("the service failed: {told}"))
        }
    }
}
