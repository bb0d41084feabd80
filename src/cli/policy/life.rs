//! `policy propose`, `approve`, `activate` and `rollback`: the acts of a version's life.

use super::desk::{self, Desk};
use crate::api::wire::pb;
use crate::cli::args::{
    Format, PolicyActivate, PolicyApprove, PolicyDesk, PolicyPropose, PolicyRollback,
};
use crate::cli::client;
use crate::cli::exit::{self, Failure};
use crate::cli::json;
use crate::cli::output::Output;
use crate::decision::problem::Problem;
use crate::domain::units::Digest;

/// The longest file that can be proposed, in bytes.
const BYTES_MAX: u64 = 1 << 20;

/// Keeps a file as a version to be approved.
pub(super) async fn propose(args: &PolicyPropose, out: &mut Output) -> Result<(), Failure> {
    let file = args.file.display().to_string();
    let bad =
        |error: std::io::Error| Failure::bad_file(&file, format_args!("cannot be read: {error}"));
    if std::fs::metadata(&args.file).map_err(bad)?.len() > BYTES_MAX {
        let what = format_args!("is larger than {BYTES_MAX} bytes");
        return Err(Failure::bad_file(&file, what));
    }
    let toml = std::fs::read_to_string(&args.file).map_err(bad)?;
    let mut desk = Desk::begin(&args.act.desk).await?;
    let told = proposed(args, toml, &mut desk, out).await;
    desk.client.close().await?;
    told
}

async fn proposed(
    args: &PolicyPropose,
    toml: String,
    desk: &mut Desk,
    out: &mut Output,
) -> Result<(), Failure> {
    let digest = Digest::of(toml.as_bytes()).to_string();
    let known = desk.all.policies.iter();
    let known = known.map(desk::digest_of).any(|it| it == digest);
    let note = args.act.note.clone();
    let request = pb::ProposePolicyRequest { toml, note };
    let answer = desk.client.policies.propose_policy(request).await;
    let answer = answer.map_err(|status| client::refused(&status))?;
    let pb::ProposePolicyResponse { problems, .. } = answer.into_inner();
    if !problems.is_empty() {
        let problems: Vec<_> = problems.into_iter().map(problem).collect();
        let file = args.file.display();
        return Err(Failure::BadFile(exit::lines_of(file, &problems)));
    }
    let request = pb::GetPolicyRequest {
        digest,
        id: String::new(),
    };
    let answer = desk.client.policies.get_policy(request).await;
    let answer = answer.map_err(|status| client::refused(&status))?;
    let state = answer.into_inner().policy.unwrap_or_default();
    tell(&args.act.desk, &state, out, |name| {
        if known {
            let (stage, author) = (desk::stage(&state), &state.author);
            format!("{name} is kept already: {stage}, proposed by {author}")
        } else {
            format!("proposed {name} by {}: waits for approval", state.author)
        }
    })
}

/// Approves a proposed version.
pub(super) async fn approve(args: &PolicyApprove, out: &mut Output) -> Result<(), Failure> {
    let mut desk = Desk::open(&args.act.desk).await?;
    let told = approved(args, &mut desk, out).await;
    desk.client.close().await?;
    told
}

async fn approved(args: &PolicyApprove, desk: &mut Desk, out: &mut Output) -> Result<(), Failure> {
    let request = pb::ApprovePolicyRequest {
        digest: desk.digest(&args.digest)?,
        note: args.act.note.clone(),
    };
    let answer = desk.client.policies.approve_policy(request).await;
    let answer = answer.map_err(|status| client::refused(&status))?;
    let state = answer.into_inner().policy.unwrap_or_default();
    tell(&args.act.desk, &state, out, |name| {
        let own = if state.self_approved {
            ", who proposed it too (self_approved)"
        } else {
            ""
        };
        format!("approved {name} by {}{own}", state.approver)
    })
}

/// Puts a version in force.
pub(super) async fn activate(args: &PolicyActivate, out: &mut Output) -> Result<(), Failure> {
    let mut desk = Desk::open(&args.act.desk).await?;
    let told = activated(args, &mut desk, out).await;
    desk.client.close().await?;
    told
}

async fn activated(
    args: &PolicyActivate,
    desk: &mut Desk,
    out: &mut Output,
) -> Result<(), Failure> {
    let request = pb::ActivatePolicyRequest {
        digest: desk.digest(&args.digest)?,
        expected_active_digest: desk.expected(args.expect.as_deref())?,
        note: args.act.note.clone(),
    };
    let before = desk::name(desk.active()?);
    let answer = desk.client.policies.activate_policy(request).await;
    let answer = answer.map_err(|status| client::refused(&status))?;
    let state = answer.into_inner().policy.unwrap_or_default();
    in_force("activated", &before, (&args.act.desk, &state), desk, out).await
}

/// Puts the version in force that was so before.
pub(super) async fn rollback(args: &PolicyRollback, out: &mut Output) -> Result<(), Failure> {
    let mut desk = Desk::open(&args.act.desk).await?;
    let told = rolled_back(args, &mut desk, out).await;
    desk.client.close().await?;
    told
}

async fn rolled_back(
    args: &PolicyRollback,
    desk: &mut Desk,
    out: &mut Output,
) -> Result<(), Failure> {
    let request = pb::RollBackPolicyRequest {
        expected_active_digest: desk.expected(args.expect.as_deref())?,
        note: args.act.note.clone(),
    };
    let before = desk::name(desk.active()?);
    let answer = desk.client.policies.roll_back_policy(request).await;
    let answer = answer.map_err(|status| client::refused(&status))?;
    let state = answer.into_inner().policy.unwrap_or_default();
    in_force(
        "rolled back to",
        &before,
        (&args.act.desk, &state),
        desk,
        out,
    )
    .await
}

/// Tells what is in force now, what was, and how many servers decide by it.
async fn in_force(
    done: &str,
    before: &str,
    (args, state): (&PolicyDesk, &pb::PolicyState),
    desk: &mut Desk,
    out: &mut Output,
) -> Result<(), Failure> {
    desk.look().await?;
    let (by, all) = desk.servers(&desk::digest_of(state));
    tell(args, state, out, |name| {
        format!("{done} {name} (was {before}); {by} of {all} servers decide by it")
    })
}

/// A version as it stands: a sentence for people, the message for programs.
fn tell(
    args: &PolicyDesk,
    state: &pb::PolicyState,
    out: &mut Output,
    sentence: impl FnOnce(&str) -> String,
) -> Result<(), Failure> {
    match args.format {
        Format::Table => out.line(sentence(&desk::name(state)))?,
        Format::Json => out.line(json::write(state).map_err(Failure::Bug)?)?,
    }
    out.flush()
}

fn problem(told: pb::Problem) -> Problem {
    let pb::Problem {
        line,
        column,
        path,
        message,
    } = told;
    Problem {
        line,
        column,
        path,
        message,
    }
}
