//! Why an act is refused, and what would be right.

use super::Stage;
use crate::decision::record::Version;
use crate::domain::units::Digest;

/// Why an act is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing of that digest was ever proposed.
    #[error("policy `{0}` is not known: propose it first")]
    Unknown(Digest),
    /// The author may not approve it.
    #[error(
        "`{author}` proposed policy `{}` ({}): another principal has to approve it",
        .version.id, .version.digest
    )]
    OwnProposal {
        /// Of which version.
        version: Version,
        /// Whose it is.
        author: String,
    },
    /// Only a proposed version can be approved.
    #[error(
        "policy `{}` ({}) is {}: only a PROPOSED one can be approved",
        .version.id, .version.digest, .stage.name()
    )]
    NotProposed {
        /// Of which version.
        version: Version,
        /// Where it stands.
        stage: Stage,
    },
    /// Only an approved version, or one that was in force, can be put in force.
    #[error(
        "policy `{}` ({}) is PROPOSED and waits for approval: approve it first",
        .0.id, .0.digest
    )]
    NotApproved(Version),
    /// It is in force.
    #[error("policy `{}` ({}) is ACTIVE already", .0.id, .0.digest)]
    AlreadyActive(Version),
    /// Somebody was faster.
    #[error(
        "policy `{}` ({}) is ACTIVE, not `{expected}`: look at what changed, then name it as expected_active_digest",
        .active.id, .active.digest
    )]
    OtherActive {
        /// The version in force.
        active: Version,
        /// The one that the caller took for it.
        expected: Digest,
    },
    /// There is nowhere to go back to.
    #[error("no policy was in force before `{}` ({}): activate the one you want", .0.id, .0.digest)]
    NothingBefore(Version),
    /// The server was started with a policy file.
    #[error(
        "policy `{}` ({}) is ACTIVE as the file of --policy, which is the authority: change that file, \
         or start the server without --policy",
        .0.id, .0.digest
    )]
    FileRules(Version),
    /// It was good for an earlier release, and is no more.
    #[error(
        "policy `{}` ({}) does not load with this release: {problem}",
        .version.id, .version.digest
    )]
    DoesNotLoad {
        /// Of which version.
        version: Version,
        /// The first problem, with its place.
        problem: String,
    },
}
