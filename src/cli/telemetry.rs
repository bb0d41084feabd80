//! The log: one JSON document a line on standard error. Nothing personal is in it, because nothing
//! that holds a person prints itself.

use tracing_subscriber::EnvFilter;

/// Starts the log once for the process; `filter` says what goes in, as in `info`.
pub(crate) fn start(filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_writer(std::io::stderr)
        .with_env_filter(filter);
    // A second start within one process (tests) keeps the first log.
    drop(log.try_init());
}
