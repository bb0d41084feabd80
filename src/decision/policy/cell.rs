//! Which cells of the effect tables price an action: what of a situation chooses the table, and the column of the
//! action. For whoever asks what was ever looked at.

use super::Feasible;
use super::cost::{COLUMNS, TABLES, column, tables};
use crate::decision::situation::Situation;
use crate::domain::action::Action;
use crate::domain::hazard::Hazard;

/// The cell that an action's effects are read from; each part by its name in policy files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EffectCell {
    /// `one_parcel` or `several_parcels`.
    pub parcels: &'static str,
    /// `unchanged`, `prior_contact` or `no_prior_contact`.
    pub account: &'static str,
    /// The column: an action, item codes with and without a seal apart.
    pub column: &'static str,
}

impl EffectCell {
    /// The cell that prices the action here.
    #[must_use]
    pub fn of(situation: &Situation, feasible: &Feasible, action: Action) -> Self {
        let tables = tables(situation, feasible);
        let which = |hazard: Hazard| {
            let table = tables.get(hazard.index()).and_then(|it| TABLES.get(*it));
            table.map_or("", |it| situation_of(it))
        };
        let column = column(action, !situation.unsealed);
        Self {
            parcels: which(Hazard::CourierTheft),
            account: which(Hazard::AccountTakeover),
            column: COLUMNS.get(column).copied().unwrap_or_default(),
        }
    }

    /// Every cell in which the action can be possible: no single code where several parcels come, no code at all where
    /// something changed and no contact is from before.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut cells = Vec::new();
        for parcels in situations_of(Hazard::CourierTheft) {
            for account in situations_of(Hazard::AccountTakeover) {
                for column in COLUMNS {
                    let code = ["otp", "item_codes", "item_codes_unsealed"].contains(&column);
                    let nowhere = code && account == "no_prior_contact";
                    let tells = column == "otp" && parcels == "several_parcels";
                    if !nowhere && !tells {
                        cells.push(Self {
                            parcels,
                            account,
                            column,
                        });
                    }
                }
            }
        }
        cells
    }
}

/// As in `several_parcels, prior_contact, item_codes_unsealed`.
impl std::fmt::Display for EffectCell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, {}, {}", self.parcels, self.account, self.column)
    }
}

/// The situations that a hazard has tables for.
fn situations_of(hazard: Hazard) -> impl Iterator<Item = &'static str> {
    let tables = TABLES.iter().filter_map(|it| it.split_once('.'));
    tables.filter_map(move |(of, which)| (of == hazard.key()).then_some(which))
}

fn situation_of(table: &'static str) -> &'static str {
    table.split_once('.').map_or("", |(_, which)| which)
}
