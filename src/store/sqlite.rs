//! SQLite: the embedded engine. One file in the data directory, opened and backed up by every tool.

use std::fs::File;

use super::Settings;
use super::engine::{Reading, Writing};
use super::error::Error;

/// Holds the data directory against other processes.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "dropped, not read")] File);

/// An open database.
pub(super) struct Opened {
    pub(super) lock: Lock,
    pub(super) writer: Box<dyn Writing>,
    pub(super) readers: Vec<Box<dyn Reading>>,
}

/// Opens the database in the data directory.
pub(super) fn open(settings: &Settings) -> Result<Opened, Error> {
    let _ = settings;
    Err(Error::Closed)
}
