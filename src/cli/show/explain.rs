//! One decision explained in full: hazards with what moves them, what every action would have cost
//! term by term, reasons for analyst and customer, and how near it was to another answer.

use super::words;
use crate::api::wire::pb;
use crate::cli::exit::Failure;
use crate::cli::output::Output;

/// Contributions below this many log-odds are summed up as "others".
const SMALL: f64 = 0.005;

/// Prints everything that a FULL view says.
///
/// # Errors
/// As [`Output::line`].
pub(crate) fn explain(out: &mut Output, decision: &pb::Decision) -> Result<(), Failure> {
    head(out, decision)?;
    hazards(out, decision)?;
    costs(out, decision)?;
    reasons(out, decision)?;
    nearness(out, decision)?;
    chance(out, decision)?;
    if !decision.record_digest.is_empty() {
        out.line(format_args!("\nrecord {}", decision.record_digest))?;
    }
    Ok(())
}

/// What is asked of the delivery, and by which versions.
fn head(out: &mut Output, decision: &pb::Decision) -> Result<(), Failure> {
    let customer = if decision.customer_id.is_empty() {
        "a guest"
    } else {
        &decision.customer_id
    };
    let action = words::action(decision.action);
    out.line(format_args!(
        "order {} of {customer}: {action}",
        decision.order_id
    ))?;
    if decision.decision_id.is_empty() {
        out.line("  a preview: nothing is recorded, and chance has no part in it")?;
    } else {
        out.line(format_args!(
            "  decision {}, revision {}, {}, decided {}, valid until {}",
            decision.decision_id,
            decision.revision,
            words::state(decision.state),
            words::time(decision.decided_at.as_ref()),
            words::time(decision.valid_until.as_ref()),
        ))?;
    }
    out.line(format_args!(
        "  by policy {}, model {}, engine {}",
        words::version(decision.policy.as_ref()),
        words::version(decision.model.as_ref()),
        words::version(decision.engine.as_ref()),
    ))?;
    let mut fact = |name: &str, value: &str| match value {
        "" => Ok(()),
        value => out.line(format_args!("  {name}: {value}")),
    };
    fact("a code would go to", &decision.code_contact_id)?;
    fact(
        "to be told of the change",
        &decision.notify_contact_ids.join(", "),
    )?;
    fact("obligations", &words::obligations(&decision.obligations))?;
    let coded = decision.items.iter().filter(|it| it.needs_code);
    let coded: Vec<_> = coded.map(|it| it.item_id.as_str()).collect();
    fact("items released by a code only", &coded.join(", "))?;
    fact("lockers that fit", &decision.locker_ids.join(", "))?;
    for it in &decision.alternatives {
        let kind = words::alternative(it.kind);
        out.line(format_args!(
            "  instead {}: {kind}; {}",
            it.alternative_id, it.customer_text
        ))?;
    }
    Ok(())
}

/// Every hazard: base, what moves it, and the probability that makes.
fn hazards(out: &mut Output, decision: &pb::Decision) -> Result<(), Failure> {
    let risk = decision.risk.map_or_else(String::new, words::percent);
    out.line(format_args!("\nrisk without verification {risk}"))?;
    for hazard in &decision.hazards {
        let probability = words::percent(hazard.probability);
        let name = words::hazard(hazard.hazard);
        out.line(format_args!(
            "  {name:<17} {probability:>8}   log-odds {:+.2} = base {:+.2}{}",
            hazard.log_odds,
            hazard.base_log_odds,
            contributions(&hazard.contributions),
        ))?;
    }
    Ok(())
}

fn contributions(all: &[pb::Contribution]) -> String {
    let mut sorted: Vec<_> = all.iter().filter(|it| it.log_odds.abs() >= SMALL).collect();
    sorted.sort_by(|a, b| b.log_odds.abs().total_cmp(&a.log_odds.abs()));
    let text = |it: &pb::Contribution| match it.value {
        Some(value) if !it.missing => {
            format!(
                " {:+.2} {} ({})",
                it.log_odds,
                it.signal,
                words::value(value)
            )
        }
        _ => format!(" {:+.2} {} (missing)", it.log_odds, it.signal),
    };
    sorted.into_iter().map(text).collect()
}

/// Every action: what it would cost, term by term, or why it is not possible.
fn costs(out: &mut Output, decision: &pb::Decision) -> Result<(), Failure> {
    out.line(format_args!(
        "\nexpected cost in {}",
        decision.cost_currency
    ))?;
    for cost in &decision.costs {
        let mark = if cost.action == decision.action {
            ">"
        } else {
            " "
        };
        let total = words::money(cost.total_minor);
        let name = words::action(cost.action);
        let why = if cost.feasible {
            terms(&cost.terms)
        } else {
            format!("not possible: {}", cost.infeasible_because.join(", "))
        };
        out.line(format_args!("{mark} {name:<12} {total:>9}   {why}"))?;
    }
    Ok(())
}

fn terms(terms: &[pb::CostTerm]) -> String {
    let shown = terms.iter().filter(|it| it.minor.abs() >= 0.5);
    let text = |it: &pb::CostTerm| {
        let hazard = words::hazard(it.hazard);
        let gap = if hazard.is_empty() { "" } else { " " };
        format!("{}{gap}{hazard} {}", it.name, words::money(it.minor))
    };
    shown.map(text).collect::<Vec<_>>().join(", ")
}

/// Every reason with its numbers and texts.
fn reasons(out: &mut Output, decision: &pb::Decision) -> Result<(), Failure> {
    out.line("\nreasons")?;
    if decision.reasons.is_empty() {
        out.line("  none: nothing speaks against handing it over as usual")?;
    }
    for reason in &decision.reasons {
        let hazard = words::hazard(reason.hazard);
        let weight = match (reason.contribution, reason.cost_minor) {
            (Some(by), Some(cost)) if by.abs() >= SMALL => {
                format!("  {by:+.2} to {hazard}, worth {}", words::money(cost))
            }
            _ => String::new(),
        };
        out.line(format_args!("  {}{weight}", reason.code))?;
        if !reason.analyst_text.is_empty() {
            out.line(format_args!("      analyst:  {}", reason.analyst_text))?;
        }
        if !reason.customer_text.is_empty() {
            out.line(format_args!("      customer: {}", reason.customer_text))?;
        }
    }
    Ok(())
}

/// How near it was to another answer.
fn nearness(out: &mut Output, decision: &pb::Decision) -> Result<(), Failure> {
    out.line("\nwhat would change it")?;
    if decision.near_misses.is_empty() && decision.counterfactuals.is_empty() {
        out.line("  no single signal")?;
    }
    for miss in &decision.near_misses {
        out.line(format_args!(
            "  rule {} nearly held: {}",
            miss.rule, miss.analyst_text
        ))?;
    }
    for it in &decision.counterfactuals {
        let action = words::action(it.action);
        out.line(format_args!("  {action}: {}", it.analyst_text))?;
    }
    for it in &decision.skipped_rules {
        out.line(format_args!(
            "  rule {} was skipped: {} is missing",
            it.rule, it.signal
        ))?;
    }
    Ok(())
}

/// What chance did, and how probable every action was.
fn chance(out: &mut Output, decision: &pb::Decision) -> Result<(), Failure> {
    let all = decision.propensities.iter().filter(|it| it.micro > 0);
    let share = |it: &pb::Propensity| {
        format!(
            "{} {:.4} %",
            words::action(it.action),
            f64::from(it.micro) / 10_000.0
        )
    };
    let shares = all.map(share).collect::<Vec<_>>().join(", ");
    out.line(format_args!("\nhow probable each action was: {shares}"))?;
    if let Some(check) = &decision.random_check {
        let did = match pb::RandomCheckKind::try_from(check.kind) {
            Ok(pb::RandomCheckKind::Verified) => "asked for more",
            Ok(pb::RandomCheckKind::Spared) => "asked for less",
            Ok(pb::RandomCheckKind::Unspecified) | Err(_) => "changed nothing",
        };
        out.line(format_args!(
            "  random check {did}: drew {} of 1,000,000 with key {}, slot {}, after {} completed orders",
            check.draw_micro, check.key_id, check.slot, check.counter
        ))?;
    }
    Ok(())
}
