//! `BacktestPolicy`: the work is done on a thread of its own; what is told flows to the caller, and when the caller is gone
//! the work stops.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::mpsc::{Sender, channel};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::Answers;
use crate::api::grpc::{Face, failed, refused};
use crate::api::status;
use crate::api::wire::{backtest, pb};
use crate::lab::backtest::Candidate;
use crate::service::Service;
use crate::service::backtest::Wanted;

/// Messages that wait for a slow caller.
const AHEAD: usize = 4;

type Answer = Result<pb::BacktestPolicyResponse, Status>;

/// Begins, and gives what it tells.
pub(super) async fn begin(
    face: &Face,
    request: pb::BacktestPolicyRequest,
) -> Result<Answers<pb::BacktestPolicyResponse>, Status> {
    let wanted = backtest::wanted(request).map_err(refused)?;
    let candidate = face.service.candidate(&wanted).await;
    let candidate = candidate.map_err(|error| failed(&error))?;
    let (sender, receiver) = channel(AHEAD);
    let service = face.service.clone();
    let work = move || {
        let done = catch_unwind(AssertUnwindSafe(|| {
            judge(&service, &candidate, &wanted, &sender)
        }));
        let last = done.unwrap_or_else(|_panic| Err(status::internal()));
        // Nobody listens any more: nothing was changed.
        drop(sender.blocking_send(last));
    };
    std::thread::Builder::new()
        .name("backtest".to_owned())
        .spawn(work)
        .map_err(|error| {
            tracing::error!(%error, "no thread for a backtest");
            status::internal()
        })?;
    Ok(Box::pin(ReceiverStream::new(receiver)))
}

/// Judges, and tells how far it is; answers with the last message.
fn judge(
    service: &Service,
    candidate: &Candidate,
    wanted: &Wanted,
    sender: &Sender<Answer>,
) -> Answer {
    let total = std::cell::Cell::new(0);
    let report = service.backtest(candidate, wanted, &|done, of| {
        total.set(of);
        let told = sender.blocking_send(Ok(backtest::progress(done, of)));
        told.is_ok()
    });
    let report = report.map_err(|error| failed(&error))?;
    Ok(backtest::report(&report, total.get()))
}
