//! The learner: additive, exact, quick. Bins, boosting of mains and pairs over them, purification, a regression that weighs
//! the terms, and whole numbers in the end.
//!
//! It sees tables, labels and weights, and knows nothing of orders; the only room that names linfa or ndarray.

pub mod bins;
pub mod boost;
pub mod logistic;
mod outside;
pub mod purify;
pub mod rows;
pub mod scorecard;
pub mod stack;
pub mod table;
pub mod tables;
#[cfg(test)]
mod tests;
pub mod tree;

use std::ops::Range;

use boost::Learning;
use outside::Outside;
use rows::Rows;
use stack::Weights;
use tables::{Pair, Tables};
use tree::Direction;

/// A count as a number; exact below 2^53.
#[must_use]
#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "counts to floats"
)]
pub(crate) const fn float(count: usize) -> f64 {
    count as f64
}

/// How a target is learned.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Boosting.
    pub boost: boost::Settings,
    /// How many pairs are tried; empty or only 0: mains alone.
    pub pairs: Vec<usize>,
    /// Penalties that are tried for how far the terms' weights differ, beside a log-loss summed over all rows; empty: every
    /// term weighs 1.
    pub alphas: Vec<f64>,
    /// Blocks in time, each scored by what was learned from the others; what is taken in the end is the mean of what was
    /// learned from the others of each and from all.
    pub folds: usize,
    /// How fast what is old is forgotten, as shares of all rows ([`Rows::fading`]): each is tried beside forgetting nothing.
    pub memories: Vec<f64>,
}

impl Default for Settings {
    /// Chosen on `valid` where there is a choice; the candidates are those of the design, and penalties that tell on few
    /// thousand rows.
    fn default() -> Self {
        Self {
            boost: boost::Settings::default(),
            pairs: vec![0, 10, 30],
            alphas: vec![1.0, 10.0, 100.0],
            folds: 5,
            memories: vec![1.0, 0.5, 0.25],
        }
    }
}

/// Rows below which a step must gain more (assumed): what is watched of so few says little of when to stop, so less is
/// believed of each step.
const FEW_ROWS: usize = 10_000;
/// Least gain of a tree in nats where rows are few: one for each cut of a main's tree.
const FEW_GAIN_MIN: f64 = 3.0;

impl Settings {
    /// The defaults where so many rows are learned from, watched ones included.
    #[must_use]
    pub fn for_rows(rows: usize) -> Self {
        let mut settings = Self::default();
        if rows < FEW_ROWS {
            settings.boost.gain_min = FEW_GAIN_MIN;
            // What is left of few rows once most are forgotten is nothing to learn from.
            settings.memories.retain(|it| *it >= 1.0);
        }
        settings
    }
}

/// What was chosen on the rows that were watched.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// Rounds of mains.
    pub rounds: usize,
    /// Pairs, best first.
    pub pairs: Vec<Pair>,
    /// Rounds of mains and pairs together.
    pub pair_rounds: usize,
    /// The penalty of the terms' weights; none: every term weighs 1.
    pub alpha: Option<f64>,
    /// Mean log-loss on the rows that were watched, in nats.
    pub watched_loss: f64,
}

/// What one fit gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// Purified, weighed.
    pub tables: Tables,
    /// How fast what is old was forgotten; none: nothing was.
    pub memory: Option<f64>,
    /// With which settings.
    pub chosen: Chosen,
    /// Weight of each term.
    pub weights: Option<Weights>,
}

/// Chooses settings on the last rows, from `watched` on, and fits once on all of them.
///
/// `directions`: by feature. `allowed`: which features may form a pair. `progress` is told of the share that is done.
#[must_use]
pub fn fit(
    rows: &Rows,
    watched: usize,
    directions: &[Option<Direction>],
    settings: &Settings,
    allowed: &dyn Fn(usize, usize) -> bool,
    progress: &dyn Fn(f64),
) -> Fitted {
    let split = watched.min(rows.len());
    let memory = memory(rows, split, settings);
    let faded = memory.map(|memory| rows.clone().fading(memory));
    let rows = faded.as_ref().unwrap_or(rows);
    let (mut chosen, tables) = {
        let (before, after) = (rows.part(0..split), rows.part(split..rows.len()));
        choose(&before, &after, directions, settings, allowed)
    };
    progress(0.4);
    let weighs = !settings.alphas.is_empty() && settings.folds > 1;
    let (mut weights, mut learned) = (None, Vec::new());
    if weighs {
        let blocks = blocks(split, rows.len(), settings.folds);
        let outside = Outside::of(rows, &blocks, &tables, &chosen, directions, settings);
        progress(0.8);
        if let Some((alpha, found)) = outside.weigh(settings) {
            chosen.alpha = Some(alpha);
            weights = Some(found);
        }
        learned = outside.learned;
    }
    let mut tables = refit(rows, &chosen, directions, settings);
    settle(&mut tables, rows, directions);
    let mut tables = tables.mean_with(&learned);
    if let Some(weights) = &weights {
        tables.weigh(&weights.terms);
        tables.base = weights.intercept;
    }
    purify::purify(&mut tables, rows);
    progress(1.0);
    Fitted {
        tables,
        memory,
        chosen,
        weights,
    }
}

/// Purifies before terms are weighed, unless a direction is kept: of the terms as they were learned each keeps it, so that
/// weights that are not negative keep it too.
fn settle(tables: &mut Tables, rows: &Rows, directions: &[Option<Direction>]) {
    if directions.iter().all(Option::is_none) {
        purify::purify(tables, rows);
    }
}

/// Blocks in time of which the last is what was watched.
fn blocks(split: usize, rows: usize, folds: usize) -> Vec<Range<usize>> {
    let earlier = folds.max(2) - 1;
    let mut blocks: Vec<Range<usize>> = (0..earlier)
        .map(|it| split * it / earlier..split * (it + 1) / earlier)
        .collect();
    blocks.push(split..rows);
    blocks.retain(|it| !it.is_empty());
    blocks
}

/// The least loss that mains alone reach on `after` in a hurry: by it ways to prepare rows are compared.
#[must_use]
pub fn quick_loss(before: &Rows, after: &Rows, settings: &boost::Settings) -> f64 {
    let settings = settings.hurried();
    let directions = vec![None; before.counts.len()];
    let mut learning = Learning::new(before, &directions, &settings);
    learn(&mut learning, after, &settings).2
}

/// By how much of itself the loss must fall for more to be forgotten (assumed): less may be chance, and what is forgotten
/// has told something.
const FORGETTING_WORTH: f64 = 0.001;

/// By how much of itself the loss must fall for pairs, or for more of them (assumed): dozens of tables that say nothing
/// can lower it by chance, and add up elsewhere.
const PAIRS_WORTH: f64 = 0.002;

/// How fast the past is best forgotten, by what is watched.
fn memory(rows: &Rows, split: usize, settings: &Settings) -> Option<f64> {
    if settings.memories.is_empty() {
        return None;
    }
    let (before, after) = (rows.part(0..split), rows.part(split..rows.len()));
    let mut best = (quick_loss(&before, &after, &settings.boost), None);
    for memory in settings.memories.iter().copied() {
        let faded = before.clone().fading(memory);
        let loss = quick_loss(&faded, &after, &settings.boost);
        if loss < best.0 * (1.0 - FORGETTING_WORTH) {
            best = (loss, Some(memory));
        }
    }
    best.1
}

/// Rounds and pairs by the loss on what is watched.
fn choose(
    before: &Rows,
    after: &Rows,
    directions: &[Option<Direction>],
    settings: &Settings,
    allowed: &dyn Fn(usize, usize) -> bool,
) -> (Chosen, Tables) {
    let mut learning = Learning::new(before, directions, &settings.boost);
    let (rounds, mains, loss) = learn(&mut learning, after, &settings.boost);
    let mut best = (
        Chosen {
            rounds,
            pairs: Vec::new(),
            pair_rounds: 0,
            alpha: None,
            watched_loss: loss,
        },
        mains.clone(),
    );
    let most = settings.pairs.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return best;
    }
    let ranked = Learning::resume(before, directions, &settings.boost, mains.clone())
        .rank_pairs(most, allowed);
    for count in settings.pairs.iter().copied().filter(|it| *it > 0) {
        let pairs = ranked.get(..count.min(ranked.len())).unwrap_or(&[]);
        let mut learning = Learning::resume(before, directions, &settings.boost, mains.clone());
        learning.add_pairs(pairs);
        let (pair_rounds, tables, loss) = learn(&mut learning, after, &settings.boost);
        if loss < best.0.watched_loss * (1.0 - PAIRS_WORTH) {
            let chosen = Chosen {
                rounds,
                pairs: pairs.to_vec(),
                pair_rounds,
                alpha: None,
                watched_loss: loss,
            };
            best = (chosen, tables);
        }
        if pairs.len() == ranked.len() {
            break;
        }
    }
    best
}

/// Learns until the loss on what is watched falls no more; the best rounds, tables and loss.
fn learn(
    learning: &mut Learning<'_>,
    after: &Rows,
    settings: &boost::Settings,
) -> (usize, Tables, f64) {
    let loss = |tables: &Tables| watched_loss(after, after.scores(tables), settings);
    let mut best = (0, learning.tables.clone(), loss(&learning.tables));
    for round in 1..=settings.rounds_max {
        let changed = learning.round();
        let now = loss(&learning.tables);
        if now < best.2 - settings.progress_min {
            best = (round, learning.tables.clone(), now);
        }
        if changed == 0 || round >= best.0 + settings.patience {
            break;
        }
    }
    best
}

/// By which settings are chosen.
fn watched_loss(after: &Rows, scores: Vec<f64>, settings: &boost::Settings) -> f64 {
    if settings.levelled {
        after.levelled_loss(scores)
    } else {
        after.mean_loss(&scores)
    }
}

/// Learns again with what was chosen, from rows as they are weighed.
#[must_use]
pub fn refit(
    rows: &Rows,
    chosen: &Chosen,
    directions: &[Option<Direction>],
    settings: &Settings,
) -> Tables {
    let mut learning = Learning::new(rows, directions, &settings.boost);
    for _ in 0..chosen.rounds {
        learning.round();
    }
    learning.add_pairs(&chosen.pairs);
    for _ in 0..chosen.pair_rounds {
        learning.round();
    }
    learning.tables
}
