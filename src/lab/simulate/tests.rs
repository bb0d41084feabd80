//! A world is the same for the same seed, is about as dangerous as it says, and every scenario is what its name says.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use super::baselines::{Everybody, NoVerification, Oracle, RandomTenth, ValueThreshold};
use super::history::{Files, History};
use super::ledger::Ledger;
use super::parameters::{Parameters, WorldFile};
use super::shop::{Closed, Happening, Shop, Verdict};
use super::world::{Day, Extent, Nobody, Witness, World};
use crate::domain::action::Action;
use crate::domain::event::{Event, EventKind, ScanKind};
use crate::domain::hazard::Hazard;
use crate::domain::ids::OrderId;
use crate::domain::order::{ContactKind, Order, Stage};
use crate::domain::units::Date;

/// 2025-01-01.
const START: Date = Date::from_days(20_089);

const fn extent(orders: u64, days: i32, seed: u64) -> Extent {
    Extent {
        orders,
        start: START,
        days,
        seed,
    }
}

fn scenario(name: &str) -> Parameters {
    WorldFile::built_in().unwrap().scenario(name).unwrap()
}

fn ledger(name: &str, extent: &Extent, shop: &mut dyn Shop) -> Ledger {
    let world = World::new(scenario(name), extent).unwrap();
    world.play(shop, &mut Nobody).unwrap()
}

/// Everything that was told, and every end.
#[derive(Default)]
struct Told {
    orders: Vec<std::sync::Arc<Order>>,
    events: Vec<Event>,
    ends: BTreeMap<OrderId, ([f64; Hazard::COUNT], Option<Hazard>)>,
}

impl Witness for Told {
    fn day(&mut self, day: &Day<'_>) -> Result<(), Closed> {
        for happening in day.happenings {
            match happening {
                Happening::Order(order) => self.orders.push(order.clone()),
                Happening::Event(event) => self.events.push(Event::clone(event)),
            }
        }
        Ok(())
    }

    fn ended(
        &mut self,
        order: &OrderId,
        truth: &[f64; Hazard::COUNT],
        happened: Option<Hazard>,
    ) -> Result<(), Closed> {
        self.ends.insert(order.clone(), (*truth, happened));
        Ok(())
    }
}

fn told(name: &str, extent: &Extent, shop: &mut dyn Shop) -> (Told, Ledger) {
    let mut told = Told::default();
    let world = World::new(scenario(name), extent).unwrap();
    let ledger = world.play(shop, &mut told).unwrap();
    (told, ledger)
}

fn files(extent: &Extent) -> Files<Vec<u8>> {
    let mut history = History::new(Files {
        orders: Vec::new(),
        events: Vec::new(),
        verification: Vec::new(),
        truth: Vec::new(),
    });
    let world = World::new(scenario("baseline"), extent).unwrap();
    let mut shop = RandomTenth::new(extent.seed);
    world.play(&mut shop, &mut history).unwrap();
    history.finish().unwrap()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let [one, same, other] = [3, 3, 4].map(|seed| files(&extent(600, 60, seed)));
    assert_eq!(one.orders, same.orders);
    assert_eq!(one.events, same.events);
    assert_eq!(one.verification, same.verification);
    assert_eq!(one.truth, same.truth);
    assert_ne!(one.orders, other.orders);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let extent = extent(2_000, 4, 5);
    let [one, three] = [1, 3].map(|threads| {
        let mut told = Told::default();
        let world = World::new(scenario("baseline"), &extent).unwrap();
        let world = world.with_threads(NonZeroUsize::new(threads).unwrap());
        let ledger = world.play(&mut Everybody, &mut told).unwrap();
        (told.orders, told.events, ledger)
    });
    assert_eq!(one, three);
}

#[test]
fn a_history_is_json_without_a_word_of_the_truth() {
    let files = files(&extent(800, 90, 9));
    let (orders, events) = [files.orders, files.events]
        .map(|it| String::from_utf8(it).unwrap())
        .into();
    let lines = |text: &str| {
        let parse = |line| serde_json::from_str::<serde_json::Value>(line).unwrap();
        text.lines().map(parse).collect::<Vec<_>>()
    };
    assert_eq!(lines(&orders).len(), 800);
    assert!(lines(&events).len() > 1_500, "{}", lines(&events).len());
    let words = [
        "intruder", "rotten", "mule", "truth", "claimant", "exposure",
    ];
    for word in Hazard::ALL.iter().map(|it| it.key()).chain(words) {
        let told = word == Hazard::AccountTakeover.key();
        assert!(
            !orders.contains(word) && (told || !events.contains(word)),
            "{word}"
        );
    }
    let truth = String::from_utf8(files.truth).unwrap();
    let header =
        "order_id,porch_theft,courier_theft,substitution,false_claim,account_takeover,happened";
    assert_eq!(truth.lines().next(), Some(header));
    let verification = String::from_utf8(files.verification).unwrap();
    for line in verification.lines().skip(1) {
        let micros: u32 = line
            .split(',')
            .skip(2)
            .map(|it| it.parse::<u32>().unwrap())
            .sum();
        assert_eq!(micros, 1_000_000, "{line}");
    }
}

#[test]
fn a_world_is_about_as_dangerous_as_its_file_says() {
    let (told, ledger) = told("baseline", &extent(12_000, 240, 1), &mut NoVerification);
    assert_eq!(told.orders.len(), 12_000);
    // Percent of orders, on average: from, to.
    let bounds = [
        (0.15, 0.45),
        (0.02, 0.08),
        (0.005, 0.04),
        (0.03, 0.2),
        (0.01, 0.08),
    ];
    let number = f64::from(u32::try_from(told.ends.len()).unwrap());
    for (hazard, (from, to)) in Hazard::ALL.iter().zip(bounds) {
        let at = hazard.index();
        let expected: f64 = told.ends.values().map(|(p, _)| p[at]).sum();
        let percent = 100.0 * expected / number;
        assert!((from..=to).contains(&percent), "{hazard:?}: {percent} %");
        let happened = f64::from(u32::try_from(ledger.losses[at]).unwrap());
        let most = 5.0 * expected.sqrt() + 2.0;
        assert!(
            (happened - expected).abs() < most,
            "{hazard:?}: {happened}, not {expected}"
        );
    }
}

#[test]
fn decisions_shift_no_other_draw() {
    let extent = extent(2_500, 120, 8);
    let (free, _) = told("baseline", &extent, &mut NoVerification);
    let (coded, _) = told("baseline", &extent, &mut Everybody);
    let kept = |told: &Told| -> BTreeMap<_, _> {
        let facts = |it: &Order| {
            (
                it.placed_at,
                it.customer_id.clone(),
                format!("{:?}", it.items),
            )
        };
        told.orders
            .iter()
            .map(|it| (it.order_id.clone(), facts(it)))
            .collect()
    };
    assert_eq!(kept(&free), kept(&coded));
    let stolen = |told: &Told| -> BTreeSet<OrderId> {
        let is = |end: &&OrderId| told.ends[*end].1 == Some(Hazard::PorchTheft);
        told.ends.keys().filter(is).cloned().collect()
    };
    let (without, with) = (stolen(&free), stolen(&coded));
    assert!(
        with.is_subset(&without) && with.len() < without.len(),
        "{with:?} {without:?}"
    );
}

#[test]
fn nobody_does_better_than_an_oracle_and_each_shop_asks_what_it_says() {
    let extent = extent(6_000, 150, 2);
    let none = ledger("baseline", &extent, &mut NoVerification);
    let threshold = ledger("baseline", &extent, &mut ValueThreshold { from: 400.0 });
    let everybody = ledger("baseline", &extent, &mut Everybody);
    let tenth = ledger("baseline", &extent, &mut RandomTenth::new(2));
    let oracle = ledger("baseline", &extent, &mut Oracle::default());
    let total = |ledger: &Ledger| ledger.total().expected;
    for other in [&none, &threshold, &everybody, &tenth] {
        assert!(
            total(&oracle) < total(other),
            "{} {}",
            total(&oracle),
            total(other)
        );
    }
    assert_eq!(
        (none.bothered, none.coded, none.valuable_if_coded()),
        (0, 0, None)
    );
    assert!(none.verification_in_all().expected.abs() < 1e-9);
    assert!(
        (0.06..0.11).contains(&tenth.share_bothered()),
        "{}",
        tenth.share_bothered()
    );
    assert!(everybody.share_bothered() > 0.7 && threshold.share_bothered() < 0.15);
    // Who asks from a value on tells couriers what is valuable.
    assert_eq!(threshold.valuable_if_coded(), Some(1.0));
    assert!(everybody.valuable_if_coded().unwrap() < 0.15);
    assert!(everybody.victims_wrongly_suspected > oracle.victims_wrongly_suspected);
    assert_eq!(oracle.victims_wrongly_suspected, 0);
}

/// One code for everybody, by text message where there is a number.
struct ByText;

impl Shop for ByText {
    fn tick(&mut self, batch: &[Happening]) -> Result<Vec<Verdict>, Closed> {
        let mut verdicts = Everybody.tick(batch)?;
        let orders = batch.iter().filter_map(|it| match it {
            Happening::Order(order) => Some(order),
            Happening::Event(_) => None,
        });
        for (order, verdict) in orders.zip(&mut verdicts) {
            let text = order.contacts.iter().find(|it| it.kind == ContactKind::Sms);
            if let Some(text) = text {
                verdict.code_contact = Some(text.contact_id.clone());
            }
        }
        Ok(verdicts)
    }
}

/// What a scenario is measured by: something that the named trouble makes larger.
type Measure = fn(&Told, &Ledger) -> f64;

fn share(told: &Told, is: impl Fn(&Order) -> bool) -> f64 {
    let count = told.orders.iter().filter(|it| is(it)).count();
    f64::from(u32::try_from(count).unwrap()) / f64::from(u32::try_from(told.orders.len()).unwrap())
}

fn count(told: &Told, is: impl Fn(&EventKind) -> bool) -> f64 {
    let count = told.events.iter().filter(|it| is(&it.kind)).count();
    f64::from(u32::try_from(count).unwrap())
}

fn lost(ledger: &Ledger, hazard: Hazard) -> f64 {
    ledger.lost[hazard.index()].expected
}

/// Days from claims to their settlement, on average.
fn settled_after(told: &Told, _: &Ledger) -> f64 {
    let mut opened = BTreeMap::new();
    let mut days = Vec::new();
    for event in &told.events {
        if let EventKind::ClaimOpened(claim) = &event.kind {
            opened.insert(claim.claim_id.clone(), event.occurred_at);
        }
        if let EventKind::ClaimSettled { claim_id, .. } = &event.kind {
            days.push(event.occurred_at.since(opened[claim_id]).as_days());
        }
    }
    days.iter().sum::<f64>() / f64::from(u32::try_from(days.len()).unwrap())
}

/// Parcels loaded an order.
fn parcels(told: &Told, _: &Ledger) -> f64 {
    let loaded = count(
        told,
        |kind| matches!(kind, EventKind::ParcelScanned(scan) if scan.kind == ScanKind::Loaded),
    );
    let told_of: u32 = told
        .orders
        .iter()
        .filter_map(|it| it.expected_parcels)
        .sum();
    loaded / f64::from(told_of)
}

#[test]
fn every_scenario_is_what_its_name_says() {
    let cases: &[(&str, Measure, f64)] = &[
        ("baseline", |told, _| share(told, |_| true), 1.0),
        (
            "christmas-peak",
            |told, _| share(told, |it| it.placed_at.as_micros() >= 1_764_547_200_000_000),
            1.3,
        ),
        (
            "rotten-courier",
            |_, ledger| lost(ledger, Hazard::CourierTheft),
            1.2,
        ),
        (
            "tracking-leak",
            |_, ledger| lost(ledger, Hazard::PorchTheft),
            1.2,
        ),
        (
            "refund-ring",
            |_, ledger| lost(ledger, Hazard::FalseClaim),
            1.5,
        ),
        (
            "threshold-probing",
            |told, _| 1.0 + share(told, |it| it.stage == Stage::Cart),
            1.001,
        ),
        (
            "phished-codes",
            |_, ledger| lost(ledger, Hazard::CourierTheft),
            2.0,
        ),
        (
            "scanner-broken",
            |_, ledger| lost(ledger, Hazard::CourierTheft),
            2.0,
        ),
        (
            "codes-ignored",
            |_, ledger| lost(ledger, Hazard::PorchTheft),
            1.1,
        ),
        (
            "gift-season",
            |told, _| share(told, |it| it.delivery.gift == Some(true)),
            4.0,
        ),
        (
            "older-town",
            |told, _| share(told, |it| it.preferences.cannot_use_codes),
            1.3,
        ),
        (
            "lockers-full",
            |told, _| {
                share(told, |it| {
                    it.lockers.iter().any(|it| it.free_compartments == Some(0))
                })
            },
            3.0,
        ),
        (
            "sms-outage",
            |told, _| count(told, |kind| matches!(kind, EventKind::DeliveryFailed(_))),
            1.2,
        ),
        ("split-shipment", parcels, 1.05),
        ("label-delay", settled_after, 1.5),
        (
            "departed",
            |_, ledger| lost(ledger, Hazard::CourierTheft) / lost(ledger, Hazard::PorchTheft),
            3.0,
        ),
    ];
    let named: BTreeSet<&str> = cases.iter().map(|(name, ..)| *name).collect();
    let file = WorldFile::built_in().unwrap();
    assert_eq!(named, file.scenarios().map(|(name, _)| name).collect());
    let extent = extent(2_000, 365, 6);
    let (usual, usual_ledger) = told("baseline", &extent, &mut ByText);
    for (name, measure, times) in cases {
        let (told, ledger) = told(name, &extent, &mut ByText);
        let (there, here) = (measure(&usual, &usual_ledger), measure(&told, &ledger));
        assert!(
            here >= there * times,
            "{name}: {here} is not {times} times {there}"
        );
    }
}

#[test]
fn a_leak_is_suspected_and_a_ring_shares_its_devices() {
    let extent = extent(1_500, 200, 6);
    let (leak, _) = told("tracking-leak", &extent, &mut NoVerification);
    assert!(
        count(&leak, |kind| matches!(
            kind,
            EventKind::SuspicionRaised { .. }
        )) > 0.0
    );
    let (ring, _) = told("refund-ring", &extent, &mut NoVerification);
    let shared = |it: &Order| {
        let device = it.session.device_key.as_ref();
        device.is_some_and(|key| key.as_str().starts_with("device-shared-"))
    };
    assert!(share(&ring, shared) > 0.0 && share(&leak, shared) == 0.0);
}

#[test]
fn a_shop_that_answers_too_little_ends_its_world() {
    struct Silent;
    impl Shop for Silent {
        fn tick(&mut self, _: &[Happening]) -> Result<Vec<Verdict>, Closed> {
            Ok(Vec::new())
        }
    }
    let world = World::new(scenario("baseline"), &extent(50, 5, 1)).unwrap();
    let stopped = world.play(&mut Silent, &mut Nobody).unwrap_err();
    assert!(stopped.to_string().contains("verdicts"), "{stopped}");
}

#[test]
fn a_file_of_parameters_is_refused_with_the_place_and_what_would_be_right() {
    let built_in = include_str!("../../../models/world.toml");
    let check = |from: &str, to: &str, told: &[&str]| {
        assert!(built_in.contains(from), "{from}");
        let wrong = WorldFile::read(&built_in.replacen(from, to, 1))
            .unwrap_err()
            .to_string();
        for part in told {
            assert!(wrong.contains(part), "{part}: {wrong}");
        }
    };
    check("[time]\n", "[time]\nsurprise = 1\n", &["surprise", ":1: "]);
    check(
        "evening_window_share = 0.25",
        "evening_window_share = 1.25",
        &["time.evening_window_share", "from 0 to 1"],
    );
    check(
        "evening_window_share = 0.25",
        "evening_window_share = -1.0",
        &["from 0 to 1"],
    );
    check(
        "evening_window_share = 0.25",
        "evening_window_share = nan",
        &["from 0 to 1"],
    );
    check("evening_window_share = 0.25", "", &["evening_window_share"]);
    check(
        "evening_window_share = 0.25",
        "evening_window_share = \"x\"",
        &["invalid type"],
    );
    check(
        "leak = { depot_share = 0.25 }",
        "leak = { depots = 0.25 }",
        &["tracking-leak", "depots"],
    );
    let unknown = WorldFile::built_in()
        .unwrap()
        .scenario("nowhere")
        .unwrap_err()
        .to_string();
    assert!(
        unknown.contains("nowhere") && unknown.contains("refund-ring"),
        "{unknown}"
    );
}

#[test]
fn asking_for_nothing_costs_nothing_and_by_action_adds_up() {
    let ledger = ledger(
        "baseline",
        &extent(1_000, 60, 3),
        &mut ValueThreshold { from: 100.0 },
    );
    assert_eq!(ledger.by_action.iter().sum::<u64>(), ledger.orders);
    assert_eq!(
        ledger.orders - ledger.by_action[Action::None.index()],
        ledger.bothered
    );
    assert!(ledger.coded <= ledger.bothered && ledger.honest_bothered <= ledger.bothered);
}
