//! What a backtest tells: counts, money and estimates; how they are shown is another's business.

use std::collections::BTreeMap;

use crate::decision::answer::Term;
use crate::decision::record::Version;
use crate::decision::replay::Difference;
use crate::domain::action::Action;
use crate::domain::ids::{DecisionId, OrderId};
use crate::domain::units::{Currency, Timestamp, to_f64};
use crate::lab::dataset::By;
use crate::lab::labels::LeftOut;
use crate::lab::train::float;
use crate::stats::off_policy::check::Frequency;
use crate::stats::off_policy::{Excluded, MATCHED_MIN, Refusal, Warning, Weights};

/// Why a decision cannot be judged by the candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotJudged {
    /// A newer doorstep made it: this one may not know all that it rests on.
    NewerEngine,
    /// The candidate names no policy, and the record's own is not kept.
    LostPolicy,
    /// The candidate names no scorecard, and the record's own is not kept.
    LostModel,
    /// Its risks are priced in another base currency than those of the last decision.
    OtherCurrency,
}

impl NotJudged {
    /// Its name for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NewerEngine => "newer_engine",
            Self::LostPolicy => "lost_policy",
            Self::LostModel => "lost_model",
            Self::OtherCurrency => "other_currency",
        }
    }

    /// What it means, and what would be right.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::NewerEngine => "made by a newer doorstep: run the backtest with that one",
            Self::LostPolicy => "their own policy is not kept: name one with --policy",
            Self::LostModel => "their own scorecard is not kept: name one with --model",
            Self::OtherCurrency => {
                "priced in another base currency: choose the period with --from and --to"
            }
        }
    }
}

/// By what orders are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dimension {
    /// As elsewhere.
    By(By),
    /// What the customer said of codes, door and steps: told apart to see whom a policy bothers, and for nothing else.
    Access,
}

impl Dimension {
    /// For tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::By(by) => by.name(),
            Self::Access => "access",
        }
    }
}

/// Who is asked for something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Burden {
    /// Orders.
    pub orders: u64,
    /// Orders that were asked for more than nothing, and that the candidate would ask.
    pub asked: [u64; 2],
    /// Orders that a person decides, as recorded and under the candidate.
    pub reviews: [u64; 2],
    /// Customers (guests by what they are known by) with an order.
    pub customers: u64,
    /// Customers that were asked at least once, and that the candidate would ask.
    pub customers_asked: [u64; 2],
}

/// Expected cost, in hundredths of the base currency and the order of [`Term::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Costs {
    /// Of the recorded answers, at the prices of the record.
    pub recorded: [f64; Term::COUNT],
    /// Of the recorded answers, at the candidate's prices: what the next line is compared with.
    pub recorded_repriced: [f64; Term::COUNT],
    /// Of the candidate's answers, at its prices.
    pub candidate: [f64; Term::COUNT],
}

impl Costs {
    /// All terms together: as recorded, recorded at the candidate's prices, the candidate's.
    #[must_use]
    pub fn totals(&self) -> [f64; 3] {
        [self.recorded, self.recorded_repriced, self.candidate].map(|it| it.iter().sum())
    }
}

/// Orders that go from one action to another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    /// What they are worth together, in hundredths of the base currency.
    pub value_cents: f64,
    /// The decisions behind it, in the order in which they were recorded.
    pub decisions: Vec<DecisionId>,
}

/// A part of the orders.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Part {
    /// Who is asked in it.
    pub burden: Burden,
    /// What it costs.
    pub costs: Costs,
}

/// A record that does not come out as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Different {
    /// Which.
    pub decision_id: DecisionId,
    /// Of which order.
    pub order_id: OrderId,
    /// In what.
    pub differences: Vec<Difference>,
}

/// Records judged again by their own versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reproduced {
    /// Identical in every field.
    pub identical: u64,
    /// Not.
    pub different: u64,
    /// Their versions are not kept, so that nobody can say.
    pub unknown: u64,
    /// The first that are not.
    pub examples: Vec<Different>,
}

/// A figure of the candidate by one method.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Of what: [`LOSS_RATE`] or [`LOSS`].
    pub metric: &'static str,
    /// By which method.
    pub method: &'static str,
    /// A share, or hundredths of the base currency an order.
    pub value: f64,
    /// Its interval of 95 %; none where the method has none.
    pub interval: Option<(f64, f64)>,
    /// What to know of the method.
    pub note: &'static str,
}

/// The share of orders with a loss.
pub const LOSS_RATE: &str = "loss_rate";
/// What an order loses, capped.
pub const LOSS: &str = "loss_minor";
/// The method of the headline.
pub const HEADLINE: &str = "cressie_read";

/// What really happened, reweighted.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What the record cannot speak for.
    pub excluded: Excluded,
    /// Orders in which the candidate chooses otherwise, and those of them that got what it would choose as often.
    pub changed: (usize, usize),
    /// How far the record carries.
    pub weights: Weights,
    /// What to keep in mind.
    pub warnings: Vec<Warning>,
    /// What was lost under the actions that were taken, on the same orders: the share, and hundredths an order (capped).
    pub ran: [f64; 2],
    /// The candidate's figures.
    pub figures: Vec<Figure>,
}

/// What playing the candidate would have lost, estimated from what really happened.
#[derive(Clone, Debug, PartialEq)]
pub struct OffPolicy {
    /// Orders whose outcome is known.
    pub mature: u64,
    /// Orders that say nothing, by reason.
    pub left_out: BTreeMap<LeftOut, u64>,
    /// Orders with a claim from before they were placed.
    pub impossible: u64,
    /// What one order loses at most, in hundredths of the base currency.
    pub loss_cap_cents: f64,
    /// Whether recorded actions came as often as their logged probabilities say, in the order of [`Action::ALL`].
    pub check: [Frequency; Action::COUNT],
    /// The answer, or why there is none.
    pub answer: Result<Answer, Refusal>,
}

impl OffPolicy {
    /// What was not counted and why, as parts of a sentence; empty: nothing.
    #[must_use]
    pub fn not_counted(&self) -> Vec<String> {
        let mut words: Vec<String> = self
            .left_out
            .iter()
            .map(|(why, count)| format!("{count} {}", why.text()))
            .collect();
        if self.impossible > 0 {
            words.push(format!(
                "{} with a claim from before they were placed",
                self.impossible
            ));
        }
        words
    }
}

/// What would be needed for an answer about what happened, where the record has too few orders that speak: as the end of a
/// sentence. `weeks`: how long the record is.
#[must_use]
pub fn needed(refusal: &Refusal, weeks: f64) -> Option<String> {
    let times = refusal.times_needed()?;
    let Refusal::TooFewMatched { matched, differing } = refusal else {
        return None;
    };
    let share = |rows: usize| 100.0 * float(rows) / float(*differing).max(1.0);
    let chance = (*differing > MATCHED_MIN).then(|| {
        format!(
            ", or chance that gives {:.1} % of such orders what the candidate would choose instead of {:.1} %",
            share(MATCHED_MIN),
            share(*matched)
        )
    });
    Some(format!(
        "estimated: about {:.0} weeks of such a record instead of {weeks:.0}{}",
        (weeks * times).ceil(),
        chance.unwrap_or_default()
    ))
}

/// Everything that a backtest tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The candidate; none: each record's own.
    pub policy: Option<Version>,
    /// The same.
    pub model: Option<Version>,
    /// Of every amount.
    pub currency: Currency,
    /// When the first and the last decision that was judged was made.
    pub period: (Timestamp, Timestamp),
    /// Decisions of the period.
    pub decisions: u64,
    /// Whether the record comes out as it was recorded.
    pub reproduced: Reproduced,
    /// Decisions that the candidate cannot judge, by reason.
    pub not_judged: BTreeMap<NotJudged, u64>,
    /// Decisions that a later one of the same order replaced: judged again, and counted in nothing below.
    pub replaced: u64,
    /// Carts that were never placed: the same.
    pub carts: u64,
    /// From the recorded action to the candidate's.
    pub transitions: BTreeMap<(Action, Action), Cell>,
    /// All orders.
    pub all: Part,
    /// Orders of which some action has another price than in the record: the candidate believes something else.
    pub repriced: u64,
    /// Orders by segment.
    pub segments: BTreeMap<(Dimension, String), Part>,
    /// Orders that gain and that lose a reason, by its code.
    pub reasons: BTreeMap<String, [u64; 2]>,
    /// Orders in which a rule of the candidate could not be evaluated, by rule and the signal that was missing.
    pub skipped: BTreeMap<(String, &'static str), u64>,
    /// Rules of the candidate that could be evaluated in no order, with the signal that was missing most often, and that
    /// are not among those that could not be when the record was made: of them the record says nothing at all.
    pub unmeasured: Vec<(String, &'static str)>,
    /// What really happened, reweighted.
    pub off_policy: OffPolicy,
}

impl Report {
    /// Why nothing can be said of what the candidate would have lost, and what would be needed; none: something can.
    #[must_use]
    pub fn no_answer(&self) -> Option<String> {
        let why = self.off_policy.answer.as_ref().err()?;
        let (from, to) = self.period;
        let weeks = to_f64(to.as_micros() - from.as_micros()) / (7.0 * 86_400e6);
        Some(match needed(why, weeks.max(1.0)) {
            Some(needed) => format!("{why} ({needed})"),
            None => why.to_string(),
        })
    }
}

impl Report {
    /// Orders that get another action.
    #[must_use]
    pub fn moved(&self) -> u64 {
        let moved = self.transitions.iter().filter(|((from, to), _)| from != to);
        moved.map(|(_, cell)| count(cell.decisions.len())).sum()
    }

    /// Codes that come and go, the most frequent first.
    #[must_use]
    pub fn top_reasons(&self) -> Vec<(&str, [u64; 2])> {
        let mut all: Vec<(&str, [u64; 2])> = self
            .reasons
            .iter()
            .map(|(code, counts)| (code.as_str(), *counts))
            .collect();
        all.sort_by_key(|(code, [gained, lost])| (std::cmp::Reverse(gained + lost), *code));
        all
    }

    /// The candidate's figure of a metric by a method.
    #[must_use]
    pub fn figure(&self, metric: &str, method: &str) -> Option<&Figure> {
        let answer = self.off_policy.answer.as_ref().ok()?;
        let mut figures = answer.figures.iter();
        figures.find(|it| it.metric == metric && it.method == method)
    }
}

/// A length as a count.
pub(super) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_needed_is_told_where_the_record_is_only_too_short() {
        let few = |matched, differing| Refusal::TooFewMatched { matched, differing };
        for (refusal, told) in [
            (
                few(15, 824),
                Some(
                    "estimated: about 26 weeks of such a record instead of 13, or chance that gives 3.6 % of such orders what \
                     the candidate would choose instead of 1.8 %",
                ),
            ),
            // Of so few no share is enough.
            (
                few(16, 17),
                Some("estimated: about 25 weeks of such a record instead of 13"),
            ),
            (few(0, 40), None),
            (Refusal::Empty, None),
            (Refusal::Unsupported { rows: 9 }, None),
        ] {
            assert_eq!(needed(&refusal, 13.0).as_deref(), told, "{refusal}");
        }
    }
}
