//! `policy history`: all versions and where they stand, and every act.

use super::desk::{self, Desk};
use crate::api::wire::pb;
use crate::cli::args::{Format, PolicyHistory};
use crate::cli::exit::Failure;
use crate::cli::json;
use crate::cli::output::Output;
use crate::cli::show;

/// Tells all versions, newest first, and every act, oldest first.
pub(super) async fn run(args: &PolicyHistory, out: &mut Output) -> Result<(), Failure> {
    let Desk { client, all } = Desk::open(&args.desk).await?;
    client.close().await?;
    match args.desk.format {
        Format::Table => tables(&all, out)?,
        Format::Json => out.line(json::write(&all).map_err(Failure::Bug)?)?,
    }
    out.flush()
}

fn tables(all: &pb::ListPoliciesResponse, out: &mut Output) -> Result<(), Failure> {
    let row = |it: &pb::PolicyState| {
        let own = if it.self_approved { " (self)" } else { "" };
        [
            desk::name(it),
            desk::stage(it).to_owned(),
            it.author.clone(),
            show::time(it.proposed_at.as_ref()),
            format!("{}{own}", it.approver),
            show::time(it.activated_at.as_ref()),
        ]
    };
    let header = [
        "policy",
        "stage",
        "author",
        "proposed",
        "approver",
        "activated",
    ];
    show::table(out, header, all.policies.iter().map(row))?;
    out.line("")?;
    let row = |it: &pb::Replica| {
        [
            it.name.clone(),
            named(all, &it.active_digest),
            show::time(it.since_at.as_ref()),
        ]
    };
    let header = ["server", "decides by", "since"];
    show::table(out, header, all.replicas.iter().map(row))?;
    if all.trail.is_empty() {
        return Ok(());
    }
    out.line("")?;
    let row = |it: &pb::TrailEntry| {
        [
            show::time(it.at.as_ref()),
            it.principal.clone(),
            it.act.clone(),
            named(all, &it.digest),
            it.note.replace('\n', " "),
        ]
    };
    let header = ["at", "principal", "act", "of", "note"];
    show::table(out, header, all.trail.iter().map(row))
}

/// A version by its digest; the digest alone where it is none of the list, as that of a model.
fn named(all: &pb::ListPoliciesResponse, digest: &str) -> String {
    let of = |state: &&pb::PolicyState| desk::digest_of(state) == digest;
    let name = all.policies.iter().find(of).map(desk::name);
    name.unwrap_or_else(|| digest.get(..8).unwrap_or(digest).to_owned())
}
