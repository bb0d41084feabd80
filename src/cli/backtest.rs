//! `backtest`: what another policy or scorecard would have done with what is recorded, and what it would have lost.

mod told;

use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;

use super::args::Backtest;
use super::config::{self, Settings as Settled};
use super::exit::{self, Failure};
use super::files::{self, engine};
use super::lessons::period;
use super::output::Output;
use super::running::cannot_store;
use super::{evaluate, policies, progress};
use crate::decision::policy::Policy;
use crate::domain::units::Timestamp;
use crate::lab::backtest::report::Report;
use crate::lab::backtest::{self, Candidate, Error, Settings, html};
use crate::store;
use crate::store::engine::Reading;

/// Runs the command.
pub(crate) fn run(command: &Backtest, out: &mut Output) -> Result<(), Failure> {
    let flags = config::flags(&command.place, None, None);
    let settled = Settled::read(command.place.config.as_deref(), flags)?;
    let place = store::Settings::new(settled.data());
    let open = || store::look(&place);
    let mut reader = open().map_err(|error| cannot_store(&error))?;
    let candidate = candidate(command, reader.as_mut())?;
    let settings = settings(command, reader.as_mut())?;
    drop(reader);
    let bar = progress::bar(
        None,
        "judging: {wide_bar} {pos} of {len} decisions, {per_sec}, {eta}",
    );
    let report = backtest::run(&open, &candidate, &settings, &|done, total| {
        bar.set_length(total);
        bar.set_position(done);
        true
    });
    bar.finish_and_clear();
    let report = report.map_err(|error| match error {
        Error::Store(error) => cannot_store(&error),
        Error::Nothing | Error::NothingInPeriod { .. } | Error::Stopped => {
            Failure::bad_file(place.dir.display(), error)
        }
        Error::Unmeasured { .. } => Failure::bad_file(
            place.dir.display(),
            format_args!("{error}; --unmeasured judges the candidate without it"),
        ),
    })?;
    if let Some(file) = &command.html {
        files::put(file, &html::page(&report))?;
    }
    if let Some(file) = &command.ids {
        files::put(file, &ids(&report))?;
    }
    told::tell(&report, command.format, out)?;
    out.flush()?;
    if report.reproduced.different > 0 {
        exit::say(format_args!(
            "{} decisions do not come out as they were recorded",
            report.reproduced.different
        ));
        return Err(Failure::Findings);
    }
    Ok(())
}

fn candidate(command: &Backtest, reader: &mut dyn Reading) -> Result<Candidate, Failure> {
    let policy = match (&command.policy, &command.digest) {
        (Some(file), _) => {
            let name = file.display().to_string();
            let text = fs::read_to_string(file).map_err(|error| {
                Failure::bad_file(&name, format_args!("cannot be read: {error}"))
            })?;
            Some(loaded(&name, &text)?)
        }
        (None, Some(name)) => Some(kept(name, reader)?),
        (None, None) => None,
    };
    let model = match &command.model {
        Some(name) => Some(evaluate::model(name, command.models.as_deref())?),
        None => None,
    };
    Ok(Candidate {
        policy: policy.map(Arc::new),
        model: model.map(Arc::new),
    })
}

fn loaded(name: &str, text: &str) -> Result<Policy, Failure> {
    Policy::load(text).map_err(|problems| Failure::problems(name, &problems))
}

/// A policy of the data directory, by digest, its beginning, or name.
fn kept(name: &str, reader: &mut dyn Reading) -> Result<Policy, Failure> {
    let unknown = || {
        Failure::Usage(format!(
            "--digest: no policy `{name}` is kept in the data directory: give the SHA-256 of one that was proposed or in \
             force, or as much of its beginning as no other has, its name, or its file with --policy"
        ))
    };
    let (_, text) = policies::named(name, Some(reader))?.ok_or_else(unknown)?;
    loaded(&format!("policy {name}"), &text)
}

fn settings(command: &Backtest, reader: &mut dyn Reading) -> Result<Settings, Failure> {
    let (from, to) = period(command.from.as_deref(), command.to.as_deref())?;
    if !(command.loss_cap > 0.0 && command.loss_cap.is_finite()) {
        let what = format!("--loss-cap: {} must be an amount above 0", command.loss_cap);
        return Err(Failure::Usage(what));
    }
    let latest = reader.latest().map_err(|error| cannot_store(&error))?;
    // Where nothing is known, nothing is judged, whenever that is.
    let latest = latest.or(Some(Timestamp::from_micros(0)));
    let maturity = command.outcomes.maturity(latest)?;
    Ok(Settings {
        from,
        to,
        maturity: maturity.ok_or_else(|| Failure::Bug("outcomes have no moment".to_owned()))?,
        loss_cap_cents: command.loss_cap * 100.0,
        unmeasured: command.unmeasured,
        engine: engine(),
        threads: command.threads.count(),
    })
}

/// Every decision that was counted, with both actions.
fn ids(report: &Report) -> String {
    let mut text = "decision_id,recorded,candidate\n".to_owned();
    for ((from, to), cell) in &report.transitions {
        for id in &cell.decisions {
            // Writing into a text never fails.
            writeln!(text, "{id},{},{}", from.name(), to.name()).unwrap_or_default();
        }
    }
    text
}
