//! The versions that records rest on, loaded once, and what the candidate makes of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Candidate;
use super::report::NotJudged;
use crate::decision::model::{self, Model};
use crate::decision::policy::{self, Policy};
use crate::decision::record::{Version, Versions};
use crate::decision::release::Release;
use crate::domain::units::Digest;
use crate::store::engine::Reading;
use crate::store::{self, VersionBy, VersionKind};

/// Where the texts of versions come from.
pub(super) trait Texts {
    /// A version's text, if it is kept.
    fn text(
        &mut self,
        kind: VersionKind,
        version: &Version,
    ) -> Result<Option<String>, store::Error>;
}

impl Texts for Box<dyn Reading> {
    fn text(
        &mut self,
        kind: VersionKind,
        version: &Version,
    ) -> Result<Option<String>, store::Error> {
        let kept = self.version(kind, &VersionBy::Digest(version.digest))?;
        let body = kept.and_then(|it| it.body);
        Ok(body.and_then(|body| String::from_utf8(body).ok()))
    }
}

/// Policies at hand, for one who judges what was never stored; scorecards are those that are built in.
impl Texts for &[&str] {
    fn text(
        &mut self,
        kind: VersionKind,
        version: &Version,
    ) -> Result<Option<String>, store::Error> {
        let mut policies = self.iter().filter(|_| kind == VersionKind::Policy);
        let found = policies.find(|it| Digest::of(it.as_bytes()) == version.digest);
        Ok(found.map(|it| (*it).to_owned()))
    }
}

/// What a record is judged by: its own versions, and the candidate's.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    /// None: not all of it is kept.
    pub(super) own: Option<Arc<Release>>,
    /// Or why the candidate cannot judge it.
    pub(super) candidate: Result<Arc<Release>, NotJudged>,
    /// Both are the same.
    pub(super) same: bool,
    /// Both have the same scorecard: what it says of a situation is known when the second is judged.
    pub(super) same_model: bool,
}

/// Versions by digest.
pub(super) struct Shelf<T> {
    candidate: Candidate,
    engine: Version,
    texts: T,
    policies: BTreeMap<Digest, Option<Arc<Policy>>>,
    models: BTreeMap<Digest, Option<Arc<Model>>>,
    pairs: BTreeMap<[Digest; 4], Pair>,
}

impl<T: Texts> Shelf<T> {
    pub(super) const fn new(candidate: Candidate, engine: Version, texts: T) -> Self {
        Self {
            candidate,
            engine,
            texts,
            policies: BTreeMap::new(),
            models: BTreeMap::new(),
            pairs: BTreeMap::new(),
        }
    }

    /// What a record of these versions is judged by.
    pub(super) fn of(&mut self, versions: &Versions) -> Result<Pair, store::Error> {
        let key = [
            versions.policy.digest,
            versions.model.digest,
            versions.catalogue.digest,
            versions.engine.digest,
        ];
        if let Some(pair) = self.pairs.get(&key) {
            return Ok(pair.clone());
        }
        let policy = self.policy(&versions.policy)?;
        let model = self.model(&versions.model)?;
        let release = |policy: Option<Arc<Policy>>, model: Option<Arc<Model>>| {
            Some(Arc::new(Release {
                policy: policy?,
                model: model?,
                catalogue: versions.catalogue.clone(),
                engine: self.engine.clone(),
            }))
        };
        let own = release(policy.clone(), model.clone());
        let mine = (
            self.candidate.policy.clone().or(policy),
            self.candidate.model.clone().or(model),
        );
        let lost = if mine.0.is_none() {
            NotJudged::LostPolicy
        } else {
            NotJudged::LostModel
        };
        let candidate = if is_newer(&versions.engine.id, &self.engine.id) {
            Err(NotJudged::NewerEngine)
        } else {
            release(mine.0, mine.1).ok_or(lost)
        };
        let [same_policy, same_model] = match (&own, &candidate) {
            (Some(own), Ok(candidate)) => [
                own.policy.version.digest == candidate.policy.version.digest,
                own.model.version.digest == candidate.model.version.digest,
            ],
            _ => [false; 2],
        };
        let pair = Pair {
            own,
            candidate,
            same: same_policy && same_model,
            same_model,
        };
        self.pairs.insert(key, pair.clone());
        Ok(pair)
    }

    fn policy(&mut self, version: &Version) -> Result<Option<Arc<Policy>>, store::Error> {
        if let Some(known) = self.policies.get(&version.digest) {
            return Ok(known.clone());
        }
        let kept = self.texts.text(VersionKind::Policy, version)?;
        let text = kept.unwrap_or_else(|| policy::DEFAULT.to_owned());
        let policy = Policy::load(&text)
            .ok()
            .filter(|it| it.version.digest == version.digest);
        let policy = policy.map(Arc::new);
        self.policies.insert(version.digest, policy.clone());
        Ok(policy)
    }

    fn model(&mut self, version: &Version) -> Result<Option<Arc<Model>>, store::Error> {
        if let Some(known) = self.models.get(&version.digest) {
            return Ok(known.clone());
        }
        let kept = self.texts.text(VersionKind::Model, version)?;
        let built_in = model::built_in(&version.id).unwrap_or(model::PRIOR);
        let model = Model::load(kept.as_deref().unwrap_or(built_in))
            .ok()
            .filter(|it| it.version.digest == version.digest);
        let model = model.map(Arc::new);
        self.models.insert(version.digest, model.clone());
        Ok(model)
    }
}

/// Whether the program of a record is newer than ours, by the numbers of its version.
fn is_newer(theirs: &str, ours: &str) -> bool {
    let numbers = |text: &str| -> Vec<u64> {
        let core = text.split(['-', '+']).next().unwrap_or_default();
        core.split('.').filter_map(|it| it.parse().ok()).collect()
    };
    numbers(theirs) > numbers(ours)
}

#[cfg(test)]
mod tests {
    use super::is_newer;

    #[test]
    fn an_engine_is_newer_by_its_numbers() {
        for (theirs, ours, expected) in [
            ("0.1.0", "0.1.0", false),
            ("0.2.0", "0.1.9", true),
            ("0.10.0", "0.9.0", true),
            ("0.1.0", "1.0.0", false),
            ("0.1.0-rc1", "0.1.0", false),
        ] {
            assert_eq!(is_newer(theirs, ours), expected, "{theirs} after {ours}");
        }
    }
}
