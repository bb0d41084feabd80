//! The page's drawings: bars of actions, pairs of shares by segment, intervals of estimates. Inline, without an address.

use std::fmt::Write as _;

use super::{escaped, float, percent, ratio};
use crate::domain::action::Action;
use crate::lab::backtest::report::{Answer, LOSS_RATE, Report};

/// Widths and heights in pixels.
const WIDTH: f64 = 900.0;
const LEFT: f64 = 230.0;
const RIGHT: f64 = 880.0;
const LINE: f64 = 20.0;
/// Segments of fewer orders are in the table alone.
const SEGMENT_MIN: u64 = 30;

/// Told apart by nearly everybody (Okabe and Ito), mildest action first.
const COLOURS: [&str; Action::COUNT] = ["#999999", "#56b4e9", "#0072b2", "#009e73", "#d55e00"];

/// A drawing of so many lines.
fn drawing(title: &str, lines: f64, body: &str) -> String {
    let height = LINE * (lines + 1.0);
    format!(
        "<svg role=\"img\" viewBox=\"0 0 {WIDTH} {height}\" width=\"100%\"><title>{}</title>\n{body}</svg>\n",
        escaped(title)
    )
}

fn put(svg: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing into a text never fails.
    svg.write_fmt(what).unwrap_or_default();
    svg.push('\n');
}

fn words(svg: &mut String, x: f64, y: f64, anchor: &str, words: &str) {
    let words = escaped(words);
    put(
        svg,
        format_args!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{words}</text>"),
    );
}

/// How the orders spread over the actions, recorded and under the candidate.
pub(super) fn bars(report: &Report) -> String {
    let orders = report.all.burden.orders;
    let mut svg = String::new();
    let mut x = LEFT;
    for (action, colour) in Action::ALL.iter().zip(COLOURS) {
        put(
            &mut svg,
            format_args!(
                "<rect x=\"{x:.1}\" y=\"4\" width=\"10\" height=\"10\" fill=\"{colour}\"/>"
            ),
        );
        words(&mut svg, x + 14.0, 13.0, "start", action.name());
        x += 120.0;
    }
    for (line, what) in ["recorded", "candidate"].into_iter().enumerate() {
        let y = if line == 0 { 1.2 * LINE } else { 2.3 * LINE };
        words(&mut svg, LEFT - 8.0, y + 14.0, "end", what);
        let mut x = LEFT;
        for (action, colour) in Action::ALL.iter().zip(COLOURS) {
            let cells = report.transitions.iter().filter(|((from, to), _)| {
                if line == 0 {
                    from == action
                } else {
                    to == action
                }
            });
            let count: usize = cells.map(|(_, cell)| cell.decisions.len()).sum();
            let share = ratio(u64::try_from(count).unwrap_or(0), orders);
            let wide = share * (RIGHT - LEFT);
            put(
                &mut svg,
                format_args!(
                    "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"18\" fill=\"{colour}\"><title>{}: {count} \
                     ({})</title></rect>",
                    action.name(),
                    percent(share)
                ),
            );
            x += wide;
        }
    }
    drawing("Actions, recorded and under the candidate", 2.6, &svg)
}

/// The share of orders that are asked, by segment: hollow as recorded, full under the candidate.
pub(super) fn pairs(report: &Report) -> String {
    let shown: Vec<_> = report
        .segments
        .iter()
        .filter(|(_, part)| part.burden.orders >= SEGMENT_MIN)
        .collect();
    let shares = |asked: [u64; 2], of: u64| asked.map(|it| ratio(it, of));
    let most = shown.iter().fold(0.01, |most: f64, (_, part)| {
        let [before, after] = shares(part.burden.asked, part.burden.orders);
        most.max(before).max(after)
    });
    let at = |share: f64| (share / most).mul_add(RIGHT - LEFT, LEFT);
    let mut svg = String::new();
    words(
        &mut svg,
        LEFT,
        14.0,
        "start",
        "orders that are asked for something: ring as recorded, dot under the candidate",
    );
    words(&mut svg, RIGHT, 14.0, "end", &percent(most));
    let mut y = 14.0;
    for ((dimension, name), part) in &shown {
        y += LINE;
        let [before, after] = shares(part.burden.asked, part.burden.orders);
        words(
            &mut svg,
            LEFT - 8.0,
            y,
            "end",
            &format!("{}: {name}", dimension.name()),
        );
        put(
            &mut svg,
            format_args!(
                "<path d=\"M{:.1} {m:.1}H{:.1}\" stroke=\"#8c959f\"/><circle cx=\"{:.1}\" cy=\"{m:.1}\" r=\"4.5\" fill=\"none\" \
                 stroke=\"#0072b2\" stroke-width=\"1.5\"/><circle cx=\"{:.1}\" cy=\"{m:.1}\" r=\"3\" fill=\"#d55e00\"><title>{} \
                 to {}</title></circle>",
                at(before),
                at(after),
                at(before),
                at(after),
                percent(before),
                percent(after),
                m = y - 4.0
            ),
        );
    }
    let lines = u64::try_from(shown.len()).unwrap_or(0);
    drawing(
        "Orders that are asked, by segment",
        float(lines) + 0.5,
        &svg,
    )
}

/// Estimates of the loss rate with their intervals; the broken line is what ran.
pub(super) fn intervals(answer: &Answer) -> String {
    let shown: Vec<_> = answer
        .figures
        .iter()
        .filter(|it| it.metric == LOSS_RATE && !it.method.ends_with("minus_ran"))
        .collect();
    let most = shown.iter().fold(answer.ran[0], |most, it| {
        most.max(it.interval.map_or(it.value, |(_, high)| high))
    });
    let at = |value: f64| (value.max(0.0) / most.max(1e-9)).mul_add(RIGHT - LEFT, LEFT);
    let mut svg = String::new();
    words(
        &mut svg,
        LEFT,
        14.0,
        "start",
        "share of orders lost; broken line: under what ran",
    );
    words(&mut svg, RIGHT, 14.0, "end", &percent(most));
    let mut y = 14.0;
    for it in &shown {
        y += LINE;
        words(&mut svg, LEFT - 8.0, y, "end", it.method);
        let middle = y - 4.0;
        if let Some((low, high)) = it.interval {
            put(
                &mut svg,
                format_args!(
                    "<path d=\"M{:.1} {middle:.1}H{:.1}\" stroke=\"#0072b2\" stroke-width=\"2\"/>",
                    at(low),
                    at(high)
                ),
            );
        }
        put(
            &mut svg,
            format_args!(
                "<circle cx=\"{:.1}\" cy=\"{middle:.1}\" r=\"4\" fill=\"#0072b2\"/>",
                at(it.value)
            ),
        );
    }
    let x = at(answer.ran[0]);
    put(
        &mut svg,
        format_args!("<path d=\"M{x:.1} 20V{y:.1}\" stroke=\"#d55e00\" stroke-dasharray=\"4 4\"/>"),
    );
    let lines = u64::try_from(shown.len()).unwrap_or(0);
    drawing(
        "Estimates of the share of orders lost",
        float(lines) + 0.5,
        &svg,
    )
}
