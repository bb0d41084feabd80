//! What tuning found, as tables, as one JSON document, and as a drawing.

use serde_json::{Value, json};

use super::super::args::Format;
use super::super::exit::Failure;
use super::super::output::Output;
use super::super::show;
use super::{Confirmed, Found, Proposed, mean};
use crate::domain::action::Action;
use crate::domain::units::{count_to_f64, to_f64};
use crate::lab::backtest::Report;
use crate::lab::backtest::report::{HEADLINE, LOSS, OffPolicy};
use crate::lab::card::plot;
use crate::lab::dataset::By;
use crate::lab::tune::frontier::Step;
use crate::lab::tune::search::{self, Asked};
use crate::lab::tune::spread::{Spread, spread};
use crate::lab::tune::{Figures, Knobs, Order};

/// Segments of which so few orders are known are not told.
const SEGMENT_LEAST: u64 = 30;
/// Segments that are told.
const SEGMENTS: usize = 10;

/// The name of the row that meets the goals.
const PROPOSED: &str = "proposed";

/// One row of the curve.
struct Row {
    name: String,
    knobs: Knobs,
    figures: Figures,
    spread: Option<Spread>,
    /// The share that is asked for something with random checks counted, where the whole policy is known.
    asks: Option<f64>,
}

/// Tells it.
pub(super) fn tell(found: &Found<'_>, format: Format, out: &mut Output) -> Result<(), Failure> {
    let rows = rows(found);
    match format {
        Format::Json => out.line(document(found, &rows)),
        Format::Table => table(found, &rows, out),
    }
}

fn rows(found: &Found<'_>) -> Vec<Row> {
    let row = |name: &str, knobs: Knobs, figures: Figures, asks: Option<f64>| Row {
        name: name.to_owned(),
        knobs,
        figures,
        spread: spread(found.orders, &knobs, &figures),
        asks,
    };
    let mut rows: Vec<Row> = found
        .curve
        .iter()
        .filter(|step| step.bother != 0)
        .map(|step| {
            let knobs = Knobs {
                bother: step.bother,
                ..Knobs::default()
            };
            row("", knobs, step.figures, None)
        })
        .collect();
    let asks = mean(found.orders.iter().map(|it| it.asks));
    rows.push(row(
        "as it stands",
        Knobs::default(),
        found.live,
        Some(asks),
    ));
    rows.sort_by_key(|it| std::cmp::Reverse(it.knobs.bother));
    if let Some(proposed) = &found.proposed {
        let asks = proposed.confirmed.asks;
        rows.push(row(PROPOSED, proposed.knobs, proposed.figures, Some(asks)));
    }
    rows
}

fn table(found: &Found<'_>, rows: &[Row], out: &mut Output) -> Result<(), Failure> {
    let (from, to) = found.span;
    out.line(format_args!(
        "{} orders, decided {from} to {to}, weighed by {} and {}; {} of 1,000 orders, 95 % intervals over customers",
        found.orders.len(),
        found.base.policy.version.id,
        found.base.model.version.id,
        found.currency
    ))?;
    out.line("")?;
    let header = [
        "",
        "price of bother",
        "asked %",
        "reviews a day",
        "expected loss",
        "expected cost",
        "changed",
        "of them unknown %",
    ];
    let cells = rows.iter().map(|it| {
        let many = |sum: f64, half: fn(&Spread) -> f64| {
            let each = 10.0 / it.figures.orders.max(1.0);
            let half = it.spread.map(|it| format!(" ±{:.0}", half(&it) * 10.0));
            format!("{:.0}{}", sum * each, half.unwrap_or_default())
        };
        let half = it.spread.map(|it| format!(" ±{:.2}", 100.0 * it.bothered));
        [
            it.name.clone(),
            price(it.knobs.bother),
            format!(
                "{:.2}{}",
                100.0 * it.figures.bothered(),
                half.unwrap_or_default()
            ),
            format!("{:.1}", it.figures.reviews_a_day()),
            many(it.figures.loss, |it| it.loss),
            many(it.figures.total, |it| it.total),
            format!("{:.0}", it.figures.changed),
            format!("{:.0}", 100.0 * it.figures.unsupported_share()),
        ]
    });
    show::table(out, header, cells)?;
    if let Some(line) = with_checks(found, rows) {
        out.line("")?;
        out.line(line)?;
    }
    if let Some(proposed) = &found.proposed {
        out.line("")?;
        changes(found, proposed, out)?;
    }
    Ok(())
}

/// How many are asked once random checks are counted; none where there are none.
fn with_checks(found: &Found<'_>, rows: &[Row]) -> Option<String> {
    let known = || rows.iter().filter_map(|it| Some((it, it.asks?)));
    if known().all(|(row, asks)| (asks - row.figures.bothered()).abs() < 1e-9) {
        return None;
    }
    let each: Vec<String> = known()
        .map(|(row, asks)| {
            let like = if row.name == PROPOSED { "as " } else { "" };
            format!("{:.2} % {like}{}", 100.0 * asks, row.name)
        })
        .collect();
    let beyond = known().any(|(row, asks)| {
        row.name == PROPOSED && found.goals.bothered_max.is_some_and(|most| asks > most)
    });
    let goal = if beyond {
        "; the goal is held by the policy's own answers"
    } else {
        ""
    };
    Some(format!(
        "asked with random checks counted: {}{goal}",
        each.join(", ")
    ))
}

fn changes(found: &Found<'_>, proposed: &Proposed, out: &mut Output) -> Result<(), Failure> {
    if proposed.turned.is_empty() && proposed.knobs.floor.is_none() {
        out.line("The goals are met as it stands: nothing to change.")?;
        return Ok(());
    }
    for it in &proposed.turned {
        match &it.condition {
            None => out.line(format_args!(
                "{}: {:.2} -> {:.2} {}",
                it.path, it.from, it.to, found.currency
            ))?,
            Some([was, is]) => out.line(format_args!("{}: {was} -> {is}", it.path))?,
        }
    }
    if let Some(floor) = proposed.knobs.floor {
        out.line(format_args!(
            "new rule: at least a code where risk * order_value >= {floor:.2} {}",
            found.currency
        ))?;
    }
    let Confirmed {
        as_estimated,
        judged,
        ..
    } = proposed.confirmed;
    out.line(format_args!(
        "confirmed: {as_estimated} of {judged} orders are answered so when the written policy judges them in full"
    ))?;
    out.line(happened(found, &proposed.happened))?;
    out.line("")?;
    let moved = search::moved(found.orders, &proposed.knobs);
    let changed = moved.iter().filter(|((from, to), _)| from != to);
    let header = ["from", "to", "orders", "worth", "known to the record"];
    let cells = changed.map(|((from, to), it)| {
        [
            plain(*from),
            plain(*to),
            it.orders.to_string(),
            format!("{:.0} {}", it.value / 100.0, found.currency),
            it.supported.to_string(),
        ]
    });
    show::table(out, header, cells)?;
    out.line("")?;
    let header = ["segment", "orders", "asked % now", "asked % then"];
    let cells = segments(found.orders, &proposed.knobs)
        .into_iter()
        .take(SEGMENTS)
        .map(|(by, part, it)| {
            [
                format!("{} {part}", by.name()),
                it.orders.to_string(),
                format!("{:.2}", percent(it.before, it.orders)),
                format!("{:.2}", percent(it.after, it.orders)),
            ]
        });
    show::table(out, header, cells)
}

/// A line on what the policy would have lost, by what really happened.
fn happened(found: &Found<'_>, report: &Report) -> String {
    let it = &report.off_policy;
    // Nothing is shown as less than nothing.
    let many = |cents: f64| format!("{:.0}", cents * 10.0 + 0.0);
    match (headline(it), &it.answer) {
        (Some((value, (low, high))), Ok(answer)) => {
            let unknown = u64::try_from(answer.excluded.rows).unwrap_or(it.mature);
            format!(
                "by what really happened (full backtest, {} of {} orders with a known outcome; of the others the record cannot \
             speak): it would have lost {} {} of 1,000 orders, 95 % {} to {}; {} were lost",
                it.mature.saturating_sub(unknown),
                it.mature,
                many(value),
                found.currency,
                many(low),
                many(high),
                many(answer.ran[1])
            )
        }
        _ => format!(
            "by what really happened nothing can be said: {}",
            report.no_answer().unwrap_or_default()
        ),
    }
}

/// The reweighted loss an order, in hundredths, with its interval.
fn headline(it: &OffPolicy) -> Option<(f64, (f64, f64))> {
    let answer = it.answer.as_ref().ok()?;
    let mut figures = answer.figures.iter();
    let figure = figures.find(|it| it.metric == LOSS && it.method == HEADLINE)?;
    Some((figure.value, figure.interval?))
}

/// Segments whose share of asked orders moves, the most moved first.
fn segments(orders: &[Order], knobs: &Knobs) -> Vec<(By, String, Asked)> {
    let mut all: Vec<_> = By::ALL
        .iter()
        .flat_map(|by| {
            let asked = search::asked(orders, knobs, *by);
            asked.into_iter().map(|(part, it)| (*by, part, it))
        })
        .filter(|(_, _, it)| it.orders >= SEGMENT_LEAST && it.before != it.after)
        .collect();
    let moved = |it: &Asked| (percent(it.after, it.orders) - percent(it.before, it.orders)).abs();
    all.sort_by(|a, b| moved(&b.2).total_cmp(&moved(&a.2)));
    all
}

fn document(found: &Found<'_>, rows: &[Row]) -> Value {
    let (from, to) = found.span;
    let curve: Vec<Value> = rows.iter().map(point).collect();
    json!({
        "orders": found.orders.len(),
        "from": from.to_string(),
        "to": to.to_string(),
        "policy": found.base.policy.version.id,
        "model": found.base.model.version.id,
        "currency": found.currency,
        "curve": curve,
        "proposed": found.proposed.as_ref().map(|it| proposal(found, it)),
    })
}

fn point(row: &Row) -> Value {
    let Row {
        name,
        knobs,
        figures,
        spread,
        asks,
    } = row;
    let each = |sum: f64| sum / 100.0 / figures.orders.max(1.0);
    json!({
        "name": name,
        "bother_price": cents(knobs.bother),
        "review_price": cents(knobs.review),
        "floor": knobs.floor,
        "bothered": figures.bothered(),
        "bothered_half_width": spread.map(|it| it.bothered),
        "bothered_with_checks": asks,
        "reviews_a_day": figures.reviews_a_day(),
        "loss_per_order": each(figures.loss),
        "loss_half_width": spread.map(|it| it.loss / 100.0),
        "cost_per_order": each(figures.total),
        "cost_half_width": spread.map(|it| it.total / 100.0),
        "changed": figures.changed,
        "unsupported": figures.unsupported,
    })
}

fn proposal(found: &Found<'_>, proposed: &Proposed) -> Value {
    let turned: Vec<Value> = proposed
        .turned
        .iter()
        .map(|it| json!({"path": it.path, "from": it.from, "to": it.to, "condition": it.condition}))
        .collect();
    let transitions: Vec<Value> = search::moved(found.orders, &proposed.knobs)
        .into_iter()
        .map(|((from, to), it)| {
            json!({
                "from": from.name(),
                "to": to.name(),
                "orders": it.orders,
                "value": it.value / 100.0,
                "supported": it.supported,
            })
        })
        .collect();
    let segments: Vec<Value> = segments(found.orders, &proposed.knobs)
        .into_iter()
        .map(|(by, part, it)| {
            json!({
                "by": by.name(),
                "part": part,
                "orders": it.orders,
                "asked_now": it.before,
                "asked_then": it.after,
            })
        })
        .collect();
    json!({
        "id": proposed.id,
        "changes": turned,
        "floor": proposed.knobs.floor,
        "confirmed": proposed.confirmed.as_estimated,
        "judged": proposed.confirmed.judged,
        "happened": {
            "mature_orders": proposed.happened.off_policy.mature,
            "loss_per_order": headline(&proposed.happened.off_policy).map(|(value, _)| value / 100.0),
            "interval": headline(&proposed.happened.off_policy).map(|(_, (low, high))| [low / 100.0, high / 100.0]),
            "refused": proposed.happened.no_answer(),
        },
        "transitions": transitions,
        "segments": segments,
        "toml": proposed.text,
    })
}

/// The curve of expected loss against the share of orders that are asked, with the policy as it stands.
pub(super) fn drawn(steps: &[Step], live: &Figures, currency: &str) -> String {
    let at = |it: &Figures| {
        let loss = it.loss / 100.0 / it.orders.max(1.0);
        (100.0 * it.bothered(), loss * 1000.0)
    };
    let live = at(live);
    let lines = [
        plot::Curve {
            name: "every price of bother".to_owned(),
            points: steps.iter().map(|it| at(&it.figures)).collect(),
        },
        plot::Curve {
            name: "as it stands".to_owned(),
            points: vec![(live.0, 0.0), live],
        },
    ];
    let up = format!("expected loss, {currency} of 1,000 orders");
    plot::curves(
        "What asking fewer people costs",
        [&up, "% of orders asked"],
        &lines,
        false,
    )
}

fn plain(action: Action) -> String {
    let name = action.name();
    name.strip_prefix("ACTION_").unwrap_or(name).to_owned()
}

fn price(bother: i64) -> String {
    format!("{:+.2}", cents(bother))
}

fn cents(whole: i64) -> f64 {
    to_f64(whole) / 100.0
}

fn percent(part: u64, whole: u64) -> f64 {
    100.0 * count_to_f64(part) / count_to_f64(whole).max(1.0)
}
