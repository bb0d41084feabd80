//! What carriers and depots can do, as the catalogue's file says it: each only what is different from what it rests on.

use std::collections::{BTreeMap, BTreeSet};

use super::{for_each, id, no_such};
use crate::decision::written::{Part, Sheet};
use crate::domain::catalogue::CarrierFacts;
use crate::domain::ids::{CarrierId, DepotId};
use crate::domain::order::Capability;

/// The default, which must be there, and the others, which say only what is different.
pub(super) fn carriers(
    sheet: &mut Sheet<'_>,
    root: &Part<'_>,
) -> Option<(CarrierFacts, BTreeMap<CarrierId, CarrierFacts>)> {
    let all = sheet.table(root, "carriers")?;
    let default = sheet.table(&all, "default")?;
    for name in FACTS {
        if !default.has(name) {
            sheet.wrong(&default.span, &default.path_of(name), "is missing");
        }
    }
    let default = carrier(sheet, &default, &[], &NOBODY);
    let mut carriers = BTreeMap::new();
    for_each(sheet, root, "carriers", |sheet, all, name| {
        if name == "default" {
            return None;
        }
        let key = id(sheet, all, name, CarrierId::try_new)?;
        let part = sheet.table(all, name)?;
        carriers.insert(key, carrier(sheet, &part, &[], &default))
    });
    Some((default, carriers))
}

/// Depots say only what is different from their carrier, or from the default where they name none.
pub(super) fn depots(
    sheet: &mut Sheet<'_>,
    root: &Part<'_>,
    default: &CarrierFacts,
    carriers: &BTreeMap<CarrierId, CarrierFacts>,
) -> BTreeMap<DepotId, CarrierFacts> {
    let mut depots = BTreeMap::new();
    for_each(sheet, root, "depots", |sheet, all, name| {
        let key = id(sheet, all, name, DepotId::try_new)?;
        let part = sheet.table(all, name)?;
        let mut usual = default;
        if let Some(of) = sheet.text_if(&part, "carrier") {
            let known = carriers.iter().find(|(id, _)| id.as_str() == of.value);
            if let Some((_, facts)) = known {
                usual = facts;
            } else if of.value != "default" {
                let names = carriers.keys().map(CarrierId::as_str);
                let message = no_such(&of.value, "carrier", names);
                sheet.wrong(&of.span, &of.path, message);
            }
        }
        depots.insert(key, carrier(sheet, &part, &["carrier"], usual))
    });
    depots
}

const FACTS: [&str; 4] = [
    "capabilities",
    "code_ready",
    "attempts",
    "inspection_seconds",
];

const NOBODY: CarrierFacts = CarrierFacts {
    capabilities: Vec::new(),
    code_ready: false,
    attempts: 1,
    inspection_s: 0,
};

fn carrier(
    sheet: &mut Sheet<'_>,
    part: &Part<'_>,
    more: &[&str],
    usual: &CarrierFacts,
) -> CarrierFacts {
    let known: Vec<&str> = FACTS.iter().chain(more).copied().collect();
    sheet.known(part, &known);
    let mut facts = usual.clone();
    if part.has("capabilities") {
        facts.capabilities = capabilities(sheet, part);
    }
    if part.has("code_ready") {
        let ready = sheet.flag(part, "code_ready");
        facts.code_ready = ready.is_some_and(|it| it.value);
    }
    let mut whole = |name, bounds| {
        let number = part.has(name).then(|| sheet.whole(part, name, bounds))??;
        u32::try_from(number.value).ok()
    };
    facts.attempts = whole("attempts", 1..=10).unwrap_or(usual.attempts);
    let seconds = whole("inspection_seconds", 0..=3600);
    facts.inspection_s = seconds.unwrap_or(usual.inspection_s);
    facts
}

fn capabilities(sheet: &mut Sheet<'_>, part: &Part<'_>) -> Vec<Capability> {
    let mut all = BTreeSet::new();
    for name in sheet.texts(part, "capabilities").unwrap_or_default() {
        if let Some(capability) = Capability::from_name(&name.value) {
            all.insert(capability);
        } else {
            let names = Capability::ALL.iter().map(|it| it.name());
            let message = no_such(&name.value, "capability", names);
            sheet.wrong(&name.span, &name.path, message);
        }
    }
    all.into_iter().collect()
}
