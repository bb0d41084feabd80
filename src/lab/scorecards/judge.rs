//! How good a model is on rows that it was not fitted to: one hazard at a time.

use crate::decision::model::Model;
use crate::domain::hazard::Hazard;
use crate::lab::dataset::{By, Row};
use crate::lab::report::{Calibrated, Figures, HazardReport, Way};
use crate::stats::interval::{self, Case, Repeats};

/// How often rows are drawn again for the intervals, and by which chance.
const REPEATS: Repeats = Repeats {
    count: 200,
    seed: 1,
};
/// Where the scores are cut for the calibration, from the lowest: shares of the orders.
const CUTS: &[(f64, &str)] = &[
    (0.5, "lowest half"),
    (0.75, "50 to 75 %"),
    (0.9, "75 to 90 %"),
    (0.95, "90 to 95 %"),
    (0.98, "95 to 98 %"),
    (0.99, "98 to 99 %"),
    (1.0, "highest 1 %"),
];

/// A row's score.
struct Scored<'a> {
    row: &'a Row,
    weight: f64,
    lost: bool,
    probability: f64,
}

/// Judges both models on these rows.
pub(super) fn judge(rows: &[Row], hazard: Hazard, model: &Model, base: &Model) -> HazardReport {
    let speaking: Vec<&Row> = rows.iter().filter(|row| row.weight(hazard) > 0.0).collect();
    let scored = |model: &Model| -> Vec<Scored<'_>> {
        let one = |row: &&'_ Row| {
            (
                row.weight(hazard),
                row.lost(hazard),
                said(model, row, hazard),
            )
        };
        let scored = speaking.iter().map(|row| {
            let (weight, lost, probability) = one(row);
            Scored {
                row,
                weight,
                lost,
                probability,
            }
        });
        scored.collect()
    };
    let (ours, theirs) = (scored(model), scored(base));
    let held_out = u64::try_from(ours.iter().filter(|it| it.lost).count()).unwrap_or(u64::MAX);
    HazardReport {
        hazard,
        way: Way::of(0),
        on_base: false,
        held_out,
        figures: figures(&ours),
        base: figures(&theirs),
        calibration: calibration(&ours),
        segments: segments(&ours),
        constraints: Vec::new(),
    }
}

fn said(model: &Model, row: &Row, hazard: Hazard) -> f64 {
    let scores = model.score(&row.signals());
    scores.get(hazard.index()).map_or(0.0, |it| it.probability)
}

fn figures(scored: &[Scored<'_>]) -> Option<Figures> {
    let case = |it: &Scored<'_>| Case {
        probability: it.probability,
        positive: it.lost,
        weight: it.weight,
    };
    let cases: Vec<Case> = scored.iter().map(case).collect();
    let judged = interval::judge(&cases, REPEATS).ok()?.figures;
    let whole = gathered("", scored.iter());
    Some(Figures {
        roc_auc: judged.roc_auc,
        pr_auc: judged.pr_auc,
        log_loss: judged.log_loss,
        said_by_seen: whole.said / whole.seen,
    })
}

/// Rows together: for how many they stand, what was said of them, and what was seen.
fn gathered<'a>(name: &str, rows: impl Iterator<Item = &'a Scored<'a>>) -> Calibrated {
    let (mut orders, mut said, mut seen, mut positives) = (0.0, 0.0, 0.0, 0);
    for it in rows {
        orders += it.weight;
        said += it.weight * it.probability;
        if it.lost {
            seen += it.weight;
            positives += 1;
        }
    }
    Calibrated {
        name: name.to_owned(),
        orders,
        said: said / orders,
        seen: seen / orders,
        positives,
    }
}

fn calibration(scored: &[Scored<'_>]) -> Vec<Calibrated> {
    let mut order: Vec<&Scored<'_>> = scored.iter().collect();
    order.sort_by(|a, b| {
        a.probability
            .total_cmp(&b.probability)
            .then_with(|| a.row.key.cmp(&b.row.key))
    });
    let all: f64 = order.iter().map(|it| it.weight).sum();
    let (mut seen, mut cuts) = (0.0, CUTS.iter().peekable());
    let mut groups: Vec<(&str, Vec<&Scored<'_>>)> = Vec::new();
    for it in order {
        while cuts.len() > 1 && cuts.peek().is_some_and(|(to, _)| seen >= to * all) {
            cuts.next();
        }
        seen += it.weight;
        let name = cuts.peek().map_or("", |(_, name)| *name);
        match groups.last_mut() {
            Some((last, group)) if *last == name => group.push(it),
            _ => groups.push((name, vec![it])),
        }
    }
    groups
        .into_iter()
        .map(|(name, group)| gathered(name, group.into_iter()))
        .collect()
}

fn segments(scored: &[Scored<'_>]) -> Vec<(By, Calibrated)> {
    let mut all = Vec::new();
    for by in By::ALL.iter().copied() {
        let mut names: Vec<&str> = scored.iter().map(|it| it.row.segment.name(by)).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let of = scored.iter().filter(|it| it.row.segment.name(by) == name);
            all.push((by, gathered(name, of)));
        }
    }
    all
}
