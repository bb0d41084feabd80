//! What one call may cost: bytes, time, a place. The numbers, and the reading of what a caller asks
//! for; who enforces them is `call`.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use tokio::time::Instant;
use tonic::Status;

use super::methods::Lane;
use super::status;

/// Bytes before a gRPC message: whether it is compressed, and its length.
pub(super) const FRAME_BYTES: usize = 5;

/// The limits of calls.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest a call may take; a caller's own shorter deadline holds.
    pub call_max: Duration,
    /// The longest a batch of orders or events may take.
    pub batch_max: Duration,
    /// Calls answered at once; more are refused, health excepted.
    pub in_flight_max: usize,
    /// Bytes of a request's message, 1 MiB by contract.
    pub message_bytes_max: usize,
    /// Bytes of all requests held at once; more are refused.
    pub held_bytes_max: usize,
    /// Bytes of a request's headers, counted as HTTP/2 does.
    pub headers_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            call_max: Duration::from_secs(2),
            batch_max: Duration::from_secs(10),
            in_flight_max: 1_024,
            message_bytes_max: 1 << 20,
            held_bytes_max: 128 << 20,
            headers_bytes_max: 16 << 10,
        }
    }
}

/// The moment after which nobody waits for the answer. Every unary call has one, in its extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    /// The moment itself, on the monotonic clock.
    #[must_use]
    pub fn at(self) -> std::time::Instant {
        self.0.into_std()
    }

    /// What is left; zero once it has passed.
    #[must_use]
    pub fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    pub(super) fn instant(self) -> Instant {
        self.0
    }
}

impl Limits {
    /// The deadline of a call that begins now and whose caller would wait for `asked`.
    pub(super) fn deadline(&self, lane: Lane, asked: Option<Duration>) -> Deadline {
        let most = match lane {
            Lane::Call | Lane::Health => self.call_max,
            Lane::Batch => self.batch_max,
        };
        Deadline(Instant::now() + asked.map_or(most, |asked| asked.min(most)))
    }

    /// Refuses a body that is not exactly one uncompressed message of a size we take.
    pub(super) fn one_message(&self, body: &Bytes) -> Result<(), Status> {
        let Some((head, message)) = body.split_first_chunk::<FRAME_BYTES>() else {
            return Err(status::malformed("the call has no message"));
        };
        let [compressed, length @ ..] = *head;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if length > self.message_bytes_max {
            Err(self.too_large())
        } else if compressed > 1 || length != message.len() {
            Err(status::malformed(
                "the call has not exactly one whole message",
            ))
        } else if compressed == 1 {
            Err(Status::unimplemented(
                "compressed messages are not accepted",
            ))
        } else {
            Ok(())
        }
    }

    /// Refuses headers over the limit: HTTP/2's own refusal would reach callers as unknown.
    pub(super) fn headers(&self, headers: &HeaderMap) -> Result<(), Status> {
        let bytes: usize = headers
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len() + 32)
            .sum();
        if bytes > self.headers_bytes_max {
            let most = self.headers_bytes_max;
            return Err(status::malformed(format!(
                "the headers are larger than {most} bytes"
            )));
        }
        Ok(())
    }

    pub(super) fn too_large(&self) -> Status {
        let most = self.message_bytes_max;
        status::malformed(format!("the message is larger than {most} bytes"))
    }
}

/// What `grpc-timeout` asks for, if it is there.
pub(super) fn grpc_timeout(headers: &HeaderMap) -> Result<Option<Duration>, Status> {
    let Some(value) = headers.get("grpc-timeout") else {
        return Ok(None);
    };
    let parsed = value.to_str().ok().and_then(|text| {
        let unit = text.chars().next_back()?;
        let count = number(text.strip_suffix(unit)?, 8)?;
        Some(match unit {
            'H' => Duration::from_secs(count * 3_600),
            'M' => Duration::from_secs(count * 60),
            'S' => Duration::from_secs(count),
            'm' => Duration::from_millis(count),
            'u' => Duration::from_micros(count),
            'n' => Duration::from_nanos(count),
            _ => return None,
        })
    });
    parsed
        .map(Some)
        .ok_or_else(|| status::malformed("grpc-timeout is not 1 to 8 digits and one of HMSmun"))
}

/// What `connect-timeout-ms` asks for, if it is there.
pub(super) fn connect_timeout(headers: &HeaderMap) -> Result<Option<Duration>, Status> {
    let Some(value) = headers.get("connect-timeout-ms") else {
        return Ok(None);
    };
    let parsed = value.to_str().ok().and_then(|text| number(text, 10));
    parsed
        .map(|millis| Some(Duration::from_millis(millis)))
        .ok_or_else(|| status::malformed("connect-timeout-ms is not 1 to 10 digits"))
}

/// 1 to `digits_max` digits, and nothing else.
fn number(text: &str, digits_max: usize) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    (plain && text.len() <= digits_max)
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests;
