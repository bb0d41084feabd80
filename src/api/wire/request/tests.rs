//! What may be asked, and the paths of what may not.

use super::super::{Accepts, Invalid, pb};
use super::{Mode, View, batch, decide, events, get, list, profile, replay};
use crate::domain::event::Subject;
use crate::domain::ids::{AddressKey, DecisionId, OrderId};
use crate::domain::units::{Currency, Timestamp};
use crate::store::By;

const NOW: i64 = 1_781_092_800;

fn accepts() -> Accepts {
    Accepts {
        now: Timestamp::from_micros(NOW * 1_000_000),
        currencies: Currency::parse("EUR").into_iter().collect(),
        driven: false,
    }
}

fn id(text: &str) -> String {
    text.to_owned()
}

fn one() -> pb::DecideRequest {
    let order = pb::Order {
        order_id: id("o1"),
        currency_code: id("EUR"),
        items: vec![pb::Item {
            unit_price_minor: Some(1),
            ..pb::Item::default()
        }],
        delivery: Some(pb::Delivery {
            address_key: id("a1"),
            ..pb::Delivery::default()
        }),
        ..pb::Order::default()
    };
    pb::DecideRequest {
        order: Some(order),
        ..pb::DecideRequest::default()
    }
}

#[track_caller]
fn bad<T: std::fmt::Debug>(answer: Result<T, Invalid>, paths: &[&str]) {
    let invalid = answer.unwrap_err();
    let told: Vec<_> = invalid
        .fields
        .iter()
        .map(|(path, _)| path.as_str())
        .collect();
    assert_eq!(told, paths);
}

#[test]
fn what_is_unspecified_binds_and_shows_what_the_role_may_see() {
    let asked = decide(one(), &accepts()).unwrap();
    assert_eq!((asked.mode, asked.view), (Mode::Enforce, None));
    assert_eq!(asked.policy_version, None);
}

#[test]
fn a_policy_is_named_in_a_preview_alone() {
    let named = |mode: pb::Mode| pb::DecideRequest {
        policy_version: id("strict-2"),
        mode: mode.into(),
        view: pb::DecisionView::Full.into(),
        ..one()
    };
    let asked = decide(named(pb::Mode::Preview), &accepts()).unwrap();
    assert_eq!(asked.policy_version.as_deref(), Some("strict-2"));
    assert_eq!((asked.mode, asked.view), (Mode::Preview, Some(View::Full)));
    bad(
        decide(named(pb::Mode::Enforce), &accepts()),
        &["policy_version"],
    );
    bad(
        decide(named(pb::Mode::Unspecified), &accepts()),
        &["policy_version"],
    );
}

#[test]
fn faults_of_request_and_order_are_told_together() {
    let mut message = one();
    message.mode = 7;
    message.view = 7;
    message.request_id = id("Jo Smith");
    message.order.as_mut().unwrap().items[0].quantity = Some(0);
    bad(
        decide(message, &accepts()),
        &["order.items[0].quantity", "mode", "view", "request_id"],
    );
    bad(decide(pb::DecideRequest::default(), &accepts()), &["order"]);
}

#[test]
fn one_bad_order_spoils_no_other() {
    let mut wrong = one();
    wrong.request_id = id("second");
    wrong.order.as_mut().unwrap().currency_code = id("JPY");
    let requests = vec![one(), wrong, one()];
    let each = batch(pb::DecideBatchRequest { requests }, &accepts()).unwrap();
    let good: Vec<_> = each.iter().map(|(_, it)| it.is_ok()).collect();
    assert_eq!(good, [true, false, true]);
    let (name, fault) = &each[1];
    assert_eq!(name, "second");
    assert_eq!(
        fault.as_ref().unwrap_err().fields[0].0,
        "order.currency_code"
    );
}

#[test]
fn lists_have_a_longest_length() {
    let orders = |count| pb::DecideBatchRequest {
        requests: vec![one(); count],
    };
    assert_eq!(batch(orders(100), &accepts()).unwrap().len(), 100);
    bad(batch(orders(101), &accepts()), &["requests"]);
    let empty = |count| pb::RecordEventsRequest {
        events: vec![pb::Event::default(); count],
    };
    let each = events(empty(1_000), &accepts()).unwrap();
    assert!(each.iter().all(|(_, event)| event.is_err()));
    bad(events(empty(1_001), &accepts()), &["events"]);
}

#[test]
fn a_decision_is_named_in_one_way() {
    let by = |decision_id: &str, order_id: &str, revision| {
        let message = pb::GetDecisionRequest {
            decision_id: id(decision_id),
            order_id: id(order_id),
            revision,
            view: 0,
        };
        get(message).map(|(by, _)| by)
    };
    let order_id = OrderId::try_new("o1").unwrap();
    let decision_id = DecisionId::try_new("d1").unwrap();
    assert_eq!(by("d1", "", None), Ok(By::Decision(decision_id)));
    assert_eq!(by("", "o1", None), Ok(By::Order(order_id.clone(), None)));
    assert_eq!(by("", "o1", Some(2)), Ok(By::Order(order_id, Some(2))));
    bad(by("", "", None), &["decision_id"]);
    bad(by("d1", "o1", None), &["order_id"]);
    bad(by("", "o1", Some(0)), &["revision"]);
    bad(by("d1", "", Some(1)), &["revision"]);
    bad(by("d 1", "", None), &["decision_id"]);
}

#[test]
fn pages_have_a_size() {
    let size = |page_size| {
        let message = pb::ListDecisionsRequest {
            page_size,
            ..pb::ListDecisionsRequest::default()
        };
        list(message).map(|(listing, _)| listing.page_size)
    };
    for (asked, given) in [(0, 50), (1, 1), (500, 500), (501, 500), (i32::MAX, 500)] {
        assert_eq!(size(asked), Ok(given));
    }
    bad(size(-1), &["page_size"]);
    bad(size(i32::MIN), &["page_size"]);
}

#[test]
fn filters_are_checked_all_at_once() {
    let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
    let message = pb::ListDecisionsRequest {
        customer_id: id("a customer"),
        from_at: at(NOW),
        to_at: at(NOW - 1),
        action: 9,
        reason_code: id("not a code"),
        state: 9,
        view: 9,
        page_size: -1,
        page_token: "x".repeat(1_025),
    };
    let paths = [
        "to_at",
        "page_size",
        "customer_id",
        "action",
        "reason_code",
        "state",
        "page_token",
        "view",
    ];
    bad(list(message), &paths);
}

#[test]
fn a_replay_names_its_decision() {
    bad(
        replay(pb::ReplayDecisionRequest::default()),
        &["decision_id"],
    );
    let message = pb::ReplayDecisionRequest {
        decision_id: id("d1"),
        policy_version: id("p1"),
    };
    let (_, policy) = replay(message).unwrap();
    assert_eq!(policy.as_deref(), Some("p1"));
}

#[test]
fn a_profile_is_of_exactly_one() {
    let message = pb::GetProfileRequest {
        address_key: id("a1"),
        ..pb::GetProfileRequest::default()
    };
    let address = AddressKey::try_new("a1").unwrap();
    assert_eq!(profile(message.clone()), Ok(Subject::Address(address)));
    bad(profile(pb::GetProfileRequest::default()), &["customer_id"]);
    let two = pb::GetProfileRequest {
        depot_id: id("d1"),
        ..message
    };
    bad(profile(two), &["depot_id"]);
}
