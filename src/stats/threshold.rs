//! Precision and recall of "flagged from this probability on", by rows that stand for others, with their errors.
//!
//! Both are ratios of weighted sums; a row's pull on the ratio gives its error (linearised). Rows of one customer, say, go
//! together: with groups, errors are those of independent groups.

use std::collections::BTreeMap;

use super::interval::Case;

/// A weighted share and how sure one may be of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// The share.
    pub value: f64,
    /// Rows that it is a share of.
    pub rows: usize,
    /// Its standard error, rows taken as independent; none under two rows, or where all rows are alike: then they differ
    /// from nothing, which is no sign of certainty (see [`Share::bound`]).
    pub error: Option<f64>,
    /// The same with groups taken as independent; none without groups, under two, or where all rows are alike.
    pub group_error: Option<f64>,
}

impl Share {
    /// Where none or all of the rows are so: the other end of the exact interval of 95 % (Clopper and Pearson), each row
    /// taken as one; none where [`Share::error`] tells.
    #[must_use]
    pub fn bound(&self) -> Option<f64> {
        let rows = f64::from(u32::try_from(self.rows).ok()?);
        let off = 1.0 - libm::pow(0.025, 1.0 / rows.max(1.0));
        if self.value <= 0.0 {
            Some(off)
        } else if self.value >= 1.0 {
            Some(1.0 - off)
        } else {
            None
        }
    }
}

/// What a threshold does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct At {
    /// The share of all rows that are flagged; none where no row stands for any.
    pub flagged: Option<Share>,
    /// The share of the flagged rows that are positive; none where none is flagged.
    pub precision: Option<Share>,
    /// The share of the positive rows that are flagged; none where none is positive.
    pub recall: Option<Share>,
}

/// What the threshold `from` does to these rows. `groups`: the group of each row, in the same order.
#[must_use]
pub fn at(cases: &[Case], from: f64, groups: Option<&[u64]>) -> At {
    let group = |place: usize| groups.and_then(|it| it.get(place)).copied();
    let rows = || {
        let usable = cases.iter().enumerate().filter(|(_, it)| it.weight > 0.0);
        usable.map(|(place, it)| (it, it.probability >= from, group(place)))
    };
    At {
        flagged: share(rows().map(|(it, flagged, group)| (it.weight, flagged, group))),
        precision: share(
            rows()
                .filter(|(_, flagged, _)| *flagged)
                .map(|(it, _, group)| (it.weight, it.positive, group)),
        ),
        recall: share(
            rows()
                .filter(|(it, _, _)| it.positive)
                .map(|(it, flagged, group)| (it.weight, flagged, group)),
        ),
    }
}

/// The share of rows that are so, by weight; none where there are no rows.
fn share(rows: impl Iterator<Item = (f64, bool, Option<u64>)>) -> Option<Share> {
    let rows: Vec<(f64, bool, Option<u64>)> = rows.collect();
    let all: f64 = rows.iter().map(|(weight, _, _)| weight).sum();
    if rows.is_empty() || all <= 0.0 {
        return None;
    }
    let so = |is: bool| if is { 1.0 } else { 0.0 };
    let value = rows
        .iter()
        .map(|(weight, is, _)| weight * so(*is))
        .sum::<f64>()
        / all;
    let pulls = rows
        .iter()
        .map(|(weight, is, group)| (weight * (so(*is) - value), *group));
    let mut groups: BTreeMap<u64, f64> = BTreeMap::new();
    let mut squares = 0.0;
    for (pull, group) in pulls {
        squares += pull * pull;
        if let Some(group) = group {
            *groups.entry(group).or_default() += pull;
        }
    }
    let of_groups = groups.values().map(|it| it * it).sum();
    let differ = rows.iter().any(|(_, is, _)| *is) && rows.iter().any(|(_, is, _)| !*is);
    let value = if differ { value } else { value.round() };
    Some(Share {
        value,
        rows: rows.len(),
        error: error(squares, rows.len(), all).filter(|_| differ),
        group_error: error(of_groups, groups.len(), all).filter(|_| differ),
    })
}

/// From squares of pulls, how many there are, and the sum of weights; none under two.
fn error(squares: f64, count: usize, all: f64) -> Option<f64> {
    let count = u32::try_from(count)
        .ok()
        .filter(|it| *it > 1)
        .map(f64::from)?;
    Some(libm::sqrt(squares * count / (count - 1.0)) / all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(probability: f64, positive: bool) -> Case {
        Case {
            probability,
            positive,
            weight: 1.1,
        }
    }

    #[test]
    fn rows_that_are_all_alike_are_no_certainty() {
        let mut cases: Vec<Case> = (0..5).map(|_| case(0.5, false)).collect();
        let told = at(&cases, 0.1, None);
        let precision = told.precision.unwrap();
        assert_eq!(
            (precision.value, precision.error, precision.rows),
            (0.0, None, 5)
        );
        // 0 of 5: the exact interval ends at 1 - 0.025^(1/5).
        assert!((precision.bound().unwrap() - 0.521_824).abs() < 1e-6);
        let flagged = told.flagged.unwrap();
        assert_eq!((flagged.value, flagged.error), (1.0, None));
        assert!((flagged.bound().unwrap() - 0.478_176).abs() < 1e-6);
        assert_eq!(told.recall, None);
        cases.push(case(0.5, true));
        let precision = at(&cases, 0.1, None).precision.unwrap();
        assert!(precision.error.unwrap() > 0.1);
        assert_eq!(precision.bound(), None);
    }
}
