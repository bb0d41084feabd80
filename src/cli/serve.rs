//! `serve`: the service, until it is told to stop.

use tokio::signal::unix::{SignalKind, signal};

use super::args::Serve;
use super::config::{self, Setting, Settings};
use super::exit::Failure;
use super::output::Output;
use super::running::Running;
use super::telemetry;

/// Runs the command.
pub(crate) async fn run(command: &Serve, out: &mut Output) -> Result<(), Failure> {
    let flags = config::flags(&command.place, Some(&command.rules), Some(&command.listen));
    let settings = Settings::read(command.place.config.as_deref(), flags)?;
    telemetry::start(settings.text(Setting::Log));
    let stop = told_to_stop()?;
    let running = Running::start(&settings).await?;
    out.line(format_args!("grpc {}", running.grpc()))?;
    if let Some(metrics) = running.metrics() {
        out.line(format_args!("metrics {metrics}"))?;
    }
    out.flush()?;
    tracing::info!(
        grpc = %running.grpc(),
        "serving; no principals are configured, so loopback only, and every caller is `dev`"
    );
    stop.await;
    tracing::info!("stopping");
    running.stop().await
}

/// Resolves at SIGTERM or SIGINT.
///
/// # Errors
/// [`Failure::Bug`] where signals cannot be listened to.
pub(crate) fn told_to_stop() -> Result<impl Future<Output = ()>, Failure> {
    let listen = |kind| signal(kind).map_err(|error| Failure::Bug(error.to_string()));
    let mut terminate = listen(SignalKind::terminate())?;
    let mut interrupt = listen(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
