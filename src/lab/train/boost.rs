//! Terms learned by boosting over bins: each visit takes one term, sums gradient and curvature by bin, fits a tree of few
//! leaves on them and moves the term's table a small step. No tree is kept.

use super::logistic::{Curve, loss};

/// Which way a term may go along its bins, "missing" apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// More never lowers.
    Up,
    /// More never raises.
    Down,
}

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
            rest: 5,
            leaves: 4,
            hessian_min: 3.0,
            l2: 2.0,
            gain_min: 1.0,
            pair_bins: 24,
        }
    }
}

/// Two features, each on coarser bins of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// Places of the features.
    pub features: [usize; 2],
    /// For each bin of each its coarse bin; "missing" stays alone.
    pub coarse: [Vec<u8>; 2],
    /// Coarse bins of each.
    pub sizes: [usize; 2],
}

/// Tables of log-odds: mains by feature and bin, pairs by cell, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Tables {
    /// Log-odds of nothing known.
    pub base: f64,
    /// By feature, then by bin.
    pub mains: Vec<Vec<f64>>,
    /// Which pairs.
    pub pairs: Vec<Pair>,
    /// By pair, then by cell.
    pub cells: Vec<Vec<f64>>,
}

/// Rows of one target, ready to be learned from.
#[derive(Clone, Debug)]
pub struct Rows {
    /// By feature, then by row.
    pub codes: Vec<Vec<u8>>,
    /// Bins of each feature.
    pub counts: Vec<usize>,
    /// Whether it happened.
    pub labels: Vec<bool>,
    /// For how many rows it stands.
    pub weights: Vec<f64>,
    /// Log-odds to begin with, where known.
    pub offset: Option<Vec<f64>>,
}

impl Rows {
    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Those of one block.
    #[must_use]
    pub fn part(&self, block: std::ops::Range<usize>) -> Self {
        self.only(std::slice::from_ref(&block))
    }

    /// Some of them, by blocks.
    #[must_use]
    pub fn only(&self, blocks: &[std::ops::Range<usize>]) -> Self {
        fn cut<T: Copy>(all: &[T], blocks: &[std::ops::Range<usize>]) -> Vec<T> {
            let of = |block: &std::ops::Range<usize>| all.get(block.clone()).unwrap_or(&[]);
            blocks.iter().flat_map(of).copied().collect()
        }
        Self {
            codes: self.codes.iter().map(|it| cut(it, blocks)).collect(),
            counts: self.counts.clone(),
            labels: cut(&self.labels, blocks),
            weights: cut(&self.weights, blocks),
            offset: self.offset.as_ref().map(|it| cut(it, blocks)),
        }
    }

    /// The weighted mean log-loss at these log-odds.
    #[must_use]
    pub fn mean_loss(&self, scores: &[f64]) -> f64 {
        let (mut sum, mut weight) = (0.0, 0.0);
        for ((score, label), w) in scores.iter().zip(&self.labels).zip(&self.weights) {
            sum += w * loss(*score, *label);
            weight += w;
        }
        if weight > 0.0 { sum / weight } else { 0.0 }
    }

    /// What the tables say of each row, offsets included.
    #[must_use]
    pub fn scores(&self, tables: &Tables) -> Vec<f64> {
        let mut scores = match &self.offset {
            Some(offset) => offset.iter().map(|it| it + tables.base).collect(),
            None => vec![tables.base; self.len()],
        };
        for term in 0..tables.terms() {
            tables.add_term(term, &self.codes, &mut scores);
        }
        scores
    }
}

impl Tables {
    /// How many terms: mains, then pairs.
    #[must_use]
    pub fn terms(&self) -> usize {
        self.mains.len() + self.cells.len()
    }

    /// Adds what one term says to the scores of rows.
    pub fn add_term(&self, term: usize, codes: &[Vec<u8>], scores: &mut [f64]) {
        if let Some(table) = self.mains.get(term) {
            if let Some(codes) = codes.get(term) {
                add_main(table, codes, scores);
            }
        } else if let Some((pair, cells)) = self.pair(term) {
            let [a, b] = pair.features;
            if let (Some(a), Some(b)) = (codes.get(a), codes.get(b)) {
                for ((a, b), score) in a.iter().zip(b).zip(scores) {
                    *score += cells.get(pair.cell(*a, *b)).copied().unwrap_or(0.0);
                }
            }
        }
    }

    fn pair(&self, term: usize) -> Option<(&Pair, &Vec<f64>)> {
        let at = term.checked_sub(self.mains.len())?;
        Some((self.pairs.get(at)?, self.cells.get(at)?))
    }
}

impl Pair {
    /// A pair of two features, each cut into bins of about equal weight.
    #[must_use]
    pub fn new(features: [usize; 2], rows: &Rows, bins: usize) -> Self {
        let coarse = features.map(|feature| coarse(rows, feature, bins));
        let size = |map: &[u8]| map.iter().max().map_or(1, |it| usize::from(*it) + 1);
        Self {
            features,
            sizes: [size(&coarse[0]), size(&coarse[1])],
            coarse,
        }
    }

    /// The place of a cell.
    #[must_use]
    pub fn cell(&self, a: u8, b: u8) -> usize {
        let [up, across] = &self.coarse;
        let of = |map: &[u8], bin: u8| map.get(usize::from(bin)).map_or(0, |it| usize::from(*it));
        of(up, a) * self.sizes[1] + of(across, b)
    }
}

/// Neighbouring bins joined until each holds its share of the rows.
fn coarse(rows: &Rows, feature: usize, bins: usize) -> Vec<u8> {
    let count = rows.counts.get(feature).copied().unwrap_or(1);
    let mut held = vec![0.0; count];
    for (code, weight) in rows
        .codes
        .get(feature)
        .into_iter()
        .flatten()
        .zip(&rows.weights)
    {
        if let Some(held) = held.get_mut(usize::from(*code)) {
            *held += weight;
        }
    }
    if count <= bins + 1 {
        return (0..count)
            .map(|it| u8::try_from(it).unwrap_or(u8::MAX))
            .collect();
    }
    let all: f64 = held.iter().skip(1).sum();
    let share = all / super::float(bins);
    let (mut map, mut bin, mut sum) = (vec![0_u8], 1_u8, 0.0);
    for held in held.iter().skip(1) {
        if sum > 0.0 && sum + held * 0.5 > share * f64::from(bin) && usize::from(bin) < bins {
            bin += 1;
        }
        sum += held;
        map.push(bin);
    }
    map
}

fn add_main(table: &[f64], codes: &[u8], scores: &mut [f64]) {
    for (code, score) in codes.iter().zip(scores) {
        *score += table.get(usize::from(*code)).copied().unwrap_or(0.0);
    }
}

/// Gradient and curvature of some rows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sum {
    g: f64,
    h: f64,
}

impl Sum {
    fn plus(self, other: Self) -> Self {
        Self {
            g: self.g + other.g,
            h: self.h + other.h,
        }
    }

    fn less(self, other: Self) -> Self {
        Self {
            g: self.g - other.g,
            h: self.h - other.h,
        }
    }

    fn value(self, l2: f64) -> f64 {
        if self.h > 0.0 {
            -self.g / (self.h + l2)
        } else {
            0.0
        }
    }

    fn gain(self, l2: f64) -> f64 {
        if self.h > 0.0 {
            0.5 * self.g * self.g / (self.h + l2)
        } else {
            0.0
        }
    }
}

/// One target being learned.
#[derive(Debug)]
pub struct Learning<'a> {
    rows: &'a Rows,
    directions: &'a [Option<Direction>],
    settings: &'a Settings,
    curve: Curve,
    /// What is known so far.
    pub tables: Tables,
    scores: Vec<f64>,
    /// Gradient and curvature by row.
    slopes: Vec<(f32, f32)>,
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
        let mut learning = Self {
            rows,
            directions,
            settings,
            curve: Curve::new(),
            scores: rows.scores(&tables),
            tables,
            slopes: vec![(0.0, 0.0); rows.len()],
            places: Vec::new(),
            rounds: 0,
            due: Vec::new(),
        };
        // Newton's steps to the base: a handful is enough from anywhere.
        for _ in 0..30 {
            learning.slope();
            let all = learning.slopes.iter().fold(Sum::default(), |sum, (g, h)| {
                sum.plus(Sum {
                    g: f64::from(*g),
                    h: f64::from(*h),
                })
            });
            let step = all.value(1e-9).clamp(-2.0, 2.0);
            learning.tables.base += step;
            learning.scores.iter_mut().for_each(|it| *it += step);
            if step.abs() < 1e-9 {
                break;
            }
        }
        learning.slope();
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
        let mut learning = Self {
            rows,
            directions,
            settings,
            curve: Curve::new(),
            scores: rows.scores(&tables),
            slopes: vec![(0.0, 0.0); rows.len()],
            places: Vec::new(),
            rounds: 0,
            due: Vec::new(),
            tables,
        };
        learning.slope();
        learning
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

    fn slope(&mut self) {
        let known = self.rows.labels.iter().zip(&self.rows.weights);
        for ((slope, score), (label, weight)) in self.slopes.iter_mut().zip(&self.scores).zip(known)
        {
            *slope = slope_of(&self.curve, *score, *label, *weight);
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
        let sums = by_bin(codes, &self.slopes, count);
        let direction = self.directions.get(term).copied().flatten();
        let Some(step) = main_tree(&sums, direction, self.settings) else {
            return false;
        };
        if let Some(table) = self.tables.mains.get_mut(term) {
            table
                .iter_mut()
                .zip(&step)
                .for_each(|(cell, step)| *cell += step);
        }
        let known = self.rows.labels.iter().zip(&self.rows.weights);
        let of = self.scores.iter_mut().zip(&mut self.slopes);
        for ((code, (score, slope)), (label, weight)) in codes.iter().zip(of).zip(known) {
            let step = step.get(usize::from(*code)).copied().unwrap_or(0.0);
            *score += step;
            *slope = slope_of(&self.curve, *score, *label, *weight);
        }
        true
    }

    fn visit_pair(&mut self, at: usize) -> bool {
        let (Some(places), Some(pair)) = (self.places.get(at), self.tables.pairs.get(at)) else {
            return false;
        };
        let sums = by_cell(places, &self.slopes, pair.sizes[0] * pair.sizes[1]);
        let directions = pair
            .features
            .map(|it| self.directions.get(it).copied().flatten());
        let Some((_, step)) = pair_tree(&sums, pair.sizes, directions, self.settings) else {
            return false;
        };
        if let Some(table) = self.tables.cells.get_mut(at) {
            table
                .iter_mut()
                .zip(&step)
                .for_each(|(cell, step)| *cell += step);
        }
        let known = self.rows.labels.iter().zip(&self.rows.weights);
        let of = self.scores.iter_mut().zip(&mut self.slopes);
        for ((place, (score, slope)), (label, weight)) in places.iter().zip(of).zip(known) {
            let step = step.get(usize::from(*place)).copied().unwrap_or(0.0);
            *score += step;
            *slope = slope_of(&self.curve, *score, *label, *weight);
        }
        true
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
        let size = |at: usize| {
            narrow
                .get(at)
                .and_then(|it| it.iter().max())
                .map_or(1, |it| usize::from(*it) + 1)
        };
        let mut found: Vec<(f64, usize, usize)> = Vec::new();
        for a in 0..terms {
            for b in a + 1..terms {
                let (Some(first), Some(second)) = (codes.get(a), codes.get(b)) else {
                    continue;
                };
                let sizes = [size(a), size(b)];
                if !allowed(a, b) || sizes[0] < 2 || sizes[1] < 2 {
                    continue;
                }
                let mut sums = vec![Sum::default(); sizes[0] * sizes[1]];
                for ((a, b), (g, h)) in first.iter().zip(second).zip(&self.slopes) {
                    if let Some(sum) = sums.get_mut(usize::from(*a) * sizes[1] + usize::from(*b)) {
                        sum.g += f64::from(*g);
                        sum.h += f64::from(*h);
                    }
                }
                let directions = [a, b].map(|it| self.directions.get(it).copied().flatten());
                if let Some((gain, _)) = pair_tree(&sums, sizes, directions, self.settings) {
                    found.push((gain, a, b));
                }
            }
        }
        found.sort_by(|x, y| y.0.total_cmp(&x.0).then((x.1, x.2).cmp(&(y.1, y.2))));
        found.truncate(keep);
        found
            .into_iter()
            .map(|(_, a, b)| Pair::new([a, b], self.rows, self.settings.pair_bins))
            .collect()
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

fn by_bin(codes: &[u8], slopes: &[(f32, f32)], count: usize) -> Vec<Sum> {
    let mut sums = [Sum::default(); 256];
    for (code, (g, h)) in codes.iter().zip(slopes) {
        let sum = &mut sums[usize::from(*code)];
        sum.g += f64::from(*g);
        sum.h += f64::from(*h);
    }
    sums[..count.min(256)].to_vec()
}

fn by_cell(places: &[u16], slopes: &[(f32, f32)], count: usize) -> Vec<Sum> {
    let mut sums = vec![Sum::default(); count];
    for (place, (g, h)) in places.iter().zip(slopes) {
        if let Some(sum) = sums.get_mut(usize::from(*place)) {
            sum.g += f64::from(*g);
            sum.h += f64::from(*h);
        }
    }
    sums
}

/// A step for each bin: the tree of few leaves that gains most. None where none gains enough.
fn main_tree(sums: &[Sum], direction: Option<Direction>, settings: &Settings) -> Option<Vec<f64>> {
    let l2 = settings.l2;
    let mut prefix = vec![Sum::default()];
    for sum in sums {
        prefix.push(prefix.last().copied().unwrap_or_default().plus(*sum));
    }
    let between = |from: usize, to: usize| match (prefix.get(to), prefix.get(from)) {
        (Some(to), Some(from)) => to.less(*from),
        _ => Sum::default(),
    };
    // "Missing" is a leaf of its own where there is enough of it.
    let mut leaves: Vec<(usize, usize)> = vec![(1, sums.len())];
    let missing = between(0, 1);
    let mut gain = 0.0;
    let alone = missing.h >= settings.hessian_min;
    let best_cut = |(from, to): (usize, usize)| {
        let whole = between(from, to).gain(l2);
        let mut best: Option<(f64, usize)> = None;
        for cut in from + 1..to {
            let (low, high) = (between(from, cut), between(cut, to));
            if low.h < settings.hessian_min || high.h < settings.hessian_min {
                continue;
            }
            let gain = low.gain(l2) + high.gain(l2) - whole;
            if best.is_none_or(|(other, _)| gain > other) {
                best = Some((gain, cut));
            }
        }
        best
    };
    gain += between(1, sums.len()).gain(l2);
    if alone {
        gain += missing.gain(l2);
    }
    while leaves.len() < settings.leaves {
        let best = leaves
            .iter()
            .enumerate()
            .filter_map(|(place, leaf)| best_cut(*leaf).map(|(gain, cut)| (gain, cut, place)))
            .max_by(|a, b| a.0.total_cmp(&b.0).then(b.2.cmp(&a.2)));
        let Some((more, cut, place)) = best.filter(|it| it.0 > 0.0) else {
            break;
        };
        gain += more;
        if let Some(leaf) = leaves.get_mut(place) {
            let to = leaf.1;
            leaf.1 = cut;
            leaves.insert(place + 1, (cut, to));
        }
    }
    if gain < settings.gain_min {
        return None;
    }
    let mut values: Vec<(f64, f64)> = leaves
        .iter()
        .map(|(from, to)| between(*from, *to))
        .map(|it| (it.value(l2), it.h + l2))
        .collect();
    if let Some(direction) = direction {
        pool(&mut values, direction);
    }
    let mut step = vec![0.0; sums.len()];
    if alone && let Some(cell) = step.first_mut() {
        *cell = settings.rate * missing.value(l2);
    }
    for ((from, to), (value, _)) in leaves.iter().zip(&values) {
        for cell in step.get_mut(*from..*to).into_iter().flatten() {
            *cell = settings.rate * value;
        }
    }
    Some(step)
}

/// Pools neighbours that go the wrong way, by weight, until none does.
pub fn pool(values: &mut [(f64, f64)], direction: Direction) {
    let sign = match direction {
        Direction::Up => 1.0,
        Direction::Down => -1.0,
    };
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    for (value, weight) in values.iter() {
        let mut block = (value * sign, weight.max(1e-12), 1);
        while let Some(before) = blocks.last().copied().filter(|it| it.0 > block.0) {
            blocks.pop();
            let weight = before.1 + block.1;
            let value = (before.0 * before.1 + block.0 * block.1) / weight;
            block = (value, weight, before.2 + block.2);
        }
        blocks.push(block);
    }
    let flat = blocks
        .into_iter()
        .flat_map(|(value, _, n)| std::iter::repeat_n(value * sign, n));
    for (place, value) in values.iter_mut().zip(flat) {
        place.0 = value;
    }
}

/// A step for each cell, and its gain in nats: the first feature cut once, each side cut once by the other; or the other
/// way about.
fn pair_tree(
    sums: &[Sum],
    sizes: [usize; 2],
    directions: [Option<Direction>; 2],
    settings: &Settings,
) -> Option<(f64, Vec<f64>)> {
    let one = Grid::new(sums, sizes, false, directions, settings);
    let two = Grid::new(
        sums,
        [sizes[1], sizes[0]],
        true,
        [directions[1], directions[0]],
        settings,
    );
    let (first, second) = (one.best(), two.best());
    let gain_of = |it: &Option<(f64, Cuts)>| it.map_or(0.0, |it| it.0);
    let (grid, best) = if gain_of(&second) > gain_of(&first) {
        (two, second)
    } else {
        (one, first)
    };
    let (gain, cuts) = best?;
    if gain < settings.gain_min {
        return None;
    }
    let mut step = vec![0.0; sums.len()];
    for up in grid.start[0]..grid.sizes[0] {
        for across in grid.start[1]..grid.sizes[1] {
            let value = grid.value(&cuts, up, across);
            let place = if grid.turned {
                across * sizes[1] + up
            } else {
                up * sizes[1] + across
            };
            if let Some(cell) = step.get_mut(place) {
                *cell = settings.rate * value;
            }
        }
    }
    Some((gain, step))
}

/// Where a pair's tree cuts: the first feature, then the second on either side.
#[derive(Clone, Copy, Debug)]
struct Cuts {
    at: usize,
    low: usize,
    high: usize,
}

/// Sums over all rectangles of a pair's cells.
struct Grid<'a> {
    sizes: [usize; 2],
    /// Cells before these take no part: "missing" along a feature with a direction.
    start: [usize; 2],
    turned: bool,
    prefix: Vec<Sum>,
    directions: [Option<Direction>; 2],
    settings: &'a Settings,
}

impl<'a> Grid<'a> {
    fn new(
        sums: &[Sum],
        sizes: [usize; 2],
        turned: bool,
        directions: [Option<Direction>; 2],
        settings: &'a Settings,
    ) -> Self {
        let width = sizes[1] + 1;
        let mut prefix = vec![Sum::default(); (sizes[0] + 1) * width];
        for up in 0..sizes[0] {
            let mut row = Sum::default();
            for across in 0..sizes[1] {
                let place = if turned {
                    across * sizes[0] + up
                } else {
                    up * sizes[1] + across
                };
                row = row.plus(sums.get(place).copied().unwrap_or_default());
                let above = prefix
                    .get(up * width + across + 1)
                    .copied()
                    .unwrap_or_default();
                if let Some(cell) = prefix.get_mut((up + 1) * width + across + 1) {
                    *cell = above.plus(row);
                }
            }
        }
        let start = directions.map(|it| usize::from(it.is_some()));
        Self {
            sizes,
            start,
            turned,
            prefix,
            directions,
            settings,
        }
    }

    fn between(&self, up: (usize, usize), across: (usize, usize)) -> Sum {
        let width = self.sizes[1] + 1;
        let at = |row: usize, column: usize| {
            self.prefix
                .get(row * width + column)
                .copied()
                .unwrap_or_default()
        };
        at(up.1, across.1)
            .less(at(up.0, across.1))
            .less(at(up.1, across.0))
            .plus(at(up.0, across.0))
    }

    fn best(&self) -> Option<(f64, Cuts)> {
        let (l2, least) = (self.settings.l2, self.settings.hessian_min);
        let [from, left] = self.start;
        let [to, right] = self.sizes;
        let side = |up: (usize, usize)| {
            let mut best: Option<(f64, usize)> = None;
            for cut in left + 1..right {
                let (low, high) = (
                    self.between(up, (left, cut)),
                    self.between(up, (cut, right)),
                );
                let gain = low.gain(l2) + high.gain(l2);
                let allowed = low.h >= least
                    && high.h >= least
                    && goes(self.directions[1], low.value(l2), high.value(l2));
                if allowed && best.is_none_or(|(other, _)| gain > other) {
                    best = Some((gain, cut));
                }
            }
            // A side that is not cut is one leaf.
            best.or_else(|| {
                let whole = self.between(up, (left, right));
                (whole.h >= least).then(|| (whole.gain(l2), right))
            })
        };
        let mut best: Option<(f64, Cuts)> = None;
        for at in from + 1..to {
            let (Some(low), Some(high)) = (side((from, at)), side((at, to))) else {
                continue;
            };
            let gain = low.0 + high.0;
            let cuts = Cuts {
                at,
                low: low.1,
                high: high.1,
            };
            if best.is_none_or(|(other, _)| gain > other) && self.holds(&cuts) {
                best = Some((gain, cuts));
            }
        }
        best
    }

    /// Whether the tree keeps the first feature's direction everywhere.
    fn holds(&self, cuts: &Cuts) -> bool {
        if self.directions[0].is_none() {
            return true;
        }
        let below = cuts.at - 1;
        (self.start[1]..self.sizes[1]).all(|across| {
            let (low, high) = (
                self.value(cuts, below, across),
                self.value(cuts, cuts.at, across),
            );
            goes(self.directions[0], low, high)
        })
    }

    fn value(&self, cuts: &Cuts, up: usize, across: usize) -> f64 {
        let (rows, cut) = if up < cuts.at {
            ((self.start[0], cuts.at), cuts.low)
        } else {
            ((cuts.at, self.sizes[0]), cuts.high)
        };
        let columns = if across < cut {
            (self.start[1], cut)
        } else {
            (cut, self.sizes[1])
        };
        self.between(rows, columns).value(self.settings.l2)
    }
}

fn goes(direction: Option<Direction>, low: f64, high: f64) -> bool {
    match direction {
        None => true,
        Some(Direction::Up) => low <= high,
        Some(Direction::Down) => low >= high,
    }
}
