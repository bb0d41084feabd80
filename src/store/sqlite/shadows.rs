//! Shadows: who started which, what each said of which decision, and what that comes to.

use std::collections::{BTreeMap, VecDeque};

use rusqlite::{Connection, OptionalExtension as _, params};

use super::load::Loader;
use super::rows::{self, Cells, Fault};
use super::{failed, trail};
use crate::decision::lifecycle::{Act, Entry};
use crate::decision::record::Version;
use crate::decision::shadow::{Said, Shadow, ShadowId, Stopped, Swap};
use crate::domain::ids::DecisionId;
use crate::domain::units::Timestamp;
use crate::store::engine::{Line, VersionKind};
use crate::store::error::Error;
use crate::store::record::Broken;
use crate::store::shadow::{Judged, Kept, Moved, NewShadow, RUNNING_MAX, Totals, Transition};

/// Starts a shadow, unless as many run as may; an act of the trail.
pub(super) fn start(connection: &Connection, new: &NewShadow) -> rusqlite::Result<Option<Shadow>> {
    let running = "SELECT COUNT(*) FROM shadow WHERE stopped IS NULL AND until_at > ?1";
    let running: i64 = connection.query_row(running, [new.now.as_micros()], |row| row.get(0))?;
    if usize::try_from(running).is_ok_and(|it| it >= RUNNING_MAX) {
        return Ok(None);
    }
    let who = (new.principal.as_str(), new.note.as_str());
    let (started, started_at) = entered(connection, Act::StartShadow, &new.swap, new.now, who)?;
    let insert = "INSERT INTO shadow (started, until_at) VALUES (?1, ?2) RETURNING number";
    let values = params![started, new.until_at.as_micros()];
    let number = connection.query_row(insert, values, |row| row.get(0))?;
    Ok(ShadowId::of(number).map(|id| Shadow {
        id,
        swap: new.swap.clone(),
        started_at,
        until_at: new.until_at,
        principal: new.principal.clone(),
        note: new.note.clone(),
        stopped: None,
    }))
}

/// Ends a shadow that runs; an act of the trail.
pub(super) fn stop(
    loader: &Loader<'_>,
    id: ShadowId,
    stopped: &Stopped,
) -> Result<Option<Kept>, Error> {
    let connection = loader.connection;
    let kept = all(loader)?.into_iter().find(|it| it.shadow.id == id);
    let Some(mut kept) = kept.filter(|it| it.shadow.ends_at() > stopped.at) else {
        return Ok(None);
    };
    let end = || -> rusqlite::Result<Timestamp> {
        let who = (stopped.principal.as_str(), stopped.note.as_str());
        let (act, swap) = (Act::StopShadow, &kept.shadow.swap);
        let (seq, at) = entered(connection, act, swap, stopped.at, who)?;
        let update = "UPDATE shadow SET stopped = ?2 WHERE number = ?1";
        connection.execute(update, params![id.number(), seq])?;
        Ok(at)
    };
    let at = end().map_err(|fault| failed(fault, loader.path))?;
    let stopped = stopped.clone();
    kept.shadow.stopped = Some(Stopped { at, ..stopped });
    Ok(Some(kept))
}

/// Adds an act to the trail, no earlier than the one before it; gives its place and time.
fn entered(
    connection: &Connection,
    act: Act,
    swap: &Swap,
    now: Timestamp,
    (principal, note): (&str, &str),
) -> rusqlite::Result<(i64, Timestamp)> {
    let last = "SELECT MAX(at) FROM trail";
    let last: Option<i64> = connection.query_row(last, [], |row| row.get(0))?;
    let at = last.map_or(now, |last| now.max(Timestamp::from_micros(last)));
    let line = Line {
        entry: Entry {
            at,
            principal: principal.to_owned(),
            act,
            version: swap.version().clone(),
            replaced: None,
            note: note.to_owned(),
        },
        kind: match swap {
            Swap::Policy(_) => VersionKind::Policy,
            Swap::Model(_) => VersionKind::Model,
        },
        // It is kept with its text already.
        body: None,
    };
    trail::enter(connection, &line)?;
    Ok((connection.last_insert_rowid(), at))
}

/// Writes what shadows said, in the transaction that is open.
pub(super) fn keep(connection: &Connection, judged: &Judged) -> rusqlite::Result<()> {
    let place = "SELECT seq FROM decision WHERE decision_id = ?1";
    let mut place = connection.prepare_cached(place)?;
    let say = "INSERT INTO shadow_decision (seq, shadow, action) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    let mut say = connection.prepare_cached(say)?;
    for (decision, said) in &judged.said {
        let seq: Option<i64> = place
            .query_row([decision.as_str()], |row| row.get(0))
            .optional()?;
        // A decision that is not there was never committed: nothing is said of it.
        let Some(seq) = seq else { continue };
        for (shadow, action) in said {
            say.execute(params![seq, shadow.number(), action.number()])?;
        }
    }
    let count = "INSERT INTO shadow_transition (shadow, live, action, decisions, value_minor, newest) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (shadow, live, action) DO UPDATE SET \
                 decisions = excluded.decisions, value_minor = excluded.value_minor, newest = excluded.newest";
    let mut count = connection.prepare_cached(count)?;
    for (shadow, (live, action), moved) in &judged.moved {
        let newest: Vec<_> = moved.newest.iter().map(DecisionId::as_str).collect();
        count.execute(params![
            shadow.number(),
            live.number(),
            action.number(),
            i64::try_from(moved.decisions).unwrap_or(i64::MAX),
            moved.value_cents,
            newest.join(" "),
        ])?;
    }
    let fail = "UPDATE shadow SET failed = ?2 WHERE number = ?1";
    let mut fail = connection.prepare_cached(fail)?;
    for (shadow, failed) in &judged.failed {
        fail.execute(params![
            shadow.number(),
            i64::try_from(*failed).unwrap_or(i64::MAX)
        ])?;
    }
    Ok(())
}

/// All shadows, by their numbers.
pub(super) fn all(loader: &Loader<'_>) -> Result<Vec<Kept>, Error> {
    let query =
        "SELECT shadow, live, action, decisions, value_minor, newest FROM shadow_transition";
    let moved = loader.each(query, [], ("transition", "of a shadow"), transition)?;
    let query = "SELECT s.number, v.kind, v.name, v.digest, b.at, s.until_at, b.principal, b.note, \
                 e.at, e.principal, e.note, s.failed \
                 FROM shadow s JOIN trail b ON b.seq = s.started JOIN version v ON v.id = b.version \
                 LEFT JOIN trail e ON e.seq = s.stopped ORDER BY s.number";
    let mut kept = loader.each(query, [], ("shadow", "of all"), |cells| {
        Ok(Kept {
            shadow: shadow(cells)?,
            totals: Totals {
                moved: BTreeMap::new(),
                failed: cells.take::<i64>()?.try_into().or(Err(Broken))?,
            },
        })
    })?;
    for (id, transition, moved) in moved {
        if let Some(kept) = kept.iter_mut().find(|it| it.shadow.id == id) {
            kept.totals.moved.insert(transition, moved);
        }
    }
    Ok(kept)
}

/// What shadows said of decisions.
pub(super) fn said(
    loader: &Loader<'_>,
    of: &[DecisionId],
) -> Result<BTreeMap<DecisionId, Vec<Said>>, Error> {
    let query = "SELECT s.shadow, v.kind, v.name, v.digest, s.action \
                 FROM decision d JOIN shadow_decision s ON s.seq = d.seq \
                 JOIN shadow w ON w.number = s.shadow JOIN trail t ON t.seq = w.started \
                 JOIN version v ON v.id = t.version \
                 WHERE d.decision_id = ?1 ORDER BY s.shadow";
    let mut all = BTreeMap::new();
    for decision in of {
        let what = ("shadows of", decision.as_str());
        let said = loader.each(query, [decision.as_str()], what, |cells| {
            Ok(Said {
                shadow: id(cells)?,
                swap: swap(cells)?,
                action: rows::member(cells.take()?)?,
            })
        })?;
        if !said.is_empty() {
            all.insert(decision.clone(), said);
        }
    }
    Ok(all)
}

fn id(cells: &mut Cells<'_>) -> Result<ShadowId, Fault> {
    Ok(ShadowId::of(cells.take()?).ok_or(Broken)?)
}

fn swap(cells: &mut Cells<'_>) -> Result<Swap, Fault> {
    let kind: String = cells.take()?;
    let version = Version {
        id: cells.take()?,
        digest: rows::digest(&cells.take::<Vec<u8>>()?)?,
    };
    match VersionKind::from_name(&kind) {
        Some(VersionKind::Policy) => Ok(Swap::Policy(version)),
        Some(VersionKind::Model) => Ok(Swap::Model(version)),
        Some(VersionKind::Catalogue | VersionKind::Engine) | None => Err(Fault::Broken),
    }
}

/// Reads a shadow up to its stopping.
fn shadow(cells: &mut Cells<'_>) -> Result<Shadow, Fault> {
    let (id, swap) = (id(cells)?, swap(cells)?);
    let mut shadow = Shadow {
        id,
        swap,
        started_at: Timestamp::from_micros(cells.take()?),
        until_at: Timestamp::from_micros(cells.take()?),
        principal: cells.take()?,
        note: cells.take()?,
        stopped: None,
    };
    let at: Option<i64> = cells.take()?;
    let principal: Option<String> = cells.take()?;
    let note: Option<String> = cells.take()?;
    if let Some(at) = at {
        shadow.stopped = Some(Stopped {
            at: Timestamp::from_micros(at),
            principal: principal.ok_or(Broken)?,
            note: note.ok_or(Broken)?,
        });
    }
    Ok(shadow)
}

fn transition(cells: &mut Cells<'_>) -> Result<(ShadowId, Transition, Moved), Fault> {
    let id = id(cells)?;
    let transition = (rows::member(cells.take()?)?, rows::member(cells.take()?)?);
    let decisions = cells.take::<i64>()?.try_into().or(Err(Broken))?;
    let value_cents = cells.take()?;
    let newest: String = cells.take()?;
    let newest = newest.split_whitespace().map(DecisionId::try_new);
    let moved = Moved {
        decisions,
        value_cents,
        newest: newest.collect::<Result<VecDeque<_>, _>>().or(Err(Broken))?,
    };
    Ok((id, transition, moved))
}
