//! Rows sorted once by what was said of them, and all figures in one walk over them, each row counted as often as told.

use super::Case;

/// Groups of equal weight for the calibration error.
const GROUPS: u32 = 10;

/// Probabilities are taken as at least this far from 0 and 1, so that one certain and wrong is not infinitely wrong.
const CERTAIN: f64 = 1e-15;

/// What one asks of probabilities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures<T> {
    /// P(a positive row is said more probable than a negative one), ties counting half.
    pub roc_auc: T,
    /// Average precision: precision at each positive row, from the most probable down, by recall won.
    pub pr_auc: T,
    /// Mean of -ln(what was said of what was seen), in nats.
    pub log_loss: T,
    /// Mean square of what was said less what was seen.
    pub brier: T,
    /// Expected calibration error: mean distance of what was said and seen, in ten groups of equal weight.
    pub ece: T,
    /// Share of the positive rows that are found while 1 % of the negative ones are flagged, from the most probable down;
    /// of rows that were said to be equally probable, a part drawn by lot.
    pub recall_at_fpr_01: T,
    /// The same at 5 %.
    pub recall_at_fpr_05: T,
}

/// Which figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    RocAuc,
    PrAuc,
    LogLoss,
    Brier,
    Ece,
    Recall01,
    Recall05,
}

impl Figures<f64> {
    pub(super) const fn get(&self, name: Name) -> f64 {
        match name {
            Name::RocAuc => self.roc_auc,
            Name::PrAuc => self.pr_auc,
            Name::LogLoss => self.log_loss,
            Name::Brier => self.brier,
            Name::Ece => self.ece,
            Name::Recall01 => self.recall_at_fpr_01,
            Name::Recall05 => self.recall_at_fpr_05,
        }
    }

    pub(super) fn map<T>(&self, of: impl Fn(f64, Name) -> T) -> Figures<T> {
        Figures {
            roc_auc: of(self.roc_auc, Name::RocAuc),
            pr_auc: of(self.pr_auc, Name::PrAuc),
            log_loss: of(self.log_loss, Name::LogLoss),
            brier: of(self.brier, Name::Brier),
            ece: of(self.ece, Name::Ece),
            recall_at_fpr_01: of(self.recall_at_fpr_01, Name::Recall01),
            recall_at_fpr_05: of(self.recall_at_fpr_05, Name::Recall05),
        }
    }
}

/// Rows from the most probable down, in an order that depends on the rows alone.
#[derive(Debug)]
pub(super) struct Sorted(Vec<Row>);

#[derive(Debug)]
struct Row {
    case: Case,
    /// -ln(what was said of what was seen).
    loss: f64,
    /// The next row was said to be less probable.
    ends: bool,
}

impl Sorted {
    pub(super) fn new(cases: &[Case]) -> Self {
        let usable = |it: &Case| it.weight > 0.0 && it.probability.is_finite();
        let mut cases: Vec<Case> = cases.iter().copied().filter(usable).collect();
        cases.sort_unstable_by(|one, two| {
            let said = two.probability.total_cmp(&one.probability);
            said.then(one.positive.cmp(&two.positive))
                .then(one.weight.total_cmp(&two.weight))
        });
        let next: Vec<Option<f64>> = cases
            .iter()
            .skip(1)
            .map(|it| Some(it.probability))
            .collect();
        let next = next.into_iter().chain([None]);
        let row = |(case, next): (Case, Option<f64>)| Row {
            case,
            loss: loss(&case),
            ends: next.is_none_or(|next| next < case.probability),
        };
        Self(cases.into_iter().zip(next).map(row).collect())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn positives(&self) -> usize {
        self.0.iter().filter(|it| it.case.positive).count()
    }

    pub(super) fn weights(&self) -> impl Iterator<Item = f64> {
        self.0.iter().map(|it| it.case.weight)
    }

    pub(super) fn positive_weights(&self) -> impl Iterator<Item = f64> {
        let positive = |it: &&Row| it.case.positive;
        self.0.iter().filter(positive).map(|it| it.case.weight)
    }

    /// All figures, each row counted so many times; none where one class is empty.
    pub(super) fn figures(&self, times: &[u8]) -> Option<Figures<f64>> {
        let weighted = || {
            let rows = self.0.iter().zip(times);
            rows.map(|(row, times)| (row, row.case.weight * f64::from(*times)))
        };
        let (mut positives, mut negatives) = (0.0, 0.0);
        for (row, weight) in weighted() {
            *(if row.case.positive {
                &mut positives
            } else {
                &mut negatives
            }) += weight;
        }
        if positives <= 0.0 || negatives <= 0.0 {
            return None;
        }
        let all = positives + negatives;
        let mut groups = Groups::new(all);
        let (mut roc_auc, mut pr_auc, mut log_loss, mut brier) = (0.0, 0.0, 0.0, 0.0);
        let (mut recall_at_fpr_01, mut recall_at_fpr_05) = (0.0_f64, 0.0_f64);
        let (mut hit, mut flagged) = (0.0, 0.0);
        let (mut hit_here, mut flagged_here) = (0.0, 0.0);
        for (row, weight) in weighted() {
            let Case {
                probability,
                positive,
                ..
            } = row.case;
            let seen = if positive { 1.0 } else { 0.0 };
            log_loss += weight * row.loss;
            brier += weight * (probability - seen) * (probability - seen);
            *(if positive {
                &mut hit_here
            } else {
                &mut flagged_here
            }) += weight;
            if !row.ends {
                continue;
            }
            groups.put(probability, hit_here, flagged_here);
            let before = (hit, flagged);
            roc_auc += flagged_here * (hit + hit_here / 2.0);
            hit += hit_here;
            flagged += flagged_here;
            if hit_here > 0.0 {
                pr_auc += hit_here / positives * hit / (hit + flagged);
            }
            (hit_here, flagged_here) = (0.0, 0.0);
            for (limit, recall) in [
                (0.01 * negatives, &mut recall_at_fpr_01),
                (0.05 * negatives, &mut recall_at_fpr_05),
            ] {
                if before.1 <= limit && limit < flagged {
                    let part = (limit - before.1) / (flagged - before.1);
                    *recall = (before.0 + (hit - before.0) * part) / positives;
                }
            }
        }
        Some(Figures {
            roc_auc: roc_auc / (positives * negatives),
            pr_auc,
            log_loss: log_loss / all,
            brier: brier / all,
            ece: groups.error(),
            recall_at_fpr_01,
            recall_at_fpr_05,
        })
    }

    /// The calibration error of perfect probabilities: in each group, the mean size of its noise.
    pub(super) fn ece_by_chance(&self) -> f64 {
        let all: f64 = self.weights().sum();
        let mut variances = vec![0.0; usize::try_from(GROUPS).unwrap_or(1)];
        let mut before = 0.0;
        for Row { case, .. } in &self.0 {
            let place = place(before + case.weight / 2.0, all);
            before += case.weight;
            if let Some(variance) = variances.get_mut(place) {
                let spread = case.probability * (1.0 - case.probability);
                *variance += case.weight * case.weight * spread;
            }
        }
        // The mean size of a normal error is its spread by the root of pi halves.
        let size = |variance: &f64| libm::sqrt(*variance * std::f64::consts::FRAC_2_PI);
        variances.iter().map(size).sum::<f64>() / all
    }
}

fn loss(case: &Case) -> f64 {
    let said = case.probability.clamp(CERTAIN, 1.0 - CERTAIN);
    -libm::log(if case.positive { said } else { 1.0 - said })
}

/// The group of what lies this far from the top.
fn place(at: f64, all: f64) -> usize {
    let share = at / all;
    let reached = (1..GROUPS).filter(|group| share >= f64::from(*group) / f64::from(GROUPS));
    reached.count()
}

/// Ten groups of equal weight; rows of one probability stay together.
struct Groups {
    all: f64,
    before: f64,
    /// Said less seen, summed by group.
    distances: [f64; 10],
}

impl Groups {
    const fn new(all: f64) -> Self {
        Self {
            all,
            before: 0.0,
            distances: [0.0; 10],
        }
    }

    fn put(&mut self, probability: f64, positives: f64, negatives: f64) {
        let weight = positives + negatives;
        let place = place(self.before + weight / 2.0, self.all);
        self.before += weight;
        if let Some(distance) = self.distances.get_mut(place) {
            *distance += weight * probability - positives;
        }
    }

    fn error(&self) -> f64 {
        self.distances.iter().map(|it| it.abs()).sum::<f64>() / self.all
    }
}
