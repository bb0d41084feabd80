//! The one form in which content is written down: no two contents look alike.
//!
//! A text is its length and its bytes, a number eight bytes, a list its length and its entries, and what may be absent
//! has a byte before it that says whether it is there. All numbers are big-endian. Fields follow each other in the
//! order of the calls, so none needs a name.

use crate::domain::units::Digest;

/// Content as written so far.
pub(super) struct Form(Vec<u8>);

impl Form {
    /// Starts with the name of the form and its version.
    pub(super) fn new(version: &str) -> Self {
        let mut form = Self(Vec::with_capacity(1_024));
        form.text(version);
        form
    }

    /// A text that is always there.
    pub(super) fn text(&mut self, text: &str) {
        self.length(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    /// A text, if there is one.
    pub(super) fn maybe_text(&mut self, text: Option<&str>) {
        self.0.push(text.is_some().into());
        if let Some(text) = text {
            self.text(text);
        }
    }

    /// A number that is always there.
    pub(super) fn number(&mut self, number: i64) {
        self.0.extend_from_slice(&number.to_be_bytes());
    }

    /// A number, if there is one.
    pub(super) fn maybe(&mut self, number: Option<i64>) {
        self.0.push(number.is_some().into());
        if let Some(number) = number {
            self.number(number);
        }
    }

    /// A fraction by its bits; both zeros are one.
    pub(super) fn fraction(&mut self, number: f64) {
        self.0
            .extend_from_slice(&(number + 0.0).to_bits().to_be_bytes());
    }

    /// A list in its order.
    pub(super) fn list<T>(&mut self, list: &[T], write: impl Fn(&mut Self, &T)) {
        self.length(list.len());
        for one in list {
            write(self, one);
        }
    }

    /// The digest of all that was written.
    pub(super) fn digest(self) -> Digest {
        Digest::of(&self.0)
    }

    fn length(&mut self, length: usize) {
        self.number(i64::try_from(length).unwrap_or(i64::MAX));
    }
}
