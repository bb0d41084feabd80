//! How far an import came: a small file in the data directory, replaced as a whole. It may lag behind; what is played
//! again adds nothing.

use std::path::{Path, PathBuf};

use crate::cli::exit::Failure;
use crate::cli::files;
use crate::cli::history::History;

/// The file's name.
const NAME: &str = "import.json";
/// Its format.
const FORMAT: &str = "doorstep/import/1";

/// Where it is, and of which history it speaks.
#[derive(Debug)]
pub(super) struct Mark {
    path: PathBuf,
    history: String,
    all: u64,
}

impl Mark {
    pub(super) fn new(data: &Path, history: &History) -> Self {
        Self {
            path: data.join(NAME),
            history: history.digest().to_string(),
            all: history.len(),
        }
    }

    /// How many pieces of this very history were played; 0 where none is known to be.
    pub(super) fn read(data: &Path, history: &History) -> u64 {
        let mark = Self::new(data, history);
        let text = std::fs::read(&mark.path).unwrap_or_default();
        let read: serde_json::Value = serde_json::from_slice(&text).unwrap_or_default();
        let is_ours = read["format"] == FORMAT && read["history"] == mark.history.as_str();
        let done = read["done"]
            .as_u64()
            .filter(|it| is_ours && *it <= mark.all);
        done.unwrap_or(0)
    }

    /// Notes how many are played.
    ///
    /// # Errors
    /// [`Failure::Unreachable`] where it cannot be written.
    pub(super) fn note(&self, done: u64) -> Result<(), Failure> {
        let text = serde_json::json!({
            "format": FORMAT,
            "history": self.history,
            "done": done,
            "of": self.all,
        });
        files::put(&self.path, &format!("{text}\n"))
    }
}
