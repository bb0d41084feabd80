//! `train`: from records and what became of their orders to a scorecard and its card.

mod place;

use indicatif::ProgressBar;

use super::args::{Format, Train};
use super::cases::{self, Judge, known};
use super::config::Setting;
use super::exit::{self, Failure};
use super::lessons::{self, Lessons};
use super::output::Output;
use super::progress;
use super::show;
use crate::decision::model::Model;
use crate::lab::answers::{self, Answers, Case};
use crate::lab::card;
use crate::lab::dataset::Tally;
use crate::lab::labels::LeftOut;
use crate::lab::report::{Figures, Report};
use crate::lab::scorecards::{self, Error, Learned, Progress, Settings};

/// Runs the command.
pub(crate) fn run(command: &Train, out: &mut Output) -> Result<(), Failure> {
    Setting::Model
        .check(&command.name)
        .map_err(|what| Failure::Usage(format!("--name: {what}")))?;
    let place = place::Place::new(&command.out, &command.name)?;
    let known = command.answers.as_deref().map(known::read).transpose()?;
    let lessons = lessons::gather(&command.lessons, &command.rules, &mut |_| {})?;
    told(&lessons.dataset.tally);
    let settings = settings(command, &lessons);
    let bar = progress::bar(Some(1_000), "{msg} {wide_bar} {percent} % {eta}");
    let learned = scorecards::learn(&lessons.dataset, &lessons.base, &settings, &|it| {
        show(&bar, it);
    });
    bar.finish_and_clear();
    let learned = learned.map_err(|error| failed(&lessons.place, &error))?;
    let answers = known
        .map(|it| answers(&it, &lessons, &learned))
        .transpose()?;
    let card = card::write(&learned.report, &learned.parts, answers.as_ref());
    place.put(&learned.parts.write(), &card)?;
    for hazard in &learned.report.hazards {
        if let Some(line) = card::needed(&learned.report, hazard) {
            exit::say(line);
        }
    }
    if let Some(answers) = &answers {
        told_answers(answers, &learned.report.base, &learned.report.name);
    }
    tell(&learned.report, command.format, out)?;
    for path in place.files() {
        exit::say(format_args!("wrote {}", path.display()));
    }
    out.flush()
}

/// What the scorecard and its base say of orders whose answers are known.
fn answers(
    known: &[cases::Case],
    lessons: &Lessons,
    learned: &Learned,
) -> Result<Answers, Failure> {
    let judge = Judge::new(lessons.in_force.clone());
    let judge = judge.ok_or_else(|| Failure::Bug("no key to play cases with".to_owned()))?;
    let (mut cases, mut wrong) = (Vec::new(), Vec::new());
    for case in known {
        match judge.judge(case) {
            Ok(judged) => cases.push(Case {
                name: case.name.clone(),
                why: case.why.clone().unwrap_or_default(),
                wanted: case.wanted(),
                situation: judged.situation,
            }),
            Err(what) => wrong.push(format!("{}: {what}", case.place)),
        }
    }
    if !wrong.is_empty() {
        return Err(Failure::BadFile(wrong));
    }
    let model = Model::load(&learned.parts.write());
    let model = model.map_err(|problems| Failure::problems(&learned.parts.name, &problems))?;
    let base = &lessons.in_force.release;
    let rows = &lessons.dataset.rows;
    Ok(answers::compare(
        &cases,
        base,
        (&model, &learned.parts),
        rows,
    ))
}

/// How many are answered as wanted, and each that is not answered as before.
fn told_answers(answers: &Answers, base: &str, name: &str) {
    exit::say(format_args!(
        "of {} orders whose answers are known, {base} answers {} as wanted and {name} {}",
        answers.cases, answers.base_right, answers.right
    ));
    for it in &answers.parted {
        let (old, now) = (it.base.action.key(), it.ours.action.key());
        exit::say(format_args!("{}: {now} and not {old}", it.name));
    }
}

fn settings(command: &Train, lessons: &Lessons) -> Settings {
    Settings {
        name: command.name.clone(),
        note: command.note.clone(),
        source: lessons.source.clone(),
        maturity: lessons.maturity,
        seed: command.lessons.seed,
        threads: command.threads.count(),
    }
}

fn failed(place: &str, error: &Error) -> Failure {
    match error {
        Error::NothingKnown { .. }
        | Error::OneClass { .. }
        | Error::FewOthers { .. }
        | Error::NothingTells => Failure::bad_file(place, error),
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
    let costs: Vec<_> = costs.collect();
    if costs.is_empty() {
        return Ok(());
    }
    show::table(out, ["hazard", "bound", "costs log-loss", "because"], costs)
}
