//! What the pure core costs: measure, score, judge, explain, and the whole step with its changes, an order of three
//! items of a customer with history. Prints figures and asserts nothing: machines differ, and this one is shared.
//!
//! `cargo bench --bench decide`; under `valgrind --tool=callgrind` with `-- --once` the instructions of each are exact.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark talks, and may stop"
)]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use doorstep::api::wire::{self, Accepts, pb};
use doorstep::decision::answer::{Chance, Draw};
use doorstep::decision::explain::explain;
use doorstep::decision::judge::judge;
use doorstep::decision::model::Model;
use doorstep::decision::policy::Policy;
use doorstep::decision::record::Version;
use doorstep::decision::release::Release;
use doorstep::decision::snapshot::{Snapshot, Step};
use doorstep::decision::{catalogue, signals};
use doorstep::domain::content::{content_digest, event_digest};
use doorstep::domain::ids::{DecisionId, KeyId};
use doorstep::domain::order::Order;
use doorstep::domain::profile::Ratchet;
use doorstep::domain::secret::Secret;
use doorstep::domain::units::{Digest, Timestamp};
use doorstep::service::history;
use doorstep::service::keyring::KeyRing;
use doorstep::service::release::InForce;
use doorstep::service::scratch::Scratch;
use doorstep::service::step::{Ask, step};
use prost_reflect::{DescriptorPool, DynamicMessage};

/// The allocator of the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let once = std::env::args().any(|word| word == "--once");
    let rounds: u32 = if once { 1_000 } else { 100_000 };
    let (ask, snapshot) = scene();
    let in_force = &ask.in_force;
    let release: &Release = &in_force.release;
    let situation = signals::measure(
        Arc::clone(&ask.order),
        &snapshot,
        &in_force.catalogue,
        ask.now,
    );
    let draw = Draw {
        key_id: KeyId::try_new("k1").unwrap(),
        slot: 0,
        counter: 7,
        draw_micro: 500_000,
    };
    let chance = Chance {
        draw: Some(draw),
        ratchet: Ratchet::default(),
    };
    let decision = judge(&situation, release, &chance);
    println!(
        "an order of {} items: {}",
        ask.order.items.len(),
        decision.action.name()
    );
    println!("{:<40} {:>10}", "step of the pure core", "ns");
    let time = |name: &str, work: &mut dyn FnMut()| {
        for _ in 0..rounds / 10 {
            work();
        }
        // The best of ten slices: what the code costs when nobody else takes the core.
        let best = (0..10)
            .map(|_| {
                let start = Instant::now();
                for _ in 0..rounds / 10 {
                    work();
                }
                start.elapsed().as_nanos() / u128::from(rounds / 10)
            })
            .min();
        println!("{name:<40} {:>10}", best.unwrap_or(0));
    };
    time("measure", &mut || {
        black_box(signals::measure(
            Arc::clone(&ask.order),
            &snapshot,
            &in_force.catalogue,
            ask.now,
        ));
    });
    time("score", &mut || {
        black_box(release.model.score(black_box(&situation.signals)));
    });
    time("judge", &mut || {
        black_box(judge(black_box(&situation), release, &chance));
    });
    time("measure + judge (aim: 5000)", &mut || {
        let situation = signals::measure(
            Arc::clone(&ask.order),
            &snapshot,
            &in_force.catalogue,
            ask.now,
        );
        black_box(judge(&situation, release, &chance));
    });
    time("the whole step, with record and changes", &mut || {
        black_box(step(&ask, &snapshot));
    });
    if !once {
        let start = Instant::now();
        for _ in 0..200 {
            black_box(explain(&situation, release));
        }
        println!(
            "{:<40} {:>10}",
            "explain (not on the writer's way)",
            start.elapsed().as_nanos() / 200
        );
    }
}

/// The order `console among three parcels` of `answers.json` with two more items, and its customer's history.
fn scene() -> (Ask, Snapshot) {
    let file: serde_json::Value =
        serde_json::from_str(include_str!("../tests/data/vectors/answers.json")).unwrap();
    let cases = file["cases"].as_array().unwrap();
    let case = cases
        .iter()
        .find(|case| case["name"] == "console among three parcels")
        .unwrap();
    let now = Timestamp::from_micros(1_781_092_800_000_000);
    let catalogue = catalogue::load(include_str!("../models/catalogue.toml")).unwrap();
    let accepts = Accepts {
        now,
        currencies: catalogue.rates.keys().copied().collect(),
        driven: true,
    };
    let pool = DescriptorPool::decode(pb::DESCRIPTOR_SET).unwrap();
    let mut rows = Scratch::default();
    let events: Vec<_> = case["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|json| {
            let event: pb::Event = read(&pool, "doorstep.v1.Event", json);
            let event = wire::event(event, &accepts).unwrap();
            let digest = event_digest(&event);
            (event, digest)
        })
        .collect();
    rows.transact(history::keys(&events), |rows| {
        history::step(&events, now, rows)
    })
    .unwrap();
    let mut order = case["order"].clone();
    let items = order["items"].as_array_mut().unwrap();
    for (id, category, price) in [
        ("8", "CATEGORY_BOOK", 1500),
        ("9", "CATEGORY_FASHION", 6900),
    ] {
        items.push(
            serde_json::json!({"item_id": id, "category": category, "unit_price_minor": price}),
        );
    }
    let order: pb::Order = read(&pool, "doorstep.v1.Order", &order);
    let order: Order = wire::order(order, &accepts).unwrap();
    let mut keys = signals::keys(&order);
    let release = Release {
        policy: Arc::new(Policy::load(include_str!("../models/policy.toml")).unwrap()),
        model: Arc::new(Model::load(include_str!("../models/prior.json")).unwrap()),
        catalogue: Version {
            id: catalogue.id.clone(),
            digest: catalogue.digest,
        },
        engine: Version {
            id: "bench".to_owned(),
            digest: Digest([0; 32]),
        },
    };
    let key = (KeyId::try_new("k1").unwrap(), Secret::new([1; 32]));
    let content = content_digest(&order);
    let ask = Ask {
        order: Arc::new(order),
        content,
        now,
        in_force: Arc::new(InForce::new(release, Arc::new(catalogue))),
        keys: Arc::new(KeyRing::new(key, [])),
        decision_id: DecisionId::of(uuid::Uuid::from_u128(1)),
        salt: [3; 32],
        told: None,
    };
    // What the step asks for on its way is at hand, or it would be timed asking.
    loop {
        let snapshot = rows.read(keys.clone()).clone();
        match step(&ask, &snapshot) {
            Step::Done(..) => return (ask, snapshot),
            Step::More(more) => keys.extend(more),
        }
    }
}

fn read<M: prost::Message + Default>(
    pool: &DescriptorPool,
    name: &str,
    json: &serde_json::Value,
) -> M {
    let kind = pool.get_message_by_name(name).unwrap();
    DynamicMessage::deserialize(kind, json)
        .unwrap()
        .transcode_to()
        .unwrap()
}
