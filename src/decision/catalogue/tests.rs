//! The shipped catalogue loads; whatever is wrong in one is told with its place, all at once.

use super::{DEFAULT, load};
use crate::domain::ids::{CarrierId, DepotId};
use crate::domain::order::{Capability, Category, CountryCode};
use crate::domain::units::{Currency, Zone};

/// The shipped file with one piece replaced.
fn with(old: &str, new: &str) -> String {
    assert!(DEFAULT.contains(old), "{old}");
    DEFAULT.replacen(old, new, 1)
}

#[test]
fn the_shipped_catalogue_has_what_the_contract_promises() {
    let catalogue = load(DEFAULT).unwrap();
    let cents = |code| catalogue.base_cents(Currency::parse(code).unwrap());
    assert_eq!(catalogue.base.code(), "EUR");
    assert!((cents("EUR") - 1.0).abs() < 1e-12);
    assert!(["GBP", "USD", "CHF"].map(cents).iter().all(|it| *it > 0.5));
    assert!(cents("JPY").abs() < 1e-12, "a currency without a rate");
    let expected = [
        1.0, 0.8, 0.8, 0.8, 0.8, 0.9, 0.9, 0.5, 0.4, 0.5, 0.2, 0.0, 0.0, 0.2,
    ];
    for (category, resale) in Category::ALL.iter().zip(expected) {
        let facts = catalogue.category(*category);
        assert!((facts.resale - resale).abs() < 1e-12, "{category:?}");
        assert!(facts.size.is_some(), "{category:?}");
        assert_eq!(facts.tech, category.number() <= 6, "{category:?}");
    }
    assert_eq!(catalogue.default_carrier.capabilities, Capability::ALL);
    assert!(catalogue.default_carrier.code_ready);
    for country in ["DE", "GB", "IT", "FR", "ES", "AT", "CH", "NL", "US"] {
        let zone = &catalogue.zones[&CountryCode::parse(country).unwrap()];
        assert!(Zone::named(zone).is_some(), "{country}: {zone}");
    }
}

#[test]
fn carriers_and_depots_say_only_what_is_different() {
    let more = "\n[carriers.van]\ncapabilities = [\"PHOTO\", \"CODE\"]\n[depots.d7]\ncarrier = \"van\"\n\
                code_ready = false\n[depots.d8]\nattempts = 3\n";
    let catalogue = load(&format!("{DEFAULT}{more}")).unwrap();
    let van = &catalogue.carriers[&CarrierId::try_new("van").unwrap()];
    assert_eq!(van.capabilities, [Capability::Code, Capability::Photo]);
    assert!(van.code_ready);
    let depot = |id| catalogue.depots[&DepotId::try_new(id).unwrap()].clone();
    assert_eq!(depot("d7").capabilities, van.capabilities);
    assert!(!depot("d7").code_ready);
    assert_eq!(depot("d8").capabilities, Capability::ALL);
    assert_eq!(depot("d8").attempts, 3);
}

#[test]
fn a_category_may_have_no_usual_size() {
    let text = with(
        "OTHER = { resale = 0.2, size = { length_mm = 300, width_mm = 200, height_mm = 150, weight_g = 2000 } }",
        "OTHER = { resale = 0.2 }",
    );
    let catalogue = load(&text).unwrap();
    assert_eq!(catalogue.category(Category::Other).size, None);
}

#[test]
fn each_fault_is_told_where_it_stands() {
    let check = |old: &str, new: &str, at: &str, expected: &str| {
        let text = with(old, new);
        let place = text.find(at).unwrap();
        let line = text[..place].matches('\n').count() + 1;
        let column = place - text[..place].rfind('\n').map_or(0, |it| it + 1) + 1;
        let told: Vec<String> = load(&text)
            .unwrap_err()
            .iter()
            .map(ToString::to_string)
            .collect();
        let expected = format!("{line}:{column}: {expected}");
        assert!(told.contains(&expected), "{expected} in {told:?}");
    };
    check(
        "id = \"default-catalogue\"",
        "idd = \"x\"",
        "idd",
        "idd: is not known here; `id` was meant, perhaps",
    );
    check(
        "EUR = { rate = 1.0 }",
        "EUR = { rate = 2.0 }",
        "2.0 }",
        "currencies.EUR.rate: must be 1: this is the base itself",
    );
    check(
        "\"shoes\" = \"FASHION\"",
        "\"shoes\" = \"FASHON\"",
        "\"FASHON\"",
        "merchant_categories.shoes: `FASHON` is no category; `FASHION` was meant, perhaps",
    );
    check(
        "\"shoes\"",
        "\"my@shoes\"",
        "\"my@shoes\"",
        "merchant_categories.my@shoes: looks personal; send a key (1 to 128 of A-Z a-z 0-9 . _ : -)",
    );
    check(
        "\"Europe/Berlin\"",
        "\"Europe/Bonn\"",
        "\"Europe/Bonn\"",
        "zones.DE: `Europe/Bonn` is no time zone of the IANA database",
    );
    check(
        "inspection_seconds = 60",
        "",
        "[carriers.default]",
        "carriers.default.inspection_seconds: is missing",
    );
}

#[test]
fn all_faults_are_told_at_once() {
    let text = with(
        "EUR = { rate = 1.0 }",
        "EUR = { rate = 0 }\nEURO = { rate = 1 }",
    )
    .replace("resale = 1.0", "resale = 1.5")
    .replace("BOOK = ", "BOOKS = ")
    .replace("\"PHOTO\",", "\"FOTO\",")
    .replace("attempts = 2", "attempts = \"two\"");
    let problems = load(&text).unwrap_err();
    let paths: Vec<&str> = problems.iter().map(|it| it.path.as_str()).collect();
    let expected = [
        "currencies.EUR.rate",
        "currencies.EURO",
        "categories.BOOK",
        "categories.PHONE.resale",
        "categories.BOOKS",
        "carriers.default.capabilities[3]",
        "carriers.default.attempts",
    ];
    let mut sorted = paths.clone();
    sorted.sort_unstable();
    let mut all = expected.to_vec();
    all.sort_unstable();
    assert_eq!(sorted, all);
    assert!(problems.iter().all(|it| it.line > 0), "{problems:?}");
}

#[test]
fn what_is_no_toml_is_a_problem_and_no_panic() {
    for text in [
        "",
        "id = ",
        "\u{0}",
        "[[zones]]\nx=1",
        "carriers = 3",
        "zones = []",
    ] {
        assert!(load(text).is_err(), "{text:?}");
    }
}
