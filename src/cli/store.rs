//! `store verify`, `store backup` and `store export`: what is kept, checked, copied and told.

use std::path::Path;

use super::args::Store as Command;
use super::client::{self, Client};
use super::config::{self, Settings};
use super::exit::Failure;
use super::json;
use super::output::Output;
use super::running::cannot_store;
use crate::api::wire::pb;
use crate::store::{self, Verified};

/// Decisions of a page.
const PAGE: i32 = 100;
/// 2000-01-01T00:00:00Z: nothing is older.
const FIRST_S: i64 = 946_684_800;

/// Runs the command.
pub(crate) async fn run(command: &Command, out: &mut Output) -> Result<(), Failure> {
    let (Command::Verify { place } | Command::Backup { place, .. } | Command::Export { place, .. }) =
        command;
    let settings = Settings::read(place.config.as_deref(), config::flags(place, None, None))?;
    match command {
        Command::Verify { .. } => verify(&settings, out),
        Command::Backup { to, .. } => back_up(&settings, to, out),
        Command::Export { server, .. } => {
            let mut client = Client::look(server.as_deref(), &settings).await?;
            let done = export(&mut client, out).await;
            client.close().await?;
            done
        }
    }
}

/// Looks at everything, beside whoever serves the data directory, and tells each thing that is wrong on a line.
fn verify(settings: &Settings, out: &mut Output) -> Result<(), Failure> {
    let verified = store::verify(&store::Settings::new(settings.data()));
    let verified = verified.map_err(|error| cannot_store(&error))?;
    for finding in &verified.findings {
        out.line(finding)?;
    }
    let Verified {
        decisions,
        events,
        rows,
        acts,
        findings,
    } = verified;
    let found = findings.len();
    out.line(format_args!(
        "{decisions} decisions, {events} events, {rows} orders and profiles, {acts} acts on policies: {found} findings"
    ))?;
    out.flush()?;
    if findings.is_empty() {
        Ok(())
    } else {
        Err(Failure::Findings)
    }
}

/// Copies beside whoever serves the data directory.
fn back_up(settings: &Settings, to: &Path, out: &mut Output) -> Result<(), Failure> {
    if to.exists() {
        return Err(Failure::Usage(format!("{} exists already", to.display())));
    }
    let copied = store::back_up(&store::Settings::new(settings.data()), to);
    copied.map_err(|error| cannot_store(&error))?;
    keep_to_ourselves(to)?;
    out.line(to.display())?;
    out.flush()
}

/// A copy holds what the data directory keeps from others, so it is for its owner alone, too.
fn keep_to_ourselves(copy: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt as _;
    let owner = std::fs::Permissions::from_mode(0o600);
    let kept = std::fs::set_permissions(copy, owner);
    kept.map_err(|error| Failure::Unreachable(format!("{}: {error}", copy.display())))
}

async fn export(client: &mut Client, out: &mut Output) -> Result<(), Failure> {
    let mut request = pb::ListDecisionsRequest {
        from_at: Some(prost_types::Timestamp {
            seconds: FIRST_S,
            nanos: 0,
        }),
        view: pb::DecisionView::Full.into(),
        page_size: PAGE,
        ..pb::ListDecisionsRequest::default()
    };
    loop {
        let page = client.decisions.list_decisions(request.clone()).await;
        let page = page
            .map_err(|status| client::refused(&status))?
            .into_inner();
        for decision in &page.decisions {
            out.line(json::write(decision).map_err(Failure::Bug)?)?;
        }
        if page.next_page_token.is_empty() {
            return out.flush();
        }
        request.page_token = page.next_page_token;
    }
}
