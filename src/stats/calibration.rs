//! How far probabilities are off, and the straight line that mends them: log-odds' = intercept + slope · log-odds.
//!
//! A weighted logistic regression on one column, fitted by Newton's method to the optimum (the fit says in how many
//! rounds). Few positives can be told to move little: the line is then drawn towards "all is well", intercept 0 and
//! slope 1, as far as their number does not speak against it.

#[cfg(test)]
mod tests;

use super::logistic::{sigmoid, softplus};

/// Newton's method ends after so many rounds; a fit that has an optimum needs about six.
const ROUNDS_MAX: u32 = 50;

/// The largest step of the last round, in log-odds.
const CONVERGED: f64 = 1e-10;

/// One row: its score, what was seen, and for how many it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Case {
    /// The score in log-odds.
    pub log_odds: f64,
    /// What was seen.
    pub positive: bool,
    /// For how many rows it stands; 0 or less: it is left out.
    pub weight: f64,
}

/// How far a line may be expected from "all is well" before anything was seen, as standard deviations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected {
    /// Of the level, in log-odds, at the middle of the scores.
    pub level: f64,
    /// Of the slope.
    pub slope: f64,
}

/// The line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Added after the slope, in log-odds; 0 is right.
    pub intercept: f64,
    /// 1 is right; below, scores are too bold; above, too timid.
    pub slope: f64,
    /// How far all scores are too low at the middle of the scores, in log-odds: the level alone.
    pub level: f64,
    /// Standard errors of the two and of the level, allowing for the weights.
    pub errors: Errors,
    /// Rounds of Newton's method.
    pub rounds: u32,
}

/// Standard errors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Errors {
    /// Of the intercept.
    pub intercept: f64,
    /// Of the slope.
    pub slope: f64,
    /// Of the level.
    pub level: f64,
}

/// Why there is no line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No row is positive, or none is negative.
    #[error("one class only: {positives} of {rows} rows are positive")]
    OneClass {
        /// Rows that are positive.
        positives: usize,
        /// All rows.
        rows: usize,
    },
    /// Scores that are all the same have no slope, and scores that tell the classes apart without a mistake have none
    /// that is finite.
    #[error(
        "no line fits: the scores are all the same, or tell the two classes apart without a mistake"
    )]
    NoOptimum,
}

/// Fits the line; `expected`: how far it may be expected from "all is well", none: anywhere.
///
/// With `expected`, the rows weigh as much as their positive ones are: to how many of equal weight those amount.
///
/// # Errors
/// [`Error`] says why there is none.
pub fn fit(cases: &[Case], expected: Option<Expected>) -> Result<Line, Error> {
    let usable = |it: &&Case| it.weight > 0.0 && it.log_odds.is_finite();
    let cases: Vec<Case> = cases.iter().filter(usable).copied().collect();
    let positives = cases.iter().filter(|it| it.positive).count();
    if positives == 0 || positives == cases.len() {
        let rows = cases.len();
        return Err(Error::OneClass { positives, rows });
    }
    let problem = Problem::new(cases, expected);
    let (point, rounds) = problem.solve().ok_or(Error::NoOptimum)?;
    problem.line(point, rounds).ok_or(Error::NoOptimum)
}

/// Level and slope less one: both 0 where all is well.
type Point = [f64; 2];

/// A symmetric matrix: both squares, then the product.
type Matrix = [f64; 3];

struct Problem {
    cases: Vec<Case>,
    /// The middle of the scores, where level and slope say least of each other.
    middle: f64,
    /// By 1 / variance.
    pull: Point,
}

impl Problem {
    fn new(mut cases: Vec<Case>, expected: Option<Expected>) -> Self {
        let (mut sum, mut squares) = (0.0, 0.0);
        for it in cases.iter().filter(|it| it.positive) {
            sum += it.weight;
            squares += it.weight * it.weight;
        }
        cases.iter_mut().for_each(|it| it.weight *= sum / squares);
        let (mut all, mut moment) = (0.0, 0.0);
        for it in &cases {
            let said = sigmoid(it.log_odds);
            let information = it.weight * said * (1.0 - said);
            all += information;
            moment += information * it.log_odds;
        }
        let pull = expected.map_or([0.0; 2], |it| {
            [it.level, it.slope].map(|spread| 1.0 / (spread * spread))
        });
        Self {
            cases,
            middle: if all > 0.0 { moment / all } else { 0.0 },
            pull,
        }
    }

    /// The mended log-odds of a score.
    fn mended(&self, [level, slope]: Point, log_odds: f64) -> f64 {
        log_odds + level + slope * (log_odds - self.middle)
    }

    fn likelihood(&self, point: Point) -> f64 {
        let each = self.cases.iter().map(|it| {
            let mended = self.mended(point, it.log_odds);
            let seen = if it.positive { mended } else { 0.0 };
            it.weight * (seen - softplus(mended))
        });
        let [level, slope] = point;
        let [pull_level, pull_slope] = self.pull;
        each.sum::<f64>() - (pull_level * level * level + pull_slope * slope * slope) / 2.0
    }

    /// Gradient, information, and the sum of squares of what each row adds to the gradient.
    fn slopes(&self, point: Point) -> (Point, Matrix, Matrix) {
        let [pull_level, pull_slope] = self.pull;
        let [level, slope] = point;
        let mut gradient = [-pull_level * level, -pull_slope * slope];
        let mut information = [pull_level, pull_slope, 0.0];
        let mut spread = [0.0; 3];
        for it in &self.cases {
            let said = sigmoid(self.mended(point, it.log_odds));
            let off = it.weight * (if it.positive { 1.0 - said } else { -said });
            let far = it.log_odds - self.middle;
            let weight = it.weight * said * (1.0 - said);
            for ((to, by), from) in gradient.iter_mut().zip([1.0, far]).zip([off, off]) {
                *to += from * by;
            }
            for (place, by) in [1.0, far * far, far].into_iter().enumerate() {
                if let (Some(information), Some(spread)) =
                    (information.get_mut(place), spread.get_mut(place))
                {
                    *information += weight * by;
                    *spread += off * off * by;
                }
            }
        }
        (gradient, information, spread)
    }

    fn solve(&self) -> Option<(Point, u32)> {
        let mut point = [0.0; 2];
        let mut best = self.likelihood(point);
        for round in 1..=ROUNDS_MAX {
            let (gradient, information, _) = self.slopes(point);
            let mut step = times(&inverse(information)?, gradient);
            let size = step.iter().fold(0.0, |most: f64, it| most.max(it.abs()));
            if size < CONVERGED {
                return Some((point, round));
            }
            // Half of it, as long as it leads downhill.
            let mut next = moved(point, step);
            while self.likelihood(next) < best - best.abs() * 1e-12 {
                step = step.map(|it| it / 2.0);
                next = moved(point, step);
                if step.iter().all(|it| it.abs() < CONVERGED / 10.0) {
                    return None;
                }
            }
            point = next;
            best = self.likelihood(point);
        }
        None
    }

    fn line(&self, point: Point, rounds: u32) -> Option<Line> {
        let (_, information, spread) = self.slopes(point);
        let back = inverse(information)?;
        // What weights do to the errors: information on either side of the spread.
        let [a, b, c] = back;
        let [s, t, u] = spread;
        let level = a * a * s + 2.0 * a * c * u + c * c * t;
        let slope = c * c * s + 2.0 * b * c * u + b * b * t;
        let both = a * c * s + (a * b + c * c) * u + b * c * t;
        let intercept = level - 2.0 * self.middle * both + self.middle * self.middle * slope;
        let [shift, tilt] = point;
        let line = Line {
            intercept: shift - tilt * self.middle,
            slope: 1.0 + tilt,
            level: shift,
            errors: Errors {
                intercept: libm::sqrt(intercept),
                slope: libm::sqrt(slope),
                level: libm::sqrt(level),
            },
            rounds,
        };
        (line.intercept.is_finite() && line.slope.is_finite()).then_some(line)
    }
}

fn moved(point: Point, step: Point) -> Point {
    let [x, y] = point;
    let [dx, dy] = step;
    [x + dx, y + dy]
}

/// None where it has none.
fn inverse([a, b, c]: Matrix) -> Option<Matrix> {
    let determinant = a * b - c * c;
    let sound = determinant.is_finite() && determinant > 1e-12 * a * b;
    sound.then(|| [b / determinant, a / determinant, -c / determinant])
}

fn times([a, b, c]: &Matrix, [x, y]: Point) -> Point {
    [a * x + c * y, c * x + b * y]
}
