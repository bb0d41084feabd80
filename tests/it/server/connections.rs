//! Silent connections, too many connections, and the drain with everything open that can be.

use doorstep::api::health::Cause;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::*;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const SOON: Duration = Duration::from_millis(20);
const NEVER: Duration = Duration::from_secs(3_600);

/// Resolves once the server has closed the connection.
async fn closed(stream: &mut TcpStream) {
    let mut rest = Vec::new();
    // A reset closes too.
    let _closed = stream.read_to_end(&mut rest).await;
}

#[tokio::test]
async fn connections_that_never_finish_their_greeting_are_closed() {
    let server = Server::start(Settings {
        greeting_max: SOON,
        header_max: SOON,
        keepalive_every: SOON,
        keepalive_max: SOON,
        ..Settings::default()
    })
    .await;
    for greeting in [
        "",
        "PRI * HTTP/2.0",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "P",
        "POST /doorstep.v1.DecisionService/Decide HTTP/1.1\r\nhost: h",
        // Settings, and then half a header frame.
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\0\0\x20\x01\0\0\0\0\x01ab",
    ] {
        let mut stream = TcpStream::connect(server.calls).await.unwrap();
        stream.write_all(greeting.as_bytes()).await.unwrap();
        closed(&mut stream).await;
    }
}

#[tokio::test]
async fn one_connection_too_many_is_closed_at_once() {
    let server = Server::start(Settings {
        connections_max: 1,
        greeting_max: NEVER,
        ..Settings::default()
    })
    .await;
    let mut client = server.client().await;
    client.decide(order("fine")).await.unwrap();
    let mut stream = TcpStream::connect(server.calls).await.unwrap();
    closed(&mut stream).await;
    client.decide(order("fine")).await.unwrap();
}

#[tokio::test]
async fn a_drain_waits_for_no_silent_connection() {
    let mut server = Server::start(Settings {
        greeting_max: NEVER,
        drain_pause: Duration::ZERO,
        drain_max: NEVER,
        ..Settings::default()
    })
    .await;
    let mut silent = TcpStream::connect(server.calls).await.unwrap();
    let mut half = TcpStream::connect(server.calls).await.unwrap();
    half.write_all(PREFACE).await.unwrap();
    server.client().await.decide(order("fine")).await.unwrap();
    server.stop();
    assert_eq!(server.ended().await, Drained { dropped: 0 });
    closed(&mut silent).await;
    closed(&mut half).await;
    assert!(TcpStream::connect(server.calls).await.is_err());
}

#[tokio::test]
async fn a_call_in_flight_is_answered_and_new_ones_meanwhile_until_the_pause_ends() {
    let mut server = Server::start(Settings {
        drain_pause: SOON,
        drain_max: NEVER,
        ..Settings::default()
    })
    .await;
    let mut client = server.client().await;
    let mut other = client.clone();
    let mut calls = JoinSet::new();
    calls.spawn(async move { client.decide(order("hangs")).await });
    server.entered.recv().await.unwrap();
    server.stop();
    while server.health.cause() != Some(Cause::Draining) {
        tokio::task::yield_now().await;
    }
    // Answered while we pause, or refused after it: never anything else.
    let meanwhile = other.decide(order("fine")).await;
    let code = meanwhile.map_or_else(|refused| refused.code(), |_| Code::Ok);
    assert!([Code::Ok, Code::Unavailable].contains(&code), "{code}");
    server.released.notify_one();
    let answer = calls.join_next().await.unwrap().unwrap().unwrap();
    assert_eq!(answer.get_ref().request_id, "r1");
    assert_eq!(server.ended().await, Drained { dropped: 0 });
}

#[tokio::test]
async fn a_drain_ends_at_its_limit_whatever_is_in_flight() {
    let mut server = Server::start(Settings {
        drain_pause: NEVER,
        drain_max: SOON,
        ..Settings::default()
    })
    .await;
    let mut client = server.client().await;
    let mut calls = JoinSet::new();
    calls.spawn(async move { client.decide(order("hangs")).await });
    server.entered.recv().await.unwrap();
    server.stop();
    assert_eq!(server.ended().await, Drained { dropped: 1 });
    let refused = calls.join_next().await.unwrap().unwrap().unwrap_err();
    assert_ne!(refused.code(), Code::Ok);
}

#[tokio::test]
async fn an_open_watch_hears_that_we_drain_and_is_ended() {
    let mut server = Server::start(Settings {
        drain_pause: SOON,
        drain_max: NEVER,
        ..Settings::default()
    })
    .await;
    let mut client = HealthClient::new(server.channel().await);
    let request = HealthCheckRequest::default();
    let mut watched = client.watch(request).await.unwrap().into_inner();
    let first = watched.message().await.unwrap().unwrap();
    assert_eq!(first.status(), ServingStatus::Serving);
    server.stop();
    let second = watched.message().await.unwrap().unwrap();
    assert_eq!(second.status(), ServingStatus::NotServing);
    let end = watched.message().await.unwrap_err();
    assert_eq!(end.code(), Code::Unavailable);
    assert_eq!(server.ended().await, Drained { dropped: 0 });
}

#[tokio::test]
async fn the_pages_are_answered_while_we_drain() {
    let mut server = Server::start(Settings {
        drain_max: NEVER,
        drain_pause: SOON,
        ..Settings::default()
    })
    .await;
    let mut client = server.client().await;
    let mut calls = JoinSet::new();
    calls.spawn(async move { client.decide(order("hangs")).await });
    server.entered.recv().await.unwrap();
    server.stop();
    while server.health.cause() != Some(Cause::Draining) {
        tokio::task::yield_now().await;
    }
    let ready = server.http(server.pages, "GET /readyz HTTP/1.1", b"").await;
    assert_eq!((ready.status, ready.body.as_str()), (503, "draining\n"));
    server.released.notify_one();
    calls.join_next().await.unwrap().unwrap().unwrap();
    server.ended().await;
}

#[tokio::test]
async fn an_address_that_others_can_reach_or_that_is_taken_is_refused() {
    let access = Access::open();
    let open = SocketAddr::from(([0, 0, 0, 0], 0));
    assert!(matches!(
        listen(open, &access).await,
        Err(Error::NotLoopback(_))
    ));
    let server = Server::start(Settings::default()).await;
    assert!(matches!(
        listen(server.calls, &access).await,
        Err(Error::Listen { address, .. }) if address == server.calls
    ));
}
