//! A rule's own words for customers.

use std::collections::BTreeMap;

use crate::decision::language::Language;

/// What customers read of a rule, in their language where the policy has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomerText(BTreeMap<Language, String>);

impl CustomerText {
    /// One text, whatever the customer's language is.
    pub(super) fn for_all(text: String) -> Self {
        Self(BTreeMap::from([(Language::En, text)]))
    }

    /// A text a language.
    pub(super) const fn by_language(texts: BTreeMap<Language, String>) -> Self {
        Self(texts)
    }

    /// The text in this language; what is not there is said in English.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        let own = self.0.get(&language).or_else(|| self.0.get(&Language::En));
        own.map_or("", String::as_str)
    }
}
