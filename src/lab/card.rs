//! The model card: what people should know of a scorecard before they trust it, in Markdown with drawings.
//!
//! Nothing is measured here: numbers come from the report, shapes from the scorecard itself.

mod answers;
pub mod plot;
mod shapes;

use std::fmt::{Arguments, Write as _};

use super::answers::Answers;
use super::labels::LeftOut;
use super::report::{Figures, HazardReport, Report, Way};
use crate::decision::model::Parts;
use crate::domain::hazard::Hazard;
use crate::domain::units::count_to_f64 as float;
use crate::stats::interval::Estimate;

/// A card: its text, and the drawings that it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// `NAME.md`.
    pub text: String,
    /// Files of the folder `NAME`, by name.
    pub drawings: Vec<(String, String)>,
}

/// Writes the card of a scorecard; `answers`: what it says of orders whose answers are known.
#[must_use]
pub fn write(report: &Report, parts: &Parts, answers: Option<&Answers>) -> Card {
    let mut page = Page::default();
    let drawings = shapes::draw(report, parts);
    opening(&mut page, report);
    data(&mut page, report);
    labels(&mut page, report);
    figures(&mut page, report);
    constraints(&mut page, report);
    calibration(&mut page, report);
    segments(&mut page, report);
    if let Some(answers) = answers {
        answers::write(&mut page, report, answers);
    }
    page.line(format_args!("\n## Shapes\n"));
    page.line(format_args!(
        "Each drawing shows what a signal adds to the log-odds of each hazard, by bin; pairs show what two signals add \
         together beyond what each adds alone. Exact numbers stand in `{}.json`.\n",
        report.name
    ));
    for (file, _) in drawings
        .iter()
        .filter(|(file, _)| !file.starts_with("calibration"))
    {
        let name = file.trim_end_matches(".svg").replace('-', " ");
        page.line(format_args!("![{name}]({}/{file})\n", report.name));
    }
    limits(&mut page, report);
    Card {
        text: page.0,
        drawings,
    }
}

/// The text so far.
#[derive(Default)]
struct Page(String);

impl Page {
    fn line(&mut self, line: Arguments<'_>) {
        self.0.write_fmt(line).unwrap_or_default();
        self.0.push('\n');
    }

    fn row(&mut self, cells: &[String]) {
        self.line(format_args!("| {} |", cells.join(" | ")));
    }

    fn head(&mut self, cells: &[&str]) {
        self.line(format_args!("| {} |", cells.join(" | ")));
        let rule: Vec<&str> = cells.iter().map(|_| "---").collect();
        self.line(format_args!("| {} |", rule.join(" | ")));
    }
}

fn opening(page: &mut Page, report: &Report) {
    page.line(format_args!("# The scorecard `{}`\n", report.name));
    if let Some(note) = &report.note {
        page.line(format_args!("**{note}**\n"));
    }
    page.line(format_args!(
        "Five additive scorecards, one a hazard: the log-odds of a hazard are a base and what each signal (and some pairs \
         of signals) add, in whole millionths. A reason's contribution is what it adds, exactly. Made by `doorstep train` \
         from {}; where there were too few losses it keeps `{}`.\n",
        report.source, report.base
    ));
}

fn data(page: &mut Page, report: &Report) {
    let tally = &report.tally;
    page.line(format_args!("## Data\n"));
    if let Some((from, to)) = tally.period {
        page.line(format_args!(
            "Orders decided from {from} to {to}, seen from {}; claims may come in for {} days after the handover.\n",
            report.maturity.as_of,
            report.maturity.claim_window.as_days()
        ));
    }
    page.head(&["orders", "count"]);
    let mut count = |what: &str, count: u64| page.row(&[what.to_owned(), count.to_string()]);
    count("looked at", tally.orders);
    for why in LeftOut::ALL {
        count(&format!("left out: {}", why.text()), report.left_out(*why));
    }
    count(
        "left out: a claim from before they were placed",
        tally.impossible,
    );
    count("with a known outcome", tally.mature);
    count(
        "settled claims that name no hazard (nobody's fault, damage): no label",
        tally.unnamed,
    );
    count(
        "decisions that another of the same order replaced",
        tally.revisions,
    );
    page.line(format_args!(
        "\nOf {} orders without a usable loss, {} were kept, those of more risk more often; each stands for as many as \
         it was likely to be kept for (seed {}). All orders with a loss were kept.\n",
        tally.kept_of, tally.kept, report.seed
    ));
    let names: Vec<&str> = report.signals.iter().map(|it| it.name()).collect();
    page.line(format_args!(
        "Signals ({}): {}.\n",
        names.len(),
        names.join(", ")
    ));
    if !report.dropped.is_empty() {
        let names: Vec<String> = report
            .dropped
            .iter()
            .map(|(signal, why)| format!("{} ({why})", signal.name()))
            .collect();
        page.line(format_args!(
            "Left out, as they say nothing here: {}.\n",
            names.join(", ")
        ));
    }
}

fn labels(page: &mut Page, report: &Report) {
    page.line(format_args!("## Hazards and labels\n"));
    page.line(format_args!(
        "An order speaks for a hazard only if its action left the hazard alone; it stands for 1 / P(such an action), by \
         the logged propensities. Orders whose action hindered the hazard are left out, not counted as \"no loss\". Orders \
         for which no such action had a chance lie outside the population: the scores say nothing of them.\n"
    ));
    page.head(&[
        "hazard",
        "how",
        "losses",
        "labelled",
        "stand for",
        "equal-weight rows",
        "largest weight",
        "hindered",
        "outside",
    ]);
    for hazard in &report.hazards {
        let counted = report.counted(hazard.hazard);
        page.row(&[
            hazard.hazard.key().to_owned(),
            hazard.how().to_owned(),
            counted.positives.to_string(),
            counted.labelled.to_string(),
            format!("{:.0}", counted.stand_for),
            format!("{:.0}", counted.effective()),
            format!("{:.2}", counted.weight_max),
            counted.hindered.to_string(),
            format!(
                "{} ({:.2} %)",
                counted.outside,
                100.0 * counted.outside_share(report.tally.mature)
            ),
        ]);
    }
    page.line(format_args!(""));
    for line in report.hazards.iter().filter_map(|it| needed(report, it)) {
        page.line(format_args!("- {line}"));
    }
}

/// What a hazard needs for more than it got.
#[must_use]
pub fn needed(report: &Report, hazard: &HazardReport) -> Option<String> {
    let have = report.counted(hazard.hazard).positives;
    let (least, name) = (hazard.way.needs(), hazard.hazard.key());
    match hazard.way {
        Way::Kept => Some(format!(
            "{name}: {have} losses are too few, {least} are needed; it keeps the table of `{}`.",
            report.base
        )),
        Way::Shrunk => Some(format!(
            "{name}: {have} losses; only the difference to `{}` was learned, one signal at a time; {least} would be \
             needed for more.",
            report.base
        )),
        Way::Learned => None,
    }
}

fn figures(page: &mut Page, report: &Report) {
    page.line(format_args!("\n## Discrimination\n"));
    page.line(format_args!(
        "On the orders decided from {} on, which the fit measured here had not seen, weighted as above; the scorecard \
         itself was then fitted to all. PR-AUC and log-loss depend on how rare a hazard is: compare within a line. \
         In brackets: intervals of 95 %.\n",
        report.held_out_from
    ));
    page.head(&[
        "hazard",
        "losses",
        "ROC-AUC",
        "of the base",
        "PR-AUC",
        "of the base",
        "log-loss",
        "of the base",
        "expected / seen",
        "of the base",
    ]);
    for hazard in &report.hazards {
        let told = |it: Option<Figures>, what: fn(&Figures) -> String| {
            it.as_ref().map_or_else(|| "–".to_owned(), what)
        };
        let both =
            |what: fn(&Figures) -> String| [told(hazard.figures, what), told(hazard.base, what)];
        let mut cells = vec![hazard.hazard.key().to_owned(), hazard.held_out.to_string()];
        cells.extend(both(|it| told_with(it.roc_auc, 3)));
        cells.extend(both(|it| told_with(it.pr_auc, 4)));
        cells.extend(both(|it| told_with(it.log_loss, 5)));
        cells.extend(both(|it| format!("{:.2}", it.said_by_seen)));
        page.row(&cells);
    }
    page.line(format_args!(
        "\n–: fewer than 10 losses among those orders, or none that was not lost.\n"
    ));
}

/// A figure and its interval.
fn told_with(it: Estimate, digits: usize) -> String {
    let Estimate { value, low, high } = it;
    format!("{value:.digits$} ({low:.digits$}–{high:.digits$})")
}

fn constraints(page: &mut Page, report: &Report) {
    page.line(format_args!("## Constraints\n"));
    page.line(format_args!(
        "Where the domain leaves no doubt, a signal may move a hazard one way only. The cost is by how much the log-loss on \
         the fitted orders is larger with the constraint, in nats an order; 0 means that the data obey by themselves.\n"
    ));
    page.head(&["hazard", "signal", "way", "cost", "because"]);
    for hazard in &report.hazards {
        for it in &hazard.constraints {
            let way = match it.rule.way {
                super::directions::Way::Up => "never falls",
                super::directions::Way::Down => "never rises",
            };
            page.row(&[
                hazard.hazard.key().to_owned(),
                it.rule.signal.name().to_owned(),
                way.to_owned(),
                format!("{:.8}", it.cost),
                it.rule.reason.to_owned(),
            ]);
        }
    }
}

fn calibration(page: &mut Page, report: &Report) {
    page.line(format_args!("\n## Calibration\n"));
    page.line(format_args!(
        "Held-out orders by their score: what was said, and what was seen, in percent.\n"
    ));
    page.line(format_args!(
        "![calibration]({}/calibration.svg)\n",
        report.name
    ));
    page.head(&["hazard", "scores", "orders", "losses", "said", "seen"]);
    for hazard in &report.hazards {
        for it in &hazard.calibration {
            page.row(&[
                hazard.hazard.key().to_owned(),
                it.name.clone(),
                format!("{:.0}", it.orders),
                it.positives.to_string(),
                format!("{:.4}", 100.0 * it.said),
                format!("{:.4}", 100.0 * it.seen),
            ]);
        }
    }
}

fn segments(page: &mut Page, report: &Report) {
    page.line(format_args!("\n## By segment\n"));
    page.line(format_args!(
        "The same by country, category, value, dwelling, and how well the customer is known. Where only a few losses were \
         seen, the difference says little.\n"
    ));
    page.head(&[
        "by", "segment", "hazard", "orders", "losses", "said", "seen",
    ]);
    for hazard in &report.hazards {
        for (by, it) in &hazard.segments {
            page.row(&[
                by.name().to_owned(),
                it.name.clone(),
                hazard.hazard.key().to_owned(),
                format!("{:.0}", it.orders),
                it.positives.to_string(),
                format!("{:.4}", 100.0 * it.said),
                format!("{:.4}", 100.0 * it.seen),
            ]);
        }
    }
}

fn limits(page: &mut Page, report: &Report) {
    let outside: Vec<String> = Hazard::ALL
        .iter()
        .map(|it| (*it, report.counted(*it).outside_share(report.tally.mature)))
        .filter(|(_, share)| *share > 0.0)
        .map(|(hazard, share)| format!("{} {:.1} %", hazard.key(), 100.0 * share))
        .collect();
    page.line(format_args!("## Limits\n"));
    page.line(format_args!(
        "- It knows what claims were settled as. A fault that was never found out, or found wrongly, is learned wrongly."
    ));
    page.line(format_args!(
        "- It estimates what would happen without verification; what verification does is the policy's, from random checks."
    ));
    page.line(format_args!("- It holds for a shop like the one it was learned from, and until that changes: watch drift and calibration."));
    page.line(format_args!("- A signal's weight is no cause: signals that go together share their weight as the fit found best."));
    if outside.is_empty() {
        page.line(format_args!("- No order lay outside the population."));
    } else {
        page.line(format_args!(
            "- Of orders that never had a chance to go unverified it knows nothing: {}.",
            outside.join(", ")
        ));
    }
    page.line(format_args!(
        "\n## How to replace it\n\nTrain on your own records (`doorstep train --data DIR --out FOLDER --name NAME`), judge \
         it beside this one (`doorstep evaluate`), and name it with `--models FOLDER --model NAME`. `doorstep calibrate` \
         refreshes level and slope from the latest outcomes without training again."
    ));
    page.line(format_args!(
        "\nMade with {} rows of {}; reference shares of every signal's bins, for drift, stand in `{}.json`.",
        report.tally.kept, float(report.tally.mature), report.name
    ));
}
