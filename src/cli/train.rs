//! `train`: from records and what became of their orders to a scorecard and its card.

mod place;

use indicatif::ProgressBar;

use super::args::{Format, Train};
use super::config::Setting;
use super::exit::{self, Failure};
use super::lessons::{self, Lessons};
use super::output::Output;
use super::progress;
use super::show;
use crate::lab::card;
use crate::lab::dataset::Tally;
use crate::lab::labels::LeftOut;
use crate::lab::report::{Figures, Report};
use crate::lab::scorecards::{self, Error, Progress, Settings};

/// Runs the command.
pub(crate) fn run(command: &Train, out: &mut Output) -> Result<(), Failure> {
    Setting::Model
        .check(&command.name)
        .map_err(|what| Failure::Usage(format!("--name: {what}")))?;
    let place = place::Place::new(&command.out, &command.name)?;
    let lessons = lessons::gather(&command.lessons, &command.rules, &mut |_| {})?;
    told(&lessons.dataset.tally);
    let settings = settings(command, &lessons)?;
    let bar = progress::bar(Some(1_000), "{msg} {wide_bar} {percent} % {eta}");
    let learned = scorecards::learn(&lessons.dataset, &lessons.base, &settings, &|it| {
        show(&bar, it);
    });
    bar.finish_and_clear();
    let learned = learned.map_err(|error| failed(&lessons.place, &error))?;
    let card = card::write(&learned.report, &learned.parts);
    place.put(&learned.parts.write(), &card)?;
    for hazard in &learned.report.hazards {
        if let Some(line) = card::needed(&learned.report, hazard) {
            exit::say(line);
        }
    }
    tell(&learned.report, command.format, out)?;
    for path in place.files() {
        exit::say(format_args!("wrote {}", path.display()));
    }
    out.flush()
}

fn settings(command: &Train, lessons: &Lessons) -> Result<Settings, Failure> {
    let all = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = command.threads.unwrap_or_else(all);
    if threads == 0 || threads > 256 {
        return Err(Failure::Usage(
            "--threads: must be a whole number of 1 to 256".to_owned(),
        ));
    }
    Ok(Settings {
        name: command.name.clone(),
        note: command.note.clone(),
        source: lessons.source.clone(),
        maturity: lessons.maturity,
        seed: command.lessons.seed,
        threads,
    })
}

fn failed(place: &str, error: &Error) -> Failure {
    match error {
        Error::NothingKnown { .. } | Error::OneClass { .. } | Error::NothingTells => {
            Failure::bad_file(place, error)
        }
        Error::Fit { .. } | Error::Unreadable(_) => Failure::Bug(error.to_string()),
    }
}

fn show(bar: &ProgressBar, progress: Progress) {
    bar.set_message(progress.hazard.map_or("done", |it| it.key()));
    let done = format!("{:.0}", progress.done * 1e3).parse().unwrap_or(0);
    bar.set_position(done);
}

/// What was left out, before anything is learned.
fn told(tally: &Tally) {
    let line = |what: &str, count: u64| {
        if count > 0 {
            exit::say(format_args!("{count:>9}  {what}"));
        }
    };
    line("orders", tally.orders);
    for why in LeftOut::ALL {
        let count = tally.left_out.get(why).copied().unwrap_or(0);
        line(&format!("left out: {}", why.text()), count);
    }
    line(
        "left out: a claim from before they were placed",
        tally.impossible,
    );
    line("with a known outcome", tally.mature);
    line("settled claims that name no hazard", tally.unnamed);
    exit::say(format_args!(
        "{:>9}  of {} orders without a usable loss kept, each with the weight of those it stands for",
        tally.kept, tally.kept_of
    ));
}

/// What was learned, a line a hazard.
fn tell(report: &Report, format: Format, out: &mut Output) -> Result<(), Failure> {
    if format == Format::Json {
        return out.line(report.json());
    }
    let header = [
        "hazard",
        "how",
        "losses",
        "labelled",
        "hindered",
        "outside",
        "ROC-AUC",
        "base",
        "PR-AUC",
        "base",
        "expected/seen",
    ];
    let rows = report.hazards.iter().map(|hazard| {
        let counted = report.counted(hazard.hazard);
        let told = |it: Option<Figures>, what: fn(&Figures) -> String| {
            it.as_ref().map_or_else(|| "–".to_owned(), what)
        };
        [
            hazard.hazard.key().to_owned(),
            hazard.how().to_owned(),
            counted.positives.to_string(),
            counted.labelled.to_string(),
            counted.hindered.to_string(),
            format!(
                "{:.2} %",
                100.0 * counted.outside_share(report.tally.mature)
            ),
            told(hazard.figures, |it| format!("{:.3}", it.roc_auc.value)),
            told(hazard.base, |it| format!("{:.3}", it.roc_auc.value)),
            told(hazard.figures, |it| format!("{:.4}", it.pr_auc.value)),
            told(hazard.base, |it| format!("{:.4}", it.pr_auc.value)),
            told(hazard.figures, |it| format!("{:.2}", it.said_by_seen)),
        ]
    });
    show::table(out, header, rows)?;
    let costs = report.hazards.iter().flat_map(|hazard| {
        hazard
            .constraints
            .iter()
            .filter(|it| it.cost > 0.0)
            .map(|it| {
                [
                    hazard.hazard.key().to_owned(),
                    it.rule.signal.name().to_owned(),
                    format!("{:.8}", it.cost),
                    it.rule.reason.to_owned(),
                ]
            })
    });
    show::table(out, ["hazard", "bound", "costs log-loss", "because"], costs)
}
