//! All versions and where they stand, folded from the trail; and the rules of every further act.

use super::{
    Act, Approvers, BUILT_IN_AUTHOR, Entry, FILE_AUTHOR, Planned, Refusal, Stage, Standing, Wish,
};
use crate::decision::record::Version;
use crate::domain::units::Digest;

/// What is in force beside what the trail says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// The trail rules; this version, which is built in, is in force until something is activated.
    BuiltIn(Version),
    /// The policy file of the server is the authority, whatever the trail says.
    File(Version),
}

/// All versions and where they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Book {
    /// In the order in which they were proposed.
    proposed: Vec<Standing>,
    /// What was in force before anything was activated, unless it was proposed too.
    base: Option<Standing>,
    /// The authority, where it is a file.
    file: Option<Standing>,
    /// The version in force comes last; before it those that a rollback returns to, one after the other. Empty where it
    /// is not known what was in force at first.
    stack: Vec<Version>,
    /// Whether something was activated ever.
    activated: bool,
}

impl Book {
    /// Folds a trail.
    #[must_use]
    pub fn of<'a>(base: Base, trail: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut book = Self::unknown();
        match base {
            Base::BuiltIn(version) => book.begin(version),
            Base::File(version) => book.file = Some(Standing::given(version, FILE_AUTHOR)),
        }
        for entry in trail {
            book.apply(entry);
        }
        book
    }

    /// Before any act, where it is not known what is in force.
    pub(super) const fn unknown() -> Self {
        Self {
            proposed: Vec::new(),
            base: None,
            file: None,
            stack: Vec::new(),
            activated: false,
        }
    }

    fn begin(&mut self, version: Version) {
        self.base = Some(Standing::given(version.clone(), BUILT_IN_AUTHOR));
        self.stack = vec![version];
    }

    /// Takes in an entry, whatever the rules say of it: what is in the trail happened.
    pub fn apply(&mut self, entry: &Entry) {
        let Entry {
            at,
            principal,
            act,
            version,
            replaced,
            ..
        } = entry;
        match act {
            Act::Propose => {
                if self.proposal(version.digest).is_none() {
                    let mut standing = Standing::given(version.clone(), principal);
                    standing.proposed_at = Some(*at);
                    self.proposed.push(standing);
                }
            }
            Act::Approve => {
                if let Some(standing) = self.standing_mut(version.digest) {
                    standing.approver = Some(principal.clone());
                    standing.approved_at = Some(*at);
                }
            }
            Act::Activate | Act::RollBack => {
                if let (false, Some(before)) = (self.activated, replaced) {
                    // An earlier release may have had another policy built in.
                    self.begin(before.clone());
                }
                self.activated = true;
                if *act == Act::RollBack {
                    self.stack.pop();
                }
                if self.stack.last() != Some(version) {
                    self.stack.push(version.clone());
                }
                if let Some(standing) = self.standing_mut(version.digest) {
                    standing.activated_at = Some(*at);
                }
            }
            Act::StartShadow | Act::StopShadow => {}
        }
    }

    /// The version in force; none only where neither trail nor base say.
    #[must_use]
    pub fn active(&self) -> Option<&Version> {
        let file = self.file.as_ref().map(|it| &it.version);
        file.or_else(|| self.stack.last())
    }

    /// A version by its digest.
    #[must_use]
    pub fn find(&self, digest: Digest) -> Option<&Standing> {
        self.proposal(digest)
            .or_else(|| self.given().find(|it| it.version.digest == digest))
    }

    /// Of several versions of one name the one proposed last.
    #[must_use]
    pub fn named(&self, id: &str) -> Option<&Standing> {
        self.newest().into_iter().find(|it| it.version.id == id)
    }

    /// All versions; the one proposed last comes first.
    #[must_use]
    pub fn newest(&self) -> Vec<&Standing> {
        let mut all: Vec<_> = self.proposed.iter().rev().collect();
        for given in self.given() {
            if all
                .iter()
                .all(|it| it.version.digest != given.version.digest)
            {
                all.push(given);
            }
        }
        all
    }

    /// Where a version stands.
    #[must_use]
    pub fn stage(&self, standing: &Standing) -> Stage {
        let is_base = self.base.as_ref().map(|it| &it.version) == Some(&standing.version);
        if self.active() == Some(&standing.version) {
            Stage::Active
        } else if standing.activated_at.is_some() || is_base {
            Stage::Retired
        } else if standing.approver.is_some() {
            Stage::Approved
        } else {
            Stage::Proposed
        }
    }

    /// What the trail will say where the rules allow `wish`; nothing where it would change nothing.
    ///
    /// # Errors
    /// [`Refusal`] says what would be right.
    pub fn plan(
        &self,
        wish: &Wish,
        principal: &str,
        approvers: Approvers,
    ) -> Result<Option<Planned>, Refusal> {
        match wish {
            Wish::Propose(version) => Ok(self.propose(version)),
            Wish::Approve(digest) => self.approve(*digest, principal, approvers).map(Some),
            Wish::Activate { digest, expected } => self.activate(*digest, *expected).map(Some),
            Wish::RollBack { expected } => self.roll_back(*expected).map(Some),
        }
    }

    /// Proposing what is kept changes nothing. A file that is in force was not proposed by that.
    fn propose(&self, version: &Version) -> Option<Planned> {
        let base = self.base.as_ref().map(|it| it.version.digest);
        let known = self.proposal(version.digest).is_some() || base == Some(version.digest);
        (!known).then(|| Planned {
            act: Act::Propose,
            version: version.clone(),
            replaced: None,
        })
    }

    fn approve(
        &self,
        digest: Digest,
        principal: &str,
        approvers: Approvers,
    ) -> Result<Planned, Refusal> {
        let standing = self.find(digest).ok_or(Refusal::Unknown(digest))?;
        let version = standing.version.clone();
        if standing.approver.is_some() || standing.proposed_at.is_none() {
            return Err(Refusal::NotProposed {
                stage: self.stage(standing),
                version,
            });
        }
        if approvers == Approvers::Others && standing.author == principal {
            return Err(Refusal::OwnProposal {
                version,
                author: standing.author.clone(),
            });
        }
        Ok(Planned {
            act: Act::Approve,
            version,
            replaced: None,
        })
    }

    fn activate(&self, digest: Digest, expected: Digest) -> Result<Planned, Refusal> {
        self.acts_rule()?;
        let standing = self.find(digest).ok_or(Refusal::Unknown(digest))?;
        let replaced = self.replaceable(expected)?;
        let version = standing.version.clone();
        match self.stage(standing) {
            Stage::Active => Err(Refusal::AlreadyActive(version)),
            Stage::Proposed => Err(Refusal::NotApproved(version)),
            Stage::Approved | Stage::Retired => Ok(Planned {
                act: Act::Activate,
                version,
                replaced,
            }),
        }
    }

    fn roll_back(&self, expected: Digest) -> Result<Planned, Refusal> {
        self.acts_rule()?;
        let replaced = self.replaceable(expected)?;
        let before = self.stack.iter().rev().nth(1);
        match (before, replaced) {
            (Some(before), replaced) => Ok(Planned {
                act: Act::RollBack,
                version: before.clone(),
                replaced,
            }),
            (None, Some(active)) => Err(Refusal::NothingBefore(active)),
            (None, None) => Err(Refusal::Unknown(expected)),
        }
    }

    /// Whether acts say what is in force, and no file does.
    fn acts_rule(&self) -> Result<(), Refusal> {
        let file = self.file.as_ref().map(|it| it.version.clone());
        file.map_or(Ok(()), |version| Err(Refusal::FileRules(version)))
    }

    /// The version in force, if it is the expected one.
    fn replaceable(&self, expected: Digest) -> Result<Option<Version>, Refusal> {
        match self.stack.last() {
            Some(active) if active.digest != expected => Err(Refusal::OtherActive {
                active: active.clone(),
                expected,
            }),
            active => Ok(active.cloned()),
        }
    }

    /// What is wrong with an entry that comes next in the trail.
    pub(super) fn fault(&self, entry: &Entry) -> Option<String> {
        let Entry {
            act,
            version,
            replaced,
            principal,
            ..
        } = entry;
        let expected = replaced.as_ref().map(|it| it.digest);
        let wish = match (act, expected) {
            (Act::StartShadow | Act::StopShadow, _) => return None,
            (Act::Activate | Act::RollBack, None) => {
                return Some("it does not say which policy was in force before".to_owned());
            }
            // What was built in at the time may have been proposed as well.
            (Act::Propose, _) => {
                let again = self.proposal(version.digest).is_some();
                return again.then(|| "the policy was proposed before".to_owned());
            }
            (Act::Approve, _) => Wish::Approve(version.digest),
            (Act::Activate, Some(expected)) => Wish::Activate {
                digest: version.digest,
                expected,
            },
            (Act::RollBack, Some(expected)) => Wish::RollBack { expected },
        };
        match self.plan(&wish, principal, Approvers::AuthorToo) {
            Err(refusal) => Some(refusal.to_string()),
            Ok(Some(planned)) if planned.version != *version => Some(format!(
                "it returns to policy `{}` ({}), but `{}` ({}) was in force before",
                version.id, version.digest, planned.version.id, planned.version.digest
            )),
            Ok(_) => None,
        }
    }

    /// What stands without being proposed: the file in force, what was built in.
    fn given(&self) -> impl Iterator<Item = &Standing> {
        self.file.iter().chain(&self.base)
    }

    fn proposal(&self, digest: Digest) -> Option<&Standing> {
        self.proposed.iter().find(|it| it.version.digest == digest)
    }

    fn standing_mut(&mut self, digest: Digest) -> Option<&mut Standing> {
        let all = self.proposed.iter_mut().chain(&mut self.base);
        all.into_iter().find(|it| it.version.digest == digest)
    }
}
