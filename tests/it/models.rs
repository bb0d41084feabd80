//! Scorecards while serving: chosen by name, swapped whole, the last good one kept, every version replayed.

use std::fs;

use doorstep::decision::model::{Model, PRIOR};
use serde_json::{Value, json};
use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::place::{Place, Serving};
use crate::train::shop;

/// The prior under another name: another version with the same weights.
fn named(name: &str) -> String {
    let mut parts = Model::load(PRIOR).unwrap().parts();
    parts.name = name.to_owned();
    parts.write()
}

/// A directory of scorecards, and a server that decides by `shop.json` in it.
fn serving(place: &Place) -> (String, Serving) {
    fs::create_dir(place.path("models")).unwrap();
    let file = place.file("models/shop.json", &named("spring"));
    let models = place.path("models").display().to_string();
    (file, place.serve(&["--models", &models, "--model", "shop"]))
}

/// The model that decides an order, by name.
fn decides(place: &Place, serving: &Serving, order: &str) -> String {
    let text = format!(
        r#"{{"order_id":"{order}","customer_id":"c1","currency_code":"EUR","items":[{{"unit_price_minor":"89900","category":"CATEGORY_PHONE"}}],"delivery":{{"address_key":"a7"}}}}"#
    );
    let orders = place.file("orders.jsonl", &text);
    let args = [
        "decide",
        &orders,
        "--server",
        &serving.grpc,
        "--format",
        "json",
    ];
    let decided: Value = serde_json::from_str(&place.run(&args).ended(0).out).unwrap();
    decided["model"]["id"].as_str().unwrap().to_owned()
}

async fn files(serving: &Serving) -> ServingStatus {
    let at = Endpoint::from_shared(format!("http://{}", serving.grpc)).unwrap();
    let mut client = HealthClient::new(at.connect().await.unwrap());
    let asked = HealthCheckRequest {
        service: "doorstep.files".to_owned(),
    };
    client.check(asked).await.unwrap().get_ref().status()
}

#[test]
fn a_scorecard_moved_to_its_place_decides_from_the_next_call_on_and_both_replay() {
    let place = Place::new();
    let (file, serving) = serving(&place);
    assert_eq!(decides(&place, &serving, "o1"), "spring");
    let next = place.file("models/next", &named("summer"));
    fs::rename(next, &file).unwrap();
    let page = serving.wait_for("doorstep_reload_total{file=\"model\",result=\"taken\"} 1");
    assert!(page.contains("model=\"summer\""), "{page}");
    assert_eq!(decides(&place, &serving, "o2"), "summer");
    let ran = place.run(&["replay", "--all", "--server", &serving.grpc]);
    assert_eq!(ran.ended(0).out, "identical: 2\n");
    serving.stop().ended(0);
    // Both texts are in the store: the files may go.
    fs::remove_dir_all(place.path("models")).unwrap();
    assert_eq!(
        place.run(&["replay", "--all"]).ended(0).out,
        "identical: 2\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scorecard_that_is_wrong_changes_nothing_and_says_so_until_it_is_right() {
    let place = Place::new();
    let (file, serving) = serving(&place);
    let good = named("spring");
    let other = named("summer");
    let half = &other[..other.len() / 2];
    let wrong = [
        half.to_owned(),
        other.replace("\"name\": \"summer\"", "\"name\": \"winter\""),
        other.replace("\"signal\": \"tech_items\"", "\"signal\": \"tech_item\""),
        other.replace("doorstep/model/1", "doorstep/model/9"),
        String::new(),
    ];
    for (place_in_list, text) in wrong.iter().map(Some).chain([None]).enumerate() {
        match text {
            Some(text) => {
                assert!(*text != other, "nothing was replaced");
                fs::write(&file, text).unwrap();
            }
            None => fs::remove_file(&file).unwrap(),
        }
        let page = serving.wait_for("doorstep_file_stale{file=\"model\"} 1");
        assert!(page.contains("model=\"spring\""), "{page}");
        assert!(serving.page("/readyz").ends_with("ok\nstale: model\n"));
        assert_eq!(files(&serving).await, ServingStatus::NotServing);
        let order = format!("o{place_in_list}");
        assert_eq!(decides(&place, &serving, &order), "spring");
        fs::write(&file, &good).unwrap();
        serving.wait_for("doorstep_file_stale{file=\"model\"} 0");
        assert_eq!(files(&serving).await, ServingStatus::Serving);
    }
    fs::write(&file, &other).unwrap();
    serving.wait_for("doorstep_reload_total{file=\"model\",result=\"taken\"} 1");
    assert_eq!(decides(&place, &serving, "last"), "summer");
    let ran = serving.stop().ended(0);
    for told in [
        "is no JSON",
        "sha256",
        "no signal is called `tech_item`; `tech_items` was meant",
        "this engine reads `doorstep/model/1`",
        "cannot be read",
    ] {
        let line = ran.err.lines().find(|it| it.contains(told));
        assert!(
            line.is_some_and(|it| it.contains(&file)),
            "{told}: {}",
            ran.err
        );
    }
}

#[test]
fn a_scorecard_that_is_not_built_in_is_told_with_those_that_are() {
    let place = Place::new();
    let ran = place.run(&["serve", "--model", "autumn"]).ended(2);
    assert!(
        ran.err.contains("`autumn`") && ran.err.contains("`prior`"),
        "{}",
        ran.err
    );
}

/// A copy of the records of a small shop of 1,500 orders, whose outcomes are all known.
fn copied(place: &Place) {
    let from = shop().path("data");
    let (mut open, to) = (vec![from.clone()], place.path("data"));
    while let Some(folder) = open.pop() {
        fs::create_dir_all(to.join(folder.strip_prefix(&from).unwrap())).unwrap();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                fs::copy(&path, to.join(path.strip_prefix(&from).unwrap())).unwrap();
            }
        }
    }
}

/// The number of a metric's line.
fn number(page: &str, start: &str) -> f64 {
    let line = page.lines().find(|it| it.starts_with(start));
    let line = line.unwrap_or_else(|| panic!("no line {start} in {page}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[test]
fn the_model_in_force_is_watched_and_the_next_one_at_once() {
    let place = Place::new();
    copied(&place);
    fs::create_dir(place.path("models")).unwrap();
    let models = place.path("models").display().to_string();
    place.file("models/shop.json", &named("spring"));
    let serving = place.serve(&["--models", &models, "--model", "shop", "--clock", "driven"]);
    let page = serving.wait_for("doorstep_model_matured_orders 1500");
    let of = |page: &str, name: &str| {
        number(
            page,
            &format!("doorstep_model_{name}{{hazard=\"porch_theft\"}}"),
        )
    };
    let (seen, expected) = (of(&page, "losses_seen"), of(&page, "losses_expected"));
    // The prior knows nothing of a shop where every eighth order that is seen from the street is stolen.
    assert!(seen > 180.0 && expected < seen / 4.0, "{page}");
    assert!(seen - expected > 6.0 * of(&page, "losses_expected_spread"));
    assert!(
        of(&page, "labels") > 1_000.0 && of(&page, "roc_auc") > 0.6,
        "{page}"
    );
    assert!(
        !page.contains("doorstep_model_drift_psi{"),
        "the prior has no shares: {page}"
    );
    // The next one has the right level for what is seen from the street, and half of the orders are.
    let mut parts = Model::load(PRIOR).unwrap().parts();
    parts.hazards[0].base += 2_900_000;
    parts.card = json!({
        "data": {"known": 1_500},
        "reference": {"visible_from_street": [0.0, 0.5, 0.5], "new_device": [0.0, 0.5, 0.5]},
    });
    let next = place.file("models/next", &parts.write());
    fs::rename(next, place.path("models/shop.json")).unwrap();
    let start = std::time::Instant::now();
    let page = loop {
        let page = serving.page("/metrics");
        if page.contains("doorstep_model_drift_psi{signal=\"visible_from_street\"}") {
            break page;
        }
        assert!(start.elapsed() < crate::place::LIMIT, "{page}");
    };
    assert!(of(&page, "losses_expected") > 4.0 * expected, "{page}");
    let of = |name: &str, signal: &str| {
        number(
            &page,
            &format!("doorstep_model_{name}{{signal=\"{signal}\"}}"),
        )
    };
    let drifted = |signal| of("drift_psi", signal) > of("drift_bound", signal);
    assert!(
        !drifted("visible_from_street") && drifted("new_device"),
        "{page}"
    );
    let told = page
        .lines()
        .filter(|it| it.starts_with("doorstep_model_drift_psi{"));
    assert_eq!(told.count(), 2, "{page}");
    assert!(page.contains("doorstep_model_drift_orders 1500"), "{page}");
    assert!(
        page.contains("doorstep_model_watch_failures_total 0"),
        "{page}"
    );
    serving.stop().ended(0);
}
