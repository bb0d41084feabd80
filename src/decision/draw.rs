//! Chance that nobody outside can predict: a keyed draw, probabilities in millionths, and a ratchet that only tightens.
//!
//! Whole numbers only, as `tests/data/vectors/README.md` pins them. Which actions chance may choose among, and how
//! often, is [`explore`]; the key comes from outside and never enters a decision.

pub mod explore;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::domain::action::Action;
use crate::domain::profile::Ratchet;
use crate::domain::units::MILLION;

/// The actions that chance is spread over, strictest first.
pub const STRICT_FIRST: [Action; 4] = [
    Action::LockerOnly,
    Action::ItemCodes,
    Action::Otp,
    Action::None,
];

/// Probabilities in millionths in the order of [`STRICT_FIRST`]; they sum to 1,000,000.
pub type Odds = [u32; 4];

/// The draw of a unit's slot: 0 to 999,999, the same until the unit's next completed order.
#[must_use]
pub fn draw_micro(key: &[u8; 32], unit: &str, completed: u64, slot: u32) -> u32 {
    let fields = [
        "draw/v1",
        "action",
        unit,
        &completed.to_string(),
        &slot.to_string(),
    ];
    scaled(&mac(key, &message(&fields)))
}

/// Fields as one message that no other fields give: each preceded by its length in bytes.
#[must_use]
pub fn message(fields: &[&str]) -> Vec<u8> {
    let mut message = Vec::with_capacity(fields.iter().map(|it| it.len() + 4).sum());
    for field in fields {
        let length = u32::try_from(field.len()).unwrap_or(u32::MAX);
        message.extend_from_slice(&length.to_be_bytes());
        message.extend_from_slice(field.as_bytes());
    }
    message
}

/// HMAC-SHA256 under a key of any length.
#[must_use]
pub fn mac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return [0; 32]; // never: a key of every length is taken
    };
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// The first eight bytes as a share of all there are, in millionths, rounded down.
#[must_use]
pub fn scaled(mac: &[u8; 32]) -> u32 {
    let [a, b, c, d, e, f, g, h, ..] = *mac;
    let x = u128::from(u64::from_be_bytes([a, b, c, d, e, f, g, h]));
    u32::try_from((x * u128::from(MILLION)) >> 64).unwrap_or(0)
}

/// The action on which the draw falls: the first at which the running sum passes it.
#[must_use]
pub fn select(odds: &Odds, draw_micro: u32) -> Action {
    let mut sum = 0_u32;
    for (action, share) in STRICT_FIRST.iter().zip(odds) {
        sum = sum.saturating_add(*share);
        if draw_micro < sum {
            return *action;
        }
    }
    Action::None
}

/// Never more lenient than before: takes the running maximum of the cumulative sums, and gives the odds that it leaves.
#[must_use]
pub fn tighten(seen: [u32; 3], odds: &Odds) -> ([u32; 3], Odds) {
    let [locker, item_codes, otp, _] = *odds;
    let [a, b, c] = seen;
    let a = a.max(locker);
    let b = b.max(locker.saturating_add(item_codes)).max(a);
    let c = c
        .max(locker.saturating_add(item_codes).saturating_add(otp))
        .max(b)
        .min(MILLION);
    ([a, b, c], [a, b - a, c - b, MILLION - c])
}

impl Ratchet {
    /// What earlier carts of the slot left for this own action; zeros for one that chance never changes.
    #[must_use]
    pub fn seen(&self, own: Action) -> [u32; 3] {
        let place = self.0.get(own.index());
        place.copied().unwrap_or_default()
    }

    /// Keeps what a cart left.
    pub fn keep(&mut self, own: Action, seen: [u32; 3]) {
        if let Some(place) = self.0.get_mut(own.index()) {
            *place = seen;
        }
    }
}
