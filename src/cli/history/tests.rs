//! Histories good and bad, by what is said of them.

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;

use super::*;
use crate::domain::action::Action;
use crate::domain::units::Currency;

const ORDER: &str = r#"{"order_id":"o1","placed_at":"2025-03-01T10:00:00Z","currency_code":"EUR","items":[{"unit_price_minor":"100"}],"delivery":{"address_key":"a"}}"#;
const CLAIM: &str = r#"{"event_id":"e1","occurred_at":"2025-03-03T10:00:00Z","claim_opened":{"claim_id":"k1","order_id":"o1"}}"#;

fn accepts() -> Accepts {
    Accepts {
        now: Timestamp::from_micros(1_781_092_800_000_000),
        currencies: Currency::parse("EUR").into_iter().collect(),
        driven: false,
    }
}

fn opened(files: &[(&str, &str)]) -> Result<History, Vec<String>> {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(dir.path().join(name), text).unwrap();
    }
    History::open(dir.path(), accepts(), &mut |_, _| {}).map_err(|failure| {
        let Failure::BadFile(lines) = failure else {
            panic!("{failure:?}");
        };
        let root = format!("{}/", dir.path().display());
        lines.iter().map(|it| it.replace(&root, "")).collect()
    })
}

/// `a_sentence | file=text | file=text ...` in a table: what is said, in full.
fn refused(why: &str, files: &[(&str, &str)], expected: &[&str]) {
    let told = opened(files).err();
    assert_eq!(told.as_deref().unwrap_or_default(), expected, "{why}");
}

#[test]
fn a_directory_without_a_history_and_a_file_twice_are_told() {
    let told = opened(&[("other.txt", "")]).unwrap_err();
    assert!(
        told[0].contains("holds no history: there is no orders.jsonl"),
        "{told:?}"
    );
    let told = opened(&[("orders.jsonl", ORDER), ("orders.csv", "order_id")]).unwrap_err();
    assert_eq!(
        told,
        ["orders.jsonl: stands beside orders.csv: keep one of them"]
    );
    let missing = History::open(&PathBuf::from("no-such-place"), accepts(), &mut |_, _| {});
    assert!(matches!(missing, Err(Failure::BadFile(_))));
}

#[test]
fn the_manifest_is_held_to_its_format() {
    let check = |why, text: &str, expected: &[&str]| {
        refused(
            why,
            &[("orders.jsonl", ORDER), ("history.toml", text)],
            expected,
        );
    };
    check(
        "another version",
        "note = \"x\"\nformat = \"doorstep/history/2\"\n",
        &[
            "history.toml:2: format: this release reads `doorstep/history/1`, not `doorstep/history/2`",
        ],
    );
    check(
        "wrong values",
        "[csv]\ndelimiter = \"ab\"\ntime_zone = \"Mars/Base\"\ncurrency_code = \"euro\"\n",
        &[
            "history.toml:2: delimiter: must be one character of ASCII, as \";\" or \"\\t\"",
            "history.toml:3: time_zone: `Mars/Base` is no zone: as in Europe/Berlin",
            "history.toml:4: currency_code: `euro` is no currency: as in EUR",
        ],
    );
    let told = opened(&[("orders.jsonl", ORDER), ("history.toml", "\ncolums = 1\n")]).unwrap_err();
    assert!(
        told[0].starts_with("history.toml:2: unknown field `colums`"),
        "{told:?}"
    );
}

#[test]
fn bad_lines_of_json_are_told_with_line_field_and_what_would_be_right() {
    let order = |change: (&str, &str)| ORDER.replace(change.0, change.1);
    let check = |why, text: &str, expected: &[&str]| {
        refused(why, &[("orders.jsonl", text)], expected);
    };
    check(
        "an unknown field",
        &order(("\"items\"", "\"itemss\"")),
        &["orders.jsonl:1: itemss: is no field of Order; did you mean `items`?"],
    );
    check(
        "an unknown member",
        &format!(
            "\n{}",
            order((
                "\"unit_price_minor\":\"100\"",
                "\"category\":\"CATEGORY_FONE\""
            ))
        ),
        &[
            "orders.jsonl:2: items[0].category: `CATEGORY_FONE` is none of PHONE, LAPTOP, TABLET, CONSOLE, CAMERA, \
           WATCH, JEWELLERY, PERFUME, FASHION, TOOL, APPLIANCE, GROCERY, BOOK, OTHER",
        ],
    );
    check(
        "a bad time",
        &order(("2025-03-01T10:00:00Z", "1.3.2025")),
        &["orders.jsonl:1: placed_at: must be a time as in 2026-06-10T12:00:00Z, not `1.3.2025`"],
    );
    check(
        "a time that has not come",
        &order(("2025-03-01", "2030-03-01")),
        &["orders.jsonl:1: placed_at: must be from 2000 to five minutes from now"],
    );
    check(
        "no time",
        &order(("\"placed_at\":\"2025-03-01T10:00:00Z\",", "")),
        &["orders.jsonl:1: placed_at: is required: when the order was placed"],
    );
    check(
        "a currency without a rate",
        &order(("EUR", "JPY")),
        &["orders.jsonl:1: currency_code: the catalogue has no rate for JPY; it has one for EUR"],
    );
    check(
        "a number that is none",
        &order(("\"100\"", "\"NaN\"")),
        &["orders.jsonl:1: items[0].unit_price_minor: must be a whole number, not `NaN`"],
    );
    check(
        "a price that is too high, of an order without an address",
        &order(("\"100\"", "\"9000000000000\"")).replace("{\"address_key\":\"a\"}", "{}"),
        &[
            "orders.jsonl:1: items[0].unit_price_minor: must be 0 to 1000000000000, not 9000000000000",
            "orders.jsonl:1: delivery.address_key: is required",
        ],
    );
    let told = opened(&[("orders.jsonl", "{\"order_id\":")]).unwrap_err();
    assert!(
        told[0].starts_with("orders.jsonl:1: is no JSON: EOF"),
        "{told:?}"
    );
}

#[test]
fn what_comes_twice_or_cannot_be_is_told_with_both_places() {
    let other = ORDER.replace("100", "200");
    refused(
        "an order twice",
        &[("orders.jsonl", &format!("{ORDER}\n{other}\n"))],
        &[
            "orders.jsonl:2: order_id: is there twice with other content, first on line 1: each once",
        ],
    );
    let later = CLAIM.replace("2025-03-03", "2025-03-04");
    refused(
        "an event twice",
        &[
            ("orders.jsonl", ORDER),
            ("events.jsonl", &format!("{CLAIM}\n{later}")),
        ],
        &[
            "events.jsonl:2: event_id: is there twice with other content, first on line 1: each once",
        ],
    );
    let early = CLAIM.replace("2025-03-03", "2025-02-03");
    refused(
        "a claim before its order",
        &[("orders.jsonl", ORDER), ("events.jsonl", &early)],
        &[
            "events.jsonl:1: occurred_at: 2025-02-03T10:00:00Z is before its order was placed, at 2025-03-01T10:00:00Z",
        ],
    );
    let settled = r#"{"event_id":"e2","occurred_at":"2025-03-02T10:00:00Z","claim_settled":{"claim_id":"k1","fault":"FAULT_PORCH"}}"#;
    refused(
        "a settlement before its claim",
        &[
            ("orders.jsonl", ORDER),
            ("events.jsonl", &format!("{settled}\n{CLAIM}")),
        ],
        &[
            "events.jsonl:1: occurred_at: 2025-03-02T10:00:00Z is before its claim, at 2025-03-03T10:00:00Z",
        ],
    );
    let again = CLAIM.replace("e1", "e2").replace("o1", "o2");
    refused(
        "a claim of two orders",
        &[
            ("orders.jsonl", ORDER),
            ("events.jsonl", &format!("{CLAIM}\n{again}")),
        ],
        &[
            "events.jsonl:2: claim_opened.claim_id: is of another order on line 1: a claim is of one order",
        ],
    );
}

#[test]
fn verification_is_held_to_probabilities() {
    let check = |why, text: &str, expected: &[&str]| {
        refused(
            why,
            &[("orders.jsonl", ORDER), ("verification.csv", text)],
            expected,
        );
    };
    check(
        "no action of that name",
        "order_id,action\no1,PIN\n",
        &[
            "verification.csv:2: action: `PIN` is none of NONE, OTP, ITEM_CODES, LOCKER_ONLY, REVIEW",
        ],
    );
    check(
        "they do not sum up",
        "order_id,action,propensity_none,propensity_otp\no1,OTP,900000,200000\n",
        &["verification.csv:2: propensity_otp: the propensities must sum to 1000000, not 1100000"],
    );
    check(
        "what happened could not happen",
        "order_id,action,propensity_none,propensity_otp\no1,OTP,1000000,\n",
        &[
            "verification.csv:2: propensity_otp: the propensity of OTP must be more than 0: it was the action",
        ],
    );
    check(
        "not millionths",
        "order_id,action,propensity_none\no1,NONE,inf\n",
        &["verification.csv:2: propensity_none: must be millionths, 0 to 1000000, not `inf`"],
    );
    check(
        "twice",
        "order_id,action\no1,OTP\no1,NONE\n",
        &[
            "verification.csv:3: order_id: is there twice with other content, first on line 2: each once",
        ],
    );
    check(
        "a column missing",
        "order_id\no1\n",
        &["verification.csv:1: action: is required: no column has this name"],
    );
    refused(
        "as JSON",
        &[
            ("orders.jsonl", ORDER),
            ("verification.jsonl", r#"{"order_id":"o1","acton":"OTP"}"#),
        ],
        &[
            "verification.jsonl:1: acton: is no field of verification; did you mean `action`?",
            "verification.jsonl:1: action: `` is none of NONE, OTP, ITEM_CODES, LOCKER_ONLY, REVIEW",
        ],
    );
}

#[test]
fn tables_are_held_to_their_header() {
    let check = |why, text: &str, expected: &[&str]| {
        refused(why, &[("orders.csv", text)], expected);
    };
    let header = "order_id,placed_at,currency_code,delivery.address_key,items.unit_price";
    check(
        "an unknown column",
        "order_id,placed_at,items.unit_prise\n",
        &[
            "orders.csv:1: items.unit_prise: is no column of orders; did you mean `items.unit_price`? If it is of no \
           use, name it \"\" in [columns.orders] of history.toml",
        ],
    );
    check(
        "a column twice",
        "order_id,placed_at,order_id\n",
        &["orders.csv:1: order_id: is there twice: each column once"],
    );
    check(
        "a ragged row",
        &format!("{header}\no1,2025-03-01,EUR,a\n\no2,2025-03-01,EUR,a,1,1\n"),
        &[
            "orders.csv:2: has 4 cells, and the first row names 5 columns",
            "orders.csv:4: has 6 cells, and the first row names 5 columns",
        ],
    );
    check(
        "bad cells, all at once",
        &format!("{header},session.new_device\no1,yesterday,EUR,a,NaN,maybe\n"),
        &[
            "orders.csv:2: placed_at: must be a time as in 2026-06-10T12:00:00Z, not `yesterday`",
            "orders.csv:2: items.unit_price: must be an amount in major units as in 899.00, not `NaN`",
            "orders.csv:2: session.new_device: must be true or false, not `maybe`",
        ],
    );
    check(
        "rows of one order that disagree",
        &format!("{header}\no1,2025-03-01,EUR,a,1\no1,2025-03-01,EUR,b,1\n"),
        &["orders.csv:3: delivery.address_key: differs from line 2 of the same order"],
    );
    check(
        "a quote that is never closed: what follows would be one cell, and its orders lost",
        &format!(
            "{header}\no1,2025-03-01,EUR,a,1\no2,2025-03-01,EUR,a,\"1\no3,2025-03-01,EUR,a,1\n"
        ),
        &[
            "orders.csv:3: a quote is opened in the row that begins here and never closed: end the cell with one, or \
           write it twice where it belongs to the cell",
        ],
    );
    check(
        "nothing",
        "",
        &["orders.csv:1: is empty: the first row names the columns"],
    );
    refused(
        "events of a kind that there is not, and a field of another kind",
        &[(
            "events.csv",
            "occurred_at,event,order_id,fault\n2025-03-01,parcel_handed_ovr,o1,\n2025-03-01,order_cancelled,o1,PORCH\n",
        )],
        &[
            "events.csv:2: event: `parcel_handed_ovr` is no kind of event; did you mean `parcel_handed_over`?",
            "events.csv:3: fault: is no field of order_cancelled: leave the cell empty",
        ],
    );
}

#[test]
fn events_from_before_their_order_are_counted() {
    let event = |id: &str, at: &str, order: &str| {
        format!(
            r#"{{"event_id":"{id}","occurred_at":"{at}","order_cancelled":{{"order_id":"{order}"}}}}"#
        )
    };
    let events = [
        event("e1", "2025-03-01T09:59:59Z", "o1"),
        event("e2", "2025-03-01T10:00:00Z", "o1"),
        event("e3", "2025-03-01T09:00:00Z", "o2"),
    ];
    let (_dir, history) = opened_here(&[
        ("orders.jsonl", ORDER),
        ("events.jsonl", &events.join("\n")),
    ]);
    let of = |key: &str| {
        let mut counts = history.survey.counts.iter();
        counts.find(|it| it.0 == key).map(|it| it.1)
    };
    assert_eq!((of("events_early"), of("waiting")), (Some(1), Some(1)));
}

#[test]
fn the_first_twenty_faults_are_told_and_the_rest_counted() {
    let told = opened(&[("orders.jsonl", &"{}x\n".repeat(5_000))]).unwrap_err();
    assert_eq!(told.len(), 21);
    assert!(told[19].starts_with("orders.jsonl:20: "), "{}", told[19]);
    assert_eq!(told[20], "and 4980 more");
}

#[test]
fn rows_become_what_they_say_in_order_of_time() {
    let orders = "order_id;placed_at;currency_code;delivery.address_key;items.unit_price;items.quantity;contacts.2.contact_id;carrier.capabilities\n\
                  o2;2025-03-02 12:00;;\"a;b\";9,5;;;\n\
                  o1;2025-03-01 12:00;EUR;a;100;2;mail;CODE; PHOTO\n"
        .replace("\"a;b\"", "\"a\"")
        .replace("CODE; PHOTO", "\"CODE; PHOTO\"");
    let history = opened_here(&[
        (
            "history.toml",
            "[csv]\ndelimiter = \";\"\ntime_zone = \"Europe/Berlin\"\ncurrency_code = \"EUR\"\n",
        ),
        ("orders.csv", &orders),
        (
            "events.csv",
            "occurred_at;event;order_id\n2025-07-01 00:30;order_cancelled;o1\n2025-03-02 12:00;order_cancelled;o2\n",
        ),
        ("verification.csv", "order_id;action\no2;otp\n"),
    ]);
    let played: Vec<_> = history.1.play(0).map(Result::unwrap).collect();
    let told: Vec<_> = played
        .iter()
        .map(|it| match it {
            Happened::Order(order, told) => {
                let prices: Vec<_> = order
                    .items
                    .iter()
                    .map(|it| it.unit_price_minor * i64::from(it.quantity))
                    .collect();
                let contacts: Vec<_> = order
                    .contacts
                    .iter()
                    .map(|it| it.contact_id.as_str())
                    .collect();
                format!(
                    "{} {} {prices:?} {contacts:?} {}",
                    order.placed_at,
                    order.order_id,
                    told.action.name()
                )
            }
            Happened::Event(event, _) => format!(
                "{} {:?}",
                event.occurred_at,
                event.kind.order_id().map(|it| it.as_str().to_owned())
            ),
        })
        .collect();
    assert_eq!(
        told,
        [
            "2025-03-01T11:00:00Z o1 [20000] [\"mail\"] NONE",
            "2025-03-02T11:00:00Z o2 [950] [] OTP",
            "2025-03-02T11:00:00Z Some(\"o2\")",
            "2025-06-30T22:30:00Z Some(\"o1\")",
        ]
    );
    assert_eq!(history.1.play(3).count(), 1);
    assert!(
        history.1.line_of(0).ends_with("orders.csv:3"),
        "{}",
        history.1.line_of(0)
    );
}

fn opened_here(files: &[(&str, &str)]) -> (tempfile::TempDir, History) {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(dir.path().join(name), text).unwrap();
    }
    let history = History::open(dir.path(), accepts(), &mut |_, _| {}).unwrap();
    (dir, history)
}

#[test]
fn quoted_cells_may_hold_line_ends_and_long_files_are_found_again_piece_by_piece() {
    use std::fmt::Write as _;
    let mut text = "\u{feff}order_id,placed_at,currency_code,delivery.address_key,items.unit_price,items.sku\n".to_owned();
    for number in 0..6_000_u32 {
        let (order, day) = (number / 2, 27 - (number / 2) % 27);
        writeln!(
            text,
            "o{order},2025-03-{day:02}T10:00:00Z,EUR,\"a{order}\",{number}.00,\"s{number}\""
        )
        .unwrap();
    }
    text.push_str("last,2025-04-01,\"EUR\",a,\"1.00\n\",s\n");
    let (_dir, history) = opened_here(&[("orders.csv", &text)]);
    let mut before = Timestamp::from_micros(0);
    let mut seen = 0;
    for one in history.play(0) {
        let Happened::Order(order, told) = one.unwrap() else {
            panic!("an event")
        };
        assert!(before <= order.placed_at);
        before = order.placed_at;
        assert_eq!(told, Told::certain(Action::None));
        assert_eq!(
            order.items.len(),
            if order.order_id.as_str() == "last" {
                1
            } else {
                2
            }
        );
        seen += 1;
    }
    assert_eq!((seen, history.len()), (3_001, 3_001));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_a_panic(orders in proptest::collection::vec(any::<u8>(), 0..400), quoted in "[a\",;\r\n0-9]{0,80}") {
        let dir = tempfile::tempdir().unwrap();
        let mut table = b"order_id,placed_at,items.unit_price,delivery.address_key\n".to_vec();
        table.extend(quoted.as_bytes());
        table.extend(&orders);
        fs::write(dir.path().join("orders.csv"), &table).unwrap();
        fs::write(dir.path().join("events.jsonl"), &orders).unwrap();
        fs::write(dir.path().join("history.toml"), &quoted).unwrap();
        drop(History::open(dir.path(), accepts(), &mut |_, _| {}));
        fs::remove_file(dir.path().join("history.toml")).unwrap();
        drop(History::open(dir.path(), accepts(), &mut |_, _| {}));
    }
}
