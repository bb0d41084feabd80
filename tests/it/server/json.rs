//! JSON over HTTP, on the port of gRPC.

use serde_json::{Value, json};

use super::*;

#[tokio::test]
async fn a_call_goes_in_and_out_as_json_in_either_spelling() {
    let server = Server::start(Settings::default()).await;
    for body in [
        r#"{"order": {"order_id": "fine"}, "request_id": "r7"}"#,
        r#"{"order": {"orderId": "fine"}, "requestId": "r7", "mode": "MODE_UNSPECIFIED"}"#,
    ] {
        let answer = server.json("Decide", body).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (200, r#"{"request_id":"r7"}"#)
        );
        assert!(
            answer.head.contains("content-type: application/json"),
            "{}",
            answer.head
        );
        assert!(answer.head.contains("x-request-id: "), "{}", answer.head);
    }
    // Fields that are not set are written, where they have no presence.
    let answer = server.json("ListDecisions", "{}").await;
    assert_eq!(
        answer.json(),
        json!({"decisions": [], "next_page_token": ""})
    );
}

#[tokio::test]
async fn health_is_a_call_like_any_other() {
    let server = Server::start(Settings::default()).await;
    let head = "POST /grpc.health.v1.Health/Check HTTP/1.1\r\ncontent-type: application/json";
    let answer = server.http(server.calls, head, b"{}").await;
    assert_eq!(answer.json(), json!({"status": "SERVING"}));
}

#[tokio::test]
async fn bad_json_is_refused_with_its_place() {
    let server = Server::start(Settings::default()).await;
    let check = async |body: &str, expected: &[&str]| {
        let answer = server.json("Decide", body).await;
        let found = answer.json();
        assert_eq!(
            (answer.status, &found["code"]),
            (400, &json!("invalid_argument")),
            "{body}"
        );
        for part in expected {
            assert!(
                found["message"].as_str().unwrap().contains(part),
                "{body}: {found}"
            );
        }
    };
    check("{\n  \"ordr\": {}}", &["ordr", "line 2 column"]).await;
    check(r#"{"order": {"order_id": 7}}"#, &["line 1 column"]).await;
    check(
        r#"{"mode": "MODE_GUESS"}"#,
        &["MODE_GUESS", "line 1 column"],
    )
    .await;
    check("{", &["line 1 column 1"]).await;
    check("{} {}", &["trailing characters", "line 1 column 4"]).await;
    check("", &["line 1 column 0"]).await;
    check("[]", &["line 1 column"]).await;
    check(&"[".repeat(1_000), &["line 1 column"]).await;
    let large = format!("{{\"request_id\": \"{}\"}}", "x".repeat(1 << 20));
    check(&large, &["larger than 1048576 bytes"]).await;
}

#[tokio::test]
async fn refusals_have_the_shape_of_connect() {
    let server = Server::start(Settings::default()).await;
    let check = async |method: &str, body: &str, status: u16, code: &str| {
        let answer = server.json(method, body).await;
        let found = answer.json();
        assert_eq!(
            (answer.status, &found["code"]),
            (status, &json!(code)),
            "{method}: {found}"
        );
        assert!(
            found["message"].is_string() && found["details"].is_array(),
            "{found}"
        );
        answer
    };
    check("GetDecision", "{}", 404, "not_found").await;
    check("ChooseAlternative", "{}", 501, "unimplemented").await;
    check("ReviewDecision", "{}", 409, "already_exists").await;
    check(
        "Decide",
        r#"{"order": {"order_id": "panics"}}"#,
        500,
        "internal",
    )
    .await;
    let answer = check("ReplayDecision", "{}", 400, "failed_precondition").await;
    let detail = answer.json()["details"][0].clone();
    assert_eq!(detail["type"], "google.rpc.ErrorInfo");
    assert_eq!(detail["debug"]["reason"], "NOT_LATEST");

    let gone = r#"{"order": {"order_id": "gone"}}"#;
    let answer = check("Decide", gone, 503, "unavailable").await;
    assert!(answer.head.contains("retry-after: 2"), "{}", answer.head);
    assert_eq!(
        answer.json()["details"][0]["debug"]["retry_delay"],
        "1.500s"
    );

    let faulty = r#"{"order": {"order_id": "faulty"}}"#;
    let answer = check("Decide", faulty, 400, "invalid_argument").await;
    let faults = &answer.json()["details"][0]["debug"]["field_violations"];
    let paths: Vec<&Value> = (0..2).map(|at| &faults[at]["field"]).collect();
    assert_eq!(paths, ["order.items[2].quantity", "order.currency_code"]);
    // Base64 without padding, as Connect clients decode it.
    let value = answer.json()["details"][0]["value"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(value.len() > 40 && !value.ends_with('='), "{value}");
}

#[tokio::test]
async fn a_deadline_in_milliseconds_is_kept() {
    let mut server = Server::start(Settings::default()).await;
    let head = "POST /doorstep.v1.DecisionService/Decide HTTP/1.1\r\n\
                content-type: application/json\r\nconnect-timeout-ms: 20";
    let body = br#"{"order": {"order_id": "hangs"}}"#;
    let answer = server.http(server.calls, head, body).await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (504, &json!("deadline_exceeded"))
    );
    server.entered.recv().await.unwrap();
}

#[tokio::test]
async fn what_is_no_call_is_told_so() {
    let server = Server::start(Settings::default()).await;
    let decide = "/doorstep.v1.DecisionService/Decide HTTP/1.1\r\n";
    let check = async |head: String, status: u16| {
        let answer = server.http(server.calls, &head, b"{}").await;
        assert_eq!(answer.status, status, "{head}: {answer:?}");
        assert!(answer.json()["code"].is_string(), "{answer:?}");
        answer
    };
    let answer = check(format!("GET {decide}content-type: application/json"), 405).await;
    assert!(answer.head.contains("allow: post"), "{}", answer.head);
    check(format!("PUT {decide}content-type: application/json"), 405).await;
    check(format!("POST {decide}content-type: text/plain"), 415).await;
    check(
        format!("POST {decide}content-type: application/grpc-web"),
        415,
    )
    .await;
    check(format!("POST {decide}accept: */*"), 415).await;
    check("GET / HTTP/1.1".to_owned(), 404).await;
    let other = "/doorstep.v1.ExperimentService/GetReport HTTP/1.1";
    check(
        format!("POST {other}\r\ncontent-type: application/json"),
        404,
    )
    .await;
    for streaming in [
        "grpc.health.v1.Health/Watch",
        "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    ] {
        let head = format!("POST /{streaming} HTTP/1.1\r\ncontent-type: application/json");
        check(head, 501).await;
    }
    let zipped = "content-type: application/json\r\ncontent-encoding: gzip";
    check(format!("POST {decide}{zipped}"), 501).await;
    let old = "content-type: application/json\r\nconnect-protocol-version: 0";
    check(format!("POST {decide}{old}"), 400).await;
}

#[tokio::test]
async fn protobuf_without_grpc_is_understood() {
    let server = Server::start(Settings::default()).await;
    let head = "POST /doorstep.v1.DecisionService/Decide HTTP/1.1\r\n\
                content-type: application/proto";
    let body = prost::Message::encode_to_vec(&order("fine"));
    let answer = server.http(server.calls, head, &body).await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (200, "\u{12}\u{2}r1")
    );
    let answer = server
        .http(server.calls, head, b"secret, no protobuf")
        .await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (400, &json!("invalid_argument"))
    );
}
