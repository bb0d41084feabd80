//! What analysts, packers and couriers read: exact, with numbers and units, in English.

use fluent_bundle::FluentArgs;

use super::{Words, numbers};
use crate::decision::explain::Counterfactual;
use crate::decision::policy::NearMiss;
use crate::decision::reasons::{Code, Reason};
use crate::decision::signal::Signal;
use crate::domain::action::{Action, Obligation};
use crate::domain::units::{MILLION, to_f64};

impl Words<'_> {
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
        let asked = self.situation.asked.unwrap_or_default();
        args.set("asked", asked.asked_90d);
        args.set("orders", asked.orders_90d);
        let used = self.situation.used.unwrap_or_default();
        args.set("reviews", used.reviews_today);
        let spared = to_f64(used.spared_week_micro) / 1e4;
        args.set("spared", numbers::money(spared, self.situation.base));
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
