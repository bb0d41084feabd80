//! Frames and timeouts, row by row.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use tonic::Code;

use super::{Limits, connect_timeout, grpc_timeout};

#[test]
fn a_body_is_exactly_one_message_or_is_refused() {
    let limits = Limits {
        message_bytes_max: 3,
        ..Limits::default()
    };
    let check = |body: &'static [u8], expected: Code| {
        let found = limits
            .one_message(&Bytes::from_static(body))
            .map_or_else(|status| status.code(), |()| Code::Ok);
        assert_eq!(found, expected, "{body:?}");
    };
    check(&[0, 0, 0, 0, 0], Code::Ok);
    check(&[0, 0, 0, 0, 3, 1, 2, 3], Code::Ok);
    check(&[], Code::InvalidArgument);
    check(&[0, 0, 0, 0], Code::InvalidArgument);
    check(&[0, 0, 0, 0, 2, 1], Code::InvalidArgument);
    check(&[0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0], Code::InvalidArgument);
    check(&[0, 0, 0, 0, 4, 1, 2, 3, 4], Code::InvalidArgument);
    check(&[0, 255, 255, 255, 255], Code::InvalidArgument);
    check(&[2, 0, 0, 0, 1, 1], Code::InvalidArgument);
    check(&[1, 0, 0, 0, 1, 1], Code::Unimplemented);
}

#[test]
fn a_timeout_is_read_as_its_protocol_writes_it() {
    let check = |name: &'static str, value: &str, expected: Result<Option<Duration>, Code>| {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_str(value).unwrap());
        let found = if name == "grpc-timeout" {
            grpc_timeout(&headers)
        } else {
            connect_timeout(&headers)
        };
        assert_eq!(
            found.map_err(|status| status.code()),
            expected,
            "{name}: {value}"
        );
    };
    let bad = Err(Code::InvalidArgument);
    check("grpc-timeout", "150m", Ok(Some(Duration::from_millis(150))));
    check(
        "grpc-timeout",
        "99999999H",
        Ok(Some(Duration::from_secs(359_999_996_400))),
    );
    check("grpc-timeout", "0n", Ok(Some(Duration::ZERO)));
    check("grpc-timeout", "7u", Ok(Some(Duration::from_micros(7))));
    check("grpc-timeout", "123456789m", bad);
    check("grpc-timeout", "m", bad);
    check("grpc-timeout", "1x", bad);
    check("grpc-timeout", "+1m", bad);
    check("grpc-timeout", "", bad);
    check(
        "connect-timeout-ms",
        "150",
        Ok(Some(Duration::from_millis(150))),
    );
    check("connect-timeout-ms", "12345678901", bad);
    check("connect-timeout-ms", "-1", bad);
    check("connect-timeout-ms", "", bad);
    check("other", "x", Ok(None));
}
