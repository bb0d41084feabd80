//! What became of an order in numbers, and what the recorded model led to expect under each action.

use crate::decision::answer::Term;
use crate::decision::record::Record;
use crate::domain::action::Action;
use crate::domain::dossier::Dossier;
use crate::domain::hazard::Hazard;
use crate::domain::units::to_f64;
use crate::lab::labels::{self, LeftOut, Maturity};

/// What is known of an order's end.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// Its claims are in and settled.
    Known(Lost),
    /// Nothing yet, or never.
    LeftOut(LeftOut),
    /// A claim happened before the order was placed.
    Impossible,
}

/// What was lost, and what was expected to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lost {
    /// One of the five hazards happened.
    pub flag: bool,
    /// What was paid for it, in hundredths of the base currency, not capped: the amount claimed, else the order's.
    pub cents: f64,
    /// P(some hazard happens) under each action, by the recorded model, in the order of [`Action::ALL`].
    pub flag_said: [f64; Action::COUNT],
    /// Expected loss under each action, in hundredths of the base currency.
    pub cents_said: [f64; Action::COUNT],
}

/// What is known of a record's order.
#[must_use]
pub fn of(record: &Record, dossier: &Dossier, maturity: &Maturity) -> Told {
    if labels::impossible(dossier).is_some() {
        return Told::Impossible;
    }
    match labels::outcome(dossier, maturity) {
        Err(why) => Told::LeftOut(why),
        Ok(outcome) => {
            let losses = losses(record);
            Told::Known(Lost {
                flag: outcome.losses.contains(&true),
                cents: paid_cents(record, dossier, maturity),
                flag_said: flag_said(record, &losses),
                cents_said: losses.each_ref().map(|terms| terms.iter().sum()),
            })
        }
    }
}

/// What was paid for claims that name a hazard.
fn paid_cents(record: &Record, dossier: &Dossier, maturity: &Maturity) -> f64 {
    let situation = &record.situation;
    let (currency, whole) = (situation.order.currency, situation.order.amount_minor());
    let known = |at| at <= maturity.as_of;
    let claims = dossier.claims.values().filter(|it| known(it.at));
    let minor = claims.filter_map(|claim| {
        let settled = claim.settled.as_ref().filter(|it| known(it.at))?;
        labels::hazard_of(settled.fault, claim.kind)?;
        let claimed = claim.amount.filter(|(of, _)| *of == currency);
        (settled.paid != Some(false)).then_some(claimed.map_or(whole, |(_, minor)| minor))
    });
    minor.map(|it| to_f64(it) * situation.base_cents).sum()
}

/// What each hazard is expected to cost under each action.
type Losses = [[f64; Hazard::COUNT]; Action::COUNT];

/// Loss terms of every action.
fn losses(record: &Record) -> Losses {
    let mut losses = Losses::default();
    for (losses, cost) in losses.iter_mut().zip(&record.decision.costs) {
        for (loss, hazard) in losses.iter_mut().zip(Hazard::ALL) {
            let term = cost.terms.get(Term::Loss(*hazard).index());
            *loss = term.copied().unwrap_or(0.0);
        }
    }
    losses
}

/// A hazard's probability under an action is what the action leaves of it: its loss against that of no verification.
fn flag_said(record: &Record, losses: &Losses) -> [f64; Action::COUNT] {
    let plain = losses.first().copied().unwrap_or_default();
    let mut said = [0.0; Action::COUNT];
    for (said, terms) in said.iter_mut().zip(losses) {
        let hazards = record.decision.hazards.iter().zip(terms).zip(plain);
        let none = hazards.fold(1.0, |none, ((score, term), plain)| {
            let left = if plain > 0.0 { term / plain } else { 1.0 };
            none * (1.0 - (score.probability * left).clamp(0.0, 1.0))
        });
        *said = 1.0 - none;
    }
    said
}
