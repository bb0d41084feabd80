//! What must hold of every decision, whatever the situation, and what must hold of some.

use std::sync::Arc;

use proptest::prelude::*;

use super::{act, judge, weigh};
use crate::decision::answer::{Chance, Decision, Draw, Term};
use crate::decision::fixtures::{item, release, situation_of, situations};
use crate::decision::policy::Policy;
use crate::decision::reasons::Code;
use crate::decision::release::Release;
use crate::decision::signal::Signal;
use crate::decision::situation::Situation;
use crate::decision::texts::{FORBIDDEN, Texts};
use crate::domain::action::{Action, AlternativeKind, Obligation};
use crate::domain::hazard::Hazard;
use crate::domain::ids::KeyId;
use crate::domain::order::{Capability, Category};
use crate::domain::profile::Ratchet;
use crate::domain::units::MILLION;

const PREVIEW: Chance = Chance {
    draw: None,
    ratchet: Ratchet([[0; 3]; 3]),
};

fn chance(draw_micro: u32) -> Chance {
    Chance {
        draw: Some(Draw {
            key_id: KeyId::try_new("epoch-1").unwrap(),
            slot: 0,
            counter: 0,
            draw_micro,
        }),
        ratchet: Ratchet::default(),
    }
}

/// The shipped policy with rules and other rates of chance.
fn release_with(rules: &str) -> Release {
    let mut release = release();
    let text = format!("{}\n{rules}", include_str!("../../../models/policy.toml"));
    let mut policy = Policy::load(&text).expect("a policy of the test");
    for stratum in &mut policy.random_checks.strata {
        stratum.verify_micro = [200_000, 200_000];
        stratum.spare_micro = [200_000, 200_000];
    }
    release.policy = Arc::new(policy);
    release
}

fn rules() -> impl Strategy<Value = String> {
    let when = prop::sample::select(vec![
        "risk >= 0.02",
        "order_value > 400.0",
        "suspicion_level >= 2.0",
        "new_device == 1.0",
        "p_porch_theft > 0.005",
    ]);
    let then = prop::sample::select(vec![
        "at_least:otp",
        "at_least:item_codes",
        "at_least:locker_only",
        "forbid:none",
        "forbid:otp",
        "forbid:item_codes",
        "set:otp",
        "set:review",
        "set:none",
    ]);
    prop::collection::vec((when, then), 0..3).prop_map(|rules| {
        let lines = rules.iter().enumerate().map(|(place, (when, then))| {
            format!("[[rules]]\nid = \"rule-{place}\"\nwhen = [\"{when}\"]\nthen = \"{then}\"\n")
        });
        lines.collect()
    })
}

fn cost(decision: &Decision, action: Action) -> f64 {
    decision.costs[action.index()].total
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_decision_keeps_the_invariants(
        situation in situations(),
        rules in rules(),
        draw_micro in 0..MILLION,
    ) {
        let release = release_with(&rules);
        let decision = judge(&situation, &release, &chance(draw_micro));
        let action = decision.action;
        let taken = &decision.costs[action.index()];
        let forced_review = action == Action::Review;
        prop_assert!(taken.feasible || forced_review, "{action:?} {:?}", taken.infeasible_because);
        prop_assert_eq!(decision.propensities.iter().sum::<u32>(), MILLION);
        prop_assert!(decision.propensities[action.index()] > 0);
        for cost in &decision.costs {
            prop_assert_eq!(cost.feasible, cost.infeasible_because.is_empty());
            let propensity = decision.propensities[cost.action.index()];
            prop_assert!(cost.feasible || propensity == 0 || cost.action == Action::Review);
            let total: f64 = cost.terms.iter().sum();
            prop_assert_eq!(total.to_bits(), cost.total.to_bits());
        }
        for score in &decision.hazards {
            let sum: i64 = score.contributions.iter().map(|it| it.log_odds).sum();
            prop_assert_eq!(score.base + sum, score.log_odds);
        }
        prop_assert!((0.0..=1.0).contains(&decision.risk));
        invariants_of_parcels_and_contacts(&situation, &decision)?;
        alternatives_are_possible(&decision)?;
        reasons_are_apart(&decision)?;
    }

    #[test]
    fn the_priced_choice_is_the_cheapest_possible_one(situation in situations()) {
        let situation = Situation { review_lapsed: false, ..situation };
        let decision = judge(&situation, &release(), &PREVIEW);
        let taken = cost(&decision, decision.action);
        for other in decision.costs.iter().filter(|it| it.feasible) {
            prop_assert!(taken <= other.total, "{:?} {taken} {other:?}", decision.action);
        }
        prop_assert_eq!(decision.action, decision.own_action);
        prop_assert_eq!(decision.random_check, None);
        prop_assert_eq!(decision.propensities[decision.action.index()], MILLION);
    }

    #[test]
    fn if_one_hazard_rises_the_choice_costs_no_more_for_each_unit_of_it(
        situation in situations(),
        hazard in prop::sample::select(Hazard::ALL),
        factor in 1.01_f64..30.0,
    ) {
        let situation = Situation { review_lapsed: false, ..situation };
        let release = release();
        let before = weigh(&situation, &release);
        let mut hazards = before.hazards.clone();
        let risen = &mut hazards[hazard.index()];
        risen.probability = (risen.probability * factor).min(1.0);
        let costs = release.policy.price(&situation, &before.feasible, &hazards);
        let after = crate::decision::choose::choose(
            &before.feasible, &Default::default(), &costs, None,
        );
        let unit = |action: Action| {
            let terms = &costs[action.index()].terms;
            let displaced = if hazard == Hazard::FalseClaim {
                terms[Term::DisplacedClaims.index()]
            } else {
                0.0
            };
            (terms[Term::Loss(hazard).index()] + displaced) / hazards[hazard.index()].probability
        };
        let (milder, chosen) = (unit(before.choice.own), unit(after.own));
        prop_assert!(chosen <= milder * (1.0 + 1e-9), "{:?} {milder} then {:?} {chosen}",
            before.choice.own, after.own);
    }

    #[test]
    fn the_same_again_is_the_same(situation in situations(), draw_micro in 0..MILLION) {
        let release = release();
        let chance = chance(draw_micro);
        let first = judge(&situation, &release, &chance);
        prop_assert_eq!(first, judge(&situation, &release, &chance));
    }

    #[test]
    fn the_action_alone_is_the_decisions_action(situation in situations(), draw_micro in 0..MILLION) {
        for chance in [PREVIEW, chance(draw_micro)] {
            let release = release();
            let decision = judge(&situation, &release, &chance);
            let action = act(&situation, &release.policy, decision.hazards.clone(), &chance);
            prop_assert_eq!(action, decision.action);
        }
    }

    #[test]
    fn nothing_is_spared_after_a_change_or_under_suspicion_or_above_the_cap(
        situation in situations(),
        rules in rules(),
        draw_micro in 0..MILLION,
    ) {
        let release = release_with(&rules);
        let decision = judge(&situation, &release, &chance(draw_micro));
        let value = situation.signals.get(Signal::OrderValue).unwrap_or(0.0);
        let kept = situation.signals.get(Signal::SuspicionLevel).is_some()
            || release.policy.feasible(&situation).changed_at.is_some()
            || value > 250.0
            || situation.review_lapsed;
        prop_assert!(!kept || decision.action >= decision.own_action);
    }

    #[test]
    fn no_customer_reads_a_suspicion_a_limit_or_another_person(
        situation in situations(),
        draw_micro in 0..MILLION,
    ) {
        let (texts, release) = (Texts::load(), release());
        let decision = judge(&situation, &release, &chance(draw_micro));
        let mut situation = situation;
        for (tag, forbidden) in FORBIDDEN {
            Arc::make_mut(&mut situation.order).preferences.locale = Some((*tag).to_owned());
            let words = texts.of(&situation, &decision, Some(&release.policy));
            let customer = (0..decision.reasons.len()).filter_map(|it| words.customer(it));
            let basic = words.basic().into_iter().map(|(_, text)| text);
            for text in customer.chain(basic).chain(words.with()) {
                let lower = text.to_lowercase();
                let named = forbidden.iter().find(|it| lower.contains(**it));
                prop_assert!(named.is_none() && !lower.contains(|it: char| it.is_ascii_digit()), "{text}");
            }
            for offer in &decision.alternatives {
                let lower = words.alternative(offer).to_lowercase();
                let named = forbidden.iter().find(|it| lower.contains(**it));
                let numbered = lower.contains(|it: char| it.is_ascii_digit());
                let dated = offer.kind == AlternativeKind::OtherDay;
                prop_assert!(named.is_none() && (dated || !numbered), "{lower}");
            }
        }
        let words = texts.of(&situation, &decision, Some(&release.policy));
        prop_assert!(words.basic().len() <= 2);
        for reason in &decision.reasons {
            let text = words.analyst(reason);
            prop_assert!(!text.is_empty() && !text.contains("{$"), "{text}");
        }
    }
}

fn invariants_of_parcels_and_contacts(
    situation: &Situation,
    decision: &Decision,
) -> Result<(), TestCaseError> {
    let action = decision.action;
    let parcels = situation
        .own_parcels
        .map(|own| own + situation.other_parcels);
    if action == Action::Otp {
        prop_assert_eq!(parcels, Some(1), "one code is for one parcel");
    }
    if action.is_code() {
        let carrier = &situation.carrier;
        prop_assert!(carrier.can(Capability::Code) && carrier.code_ready);
        let preferences = &situation.order.preferences;
        prop_assert!(!preferences.cannot_use_codes);
        let contact = decision.code_contact_id.as_ref();
        prop_assert!(contact.is_some(), "a code goes somewhere");
        prop_assert!(decision.items.iter().all(|it| it.needs_code));
    }
    if action == Action::ItemCodes {
        prop_assert!(situation.carrier.can(Capability::PerParcelCode));
        prop_assert!(decision.obligations.contains(&Obligation::TamperSeal));
    }
    if action == Action::LockerOnly {
        prop_assert!(!decision.locker_ids.is_empty() && !situation.restricted);
        prop_assert!(!situation.order.preferences.cannot_come_to_door);
    }
    prop_assert_eq!(decision.items.len(), situation.order.items.len());
    prop_assert!(decision.obligations.is_sorted());
    Ok(())
}

fn alternatives_are_possible(decision: &Decision) -> Result<(), TestCaseError> {
    let mut seen = std::collections::BTreeSet::new();
    for it in &decision.alternatives {
        let feasible = decision.costs[it.action.index()].feasible;
        prop_assert!(feasible || it.action == Action::Review, "{it:?}");
        prop_assert!(seen.insert(&it.alternative_id), "{it:?} twice");
    }
    Ok(())
}

fn reasons_are_apart(decision: &Decision) -> Result<(), TestCaseError> {
    for (place, reason) in decision.reasons.iter().enumerate() {
        let same = |it: &crate::decision::reasons::Reason| {
            it.code == reason.code && it.signal == reason.signal
        };
        prop_assert!(
            !decision.reasons[..place].iter().any(same),
            "{reason:?} twice"
        );
        if reason.code == Code::ModelRisk {
            let next = decision.reasons.get(place + 1).and_then(|it| it.signal);
            prop_assert!(next.is_some(), "a risk stands alone");
        }
    }
    let weights: Vec<i64> = decision
        .reasons
        .iter()
        .map(|it| it.contribution)
        .filter(|it| *it != 0)
        .collect();
    prop_assert!(weights.is_sorted_by(|a, b| a >= b), "{weights:?}");
    prop_assert!(weights.iter().all(|it| *it >= 100_000));
    Ok(())
}

#[test]
fn permuting_items_changes_nothing_but_their_order() {
    let mut situation = situation_of(Category::Phone, 89_900, &[(Signal::Resale, 1.0)]);
    let order = Arc::make_mut(&mut situation.order);
    order.items.push(item("2", Category::Book, 1_500));
    let mut turned = situation.clone();
    Arc::make_mut(&mut turned.order).items.reverse();
    let release = release();
    let first = judge(&situation, &release, &PREVIEW);
    let mut second = judge(&turned, &release, &PREVIEW);
    second.items.reverse();
    assert_eq!(first, second);
}
