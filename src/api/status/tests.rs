//! What leaves the house, and that it fits into headers.

use prost::Message as _;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::{internal, invalid, late, malformed, mapped};

#[test]
fn nothing_leaves_that_is_unknown_or_says_what_broke() {
    let torn = prost_types::Timestamp::decode(&b"\xff"[..]).unwrap_err();
    let check = |status: Status, code: Code, text: &str| {
        let found = mapped(status);
        assert_eq!((found.code(), found.message()), (code, text));
    };
    check(
        Status::internal(torn.to_string()),
        Code::InvalidArgument,
        "the message is no valid protobuf message of this method",
    );
    check(
        Status::out_of_range("Error, decoded message length too large: found 9 bytes"),
        Code::InvalidArgument,
        "the message is too large",
    );
    check(Status::unknown("disk"), Code::Internal, "internal error");
    check(Status::internal("disk"), Code::Internal, "internal error");
    check(internal(), Code::Internal, "internal error");
    check(Status::out_of_range("page 7"), Code::OutOfRange, "page 7");
    check(late(), Code::DeadlineExceeded, late().message());
    check(malformed("no"), Code::InvalidArgument, "no");
}

#[test]
fn faults_are_told_until_the_headers_are_full() {
    let check = |count: usize, told: usize, last: (&str, &str)| {
        let faults =
            (0..count).map(|at| (format!("order.items[{at}].quantity"), "must be 1 to 10000"));
        let status = invalid(faults);
        let faults = status.get_details_bad_request().unwrap().field_violations;
        let found = faults.last().unwrap();
        assert_eq!(faults.len(), told, "{count}");
        assert_eq!(
            (found.field.as_str(), found.description.as_str()),
            last,
            "{count}"
        );
        let mut headers = http::HeaderMap::new();
        status.add_header(&mut headers).unwrap();
        let bytes: usize = headers
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len() + 32)
            .sum();
        assert!(bytes < 8_000, "{bytes}");
    };
    check(1, 1, ("order.items[0].quantity", "must be 1 to 10000"));
    check(50, 50, ("order.items[49].quantity", "must be 1 to 10000"));
    check(200, 93, ("", "and 108 more"));
}

#[test]
fn one_fault_is_the_text_and_several_are_counted_by_their_details() {
    let one = invalid([("order.order_id", "must not be empty")]);
    assert_eq!(one.message(), "order.order_id: must not be empty");
    let two = invalid([("a", "x"), ("b", "y")]);
    assert_eq!(two.message(), "several fields are not valid; the first: a");
}
