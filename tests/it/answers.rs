//! The twenty-five orders of `answers.json` and their answers: each in a store of its own, by the steps of the live
//! service, read before the draw.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use doorstep::api::wire::{self, Accepts, pb};
use doorstep::decision::answer::{Chance, Decision};
use doorstep::decision::judge::judge;
use doorstep::decision::model::Model;
use doorstep::decision::policy::Policy;
use doorstep::decision::record::Version;
use doorstep::decision::release::Release;
use doorstep::decision::{catalogue, signals};
use doorstep::domain::action::Action;
use doorstep::domain::catalogue::Catalogue;
use doorstep::domain::content::event_digest;
use doorstep::domain::hazard::Hazard;
use doorstep::domain::profile::Ratchet;
use doorstep::domain::units::{Digest, Timestamp};
use doorstep::service::history;
use doorstep::service::scratch::Scratch;
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde_json::Value;

use crate::vectors::vectors;

struct Shop {
    release: Release,
    catalogue: Catalogue,
    pool: DescriptorPool,
}

impl Shop {
    /// The shipped policy and catalogue with this model.
    fn shipped(model: &str) -> Self {
        let catalogue = catalogue::load(include_str!("../../models/catalogue.toml")).unwrap();
        let version = |id: &str, digest| Version {
            id: id.to_owned(),
            digest,
        };
        let release = Release {
            policy: Arc::new(Policy::load(include_str!("../../models/policy.toml")).unwrap()),
            model: Arc::new(Model::load(model).unwrap()),
            catalogue: version(&catalogue.id, catalogue.digest),
            engine: version("test", Digest([0; 32])),
        };
        Self {
            release,
            catalogue,
            pool: DescriptorPool::decode(pb::DESCRIPTOR_SET).unwrap(),
        }
    }

    fn message<M: prost::Message + Default>(&self, name: &str, json: &Value) -> M {
        let kind = self.pool.get_message_by_name(name).unwrap();
        let message = DynamicMessage::deserialize(kind, json).unwrap();
        message.transcode_to().unwrap()
    }

    fn answer(&self, case: &Value, now: Timestamp) -> Decision {
        let accepts = Accepts {
            now,
            currencies: self.catalogue.rates.keys().copied().collect(),
            driven: true,
        };
        let mut rows = Scratch::default();
        let events: Vec<_> = case["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|json| {
                let event = self.message("doorstep.v1.Event", json);
                let event = wire::event(event, &accepts).unwrap();
                let digest = event_digest(&event);
                (event, digest)
            })
            .collect();
        let taken = rows
            .transact(history::keys(&events), |rows| {
                history::step(&events, now, rows)
            })
            .unwrap();
        assert!(
            taken.iter().all(|it| *it == history::Taken::Recorded),
            "{taken:?}"
        );
        let order = self.message("doorstep.v1.Order", &case["order"]);
        let order = Arc::new(wire::order(order, &accepts).unwrap());
        let snapshot = rows.read(signals::keys(&order));
        let situation = signals::measure(order, snapshot, &self.catalogue, now);
        let chance = Chance {
            draw: None,
            ratchet: Ratchet::default(),
        };
        judge(&situation, &self.release, &chance)
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[test]
fn answers_vectors_hold() {
    let file = vectors("answers.json");
    let shop = Shop::shipped(include_str!("../../models/prior.json"));
    let now = text(&file["now"]);
    let noon = Timestamp::from_micros(1_781_092_800_000_000);
    assert_eq!(now, noon.to_string());
    let (mut table, mut wrong) = (String::new(), Vec::new());
    writeln!(
        table,
        "{:<60} {:<12} {:>7} {:>7} {:>7} {:>7} {:>7}  {:>8} {:>8} {:>8} {:>8} {:>8}",
        "order",
        "answer",
        "porch%",
        "cour%",
        "subst%",
        "claim%",
        "take%",
        "none",
        "otp",
        "item",
        "locker",
        "review"
    )
    .unwrap();
    for case in file["cases"].as_array().unwrap() {
        let name = text(&case["name"]);
        let decision = shop.answer(case, noon);
        write!(table, "{name:<60.60} {:<12}", decision.own_action.name()).unwrap();
        for hazard in Hazard::ALL {
            let percent = decision.hazards[hazard.index()].probability * 100.0;
            write!(table, " {percent:>7.2}").unwrap();
        }
        table.push(' ');
        for action in Action::ALL {
            let cost = &decision.costs[action.index()];
            if cost.feasible {
                write!(table, " {:>8.2}", cost.total / 100.0).unwrap();
            } else {
                write!(table, " {:>8}", "-").unwrap();
            }
        }
        table.push('\n');
        let right = text(&case["action"])
            .split(" or ")
            .any(|it| it == format!("ACTION_{}", decision.own_action.name()));
        if !right {
            wrong.push(format!(
                "{name}: {} and not {}",
                decision.own_action.name(),
                text(&case["action"])
            ));
        }
        let told: BTreeSet<_> = decision
            .reasons
            .iter()
            .map(|it| it.code.text())
            .chain(
                decision
                    .costs
                    .iter()
                    .flat_map(|it| it.infeasible_because.iter().map(|code| code.text())),
            )
            .collect();
        for code in case["reasons"].as_array().into_iter().flatten() {
            if !told.contains(text(code)) {
                wrong.push(format!("{name}: no {} in {told:?}", text(code)));
            }
        }
        let contact = decision
            .code_contact_id
            .as_ref()
            .map_or("", |it| it.as_str());
        if let Some(expected) = case["code_contact_id"].as_str()
            && contact != expected
        {
            wrong.push(format!("{name}: code to `{contact}` and not `{expected}`"));
        }
    }
    println!("{table}");
    assert!(wrong.is_empty(), "{}\n{table}", wrong.join("\n"));
}

/// A model that is shipped beside the prior may answer otherwise, but not unsaid: docs/evaluation.md lists each case.
#[test]
fn where_the_trained_model_answers_otherwise_is_listed() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let Ok(model) = std::fs::read_to_string(root.join("models/trained.json")) else {
        println!("there is no trained model yet");
        return;
    };
    let page = std::fs::read_to_string(root.join("docs/evaluation.md")).unwrap();
    let file = vectors("answers.json");
    let noon = Timestamp::from_micros(1_781_092_800_000_000);
    let shop = Shop::shipped(&model);
    let mut unsaid = Vec::new();
    for case in file["cases"].as_array().unwrap() {
        let (name, wanted) = (text(&case["name"]), text(&case["action"]));
        let decision = shop.answer(case, noon);
        let own = decision.own_action.name();
        if wanted.split(" or ").any(|it| it == format!("ACTION_{own}")) {
            continue;
        }
        println!("{name}: {own} and not {wanted}");
        let listed = |line: &str| line.contains(name) && line.contains(&own.to_lowercase());
        if !page.lines().any(listed) {
            unsaid.push(format!("| {name} | {wanted} | {} |", own.to_lowercase()));
        }
    }
    assert!(
        unsaid.is_empty(),
        "docs/evaluation.md does not list:\n{}",
        unsaid.join("\n")
    );
}
