//! A policy by whatever names it: a file, a version that the data directory keeps, the one in force, the built-in one.

use std::path::Path;

use crate::cli::args::{Place, Rules};
use crate::cli::config::{self, Setting, Settings};
use crate::cli::exit::{self, Failure};
use crate::cli::files;
use crate::cli::policies;
use crate::cli::running::cannot_store;
use crate::decision::catalogue;
use crate::decision::policy::{self, Lines, Policy};
use crate::decision::record::Version;
use crate::store;
use crate::store::engine::Reading;

/// The version in force, as far as the data directory knows.
const ACTIVE: &str = "active";

/// The policy of a fresh installation.
const BUILT_IN: &str = "built-in";

/// A policy that was found and is good.
pub(super) struct Named {
    /// The file, or the name and where it was found.
    pub(super) name: String,
    pub(super) version: Version,
    pub(super) text: String,
    pub(super) lines: Lines,
}

/// Where to look, and in which currency amounts are.
pub(super) struct Shelf {
    settings: Settings,
    currency: String,
}

impl Shelf {
    /// Reads the settings, and the base currency from the catalogue.
    ///
    /// # Errors
    /// As [`Settings::read`]; [`Failure::BadFile`] for a catalogue that is none.
    pub(super) fn open(place: &Place, catalogue: Option<&str>) -> Result<Self, Failure> {
        let rules = Rules {
            catalogue: catalogue.map(str::to_owned),
            ..Rules::default()
        };
        let flags = config::flags(place, Some(&rules), None);
        let settings = Settings::read(place.config.as_deref(), flags)?;
        let path = settings.path(Setting::Catalogue);
        let (name, text) = match &path {
            None => ("built-in catalogue".into(), catalogue::DEFAULT.to_owned()),
            Some(path) => (path.display().to_string(), read(path)?),
        };
        let facts = catalogue::load(&text).map_err(|it| Failure::problems(name, &it))?;
        let currency = facts.base.to_string();
        Ok(Self { settings, currency })
    }

    /// The policy of this name: a file where there is one, else `active`, `built-in`, an id or a digest.
    ///
    /// # Errors
    /// [`Failure::BadFile`] for a file that is no policy, [`Failure::Usage`] for a name that nothing has,
    /// [`Failure::Unreachable`] for a data directory that cannot be read.
    pub(super) fn find(&self, name: &str) -> Result<Named, Failure> {
        let path = Path::new(name);
        if path.is_file() {
            return self.named(name.to_owned(), read(path)?);
        }
        match name {
            BUILT_IN => self.built_in(),
            ACTIVE => self.active(),
            _ => self.version(name),
        }
    }

    /// A version by its id, its digest or as much of its beginning as no other version has.
    fn version(&self, name: &str) -> Result<Named, Failure> {
        let mut reader = self.reader()?;
        let told = policies::named(name, reader.as_deref_mut())?;
        let (version, text) = told.ok_or_else(|| self.unknown(name))?;
        let of = if text == policy::DEFAULT {
            format!("{BUILT_IN} policy")
        } else {
            format!("{} {}", version.id, version.digest)
        };
        self.named(of, text)
    }

    fn built_in(&self) -> Result<Named, Failure> {
        self.named(format!("{BUILT_IN} policy"), policy::DEFAULT.to_owned())
    }

    /// The version activated last, as the trail says; the built-in one where none was. A server that was started with a
    /// policy file uses that instead, and no trail knows of it.
    fn active(&self) -> Result<Named, Failure> {
        let built_in = self.built_in()?;
        let Some(mut reader) = self.reader()? else {
            exit::say(format_args!(
                "there is no data directory {}: `{ACTIVE}` is the policy that is built in",
                self.settings.data().display()
            ));
            return Ok(built_in);
        };
        let trail = reader.trail().map_err(|error| cannot_store(&error))?;
        let Some(digest) = policies::activated_last(&built_in.version, &trail) else {
            return Ok(built_in);
        };
        let kept = policies::named(&digest.to_string(), Some(reader.as_mut()))?;
        let (version, text) = kept.ok_or_else(|| {
            let what = format!("the text of {digest}, which is active, is not kept");
            Failure::Unreachable(what)
        })?;
        self.named(format!("{} {}", version.id, version.digest), text)
    }

    /// The data directory, where there is one.
    fn reader(&self) -> Result<Option<Box<dyn Reading>>, Failure> {
        if !self.settings.data().exists() {
            return Ok(None);
        }
        let settings = store::Settings::new(self.settings.data());
        let reader = store::look(&settings).map_err(|error| cannot_store(&error))?;
        Ok(Some(reader))
    }

    fn unknown(&self, name: &str) -> Failure {
        let data = self.settings.data();
        Failure::Usage(format!(
            "`{name}` is no file, and {} keeps no policy of this id or digest: name a file, `{ACTIVE}`, \
             `{BUILT_IN}`, an id or a digest",
            data.display()
        ))
    }

    fn named(&self, name: String, text: String) -> Result<Named, Failure> {
        let bad = |problems: Vec<_>| Failure::BadFile(exit::lines_of(&name, &problems));
        let version = Policy::load(&text).map_err(bad)?.version;
        let lines = Policy::lines(&text, &self.currency).map_err(bad)?;
        Ok(Named {
            name,
            version,
            text,
            lines,
        })
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    files::text_of(path).map_err(|error| Failure::bad_file(path.display(), error))
}
