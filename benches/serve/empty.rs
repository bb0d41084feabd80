//! The limit: the same server around a service that does nothing but answer, always the same.

use std::net::SocketAddr;
use std::sync::Arc;

use doorstep::api::auth::Access;
use doorstep::api::health::Health;
use doorstep::api::metrics::Metrics;
use doorstep::api::server::{self, Listeners, Services, Settings};
use doorstep::api::wire::pb;
use pb::decision_service_server::{DecisionService, DecisionServiceServer};
use prost::Message as _;
use tokio::sync::watch;
use tonic::service::Routes;
use tonic::{Request, Response, Status, async_trait};

/// The argument that makes this program the empty server.
pub(super) const WORD: &str = "serve-empty";

/// Says where it listens and serves for ever.
pub(super) async fn serve(answer: &str) {
    let answer = std::fs::read(answer).unwrap();
    let answer = pb::DecideResponse::decode(&*answer).unwrap();
    let access = Access::open();
    let calls = server::listen(SocketAddr::from(([127, 0, 0, 1], 0)), &access).await;
    let calls = calls.unwrap();
    println!("grpc {}", calls.local_addr().unwrap());
    let (_always, writable) = watch::channel(true);
    let services = Services {
        routes: Routes::new(DecisionServiceServer::new(Empty { answer })),
        health: Health::new(server::service_names().unwrap(), writable),
        metrics: Arc::new(Metrics::new(
            prometheus_client::registry::Registry::default(),
        )),
        access,
    };
    let listeners = Listeners { calls, pages: None };
    let served = server::serve(
        listeners,
        services,
        Settings::default(),
        std::future::pending(),
    );
    served.await.unwrap();
}

#[derive(Debug)]
struct Empty {
    answer: pb::DecideResponse,
}

fn nothing<T>() -> Result<Response<T>, Status> {
    Err(Status::unimplemented("empty"))
}

#[async_trait]
impl DecisionService for Empty {
    async fn decide(
        &self,
        _: Request<pb::DecideRequest>,
    ) -> Result<Response<pb::DecideResponse>, Status> {
        Ok(Response::new(self.answer.clone()))
    }

    async fn decide_batch(
        &self,
        request: Request<pb::DecideBatchRequest>,
    ) -> Result<Response<pb::DecideBatchResponse>, Status> {
        let one = |asked: &pb::DecideRequest| pb::DecideResult {
            request_id: asked.request_id.clone(),
            result: self
                .answer
                .decision
                .clone()
                .map(|it| pb::decide_result::Result::Decision(Box::new(it))),
        };
        let results = request.get_ref().requests.iter().map(one).collect();
        Ok(Response::new(pb::DecideBatchResponse { results }))
    }

    async fn get_decision(
        &self,
        _: Request<pb::GetDecisionRequest>,
    ) -> Result<Response<pb::GetDecisionResponse>, Status> {
        nothing()
    }

    async fn list_decisions(
        &self,
        _: Request<pb::ListDecisionsRequest>,
    ) -> Result<Response<pb::ListDecisionsResponse>, Status> {
        nothing()
    }

    async fn replay_decision(
        &self,
        _: Request<pb::ReplayDecisionRequest>,
    ) -> Result<Response<pb::ReplayDecisionResponse>, Status> {
        nothing()
    }

    async fn choose_alternative(
        &self,
        _: Request<pb::ChooseAlternativeRequest>,
    ) -> Result<Response<pb::ChooseAlternativeResponse>, Status> {
        nothing()
    }

    async fn review_decision(
        &self,
        _: Request<pb::ReviewDecisionRequest>,
    ) -> Result<Response<pb::ReviewDecisionResponse>, Status> {
        nothing()
    }
}
