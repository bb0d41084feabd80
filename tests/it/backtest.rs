//! `backtest` as people use it: beside a running server, and asked of it; what cannot be is said with what would be right.

use std::fs;

use doorstep::api::wire::pb;
use doorstep::domain::units::Digest;
use pb::backtest_policy_request::Candidate;
use pb::policy_service_client::PolicyServiceClient;
use serde_json::Value;
use tonic::{Code, Status};

use crate::place::{Place, Serving};

const DEFAULT: &str = include_str!("../../models/policy.toml");

/// The shipped policy, by which a customer's bother counts for little.
fn strict() -> String {
    let (from, to) = ("otp = 0.40", "otp = 0.02");
    assert!(DEFAULT.contains(from));
    DEFAULT
        .replace(from, to)
        .replace("id = \"default\"", "id = \"strict\"")
}

/// A server with a small world's orders.
fn played(place: &Place) -> Serving {
    let serving = place.serve(&["--clock", "driven"]);
    let server = serving.grpc.clone();
    let world = ["simulate", "--orders", "150", "--days", "30", "--server"];
    place.run(&[&world[..], &[&server]].concat()).ended(0);
    serving
}

fn json(place: &Place, args: &[&str]) -> Value {
    let ran = place.run(&[&["backtest", "--format", "json"], args].concat());
    serde_json::from_str(&ran.ended(0).out).unwrap()
}

/// What the server tells, the report last.
async fn asked(
    serving: &Serving,
    request: pb::BacktestPolicyRequest,
) -> Result<Vec<pb::BacktestPolicyResponse>, Status> {
    let address = format!("http://{}", serving.grpc);
    let mut client = PolicyServiceClient::connect(address).await.unwrap();
    let mut answers = client.backtest_policy(request).await?.into_inner();
    let mut all = Vec::new();
    while let Some(answer) = answers.message().await? {
        all.push(answer);
    }
    Ok(all)
}

#[tokio::test]
async fn the_command_and_the_server_tell_the_same_on_any_number_of_threads() {
    let place = Place::new();
    let serving = played(&place);
    let policy = place.file("strict.toml", &strict());
    let told = json(&place, &["--policy", &policy, "--threads", "1"]);
    assert_eq!(told, json(&place, &["--policy", &policy, "--threads", "3"]));
    assert_eq!(told["reproduced"]["identical"], told["decisions"]);
    assert_eq!(told["reproduced"]["different"], 0);
    assert!(told["moved"].as_u64().unwrap() > 0, "{told:#}");

    let request = pb::BacktestPolicyRequest {
        candidate: Some(Candidate::PolicyToml(strict())),
        ..Default::default()
    };
    let mut answers = asked(&serving, request.clone()).await.unwrap();
    let report = answers.pop().unwrap().report.unwrap();
    assert!(
        answers
            .iter()
            .all(|it| it.report.is_none() && it.done <= it.total)
    );
    assert_eq!(Value::from(report.decisions), told["decisions"]);
    assert_eq!(report.reproduced, report.decisions);
    assert_eq!(report.policy.unwrap().id, "strict");
    let transitions = told["transitions"].as_array().unwrap();
    assert_eq!(report.transitions.len(), transitions.len());
    for (one, other) in report.transitions.iter().zip(transitions) {
        assert_eq!(Value::from(one.orders), other["orders"], "{one:?}");
        let name = pb::Action::try_from(one.to).unwrap().as_str_name();
        assert_eq!(name.strip_prefix("ACTION_"), other["to"].as_str());
    }
    assert!(!report.costs.is_empty() && !report.segments.is_empty());

    let active = asked(&serving, pb::BacktestPolicyRequest::default())
        .await
        .unwrap();
    let report = active.last().unwrap().report.clone().unwrap();
    assert!(
        report.transitions.iter().all(|it| it.from == it.to),
        "{report:?}"
    );

    let early = Some(prost_types::Timestamp {
        seconds: 946_684_801,
        nanos: 0,
    });
    let cases = [
        (
            "an empty period",
            pb::BacktestPolicyRequest {
                to_at: early,
                ..request.clone()
            },
            Code::InvalidArgument,
        ),
        (
            "a policy that does not load",
            pb::BacktestPolicyRequest {
                candidate: Some(Candidate::PolicyToml("id = 1".to_owned())),
                ..Default::default()
            },
            Code::InvalidArgument,
        ),
        (
            "an unknown digest",
            pb::BacktestPolicyRequest {
                candidate: Some(Candidate::PolicyDigest("0".repeat(64))),
                ..Default::default()
            },
            Code::NotFound,
        ),
        (
            "an unknown scorecard",
            pb::BacktestPolicyRequest {
                model_name: "nobody".to_owned(),
                ..request
            },
            Code::InvalidArgument,
        ),
    ];
    for (name, request, code) in cases {
        let refused = asked(&serving, request).await.unwrap_err();
        assert_eq!(refused.code(), code, "{name}: {refused:?}");
    }
}

#[test]
fn the_report_is_a_table_a_page_and_a_list_of_decisions() {
    let place = Place::new();
    drop(played(&place));
    let policy = place.file("strict.toml", &strict());
    let (page, ids) = (place.path("page.html"), place.path("ids.csv"));
    let (page, ids) = (page.display().to_string(), ids.display().to_string());
    let ran = place
        .run(&[
            "backtest", "--policy", &policy, "--html", &page, "--ids", &ids,
        ])
        .ended(0);
    for words in [
        "identical to the record",
        "customers asked at least once",
        "dwelling",
    ] {
        assert!(ran.out.contains(words), "{words}: {}", ran.out);
    }
    let page = fs::read_to_string(page).unwrap();
    assert!(
        page.contains("<h2>By segment</h2>") && !page.contains("http"),
        "{page}"
    );
    let told = json(&place, &["--policy", &policy]);
    let lines = fs::read_to_string(ids).unwrap().lines().count() - 1;
    assert_eq!(Value::from(lines), told["all"]["orders"]);
    let moved = told["transitions"].as_array().unwrap().iter();
    let moved: usize = moved
        .filter(|it| it["from"] != it["to"])
        .map(|it| it["decision_ids"].as_array().unwrap().len())
        .sum();
    assert_eq!(Value::from(moved), told["moved"]);

    let nowhere = place.path("no/such/folder.csv").display().to_string();
    let cases: [(&[&str], i32, &str); 7] = [
        (&["--ids", &nowhere], 4, "folder.csv: cannot be written: "),
        (&["--threads", "0"], 2, "0 is not in 1..=256"),
        (
            &["--to", "2001-01-01"],
            3,
            "those recorded were made from 2025-01-01",
        ),
        (
            &["--from", "2026-01-01", "--to", "2025-01-01"],
            2,
            "--from must be before --to",
        ),
        (&["--digest", &"0".repeat(64)], 2, "--digest: no policy"),
        (
            &["--model", "nobody"],
            2,
            "no scorecard `nobody` is built in",
        ),
        (
            &["--loss-cap", "0"],
            2,
            "--loss-cap: 0 must be an amount above 0",
        ),
    ];
    for (args, code, words) in cases {
        let ran = place.run(&[&["backtest"], args].concat()).ended(code);
        assert!(ran.err.contains(words), "{args:?}: {}", ran.err);
    }
    let empty = Place::new();
    let ran = empty.run(&["backtest"]).ended(4);
    assert!(
        ran.err.contains("cannot use the data directory"),
        "{}",
        ran.err
    );
}

/// Two policies whose digests begin with the same four digits, and those.
fn alike() -> ([String; 2], String) {
    let mut seen = std::collections::BTreeMap::new();
    let texts = (0..).map(|place| strict() + &format!("# {place}\n"));
    for text in texts {
        let mut digits = Digest::of(text.as_bytes()).to_string();
        digits.truncate(4);
        if let Some(other) = seen.insert(digits.clone(), text.clone()) {
            return ([other, text], digits);
        }
    }
    unreachable!("texts do not end")
}

#[test]
fn a_candidate_that_is_kept_goes_by_its_name_its_digest_and_the_beginning_of_it() {
    let place = Place::new();
    drop(played(&place));
    let (texts, digits) = alike();
    let [one, other] = texts.map(|text| Digest::of(text.as_bytes()).to_string() + &text);
    for text in [&one, &other] {
        let file = place.file("proposed.toml", &text[64..]);
        place.run(&["policy", "propose", &file]).ended(0);
    }
    let told = json(&place, &["--digest", &one[..64]]);
    assert_eq!(told["policy"]["digest"], one[..64]);
    let more = (4..).find(|to| one[..*to] != other[..*to]).unwrap();
    assert_eq!(told, json(&place, &["--digest", &one[..more]]));
    let other = json(&place, &["--digest", &other[..more]]);
    assert_eq!(other["transitions"], told["transitions"]);
    assert_eq!(
        json(&place, &["--digest", "strict"])["policy"]["id"],
        "strict"
    );

    for command in [&["backtest", "--digest"][..], &["policy", "show"]] {
        let ran = place.run(&[command, &[&digits]].concat()).ended(2);
        let words = format!("several policies begin with `{digits}`");
        assert!(ran.err.contains(&words), "{}", ran.err);
        assert!(ran.err.contains(&one[..64]), "{}", ran.err);
    }
}
