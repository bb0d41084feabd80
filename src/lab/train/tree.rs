//! Trees of few leaves over bins and over cells: where they cut, which way their leaves may go, and what they gain.

use super::boost::Settings;

/// Which way a term may go along its bins, "missing" apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// More never lowers.
    Up,
    /// More never raises.
    Down,
}

/// Gradient and curvature of some rows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sum {
    pub(super) g: f64,
    pub(super) h: f64,
}

impl Sum {
    pub(super) fn plus(self, other: Self) -> Self {
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

    pub(super) fn value(self, l2: f64) -> f64 {
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

/// A step for each bin: the tree of few leaves that gains most. None where none gains enough.
pub(super) fn main_tree(
    sums: &[Sum],
    direction: Option<Direction>,
    settings: &Settings,
) -> Option<Vec<f64>> {
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
pub(super) fn pair_tree(
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
