//! Every field that can be wrong, by its path.

use super::{activate, approve, check, get, pb, propose, roll_back};
use crate::api::wire::Invalid;
use crate::domain::units::Digest;
use crate::service::policies::PolicyBy;

/// What is wrong, as `path: fault` with the fault's first word or two.
fn faults<T>(result: Result<T, Invalid>) -> Vec<String> {
    let fields = result.err().map(|it| it.fields).unwrap_or_default();
    let told = fields.into_iter().map(|(path, fault)| {
        let start: Vec<_> = fault.split(' ').take(4).collect();
        format!("{path}: {}", start.join(" "))
    });
    told.collect()
}

fn digest() -> String {
    Digest::of(b"p").to_string()
}

#[test]
fn every_fault_is_told_by_its_path() {
    let text = |toml: String| pb::CheckPolicyRequest { toml };
    assert_eq!(faults(check(text(String::new()))), ["toml: is required"]);
    assert_eq!(
        faults(check(text("x".repeat((1 << 20) + 1)))),
        ["toml: must have at most"]
    );
    let long = pb::ProposePolicyRequest {
        toml: String::new(),
        note: "é".repeat(501),
    };
    assert_eq!(
        faults(propose(long)),
        ["toml: is required", "note: must have at most"]
    );
    let bell = pb::ApprovePolicyRequest {
        digest: "9f31".to_owned(),
        note: "ring \u{7}".to_owned(),
    };
    assert_eq!(
        faults(approve(bell)),
        ["digest: must be 64 hexadecimal", "note: must have at most"]
    );
    assert_eq!(
        faults(activate(pb::ActivatePolicyRequest::default())),
        ["digest: is required", "expected_active_digest: is required"]
    );
    let wrong = pb::RollBackPolicyRequest {
        expected_active_digest: "z".repeat(64),
        note: String::new(),
    };
    assert_eq!(
        faults(roll_back(wrong)),
        ["expected_active_digest: must be 64 hexadecimal"]
    );
    let both = pb::GetPolicyRequest {
        digest: digest(),
        id: "default".to_owned(),
    };
    assert_eq!(faults(get(both)), ["id: only one of digest,"]);
}

#[test]
fn what_is_right_is_read() {
    let by = |digest: &str, id: &str| {
        let (digest, id) = (digest.to_owned(), id.to_owned());
        get(pb::GetPolicyRequest { digest, id }).unwrap()
    };
    assert_eq!(by("", ""), PolicyBy::Active);
    assert_eq!(by("", "default"), PolicyBy::Name("default".to_owned()));
    assert_eq!(by(&digest(), ""), PolicyBy::Digest(Digest::of(b"p")));
    let asked = approve(pb::ApprovePolicyRequest {
        digest: digest().to_uppercase(),
        note: "é".repeat(500),
    });
    let asked = asked.unwrap();
    assert_eq!((asked.of, asked.note.len()), (Digest::of(b"p"), 1_000));
}
