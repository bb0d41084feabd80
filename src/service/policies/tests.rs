//! Policies through the service: several principals, clients that race, and what is in force afterwards.

use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;

use super::{Authority, Governance, PolicyBy};
use crate::decision::catalogue;
use crate::decision::lifecycle::{Act, Approvers, Book, Entry, Refusal, Stage};
use crate::decision::model::Model;
use crate::decision::policy::{self, Policy};
use crate::decision::record::Version;
use crate::decision::release::Release;
use crate::domain::caller::{Caller, Role};
use crate::domain::ids::KeyId;
use crate::domain::secret::Secret;
use crate::domain::units::{Digest, Timestamp};
use crate::service::clock::Clock;
use crate::service::keyring::KeyRing;
use crate::service::release::{InForce, Releases};
use crate::service::{Error, Kind, Service};
use crate::store::{Line, Settings, Store, StoredVersion, VersionKind};

/// A policy that is another version by its comment alone; the first is the built-in one.
fn text(number: usize) -> String {
    match number {
        0 => policy::DEFAULT.to_owned(),
        _ => format!("# candidate {number}\n{}", policy::DEFAULT),
    }
}

fn digest(number: usize) -> Digest {
    Digest::of(text(number).as_bytes())
}

fn who(name: &str) -> Caller {
    Caller::new(name, &[Role::Analyst, Role::Approver])
}

/// A service with the built-in policy, whose text is kept as at every start.
async fn service(dir: &Path, file: bool) -> Service {
    let facts = catalogue::load(catalogue::DEFAULT).unwrap();
    let built_in = Policy::load(policy::DEFAULT).unwrap();
    let version = built_in.version.clone();
    let release = Release {
        policy: Arc::new(built_in),
        model: Arc::new(Model::load(include_str!("../../../models/prior.json")).unwrap()),
        catalogue: Version {
            id: facts.id.clone(),
            digest: facts.digest,
        },
        engine: Version {
            id: "test".to_owned(),
            digest: Digest([7; 32]),
        },
    };
    let now = Timestamp::from_micros(1_781_092_800_000_000);
    let store = Store::open(&Settings::new(dir)).unwrap();
    let kept = StoredVersion {
        kind: VersionKind::Policy,
        version: version.clone(),
        body: Some(policy::DEFAULT.as_bytes().to_vec()),
        first_used_at: now,
    };
    store.keep_version(kept).await.unwrap();
    let key = (KeyId::try_new("k1").unwrap(), Secret::new([1; 32]));
    Service {
        store,
        clock: Arc::new(Clock::driven(now)),
        releases: Arc::new(Releases::new(InForce::new(release, Arc::new(facts)), now)),
        keys: Arc::new(KeyRing::new(key, [])),
        library: Arc::default(),
        governance: Arc::new(Governance {
            authority: if file {
                Authority::File
            } else {
                Authority::Acts(version)
            },
            approvers: Approvers::Others,
            server: "here".to_owned(),
        }),
        shelf: Arc::default(),
        shadows: Arc::default(),
        ids: Arc::default(),
        entropy: |bytes| bytes.fill(7),
    }
}

/// Proposed by ana and approved by ben.
async fn approved(service: &Service, number: usize) {
    let (ana, ben) = (who("ana"), who("ben"));
    let proposed = service.propose_policy(text(number), &ana, "try it");
    assert!(proposed.await.unwrap().is_ok());
    let approved = service.approve_policy(digest(number), &ben, "fine");
    assert_eq!(approved.await.unwrap().stage, Some(Stage::Approved));
}

fn in_force(service: &Service) -> Digest {
    service.releases.current().versions.policy.digest
}

fn refused(error: Error) -> Refusal {
    let told = format!("{error:?}");
    if let Error::Refused(refusal) = error {
        return refusal;
    }
    panic!("{told}")
}

#[tokio::test]
async fn what_is_activated_is_in_force_and_what_was_before_comes_back() {
    let dir = TempDir::new().unwrap();
    let service = service(dir.path(), false).await;
    approved(&service, 1).await;
    assert_eq!(in_force(&service), digest(0));
    let before = service.releases.current();
    let ana = who("ana");
    let active = service.activate_policy(digest(1), digest(0), &ana, "go");
    assert_eq!(active.await.unwrap().stage, Some(Stage::Active));
    assert_eq!(in_force(&service), digest(1));
    assert_eq!(before.versions.policy.digest, digest(0), "a call under way");
    let all = service.policies().await.unwrap();
    let told: Vec<_> = all
        .trail
        .iter()
        .map(|it| (it.principal.as_str(), it.act.name(), it.note.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("ana", "propose", "try it"),
            ("ben", "approve", "fine"),
            ("ana", "activate", "go"),
        ]
    );
    assert_eq!(all.replicas.first().unwrap().active.digest, digest(1));
    let back = service.roll_back_policy(digest(1), &ana, "no");
    assert_eq!(back.await.unwrap().standing.version.digest, digest(0));
    assert_eq!(in_force(&service), digest(0));
    let nowhere = service.roll_back_policy(digest(0), &ana, "").await;
    assert!(matches!(
        refused(nowhere.unwrap_err()),
        Refusal::NothingBefore(_)
    ));
}

#[tokio::test]
async fn an_approver_is_not_the_author() {
    let dir = TempDir::new().unwrap();
    let service = service(dir.path(), false).await;
    let ana = who("ana");
    let proposed = service.propose_policy(text(1), &ana, "");
    assert!(proposed.await.unwrap().unwrap().is_new);
    let own = service.approve_policy(digest(1), &ana, "").await;
    let error = own.unwrap_err();
    assert_eq!(error.kind(), Kind::WrongState);
    assert!(matches!(refused(error), Refusal::OwnProposal { .. }));
    let other = service.approve_policy(digest(1), &who("ben"), "").await;
    let standing = other.unwrap().standing;
    assert!(!standing.is_self_approved());
    assert_eq!(standing.approver.as_deref(), Some("ben"));
}

#[tokio::test]
async fn a_policy_that_does_not_load_is_not_kept_and_cannot_come_into_force() {
    let dir = TempDir::new().unwrap();
    let service = service(dir.path(), false).await;
    let ana = who("ana");
    let wrong = text(1).replace("[validity]", "[valdity]");
    let proposed = service.propose_policy(wrong.clone(), &ana, "").await;
    assert!(!proposed.unwrap().unwrap_err().is_empty());
    assert_eq!(service.policies().await.unwrap().trail, []);
    // As one that an earlier release took.
    let version = Version {
        id: "old".to_owned(),
        digest: Digest::of(wrong.as_bytes()),
    };
    for act in [Act::Propose, Act::Approve] {
        let line = Line {
            entry: Entry {
                at: Timestamp::from_micros(0),
                principal: "ana".to_owned(),
                act,
                version: version.clone(),
                replaced: None,
                note: String::new(),
            },
            kind: VersionKind::Policy,
            body: Some(wrong.as_bytes().to_vec()),
        };
        service
            .store
            .enter(|_| (Some(line), ()), || {})
            .await
            .unwrap();
    }
    let active = service.activate_policy(version.digest, digest(0), &ana, "");
    let refusal = refused(active.await.unwrap_err());
    let first = Policy::load(&wrong)
        .unwrap_err()
        .first()
        .unwrap()
        .to_string();
    let problem = first.clone();
    assert_eq!(refusal, Refusal::DoesNotLoad { version, problem });
    assert!(refusal.to_string().ends_with(&first));
    assert_eq!(in_force(&service), digest(0));
    assert_eq!(service.policies().await.unwrap().trail.len(), 2);
}

#[tokio::test]
async fn a_version_is_found_by_digest_by_name_or_as_the_active_one() {
    let dir = TempDir::new().unwrap();
    let service = service(dir.path(), false).await;
    let twin = service.propose_policy(text(1), &who("ana"), "").await;
    let name = twin.unwrap().unwrap().version.id;
    let digest_of = async |by| {
        service
            .policy(by)
            .await
            .map(|it| Digest::of(it.1.as_bytes()))
    };
    assert_eq!(digest_of(PolicyBy::Active).await.unwrap(), digest(0));
    assert_eq!(digest_of(PolicyBy::Name(name)).await.unwrap(), digest(1));
    let by = PolicyBy::Digest(digest(0));
    assert_eq!(digest_of(by).await.unwrap(), digest(0));
    for by in [
        PolicyBy::Digest(digest(9)),
        PolicyBy::Name("nobody".to_owned()),
    ] {
        let error = digest_of(by).await.unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound);
    }
    // What was only ever a file has a text and no life.
    let kept = StoredVersion {
        kind: VersionKind::Policy,
        version: Version {
            id: "of a file".to_owned(),
            digest: digest(2),
        },
        body: Some(text(2).into_bytes()),
        first_used_at: Timestamp::from_micros(0),
    };
    service.store.keep_version(kept).await.unwrap();
    let (placed, _) = service.policy(PolicyBy::Digest(digest(2))).await.unwrap();
    assert_eq!((placed.stage, placed.standing.author.as_str()), (None, ""));
}

#[tokio::test]
async fn a_file_is_the_authority() {
    let dir = TempDir::new().unwrap();
    let service = service(dir.path(), true).await;
    approved(&service, 1).await;
    let ana = who("ana");
    let active = service
        .activate_policy(digest(1), digest(0), &ana, "")
        .await;
    let back = service.roll_back_policy(digest(0), &ana, "").await;
    for error in [active.unwrap_err(), back.unwrap_err()] {
        assert!(matches!(refused(error), Refusal::FileRules(_)));
    }
    assert_eq!(in_force(&service), digest(0));
    assert_eq!(service.policies().await.unwrap().trail.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_several_activations_over_the_same_one_exactly_one_wins() {
    let dir = TempDir::new().unwrap();
    let service = service(dir.path(), false).await;
    for number in 1..=6 {
        approved(&service, number).await;
    }
    let mut racing = tokio::task::JoinSet::new();
    for number in 1..=6 {
        let service = service.clone();
        racing.spawn(async move {
            let ana = who("ana");
            let active = service.activate_policy(digest(number), digest(0), &ana, "");
            active.await.map(|_| number)
        });
    }
    let (mut won, mut lost) = (Vec::new(), 0);
    while let Some(ended) = racing.join_next().await {
        match ended.unwrap() {
            Ok(number) => won.push(number),
            Err(error) => {
                assert!(matches!(refused(error), Refusal::OtherActive { .. }));
                lost += 1;
            }
        }
    }
    assert_eq!((won.len(), lost), (1, 5));
    assert_eq!(in_force(&service), digest(won[0]));
}

/// The next number below `bound`, from a seed that moves on.
fn roll(seed: &mut u64, bound: u64) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
    usize::try_from((*seed >> 33) % bound).unwrap()
}

/// Acts at random; how many of them were done.
async fn play(service: Service, name: &'static str, mut seed: u64) -> usize {
    let (caller, mut done) = (who(name), 0);
    for _ in 0..30 {
        let number = roll(&mut seed, 4);
        let expected = match roll(&mut seed, 4) {
            0 => digest(roll(&mut seed, 4)),
            _ => in_force(&service),
        };
        let result = match roll(&mut seed, 5) {
            0 => {
                let proposed = service.propose_policy(text(number), &caller, name).await;
                done += usize::from(proposed.unwrap().unwrap().is_new);
                continue;
            }
            1 => service.approve_policy(digest(number), &caller, name).await,
            2 => service.roll_back_policy(expected, &caller, name).await,
            _ => {
                let active = service.activate_policy(digest(number), expected, &caller, name);
                active.await
            }
        };
        match result {
            Ok(_) => done += 1,
            Err(error) => drop(refused(error)),
        }
    }
    done
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn clients_that_act_at_random_leave_one_version_in_force_and_a_complete_trail() {
    for seed in 1..=4 {
        let dir = TempDir::new().unwrap();
        let service = service(dir.path(), false).await;
        let mut playing = tokio::task::JoinSet::new();
        for (number, name) in (0..).zip(["ana", "ben", "eve", "kim"]) {
            playing.spawn(play(service.clone(), name, seed * 100 + number));
        }
        let done: usize = playing.join_all().await.into_iter().sum();
        let all = service.policies().await.unwrap();
        assert_eq!(all.trail.len(), done, "seed {seed}");
        let stages = all.policies.iter().map(|it| it.stage);
        let active: Vec<_> = all
            .policies
            .iter()
            .filter(|it| it.stage == Some(Stage::Active))
            .map(|it| it.standing.version.digest)
            .collect();
        assert_eq!(
            active,
            [in_force(&service)],
            "{:?}",
            stages.collect::<Vec<_>>()
        );
        assert!(all.trail.iter().any(|it| it.act == Act::Activate));
        let mut own = all.policies.iter().map(|it| &it.standing);
        assert!(!own.any(|it| it.is_self_approved()));
        let verified = service.store.verify().await.unwrap();
        assert_eq!(verified.findings, [], "seed {seed}");
        // Whoever opens the store next finds the same.
        let base = service.base();
        drop(service);
        let store = Store::open(&Settings::new(dir.path())).unwrap();
        let trail = store.trail().await.unwrap();
        let again = Book::of(base, &trail).active().map(|it| it.digest);
        assert_eq!((trail, again), (all.trail, active.first().copied()));
    }
}
