//! One request, sorted: gRPC goes to the routes as it is, JSON is read into the same messages and
//! goes the same way, and everything else is answered here. No method is named here.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use tokio::sync::watch;
use tonic::body::Body;
use tonic::service::Routes;
use tonic::{Code, Status};
use tower::ServiceExt as _;

use super::auth::Access;
use super::call::{Calls, Panicked, REQUEST_ID, caught};
use super::ending::Ending;
use super::json::{self, Form};
use super::limits::{self, FRAME_BYTES};
use super::methods::{Method, Methods};
use super::status;

/// Everything that one request needs; shared by all connections.
#[derive(Debug)]
pub(super) struct Face {
    pub(super) routes: Routes,
    pub(super) methods: Methods,
    pub(super) calls: Calls,
    pub(super) access: Access,
    /// True once streams have to end.
    pub(super) closing: watch::Receiver<bool>,
}

/// What a request's content type says it speaks.
#[derive(Clone, Copy)]
enum Speaks {
    Grpc,
    Connect(Form),
    Other,
}

fn speaks(headers: &HeaderMap) -> Speaks {
    let stated = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let stated = stated.unwrap_or_default();
    let kind = stated.split(';').next().unwrap_or_default().trim();
    match kind.to_ascii_lowercase().as_str() {
        "application/grpc" | "application/grpc+proto" => Speaks::Grpc,
        "application/json" => Speaks::Connect(Form::Json),
        "application/proto" => Speaks::Connect(Form::Proto),
        _ => Speaks::Other,
    }
}

impl Face {
    /// Answers `request`, whatever it is. Does not fail and does not panic.
    pub(super) async fn answer<B>(self: Arc<Self>, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let id = self.calls.request_id(request.headers());
        let speaks = speaks(request.headers());
        let mut response = match (caught(self.sorted(speaks, &id, request)).await, speaks) {
            (Ok(response), _) => response,
            (Err(Panicked), Speaks::Grpc) => self.calls.panicked().into_http(),
            (Err(Panicked), Speaks::Connect(_) | Speaks::Other) => {
                json::refusal(&self.methods, &self.calls.panicked())
            }
        };
        response.headers_mut().insert(REQUEST_ID, id);
        response
    }

    async fn sorted<B>(
        &self,
        speaks: Speaks,
        id: &HeaderValue,
        request: Request<B>,
    ) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let Some(method) = self.methods.find(request.uri().path()) else {
            let unknown = Status::unimplemented("the server has no such method");
            return match speaks {
                Speaks::Grpc => unknown.into_http(),
                Speaks::Connect(_) | Speaks::Other => json::plain(StatusCode::NOT_FOUND, &unknown),
            };
        };
        if request.method() != http::Method::POST {
            let refused = Status::unimplemented("calls are made by POST");
            let mut response = json::plain(StatusCode::METHOD_NOT_ALLOWED, &refused);
            let headers = response.headers_mut();
            headers.insert(ALLOW, HeaderValue::from_static("POST"));
            return response;
        }
        match speaks {
            Speaks::Grpc if method.streams => self.stream(method, request).await,
            Speaks::Grpc => self.unary(method, id, request).await,
            Speaks::Connect(form) => self.connect(form, method, id, request).await,
            Speaks::Other => {
                let refused = status::malformed(
                    "the content type is none of application/json, application/proto and \
                     application/grpc",
                );
                json::plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, &refused)
            }
        }
    }

    /// One gRPC message in, one out.
    async fn unary<B>(
        &self,
        method: &Method,
        id: &HeaderValue,
        request: Request<B>,
    ) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Unpin,
    {
        let (mut parts, body) = request.into_parts();
        let asked = self
            .admitted(&mut parts)
            .and_then(|()| limits::grpc_timeout(&parts.headers));
        let bytes_max = self.calls.limits.message_bytes_max + FRAME_BYTES;
        let answer = self
            .calls
            .run(
                method,
                id,
                asked,
                (body, bytes_max),
                |body, deadline| async move {
                    self.calls.limits.one_message(&body)?;
                    parts.extensions.insert(deadline);
                    self.routed(Request::from_parts(parts, Full::new(body)))
                        .await
                },
            )
            .await;
        answer.unwrap_or_else(Status::into_http)
    }

    /// A stream has no deadline but the server's end.
    async fn stream<B>(&self, method: &Method, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let mut tally = method.meter.begin();
        let (mut parts, body) = request.into_parts();
        let answer = match self.admitted(&mut parts) {
            Ok(()) => {
                let routed = self.routed(Request::from_parts(parts, body));
                caught(routed)
                    .await
                    .unwrap_or_else(|Panicked| Err(self.calls.panicked()))
            }
            Err(refused) => Err(refused),
        };
        match answer {
            Ok(response) => {
                let end = self.end();
                response.map(|messages| Body::new(Ending::new(messages, end, tally)))
            }
            Err(refused) => {
                let refused = status::mapped(refused);
                tally.set(refused.code());
                refused.into_http()
            }
        }
    }

    /// Resolves once streams have to end.
    fn end(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut closing = self.closing.clone();
        async move {
            // A sender that is gone closes too.
            let _closed = closing.wait_for(|closing| *closing).await.is_ok();
        }
    }

    /// Whether the call may come in, and as whom.
    fn admitted(&self, parts: &mut http::request::Parts) -> Result<(), Status> {
        self.calls.limits.headers(&parts.headers)?;
        let caller = self.access.caller(&parts.headers)?;
        parts.extensions.insert(caller);
        Ok(())
    }

    /// To the service and back; a status in the headers is an error.
    async fn routed<B>(&self, request: Request<B>) -> Result<Response<Body>, Status>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let mut response = match self.routes.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let found = response.extensions_mut().remove::<Status>();
        match found.or_else(|| Status::from_header_map(response.headers())) {
            Some(refused) if refused.code() != Code::Ok => Err(refused),
            Some(_) | None => Ok(response),
        }
    }

    /// One JSON or protobuf message in, one out.
    async fn connect<B>(
        &self,
        form: Form,
        method: &Method,
        id: &HeaderValue,
        request: Request<B>,
    ) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Unpin,
    {
        if method.streams {
            return json::refusal(&self.methods, &Status::unimplemented("streams need gRPC"));
        }
        let (mut parts, body) = request.into_parts();
        let asked = self
            .admitted(&mut parts)
            .and_then(|()| json::accepted(&parts.headers))
            .and_then(|()| limits::connect_timeout(&parts.headers));
        let bytes_max = self.calls.limits.message_bytes_max;
        let answer = self
            .calls
            .run(
                method,
                id,
                asked,
                (body, bytes_max),
                |body, deadline| async move {
                    let framed = json::framed(&form.read(method, body)?);
                    self.calls.limits.one_message(&framed)?;
                    json::as_grpc(&mut parts.headers);
                    parts.extensions.insert(deadline);
                    let request = Request::from_parts(parts, Full::new(framed));
                    let (head, body) = self.routed(request).await?.into_parts();
                    let message = json::unframed(body.collect().await?)?;
                    let body = form.write(method, message)?;
                    Ok(json::answer(head.headers, form, body))
                },
            )
            .await;
        answer.unwrap_or_else(|refused| json::refusal(&self.methods, &refused))
    }
}
