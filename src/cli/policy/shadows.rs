//! `policy shadows`: what judges beside the live answer, and where it would have acted otherwise.

use super::desk::Desk;
use crate::api::wire::pb;
use crate::cli::args::{Format, PolicyShadows, ShadowStart, ShadowStop};
use crate::cli::client;
use crate::cli::exit::Failure;
use crate::cli::json;
use crate::cli::lessons;
use crate::cli::output::Output;
use crate::cli::show;
use pb::shadow::Candidate;

/// Runs the command.
pub(super) async fn run(command: &PolicyShadows, out: &mut Output) -> Result<(), Failure> {
    match command {
        PolicyShadows::Start(args) => {
            let mut desk = Desk::open(&args.act.desk).await?;
            let told = started(args, &mut desk, out).await;
            desk.client.close().await?;
            told
        }
        PolicyShadows::Stop(args) => {
            let mut desk = Desk::open(&args.act.desk).await?;
            let told = stopped(args, &mut desk, out).await;
            desk.client.close().await?;
            told
        }
        PolicyShadows::List(args) => {
            let mut desk = Desk::open(&args.desk).await?;
            let asked = desk
                .client
                .policies
                .list_shadows(pb::ListShadowsRequest {})
                .await;
            desk.client.close().await?;
            let all = asked.map_err(|status| client::refused(&status))?;
            let all = all.into_inner();
            match args.desk.format {
                Format::Table => tables(&all.shadows, out)?,
                Format::Json => out.line(json::write(&all).map_err(Failure::Bug)?)?,
            }
            out.flush()
        }
    }
}

async fn started(args: &ShadowStart, desk: &mut Desk, out: &mut Output) -> Result<(), Failure> {
    use pb::start_shadow_request::Candidate;
    let candidate = match (&args.policy, &args.model) {
        (Some(policy), _) => Some(Candidate::PolicyDigest(desk.digest(policy)?)),
        (None, Some(model)) => Some(Candidate::ModelName(model.clone())),
        (None, None) => None,
    };
    let until = lessons::time("--until", args.until.as_deref())?;
    let request = pb::StartShadowRequest {
        candidate,
        until_at: until.map(crate::api::wire::moment),
        note: args.act.note.clone(),
    };
    let answer = desk.client.policies.start_shadow(request).await;
    let answer = answer.map_err(|status| client::refused(&status))?;
    let shadow = answer.into_inner().shadow.unwrap_or_default();
    one(args.act.desk.format, &shadow, out, |name, until| {
        format!("{name} judges by {} until {until}", judged_by(&shadow))
    })
}

async fn stopped(args: &ShadowStop, desk: &mut Desk, out: &mut Output) -> Result<(), Failure> {
    let request = pb::StopShadowRequest {
        shadow_id: args.shadow.clone(),
        note: args.act.note.clone(),
    };
    let answer = desk.client.policies.stop_shadow(request).await;
    let answer = answer.map_err(|status| client::refused(&status))?;
    let shadow = answer.into_inner().shadow.unwrap_or_default();
    one(args.act.desk.format, &shadow, out, |name, until| {
        format!("{name} ended at {until}")
    })
}

/// Tells of one shadow: in a sentence of its name and its end, or as it stands.
fn one(
    format: Format,
    shadow: &pb::Shadow,
    out: &mut Output,
    sentence: impl FnOnce(&str, &str) -> String,
) -> Result<(), Failure> {
    match format {
        Format::Table => {
            let until = show::time(shadow.until_at.as_ref());
            out.line(sentence(&shadow.shadow_id, &until))?;
        }
        Format::Json => out.line(json::write(shadow).map_err(Failure::Bug)?)?,
    }
    out.flush()
}

/// The policy or scorecard as `id@digest`.
fn judged_by(shadow: &pb::Shadow) -> String {
    let (what, version) = match &shadow.candidate {
        Some(Candidate::Policy(version)) => ("policy", Some(version)),
        Some(Candidate::Model(version)) => ("scorecard", Some(version)),
        None => ("?", None),
    };
    format!("{what} {}", show::version(version))
}

fn tables(shadows: &[pb::Shadow], out: &mut Output) -> Result<(), Failure> {
    let orders = |same: bool, it: &pb::Shadow| -> u64 {
        let all = it.transitions.iter();
        let all = all.filter(|it| (it.from == it.to) == same);
        all.map(|it| it.orders).sum()
    };
    let row = |it: &pb::Shadow| {
        [
            it.shadow_id.clone(),
            judged_by(it),
            show::time(it.started_at.as_ref()),
            show::time(it.until_at.as_ref()),
            it.principal.clone(),
            orders(true, it).to_string(),
            orders(false, it).to_string(),
            it.failed.to_string(),
            it.note.replace('\n', " "),
        ]
    };
    let header = [
        "shadow",
        "judges by",
        "started",
        "until",
        "by",
        "same",
        "otherwise",
        "missed",
        "note",
    ];
    show::table(out, header, shadows.iter().map(row))?;
    let moved: Vec<_> = shadows
        .iter()
        .flat_map(|shadow| shadow.transitions.iter().map(move |it| (shadow, it)))
        .filter(|(_, it)| it.from != it.to)
        .map(|(shadow, it)| {
            [
                shadow.shadow_id.clone(),
                show::action(it.from).to_owned(),
                show::action(it.to).to_owned(),
                it.orders.to_string(),
                show::money(it.value_minor),
                it.decision_ids.first().cloned().unwrap_or_default(),
            ]
        })
        .collect();
    if moved.is_empty() {
        return Ok(());
    }
    out.line("")?;
    let header = [
        "shadow",
        "live",
        "would be",
        "decisions",
        "value",
        "for example",
    ];
    show::table(out, header, moved)
}
