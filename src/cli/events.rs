//! `events import`: events as JSON lines into the history.

use std::collections::BTreeMap;

use indicatif::ProgressBar;
use prost::Message as _;

use super::args::{Events, Format};
use super::client::{self, Client};
use super::config::{self, Settings};
use super::exit::{self, Failure};
use super::input::{self, Found};
use super::output::Output;
use super::{progress, show};
use crate::api::wire::pb;
use pb::EventStatus;

/// At most so many events go into one call, and so many bytes: the contract's bounds.
const EVENTS_MAX: usize = 1_000;
const BYTES_MAX: usize = 1_000_000;

/// Runs the command.
pub(crate) async fn run(command: &Events, out: &mut Output) -> Result<(), Failure> {
    let Events::Import {
        file,
        server,
        place,
        format,
    } = command;
    let settings = Settings::read(place.config.as_deref(), config::flags(place, None, None))?;
    let from = input::open(file)?;
    let mut client = Client::open(server.as_deref(), &settings).await?;
    let mut import = Import {
        file: file.display().to_string(),
        client: &mut client,
        waiting: Vec::new(),
        bytes: 0,
        counts: BTreeMap::new(),
        bar: progress::bar(None, "{pos} events, {per_sec}"),
    };
    let done = import.all(from).await;
    let counts = import.counts.clone();
    import.bar.finish_and_clear();
    client.close().await?;
    done?;
    tell(&counts, *format, out)
}

struct Import<'a> {
    file: String,
    client: &'a mut Client,
    waiting: Vec<Found<pb::Event>>,
    bytes: usize,
    counts: BTreeMap<&'static str, u64>,
    bar: ProgressBar,
}

impl Import<'_> {
    async fn all(&mut self, from: impl std::io::BufRead) -> Result<(), Failure> {
        for one in input::events(from) {
            let one = one.map_err(|error| Failure::bad_file(&self.file, error))?;
            match one.what {
                Ok(event) => {
                    self.take(Found {
                        line: one.line,
                        what: event,
                    })
                    .await?;
                }
                Err(what) => self.reject(one.line, &what),
            }
        }
        self.send().await
    }

    async fn take(&mut self, event: Found<pb::Event>) -> Result<(), Failure> {
        let size = event.what.encoded_len() + 8;
        if self.waiting.len() == EVENTS_MAX || self.bytes + size > BYTES_MAX {
            self.send().await?;
        }
        self.bytes += size;
        self.waiting.push(event);
        Ok(())
    }

    async fn send(&mut self) -> Result<(), Failure> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let (lines, events): (Vec<_>, _) =
            self.waiting.drain(..).map(|it| (it.line, it.what)).unzip();
        self.bytes = 0;
        let answer = self
            .client
            .history
            .record_events(pb::RecordEventsRequest { events });
        let answer = answer.await.map_err(|status| client::refused(&status))?;
        for (line, result) in lines.into_iter().zip(answer.into_inner().results) {
            match EventStatus::try_from(result.status) {
                Ok(EventStatus::Recorded) => self.count("RECORDED"),
                Ok(EventStatus::Duplicate) => self.count("DUPLICATE"),
                Ok(EventStatus::Pending) => self.count("PENDING"),
                Ok(EventStatus::Rejected | EventStatus::Unspecified) | Err(_) => {
                    self.reject(line, &result.reason);
                }
            }
        }
        Ok(())
    }

    fn reject(&mut self, line: u32, why: &str) {
        let file = &self.file;
        self.bar
            .suspend(|| exit::say(format_args!("{file}:{line}: {why}")));
        self.count("REJECTED");
    }

    fn count(&mut self, status: &'static str) {
        *self.counts.entry(status).or_insert(0) += 1;
        self.bar.inc(1);
    }
}

/// Says how many events ended how; rejected ones are findings.
fn tell(
    counts: &BTreeMap<&'static str, u64>,
    format: Format,
    out: &mut Output,
) -> Result<(), Failure> {
    let of = |status: &str| counts.get(status).copied().unwrap_or(0);
    let all = ["RECORDED", "PENDING", "DUPLICATE", "REJECTED"];
    match format {
        Format::Table => {
            let rows = all.map(|status| [status.to_owned(), of(status).to_string()]);
            show::table(out, ["status", "events"], rows)?;
        }
        Format::Json => {
            let all: serde_json::Map<_, _> = all
                .iter()
                .map(|it| ((*it).to_owned(), of(it).into()))
                .collect();
            out.line(serde_json::Value::Object(all))?;
        }
    }
    out.flush()?;
    if of("REJECTED") > 0 {
        Err(Failure::Findings)
    } else {
        Ok(())
    }
}
