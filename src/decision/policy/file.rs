//! The policy file: TOML in, a policy or every problem with its place out.
//!
//! Which keys there are, their bounds and what they mean; `docs/policy.md` says the same to the fraud team. Tables of
//! effects and costs are `read_costs`, rules are `read_rules`; how TOML is read is `written`.

use std::ops::RangeInclusive;

use super::{Burden, Policy, RandomChecks, Stratum, Validity};
use crate::decision::problem::Problem;
use crate::decision::record::Version;
use crate::decision::written::{Part, Sheet, parse};
use crate::domain::action::Action;
use crate::domain::units::{Digest, Span, millionths};

/// Bytes of a file.
const FILE_MAX: usize = 1 << 20;

const STRATA_MAX: usize = 100;

const SHARE: RangeInclusive<f64> = 0.0..=1.0;

/// Base currency.
const MONEY: RangeInclusive<f64> = 0.0..=1e6;

/// Above this sum of rates of one direction the file is pointed out: so much chance is a policy of its own.
const RATE_USUAL: f64 = 0.2;

pub(super) fn load(text: &str) -> Result<Policy, Vec<Problem>> {
    if text.len() > FILE_MAX {
        return Err(vec![Problem {
            line: 1,
            column: 1,
            ..Problem::at_path("", "is larger than 1 MiB")
        }]);
    }
    let (sheet, table) = parse(text);
    let mut reader = Reader {
        sheet,
        mistakes: Vec::new(),
        notes: Vec::new(),
    };
    let policy = reader.policy(text, &Part::root(&table));
    match policy {
        Some(policy) if reader.sheet.is_clean() => Ok(policy),
        _ => Err(reader.sheet.into_problems()),
    }
}

/// Reads one file; what is wrong goes to the sheet, so that all of it is told at once.
pub(super) struct Reader<'t> {
    pub(super) sheet: Sheet<'t>,
    pub(super) mistakes: Vec<Problem>,
    pub(super) notes: Vec<Problem>,
}

impl Reader<'_> {
    fn policy(&mut self, text: &str, root: &Part<'_>) -> Option<Policy> {
        self.sheet.known(
            root,
            &[
                "id",
                "review_default",
                "validity",
                "windows",
                "limits",
                "burden",
                "effects",
                "displaced_claims",
                "costs",
                "rules",
                "random_checks",
            ],
        );
        let id = self.id(root);
        let review_default = self.review_default(root);
        let validity = self.validity(root);
        let change_window = self
            .table(root, "windows", &["change_days"])
            .and_then(|it| {
                let days = self.sheet.whole(&it, "change_days", 1..=90)?;
                Some(Span::days(days.value))
            });
        let limits = self.table(root, "limits", &["locker_distance_m", "reviews_per_day"]);
        let distance = limits
            .as_ref()
            .and_then(|it| self.count(it, "locker_distance_m", 100_000));
        let reviews_per_day = limits
            .filter(|it| it.has("reviews_per_day"))
            .and_then(|it| self.count(&it, "reviews_per_day", 1_000_000));
        let burden = root.has("burden").then(|| self.burden(root)).flatten();
        let costs = self.costs(root);
        let random_checks = self.random_checks(root);
        let rules = self.rules(root);
        Some(Policy {
            version: Version {
                id: id?,
                digest: Digest::of(text.as_bytes()),
            },
            validity: validity?,
            random_checks: random_checks?,
            review_default: review_default?,
            burden,
            reviews_per_day,
            change_window: change_window?,
            locker_distance_m: distance?,
            costs,
            rules,
            mistakes: std::mem::take(&mut self.mistakes),
            notes: std::mem::take(&mut self.notes),
        })
    }

    fn id(&mut self, root: &Part<'_>) -> Option<String> {
        let id = self.sheet.text(root, "id")?;
        if !is_plain(&id.value) || Digest::parse(&id.value).is_some() {
            let right = "must be 1 to 64 of A-Z a-z 0-9 . _ - and no digest";
            self.sheet.wrong(&id.span, &id.path, right);
            return None;
        }
        Some(id.value)
    }

    fn review_default(&mut self, root: &Part<'_>) -> Option<Action> {
        let key = self.sheet.text(root, "review_default")?;
        match Action::from_key(&key.value) {
            Some(action) if action != Action::Review => Some(action),
            _ => {
                let message = format!(
                    "is `{}`; must be none, otp, item_codes or locker_only",
                    key.value
                );
                self.sheet.wrong(&key.span, &key.path, message);
                None
            }
        }
    }

    fn validity(&mut self, root: &Part<'_>) -> Option<Validity> {
        let names = ["cart_minutes", "dated_days", "undated_days", "review_hours"];
        let part = self.table(root, "validity", &names)?;
        let [cart, dated, undated, review] = names;
        let cart = self.sheet.whole(&part, cart, 1..=1_440);
        let dated = self.sheet.whole(&part, dated, 0..=90);
        let undated = self.sheet.whole(&part, undated, 1..=365);
        let review = self.sheet.whole(&part, review, 1..=720);
        Some(Validity {
            cart: Span::minutes(cart?.value),
            dated_days: i32::try_from(dated?.value).ok()?,
            undated: Span::days(undated?.value),
            review: Span::hours(review?.value),
        })
    }

    fn burden(&mut self, root: &Part<'_>) -> Option<Burden> {
        let part = self.table(root, "burden", &["free", "share", "risk_from"])?;
        let free = self.count(&part, "free", 10_000);
        let share = self.sheet.number(&part, "share", SHARE);
        let risk_from = self.sheet.number(&part, "risk_from", SHARE);
        Some(Burden {
            free: free?,
            share: share?.value,
            risk_from: risk_from?.value,
        })
    }

    /// A whole number from 0 to `most`.
    fn count(&mut self, part: &Part<'_>, name: &str, most: i64) -> Option<u32> {
        let count = self.sheet.whole(part, name, 0..=most)?;
        u32::try_from(count.value).ok()
    }

    /// A table with these keys and no other; noted if it is missing.
    pub(super) fn table<'a>(
        &mut self,
        part: &Part<'a>,
        name: &str,
        keys: &[&str],
    ) -> Option<Part<'a>> {
        let table = self.sheet.table(part, name)?;
        self.sheet.known(&table, keys);
        Some(table)
    }

    fn random_checks(&mut self, root: &Part<'_>) -> Option<RandomChecks> {
        let keys = [
            "enabled",
            "spare_value_cap",
            "spare_budget_per_week",
            "strata",
        ];
        let part = self.table(root, "random_checks", &keys)?;
        let enabled = self.sheet.flag(&part, "enabled");
        let cap = self.sheet.number(&part, "spare_value_cap", MONEY);
        let budget = part
            .has("spare_budget_per_week")
            .then(|| self.money(&part, "spare_budget_per_week"));
        let parts = self.sheet.tables(&part, "strata");
        if parts.is_empty() || parts.len() > STRATA_MAX {
            let message = format!("must hold 1 to {STRATA_MAX} tables, `[[random_checks.strata]]`");
            self.sheet
                .wrong(&part.span, "random_checks.strata", message);
        }
        let mut strata = Vec::new();
        let last = parts.len().saturating_sub(1);
        for (place, part) in parts.iter().enumerate() {
            strata.extend(self.stratum(part, place == last));
        }
        Some(RandomChecks {
            enabled: enabled?.value,
            spare_value_cap_cents: cents(cap?.value),
            spare_budget_week_cents: budget,
            strata,
        })
    }

    fn stratum(&mut self, part: &Part<'_>, last: bool) -> Option<Stratum> {
        let keys = ["id", "risk_below", "value_below", "verify", "spare"];
        self.sheet.known(part, &keys);
        let id = self.sheet.text(part, "id");
        let mut below = |name: &str, bounds: RangeInclusive<f64>| {
            if !part.has(name) {
                return Some(f64::INFINITY);
            }
            let number = self.sheet.number(part, name, bounds)?;
            if last {
                let message = "the last stratum holds every order: it has no bounds";
                self.sheet.wrong(&number.span, &number.path, message);
            }
            Some(number.value)
        };
        let (risk, value) = (below("risk_below", SHARE), below("value_below", MONEY));
        let verify = self.rates(part, "verify", ["otp", "item_codes"]);
        let spare = self.rates(part, "spare", ["none", "otp"]);
        let (verify, spare) = (verify?, spare?);
        let sum: f64 = verify.iter().chain(&spare).sum();
        if sum > 1.0 {
            let message = format!("its rates sum to {sum}; they are shares of one draw");
            self.sheet.wrong(&part.span, &part.path, message);
        } else if sum > RATE_USUAL {
            let message = format!("chance decides {} % of these orders", sum * 100.0);
            self.notes
                .push(self.sheet.problem(&part.span, &part.path, message));
        }
        Some(Stratum {
            id: id?.value,
            risk_below: risk?,
            value_below_cents: cents(value?),
            verify_micro: verify.map(millionths),
            spare_micro: spare.map(millionths),
        })
    }

    fn rates(&mut self, part: &Part<'_>, name: &str, actions: [&str; 2]) -> Option<[f64; 2]> {
        let table = self.table(part, name, &actions)?;
        Some(actions.map(|action| self.share(&table, action)))
    }

    /// A share of one; 0 where it is wrong, which is noted.
    pub(super) fn share(&mut self, part: &Part<'_>, name: &str) -> f64 {
        self.sheet
            .number(part, name, SHARE)
            .map_or(0.0, |it| it.value)
    }

    /// An amount in hundredths of the base currency; 0 where it is wrong, which is noted.
    pub(super) fn money(&mut self, part: &Part<'_>, name: &str) -> f64 {
        self.sheet
            .number(part, name, MONEY)
            .map_or(0.0, |it| cents(it.value))
    }
}

/// Whether a name is 1 to 64 of `A-Z a-z 0-9 . _ -`.
pub(super) fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=64).contains(&name.len()) && name.bytes().all(plain)
}

/// Units of the base currency as hundredths.
pub(super) fn cents(units: f64) -> f64 {
    units * 100.0
}

#[cfg(test)]
mod tests;
