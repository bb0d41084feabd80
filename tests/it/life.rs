//! Versions live and die over the wire while the server is killed: every act that was acknowledged is in the trail, one
//! version is in force, and decisions cite it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use doorstep::api::wire::pb;
use pb::policy_service_client::PolicyServiceClient;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tonic::Code;
use tonic::transport::Channel;

use super::wire_client::{Client, Server, laptop, run};

const KILLS: usize = 5;
const ACTORS: usize = 3;
/// Acknowledged acts before each kill, and a few more by round.
const ACKS: usize = 25;

/// What the world outside was told.
#[derive(Default)]
struct Ledger {
    /// Notes of acts: each act has one of its own.
    acts: Mutex<BTreeSet<String>>,
    /// Policies that decisions cite.
    cited: Mutex<BTreeSet<String>>,
    acks: AtomicUsize,
    acked: Notify,
    over: AtomicBool,
}

impl Ledger {
    fn ack(&self, note: String) {
        self.acts.lock().unwrap().insert(note);
        self.acks.fetch_add(1, Ordering::SeqCst);
        self.acked.notify_waiters();
    }

    async fn until(&self, acks: usize) {
        loop {
            let more = self.acked.notified();
            if self.acks.load(Ordering::SeqCst) >= acks {
                return;
            }
            more.await;
        }
    }
}

/// One who acts, over its own connection.
struct Actor {
    name: String,
    policies: PolicyServiceClient<Channel>,
    ledger: Arc<Ledger>,
    /// Its own versions that were approved.
    approved: Vec<String>,
}

/// Whether the server still answers: a refusal is an answer, a broken connection is none.
fn answered<T>(result: Result<tonic::Response<T>, tonic::Status>) -> Result<Option<T>, ()> {
    match result {
        Ok(answer) => Ok(Some(answer.into_inner())),
        Err(status) if status.code() == Code::FailedPrecondition => Ok(None),
        Err(_) => Err(()),
    }
}

impl Actor {
    async fn active(&mut self) -> Result<String, ()> {
        let asked = self.policies.get_policy(pb::GetPolicyRequest::default());
        let state = answered(asked.await)?.and_then(|it| it.policy);
        Ok(state.unwrap().version.unwrap().digest)
    }

    /// A new version, approved.
    async fn bring(&mut self, step: usize) -> Result<(), ()> {
        let note = format!("{} proposes {step}", self.name);
        let toml = format!("# {note}\n{}", include_str!("../../models/policy.toml"));
        let request = pb::ProposePolicyRequest {
            toml,
            note: note.clone(),
        };
        let proposed = answered(self.policies.propose_policy(request).await)?.unwrap();
        self.ledger.ack(note);
        let digest = proposed.version.unwrap().digest;
        let note = format!("{} approves {step}", self.name);
        let request = pb::ApprovePolicyRequest {
            digest: digest.clone(),
            note: note.clone(),
        };
        let approved = answered(self.policies.approve_policy(request).await)?.unwrap();
        assert!(approved.policy.unwrap().self_approved);
        self.ledger.ack(note);
        self.approved.push(digest);
        Ok(())
    }

    async fn activate(&mut self, step: usize) -> Result<(), ()> {
        let note = format!("{} activates {step}", self.name);
        let place = step % self.approved.len();
        let request = pb::ActivatePolicyRequest {
            digest: self.approved[place].clone(),
            expected_active_digest: self.active().await?,
            note: note.clone(),
        };
        if let Some(answer) = answered(self.policies.activate_policy(request).await)? {
            assert_eq!(answer.policy.unwrap().stage(), pb::PolicyStage::Active);
            self.ledger.ack(note);
        }
        Ok(())
    }

    async fn roll_back(&mut self, step: usize) -> Result<(), ()> {
        let note = format!("{} rolls back {step}", self.name);
        let request = pb::RollBackPolicyRequest {
            expected_active_digest: self.active().await?,
            note: note.clone(),
        };
        if let Some(answer) = answered(self.policies.roll_back_policy(request).await)? {
            assert_eq!(answer.policy.unwrap().stage(), pb::PolicyStage::Active);
            self.ledger.ack(note);
        }
        Ok(())
    }

    /// Acts until the server is gone.
    async fn act(mut self) {
        for step in 0.. {
            if self.ledger.over.load(Ordering::SeqCst) {
                return;
            }
            let done = match step % 5 {
                0 => self.bring(step).await,
                3 => self.roll_back(step).await,
                _ => self.activate(step).await,
            };
            if done.is_err() {
                return;
            }
        }
    }
}

/// Decides until the server is gone.
async fn decide(client: Client, ledger: Arc<Ledger>, round: usize) {
    for number in 0.. {
        let order = laptop(&format!("o-{round}-{number}"), &format!("c-{number}"), "a1");
        let Ok(decision) = client.decide(order).await else {
            return;
        };
        let cited = decision.policy.unwrap().digest;
        ledger.cited.lock().unwrap().insert(cited);
    }
}

/// The trail has everything that was acknowledged, and what it says is in force.
async fn check(server: &Server, ledger: &Ledger, round: usize) {
    let client = server.client().await;
    let mut policies = PolicyServiceClient::new(client.channel.clone());
    let all = policies.list_policies(pb::ListPoliciesRequest {}).await;
    let all = all.unwrap().into_inner();
    let notes: Vec<_> = all.trail.iter().map(|it| it.note.clone()).collect();
    let told: BTreeSet<_> = notes.iter().cloned().collect();
    assert_eq!(told.len(), notes.len(), "an act is there twice");
    let acked = ledger.acts.lock().unwrap().clone();
    let lost: Vec<_> = acked.difference(&told).collect();
    assert!(lost.is_empty(), "{lost:?}");

    let changes = ["activate", "roll_back"];
    let played: Vec<_> = all
        .trail
        .iter()
        .filter(|it| changes.contains(&it.act.as_str()))
        .map(|it| it.digest.clone())
        .collect();
    let active: Vec<_> = all
        .policies
        .iter()
        .filter(|it| it.stage() == pb::PolicyStage::Active)
        .map(|it| it.version.clone().unwrap().digest)
        .collect();
    assert_eq!(active, [played.last().unwrap().clone()]);
    assert_eq!(all.replicas[0].active_digest, active[0]);
    let order = laptop(&format!("after-{round}"), "c-after", "a2");
    let decision = client.decide(order).await.unwrap();
    assert_eq!(decision.policy.unwrap().digest, active[0]);
    assert!(client.replay(&decision.decision_id).await.identical);

    let built_in = all.policies.last().unwrap();
    assert_eq!(built_in.author, "doorstep");
    let mut ever: BTreeSet<_> = played.into_iter().collect();
    ever.insert(built_in.version.clone().unwrap().digest);
    let cited = ledger.cited.lock().unwrap().clone();
    assert!(cited.is_subset(&ever), "{cited:?}");
}

async fn round(data: &Path, ledger: &Arc<Ledger>, round: usize) {
    let server = Server::start(data, &[]);
    if round > 0 {
        check(&server, ledger, round).await;
    }
    let goal = ledger.acks.load(Ordering::SeqCst) + ACKS + 7 * round % 10;
    let mut playing = JoinSet::new();
    for number in 0..ACTORS {
        let channel = server.client().await.channel;
        let actor = Actor {
            name: format!("{round}/{number}"),
            policies: PolicyServiceClient::new(channel),
            ledger: Arc::clone(ledger),
            approved: Vec::new(),
        };
        playing.spawn(actor.act());
    }
    playing.spawn(decide(server.client().await, Arc::clone(ledger), round));
    ledger.until(goal).await;
    server.kill();
    ledger.over.store(true, Ordering::SeqCst);
    playing.join_all().await;
    ledger.over.store(false, Ordering::SeqCst);
}

#[test]
fn killed_while_policies_come_and_go_the_last_durable_one_is_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let ledger = Arc::new(Ledger::default());
    for number in 0..KILLS {
        runtime.block_on(round(&data, &ledger, number));
    }
    let server = Server::start(&data, &[]);
    runtime.block_on(check(&server, &ledger, KILLS));
    assert!(server.stop().success());
    assert!(
        ledger.cited.lock().unwrap().len() > 1,
        "nothing was in force for long"
    );
    run(&["store", "verify"], &data);
}
