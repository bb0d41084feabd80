//! Scorecards while serving: chosen by name, swapped whole, the last good one kept, every version replayed.

use std::fs;

use doorstep::decision::model::{Model, PRIOR};
use serde_json::Value;
use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::place::{Place, Serving};

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
