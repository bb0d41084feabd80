//! What went wrong before: losses by fault, claims, failed attempts, suspicions; shrunk where they are few.

use super::Scene;
use super::windows::Windows;
use crate::decision::signal::{Signal, Signals};
use crate::decision::snapshot::Snapshot;
use crate::domain::dossier::ProfileKey;
use crate::domain::event::Subject;
use crate::domain::order::LinkKey;
use crate::domain::profile::Suspicion;
use crate::domain::tally::Counter;
use crate::domain::units::{Span, Timestamp, to_f64};

pub(super) const HALF_YEAR: Span = Span::days(180);
pub(super) const YEAR: Span = Span::days(365);
const ATTEMPTS: Span = Span::days(400);

/// Of attended attempts fail, where nothing is known (sourced in the prior).
const FAILED_SHARE: f64 = 0.06;
const FAILED_WEIGHT: f64 = 3.0;
/// Claims by orders, where nothing is known (assumed).
const CLAIM_SHARE: f64 = 0.02;
const CLAIM_WEIGHT: f64 = 20.0;
/// Parcels that a route or depot must have before its own rate outweighs the platform's (the depot's is assumed).
pub(super) const ROUTE_WEIGHT: f64 = 300.0;
pub(super) const DEPOT_WEIGHT: f64 = 1000.0;
/// Under so many parcels there is no rate of the platform.
const PLATFORM_LEAST: f64 = 100.0;

pub(super) fn measure(scene: &Scene<'_>, snapshot: &Snapshot, signals: &mut Signals) {
    if let Some(address) = scene.address_with_history() {
        let porch = address.count(Counter::LossPorch, HALF_YEAR);
        signals.set(Signal::AddressPorchLosses180d, Some(porch));
        let courier = address.count(Counter::LossCourier, HALF_YEAR);
        signals.set(Signal::AddressCourierLosses180d, Some(courier));
    }
    if scene.has_history {
        of_customer(&scene.customer_windows, signals);
    }
    linked(scene, snapshot, signals);
    ratios(scene, snapshot, signals);
    signals.set(Signal::SuspicionLevel, Some(suspicion(scene, snapshot)));
}

/// The customer's own losses, claims and failed attempts.
pub(super) fn of_customer(customer: &Windows<'_>, signals: &mut Signals) {
    let lost = [
        Counter::LossPorch,
        Counter::LossCourier,
        Counter::LossDepot,
        Counter::LossTakeover,
    ];
    let lost = lost.map(|counter| customer.count(counter, HALF_YEAR));
    signals.set(Signal::CustomerLosses180d, Some(lost.iter().sum()));
    let false_claims = customer.count(Counter::LossCustomer, YEAR);
    signals.set(Signal::CustomerFalseClaims365d, Some(false_claims));
    let claims = customer.count(Counter::Claims, YEAR);
    let orders = customer.count(Counter::Orders, YEAR);
    let rate = (claims + CLAIM_SHARE * CLAIM_WEIGHT) / (orders + CLAIM_WEIGHT);
    signals.set(Signal::CustomerClaimRate, Some(rate.min(1.0)));
    let attended = customer.count(Counter::Attended, ATTEMPTS);
    let failed = customer.count(Counter::AttendedFailed, ATTEMPTS);
    let rate = (failed + FAILED_SHARE * FAILED_WEIGHT) / (attended + FAILED_WEIGHT);
    let rate = (attended > 0.0).then_some(rate);
    signals.set(Signal::AttendedFailureRate, rate);
}

/// False claims and number of others who share the order's device or means of payment.
fn linked(scene: &Scene<'_>, snapshot: &Snapshot, signals: &mut Signals) {
    let [device, payment] = &scene.links;
    if device.is_none() && payment.is_none() {
        return;
    }
    let row = |key: &Option<LinkKey>| snapshot.links.get(key.as_ref()?);
    let (device, payment) = (row(device), row(payment));
    let own = scene.order.customer_id.as_ref();
    let twice = |id| device.is_some_and(|it| it.members.contains_key(id));
    let of_device = device.into_iter().flat_map(|it| &it.members);
    let of_payment = payment.into_iter().flat_map(|it| &it.members);
    let from = scene.now.minus(YEAR);
    let (mut customers, mut claims) = (0_i64, 0_i64);
    let all = of_device.chain(of_payment.filter(|(id, _)| !twice(*id)));
    for (_, tally) in all.filter(|(id, _)| Some(*id) != own) {
        customers += 1;
        claims = claims.saturating_add(tally.sum(Counter::LossCustomer, from, scene.now));
    }
    signals.set(Signal::LinkedCustomers, Some(to_f64(customers)));
    signals.set(Signal::LinkedFalseClaims365d, Some(to_f64(claims)));
}

fn ratios(scene: &Scene<'_>, snapshot: &Snapshot, signals: &mut Signals) {
    let windows = |key: ProfileKey| {
        let tally = snapshot.tallies.get(&key);
        Windows::new(tally, &scene.own, || key, scene.now)
    };
    let carrier = &scene.order.carrier;
    if carrier.route_id.is_none() && carrier.depot_id.is_none() {
        return;
    }
    let platform = windows(ProfileKey::Platform);
    let route = carrier.route_id.clone().map(ProfileKey::Route);
    let ratio = route.and_then(|key| loss_ratio(&windows(key), &platform, ROUTE_WEIGHT));
    signals.set(Signal::RouteLossRatio, ratio);
    let depot = carrier.depot_id.clone().map(ProfileKey::Depot);
    let ratio = depot.and_then(|key| loss_ratio(&windows(key), &platform, DEPOT_WEIGHT));
    signals.set(Signal::DepotLossRatio, ratio);
}

/// Courier and depot losses a parcel, shrunk to the platform's rate, by the platform's rate.
pub(super) fn loss_ratio(one: &Windows<'_>, platform: &Windows<'_>, weight: f64) -> Option<f64> {
    let lost = |windows: &Windows<'_>| {
        windows.count(Counter::LossCourier, HALF_YEAR)
            + windows.count(Counter::LossDepot, HALF_YEAR)
    };
    let parcels = platform.count(Counter::Parcels, HALF_YEAR);
    let usual = lost(platform) / parcels;
    if parcels < PLATFORM_LEAST || usual <= 0.0 {
        return None;
    }
    let own = one.count(Counter::Parcels, HALF_YEAR);
    Some((lost(one) + weight * usual) / (own + weight) / usual)
}

/// The highest suspicion in force on customer, address, route or depot; 0 without one.
fn suspicion(scene: &Scene<'_>, snapshot: &Snapshot) -> f64 {
    let order = scene.order;
    let subjects = [
        order.customer_id.clone().map(Subject::Customer),
        Some(Subject::Address(scene.address_key.clone())),
        order.carrier.route_id.clone().map(Subject::Route),
        order.carrier.depot_id.clone().map(Subject::Depot),
    ];
    let found = subjects
        .iter()
        .flatten()
        .filter_map(|subject| snapshot.subjects.get(subject))
        .flat_map(|raised| raised.values());
    f64::from(highest(found, scene.now))
}

/// The highest level in force.
pub(super) fn highest<'a>(suspicions: impl Iterator<Item = &'a Suspicion>, now: Timestamp) -> u8 {
    suspicions
        .filter_map(|it| it.level_at(now))
        .max()
        .unwrap_or(0)
}
