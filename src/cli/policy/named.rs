//! A policy by whatever names it: a file, a version that the data directory keeps, the one in force, the built-in one.

use std::path::Path;

use crate::cli::args::{Place, Rules};
use crate::cli::config::{self, Setting, Settings};
use crate::cli::exit::{self, Failure};
use crate::cli::files;
use crate::cli::policies;
use crate::cli::running::cannot_store;
use crate::decision::catalogue;
use crate::decision::lifecycle::{Base, Book, Entry};
use crate::decision::policy::{self, Lines, Policy};
use crate::decision::record::Version;
use crate::domain::units::Digest;
use crate::store::{self, VersionBy, VersionKind};

/// The version in force, as far as the data directory knows.
const ACTIVE: &str = "active";

/// The policy of a fresh installation.
const BUILT_IN: &str = "built-in";

/// The fewest digits that can name a version: fewer are likely to be a slip.
const DIGITS_MIN: usize = 4;

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
        let by = match Digest::parse(name) {
            Some(digest) => VersionBy::Digest(digest),
            None => match self.begun(name)? {
                Some(digest) => VersionBy::Digest(digest),
                None => VersionBy::Name(name.to_owned()),
            },
        };
        if let Some((version, text)) = self.kept(&by)? {
            return self.named(format!("{} {}", version.id, version.digest), text);
        }
        let built_in = self.built_in()?;
        let Version { id, digest } = &built_in.version;
        let is_it = match by {
            VersionBy::Digest(wanted) => wanted == *digest,
            VersionBy::Name(wanted) => wanted == *id,
        };
        if is_it {
            Ok(built_in)
        } else {
            Err(self.unknown(name))
        }
    }

    /// The one version that the trail knows whose digest begins so.
    fn begun(&self, name: &str) -> Result<Option<Digest>, Failure> {
        let digits = name.bytes().all(|it| it.is_ascii_hexdigit());
        if !digits || name.len() < DIGITS_MIN || !self.settings.data().exists() {
            return Ok(None);
        }
        let base = Base::BuiltIn(self.built_in()?.version);
        let book = Book::of(base, &self.trail()?);
        let begins = |it: &Digest| it.to_string().starts_with(&name.to_lowercase());
        let all = book.newest().into_iter().map(|it| it.version.digest);
        let found: Vec<Digest> = all.filter(begins).collect();
        match found.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(*one)),
            _ => Err(Failure::Usage(format!(
                "several versions begin with `{name}`"
            ))),
        }
    }

    fn built_in(&self) -> Result<Named, Failure> {
        self.named(format!("{BUILT_IN} policy"), policy::DEFAULT.to_owned())
    }

    /// The version activated last, as the trail says; the built-in one where none was. A server that was started with a
    /// policy file uses that instead, and no trail knows of it.
    fn active(&self) -> Result<Named, Failure> {
        if !self.settings.data().exists() {
            return self.built_in();
        }
        let built_in = self.built_in()?;
        let Some(digest) = policies::activated_last(&built_in.version, &self.trail()?) else {
            return Ok(built_in);
        };
        let kept = self.kept(&VersionBy::Digest(digest))?;
        let (version, text) = kept.ok_or_else(|| {
            let what = format!("the text of {digest}, which is active, is not kept");
            Failure::Unreachable(what)
        })?;
        self.named(format!("{} {}", version.id, version.digest), text)
    }

    /// What was done with which version.
    fn trail(&self) -> Result<Vec<Entry>, Failure> {
        let trail = self.reader()?.trail();
        trail.map_err(|error| cannot_store(&error))
    }

    fn kept(&self, by: &VersionBy) -> Result<Option<(Version, String)>, Failure> {
        if !self.settings.data().exists() {
            return Ok(None);
        }
        let found = self.reader()?.version(VersionKind::Policy, by);
        let found = found.map_err(|error| cannot_store(&error))?;
        Ok(found.and_then(|it| {
            let text = String::from_utf8(it.body?).ok()?;
            Some((it.version, text))
        }))
    }

    fn reader(&self) -> Result<Box<dyn store::engine::Reading>, Failure> {
        let settings = store::Settings::new(self.settings.data());
        store::look(&settings).map_err(|error| cannot_store(&error))
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
