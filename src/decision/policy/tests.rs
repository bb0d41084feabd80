use super::{DEFAULT, Policy};

#[test]
fn the_default_policy_loads() {
    let policy = Policy::load(DEFAULT);
    let problems = policy.as_ref().err().cloned().unwrap_or_default();
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{lines:#?}");
    let policy = policy.unwrap();
    assert_eq!(policy.version.id, "default");
    let notes: Vec<String> = policy.notes().iter().map(ToString::to_string).collect();
    assert_eq!(notes.len(), 3, "{notes:#?}");
}
