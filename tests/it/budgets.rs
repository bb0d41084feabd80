//! Caps and budgets as an operator sees them: counted in the metrics, kept over a restart, and found right by `verify`.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};

use serde_json::json;

use crate::place::{Place, Serving};

/// Two orders a customer, two reviews a day, ten cents of sparing a week; what is very dear is reviewed.
fn strict(shipped: &str) -> String {
    let mut text = shipped
        .replace("free = 13 ", "free = 2 ")
        .replace("\nshare = 0.2 ", "\nshare = 0.0 ")
        .replace("# reviews_per_day = 200", "reviews_per_day = 2")
        .replace(
            "# spare_budget_per_week = 50.0",
            "spare_budget_per_week = 0.1",
        )
        .replace("spare_value_cap = 250.0 ", "spare_value_cap = 5000.0 ");
    text.push_str(
        "\n[[rules]]\nid = \"dear\"\nwhen = [\"order_value > 2000.0\"]\nthen = \"set:review\"\n",
    );
    text
}

/// An order of one laptop on a day of March.
fn order(id: &str, customer: &str, euros: u32, at: &str) -> String {
    let long_ago = "2024-01-01T00:00:00Z";
    let order = json!({
        "order_id": id,
        "customer_id": customer,
        "placed_at": format!("2026-03-{at}:00:00Z"),
        "customer_since_at": long_ago,
        "currency_code": "EUR",
        "items": [{"category": "CATEGORY_LAPTOP", "unit_price_minor": (euros * 100).to_string()}],
        "expected_parcels": 1,
        "delivery": {"address_key": format!("address-{customer}"), "address_added_at": long_ago},
        "carrier": {"capabilities": ["CAPABILITY_CODE"]},
        "contacts": [{"contact_id": format!("sms-{customer}"), "kind": "CONTACT_KIND_SMS", "verified": true,
            "verified_at": long_ago, "changed_at": long_ago}],
    });
    order.to_string()
}

/// Decides the orders, and reads what the metrics say of caps and budgets afterwards.
fn decided(place: &Place, serving: &Serving, orders: &[String]) -> String {
    let file = place.file("orders.jsonl", &orders.join("\n"));
    place
        .run(&["decide", &file, "--server", &serving.grpc])
        .ended(0);
    let mut told = String::new();
    for line in serving.page("/metrics").lines() {
        let name = line.trim_start_matches("doorstep_");
        let of_budgets = ["decisions_limited_", "reviews_", "spare"];
        if line != name && of_budgets.iter().any(|it| name.starts_with(it)) {
            writeln!(told, "{name}").unwrap();
        }
    }
    told
}

#[test]
fn caps_and_budgets_are_counted_and_outlive_a_restart() {
    let place = Place::new();
    let data = place.path("data");
    let keys = data.join("keys");
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&keys)
        .unwrap();
    // A known key: chance spares none of these orders.
    fs::write(keys.join("k1.key"), format!("{}\n", "5eed".repeat(16))).unwrap();
    fs::set_permissions(keys.join("k1.key"), fs::Permissions::from_mode(0o600)).unwrap();
    let policy = place.file(
        "policy.toml",
        &strict(&fs::read_to_string("models/policy.toml").unwrap()),
    );
    let data = data.display().to_string();
    let args = ["--data", &data, "--policy", &policy, "--clock", "driven"];

    let serving = place.serve(&args);
    let told = decided(
        &place,
        &serving,
        &[
            order("asked-1", "often", 900, "05T10"),
            order("asked-2", "often", 900, "09T10"),
            order("review-1", "first", 2500, "13T10"),
            order("review-2", "second", 2500, "13T10"),
            order("spared-1", "third", 900, "13T11"),
            order("spared-2", "fourth", 900, "13T11"),
        ],
    );
    assert!(
        !told.contains("decisions_limited_total"),
        "nothing was used up yet: {told}"
    );
    assert!(
        told.contains("reviews_today 2\n") && told.contains("reviews_per_day 2\n"),
        "{told}"
    );
    assert!(told.contains("spare_budget_per_week 0.1\n"), "{told}");
    serving.stop().ended(0);

    let serving = place.serve(&args);
    let told = decided(
        &place,
        &serving,
        &[
            order("asked-3", "often", 900, "13T12"),
            order("review-3", "fifth", 2500, "13T12"),
            order("spared-3", "sixth", 900, "13T12"),
        ],
    );
    for reason in ["BURDEN_CAP", "REVIEW_BUDGET", "SPARE_BUDGET"] {
        let line = format!("decisions_limited_total{{reason=\"{reason}\"}} 1\n");
        assert!(told.contains(&line), "no {line} in {told}");
    }
    assert!(told.contains("reviews_today 2\n"), "{told}");
    let spared = told
        .lines()
        .find_map(|it| it.strip_prefix("spared_this_week "));
    let spared: f64 = spared.unwrap().parse().unwrap();
    assert!((0.1..0.3).contains(&spared), "{told}");
    serving.stop().ended(0);
    let verified = place.run(&["store", "verify", "--data", &data]).ended(0);
    assert!(
        verified.out.contains("9 decisions") && verified.out.contains(" 0 findings"),
        "{}",
        verified.out
    );
}
