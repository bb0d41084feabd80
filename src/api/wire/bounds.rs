//! The bounds of the contract, each once. What is no bound of the contract says why it is there.

use std::ops::RangeInclusive;

use crate::domain::units::{Span, Timestamp};

/// Lines of an order.
pub(super) const ITEMS_MAX: usize = 200;
/// Units of a line.
pub(super) const QUANTITY: RangeInclusive<u32> = 1..=10_000;
/// Price of one unit, or an amount told by an event, in minor units.
pub(super) const PRICE_MINOR: RangeInclusive<i64> = 0..=1_000_000_000_000;
/// Amount of a whole order in minor units: the dearest line there can be. Keeps sums over an order's history exact.
pub(super) const TOTAL_MINOR_MAX: i64 = 10_000_000_000_000_000;
/// Parcels of an order.
pub(super) const PARCELS_MAX: usize = 50;
/// Parcels expected.
pub(super) const PARCELS: RangeInclusive<u32> = 1..=50;
/// Contacts of an order.
pub(super) const CONTACTS_MAX: usize = 20;
/// Compartment sizes of lockers.
pub(super) const LOCKERS_MAX: usize = 50;
/// Capabilities of a carrier, repeated or not: twice as many as there are.
pub(super) const CAPABILITIES_MAX: usize = 16;
/// Orders of a batch.
pub(super) const BATCH_MAX: usize = 100;
/// Events of a call.
pub(super) const EVENTS_MAX: usize = 1_000;
/// Decisions of a page.
pub(super) const PAGE_MAX: u32 = 500;
/// Decisions of a page where the caller does not say.
pub(super) const PAGE_DEFAULT: u32 = 50;

/// A side in millimetres: up to 100 m. Unknown is absent, never 0.
pub(super) const SIDE_MM: RangeInclusive<u32> = 1..=100_000;
/// A weight in grams: up to 10 t. Unknown is absent, never 0.
pub(super) const WEIGHT_G: RangeInclusive<u32> = 1..=10_000_000;
/// A way to a locker in metres.
pub(super) const DISTANCE_M: RangeInclusive<u32> = 0..=1_000_000;
/// Free compartments of one size.
pub(super) const COMPARTMENTS: RangeInclusive<u32> = 0..=10_000;
/// Seconds at one door.
pub(super) const AT_DOOR_S: RangeInclusive<u32> = 0..=86_400;
/// Uncertainty of a position in metres: half the way around the earth.
pub(super) const ACCURACY_M: RangeInclusive<u32> = 0..=20_100_000;
/// Strength of a suspicion.
pub(super) const LEVEL: RangeInclusive<u32> = 1..=3;
/// Bytes of a reference to evidence.
pub(super) const REFERENCE_MAX: usize = 256;
/// Bytes of a policy's text.
pub(super) const POLICY_BYTES_MAX: usize = 1 << 20;
/// Characters of a note.
pub(super) const NOTE_MAX: usize = 500;
/// Bytes of a page token.
pub(super) const TOKEN_MAX: usize = 1_024;

/// The first moment: 2000-01-01T00:00:00Z.
pub(super) const FIRST: Timestamp = Timestamp::from_micros(946_684_800_000_000);
/// The last moment where time is what orders and events say: before 2200-01-01T00:00:00Z. Dates stay countable.
pub(super) const LAST: Timestamp = Timestamp::from_micros(7_258_118_399_999_999);
/// How far clocks may differ.
pub(super) const CLOCK_SKEW: Span = Span::minutes(5);
/// How far ahead a plan may lie: a leap year.
pub(super) const DAYS_AHEAD: i32 = 366;
