//! Scores are exact, and the shipped artifact is the published table.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::Value;

use super::artifact::checksum;
use super::{Bins, Model, PRIOR, PairParts};
use crate::decision::fixtures::situations;
use crate::decision::signal::{Signal, Signals};
use crate::domain::hazard::Hazard;
use crate::domain::units::probability;

/// Percent, in the order of [`Hazard::ALL`].
const BASES: [f64; 5] = [0.2, 0.025, 0.008, 0.1, 0.02];

/// Odds ratios as a fraud team reads them: signal, bin, then porch, courier, substitution, false claim, takeover.
const RATIOS: &str = "
    resale | 0.3-0.6 | 1.6 | 1.6 | 1.5 | 1.2 | 1.5
    resale | 0.6-0.85 | 2.5 | 2.5 | 2 | 1.4 | 2.2
    resale | >=0.85 | 3.5 | 4 | 3 | 1.6 | 3
    dearest_item_value | <50 |  | 0.6 | 0.5 | 0.7 | 0.5
    dearest_item_value | 150-400 |  | 1.5 | 1.5 | 1.3 | 1.6
    dearest_item_value | 400-1000 |  | 2 | 2 | 1.6 | 2.5
    dearest_item_value | >=1000 |  | 2.5 | 2.5 | 1.8 | 3.5
    value_density | 200-500 |  | 1.3 | 1.5 | 1.1 | 1.1
    value_density | >=500 |  | 2 | 3 | 1.3 | 1.3
    weak_packaging | yes |  | 1.3 | 4 | 1.2 |
    tech_items | 2 |  | 1.2 | 1.2 | 1.3 | 2.5
    tech_items | >=3 |  | 1.3 | 1.3 | 1.6 | 5
    spend_vs_usual | missing |  |  |  | 1.2 | 1.3
    spend_vs_usual | 2-5 |  |  |  | 1.2 | 2
    spend_vs_usual | >=5 |  |  |  | 1.5 | 5
    orders_24h | 2-4 |  |  |  | 1.2 | 1.5
    orders_24h | >=4 |  |  |  | 1.5 | 3
    address_change_days | <7 | 1.1 |  |  | 1.1 | 8
    address_change_days | 7-14 | 1.1 |  |  | 1.1 | 5
    email_change_days | <7 |  |  |  | 1.1 | 8
    email_change_days | 7-14 |  |  |  | 1.1 | 5
    phone_change_days | <7 |  |  |  | 1.1 | 6
    phone_change_days | 7-14 |  |  |  | 1.1 | 4
    password_reset_hours | <24 |  |  |  |  | 3
    password_reset_hours | 24-168 |  |  |  |  | 1.8
    new_device | yes |  |  |  | 1.1 | 2.5
    new_device | no |  |  |  |  | 0.7
    account_age_days | <30 |  |  |  | 1.8 | 1.3
    account_age_days | >=365 |  |  |  | 0.8 | 0.9
    billing_mismatch | yes |  |  |  | 1.2 | 1.8
    address_porch_losses_180d | 1 | 4 |  |  |  |
    address_porch_losses_180d | >=2 | 10 | 1.2 |  | 1.1 |
    address_courier_losses_180d | >=1 |  | 5 | 3 |  |
    customer_false_claims_365d | 1 |  |  |  | 8 |
    customer_false_claims_365d | >=2 |  |  |  | 25 |
    linked_false_claims_365d | >=1 |  |  |  | 5 | 1.5
    dwelling | FLAT | 1.5 |  |  |  |
    dwelling | BUSINESS | 0.3 | 0.8 |  | 0.6 | 0.8
    dwelling | FORWARDER | 0.3 |  |  | 2 | 6
    visible_from_street | yes | 1.5 |  |  |  |
    visible_from_street | no | 0.7 |  |  |  |
    season | Nov | 1.3 | 1.2 |  |  | 1.2
    season | Dec | 1.6 | 1.3 |  |  | 1.2
    route_loss_ratio | 2-5 |  | 3 | 2 |  |
    route_loss_ratio | >=5 |  | 10 | 5 |  |
    heaviest_item_kg | >=15 | 0.15 | 0.4 | 0.3 | 0.9 | 0.6
    subcontracted | yes |  | 1.4 | 1.3 |  |
    suspicion_level | 1 | 1.5 | 1.5 | 1.5 | 2 | 2
    suspicion_level | 2 | 2 | 3 | 3 | 5 | 5
    suspicion_level | 3 | 3 | 8 | 8 | 15 | 15";

/// Edges or names of each signal that weighs, in the order of the table.
const BINS: &[(&str, &[&str])] = &[
    ("resale", &["0.3", "0.6", "0.85"]),
    ("dearest_item_value", &["50", "150", "400", "1000"]),
    ("value_density", &["200", "500"]),
    ("weak_packaging", &[]),
    ("tech_items", &["2", "3"]),
    ("spend_vs_usual", &["2", "5"]),
    ("orders_24h", &["2", "4"]),
    ("address_change_days", &["7", "14"]),
    ("email_change_days", &["7", "14"]),
    ("phone_change_days", &["7", "14"]),
    ("contact_change_days", &["14"]),
    ("password_reset_hours", &["24", "168"]),
    ("new_device", &[]),
    ("account_age_days", &["30", "365"]),
    ("billing_mismatch", &[]),
    ("address_porch_losses_180d", &["1", "2"]),
    ("address_courier_losses_180d", &["1"]),
    ("customer_false_claims_365d", &["1", "2"]),
    ("linked_false_claims_365d", &["1"]),
    (
        "dwelling",
        &[
            "HOUSE",
            "FLAT",
            "BUSINESS",
            "PO_BOX",
            "LOCKER",
            "PICKUP_POINT",
            "FORWARDER",
        ],
    ),
    ("visible_from_street", &[]),
    ("season", &["11", "12"]),
    ("route_loss_ratio", &["2", "5"]),
    ("heaviest_item_kg", &["15"]),
    ("subcontracted", &[]),
    ("suspicion_level", &["1", "2", "3"]),
];

const NOTE: &str = "A prior: base rates from surveys and assumptions, odds ratios assumed throughout, no shop's own \
data. Judge it like any model, and replace it by one trained on your own outcomes. Weights are natural logarithms of \
odds ratios in millionths; every list begins with the weight of a missing signal.";

/// The bins of a signal by the names that the table uses, "missing" first.
fn bins(signal: &str, edges: &[&str]) -> Vec<String> {
    let mut bins = vec!["missing".to_owned()];
    match Signal::from_name(signal).unwrap().unit().name() {
        "yes/no" => bins.extend(["no".to_owned(), "yes".to_owned()]),
        "category" => {
            bins.extend(edges.iter().map(ToString::to_string));
            bins.push("others".to_owned());
        }
        _ => {
            bins.push(format!("<{}", edges[0]));
            bins.extend(edges.windows(2).map(|two| format!("{}-{}", two[0], two[1])));
            bins.push(format!(">={}", edges.last().unwrap()));
        }
    }
    bins
}

/// Whole counts, months and levels are written as the value itself: `1` is the bin from 1 to 2, `Nov` from 11 to 12.
fn bin_of(signal: &str, bins: &[String], written: &str) -> usize {
    let names = |name: &String| match (signal, written) {
        ("season", "Nov") => name == "11-12",
        ("season", "Dec") | ("suspicion_level", "3") => name.starts_with(">="),
        ("suspicion_level" | "tech_items", _) | (_, "1") => {
            name == written
                || name
                    .split_once('-')
                    .is_some_and(|(from, _)| from == written)
        }
        _ => name == written,
    };
    let found = bins.iter().position(names);
    found.unwrap_or_else(|| panic!("{signal} has no bin {written} in {bins:?}"))
}

fn micro(ratio: f64) -> i64 {
    format!("{:.0}", ratio.ln() * 1e6).parse().unwrap()
}

/// The weights of the table: by signal, by hazard, by bin.
fn weights() -> BTreeMap<&'static str, [Vec<i64>; 5]> {
    let mut weights = BTreeMap::new();
    for (signal, edges) in BINS {
        let zeros = vec![0; bins(signal, edges).len()];
        weights.insert(*signal, std::array::from_fn(|_| zeros.clone()));
    }
    for line in RATIOS.lines().filter(|line| !line.trim().is_empty()) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let (_, edges) = BINS.iter().find(|(name, _)| *name == cells[0]).unwrap();
        let bin = bin_of(cells[0], &bins(cells[0], edges), cells[1]);
        for (hazard, ratio) in cells[2..]
            .iter()
            .enumerate()
            .filter(|(_, it)| !it.is_empty())
        {
            weights.get_mut(cells[0]).unwrap()[hazard][bin] = micro(ratio.parse().unwrap());
        }
    }
    weights
}

/// The artifact that equals the table.
fn written() -> String {
    let mut text = String::from("{\n  \"format\": \"doorstep/model/1\",\n  \"name\": \"prior\",\n");
    text.push_str("  \"kind\": \"prior\",\n  \"created\": \"2026-06-10\",\n");
    writeln!(text, "  \"note\": {},\n  \"signals\": [", Value::from(NOTE)).unwrap();
    for (place, (name, edges)) in BINS.iter().enumerate() {
        let unit = Signal::from_name(name).unwrap().unit().name();
        let rest = match unit {
            "yes/no" => String::new(),
            "category" => format!(", \"names\": {edges:?}"),
            _ => format!(", \"edges\": [{}]", edges.join(", ")),
        };
        let comma = if place + 1 < BINS.len() { "," } else { "" };
        writeln!(
            text,
            "    {{\"signal\": \"{name}\", \"unit\": \"{unit}\"{rest}}}{comma}"
        )
        .unwrap();
    }
    text.push_str("  ],\n  \"hazards\": {\n");
    let weights = weights();
    for hazard in Hazard::ALL {
        let percent = BASES[hazard.index()] / 100.0;
        let base = micro(percent / (1.0 - percent));
        writeln!(
            text,
            "    \"{}\": {{\n      \"base\": {base},\n      \"terms\": {{",
            hazard.key()
        )
        .unwrap();
        let lists: Vec<String> = BINS
            .iter()
            .map(|(name, _)| (name, &weights[name][hazard.index()]))
            .filter(|(_, list)| list.iter().any(|weight| *weight != 0))
            .map(|(name, list)| format!("        \"{name}\": {list:?}"))
            .collect();
        writeln!(text, "{}", lists.join(",\n")).unwrap();
        let twice = micro(2.0);
        let pairs = if *hazard == Hazard::AccountTakeover {
            format!(
                ",\n      \"pairs\": [\n        {{\"signals\": [\"address_change_days\", \"contact_change_days\"], \
                 \"table\": [[0, 0, 0], [0, {twice}, 0], [0, {twice}, 0], [0, 0, 0]]}}\n      ]"
            )
        } else {
            String::new()
        };
        let comma = if hazard.index() < 4 { "," } else { "" };
        writeln!(text, "      }}{pairs}\n    }}{comma}").unwrap();
    }
    text.push_str("  }\n}\n");
    sealed(&text)
}

/// The text with its checksum as the last member.
fn sealed(text: &str) -> String {
    let value: Value = serde_json::from_str(text).unwrap();
    let digest = checksum(value.as_object().unwrap());
    let body = text.trim_end().strip_suffix('}').unwrap().trim_end();
    format!("{body},\n  \"sha256\": \"{digest}\"\n}}\n")
}

#[test]
fn the_prior_on_file_is_the_table_above() {
    let expected = written();
    if PRIOR != expected {
        let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/target/prior.json");
        std::fs::write(beside, &expected).unwrap();
        panic!("models/prior.json is not the table; what the table gives is in {beside}");
    }
}

fn signals(values: &[(Signal, f64)]) -> Signals {
    let mut signals = Signals::default();
    for (signal, value) in values {
        signals.set(*signal, Some(*value));
    }
    signals
}

fn prior() -> Model {
    Model::load(PRIOR).unwrap()
}

#[test]
fn the_reference_order_has_the_base_probabilities() {
    let scores = prior().score(&signals(&[(Signal::Season, 6.0)]));
    for (score, percent) in scores.iter().zip(BASES) {
        let off = (score.probability * 100.0 - percent).abs();
        // A signal that is missing may weigh: spend_vs_usual does, for a customer of no history.
        let missing = matches!(score.hazard, Hazard::FalseClaim | Hazard::AccountTakeover);
        assert_eq!(
            off < 1e-6,
            !missing,
            "{:?}: {}",
            score.hazard,
            score.probability
        );
    }
    let usual = signals(&[(Signal::Season, 6.0), (Signal::SpendVsUsual, 1.0)]);
    for (score, percent) in prior().score(&usual).iter().zip(BASES) {
        assert!(
            (score.probability * 100.0 - percent).abs() < 1e-6,
            "{score:?}"
        );
        assert!(score.contributions.is_empty(), "{score:?}");
    }
}

#[test]
fn bins_are_half_open() {
    let check = |signal: Signal, value: f64, hazard: Hazard, ratio: f64| {
        let scores = prior().score(&signals(&[(signal, value)]));
        let parts = &scores[hazard.index()].contributions;
        let found = parts.iter().find(|part| part.signal == signal);
        let found = found.map_or(0, |part| part.log_odds);
        assert_eq!(found, micro(ratio), "{} = {value}", signal.name());
    };
    let (porch, takeover) = (Hazard::PorchTheft, Hazard::AccountTakeover);
    check(Signal::DearestItemValue, 49.99, takeover, 0.5);
    check(Signal::DearestItemValue, 50.0, takeover, 1.0);
    check(Signal::DearestItemValue, 150.0, takeover, 1.6);
    check(Signal::DearestItemValue, 399.99, takeover, 1.6);
    check(Signal::DearestItemValue, 400.0, takeover, 2.5);
    check(Signal::DearestItemValue, 1e12, takeover, 3.5);
    check(Signal::Resale, 0.0, porch, 1.0);
    check(Signal::Resale, 0.85, porch, 3.5);
    check(Signal::AddressChangeDays, 0.0, takeover, 8.0);
    check(Signal::AddressChangeDays, 6.99, takeover, 8.0);
    check(Signal::AddressChangeDays, 7.0, takeover, 5.0);
    check(Signal::AddressChangeDays, 14.0, takeover, 1.0);
    check(Signal::NewDevice, 1.0, takeover, 2.5);
    check(Signal::NewDevice, 0.0, takeover, 0.7);
    check(Signal::Dwelling, 1.0, porch, 1.0);
    check(Signal::Dwelling, 2.0, porch, 1.5);
    check(Signal::Dwelling, 3.0, porch, 0.3);
    check(Signal::Dwelling, 7.0, takeover, 6.0);
    check(Signal::Dwelling, 99.0, takeover, 1.0);
    check(Signal::Season, 10.0, porch, 1.0);
    check(Signal::Season, 11.0, porch, 1.3);
    check(Signal::Season, 12.0, porch, 1.6);
    check(Signal::SuspicionLevel, 0.0, porch, 1.0);
    check(Signal::SuspicionLevel, 3.0, porch, 3.0);
    check(Signal::AddressPorchLosses180d, 1.0, porch, 4.0);
    check(Signal::AddressPorchLosses180d, 7.0, porch, 10.0);
}

#[test]
fn an_address_and_a_contact_changed_together_weigh_twice_more() {
    let pair = |address: f64, contact: f64| {
        let changed = signals(&[
            (Signal::AddressChangeDays, address),
            (Signal::ContactChangeDays, contact),
        ]);
        let scores = prior().score(&changed);
        let parts = &scores[Hazard::AccountTakeover.index()].contributions;
        parts
            .iter()
            .find(|part| part.with.is_some())
            .map(|part| part.log_odds)
    };
    assert_eq!(pair(1.0, 1.0), Some(micro(2.0)));
    assert_eq!(pair(13.9, 13.9), Some(micro(2.0)));
    assert_eq!(pair(14.0, 1.0), None);
    assert_eq!(pair(1.0, 14.0), None);
}

proptest! {
    #[test]
    fn a_score_is_its_base_and_its_contributions_exactly(situation in situations()) {
        for score in prior().score(&situation.signals) {
            let parts: i64 = score.contributions.iter().map(|part| part.log_odds).sum();
            prop_assert_eq!(score.base + parts, score.log_odds);
            prop_assert!(score.contributions.iter().all(|part| part.log_odds != 0));
            prop_assert_eq!(score.probability.to_bits(), probability(score.log_odds).to_bits());
            prop_assert!((0.0..=1.0).contains(&score.probability));
        }
    }
}

/// The prior with one change, sealed again unless the seal is the point.
fn changed(from: &str, to: &str, seal: bool) -> Vec<String> {
    assert!(PRIOR.contains(from), "{from}");
    let text = PRIOR.replacen(from, to, 1);
    let text = match (seal, text.find(",\n  \"sha256\"")) {
        (true, Some(end)) => sealed(&format!("{}\n}}", &text[..end])),
        _ => text,
    };
    let problems = Model::load(&text).err().unwrap_or_default();
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn a_damaged_artifact_is_refused_with_the_path_of_what_is_wrong() {
    let check = |from: &str, to: &str, expected: &str| {
        let problems = changed(from, to, true);
        assert!(
            problems.iter().any(|it| it.contains(expected)),
            "{expected}: {problems:#?}"
        );
    };
    check(
        "\"base\": -6212606",
        "\"base\": 0.5",
        "hazards.porch_theft.base: must be a whole number",
    );
    check(
        "\"base\": -6212606",
        "\"base\": -60000000",
        "hazards.porch_theft.base: must be a whole",
    );
    check(
        "\"base\": -6212606",
        "\"base\": null",
        "hazards.porch_theft.base: must be a whole number",
    );
    check(
        "[0.3, 0.6, 0.85]",
        "[0.6, 0.3, 0.85]",
        "signals[0].edges: must increase",
    );
    check(
        "[0.3, 0.6, 0.85]",
        "[0.3, 0.3, 0.85]",
        "signals[0].edges: must increase",
    );
    check(
        "[0.3, 0.6, 0.85]",
        "[0.3, 0.6]",
        "terms.resale: must have 4 weights",
    );
    check(
        "[0.3, 0.6, 0.85]",
        "[\"0.3\", 0.6, 0.85]",
        "signals[0].edges: must be a list of finite",
    );
    check(
        "\"signal\": \"resale\"",
        "\"signal\": \"resales\"",
        "signals[0].signal: no signal is called `resales`; `resale` was meant",
    );
    check(
        "\"signal\": \"resale\", \"unit\": \"share\"",
        "\"signal\": \"resale\", \"unit\": \"kg\"",
        "signals[0].unit: must be `share`",
    );
    check(
        "\"signal\": \"tech_items\"",
        "\"signal\": \"item_units\"",
        "terms.tech_items: has no bins in `signals`",
    );
    check(
        "\"FLAT\"",
        "\"PALACE\"",
        "names: `dwelling` knows no \"PALACE\"",
    );
    check("\"FLAT\"", "\"HOUSE\"", "names: \"HOUSE\" is listed twice");
    check(
        "\"kind\": \"prior\"",
        "\"kind\": \"guess\"",
        "kind: is `guess`",
    );
    check(
        "doorstep/model/1",
        "doorstep/model/9",
        "format: is `doorstep/model/9`",
    );
    check(
        "\"created\"",
        "\"creatd\"",
        "creatd: is not known here; `created` was meant",
    );
    check(
        "\"substitution\": {",
        "\"substitutes\": {",
        "hazards.substitution: is missing",
    );
    check("[[0, 0, 0], ", "[", "pairs[0].table: must have 4 lists");
    check(
        "[[0, 0, 0], ",
        "[[0, 0], ",
        "pairs[0].table[0]: must have 3 weights",
    );
    check(
        "[\"address_change_days\", \"contact_change_days\"]",
        "[\"address_change_days\"]",
        "must name two signals",
    );
}

#[test]
fn a_change_without_a_new_checksum_is_refused() {
    let problems = changed("-6212606", "-6212605", false);
    assert!(
        problems.iter().any(|it| it.starts_with("sha256: is ")),
        "{problems:?}"
    );
    assert!(changed("\"base\": -6212606", "\"base\":    -6212606", false).is_empty());
}

#[test]
fn what_is_no_json_is_refused_with_its_place() {
    let check = |text: &str| {
        let problems = Model::load(text).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
    };
    check("");
    check("{");
    check("[]");
    check("null");
    check(&"[".repeat(100_000));
    check("{\"format\": 1e999}");
}

#[test]
fn where_a_counterfactual_looks_is_where_bins_change() {
    let prior = prior();
    assert_eq!(prior.steps(Signal::NewDevice), [0.0, 1.0]);
    assert_eq!(prior.steps(Signal::HeaviestItemKg).last(), Some(&15.0));
    assert_eq!(prior.steps(Signal::Dwelling).len(), 7);
    assert!(prior.steps(Signal::Weekday).is_empty());
}

#[test]
fn what_was_read_is_written_again_and_reads_the_same() {
    let read = prior();
    let text = read.parts().write();
    let again = Model::load(&text).unwrap();
    assert_eq!(
        again.version, read.version,
        "the same content, the same sum"
    );
    assert_eq!(again.parts(), read.parts());
    assert!(
        text.contains("{\"signal\": \"resale\", \"unit\": \"share\", \"edges\": [0.3, 0.6, 0.85]}"),
        "{text}"
    );
    assert!(
        text.contains("\"resale\": [0, 0, 470004, 916291, 1252763],"),
        "{text}"
    );
}

proptest! {
    #[test]
    fn edges_bin_the_same_after_writing_and_reading(
        edges in proptest::collection::btree_set(proptest::num::f64::NORMAL.prop_map(f64::to_bits), 1..40)
    ) {
        let mut edges: Vec<f64> = edges.into_iter().map(f64::from_bits).collect();
        edges.sort_by(f64::total_cmp);
        edges.dedup();
        let mut parts = prior().parts();
        let bins = Bins::Edges(edges.clone());
        parts.signals.push((Signal::OrderValue, bins.clone()));
        let again = Model::load(&parts.write()).unwrap();
        let read = again.bins(Signal::OrderValue).unwrap();
        for edge in &edges {
            for value in [edge.next_down(), *edge, edge.next_up()] {
                prop_assert_eq!(read.of(Some(value)), bins.of(Some(value)), "{}", value);
            }
        }
        prop_assert_eq!(bins.labels(Signal::OrderValue).len(), bins.count());
    }
}

#[test]
fn a_large_pair_is_written_on_joined_bins_and_reads_the_same() {
    let mut parts = prior().parts();
    let edges = Bins::Edges((0..30_i32).map(f64::from).collect());
    parts.signals.push((Signal::OrderValue, edges.clone()));
    parts.signals.push((Signal::ItemUnits, edges));
    let cell = |up: usize, across: usize| i64::try_from(up / 8 * 100 + across / 16).unwrap();
    let line = |up| (0..32).map(|across| cell(up, across)).collect();
    parts.hazards[2].pairs.push(PairParts {
        signals: [Signal::OrderValue, Signal::ItemUnits],
        table: (0..32).map(line).collect(),
    });
    let text = parts.write();
    assert!(
        text.contains("\"joined\": [[8, 8, 8, 8], [16, 16]]"),
        "{text}"
    );
    assert_eq!(Model::load(&text).unwrap().parts(), parts);
    let problems = |joined: &str| {
        let bent = text.replace("[[8, 8, 8, 8], [16, 16]]", joined);
        let problems = Model::load(&bent).unwrap_err();
        problems
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    };
    for joined in [
        "[[8, 8, 8, 7], [16, 16]]",
        "[[32]]",
        "7",
        "[[0, 32], [16, 16]]",
        "[[8, 8, 8, 8], [16, \"16\"]]",
    ] {
        let told = problems(joined);
        assert!(
            told.contains("hazards.substitution.pairs[0].joined: must be two lists"),
            "{told}"
        );
    }
}
