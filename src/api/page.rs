//! What operators and orchestrators read over plain HTTP: `/metrics`, `/livez`, `/readyz`.

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use tonic::body::Body;

use super::health::Health;
use super::metrics::Metrics;

/// The content type of `OpenMetrics`, which Prometheus asks for.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Answers `request` on the second listener.
pub(super) fn answer<B>(
    request: &Request<B>,
    metrics: &Metrics,
    health: &Health,
) -> Response<Body> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut refused = text(StatusCode::METHOD_NOT_ALLOWED, "only GET\n");
        let allow = HeaderValue::from_static("GET, HEAD");
        refused.headers_mut().insert(ALLOW, allow);
        return refused;
    }
    match request.uri().path() {
        "/metrics" => {
            metrics.serving.set(i64::from(health.cause().is_none()));
            let mut page = text(StatusCode::OK, metrics.page());
            let kind = HeaderValue::from_static(OPEN_METRICS);
            page.headers_mut().insert(CONTENT_TYPE, kind);
            page
        }
        "/livez" => text(StatusCode::OK, "ok\n"),
        "/readyz" => match health.cause() {
            None => {
                let stale = health.stale().into_iter();
                let stale: String = stale.map(|file| format!("stale: {file}\n")).collect();
                text(StatusCode::OK, format!("ok\n{stale}"))
            }
            Some(cause) => text(
                StatusCode::SERVICE_UNAVAILABLE,
                format!("{}\n", cause.text()),
            ),
        },
        _ => text(
            StatusCode::NOT_FOUND,
            "here are /metrics, /livez and /readyz\n",
        ),
    }
}

fn text(status: StatusCode, body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Body::new(Full::new(body.into())));
    *response.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}
