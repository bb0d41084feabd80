//! The life of a policy: proposed, approved, in force, and in force no more; by a trail of acts that only grows.
//!
//! Where a version stands is never stored: a [`Book`] folds it from the trail. The same book says whether a further act
//! would be right ([`Book::plan`]), so that what was allowed and what is shown cannot differ.

use super::record::Version;
use crate::domain::closed::closed;
use crate::domain::units::{Digest, Timestamp};

mod book;
mod refusal;
#[cfg(test)]
mod tests;

pub use book::{Base, Book};
pub use refusal::Refusal;

/// Who stands as the author of the policy that is built in.
pub const BUILT_IN_AUTHOR: &str = "doorstep";

/// Who stands as the author of a policy that is in force because the server was started with its file.
pub const FILE_AUTHOR: &str = "file";

closed! {
    /// What somebody did.
    Act {
        /// Kept a version, to be approved.
        Propose = 1 "propose",
        /// Approved it.
        Approve = 2 "approve",
        /// Put it in force.
        Activate = 3 "activate",
        /// Put the version in force that was so before.
        RollBack = 4 "roll_back",
        /// Lets something judge beside the live answer.
        StartShadow = 5 "start_shadow",
        /// Ended that.
        StopShadow = 6 "stop_shadow",
    }
}

closed! {
    /// Where a version stands.
    Stage {
        /// Waits for approval.
        Proposed = 1 "PROPOSED",
        /// May be activated.
        Approved = 2 "APPROVED",
        /// In force; exactly one is.
        Active = 3 "ACTIVE",
        /// Was in force; may be activated again.
        Retired = 4 "RETIRED",
    }
}

/// One act, as the trail keeps it for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When; never before the entry before.
    pub at: Timestamp,
    /// Who.
    pub principal: String,
    /// What.
    pub act: Act,
    /// Of which version.
    pub version: Version,
    /// The version that was in force until then; of [`Act::Activate`] and [`Act::RollBack`] alone.
    pub replaced: Option<Version>,
    /// Why, as the principal wrote it; up to 500 characters.
    pub note: String,
}

/// What somebody wants to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Keep this version.
    Propose(Version),
    /// Approve this one.
    Approve(Digest),
    /// Put a version in force.
    Activate {
        /// Which.
        digest: Digest,
        /// Which one is in force as far as the caller knows: nobody overwrites what he did not see.
        expected: Digest,
    },
    /// Put the version in force that was so before.
    RollBack {
        /// Which one is in force as far as the caller knows.
        expected: Digest,
    },
}

/// Who may approve what an author proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approvers {
    /// Anybody but the author.
    Others,
    /// The author too: there is only one principal as long as callers have no identities. The version is then marked.
    AuthorToo,
}

/// A wish that the rules allow: what the trail will say beside who, when and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// What.
    pub act: Act,
    /// Of which version.
    pub version: Version,
    /// The version that is in force until then, where that changes.
    pub replaced: Option<Version>,
}

impl Planned {
    /// The entry for the trail.
    #[must_use]
    pub fn by(self, at: Timestamp, principal: &str, note: &str) -> Entry {
        let Self {
            act,
            version,
            replaced,
        } = self;
        Entry {
            at,
            principal: principal.to_owned(),
            act,
            version,
            replaced,
            note: note.to_owned(),
        }
    }
}

/// A version and what was done with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Name and digest.
    pub version: Version,
    /// Who proposed it.
    pub author: String,
    /// Who approved it; none: nobody yet, or nobody had to.
    pub approver: Option<String>,
    /// When it was proposed; none: it was built in, or a file.
    pub proposed_at: Option<Timestamp>,
    /// When it was approved.
    pub approved_at: Option<Timestamp>,
    /// When it was last put in force by an act.
    pub activated_at: Option<Timestamp>,
}

impl Standing {
    /// One that nobody proposed here.
    #[must_use]
    pub fn given(version: Version, author: &str) -> Self {
        Self {
            version,
            author: author.to_owned(),
            approver: None,
            proposed_at: None,
            approved_at: None,
            activated_at: None,
        }
    }

    /// Whether its author approved it himself.
    #[must_use]
    pub fn is_self_approved(&self) -> bool {
        self.approver.as_ref() == Some(&self.author)
    }
}

/// Everything in a trail that the rules would not have allowed, by the place of the entry from 1.
#[must_use]
pub fn faults(trail: &[Entry]) -> Vec<(usize, String)> {
    let mut book = Book::unknown();
    let mut faults = Vec::new();
    let mut last = None;
    for (place, entry) in (1_usize..).zip(trail) {
        if last > Some(entry.at) {
            faults.push((place, "it is older than the entry before it".to_owned()));
        }
        last = last.max(Some(entry.at));
        faults.extend(book.fault(entry).map(|what| (place, what)));
        book.apply(entry);
    }
    faults
}
