//! `evaluate`: how good scorecards are on orders whose outcome is known, side by side; and which signals drifted.

mod told;

use std::path::Path;

use super::args::{Evaluate, Rules, Threads};
use super::exit::{self, Failure};
use super::files::built_in_model;
use super::lessons;
use super::output::Output;
use crate::decision::model::{BUILT_IN, Model};
use crate::domain::units::Timestamp;
use crate::lab::dataset::By;
use crate::lab::drift::{self, Period, SignalDrift};
use crate::lab::evaluate::{self, Settings};
use crate::stats::interval::Repeats;

/// Runs the command.
pub(crate) fn run(command: &Evaluate, out: &mut Output) -> Result<(), Failure> {
    let settings = settings(command)?;
    let folder = command.models.as_deref();
    let models = models(&command.model, folder)?;
    let mut periods = periods(command, &settings)?;
    let rules = Rules {
        policy: command.policy.clone(),
        catalogue: command.catalogue.clone(),
        ..Rules::default()
    };
    let lessons = lessons::gather(&command.lessons, &rules, &mut |record| {
        if let Some((reference, recent)) = &mut periods {
            reference.put(record);
            recent.put(record);
        }
    })?;
    let told = evaluate::evaluate(&lessons.dataset, &models, &settings)
        .map_err(|error| Failure::bad_file(&lessons.place, error))?;
    let drifts = match &periods {
        Some((reference, recent)) => {
            filled("the reference period", reference, &lessons.place)?;
            filled("the recent period", recent, &lessons.place)?;
            Some(drift::compare(reference, recent))
        }
        None => None,
    };
    told::tell(
        &told,
        drifts.as_deref(),
        periods.as_ref(),
        command.format,
        out,
    )?;
    out.flush()?;
    let drifted = drifts.iter().flatten().filter(|it| it.is_finding()).count();
    if command.fail_on_drift && drifted > 0 {
        exit::say(format_args!("{drifted} signals drifted"));
        return Err(Failure::Findings);
    }
    Ok(())
}

fn settings(command: &Evaluate) -> Result<Settings, Failure> {
    if let Some(wrong) = command
        .threshold
        .iter()
        .find(|it| !(0.0..=1.0).contains(*it))
    {
        let what = format!("--threshold: {wrong} is no probability of 0 to 1");
        return Err(Failure::Usage(what));
    }
    let by = match command.by.as_deref() {
        None => Vec::new(),
        Some(name) => vec![segment(name)?],
    };
    Ok(Settings {
        from: lessons::time("--from", command.from.as_deref())?,
        to: lessons::time("--to", command.to.as_deref())?,
        repeats: Repeats {
            count: command.repeats,
            seed: command.lessons.seed,
        },
        thresholds: command.threshold.clone(),
        by,
        threads: Threads::default().count(),
    })
}

fn segment(name: &str) -> Result<By, Failure> {
    let found = By::ALL.iter().copied().find(|it| it.name() == name);
    found.ok_or_else(|| {
        let names: Vec<_> = By::ALL.iter().map(|it| it.name()).collect();
        Failure::Usage(format!("--by: `{name}` is none of {}", names.join(", ")))
    })
}

/// The two periods, where drift is asked for.
fn periods(command: &Evaluate, settings: &Settings) -> Result<Option<(Period, Period)>, Failure> {
    let from = lessons::time("--reference-from", command.reference_from.as_deref())?;
    let to = lessons::time("--reference-to", command.reference_to.as_deref())?;
    if from.is_none() && to.is_none() {
        if command.fail_on_drift {
            let what = "--fail-on-drift: drift from when? Name --reference-from or --reference-to";
            return Err(Failure::Usage(what.to_owned()));
        }
        return Ok(None);
    }
    // What is not said follows: the reference ends where the recent period begins, and the other way round.
    let to = to.or(settings.from);
    let begins = settings.from.or(to);
    if from.zip(to).is_some_and(|(from, to)| from >= to) {
        let what = "--reference-from must be before --reference-to (or --from)";
        return Err(Failure::Usage(what.to_owned()));
    }
    let Some(to) = to else {
        let what =
            "--reference-from: until when? Name --reference-to, or --from of the recent period";
        return Err(Failure::Usage(what.to_owned()));
    };
    Ok(Some((
        Period::new(from, Some(to)),
        Period::new(begins, settings.to),
    )))
}

fn filled(what: &str, period: &Period, place: &str) -> Result<(), Failure> {
    if period.seen() > 0 {
        return Ok(());
    }
    let end =
        |it: Option<Timestamp>, open: &str| it.map_or_else(|| open.to_owned(), |it| it.to_string());
    let (from, to) = (end(period.from, "the beginning"), end(period.to, "the end"));
    let what = format!("no order was decided in {what}, {from} to {to}");
    Err(Failure::bad_file(place, what))
}

/// The scorecards that are named, or all that are built in.
fn models(named: &[String], folder: Option<&Path>) -> Result<Vec<Model>, Failure> {
    if named.is_empty() {
        let built_in = BUILT_IN.iter().map(|(name, _)| (*name).to_owned());
        let names: Vec<String> = built_in.collect();
        return models(&names, None);
    }
    let mut wrong = Vec::new();
    let mut all: Vec<Model> = Vec::new();
    for name in named {
        match model(name, folder) {
            Ok(model) if all.iter().any(|it| it.version == model.version) => {
                return Err(Failure::Usage(format!("--model: `{name}` is named twice")));
            }
            Ok(model) => all.push(model),
            Err(Failure::BadFile(lines)) => wrong.extend(lines),
            Err(other) => return Err(other),
        }
    }
    if wrong.is_empty() {
        Ok(all)
    } else {
        Err(Failure::BadFile(wrong))
    }
}

/// A scorecard by the path of its file, by its name in the folder, or one that is built in.
pub(super) fn model(named: &str, folder: Option<&Path>) -> Result<Model, Failure> {
    let is_path = named.contains('/') || named.ends_with(".json");
    let (file, text) = if is_path || folder.is_some() {
        let file = match folder {
            Some(folder) if !is_path => folder.join(format!("{named}.json")),
            _ => Path::new(named).to_owned(),
        };
        let name = file.display().to_string();
        let text = std::fs::read_to_string(&file)
            .map_err(|error| Failure::bad_file(&name, format_args!("cannot be read: {error}")))?;
        (name, text)
    } else {
        (
            format!("built-in {named}"),
            built_in_model(named)?.to_owned(),
        )
    };
    Model::load(&text).map_err(|problems| Failure::problems(file, &problems))
}

/// What drifted, largest against its bound first.
fn by_size(drifts: &[SignalDrift]) -> Vec<&SignalDrift> {
    let mut sorted: Vec<&SignalDrift> = drifts.iter().filter(|it| it.drift.is_some()).collect();
    let size = |it: &SignalDrift| it.drift.map_or(0.0, |it| it.psi / it.bound);
    sorted.sort_by(|one, two| size(two).total_cmp(&size(one)));
    sorted
}
