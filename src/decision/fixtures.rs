//! Situations for tests: the reference one of the prior, and random ones that could have been measured.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::answer::{ActionCost, Decision, HazardScore, Term};
use super::model::{Model, PRIOR};
use super::policy::Policy;
use super::reasons::Reason;
use super::record::Version;
use super::release::Release;
use super::signal::{Signal, Signals, Unit};
use super::situation::{
    Asked, CarrierAbility, Change, Changed, ContactFacts, Fit, LockerFacts, Situation, Used,
};
use crate::domain::action::Action;
use crate::domain::hazard::Hazard;
use crate::domain::ids::{AddressKey, ContactId, CustomerId, ItemId, LockerId, OrderId};
use crate::domain::order::{
    AddressType, Capability, Carrier, Category, ContactKind, Delivery, Item, Order, Packaging,
    PartialSize, Preferences, SecuredDrop, Session, Stage,
};
use crate::domain::profile::Ratchet;
use crate::domain::units::{Currency, Digest, Span, Timestamp};

/// 2026-06-10T12:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp::from_micros(1_781_092_800_000_000);

/// The prior and the shipped policy.
pub(crate) fn release() -> Release {
    let version = Version {
        id: "test".to_owned(),
        digest: Digest([0; 32]),
    };
    Release {
        policy: Arc::new(Policy::load(include_str!("../../models/policy.toml")).unwrap()),
        model: Arc::new(Model::load(PRIOR).unwrap()),
        catalogue: version.clone(),
        engine: version,
    }
}

/// A line of one unit of `category` at `cents`.
pub(crate) fn item(id: &str, category: Category, cents: i64) -> Item {
    Item {
        item_id: ItemId::try_new(id).unwrap(),
        named: true,
        sku: None,
        category: Some(category),
        merchant_category: None,
        unit_price_minor: cents,
        quantity: 1,
        size: PartialSize::default(),
        serialised: None,
        age_restricted: None,
        hazardous: None,
        packaging: Some(Packaging::Box),
    }
}

/// An order of these lines to a house.
pub(crate) fn order(items: Vec<Item>) -> Order {
    Order {
        order_id: OrderId::try_new("o1").unwrap(),
        customer_id: Some(CustomerId::try_new("c1").unwrap()),
        placed_at: NOW,
        currency: Currency::parse("EUR").unwrap(),
        stage: Stage::Placed,
        customer_since_at: None,
        items,
        parcels: Vec::new(),
        expected_parcels: Some(1),
        delivery: Delivery {
            address_key: AddressKey::try_new("a1").unwrap(),
            address_type: Some(AddressType::House),
            address_added_at: None,
            gift: None,
            recipient_is_buyer: None,
            visible_from_street: None,
            expected_on: None,
            country_code: None,
            time_zone: None,
            window_start_at: None,
            window_end_at: None,
        },
        contacts: Vec::new(),
        carrier: Carrier::default(),
        lockers: Vec::new(),
        preferences: Preferences::default(),
        session: Session::default(),
    }
}

/// A verified contact of 300 days.
pub(crate) fn contact(id: &str, kind: ContactKind) -> ContactFacts {
    let since = Some(NOW.minus(Span::days(300)));
    ContactFacts {
        contact_id: ContactId::try_new(id).unwrap(),
        kind,
        verified: true,
        verified_at: since,
        since,
        current: true,
        recipient: false,
    }
}

/// A locker at so many metres.
pub(crate) fn locker(id: &str, distance_m: u32, fit: Fit) -> LockerFacts {
    LockerFacts {
        locker_id: LockerId::try_new(id).unwrap(),
        distance_m: Some(distance_m),
        step_free: false,
        fit,
    }
}

/// One item of `category` at `cents`, one parcel, a house, a customer of a year who changed nothing, June.
pub(crate) fn situation_of(category: Category, cents: i64, signals: &[(Signal, f64)]) -> Situation {
    let euros = f64::from(u32::try_from(cents).unwrap()) / 100.0;
    let mut measured = Signals::default();
    let usual = [
        (Signal::OrderValue, euros),
        (Signal::DearestItemValue, euros),
        (Signal::SpendVsUsual, 1.0),
        (Signal::Category, f64::from(category.number())),
        (Signal::Resale, 0.2),
        (Signal::TechItems, 0.0),
        (Signal::ItemUnits, 1.0),
        (Signal::ParcelsAtStop, 1.0),
        (Signal::Dwelling, f64::from(AddressType::House.number())),
        (Signal::AccountAgeDays, 200.0),
        (Signal::AttendedFailureRate, 0.06),
        (Signal::Season, 6.0),
    ];
    for (signal, value) in usual.iter().chain(signals) {
        measured.set(*signal, Some(*value));
    }
    Situation {
        order: Arc::new(order(vec![item("1", category, cents)])),
        now: NOW,
        signals: measured,
        base: Currency::parse("EUR").unwrap(),
        base_cents: 1.0,
        own_parcels: Some(1),
        other_parcels: 0,
        contacts: vec![contact("sms-1", ContactKind::Sms)],
        changes: Vec::new(),
        carrier: CarrierAbility {
            capabilities: Capability::ALL.to_vec(),
            code_ready: true,
            inspection_s: 60,
        },
        lockers: vec![locker("locker-1", 400, Fit::Fits)],
        restricted: false,
        weakly_packed: Vec::new(),
        resale: vec![0.2],
        unsealed: false,
        review_lapsed: false,
        asked: None,
        used: None,
    }
}

/// Situations that could have been measured, none much like another.
pub(crate) fn situations() -> impl Strategy<Value = Situation> {
    let facts = (
        vec((select(Category::ALL), 0_i64..500_000), 1..4),
        signals(),
        option::of(1_u32..4),
        0_u32..3,
        vec(contacts(), 0..4),
        vec((0_i64..80, changes()), 0..3),
    );
    let circumstances = (
        subsequence(Capability::ALL, 0..=Capability::ALL.len()),
        prop::bool::weighted(0.9),
        vec(lockers(), 0..3),
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.1),
        option::of((0_u32..40, 0_u32..100, 0_u32..3, 0_i64..100_000_000)),
    );
    (facts, circumstances, preferences(), deliveries()).prop_map(
        |(facts, circumstances, preferences, delivery)| {
            let (items, signals, own_parcels, other_parcels, contacts, changes) = facts;
            let (capabilities, code_ready, lockers, restricted, unsealed, lapsed, before) =
                circumstances;
            let mut found = situation_of(Category::Other, 100, &[]);
            found.order = Arc::new(ordered(&items, preferences, delivery, own_parcels));
            found.signals = signals;
            measure_again(&mut found);
            found.own_parcels = own_parcels;
            found.other_parcels = other_parcels;
            found.contacts = numbered(contacts);
            found.changes = dated(changes);
            found.carrier = CarrierAbility {
                capabilities,
                code_ready,
                inspection_s: 30,
            };
            found.lockers = lockers;
            let mut seen = std::collections::BTreeSet::new();
            found.lockers.retain(|it| seen.insert(it.locker_id.clone()));
            found.restricted = restricted;
            found.unsealed = unsealed;
            found.review_lapsed = lapsed;
            found.asked = before.map(|(asked_90d, others, ..)| Asked {
                asked_90d,
                orders_90d: asked_90d + others,
            });
            found.used = before.map(|(_, _, reviews_today, spared_week_micro)| Used {
                reviews_today,
                spared_week_micro,
            });
            found
        },
    )
}

fn ordered(
    items: &[(Category, i64)],
    preferences: Preferences,
    (address_type, gift): (AddressType, Option<bool>),
    parcels: Option<u32>,
) -> Order {
    let lines = items.iter().enumerate();
    let lines = lines.map(|(place, (category, cents))| item(&place.to_string(), *category, *cents));
    let mut order = order(lines.collect());
    order.preferences = preferences;
    order.expected_parcels = parcels;
    order.delivery.address_type = Some(address_type);
    order.delivery.gift = gift;
    order
}

/// Sets what follows from the order alone.
fn measure_again(situation: &mut Situation) {
    let lines = &situation.order.items;
    let prices = lines.iter().map(|it| it.unit_price_minor);
    let cents: i64 = prices.clone().sum();
    let dearest = prices.max().unwrap_or(0);
    let euros = |cents: i64| f64::from(u32::try_from(cents).unwrap()) / 100.0;
    let [value, dearest] = [cents, dearest].map(euros);
    situation.resale = lines.iter().map(|_| 0.5).collect();
    let signals = &mut situation.signals;
    signals.set(Signal::OrderValue, Some(value));
    signals.set(Signal::DearestItemValue, Some(dearest));
}

fn numbered(mut contacts: Vec<ContactFacts>) -> Vec<ContactFacts> {
    for (place, contact) in contacts.iter_mut().enumerate() {
        contact.contact_id = ContactId::try_new(&format!("contact-{place}")).unwrap();
    }
    contacts
}

fn dated(changes: Vec<(i64, Changed)>) -> Vec<Change> {
    let mut dated: Vec<Change> = changes
        .into_iter()
        .map(|(days, what)| Change {
            at: NOW.minus(Span::days(days)),
            what,
        })
        .collect();
    dated.sort();
    dated
}

fn changes() -> impl Strategy<Value = Changed> {
    prop_oneof![
        select(ContactKind::ALL).prop_map(Changed::Contact),
        Just(Changed::Address),
        Just(Changed::Password),
    ]
}

fn contacts() -> impl Strategy<Value = ContactFacts> {
    let times = (option::of(0_i64..400), option::of(0_i64..400));
    let says = (any::<bool>(), any::<bool>(), prop::bool::weighted(0.2));
    (select(ContactKind::ALL), times, says).prop_map(|(kind, (verified, since), says)| {
        let ago = |days: Option<i64>| days.map(|it| NOW.minus(Span::days(it)));
        ContactFacts {
            verified: says.0,
            verified_at: ago(verified),
            since: ago(since),
            current: says.1,
            recipient: says.2,
            ..contact("x", kind)
        }
    })
}

fn lockers() -> impl Strategy<Value = LockerFacts> {
    let fit = select(vec![Fit::Fits, Fit::DoesNotFit, Fit::SizeUnknown]);
    (1_u32..5, option::of(0_u32..3_000), any::<bool>(), fit).prop_map(
        |(name, distance_m, step_free, fit)| LockerFacts {
            distance_m,
            step_free,
            ..locker(&format!("locker-{name}"), 0, fit)
        },
    )
}

fn preferences() -> impl Strategy<Value = Preferences> {
    let rarely = || prop::bool::weighted(0.15);
    let drop = option::of(select(SecuredDrop::ALL));
    (rarely(), rarely(), rarely(), drop, rarely()).prop_map(
        |(cannot_use_codes, cannot_come_to_door, step_free_only, secured_drop, delegate)| {
            Preferences {
                cannot_use_codes,
                cannot_come_to_door,
                step_free_only,
                secured_drop,
                delegate_contact_id: delegate.then(|| ContactId::try_new("friend").unwrap()),
                locale: None,
            }
        },
    )
}

fn deliveries() -> impl Strategy<Value = (AddressType, Option<bool>)> {
    (
        select(AddressType::ALL),
        option::weighted(0.3, any::<bool>()),
    )
}

/// Each signal missing, or a value that its unit allows.
fn signals() -> impl Strategy<Value = Signals> {
    let each: Vec<_> = Signal::ALL
        .iter()
        .map(|it| option::of(value(*it)))
        .collect();
    each.prop_map(|values| {
        let mut signals = Signals::default();
        for (signal, value) in Signal::ALL.iter().zip(values) {
            signals.set(*signal, value);
        }
        signals
    })
}

fn value(signal: Signal) -> BoxedStrategy<f64> {
    let whole = |range: std::ops::Range<u32>| range.prop_map(f64::from).boxed();
    if signal == Signal::Dwelling {
        return whole(1..8);
    }
    if signal == Signal::SuspicionLevel {
        return whole(1..4);
    }
    match signal.unit() {
        Unit::Money | Unit::MoneyPerLitre | Unit::MoneyPerKg => (0.0..3_000.0).boxed(),
        Unit::Count => whole(0..5),
        Unit::Days => (0.0..400.0).boxed(),
        Unit::Hours => (0.0..300.0).boxed(),
        Unit::Kg => (0.0..30.0).boxed(),
        Unit::Ratio => (0.0..10.0).boxed(),
        Unit::Share => (0.0..1.0).boxed(),
        Unit::YesNo => whole(0..2),
        Unit::Category => whole(1..15),
        Unit::Month => whole(1..13),
        Unit::Clock => whole(0..24),
    }
}

/// A decision for `action` by the policy itself, with these reasons.
pub(crate) fn decided(action: Action, reasons: Vec<Reason>) -> Decision {
    let cost = |place: usize| ActionCost {
        action: Action::ALL[place],
        feasible: true,
        total: 100.0,
        terms: [20.0; Term::COUNT],
        infeasible_because: Vec::new(),
    };
    let hazard = |place: usize| HazardScore {
        hazard: Hazard::ALL[place],
        probability: 0.01,
        base: -4_595_120,
        log_odds: -4_595_120,
        contributions: Vec::new(),
    };
    Decision {
        action,
        own_action: action,
        items: Vec::new(),
        obligations: Vec::new(),
        code_contact_id: Some(ContactId::try_new("sms-1").unwrap()),
        notify_contact_ids: Vec::new(),
        locker_ids: Vec::new(),
        alternatives: Vec::new(),
        reasons,
        risk: 0.049,
        hazards: std::array::from_fn(hazard),
        costs: std::array::from_fn(cost),
        skipped_rules: Vec::new(),
        random_check: None,
        propensities: std::array::from_fn(|it| if it == action.index() { 1_000_000 } else { 0 }),
        ratchet: Ratchet::default(),
    }
}
