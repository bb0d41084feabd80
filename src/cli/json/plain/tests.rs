//! Read plainly or in full, a document says the same; what is not plain is left to the full reading.

use super::{parse, time};
use crate::api::wire::pb;
use crate::cli::json::{Named, in_full};
use crate::lab::simulate::baselines::RandomTenth;
use crate::lab::simulate::history::{Files, History};
use crate::lab::simulate::parameters::WorldFile;
use crate::lab::simulate::world::{Extent, World};

/// Orders and events of a small world.
fn history() -> Files<Vec<u8>> {
    let parameters = WorldFile::built_in().unwrap();
    let extent = Extent {
        orders: 300,
        start: crate::domain::units::Date::parse("2024-02-20").unwrap(),
        days: 40,
        seed: 3,
    };
    let world = World::new(parameters.scenario("baseline").unwrap(), &extent).unwrap();
    let mut history = History::new(Files::default());
    world.play(&mut RandomTenth::new(3), &mut history).unwrap();
    history.finish().unwrap()
}

fn same<T: Named + PartialEq>(lines: &[u8]) {
    let lines = lines.split(|it| *it == b'\n').filter(|it| !it.is_empty());
    let mut read = 0;
    for line in lines {
        let text = String::from_utf8_lossy(line);
        let plain: T = parse(line).unwrap_or_else(|| panic!("not read plainly: {text}"));
        assert!(plain == in_full::<T>(line).unwrap(), "{text}");
        read += 1;
    }
    assert!(read > 3, "{read}");
}

#[test]
fn what_programs_write_is_read_plainly_and_says_the_same() {
    let history = history();
    same::<pb::Order>(&history.orders);
    same::<pb::Event>(&history.events);
    same::<pb::Order>(include_bytes!(
        "../../../../tests/data/history/jsonl/orders.jsonl"
    ));
    same::<pb::Event>(include_bytes!(
        "../../../../tests/data/history/jsonl/events.jsonl"
    ));
}

#[test]
fn what_is_read_plainly_says_the_same_in_every_form_that_is_plain() {
    for text in [
        "{}",
        " { \"order_id\" : \"o1\" , \"items\" : [ ] } \n",
        r#"{"order_id":"ö","expected_parcels":0,"delivery":{}}"#,
        r#"{"items":[{"unit_price_minor":"-12"},{"unit_price_minor":"0","quantity":4294967295}]}"#,
        r#"{"carrier":{"capabilities":["CAPABILITY_CODE","CAPABILITY_PHOTO"]}}"#,
        r#"{"delivery":{"gift":false},"session":{"new_device":true}}"#,
        r#"{"placed_at":"2024-02-29T23:59:59.000001Z","customer_since_at":"0001-01-01T00:00:00Z"}"#,
        r#"{"placed_at":"9999-12-31T00:00:00.123456789Z"}"#,
    ] {
        let plain: pb::Order = parse(text.as_bytes()).unwrap_or_else(|| panic!("{text}"));
        assert!(plain == in_full(text.as_bytes()).unwrap(), "{text}");
    }
}

#[test]
fn anything_else_is_left_to_the_full_reading() {
    for text in [
        "",
        "null",
        "[]",
        r#"{"order_id":"o1"} x"#,
        r#"{"order_id":"o1",}"#,
        r#"{"order_id":"o\u0031"}"#,
        "{\"order_id\":\"o\n1\"}",
        r#"{"order_id":null}"#,
        r#"{"order_id":1}"#,
        r#"{"orderId":"o1"}"#,
        r#"{"order_idd":"o1"}"#,
        r#"{"order_id":"o1","order_id":"o2"}"#,
        r#"{"expected_parcels":"2"}"#,
        r#"{"expected_parcels":2.0}"#,
        r#"{"expected_parcels":-2}"#,
        r#"{"expected_parcels":02}"#,
        r#"{"expected_parcels":4294967296}"#,
        r#"{"items":[{"unit_price_minor":12}]}"#,
        r#"{"items":[{"unit_price_minor":"012"}]}"#,
        r#"{"items":[{"unit_price_minor":"-0"}]}"#,
        r#"{"items":[{"unit_price_minor":"1e3"}]}"#,
        r#"{"items":{}}"#,
        r#"{"items":[{}"#,
        r#"{"stage":1}"#,
        r#"{"stage":"STAGE_UNHEARD_OF"}"#,
        r#"{"delivery":{"gift":"true"}}"#,
        r#"{"delivery":{"gift":truer}}"#,
    ] {
        assert!(parse::<pb::Order>(text.as_bytes()).is_none(), "{text}");
    }
    let two = r#"{"event_id":"e","password_reset":{},"order_cancelled":{}}"#;
    assert!(
        parse::<pb::Event>(two.as_bytes()).is_none(),
        "one of them at most"
    );
    assert!(parse::<pb::Order>(b"{\"order_id\":\"\xff\"}").is_none());
}

#[test]
fn times_are_moments_of_the_calendar_in_utc() {
    assert_eq!(time("1970-01-01T00:00:00Z"), Some((0, 0)));
    assert_eq!(
        time("2024-02-29T12:00:00.5Z"),
        Some((1_709_208_000, 500_000_000))
    );
    assert_eq!(time("1969-12-31T23:59:59Z"), Some((-1, 0)));
    for text in [
        "2023-02-29T00:00:00Z",
        "2024-13-01T00:00:00Z",
        "2024-00-01T00:00:00Z",
        "2024-04-31T00:00:00Z",
        "2024-01-01T24:00:00Z",
        "2024-01-01T00:60:00Z",
        "2024-01-01T00:00:60Z",
        "2024-01-01T00:00:00+00:00",
        "2024-01-01T00:00:00z",
        "2024-01-01 00:00:00Z",
        "2024-01-01T00:00:00.Z",
        "2024-01-01T00:00:00.1234567890Z",
        "2024-01-01T00:00:0Z",
        "+024-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2024-01-01",
        "",
    ] {
        assert_eq!(time(text), None, "{text}");
    }
}
