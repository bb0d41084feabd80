//! A case judged: its past told to a store that forgets, by the very steps of the live service, and
//! its order measured and judged without chance.

use std::sync::Arc;

use super::{Case, Expect, OneOrMore};
use crate::api::wire::{self, Accepts, Invalid};
use crate::decision::answer::{Chance, Decision};
use crate::decision::explain::explain;
use crate::decision::judge::judge;
use crate::decision::signals;
use crate::decision::situation::Situation;
use crate::domain::action::Action;
use crate::domain::content::{content_digest, event_digest};
use crate::domain::ids::{DecisionId, KeyId};
use crate::domain::order::Order;
use crate::domain::profile::Ratchet;
use crate::domain::secret::Secret;
use crate::domain::units::Timestamp;
use crate::service::decide::{self, Ask};
use crate::service::history;
use crate::service::keyring::KeyRing;
use crate::service::release::InForce;
use crate::service::scratch::Scratch;

/// Judges cases by what is in force.
#[derive(Debug)]
pub(crate) struct Judge {
    in_force: Arc<InForce>,
    keys: Arc<KeyRing>,
}

impl Judge {
    /// By this policy, model and catalogue.
    pub(crate) fn new(in_force: InForce) -> Option<Self> {
        // Orders placed before draw with some key; what is drawn changes nothing that a case looks at.
        let key = (KeyId::try_new("case").ok()?, Secret::new([0; 32]));
        Some(Self {
            in_force: Arc::new(in_force),
            keys: Arc::new(KeyRing::new(key, [])),
        })
    }

    /// What differs from what the case expects; nothing where it passes.
    ///
    /// # Errors
    /// What keeps it from being judged.
    pub(crate) fn differences(&self, case: &Case) -> Result<Vec<String>, String> {
        let mut rows = Scratch::default();
        let accepts = self.accepts(case.now);
        for event in &case.events {
            self.tell(&mut rows, event.clone(), &accepts)?;
        }
        for before in &case.before {
            let order = wire::order(before.clone(), &accepts).map_err(|it| told("before", &it))?;
            self.place(&mut rows, order, case.now)?;
        }
        let order = wire::order(case.order.clone(), &accepts).map_err(|it| told("order", &it))?;
        let order = Arc::new(order);
        let mut keys = signals::keys(&order);
        keys.extend(signals::address_keys(&order.delivery.address_key));
        let snapshot = rows.read(keys);
        let catalogue = &self.in_force.catalogue;
        let situation = signals::measure(order, snapshot, catalogue, case.now);
        let chance = Chance {
            draw: None,
            ratchet: Ratchet::default(),
        };
        let decision = judge(&situation, &self.in_force.release, &chance);
        Ok(self.compare(&case.expect, &situation, &decision))
    }

    fn accepts(&self, now: Timestamp) -> Accepts {
        let currencies = self.in_force.catalogue.rates.keys().copied().collect();
        Accepts {
            now,
            currencies,
            driven: false,
        }
    }

    fn tell(
        &self,
        rows: &mut Scratch,
        event: wire::pb::Event,
        accepts: &Accepts,
    ) -> Result<(), String> {
        let id = event.event_id.clone();
        let event = wire::event(event, accepts).map_err(|it| told(&id, &it))?;
        let digest = event_digest(&event);
        let (events, now) = ([(event, digest)], accepts.now);
        let taken = rows.transact(history::keys(&events), |snapshot| {
            history::step(&events, now, snapshot)
        });
        match taken.as_deref() {
            Some([history::Taken::Rejected(why)]) => Err(format!("{id}: {why}")),
            Some(_) => Ok(()),
            None => Err(format!("{id}: does not end")),
        }
    }

    fn place(&self, rows: &mut Scratch, order: Order, now: Timestamp) -> Result<(), String> {
        let order = Arc::new(order);
        let ask = Ask {
            content: content_digest(&order),
            now,
            in_force: Arc::clone(&self.in_force),
            keys: Arc::clone(&self.keys),
            decision_id: DecisionId::of(uuid::Uuid::nil()),
            salt: [0; 32],
            told: None,
            order: Arc::clone(&order),
        };
        let placed = rows.transact(signals::keys(&order), |snapshot| {
            decide::step(&ask, snapshot)
        });
        placed
            .map(drop)
            .ok_or_else(|| format!("{}: does not end", order.order_id))
    }

    fn compare(&self, expect: &Expect, situation: &Situation, it: &Decision) -> Vec<String> {
        let mut differences = Vec::new();
        let mut differ = |what: String| differences.push(what);
        let reasons: Vec<_> = it.reasons.iter().map(|it| it.code.text()).collect();
        if let Some(wanted) = &expect.action {
            let wanted = match wanted {
                OneOrMore::One(one) => std::slice::from_ref(one),
                OneOrMore::More(all) => all,
            };
            if !wanted
                .iter()
                .any(|name| action(name) == Some(it.own_action))
            {
                let (wanted, got) = (wanted.join(" or "), it.own_action.name());
                differ(format!(
                    "expected {wanted}, got {got} because of {}",
                    reasons.join(", ")
                ));
            }
        }
        for code in expect
            .reasons
            .iter()
            .filter(|code| !reasons.contains(&code.as_str().into()))
        {
            differ(format!("reason {code} is not among {}", reasons.join(", ")));
        }
        for code in expect
            .not_reasons
            .iter()
            .filter(|code| reasons.contains(&code.as_str().into()))
        {
            differ(format!("reason {code} is there and should not be"));
        }
        let contact = it.code_contact_id.as_ref().map_or("", |id| id.as_str());
        if let Some(wanted) = expect.code_contact_id.as_ref().filter(|it| *it != contact) {
            differ(format!(
                "a code would go to `{contact}` and not to `{wanted}`"
            ));
        }
        let obligations: Vec<_> = it.obligations.iter().map(|it| it.name()).collect();
        for name in expect
            .obligations
            .iter()
            .filter(|it| !obligations.contains(&it.as_str()))
        {
            differ(format!(
                "obligation {name} is not among {}",
                obligations.join(", ")
            ));
        }
        for (name, codes) in &expect.not_possible {
            let cost = action(name).and_then(|action| it.costs.get(action.index()));
            let Some(cost) = cost else {
                differ(format!("no action is called {name}"));
                continue;
            };
            let because: Vec<_> = cost.infeasible_because.iter().map(|it| it.text()).collect();
            if cost.feasible {
                differ(format!("{name} is possible"));
            }
            for code in codes
                .iter()
                .filter(|code| !because.contains(&code.as_str().into()))
            {
                differ(format!(
                    "{name} is not possible because of {}: no {code}",
                    because.join(", ")
                ));
            }
        }
        if !expect.near_misses.is_empty() {
            let near = explain(situation, &self.in_force.release).near_misses;
            let near: Vec<_> = near.iter().map(|it| it.rule.as_str()).collect();
            for rule in expect
                .near_misses
                .iter()
                .filter(|it| !near.contains(&it.as_str()))
            {
                differ(format!(
                    "rule {rule} is not among the near misses: {}",
                    near.join(", ")
                ));
            }
        }
        differences
    }
}

/// An action by its name with or without prefix, or as in policy files.
fn action(name: &str) -> Option<Action> {
    let short = name.strip_prefix("ACTION_").unwrap_or(name);
    Action::from_name(short).or_else(|| Action::from_key(short))
}

fn told(what: &str, invalid: &Invalid) -> String {
    format!("{what}: {invalid}")
}
