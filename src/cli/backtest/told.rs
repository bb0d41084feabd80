//! A backtest as people read it.

use crate::cli::args::Format;
use crate::cli::exit::{self, Failure};
use crate::cli::output::Output;
use crate::cli::show::{self, money};
use crate::decision::answer::Term;
use crate::decision::record::Version;
use crate::domain::action::Action;
use crate::domain::units::count_to_f64;
use crate::lab::backtest::Report;
use crate::lab::backtest::report::{Answer, Figure, LOSS, Part};

/// Reasons that are shown.
const REASONS_MAX: usize = 12;
/// Decisions that are named behind a number.
const IDS_MAX: usize = 2;

/// Prints it.
pub(super) fn tell(report: &Report, format: Format, out: &mut Output) -> Result<(), Failure> {
    if format == Format::Json {
        return out.line(report.json(true));
    }
    opening(report, out)?;
    moves(report, out)?;
    burden(report, out)?;
    costs(report, out)?;
    segments(report, out)?;
    reasons(report, out)?;
    off_policy(report, out)
}

fn share(part: u64, of: u64) -> String {
    if of == 0 {
        return "–".to_owned();
    }
    format!("{:.2} %", 100.0 * count_to_f64(part) / count_to_f64(of))
}

fn name(version: Option<&Version>) -> String {
    version.map_or_else(
        || "each record's own".to_owned(),
        |it| {
            let digest = it.digest.to_string();
            format!("{} {}", it.id, digest.get(..12).unwrap_or_default())
        },
    )
}

fn opening(report: &Report, out: &mut Output) -> Result<(), Failure> {
    let again = &report.reproduced;
    let lines = [
        ("policy", name(report.policy.as_ref())),
        ("scorecard", name(report.model.as_ref())),
        (
            "decisions",
            format!(
                "{}, made from {} to {}",
                report.decisions, report.period.0, report.period.1
            ),
        ),
        (
            "judged by their own versions",
            format!(
                "{} identical to the record, {} different, {} not known (versions not kept)",
                again.identical, again.different, again.unknown
            ),
        ),
        ("replaced by a later one", report.replaced.to_string()),
        ("carts never placed", report.carts.to_string()),
        ("orders", report.all.burden.orders.to_string()),
        (
            "orders that get another action",
            format!(
                "{} ({})",
                report.moved(),
                share(report.moved(), report.all.burden.orders)
            ),
        ),
    ];
    let rows = lines.map(|(what, is)| [what.to_owned(), is]);
    show::table(out, ["backtest", ""], rows)?;
    for (why, count) in &report.not_judged {
        exit::say(format_args!(
            "{count} decisions are not judged: {}",
            why.text()
        ));
    }
    let fields = again.examples.iter().flat_map(|it| {
        it.differences.iter().take(3).map(|difference| {
            [
                it.decision_id.to_string(),
                difference.field.clone(),
                difference.recorded.clone(),
                difference.replayed.clone(),
            ]
        })
    });
    let fields: Vec<_> = fields.collect();
    if !fields.is_empty() {
        out.line("")?;
        show::table(
            out,
            ["decision", "field", "recorded", "judged again"],
            fields,
        )?;
    }
    Ok(())
}

fn moves(report: &Report, out: &mut Output) -> Result<(), Failure> {
    out.line("")?;
    let code = report.currency.code();
    let header = ["recorded", "candidate", "orders", "share", "value", "as in"];
    let rows = report.transitions.iter().map(|((from, to), cell)| {
        let orders = u64::try_from(cell.decisions.len()).unwrap_or(u64::MAX);
        let newest = cell.decisions.iter().rev().take(IDS_MAX);
        let ids: Vec<&str> = if from == to {
            Vec::new()
        } else {
            newest.map(|it| it.as_str()).collect()
        };
        [
            from.name().to_owned(),
            to.name().to_owned(),
            orders.to_string(),
            share(orders, report.all.burden.orders),
            format!("{} {code}", money(cell.value_cents)),
            ids.join(" "),
        ]
    });
    show::table(out, header, rows)
}

fn burden(report: &Report, out: &mut Output) -> Result<(), Failure> {
    out.line("")?;
    let it = &report.all.burden;
    let line = |what: &str, [before, after]: [u64; 2], of: u64| {
        [
            what.to_owned(),
            of.to_string(),
            format!("{before} ({})", share(before, of)),
            format!("{after} ({})", share(after, of)),
        ]
    };
    let rows = [
        line("orders asked for something", it.asked, it.orders),
        line("orders that a person decides", it.reviews, it.orders),
        line(
            "customers asked at least once",
            it.customers_asked,
            it.customers,
        ),
    ];
    show::table(out, ["bothered", "of", "recorded", "candidate"], rows)
}

fn costs(report: &Report, out: &mut Output) -> Result<(), Failure> {
    out.line("")?;
    let costs = &report.all.costs;
    let line = |name: String, [recorded, repriced, candidate]: [f64; 3]| {
        [
            name,
            money(recorded),
            money(repriced),
            money(candidate),
            money(candidate - repriced),
        ]
    };
    let terms = Term::ALL.iter().enumerate().map(|(place, term)| {
        let at = |of: &[f64; Term::COUNT]| of.get(place).copied().unwrap_or(0.0);
        let name = if let Term::Loss(hazard) = term {
            format!("loss, {}", hazard.key())
        } else {
            term.name().to_owned()
        };
        line(
            name,
            [
                at(&costs.recorded),
                at(&costs.recorded_repriced),
                at(&costs.candidate),
            ],
        )
    });
    let total = line("all".to_owned(), costs.totals());
    let header = [
        "expected cost",
        "recorded",
        "recorded, at the candidate's prices",
        "candidate",
        "difference",
    ];
    show::table(out, header, terms.chain([total]))?;
    if report.repriced > 0 {
        exit::say(format_args!(
            "the candidate's prices or probabilities differ in {} orders: `difference` compares at the candidate's own",
            report.repriced
        ));
    }
    Ok(())
}

fn segments(report: &Report, out: &mut Output) -> Result<(), Failure> {
    out.line("")?;
    let header = [
        "segment",
        "",
        "orders",
        "asked, recorded",
        "candidate",
        "cost an order at the candidate's prices, recorded",
        "candidate",
    ];
    let rows = report.segments.iter().map(|((dimension, name), part)| {
        let Part { burden, costs } = part;
        let [_, repriced, candidate] = costs.totals();
        let each = |cents: f64| money(cents / count_to_f64(burden.orders));
        [
            dimension.name().to_owned(),
            name.clone(),
            burden.orders.to_string(),
            share(burden.asked[0], burden.orders),
            share(burden.asked[1], burden.orders),
            each(repriced),
            each(candidate),
        ]
    });
    show::table(out, header, rows)
}

fn reasons(report: &Report, out: &mut Output) -> Result<(), Failure> {
    let top = report.top_reasons();
    if !top.is_empty() {
        out.line("")?;
        let rows = top.iter().take(REASONS_MAX).map(|(code, [gained, lost])| {
            [(*code).to_owned(), gained.to_string(), lost.to_string()]
        });
        show::table(out, ["reason", "gained", "lost"], rows)?;
    }
    for ((rule, signal), orders) in &report.skipped {
        let of = report.all.burden.orders;
        let all = if *orders == of {
            ": the record says nothing of it; judge a period in which it was measured"
        } else {
            ""
        };
        exit::say(format_args!(
            "rule `{rule}`: not evaluated in {orders} of {of} orders, `{signal}` is missing{all}"
        ));
    }
    Ok(())
}

fn off_policy(report: &Report, out: &mut Output) -> Result<(), Failure> {
    let it = &report.off_policy;
    out.line("")?;
    let answer = match &it.answer {
        Ok(answer) => answer,
        Err(_) => {
            out.line(format_args!(
                "what it would have lost: no answer: {} ({} orders with a known outcome)",
                report.no_answer().unwrap_or_default(),
                it.mature
            ))?;
            left_out(report);
            return Ok(());
        }
    };
    support(report, answer, out)?;
    out.line("")?;
    let rows = answer.figures.iter().map(|it| {
        let value = |value: f64| figure(it, value);
        [
            it.metric.to_owned(),
            it.method.to_owned(),
            value(it.value),
            it.interval.map_or_else(
                || "–".to_owned(),
                |(low, high)| format!("{} to {}", value(low), value(high)),
            ),
            it.note.to_owned(),
        ]
    });
    let header = ["would have lost", "method", "estimate", "95 %", ""];
    show::table(out, header, rows)?;
    left_out(report);
    for warning in &answer.warnings {
        exit::say(format_args!("with care: {warning}"));
    }
    Ok(())
}

/// A share of orders, or an amount an order.
fn figure(of: &Figure, value: f64) -> String {
    if of.metric == LOSS {
        money(value)
    } else {
        format!("{:.3} %", 100.0 * value)
    }
}

fn support(report: &Report, answer: &Answer, out: &mut Output) -> Result<(), Failure> {
    let it = &report.off_policy;
    let percent = |share: f64| format!("{:.2} %", 100.0 * share);
    let weights = &answer.weights;
    let lines = [
        ("orders with a known outcome", it.mature.to_string()),
        (
            "of which the record cannot speak",
            format!(
                "{} ({}): the candidate may do what had no chance",
                answer.excluded.rows,
                percent(answer.excluded.share)
            ),
        ),
        (
            "orders with other chances, and got what gained",
            format!("{}, {}", answer.changed.0, answer.changed.1),
        ),
        (
            "worth as many of equal weight",
            format!("{:.0} of {}", weights.effective, weights.rows),
        ),
        (
            "weights: mean, largest, possible",
            format!(
                "{:.3}, {:.1}, {:.1}",
                weights.mean, weights.max, weights.max_possible
            ),
        ),
        (
            "lost under what ran",
            format!(
                "{} of orders, {} an order",
                percent(answer.ran[0]),
                money(answer.ran[1])
            ),
        ),
    ];
    let rows = lines.map(|(what, is)| [what.to_owned(), is]);
    show::table(out, ["reweighted", ""], rows)
}

fn left_out(report: &Report) {
    let it = &report.off_policy;
    let words = it.not_counted();
    if !words.is_empty() {
        exit::say(format_args!("outcomes not counted: {}", words.join("; ")));
    }
    for (action, it) in Action::ALL.iter().zip(it.check) {
        if it.p.is_some_and(|p| p < 0.001) {
            exit::say(format_args!(
                "with care: {} came {} times, and {:.0} were to be expected by the logged probabilities",
                action.name(),
                it.observed,
                it.expected
            ));
        }
    }
}
