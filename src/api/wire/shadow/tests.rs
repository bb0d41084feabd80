//! Requests checked field by field.

use std::collections::BTreeSet;

use super::*;
use crate::domain::units::Timestamp;

const NOW_S: i64 = 1_781_092_800;

fn accepts() -> Accepts {
    Accepts {
        now: Timestamp::from_micros(NOW_S * 1_000_000),
        currencies: BTreeSet::new(),
        driven: false,
    }
}

#[test]
fn what_is_to_judge_is_checked_field_by_field() {
    let check = |what: &str, change: fn(&mut pb::StartShadowRequest), expected: &[&str]| {
        let mut message = pb::StartShadowRequest {
            candidate: Some(Candidate::PolicyDigest("ab".repeat(32))),
            until_at: None,
            note: "why".to_owned(),
        };
        change(&mut message);
        let fields = match start(message, "dev", &accepts()) {
            Ok(start) => {
                assert_eq!(start.principal, "dev", "{what}");
                Vec::new()
            }
            Err(invalid) => invalid.fields.into_iter().map(|(path, _)| path).collect(),
        };
        assert_eq!(fields, expected, "{what}");
    };
    check("a policy", |_| {}, &[]);
    check(
        "a scorecard",
        |it| it.candidate = Some(Candidate::ModelName("prior".to_owned())),
        &[],
    );
    check("neither", |it| it.candidate = None, &["policy_digest"]);
    check(
        "no digest, and a note too long",
        |it| {
            it.candidate = Some(Candidate::PolicyDigest("ab".to_owned()));
            it.note = "x".repeat(501);
        },
        &["policy_digest", "note"],
    );
    check(
        "an empty name",
        |it| it.candidate = Some(Candidate::ModelName(String::new())),
        &["model_name"],
    );
    check(
        "a name that is a path",
        |it| it.candidate = Some(Candidate::ModelName("../keys".to_owned())),
        &["model_name"],
    );
    check(
        "a time that is none",
        |it| {
            it.until_at = Some(prost_types::Timestamp {
                seconds: NOW_S,
                nanos: -1,
            });
        },
        &["until_at"],
    );
    check("a note of two lines", |it| it.note = "a\nb".to_owned(), &[]);
    check(
        "a note with a bell",
        |it| it.note = "\u{7}".to_owned(),
        &["note"],
    );
}

#[test]
fn a_shadow_is_stopped_by_its_name() {
    let ask = |text: &str| {
        stop(pb::StopShadowRequest {
            shadow_id: text.to_owned(),
            note: String::new(),
        })
    };
    assert_eq!(ask("shadow-3").unwrap().0, ShadowId::of(3).unwrap());
    for text in ["", "3", "shadow-03"] {
        assert_eq!(ask(text).unwrap_err().fields[0].0, "shadow_id", "{text}");
    }
}
