//! One set of bins for several tables: the edges of all of them together, on which each keeps its weights and sums are
//! exact.
//!
//! A hazard with few losses is its prior's table and the fitted difference; both lie on bins of their own before.

use std::collections::BTreeMap;

use crate::decision::model::{Bins, HazardParts, PairParts};
use crate::decision::signal::Signal;
use crate::domain::units::LogOddsMicro;

/// How each signal falls into bins.
pub type Binning = BTreeMap<Signal, Bins>;

/// The coarsest bins that tell apart whatever one of these does.
#[must_use]
pub fn common(sets: &[&Binning]) -> Binning {
    let mut all = Binning::new();
    for (signal, bins) in sets.iter().flat_map(|set| set.iter()) {
        match all.get_mut(signal) {
            Some(before) => *before = united(before, bins),
            None => drop(all.insert(*signal, bins.clone())),
        }
    }
    all
}

fn united(one: &Bins, two: &Bins) -> Bins {
    match (one, two) {
        (Bins::Edges(one), Bins::Edges(two)) => {
            let mut edges: Vec<f64> = one.iter().chain(two).copied().collect();
            edges.sort_by(f64::total_cmp);
            edges.dedup_by(|a, b| (*a - *b).abs() <= 0.0);
            Bins::Edges(edges)
        }
        (Bins::Names(one), Bins::Names(two)) => {
            let mut names = one.clone();
            names.extend(
                two.iter()
                    .filter(|it| !one.iter().any(|name| (name - *it).abs() < 0.5)),
            );
            Bins::Names(names)
        }
        // A signal has one unit, and so one way to be binned.
        _ => one.clone(),
    }
}

/// A value of each bin, "missing" first.
pub(super) fn values(bins: &Bins) -> Vec<Option<f64>> {
    let known: Vec<f64> = match bins {
        Bins::Edges(edges) => {
            let below = edges.first().map_or(0.0, |it| it.next_down());
            std::iter::once(below)
                .chain(edges.iter().copied())
                .collect()
        }
        // No category has a number below 0.
        Bins::Names(names) => names.iter().copied().chain([-1.0]).collect(),
        Bins::YesNo => vec![0.0, 1.0],
    };
    std::iter::once(None)
        .chain(known.into_iter().map(Some))
        .collect()
}

/// For each bin of `to` the bin of `from` that holds it.
fn places(from: &Bins, to: &Bins) -> Vec<usize> {
    values(to).into_iter().map(|value| from.of(value)).collect()
}

/// The same weights on finer bins.
#[must_use]
pub fn onto(parts: &HazardParts, from: &Binning, to: &Binning) -> HazardParts {
    let map = |signal: Signal| match (from.get(&signal), to.get(&signal)) {
        (Some(from), Some(to)) => places(from, to),
        _ => Vec::new(),
    };
    let spread = |weights: &[LogOddsMicro], places: &[usize]| -> Vec<LogOddsMicro> {
        let at = |place: &usize| weights.get(*place).copied().unwrap_or(0);
        places.iter().map(at).collect()
    };
    let mains = parts
        .mains
        .iter()
        .map(|(signal, weights)| (*signal, spread(weights, &map(*signal))));
    let pairs = parts.pairs.iter().map(|pair| {
        let [up, across] = pair.signals.map(map);
        let line = |row: &usize| {
            let weights = pair.table.get(*row).map_or(&[][..], Vec::as_slice);
            spread(weights, &across)
        };
        PairParts {
            signals: pair.signals,
            table: up.iter().map(line).collect(),
        }
    });
    HazardParts {
        base: parts.base,
        mains: mains.collect(),
        pairs: pairs.collect(),
    }
}

/// Two tables on the same bins as one.
#[must_use]
pub fn sum(one: &HazardParts, two: &HazardParts) -> HazardParts {
    let add = |to: &mut Vec<LogOddsMicro>, weights: &[LogOddsMicro]| {
        to.iter_mut()
            .zip(weights)
            .for_each(|(to, weight)| *to += weight);
    };
    let mut all = one.clone();
    all.base += two.base;
    for (signal, weights) in &two.mains {
        match all.mains.iter_mut().find(|(other, _)| other == signal) {
            Some((_, to)) => add(to, weights),
            None => all.mains.push((*signal, weights.clone())),
        }
    }
    for pair in &two.pairs {
        match all
            .pairs
            .iter_mut()
            .find(|other| other.signals == pair.signals)
        {
            Some(to) => to
                .table
                .iter_mut()
                .zip(&pair.table)
                .for_each(|(to, it)| add(to, it)),
            None => all.pairs.push(pair.clone()),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Binning, common, onto, sum};
    use crate::decision::fixtures::situations;
    use crate::decision::model::{Bins, HazardParts, Model, PRIOR, PairParts, Parts};
    use crate::decision::signal::Signal;
    use crate::domain::hazard::Hazard;

    /// A difference to the prior on bins of its own, with a pair, for every hazard.
    fn difference() -> (Binning, HazardParts) {
        let bins = Binning::from([
            (Signal::Resale, Bins::Edges(vec![0.25, 0.6, 0.9])),
            (Signal::OrderValue, Bins::Edges(vec![33.3, 1e3])),
            (Signal::Dwelling, Bins::Names(vec![7.0, 2.0])),
            (Signal::NewDevice, Bins::YesNo),
        ]);
        let parts = HazardParts {
            base: 1_234,
            mains: vec![
                (Signal::Resale, vec![5, 10, 20, 40, 80]),
                (Signal::OrderValue, vec![1, -2, 3, -4]),
                (Signal::Dwelling, vec![7, 70, 700, 7_000]),
            ],
            pairs: vec![PairParts {
                signals: [Signal::NewDevice, Signal::OrderValue],
                table: vec![vec![1, 2, 3, 4], vec![5, 6, 7, 8], vec![9, 10, 11, 12]],
            }],
        };
        (bins, parts)
    }

    fn scored(parts: Parts) -> Model {
        Model::load(&parts.write()).unwrap()
    }

    proptest! {
        #[test]
        fn a_blend_scores_as_its_two_tables_together(situation in situations()) {
            let prior = Model::load(PRIOR).unwrap();
            let known: Binning = prior.parts().signals.into_iter().collect();
            let (bins, change) = difference();
            let all = common(&[&known, &bins]);
            let listed = |bins: &Binning| bins.clone().into_iter().collect::<Vec<_>>();
            let mut both = prior.parts();
            let mut alone = prior.parts();
            both.signals = listed(&all);
            alone.signals = listed(&bins);
            for hazard in &mut both.hazards {
                *hazard = sum(&onto(hazard, &known, &all), &onto(&change, &bins, &all));
            }
            alone.hazards = std::array::from_fn(|_| change.clone());
            let (both, alone) = (scored(both), scored(alone));
            let signals = &situation.signals;
            let parts = prior.score(signals).into_iter().zip(alone.score(signals));
            for (score, (one, two)) in both.score(signals).into_iter().zip(parts) {
                prop_assert_eq!(score.log_odds, one.log_odds + two.log_odds, "{:?}", score.hazard);
                let shown: i64 = score.contributions.iter().map(|it| it.log_odds).sum();
                prop_assert_eq!(score.base + shown, score.log_odds);
            }
        }
    }

    #[test]
    fn common_bins_have_the_edges_of_all_and_each_once() {
        let (bins, _) = difference();
        let prior = Model::load(PRIOR).unwrap();
        let known: Binning = prior.parts().signals.into_iter().collect();
        let all = common(&[&bins, &known]);
        assert_eq!(
            all[&Signal::Resale],
            Bins::Edges(vec![0.25, 0.3, 0.6, 0.85, 0.9])
        );
        assert_eq!(
            all[&Signal::Dwelling],
            Bins::Names(vec![7.0, 2.0, 1.0, 3.0, 4.0, 5.0, 6.0])
        );
        assert_eq!(all.len(), known.len() + 1);
        assert_eq!(Hazard::COUNT, 5);
    }
}
