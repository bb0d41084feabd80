//! A history as a directory: written whole beside its place, then moved there.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::cli::args::Simulate;
use crate::cli::exit::{self, Failure};
use crate::cli::files::unwritable;
use crate::lab::simulate::history::{FORMAT, Files, History};
use crate::lab::simulate::world::Witness;

/// What says that a directory is a history.
const HISTORY: &str = "history.toml";

/// A history under way; what is not finished is removed again.
#[derive(Debug)]
pub(super) struct Begun {
    history: Option<History<File>>,
    /// Where it is written.
    aside: PathBuf,
    /// Where it will be.
    place: PathBuf,
}

impl Begun {
    /// Begins a history at `place`, which is free, empty, or a history that may be replaced.
    pub(super) fn new(place: &Path, replace: bool) -> Result<Self, Failure> {
        let name = place.display();
        match fs::read_dir(place) {
            Ok(mut entries) => {
                if entries.next().is_some() {
                    let is_history = place.join(HISTORY).is_file();
                    let what = match (is_history, replace) {
                        (true, true) => None,
                        (true, false) => Some("holds a history already: `--replace` replaces it"),
                        (false, _) => Some("is not empty, and no history: name another directory"),
                    };
                    if let Some(what) = what {
                        return Err(Failure::Usage(format!("--out: {name} {what}")));
                    }
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(unwritable(place, &error)),
        }
        let mut aside = place.as_os_str().to_owned();
        aside.push(".unfinished");
        let aside = PathBuf::from(aside);
        let mut begun = Self {
            history: None,
            place: place.to_owned(),
            aside,
        };
        begun.clear()?;
        let truth = begun.aside.join("truth");
        fs::create_dir_all(&truth).map_err(|error| unwritable(&truth, &error))?;
        let new = |path: PathBuf| File::create(&path).map_err(|error| unwritable(&path, &error));
        begun.history = Some(History::new(Files {
            orders: new(begun.aside.join("orders.jsonl"))?,
            events: new(begun.aside.join("events.jsonl"))?,
            verification: new(begun.aside.join("verification.csv"))?,
            truth: new(truth.join("truth.csv"))?,
        }));
        Ok(begun)
    }

    /// Whoever writes it.
    pub(super) fn witness(&mut self) -> &mut impl Witness {
        &mut self.history
    }

    /// Writes the rest, and puts it in its place.
    pub(super) fn finish(mut self, note: &str) -> Result<(), Failure> {
        if let Some(history) = self.history.take() {
            let files = history
                .finish()
                .map_err(|closed| Failure::Unreachable(closed.to_string()))?;
            for file in [files.orders, files.events, files.verification, files.truth] {
                file.sync_all()
                    .map_err(|error| unwritable(&self.aside, &error))?;
            }
        }
        let path = self.aside.join(HISTORY);
        fs::write(&path, note).map_err(|error| unwritable(&path, &error))?;
        if self.place.is_dir() {
            fs::remove_dir_all(&self.place).map_err(|error| unwritable(&self.place, &error))?;
        }
        fs::rename(&self.aside, &self.place).map_err(|error| unwritable(&self.place, &error))
    }

    fn clear(&self) -> Result<(), Failure> {
        match fs::remove_dir_all(&self.aside) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(unwritable(&self.aside, &error)),
        }
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.history = None;
        if let Err(failure) = self.clear() {
            exit::say(format_args!("{} is left behind", self.aside.display()));
            drop(failure);
        }
    }
}

/// What `history.toml` says.
pub(super) fn note(command: &Simulate) -> String {
    let Simulate {
        scenario,
        orders,
        days,
        start,
        seed,
        past,
        ..
    } = command;
    let past = format!("{past:?}").to_lowercase();
    format!(
        "# Made by `doorstep simulate`: nothing in it is real. `truth/` is for judging, never for learning.\nformat = \"{FORMAT}\"\nsource = \"simulated\"\nnote = \"scenario {scenario}, {orders} orders in {days} days from {start}, seed {seed}, verification {past}\"\n"
    )
}
