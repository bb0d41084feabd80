//! Backtests: what is asked, checked, and what came of it, told.

use super::check::Check;
use super::decision::version;
use super::{Invalid, bounds, pb};
use crate::decision::answer::Term;
use crate::domain::action::Action;
use crate::domain::units::Digest;
use crate::lab::backtest::report::{Burden, Figure, OffPolicy, Part, Report};
use crate::service::backtest::{Asked, Wanted};
use pb::backtest_policy_request::Candidate;

/// Decisions that are named behind a number; the command line names all.
const IDS_MAX: usize = 20;

/// Checks what is to be judged, and by what.
///
/// # Errors
/// Every fault, by its path in the request.
pub fn wanted(message: pb::BacktestPolicyRequest) -> Result<Wanted, Invalid> {
    let pb::BacktestPolicyRequest {
        candidate,
        model_name,
        from_at,
        to_at,
        unmeasured,
    } = message;
    let mut check = Check::question();
    let policy = match candidate {
        None => Some(Asked::Active),
        Some(Candidate::PolicyDigest(hex)) => {
            let digest = Digest::parse(&hex);
            if digest.is_none() {
                check.fault("policy_digest", "must be 64 hexadecimal digits");
            }
            digest.map(Asked::Kept)
        }
        Some(Candidate::PolicyToml(text)) if text.len() > bounds::POLICY_BYTES_MAX => {
            let most = bounds::POLICY_BYTES_MAX;
            let fault = format!("must have at most {most} bytes, not {}", text.len());
            check.fault("policy_toml", fault);
            None
        }
        Some(Candidate::PolicyToml(text)) => Some(Asked::Text(text)),
    };
    let from = check.any_time("from_at", from_at);
    let to = check.any_time("to_at", to_at);
    if from.zip(to).is_some_and(|(from, to)| to <= from) {
        check.fault("to_at", "must be after from_at");
    }
    let model = check.maybe_key("model_name", model_name);
    check.finish(policy.map(|policy| Wanted {
        policy,
        model,
        from,
        to,
        unmeasured,
    }))
}

/// How far it is.
#[must_use]
pub const fn progress(done: u64, total: u64) -> pb::BacktestPolicyResponse {
    pb::BacktestPolicyResponse {
        done,
        total,
        report: None,
    }
}

/// The last message.
#[must_use]
pub fn report(report: &Report, total: u64) -> pb::BacktestPolicyResponse {
    pb::BacktestPolicyResponse {
        done: total,
        total,
        report: Some(told(report)),
    }
}

fn told(it: &Report) -> pb::BacktestReport {
    pb::BacktestReport {
        policy: it.policy.as_ref().map(version),
        model: it.model.as_ref().map(version),
        decisions: it.decisions,
        reproduced: it.reproduced.identical,
        not_judged: it
            .not_judged
            .iter()
            .map(|(why, decisions)| pb::NotJudged {
                reason: why.name().to_owned(),
                decisions: *decisions,
            })
            .collect(),
        transitions: transitions(it),
        cost_currency: it.currency.code().to_owned(),
        costs: costs(it),
        burden: Some(burden(&it.all.burden)),
        segments: it
            .segments
            .iter()
            .map(|((dimension, name), Part { burden: of, costs })| {
                let [_, repriced, candidate] = costs.totals();
                pb::Segment {
                    dimension: dimension.name().to_owned(),
                    value: name.clone(),
                    burden: Some(burden(of)),
                    recorded_minor: repriced,
                    candidate_minor: candidate,
                }
            })
            .collect(),
        reasons: it
            .top_reasons()
            .into_iter()
            .map(|(code, [gained, lost])| pb::ReasonChange {
                code: code.to_owned(),
                gained,
                lost,
            })
            .collect(),
        off_policy: Some(off_policy(&it.off_policy)),
        replaced: it.replaced,
        carts: it.carts,
        repriced_orders: it.repriced,
    }
}

fn transitions(it: &Report) -> Vec<pb::Transition> {
    let each = it.transitions.iter().map(|((from, to), cell)| {
        let newest = cell.decisions.iter().rev().take(IDS_MAX);
        pb::Transition {
            from: Action::number(*from),
            to: Action::number(*to),
            orders: u64::try_from(cell.decisions.len()).unwrap_or(u64::MAX),
            value_minor: cell.value_cents,
            decision_ids: newest.map(ToString::to_string).collect(),
        }
    });
    each.collect()
}

fn costs(it: &Report) -> Vec<pb::CostChange> {
    let costs = &it.all.costs;
    let each = Term::ALL.iter().enumerate().map(|(place, term)| {
        let at = |of: &[f64; Term::COUNT]| of.get(place).copied().unwrap_or(0.0);
        pb::CostChange {
            name: term.name().to_owned(),
            hazard: if let Term::Loss(hazard) = term {
                hazard.number()
            } else {
                0
            },
            recorded_minor: at(&costs.recorded),
            candidate_minor: at(&costs.candidate),
            recorded_repriced_minor: at(&costs.recorded_repriced),
        }
    });
    each.collect()
}

const fn burden(it: &Burden) -> pb::Burden {
    let Burden {
        orders,
        asked: [asked_recorded, asked_candidate],
        reviews: [reviews_recorded, reviews_candidate],
        customers,
        customers_asked: [customers_asked_recorded, customers_asked_candidate],
    } = *it;
    pb::Burden {
        orders,
        asked_recorded,
        asked_candidate,
        customers,
        customers_asked_recorded,
        customers_asked_candidate,
        reviews_recorded,
        reviews_candidate,
    }
}

fn off_policy(it: &OffPolicy) -> pb::OffPolicy {
    let mut told = pb::OffPolicy {
        mature_orders: it.mature,
        ..pb::OffPolicy::default()
    };
    match &it.answer {
        Err(why) => told.refused = why.to_string(),
        Ok(answer) => {
            told.warnings = answer.warnings.iter().map(ToString::to_string).collect();
            told.supported = 1.0 - answer.excluded.share;
            told.effective_sample_size = answer.weights.effective;
            told.max_weight = answer.weights.max_possible;
            told.estimates = answer.figures.iter().map(estimate).collect();
            [told.ran_loss_rate, told.ran_loss_minor] = answer.ran;
        }
    }
    told
}

fn estimate(it: &Figure) -> pb::Estimate {
    let (lower, upper) = it.interval.unwrap_or((it.value, it.value));
    pb::Estimate {
        metric: it.metric.to_owned(),
        method: it.method.to_owned(),
        value: it.value,
        lower,
        upper,
    }
}
