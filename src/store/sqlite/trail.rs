//! The trail of acts: rows that are only ever added.

use rusqlite::{Connection, params};

use super::load::Loader;
use super::rows::{self, Cells, Fault};
use super::versions;
use crate::decision::lifecycle::Entry;
use crate::decision::record::Version;
use crate::domain::units::Timestamp;
use crate::store::engine::Line;
use crate::store::error::Error;
use crate::store::record::Broken;

#[cfg(test)]
mod tests;

/// Adds an act, and keeps the versions that it names.
pub(super) fn enter(connection: &Connection, line: &Line) -> rusqlite::Result<()> {
    let Line { entry, kind, body } = line;
    let version = versions::keep(connection, *kind, &entry.version, body.as_deref(), entry.at)?;
    let replaced = entry.replaced.as_ref();
    let replaced = replaced.map(|it| versions::keep(connection, *kind, it, None, entry.at));
    let insert = "INSERT INTO trail (at, principal, act, version, replaced, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let values = params![
        entry.at.as_micros(),
        entry.principal,
        entry.act.number(),
        version,
        replaced.transpose()?,
        entry.note
    ];
    connection.prepare_cached(insert)?.execute(values)?;
    Ok(())
}

/// Every act, oldest first, with its place.
pub(super) fn read(loader: &Loader<'_>) -> Result<Vec<(i64, Entry)>, Error> {
    let query = "SELECT t.seq, t.at, t.principal, t.act, t.note, v.name, v.digest, r.name, r.digest \
                 FROM trail t LEFT JOIN version v ON v.id = t.version LEFT JOIN version r ON r.id = t.replaced \
                 ORDER BY t.seq";
    loader.each(query, [], ("act of", "the trail"), |cells| {
        let seq = cells.take()?;
        let at = Timestamp::from_micros(cells.take()?);
        let principal = cells.take()?;
        let act = rows::member(cells.take()?)?;
        let note = cells.take()?;
        let (version, replaced) = (named(cells)?.ok_or(Broken)?, named(cells)?);
        let entry = Entry {
            at,
            principal,
            act,
            version,
            replaced,
            note,
        };
        Ok((seq, entry))
    })
}

/// Name and digest; none where nothing is named.
fn named(cells: &mut Cells<'_>) -> Result<Option<Version>, Fault> {
    let (id, digest) = (
        cells.take::<Option<String>>()?,
        cells.take::<Option<Vec<u8>>>()?,
    );
    let (Some(id), Some(digest)) = (id, digest) else {
        return Ok(None);
    };
    let digest = rows::digest(&digest)?;
    Ok(Some(Version { id, digest }))
}
