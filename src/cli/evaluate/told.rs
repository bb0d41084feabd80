//! An evaluation as people and programs read it.

use super::by_size;
use crate::cli::args::Format;
use crate::cli::exit::{self, Failure};
use crate::cli::output::Output;
use crate::cli::show;
use crate::lab::drift::{Period, SignalDrift};
use crate::lab::evaluate::{Evaluation, Found};
use crate::stats::interval::{Estimate, Judged};
use crate::stats::threshold::Share;

/// Prints it.
pub(super) fn tell(
    told: &Evaluation,
    drifts: Option<&[SignalDrift]>,
    periods: Option<&(Period, Period)>,
    format: Format,
    out: &mut Output,
) -> Result<(), Failure> {
    if format == Format::Json {
        let mut document = told.json();
        if let (Some(drifts), Some(periods)) = (drifts, periods)
            && let Some(members) = document.as_object_mut()
        {
            let signals: Vec<_> = drifts.iter().map(SignalDrift::json).collect();
            let (reference, recent) = (periods.0.seen(), periods.1.seen());
            let drift = serde_json::json!({
                "reference_orders": reference,
                "recent_orders": recent,
                "level": crate::stats::drift::LEVEL,
                "signals": signals,
            });
            members.insert("drift".to_owned(), drift);
        }
        return out.line(document);
    }
    exit::say(format_args!(
        "{} orders with a known outcome, decided from {} to {}; intervals of 95 %",
        told.rows, told.period.0, told.period.1
    ));
    ranking(told, out)?;
    out.line("")?;
    calibration(told, out)?;
    if lines(told).iter().any(|it| !it.found.thresholds.is_empty()) {
        out.line("")?;
        thresholds(told, out)?;
    }
    if let (Some(drifts), Some(periods)) = (drifts, periods) {
        out.line("")?;
        drifted(drifts, periods, out)?;
    }
    Ok(())
}

/// A line of a table: what it is of, and what was found.
struct Line<'a> {
    hazard: &'static str,
    segment: String,
    model: &'a str,
    found: &'a Found,
}

/// By hazard and segment, the models below each other.
fn lines(told: &Evaluation) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    for model in &told.models {
        for (place, hazard) in model.hazards.iter().enumerate() {
            let line = |segment: String, found| Line {
                hazard: hazard.hazard.key(),
                segment,
                model: &model.model.id,
                found,
            };
            lines.push((place, String::new(), line("all".to_owned(), &hazard.all)));
            for (by, name, found) in &hazard.segments {
                let name = format!("{}: {name}", by.name());
                lines.push((place, name.clone(), line(name, found)));
            }
        }
    }
    lines.sort_by(|one, two| (one.0, &one.1).cmp(&(two.0, &two.1)));
    lines.into_iter().map(|(_, _, line)| line).collect()
}

/// A figure with its interval; a dash where there is none.
fn figure(found: &Found, digits: usize, of: fn(&Judged) -> Estimate) -> String {
    let Ok(judged) = &found.judged else {
        return "–".to_owned();
    };
    let Estimate { value, low, high } = of(judged);
    format!("{value:.digits$} ({low:.digits$} to {high:.digits$})")
}

fn ranking(told: &Evaluation, out: &mut Output) -> Result<(), Failure> {
    let header = [
        "hazard",
        "orders",
        "model",
        "losses",
        "equal-weight rows",
        "ROC-AUC",
        "PR-AUC",
        "recall at 1 % false",
        "at 5 %",
    ];
    let rows = lines(told).into_iter().map(|line| {
        let judged = line.found.judged.as_ref().ok();
        let amounts = judged.map_or_else(|| "–".to_owned(), |it| format!("{:.0}", it.effective));
        [
            line.hazard.to_owned(),
            line.segment,
            line.model.to_owned(),
            line.found.losses.to_string(),
            amounts,
            figure(line.found, 3, |it| it.figures.roc_auc),
            figure(line.found, 4, |it| it.figures.pr_auc),
            figure(line.found, 3, |it| it.figures.recall_at_fpr_01),
            figure(line.found, 3, |it| it.figures.recall_at_fpr_05),
        ]
    });
    show::table(out, header, rows)?;
    for line in lines(told) {
        if let Err(why) = &line.found.judged
            && line.segment == "all"
            && Some(line.model) == told.models.first().map(|it| it.model.id.as_str())
        {
            exit::say(format_args!("{}: no figures: {why}", line.hazard));
        }
    }
    Ok(())
}

fn calibration(told: &Evaluation, out: &mut Output) -> Result<(), Failure> {
    let header = [
        "hazard",
        "orders",
        "model",
        "expected",
        "by chance ±",
        "seen",
        "log-loss",
        "Brier",
        "ECE",
        "by chance",
        "intercept",
        "slope",
    ];
    let rows = lines(told).into_iter().map(|line| {
        let found = line.found;
        let judged = found.judged.as_ref().ok();
        let with = |value: f64, error: f64| format!("{value:.2} ± {error:.2}");
        let or_none = |it: Option<String>| it.unwrap_or_else(|| "–".to_owned());
        [
            line.hazard.to_owned(),
            line.segment,
            line.model.to_owned(),
            format!("{:.1}", found.expected),
            format!("{:.1}", found.spread),
            format!("{:.1}", found.seen),
            figure(found, 5, |it| it.figures.log_loss),
            figure(found, 5, |it| it.figures.brier),
            figure(found, 5, |it| it.figures.ece),
            or_none(judged.map(|it| format!("{:.5}", it.ece_by_chance))),
            or_none(found.line.map(|it| with(it.intercept, it.errors.intercept))),
            or_none(found.line.map(|it| with(it.slope, it.errors.slope))),
        ]
    });
    show::table(out, header, rows)
}

fn thresholds(told: &Evaluation, out: &mut Output) -> Result<(), Failure> {
    let share = |it: Option<Share>| {
        it.map_or_else(
            || "–".to_owned(),
            |it| {
                let error = match (it.error, it.bound()) {
                    (Some(error), _) => format!(" ± {error:.4}"),
                    (None, Some(bound)) if bound > it.value => format!(" (to {bound:.4})"),
                    (None, Some(bound)) => format!(" (from {bound:.4})"),
                    (None, None) => String::new(),
                };
                format!("{:.4}{error} of {}", it.value, it.rows)
            },
        )
    };
    let all = lines(told);
    let rows = all.iter().flat_map(|line| {
        line.found.thresholds.iter().map(|(from, at)| {
            [
                line.hazard.to_owned(),
                line.model.to_owned(),
                from.to_string(),
                share(at.flagged),
                share(at.precision),
                share(at.recall),
            ]
        })
    });
    let header = ["hazard", "model", "from", "flagged", "precision", "recall"];
    show::table(out, header, rows)
}

fn drifted(
    drifts: &[SignalDrift],
    (reference, recent): &(Period, Period),
    out: &mut Output,
) -> Result<(), Failure> {
    let sorted = by_size(drifts);
    exit::say(format_args!(
        "drift: {} orders against {} of the reference; by chance alone one signal in a hundred is beyond its bound",
        recent.seen(),
        reference.seen()
    ));
    let rows = sorted.iter().map(|it| {
        let number = |it: Option<f64>| it.map_or_else(|| "–".to_owned(), |it| format!("{it:.4}"));
        [
            it.signal.name().to_owned(),
            number(it.drift.map(|it| it.psi)),
            number(it.drift.map(|it| it.bound)),
            format!("{:.1} %", 100.0 * it.missing_before),
            format!("{:.1} %", 100.0 * it.missing_now),
            it.verdict().to_owned(),
        ]
    });
    let header = ["signal", "PSI", "bound", "missing before", "now", "verdict"];
    show::table(out, header, rows)
}
