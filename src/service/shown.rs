//! A decision as somebody may see it: the record, and where it stands now.

use std::sync::Arc;

use crate::decision::record::Record;
use crate::decision::shadow::Said;
use crate::domain::action::DecisionState;
use crate::domain::dossier::Dossier;
use crate::domain::units::Timestamp;

/// A record with its standing.
#[derive(Clone, Debug)]
pub struct Shown {
    /// As it is kept.
    pub record: Arc<Record>,
    /// Where it stands; none for a preview, which stands nowhere.
    pub state: Option<DecisionState>,
    /// Until when the answer holds; a cart that was placed holds longer than decided.
    pub valid_until: Timestamp,
    /// It was recorded by an earlier call.
    pub already_recorded: bool,
    /// What shadows said of it, where that was asked for; never a part of the record.
    pub said: Vec<Said>,
}

impl Shown {
    /// A record as it stands at `now`, by its order's dossier.
    #[must_use]
    pub fn of(
        record: Arc<Record>,
        dossier: &Dossier,
        now: Timestamp,
        already_recorded: bool,
    ) -> Self {
        let valid_until = dossier.valid_until(record.revision, record.valid_until);
        let state = Some(dossier.state(record.revision, valid_until, now));
        Self {
            record,
            state,
            valid_until,
            already_recorded,
            said: Vec::new(),
        }
    }

    /// A preview.
    #[must_use]
    pub fn preview(record: Record) -> Self {
        let valid_until = record.valid_until;
        Self {
            record: Arc::new(record),
            state: None,
            valid_until,
            already_recorded: false,
            said: Vec::new(),
        }
    }
}
