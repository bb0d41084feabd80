//! Orders with known answers, on the card: where this scorecard answers otherwise than the base, and by which terms.

use super::Page;
use crate::domain::action::Action;
use crate::domain::units::{LogOddsMicro, to_f64};
use crate::lab::answers::{Answers, Changed, Parted, Said};
use crate::lab::report::Report;

/// Writes the section.
pub(super) fn write(page: &mut Page, report: &Report, answers: &Answers) {
    let (base, ours) = (&report.base, &report.name);
    page.line(format_args!(
        "\n## Where it answers otherwise than `{base}`\n"
    ));
    page.line(format_args!(
        "Of {} orders whose answers are known, by the same policy and without chance, `{base}` answers {} as wanted and \
         `{ours}` {}.\n",
        answers.cases, answers.base_right, answers.right
    ));
    if answers.parted.is_empty() {
        page.line(format_args!("Both answer alike.\n"));
        return;
    }
    page.head(&["order", "wanted", base, ours, "because of"]);
    for it in &answers.parted {
        let because: Vec<&str> = it.hazards.iter().map(|it| it.hazard.key()).collect();
        page.row(&[
            it.name.clone(),
            wanted(it),
            it.base.action.key().to_owned(),
            it.ours.action.key().to_owned(),
            because.join(", "),
        ]);
    }
    page.line(format_args!(
        "\nA hazard is named alone where its old table, put back by itself, brings the old answer back. Contributions are \
         log-odds. A learned term is counted from the average order and not from the base's reference order, so the base \
         and the terms move against each other: what counts is their sum. Beside a term: of the orders that it was \
         learned from, for how many those stand that lie in the same bin, and how many of them were lost.\n"
    ));
    for it in &answers.parted {
        parted(page, report, it);
    }
}

fn wanted(it: &Parted) -> String {
    let all: Vec<&str> = it.wanted.iter().map(|it| it.key()).collect();
    all.join(" or ")
}

fn parted(page: &mut Page, report: &Report, it: &Parted) {
    page.line(format_args!("### {}\n", it.name));
    page.line(format_args!("Wanted: {}, as {}.\n", wanted(it), it.why));
    page.head(&["expected cost of", &report.base, &report.name]);
    for action in Action::ALL {
        let cells = [&it.base, &it.ours].map(|said| cost(said, *action));
        if cells.iter().any(Option::is_some) {
            let [old, now] = cells.map(|it| it.unwrap_or_else(|| "not possible".to_owned()));
            page.row(&[action.key().to_owned(), old, now]);
        }
    }
    for changed in &it.hazards {
        page.line(format_args!(""));
        hazard(page, report, changed);
    }
    page.line(format_args!(""));
}

fn cost(said: &Said, action: Action) -> Option<String> {
    let (_, cents) = said.costs.iter().find(|(it, _)| *it == action)?;
    Some(format!("{:.2}", cents / 100.0))
}

fn hazard(page: &mut Page, report: &Report, it: &Changed) {
    let name = it.hazard.key();
    page.head(&[name, &report.base, &report.name, "change", "in its bin"]);
    let mut row = |what: String, [old, now]: [LogOddsMicro; 2], told: String| {
        page.row(&[what, odds(old), odds(now), odds(now - old), told]);
    };
    row("base".to_owned(), it.bases, String::new());
    for term in &it.terms {
        let with = term
            .with
            .map_or_else(String::new, |it| format!(" × {}", it.name()));
        let told = term.evidence.map_or_else(String::new, |(orders, losses)| {
            format!("{orders:.0} orders, {losses} lost")
        });
        row(format!("{}{with}", term.signal.name()), term.log_odds, told);
    }
    if it.rest != 0 {
        page.row(&[
            "all other terms".to_owned(),
            String::new(),
            String::new(),
            odds(it.rest),
            String::new(),
        ]);
    }
    let [old, now] = it.log_odds;
    page.row(&[
        "**together**".to_owned(),
        format!("{} ({})", odds(old), percent(it.probability[0])),
        format!("{} ({})", odds(now), percent(it.probability[1])),
        odds(now - old),
        String::new(),
    ]);
}

fn odds(micro: LogOddsMicro) -> String {
    format!("{:+.3}", to_f64(micro) / 1e6)
}

fn percent(probability: f64) -> String {
    format!("{:.2} %", 100.0 * probability)
}
