//! `calibrate`: level and slope of a scorecard, refreshed from the latest outcomes, as a new scorecard.

use super::args::{Calibrate, Format, Rules};
use super::config::Setting;
use super::evaluate::model;
use super::exit::{self, Failure};
use super::files;
use super::lessons;
use super::output::Output;
use super::show;
use crate::lab::calibrate::{self, Calibrated, Error, Settings};
use crate::lab::evaluate::Found;

/// Runs the command.
pub(crate) fn run(command: &Calibrate, out: &mut Output) -> Result<(), Failure> {
    if let Some(name) = &command.name {
        Setting::Model
            .check(name)
            .map_err(|what| Failure::Usage(format!("--name: {what}")))?;
    }
    let from = lessons::time("--from", command.from.as_deref())?;
    let model = model(&command.model, command.models.as_deref())?;
    let rules = Rules {
        policy: command.policy.clone(),
        catalogue: command.catalogue.clone(),
        ..Rules::default()
    };
    let lessons = lessons::gather(&command.lessons, &rules, &mut |_| {})?;
    let settings = Settings {
        name: command.name.clone(),
        from,
        maturity: lessons.maturity,
    };
    let done = calibrate::calibrate(&model, &lessons.dataset.rows, &settings);
    let done = done.map_err(|error| match error {
        Error::TooFew { .. } => {
            let hint = "name an earlier --from, or wait for more outcomes";
            Failure::bad_file(&lessons.place, format_args!("{error}; {hint}"))
        }
        Error::OutOfBounds(_) => Failure::bad_file(&command.model, error),
    })?;
    if command.out.file_name().is_none() {
        return Err(Failure::Usage("--out: must name a file".to_owned()));
    }
    files::put(&command.out, &done.parts.write())?;
    tell(&done, command.format, out)?;
    exit::say(format_args!(
        "wrote {}: {}, by {} orders with a known outcome{}",
        command.out.display(),
        done.parts.name,
        done.orders,
        done.from
            .as_ref()
            .map_or_else(String::new, |from| format!(", decided from {from} on"))
    ));
    out.flush()
}

fn tell(done: &Calibrated, format: Format, out: &mut Output) -> Result<(), Failure> {
    if format == Format::Json {
        let notes = done
            .parts
            .card
            .get("calibrated")
            .and_then(|it| it.as_array());
        let note = notes.and_then(|it| it.last()).cloned().unwrap_or_default();
        return out.line(serde_json::json!({"name": done.parts.name, "calibrated": note}));
    }
    let header = [
        "hazard",
        "losses",
        "intercept",
        "slope",
        "expected",
        "now",
        "seen",
        "log-loss",
        "now",
        "",
    ];
    let rows = done.hazards.iter().map(|it| {
        let line = it.line.as_ref();
        let number = |value: Option<f64>, digits: usize| {
            value.map_or_else(|| "–".to_owned(), |it| format!("{it:.digits$}"))
        };
        let log_loss = |found: &Found| {
            let judged = found.judged.as_ref().ok();
            number(judged.map(|it| it.figures.log_loss.value), 6)
        };
        [
            it.hazard.key().to_owned(),
            it.before.losses.to_string(),
            number(line.ok().map(|it| it.intercept), 3),
            number(line.ok().map(|it| it.slope), 3),
            number(Some(it.before.expected), 1),
            number(Some(it.after.expected), 1),
            number(Some(it.before.seen), 1),
            log_loss(&it.before),
            log_loss(&it.after),
            line.err()
                .map_or_else(String::new, |why| format!("left as it is: {why}")),
        ]
    });
    show::table(out, header, rows)
}
