//! How columns fall into bins: quantiles, finer in the tails, because in fraud the tail is where the label is.
//!
//! Missing is bin 0 of every feature; what training never saw falls where all that is rare does.

use std::collections::BTreeMap;

use super::table::{MISSING, Table, Values};

/// How many bins, and how fine.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Bins of equal share a number has at most, tails not counted.
    pub bins_max: usize,
    /// A bin in a tail holds this many rows at least.
    pub tail_rows_min: usize,
    /// A level has a bin of its own from this many rows on.
    pub level_rows_min: usize,
    /// And from as many rows on as hold this many of the rarer label on average, where rates order the levels: the order of
    /// levels that hardly saw the label is what chance said of the very rows that are learned from.
    pub level_positives_min: usize,
    /// Levels with a bin of their own at most.
    pub levels_max: usize,
    /// Rows of the mean that a level's rate is shrunk with at least; how many more, the levels say.
    pub shrink_rows: f64,
}

impl Default for Settings {
    /// Chosen on synthetic sets with rare positives, rings and heavy tails; assumed for any other.
    fn default() -> Self {
        Self {
            bins_max: 100,
            tail_rows_min: 20,
            level_rows_min: 100,
            level_positives_min: 20,
            levels_max: 63,
            shrink_rows: 20.0,
        }
    }
}

/// How a column's value finds its bin.
#[derive(Clone, Debug, PartialEq)]
pub enum Cut {
    /// Numbers: 1 below the first edge, then one more from each edge on.
    Edges(Vec<f64>),
    /// Levels by name: 1 for all that are rare or new, then one each.
    Levels(BTreeMap<String, u16>),
    /// Levels by their rate in training, binned like numbers; a new level has the mean rate.
    Rates {
        /// By name.
        rates: BTreeMap<String, f64>,
        /// Of a level that training never saw.
        mean: f64,
        /// Of the rates.
        edges: Vec<f64>,
    },
}

/// A column made countable.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// Its place in the table.
    pub column: usize,
    /// As people know it.
    pub name: String,
    /// How values find their bins.
    pub cut: Cut,
    /// Bins, "missing" included.
    pub count: usize,
}

/// Bins by feature, then by row.
#[derive(Clone, Debug, Default)]
pub struct Coded {
    /// One list a feature.
    pub codes: Vec<Vec<u8>>,
}

/// One value, as it comes to be scored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// A number; NaN: missing.
    Number(f64),
    /// A level; none: missing.
    Level(Option<&'a str>),
}

/// Strengths that are tried when levels' rates are shrunk, in rows of the mean.
const STRENGTHS: &[f64] = &[
    5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0, 2_000.0, 5_000.0, 10_000.0,
];

/// Bins of one feature at most, "missing" included.
pub const BINS_MAX: usize = 255;

fn edge_bin(edges: &[f64], value: f64) -> usize {
    if value.is_nan() {
        0
    } else {
        1 + edges.partition_point(|edge| *edge <= value)
    }
}

impl Feature {
    /// The bin of a value.
    #[must_use]
    pub fn bin(&self, value: Value<'_>) -> usize {
        match (&self.cut, value) {
            (Cut::Edges(edges), Value::Number(number)) => edge_bin(edges, number),
            (Cut::Levels(levels), Value::Level(Some(name))) => {
                levels.get(name).map_or(1, |bin| usize::from(*bin))
            }
            (Cut::Rates { rates, mean, edges }, Value::Level(Some(name))) => {
                edge_bin(edges, rates.get(name).copied().unwrap_or(*mean))
            }
            (_, Value::Level(_) | Value::Number(_)) => 0,
        }
    }
}

/// The features of a table by some of its rows, without looking at any label: numbers by edges, levels by name in
/// alphabetical order.
#[must_use]
pub fn features(table: &Table, rows: std::ops::Range<usize>, settings: &Settings) -> Vec<Feature> {
    let mut features = Vec::new();
    for (column, it) in table.columns.iter().enumerate() {
        let cut = match &it.values {
            Values::Numbers(numbers) => {
                Cut::Edges(edges(numbers.get(rows.clone()).unwrap_or(&[]), settings))
            }
            Values::Levels { codes, names } => {
                let counts = counts(codes.get(rows.clone()).unwrap_or(&[]), names.len());
                let least = settings.level_rows_min;
                Cut::Levels(levels(&counts, names, settings.levels_max, least, |code| {
                    names.get(code).cloned().unwrap_or_default()
                }))
            }
        };
        features.push(feature(column, &it.name, cut));
    }
    features
}

fn feature(column: usize, name: &str, cut: Cut) -> Feature {
    let count = match &cut {
        Cut::Edges(edges) | Cut::Rates { edges, .. } => edges.len() + 2,
        Cut::Levels(levels) => levels.len() + 2,
    };
    Feature {
        column,
        name: name.to_owned(),
        cut,
        count,
    }
}

/// The features of a table for one label: as [`features`], with levels in the order of their rates, and the rates
/// themselves as a further feature where a column has many levels.
#[must_use]
pub fn features_by_rate(
    table: &Table,
    rows: std::ops::Range<usize>,
    labels: &[bool],
    encoding: Encoding,
    settings: &Settings,
) -> Vec<Feature> {
    let mut features = Vec::new();
    for (column, it) in table.columns.iter().enumerate() {
        match &it.values {
            Values::Numbers(numbers) => {
                let cut = Cut::Edges(edges(numbers.get(rows.clone()).unwrap_or(&[]), settings));
                features.push(feature(column, &it.name, cut));
            }
            Values::Levels { codes, names } => {
                let seen = Rates::of(codes, labels, rows.clone(), names.len(), settings);
                let least = settings
                    .level_rows_min
                    .max(seen.rows_for(settings.level_positives_min));
                let own = levels(&seen.counts, names, settings.levels_max, least, |code| {
                    let rate = seen.rate(code);
                    // Rates lie in 0 to 1, where bits order as numbers do.
                    (rate.to_bits(), code)
                });
                features.push(feature(column, &it.name, Cut::Levels(own)));
                let present = seen.counts.iter().filter(|it| **it > 0.0).count();
                if present > 12 && encoding != Encoding::Levels {
                    let by_row: Vec<f64> = rows
                        .clone()
                        .filter_map(|row| codes.get(row))
                        .map(|code| seen.rate_of(*code))
                        .collect();
                    let rates = names.iter().enumerate().filter_map(|(code, name)| {
                        let count = seen.counts.get(code).copied().unwrap_or(0.0);
                        (count > 0.0).then(|| (name.clone(), seen.rate(code)))
                    });
                    let cut = Cut::Rates {
                        rates: rates.collect(),
                        mean: seen.mean,
                        edges: edges(&by_row, settings),
                    };
                    features.push(feature(column, &format!("{} (rate)", it.name), cut));
                }
            }
        }
    }
    features
}

/// How often each level came, and how often with the label.
struct Rates {
    counts: Vec<f64>,
    positives: Vec<f64>,
    /// Rows that were seen.
    rows: f64,
    mean: f64,
    shrink: f64,
}

impl Rates {
    fn of(
        codes: &[u32],
        labels: &[bool],
        rows: impl Iterator<Item = usize>,
        levels: usize,
        settings: &Settings,
    ) -> Self {
        let mut seen = Self {
            counts: vec![0.0; levels],
            positives: vec![0.0; levels],
            rows: 0.0,
            mean: 0.0,
            shrink: settings.shrink_rows,
        };
        let mut hits = 0.0;
        for row in rows {
            let (Some(code), Some(label)) = (codes.get(row), labels.get(row)) else {
                continue;
            };
            seen.rows += 1.0;
            hits += f64::from(u8::from(*label));
            seen.add(*code, *label);
        }
        seen.settle(hits);
        seen
    }

    /// How much the levels differ decides how far each is trusted: the strength under which what was counted is most
    /// probable (rates of levels drawn from a beta distribution around the mean), and no less than the settings say.
    fn settle(&mut self, hits: f64) {
        self.mean = if self.rows > 0.0 {
            hits / self.rows
        } else {
            0.0
        };
        let least = self.shrink;
        let mut best = f64::NEG_INFINITY;
        for strength in STRENGTHS.iter().copied().filter(|it| *it >= least) {
            let probable = self.log_likelihood(strength);
            if probable > best {
                best = probable;
                self.shrink = strength;
            }
        }
    }

    /// Of what was counted, up to a constant.
    fn log_likelihood(&self, strength: f64) -> f64 {
        let (a, b) = (self.mean * strength, (1.0 - self.mean) * strength);
        if a <= 0.0 || b <= 0.0 {
            return 0.0;
        }
        let whole = libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(strength);
        let each = self.counts.iter().zip(&self.positives);
        each.filter(|(count, _)| **count > 0.0)
            .map(|(count, hits)| {
                libm::lgamma(hits + a) + libm::lgamma(count - hits + b)
                    - libm::lgamma(count + strength)
                    - whole
            })
            .sum()
    }

    /// Rows in which so many of the rarer label are expected.
    fn rows_for(&self, expected: usize) -> usize {
        let rarer = self.mean.min(1.0 - self.mean);
        let mut rows = expected;
        while super::float(rows) * rarer < super::float(expected) && rows < 1 << 30 {
            rows += rows / 16 + 1;
        }
        rows
    }

    fn add(&mut self, code: u32, label: bool) {
        let at = usize::try_from(code).unwrap_or(usize::MAX);
        if let (Some(count), Some(hits)) = (self.counts.get_mut(at), self.positives.get_mut(at)) {
            *count += 1.0;
            *hits += f64::from(u8::from(label));
        }
    }

    fn rate(&self, code: usize) -> f64 {
        let count = self.counts.get(code).copied().unwrap_or(0.0);
        let hits = self.positives.get(code).copied().unwrap_or(0.0);
        (hits + self.shrink * self.mean) / (count + self.shrink)
    }

    fn rate_of(&self, code: u32) -> f64 {
        if code == MISSING {
            f64::NAN
        } else {
            self.rate(usize::try_from(code).unwrap_or(usize::MAX))
        }
    }
}

fn counts(codes: &[u32], levels: usize) -> Vec<f64> {
    let mut counts = vec![0.0; levels];
    for code in codes {
        if let Some(count) = usize::try_from(*code)
            .ok()
            .and_then(|at| counts.get_mut(at))
        {
            *count += 1.0;
        }
    }
    counts
}

/// The commonest levels with a bin each, in an order.
fn levels<K: Ord>(
    counts: &[f64],
    names: &[String],
    most: usize,
    least: usize,
    order: impl Fn(usize) -> K,
) -> BTreeMap<String, u16> {
    let least = super::float(least);
    let mut kept: Vec<(usize, f64)> = counts
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, count)| *count >= least)
        .collect();
    kept.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    kept.truncate(most.min(BINS_MAX - 2));
    kept.sort_by_key(|(code, _)| order(*code));
    kept.iter()
        .zip(2_u16..)
        .filter_map(|((code, _), bin)| Some((names.get(*code)?.clone(), bin)))
        .collect()
}

/// Edges of bins of about equal share, and of halving shares towards both ends.
///
/// A value that holds a bin's share alone has
/// a bin of its own and takes none from the others, so that a column that is nearly always 0 still has fine bins above.
#[must_use]
pub fn edges(values: &[f64], settings: &Settings) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|it| it.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let runs: Vec<(f64, usize)> = sorted
        .chunk_by(|a, b| a.total_cmp(b).is_eq())
        .filter_map(|run| Some((run.first().copied()?, run.len())))
        .collect();
    let rows = sorted.len();
    let share = rows / settings.bins_max.max(1) + 1;
    let spikes = runs.iter().filter(|it| it.1 >= share).count();
    let held: usize = runs.iter().map(|it| it.1).filter(|it| *it >= share).sum();
    let left = settings.bins_max.saturating_sub(spikes).max(1);
    let step = if runs.len() <= settings.bins_max {
        1
    } else {
        (rows - held) / left + 1
    };
    let mut tails = std::collections::BTreeSet::new();
    let mut tail = rows / 100;
    while tail >= settings.tail_rows_min.max(1) {
        tails.insert(tail);
        tails.insert(rows - tail);
        tail /= 2;
    }
    let mut found = Vec::new();
    let (mut seen, mut filled) = (0, 0);
    for pair in runs.windows(2) {
        let [(below, count), (above, next)] = pair else {
            continue;
        };
        let before = seen;
        seen += count;
        filled += count;
        let is_spike = *count >= share;
        let in_tail = tails.range(before + 1..=seen).next().is_some();
        if is_spike || *next >= share || filled >= step || in_tail {
            found.push(short_between(*below, *above));
            filled = 0;
        }
    }
    found.truncate(BINS_MAX - 2);
    found
}

/// The number with the fewest digits in `(below, above]`.
fn short_between(below: f64, above: f64) -> f64 {
    for digits in 0..=17_usize {
        let text = format!("{:.*e}", digits, below + (above - below) * 0.5);
        if let Ok(number) = text.parse::<f64>()
            && number > below
            && number <= above
        {
            return number;
        }
    }
    above
}

/// The bins of rows, as they would be scored.
#[must_use]
pub fn coded(table: &Table, features: &[Feature]) -> Coded {
    let code = |feature: &Feature| -> Vec<u8> {
        let narrow = |bin: usize| u8::try_from(bin).unwrap_or(u8::MAX);
        match table.columns.get(feature.column).map(|it| &it.values) {
            Some(Values::Numbers(numbers)) => numbers
                .iter()
                .map(|it| narrow(feature.bin(Value::Number(*it))))
                .collect(),
            Some(Values::Levels { codes, names }) => {
                let bins: Vec<u8> = names
                    .iter()
                    .map(|name| narrow(feature.bin(Value::Level(Some(name)))))
                    .collect();
                let of = |code: &u32| {
                    let at = usize::try_from(*code).unwrap_or(usize::MAX);
                    bins.get(at).copied().unwrap_or(0)
                };
                codes.iter().map(of).collect()
            }
            None => Vec::new(),
        }
    };
    Coded {
        codes: features.iter().map(code).collect(),
    }
}

/// From which rows a row's rates are taken while learning: never from its own label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// No rates: only levels that are frequent.
    Levels,
    /// From rows of other blocks in time.
    OtherBlocks,
    /// From rows of earlier blocks in time.
    EarlierBlocks,
    /// From rows of other folds, row by row in turn.
    OtherFolds,
}

impl Encoding {
    /// All of them, the most careful first.
    pub const ALL: [Self; 4] = [
        Self::Levels,
        Self::EarlierBlocks,
        Self::OtherBlocks,
        Self::OtherFolds,
    ];

    /// The fold of a row among `count`.
    fn fold(self, row: usize, rows: usize, count: usize) -> usize {
        match self {
            Self::Levels => 0,
            Self::OtherBlocks | Self::EarlierBlocks => row * count / rows.max(1),
            // Rows come in runs; a step that is prime to the folds spreads a run over all of them.
            Self::OtherFolds => (row * 7 + row / count) % count,
        }
    }

    const fn sees(self, fold: usize, other: usize) -> bool {
        match self {
            Self::Levels => false,
            Self::OtherBlocks | Self::OtherFolds => other != fold,
            Self::EarlierBlocks => other < fold,
        }
    }
}

/// Codes the rates of the first `rows` rows anew, each row's by what `encoding` lets it see: what a row's own label says
/// must not come back as what is known of it.
pub fn recode(
    coded: &mut Coded,
    table: &Table,
    features: &[Feature],
    labels: &[bool],
    rows: usize,
    encoding: Encoding,
    settings: &Settings,
) {
    const FOLDS: usize = 10;
    for (feature, codes) in features.iter().zip(&mut coded.codes) {
        let (Cut::Rates { edges, .. }, Some(Values::Levels { codes: of, names })) = (
            &feature.cut,
            table.columns.get(feature.column).map(|it| &it.values),
        ) else {
            continue;
        };
        for fold in 0..FOLDS {
            let sees = |row: &usize| encoding.sees(fold, encoding.fold(*row, rows, FOLDS));
            let seen = Rates::of(of, labels, (0..rows).filter(sees), names.len(), settings);
            for (row, (code, place)) in of.iter().zip(codes.iter_mut()).enumerate().take(rows) {
                if encoding.fold(row, rows, FOLDS) == fold {
                    let rate = if seen.rows > 0.0 {
                        seen.rate_of(*code)
                    } else {
                        f64::NAN
                    };
                    *place = u8::try_from(edge_bin(edges, rate)).unwrap_or(u8::MAX);
                }
            }
        }
    }
}
