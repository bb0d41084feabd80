//! What a case expects, and what of it an answer is not.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::judged::Judged;
use crate::decision::policy::Policy;
use crate::decision::problem::nearest;
use crate::decision::reasons::Code;
use crate::domain::action::{Action, AlternativeKind, Obligation};

/// What the policy should answer; what is absent is not looked at.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expect {
    /// One of these.
    action: Option<OneOrMore>,
    /// All of these are among the reasons.
    #[serde(default)]
    reasons: Vec<String>,
    /// None of these is.
    #[serde(default)]
    not_reasons: Vec<String>,
    /// All of these rules nearly held.
    #[serde(default)]
    near_misses: Vec<String>,
    /// None of these rules nearly held.
    #[serde(default)]
    not_near_misses: Vec<String>,
    /// All of these rules had no answer, as where a signal is missing.
    #[serde(default)]
    skipped_rules: Vec<String>,
    /// All of these go with the action.
    #[serde(default)]
    obligations: Vec<String>,
    /// All of these are offered.
    #[serde(default)]
    alternatives: Vec<String>,
    /// Where a code would go; empty: nowhere.
    code_contact_id: Option<String>,
    /// Actions that are not possible, with all these reasons.
    #[serde(default)]
    not_possible: BTreeMap<String, Vec<String>>,
    /// The risk is this or more, 0 to 1.
    risk_from: Option<f64>,
    /// The risk is below this, 0 to 1.
    risk_below: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Expect {
    /// One of these actions, and nothing else is looked at.
    pub(super) fn one_of(actions: Vec<String>) -> Self {
        Self {
            action: Some(OneOrMore::More(actions)),
            ..Self::default()
        }
    }

    /// The actions any of which is expected.
    pub(super) fn wanted(&self) -> Vec<Action> {
        self.actions().iter().filter_map(|it| action(it)).collect()
    }

    fn actions(&self) -> &[String] {
        match &self.action {
            None => &[],
            Some(OneOrMore::One(one)) => std::slice::from_ref(one),
            Some(OneOrMore::More(all)) => all,
        }
    }

    /// Names that nothing has, so that no answer could ever be this.
    ///
    /// # Errors
    /// The first of them, and what was meant.
    pub(super) fn known(&self) -> Result<(), String> {
        let actions = || Action::ALL.iter().map(|it| it.name());
        for name in self.actions().iter().chain(self.not_possible.keys()) {
            if action(name).is_none() {
                return Err(unknown("action", name, actions()));
            }
        }
        if matches!(&self.action, Some(OneOrMore::More(all)) if all.is_empty()) {
            return Err("action: names none".to_owned());
        }
        let codes = self.not_possible.values().flatten();
        for code in self.reasons.iter().chain(&self.not_reasons).chain(codes) {
            if Code::from_text(code).is_none() && !code.starts_with("RULE_") {
                let known: Vec<_> = Code::ALL.iter().map(Code::text).collect();
                return Err(unknown("reason", code, known.iter().map(AsRef::as_ref)));
            }
        }
        for name in &self.obligations {
            if Obligation::from_name(name).is_none() {
                let known = Obligation::ALL.iter().map(|it| it.name());
                return Err(unknown("obligation", name, known));
            }
        }
        for name in &self.alternatives {
            if AlternativeKind::from_name(name).is_none() {
                let known = AlternativeKind::ALL.iter().map(|it| it.name());
                return Err(unknown("alternative", name, known));
            }
        }
        Ok(())
    }

    /// What of this the answer is not; nothing where the case passes.
    pub(super) fn differences(&self, it: &Judged, policy: &Policy) -> Vec<String> {
        let mut found = Vec::new();
        self.answer(it, &mut found);
        self.possible(it, &mut found);
        self.rules(it, policy, &mut found);
        found
    }

    fn answer(&self, judged: &Judged, found: &mut Vec<String>) {
        let it = &judged.decision;
        let reasons: Vec<_> = it.reasons.iter().map(|it| it.code.text()).collect();
        let (wanted, got) = (self.actions(), it.own_action);
        if !wanted.is_empty() && !wanted.iter().any(|name| action(name) == Some(got)) {
            let (wanted, got, why) = (wanted.join(" or "), got.name(), reasons.join(", "));
            found.push(format!("expected {wanted}, got {got} because of {why}"));
        }
        lacking(&self.reasons, &reasons, "reason", "the reasons", found);
        for code in self.not_reasons.iter().filter(|it| has(&reasons, it)) {
            found.push(format!("reason {code} is there and should not be"));
        }
        let contact = it.code_contact_id.as_ref().map_or("", |id| id.as_str());
        if let Some(wanted) = self.code_contact_id.as_ref().filter(|it| *it != contact) {
            found.push(format!(
                "a code would go to `{contact}` and not to `{wanted}`"
            ));
        }
        let names: Vec<_> = it.obligations.iter().map(|it| it.name()).collect();
        let among = "the obligations";
        lacking(&self.obligations, &names, "obligation", among, found);
        let names: Vec<_> = it.alternatives.iter().map(|it| it.kind.name()).collect();
        let among = "what is offered";
        lacking(&self.alternatives, &names, "alternative", among, found);
        let risk = it.risk;
        if let Some(least) = self.risk_from.filter(|least| risk < *least) {
            found.push(format!("the risk is {risk:.4}, below {least}"));
        }
        if let Some(limit) = self.risk_below.filter(|limit| risk >= *limit) {
            found.push(format!("the risk is {risk:.4}, not below {limit}"));
        }
    }

    fn possible(&self, judged: &Judged, found: &mut Vec<String>) {
        for (name, codes) in &self.not_possible {
            let costs = &judged.decision.costs;
            let Some(cost) = action(name).and_then(|it| costs.get(it.index())) else {
                continue;
            };
            if cost.feasible {
                found.push(format!("{name} is possible"));
                continue;
            }
            let because: Vec<_> = cost.infeasible_because.iter().map(Code::text).collect();
            let among = format!("the reasons why {name} is not possible");
            lacking(codes, &because, "reason", &among, found);
        }
    }

    fn rules(&self, judged: &Judged, policy: &Policy, found: &mut Vec<String>) {
        let near: Vec<_> = judged
            .near_misses
            .iter()
            .map(|it| it.rule.as_str())
            .collect();
        let skipped = &judged.decision.skipped_rules;
        let skipped: Vec<_> = skipped.iter().map(|it| it.rule.as_str()).collect();
        let lists = [
            &self.near_misses,
            &self.not_near_misses,
            &self.skipped_rules,
        ];
        for id in lists.into_iter().flatten() {
            if !policy.rule_ids().any(|it| it == id) {
                found.push(unknown("rule", id, policy.rule_ids()));
            }
        }
        let known = |ids: &[String]| -> Vec<String> {
            let known = ids
                .iter()
                .filter(|id| policy.rule_ids().any(|it| it == *id));
            known.cloned().collect()
        };
        let among = "the near misses";
        lacking(&known(&self.near_misses), &near, "rule", among, found);
        let among = "the rules without an answer";
        lacking(&known(&self.skipped_rules), &skipped, "rule", among, found);
        for id in self.not_near_misses.iter().filter(|it| has(&near, it)) {
            found.push(format!("rule {id} nearly held and should not have"));
        }
    }
}

fn has(names: &[impl AsRef<str>], name: &str) -> bool {
    names.iter().any(|it| it.as_ref() == name)
}

/// A sentence for everything `wanted` that is not among `names`.
fn lacking(
    wanted: &[String],
    names: &[impl AsRef<str>],
    kind: &str,
    among: &str,
    found: &mut Vec<String>,
) {
    let all: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    let all = if all.is_empty() {
        "there are none".to_owned()
    } else {
        all.join(", ")
    };
    for name in wanted.iter().filter(|it| !has(names, it)) {
        found.push(format!("{kind} {name} is not among {among}: {all}"));
    }
}

fn unknown<'a>(kind: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let meant =
        nearest(name, known).map_or_else(String::new, |it| format!("; `{it}` was meant, perhaps"));
    format!("no {kind} is called `{name}`{meant}")
}

/// An action by its name with or without prefix, or as in policy files.
fn action(name: &str) -> Option<Action> {
    let short = name.strip_prefix("ACTION_").unwrap_or(name);
    Action::from_name(short).or_else(|| Action::from_key(short))
}
