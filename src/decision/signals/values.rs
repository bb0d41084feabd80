//! The values of an account, and which of them are changes.
//!
//! A value is a contact or an address that is or was the customer's. The first values of an account are no change:
//! those that became the customer's within a day of the account's beginning (where that is unknown, of the earliest
//! value known), and those that nobody dates and before which nothing of their sort was known. Every other value is a
//! change at the time it became the customer's; one that nobody dates did so when it was first seen.

use std::collections::BTreeSet;

use crate::decision::signal::Signal;
use crate::decision::situation::Changed;
use crate::domain::order::ContactKind;
use crate::domain::profile::{Customer, KnownAddress, KnownContact, earliest};
use crate::domain::units::{Digest, Span, Timestamp};

/// Before anything that anybody dates.
const LONG_AGO: Timestamp = Timestamp::from_micros(i64::MIN / 2);
/// What is known only by having been replaced was there at least so long before.
const MOMENT: Span = Span::micros(1);
/// Values that come so soon after the account began are its first ones.
const FIRST: Span = Span::hours(24);

/// What counts as one sort of value: a telephone number is one however it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Email,
    Phone,
    Push,
    Post,
    Other,
    Address,
}

const SORTS: usize = 6;

impl Sort {
    const fn of(kind: ContactKind) -> Self {
        match kind {
            ContactKind::Email => Self::Email,
            ContactKind::Sms | ContactKind::Voice => Self::Phone,
            ContactKind::Push => Self::Push,
            ContactKind::Post => Self::Post,
            ContactKind::Unknown => Self::Other,
        }
    }

    const fn index(self) -> usize {
        match self {
            Self::Email => 0,
            Self::Phone => 1,
            Self::Push => 2,
            Self::Post => 3,
            Self::Other => 4,
            Self::Address => 5,
        }
    }
}

/// A contact or address with its times.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value {
    pub(super) what: Changed,
    pub(super) sort: Sort,
    /// Since when it is the customer's; unknown where only its end was told.
    pub(super) since: Option<Timestamp>,
    /// The earliest time at which anybody knew it.
    pub(super) first_at: Timestamp,
    /// Somebody said when it became the customer's, rather than only having seen it.
    pub(super) dated: bool,
    /// Known only by having been replaced: older than everything since, but nobody knows how old.
    pub(super) past: bool,
}

impl Value {
    pub(super) fn contact(kind: ContactKind, known: &KnownContact) -> Self {
        let replaced = known
            .replaced_at
            .filter(|at| known.changed_at.is_none() && *at <= known.seen_at.plus(MOMENT));
        Self {
            what: Changed::Contact(kind),
            sort: Sort::of(kind),
            since: Some(known.since()),
            first_at: replaced.map_or_else(|| known.first_at(), |at| at.minus(MOMENT)),
            dated: known.changed_at.is_some(),
            past: replaced.is_some(),
        }
    }

    pub(super) fn address(known: &KnownAddress) -> Self {
        Self {
            what: Changed::Address,
            sort: Sort::Address,
            since: Some(known.since()),
            first_at: known.first_at(),
            dated: known.changed_at.is_some(),
            past: false,
        }
    }
}

/// All values of an account, and what tells first ones from changes.
#[derive(Debug)]
pub(super) struct Values {
    all: Vec<Value>,
    /// Until when values are first ones.
    first_until: Timestamp,
    /// The earliest time at which a value of each sort was known.
    earliest: [Option<Timestamp>; SORTS],
}

impl Values {
    pub(super) fn new(all: Vec<Value>, began: Option<Timestamp>) -> Self {
        let mut earliest = [None; SORTS];
        for value in &all {
            if let Some(place) = earliest.get_mut(value.sort.index()) {
                *place = self::earliest(*place, Some(value.first_at));
            }
        }
        let age = |it: &Value| if it.past { LONG_AGO } else { it.first_at };
        let began = began.or_else(|| all.iter().map(age).min());
        Self {
            first_until: began.unwrap_or(LONG_AGO).plus(FIRST),
            all,
            earliest,
        }
    }

    /// Since when a value is the customer's, where that was a change.
    fn changed_at(&self, value: &Value) -> Option<Timestamp> {
        let since = value.since?;
        let alone = || {
            let earliest = self.earliest.get(value.sort.index()).copied().flatten();
            !value.dated && earliest.is_none_or(|at| value.first_at <= at)
        };
        let first = value.past || since <= self.first_until || alone();
        (!first).then_some(since)
    }

    pub(super) fn changes(&self) -> impl Iterator<Item = (Value, Timestamp)> {
        self.all
            .iter()
            .filter_map(|value| Some((*value, self.changed_at(value)?)))
    }

    /// The latest change of a sort.
    pub(super) fn latest(&self, sort: Sort) -> Option<Timestamp> {
        let of_sort = self.changes().filter(|(value, _)| value.sort == sort);
        of_sort.map(|(_, at)| at).max()
    }
}

/// A fingerprint of every change of a contact, address or password that somebody dated; none without a change.
///
/// Not the latest alone: a change that is told late may be the earliest, and decides which contacts are from before.
/// Values that no event and no order dated are left out: they are new at the receipt of the order that brought them,
/// and that order is no news to another.
#[must_use]
pub fn account_mark(customer: &Customer) -> Option<i64> {
    let values = of_history(customer);
    let dated = values.changes().filter(|(value, _)| value.dated);
    let changes = dated.map(|(value, at)| (value.sort.index(), at));
    let resets = customer.resets.iter().map(|at| (SORTS, *at));
    let all: BTreeSet<_> = changes.chain(resets).collect();
    let bytes: Vec<u8> = all
        .iter()
        .flat_map(|(sort, at)| [i64::try_from(*sort).unwrap_or(0), at.as_micros()])
        .flat_map(i64::to_be_bytes)
        .collect();
    let Digest([a, b, c, d, e, f, g, h, ..]) = Digest::of(&bytes);
    (!all.is_empty()).then_some(i64::from_be_bytes([a, b, c, d, e, f, g, h]))
}

/// When history last saw each sort change, by the signal that counts from then.
pub(super) fn last_changes(customer: &Customer) -> [(Signal, Option<Timestamp>); 5] {
    let values = of_history(customer);
    let (email, phone) = (values.latest(Sort::Email), values.latest(Sort::Phone));
    [
        (Signal::EmailChangeDays, email),
        (Signal::PhoneChangeDays, phone),
        (Signal::ContactChangeDays, email.max(phone)),
        (Signal::AddressChangeDays, values.latest(Sort::Address)),
        (Signal::PasswordResetHours, customer.resets.last().copied()),
    ]
}

fn of_history(customer: &Customer) -> Values {
    let contacts = customer.contacts.values();
    let all = contacts
        .map(|known| Value::contact(known.kind, known))
        .chain(customer.addresses.values().map(Value::address))
        .collect();
    Values::new(all, customer.since_at)
}
