//! `docs/training.md` from its first command to its last: a shop's own CSV becomes the model that decides, and the next
//! one is swapped in while it serves.

use std::fmt::Write as _;
use std::fs;

use doorstep::domain::units::Date;
use serde_json::Value;

use crate::place::{Place, Ran, Serving};

/// Orders of the shop, in 180 days from the first of January 2025.
const ORDERS: i32 = 2_400;

/// The day so many days after the first of January 2025, as tables write it.
fn day(after: i32) -> String {
    Date::parse("2025-01-01")
        .unwrap()
        .plus_days(after)
        .to_string()
}

/// The shop's own files: parcels left where they are seen from the street are stolen more often.
fn past(place: &Place) {
    fs::create_dir(place.path("past")).unwrap();
    place.file(
        "past/history.toml",
        "format = \"doorstep/history/1\"\nsource = \"a shop of tests\"\n\n[csv]\ndelimiter = \";\"\ntime_zone = \"Europe/Berlin\"\ncurrency_code = \"EUR\"\n\n[columns.orders]\nNumber = \"order_id\"\n",
    );
    let mut orders = "Number;customer_id;placed_at;items.unit_price;items.category;expected_parcels;delivery.address_key;delivery.country_code;delivery.visible_from_street\n".to_owned();
    let mut events =
        "occurred_at;event;order_id;parcel_id;recipient_role;claim_id;kind;fault\n".to_owned();
    let mut asked = "order_id;action;propensity_none;propensity_otp;propensity_item_codes;propensity_locker_only;propensity_review\n".to_owned();
    for number in 0..ORDERS {
        let placed = number * 180 / ORDERS;
        // No pattern of one number is a pattern of another's.
        let mixed = number * 7_919 % 10_007;
        let visible = mixed % 2 == 0;
        let category = ["BOOK", "FASHION", "TOOL"][usize::try_from(mixed % 3).unwrap()];
        let (price, customer) = (9 + mixed % 40, mixed % 311);
        let seen = if visible { "yes" } else { "no" };
        writeln!(
            orders,
            "o{number};c{customer};{} 10:{:02};{price},90;{category};1;a{customer};DE;{seen}",
            day(placed),
            number % 60
        )
        .unwrap();
        // One order in eight was checked by chance, and nothing was stolen from those.
        let checked = mixed % 8 == 7;
        let action = if checked { "OTP" } else { "NONE" };
        writeln!(asked, "o{number};{action};875000;125000;0;0;0").unwrap();
        let handed = day(placed + 2);
        writeln!(
            events,
            "{handed} 14:00;parcel_handed_over;o{number};p{number};UNATTENDED;;;"
        )
        .unwrap();
        let stolen = mixed % 25 == 3 || (visible && mixed % 4 == 2);
        if stolen && !checked {
            let (opened, settled) = (day(placed + 4), day(placed + 14));
            writeln!(
                events,
                "{opened} 09:00;claim_opened;o{number};;;k{number};NOT_RECEIVED;"
            )
            .unwrap();
            writeln!(events, "{settled} 09:00;claim_settled;;;;k{number};;PORCH").unwrap();
        }
    }
    // The files were written in September.
    writeln!(
        events,
        "{} 09:00;parcel_handed_over;o0;p0;UNATTENDED;;;",
        day(250)
    )
    .unwrap();
    place.file("past/orders.csv", &orders);
    place.file("past/events.csv", &events);
    place.file("past/verification.csv", &asked);
}

/// The commands of the page, in its order.
fn commands() -> Vec<String> {
    let page = fs::read_to_string("docs/training.md").unwrap();
    let (mut all, mut inside) = (Vec::new(), false);
    for line in page.lines() {
        match line {
            "```sh" => inside = true,
            "```" => inside = false,
            _ if inside => all.push(line.to_owned()),
            _ => {}
        }
    }
    all
}

/// Serves as the page says, on free ports.
fn serve(place: &Place, line: &str) -> Serving {
    let mut args: Vec<&str> = line.split_whitespace().skip(1).collect();
    args.extend(["--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0"]);
    let mut command = place.command(&args);
    command.current_dir(place.path(""));
    Serving::start(command)
}

fn decided_by(place: &Place, serving: &Serving, order: &str) -> String {
    let text = format!(
        r#"{{"order_id":"{order}","customer_id":"c1","currency_code":"EUR","items":[{{"unit_price_minor":"2900","category":"CATEGORY_BOOK"}}],"delivery":{{"address_key":"a1","visible_from_street":true}}}}"#
    );
    let orders = place.file("order.jsonl", &text);
    let line = format!(
        "doorstep decide {orders} --server {} --format json",
        serving.grpc
    );
    let decided: Value =
        serde_json::from_str(&Ran::of(place.shell(&line).output().unwrap()).ended(0).out).unwrap();
    let model = decided["model"]["id"].as_str().unwrap().to_owned();
    let id = decided["decision_id"].as_str().unwrap();
    let line = format!("doorstep replay {id} --server {}", serving.grpc);
    assert_eq!(
        Ran::of(place.shell(&line).output().unwrap()).ended(0).out,
        "identical: 1\n"
    );
    model
}

#[test]
fn a_shop_replaces_the_shipped_model_by_its_own_as_the_page_says() {
    let place = Place::new();
    past(&place);
    let mut serving: Option<Serving> = None;
    let (mut evaluations, mut steps) = (Vec::new(), 0);
    for line in commands() {
        steps += 1;
        if line.starts_with("doorstep serve") {
            let started = serve(&place, &line);
            assert_eq!(decided_by(&place, &started, "new-1"), "shop-1");
            serving = Some(started);
        } else if line.starts_with("curl") {
            let serving = serving.as_ref().unwrap();
            let page = serving.wait_for(&format!("doorstep_model_matured_orders {ORDERS}"));
            let kept = line.rsplit(' ').next().unwrap();
            for name in ["losses_seen{hazard=\"porch_theft\"}", "drift_psi{signal="] {
                assert!(page.contains(&format!("{kept}{name}")), "{name}: {page}");
            }
        } else {
            let json = if line.starts_with("doorstep evaluate") {
                " --format json"
            } else {
                ""
            };
            let ran = Ran::of(place.shell(&format!("{line}{json}")).output().unwrap()).ended(0);
            if !json.is_empty() {
                evaluations.push(serde_json::from_str::<Value>(&ran.out).unwrap());
            }
        }
    }
    assert!(steps >= 11, "the page lost its commands: {steps}");
    let serving = serving.unwrap();
    serving.wait_for("doorstep_reload_total{file=\"model\",result=\"taken\"} 1");
    assert_eq!(decided_by(&place, &serving, "new-2"), "shop-2");
    serving.stop().ended(0);

    let of = |told: &Value, place: usize, name: &str| {
        told["models"][place]["hazards"]["porch_theft"][name].clone()
    };
    let [first, drift, calibrated] = evaluations.try_into().unwrap();
    // The model that saw the beginning alone says of the rest what the prior cannot know.
    let (prior, trial) = (of(&first, 0, "log_loss"), of(&first, 1, "log_loss"));
    assert!(
        trial["high"].as_f64() < prior["low"].as_f64(),
        "{trial} {prior}"
    );
    assert!(
        of(&first, 1, "roc_auc")["low"].as_f64() > Some(0.6),
        "{first}"
    );
    assert!(of(&first, 1, "losses").as_u64() > Some(100), "{first}");
    let signals = drift["drift"]["signals"].as_array().unwrap();
    let seen = signals
        .iter()
        .find(|it| it["signal"] == "visible_from_street");
    assert_eq!(seen.unwrap()["verdict"], "alike");
    let off = |place| {
        let number = |name| of(&calibrated, place, name).as_f64().unwrap();
        (number("expected") - number("seen")).abs() / number("expected_spread")
    };
    assert!(off(1) < 2.0 && off(1) <= off(0) + 0.5, "{calibrated}");
}
