//! What others look at: health, both reflections, and the pages of the second listener.

use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::{v1, v1alpha};

use super::*;

fn of(service: &str) -> HealthCheckRequest {
    HealthCheckRequest {
        service: service.to_owned(),
    }
}

#[tokio::test]
async fn health_follows_its_causes_for_every_service() {
    let server = Server::start(Settings::default()).await;
    let mut client = HealthClient::new(server.channel().await);
    let mut watched = client
        .watch(of("doorstep.v1.HistoryService"))
        .await
        .unwrap()
        .into_inner();
    let mut check = async |expected: ServingStatus| {
        for service in [
            "",
            "doorstep.v1.DecisionService",
            "doorstep.v1.HistoryService",
            "doorstep.v1.PolicyService",
        ] {
            let answer = client.check(of(service)).await.unwrap();
            assert_eq!(answer.get_ref().status(), expected, "{service}");
        }
        assert_eq!(watched.message().await.unwrap().unwrap().status(), expected);
    };
    check(ServingStatus::Serving).await;
    server.writable.send_replace(false);
    check(ServingStatus::NotServing).await;
    server.writable.send_replace(true);
    check(ServingStatus::Serving).await;
}

#[tokio::test]
async fn a_service_we_do_not_have_is_not_found_and_its_watch_stays_open() {
    let server = Server::start(Settings::default()).await;
    let mut client = HealthClient::new(server.channel().await);
    let refused = client
        .check(of("doorstep.v1.ExperimentService"))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    let watched = client
        .watch(of("doorstep.v1.ExperimentService"))
        .await
        .unwrap();
    let answer = watched.into_inner().message().await.unwrap().unwrap();
    assert_eq!(answer.status(), ServingStatus::ServiceUnknown);
}

#[tokio::test]
async fn both_reflections_list_what_is_built_and_no_more() {
    let server = Server::start(Settings::default()).await;
    macro_rules! listed {
        ($version:ident) => {{
            use $version::server_reflection_client::ServerReflectionClient;
            use $version::server_reflection_request::MessageRequest;
            use $version::server_reflection_response::MessageResponse;
            let request = $version::ServerReflectionRequest {
                host: String::new(),
                message_request: Some(MessageRequest::ListServices(String::new())),
            };
            let mut client = ServerReflectionClient::new(server.channel().await);
            let requests = tokio_stream::once(request);
            let answers = client.server_reflection_info(requests).await.unwrap();
            let answer = answers.into_inner().message().await.unwrap().unwrap();
            let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
                panic!("{answer:?}");
            };
            let mut names: Vec<_> = list.service.into_iter().map(|it| it.name).collect();
            names.sort();
            names
        }};
    }
    let ours = [
        "doorstep.v1.DecisionService",
        "doorstep.v1.HistoryService",
        "doorstep.v1.PolicyService",
        "grpc.health.v1.Health",
    ];
    let with = |reflection: &'static str| [ours.as_slice(), &[reflection]].concat();
    assert_eq!(listed!(v1), with("grpc.reflection.v1.ServerReflection"));
    assert_eq!(
        listed!(v1alpha),
        with("grpc.reflection.v1alpha.ServerReflection")
    );
}

#[tokio::test]
async fn the_pages_show_what_happened_and_whether_we_are_ready() {
    let server = Server::start(Settings::default()).await;
    let mut client = server.client().await;
    client.decide(order("fine")).await.unwrap();
    client.decide(order("faulty")).await.unwrap_err();
    server.json("GetDecision", "{}").await;
    let get = async |path: &str| {
        let head = format!("GET {path} HTTP/1.1");
        server.http(server.pages, &head, b"").await
    };
    let page = get("/metrics").await;
    assert!(
        page.head.contains("application/openmetrics-text"),
        "{}",
        page.head
    );
    for line in [
        r#"doorstep_calls_total{rpc="doorstep.v1.DecisionService/Decide",code="OK"} 1"#,
        r#"doorstep_calls_total{rpc="doorstep.v1.DecisionService/Decide",code="INVALID_ARGUMENT"} 1"#,
        r#"doorstep_calls_total{rpc="doorstep.v1.DecisionService/GetDecision",code="NOT_FOUND"} 1"#,
        r#"doorstep_call_duration_seconds_count{rpc="doorstep.v1.DecisionService/Decide"} 2"#,
        "doorstep_calls_in_flight 0",
        "doorstep_serving 1",
        "# EOF",
    ] {
        assert!(
            page.body.lines().any(|found| found == line),
            "{line}\n{}",
            page.body
        );
    }
    assert_eq!(
        (get("/livez").await.status, get("/readyz").await.status),
        (200, 200)
    );
    server.writable.send_replace(false);
    assert_eq!(get("/livez").await.status, 200);
    let ready = get("/readyz").await;
    assert_eq!(
        (ready.status, ready.body.as_str()),
        (503, "the store cannot be written\n")
    );
    assert_eq!(get("/").await.status, 404);
    let refused = server
        .http(server.pages, "POST /metrics HTTP/1.1", b"")
        .await;
    assert_eq!(refused.status, 405);
}
