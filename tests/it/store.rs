//! The store under the live service: months of orders and events leave everything in step, damage is named, a record
//! stays small, and what `docs/schema.md` tells an analyst to ask is answered.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use doorstep::api::wire::{self, Accepts, pb};
use doorstep::decision::catalogue;
use doorstep::decision::lifecycle::Approvers;
use doorstep::decision::model::Model;
use doorstep::decision::policy::Policy;
use doorstep::decision::record::Version;
use doorstep::decision::release::Release;
use doorstep::domain::caller::Caller;
use doorstep::domain::content::{content_digest, event_digest};
use doorstep::domain::ids::KeyId;
use doorstep::domain::secret::Secret;
use doorstep::domain::units::{Digest, Timestamp};
use doorstep::service::Service;
use doorstep::service::clock::Clock;
use doorstep::service::keyring::KeyRing;
use doorstep::service::policies::{Authority, Governance};
use doorstep::service::release::{InForce, Releases};
use doorstep::service::shadow::{Shadows, Start, SwapTo};
use doorstep::store::{Settings, Store};
use rusqlite::Connection;
use tempfile::TempDir;

/// 2026-06-10T12:00:00Z, in seconds.
const NOON_S: i64 = 1_781_092_800;

fn at(seconds: i64) -> Option<prost_types::Timestamp> {
    Some(prost_types::Timestamp { seconds, nanos: 0 })
}

fn service(dir: &Path) -> Service {
    let catalogue = catalogue::load(include_str!("../../models/catalogue.toml")).unwrap();
    let release = Release {
        policy: Arc::new(Policy::load(include_str!("../../models/policy.toml")).unwrap()),
        model: Arc::new(Model::load(include_str!("../../models/prior.json")).unwrap()),
        catalogue: Version {
            id: catalogue.id.clone(),
            digest: catalogue.digest,
        },
        engine: Version {
            id: "test".to_owned(),
            digest: Digest([7; 32]),
        },
    };
    let key = (KeyId::try_new("k1").unwrap(), Secret::new([1; 32]));
    Service {
        store: Store::open(&Settings::new(dir)).unwrap(),
        clock: Arc::new(Clock::driven(Timestamp::from_micros(0))),
        releases: Arc::new(Releases::new(
            InForce::new(release, Arc::new(catalogue)),
            Timestamp::from_micros(0),
        )),
        keys: Arc::new(KeyRing::new(key, [])),
        library: Arc::default(),
        governance: Arc::new(Governance {
            authority: Authority::File,
            approvers: Approvers::Others,
            server: "test".to_owned(),
        }),
        shelf: Arc::default(),
        shadows: Arc::default(),
        ids: Arc::default(),
        entropy: |bytes| bytes.fill(7),
    }
}

fn later() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

/// Random numbers from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// Some weeks of a shop's life, by order number.
struct Shop {
    service: Service,
    accepts: Accepts,
    dice: Dice,
    now_s: i64,
    events: u64,
    orders: BTreeMap<u64, pb::Order>,
}

impl Shop {
    fn new(dir: &Path, seed: u64) -> Self {
        let service = service(dir);
        let in_force = service.releases.current();
        let accepts = Accepts {
            now: Timestamp::from_micros(NOON_S * 1_000_000),
            currencies: in_force.catalogue.rates.keys().copied().collect(),
            driven: true,
        };
        Self {
            service,
            accepts,
            dice: Dice(seed),
            now_s: NOON_S,
            events: 0,
            orders: BTreeMap::new(),
        }
    }

    /// Lets another scorecard judge beside the live one from now on.
    async fn shadow(&mut self) {
        let store = &self.service.store;
        let shadows = Shadows::resume(store, self.service.clock.now()).await;
        self.service.shadows = Arc::new(shadows.unwrap());
        let start = Start {
            swap: SwapTo::Model("trained".to_owned()),
            until_at: Some(Timestamp::from_micros((NOON_S + 89 * 86_400) * 1_000_000)),
            principal: "ada".to_owned(),
            note: "a try".to_owned(),
        };
        self.service.clock.advance(self.accepts.now);
        self.service.start_shadow(start).await.unwrap();
    }

    fn order(&mut self, number: u64) -> pb::Order {
        let customer = self.dice.below(6);
        let item = |dice: &mut Dice, place: u64| pb::Item {
            item_id: format!("sku-{place}"),
            // Mostly small, some dear.
            unit_price_minor: i64::try_from(
                900 + dice.below(9) * dice.below(9) * dice.below(1_500),
            )
            .ok(),
            quantity: Some(1),
            category: i32::try_from(1 + dice.below(14)).unwrap(),
            ..pb::Item::default()
        };
        let items = (1..=3).map(|place| item(&mut self.dice, place)).collect();
        let guest = customer == 5;
        pb::Order {
            order_id: format!("order-{number}"),
            customer_id: if guest {
                String::new()
            } else {
                format!("customer-{customer}")
            },
            placed_at: at(self.now_s),
            currency_code: "EUR".to_owned(),
            items,
            expected_parcels: Some(1),
            delivery: Some(pb::Delivery {
                address_key: format!("address-{}", self.dice.below(5)),
                ..pb::Delivery::default()
            }),
            contacts: vec![pb::Contact {
                contact_id: format!("sms-{customer}"),
                kind: pb::ContactKind::Sms.into(),
                verified: Some(true),
                ..pb::Contact::default()
            }],
            carrier: Some(pb::Carrier {
                carrier_id: "carrier-1".to_owned(),
                route_id: format!("route-{}", self.dice.below(3)),
                depot_id: "depot-1".to_owned(),
                ..pb::Carrier::default()
            }),
            session: Some(pb::Session {
                device_key: format!("device-{}", self.dice.below(4)),
                payment_key: format!("payment-{}", self.dice.below(4)),
                ..pb::Session::default()
            }),
            ..pb::Order::default()
        }
    }

    /// Decides an order; a refusal for its state is an answer too.
    async fn decide(&self, order: pb::Order) {
        let order = wire::order(order, &self.accepts).unwrap();
        let content = content_digest(&order);
        drop(self.service.decide(order, content, later()).await);
    }

    async fn tell(&mut self, kind: pb::event::Kind) {
        self.events += 1;
        let event = pb::Event {
            event_id: format!("event-{}", self.events),
            occurred_at: at(self.now_s - i64::try_from(self.dice.below(7_200)).unwrap()),
            kind: Some(kind),
        };
        let event = wire::event(event, &self.accepts).unwrap();
        let digest = event_digest(&event);
        self.service
            .record_events(vec![(event, digest)], later())
            .await
            .unwrap();
    }

    /// One thing happens: an order, a change of one, or an event, of an order known or not.
    async fn step(&mut self) {
        use pb::event::Kind;
        self.now_s += i64::try_from(self.dice.below(40_000)).unwrap();
        let number = self.dice.below(60);
        let order_id = format!("order-{number}");
        let parcel_id = format!("parcel-{number}");
        match self.dice.below(12) {
            0..=3 => {
                let fresh = self.order(number);
                let mut order = self.orders.entry(number).or_insert(fresh).clone();
                order.stage = i32::try_from(1 + self.dice.below(2)).unwrap();
                if self.dice.below(6) == 0 {
                    order.items.truncate(2);
                    self.orders.insert(number, order.clone());
                }
                self.decide(order).await;
            }
            4 => {
                self.tell(Kind::OrderCancelled(pb::OrderCancelled {
                    order_id,
                    ..Default::default()
                }))
                .await;
            }
            5 => {
                let address_key = format!("address-{}", self.dice.below(5));
                self.tell(Kind::OrderRerouted(pb::OrderRerouted {
                    order_id,
                    address_key,
                }))
                .await;
            }
            6 | 7 => {
                let handed = pb::ParcelHandedOver {
                    order_id,
                    parcel_id,
                    route_id: format!("route-{}", self.dice.below(3)),
                    recipient_role: pb::RecipientRole::Customer.into(),
                    ..Default::default()
                };
                self.tell(Kind::ParcelHandedOver(handed)).await;
            }
            8 => {
                let failed = pb::DeliveryFailed {
                    order_id,
                    parcel_id,
                    ..Default::default()
                };
                self.tell(Kind::DeliveryFailed(failed)).await;
            }
            9 => {
                let opened = pb::ClaimOpened {
                    claim_id: format!("claim-{number}"),
                    order_id,
                    kind: pb::ClaimKind::NotReceived.into(),
                    ..Default::default()
                };
                self.tell(Kind::ClaimOpened(opened)).await;
            }
            10 => {
                let settled = pb::ClaimSettled {
                    claim_id: format!("claim-{number}"),
                    fault: i32::try_from(1 + self.dice.below(6)).unwrap(),
                    ..Default::default()
                };
                self.tell(Kind::ClaimSettled(settled)).await;
            }
            _ => {
                let customer_id = format!("customer-{}", self.dice.below(5));
                self.tell(Kind::PasswordReset(pb::PasswordReset { customer_id }))
                    .await;
            }
        }
    }

    async fn live(&mut self, steps: u32) {
        for _ in 0..steps {
            self.step().await;
        }
    }
}

#[tokio::test]
async fn a_life_of_orders_and_events_leaves_everything_in_step() {
    for seed in 1..=4 {
        let dir = TempDir::new().unwrap();
        let mut shop = Shop::new(dir.path(), seed);
        for _ in 0..3 {
            shop.live(150).await;
            let verified = shop.service.store.verify().await.unwrap();
            assert_eq!(verified.findings, [], "seed {seed}");
            assert!(verified.decisions > 20 && verified.events > 50 && verified.rows > 20);
        }
        let (decisions, newest) = (
            shop.service.store.scan(0, 10_000).await.unwrap(),
            shop.service.store.newest().await.unwrap(),
        );
        drop(shop);
        let again = service(dir.path());
        let verified = again.store.verify().await.unwrap();
        assert_eq!(verified.findings, [], "seed {seed}");
        assert_eq!(again.store.newest().await.unwrap(), newest);
        let kept = again.store.scan(0, 10_000).await.unwrap();
        assert_eq!(kept.len(), decisions.len());
        for (kept, before) in kept.iter().zip(&decisions) {
            assert_eq!(kept.record, before.record);
            let replayed = again
                .replay(kept.record.decision_id.clone(), None)
                .await
                .unwrap();
            assert!(
                replayed.differences.is_empty(),
                "{:?}",
                replayed.differences
            );
        }
    }
}

#[tokio::test]
async fn whatever_is_changed_behind_its_back_is_found() {
    let check = async |change: &str, what: &str| {
        let dir = TempDir::new().unwrap();
        let mut shop = Shop::new(dir.path(), 11);
        shop.live(250).await;
        let file = dir.path().join("doorstep.sqlite3");
        let connection = Connection::open(file).unwrap();
        connection
            .pragma_update(None, "foreign_keys", false)
            .unwrap();
        let changed = connection.execute(change, []).unwrap();
        assert!(changed > 0, "{change}");
        let findings = shop.service.store.verify().await.unwrap().findings;
        let named = findings.iter().any(|it| it.to_string().starts_with(what));
        assert!(named, "{change}: {findings:?}");
    };
    let cases = [
        (
            "UPDATE decision SET action = 1 + action % 3 WHERE seq = 5",
            "decision ",
        ),
        (
            "UPDATE decision SET risk = risk / 2 WHERE seq = 5",
            "decision ",
        ),
        (
            "UPDATE decision SET customer_id = 'another' WHERE seq = 5",
            "decision ",
        ),
        (
            "UPDATE decision_personal SET body = x'0801' WHERE seq = 5",
            "decision ",
        ),
        (
            "UPDATE decision SET body = zeroblob(9) WHERE seq = 5",
            "decision ",
        ),
        (
            "UPDATE decision SET policy = model WHERE seq = 5",
            "decision ",
        ),
        (
            "DELETE FROM decision WHERE revision = 1 AND order_id IN (SELECT order_id FROM decision WHERE revision = 2)",
            "decision ",
        ),
        (
            "DELETE FROM decision WHERE seq = (SELECT MAX(seq) FROM decision)",
            "order ",
        ),
        ("DELETE FROM orders WHERE placed_at IS NOT NULL", "order "),
        (
            "UPDATE orders SET dossier = x'0801' WHERE ended_at IS NOT NULL",
            "order ",
        ),
        (
            "DELETE FROM event WHERE kind = 'parcel_handed_over'",
            "order ",
        ),
        (
            "UPDATE event SET occurred_at = occurred_at + 1 WHERE kind = 'order_cancelled'",
            "order ",
        ),
        ("DELETE FROM customer WHERE kind = 0", "customer "),
        (
            "UPDATE customer SET body = (SELECT body FROM customer WHERE key = 'customer-1') WHERE key = 'customer-2'",
            "customer ",
        ),
        (
            "UPDATE address SET body = (SELECT body FROM address WHERE key = 'address-1') WHERE key = 'address-2'",
            "address ",
        ),
        ("DELETE FROM link", "link "),
        (
            "UPDATE claim SET fault = 1 + fault % 6 WHERE fault IS NOT NULL",
            "claim ",
        ),
        ("UPDATE tally SET n = n + 1 WHERE kind = 2", "count of all"),
        ("DELETE FROM tally WHERE kind = 0", "count of route "),
    ];
    for (change, what) in cases {
        check(change, what).await;
    }
}

/// The text of every block of a language in a document.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let open = format!("```{language}\n");
    let block = |rest: &'a str| rest.split("```").next();
    page.split(&open).skip(1).filter_map(block).collect()
}

#[tokio::test]
async fn what_the_schema_page_asks_is_answered() {
    let dir = TempDir::new().unwrap();
    let mut shop = Shop::new(dir.path(), 3);
    shop.shadow().await;
    shop.live(400).await;
    // What shadows said is written before they are told of.
    assert_eq!(shop.service.list_shadows().await.unwrap().len(), 1);
    let text = format!("# another\n{}", include_str!("../../models/policy.toml"));
    let dev = Caller::dev();
    let proposed = shop.service.propose_policy(text, &dev, "a try");
    assert!(proposed.await.unwrap().is_ok());
    let connection = Connection::open(dir.path().join("doorstep.sqlite3")).unwrap();
    let page = include_str!("../../docs/schema.md");
    let queries = blocks(page, "sql");
    assert!(queries.len() >= 10);
    for query in queries {
        let mut statement = connection.prepare(query).expect(query);
        assert!(statement.readonly(), "{query}");
        let mut rows = statement.query([]).unwrap();
        let mut count = 0;
        while rows.next().expect(query).is_some() {
            count += 1;
        }
        assert!(count > 0 || query.contains("REVIEW"), "no row: {query}");
    }
    let mut tables = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'")
        .unwrap();
    let names = tables.query_map([], |row| row.get::<_, String>(0)).unwrap();
    for name in names.map(Result::unwrap).filter(|name| name != "probe") {
        let told = page.contains(&format!("`{name}`")) || page.contains(&format!("### {name}\n"));
        assert!(told, "{name} is not explained");
    }
}

#[tokio::test]
async fn a_decision_of_three_items_takes_two_kib_at_most() {
    let dir = TempDir::new().unwrap();
    let mut shop = Shop::new(dir.path(), 5);
    let empty = {
        let other = TempDir::new().unwrap();
        drop(service(other.path()));
        std::fs::metadata(other.path().join("doorstep.sqlite3"))
            .unwrap()
            .len()
    };
    let count: u64 = 1_200;
    for number in 0..count {
        shop.now_s += 600;
        let mut order = shop.order(1_000_000 + number);
        // Customers as a shop has them: one order in five is of somebody seen before.
        let new = number - number % 5;
        order.customer_id = format!("customer-{new}");
        if let Some(delivery) = &mut order.delivery {
            delivery.address_key = format!("address-{new}");
        }
        shop.decide(order).await;
    }
    drop(shop);
    let file = dir.path().join("doorstep.sqlite3");
    let bytes = (std::fs::metadata(&file).unwrap().len() - empty) / count;
    println!("{bytes} bytes a decision, everything included");
    assert!(bytes <= 2_048, "{bytes} bytes a decision");
}
