//! Names, beginnings and ends.

use super::*;
use crate::domain::units::{Digest, Span};

const NOON: Timestamp = Timestamp::from_micros(1_781_092_800_000_000);

fn shadow() -> Shadow {
    Shadow {
        id: ShadowId::of(1).unwrap(),
        swap: Swap::Policy(Version {
            id: "p".to_owned(),
            digest: Digest([0; 32]),
        }),
        started_at: NOON,
        until_at: NOON.plus(Span::days(1)),
        principal: "dev".to_owned(),
        note: String::new(),
        stopped: None,
    }
}

#[test]
fn a_name_is_read_as_it_is_written_and_in_no_other_way() {
    for number in [1, 17, i64::MAX] {
        let id = ShadowId::of(number).unwrap();
        assert_eq!(ShadowId::parse(&id.to_string()), Some(id));
    }
    for text in [
        "",
        "shadow-",
        "shadow-0",
        "shadow-01",
        "shadow-+1",
        "shadow--1",
        "1",
        "shadow-x",
    ] {
        assert_eq!(ShadowId::parse(text), None, "{text}");
    }
    assert_eq!(ShadowId::of(0), None);
}

#[test]
fn it_runs_from_its_start_until_its_end_whichever_end_comes_first() {
    let check = |stopped: Option<Timestamp>, at: Timestamp, expected: bool| {
        let stopped = stopped.map(|at| Stopped {
            at,
            principal: "dev".to_owned(),
            note: String::new(),
        });
        let shadow = Shadow {
            stopped,
            ..shadow()
        };
        assert_eq!(shadow.runs_at(at), expected, "{shadow:?} at {at:?}");
    };
    let (hour, day) = (NOON.plus(Span::hours(1)), NOON.plus(Span::days(1)));
    let just_before = |at: Timestamp| Timestamp::from_micros(at.as_micros() - 1);
    check(None, just_before(NOON), false);
    check(None, NOON, true);
    check(None, just_before(day), true);
    check(None, day, false);
    check(Some(hour), just_before(hour), true);
    check(Some(hour), hour, false);
    check(Some(day.plus(Span::days(1))), day, false);
}
