//! The parameters of a world: `models/world.toml`, read strictly, with scenarios laid over it.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Spanned, Table, Value, de::DeTable, de::DeValue};

/// The parameters that are built in.
const BUILT_IN: &str = include_str!("../../../models/world.toml");
/// Bytes of a file.
const FILE_MAX: usize = 1 << 20;
/// Nothing in a world is larger.
const NUMBER_MAX: f64 = 1e6;

/// A file of parameters cannot be used: one line a problem, with its line in the file where there is one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct BadWorld(pub Vec<String>);

/// A file of parameters and its scenarios.
#[derive(Clone, Debug)]
pub struct WorldFile {
    base: Table,
    scenarios: BTreeMap<String, Scenario>,
}

/// Something that goes differently from the base.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scenario {
    /// What is different, in a sentence.
    about: String,
    /// The parameters that are different.
    set: Table,
}

impl WorldFile {
    /// The parameters that are built in.
    ///
    /// # Errors
    /// None that a test would not have found.
    pub fn built_in() -> Result<Self, BadWorld> {
        Self::read(BUILT_IN)
    }

    /// Reads a file of parameters: every key must be there, and no other.
    ///
    /// # Errors
    /// [`BadWorld`] with every number out of bounds, or the first other problem, each with its line.
    pub fn read(text: &str) -> Result<Self, BadWorld> {
        if text.len() > FILE_MAX {
            return Err(BadWorld(vec!["is larger than 1 MiB".to_owned()]));
        }
        toml::from_str::<Parameters>(text).map_err(|error| one(told(text, &error)))?;
        let tree = DeTable::parse(text).map_err(|error| one(told(text, &error)))?;
        let mut wrong = Vec::new();
        for (name, value) in tree.get_ref() {
            let name = name.get_ref().to_string();
            bounds(text, &name, value, &mut wrong);
        }
        if !wrong.is_empty() {
            return Err(BadWorld(wrong));
        }
        let mut base: Table = toml::from_str(text).map_err(|error| one(told(text, &error)))?;
        let scenarios = base
            .remove("scenarios")
            .unwrap_or_else(|| Value::Table(Table::new()));
        let scenarios = scenarios
            .try_into()
            .map_err(|error: toml::de::Error| one(told(text, &error)))?;
        let file = Self { base, scenarios };
        for name in file.scenarios.keys() {
            file.scenario(name)?;
        }
        Ok(file)
    }

    /// The scenarios by name, each with a sentence about it.
    pub fn scenarios(&self) -> impl Iterator<Item = (&str, &str)> {
        self.scenarios
            .iter()
            .map(|(name, scenario)| (name.as_str(), scenario.about.as_str()))
    }

    /// The parameters of a scenario.
    ///
    /// # Errors
    /// [`BadWorld`] where there is none of this name, or it sets what there is not.
    pub fn scenario(&self, name: &str) -> Result<Parameters, BadWorld> {
        let Some(scenario) = self.scenarios.get(name) else {
            let names: Vec<_> = self.scenarios.keys().map(String::as_str).collect();
            let known = names.join(", ");
            return Err(one(format!(
                "there is no scenario `{name}`: use one of {known}"
            )));
        };
        let mut all = self.base.clone();
        lay_over(&mut all, &scenario.set);
        let parameters = Value::Table(all).try_into();
        parameters.map_err(|error: toml::de::Error| {
            one(format!("scenario `{name}`: {}", error.message()))
        })
    }
}

fn one(problem: String) -> BadWorld {
    BadWorld(vec![problem])
}

/// What is wrong, with line and column.
fn told(text: &str, error: &toml::de::Error) -> String {
    let message = error.message().replace('\n', " ");
    match error.span() {
        Some(span) => format!("{}: {message}", place(text, span.start)),
        None => message,
    }
}

/// `line:column` of a byte.
fn place(text: &str, byte: usize) -> String {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .map_or(0, |it| it.chars().count())
        + 1;
    format!("{line}:{column}")
}

/// Every number is finite and not negative; a share is at most 1.
fn bounds(text: &str, path: &str, value: &Spanned<DeValue<'_>>, wrong: &mut Vec<String>) {
    let number = match value.get_ref() {
        DeValue::Table(table) => {
            for (name, value) in table {
                bounds(text, &format!("{path}.{}", name.get_ref()), value, wrong);
            }
            return;
        }
        DeValue::Array(all) => {
            for (place, value) in all.iter().enumerate() {
                bounds(text, &format!("{path}[{place}]"), value, wrong);
            }
            return;
        }
        DeValue::Float(number) => number.as_str().replace('_', "").parse::<f64>().ok(),
        DeValue::Integer(number) => number.as_str().replace('_', "").parse::<f64>().ok(),
        DeValue::String(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => return,
    };
    let most = if path.ends_with("_share") || path.starts_with("desk.") && path.ends_with(']') {
        1.0
    } else {
        NUMBER_MAX
    };
    if !number.is_some_and(|number| (0.0..=most).contains(&number)) {
        let at = place(text, value.span().start);
        wrong.push(format!("{at}: {path}: must be from 0 to {most}"));
    }
}

/// Puts `set` over `base`, table by table.
fn lay_over(base: &mut Table, set: &Table) {
    for (name, value) in set {
        match (base.get_mut(name), value) {
            (Some(Value::Table(base)), Value::Table(set)) => lay_over(base, set),
            _ => drop(base.insert(name.clone(), value.clone())),
        }
    }
}

/// Tables of numbers, with the keys of the file.
macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $kind:ty),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name { $(pub(super) $field: $kind),+ }
    )+};
}

/// Everything that a world is made of; each value is explained in `models/world.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    pub(super) time: Time,
    pub(super) people: People,
    pub(super) places: Places,
    pub(super) carriers: BTreeMap<String, Carrier>,
    pub(super) goods: BTreeMap<String, Good>,
    pub(super) basket: Basket,
    pub(super) porch: Porch,
    pub(super) courier: Courier,
    pub(super) substitution: Substitution,
    pub(super) claims: Claims,
    pub(super) takeover: Takeover,
    pub(super) effects: Effects,
    pub(super) leak: Leak,
    pub(super) ring: Ring,
    pub(super) probing: Probing,
    pub(super) door: Door,
    pub(super) desk: Desk,
    pub(super) prices: Prices,
    #[serde(default)]
    #[expect(
        dead_code,
        reason = "read by `WorldFile`, and refused here if it is malformed"
    )]
    scenarios: BTreeMap<String, Scenario>,
}

tables! {
    /// When people order.
    Time {
        month_volume: [f64; 12],
        weekday_volume: [f64; 7],
        hour_volume: [f64; 24],
        intruder_hour_volume: [f64; 24],
        evening_window_share: f64,
    }
    /// Who orders.
    People {
        orders_a_year: f64,
        orders_sigma: f64,
        household_two_share: f64,
        household_three_share: f64,
        shared_device_share: f64,
        shared_payment_share: f64,
        new_account_share: f64,
        flat_share: f64,
        business_share: f64,
        po_box_share: f64,
        pickup_share: f64,
        forwarder_share: f64,
        visible_share: f64,
        visible_told_share: f64,
        older_share: f64,
        older_cannot_use_codes_share: f64,
        cannot_come_share: f64,
        step_free_share: f64,
        secured_drop_share: f64,
        sms_share: f64,
        push_share: f64,
        home_share: f64,
        home_sigma: f64,
        evening_home_factor: f64,
        spend_sigma: f64,
        tech_taste_sigma: f64,
        second_address_share: f64,
        gift_share: f64,
        gift_contact_share: f64,
        again_share: f64,
        address_change_share: f64,
        email_change_share: f64,
        phone_change_share: f64,
        change_spread_days: f64,
        password_reset_share: f64,
        new_device_share: f64,
        billing_elsewhere_share: f64,
        stored_payment_share: f64,
        invoice_share: f64,
        wallet_share: f64,
        cancel_share: f64,
    }
    /// Where they live and who drives there.
    Places {
        towns: f64,
        town_sigma: f64,
        flat_sigma: f64,
        parcels_a_courier: f64,
        home_route_share: f64,
        locker_reach_share: f64,
        locker_far_m: f64,
        locker_free_share: f64,
    }
    /// A carrier.
    Carrier {
        route_share: f64,
        codes_share: f64,
        subcontracted_share: f64,
    }
    /// Goods of one category.
    Good {
        orders: f64,
        price: f64,
        price_sigma: f64,
        resale: f64,
        litres: f64,
        kg: f64,
        envelope_share: f64,
        tech: bool,
    }
    /// How goods make an order.
    Basket {
        second_line_share: f64,
        third_line_share: f64,
        two_units_share: f64,
        three_units_share: f64,
        several_parcels_share: f64,
        split_later_share: f64,
        size_told_share: f64,
        age_restricted_share: f64,
    }
    /// Stolen from the door.
    Porch {
        base: f64,
        flat_factor: f64,
        business_factor: f64,
        visible_factor: f64,
        hidden_factor: f64,
        resale_slope: f64,
        value_slope: f64,
        heavy_factor: f64,
        november_factor: f64,
        december_factor: f64,
        saturday_factor: f64,
        evening_house_factor: f64,
        evening_flat_factor: f64,
        dear_flat_factor: f64,
        robbed_factor: f64,
        robbed_days: f64,
        address_sigma: f64,
        secured_factor: f64,
    }
    /// Never handed over though marked delivered.
    Courier {
        base: f64,
        rotten_share: f64,
        rotten_part_share: f64,
        courier_sigma: f64,
        resale_slope: f64,
        value_slope: f64,
        rotten_value_slope: f64,
        dense_factor: f64,
        envelope_factor: f64,
        subcontracted_factor: f64,
        heavy_factor: f64,
        peak_factor: f64,
        monday_factor: f64,
    }
    /// Handed over, but emptied or swapped.
    Substitution {
        base: f64,
        resale_slope: f64,
        value_slope: f64,
        dense_factor: f64,
        envelope_factor: f64,
        dense_envelope_factor: f64,
        rotten_factor: f64,
        depot_sigma: f64,
        heavy_factor: f64,
    }
    /// Received, and claimed as not received.
    Claims {
        claimant_share: f64,
        claimant_rate: f64,
        claimant_shape: f64,
        honest_rate: f64,
        young_factor: f64,
        linked_share: f64,
        value_slope: f64,
        resale_slope: f64,
        envelope_factor: f64,
        business_factor: f64,
        alone_factor: f64,
        caught_factor: f64,
        honest_loss_share: f64,
        honest_claim_share: f64,
    }
    /// Ordered by an intruder.
    Takeover {
        base: f64,
        account_sigma: f64,
        wave_factor: f64,
        wave_days: f64,
        waves_a_year: f64,
        email_share: f64,
        phone_with_email_share: f64,
        phone_without_email_share: f64,
        address_share: f64,
        forwarder_share: f64,
        reset_share: f64,
        new_device_share: f64,
        billing_elsewhere_share: f64,
        stored_payment_share: f64,
        change_spread_days: f64,
        tech_factor: f64,
        resale_power: f64,
        price_factor: f64,
        price_sigma: f64,
        two_units_share: f64,
        three_units_share: f64,
        again_share: f64,
        mules: f64,
        noticed_days: f64,
    }
    /// What an action leaves of a hazard's probability.
    Effect {
        porch: f64,
        courier_one: f64,
        courier_several: f64,
        substitution: f64,
        false_claim: f64,
        displaced_share: f64,
        takeover_unchanged: f64,
        takeover_prior: f64,
    }
    /// What goes wrong with codes.
    CodeFault {
        bypass_share: f64,
        phished_share: f64,
        phished_each_share: f64,
        scanner_share: f64,
        outage_days_share: f64,
        notice_lost_share: f64,
    }
    /// The effects of all actions.
    Effects {
        otp: Effect,
        item_codes: Effect,
        locker_only: Effect,
        review: Effect,
        fault: CodeFault,
    }
    /// A leak of tracking data: thieves meet the van.
    Leak {
        depot_share: f64,
        factor: f64,
        value: f64,
        told_days: f64,
    }
    /// A ring of accounts that sells refunds.
    Ring {
        customer_share: f64,
        rate: f64,
        size: f64,
    }
    /// Who knows a threshold, and orders below it.
    Probing {
        intruder_share: f64,
        claimant_share: f64,
        threshold: f64,
        carts: f64,
    }
    /// At the door, and when asked.
    Door {
        failed_plain_share: f64,
        failed_attended_share: f64,
        failed_locker_share: f64,
        no_code_share: f64,
        no_code_each_share: f64,
        older_no_code_factor: f64,
        cannot_no_code_share: f64,
        neighbour_share: f64,
        uncollected_share: f64,
        abandon_otp_share: f64,
        abandon_item_codes_share: f64,
        abandon_locker_share: f64,
        abandon_review_share: f64,
        older_abandon_factor: f64,
    }
    /// How claims are made and settled.
    Desk {
        claim_days: f64,
        settle_days_least: f64,
        settle_days: f64,
        settle_days_most: f64,
        unresolved_share: f64,
        porch: [f64; 5],
        courier: [f64; 5],
        substitution: [f64; 5],
        false_claim: [f64; 5],
        false_claim_coded: [f64; 5],
        takeover: [f64; 5],
        honest: [f64; 5],
    }
    /// What things cost, in EUR.
    Prices {
        handling: f64,
        handling_substitution: f64,
        handling_takeover: f64,
        failed_attempt: f64,
        minute: f64,
        otp_seconds: f64,
        item_codes_seconds: f64,
        further_parcel_seconds: f64,
        message: f64,
        seal: f64,
        margin_share: f64,
        burden_otp: f64,
        burden_item_codes: f64,
        burden_locker: f64,
        burden_review: f64,
        locker_saved: f64,
        reviewer: f64,
        valuable: f64,
        victim_days: f64,
    }
}
