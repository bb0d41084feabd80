//! A backtest against the truth: the policy in force reproduces its record, and a candidate's answers are those that a
//! second service gives to the same orders and events.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::Playing;
use crate::decision::policy::{DEFAULT, Policy};
use crate::decision::signal::Signal;
use crate::domain::action::Action;
use crate::domain::ids::{DecisionId, KeyId, OrderId};
use crate::domain::secret::Secret;
use crate::domain::units::{Date, Digest, Span, Timestamp};
use crate::lab::backtest::report::{HEADLINE, LOSS_RATE, NotJudged};
use crate::lab::backtest::{self, Candidate, Error, LOSS_CAP_CENTS, Settings, html};
use crate::lab::labels::Maturity;
use crate::lab::simulate::parameters::WorldFile;
use crate::lab::simulate::shop::{Closed, Happening, Shop, Verdict};
use crate::lab::simulate::world::{Extent, Nobody, World};
use crate::service::keyring::KeyRing;
use crate::service::release::InForce;
use crate::store::Found;

/// The shipped policy with these lines exchanged.
fn policy(changes: &[(&str, &str)]) -> String {
    let mut text = DEFAULT.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "no line `{from}`");
        text = text.replace(from, to);
    }
    text
}

/// Chance has no part.
const CERTAIN: (&str, &str) = ("enabled = true", "enabled = false");
/// Nor has what was asked of the customer before.
const UNCAPPED: (&str, &str) = ("free = 13", "free = 10000");
/// A customer's bother counts for little: much more is asked.
const STRICT: (&str, &str) = ("otp = 0.40", "otp = 0.02");

fn loaded(text: &str) -> Arc<Policy> {
    Arc::new(Policy::load(text).unwrap())
}

fn playing(text: &str) -> Playing {
    let catalogue = crate::decision::catalogue::load(crate::decision::catalogue::DEFAULT).unwrap();
    let mut release = crate::decision::fixtures::release();
    release.policy = loaded(text);
    let key = (KeyId::try_new("k1").unwrap(), Secret::new([1; 32]));
    let in_force = InForce::new(release, Arc::new(catalogue));
    Playing::new(Arc::new(in_force), Arc::new(KeyRing::new(key, []))).keeping()
}

/// A shop that writes down what it hears.
struct Listening {
    shop: Playing,
    heard: Vec<Happening>,
}

impl Shop for Listening {
    fn tick(&mut self, batch: &[Happening]) -> Result<Vec<Verdict>, Closed> {
        self.heard.extend(batch.iter().cloned());
        self.shop.tick(batch)
    }
}

/// A small world played under a policy: what was recorded, and what was heard.
fn world(text: &str, seed: u64, orders: u64) -> (Vec<Found>, Vec<Happening>) {
    let parameters = WorldFile::built_in().unwrap().scenario("baseline").unwrap();
    let extent = Extent {
        orders,
        start: Date::from_days(20_089),
        days: 90,
        seed,
    };
    let mut shop = Listening {
        shop: playing(text),
        heard: Vec::new(),
    };
    let world = World::new(parameters, &extent).unwrap();
    world.play(&mut shop, &mut Nobody).unwrap();
    (shop.shop.into_found().unwrap(), shop.heard)
}

/// What a service under this policy records, told the same.
fn again(text: &str, heard: &[Happening]) -> Vec<Found> {
    let mut shop = playing(text);
    for happening in heard {
        match happening {
            Happening::Order(order) => drop(shop.decide(order).unwrap()),
            Happening::Event(event) => shop.hear(event).unwrap(),
        }
    }
    shop.into_found().unwrap()
}

fn settings(found: &[Found]) -> Settings {
    let last = found.iter().map(|it| it.record.decided_at).max().unwrap();
    Settings {
        from: None,
        to: None,
        maturity: Maturity {
            as_of: last.plus(Span::days(300)),
            claim_window: Span::days(60),
            unheard_shipped: false,
        },
        loss_cap_cents: LOSS_CAP_CENTS,
        unmeasured: false,
        engine: crate::decision::fixtures::release().engine,
        threads: 1,
    }
}

fn candidate(text: &str) -> Candidate {
    Candidate {
        policy: Some(loaded(text)),
        model: None,
    }
}

/// The last answer of every order.
fn answers(found: &[Found]) -> BTreeMap<OrderId, (DecisionId, Action)> {
    let each = |it: &Found| {
        let record = &it.record;
        let id = record.situation.order.order_id.clone();
        (id, (record.decision_id.clone(), record.decision.action))
    };
    found.iter().map(each).collect()
}

#[test]
fn the_policy_in_force_reproduces_the_record_and_changes_nothing() {
    let (found, _) = world(DEFAULT, 1, 400);
    let (decisions, settings) = (found.len(), settings(&found));
    for candidate in [Candidate::default(), candidate(DEFAULT)] {
        let report = backtest::of(found.clone(), &[DEFAULT], &candidate, &settings).unwrap();
        assert_eq!(usize::try_from(report.reproduced.identical), Ok(decisions));
        assert_eq!(
            (report.reproduced.different, report.reproduced.unknown),
            (0, 0)
        );
        assert_eq!((report.moved(), report.repriced), (0, 0));
        let costs = report.all.costs;
        assert_eq!(
            costs.recorded.map(f64::to_bits),
            costs.candidate.map(f64::to_bits)
        );
        assert!(report.reasons.is_empty(), "{:?}", report.reasons);
        let answer = report.off_policy.answer.as_ref().unwrap();
        assert!((answer.weights.mean - 1.0).abs() < 1e-12, "{answer:?}");
        let told = report.figure(LOSS_RATE, HEADLINE).unwrap();
        assert!((told.value - answer.ran[0]).abs() < 1e-9, "{told:?}");
    }
}

#[test]
fn a_candidate_answers_as_a_second_service_that_is_told_the_same() {
    let (record, other) = (
        policy(&[CERTAIN, UNCAPPED]),
        policy(&[CERTAIN, UNCAPPED, STRICT]),
    );
    let (found, heard) = world(&record, 2, 400);
    let fresh = answers(&again(&other, &heard));
    let recorded = answers(&found);
    assert_eq!(
        recorded,
        answers(&again(&record, &heard)),
        "told the same, the same"
    );
    let settings = settings(&found);
    let report = backtest::of(found, &[&record], &candidate(&other), &settings).unwrap();
    let mut orders = 0;
    for ((from, to), cell) in &report.transitions {
        for id in &cell.decisions {
            let (order, _) = recorded.iter().find(|(_, (it, _))| it == id).unwrap();
            assert_eq!(recorded[order].1, *from, "{order}");
            assert_eq!(fresh[order].1, *to, "{order}");
            orders += 1;
        }
    }
    assert_eq!(orders, recorded.len());
    assert!(report.moved() > 10, "{}", report.moved());
    assert_eq!(
        report.repriced, report.all.burden.orders,
        "it believes otherwise"
    );
    let [_, before, after] = report.all.costs.totals();
    assert!(
        after < before,
        "cheaper by its own prices: {after} of {before}"
    );
    let [asked_before, asked_after] = report.all.burden.asked;
    assert!(asked_before < asked_after);
    // Without chance the record says nothing of what it never did.
    let answer = report.off_policy.answer.unwrap();
    assert!(answer.excluded.rows > 10, "{answer:?}");
}

#[test]
fn a_page_fetches_nothing_and_names_the_decisions_behind_it() {
    let (found, _) = world(DEFAULT, 3, 200);
    let settings = settings(&found);
    let other = policy(&[STRICT]);
    let report = backtest::of(found, &[DEFAULT], &candidate(&other), &settings).unwrap();
    let page = html::page(&report);
    for word in ["http", "src=", "href", "<script", "url(", "@import"] {
        assert!(!page.contains(word), "{word}");
    }
    let moved = report.transitions.iter().find(|((from, to), _)| from != to);
    let (_, cell) = moved.unwrap();
    assert!(page.contains(cell.decisions.last().unwrap().as_str()));
    let json = report.json(true);
    let of = json["transitions"].as_array().unwrap().iter();
    let ids: usize = of
        .map(|it| it["decision_ids"].as_array().unwrap().len())
        .sum();
    assert_eq!(u64::try_from(ids), Ok(report.all.burden.orders));
}

#[test]
fn what_cannot_be_judged_is_counted_and_an_empty_period_is_an_error() {
    let (mut found, _) = world(DEFAULT, 4, 60);
    let mut settings = settings(&found);
    let last = found.last_mut().unwrap();
    let mut versions = (*last.record.versions).clone();
    versions.engine.id = "99.0.0".to_owned();
    versions.engine.digest = Digest::of(b"doorstep 99.0.0");
    Arc::make_mut(&mut last.record).versions = Arc::new(versions);
    let report = backtest::of(found.clone(), &[DEFAULT], &Candidate::default(), &settings).unwrap();
    assert_eq!(
        report.not_judged,
        BTreeMap::from([(NotJudged::NewerEngine, 1)])
    );
    // The policy of the record is none that is kept.
    let other = policy(&[STRICT]);
    for it in &mut found {
        let mut versions = (*it.record.versions).clone();
        versions.policy.digest = loaded(&policy(&[CERTAIN])).version.digest;
        Arc::make_mut(&mut it.record).versions = Arc::new(versions);
    }
    let report = backtest::of(found.clone(), &[], &candidate(&other), &settings).unwrap();
    assert_eq!(report.reproduced.unknown, report.decisions);
    assert!(
        report.all.burden.orders > 50,
        "the candidate needs none of it"
    );
    let report = backtest::of(found.clone(), &[], &Candidate::default(), &settings).unwrap();
    assert_eq!(report.all.burden.orders, 0);
    assert!(report.not_judged.contains_key(&NotJudged::LostPolicy));
    settings.to = Some(Timestamp::from_micros(0));
    let error = backtest::of(found, &[], &candidate(&other), &settings).unwrap_err();
    assert!(matches!(error, Error::NothingInPeriod { .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains("those recorded were made from 2025"),
        "{error}"
    );
    let error = backtest::of(Vec::new(), &[], &candidate(&other), &settings).unwrap_err();
    assert!(matches!(error, Error::Nothing), "{error}");
}

#[test]
fn a_new_rule_that_no_order_can_answer_is_refused_and_one_that_some_cannot_is_told() {
    let (found, _) = world(DEFAULT, 5, 60);
    let lacking = |signal: Signal| {
        let lacks = |it: &&Found| it.record.situation.signals.get(signal).is_none();
        found.iter().filter(lacks).count()
    };
    let with = |signal: &str| {
        format!(
            "{DEFAULT}\n[[rules]]\nid = \"new\"\nwhen = [\"{signal} > 0.5\"]\nthen = \"at_least:otp\"\n"
        )
    };
    let mut settings = settings(&found);
    let mut told = [0; 3];
    for signal in Signal::ALL {
        let other = with(signal.name());
        if Policy::load(&other).is_err() {
            continue;
        }
        let judged = backtest::of(found.clone(), &[DEFAULT], &candidate(&other), &settings);
        match (lacking(*signal), judged) {
            (0, judged) => {
                told[0] += 1;
                assert_eq!(judged.unwrap().skipped, BTreeMap::new());
            }
            (some, Ok(report)) if some < found.len() => {
                told[1] += 1;
                let key = ("new".to_owned(), signal.name());
                assert!(report.skipped.contains_key(&key), "{:?}", report.skipped);
            }
            (_, judged) => {
                told[2] += 1;
                let error = judged.unwrap_err().to_string();
                for word in [
                    "rule `new`",
                    signal.name(),
                    "none of the",
                    "leave the rule out",
                    "for want of",
                ] {
                    assert!(error.contains(word), "{error}");
                }
                settings.unmeasured = true;
                let judged = backtest::of(found.clone(), &[DEFAULT], &candidate(&other), &settings);
                assert_eq!(judged.unwrap().moved(), 0);
                settings.unmeasured = false;
            }
        }
    }
    assert!(told.iter().all(|it| *it > 0), "{told:?}");
}

#[test]
fn a_rule_with_two_gaps_is_counted_once_an_order() {
    let (found, _) = world(DEFAULT, 5, 60);
    let lacking = |signal: Signal| {
        let lacks = |it: &&Found| it.record.situation.signals.get(signal).is_none();
        found.iter().filter(lacks).count()
    };
    let ruled = |conditions: &str| {
        format!(
            "{DEFAULT}\n[[rules]]\nid = \"new\"\nwhen = [{conditions}]\nthen = \"at_least:otp\"\n"
        )
    };
    let loads = |it: &Signal| Policy::load(&ruled(&format!("\"{} > 0.5\"", it.name()))).is_ok();
    let mut all = Signal::ALL.iter().copied().filter(loads);
    let some = all
        .clone()
        .find(|it| (1..found.len()).contains(&lacking(*it)));
    let none = all.find(|it| lacking(*it) == found.len());
    let (some, none) = (some.unwrap().name(), none.unwrap().name());
    let other = ruled(&format!("\"{some} >= 0.0\", \"{none} >= 0.0\""));
    let mut settings = settings(&found);
    let told = backtest::of(found.clone(), &[DEFAULT], &candidate(&other), &settings);
    assert!(matches!(told, Err(Error::Unmeasured { .. })), "{told:?}");
    settings.unmeasured = true;
    let report = backtest::of(found, &[DEFAULT], &candidate(&other), &settings).unwrap();
    assert_eq!(report.skipped.len(), 2, "{:?}", report.skipped);
    assert_eq!(report.unmeasured.len(), 1);
}

#[test]
fn a_rule_that_was_in_force_is_no_new_one() {
    let rule = "\n[[rules]]\nid = \"new\"\nwhen = [\"SIGNAL > 0.5\"]\nthen = \"at_least:otp\"\n";
    let (found, _) = world(DEFAULT, 5, 60);
    let mut all = Signal::ALL.iter();
    let missing = all.find(|signal| {
        let lacks = |it: &Found| it.record.situation.signals.get(**signal).is_none();
        found.iter().all(lacks)
            && Policy::load(&format!(
                "{DEFAULT}{}",
                rule.replace("SIGNAL", signal.name())
            ))
            .is_ok()
    });
    let rule = rule.replace("SIGNAL", missing.unwrap().name());
    let own = format!("{DEFAULT}{rule}");
    let (found, _) = world(&own, 5, 60);
    let settings = settings(&found);
    let stricter = format!("{}{rule}", policy(&[STRICT]));
    let report = backtest::of(found, &[&own], &candidate(&stricter), &settings).unwrap();
    assert_eq!(report.unmeasured, Vec::new());
    assert!(
        report
            .skipped
            .values()
            .all(|it| *it == report.all.burden.orders)
    );
}

#[test]
fn an_order_counts_once_by_its_last_decision_that_was_there_when_it_went() {
    let (found, _) = world(DEFAULT, 6, 40);
    let settings = settings(&found);
    let sent = found.iter().find(|it| {
        let only = it.dossier.latest.as_ref().map(|it| it.revision) == Some(1);
        only && it.dossier.dispatched_at().is_some()
    });
    let sent = sent.unwrap();
    let went = sent.dossier.dispatched_at().unwrap();
    let before = backtest::of(found.clone(), &[DEFAULT], &Candidate::default(), &settings).unwrap();
    for (days, counts) in [(1, "first"), (0, "second")] {
        let mut all = found.clone();
        let mut second = sent.clone();
        let record = Arc::make_mut(&mut second.record);
        record.revision = 2;
        record.decision_id = DecisionId::try_new("second").unwrap();
        record.decided_at = went.plus(Span::days(days));
        all.push(second);
        for it in &mut all {
            if it.record.situation.order.order_id == sent.record.situation.order.order_id {
                let dossier = Arc::make_mut(&mut it.dossier);
                dossier.latest.as_mut().unwrap().revision = 2;
            }
        }
        let report = backtest::of(all, &[DEFAULT], &Candidate::default(), &settings).unwrap();
        assert_eq!(report.replaced, before.replaced + 1, "{counts}");
        assert_eq!(report.all.burden, before.all.burden, "{counts}");
        let mut ids = report.transitions.values().flat_map(|it| &it.decisions);
        assert_eq!(ids.any(|it| it.as_str() == "second"), counts == "second");
    }
}
