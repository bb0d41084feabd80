//! The same server with and without shadows, in turns: they must cost the live answer nothing.

use std::time::Duration;

use doorstep::api::wire::pb;
use pb::policy_service_client::PolicyServiceClient;
use pb::start_shadow_request::Candidate;
use tonic::transport::{Channel, Endpoint};

use super::load::{self, Shape};
use super::pair::Pair;
use super::{MANY, Served};

/// Asked for on the command line, nothing else is compared.
pub(super) const WORD: &str = "shadows";
/// How many run in the turns that have some: half of them another scorecard, half a policy.
const NUMBER: usize = 8;

/// Starts and stops shadows.
struct Desk {
    client: PolicyServiceClient<Channel>,
    policy: String,
}

impl Desk {
    async fn open(address: &str) -> Self {
        let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
        let mut client = PolicyServiceClient::new(endpoint.connect().await.unwrap());
        let asked = client.get_policy(pb::GetPolicyRequest::default()).await;
        let active = asked.unwrap().into_inner().policy.unwrap();
        let policy = active.version.unwrap().digest;
        Self { client, policy }
    }

    async fn start(&self) {
        for place in 0..NUMBER {
            let candidate = if place % 2 == 0 {
                Candidate::ModelName("trained".to_owned())
            } else {
                Candidate::PolicyDigest(self.policy.clone())
            };
            let request = pb::StartShadowRequest {
                candidate: Some(candidate),
                until_at: None,
                note: String::new(),
            };
            self.client.clone().start_shadow(request).await.unwrap();
        }
    }

    /// Ends all that run; how many decisions they judged and how many they missed.
    async fn stop(&self, names: std::ops::Range<usize>) -> (u64, u64) {
        let (mut judged, mut missed) = (0, 0);
        for name in names {
            let request = pb::StopShadowRequest {
                shadow_id: format!("shadow-{name}"),
                note: String::new(),
            };
            let asked = self.client.clone().stop_shadow(request).await;
            let shadow = asked.unwrap().into_inner().shadow.unwrap();
            judged += shadow.transitions.iter().map(|it| it.orders).sum::<u64>();
            missed += shadow.failed;
        }
        (judged, missed)
    }
}

/// Throughput and latency with none and with some.
pub(super) async fn compare(served: &Served) {
    let desk = Desk::open(served.child.address()).await;
    let mut next = 1;
    for shape in [Shape::Unary(1), Shape::Unary(16), MANY] {
        let (mut judged, mut missed) = (0, 0);
        let with = async || {
            desk.start().await;
            let slice = served.slice(shape).await;
            let (said, not) = desk.stop(next..next + NUMBER).await;
            next += NUMBER;
            judged += said;
            missed += not;
            slice
        };
        let without = async || served.slice(shape).await;
        let pair = Pair::run(["no shadow", "8 shadows"], without, with).await;
        pair.print(&shape.name());
        println!("  judged {judged}, missed {missed}");
    }
    let length = Duration::from_secs(5);
    for rate in [250.0, 500.0] {
        let without = load::open(&served.target, rate, length, &served.orders).await;
        desk.start().await;
        let with = load::open(&served.target, rate, length, &served.orders).await;
        let (judged, missed) = desk.stop(next..next + NUMBER).await;
        next += NUMBER;
        println!("open loop, {rate:.0} orders/s; p50 / p99 / max, ms");
        println!("  no shadow {}", without.latencies());
        println!(
            "  8 shadows {}; judged {judged}, missed {missed}",
            with.latencies()
        );
    }
}
