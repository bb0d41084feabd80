//! Every refusal a caller can see is made here: its code, its text, and the details that a program
//! reads. Which error of the service gets which of them is said in `api::grpc`.

use std::time::Duration;

use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt as _};

/// The domain of every `ErrorInfo`.
pub const DOMAIN: &str = "doorstep";

/// Tells a gRPC client when to ask again; grpcio and others obey it to the millisecond.
const PUSHBACK: &str = "grpc-retry-pushback-ms";

/// Bytes of details that fit into headers of clients that refuse 8 KB of them, in base64.
const DETAILS_BYTES_MAX: usize = 5_000;

/// All that a caller hears of a bug.
const INTERNAL: &str = "internal error";

/// How every text of `prost::DecodeError` begins.
const DECODE_FAULT: &str = "failed to decode Protobuf message";

/// How tonic's refusal of a message over its own limit begins.
const SIZE_FAULT: &str = "Error, decoded message length too large";

/// `INVALID_ARGUMENT` with one violation a fault, `(path, what is wrong)`, as many as headers can
/// carry; a last one without a path says how many more there are.
#[must_use]
pub fn invalid<P, T>(faults: impl IntoIterator<Item = (P, T)>) -> Status
where
    P: Into<String>,
    T: Into<String>,
{
    let mut faults = faults
        .into_iter()
        .map(|(path, text)| FieldViolation::new(path, text));
    let (mut told, mut bytes) = (Vec::new(), 0_usize);
    for fault in faults.by_ref() {
        // Two tags and lengths a field, and two of the violation itself.
        bytes += fault.field.len() + fault.description.len() + 12;
        if bytes > DETAILS_BYTES_MAX && !told.is_empty() {
            let more = faults.count() + 1;
            told.push(FieldViolation::new("", format!("and {more} more")));
            break;
        }
        told.push(fault);
    }
    let text = match told.as_slice() {
        [one] => clipped(&format!("{}: {}", one.field, one.description)),
        [one, ..] => clipped(&format!(
            "several fields are not valid; the first: {}",
            one.field
        )),
        [] => "not valid".to_owned(),
    };
    Status::with_error_details(
        Code::InvalidArgument,
        text,
        ErrorDetails::with_bad_request(told),
    )
}

/// The first 300 characters of `text`: status texts travel in headers.
fn clipped(text: &str) -> String {
    text.chars().take(300).collect()
}

/// `INVALID_ARGUMENT` where no field of ours can be named.
#[must_use]
pub fn malformed(text: impl Into<String>) -> Status {
    Status::invalid_argument(text)
}

/// `code` with an `ErrorInfo`, whose `reason` is in capitals and stable.
#[must_use]
pub fn because(code: Code, reason: &str, text: impl Into<String>) -> Status {
    let nothing_more: [(String, String); 0] = [];
    let details = ErrorDetails::with_error_info(reason, DOMAIN, nothing_more);
    Status::with_error_details(code, text, details)
}

/// `UNAVAILABLE`: nothing was recorded; the same call again, after `wait`, may succeed.
#[must_use]
pub fn unavailable(text: impl Into<String>, wait: Duration) -> Status {
    again(Code::Unavailable, text, wait)
}

/// `RESOURCE_EXHAUSTED`: more calls than there are places; the same call again after `wait`.
#[must_use]
pub fn busy(text: impl Into<String>, wait: Duration) -> Status {
    again(Code::ResourceExhausted, text, wait)
}

fn again(code: Code, text: impl Into<String>, wait: Duration) -> Status {
    let mut metadata = MetadataMap::new();
    let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    metadata.insert(PUSHBACK, MetadataValue::from(millis));
    Status::with_error_details_and_metadata(
        code,
        text,
        ErrorDetails::with_retry_info(Some(wait)),
        metadata,
    )
}

/// `DEADLINE_EXCEEDED`: all of the call was recorded, or nothing was.
#[must_use]
pub fn late() -> Status {
    Status::deadline_exceeded("the deadline passed; the same call again returns what was recorded")
}

/// `INTERNAL`, with no word of what happened: our log has it, under the request's id.
#[must_use]
pub fn internal() -> Status {
    Status::internal(INTERNAL)
}

/// What leaves the house instead of `status`: tonic calls bad messages internal or out of range,
/// with the field in the text, and nothing of ours is ever unknown.
#[must_use]
pub(super) fn mapped(status: Status) -> Status {
    let (code, text) = (status.code(), status.message());
    if code == Code::Internal && text.starts_with(DECODE_FAULT) {
        return malformed("the message is no valid protobuf message of this method");
    }
    if code == Code::OutOfRange && text.starts_with(SIZE_FAULT) {
        return malformed("the message is too large");
    }
    if matches!(code, Code::Internal | Code::Unknown) && text != INTERNAL {
        tracing::error!(code = name(code), text, "a call failed");
        return internal();
    }
    status
}

/// The code's name, as in `INVALID_ARGUMENT`.
#[must_use]
pub fn name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests;
