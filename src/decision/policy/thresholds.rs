//! Numbers in rules that can be turned: those on one side of `<`, `<=`, `>` or `>=`, with something else on the other.
//!
//! An order is on one side of such a number or on the other; between the numbers at which some order changes sides,
//! nothing changes.

use std::ops::Range;

use cel::common::ast::{Expr, IdedExpr, LiteralValue, SourceInfo};

use super::condition::{Comparison, Condition, Number};
use super::{Policy, rules};
use crate::decision::answer::HazardScore;
use crate::decision::situation::Situation;
use crate::domain::hazard::Hazard;

/// A number of a rule that can be turned.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// The rule's id.
    pub rule: String,
    /// The place of the condition among the rule's, from 0.
    pub condition: usize,
    /// The condition as written.
    pub source: String,
    /// The number, in the unit of what is compared with it.
    pub number: f64,
    /// What is just as great as the number counts as above it: with `>=` and `<`, but not with `>` and `<=`.
    pub inclusive: bool,
    /// Where the number stands in the condition, in bytes.
    at: Range<usize>,
}

/// In a condition: a number, and what is compared with it.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    at: Range<usize>,
    number: f64,
    of: Number,
    inclusive: bool,
}

impl Cut {
    /// What a comparison has of it; `trees` and `sides` are the same two expressions, parsed and checked.
    pub(super) fn of(
        source: &str,
        places: &SourceInfo,
        comparison: Comparison,
        trees: [&IdedExpr; 2],
        sides: &[Number; 2],
    ) -> Option<Self> {
        let (tree, number, of, comparison) = match (trees, sides) {
            (_, [Number::Literal(_), Number::Literal(_)]) => return None,
            ([_, tree], [of, Number::Literal(number)]) => (tree, number, of, comparison),
            ([tree, _], [Number::Literal(number), of]) => (tree, number, of, comparison.turned()),
            _ => return None,
        };
        let inclusive = match comparison {
            Comparison::AtLeast | Comparison::Less => true,
            Comparison::Greater | Comparison::AtMost => false,
            Comparison::Equal | Comparison::Unequal => return None,
        };
        // The name of a category is a number too, but none to turn.
        let written = matches!(
            &tree.expr,
            Expr::Literal(LiteralValue::Int(_) | LiteralValue::Double(_))
        );
        let (start, last) = places.offset_for(tree.id).filter(|_| written)?;
        let at = usize::try_from(start).ok()?..usize::try_from(last).ok()? + 1;
        let read = source.get(at.clone())?.parse::<f64>().ok()?;
        (read.total_cmp(number).is_eq()).then(|| Self {
            at,
            number: *number,
            of: of.clone(),
            inclusive,
        })
    }
}

impl Threshold {
    /// The condition with another number in the place of this one.
    #[must_use]
    pub fn turned(&self, number: f64) -> String {
        let before = self.source.get(..self.at.start).unwrap_or_default();
        let after = self.source.get(self.at.end..).unwrap_or_default();
        let written = self.source.get(self.at.clone()).unwrap_or_default();
        let whole = written.bytes().all(|it| it.is_ascii_digit());
        // Whole numbers stay so, as far as CEL has them.
        if whole && number.fract() == 0.0 && number.abs() < 1e15 {
            format!("{before}{number:.0}{after}")
        } else {
            format!("{before}{number:?}{after}")
        }
    }
}

impl Policy {
    /// The numbers of its rules that can be turned, in the file's order.
    #[must_use]
    pub fn thresholds(&self) -> Vec<Threshold> {
        let mut all = Vec::new();
        for rule in &self.rules {
            for (place, condition) in rule.when.iter().enumerate() {
                all.extend(condition.cuts.iter().map(|cut| Threshold {
                    rule: rule.id.clone(),
                    condition: place,
                    source: condition.source.clone(),
                    number: cut.number,
                    inclusive: cut.inclusive,
                    at: cut.at.clone(),
                }));
            }
        }
        all
    }

    /// What a situation compares with the number; none where a signal is missing, or the rule is over.
    #[must_use]
    pub fn compared_with(
        &self,
        threshold: &Threshold,
        situation: &Situation,
        hazards: &[HazardScore; Hazard::COUNT],
        risk: f64,
    ) -> Option<f64> {
        let rule = self.rules.iter().find(|it| it.id == threshold.rule)?;
        let condition = rule.when.get(threshold.condition)?;
        let cut = condition.cuts.iter().find(|it| it.at == threshold.at)?;
        let value = cut.of.of(&rules::facts(situation, hazards, risk)).ok()?;
        (!value.is_nan() && !rule.is_over(situation.now)).then_some(value)
    }

    /// The same policy with another number there; none where it has no such rule, or the condition does not bear it.
    #[must_use]
    pub fn with(&self, threshold: &Threshold, number: f64) -> Option<Self> {
        let mut policy = self.clone();
        let rule = policy.rules.iter_mut().find(|it| it.id == threshold.rule)?;
        let condition = rule.when.get_mut(threshold.condition)?;
        *condition = Condition::load(&threshold.turned(number)).ok()?;
        Some(policy)
    }
}

#[cfg(test)]
mod tests;
