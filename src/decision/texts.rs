//! Words: reasons, alternatives and explanations in the language of the reader. A language is a file in `texts/`.
//!
//! Which reasons there are is `reasons`. The customer's texts are short and accuse nobody; the analyst's hold the
//! numbers. What a language lacks is said in English.

use std::borrow::Cow;
use std::collections::BTreeMap;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;

use super::answer::{Alternative, Decision};
use super::language::Language;
use super::policy::{Policy, RuleTexts};
use super::reasons::{Code, Reason};
use super::signal::Signal;
use super::situation::Situation;
use crate::domain::action::{Action, Obligation};

mod analyst;
mod numbers;
mod page;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::languages::FORBIDDEN;

/// The file of a language.
const fn file(language: Language) -> &'static str {
    match language {
        Language::En => include_str!("../../texts/en.ftl"),
        Language::De => include_str!("../../texts/de.ftl"),
        Language::It => include_str!("../../texts/it.ftl"),
    }
}

/// Reasons that a browser may see, at most.
const BASIC_MAX: usize = 2;

/// All languages, read once.
pub struct Texts {
    languages: BTreeMap<Language, FluentBundle<FluentResource>>,
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.languages.keys()).finish()
    }
}

impl Texts {
    /// Reads the languages that came with the program.
    #[must_use]
    pub fn load() -> Self {
        let languages = Language::ALL.into_iter().map(|language| {
            let resource = FluentResource::try_new(file(language).to_owned());
            let resource = resource.unwrap_or_else(|(resource, _)| resource);
            let identifier: LanguageIdentifier = language.tag().parse().unwrap_or_default();
            let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
            bundle.set_use_isolating(false);
            bundle.add_resource_overriding(resource);
            (language, bundle)
        });
        Self {
            languages: languages.collect(),
        }
    }

    /// The words for one decision. `policy`: the one that decided, for its rules' own words, where it is at hand.
    #[must_use]
    pub const fn of<'a>(
        &'a self,
        situation: &'a Situation,
        decision: &'a Decision,
        policy: Option<&'a Policy>,
    ) -> Words<'a> {
        Words {
            texts: self,
            situation,
            decision,
            policy,
        }
    }

    /// The text of this id, if any language that may be asked has it.
    fn text(&self, locale: Option<&str>, id: &str, args: &FluentArgs<'_>) -> Option<String> {
        let asked = [Language::of(locale), Language::En];
        let mut bundles = asked.iter().filter_map(|it| self.languages.get(it));
        bundles.find_map(|bundle| {
            let pattern = bundle.get_message(id)?.value()?;
            let text = bundle.format_pattern(pattern, Some(args), &mut Vec::new());
            Some(text.into_owned())
        })
    }
}

/// The words for one decision.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    texts: &'a Texts,
    situation: &'a Situation,
    decision: &'a Decision,
    policy: Option<&'a Policy>,
}

impl Words<'_> {
    /// What a browser may see of the reasons: at most two codes with their texts, none twice.
    ///
    /// Where chance changed the action, that is why; where nothing is asked, nothing need be said for it.
    #[must_use]
    pub fn basic(&self) -> Vec<(Cow<'static, str>, String)> {
        let drawn = self.decision.random_check.as_ref();
        let drawn = drawn.is_some_and(|it| it.drawn);
        let asked = self.decision.action != Action::None;
        let mut shown: Vec<(Cow<'static, str>, String)> = Vec::new();
        for (place, reason) in self.decision.reasons.iter().enumerate() {
            let weighs = reason.signal.is_some() && reason.code != Code::SeveralParcelsAtStop;
            let ruled = matches!(reason.code, Code::Rule(_));
            if (drawn || !asked) && (weighs || ruled) {
                continue;
            }
            let Some(text) = self.customer(place) else {
                continue;
            };
            let code = if by_chance(&reason.code) {
                Code::DoorConfirmation.text()
            } else {
                reason.code.text()
            };
            if !shown
                .iter()
                .any(|(known, told)| *known == code || *told == text)
            {
                shown.push((code, text));
            }
            if shown.len() == BASIC_MAX {
                break;
            }
        }
        shown
    }

    /// The customer's text of the reason at this place of the decision's list; none where there is none for customers.
    #[must_use]
    pub fn customer(&self, place: usize) -> Option<String> {
        let reason = self.decision.reasons.get(place)?;
        if self.imported() {
            return None;
        }
        let text = self.customer_alone(reason)?;
        let earlier = self.decision.reasons.iter().take(place);
        let mut earlier = earlier.filter(|it| !by_chance(&it.code));
        let first = !by_chance(&reason.code) && earlier.all(|it| self.customer_alone(it).is_none());
        let way = (first && weighty(reason) && self.decision.action != Action::None)
            .then(|| self.way())
            .flatten();
        Some(match way {
            Some(way) => format!("{text} {way}"),
            None => text,
        })
    }

    /// The reason's own words, without a way to act.
    fn customer_alone(&self, reason: &Reason) -> Option<String> {
        if reason.code == Code::PriorLossAddress && !self.lost_themselves() {
            return None;
        }
        if let Code::Rule(id) = &reason.code {
            let locale = self.situation.order.preferences.locale.as_deref();
            let own = self.rule(id)?.customer?;
            return Some(own.in_language(Language::of(locale)).to_owned());
        }
        let mut args = FluentArgs::new();
        if reason.code == Code::SeveralParcelsAtStop {
            args.set("parcels", reason.value.unwrap_or(0.0));
        }
        if let Some(drop) = self.situation.order.preferences.secured_drop {
            args.set("drop", drop.name());
        }
        self.say(&format!("customer-{}", reason.code.text()), &args)
    }

    /// What the customer may do instead, by the best alternative.
    fn way(&self) -> Option<String> {
        let best = self.decision.alternatives.first()?;
        self.say(&format!("way-{}", best.kind.name()), &FluentArgs::new())
    }

    /// Of an order of the shop's past customers are told no reason: the reasons are the policy's, the action is not.
    fn imported(&self) -> bool {
        let first = self.decision.reasons.first();
        first.is_some_and(|it| it.code == Code::Imported)
    }

    fn lost_themselves(&self) -> bool {
        let losses = self.situation.signals.get(Signal::CustomerLosses180d);
        losses.is_some_and(|it| it >= 1.0)
    }

    fn rule(&self, id: &str) -> Option<RuleTexts<'_>> {
        self.policy.and_then(|policy| policy.rule_texts(id))
    }

    /// In the customer's language.
    fn say(&self, id: &str, args: &FluentArgs<'_>) -> Option<String> {
        let locale = self.situation.order.preferences.locale.as_deref();
        self.texts.text(locale, id, args)
    }

    /// The customer's text of an alternative.
    #[must_use]
    pub fn alternative(&self, alternative: &Alternative) -> String {
        let mut args = FluentArgs::new();
        args.set("action", alternative.action.name());
        let nearest = alternative.locker_id.as_ref() == self.decision.locker_ids.first();
        args.set("nearest", if nearest { "yes" } else { "no" });
        if let Some(drop) = alternative.secured_drop {
            args.set("drop", drop.name());
        }
        let date = self.situation.order.delivery.expected_on;
        for (name, part) in page::day(date) {
            args.set(name, part);
        }
        let id = format!("alternative-{}", alternative.kind.name());
        self.say(&id, &args).unwrap_or_default()
    }
}

impl Words<'_> {
    /// What the customer reads of what goes with the action, in the order of the decision's obligations.
    #[must_use]
    pub fn with(&self) -> Vec<String> {
        if self.imported() {
            return Vec::new();
        }
        let obligations = self.decision.obligations.iter();
        let said = |it: &Obligation| self.say(&format!("with-{}", it.name()), &FluentArgs::new());
        obligations.filter_map(said).collect()
    }
}

/// Reasons of chance and experiments, which customers see as one.
const fn by_chance(code: &Code) -> bool {
    matches!(
        code,
        Code::RandomCheck | Code::EarlierDraw | Code::ExperimentArm | Code::DoorConfirmation
    )
}

/// Reasons that say why something is asked, after which a way to act is told.
fn weighty(reason: &Reason) -> bool {
    let asks = reason.signal.is_some() || matches!(reason.code, Code::Rule(_));
    asks && reason.code != Code::FailedAttempts && reason.code != Code::SeveralParcelsAtStop
}
