//! What happens at once: two orders to one stop, one order many times, two contents of one order.

use std::collections::BTreeSet;

use doorstep::api::wire::pb;
use tokio::task::JoinSet;

use super::wire_client::{Server, laptop};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().unwrap()
}

#[test]
fn two_placed_orders_at_once_to_one_stop_never_both_get_an_otp() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("data"), &[]);
    runtime().block_on(async {
        let (one, two) = (server.client().await, server.client().await);
        let mut otps = 0;
        for round in 0..100 {
            let order = |side: &str| {
                laptop(
                    &format!("order-{side}-{round}"),
                    &format!("customer-{side}-{round}"),
                    &format!("address-{round}"),
                )
            };
            let (a, b) = tokio::join!(one.decide(order("a")), two.decide(order("b")));
            let (a, b) = (a.unwrap(), b.unwrap());
            assert!(
                a.action() != pb::Action::Otp || b.action() != pb::Action::Otp,
                "round {round}: both got an OTP"
            );
            otps += [a, b]
                .iter()
                .filter(|it| it.action() == pb::Action::Otp)
                .count();
        }
        assert!(otps >= 50, "only {otps} of 100 stops were alone at first");
    });
}

#[test]
fn the_same_order_sent_a_hundred_times_at_once_is_one_decision_recorded_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("data"), &[]);
    runtime().block_on(async {
        let clients = [
            server.client().await,
            server.client().await,
            server.client().await,
        ];
        let order = laptop("order-1", "customer-1", "address-1");
        let mut calls = JoinSet::new();
        for client in clients.iter().cycle().take(100) {
            let (client, order) = (client.clone(), order.clone());
            calls.spawn(async move { client.decide(order).await.unwrap() });
        }
        let answers = calls.join_all().await;
        let ids: BTreeSet<_> = answers.iter().map(|it| it.decision_id.clone()).collect();
        assert_eq!(ids.len(), 1);
        let first = answers.iter().filter(|it| !it.already_recorded).count();
        assert_eq!(first, 1, "decided once, found 99 times");
        let listed = clients[0].list("customer-1").await;
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].revision, 1);
    });
}

#[test]
fn of_two_contents_at_once_the_later_is_the_next_revision() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("data"), &[]);
    runtime().block_on(async {
        let (one, two) = (server.client().await, server.client().await);
        for round in 0..30 {
            let id = format!("order-{round}");
            let customer = format!("customer-{round}");
            let plain = laptop(&id, &customer, &format!("address-{round}"));
            let mut dear = plain.clone();
            dear.items[0].unit_price_minor = Some(120_000);
            let (a, b) = tokio::join!(one.decide(plain), two.decide(dear));
            let (a, b) = (a.unwrap(), b.unwrap());
            assert_eq!(
                BTreeSet::from([a.revision, b.revision]),
                BTreeSet::from([1, 2])
            );
            let last = if a.revision == 2 { &a } else { &b };
            let latest = one.get(&id).await.unwrap();
            assert_eq!(latest.decision_id, last.decision_id);
            assert_eq!(one.list(&customer).await.len(), 2);
        }
    });
}

#[test]
fn the_same_event_sent_many_times_at_once_is_recorded_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("data"), &[]);
    runtime().block_on(async {
        let client = server.client().await;
        client.decide(laptop("o", "c", "a")).await.unwrap();
        let event = pb::Event {
            event_id: "event-1".to_owned(),
            occurred_at: Some(prost_types::Timestamp {
                seconds: 1_780_000_000,
                nanos: 0,
            }),
            kind: Some(pb::event::Kind::PasswordReset(pb::PasswordReset {
                customer_id: "c".to_owned(),
            })),
        };
        let mut calls = JoinSet::new();
        for _ in 0..50 {
            let (client, event) = (client.clone(), event.clone());
            calls.spawn(async move { client.record(event).await.unwrap().status() });
        }
        let statuses = calls.join_all().await;
        let count = |status| statuses.iter().filter(|it| **it == status).count();
        assert_eq!(count(pb::EventStatus::Recorded), 1);
        assert_eq!(count(pb::EventStatus::Duplicate), 49);
    });
}
