//! `replay`: decides again from the records, and says whether the same comes out.

use super::args::{Format, Replay};
use super::client::{self, Client};
use super::config::{self, Settings};
use super::exit::{self, Failure};
use super::output::Output;
use super::show;
use crate::api::wire::pb;
use crate::decision::policy::Policy;

/// Decisions of a page.
const PAGE: i32 = 500;
/// 2000-01-01T00:00:00Z: nothing is older.
const FIRST_S: i64 = 946_684_800;

/// Runs the command.
pub(crate) async fn run(command: &Replay, out: &mut Output) -> Result<(), Failure> {
    let mut flags = config::flags(&command.place, None, None);
    let mut policy_version = String::new();
    if let Some(file) = &command.policy {
        policy_version = digest_of(file)?;
        flags.insert(config::Setting::Policy, file.clone());
    }
    let settings = Settings::read(command.place.config.as_deref(), flags)?;
    let mut client = Client::look(command.server.as_deref(), &settings).await?;
    let mut replaying = Replaying {
        client: &mut client,
        policy_version,
        format: command.format,
        identical: 0,
        different: Vec::new(),
    };
    let done = match &command.decision_id {
        Some(id) => replaying.one(id.clone(), out).await,
        None => replaying.all(out).await,
    };
    let (identical, different) = (
        replaying.identical,
        std::mem::take(&mut replaying.different),
    );
    client.close().await?;
    done?;
    tell(identical, &different, command.format, out)
}

/// The digest of a policy file, by which a record names it.
fn digest_of(file: &str) -> Result<String, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::bad_file(file, format_args!("cannot be read: {error}")))?;
    let policy = Policy::load(&text).map_err(|problems| Failure::problems(file, &problems))?;
    Ok(policy.version.digest.to_string())
}

struct Replaying<'a> {
    client: &'a mut Client,
    policy_version: String,
    format: Format,
    identical: u64,
    /// Decision, order, and one difference.
    different: Vec<[String; 5]>,
}

impl Replaying<'_> {
    async fn all(&mut self, out: &mut Output) -> Result<(), Failure> {
        let mut request = pb::ListDecisionsRequest {
            from_at: Some(prost_types::Timestamp {
                seconds: FIRST_S,
                nanos: 0,
            }),
            view: pb::DecisionView::Basic.into(),
            page_size: PAGE,
            ..pb::ListDecisionsRequest::default()
        };
        loop {
            let page = self.client.decisions.list_decisions(request.clone()).await;
            let page = page
                .map_err(|status| client::refused(&status))?
                .into_inner();
            for decision in page.decisions {
                self.one(decision.decision_id, out).await?;
            }
            if page.next_page_token.is_empty() {
                return Ok(());
            }
            request.page_token = page.next_page_token;
        }
    }

    async fn one(&mut self, decision_id: String, out: &mut Output) -> Result<(), Failure> {
        let request = pb::ReplayDecisionRequest {
            decision_id: decision_id.clone(),
            policy_version: self.policy_version.clone(),
        };
        let answer = self.client.decisions.replay_decision(request).await;
        let answer = answer
            .map_err(|status| client::refused(&status))?
            .into_inner();
        if self.format == Format::Json {
            let differences: Vec<_> = answer.differences.iter().map(as_json).collect();
            out.line(serde_json::json!({
                "decision_id": decision_id,
                "identical": answer.identical,
                "differences": differences,
            }))?;
        }
        if answer.identical {
            self.identical += 1;
            return Ok(());
        }
        let order = answer.decision.map_or_else(String::new, |it| it.order_id);
        self.different
            .extend(answer.differences.into_iter().map(|it| {
                [
                    decision_id.clone(),
                    order.clone(),
                    it.field,
                    it.recorded,
                    it.replayed,
                ]
            }));
        Ok(())
    }
}

fn as_json(it: &pb::Difference) -> serde_json::Value {
    serde_json::json!({"field": it.field, "recorded": it.recorded, "replayed": it.replayed})
}

/// Says what came out; differences are findings.
fn tell(
    identical: u64,
    different: &[[String; 5]],
    format: Format,
    out: &mut Output,
) -> Result<(), Failure> {
    let mut ids: Vec<_> = different.iter().map(|[id, ..]| id).collect();
    ids.dedup();
    if format == Format::Table {
        if ids.is_empty() {
            out.line(format_args!("identical: {identical}"))?;
        } else {
            let header = ["decision", "order", "field", "recorded", "replayed"];
            show::table(out, header, different.iter().cloned())?;
        }
    }
    out.flush()?;
    if ids.is_empty() {
        return Ok(());
    }
    exit::say(format_args!(
        "{identical} identical, {} different",
        ids.len()
    ));
    Err(Failure::Findings)
}
