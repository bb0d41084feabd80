//! Which policy is in force at the start: the file that was named, else the one activated last, else what is built in; and
//! which one is meant by a name or a digest.

use super::exit::{self, Failure};
use super::files::{Loaded, Source};
use super::running::cannot_store;
use crate::decision::lifecycle::{Base, Book, Entry};
use crate::decision::policy::{self, Policy};
use crate::decision::record::Version;
use crate::domain::units::Digest;
use crate::service::policies::Authority;
use crate::store::engine::Reading;
use crate::store::{Store, StoredVersion, VersionBy, VersionKind};

/// The fewest digits that can name a version: fewer are likely to be a slip.
pub(super) const DIGITS_MIN: usize = 4;

/// Who says which policy is in force, and `loaded` with that policy.
///
/// # Errors
/// [`Failure::BadFile`] where the policy activated last does not load with this release, [`Failure::Unreachable`] where
/// the store does not answer or has lost it.
pub(super) async fn in_force(
    store: &Store,
    loaded: Loaded,
) -> Result<(Authority, Loaded), Failure> {
    if loaded.sources.policy_is_file() {
        return Ok((Authority::File, loaded));
    }
    let authority = Authority::Acts(loaded.in_force.versions.policy.clone());
    let trail = store.trail().await.map_err(|error| cannot_store(&error))?;
    let Some(digest) = activated_last(&loaded.in_force.versions.policy, &trail) else {
        return Ok((authority, loaded));
    };
    let by = VersionBy::Digest(digest);
    let kept = store.version(VersionKind::Policy, by).await;
    let kept = kept.map_err(|error| cannot_store(&error))?;
    Ok((authority, with(&loaded, digest, kept)?))
}

/// `loaded` with the policy that a service of this data directory would have in force, for a command that only reads.
///
/// # Errors
/// As [`in_force`].
pub(super) fn as_served(reader: &mut dyn Reading, loaded: Loaded) -> Result<Loaded, Failure> {
    if loaded.sources.policy_is_file() {
        return Ok(loaded);
    }
    let trail = reader.trail().map_err(|error| cannot_store(&error))?;
    let Some(digest) = activated_last(&loaded.in_force.versions.policy, &trail) else {
        return Ok(loaded);
    };
    let kept = reader.version(VersionKind::Policy, &VersionBy::Digest(digest));
    let kept = kept.map_err(|error| cannot_store(&error))?;
    with(&loaded, digest, kept)
}

/// The policy activated last, where it is not the one built in.
pub(super) fn activated_last(built_in: &Version, trail: &[Entry]) -> Option<Digest> {
    let book = Book::of(Base::BuiltIn(built_in.clone()), trail);
    let active = book.active().filter(|active| *active != built_in)?;
    Some(active.digest)
}

/// The policy of this id, this digest, or as much of a digest's beginning as no other version has: one that is kept, with
/// its text, or the one built in. Without a data directory, `reader` is none.
///
/// # Errors
/// [`Failure::Usage`] for a beginning that several have, [`Failure::Unreachable`] where the store does not answer.
pub(super) fn named(
    name: &str,
    mut reader: Option<&mut (dyn Reading + '_)>,
) -> Result<Option<(Version, String)>, Failure> {
    let built_in = built_in()?;
    let whole = Digest::parse(name);
    let digest = match (whole, reader.as_deref_mut()) {
        (None, Some(reader)) => begun(name, &built_in, reader)?,
        (whole, _) => whole,
    };
    let by = digest.map_or_else(|| VersionBy::Name(name.to_owned()), VersionBy::Digest);
    if let Some(reader) = reader {
        let kept = reader.version(VersionKind::Policy, &by);
        let kept = kept.map_err(|error| cannot_store(&error))?;
        let told = kept.and_then(|it| Some((it.version, String::from_utf8(it.body?).ok()?)));
        if told.is_some() {
            return Ok(told);
        }
    }
    let is_it = match by {
        VersionBy::Digest(wanted) => wanted == built_in.digest,
        VersionBy::Name(wanted) => wanted == built_in.id,
    };
    Ok(is_it.then(|| (built_in, policy::DEFAULT.to_owned())))
}

/// The policy of a fresh installation.
fn built_in() -> Result<Version, Failure> {
    let loaded = Policy::load(policy::DEFAULT);
    let loaded = loaded.map_err(|it| Failure::problems("built-in policy", &it))?;
    Ok(loaded.version)
}

/// The one version that the trail knows whose digest begins so.
fn begun(
    name: &str,
    built_in: &Version,
    reader: &mut dyn Reading,
) -> Result<Option<Digest>, Failure> {
    let Some(digits) = digits(name) else {
        return Ok(None);
    };
    let trail = reader.trail().map_err(|error| cannot_store(&error))?;
    let book = Book::of(Base::BuiltIn(built_in.clone()), &trail);
    let all = book.newest().into_iter().map(|it| &it.version);
    let all = all.map(|it| (it.digest.to_string(), format!("{} {}", it.id, it.digest)));
    let meant = meant(&digits, all)?;
    Ok(meant.and_then(|digest| Digest::parse(&digest)))
}

/// The beginning of a digest, where a name can be one.
pub(super) fn digits(name: &str) -> Option<String> {
    let digits = name.bytes().all(|it| it.is_ascii_hexdigit());
    (digits && name.len() >= DIGITS_MIN).then(|| name.to_ascii_lowercase())
}

/// The digest that begins so, of versions given as their digest and how they are told; none: none does.
///
/// # Errors
/// [`Failure::Usage`] where several do.
pub(super) fn meant(
    digits: &str,
    all: impl Iterator<Item = (String, String)>,
) -> Result<Option<String>, Failure> {
    let mut found: Vec<_> = all
        .filter(|(digest, _)| digest.starts_with(digits))
        .collect();
    if found.len() < 2 {
        return Ok(found.pop().map(|(digest, _)| digest));
    }
    let names: Vec<String> = found.into_iter().map(|(_, name)| name).collect();
    Err(Failure::Usage(format!(
        "the digests of several policies begin with `{digits}`, {}: name more digits",
        names.join(", ")
    )))
}

fn with(loaded: &Loaded, digest: Digest, kept: Option<StoredVersion>) -> Result<Loaded, Failure> {
    let name = format!("policy {digest}, which was activated last");
    let text = kept.and_then(|kept| String::from_utf8(kept.body?).ok());
    let text = text.ok_or_else(|| Failure::Unreachable(format!("the text of {name}, is lost")))?;
    if let Err(problems) = Policy::load(&text) {
        let mut lines = exit::lines_of(&name, &problems);
        lines.push(format!(
            "{name}, does not load with this release: start with --policy FILE"
        ));
        return Err(Failure::BadFile(lines));
    }
    loaded.sources.with(Source::activated(text)).load()
}
