//! One look: the latest decisions for drift, and those whose claim window has closed for calibration.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Instant;

use crate::cli::lessons::Policies;
use crate::decision::model::Model;
use crate::domain::units::{Span, Timestamp};
use crate::lab::dataset::{Gathering, Settings as Gather};
use crate::lab::drift::{Period, SignalDrift, compare_to_card};
use crate::lab::evaluate::{HazardFigures, glance};
use crate::lab::labels::Maturity;
use crate::store::engine::Reading;
use crate::store::{self, Filter, Found};

/// Decisions of a page.
const PAGE: usize = 200;
/// The latest decisions that drift is told of.
const LATEST: i64 = 5_000;
/// The latest decisions with a closed claim window that calibration is told of.
const MATURED: i64 = 20_000;
/// So many times as long as a page took, nothing is read.
const REST: u32 = 4;

/// Where to look, and when outcomes count as known.
#[derive(Debug)]
pub(super) struct Looking {
    pub(super) data: PathBuf,
    pub(super) claim_window: Span,
}

/// What was seen.
#[derive(Debug)]
pub(super) struct Sight {
    /// When, by the service's clock.
    pub(super) at: Timestamp,
    /// Decisions looked at whose outcome is known.
    pub(super) matured: u64,
    /// Of them.
    pub(super) hazards: Vec<HazardFigures>,
    /// Orders that drift is told of.
    pub(super) recent: u64,
    /// Of them; empty where the model's card holds no shares.
    pub(super) drift: Vec<SignalDrift>,
}

/// Why a look ended without one.
enum Ended {
    /// The service stops.
    Stopped,
    /// Something is wrong.
    Wrong(String),
}

impl From<store::Error> for Ended {
    fn from(error: store::Error) -> Self {
        Self::Wrong(error.to_string())
    }
}

impl Looking {
    /// Looks once; none where the service stops meanwhile.
    ///
    /// # Errors
    /// What is wrong.
    pub(super) fn look(
        &self,
        model: &Model,
        now: Timestamp,
        stopped: &Receiver<()>,
    ) -> Result<Option<Sight>, String> {
        match self.see(model, now, stopped) {
            Ok(sight) => Ok(Some(sight)),
            Err(Ended::Stopped) => Ok(None),
            Err(Ended::Wrong(what)) => Err(what),
        }
    }

    fn see(&self, model: &Model, now: Timestamp, stopped: &Receiver<()>) -> Result<Sight, Ended> {
        let mut reader = store::look(&store::Settings::new(&self.data))?;
        let reader = reader.as_mut();
        let newest = newest(reader, now)?;
        let mut recent = Period::new(None, None);
        each(reader, newest - LATEST, newest, stopped, |_, found| {
            recent.put(&found.record);
            Ok(())
        })?;
        let closed = closed(reader, newest, now.minus(self.claim_window))?;
        let settings = Gather {
            maturity: Maturity {
                as_of: now,
                claim_window: self.claim_window,
                unheard_shipped: false,
            },
            negatives_max: usize::try_from(MATURED).unwrap_or(usize::MAX),
            seed: 1,
            leave_out_impossible: true,
        };
        let mut gathering = Gathering::new(settings, model.clone());
        let mut policies = Policies::default();
        each(
            reader,
            closed - MATURED,
            closed,
            stopped,
            |reader, found| {
                let policy = policies.of(&found.record.versions.policy, reader);
                let policy = policy.map_err(|failure| Ended::Wrong(format!("{failure:?}")))?;
                let added = gathering.add(&found.record, &found.dossier, &policy);
                added.map_err(|error| Ended::Wrong(error.to_string()))
            },
        )?;
        let dataset = gathering.finish();
        Ok(Sight {
            at: now,
            matured: dataset.tally.mature,
            hazards: glance(&dataset.rows, model),
            recent: recent.seen(),
            drift: compare_to_card(model, &recent),
        })
    }
}

/// The place of the newest decision; 0: there is none.
fn newest(reader: &mut dyn Reading, now: Timestamp) -> Result<i64, Ended> {
    let all = Filter {
        customer: None,
        from: None,
        to: None,
        action: None,
        reason: None,
        state: None,
        now,
    };
    let page = reader.list(&all, None, 1)?;
    Ok(page.found.first().map_or(0, |found| found.seq))
}

/// The place of the last decision from before a time, by halving: decisions are recorded in the order of time.
fn closed(reader: &mut dyn Reading, newest: i64, before: Timestamp) -> Result<i64, Ended> {
    let (mut early, mut late) = (0, newest);
    while early < late {
        let middle = early + (late - early) / 2;
        match reader.scan(middle, 1)?.first() {
            Some(found) if found.record.decided_at < before => early = found.seq,
            _ => late = middle,
        }
    }
    Ok(early)
}

/// Visits the decisions after one place, up to another, with rests in between.
fn each(
    reader: &mut dyn Reading,
    after: i64,
    to: i64,
    stopped: &Receiver<()>,
    mut visit: impl FnMut(&mut dyn Reading, &Found) -> Result<(), Ended>,
) -> Result<(), Ended> {
    let mut after = after.max(0);
    while after < to {
        let began = Instant::now();
        let page = reader.scan(after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        for found in page.iter().filter(|it| it.seq <= to) {
            visit(reader, found)?;
        }
        if stopped.recv_timeout(began.elapsed() * REST) != Err(RecvTimeoutError::Timeout) {
            return Err(Ended::Stopped);
        }
    }
    Ok(())
}
