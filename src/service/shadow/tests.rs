//! Whatever shadows do, the live answers stay as they are; and what shadows say is what would have been decided.

use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::time::Instant;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::decision::catalogue;
use crate::decision::fixtures::{self, NOW, situations};
use crate::decision::judge::judge_again;
use crate::decision::lifecycle::Approvers;
use crate::decision::policy::{self, Policy};
use crate::decision::record::Version;
use crate::domain::content::content_digest;
use crate::domain::ids::{CustomerId, DecisionId, KeyId, OrderId};
use crate::domain::order::{Category, Order};
use crate::domain::secret::Secret;
use crate::domain::units::{Digest, Span};
use crate::service::clock::Clock;
use crate::service::keyring::KeyRing;
use crate::service::policies::{Authority, Governance};
use crate::service::release::{InForce, Releases};
use crate::service::{Error, Kind, Service};
use crate::store::shadow::RUNNING_MAX;
use crate::store::{By, Settings, StoredVersion, VersionKind};

/// How a test asks, and how many may wait.
struct Asking {
    ask: Box<Ask>,
    queue_max: usize,
}

fn as_shipped() -> Asking {
    Asking {
        ask: Box::new(|by, record, live| by.act(record, live)),
        queue_max: QUEUE_MAX,
    }
}

async fn service(dir: &Path, asking: Asking) -> Service {
    let catalogue = catalogue::load(include_str!("../../../models/catalogue.toml")).unwrap();
    let release = Release {
        catalogue: Version {
            id: catalogue.id.clone(),
            digest: catalogue.digest,
        },
        ..fixtures::release()
    };
    let key = (KeyId::try_new("k1").unwrap(), Secret::new([1; 32]));
    let store = Store::open(&Settings::new(dir)).unwrap();
    let Asking { ask, queue_max } = asking;
    let known = Shadows::known(&store, NOW).await.unwrap();
    Service {
        shadows: Arc::new(Shadows::start_asking(store.clone(), known, queue_max, ask)),
        store,
        clock: Arc::new(Clock::driven(NOW)),
        releases: Arc::new(Releases::new(
            InForce::new(release, Arc::new(catalogue)),
            NOW,
        )),
        keys: Arc::new(KeyRing::new(key, [])),
        library: Arc::default(),
        governance: Arc::new(Governance {
            authority: Authority::File,
            approvers: Approvers::Others,
            server: "here".to_owned(),
        }),
        shelf: Arc::default(),
        ids: Arc::default(),
        entropy: |bytes| bytes.fill(7),
    }
}

/// The shipped policy with one rule more: what is dear is handed over with a code at least.
const STRICTER: &str = "stricter";

fn stricter() -> String {
    let text = policy::DEFAULT.replace("id = \"default\"", "id = \"stricter\"");
    format!(
        "{text}\n[[rules]]\nid = \"dear\"\nwhen = [\"order_value >= 1000.0\"]\nthen = \"at_least:otp\"\n"
    )
}

/// Keeps [`stricter`], as proposing does.
async fn keep(service: &Service) -> Digest {
    let text = stricter();
    let policy = Policy::load(&text).unwrap();
    assert_eq!(policy.version.id, STRICTER);
    let version = StoredVersion {
        kind: VersionKind::Policy,
        version: policy.version.clone(),
        body: Some(text.into_bytes()),
        first_used_at: NOW,
    };
    service.store.keep_version(version).await.unwrap();
    policy.version.digest
}

fn by(swap: SwapTo) -> Start {
    Start {
        swap,
        until_at: None,
        principal: "ada".to_owned(),
        note: "a try".to_owned(),
    }
}

fn later() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

fn numbered(orders: Vec<Order>) -> Vec<Order> {
    let each = (0_i64..).zip(orders);
    let each = each.map(|(place, order)| Order {
        order_id: OrderId::try_new(&format!("o{place}")).unwrap(),
        customer_id: Some(CustomerId::try_new(&format!("c{}", place % 2)).unwrap()),
        placed_at: NOW.plus(Span::minutes(place)),
        ..order
    });
    each.collect()
}

/// Dear and cheap ones.
fn mixed(number: i64) -> Vec<Order> {
    let each = (0..number).map(|place| {
        let cents = 4_000 + 37_000 * (place % 7);
        fixtures::order(vec![fixtures::item("i1", Category::Phone, cents)])
    });
    numbered(each.collect())
}

async fn decided(service: &Service, orders: &[Order]) -> Vec<Arc<Record>> {
    let mut records = Vec::new();
    for order in orders {
        let content = content_digest(order);
        let shown = service.decide(order.clone(), content, later()).await;
        records.push(shown.unwrap().record);
    }
    records
}

/// Lets a shadow's thread come as far as its first question, and holds it there.
fn held() -> (Asking, Sender<()>) {
    let (release, gate) = channel::<()>();
    let ask = move |candidate: &Candidate, record: &Record, live: &Release| {
        // Fails for ever once the sender is gone.
        let _released = gate.recv().is_err();
        candidate.act(record, live)
    };
    let asking = Asking {
        ask: Box::new(ask),
        queue_max: 2,
    };
    (asking, release)
}

fn counted(kept: &Kept) -> u64 {
    kept.totals.moved.values().map(|it| it.decisions).sum()
}

fn on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .build()
        .unwrap()
        .block_on(work)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    /// Answers, records and digests are the same to the bit without any shadow, beside good ones, beside ones that
    /// panic, and beside ones that hang while every order is decided and their queue is full.
    #[test]
    fn whatever_shadows_do_the_live_answers_stay_as_they_are(
        orders in prop::collection::vec(situations().prop_map(|it| Order::clone(&it.order)), 4..8)
    ) {
        let orders = numbered(orders);
        let number = u64::try_from(orders.len()).unwrap();
        let alone = on(async {
            let dir = TempDir::new().unwrap();
            decided(&service(dir.path(), as_shipped()).await, &orders).await
        });
        let beside = |asking: Asking, release: Option<Sender<()>>| on(async {
            let dir = TempDir::new().unwrap();
            let service = service(dir.path(), asking).await;
            let digest = keep(&service).await;
            service.start_shadow(by(SwapTo::Policy(digest))).await.unwrap();
            service.start_shadow(by(SwapTo::Model("trained".to_owned()))).await.unwrap();
            let records = decided(&service, &orders).await;
            // All are answered, and a shadow that hangs hangs still.
            let dropped = service.shadows.dropped();
            drop(release);
            let shadows = service.list_shadows().await.unwrap();
            let whole = service.store.verify().await.unwrap();
            assert_eq!(whole.findings, []);
            (records, shadows, dropped)
        });
        let panicking = Asking {
            ask: Box::new(|_, _, _| std::panic::resume_unwind(Box::new("as asked"))),
            queue_max: QUEUE_MAX,
        };
        let (records, shadows, dropped) = beside(as_shipped(), None);
        prop_assert_eq!(&records, &alone);
        prop_assert_eq!(dropped, 0);
        for kept in &shadows {
            prop_assert_eq!((counted(kept), kept.totals.failed), (number, 0));
        }
        let (records, shadows, dropped) = beside(panicking, None);
        prop_assert_eq!(&records, &alone);
        prop_assert_eq!(dropped, 0);
        for kept in &shadows {
            prop_assert_eq!((counted(kept), kept.totals.failed), (0, number));
        }
        let (asking, release) = held();
        let (records, shadows, dropped) = beside(asking, Some(release));
        prop_assert_eq!(&records, &alone);
        // One is being judged at most, and two wait.
        prop_assert!(dropped >= number - 3, "{} of {}", dropped, number);
        for kept in &shadows {
            prop_assert_eq!((counted(kept), kept.totals.failed), (number - dropped, dropped));
        }
    }
}

#[tokio::test]
async fn a_shadow_says_what_would_have_been_decided_with_the_same_draw() {
    let dir = TempDir::new().unwrap();
    let service = service(dir.path(), as_shipped()).await;
    let digest = keep(&service).await;
    let started = service
        .start_shadow(by(SwapTo::Policy(digest)))
        .await
        .unwrap();
    let records = decided(&service, &mixed(30)).await;
    let kept = service.list_shadows().await.unwrap().remove(0);
    assert_eq!(kept.shadow, started.shadow);
    let policy = service.policy_named(STRICTER).await.unwrap();
    let ids: Vec<DecisionId> = records.iter().map(|it| it.decision_id.clone()).collect();
    let said = service.said_of(ids).await.unwrap();
    let mut expected = BTreeMap::new();
    for record in &records {
        let release = service.release_of(record, Some(Arc::clone(&policy))).await;
        let action = judge_again(record, &release.unwrap()).action;
        let found = &said[&record.decision_id];
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].shadow, found[0].action),
            (started.shadow.id, action)
        );
        let cents = record.situation.order.amount_minor();
        let sum = expected
            .entry((record.decision.action, action))
            .or_insert((0, 0));
        *sum = (sum.0 + 1, sum.1 + cents);
    }
    assert!(
        expected.keys().any(|(live, said)| live != said),
        "the policies differ: {expected:?}"
    );
    let found = kept.totals.moved.iter();
    let found: BTreeMap<_, _> = found
        .map(|(of, it)| {
            #[expect(
                clippy::as_conversions,
                clippy::cast_possible_truncation,
                reason = "whole"
            )]
            let cents = it.value_cents as i64;
            (*of, (it.decisions, cents))
        })
        .collect();
    assert_eq!(found, expected);
    for ((live, _), moved) in &kept.totals.moved {
        assert!(moved.newest.len() <= 20 && !moved.newest.is_empty());
        let newest = records.iter().rfind(|it| it.decision.action == *live);
        assert!(newest.is_some_and(|it| moved.newest[0] <= it.decision_id));
        for id in &moved.newest {
            let found = service.decision(By::Decision(id.clone())).await.unwrap();
            assert_eq!(found.record.decision.action, *live);
        }
    }
}

#[tokio::test]
async fn previews_and_decisions_that_stand_are_not_judged() {
    let dir = TempDir::new().unwrap();
    let service = service(dir.path(), as_shipped()).await;
    let digest = keep(&service).await;
    service
        .start_shadow(by(SwapTo::Policy(digest)))
        .await
        .unwrap();
    let order = mixed(1).remove(0);
    let content = content_digest(&order);
    service.preview(order.clone(), content, None).await.unwrap();
    for _ in 0..3 {
        let shown = service.decide(order.clone(), content, later()).await;
        service
            .replay(shown.unwrap().record.decision_id.clone(), None)
            .await
            .unwrap();
    }
    let kept = service.list_shadows().await.unwrap().remove(0);
    assert_eq!((counted(&kept), kept.totals.failed), (1, 0));
}

#[tokio::test]
async fn shadows_go_on_after_a_restart_until_they_end_or_are_stopped() {
    let dir = TempDir::new().unwrap();
    let start = async |service: &Service, digest, days| {
        let until_at = Some(service.clock.now().plus(Span::days(days)));
        let start = Start {
            until_at,
            ..by(SwapTo::Policy(digest))
        };
        service.start_shadow(start).await.unwrap().shadow.id
    };
    let orders = mixed(6);
    let (short, long, ended) = {
        let service = service(dir.path(), as_shipped()).await;
        let digest = keep(&service).await;
        let short = start(&service, digest, 1).await;
        let long = start(&service, digest, 90).await;
        let ended = start(&service, digest, 90).await;
        decided(&service, &orders[..2]).await;
        let stopped = service
            .stop_shadow(ended, "bob".to_owned(), "enough".to_owned())
            .await
            .unwrap();
        assert_eq!(stopped.shadow.stopped.unwrap().principal, "bob");
        (short, long, ended)
    };
    let service = service(dir.path(), as_shipped()).await;
    decided(&service, &orders[2..4]).await;
    // The day passes with the orders; nothing has to happen for the short one to end.
    let tomorrow: Vec<_> = orders[4..]
        .iter()
        .map(|order| Order {
            placed_at: order.placed_at.plus(Span::days(1)),
            ..order.clone()
        })
        .collect();
    decided(&service, &tomorrow).await;
    let kept = service.list_shadows().await.unwrap();
    let told: Vec<_> = kept
        .iter()
        .map(|it| (it.shadow.id, counted(it), it.totals.failed))
        .collect();
    assert_eq!(told, [(ended, 2, 0), (long, 6, 0), (short, 4, 0)]);
    let seen = service.shadows.seen(service.clock.now());
    assert_eq!(seen.iter().map(|it| it.id).collect::<Vec<_>>(), [long]);
    for id in [short, ended] {
        let again = service
            .stop_shadow(id, "bob".to_owned(), String::new())
            .await;
        assert_eq!(again.unwrap_err().kind(), Kind::WrongState, "{id}");
    }
    let trail = service.store.trail().await.unwrap();
    let acts: Vec<_> = trail.iter().map(|it| (it.act.name(), &*it.note)).collect();
    let began = ("start_shadow", "a try");
    assert_eq!(acts, [began, began, began, ("stop_shadow", "enough")]);
}

#[tokio::test]
async fn what_cannot_be_a_shadow_is_refused_with_what_would_be_right() {
    let dir = TempDir::new().unwrap();
    let service = service(dir.path(), as_shipped()).await;
    let digest = keep(&service).await;
    let check = async |start: Start, expected: &str| {
        let refused = service.start_shadow(start).await.unwrap_err();
        assert_eq!(refused.to_string(), expected);
    };
    check(
        by(SwapTo::Policy(Digest([9; 32]))),
        &format!("policy `{}` is not known", "09".repeat(32)),
    )
    .await;
    check(
        by(SwapTo::Model("oracle".to_owned())),
        "model_name: no scorecard `oracle` is built in, only `prior` and `trained`",
    )
    .await;
    for days in [0, -1, 91] {
        let until_at = Some(NOW.plus(Span::days(days)));
        let start = Start {
            until_at,
            ..by(SwapTo::Policy(digest))
        };
        check(
            start,
            "until_at: must be after now, and at most 90 days ahead",
        )
        .await;
    }
    let unknown = ShadowId::of(1).unwrap();
    let refused = service
        .stop_shadow(unknown, "bob".to_owned(), String::new())
        .await;
    assert!(matches!(refused, Err(Error::NotFound { .. })));
    for _ in 0..RUNNING_MAX {
        let started = service.start_shadow(by(SwapTo::Policy(digest))).await;
        let shadow = started.unwrap().shadow;
        assert_eq!(shadow.until_at, NOW.plus(Span::days(DAYS_DEFAULT)));
    }
    let refused = service.start_shadow(by(SwapTo::Policy(digest))).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.kind(), Kind::WrongState);
    assert!(refused.to_string().contains(&RUNNING_MAX.to_string()));
    service
        .stop_shadow(unknown, "bob".to_owned(), String::new())
        .await
        .unwrap();
    service
        .start_shadow(by(SwapTo::Policy(digest)))
        .await
        .unwrap();
}

#[tokio::test]
async fn one_whose_text_does_not_load_any_more_says_nothing_and_is_counted() {
    let dir = TempDir::new().unwrap();
    {
        let service = service(dir.path(), as_shipped()).await;
        let digest = keep(&service).await;
        service
            .start_shadow(by(SwapTo::Policy(digest)))
            .await
            .unwrap();
    }
    let mut service = service(dir.path(), as_shipped()).await;
    let store = service.store.clone();
    let known = Shadows::known(&store, NOW).await.unwrap();
    let known = known.into_iter().map(|(kept, _)| (kept, None)).collect();
    service.shadows = Arc::new(Shadows::start(store, known));
    decided(&service, &mixed(3)).await;
    let kept = service.list_shadows().await.unwrap().remove(0);
    assert_eq!((counted(&kept), kept.totals.failed), (0, 3));
}

#[tokio::test]
async fn totals_go_on_from_piece_to_piece_and_are_the_same_as_seen_and_as_written() {
    let dir = TempDir::new().unwrap();
    let service = service(dir.path(), as_shipped()).await;
    let digest = keep(&service).await;
    for swap in [
        SwapTo::Policy(digest),
        SwapTo::Model("trained".to_owned()),
        SwapTo::Policy(digest),
    ] {
        service.start_shadow(by(swap)).await.unwrap();
    }
    let orders = mixed(40);
    let mut before = 0;
    for piece in [1, 0, 25, 40] {
        let end = piece.max(before);
        decided(&service, &orders[before..end]).await;
        before = end;
        let kept = service.list_shadows().await.unwrap();
        let mut seen = service.shadows.seen(service.clock.now());
        seen.reverse();
        assert_eq!(seen.len(), kept.len());
        for (seen, kept) in seen.iter().zip(&kept) {
            assert_eq!((seen.id, &seen.totals), (kept.shadow.id, &kept.totals));
            let counted = counted(kept);
            assert_eq!(usize::try_from(counted), Ok(before), "{}", seen.id);
        }
        // Two of the same policy say the same.
        assert_eq!(kept[0].totals, kept[2].totals);
    }
}
