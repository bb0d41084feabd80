//! One hazard's table: kept, shrunk or learned, by the learner's plain tables and back to signals.

mod table;
mod worth;

use serde_json::{Value, json};

use self::table::Columns;
use super::Error;
use crate::decision::model::{HazardParts, Model};
use crate::decision::signal::Signal;
use crate::domain::hazard::Hazard;
use crate::domain::units::to_f64;
use crate::lab::blend::Binning;
use crate::lab::dataset::Row;
use crate::lab::directions;
use crate::lab::report::{Constraint, Way};
use crate::lab::train::rows::Rows;
use crate::lab::train::scorecard::Scorecard;
use crate::lab::train::tables::Tables;
use crate::lab::train::tree::Direction;
use crate::lab::train::{self, boost, logistic, purify};

/// Pairs of signals that are tried, where there are losses enough.
const PAIRS: &[usize] = &[0, 5, 12];
/// Penalties of the terms' weights that are tried.
const ALPHAS: &[f64] = &[0.3, 1.0, 5.0];
/// Added to a leaf's curvature where a hazard is shrunk to the base: a leaf needs many losses to move far from it.
const SHRUNK_L2: f64 = 15.0;
/// Leaves of a tree there.
const SHRUNK_LEAVES: usize = 3;
/// Least gain of a tree there, in nats: of some sixty signals one gains half as much by chance.
const SHRUNK_GAIN: f64 = 5.0;
/// The last part of the first fit's own rows, on which its settings are chosen.
const WATCHED: f64 = 0.2;

/// A hazard's tables on the common bins.
pub(super) struct Fitted {
    /// Fitted to the early part alone: what is judged.
    pub(super) early: HazardParts,
    /// Fitted to all.
    pub(super) parts: HazardParts,
    /// They are a difference to the base model's.
    pub(super) on_base: bool,
    /// What the constraints cost.
    pub(super) constraints: Vec<Constraint>,
}

/// All rows, binned once for all hazards.
pub(super) struct Prepared<'a> {
    rows: &'a [Row],
    columns: Columns,
    base: &'a Model,
    /// The first row of the part that the first fit does not see.
    cut: usize,
}

impl<'a> Prepared<'a> {
    pub(super) fn of(rows: &'a [Row], signals: &[Signal], base: &'a Model, cut: usize) -> Self {
        Self {
            rows,
            columns: Columns::of(rows, signals),
            base,
            cut,
        }
    }

    /// The learner's bins, by signal.
    pub(super) fn bins(&self) -> Binning {
        self.columns.bins()
    }

    /// Fits one hazard.
    pub(super) fn fit(
        &self,
        hazard: Hazard,
        way: Way,
        progress: &dyn Fn(f64),
    ) -> Result<Fitted, Error> {
        if way == Way::Kept {
            progress(1.0);
            return Ok(Fitted {
                early: HazardParts::default(),
                parts: HazardParts::default(),
                on_base: true,
                constraints: Vec::new(),
            });
        }
        let speaks = |place: &usize| {
            self.rows
                .get(*place)
                .is_some_and(|it| it.weight(hazard) > 0.0)
        };
        let speaking: Vec<usize> = (0..self.rows.len()).filter(speaks).collect();
        let early = speaking.partition_point(|place| *place < self.cut);
        let plans = plans(way);
        let share = 0.8 / train::float(plans.len().max(1));
        let mut best: Option<Tried> = None;
        for (number, plan) in plans.iter().enumerate() {
            let done = share * train::float(number);
            let rows = self.target(hazard, plan.on_base, &speaking);
            let tried = self.tried(hazard, plan, rows, early, &|it| {
                progress(share.mul_add(it, done));
            });
            if best.as_ref().is_none_or(|it| tried.loss() < it.loss()) {
                best = Some(tried);
            }
        }
        let tried = best.filter(|it| it.first.tables.base.is_finite());
        let tried = tried.ok_or_else(|| Error::Fit {
            hazard: hazard.key(),
            why: "the fit came to no end".to_owned(),
        })?;
        let fitted = self.finished(hazard, &tried, early);
        progress(1.0);
        Ok(fitted)
    }

    /// One plan on the early rows.
    fn tried(
        &self,
        hazard: Hazard,
        plan: &Plan,
        rows: Rows,
        early: usize,
        progress: &dyn Fn(f64),
    ) -> Tried {
        let directions = self.directions(hazard, plan.on_base);
        let before = rows.part(0..early);
        let first = train::fit(
            &before,
            watched(&before),
            &directions,
            &plan.settings,
            &|_, _| true,
            progress,
        );
        Tried {
            plan: plan.clone(),
            directions,
            rows,
            before,
            first,
        }
    }

    /// What was chosen, judged for its constraints and fitted to all.
    fn finished(&self, hazard: Hazard, tried: &Tried, early: usize) -> Fitted {
        let Tried {
            plan,
            directions,
            rows,
            before,
            first,
        } = tried;
        let after = rows.part(early..rows.len());
        let constraints = worth::constraints(
            hazard,
            &self.columns,
            &first.tables,
            before,
            &after,
            directions,
        );
        let mut tables = train::refit(rows, &first.chosen, directions, &plan.settings);
        if let Some(weights) = &first.weights {
            tables.weigh(&weights.terms);
        }
        tables.base += logistic::level(&rows.scores(&tables), &rows.labels, &rows.weights);
        purify::purify(&mut tables, rows);
        Fitted {
            early: self.parts(&first.tables),
            parts: self.parts(&tables),
            on_base: plan.on_base,
            constraints,
        }
    }

    /// The learner's rows. Weights are scaled so that losses weigh 1 on average: a leaf must rest on losses, not on weight.
    fn target(&self, hazard: Hazard, on_base: bool, speaking: &[usize]) -> Rows {
        let rows = || speaking.iter().filter_map(|place| self.rows.get(*place));
        let (mut sum, mut squares) = (0.0, 0.0);
        for weight in rows()
            .filter(|row| row.lost(hazard))
            .map(|row| row.weight(hazard))
        {
            sum += weight;
            squares += weight * weight;
        }
        let scale = if squares > 0.0 { sum / squares } else { 1.0 };
        let said = |row: &Row| {
            let scores = self.base.score(&row.signals());
            scores
                .get(hazard.index())
                .map_or(0.0, |it| to_f64(it.log_odds) / 1e6)
        };
        Rows {
            codes: self.columns.codes(speaking),
            counts: self.columns.counts(),
            labels: rows().map(|row| row.lost(hazard)).collect(),
            weights: rows().map(|row| row.weight(hazard) * scale).collect(),
            offset: on_base.then(|| rows().map(said).collect()),
        }
    }

    /// Which way each signal may go. A difference to the base is free where the base itself rises: the sum is what counts,
    /// and a difference that had to rise could never take back what the base says too much. The sum is bound afterwards.
    fn directions(&self, hazard: Hazard, on_base: bool) -> Vec<Option<Direction>> {
        let of = |signal: &Signal| {
            let rule = directions::rule(hazard, *signal)?;
            (!on_base).then_some(match rule.way {
                directions::Way::Up => Direction::Up,
                directions::Way::Down => Direction::Down,
            })
        };
        self.columns.signals().iter().map(of).collect()
    }

    fn parts(&self, tables: &Tables) -> HazardParts {
        self.columns
            .parts(&Scorecard::freeze(tables, self.columns.features()))
    }
}

/// The first row of the last part, by weight.
fn watched(rows: &Rows) -> usize {
    let all: f64 = rows.weights.iter().sum();
    let mut sum = 0.0;
    let past = rows.weights.iter().position(|weight| {
        sum += weight;
        sum > all * (1.0 - WATCHED)
    });
    past.unwrap_or(rows.len())
}

/// One way to learn a hazard.
#[derive(Clone)]
struct Plan {
    /// Learns the difference to the base model.
    on_base: bool,
    settings: train::Settings,
}

/// A plan carried out on the early rows.
struct Tried {
    plan: Plan,
    directions: Vec<Option<Direction>>,
    rows: Rows,
    before: Rows,
    first: train::Fitted,
}

impl Tried {
    /// On the rows by which plans are chosen.
    const fn loss(&self) -> f64 {
        self.first.chosen.watched_loss
    }
}

/// What is tried; the one that says more of the last early rows is taken. Nothing is forgotten: histories of several shops
/// stand one after another, and that is no order of time.
fn plans(way: Way) -> Vec<Plan> {
    let boost = boost();
    let careful = boost::Settings {
        l2: SHRUNK_L2,
        leaves: SHRUNK_LEAVES,
        gain_min: SHRUNK_GAIN,
        ..boost.clone()
    };
    let difference = |pairs: &[usize], boost: boost::Settings| Plan {
        on_base: true,
        settings: train::Settings {
            boost,
            pairs: pairs.to_vec(),
            alphas: Vec::new(),
            folds: 0,
            memories: Vec::new(),
        },
    };
    match way {
        Way::Kept => Vec::new(),
        Way::Shrunk => vec![difference(&[], careful)],
        Way::Learned => vec![
            difference(PAIRS, careful),
            Plan {
                on_base: false,
                settings: train::Settings {
                    boost,
                    pairs: PAIRS.to_vec(),
                    alphas: ALPHAS.to_vec(),
                    folds: 5,
                    memories: Vec::new(),
                },
            },
        ],
    }
}

/// The learner's, except that plans are compared by the loss as it is: a hazard's level is part of what a plan says.
fn boost() -> boost::Settings {
    boost::Settings {
        levelled: false,
        ..boost::Settings::default()
    }
}

/// For the scorecard's card.
pub(super) fn settings() -> Value {
    let boost = boost();
    json!({
        "rate": boost.rate,
        "leaves": boost.leaves,
        "least_curvature": boost.hessian_min,
        "l2": boost.l2,
        "on_base": {"l2": SHRUNK_L2, "leaves": SHRUNK_LEAVES, "least_gain": SHRUNK_GAIN},
        "pairs_tried": PAIRS,
        "alphas_tried": ALPHAS,
        "bins": table::bin_settings().bins_max,
    })
}
