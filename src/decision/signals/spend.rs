//! How much is ordered: against the customer's own past, and together with what was ordered shortly before.

use super::Scene;
use super::windows::{Windows, percentile, sizes};
use crate::decision::signal::{Signal, Signals};
use crate::domain::tally::Counter;
use crate::domain::units::Span;

/// So far back a customer's own orders say what is usual.
pub(super) const USUAL: Span = Span::days(400);
/// Fewer orders say nothing about what is usual.
pub(super) const USUAL_LEAST: i64 = 3;
/// The windows over which orders are added up.
pub(super) const SPLIT: [Span; 3] = [Span::hours(24), Span::hours(72), Span::days(7)];

const DAY: Span = Span::hours(24);

pub(super) fn measure(scene: &Scene<'_>, signals: &mut Signals) {
    signals.set(Signal::OrderValue, Some(scene.order_cents / 100.0));
    against_usual(scene, signals);
    let known = scene.order.customer_id.is_some();
    let customer = known.then_some(&scene.customer_windows);
    let [address, device, payment] = &scene.other_windows;
    let values = [
        (customer, CUSTOMER),
        (address.as_ref(), ADDRESS),
        (device.as_ref(), DEVICE),
        (payment.as_ref(), PAYMENT),
    ];
    let mut largest = scene.order_cents;
    for (windows, names) in values {
        let Some(windows) = windows else { continue };
        for (window, name) in SPLIT.into_iter().zip(names) {
            let cents = scene.order_cents + windows.cents(window, scene.catalogue);
            signals.set(name, Some(cents / 100.0));
            largest = largest.max(cents);
        }
    }
    // Nothing by nothing is no ratio, and `set` leaves it out.
    signals.set(Signal::SplitRatio7d, Some(largest / scene.order_cents));
    velocity(scene, signals);
}

pub(super) const CUSTOMER: [Signal; 3] = [
    Signal::CustomerValue24h,
    Signal::CustomerValue72h,
    Signal::CustomerValue7d,
];
pub(super) const ADDRESS: [Signal; 3] = [
    Signal::AddressValue24h,
    Signal::AddressValue72h,
    Signal::AddressValue7d,
];
const DEVICE: [Signal; 3] = [
    Signal::DeviceValue24h,
    Signal::DeviceValue72h,
    Signal::DeviceValue7d,
];
const PAYMENT: [Signal; 3] = [
    Signal::PaymentValue24h,
    Signal::PaymentValue72h,
    Signal::PaymentValue7d,
];

fn against_usual(scene: &Scene<'_>, signals: &mut Signals) {
    let Some(customer) = scene.customer else {
        return;
    };
    let window = (USUAL, scene.now);
    let sizes = sizes(&customer.spend, scene.own.spend(), window, scene.catalogue);
    let by = |percent| {
        let usual = percentile(&sizes, percent, USUAL_LEAST)?;
        Some(scene.order_cents / usual)
    };
    signals.set(Signal::SpendVsUsual, by(95));
    signals.set(Signal::SpendVsMedian, by(50));
}

fn velocity(scene: &Scene<'_>, signals: &mut Signals) {
    let orders = |windows: &Windows<'_>, window| Some(windows.count(Counter::Orders, window));
    let probes = |windows: &Windows<'_>| Some(windows.count(Counter::Probes, DAY));
    if scene.has_history {
        let customer = &scene.customer_windows;
        signals.set(Signal::Orders24h, orders(customer, DAY));
        signals.set(Signal::Orders7d, orders(customer, Span::days(7)));
    }
    if scene.order.customer_id.is_some() {
        signals.set(Signal::Probes24h, probes(&scene.customer_windows));
    }
    let [address, device, payment] = &scene.other_windows;
    let of = |windows: &Option<Windows<'_>>| windows.as_ref().and_then(|it| orders(it, DAY));
    signals.set(Signal::AddressOrders24h, of(address));
    signals.set(Signal::DeviceOrders24h, of(device));
    signals.set(Signal::PaymentOrders24h, of(payment));
    signals.set(Signal::DeviceProbes24h, device.as_ref().and_then(probes));
}
