//! Policies: what is asked of their life, checked, and how they stand, told.

use super::check::Check;
use super::decision::moment;
use super::{Invalid, bounds, pb};
use crate::decision::lifecycle::{Act, Entry, Stage};
use crate::decision::problem::Problem;
use crate::domain::units::Digest;
use crate::service::policies::{Checked, Placed, Policies, PolicyBy, Replica};

#[cfg(test)]
mod tests;

pub use super::decision::version;

/// A version to put in force, or to return from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<T> {
    /// What of.
    pub of: T,
    /// Why.
    pub note: String,
}

/// Checks a policy's text to read.
///
/// # Errors
/// Every fault, by its path in the request.
pub fn check(message: pb::CheckPolicyRequest) -> Result<String, Invalid> {
    let pb::CheckPolicyRequest { toml } = message;
    let mut check = Check::question();
    let toml = text(&mut check, "toml", toml);
    check.finish(toml)
}

/// Checks a policy's text to keep.
///
/// # Errors
/// Every fault, by its path in the request.
pub fn propose(message: pb::ProposePolicyRequest) -> Result<Change<String>, Invalid> {
    let pb::ProposePolicyRequest { toml, note } = message;
    let mut check = Check::question();
    let of = text(&mut check, "toml", toml);
    change(check, of, note)
}

/// Checks which version to approve.
///
/// # Errors
/// Every fault, by its path in the request.
pub fn approve(message: pb::ApprovePolicyRequest) -> Result<Change<Digest>, Invalid> {
    let pb::ApprovePolicyRequest { digest: of, note } = message;
    let mut check = Check::question();
    let of = digest(&mut check, "digest", &of);
    change(check, of, note)
}

/// Checks which version to put in force, and which one is taken to be.
///
/// # Errors
/// Every fault, by its path in the request.
pub fn activate(message: pb::ActivatePolicyRequest) -> Result<Change<(Digest, Digest)>, Invalid> {
    let pb::ActivatePolicyRequest {
        digest: next,
        expected_active_digest: expected,
        note,
    } = message;
    let mut check = Check::question();
    let next = digest(&mut check, "digest", &next);
    let expected = digest(&mut check, "expected_active_digest", &expected);
    change(check, next.zip(expected), note)
}

/// Checks which version is taken to be in force.
///
/// # Errors
/// Every fault, by its path in the request.
pub fn roll_back(message: pb::RollBackPolicyRequest) -> Result<Change<Digest>, Invalid> {
    let pb::RollBackPolicyRequest {
        expected_active_digest: expected,
        note,
    } = message;
    let mut check = Check::question();
    let expected = digest(&mut check, "expected_active_digest", &expected);
    change(check, expected, note)
}

/// Checks which version is asked for.
///
/// # Errors
/// Every fault, by its path in the request.
pub fn get(message: pb::GetPolicyRequest) -> Result<PolicyBy, Invalid> {
    let pb::GetPolicyRequest { digest: of, id } = message;
    let mut check = Check::question();
    let by = match (of.as_str(), id.is_empty()) {
        ("", true) => Some(PolicyBy::Active),
        ("", false) => check.maybe_key("id", id).map(PolicyBy::Name),
        (of, true) => digest(&mut check, "digest", of).map(PolicyBy::Digest),
        (_, false) => {
            check.fault("id", "only one of digest, id may be given");
            None
        }
    };
    check.finish(by)
}

/// Finishes what a note belongs to.
fn change<T>(mut check: Check<'_>, of: Option<T>, note: String) -> Result<Change<T>, Invalid> {
    let note = note_of(&mut check, note);
    check.finish(of.map(|of| Change { of, note }))
}

/// Why somebody acts; nothing need be said.
pub(super) fn note_of(check: &mut Check<'_>, note: String) -> String {
    let fits = |it: &str| {
        let shown = |c: char| !c.is_control() || c == '\n';
        it.chars().count() <= bounds::NOTE_MAX && it.chars().all(shown)
    };
    let must = format!(
        "must have at most {} characters, and none that is not shown",
        bounds::NOTE_MAX
    );
    check.text("note", note, fits, &must).unwrap_or_default()
}

fn text(check: &mut Check<'_>, field: &str, toml: String) -> Option<String> {
    if toml.len() > bounds::POLICY_BYTES_MAX {
        let fault = format!(
            "must have at most {} bytes, not {}",
            bounds::POLICY_BYTES_MAX,
            toml.len()
        );
        check.fault(field, fault);
        return None;
    }
    check.need(field, Some(toml).filter(|it| !it.is_empty()))
}

/// A digest that must be there.
pub(super) fn digest(check: &mut Check<'_>, field: &str, hex: &str) -> Option<Digest> {
    check.need(field, (!hex.is_empty()).then_some(()))?;
    let digest = Digest::parse(hex);
    if digest.is_none() {
        check.fault(field, "must be 64 hexadecimal digits");
    }
    digest
}

/// What came of reading a policy.
#[must_use]
pub fn checked(checked: &Checked) -> pb::CheckPolicyResponse {
    let Checked { policy, notes } = checked;
    let (good, problems) = match policy {
        Ok(policy) => (Some(version(&policy.version)), Vec::new()),
        Err(found) => (None, problems(found)),
    };
    pb::CheckPolicyResponse {
        version: good,
        problems,
        notes: self::problems(notes),
    }
}

/// What is wrong with a policy, one by one.
#[must_use]
pub fn problems(problems: &[Problem]) -> Vec<pb::Problem> {
    let one = |problem: &Problem| {
        let Problem {
            line,
            column,
            path,
            message,
        } = problem.clone();
        pb::Problem {
            line,
            column,
            path,
            message,
        }
    };
    problems.iter().map(one).collect()
}

/// A version and where it stands.
#[must_use]
pub fn state(placed: &Placed) -> pb::PolicyState {
    let Placed { standing, stage } = placed;
    let stage = match stage {
        None => pb::PolicyStage::Unspecified,
        Some(Stage::Proposed) => pb::PolicyStage::Proposed,
        Some(Stage::Approved) => pb::PolicyStage::Approved,
        Some(Stage::Active) => pb::PolicyStage::Active,
        Some(Stage::Retired) => pb::PolicyStage::Retired,
    };
    pb::PolicyState {
        version: Some(version(&standing.version)),
        stage: stage.into(),
        author: standing.author.clone(),
        approver: standing.approver.clone().unwrap_or_default(),
        self_approved: standing.is_self_approved(),
        proposed_at: standing.proposed_at.map(moment),
        approved_at: standing.approved_at.map(moment),
        activated_at: standing.activated_at.map(moment),
    }
}

/// All policies, who decides by which, and every act.
#[must_use]
pub fn list(all: &Policies) -> pb::ListPoliciesResponse {
    let Policies {
        policies,
        replicas,
        trail,
    } = all;
    let replica = |it: &Replica| pb::Replica {
        name: it.name.clone(),
        active_digest: it.active.digest.to_string(),
        since_at: Some(moment(it.since)),
    };
    let entry = |it: &Entry| pb::TrailEntry {
        at: Some(moment(it.at)),
        principal: it.principal.clone(),
        act: Act::name(it.act).to_owned(),
        digest: it.version.digest.to_string(),
        note: it.note.clone(),
    };
    pb::ListPoliciesResponse {
        policies: policies.iter().map(state).collect(),
        replicas: replicas.iter().map(replica).collect(),
        trail: trail.iter().map(entry).collect(),
    }
}
