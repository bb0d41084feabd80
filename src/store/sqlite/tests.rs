//! What is SQLite's own: the file, its lock, its schema, its damage, its disk.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};

use rusqlite::Connection;
use tempfile::TempDir;

use super::super::record::dice::Dice;
use super::super::tests::{claim, claim_id, everything, fill, later, lock, open, order_id, put};
use super::super::{By, Error, Settings, Store};
use super::{FILE, MIGRATIONS};
use crate::decision::snapshot::{Changes, Key, Keys, Step};

fn sql(dir: &TempDir, text: &str) {
    let connection = Connection::open(dir.path().join(FILE)).unwrap();
    connection.execute_batch(text).unwrap();
}

#[tokio::test]
async fn a_directory_in_use_is_refused_until_it_is_free() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    let refused = Store::open(&Settings::new(dir.path())).unwrap_err();
    assert!(matches!(&refused, Error::Locked { .. }) && !refused.is_transient());
    assert!(
        refused
            .to_string()
            .ends_with("is in use by another process")
    );
    drop(store);
    drop(open(&dir));
}

#[test]
fn a_newer_schema_is_refused() {
    let dir = TempDir::new().unwrap();
    drop(open(&dir));
    sql(&dir, "PRAGMA user_version = 99");
    let known = u32::try_from(MIGRATIONS.len()).unwrap();
    let refused = Store::open(&Settings::new(dir.path())).unwrap_err();
    assert!(matches!(refused, Error::NewerSchema { found: 99, known: it, .. } if it == known));
}

#[test]
fn a_path_that_can_hold_no_directory_is_refused() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("file");
    drop(File::create(&file).unwrap());
    for path in [file.clone(), file.join("below")] {
        let refused = Store::open(&Settings::new(path)).unwrap_err();
        assert!(matches!(refused, Error::Directory { .. }), "{refused}");
    }
}

#[tokio::test]
async fn a_damaged_file_is_refused_and_says_so() {
    let check = async |what: &str, spoil: fn(&mut File)| {
        let dir = TempDir::new().unwrap();
        let store = open(&dir);
        fill(&store, &mut Dice::new(1), 40).await;
        drop(store);
        let mut file = File::options()
            .read(true)
            .write(true)
            .open(dir.path().join(FILE))
            .unwrap();
        spoil(&mut file);
        let refused = Store::open(&Settings::new(dir.path())).expect_err(what);
        assert!(
            matches!(refused, Error::NotADatabase { .. }),
            "{what}: {refused}"
        );
    };
    check("no database", |file| {
        file.write_all(b"this is a letter and no database").unwrap();
    })
    .await;
    check("its end is gone", |file| file.set_len(8_192).unwrap()).await;
    check("the schema is gone", |file| {
        file.seek(SeekFrom::Start(100)).unwrap();
        file.write_all(&[0xff; 3_996]).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_damaged_row_is_named_and_spoils_no_other() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    let all = fill(&store, &mut Dice::new(1), 3).await;
    put(&store, claim("good", 1)).await.unwrap();
    put(&store, claim("bad", 2)).await.unwrap();
    sql(
        &dir,
        "UPDATE claim SET order_id = 'not an id' WHERE claim_id = 'bad'",
    );
    sql(&dir, "UPDATE decision SET body = x'00ff' WHERE seq = 2");
    let read = |id| {
        let keys = lock([Key::Claim(claim_id(id))]);
        store.transact(keys, later(), |seen| {
            Step::Done(Changes::default(), seen.claims.len())
        })
    };
    let (good, bad, other) = tokio::join!(read("good"), read("bad"), read("new"));
    assert!(good.is_ok() && other.is_ok());
    let bad = bad.unwrap_err();
    assert_eq!(bad.to_string(), "stored claim `bad` is damaged");
    assert!(!bad.is_transient() && store.is_writable());
    let by = |place: usize| By::Decision(all[place].0.record.decision_id.clone());
    assert!(store.record(by(0)).await.unwrap().is_some());
    let spoiled = store.record(by(1)).await.unwrap_err();
    assert_eq!(spoiled.to_string(), "stored decision number `2` is damaged");
    assert!(store.list(everything(), None, 10).await.is_err());
}

#[tokio::test]
async fn a_full_disk_is_no_lie_and_heals_by_itself() {
    let dir = TempDir::new().unwrap();
    let mut settings = Settings::new(dir.path());
    settings.pages_max = Some(120);
    let store = Store::open(&settings).unwrap();
    let mut writable = store.writable();
    let mut kept = Vec::new();
    let refused = loop {
        let id = format!("claim-{:0>120}", kept.len());
        match put(&store, claim(&id, 1)).await {
            Ok(()) => kept.push(claim_id(&id)),
            Err(refused) => break refused,
        }
    };
    assert!(matches!(&refused, Error::Unavailable { .. }) && refused.is_transient());
    assert!(!store.is_writable());
    let keys = lock(kept.iter().cloned().map(Key::Claim));
    let read = store.transact(keys.clone(), later(), |seen| {
        Step::Done(Changes::default(), seen.claims.clone())
    });
    let seen = read.await.expect("what needs no writing is answered");
    assert!(seen.values().all(|it| it.order_id == Some(order_id(1))));
    writable.mark_unchanged();
    // Room is made by another tool: the store finds it by itself.
    sql(&dir, "DELETE FROM claim");
    while !*writable.borrow_and_update() {
        writable.changed().await.unwrap();
    }
    put(&store, claim("claim-new", 2)).await.unwrap();
    assert!(store.is_writable());
}

#[tokio::test]
async fn a_batch_that_changes_nothing_writes_nothing() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    put(&store, claim("a", 1)).await.unwrap();
    let log = || {
        std::fs::metadata(dir.path().join(format!("{FILE}-wal")))
            .unwrap()
            .len()
    };
    let before = log();
    for _ in 0..5 {
        let keys = lock([Key::Claim(claim_id("a"))]);
        let read = store.transact(keys, later(), |_| Step::Done(Changes::default(), ()));
        read.await.unwrap();
    }
    put(&store, Changes::default()).await.unwrap();
    assert_eq!(log(), before);
    drop(store.read(Keys::default()).await.unwrap());
}

#[test]
fn a_stored_file_is_plain_sqlite() {
    let dir = TempDir::new().unwrap();
    drop(open(&dir));
    let mut head = [0; 16];
    File::open(dir.path().join(FILE))
        .unwrap()
        .read_exact(&mut head)
        .unwrap();
    assert_eq!(&head, b"SQLite format 3\0");
}
