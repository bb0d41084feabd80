//! Limits of one call, over gRPC: size, form, time, places, panics.

use bytes::{BufMut as _, Bytes, BytesMut};
use http_body_util::Full;
use tonic::Code;
use tonic::body::Body;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;
use tower::ServiceExt as _;

use super::*;

const DECIDE: &str = "/doorstep.v1.DecisionService/Decide";

/// Sends `message` as it is, in one frame, with `headers`; what comes back.
async fn raw(channel: &Channel, path: &str, message: &[u8], headers: &[(&str, &str)]) -> Status {
    raw_frame(channel, path, framed(message), headers).await
}

fn framed(message: &[u8]) -> Bytes {
    let mut frame = BytesMut::new();
    frame.put_u8(0);
    frame.put_u32(message.len().try_into().unwrap());
    frame.extend_from_slice(message);
    frame.freeze()
}

async fn raw_frame(
    channel: &Channel,
    path: &str,
    frame: Bytes,
    headers: &[(&str, &str)],
) -> Status {
    let mut request = http::Request::post(path)
        .header("content-type", "application/grpc")
        .header("te", "trailers");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::new(Full::new(frame))).unwrap();
    let response = channel.clone().oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    assert_eq!(head.status, 200, "{path}");
    assert!(head.headers.contains_key("x-request-id"), "{path}");
    Status::from_header_map(&head.headers)
        .unwrap_or_else(|| panic!("{path}: no status in the headers, and {body:?} after them"))
}

#[tokio::test]
async fn bad_messages_are_the_callers_fault_and_none_of_their_content_comes_back() {
    let server = Server::start(Settings::default()).await;
    let channel = server.channel().await;
    let check = async |message: Vec<u8>, expected: &str| {
        let found = raw(&channel, DECIDE, &message, &[]).await;
        assert_eq!(found.code(), Code::InvalidArgument, "{found:?}");
        assert!(found.message().contains(expected), "{found:?}");
    };
    check(vec![b'x'; (1 << 20) + 1], "larger than 1048576 bytes").await;
    check(vec![b'x'; 5 << 20], "larger than 1048576 bytes").await;
    check(vec![0xff; 1 << 20], "no valid protobuf").await;
    check(b"secret, and no protobuf".to_vec(), "no valid protobuf").await;
    // Bad UTF-8 in `request_id`.
    check(vec![0x22, 2, 0xff, 0xfe], "no valid protobuf").await;
    // A group inside a group, a thousand deep.
    check(vec![0x7b; 1_000], "no valid protobuf").await;
    let check = async |frame: &'static [u8], expected: Code| {
        let found = raw_frame(&channel, DECIDE, Bytes::from_static(frame), &[]).await;
        assert_eq!(found.code(), expected, "{frame:?} {found:?}");
    };
    check(b"", Code::InvalidArgument).await;
    check(b"\0\0\0\0\x05abc", Code::InvalidArgument).await;
    check(b"\0\0\0\0\0\0\0\0\0\0", Code::InvalidArgument).await;
    check(b"\x01\0\0\0\x01a", Code::Unimplemented).await;
}

#[tokio::test]
async fn the_largest_message_is_taken() {
    let server = Server::start(Settings::default()).await;
    let mut request = order("fine");
    request.policy_version = "x".repeat((1 << 20) - 100);
    let mut client = server.client().await;
    client.decide(request).await.unwrap();
}

#[tokio::test]
async fn odd_headers_and_paths_get_a_status_of_their_own() {
    let server = Server::start(Settings::default()).await;
    let channel = server.channel().await;
    let long = "x".repeat(17 << 10);
    let check = async |path: &str, headers: &[(&str, &str)], expected: Code| {
        let found = raw(&channel, path, b"", headers).await;
        assert_eq!(found.code(), expected, "{path} {found:?}");
    };
    check(DECIDE, &[("x-long", &long)], Code::InvalidArgument).await;
    check(DECIDE, &[("grpc-timeout", "soon")], Code::InvalidArgument).await;
    check(DECIDE, &[("grpc-encoding", "gzip")], Code::Unimplemented).await;
    check(
        "/doorstep.v1.DecisionService/Guess",
        &[],
        Code::Unimplemented,
    )
    .await;
    check(
        "/doorstep.v1.PolicyService/CheckPolicy",
        &[],
        Code::Unimplemented,
    )
    .await;
    check(
        "/doorstep.v1.HistoryService/GetProfile",
        &[],
        Code::Unimplemented,
    )
    .await;
    check("/", &[], Code::Unimplemented).await;
}

#[tokio::test]
async fn the_service_is_told_who_calls_and_until_when() {
    let mut settings = Settings::default();
    settings.limits.call_max = Duration::from_secs(1_000);
    settings.limits.batch_max = Duration::from_secs(9_000);
    let server = Server::start(settings).await;
    let mut client = server.client().await;
    let answer = client.decide(order("who")).await.unwrap();
    assert_eq!(answer.get_ref().request_id, "dev");
    let mut left = async |asked: Option<u64>| {
        let mut request = Request::new(order("deadline"));
        if let Some(asked) = asked {
            request.set_timeout(Duration::from_secs(asked));
        }
        let answer = client.decide(request).await.unwrap().into_inner();
        answer.request_id.parse::<u64>().unwrap()
    };
    assert!((1..=500_000).contains(&left(Some(500)).await));
    assert!((500_001..=1_000_000).contains(&left(None).await));
    assert!((500_001..=1_000_000).contains(&left(Some(8_000)).await));
    let mut client = server.client().await;
    let batch = client.decide_batch(pb::DecideBatchRequest::default()).await;
    let left: u64 = batch.unwrap_err().message().parse().unwrap();
    assert!((1_001..=9_000).contains(&left), "{left}");
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_late_and_not_cancelled() {
    let mut settings = Settings::default();
    settings.limits.call_max = Duration::from_millis(20);
    let mut server = Server::start(settings).await;
    let mut client = server.client().await;
    let late = client.decide(order("hangs")).await.unwrap_err();
    assert_eq!(late.code(), Code::DeadlineExceeded, "{late:?}");
    server.entered.recv().await.unwrap();
    // The caller's own deadline, where it is the shorter. A client that keeps it by itself would
    // hide that we do, so the call goes out by hand.
    let mut server = Server::start(Settings::default()).await;
    let head =
        format!("POST {DECIDE} HTTP/1.1\r\ncontent-type: application/grpc\r\ngrpc-timeout: 20m");
    let frame = framed(&prost::Message::encode_to_vec(&order("hangs")));
    let late = server.http(server.calls, &head, &frame).await;
    assert!(late.head.contains("grpc-status: 4"), "{}", late.head);
    server.entered.recv().await.unwrap();
}

#[tokio::test]
async fn a_call_without_a_place_is_told_when_to_come_again_and_health_is_answered() {
    let mut settings = Settings::default();
    settings.limits.in_flight_max = 1;
    let mut server = Server::start(settings).await;
    let mut client = server.client().await;
    let mut calls = JoinSet::new();
    let mut first = client.clone();
    calls.spawn(async move { first.decide(order("hangs")).await });
    server.entered.recv().await.unwrap();
    let refused = client.decide(order("fine")).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    let wait = refused
        .get_details_retry_info()
        .unwrap()
        .retry_delay
        .unwrap();
    assert!((50..=500).contains(&wait.as_millis()), "{wait:?}");
    let pushback = refused.metadata().get("grpc-retry-pushback-ms").unwrap();
    assert_eq!(pushback.to_str().unwrap(), wait.as_millis().to_string());
    let mut health = HealthClient::new(server.channel().await);
    health.check(HealthCheckRequest::default()).await.unwrap();
    server.released.notify_one();
    calls.join_next().await.unwrap().unwrap().unwrap();
    client.decide(order("fine")).await.unwrap();
}

#[tokio::test]
async fn bytes_that_cannot_be_held_are_refused() {
    let mut settings = Settings::default();
    settings.limits.held_bytes_max = 64;
    let server = Server::start(settings).await;
    let mut client = server.client().await;
    client.decide(order("fine")).await.unwrap();
    let refused = client.decide(order(&"x".repeat(100))).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    client.decide(order("fine")).await.unwrap();
}

#[tokio::test]
async fn a_panic_is_that_calls_alone_and_a_stray_error_says_nothing() {
    let server = Server::start(Settings::default()).await;
    let mut client = server.client().await;
    for name in ["panics", "leaky"] {
        let refused = client.decide(order(name)).await.unwrap_err();
        let found = (refused.code(), refused.message());
        assert_eq!(found, (Code::Internal, "internal error"), "{name}");
        client.decide(order("fine")).await.unwrap();
    }
    let page = server
        .http(server.pages, "GET /metrics HTTP/1.1", b"")
        .await;
    assert!(
        page.body.contains("doorstep_panics_total 1\n"),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn faults_arrive_as_violations() {
    let server = Server::start(Settings::default()).await;
    let mut client = server.client().await;
    let refused = client.decide(order("faulty")).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let faults = refused.get_details_bad_request().unwrap().field_violations;
    let paths: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(paths, ["order.items[2].quantity", "order.currency_code"]);
    let refused = client.decide(order("gone")).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable);
    assert!(refused.get_details_retry_info().is_some());
}

#[tokio::test]
async fn a_request_keeps_the_id_its_caller_gave_it() {
    let server = Server::start(Settings::default()).await;
    let mut client = server.client().await;
    let mut request = Request::new(order("fine"));
    request
        .metadata_mut()
        .insert("x-request-id", "shop-7".parse().unwrap());
    let answer = client.decide(request).await.unwrap();
    assert_eq!(answer.metadata().get("x-request-id").unwrap(), "shop-7");
    let mut request = Request::new(order("fine"));
    request
        .metadata_mut()
        .insert("x-request-id", "jo@example.com".parse().unwrap());
    let answer = client.decide(request).await.unwrap();
    assert_ne!(
        answer.metadata().get("x-request-id").unwrap(),
        "jo@example.com"
    );
}
