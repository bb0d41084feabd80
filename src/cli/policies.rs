//! Which policy is in force at the start: the file that was named, else the one activated last, else what is built in.

use super::exit::{self, Failure};
use super::files::{Loaded, Source};
use super::running::cannot_store;
use crate::decision::lifecycle::{Base, Book};
use crate::decision::policy::Policy;
use crate::service::policies::Authority;
use crate::store::{Store, VersionBy, VersionKind};

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
    let built_in = loaded.in_force.versions.policy.clone();
    let authority = Authority::Acts(built_in.clone());
    let trail = store.trail().await.map_err(|error| cannot_store(&error))?;
    let book = Book::of(Base::BuiltIn(built_in.clone()), &trail);
    let active = book.active().unwrap_or(&built_in);
    if *active == built_in {
        return Ok((authority, loaded));
    }
    let by = VersionBy::Digest(active.digest);
    let kept = store.version(VersionKind::Policy, by).await;
    let kept = kept.map_err(|error| cannot_store(&error))?;
    let name = format!("policy {}, which was activated last", active.digest);
    let text = kept.and_then(|kept| String::from_utf8(kept.body?).ok());
    let text = text.ok_or_else(|| Failure::Unreachable(format!("the text of {name}, is lost")))?;
    if let Err(problems) = Policy::load(&text) {
        let mut lines = exit::lines_of(&name, &problems);
        lines.push(format!(
            "{name}, does not load with this release: start with --policy FILE"
        ));
        return Err(Failure::BadFile(lines));
    }
    let loaded = loaded.sources.with(Source::activated(text)).load()?;
    Ok((authority, loaded))
}
