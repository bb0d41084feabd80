//! The truth: how likely each hazard is for one order, if nothing is asked for.
//!
//! A function of the world's own state, most of which nobody outside sees: who drives, how exposed the address is,
//! who lies, who sits at the keyboard.

use super::parameters::Parameters;
use super::people;
use crate::domain::hazard::Hazard;
use crate::domain::order::AddressType;

/// No hazard is likelier than this, the takeover apart.
const LIKELY_MAX: f64 = 0.6;

/// What decides an order's fate.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    /// EUR of the whole order.
    pub(super) value: f64,
    /// Resale of the dearest item, 0 to 1.
    pub(super) resale: f64,
    /// Small and dear.
    pub(super) dense: bool,
    /// Something dear travels in an envelope.
    pub(super) envelope: bool,
    /// From 15 kg.
    pub(super) heavy: bool,
    pub(super) kind: AddressType,
    pub(super) visible: bool,
    pub(super) exposure: f64,
    /// How likely somebody is home when it comes.
    pub(super) home: f64,
    pub(super) evening: bool,
    /// Of the delivery, 0 (Monday) to 6.
    pub(super) weekday: usize,
    /// Of the delivery, 1 to 12.
    pub(super) month: u8,
    /// Days since a thief had luck at the address.
    pub(super) robbed_days: Option<f64>,
    /// A parcel box, garage or concierge.
    pub(super) secured: bool,
    pub(super) rotten: bool,
    pub(super) courier: f64,
    pub(super) subcontracted: bool,
    pub(super) swaps: f64,
    pub(super) leaked: bool,
    /// The customer's false claims an order, as of now.
    pub(super) lies: f64,
    /// Log-odds that an intruder orders.
    pub(super) odds: f64,
}

impl Facts {
    /// How often nobody is home, beside the average.
    pub(super) fn away(&self, it: &Parameters) -> f64 {
        (1.0 - self.home) / (1.0 - people::mean_home(it))
    }
}

/// The probability of each hazard, by [`Hazard::index`].
pub(super) fn without_control(it: &Parameters, facts: &Facts) -> [f64; Hazard::COUNT] {
    let takeover = 1.0 / (1.0 + libm::exp(-facts.odds));
    let honest = [
        porch(it, facts),
        courier(it, facts),
        substitution(it, facts),
        false_claim(it, facts),
    ];
    let [porch, courier, substitution, claim] =
        honest.map(|it| it.clamp(0.0, LIKELY_MAX) * (1.0 - takeover));
    [porch, courier, substitution, claim, takeover]
}

fn porch(it: &Parameters, facts: &Facts) -> f64 {
    let porch = &it.porch;
    let is_flat = facts.kind == AddressType::Flat;
    let place = match facts.kind {
        AddressType::House => 1.0,
        AddressType::Flat => porch.flat_factor,
        AddressType::Business | AddressType::Forwarder => porch.business_factor,
        AddressType::PoBox | AddressType::Locker | AddressType::PickupPoint => return 0.0,
    };
    let season = match facts.month {
        11 => porch.november_factor,
        12 => porch.december_factor,
        _ => 1.0,
    };
    let evening = match (facts.evening, is_flat) {
        (true, true) => porch.evening_flat_factor,
        (true, false) => porch.evening_house_factor,
        (false, _) => 1.0,
    };
    let memory = facts.robbed_days.map_or(1.0, |days| {
        (porch.robbed_factor - 1.0).mul_add(libm::exp(-days / porch.robbed_days), 1.0)
    });
    let at_door = porch.base
        * place
        * season
        * evening
        * memory
        * facts.exposure
        * facts.away(it)
        * when(facts.visible, porch.visible_factor, porch.hidden_factor)
        * tempting(facts, porch.resale_slope, porch.value_slope)
        * when(facts.heavy, porch.heavy_factor, 1.0)
        * when(facts.weekday == 5, porch.saturday_factor, 1.0)
        * when(is_flat && facts.value >= 300.0, porch.dear_flat_factor, 1.0)
        * when(facts.secured, porch.secured_factor, 1.0);
    if facts.leaked && facts.value >= it.leak.value {
        at_door + porch.base * it.leak.factor
    } else {
        at_door
    }
}

fn courier(it: &Parameters, facts: &Facts) -> f64 {
    let courier = &it.courier;
    let slope = if facts.rotten {
        courier.rotten_value_slope
    } else {
        courier.value_slope
    };
    courier.base
        * facts.courier
        * tempting(facts, courier.resale_slope, slope)
        * when(facts.dense, courier.dense_factor, 1.0)
        * when(facts.envelope, courier.envelope_factor, 1.0)
        * when(facts.subcontracted, courier.subcontracted_factor, 1.0)
        * when(facts.heavy, courier.heavy_factor, 1.0)
        * when(facts.month >= 11, courier.peak_factor, 1.0)
        * when(facts.weekday == 0, courier.monday_factor, 1.0)
}

fn substitution(it: &Parameters, facts: &Facts) -> f64 {
    let swap = &it.substitution;
    swap.base
        * facts.swaps
        * tempting(facts, swap.resale_slope, swap.value_slope)
        * when(facts.dense, swap.dense_factor, 1.0)
        * when(facts.envelope, swap.envelope_factor, 1.0)
        * when(
            facts.dense && facts.envelope,
            swap.dense_envelope_factor,
            1.0,
        )
        * when(facts.rotten, swap.rotten_factor, 1.0)
        * when(facts.heavy, swap.heavy_factor, 1.0)
}

fn false_claim(it: &Parameters, facts: &Facts) -> f64 {
    let claims = &it.claims;
    // Left alone more often than usual: more often nobody saw it.
    let alone = (claims.alone_factor - 1.0).mul_add((1.0 - facts.home).clamp(0.0, 1.0), 1.0);
    let usual = (claims.alone_factor - 1.0).mul_add(1.0 - people::mean_home(it), 1.0);
    facts.lies
        * libm::pow((facts.value / 100.0).max(0.1), claims.value_slope)
        * claims.resale_slope.mul_add(facts.resale, 1.0)
        * when(facts.envelope, claims.envelope_factor, 1.0)
        * when(
            facts.kind == AddressType::Business,
            claims.business_factor,
            1.0,
        )
        * alone
        / usual
}

/// How tempting the goods are.
fn tempting(facts: &Facts, resale_slope: f64, value_slope: f64) -> f64 {
    let resale = (resale_slope * facts.resale).mul_add(facts.resale, 1.0);
    resale * libm::pow((facts.value / 100.0).max(0.1), value_slope)
}

const fn when(holds: bool, yes: f64, no: f64) -> f64 {
    if holds { yes } else { no }
}
