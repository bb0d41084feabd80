//! Which policy is in force at the start: the file that was named, else the one activated last, else what is built in.

use super::exit::{self, Failure};
use super::files::{Loaded, Source};
use super::running::cannot_store;
use crate::decision::lifecycle::{Base, Book, Entry};
use crate::decision::policy::Policy;
use crate::decision::record::Version;
use crate::domain::units::Digest;
use crate::service::policies::Authority;
use crate::store::engine::Reading;
use crate::store::{Store, StoredVersion, VersionBy, VersionKind};

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
