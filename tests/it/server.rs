//! The server around a stand-in service: what connections and calls are held to, whatever the
//! service behind them does.

mod calls;
mod connections;
mod json;
mod looks;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use doorstep::api::auth::Access;
use doorstep::api::health::Health;
use doorstep::api::limits::Deadline;
use doorstep::api::metrics::Metrics;
use doorstep::api::server::{
    Drained, Error, Listeners, Services, Settings, listen, listen_for_pages, serve, service_names,
};
use doorstep::api::status;
use doorstep::api::wire::pb;
use doorstep::domain::caller::Caller;
use pb::decision_service_client::DecisionServiceClient;
use pb::decision_service_server::{DecisionService, DecisionServiceServer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tonic::service::Routes;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};

/// A service whose `Decide` does what the order is called.
#[derive(Clone)]
struct StandIn {
    /// Told when a hanging call has begun.
    entered: mpsc::UnboundedSender<()>,
    /// Lets hanging calls go on.
    released: Arc<Notify>,
}

#[tonic::async_trait]
impl DecisionService for StandIn {
    async fn decide(
        &self,
        request: Request<pb::DecideRequest>,
    ) -> Result<Response<pb::DecideResponse>, Status> {
        let left = request.extensions().get::<Deadline>().map(|it| it.left());
        let caller = request.extensions().get::<Caller>().cloned();
        let pb::DecideRequest {
            order, request_id, ..
        } = request.into_inner();
        let order_id = order.map(|order| order.order_id).unwrap_or_default();
        let says = |request_id: String| {
            Ok(Response::new(pb::DecideResponse {
                decision: None,
                request_id,
            }))
        };
        match order_id.as_str() {
            "panics" => panic!("as asked"),
            "hangs" => {
                self.entered.send(()).unwrap();
                self.released.notified().await;
                says(request_id)
            }
            "faulty" => Err(status::invalid([
                ("order.items[2].quantity", "must be 1 to 10000"),
                ("order.currency_code", "has no rate"),
            ])),
            "leaky" => Err(Status::unknown("disk /dev/sda1 says no")),
            "gone" => Err(status::unavailable(
                "try again",
                Duration::from_millis(1_500),
            )),
            "who" => says(caller.map(|it| it.name().to_owned()).unwrap_or_default()),
            "deadline" => says(left.unwrap_or_default().as_millis().to_string()),
            _ => says(request_id),
        }
    }

    async fn decide_batch(
        &self,
        request: Request<pb::DecideBatchRequest>,
    ) -> Result<Response<pb::DecideBatchResponse>, Status> {
        let left = request.extensions().get::<Deadline>().unwrap().left();
        Err(Status::not_found(left.as_secs().to_string()))
    }

    async fn get_decision(
        &self,
        _: Request<pb::GetDecisionRequest>,
    ) -> Result<Response<pb::GetDecisionResponse>, Status> {
        Err(Status::not_found("no such decision"))
    }

    async fn list_decisions(
        &self,
        _: Request<pb::ListDecisionsRequest>,
    ) -> Result<Response<pb::ListDecisionsResponse>, Status> {
        Ok(Response::new(pb::ListDecisionsResponse::default()))
    }

    async fn replay_decision(
        &self,
        _: Request<pb::ReplayDecisionRequest>,
    ) -> Result<Response<pb::ReplayDecisionResponse>, Status> {
        Err(status::because(
            tonic::Code::FailedPrecondition,
            "NOT_LATEST",
            "not the latest revision",
        ))
    }

    async fn choose_alternative(
        &self,
        _: Request<pb::ChooseAlternativeRequest>,
    ) -> Result<Response<pb::ChooseAlternativeResponse>, Status> {
        Err(Status::unimplemented("comes later"))
    }

    async fn review_decision(
        &self,
        _: Request<pb::ReviewDecisionRequest>,
    ) -> Result<Response<pb::ReviewDecisionResponse>, Status> {
        Err(Status::already_exists("reviewed"))
    }
}

/// A running server; dropped, it is gone at once.
struct Server {
    calls: SocketAddr,
    pages: SocketAddr,
    health: Health,
    writable: watch::Sender<bool>,
    entered: mpsc::UnboundedReceiver<()>,
    released: Arc<Notify>,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinSet<Result<Drained, Error>>,
}

impl Server {
    async fn start(settings: Settings) -> Self {
        let access = Access::open();
        let free = SocketAddr::from(([127, 0, 0, 1], 0));
        let calls = listen(free, &access).await.unwrap();
        let pages = listen_for_pages(free).await.unwrap();
        let (entering, entered) = mpsc::unbounded_channel();
        let released = Arc::new(Notify::new());
        let service = StandIn {
            entered: entering,
            released: Arc::clone(&released),
        };
        let (writable, told) = watch::channel(true);
        let health = Health::new(service_names().unwrap(), told);
        let services = Services {
            routes: Routes::new(DecisionServiceServer::new(service)),
            health: health.clone(),
            metrics: Arc::new(Metrics::new(
                prometheus_client::registry::Registry::default(),
            )),
            access,
        };
        let (stop, stopped) = oneshot::channel();
        let mut server = Self {
            calls: calls.local_addr().unwrap(),
            pages: pages.local_addr().unwrap(),
            health,
            writable,
            entered,
            released,
            stop: Some(stop),
            serving: JoinSet::new(),
        };
        let listeners = Listeners {
            calls,
            pages: Some(pages),
        };
        server.serving.spawn(async move {
            serve(listeners, services, settings, async move {
                let _stopped = stopped.await;
            })
            .await
        });
        server
    }

    async fn channel(&self) -> Channel {
        let address = format!("http://{}", self.calls);
        Endpoint::from_shared(address)
            .unwrap()
            .connect()
            .await
            .unwrap()
    }

    async fn client(&self) -> DecisionServiceClient<Channel> {
        DecisionServiceClient::new(self.channel().await)
    }

    /// Asks the server to stop; how it ended is for `ended` to tell.
    fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    async fn ended(&mut self) -> Drained {
        self.serving.join_next().await.unwrap().unwrap().unwrap()
    }

    /// One HTTP/1.1 request on a connection of its own.
    async fn http(&self, address: SocketAddr, head: &str, body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let length = body.len();
        let head = format!(
            "{head}\r\nhost: here\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        Answer::new(&String::from_utf8(answer).unwrap())
    }

    /// One JSON call of a method of `DecisionService`.
    async fn json(&self, method: &str, body: &str) -> Answer {
        let head = format!(
            "POST /doorstep.v1.DecisionService/{method} HTTP/1.1\r\n\
             content-type: application/json; charset=utf-8"
        );
        self.http(self.calls, &head, body.as_bytes()).await
    }
}

/// An HTTP answer.
#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn new(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap();
        Self {
            status: status.parse().unwrap(),
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// An order that makes the stand-in do what it is called.
fn order(name: &str) -> pb::DecideRequest {
    pb::DecideRequest {
        order: Some(pb::Order {
            order_id: name.to_owned(),
            ..pb::Order::default()
        }),
        request_id: "r1".to_owned(),
        ..pb::DecideRequest::default()
    }
}
