//! Checking one message: where in it we are, and every fault so far. A bad field is a fault and `None`.

mod times;

use std::collections::BTreeSet;
use std::fmt::{Display, Write as _};
use std::ops::RangeInclusive;

use super::{Accepts, Invalid, bounds};
use crate::domain::ids::{NotAnId, ParcelId};
use crate::domain::order::PartialSize;
use crate::domain::units::{Currency, Timestamp};

/// For messages that hold nothing to measure by time or currency.
const NOTHING: &Accepts = &Accepts {
    now: Timestamp::from_micros(0),
    currencies: BTreeSet::new(),
    driven: false,
};

/// One message under check.
pub(super) struct Check<'a> {
    accepts: &'a Accepts,
    today: Timestamp,
    path: String,
    invalid: Invalid,
}

impl Check<'static> {
    /// Starts at a request that tells no facts.
    pub(super) fn question() -> Self {
        Self::new("", NOTHING)
    }
}

impl<'a> Check<'a> {
    /// Starts at the message named `root`; empty for a request itself.
    pub(super) fn new(root: &str, accepts: &'a Accepts) -> Self {
        Self {
            accepts,
            today: accepts.now,
            path: root.to_owned(),
            invalid: Invalid::default(),
        }
    }

    /// The message's time of receipt and currencies.
    pub(super) const fn accepts(&self) -> &'a Accepts {
        self.accepts
    }

    /// The value, if nothing at all was wrong.
    pub(super) fn finish<T>(self, value: Option<T>) -> Result<T, Invalid> {
        match value {
            Some(value) if self.invalid.fields.is_empty() => Ok(value),
            Some(_) | None => Err(self.invalid),
        }
    }

    /// Checks what is inside a field.
    pub(super) fn inside<T>(
        &mut self,
        field: impl Display,
        check: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let before = self.path.len();
        self.path = self.of(&field);
        let value = check(self);
        self.path.truncate(before);
        value
    }

    /// Checks each of a list, but no more than `max`.
    pub(super) fn each<M, T>(
        &mut self,
        field: &str,
        list: Vec<M>,
        max: usize,
        mut check: impl FnMut(&mut Self, usize, M) -> Option<T>,
    ) -> Vec<T> {
        if list.len() > max {
            let fault = format!("must have at most {max} entries, not {}", list.len());
            self.fault(field, fault);
        }
        let mut good = Vec::with_capacity(list.len().min(max));
        for (place, message) in list.into_iter().take(max).enumerate() {
            let path = format_args!("{field}[{place}]");
            good.extend(self.inside(path, |it| check(it, place, message)));
        }
        good
    }

    /// Notes a fault of a field; of the message itself where `field` is empty.
    pub(super) fn fault(&mut self, field: impl Display, description: impl Into<String>) {
        let path = self.of(&field);
        self.invalid.fields.push((path, description.into()));
    }

    fn of(&self, field: &impl Display) -> String {
        let mut path = self.path.clone();
        let start = path.len();
        // Writing to a string cannot fail.
        let _ = write!(path, "{field}");
        if 0 < start && start < path.len() {
            path.insert(start, '.');
        }
        path
    }

    /// Something without which there is no answer.
    pub(super) fn need<T>(&mut self, field: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.fault(field, "is required");
        }
        value
    }

    /// An id or key that must be there.
    pub(super) fn id<T>(
        &mut self,
        field: &str,
        text: &str,
        try_new: fn(&str) -> Result<T, NotAnId>,
    ) -> Option<T> {
        self.need(field, (!text.is_empty()).then_some(()))?;
        self.maybe_id(field, text, try_new)
    }

    /// An id or key; empty is absent.
    pub(super) fn maybe_id<T>(
        &mut self,
        field: &str,
        text: &str,
        try_new: fn(&str) -> Result<T, NotAnId>,
    ) -> Option<T> {
        if text.is_empty() {
            return None;
        }
        // The text itself is not repeated: it may be personal.
        let id = try_new(text).map_err(|why| self.fault(field, why.to_string()));
        id.ok()
    }

    /// A key that has no type of its own; empty is absent.
    pub(super) fn maybe_key(&mut self, field: &str, text: String) -> Option<String> {
        self.maybe_id(field, &text, ParcelId::try_new)?;
        Some(text)
    }

    /// A number within bounds; absent stays absent.
    pub(super) fn number<N: PartialOrd + Display + Copy>(
        &mut self,
        field: &str,
        value: Option<N>,
        bounds: &RangeInclusive<N>,
    ) -> Option<N> {
        let value = value?;
        if bounds.contains(&value) {
            return Some(value);
        }
        let (low, high) = (bounds.start(), bounds.end());
        self.fault(field, format!("must be {low} to {high}, not {value}"));
        None
    }

    /// The sides of something and its weight; `max_` before the fields' names where they are a locker's.
    pub(super) fn size(&mut self, before: &str, told: PartialSize) -> PartialSize {
        let mut side = |name: &str, value, bounds| {
            let field = format!("{before}{name}");
            self.number(&field, value, bounds)
        };
        PartialSize {
            length_mm: side("length_mm", told.length_mm, &bounds::SIDE_MM),
            width_mm: side("width_mm", told.width_mm, &bounds::SIDE_MM),
            height_mm: side("height_mm", told.height_mm, &bounds::SIDE_MM),
            weight_g: side("weight_g", told.weight_g, &bounds::WEIGHT_G),
        }
    }

    /// A member of a closed set; unspecified is absent.
    pub(super) fn one_of<T>(
        &mut self,
        field: impl Display,
        number: i32,
        set: &str,
        member: fn(i32) -> Option<T>,
    ) -> Option<T> {
        if number == 0 {
            return None;
        }
        let found = member(number);
        if found.is_none() {
            self.fault(field, format!("{number} is no {set}"));
        }
        found
    }

    /// A currency with a rate; empty is absent.
    pub(super) fn currency(&mut self, field: &str, code: &str) -> Option<Currency> {
        if code.is_empty() {
            return None;
        }
        let Some(currency) = Currency::parse(code) else {
            self.fault(field, "must be three capital letters of ISO 4217");
            return None;
        };
        if self.accepts.currencies.contains(&currency) {
            return Some(currency);
        }
        let known: Vec<_> = self.accepts.currencies.iter().map(Currency::code).collect();
        let known = known.join(", ");
        let fault = format!("the catalogue has no rate for {currency}; it has one for {known}");
        self.fault(field, fault);
        None
    }

    /// A text that `fits`; empty is absent.
    pub(super) fn text(
        &mut self,
        field: &str,
        text: String,
        fits: fn(&str) -> bool,
        must: &str,
    ) -> Option<String> {
        if text.is_empty() {
            return None;
        }
        if fits(&text) {
            return Some(text);
        }
        self.fault(field, must);
        None
    }

    /// The one of several keys that is given: exactly one must be.
    pub(super) fn only_one<'k>(
        &mut self,
        keys: &[(&'static str, &'k str)],
    ) -> Option<(&'static str, &'k str)> {
        let names: Vec<_> = keys.iter().map(|(field, _)| *field).collect();
        let names = names.join(", ");
        let given: Vec<_> = keys.iter().filter(|(_, text)| !text.is_empty()).collect();
        match given.as_slice() {
            [] => {
                let field = keys.first().map_or("", |(field, _)| field);
                self.fault(field, format!("exactly one of {names} is required"));
                None
            }
            [only] => Some(**only),
            [_, more @ ..] => {
                for (field, _) in more {
                    self.fault(field, format!("only one of {names} may be given"));
                }
                None
            }
        }
    }
}
