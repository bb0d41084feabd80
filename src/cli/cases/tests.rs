//! Cases that analysts write: those shipped hold, and faults are told at their place.

use super::{Case, sheet};

const HEAD: &str = "now = 2026-06-10T12:00:00Z\n[base]\ncurrency_code = \"EUR\"\n\
                    delivery = { address_key = \"a1\", expected_on = \"in 2 days\" }\n";

fn read(cases: &str) -> Result<Vec<Case>, Vec<String>> {
    sheet(
        "f.toml",
        &format!("{}{cases}", HEAD.replace("now = 2026-06-10T12:00:00Z", NOW)),
    )
}

const NOW: &str = "now = \"2026-06-10T12:00:00Z\"";

#[test]
fn what_is_short_is_lengthened_and_what_is_said_once_holds_for_all() {
    let cases = read(
        "[[case]]\nname = \"c\"\nexpect.action = \"OTP\"\n\
         order.items = [{ category = \"PHONE\", unit_price_minor = 1 }]\n\
         order.customer_since_at = \"2 days ago\"\n\
         order.delivery.address_type = \"FLAT\"\n\
         history = [{ occurred_at = \"3 hours ago\", password_reset = {} }]\n",
    );
    let case = &cases.unwrap()[0];
    let delivery = case.order.delivery.as_ref().unwrap();
    assert_eq!(case.place, "f.toml:5");
    assert_eq!(case.order.items[0].category, 1);
    assert_eq!(
        (delivery.address_type, delivery.address_key.as_str()),
        (2, "a1")
    );
    assert_eq!(delivery.expected_on, "2026-06-12");
    assert_eq!(
        case.order.customer_since_at.unwrap().to_string(),
        "2026-06-08T12:00:00Z"
    );
    assert_eq!(
        case.events[0].occurred_at.unwrap().to_string(),
        "2026-06-10T09:00:00Z"
    );
}

#[test]
fn a_past_order_is_short_for_what_became_of_it() {
    let cases = read(
        "[[case]]\nname = \"c\"\nexpect = {}\norder.customer_id = \"c1\"\n\
         history = [{ past_order = { days_ago = 40, fault = \"PORCH\", failed_attempts = 2 } }, \
         { past_order = { days_ago = 10, times = 3 } }]\n",
    );
    // Placed, twice in vain, handed over, claimed, settled; and three times placed and handed over.
    assert_eq!(cases.unwrap()[0].events.len(), 6 + 3 * 2);
}

#[test]
fn what_is_no_case_is_told_with_its_line() {
    let check = |cases: &str, expected: &[&str]| {
        let wrong = read(cases).unwrap_err();
        assert_eq!(wrong.len(), expected.len(), "{wrong:?}");
        for (wrong, expected) in wrong.iter().zip(expected) {
            assert!(wrong.contains(expected), "{wrong} is not {expected}");
        }
    };
    check("[[case]]\nname = \"c\"\n", &["f.toml:5: missing field"]);
    check("[[case]]\nname = 7\n", &["f.toml:6: "]);
    check(
        "[[case]]\nname = \"c\"\nexpect = {}\norder.items = [{ category = \"FONE\" }]\n\
         [[case]]\nname = \"d\"\nexpect = {}\norder.item = []\n",
        &[
            "f.toml:5: case `c`: order: items: category: no Category is called `FONE`",
            "f.toml:9: case `d`: order: ",
        ],
    );
}
