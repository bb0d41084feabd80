//! Watches the files that were named: a good change is swapped in whole, a bad one changes nothing,
//! and log and metrics say so.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::Handle;

use super::exit::Failure;
use super::files::{Loaded, Source};
use super::gauges::Gauges;
use crate::domain::units::Timestamp;
use crate::service::Service;

/// A thread that watches; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Reload {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Reload {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that watches files panicked");
        }
    }
}

impl Reload {
    /// Starts to watch the files of `loaded`, every so often.
    pub(crate) fn start(
        loaded: Loaded,
        service: Arc<Service>,
        gauges: Gauges,
        every: Duration,
    ) -> Self {
        let (stop, stopped) = channel::<()>();
        let runtime = Handle::current();
        let mut watcher = Watcher::new(loaded, service, gauges);
        let thread = std::thread::Builder::new()
            .name("watch-files".to_owned())
            .spawn(move || {
                while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                    watcher.gauges.look();
                    runtime.block_on(watcher.look());
                }
            });
        let thread = thread
            .inspect_err(|error| tracing::error!(%error, "named files are not watched"))
            .ok();
        Self {
            stop: Some(stop),
            thread,
        }
    }
}

/// What tells a file's state apart without reading it: which file it is, its length, and when it was changed. A file that
/// was moved to its place is another one, even where length and time are those of the one before.
type Mark = Option<(u64, u64, Timestamp)>;

struct Watcher {
    loaded: Loaded,
    /// Each file as last looked at, in the order of the sources.
    marks: Vec<Mark>,
    service: Arc<Service>,
    gauges: Gauges,
}

impl Watcher {
    fn new(loaded: Loaded, service: Arc<Service>, gauges: Gauges) -> Self {
        let sources: Vec<_> = loaded.sources.iter().cloned().collect();
        for source in sources.iter().filter(|it| it.path.is_some()) {
            gauges.set_stale(source.what, false);
        }
        // The files may have changed since they were read: the first look reads them again.
        let marks = vec![None; sources.len()];
        Self {
            loaded,
            marks,
            service,
            gauges,
        }
    }

    /// Looks at every file once; all that changed comes into force together, or nothing of it.
    async fn look(&mut self) {
        let sources: Vec<Source> = self.loaded.sources.iter().cloned().collect();
        let marks: Vec<_> = sources
            .iter()
            .map(|it| it.path.as_deref().and_then(mark))
            .collect();
        if marks == self.marks {
            return;
        }
        self.marks = marks;
        let (mut changed, mut unread) = (Vec::new(), Vec::new());
        for source in &sources {
            match source.read_again() {
                Ok(read) if read.text != source.text => changed.push(read),
                Ok(_) if source.path.is_none() => {}
                Ok(_) => self.gauges.set_stale(source.what, false),
                Err(what) => unread.push((source, format!("{}: {what}", source.name()))),
            }
        }
        let all: Vec<&Source> = changed
            .iter()
            .chain(unread.iter().map(|(it, _)| *it))
            .collect();
        if !unread.is_empty() {
            let lines: Vec<_> = unread.iter().map(|(_, line)| line.clone()).collect();
            self.refuse(&all, &lines);
            return;
        }
        if all.is_empty() {
            return;
        }
        let next = changed
            .iter()
            .fold(self.loaded.sources.clone(), |sources, one| {
                sources.with(one.clone())
            });
        match next.load() {
            Ok(next) => self.take(next, &all).await,
            Err(Failure::BadFile(lines)) => self.refuse(&all, &lines),
            Err(other) => self.refuse(&all, &[format!("{other:?}")]),
        }
    }

    async fn take(&mut self, next: Loaded, changed: &[&Source]) {
        for version in next.versions(self.service.clock.now()) {
            if let Err(error) = self.service.store.keep_version(version).await {
                tracing::error!(%error, "a changed file waits until the store can keep it");
                // As if nothing had been seen: the next look tries again.
                self.marks.fill(None);
                return;
            }
        }
        let (releases, now) = (&self.service.releases, self.service.clock.now());
        if next.sources.policy_is_file() {
            releases.swap(next.in_force.clone(), now);
        } else {
            // Another one may have been activated meanwhile.
            releases.swap_beside_policy(next.in_force.clone(), now);
        }
        self.loaded = next;
        for source in changed {
            self.gauges.reloaded(source.what, true);
            let (file, what) = (source.name(), source.what.name());
            tracing::info!(file, what, "a changed file is in force");
        }
    }

    fn refuse(&self, changed: &[&Source], lines: &[String]) {
        for source in changed {
            self.gauges.reloaded(source.what, false);
        }
        for problem in lines {
            tracing::error!(
                problem,
                "a changed file is refused; the one before stays in force"
            );
        }
    }
}

fn mark(path: &Path) -> Mark {
    let about: Metadata = std::fs::metadata(path).ok()?;
    let changed = super::clock::moment(about.modified().ok()?);
    Some((about.ino(), about.len(), changed))
}
