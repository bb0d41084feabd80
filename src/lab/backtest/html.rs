//! A report as one page: words, tables and drawings in one file that fetches nothing and runs nothing.

mod draw;

use std::fmt::{Arguments, Write as _};

use self::draw::{bars, intervals, pairs};
use super::report::{Answer, Burden, Figure, HEADLINE, LOSS, LOSS_RATE, Report};
use crate::decision::answer::Term;
use crate::decision::record::Version;
use crate::domain::units::count_to_f64 as float;

/// Decisions that are named behind a number.
const IDS_MAX: usize = 20;
/// Reasons that are shown.
const REASONS_MAX: usize = 20;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;\
color:#1f2328;background:#fff}h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.2rem}\
table{border-collapse:collapse;margin:.8rem 0;font-variant-numeric:tabular-nums}\
th,td{text-align:left;padding:.25rem .8rem .25rem 0;border-bottom:1px solid #d1d9e0;vertical-align:top}\
td.n,th.n{text-align:right}.d{color:#59636e}.w{border-left:4px solid #bf8700;padding-left:.8rem}\
svg text{font:12px system-ui,sans-serif;fill:#59636e}code{font-size:.85em}\
@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}th,td{border-color:#3d444d}\
.d,svg text{color:#9198a1;fill:#9198a1}}";

/// The page.
#[must_use]
pub fn page(report: &Report) -> String {
    let mut page = Page::default();
    page.line(format_args!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Backtest of {}</title><style>{STYLE}</style></head><body>",
        escaped(&name(report.policy.as_ref()))
    ));
    opening(&mut page, report);
    moves(&mut page, report);
    burden(&mut page, report);
    costs(&mut page, report);
    segments(&mut page, report);
    reasons(&mut page, report);
    off_policy(&mut page, report);
    page.line(format_args!("</body></html>"));
    page.0
}

/// The text so far.
#[derive(Default)]
struct Page(String);

impl Page {
    fn line(&mut self, line: Arguments<'_>) {
        // Writing into a text never fails.
        self.0.write_fmt(line).unwrap_or_default();
        self.0.push('\n');
    }

    /// A table; columns from `numbers` on hold numbers.
    fn table(&mut self, header: &[&str], numbers: usize, rows: impl Iterator<Item = Vec<String>>) {
        let class = |place: usize| if place >= numbers { " class=\"n\"" } else { "" };
        self.line(format_args!("<table><thead><tr>"));
        for (place, cell) in header.iter().enumerate() {
            self.line(format_args!("<th{}>{}</th>", class(place), escaped(cell)));
        }
        self.line(format_args!("</tr></thead><tbody>"));
        for row in rows {
            let cells = row.iter().enumerate();
            let cells: String = cells
                .map(|(place, cell)| format!("<td{}>{}</td>", class(place), escaped(cell)))
                .collect();
            self.line(format_args!("<tr>{cells}</tr>"));
        }
        self.line(format_args!("</tbody></table>"));
    }
}

fn escaped(words: &str) -> String {
    words
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn name(version: Option<&Version>) -> String {
    version.map_or_else(
        || "each record's own versions".to_owned(),
        |it| it.id.clone(),
    )
}

fn money(cents: f64) -> String {
    format!("{:.2}", cents / 100.0 + 0.0)
}

fn ratio(part: u64, of: u64) -> f64 {
    if of == 0 {
        0.0
    } else {
        float(part) / float(of)
    }
}

fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

fn opening(page: &mut Page, report: &Report) {
    page.line(format_args!(
        "<h1>Backtest of {}</h1>",
        escaped(&name(report.policy.as_ref()))
    ));
    for (what, version) in [("Policy", &report.policy), ("Scorecard", &report.model)] {
        let digest = version
            .as_ref()
            .map_or_else(String::new, |it| it.digest.to_string());
        page.line(format_args!(
            "<p class=\"d\">{what}: {} <code>{digest}</code></p>",
            escaped(&name(version.as_ref()))
        ));
    }
    let again = &report.reproduced;
    let orders = report.all.burden.orders;
    page.line(format_args!(
        "<p>{} decisions, made from {} to {}. Judged by their own versions, {} come out identical to the record in every \
         field, {} do not; of {} the versions are not kept. {} were replaced by a later decision of the same order, {} \
         stayed carts.</p>",
        report.decisions,
        report.period.0,
        report.period.1,
        again.identical,
        again.different,
        again.unknown,
        report.replaced,
        report.carts
    ));
    page.line(format_args!(
        "<p><strong>{} of {orders} orders ({}) get another action.</strong></p>",
        report.moved(),
        percent(ratio(report.moved(), orders))
    ));
    for (why, count) in &report.not_judged {
        page.line(format_args!(
            "<p class=\"w\">{count} decisions are not judged: {}</p>",
            why.text()
        ));
    }
    for it in &again.examples {
        let fields: Vec<String> = it
            .differences
            .iter()
            .map(|it| {
                format!(
                    "{}: {} recorded, {} judged again",
                    it.field, it.recorded, it.replayed
                )
            })
            .collect();
        page.line(format_args!(
            "<p class=\"w\"><code>{}</code> {}</p>",
            it.decision_id,
            escaped(&fields.join("; "))
        ));
    }
}

fn moves(page: &mut Page, report: &Report) {
    page.line(format_args!(
        "<h2>From the recorded action to the candidate's</h2>"
    ));
    page.0.push_str(&bars(report));
    let orders = report.all.burden.orders;
    let header = ["recorded", "candidate", "orders", "share", "value"];
    let rows = report.transitions.iter().map(|((from, to), cell)| {
        let count = u64::try_from(cell.decisions.len()).unwrap_or(u64::MAX);
        vec![
            from.name().to_owned(),
            to.name().to_owned(),
            count.to_string(),
            percent(ratio(count, orders)),
            format!("{} {}", money(cell.value_cents), report.currency.code()),
        ]
    });
    page.table(&header, 2, rows);
    for ((from, to), cell) in report
        .transitions
        .iter()
        .filter(|((from, to), _)| from != to)
    {
        let ids: Vec<&str> = cell
            .decisions
            .iter()
            .rev()
            .take(IDS_MAX)
            .map(|it| it.as_str())
            .collect();
        page.line(format_args!(
            "<details><summary>{} to {}: the newest {} of {} decisions</summary><code>{}</code></details>",
            from.name(),
            to.name(),
            ids.len(),
            cell.decisions.len(),
            escaped(&ids.join(" "))
        ));
    }
}

fn burden(page: &mut Page, report: &Report) {
    let Burden {
        orders,
        asked,
        reviews,
        customers,
        customers_asked,
    } = report.all.burden;
    page.line(format_args!("<h2>Who is bothered</h2>"));
    let line = |what: &str, of: u64, counts: [u64; 2]| {
        let mut cells = vec![what.to_owned(), of.to_string()];
        cells.extend(counts.map(|it| format!("{it} ({})", percent(ratio(it, of)))));
        cells
    };
    let rows = [
        line("orders asked for something", orders, asked),
        line("orders that a person decides", orders, reviews),
        line("customers asked at least once", customers, customers_asked),
    ];
    page.table(&["", "of", "recorded", "candidate"], 1, rows.into_iter());
}

fn costs(page: &mut Page, report: &Report) {
    let costs = &report.all.costs;
    page.line(format_args!(
        "<h2>Expected cost, in {}</h2>",
        report.currency.code()
    ));
    if report.repriced > 0 {
        page.line(format_args!(
            "<p class=\"w\">The candidate's prices or probabilities differ in {} orders. The difference compares both \
             answers at the candidate's own, so that it shows what other answers are worth, and not what another belief \
             is.</p>",
            report.repriced
        ));
    }
    let line = |name: String, [recorded, repriced, candidate]: [f64; 3]| {
        let amounts = [recorded, repriced, candidate, candidate - repriced];
        let mut cells = vec![name];
        cells.extend(amounts.map(money));
        cells
    };
    let terms = Term::ALL.iter().enumerate().map(|(place, term)| {
        let at = |of: &[f64; Term::COUNT]| of.get(place).copied().unwrap_or(0.0);
        let name = if let Term::Loss(hazard) = term {
            format!("loss, {}", hazard.key())
        } else {
            term.name().replace('_', " ")
        };
        let parts = [&costs.recorded, &costs.recorded_repriced, &costs.candidate];
        line(name, parts.map(at))
    });
    let total = line("all".to_owned(), costs.totals());
    let header = [
        "term",
        "recorded",
        "recorded, at the candidate's prices",
        "candidate",
        "difference",
    ];
    page.table(&header, 1, terms.chain([total]));
}

fn segments(page: &mut Page, report: &Report) {
    page.line(format_args!("<h2>By segment</h2>"));
    page.0.push_str(&pairs(report));
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
        let orders = part.burden.orders;
        let [_, repriced, candidate] = part.costs.totals();
        let [before, after] = part.burden.asked.map(|it| percent(ratio(it, orders)));
        let each = |cents: f64| money(cents / float(orders.max(1)));
        vec![
            dimension.name().to_owned(),
            name.clone(),
            orders.to_string(),
            before,
            after,
            each(repriced),
            each(candidate),
        ]
    });
    page.table(&header, 2, rows);
}

fn reasons(page: &mut Page, report: &Report) {
    page.line(format_args!("<h2>Reasons gained and lost</h2>"));
    let top = report.top_reasons();
    let rows = top.iter().take(REASONS_MAX).map(|(code, [gained, lost])| {
        vec![(*code).to_owned(), gained.to_string(), lost.to_string()]
    });
    page.table(&["reason", "gained", "lost"], 1, rows);
    for ((rule, signal), orders) in &report.skipped {
        page.line(format_args!(
            "<p class=\"w\">Rule <code>{}</code> could not be evaluated in {orders} of {} orders: <code>{signal}</code> is \
             missing there.</p>",
            escaped(rule),
            report.all.burden.orders
        ));
    }
}

fn off_policy(page: &mut Page, report: &Report) {
    page.line(format_args!("<h2>What it would have lost</h2>"));
    let it = &report.off_policy;
    page.line(format_args!(
        "<p class=\"d\">What really happened, reweighted by the logged probabilities of every action. {} orders have a known \
         outcome. One order loses at most {} {}.</p>",
        it.mature,
        money(it.loss_cap_cents),
        report.currency.code()
    ));
    let left_out = it.not_counted();
    if !left_out.is_empty() {
        page.line(format_args!(
            "<p class=\"d\">Not counted: {}.</p>",
            left_out.join("; ")
        ));
    }
    match &it.answer {
        Err(_) => page.line(format_args!(
            "<p class=\"w\">No answer: {}.</p>",
            escaped(&report.no_answer().unwrap_or_default())
        )),
        Ok(answer) => answered(page, report, answer),
    }
}

fn answered(page: &mut Page, report: &Report, answer: &Answer) {
    let weights = &answer.weights;
    if let Some(rate) = report.figure(LOSS_RATE, HEADLINE)
        && let Some(money) = report.figure(LOSS, HEADLINE)
    {
        page.line(format_args!(
            "<p><strong>{} of orders lost ({}), {} {} an order ({})</strong>, on the {} orders of which the record can speak; \
             {} ({}) are left out, because the candidate may do there what had no chance. On the same orders, what ran lost \
             {} and {} {}.</p>",
            value(rate, rate.value),
            range(rate),
            value(money, money.value),
            report.currency.code(),
            range(money),
            weights.rows,
            answer.excluded.rows,
            percent(answer.excluded.share),
            percent(answer.ran[0]),
            self::money(answer.ran[1]),
            report.currency.code()
        ));
    }
    page.line(format_args!(
        "<p class=\"d\">{} orders change, {} of them got it by chance. The orders amount to {:.0} of equal weight; the \
         largest weight is {:.1}, the largest possible {:.1}, the mean {:.3}.</p>",
        answer.changed.0, answer.changed.1, weights.effective, weights.max, weights.max_possible, weights.mean
    ));
    for warning in &answer.warnings {
        page.line(format_args!("<p class=\"w\">With care: {warning}.</p>"));
    }
    page.0.push_str(&intervals(answer));
    let rows = answer.figures.iter().map(|it| {
        vec![
            it.metric.to_owned(),
            it.method.to_owned(),
            it.note.to_owned(),
            value(it, it.value),
            range(it),
        ]
    });
    page.table(&["of", "method", "", "estimate", "95 %"], 3, rows);
}

fn value(of: &Figure, value: f64) -> String {
    if of.metric == LOSS {
        money(value)
    } else {
        format!("{:.3} %", 100.0 * value)
    }
}

fn range(it: &Figure) -> String {
    it.interval.map_or_else(
        || "–".to_owned(),
        |(low, high)| format!("{} to {}", value(it, low), value(it, high)),
    )
}
