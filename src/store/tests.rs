//! What every engine must keep to, over the handle alone.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::record::dice::Dice;
use super::record::seal;
use super::{By, Error, Filter, Settings, Store, StoredVersion, VersionBy, VersionKind};
use crate::decision::record::{Record, Sealed, Version};
use crate::decision::snapshot::{Changes, EventLine, Key, Keys, Look, Row, Snapshot, Step};
use crate::domain::action::{Action, DecisionState};
use crate::domain::dossier::{Dossier, Latest, ProfileKey};
use crate::domain::event::{Event, Subject};
use crate::domain::ids::{ClaimId, CustomerId, DecisionId, EventId, KeyId, OrderId, SuspicionId};
use crate::domain::profile::{Claim, Raised, Suspicion};
use crate::domain::tally::{Counter, Entry};
use crate::domain::units::{Digest, Timestamp};

pub(super) fn open(dir: &TempDir) -> Store {
    Store::open(&Settings::new(dir.path())).unwrap()
}

pub(super) fn later() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

pub(super) fn lock(keys: impl IntoIterator<Item = Key>) -> Keys {
    Keys {
        lock: keys.into_iter().collect(),
        ..Keys::default()
    }
}

pub(super) fn order_id(number: usize) -> OrderId {
    OrderId::try_new(&format!("order-{number}")).unwrap()
}

pub(super) fn claim_id(text: &str) -> ClaimId {
    ClaimId::try_new(text).unwrap()
}

/// A claim whose row says which order it is about.
pub(super) fn claim(id: &str, order: usize) -> Changes {
    let row = Claim {
        order_id: Some(order_id(order)),
        settled: None,
    };
    Changes {
        rows: vec![Row::Claim(claim_id(id), row)],
        ..Changes::default()
    }
}

/// Writes changes that need to see nothing.
pub(super) async fn put(store: &Store, changes: Changes) -> Result<(), Error> {
    let work = move |_: &Snapshot| Step::Done(changes.clone(), ());
    store.transact(Keys::default(), later(), work).await
}

/// The next revision of an order, as a service would append it: chained, with the dossier that names it.
pub(super) fn revision(
    dice: &mut Dice,
    id: &OrderId,
    before: Option<&Record>,
) -> (Sealed, Dossier) {
    let mut record = dice.record();
    std::sync::Arc::make_mut(&mut record.situation.order).order_id = id.clone();
    record.decision_id = DecisionId::try_new(&format!("d-{:016x}", dice.next())).unwrap();
    record.revision = before.map_or(1, |it| it.revision + 1);
    record.before = before.map_or(Digest([0; 32]), |it| it.digest);
    record.decided_at = Timestamp::from_micros(1_000 * i64::from(dice.below(50) == 0) + 7_000);
    record.situation.now = record.decided_at;
    let sealed = seal(record);
    let record = &sealed.record;
    let mut dossier = dice.dossier();
    dossier.latest = Some(Latest {
        decision_id: record.decision_id.clone(),
        revision: record.revision,
        content: record.content,
        stage: record.situation.order.stage,
        decided_at: record.decided_at,
        action: record.decision.action,
        valid_until: record.valid_until,
        record: record.digest,
        slot: 0,
        counter: 0,
        key_id: KeyId::try_new("k1").unwrap(),
        other_parcels: 0,
        address: record.situation.order.delivery.address_key.clone(),
        failed_twice: 0,
        account_mark: None,
        spared_micro: None,
    });
    (sealed, dossier)
}

/// Appends so many decisions, some of them revisions, each in a transaction of its own.
pub(super) async fn fill(store: &Store, dice: &mut Dice, count: usize) -> Vec<(Sealed, Dossier)> {
    let mut all: Vec<(Sealed, Dossier)> = Vec::new();
    for number in 0..count {
        let id = order_id(dice.below(number + 1));
        let before = all
            .iter()
            .rev()
            .map(|(sealed, _)| sealed.record.as_ref())
            .find(|it| it.situation.order.order_id == id);
        let (sealed, dossier) = revision(dice, &id, before);
        let changes = Changes {
            append: vec![sealed.clone()],
            rows: vec![Row::Order(id.clone(), Box::new(dossier.clone()))],
            ..Changes::default()
        };
        let work = move |_: &Snapshot| Step::Done(changes.clone(), ());
        store
            .transact(lock([Key::Order(id)]), later(), work)
            .await
            .unwrap();
        all.push((sealed, dossier));
    }
    all
}

pub(super) fn everything() -> Filter {
    Filter {
        customer: None,
        from: None,
        to: None,
        action: None,
        reason: None,
        state: None,
        now: Timestamp::from_micros(0),
    }
}

/// Holds the writer until told, so that what is queued meanwhile becomes one batch.
pub(super) fn hold(
    store: &Store,
) -> (
    mpsc::Sender<()>,
    impl Future<Output = Result<(), Error>> + use<>,
) {
    let (go, wait) = mpsc::channel::<()>();
    let (begun, started) = mpsc::channel();
    let held = store.transact(Keys::default(), later(), move |_| {
        begun.send(()).unwrap();
        wait.recv().unwrap();
        Step::Done(Changes::default(), ())
    });
    started.recv().unwrap();
    (go, held)
}

#[tokio::test]
async fn rows_of_all_kinds_are_there_after_the_store_is_opened_again() {
    let dir = TempDir::new().unwrap();
    for seed in 0..20 {
        let mut dice = Dice::new(seed);
        let (sealed, dossier) = revision(&mut dice, &order_id(1), None);
        let unit = sealed.record.unit.clone();
        let (address, link) = (dice.address(), dice.link());
        let address_key = sealed.record.situation.order.delivery.address_key.clone();
        let link_key = crate::domain::order::LinkKey::Device(
            crate::domain::ids::SharedKey::try_new("device-1").unwrap(),
        );
        let customer = dice.customer();
        let keys = lock([
            Key::Order(order_id(1)),
            Key::Customer(unit.clone()),
            Key::Address(address_key.clone()),
            Key::Link(link_key.clone()),
        ]);
        let changes = Changes {
            append: vec![sealed.clone()],
            rows: vec![
                Row::Order(order_id(1), Box::new(dossier.clone())),
                Row::Customer(unit.clone(), Box::new(customer.clone())),
                Row::Address(address_key.clone(), address.clone()),
                Row::Link(link_key.clone(), link.clone()),
            ],
            ..Changes::default()
        };
        let store = open(&dir);
        let work = move |_: &Snapshot| Step::Done(changes.clone(), ());
        store.transact(keys.clone(), later(), work).await.unwrap();
        drop(store);

        let store = open(&dir);
        let seen = store.read(keys).await.unwrap();
        assert_eq!(seen.orders[&order_id(1)], dossier);
        assert_eq!(seen.customers[&unit], customer);
        assert_eq!(seen.addresses[&address_key], address);
        assert_eq!(seen.links[&link_key], link);
        let by = By::Decision(sealed.record.decision_id.clone());
        let found = store.record(by).await.unwrap().unwrap();
        assert_eq!(found.record, sealed.record);
        assert_eq!(*found.dossier, dossier);
    }
}

#[tokio::test]
async fn a_hundred_changes_of_one_row_at_once_are_a_hundred_changes() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    let add = |_| {
        let keys = lock([Key::Claim(claim_id("c"))]);
        store.transact(keys, later(), |seen| {
            let id = &seen.claims[&claim_id("c")].order_id;
            let number = id
                .as_ref()
                .map_or(0, |it| it.as_str()[6..].parse().unwrap());
            Step::Done(claim("c", number + 1), number)
        })
    };
    let all: Vec<_> = (0..100).map(add).collect();
    let mut numbers = Vec::new();
    for one in all {
        numbers.push(one.await.unwrap());
    }
    assert_eq!(
        numbers,
        (0..100).collect::<Vec<_>>(),
        "in the order of arrival"
    );
}

#[tokio::test]
async fn work_that_asks_for_more_is_run_again_at_its_place() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    put(&store, claim("a", 1)).await.unwrap();
    let (go, held) = hold(&store);
    let follow = |from: &'static str| {
        store.transact(lock([Key::Claim(claim_id(from))]), later(), move |seen| {
            let Some(_) = &seen.claims[&claim_id(from)].order_id else {
                return Step::Done(Changes::default(), None);
            };
            match seen.claims.get(&claim_id("end")) {
                None => Step::More(lock([Key::Claim(claim_id("end"))])),
                Some(row) => Step::Done(Changes::default(), row.order_id.clone()),
            }
        })
    };
    let first = follow("a");
    let middle = put(&store, claim("end", 9));
    let (first, middle, last) = tokio::join!(first, middle, async {
        go.send(()).unwrap();
        held.await.unwrap();
        follow("a").await
    });
    middle.unwrap();
    assert_eq!(first.unwrap(), None, "before it was written");
    assert_eq!(last.unwrap(), Some(order_id(9)));
}

#[tokio::test]
async fn work_that_asks_without_end_is_a_bug() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    let mut round = 0;
    let endless = store.transact(Keys::default(), later(), move |_| {
        round += 1;
        Step::<()>::More(lock([Key::Claim(claim_id(&format!("c{round}")))]))
    });
    assert!(matches!(endless.await, Err(Error::Bug { .. })));
    let known = store.transact(lock([Key::Claim(claim_id("c"))]), later(), |_| {
        Step::<()>::More(lock([Key::Claim(claim_id("c"))]))
    });
    assert!(matches!(known.await, Err(Error::Bug { .. })));
}

#[tokio::test]
async fn a_panic_and_a_late_piece_spoil_no_other() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    let (go, held) = hold(&store);
    let before = put(&store, claim("a", 1));
    let panics = store.transact(Keys::default(), later(), |_| -> Step<()> {
        panic!("as planned")
    });
    let late = store.transact(Keys::default(), Instant::now(), |_| {
        Step::Done(claim("b", 2), ())
    });
    let after = put(&store, claim("c", 3));
    let (before, after, ()) = tokio::join!(before, after, async {
        go.send(()).unwrap();
        held.await.unwrap();
    });
    before.unwrap();
    after.unwrap();
    assert!(matches!(panics.await, Err(Error::Bug { what }) if what == "as planned"));
    assert!(matches!(late.await, Err(Error::Late)));
    let seen = store
        .read(lock(["a", "b", "c"].map(|it| Key::Claim(claim_id(it)))))
        .await
        .unwrap();
    let orders = seen.claims.values().map(|it| it.order_id.clone());
    let expected = vec![Some(order_id(1)), None, Some(order_id(3))];
    assert_eq!(orders.collect::<Vec<_>>(), expected);
    assert!(store.is_writable());
}

#[tokio::test]
async fn a_full_queue_refuses_and_says_so() {
    let dir = TempDir::new().unwrap();
    let mut settings = Settings::new(dir.path());
    settings.queue_max = 2;
    let store = Store::open(&settings).unwrap();
    let (go, held) = hold(&store);
    let one = put_now(&store, "a");
    let two = put_now(&store, "b");
    let three = put_now(&store, "c");
    let refused = three.await.unwrap_err();
    assert!(matches!(refused, Error::Busy) && refused.is_transient());
    go.send(()).unwrap();
    held.await.unwrap();
    one.await.unwrap();
    two.await.unwrap();
    put_now(&store, "c").await.unwrap();
    assert_eq!(store.queued(), 0);
}

fn put_now(store: &Store, id: &'static str) -> impl Future<Output = Result<(), Error>> + use<> {
    store.transact(Keys::default(), later(), move |_| {
        Step::Done(claim(id, 1), ())
    })
}

#[tokio::test]
async fn counts_are_seen_by_the_next_piece_and_after_opening_again() {
    let dir = TempDir::new().unwrap();
    let at = Timestamp::from_micros(1_750_000_000_000_000);
    let look = Keys {
        look: [Look::Platform].into(),
        ..Keys::default()
    };
    let parcels = move |seen: &Snapshot| {
        let tally = &seen.tallies[&ProfileKey::Platform];
        tally.sum(Counter::Parcels, Timestamp::from_micros(0), at)
    };
    let add = move |seen: &Snapshot| {
        let entry = Entry {
            counter: Counter::Parcels,
            currency: None,
            at,
        };
        let changes = Changes {
            add: vec![(ProfileKey::Platform, entry, 2)],
            ..Changes::default()
        };
        let loaded = seen.tallies.contains_key(&ProfileKey::Platform);
        Step::Done(changes, if loaded { parcels(seen) } else { -1 })
    };
    for round in 0..3 {
        let store = open(&dir);
        let (go, held) = hold(&store);
        let blind = store.transact(Keys::default(), later(), add);
        let more = store.transact(Keys::default(), later(), {
            let look = look.clone();
            move |seen| match seen.tallies.get(&ProfileKey::Platform) {
                None => Step::More(look.clone()),
                Some(_) => add(seen),
            }
        });
        let seen = store.transact(look.clone(), later(), add);
        go.send(()).unwrap();
        held.await.unwrap();
        blind.await.unwrap();
        let before = 12 * round;
        assert_eq!(more.await.unwrap(), before + 2);
        assert_eq!(seen.await.unwrap(), before + 4);
        let again = store.transact(look.clone(), later(), add);
        assert_eq!(again.await.unwrap(), before + 6);
        // A transaction that looks at nothing adds to what an earlier one looked at.
        let blind = store.transact(Keys::default(), later(), add);
        blind.await.unwrap();
        let after = store.transact(look.clone(), later(), add);
        assert_eq!(after.await.unwrap(), before + 10);
        let read = store.read(look.clone()).await.unwrap();
        assert_eq!(parcels(&read), before + 12);
    }
}

#[tokio::test]
async fn a_suspicion_is_found_by_its_subject() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    let raise = |id: &str, customer: &str| {
        let raised = Raised {
            subject: Subject::Customer(CustomerId::try_new(customer).unwrap()),
            level: 2,
            at: Timestamp::from_micros(5),
            expires_at: Timestamp::from_micros(50),
        };
        let row = Suspicion {
            raised: Some(raised),
            cleared_at: None,
        };
        Changes {
            rows: vec![Row::Suspicion(SuspicionId::try_new(id).unwrap(), row)],
            ..Changes::default()
        }
    };
    let subject = Subject::Customer(CustomerId::try_new("c1").unwrap());
    let look = Keys {
        look: [Look::Suspicions(subject.clone())].into(),
        ..Keys::default()
    };
    put(&store, raise("s1", "c1")).await.unwrap();
    put(&store, raise("s2", "c2")).await.unwrap();
    let (go, held) = hold(&store);
    let third = put(&store, raise("s3", "c1"));
    let ask = look.clone();
    let key = subject.clone();
    let seen = async {
        let seen = store.transact(Keys::default(), later(), move |seen| {
            match seen.subjects.get(&key) {
                None => Step::More(ask.clone()),
                Some(all) => Step::Done(Changes::default(), all.len()),
            }
        });
        go.send(()).unwrap();
        held.await.unwrap();
        seen.await
    };
    let (third, seen) = tokio::join!(third, seen);
    third.unwrap();
    assert_eq!(seen.unwrap(), 2, "one committed, one of the same batch");
    assert_eq!(store.read(look).await.unwrap().subjects[&subject].len(), 2);
}

#[tokio::test]
async fn events_are_kept_with_their_digests_in_the_order_of_arrival() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    let mut dice = Dice::new(3);
    let mut lines = Vec::new();
    for number in 0..50 {
        let event_id = EventId::try_new(&format!("e{number}")).unwrap();
        let line = EventLine {
            event: Event {
                event_id,
                occurred_at: Timestamp::from_micros(100 - number),
                kind: dice.event(),
            },
            digest: Digest::of(&number.to_be_bytes()),
            received_at: Timestamp::from_micros(1_000 + number),
            pending: number % 3 == 0,
        };
        let changes = Changes {
            events: vec![line.clone()],
            ..Changes::default()
        };
        put(&store, changes).await.unwrap();
        lines.push(line);
    }
    let mut found = Vec::new();
    let mut after = 0;
    loop {
        let page = store.events(after, 7).await.unwrap();
        let Some((last, _)) = page.last() else { break };
        after = *last;
        found.extend(page.into_iter().map(|(_, line)| line));
    }
    let pending = |line: &EventLine| (line.event.clone(), line.digest, line.received_at);
    let expected: Vec<_> = lines.iter().map(pending).collect();
    assert_eq!(found.iter().map(pending).collect::<Vec<_>>(), expected);
    assert_eq!(
        store.newest().await.unwrap(),
        Some(Timestamp::from_micros(1_049))
    );
    let look = |id: &str| Look::Event(EventId::try_new(id).unwrap());
    let keys = Keys {
        look: [look("e7"), look("unknown")].into(),
        ..Keys::default()
    };
    let seen = store.read(keys).await.unwrap();
    let digests: Vec<_> = seen.events.values().copied().collect();
    assert_eq!(digests, [Some(lines[7].digest), None]);
}

#[tokio::test]
async fn every_revision_is_found_by_id_and_by_order() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    let all = fill(&store, &mut Dice::new(11), 40).await;
    for (sealed, _) in &all {
        let record = &sealed.record;
        let id = record.situation.order.order_id.clone();
        let by_id = store
            .record(By::Decision(record.decision_id.clone()))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(by_id.record, *record);
        let by_order = By::Order(id.clone(), Some(record.revision));
        assert_eq!(
            store.record(by_order).await.unwrap().unwrap().record,
            *record
        );
        let latest = store
            .record(By::Order(id.clone(), None))
            .await
            .unwrap()
            .unwrap();
        assert!(latest.record.revision >= record.revision);
        let past = By::Order(id, Some(latest.record.revision + 1));
        assert!(store.record(past).await.unwrap().is_none());
    }
    let unknown = DecisionId::try_new("unknown").unwrap();
    assert!(store.record(By::Decision(unknown)).await.unwrap().is_none());
}

#[tokio::test]
async fn a_list_holds_what_its_filter_says_newest_first() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    fill(&store, &mut Dice::new(5), 120).await;
    let all = store.scan(0, 1_000).await.unwrap();
    assert_eq!(all.len(), 120);
    let customer = all
        .iter()
        .find_map(|it| it.record.situation.order.customer_id.clone());
    let mut filters = vec![everything()];
    let now = Timestamp::from_micros(40_000);
    for action in Action::ALL {
        filters.push(Filter {
            action: Some(*action),
            ..everything()
        });
    }
    for state in DecisionState::ALL {
        filters.push(Filter {
            state: Some(*state),
            now,
            ..everything()
        });
        filters.push(Filter {
            state: Some(*state),
            now,
            customer: customer.clone(),
            ..everything()
        });
    }
    for reason in ["ORDER_VALUE", "SUSPICION", "RULE_RULE_1", "RULE_UNKNOWN"] {
        filters.push(Filter {
            reason: Some(reason.to_owned()),
            ..everything()
        });
        filters.push(Filter {
            reason: Some(reason.to_owned()),
            customer: customer.clone(),
            ..everything()
        });
    }
    filters.push(Filter {
        customer,
        ..everything()
    });
    let time = Some(Timestamp::from_micros(8_000));
    filters.push(Filter {
        from: time,
        ..everything()
    });
    filters.push(Filter {
        to: time,
        ..everything()
    });
    filters.push(Filter {
        customer: CustomerId::try_new("nobody").ok(),
        ..everything()
    });
    for filter in filters {
        let holds = |it: &&super::Found| {
            let record = &it.record;
            let is = |wanted: bool, holds: bool| !wanted || holds;
            let codes = record.decision.reasons.iter().map(|it| it.code.text());
            let codes: Vec<_> = codes.map(std::borrow::Cow::into_owned).collect();
            is(
                filter.customer.is_some(),
                record.situation.order.customer_id == filter.customer,
            ) && filter.from.is_none_or(|from| record.decided_at >= from)
                && filter.to.is_none_or(|to| record.decided_at < to)
                && filter
                    .action
                    .is_none_or(|action| record.decision.action == action)
                && filter
                    .reason
                    .as_ref()
                    .is_none_or(|code| codes.contains(code))
                && filter
                    .state
                    .is_none_or(|state| it.state(filter.now) == state)
        };
        let expected: Vec<i64> = all.iter().filter(holds).map(|it| it.seq).rev().collect();
        let mut places = Vec::new();
        let mut before = None;
        loop {
            let page = store.list(filter.clone(), before, 7).await.unwrap();
            places.extend(page.found.iter().map(|it| it.seq));
            let Some(token) = page.next else { break };
            before = filter.place(&token);
            assert!(before.is_some() && !page.found.is_empty());
        }
        assert_eq!(places, expected, "{filter:?}");
    }
}

#[tokio::test]
async fn pages_stand_still_while_decisions_arrive() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    let mut dice = Dice::new(9);
    fill(&store, &mut dice, 10).await;
    let first = store.list(everything(), None, 4).await.unwrap();
    fill(&store, &mut dice, 5).await;
    let token = first.next.clone().unwrap();
    let second = store
        .list(everything(), everything().place(&token), 4)
        .await
        .unwrap();
    let places = |page: &super::Page| page.found.iter().map(|it| it.seq).collect::<Vec<_>>();
    assert_eq!(places(&first), [10, 9, 8, 7]);
    assert_eq!(places(&second), [6, 5, 4, 3]);
    let other = Filter {
        action: Some(Action::Otp),
        ..everything()
    };
    for token in [
        token.as_str(),
        "",
        "7",
        "x-y",
        "-1-ab",
        "7-0000000000000000",
    ] {
        assert_eq!(other.place(token), None, "{token} is of another filter");
    }
}

#[tokio::test]
async fn a_version_keeps_its_text() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    let version = |name: &str, body: Option<&str>, at: i64| StoredVersion {
        kind: VersionKind::Policy,
        version: Version {
            id: name.to_owned(),
            digest: Digest::of(name.as_bytes()),
        },
        body: body.map(|it| it.as_bytes().to_vec()),
        first_used_at: Timestamp::from_micros(at),
    };
    let find = async |by: VersionBy| store.version(VersionKind::Policy, by).await.unwrap();
    let digest = VersionBy::Digest(Digest::of(b"p1"));
    assert_eq!(find(digest.clone()).await, None);
    store.keep_version(version("p1", None, 1)).await.unwrap();
    store
        .keep_version(version("p1", Some("text"), 2))
        .await
        .unwrap();
    store
        .keep_version(version("p1", Some("other"), 3))
        .await
        .unwrap();
    assert_eq!(find(digest).await, Some(version("p1", Some("text"), 1)));
    assert_eq!(
        find(VersionBy::Name("p1".to_owned())).await,
        Some(version("p1", Some("text"), 1))
    );
    assert_eq!(find(VersionBy::Name("p2".to_owned())).await, None);
}

#[tokio::test]
async fn a_backup_is_whole_and_is_never_written_over() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    let mut dice = Dice::new(21);
    fill(&store, &mut dice, 30).await;
    let copy = TempDir::new().unwrap();
    let file = copy.path().join("doorstep.sqlite3");
    let (backup, _) = tokio::join!(store.back_up(file.clone()), fill(&store, &mut dice, 10));
    backup.unwrap();
    let copied = open(&copy);
    let kept = copied.scan(0, 1_000).await.unwrap();
    assert!((30..=40).contains(&kept.len()));
    let original = store.scan(0, kept.len()).await.unwrap();
    let records = |all: &[super::Found]| all.iter().map(|it| it.record.clone()).collect::<Vec<_>>();
    assert_eq!(records(&kept), records(&original));
    // With the salts, which only a look for one decision tells.
    for found in &kept {
        let by = By::Decision(found.record.decision_id.clone());
        let (one, other) = (copied.record(by.clone()).await, store.record(by).await);
        let (one, other) = (one.unwrap().unwrap().record, other.unwrap().unwrap().record);
        assert!(one.salt != [0; 32] && one == other, "{one:?} {other:?}");
    }
    assert!(matches!(
        store.back_up(file).await,
        Err(Error::Directory { .. })
    ));
}

#[tokio::test]
async fn another_process_may_look_while_one_serves() {
    let dir = TempDir::new().unwrap();
    let settings = Settings::new(dir.path());
    let refused = super::verify(&settings).unwrap_err();
    assert!(matches!(refused, Error::Directory { .. }), "{refused}");
    let store = open(&dir);
    let mut dice = Dice::new(2);
    fill(&store, &mut dice, 5).await;
    assert_eq!(super::verify(&settings).unwrap().decisions, 5);
    fill(&store, &mut dice, 2).await;
    let copy = TempDir::new().unwrap();
    super::back_up(&settings, &copy.path().join("doorstep.sqlite3")).unwrap();
    assert_eq!(open(&copy).scan(0, 100).await.unwrap().len(), 7);
}

#[tokio::test]
async fn what_was_asked_before_the_store_closes_is_answered() {
    let dir = TempDir::new().unwrap();
    let store = open(&dir);
    let (go, held) = hold(&store);
    let last = put_now(&store, "a");
    let closing = std::thread::spawn(move || drop(store));
    go.send(()).unwrap();
    held.await.unwrap();
    last.await.unwrap();
    closing.join().unwrap();
}
