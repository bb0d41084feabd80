//! The trail on disk: whole, in order, never changed, and looked through by `verify`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rusqlite::Connection;
use tempfile::TempDir;

use super::super::FILE;
use crate::decision::lifecycle::{Act, Entry};
use crate::decision::record::Version;
use crate::domain::units::{Digest, Timestamp};
use crate::store::tests::open;
use crate::store::{Line, Store, VersionBy, VersionKind};

fn version(text: &str) -> Version {
    Version {
        id: format!("name of {text}"),
        digest: Digest::of(text.as_bytes()),
    }
}

fn line(at: i64, act: Act, text: &str, replaced: Option<&str>) -> Line {
    Line {
        entry: Entry {
            at: Timestamp::from_micros(at),
            principal: "ana".to_owned(),
            act,
            version: version(text),
            replaced: replaced.map(version),
            note: "because".to_owned(),
        },
        kind: VersionKind::Policy,
        body: (act == Act::Propose).then(|| text.as_bytes().to_vec()),
    }
}

async fn add(store: &Store, line: Line) {
    store.enter(|_| (Some(line), ()), || {}).await.unwrap();
}

/// Proposed, approved, activated.
async fn lived(store: &Store) -> Vec<Entry> {
    let lines = [
        line(1, Act::Propose, "p1", None),
        line(2, Act::Approve, "p1", None),
        line(3, Act::Activate, "p1", Some("p0")),
    ];
    for line in lines.clone() {
        add(store, line).await;
    }
    lines.map(|it| it.entry).to_vec()
}

#[tokio::test]
async fn acts_are_kept_in_order_with_the_text_and_survive_a_restart() {
    let dir = TempDir::new().unwrap();
    let entries = lived(&open(&dir)).await;
    let store = open(&dir);
    assert_eq!(store.trail().await.unwrap(), entries);
    let by = VersionBy::Digest(version("p1").digest);
    let kept = store.version(VersionKind::Policy, by).await.unwrap();
    assert_eq!(kept.unwrap().body.as_deref(), Some(b"p1".as_slice()));
    let verified = store.verify().await.unwrap();
    assert_eq!((verified.acts, verified.findings), (3, Vec::new()));
}

#[tokio::test]
async fn each_piece_of_work_sees_what_those_before_it_added() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    let told = Arc::new(AtomicUsize::new(0));
    let mut waiting = Vec::new();
    for _ in 0..20 {
        let told = Arc::clone(&told);
        let work = |trail: &[Entry]| {
            let at = i64::try_from(trail.len()).unwrap();
            (Some(line(at, Act::StartShadow, "p1", None)), trail.len())
        };
        let durable = move || {
            told.fetch_add(1, Ordering::SeqCst);
        };
        waiting.push(store.enter(work, durable));
    }
    let mut seen = Vec::new();
    for one in waiting {
        seen.push(one.await.unwrap());
    }
    assert_eq!(seen, (0..20).collect::<Vec<_>>());
    assert_eq!(told.load(Ordering::SeqCst), 20);
    let nothing = store.enter(|trail| (None, trail.len()), || unreachable!());
    assert_eq!(nothing.await.unwrap(), 20);
    assert_eq!(store.trail().await.unwrap().len(), 20);
}

/// Runs SQL beside the store, with the tables' own guards or without.
fn sql(dir: &TempDir, text: &str) -> Result<(), String> {
    let connection = Connection::open(dir.path().join(FILE)).unwrap();
    connection
        .pragma_update(None, "foreign_keys", false)
        .unwrap();
    let done = connection.execute_batch(text);
    done.map_err(|refused| refused.to_string())
}

#[tokio::test]
async fn the_file_itself_refuses_to_change_an_act() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    let entries = lived(&store).await;
    let check = |text: &str, says: &str| {
        let refused = sql(&dir, text).unwrap_err();
        assert!(refused.contains(says), "{text}: {refused}");
    };
    check("UPDATE trail SET note = 'other'", "never changed");
    check("DELETE FROM trail WHERE seq = 1", "never deleted");
    assert_eq!(store.trail().await.unwrap(), entries);
}

#[tokio::test]
async fn whatever_is_changed_around_the_guards_is_found() {
    let check = async |change: &str, expected: &str| {
        let dir = TempDir::new().unwrap();
        let store = open(&dir);
        drop(lived(&store).await);
        sql(
            &dir,
            "DROP TRIGGER trail_is_never_changed; DROP TRIGGER trail_is_never_cut",
        )
        .unwrap();
        sql(&dir, change).unwrap();
        let found = store.verify().await.unwrap().findings;
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert!(found.iter().any(|it| it.starts_with(expected)), "{found:?}");
    };
    check("DELETE FROM trail WHERE seq = 2", "act 2: it is missing").await;
    check(
        "UPDATE trail SET act = 1 WHERE seq = 2",
        "act 2: the policy was proposed before",
    )
    .await;
    check(
        "UPDATE trail SET at = 0 WHERE seq = 2",
        "act 2: it is older than the entry before it",
    )
    .await;
    check(
        "UPDATE trail SET version = 99",
        "act of the trail: cannot be read",
    )
    .await;
    let p1 = version("p1").digest;
    check(
        "UPDATE version SET body = x'00' WHERE body IS NOT NULL",
        &format!("policy {p1}: its digest is not that of its text"),
    )
    .await;
    check(
        "UPDATE version SET body = NULL",
        &format!("policy {p1}: its text is not kept"),
    )
    .await;
}
