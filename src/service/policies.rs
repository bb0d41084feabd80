//! The life of policies: checked, proposed, approved, put in force, rolled back, and looked at.
//!
//! The rules are `decision::lifecycle`'s. Here a text is loaded before it can come into force, and what is in force is
//! exchanged on the writer's own thread, once the act is durable: in the order of the trail, whoever waits.

use std::sync::Arc;

use super::{Error, Service};
use crate::decision::lifecycle::{
    Approvers, Base, Book, Entry, Planned, Refusal, Stage, Standing, Wish,
};
use crate::decision::policy::Policy;
use crate::decision::problem::Problem;
use crate::decision::record::Version;
use crate::domain::caller::Caller;
use crate::domain::units::{Digest, Timestamp};
use crate::store::{self, Line, VersionBy, VersionKind};

#[cfg(test)]
mod tests;

/// How often an act may find that another one came between; each time that one was done.
const ROUNDS_MAX: usize = 16;

/// Who says what about policies.
#[derive(Clone, Debug)]
pub struct Governance {
    /// Who says what is in force.
    pub authority: Authority,
    /// Who may approve.
    pub approvers: Approvers,
    /// This server's name among those over the same database.
    pub server: String,
}

/// Who says which policy is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authority {
    /// The trail of acts; until something is activated, this version, which is built in.
    Acts(Version),
    /// The policy file of the server.
    File,
}

/// What came of reading a policy.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The policy, or everything that keeps it from loading.
    pub policy: Result<Arc<Policy>, Vec<Problem>>,
    /// What is allowed and worth a second look.
    pub notes: Vec<Problem>,
}

/// A version that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// Name and digest.
    pub version: Version,
    /// It was not before.
    pub is_new: bool,
}

/// A version and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// What was done with it.
    pub standing: Standing,
    /// Where it stands; none: nobody proposed it here, only decisions name it.
    pub stage: Option<Stage>,
}

/// How a policy is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyBy {
    /// The one in force.
    Active,
    /// By its text.
    Digest(Digest),
    /// By its name: of several the one proposed last.
    Name(String),
}

/// One server over the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replica {
    /// Its name.
    pub name: String,
    /// What it decides by.
    pub active: Version,
    /// Since when.
    pub since: Timestamp,
}

/// All policies.
#[derive(Clone, Debug)]
pub struct Policies {
    /// The one proposed last comes first.
    pub policies: Vec<Placed>,
    /// Servers over this database.
    pub replicas: Vec<Replica>,
    /// Every act, oldest first.
    pub trail: Vec<Entry>,
}

/// What came of an attempt.
enum Tried {
    /// There was nothing to do.
    Nothing,
    /// It is done, and the version stands like this.
    Done(Box<Placed>),
    /// This version would come into force, and is not at hand.
    Wanted(Version),
}

impl Service {
    /// Reads a policy and tells everything wrong with it; keeps nothing.
    ///
    /// # Errors
    /// [`Error::Store`] for a bug of ours.
    pub async fn check_policy(&self, text: String) -> Result<Checked, Error> {
        let now = self.clock.now();
        aside(move || read(&text, now)).await
    }

    /// Keeps a version to be approved; proposing what is kept changes nothing. One that does not load is not kept.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn propose_policy(
        &self,
        text: String,
        caller: &Caller,
        note: &str,
    ) -> Result<Result<Proposed, Vec<Problem>>, Error> {
        let policy = match self.check_policy(text.clone()).await?.policy {
            Ok(policy) => policy,
            Err(problems) => return Ok(Err(problems)),
        };
        let version = policy.version.clone();
        let wish = Wish::Propose(version.clone());
        let is_new = self.enact(wish, Some(text), caller, note).await?.is_some();
        Ok(Ok(Proposed { version, is_new }))
    }

    /// Approves a proposed version.
    ///
    /// # Errors
    /// [`Error::Refused`] says what would be right; [`Error::Store`].
    pub async fn approve_policy(
        &self,
        digest: Digest,
        caller: &Caller,
        note: &str,
    ) -> Result<Placed, Error> {
        let wish = Wish::Approve(digest);
        changed(self.enact(wish, None, caller, note).await?)
    }

    /// Puts a version in force, where `expected` is in force now.
    ///
    /// # Errors
    /// [`Error::Refused`] says what would be right; [`Error::Store`].
    pub async fn activate_policy(
        &self,
        digest: Digest,
        expected: Digest,
        caller: &Caller,
        note: &str,
    ) -> Result<Placed, Error> {
        let wish = Wish::Activate { digest, expected };
        changed(self.enact(wish, None, caller, note).await?)
    }

    /// Puts the version in force that was so before, where `expected` is in force now.
    ///
    /// # Errors
    /// [`Error::Refused`] says what would be right; [`Error::Store`].
    pub async fn roll_back_policy(
        &self,
        expected: Digest,
        caller: &Caller,
        note: &str,
    ) -> Result<Placed, Error> {
        let wish = Wish::RollBack { expected };
        changed(self.enact(wish, None, caller, note).await?)
    }

    /// One version with its text, byte for byte.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Store`].
    pub async fn policy(&self, by: PolicyBy) -> Result<(Placed, String), Error> {
        let trail = self.store.trail().await?;
        let book = Book::of(self.base(), &trail);
        let named = match &by {
            PolicyBy::Active => book.active().map(|it| it.digest),
            PolicyBy::Digest(digest) => Some(*digest),
            PolicyBy::Name(name) => book.named(name).map(|it| it.version.digest),
        };
        let query = match (named, by) {
            (Some(digest), _) => VersionBy::Digest(digest),
            (None, PolicyBy::Name(name)) => VersionBy::Name(name),
            (None, PolicyBy::Active | PolicyBy::Digest(_)) => {
                let active = self.releases.current().versions.policy.digest;
                VersionBy::Digest(active)
            }
        };
        let id = match &query {
            VersionBy::Digest(digest) => digest.to_string(),
            VersionBy::Name(name) => name.clone(),
        };
        let kept = self.store.version(VersionKind::Policy, query).await?;
        let text = kept.and_then(|kept| Some((kept.version, String::from_utf8(kept.body?).ok()?)));
        let (version, text) = text.ok_or(Error::NotFound { what: "policy", id })?;
        let placed = placed(&book, version.digest).unwrap_or_else(|| Placed {
            standing: Standing::given(version, ""),
            stage: None,
        });
        Ok((placed, text))
    }

    /// All versions, who decides by which, and every act.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn policies(&self) -> Result<Policies, Error> {
        let trail = self.store.trail().await?;
        let book = Book::of(self.base(), &trail);
        let all = book.newest().into_iter().map(|standing| Placed {
            stage: Some(book.stage(standing)),
            standing: standing.clone(),
        });
        let (in_force, since) = self.releases.current_since();
        Ok(Policies {
            policies: all.collect(),
            replicas: vec![Replica {
                name: self.governance.server.clone(),
                active: in_force.versions.policy.clone(),
                since,
            }],
            trail,
        })
    }

    fn base(&self) -> Base {
        match &self.governance.authority {
            Authority::Acts(built_in) => Base::BuiltIn(built_in.clone()),
            Authority::File => Base::File(self.releases.current().versions.policy.clone()),
        }
    }

    /// Does what is wished, if the rules allow it.
    async fn enact(
        &self,
        wish: Wish,
        text: Option<String>,
        caller: &Caller,
        note: &str,
    ) -> Result<Option<Placed>, Error> {
        let mut next = None;
        for _ in 0..ROUNDS_MAX {
            let text = text.clone().map(String::into_bytes);
            match self.attempt(&wish, text, next, caller, note).await? {
                Tried::Nothing => return Ok(None),
                Tried::Done(placed) => return Ok(Some(*placed)),
                Tried::Wanted(version) => next = Some(self.loadable(version).await?),
            }
        }
        Err(Error::Store(store::Error::Busy))
    }

    async fn attempt(
        &self,
        wish: &Wish,
        body: Option<Vec<u8>>,
        next: Option<Arc<Policy>>,
        caller: &Caller,
        note: &str,
    ) -> Result<Tried, Error> {
        let (wish, base) = (wish.clone(), self.base());
        let (principal, note) = (caller.name().to_owned(), note.to_owned());
        let (now, approvers) = (self.clock.now(), self.governance.approvers);
        let ready = next.as_ref().map(|it| it.version.clone());
        let work = move |trail: &[Entry]| {
            let mut book = Book::of(base, trail);
            let planned = match book.plan(&wish, &principal, approvers) {
                Ok(planned) => planned,
                Err(refusal) => return (None, Err(refusal)),
            };
            let Some(planned) = planned else {
                return (None, Ok(Tried::Nothing));
            };
            if let Some(wanted) = wanted(&planned, ready.as_ref()) {
                return (None, Ok(Tried::Wanted(wanted)));
            }
            let at = trail.last().map_or(now, |last| now.max(last.at));
            let entry = planned.by(at, &principal, &note);
            book.apply(&entry);
            let done = placed(&book, entry.version.digest);
            let done = done.map_or(Tried::Nothing, |it| Tried::Done(Box::new(it)));
            let line = Line {
                entry,
                kind: VersionKind::Policy,
                body,
            };
            (Some(line), Ok(done))
        };
        let releases = Arc::clone(&self.releases);
        let durable = move || {
            if let Some(policy) = next {
                releases.swap_policy(policy, now);
            }
        };
        Ok(self.store.enter(work, durable).await??)
    }

    /// A kept version, loaded: what was good for an earlier release need not be good for this one.
    async fn loadable(&self, version: Version) -> Result<Arc<Policy>, Error> {
        let by = VersionBy::Digest(version.digest);
        let kept = self.store.version(VersionKind::Policy, by).await?;
        let text = kept.and_then(|kept| String::from_utf8(kept.body?).ok());
        let text = text.ok_or_else(|| Error::LostVersion {
            what: "policy",
            id: version.digest.to_string(),
        })?;
        match aside(move || Policy::load(&text)).await? {
            Ok(policy) => Ok(Arc::new(policy)),
            Err(problems) => {
                let problem = problems.first().map(ToString::to_string);
                let problem = problem.unwrap_or_default();
                Err(Refusal::DoesNotLoad { version, problem }.into())
            }
        }
    }
}

/// What is to be told of a text.
fn read(text: &str, now: Timestamp) -> Checked {
    let (policy, notes) = match Policy::load(text) {
        // It would run, and cannot be meant so.
        Ok(policy) if !policy.mistakes().is_empty() => {
            (Err(policy.mistakes().to_vec()), Vec::new())
        }
        Ok(policy) => {
            let mut notes = policy.notes().to_vec();
            notes.extend(policy.expired(now));
            (Ok(Arc::new(policy)), notes)
        }
        Err(problems) => (Err(problems), Vec::new()),
    };
    Checked { policy, notes }
}

/// Reads a text of many rules where that holds up no call.
async fn aside<T: Send + 'static>(read: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(read).await;
    done.map_err(|panicked| {
        let what = panicked.to_string();
        Error::Store(store::Error::Bug { what })
    })
}

/// The version that has to be at hand before this can be done.
fn wanted(planned: &Planned, ready: Option<&Version>) -> Option<Version> {
    let comes_into_force = planned.replaced.is_some();
    (comes_into_force && ready != Some(&planned.version)).then(|| planned.version.clone())
}

/// Everything but a proposal changes something, or is refused.
fn changed(placed: Option<Placed>) -> Result<Placed, Error> {
    let bug = || store::Error::Bug {
        what: "an act changed nothing".to_owned(),
    };
    placed.ok_or_else(|| Error::Store(bug()))
}

fn placed(book: &Book, digest: Digest) -> Option<Placed> {
    let standing = book.find(digest)?;
    Some(Placed {
        stage: Some(book.stage(standing)),
        standing: standing.clone(),
    })
}
