//! What other choices would have brought, from rows whose choices were left to a known chance: off-policy estimates.
//!
//! Each row was logged with the probability of every action. A row whose action is twice as likely under the candidate
//! stands for two, one whose action is half as likely for a half; so what was seen is reweighted, and nothing is read off
//! a row whose action would have been another. What the log cannot speak for is refused or left out with its share.
//!
//! The headline for a bounded outcome is [`bounded`]: intervals by the normal curve are too narrow where the heavy rows
//! happened to see no loss, and too narrow exactly then.

pub mod bounded;
pub mod check;
pub mod estimate;
#[cfg(test)]
mod tests;
pub mod weights;

use std::borrow::Borrow;

pub use estimate::{Estimate, Estimator};
pub use weights::{Warning, Weights};

/// All probabilities of a row, in millionths.
pub const WHOLE: u32 = 1_000_000;

/// Fewer rows that speak for a change say nothing of it.
pub const MATCHED_MIN: usize = 30;

/// One row of the log: what chance each action had, what chance it has under the candidate, and what was seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row<const A: usize> {
    /// The logged probability of every action, in millionths.
    pub logged: [u32; A],
    /// The candidate's, in millionths.
    pub candidate: [u32; A],
    /// The action that was taken, by its place in both.
    pub taken: usize,
    /// What was seen after it.
    pub seen: f64,
    /// What an outcome model says would be seen after each action; made without this row's outcome.
    pub said: Option<[f64; A]>,
    /// Rows of one group, as a customer's, go together.
    pub group: u64,
}

impl<const A: usize> Row<A> {
    /// How many rows like this one the candidate would have seen for each that was logged.
    fn weight(&self) -> f64 {
        ratio(
            at(&self.candidate, self.taken),
            at(&self.logged, self.taken),
        )
    }

    /// The largest weight that any action would have had here.
    fn weight_possible(&self) -> f64 {
        let pairs = self.candidate.iter().zip(&self.logged);
        pairs.fold(0.0, |most: f64, (candidate, logged)| {
            most.max(ratio(*candidate, *logged))
        })
    }

    /// The candidate's probability of what had no chance, in millionths.
    fn unsupported(&self) -> u32 {
        let pairs = self.candidate.iter().zip(&self.logged);
        pairs
            .filter_map(|(candidate, logged)| (*logged == 0).then_some(*candidate))
            .sum()
    }

    /// Whether the candidate would choose otherwise than the logger did.
    fn differs(&self) -> bool {
        self.candidate != self.logged
    }

    /// What the model says of the candidate, and of the action that was taken.
    fn said(&self) -> Option<(f64, f64)> {
        let said = self.said?;
        let pairs = self.candidate.iter().zip(said);
        let of_candidate = pairs.map(|(micro, said)| f64::from(*micro) * said).sum();
        let of_taken = said.get(self.taken).copied()?;
        Some((divided(of_candidate, f64::from(WHOLE)), of_taken))
    }
}

/// Why nothing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is nothing to speak from.
    #[error("no row")]
    Empty,
    /// A row's probabilities are missing, or do not sum to one.
    #[error("row {row}: the {whose} probabilities sum to {micro} millionths instead of 1000000")]
    Probabilities {
        /// Which row, from 0.
        row: usize,
        /// `logged`, or `candidate's`.
        whose: &'static str,
        /// Their sum.
        micro: u64,
    },
    /// A row's action had no chance, or is none.
    #[error("row {row}: the action that was taken had no chance")]
    Impossible {
        /// Which row, from 0.
        row: usize,
    },
    /// The candidate gives a chance, in every row, to something that had none.
    #[error("in all {rows} rows the candidate may choose what had no chance")]
    Unsupported {
        /// How many.
        rows: usize,
    },
    /// Too few rows speak for what the candidate changes.
    #[error(
        "{matched} of {differing} rows in which the candidate differs got what it would choose; {MATCHED_MIN} are needed"
    )]
    TooFewMatched {
        /// Rows whose action the candidate makes likelier, or keeps as likely.
        matched: usize,
        /// Rows in which it chooses otherwise.
        differing: usize,
    },
}

impl Refusal {
    /// Where too few rows speak, and some do: how many times as many rows would be needed, if they are like these. An
    /// estimate, as the rows that speak are few.
    #[must_use]
    pub fn times_needed(&self) -> Option<f64> {
        match self {
            Self::TooFewMatched { matched, .. } if *matched > 0 => {
                Some(float(MATCHED_MIN) / float(*matched))
            }
            Self::TooFewMatched { .. }
            | Self::Empty
            | Self::Probabilities { .. }
            | Self::Impossible { .. }
            | Self::Unsupported { .. } => None,
        }
    }
}

/// What the log cannot speak for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Excluded {
    /// Rows in which the candidate may choose what had no chance; all else is said of the others.
    pub rows: usize,
    /// Of all rows, the share of these: 0 to 1.
    pub share: f64,
    /// The candidate's probability of what had no chance, as a mean over all rows: 0 to 1.
    pub mass: f64,
}

/// What estimates need of a row.
#[derive(Clone, Copy, Debug)]
struct Weighted {
    weight: f64,
    seen: f64,
    /// What the model says of the candidate, and of the action that was taken.
    said: Option<(f64, f64)>,
}

/// Rows that can be reweighted.
#[derive(Clone, Debug)]
pub struct Logged {
    rows: Vec<Weighted>,
    groups: Groups,
    /// The largest weight that any action of any row would have had.
    weight_possible: f64,
    excluded: Excluded,
    matched: usize,
    differing: usize,
}

impl Logged {
    /// Rows that the log can speak for.
    ///
    /// # Errors
    /// [`Refusal`] says why nothing is said.
    pub fn new<const A: usize>(
        rows: impl IntoIterator<Item: Borrow<Row<A>>>,
    ) -> Result<Self, Refusal> {
        let rows = rows.into_iter();
        let mut supported = Vec::with_capacity(rows.size_hint().0);
        let mut groups = Vec::with_capacity(supported.capacity());
        let (mut all, mut mass, mut weight_possible) = (0, 0.0, 0.0_f64);
        let (mut differing, mut matched) = (0, 0);
        for row in rows {
            let row = row.borrow();
            if let Some(refusal) = fault(all, row) {
                return Err(refusal);
            }
            all += 1;
            let unsupported = row.unsupported();
            mass += f64::from(unsupported);
            if unsupported == 0 {
                let weight = row.weight();
                differing += usize::from(row.differs());
                matched += usize::from(row.differs() && weight >= 1.0);
                weight_possible = weight_possible.max(row.weight_possible());
                groups.push(row.group);
                supported.push(Weighted {
                    weight,
                    seen: row.seen,
                    said: row.said(),
                });
            }
        }
        if supported.is_empty() {
            return Err(if all == 0 {
                Refusal::Empty
            } else {
                Refusal::Unsupported { rows: all }
            });
        }
        if differing > 0 && matched < MATCHED_MIN {
            return Err(Refusal::TooFewMatched { matched, differing });
        }
        let left_out = all - supported.len();
        Ok(Self {
            excluded: Excluded {
                rows: left_out,
                share: divided(float(left_out), float(all)),
                mass: divided(mass, f64::from(WHOLE) * float(all)),
            },
            groups: Groups::of(&groups),
            weight_possible,
            rows: supported,
            matched,
            differing,
        })
    }

    /// What is left out, because the log cannot speak for it.
    #[must_use]
    pub const fn excluded(&self) -> Excluded {
        self.excluded
    }

    /// Rows in which the candidate chooses otherwise, and those of them whose action it makes likelier or keeps as likely.
    #[must_use]
    pub const fn changed(&self) -> (usize, usize) {
        (self.differing, self.matched)
    }

    /// What the weights say of how far the log carries.
    #[must_use]
    pub fn weights(&self) -> Weights {
        Weights::of(self)
    }

    /// What an estimator says of the mean of what would be seen; none where it needs a model and a row has none.
    #[must_use]
    pub fn estimate(&self, by: Estimator) -> Option<Estimate> {
        estimate::of(&self.rows, &self.groups, by)
    }

    /// The same less what was seen, paired row by row: what both share drops out of its error.
    #[must_use]
    pub fn difference(&self, by: Estimator) -> Option<Estimate> {
        estimate::difference(&self.rows, &self.groups, by)
    }

    /// What was seen, as it was, under the actions that were taken.
    #[must_use]
    pub fn seen(&self) -> f64 {
        divided(
            self.rows.iter().map(|row| row.seen).sum(),
            float(self.rows.len()),
        )
    }
}

/// Which rows go together.
#[derive(Clone, Debug)]
struct Groups {
    /// Of each row, the place of its group among all, in the order of their numbers.
    places: Vec<usize>,
    /// How many there are.
    count: usize,
}

impl Groups {
    /// `numbers`: of each row's group.
    fn of(numbers: &[u64]) -> Self {
        let mut all = numbers.to_vec();
        all.sort_unstable();
        all.dedup();
        let place = |it: &u64| all.partition_point(|other| other < it);
        Self {
            places: numbers.iter().map(place).collect(),
            count: all.len(),
        }
    }

    /// Values of rows added up by group, in the order of the groups' numbers.
    fn sums(&self, values: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.count];
        for (place, value) in self.places.iter().zip(values) {
            if let Some(sum) = sums.get_mut(*place) {
                *sum += value;
            }
        }
        sums
    }
}

/// What is wrong with a row.
fn fault<const A: usize>(row: usize, it: &Row<A>) -> Option<Refusal> {
    let whole = |micro: &[u32; A], whose| {
        let micro = micro.iter().map(|it| u64::from(*it)).sum();
        (micro != u64::from(WHOLE)).then_some(Refusal::Probabilities { row, whose, micro })
    };
    whole(&it.logged, "logged")
        .or_else(|| whole(&it.candidate, "candidate's"))
        .or_else(|| (at(&it.logged, it.taken) == 0).then_some(Refusal::Impossible { row }))
}

fn at<const A: usize>(micro: &[u32; A], place: usize) -> u32 {
    micro.get(place).copied().unwrap_or(0)
}

fn ratio(candidate: u32, logged: u32) -> f64 {
    divided(f64::from(candidate), f64::from(logged))
}

/// A quotient; nothing by nothing is nothing.
fn divided(left: f64, right: f64) -> f64 {
    if right > 0.0 { left / right } else { 0.0 }
}

fn float(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}
