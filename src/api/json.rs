//! JSON over HTTP: proto3 JSON of the contract's messages, by their descriptors, in the shape of
//! the unary Connect protocol. No message of ours is named here.

use bytes::{BufMut as _, Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, TE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body_util::{Collected, Full};
use prost::Message as _;
use prost_reflect::{DescriptorPool, DeserializeOptions, DynamicMessage, SerializeOptions};
use serde_json::{Value, json};
use tonic::body::Body;
use tonic::metadata::{Binary, MetadataValue};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::limits::FRAME_BYTES;
use super::methods::{Method, Methods};
use super::status;

/// Headers of gRPC that say nothing in an answer over plain HTTP.
const GRPC_ONLY: &[&str] = &[
    "content-type",
    "content-length",
    "grpc-status",
    "grpc-message",
    "grpc-status-details-bin",
    "grpc-encoding",
    "grpc-accept-encoding",
];

/// How a message is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Proto,
}

impl Form {
    const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Proto => "application/proto",
        }
    }

    /// A request's body as an encoded message. JSON is refused with line and column.
    pub(super) fn read(self, method: &Method, body: Bytes) -> Result<Bytes, Status> {
        match self {
            Self::Proto => Ok(body),
            Self::Json => {
                let refused =
                    |fault: serde_json::Error| status::malformed(format!("JSON: {fault}"));
                let mut text = serde_json::Deserializer::from_slice(&body);
                let message = DynamicMessage::deserialize_with_options(
                    method.descriptor.input(),
                    &mut text,
                    &DeserializeOptions::new().deny_unknown_fields(true),
                )
                .map_err(refused)?;
                text.end().map_err(refused)?;
                Ok(message.encode_to_vec().into())
            }
        }
    }

    /// An answer's encoded message as a body.
    pub(super) fn write(self, method: &Method, message: Bytes) -> Result<Bytes, Status> {
        match self {
            Self::Proto => Ok(message),
            Self::Json => {
                let message = DynamicMessage::decode(method.descriptor.output(), message)
                    .map_err(|fault| unwritable(&fault))?;
                let mut text = Vec::with_capacity(1_024);
                message
                    .serialize_with_options(&mut serde_json::Serializer::new(&mut text), &options())
                    .map_err(|fault| unwritable(&fault))?;
                Ok(text.into())
            }
        }
    }
}

/// Every field is written, unset ones with presence excepted, under the contract's own names.
const fn options() -> SerializeOptions {
    SerializeOptions::new()
        .skip_default_fields(false)
        .use_proto_field_name(true)
}

fn unwritable(fault: &dyn std::error::Error) -> Status {
    tracing::error!(%fault, "an answer could not be written as JSON");
    status::internal()
}

/// Refuses what the protocol can ask for and we do not do.
pub(super) fn accepted(headers: &HeaderMap) -> Result<(), Status> {
    let is = |name: &str, only: &str| {
        headers
            .get(name)
            .is_none_or(|it| it.as_bytes() == only.as_bytes())
    };
    if !is(CONTENT_ENCODING.as_str(), "identity") {
        Err(Status::unimplemented(
            "compressed messages are not accepted",
        ))
    } else if !is("connect-protocol-version", "1") {
        Err(status::malformed("connect-protocol-version is not 1"))
    } else {
        Ok(())
    }
}

/// Makes the headers those of a gRPC call.
pub(super) fn as_grpc(headers: &mut HeaderMap) {
    for name in [CONTENT_LENGTH, CONTENT_ENCODING] {
        headers.remove(name);
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert(TE, HeaderValue::from_static("trailers"));
}

/// `message` as gRPC sends it. One longer than four bytes can say is refused before it gets here.
pub(super) fn framed(message: &Bytes) -> Bytes {
    let mut frame = BytesMut::with_capacity(FRAME_BYTES + message.len());
    frame.put_u8(0);
    frame.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
    frame.extend_from_slice(message);
    frame.freeze()
}

/// The message of a gRPC answer, or the status in its trailers.
pub(super) fn unframed(body: Collected<Bytes>) -> Result<Bytes, Status> {
    let refused = body.trailers().and_then(Status::from_header_map);
    if let Some(refused) = refused.filter(|status| status.code() != Code::Ok) {
        return Err(refused);
    }
    let mut frame = body.to_bytes();
    if frame.len() < FRAME_BYTES {
        return Err(status::internal());
    }
    Ok(frame.split_off(FRAME_BYTES))
}

/// An answer; the call's own metadata become headers.
pub(super) fn answer(mut headers: HeaderMap, form: Form, body: Bytes) -> Response<Body> {
    for name in GRPC_ONLY {
        headers.remove(*name);
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(form.content_type()));
    let mut response = Response::new(Body::new(Full::new(body)));
    *response.headers_mut() = headers;
    response
}

/// A refusal of a call, with its details.
pub(super) fn refusal(methods: &Methods, refused: &Status) -> Response<Body> {
    let details = tonic_types::Status::decode(refused.details())
        .map(|status| status.details)
        .unwrap_or_default();
    let details: Vec<Value> = details
        .iter()
        .map(|detail| shown(&methods.pool, detail))
        .collect();
    let mut response = shaped(http_status(refused.code()), refused, &details);
    let headers = response.headers_mut();
    headers.extend(refused.metadata().clone().into_headers());
    let wait = refused
        .get_details_retry_info()
        .and_then(|info| info.retry_delay);
    if let Some(wait) = wait {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    for name in GRPC_ONLY {
        if *name != CONTENT_TYPE.as_str() {
            headers.remove(*name);
        }
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A refusal of a request that is no call.
pub(super) fn plain(status: StatusCode, refused: &Status) -> Response<Body> {
    shaped(status, refused, &[])
}

fn shaped(http: StatusCode, refused: &Status, details: &[Value]) -> Response<Body> {
    // Connect spells cancelled with one `l`.
    let code = match status::name(refused.code()) {
        "CANCELLED" => "canceled".to_owned(),
        name => name.to_ascii_lowercase(),
    };
    let text = json!({ "code": code, "message": refused.message(), "details": details });
    let mut response = Response::new(Body::new(Full::new(Bytes::from(text.to_string()))));
    *response.status_mut() = http;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// One detail: what a program decodes, and beside it what a person reads.
fn shown(pool: &DescriptorPool, detail: &prost_types::Any) -> Value {
    let name = detail.type_url.rsplit('/').next().unwrap_or_default();
    let value = MetadataValue::<Binary>::from_bytes(&detail.value);
    let value = String::from_utf8_lossy(value.as_encoded_bytes()).into_owned();
    let debug = pool
        .get_message_by_name(name)
        .and_then(|kind| DynamicMessage::decode(kind, detail.value.as_slice()).ok())
        .and_then(|message| {
            let options = options().skip_default_fields(true);
            message
                .serialize_with_options(serde_json::value::Serializer, &options)
                .ok()
        });
    json!({ "type": name, "value": value, "debug": debug })
}

/// The table of the Connect protocol.
fn http_status(code: Code) -> StatusCode {
    match code {
        Code::Ok => StatusCode::OK,
        // 499, which has no name in the standard.
        Code::Cancelled => StatusCode::from_u16(499).unwrap_or(StatusCode::BAD_REQUEST),
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => {
            StatusCode::BAD_REQUEST
        }
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::Unknown | Code::Internal | Code::DataLoss => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
