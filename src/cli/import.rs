//! `import`: a shop's own past into the data directory, by the live steps, in order of time; and again from where it
//! was interrupted.

mod mark;

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use super::args::{Format, Import as Command};
use super::clock;
use super::config::{self, Setting, Settings};
use super::exit::{self, Failure};
use super::files::{Loaded, Sources};
use super::history::{Happened, History};
use super::output::Output;
use super::progress;
use super::running::{self, Whole, cannot_store};
use super::show;
use crate::api::wire::Accepts;
use crate::decision::signals;
use crate::domain::event::Event;
use crate::domain::units::{Digest, Timestamp};
use crate::service::history::{Taken, keys};
use crate::service::past::Played;
use crate::service::{self, Service};
use mark::Mark;

/// Pieces of work under way at once.
const IN_FLIGHT: usize = 512;
/// Events of one piece of work.
const EVENTS: usize = 50;
/// How often the place is noted.
const NOTED_EVERY: Duration = Duration::from_secs(1);
/// How long the store may take for a piece; it is ours alone.
const PATIENCE: Duration = Duration::from_secs(3_600);

/// Runs the command.
pub(crate) async fn run(command: &Command, out: &mut Output) -> Result<(), Failure> {
    let flags = config::flags(&command.place, Some(&command.rules), None);
    let settings = Settings::read(command.place.config.as_deref(), flags)?;
    let loaded = Sources::read(&settings).and_then(|sources| sources.load())?;
    let history = checked(&command.dir, &settings, &loaded)?;
    let mut told = Report::of(&history);
    if command.dry_run {
        return told.tell(command.format, out);
    }
    let whole = Whole {
        since: history.time_of(0),
        under_way: IN_FLIGHT,
    };
    let service = running::service(&settings, loaded, whole).await?;
    let from = begin(&history, &settings, &service).await?;
    let done = Importing {
        history: &history,
        service: &service,
        mark: Mark::new(&settings.data(), &history),
        under_way: VecDeque::new(),
        events: Vec::new(),
        told: &mut told,
        bar: progress::bar(
            Some(history.len()),
            "{pos} of {len} orders and events, {per_sec}, {eta}",
        ),
    }
    .all(from)
    .await;
    drop(service);
    done?;
    told.tell(command.format, out)
}

/// The history, checked as a whole.
pub(crate) fn checked(
    dir: &Path,
    settings: &Settings,
    loaded: &Loaded,
) -> Result<History, Failure> {
    let catalogue = &loaded.in_force.catalogue;
    let accepts = Accepts {
        now: clock::wall(),
        currencies: catalogue.rates.keys().copied().collect(),
        driven: settings.text(Setting::Clock) == "driven",
    };
    let reading = progress::bar(Some(0), "checking: {bytes} of {total_bytes}, {eta}");
    let history = History::open(dir, accepts, &mut |done, total| {
        reading.set_length(total);
        reading.set_position(done);
    });
    reading.finish_and_clear();
    history
}

/// From which piece on the history is to be played.
///
/// An order is measured by what was known when it was placed. So whatever the data directory does not know of the
/// history yet must be later than everything that it does know.
async fn begin(history: &History, settings: &Settings, service: &Service) -> Result<u64, Failure> {
    let done = Mark::read(&settings.data(), history);
    if done == history.len() {
        return Ok(done);
    }
    let newest = service.store.newest().await;
    let Some(newest) = newest.map_err(|error| cannot_store(&error))? else {
        return Ok(0);
    };
    let mut number = done;
    let mut chunk = Vec::new();
    for one in history.play(done) {
        let one = one?;
        let at = match &one {
            Happened::Order(order, _) => order.placed_at,
            Happened::Event(event, _) => event.occurred_at,
        };
        if at >= newest {
            break;
        }
        chunk.push(one);
        if chunk.len() == 256 {
            number = known(history, service, number, &chunk, newest).await?;
            chunk.clear();
        }
    }
    known(history, service, number, &chunk, newest).await
}

/// The number after these pieces, if all of them are known.
async fn known(
    history: &History,
    service: &Service,
    first: u64,
    pieces: &[Happened],
    newest: Timestamp,
) -> Result<u64, Failure> {
    let mut all = crate::decision::snapshot::Keys::default();
    for piece in pieces {
        all.extend(match piece {
            Happened::Order(order, _) => signals::keys(order),
            Happened::Event(event, digest) => keys(&[(Event::clone(event), *digest)]),
        });
    }
    let rows = service.store.read(all).await;
    let rows = rows.map_err(|error| cannot_store(&error))?;
    for (number, piece) in (first..).zip(pieces) {
        let (is_known, what) = match piece {
            Happened::Order(order, _) => {
                let dossier = rows.orders.get(&order.order_id);
                let decided = dossier.is_some_and(|it| it.latest.is_some());
                (decided, format!("order {}", order.order_id))
            }
            Happened::Event(event, _) => {
                let seen = rows.events.get(&event.event_id).copied().flatten();
                (seen.is_some(), format!("event {}", event.event_id))
            }
        };
        if !is_known {
            let line = history.line_of(number);
            let what = format!(
                "{what} is new, and the data directory knows of {newest} already: an order is measured by what was \
                 known when it was placed, so a past goes before everything later; import it into an empty data directory"
            );
            return Err(Failure::bad_file(line, what));
        }
    }
    Ok(first.saturating_add(u64::try_from(pieces.len()).unwrap_or(0)))
}

type Answer<T> = Pin<Box<dyn Future<Output = Result<T, service::Error>> + Send>>;

/// A piece of work under way, and the number of pieces of the history up to its end.
enum UnderWay {
    Order(String, Answer<Played>, u64),
    Events(Vec<String>, Answer<Vec<Taken>>, u64),
}

struct Importing<'a> {
    history: &'a History,
    service: &'a Service,
    mark: Mark,
    under_way: VecDeque<UnderWay>,
    /// Events since the last order, not yet under way.
    events: Vec<(Event, Digest)>,
    told: &'a mut Report,
    bar: ProgressBar,
}

impl Importing<'_> {
    async fn all(mut self, from: u64) -> Result<(), Failure> {
        let stop = std::sync::Arc::new(AtomicBool::new(false));
        let mut listening = tokio::task::JoinSet::new();
        listening.spawn(listen(std::sync::Arc::clone(&stop)));
        let played = self.play(from, &stop).await;
        self.bar.finish_and_clear();
        listening.abort_all();
        let done = played?;
        self.mark.note(done)?;
        let all = self.history.len();
        if done < all {
            exit::say(format_args!(
                "interrupted: {done} of {all} are imported; the same command goes on from there"
            ));
            return Err(Failure::Findings);
        }
        Ok(())
    }

    /// Plays until the end or a signal; how far it came.
    async fn play(&mut self, from: u64, stop: &AtomicBool) -> Result<u64, Failure> {
        let (mut number, mut done, mut noted) = (from, from, None::<Instant>);
        self.told.before = from;
        self.bar.set_position(from);
        for one in self.history.play(from) {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            number += 1;
            match one? {
                Happened::Event(event, digest) => {
                    self.events.push((*event, digest));
                    if self.events.len() == EVENTS {
                        self.send_events(number);
                    }
                }
                Happened::Order(order, told) => {
                    self.send_events(number - 1);
                    let name = order.order_id.to_string();
                    let until = Instant::now() + PATIENCE;
                    let answer = Box::pin(self.service.import_order(order, told, until));
                    self.under_way
                        .push_back(UnderWay::Order(name, answer, number));
                }
            }
            while self.under_way.len() >= IN_FLIGHT {
                done = self.oldest(done).await?;
            }
            if done > from && noted.is_none_or(|it| it.elapsed() > NOTED_EVERY) {
                self.mark.note(done)?;
                self.bar.set_position(done);
                noted = Some(Instant::now());
            }
        }
        self.send_events(number);
        while !self.under_way.is_empty() {
            done = self.oldest(done).await?;
        }
        Ok(done)
    }

    fn send_events(&mut self, number: u64) {
        if self.events.is_empty() {
            return;
        }
        let events = std::mem::take(&mut self.events);
        let names = events.iter().map(|(it, _)| it.event_id.to_string());
        let names = names.collect();
        let until = Instant::now() + PATIENCE;
        let answer = Box::pin(self.service.import_events(events, until));
        self.under_way
            .push_back(UnderWay::Events(names, answer, number));
    }

    /// Waits for the oldest piece under way; how far the history is played then.
    async fn oldest(&mut self, done: u64) -> Result<u64, Failure> {
        let failed = |error: service::Error| {
            if let service::Error::Store(error) = &error {
                cannot_store(error)
            } else {
                Failure::Bug(error.to_string())
            }
        };
        match self.under_way.pop_front() {
            None => Ok(done),
            Some(UnderWay::Order(name, answer, number)) => {
                match answer.await.map_err(failed)? {
                    Played::Made(_) => self.told.count("orders_imported"),
                    Played::Known => self.told.count("orders_known"),
                    Played::Refused(why) => self.told.refuse("order", &name, why),
                }
                Ok(number)
            }
            Some(UnderWay::Events(names, answer, number)) => {
                for (name, taken) in names.iter().zip(answer.await.map_err(failed)?) {
                    match taken {
                        Taken::Recorded => self.told.count("events_recorded"),
                        Taken::Pending => self.told.count("events_pending"),
                        Taken::Duplicate => self.told.count("events_known"),
                        Taken::Rejected(why) => self.told.refuse("event", name, why),
                    }
                }
                Ok(number)
            }
        }
    }
}

/// Waits for a signal to end, and notes it.
async fn listen(stop: std::sync::Arc<AtomicBool>) {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
    let [Ok(mut interrupt), Ok(mut terminate)] = signals else {
        return;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    stop.store(true, Ordering::Relaxed);
}

/// What was done, and what is of little use.
struct Report {
    about: String,
    span: Option<(Timestamp, Timestamp)>,
    found: Vec<(&'static str, u64, &'static str)>,
    /// Pieces that an earlier run had played.
    before: u64,
    done: BTreeMap<&'static str, u64>,
    refused: u64,
}

/// What may come of pieces, by its key.
const DONE: &[(&str, &str)] = &[
    (
        "orders_imported",
        "orders recorded now, with origin IMPORTED",
    ),
    ("orders_known", "orders that were there already"),
    ("events_recorded", "events recorded now"),
    (
        "events_pending",
        "events kept, PENDING until their order or claim is known",
    ),
    ("events_known", "events that were there already"),
];

impl Report {
    fn of(history: &History) -> Self {
        let survey = history.survey();
        Self {
            about: survey.about.clone(),
            span: survey.span,
            found: survey.counts.clone(),
            before: 0,
            done: BTreeMap::new(),
            refused: 0,
        }
    }

    fn count(&mut self, what: &'static str) {
        *self.done.entry(what).or_insert(0) += 1;
    }

    fn refuse(&mut self, what: &str, name: &str, why: &str) {
        exit::say(format_args!("{what} {name}: REJECTED: {why}"));
        self.refused += 1;
    }

    /// Tells it; what was refused is a finding.
    fn tell(&self, format: Format, out: &mut Output) -> Result<(), Failure> {
        let done = DONE.iter().filter_map(|(key, text)| {
            let n = self.done.get(key)?;
            Some((*key, *n, *text))
        });
        let more = [
            (
                "before",
                self.before,
                "orders and events that an earlier run had played",
            ),
            (
                "refused",
                self.refused,
                "orders and events that were refused; each is named above",
            ),
        ];
        let more = more.into_iter().filter(|it| it.1 > 0);
        let found = self.found.iter().copied();
        match format {
            Format::Table => {
                if let Some((first, last)) = self.span {
                    let gap = if self.about.is_empty() { "" } else { ", " };
                    out.line(format_args!("{}{gap}{first} to {last}", self.about))?;
                }
                let found =
                    found.filter(|(key, n, _)| *n > 0 || matches!(*key, "orders" | "events"));
                let rows = found.chain(done).chain(more);
                let rows =
                    rows.map(|(key, n, text)| [key.to_owned(), n.to_string(), text.to_owned()]);
                show::table(out, ["", "number", "what it is"], rows)?;
            }
            Format::Json => {
                let all = found.chain(done).chain(more);
                let mut all: serde_json::Map<_, _> =
                    all.map(|(key, n, _)| (key.to_owned(), n.into())).collect();
                if let Some((first, last)) = self.span {
                    all.insert("first_at".to_owned(), first.to_string().into());
                    all.insert("last_at".to_owned(), last.to_string().into());
                }
                out.line(serde_json::Value::Object(all))?;
            }
        }
        out.flush()?;
        if self.refused > 0 {
            Err(Failure::Findings)
        } else {
            Ok(())
        }
    }
}
