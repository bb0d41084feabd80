//! Messages as others send them: the published cases, the contract's names, and bytes that nobody meant.

use doorstep::api::wire::{Accepts, Invalid, event, order, pb, request};
use doorstep::domain::content::content_digest;
use doorstep::domain::units::{Currency, Timestamp};
use doorstep::domain::{action, event as told, hazard, order as ordered};
use proptest::prelude::*;
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde_json::{Value, json};

use super::vectors::vectors;

/// 2026-06-10T12:00:00Z, as in the published cases.
const NOW: Timestamp = Timestamp::from_micros(1_781_092_800_000_000);

fn accepts() -> Accepts {
    let known = ["EUR", "GBP", "USD", "CHF"];
    Accepts {
        now: NOW,
        currencies: known.into_iter().filter_map(Currency::parse).collect(),
        driven: false,
    }
}

fn pool() -> DescriptorPool {
    DescriptorPool::decode(pb::DESCRIPTOR_SET).unwrap()
}

/// A message of the contract from its JSON.
fn read<T: Message + Default>(name: &str, json: &Value) -> T {
    let of = pool()
        .get_message_by_name(&format!("doorstep.v1.{name}"))
        .unwrap();
    let message = DynamicMessage::deserialize(of, json).unwrap();
    T::decode(message.encode_to_vec().as_slice()).unwrap()
}

#[test]
fn the_smallest_order_of_the_contract_is_an_order() {
    let smallest = json!({
        "order_id": "o1", "customer_id": "c1", "currency_code": "EUR",
        "items": [{"unit_price_minor": "89900", "category": "CATEGORY_PHONE"}],
        "delivery": {"address_key": "a7f3k9"},
        "contacts": [{"contact_id": "sms-81", "kind": "CONTACT_KIND_SMS", "verified": true}],
    });
    let order = order(read("Order", &smallest), &accepts()).unwrap();
    assert_eq!(order.amount_minor(), 89_900);
    assert_eq!(order.placed_at, NOW);
}

#[test]
fn the_vectors_orders_and_events_are_accepted() {
    let answers = vectors("answers.json");
    let cases = answers["cases"].as_array().unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let checked = order(read("Order", &case["order"]), &accepts());
        assert!(checked.is_ok(), "{name}: {}", checked.unwrap_err());
        for one in case["events"].as_array().into_iter().flatten() {
            let checked = event(read("Event", one), &accepts());
            assert!(checked.is_ok(), "{name}: {}", checked.unwrap_err());
        }
    }
}

#[test]
fn the_order_of_what_is_a_set_is_no_other_content() {
    let answers = vectors("answers.json");
    for case in answers["cases"].as_array().unwrap() {
        let message: pb::Order = read("Order", &case["order"]);
        let mut turned = message.clone();
        turned.items.reverse();
        turned.contacts.reverse();
        turned.parcels.reverse();
        turned.lockers.reverse();
        if let Some(carrier) = &mut turned.carrier {
            carrier.capabilities.reverse();
        }
        turned.stage = pb::Stage::Cart.into();
        turned.placed_at = None;
        let [a, b] = [message, turned].map(|it| order(it, &accepts()).unwrap());
        assert_eq!(content_digest(&a), content_digest(&b));
    }
}

/// Every set of the domain under the contract's name, with numbers and names.
fn sets() -> Vec<(&'static str, Vec<(i32, &'static str)>)> {
    macro_rules! sets {
        ($($room:ident :: $set:ident),+ $(,)?) => {
            vec![$((
                stringify!($set),
                $room::$set::ALL.iter().map(|it| (it.number(), it.name())).collect(),
            )),+]
        };
    }
    sets![
        action::Action,
        action::AlternativeKind,
        action::DecisionState,
        action::Obligation,
        action::Origin,
        hazard::Hazard,
        ordered::AddressType,
        ordered::Capability,
        ordered::Category,
        ordered::ContactKind,
        ordered::Packaging,
        ordered::PaymentKind,
        ordered::SecuredDrop,
        ordered::Stage,
        told::CancelledBy,
        told::ClaimKind,
        told::FailureReason,
        told::Fault,
        told::NoticeState,
        told::RecipientRole,
        told::RefusalReason,
        told::ScanKind,
    ]
}

#[test]
fn domain_and_contract_call_everything_by_the_same_names_and_numbers() {
    let pool = pool();
    for (set, members) in sets() {
        let of = pool
            .get_enum_by_name(&format!("doorstep.v1.{set}"))
            .unwrap_or_else(|| panic!("the contract has no {set}"));
        let mut prefix = String::new();
        for (at, letter) in set.char_indices() {
            if at > 0 && letter.is_ascii_uppercase() {
                prefix.push('_');
            }
            prefix.push(letter.to_ascii_uppercase());
        }
        let of_domain = |(number, name): &(i32, &str)| (*number, format!("{prefix}_{name}"));
        let mut ours: Vec<_> = members.iter().map(of_domain).collect();
        if !ours.iter().any(|(number, _)| *number == 0) {
            ours.push((0, format!("{prefix}_UNSPECIFIED")));
        }
        ours.sort();
        let theirs = of.values().map(|it| (it.number(), it.name().to_owned()));
        let mut theirs: Vec<_> = theirs.collect();
        theirs.sort();
        assert_eq!(ours, theirs, "{set}");
    }
}

/// Whether `path`, as in `order.items[2].quantity`, names a field below `message`.
fn is_path(message: &str, path: &str) -> bool {
    let mut at = pool().get_message_by_name(&format!("doorstep.v1.{message}"));
    for step in path.split('.') {
        let (name, place) = step.split_once('[').unwrap_or((step, ""));
        let Some(field) = at.as_ref().and_then(|it| it.get_field_by_name(name)) else {
            return false;
        };
        if !place.is_empty() && !field.is_list() {
            return false;
        }
        at = field.kind().as_message().cloned();
    }
    true
}

fn told_in_full(message: &str, invalid: &Invalid) {
    assert!(!invalid.fields.is_empty(), "a refusal without a fault");
    for (path, description) in &invalid.fields {
        assert!(is_path(message, path), "`{path}` is no path");
        assert!(!description.is_empty(), "`{path}` says nothing");
    }
    let mut paths: Vec<_> = invalid.fields.iter().collect();
    paths.sort();
    let told = paths.len();
    paths.dedup();
    assert_eq!(paths.len(), told, "a fault is told twice: {invalid}");
}

/// A request with every kind of field in it.
fn whole() -> Vec<u8> {
    let answers = vectors("answers.json");
    let cases = answers["cases"].as_array().unwrap();
    let full = cases.iter().max_by_key(|it| it["order"].to_string().len());
    let mut order: pb::Order = read("Order", &full.unwrap()["order"]);
    order.parcels = vec![pb::Parcel {
        parcel_id: "p1".to_owned(),
        items: vec![pb::ParcelItem {
            item_id: "1".to_owned(),
            quantity: Some(1),
        }],
        ..pb::Parcel::default()
    }];
    order.preferences = Some(pb::Preferences {
        locale: "de-AT".to_owned(),
        delegate_contact_id: "sms-2".to_owned(),
        ..pb::Preferences::default()
    });
    let message = pb::DecideRequest {
        order: Some(order),
        ..pb::DecideRequest::default()
    };
    message.encode_to_vec()
}

proptest! {
    #[test]
    fn no_bytes_make_a_check_panic(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        if let Ok(message) = pb::DecideRequest::decode(bytes.as_slice())
            && let Err(invalid) = request::decide(message, &accepts())
        {
            told_in_full("DecideRequest", &invalid);
        }
        if let Ok(message) = pb::Event::decode(bytes.as_slice()) {
            let _ = event(message, &accepts());
        }
        if let Ok(message) = pb::ListDecisionsRequest::decode(bytes.as_slice())
            && let Err(invalid) = request::list(message)
        {
            told_in_full("ListDecisionsRequest", &invalid);
        }
    }

    #[test]
    fn an_order_with_bytes_changed_is_an_order_or_is_told_every_fault(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        driven in any::<bool>(),
    ) {
        let mut bytes = whole();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let accepts = Accepts { driven, ..accepts() };
        if let Ok(message) = pb::DecideRequest::decode(bytes.as_slice()) {
            match request::decide(message, &accepts) {
                Ok(decide) => prop_assert!(!decide.order.items.is_empty()),
                Err(invalid) => told_in_full("DecideRequest", &invalid),
            }
        }
    }
}
