//! The server killed under load, again and again: what was acknowledged is there, identical, and
//! replays identically; stops, windows and draws agree with events and decisions.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use doorstep::api::wire::pb;
use pb::event::Kind;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::wire_client::{Client, Server, laptop, run};

const KILLS: usize = 12;
const WORKERS: usize = 6;
/// Acknowledged answers before each kill, and a few more by round, so that it never hits the same
/// moment.
const ACKS: usize = 80;

/// What the world outside was told: kept by us, compared with what the server knows.
#[derive(Default)]
struct Ledger {
    decisions: Mutex<BTreeMap<String, (pb::Order, pb::Decision)>>,
    events: Mutex<BTreeMap<String, pb::Event>>,
    /// Sent, and never answered.
    unsure: Mutex<Vec<pb::Order>>,
    acks: AtomicUsize,
    acked: Notify,
    over: AtomicBool,
}

impl Ledger {
    fn ack(&self) {
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

/// Orders that meet each other: few customers, few doors, carts among them.
fn order(worker: usize, number: usize) -> pb::Order {
    let mut made = laptop(
        &format!("order-{worker}-{number}"),
        &format!("customer-{}", (worker * 7 + number) % 20),
        &format!("address-{}", (worker + number * 3) % 15),
    );
    made.items[0].unit_price_minor = Some(1_500 + 17_000 * i64::try_from(number % 7).unwrap());
    if number % 5 == 4 {
        made.stage = pb::Stage::Cart.into();
    }
    made
}

/// What happens to an order afterwards, by its number.
fn event(order_id: &str, number: usize) -> Option<pb::Event> {
    let parcel_id = format!("{order_id}-p1");
    let order_id = order_id.to_owned();
    let kind = match number % 6 {
        0 => Kind::ParcelHandedOver(pb::ParcelHandedOver {
            order_id: order_id.clone(),
            parcel_id,
            recipient_role: pb::RecipientRole::Customer.into(),
            ..Default::default()
        }),
        1 => Kind::OrderCancelled(pb::OrderCancelled {
            order_id: order_id.clone(),
            ..Default::default()
        }),
        2 => Kind::DeliveryFailed(pb::DeliveryFailed {
            order_id: order_id.clone(),
            parcel_id,
            reason: pb::FailureReason::NobodyHome.into(),
            ..Default::default()
        }),
        3 => Kind::ClaimOpened(pb::ClaimOpened {
            claim_id: format!("claim-{order_id}"),
            order_id: order_id.clone(),
            kind: pb::ClaimKind::NotReceived.into(),
            ..Default::default()
        }),
        _ => return None,
    };
    Some(pb::Event {
        event_id: format!("event-{order_id}"),
        occurred_at: Some(prost_types::Timestamp {
            seconds: 1_780_000_000,
            nanos: 0,
        }),
        kind: Some(kind),
    })
}

/// Decides and tells until the server is gone.
async fn work(client: Client, ledger: Arc<Ledger>, worker: usize, from: usize) -> usize {
    let mut number = from;
    while !ledger.over.load(Ordering::SeqCst) {
        let order = order(worker, number);
        number += 1;
        match client.decide(order.clone()).await {
            Ok(decision) => {
                let id = order.order_id.clone();
                ledger
                    .decisions
                    .lock()
                    .unwrap()
                    .insert(id, (order.clone(), decision));
                ledger.ack();
            }
            Err(_) => {
                ledger.unsure.lock().unwrap().push(order);
                break;
            }
        }
        let Some(event) = event(&order.order_id, number) else {
            continue;
        };
        let Ok(result) = client.record(event.clone()).await else {
            break;
        };
        let taken = [pb::EventStatus::Recorded, pb::EventStatus::Pending];
        assert!(taken.contains(&result.status()), "{result:?}");
        ledger
            .events
            .lock()
            .unwrap()
            .insert(event.event_id.clone(), event);
        ledger.ack();
    }
    number
}

/// All that an answer says but what time and later events may change.
fn frozen(decision: &pb::Decision) -> pb::Decision {
    pb::Decision {
        state: 0,
        already_recorded: false,
        ..decision.clone()
    }
}

/// Everything acknowledged is there, and the same.
async fn check(client: &Client, ledger: &Ledger) {
    let decisions = ledger.decisions.lock().unwrap().clone();
    for (id, (_, told)) in &decisions {
        let request = pb::GetDecisionRequest {
            order_id: id.clone(),
            revision: Some(told.revision),
            view: pb::DecisionView::Full.into(),
            ..Default::default()
        };
        let found = client.decisions.clone().get_decision(request).await;
        let found = found.unwrap().into_inner().decision.unwrap();
        assert_eq!(frozen(&found), frozen(told), "order {id}");
        let again = client.replay(&told.decision_id).await;
        assert!(again.identical, "order {id}: {:?}", again.differences);
    }
    let events = ledger.events.lock().unwrap().clone();
    for event in events.into_values() {
        let result = client.record(event).await.unwrap();
        assert_eq!(result.status(), pb::EventStatus::Duplicate, "{result:?}");
    }
}

/// The same call again after the crash gives the answer, once.
async fn send_again(client: &Client, ledger: &Ledger) {
    let unsure = std::mem::take(&mut *ledger.unsure.lock().unwrap());
    for order in unsure {
        let decision = client.decide(order.clone()).await.unwrap();
        assert_eq!(decision.revision, 1, "order {}", order.order_id);
        let id = order.order_id.clone();
        ledger
            .decisions
            .lock()
            .unwrap()
            .insert(id, (order, decision));
    }
}

#[test]
fn killed_under_load_nothing_acknowledged_is_lost_or_changed() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let ledger = Arc::new(Ledger::default());
    let mut from = [0; WORKERS];
    for round in 0..KILLS {
        let server = Server::start(&data, &[]);
        runtime.block_on(async {
            let client = server.client().await;
            send_again(&client, &ledger).await;
            let goal = ledger.acks.load(Ordering::SeqCst) + ACKS + 13 * round % 40;
            let mut workers = JoinSet::new();
            for (worker, from) in from.iter().copied().enumerate() {
                let (client, ledger) = (server.client().await, Arc::clone(&ledger));
                workers.spawn(async move { (worker, work(client, ledger, worker, from).await) });
            }
            ledger.until(goal).await;
            server.kill();
            ledger.over.store(true, Ordering::SeqCst);
            for (worker, number) in workers.join_all().await {
                from[worker] = number;
            }
            ledger.over.store(false, Ordering::SeqCst);
        });
        if round % 4 == 3 {
            let server = Server::start(&data, &[]);
            runtime.block_on(async { check(&server.client().await, &ledger).await });
            server.kill();
        }
    }

    let server = Server::start(&data, &[]);
    runtime.block_on(async {
        let client = server.client().await;
        send_again(&client, &ledger).await;
        check(&client, &ledger).await;
    });
    let log = server.log();
    assert!(server.stop().success(), "{log}");
    assert!(!log.contains("panicked"), "{log}");
    let kept = ledger.decisions.lock().unwrap().len();
    assert!(kept >= KILLS * ACKS / 2, "only {kept} decisions");
    // Digests, and every profile, stop, window and draw folded again from decisions and events.
    run(&["store", "verify"], &data);
}
