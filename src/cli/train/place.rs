//! Where a scorecard goes: NAME.json, NAME.md and the drawings in NAME/ appear together or not at all.
//!
//! Everything is written beside its place first and then moved, the scorecard last: who watches the folder finds it whole.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::exit::Failure;
use crate::cli::files::unwritable;
use crate::lab::card::Card;

/// A folder and a name in it.
#[derive(Debug)]
pub(super) struct Place {
    folder: PathBuf,
    name: String,
}

impl Place {
    /// Looks whether the place can be used, and makes nothing yet.
    pub(super) fn new(folder: &Path, name: &str) -> Result<Self, Failure> {
        let place = Self {
            folder: folder.to_owned(),
            name: name.to_owned(),
        };
        if folder.exists() && !folder.is_dir() {
            return Err(Failure::Usage(format!(
                "--out: {} is no folder",
                folder.display()
            )));
        }
        let drawings = place.drawings();
        if drawings.exists() && !holds_drawings_only(&drawings) {
            let what = format!(
                "{} holds more than drawings: choose another --name",
                drawings.display()
            );
            return Err(Failure::Usage(what));
        }
        Ok(place)
    }

    /// Puts all files there.
    pub(super) fn put(&self, scorecard: &str, card: &Card) -> Result<(), Failure> {
        fs::create_dir_all(&self.folder).map_err(|error| unwritable(&self.folder, &error))?;
        let beside = self.folder.join(format!(".{}.new", self.name));
        let done = self
            .write(&beside, scorecard, card)
            .and_then(|()| self.swap(&beside));
        // What is left of it is of no use to anybody.
        drop(fs::remove_dir_all(&beside));
        done.map_err(|error| unwritable(&self.folder, &error))
    }

    /// The files, the scorecard first.
    pub(super) fn files(&self) -> [PathBuf; 3] {
        [self.scorecard(), self.text(), self.drawings()]
    }

    fn scorecard(&self) -> PathBuf {
        self.folder.join(format!("{}.json", self.name))
    }

    fn text(&self) -> PathBuf {
        self.folder.join(format!("{}.md", self.name))
    }

    fn drawings(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    fn write(&self, beside: &Path, scorecard: &str, card: &Card) -> std::io::Result<()> {
        if beside.exists() {
            fs::remove_dir_all(beside)?;
        }
        let drawings = beside.join("drawings");
        fs::create_dir_all(&drawings)?;
        fs::write(beside.join("scorecard"), scorecard)?;
        fs::write(beside.join("text"), &card.text)?;
        for (name, drawing) in &card.drawings {
            fs::write(drawings.join(name), drawing)?;
        }
        Ok(())
    }

    fn swap(&self, beside: &Path) -> std::io::Result<()> {
        let (drawings, old) = (self.drawings(), beside.join("old"));
        let had = drawings.exists();
        if had {
            fs::rename(&drawings, &old)?;
        }
        let moved = fs::rename(beside.join("drawings"), &drawings)
            .and_then(|()| fs::rename(beside.join("text"), self.text()))
            .and_then(|()| fs::rename(beside.join("scorecard"), self.scorecard()));
        if moved.is_err() && had {
            drop(fs::remove_dir_all(&drawings));
            fs::rename(&old, &drawings)?;
        }
        moved
    }
}

fn holds_drawings_only(folder: &Path) -> bool {
    let is_drawing = |entry: std::io::Result<fs::DirEntry>| {
        entry.is_ok_and(|it| it.path().extension().is_some_and(|end| end == "svg"))
    };
    fs::read_dir(folder).is_ok_and(|mut all| all.all(is_drawing))
}
