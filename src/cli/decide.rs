//! `decide`: orders from a file, decisions on standard output.

use prost::Message as _;

use super::args::{Decide, Format};
use super::client::{self, Client};
use super::config::{self, Settings};
use super::exit::Failure;
use super::input::{self, Found};
use super::output::Output;
use super::{json, show};
use crate::api::wire::pb;

/// At most so many orders go into one call, and so many bytes: the contract's bounds.
const ORDERS_MAX: usize = 100;
const BYTES_MAX: usize = 1_000_000;

/// Runs the command.
pub(crate) async fn run(command: &Decide, out: &mut Output) -> Result<(), Failure> {
    let flags = config::flags(&command.place, Some(&command.rules), None);
    let settings = Settings::read(command.place.config.as_deref(), flags)?;
    let orders = input::orders(&command.file)?;
    let mut client = Client::open(command.server.as_deref(), &settings).await?;
    let told = all(command, orders, &mut client, out).await;
    client.close().await?;
    told
}

async fn all(
    command: &Decide,
    orders: Vec<Found<pb::DecideRequest>>,
    client: &mut Client,
    out: &mut Output,
) -> Result<(), Failure> {
    let (mut shown, mut troubles) = (Vec::new(), Troubles::default());
    for batch in batches(orders, command.preview) {
        let requests = batch.iter().map(|it| it.what.clone()).collect();
        let answer = client
            .decisions
            .decide_batch(pb::DecideBatchRequest { requests });
        let answer = answer.await.map_err(|status| client::refused(&status))?;
        for (asked, result) in batch.into_iter().zip(answer.into_inner().results) {
            match result.result {
                Some(pb::decide_result::Result::Decision(decision)) => match command.format {
                    Format::Json => out.line(json::write(&*decision).map_err(Failure::Bug)?)?,
                    Format::Table if command.explain => {
                        if !shown.is_empty() {
                            out.line("")?;
                        }
                        show::explain(out, &decision)?;
                        shown.push((None, decision));
                    }
                    Format::Table => shown.push((asked.what.order, decision)),
                },
                Some(pb::decide_result::Result::Error(error)) => {
                    troubles.add(&command.file.display().to_string(), &asked, &error);
                }
                None => return Err(Failure::Bug("the service answered nothing".to_owned())),
            }
        }
        out.flush()?;
    }
    if command.format == Format::Table && !command.explain && !shown.is_empty() {
        let rows = shown
            .iter()
            .map(|(order, decision)| (order.as_ref(), &**decision));
        show::decisions(out, rows)?;
    }
    out.flush()?;
    troubles.end()
}

/// Batches in the order of the file, within the contract's bounds.
fn batches(
    orders: Vec<Found<pb::DecideRequest>>,
    preview: bool,
) -> Vec<Vec<Found<pb::DecideRequest>>> {
    let mut batches: Vec<Vec<_>> = Vec::new();
    let mut bytes = usize::MAX;
    for mut one in orders {
        one.what.view = pb::DecisionView::Full.into();
        if preview {
            one.what.mode = pb::Mode::Preview.into();
        }
        let size = one.what.encoded_len() + 8;
        let fits = bytes.saturating_add(size) <= BYTES_MAX;
        match batches.last_mut() {
            Some(batch) if fits && batch.len() < ORDERS_MAX => {
                batch.push(one);
                bytes += size;
            }
            _ => {
                batches.push(vec![one]);
                bytes = size;
            }
        }
    }
    batches
}

/// What was wrong with single orders, and how bad it is for the command.
#[derive(Debug, Default)]
struct Troubles {
    bad: Vec<String>,
    unreachable: Vec<String>,
    bugs: Vec<String>,
}

impl Troubles {
    fn add(&mut self, file: &str, asked: &Found<pb::DecideRequest>, error: &pb::ItemError) {
        let order = asked.what.order.as_ref().map_or("", |it| &it.order_id);
        let place = format!("{file}:{}: order `{order}`", asked.line);
        let code = i32::try_from(error.code).unwrap_or(i32::MAX);
        let status = tonic::Status::new(code.into(), error.message.clone());
        match client::refused(&status) {
            Failure::Unreachable(what) => self.unreachable.push(format!("{place}: {what}")),
            Failure::Bug(what) => self.bugs.push(format!("{place}: {what}")),
            Failure::Usage(_) | Failure::BadFile(_) | Failure::Findings | Failure::Closed => {
                let fields = error.field_violations.iter();
                let before = self.bad.len();
                let line =
                    |it: &pb::FieldViolation| format!("{place}: {}: {}", it.field, it.description);
                self.bad.extend(fields.map(line));
                if self.bad.len() == before {
                    self.bad.push(format!("{place}: {}", error.message));
                }
            }
        }
    }

    /// The worst of them ends the command; all are told.
    fn end(self) -> Result<(), Failure> {
        let Self {
            bad,
            unreachable,
            bugs,
        } = self;
        if let Some(what) = bugs.into_iter().next() {
            Err(Failure::Bug(what))
        } else if !unreachable.is_empty() {
            Err(Failure::Unreachable(unreachable.join("\n")))
        } else if !bad.is_empty() {
            Err(Failure::BadFile(bad))
        } else {
            Ok(())
        }
    }
}
