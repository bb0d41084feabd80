//! Policy, model and catalogue as files: read, loaded whole or refused whole, and put together into
//! what is in force. Where no file is named, what is built in.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::config::{Setting, Settings};
use super::exit::{self, Failure};
use crate::decision::catalogue;
use crate::decision::model::{self, Model};
use crate::decision::policy::{self, Policy};
use crate::decision::problem::Problem;
use crate::decision::record::Version;
use crate::decision::release::Release;
use crate::domain::units::{Digest, Timestamp};
use crate::service::release::InForce;
use crate::service::shelf::Shelf;
use crate::store::{StoredVersion, VersionKind};

/// Larger files are no policy and no scorecard.
const BYTES_MAX: u64 = 64 << 20;

/// Which of the three files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    /// The fraud team's choices.
    Policy,
    /// The shop's facts.
    Catalogue,
    /// How probable each hazard is.
    Model,
}

impl What {
    /// Its name in log and metrics.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Catalogue => "catalogue",
            Self::Model => "model",
        }
    }
}

/// One of the three as text.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// Which.
    pub(crate) what: What,
    /// The file; none: built in.
    pub(crate) path: Option<PathBuf>,
    /// The text as it is now.
    pub(crate) text: String,
}

impl Source {
    /// A policy that was activated, as the store keeps it.
    pub(crate) const fn activated(text: String) -> Self {
        Self {
            what: What::Policy,
            path: None,
            text,
        }
    }

    /// The file's name, or `built-in policy`.
    pub(crate) fn name(&self) -> String {
        self.path.as_ref().map_or_else(
            || format!("built-in {}", self.what.name()),
            |path| path.display().to_string(),
        )
    }

    /// Reads the file again, if it is one.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(crate) fn read_again(&self) -> Result<Self, String> {
        let mut source = self.clone();
        if let Some(path) = &self.path {
            source.text = text_of(path)?;
        }
        Ok(source)
    }
}

/// The text of a file that is not too large.
///
/// # Errors
/// Why it cannot be read.
pub(crate) fn text_of(path: &Path) -> Result<String, String> {
    let bytes = bytes_of(path)?;
    String::from_utf8(bytes).map_err(|error| format!("cannot be read: {error}"))
}

/// The content of a file that is not too large.
///
/// # Errors
/// Why it cannot be read.
pub(crate) fn bytes_of(path: &Path) -> Result<Vec<u8>, String> {
    let size = std::fs::metadata(path).map_err(|error| format!("cannot be read: {error}"))?;
    if size.len() > BYTES_MAX {
        return Err(format!("is larger than {BYTES_MAX} bytes"));
    }
    std::fs::read(path).map_err(|error| format!("cannot be read: {error}"))
}

/// Writes a file beside its place and moves it there: whoever reads it finds the old one or the new one, whole.
///
/// # Errors
/// [`Failure::Unreachable`] where it cannot be written; then nothing is left of the new one.
pub(crate) fn put(file: &Path, text: &str) -> Result<(), Failure> {
    let no_name = || unwritable(file, &"must name a file");
    let name = file.file_name().ok_or_else(no_name)?;
    let mut beside = std::ffi::OsString::from(".");
    beside.push(name);
    beside.push(".new");
    let beside = file.with_file_name(beside);
    let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, file));
    written.map_err(|error| {
        // What is left of it is of no use to anybody.
        drop(std::fs::remove_file(&beside));
        unwritable(file, &error)
    })
}

/// A file or directory that cannot be written.
pub(crate) fn unwritable(place: &Path, why: &dyn std::fmt::Display) -> Failure {
    Failure::Unreachable(format!("{}: cannot be written: {why}", place.display()))
}

/// The three that the settings name.
#[derive(Clone, Debug)]
pub(crate) struct Sources([Source; 3]);

impl Sources {
    /// Reads them.
    ///
    /// # Errors
    /// [`Failure::BadFile`] with every file that cannot be read.
    pub(crate) fn read(settings: &Settings) -> Result<Self, Failure> {
        let named = settings.text(Setting::Model);
        let (file, built_in) = match settings.path(Setting::Models) {
            Some(folder) => (Some(folder.join(format!("{named}.json"))), ""),
            None => (None, built_in_model(named)?),
        };
        let source = |what, path, built_in: &str| Source {
            what,
            path,
            text: built_in.to_owned(),
        };
        let mut sources = [
            source(
                What::Policy,
                settings.path(Setting::Policy),
                policy::DEFAULT,
            ),
            source(
                What::Catalogue,
                settings.path(Setting::Catalogue),
                catalogue::DEFAULT,
            ),
            source(What::Model, file, built_in),
        ];
        let mut wrong = Vec::new();
        for source in &mut sources {
            match source.read_again() {
                Ok(read) => *source = read,
                Err(what) => wrong.push(format!("{}: {what}", source.name())),
            }
        }
        if wrong.is_empty() {
            Ok(Self(sources))
        } else {
            Err(Failure::BadFile(wrong))
        }
    }

    /// Each of the three.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Source> {
        self.0.iter()
    }

    /// The same with one exchanged.
    #[must_use]
    pub(crate) fn with(&self, source: Source) -> Self {
        let mut sources = self.clone();
        for place in &mut sources.0 {
            if place.what == source.what {
                *place = source.clone();
            }
        }
        sources
    }

    /// Whether the policy is a file, which then is the authority.
    pub(crate) fn policy_is_file(&self) -> bool {
        let [policy, _, _] = &self.0;
        policy.path.is_some()
    }

    /// Loads all three.
    ///
    /// # Errors
    /// [`Failure::BadFile`] with every problem of all three.
    pub(crate) fn load(&self) -> Result<Loaded, Failure> {
        let mut wrong = Vec::new();
        let [choices, facts, model] = &self.0;
        let choices = loaded(choices, Policy::load, &mut wrong);
        let facts = loaded(facts, catalogue::load, &mut wrong);
        let model = loaded(model, Model::load, &mut wrong);
        let (Some(choices), Some(facts), Some(model)) = (choices, facts, model) else {
            return Err(Failure::BadFile(wrong));
        };
        let catalogue = Version {
            id: facts.id.clone(),
            digest: facts.digest,
        };
        let release = Release {
            policy: Arc::new(choices),
            model: Arc::new(model),
            catalogue,
            engine: engine(),
        };
        Ok(Loaded {
            in_force: InForce::new(release, Arc::new(facts)),
            sources: self.clone(),
        })
    }
}

/// The text of a scorecard that is built in.
///
/// # Errors
/// [`Failure::Usage`] with the names that are.
pub(crate) fn built_in_model(name: &str) -> Result<&'static str, Failure> {
    model::built_in(name).ok_or_else(|| {
        let known: Vec<_> = model::BUILT_IN
            .iter()
            .map(|(name, _)| format!("`{name}`"))
            .collect();
        let what = format!(
            "no scorecard `{name}` is built in, only {}: name its directory with --models",
            known.join(" and ")
        );
        Failure::Usage(what)
    })
}

/// Scorecards by name, from the folder that the settings name or of those that are built in: read when asked for.
pub(crate) fn shelf(settings: &Settings) -> Shelf {
    let Some(folder) = settings.path(Setting::Models) else {
        return Shelf::default();
    };
    Shelf::new(move |name| {
        // A name, and no way out of the folder.
        let plain = |it: u8| it.is_ascii_alphanumeric() || b"._-".contains(&it);
        if name.is_empty() || name.starts_with('.') || !name.bytes().all(plain) {
            return Err("a scorecard's name is of A-Z a-z 0-9 . _ -".to_owned());
        }
        let path = folder.join(format!("{name}.json"));
        text_of(&path).map_err(|what| format!("{name}.json in the folder of scorecards {what}"))
    })
}

fn loaded<T>(
    source: &Source,
    load: impl Fn(&str) -> Result<T, Vec<Problem>>,
    wrong: &mut Vec<String>,
) -> Option<T> {
    load(&source.text)
        .map_err(|problems| wrong.extend(exit::lines_of(source.name(), &problems)))
        .ok()
}

/// This program, as records name it.
pub(crate) fn engine() -> Version {
    let id = env!("CARGO_PKG_VERSION");
    Version {
        id: id.to_owned(),
        digest: Digest::of(format!("doorstep {id}").as_bytes()),
    }
}

/// All three, loaded.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    /// What is in force with them.
    pub(crate) in_force: InForce,
    /// Where they came from.
    pub(crate) sources: Sources,
}

impl Loaded {
    /// What the store keeps of them, so that decisions can be judged again when the files are gone.
    pub(crate) fn versions(&self, now: Timestamp) -> Vec<StoredVersion> {
        let versions = &self.in_force.versions;
        let kept = |kind, version: &Version, body: Option<&str>| StoredVersion {
            kind,
            version: version.clone(),
            body: body.map(|text| text.as_bytes().to_vec()),
            first_used_at: now,
        };
        let [policy, catalogue, model] = &self.sources.0;
        vec![
            kept(VersionKind::Policy, &versions.policy, Some(&policy.text)),
            kept(
                VersionKind::Catalogue,
                &versions.catalogue,
                Some(&catalogue.text),
            ),
            kept(VersionKind::Model, &versions.model, Some(&model.text)),
            kept(VersionKind::Engine, &versions.engine, None),
        ]
    }
}
