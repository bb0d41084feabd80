//! The body of a streaming answer, which ends when the server does: watchers and reflection clients
//! would else hold a connection open until its drain limit.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Frame, SizeHint};
use tonic::body::Body;
use tonic::{Code, Status};

use super::metrics::Tally;
use super::status;

/// A stream of messages that `end` cuts off with `UNAVAILABLE`.
pub(super) struct Ending {
    messages: Body,
    end: Pin<Box<dyn Future<Output = ()> + Send>>,
    tally: Tally,
    ended: bool,
}

impl Ending {
    pub(super) fn new(
        messages: Body,
        end: impl Future<Output = ()> + Send + 'static,
        tally: Tally,
    ) -> Self {
        Self {
            messages,
            end: Box::pin(end),
            tally,
            ended: false,
        }
    }

    /// The last frame: `status`, as trailers.
    fn last(&mut self, status: &Status) -> Frame<Bytes> {
        self.ended = true;
        self.tally.set(status.code());
        let mut trailers = HeaderMap::new();
        if status.add_header(&mut trailers).is_err() {
            tracing::error!("a status could not be written");
        }
        Frame::trailers(trailers)
    }
}

impl http_body::Body for Ending {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        // Messages first: a watcher hears that we drain before it is cut off.
        match Pin::new(&mut self.messages).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                let frame = match frame.into_trailers() {
                    Ok(trailers) => {
                        let found = Status::from_header_map(&trailers)
                            .unwrap_or_else(|| Status::new(Code::Ok, ""));
                        self.last(&status::mapped(found))
                    }
                    Err(data) => data,
                };
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(other) => {
                self.ended = true;
                Poll::Ready(other)
            }
            Poll::Pending if self.end.as_mut().poll(context).is_ready() => {
                let refused = status::unavailable("the server stops", Duration::ZERO);
                Poll::Ready(Some(Ok(self.last(&refused))))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
