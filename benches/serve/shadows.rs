//! The same server with and without shadows, in turns: they must cost the live answer nothing.

use std::time::Duration;

use doorstep::api::wire::pb;
use pb::policy_service_client::PolicyServiceClient;
use pb::start_shadow_request::Candidate;
use tonic::transport::{Channel, Endpoint};

use super::load::{self, Shape, Slice};
use super::pair::{self, Pair};
use super::{MANY, Served};

/// Asked for on the command line, nothing else is compared.
pub(super) const WORD: &str = "shadows";
/// How many run in the turns that have some: half of them another scorecard, half a policy.
const NUMBER: usize = 8;
/// A load that leaves room, in orders a second.
const RATE: f64 = 500.0;
/// How long one is held before it is another's turn.
const LENGTH: Duration = Duration::from_secs(4);
/// How many turns each has.
const SLICES: usize = 8;

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

    /// Starts some; their names.
    async fn start(&self) -> Vec<String> {
        let mut names = Vec::new();
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
            let asked = self.client.clone().start_shadow(request).await;
            names.push(asked.unwrap().into_inner().shadow.unwrap().shadow_id);
        }
        names
    }

    /// Ends some; how many decisions they judged and how many they missed.
    async fn stop(&self, names: &[String]) -> (u64, u64) {
        let (mut judged, mut missed) = (0, 0);
        for name in names {
            let request = pb::StopShadowRequest {
                shadow_id: name.clone(),
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
    for shape in [Shape::Unary(1), Shape::Unary(16), MANY] {
        let (mut judged, mut missed) = (0, 0);
        let with = async || {
            let started = desk.start().await;
            let slice = served.slice(shape).await;
            let (said, not) = desk.stop(&started).await;
            judged += said;
            missed += not;
            slice
        };
        let without = async || served.slice(shape).await;
        let pair = Pair::run(["no shadow", "8 shadows"], without, with).await;
        pair.print(&shape.name());
        println!("  judged {judged}, missed {missed}");
    }
    open_loop(&[("", served)]).await;
}

/// The same load that leaves room on a server as it was before and as it is, each without and with shadows, in turns.
pub(super) async fn beside(before: &Served, now: &Served) {
    open_loop(&[("before, ", before), ("now, ", now)]).await;
}

/// A server, with shadows or without, and every stretch of its load.
struct Turn<'a> {
    name: String,
    served: &'a Served,
    shadows: bool,
    slices: Vec<Slice>,
    judged: u64,
    missed: u64,
}

impl Turn<'_> {
    async fn take(&mut self) {
        let Served {
            child,
            target,
            orders,
        } = self.served;
        let desk = Desk::open(child.address()).await;
        let started = if self.shadows {
            desk.start().await
        } else {
            Vec::new()
        };
        self.slices
            .push(load::open(target, child, RATE, LENGTH, orders).await);
        let (judged, missed) = desk.stop(&started).await;
        self.judged += judged;
        self.missed += missed;
    }

    /// The median over the slices, with the least and the most.
    fn spread(&self, figure: impl Fn(&Slice) -> f64) -> String {
        let mut all: Vec<f64> = self.slices.iter().map(figure).collect();
        all.sort_by(f64::total_cmp);
        let [least, most] = [all.first(), all.last()].map(|it| it.copied().unwrap_or(f64::NAN));
        format!("{:.2} ({least:.2} to {most:.2})", pair::median(all))
    }
}

async fn open_loop(servers: &[(&str, &Served)]) {
    println!(
        "open loop, {RATE:.0} orders/s, {SLICES} slices of {LENGTH:?} each: medians (least to most), ms"
    );
    let mut turns = Vec::new();
    for (name, served) in servers {
        for (what, shadows) in [("no shadow", false), ("8 shadows", true)] {
            turns.push(Turn {
                name: format!("{name}{what}"),
                served,
                shadows,
                slices: Vec::new(),
                judged: 0,
                missed: 0,
            });
        }
    }
    for number in 0..SLICES {
        // In mirrored order every other time.
        if number % 2 == 0 {
            for turn in &mut turns {
                turn.take().await;
            }
        } else {
            for turn in turns.iter_mut().rev() {
                turn.take().await;
            }
        }
    }
    for turn in &turns {
        let [half, most, all] = [50, 99, 100].map(|it| turn.spread(|of| of.percentile(it)));
        println!("  {:<20}p50 {half:<24}p99 {most:<26}max {all}", turn.name);
        let (all, writer) = (turn.spread(Slice::cpu_us), turn.spread(Slice::writer_us));
        println!(
            "  {:<20}CPU us an order {all}, of the store's writer {writer}",
            ""
        );
        if turn.shadows {
            println!("  {:<20}judged {}, missed {}", "", turn.judged, turn.missed);
        }
    }
}
