use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::artifact::checksum;
use super::{Model, PRIOR};
use crate::decision::signal::{Signal, Signals};
use crate::domain::hazard::Hazard;
use crate::domain::units::{Digest, probability};

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
