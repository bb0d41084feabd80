//! Terms learned by boosting over bins: each visit takes one term, sums gradient and curvature by bin, fits a tree of few
//! leaves on them and moves the term's table a small step. No tree is kept.

use super::logistic::Curve;
use super::rows::Rows;
use super::tables::{Pair, Tables, coarse};
use super::tree::{Direction, Sum, main_tree, pair_tree};

/// How terms are learned. The defaults were chosen on `valid` of the example data and on synthetic sets, and are no
/// property of any.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Share of a step that is taken.
    pub rate: f64,
    /// Rounds over all terms at most.
    pub rounds_max: usize,
    /// Rounds without a better loss on what is watched, until learning ends.
    pub patience: usize,
    /// How much better the loss must become, in nats, to count as better.
    pub progress_min: f64,
    /// Whether what is watched is judged at its own level. How often something happens changes from one period to the next;
    /// what tells cases apart changes less, and the level is found again by the terms' weights.
    pub levelled: bool,
    /// Rounds for which a term is left out after a visit that changed nothing.
    pub rest: usize,
    /// Leaves of a main's tree.
    pub leaves: usize,
    /// Least curvature (weighted `p (1 - p)`) of a leaf.
    pub hessian_min: f64,
    /// Added to a leaf's curvature.
    pub l2: f64,
    /// Least gain of a tree in nats, below which a visit changes nothing.
    pub gain_min: f64,
    /// Bins of each side of a pair.
    pub pair_bins: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rate: 0.05,
            rounds_max: 600,
            patience: 15,
            progress_min: 2e-6,
            levelled: true,
            rest: 5,
            leaves: 4,
            hessian_min: 3.0,
            l2: 2.0,
            gain_min: 1.0,
            pair_bins: 24,
        }
    }
}

impl Settings {
    /// The same in a hurry: by a few large steps ways to prepare rows are compared.
    #[must_use]
    pub fn hurried(&self) -> Self {
        Self {
            rate: 0.15,
            rounds_max: 60,
            patience: 6,
            ..self.clone()
        }
    }
}

/// One target being learned.
#[derive(Debug)]
pub struct Learning<'a> {
    rows: &'a Rows,
    directions: &'a [Option<Direction>],
    settings: &'a Settings,
    /// What is known so far.
    pub tables: Tables,
    standing: Standing,
    /// Cells of each row, by pair.
    places: Vec<Vec<u16>>,
    /// Rounds so far.
    rounds: usize,
    /// By term: the round in which it is visited again.
    due: Vec<usize>,
}

impl<'a> Learning<'a> {
    /// Starts with the base rate, or with the offset's.
    #[must_use]
    pub fn new(
        rows: &'a Rows,
        directions: &'a [Option<Direction>],
        settings: &'a Settings,
    ) -> Self {
        let tables = Tables {
            base: 0.0,
            mains: rows.counts.iter().map(|it| vec![0.0; *it]).collect(),
            pairs: Vec::new(),
            cells: Vec::new(),
        };
        let mut learning = Self::resume(rows, directions, settings, tables);
        // Newton's steps to the base: a handful is enough from anywhere.
        for _ in 0..30 {
            let all = learning
                .standing
                .slopes
                .iter()
                .fold(Sum::default(), |sum, (g, h)| {
                    sum.plus(Sum {
                        g: f64::from(*g),
                        h: f64::from(*h),
                    })
                });
            let step = all.value(1e-9).clamp(-2.0, 2.0);
            learning.tables.base += step;
            learning
                .standing
                .scores
                .iter_mut()
                .for_each(|it| *it += step);
            learning.standing.slope(rows);
            if step.abs() < 1e-9 {
                break;
            }
        }
        learning
    }

    /// Goes on from what was learned before.
    #[must_use]
    pub fn resume(
        rows: &'a Rows,
        directions: &'a [Option<Direction>],
        settings: &'a Settings,
        tables: Tables,
    ) -> Self {
        let mut standing = Standing {
            curve: Curve::new(),
            scores: rows.scores(&tables),
            slopes: vec![(0.0, 0.0); rows.len()],
        };
        standing.slope(rows);
        Self {
            rows,
            directions,
            settings,
            tables,
            standing,
            places: Vec::new(),
            rounds: 0,
            due: Vec::new(),
        }
    }

    /// Adds pairs to be learned.
    pub fn add_pairs(&mut self, pairs: &[Pair]) {
        for pair in pairs {
            let [a, b] = pair.features;
            let (Some(a), Some(b)) = (self.rows.codes.get(a), self.rows.codes.get(b)) else {
                continue;
            };
            let place = |(a, b): (&u8, &u8)| u16::try_from(pair.cell(*a, *b)).unwrap_or(u16::MAX);
            self.places.push(a.iter().zip(b).map(place).collect());
            self.tables
                .cells
                .push(vec![0.0; pair.sizes[0] * pair.sizes[1]]);
            self.tables.pairs.push(pair.clone());
        }
    }

    /// One visit of every term that is due; says how many changed, or rest until later.
    pub fn round(&mut self) -> usize {
        let (mains, terms) = (self.tables.mains.len(), self.tables.terms());
        self.due.resize(terms, 0);
        self.rounds += 1;
        let mut busy = 0;
        for term in 0..terms {
            if self.due.get(term).is_some_and(|due| *due > self.rounds) {
                continue;
            }
            let changed = if term < mains {
                self.visit_main(term)
            } else {
                self.visit_pair(term - mains)
            };
            if changed {
                busy += 1;
            } else if let Some(due) = self.due.get_mut(term) {
                *due = self.rounds + self.settings.rest + 1;
            }
        }
        busy
    }

    fn visit_main(&mut self, term: usize) -> bool {
        let Some(codes) = self.rows.codes.get(term) else {
            return false;
        };
        let count = self.rows.counts.get(term).copied().unwrap_or(1);
        let sums = sums(places(codes), &self.standing.slopes, count);
        let Some(step) = main_tree(&sums, self.direction(term), self.settings) else {
            return false;
        };
        if let Some(table) = self.tables.mains.get_mut(term) {
            add(table, &step);
        }
        self.standing.step(self.rows, places(codes), &step);
        true
    }

    fn visit_pair(&mut self, at: usize) -> bool {
        let (Some(cells), Some(pair)) = (self.places.get(at), self.tables.pairs.get(at)) else {
            return false;
        };
        let count = pair.sizes[0] * pair.sizes[1];
        let sums = sums(places(cells), &self.standing.slopes, count);
        let directions = pair.features.map(|it| self.direction(it));
        let Some((_, step)) = pair_tree(&sums, pair.sizes, directions, self.settings) else {
            return false;
        };
        if let Some(table) = self.tables.cells.get_mut(at) {
            add(table, &step);
        }
        self.standing.step(self.rows, places(cells), &step);
        true
    }

    fn direction(&self, feature: usize) -> Option<Direction> {
        self.directions.get(feature).copied().flatten()
    }

    /// The pairs that explain most of what the mains leave, best first.
    #[must_use]
    pub fn rank_pairs(&self, keep: usize, allowed: impl Fn(usize, usize) -> bool) -> Vec<Pair> {
        let terms = self.tables.mains.len();
        let narrow: Vec<Vec<u8>> = (0..terms)
            .map(|it| coarse(self.rows, it, self.settings.pair_bins))
            .collect();
        let codes: Vec<Vec<u8>> = self
            .rows
            .codes
            .iter()
            .zip(&narrow)
            .map(|(codes, map)| {
                codes
                    .iter()
                    .map(|it| map.get(usize::from(*it)).copied().unwrap_or(0))
                    .collect()
            })
            .collect();
        let pair = |a: usize, b: usize| {
            let coarse = [a, b].map(|it| narrow.get(it).cloned().unwrap_or_default());
            Pair::of([a, b], coarse)
        };
        let mut found: Vec<(f64, usize, usize)> = Vec::new();
        for a in 0..terms {
            for b in a + 1..terms {
                let (Some(first), Some(second)) = (codes.get(a), codes.get(b)) else {
                    continue;
                };
                let sizes = pair(a, b).sizes;
                if !allowed(a, b) || sizes[0] < 2 || sizes[1] < 2 {
                    continue;
                }
                let cells = first
                    .iter()
                    .zip(second)
                    .map(|(a, b)| usize::from(*a) * sizes[1] + usize::from(*b));
                let sums = sums(cells, &self.standing.slopes, sizes[0] * sizes[1]);
                let directions = [a, b].map(|it| self.direction(it));
                if let Some((gain, _)) = pair_tree(&sums, sizes, directions, self.settings) {
                    found.push((gain, a, b));
                }
            }
        }
        found.sort_by(|x, y| y.0.total_cmp(&x.0).then((x.1, x.2).cmp(&(y.1, y.2))));
        found.truncate(keep);
        found.into_iter().map(|(_, a, b)| pair(a, b)).collect()
    }
}

/// Where the rows stand: their log-odds by now, and which way those should go.
#[derive(Debug)]
struct Standing {
    curve: Curve,
    scores: Vec<f64>,
    /// Gradient and curvature by row.
    slopes: Vec<(f32, f32)>,
}

impl Standing {
    fn slope(&mut self, rows: &Rows) {
        let known = rows.labels.iter().zip(&rows.weights);
        for ((slope, score), (label, weight)) in self.slopes.iter_mut().zip(&self.scores).zip(known)
        {
            *slope = slope_of(&self.curve, *score, *label, *weight);
        }
    }

    /// Moves each row by the step of the place that it is in.
    fn step(&mut self, rows: &Rows, places: impl Iterator<Item = usize>, step: &[f64]) {
        let known = rows.labels.iter().zip(&rows.weights);
        let of = self.scores.iter_mut().zip(&mut self.slopes);
        for ((place, (score, slope)), (label, weight)) in places.zip(of).zip(known) {
            *score += step.get(place).copied().unwrap_or(0.0);
            *slope = slope_of(&self.curve, *score, *label, *weight);
        }
    }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "sums are made in 64 bits; the parts need 24"
)]
fn slope_of(curve: &Curve, score: f64, label: bool, weight: f64) -> (f32, f32) {
    let p = curve.at(score);
    let g = weight * (p - f64::from(u8::from(label)));
    (g as f32, (weight * p * (1.0 - p)) as f32)
}

fn places<T: Copy + Into<usize>>(codes: &[T]) -> impl Iterator<Item = usize> {
    codes.iter().map(|it| (*it).into())
}

fn add(table: &mut [f64], step: &[f64]) {
    table
        .iter_mut()
        .zip(step)
        .for_each(|(cell, step)| *cell += step);
}

/// Gradient and curvature of the rows in each place.
fn sums(places: impl Iterator<Item = usize>, slopes: &[(f32, f32)], count: usize) -> Vec<Sum> {
    let mut sums = vec![Sum::default(); count];
    for (place, (g, h)) in places.zip(slopes) {
        if let Some(sum) = sums.get_mut(place) {
            sum.g += f64::from(*g);
            sum.h += f64::from(*h);
        }
    }
    sums
}
