//! Tables of effects and costs as written; every fault with its place. What the numbers do is `cost`.

use std::ops::RangeInclusive;

use super::cost::{ByAction, ByColumn, COLUMNS, Costs, TABLES};
use super::file::Reader;
use crate::decision::written::Part;
use crate::domain::action::Action;
use crate::domain::hazard::Hazard;

const EFFECT: RangeInclusive<f64> = 0.0..=10.0;

const SECONDS: RangeInclusive<f64> = 0.0..=3_600.0;

/// The tables of `[costs]`.
const PARTS: &[&str] = &[
    "loss",
    "failed_attempt",
    "handover",
    "messages",
    "seal",
    "abandonment",
    "burden",
    "locker",
    "review",
];

impl Reader<'_> {
    /// Effects and costs; what is wrong or missing is noted and stands as 0.
    pub(super) fn costs(&mut self, root: &Part<'_>) -> Costs {
        let mut costs = Costs::default();
        self.effects(root, &mut costs);
        if let Some(it) = self.table(root, "displaced_claims", &COLUMNS) {
            costs.displaced = COLUMNS.map(|column| self.share(&it, column));
        }
        if let Some(part) = self.table(root, "costs", PARTS) {
            self.losses(&part, &mut costs);
            self.efforts(&part, &mut costs);
            self.sales(&part, &mut costs);
        }
        costs
    }

    fn effects(&mut self, root: &Part<'_>, costs: &mut Costs) {
        let keys: Vec<&str> = Hazard::ALL.iter().map(|it| it.key()).collect();
        let Some(part) = self.table(root, "effects", &keys) else {
            return;
        };
        for (row, name) in costs.effects.iter_mut().zip(TABLES) {
            if let Some(table) = self.effect_table(&part, name) {
                *row = self.effect(&table);
            }
        }
    }

    /// A hazard's table, or the one of a situation below it.
    fn effect_table<'a>(&mut self, part: &Part<'a>, name: &str) -> Option<Part<'a>> {
        let Some((hazard, situation)) = name.split_once('.') else {
            return self.table(part, name, &COLUMNS);
        };
        let tables = TABLES.iter().filter_map(|it| it.split_once('.'));
        let known: Vec<&str> = tables
            .filter_map(|(of, which)| (of == hazard).then_some(which))
            .collect();
        let table = self.table(part, hazard, &known)?;
        self.table(&table, situation, &COLUMNS)
    }

    fn effect(&mut self, table: &Part<'_>) -> ByColumn {
        COLUMNS.map(|column| {
            let Some(number) = self.sheet.number(table, column, EFFECT) else {
                return 0.0;
            };
            if number.value > 1.0 {
                let more = "above 1, the action makes this hazard more likely";
                let message = format!("is {}: {more}", number.value);
                let note = self.sheet.problem(&number.span, &number.path, message);
                self.notes.push(note);
            }
            number.value
        })
    }

    /// What hazards and failed attempts cost.
    fn losses(&mut self, part: &Part<'_>, costs: &mut Costs) {
        let hazards = Hazard::ALL.iter().map(|it| it.key());
        let keys: Vec<&str> = hazards.chain(["displaced_claim"]).collect();
        if let Some(it) = self.table(part, "loss", &keys) {
            for (cell, hazard) in costs.loss.iter_mut().zip(Hazard::ALL) {
                *cell = self.money(&it, hazard.key());
            }
            costs.displaced_loss = self.money(&it, "displaced_claim");
        }
        if let Some(it) = self.by_action(part, "failed_attempt", &["cost", "attended_unknown"]) {
            costs.attempt_rate = self.each(|reader, action| reader.share(&it, action));
            costs.attended_unknown = self.share(&it, "attended_unknown");
            costs.attempt = self.money(&it, "cost");
        }
    }

    /// What couriers, notifiers, packers and reviewers do.
    fn efforts(&mut self, part: &Part<'_>, costs: &mut Costs) {
        let further = "item_codes_further_parcel";
        if let Some(it) = self.by_action(part, "handover", &["minute", further]) {
            costs.seconds = self.each(|reader, action| reader.seconds(&it, action));
            costs.further_parcel_seconds = self.seconds(&it, further);
            costs.minute = self.money(&it, "minute");
        }
        if let Some(it) = self.by_action(part, "messages", &[]) {
            costs.message = self.each(|reader, action| reader.money(&it, action));
        }
        if let Some(it) = self.table(part, "seal", &["order"]) {
            costs.seal = self.money(&it, "order");
        }
        if let Some(it) = self.table(part, "review", &["person"]) {
            costs.person = self.money(&it, "person");
        }
    }

    /// What customers do.
    fn sales(&mut self, part: &Part<'_>, costs: &mut Costs) {
        if let Some(it) = self.by_action(part, "abandonment", &["margin"]) {
            costs.abandoned = self.each(|reader, action| reader.share(&it, action));
            costs.margin = self.share(&it, "margin");
        }
        if let Some(it) = self.by_action(part, "burden", &[]) {
            costs.burden = self.each(|reader, action| reader.money(&it, action));
        }
        let keys = ["uncollected_rate", "uncollected_cost", "door_saved"];
        if let Some(it) = self.table(part, "locker", &keys) {
            costs.uncollected_rate = self.share(&it, "uncollected_rate");
            costs.uncollected = self.money(&it, "uncollected_cost");
            costs.door_saved = self.money(&it, "door_saved");
        }
    }

    /// A table with a number for each action and some of its own.
    fn by_action<'a>(&mut self, part: &Part<'a>, name: &str, own: &[&str]) -> Option<Part<'a>> {
        let actions = Action::ALL.iter().map(|it| it.key());
        let keys: Vec<&str> = actions.chain(own.iter().copied()).collect();
        self.table(part, name, &keys)
    }

    fn each(&mut self, mut read: impl FnMut(&mut Self, &str) -> f64) -> ByAction {
        let mut numbers = ByAction::default();
        for (cell, action) in numbers.iter_mut().zip(Action::ALL) {
            *cell = read(self, action.key());
        }
        numbers
    }

    fn seconds(&mut self, part: &Part<'_>, name: &str) -> f64 {
        let number = self.sheet.number(part, name, SECONDS);
        number.map_or(0.0, |it| it.value)
    }
}
