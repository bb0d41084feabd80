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
use super::explain::Counterfactual;
use super::policy::{NearMiss, Policy, RuleTexts};
use super::reasons::{Code, Reason};
use super::signal::Signal;
use super::situation::Situation;
use crate::domain::action::{Action, Obligation};
use crate::domain::units::{MILLION, to_f64};

mod numbers;
#[cfg(test)]
mod tests;

/// The language that has every text.
const FALLBACK: &str = "en";

/// Every language there is, as its tag and its file.
const LANGUAGES: &[(&str, &str)] = &[(FALLBACK, include_str!("../../texts/en.ftl"))];

/// Reasons that a browser may see, at most.
const BASIC_MAX: usize = 2;

/// All languages, read once.
pub struct Texts {
    languages: BTreeMap<&'static str, FluentBundle<FluentResource>>,
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
        let languages = LANGUAGES.iter().map(|(tag, text)| {
            let resource = FluentResource::try_new((*text).to_owned());
            let resource = resource.unwrap_or_else(|(resource, _)| resource);
            let identifier: LanguageIdentifier = tag.parse().unwrap_or_default();
            let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
            bundle.set_use_isolating(false);
            bundle.add_resource_overriding(resource);
            (*tag, bundle)
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

    fn bundle(&self, locale: Option<&str>) -> Option<&FluentBundle<FluentResource>> {
        let language = locale.and_then(|tag| tag.split(['-', '_']).next());
        let language = language.map(str::to_ascii_lowercase);
        let asked = language.and_then(|tag| self.languages.get(tag.as_str()));
        asked.or_else(|| self.languages.get(FALLBACK))
    }

    /// The text of this id, if any language that may be asked has it.
    fn text(&self, locale: Option<&str>, id: &str, args: &FluentArgs<'_>) -> Option<String> {
        let asked = [self.bundle(locale), self.languages.get(FALLBACK)];
        asked.into_iter().flatten().find_map(|bundle| {
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
            return self.rule(id)?.customer.map(str::to_owned);
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

    /// In the analyst's.
    fn note(&self, id: &str, args: &FluentArgs<'_>) -> String {
        self.texts.text(None, id, args).unwrap_or_default()
    }

    /// The analyst's text of a reason: exact, with numbers and units.
    #[must_use]
    pub fn analyst(&self, reason: &Reason) -> String {
        let mut args = FluentArgs::new();
        if let Code::Rule(id) = &reason.code {
            if let Some(own) = self.rule(id).and_then(|texts| texts.analyst) {
                return own.to_owned();
            }
            args.set("rule", id.as_str());
            return self.note("analyst-RULE", &args);
        }
        self.measured(reason, &mut args);
        self.chosen(&mut args);
        self.note(&format!("analyst-{}", reason.code.text()), &args)
    }

    /// The signal behind a reason, and what it weighs.
    fn measured<'b>(&self, reason: &Reason, args: &mut FluentArgs<'b>) {
        if let Some(signal) = reason.signal {
            args.set("signal", signal.name());
            args.set(
                "value",
                numbers::value(signal, reason.value, self.situation.base),
            );
        }
        args.set("parcels", reason.value.unwrap_or(0.0));
        args.set("base", "6.0 %");
        let hazard = reason.hazard.filter(|_| reason.contribution != 0);
        let weight = hazard.map_or_else(String::new, |hazard| {
            let mut weight = FluentArgs::new();
            weight.set("hazard", hazard.key());
            weight.set("log_odds", numbers::log_odds(reason.contribution));
            weight.set("times", numbers::times(reason.contribution));
            weight.set(
                "cost",
                numbers::money(reason.cost_cents, self.situation.base),
            );
            self.note("weight", &weight)
        });
        args.set("weight", weight);
    }

    /// What was decided, and at which price and probability.
    fn chosen<'b>(&self, args: &mut FluentArgs<'b>) {
        let decision = self.decision;
        let cost = |action: Action| {
            let cost = decision.costs.get(action.index());
            numbers::money(cost.map_or(0.0, |it| it.total), self.situation.base)
        };
        let propensity = decision.propensities.get(decision.action.index());
        let share = to_f64(propensity.copied().unwrap_or(0).into()) / to_f64(MILLION.into());
        args.set("action", decision.action.name());
        args.set("own", decision.own_action.name());
        args.set("own_cost", cost(decision.own_action));
        args.set("none_cost", cost(Action::None));
        args.set("risk", numbers::percent(decision.risk));
        args.set("propensity", numbers::percent(share));
        let contact = decision.code_contact_id.as_ref();
        args.set("contact", contact.map_or("", |it| it.as_str()).to_owned());
        let drop = self.situation.order.preferences.secured_drop;
        args.set("drop", drop.map_or("secured drop", |it| it.name()));
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
        let id = format!("alternative-{}", alternative.kind.name());
        self.say(&id, &args).unwrap_or_default()
    }

    /// What an obligation asks, for those who pack and carry.
    #[must_use]
    pub fn obligation(&self, obligation: Obligation) -> String {
        let id = format!("obligation-{}", obligation.name());
        self.note(&id, &FluentArgs::new())
    }

    /// The analyst's text of a rule with one condition unmet.
    #[must_use]
    pub fn near_miss(&self, miss: &NearMiss) -> String {
        let mut args = FluentArgs::new();
        args.set("rule", miss.rule.as_str());
        args.set("condition", miss.condition.as_str());
        args.set("here", self.named_in(&miss.condition));
        self.note("near-miss", &args)
    }

    /// The values of what a condition names, as in `risk = 8.1 %`.
    fn named_in(&self, condition: &str) -> String {
        let words = condition.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let mut named: Vec<String> = Vec::new();
        for word in words {
            let share = if word == "risk" {
                Some(self.decision.risk)
            } else {
                let mut scores = self.decision.hazards.iter();
                let hazard = word.strip_prefix("p_");
                let score = scores.find(|it| hazard == Some(it.hazard.key()));
                score.map(|it| it.probability)
            };
            let value = share.map(numbers::percent).or_else(|| {
                let signal = Signal::from_name(word)?;
                let value = self.situation.signals.get(signal);
                Some(numbers::value(signal, value, self.situation.base))
            });
            let line = value.map(|value| format!("{word} = {value}"));
            named.extend(line.filter(|line| !named.contains(line)));
        }
        named.join(", ")
    }

    /// The analyst's text of a change that would change the action.
    #[must_use]
    pub fn counterfactual(&self, change: &Counterfactual) -> String {
        let base = self.situation.base;
        let mut args = FluentArgs::new();
        args.set("signal", change.signal.name());
        args.set("from", numbers::value(change.signal, change.from, base));
        args.set("to", numbers::value(change.signal, Some(change.to), base));
        args.set("action", change.action.name());
        args.set("own", self.decision.own_action.name());
        self.note("counterfactual", &args)
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
