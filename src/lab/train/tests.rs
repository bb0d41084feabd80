//! The learner on small made-up tables.

use super::bins::{self, Cut, Encoding, Feature, Value};
use super::boost::{self, Learning};
use super::logistic::Curve;
use super::purify::purify;
use super::rows::Rows;
use super::scorecard::Scorecard;
use super::stack::{self, Scores};
use super::table::{Column, MISSING, Table, Values};
use super::tables::{Pair, Tables};
use super::tree::{Direction, pool};
use super::{Settings, fit};
use crate::stats::logistic::{loss, sigmoid};

/// A stream of numbers in 0..1 that is the same everywhere.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.0 >> 33).unwrap()) / f64::from(1_u32 << 31)
    }
}

/// Which twelfth of 0..1.
fn twelfth(part: f64) -> u8 {
    (1..12)
        .take_while(|it| part * 12.0 >= f64::from(*it))
        .last()
        .unwrap_or(0)
}

/// Three features of 12 bins; the third is noise. Risk rises with the first, falls where the second is large, and the two
/// together do what neither does alone.
fn made(rows: usize, seed: u64) -> Rows {
    let mut chance = Chance(seed);
    let mut made = Rows {
        codes: vec![Vec::new(); 3],
        counts: vec![12; 3],
        labels: Vec::new(),
        weights: vec![1.0; rows],
        offset: None,
    };
    for _ in 0..rows {
        let bins: Vec<u8> = (0..3).map(|_| twelfth(chance.next())).collect();
        let [a, b, _] = bins[..] else { continue };
        let both = if a > 6 && b > 6 { 1.5 } else { 0.0 };
        let p = sigmoid(0.25 * f64::from(a) - 0.1 * f64::from(b) + both - 2.5);
        made.labels.push(chance.next() < p);
        for (codes, bin) in made.codes.iter_mut().zip(bins) {
            codes.push(bin);
        }
    }
    made
}

fn quick() -> Settings {
    Settings {
        boost: boost::Settings {
            rate: 0.2,
            rounds_max: 40,
            patience: 6,
            ..boost::Settings::default()
        },
        pairs: vec![0, 2],
        ..Settings::default()
    }
}

fn fitted(rows: &Rows, directions: &[Option<Direction>]) -> Tables {
    fit(
        rows,
        rows.len() * 4 / 5,
        directions,
        &quick(),
        &|_, _| true,
        &|_| {},
    )
    .tables
}

#[test]
fn it_learns_what_is_there_better_than_the_base_rate_does() {
    let (rows, fresh) = (made(4_000, 1), made(4_000, 2));
    let tables = fitted(&rows, &[None; 3]);
    let base = Tables {
        mains: vec![vec![0.0; 12]; 3],
        pairs: Vec::new(),
        cells: Vec::new(),
        base: tables.base,
    };
    let (learned, nothing) = (
        fresh.mean_loss(&fresh.scores(&tables)),
        fresh.mean_loss(&fresh.scores(&base)),
    );
    assert!(learned < nothing - 0.02, "{learned} against {nothing}");
}

#[test]
fn the_same_rows_give_the_same_tables() {
    let rows = made(1_500, 3);
    assert_eq!(fitted(&rows, &[None; 3]), fitted(&rows, &[None; 3]));
}

#[test]
fn a_direction_is_never_left_in_any_company() {
    let mut rows = made(3_000, 4);
    // Against the direction asked for: the first feature now lowers the risk.
    for label in &mut rows.labels {
        *label = !*label;
    }
    for (direction, sign) in [(Direction::Up, 1.0), (Direction::Down, -1.0)] {
        let tables = fitted(&rows, &[Some(direction), None, None]);
        for b in 0..12_u8 {
            for c in 0..12_u8 {
                let line = Rows {
                    codes: vec![(1..12).collect(), vec![b; 11], vec![c; 11]],
                    counts: vec![12; 3],
                    labels: vec![false; 11],
                    weights: vec![1.0; 11],
                    offset: None,
                };
                let scores = line.scores(&tables);
                for pair in scores.windows(2) {
                    assert!(
                        (pair[1] - pair[0]) * sign >= -1e-9,
                        "{direction:?}, {b}, {c}: {scores:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_pair_is_left_with_what_the_mains_cannot_say() {
    let rows = made(2_000, 5);
    let settings = boost::Settings::default();
    let mut learning = Learning::new(&rows, &[None; 3], &settings);
    learning.add_pairs(&[Pair::new([0, 1], &rows, 24)]);
    for _ in 0..20 {
        learning.round();
    }
    let before = learning.tables.clone();
    let mut after = before.clone();
    purify(&mut after, &rows);
    for (one, two) in rows.scores(&before).iter().zip(rows.scores(&after)) {
        assert!((one - two).abs() < 1e-9, "a score changed: {one} {two}");
    }
    let mut held = vec![0.0; after.cells[0].len()];
    for (a, b) in rows.codes[0].iter().zip(&rows.codes[1]) {
        held[after.pairs[0].cell(*a, *b)] += 1.0;
    }
    let width = after.pairs[0].sizes[1];
    for up in 0..after.pairs[0].sizes[0] {
        let mean: f64 = (0..width)
            .map(|it| held[up * width + it] * after.cells[0][up * width + it])
            .sum();
        assert!(mean.abs() < 1e-6, "a pair says {mean} of one feature alone");
    }
    let main: f64 = rows.codes[0]
        .iter()
        .map(|it| after.mains[0][usize::from(*it)])
        .sum();
    assert!(main.abs() < 1e-6, "a main says {main} of everybody");
    let mut again = after.clone();
    purify(&mut again, &rows);
    for (one, two) in after.cells[0].iter().zip(&again.cells[0]) {
        assert!((one - two).abs() < 1e-9);
    }
}

#[test]
fn what_no_longer_holds_is_forgotten_and_what_holds_is_kept() {
    let same = made(4_000, 11);
    let mut turned = same.clone();
    // What was so in the first half is not so any more.
    for label in turned.labels.iter_mut().take(2_000) {
        *label = !*label;
    }
    let chosen = |rows: &Rows| {
        let directions = [None; 3];
        let fit = fit(rows, 3_200, &directions, &quick(), &|_, _| true, &|_| {});
        (fit.memory, fit.tables)
    };
    let fresh = made(4_000, 12);
    assert_eq!(chosen(&same).0, None);
    let (memory, tables) = chosen(&turned);
    assert!(memory.is_some_and(|it| it <= 0.25), "{memory:?}");
    let all = Settings {
        memories: Vec::new(),
        ..quick()
    };
    let unforgotten = fit(&turned, 3_200, &[None; 3], &all, &|_, _| true, &|_| {}).tables;
    let loss = |tables: &Tables| fresh.levelled_loss(fresh.scores(tables));
    assert!(loss(&tables) < loss(&unforgotten) - 0.01);
}

#[test]
fn a_row_a_memory_back_counts_a_share_of_1_by_e() {
    let faded = made(1_000, 13).fading(0.5).weights;
    let ratio = faded[250] / faded[750];
    assert!((ratio - libm::exp(-1.0)).abs() < 1e-12, "{ratio}");
    assert!(faded.is_sorted() && faded[999] < 1.0 && faded[999] > 0.99);
}

#[test]
fn how_often_it_happens_is_no_part_of_a_levelled_loss() {
    let rows = made(1_000, 14);
    let scores: Vec<f64> = rows.codes[0]
        .iter()
        .map(|it| f64::from(*it) / 4.0)
        .collect();
    let moved: Vec<f64> = scores.iter().map(|it| it + 3.0).collect();
    let (one, other) = (
        rows.levelled_loss(scores),
        rows.levelled_loss(moved.clone()),
    );
    assert!((one - other).abs() < 1e-9, "{one} against {other}");
    assert!(other < rows.mean_loss(&moved) - 0.1);
}

#[test]
fn the_mean_of_tables_says_the_mean_of_what_they_say() {
    let rows = made(2_000, 15);
    let (one, other) = (
        fitted(&rows, &[None; 3]),
        fitted(&made(2_000, 16), &[None; 3]),
    );
    let alone = |tables: &Tables| Tables {
        pairs: Vec::new(),
        cells: Vec::new(),
        ..tables.clone()
    };
    let both = [alone(&one), alone(&other)];
    let mean = both[0].clone().mean_with(&both[1..]);
    let said = both.iter().map(|it| rows.scores(it)).collect::<Vec<_>>();
    for (at, score) in rows.scores(&mean).iter().enumerate() {
        assert!((score - f64::midpoint(said[0][at], said[1][at])).abs() < 1e-12);
    }
    assert_eq!(alone(&one).mean_with(&[]), both[0]);
}

#[test]
fn a_row_of_weight_two_is_two_rows() {
    let once = made(1_000, 6);
    let twice = once.only(&[0..1_000, 0..300]);
    let mut weighted = once.clone();
    weighted.weights[..300].fill(2.0);
    let settings = boost::Settings::default();
    let learned = |rows: &Rows| {
        let mut learning = Learning::new(rows, &[None; 3], &settings);
        for _ in 0..15 {
            learning.round();
        }
        once.scores(&learning.tables)
    };
    for (one, two) in learned(&twice).iter().zip(learned(&weighted)) {
        assert!((one - two).abs() < 1e-4, "{one} {two}");
    }
}

#[test]
fn a_score_is_its_base_and_its_contributions_to_the_millionth() {
    let rows = made(2_000, 7);
    let tables = fitted(&rows, &[None; 3]);
    let feature = |column| Feature {
        column,
        name: column.to_string(),
        cut: Cut::Edges(Vec::new()),
        count: 12,
    };
    let card = Scorecard::freeze(&tables, &[feature(0), feature(1), feature(2)]);
    for a in 0..12 {
        for b in 0..12 {
            let bins = [a, b, 3];
            let told: i64 = card.contributions(&bins).iter().sum();
            assert_eq!(card.log_odds(&bins), card.base + told);
        }
    }
}

#[test]
fn rare_losses_keep_their_sign_and_noise_is_dropped() {
    let mut chance = Chance(8);
    let (mut good, mut bad, mut labels) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..6_000 {
        let (x, noise) = (chance.next() * 4.0 - 2.0, chance.next() - 0.5);
        labels.push(chance.next() < sigmoid(1.5 * x - 5.0));
        good.push(x);
        bad.push(noise - 0.2 * x);
    }
    let terms = [good, bad];
    let weights = vec![1.0; labels.len()];
    let scores = Scores {
        terms: &terms,
        labels: &labels,
        weights: &weights,
    };
    let found = stack::fit(&scores, 1.0).expect("a regression");
    assert!((1.0..2.0).contains(&found.terms[0]), "{found:?}");
    assert!(found.terms[1] >= 0.0 && found.terms[1] < 0.3, "{found:?}");
    let expected: f64 = terms[0]
        .iter()
        .zip(&terms[1])
        .map(|(a, b)| sigmoid(a * found.terms[0] + b * found.terms[1] + found.intercept))
        .sum();
    let seen = f64::from(u32::try_from(labels.iter().filter(|it| **it).count()).unwrap());
    assert!(
        (expected - seen).abs() < 1e-3,
        "{expected} expected, {seen} seen"
    );
}

#[test]
fn a_penalty_draws_weights_to_one_for_all_and_not_to_none() {
    let mut chance = Chance(11);
    let (mut first, mut second, mut labels) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..3_000 {
        let (a, b) = (chance.next() * 4.0 - 2.0, chance.next() * 2.0 - 1.0);
        labels.push(chance.next() < sigmoid(1.4 * a + 0.6 * b));
        first.push(a);
        second.push(b);
    }
    let terms = [first, second];
    let weights = vec![1.0; labels.len()];
    let scores = Scores {
        terms: &terms,
        labels: &labels,
        weights: &weights,
    };
    let of = |alpha: f64| stack::fit(&scores, alpha).expect("a regression").terms;
    let (free, drawn) = (of(0.1), of(1_000.0));
    assert!(free[0] - free[1] > 0.5, "{free:?}");
    assert!(
        drawn[0] - drawn[1] < 0.6 * (free[0] - free[1]),
        "{drawn:?} {free:?}"
    );
    assert!(drawn.iter().all(|it| *it > 0.6), "{drawn:?}");
}

#[test]
fn pairs_that_say_nothing_are_not_taken() {
    let made = |hidden: bool| {
        let mut chance = Chance(5);
        let mut codes = vec![Vec::new(), Vec::new(), Vec::new()];
        let mut labels = Vec::new();
        for _ in 0..3_000 {
            let row: Vec<u8> = (0..3).map(|_| 1 + twelfth(chance.next())).collect();
            let together = if hidden && (row[0] > 6) != (row[1] > 6) {
                2.0
            } else {
                0.0
            };
            labels.push(chance.next() < sigmoid(together - 1.0 + f64::from(row[2]) * 0.1));
            codes
                .iter_mut()
                .zip(row)
                .for_each(|(codes, it)| codes.push(it));
        }
        Rows {
            counts: vec![14; 3],
            weights: vec![1.0; labels.len()],
            offset: None,
            codes,
            labels,
        }
    };
    let pairs = |hidden: bool| {
        let rows = made(hidden);
        let settings = Settings {
            pairs: vec![0, 3],
            alphas: Vec::new(),
            memories: Vec::new(),
            ..Settings::default()
        };
        let fit = fit(&rows, 2_400, &[None; 3], &settings, &|_, _| true, &|_| {});
        fit.chosen.pairs.len()
    };
    assert!(pairs(true) > 0);
    assert_eq!(pairs(false), 0);
}

#[test]
fn of_few_rows_less_is_believed_and_less_forgotten() {
    let (few, many) = (Settings::for_rows(9_999), Settings::for_rows(10_000));
    assert_eq!(many, Settings::default());
    assert!(few.boost.gain_min > many.boost.gain_min);
    assert_eq!(few.memories, [1.0]);
}

#[test]
fn edges_give_a_spike_its_own_bin_and_the_tail_finer_ones() {
    let settings = bins::Settings {
        bins_max: 8,
        tail_rows_min: 5,
        ..bins::Settings::default()
    };
    let mut values = vec![0.0; 9_000];
    values.extend((0..1_000).map(f64::from).map(|it| 1.0 + it));
    let edges = bins::edges(&values, &settings);
    assert!(edges[0] > 0.0 && edges[0] <= 1.0, "{edges:?}");
    assert!(edges.len() >= 8, "the rest keeps its bins: {edges:?}");
    assert!(edges.last().is_some_and(|it| *it > 990.0), "{edges:?}");
    assert!(edges.windows(2).all(|it| it[0] < it[1]), "{edges:?}");
    assert_eq!(
        bins::edges(&[3.0; 50], &settings),
        [0.0; 0],
        "one value has no edge"
    );
    assert_eq!(bins::edges(&[], &settings), [0.0; 0]);
}

#[test]
fn values_find_their_bins() {
    let check = |cut: &Cut, value: Value<'_>, expected: usize| {
        let feature = Feature {
            column: 0,
            name: String::new(),
            cut: cut.clone(),
            count: 9,
        };
        assert_eq!(feature.bin(value), expected, "{cut:?} {value:?}");
    };
    let edges = Cut::Edges(vec![1.0, 2.0]);
    check(&edges, Value::Number(f64::NAN), 0);
    check(&edges, Value::Number(0.9), 1);
    check(&edges, Value::Number(1.0), 2);
    check(&edges, Value::Number(2.0), 3);
    check(&edges, Value::Number(f64::INFINITY), 3);
    let levels = Cut::Levels([("a".to_owned(), 2)].into());
    check(&levels, Value::Level(None), 0);
    check(&levels, Value::Level(Some("new")), 1);
    check(&levels, Value::Level(Some("a")), 2);
    let rates = Cut::Rates {
        rates: [("a".to_owned(), 0.9)].into(),
        mean: 0.2,
        edges: vec![0.5],
    };
    check(&rates, Value::Level(Some("a")), 2);
    check(&rates, Value::Level(Some("new")), 1);
    check(&rates, Value::Level(None), 0);
}

#[test]
fn a_rows_own_label_never_comes_back_as_its_rate() {
    let rows = 400_usize;
    let codes: Vec<u32> = (0..400)
        .map(|it| if it % 40 == 0 { MISSING } else { it % 20 })
        .collect();
    let labels: Vec<bool> = (0..rows).map(|it| it % 3 == 0).collect();
    let table = |codes: &[u32]| Table {
        columns: vec![Column {
            name: "who".to_owned(),
            values: Values::Levels {
                codes: codes.to_vec(),
                names: (0..20).map(|it| format!("n{it}")).collect(),
            },
        }],
    };
    let settings = bins::Settings {
        shrink_rows: 1.0,
        ..bins::Settings::default()
    };
    let table = table(&codes);
    for encoding in [
        Encoding::OtherBlocks,
        Encoding::EarlierBlocks,
        Encoding::OtherFolds,
    ] {
        let features = bins::features_by_rate(&table, 0..rows, &labels, encoding, &settings);
        let coded_by = |labels: &[bool]| {
            let mut coded = bins::coded(&table, &features);
            bins::recode(
                &mut coded, &table, &features, labels, rows, encoding, &settings,
            );
            coded.codes
        };
        let before = coded_by(&labels);
        for row in [0, 57, 399] {
            let mut other = labels.clone();
            other[row] = !other[row];
            let after = coded_by(&other);
            for (before, after) in before.iter().zip(&after) {
                assert_eq!(before[row], after[row], "{encoding:?}: row {row}");
            }
        }
    }
}

#[test]
fn neighbours_that_go_the_wrong_way_are_pooled_by_weight() {
    let check = |direction, values: &[(f64, f64)], expected: &[f64]| {
        let mut values = values.to_vec();
        pool(&mut values, direction);
        for (value, expected) in values.iter().zip(expected) {
            assert!((value.0 - expected).abs() < 1e-12, "{values:?}");
        }
    };
    check(
        Direction::Up,
        &[(1.0, 1.0), (3.0, 1.0), (2.0, 3.0)],
        &[1.0, 2.25, 2.25],
    );
    check(
        Direction::Down,
        &[(1.0, 1.0), (3.0, 1.0), (2.0, 3.0)],
        &[2.0, 2.0, 2.0],
    );
    check(Direction::Up, &[(1.0, 1.0), (2.0, 1.0)], &[1.0, 2.0]);
}

#[test]
fn the_quick_curve_is_the_exact_one_nearly() {
    let curve = Curve::new();
    for step in -300..=300 {
        let at = f64::from(step) * 0.0613;
        let (quick, exact) = (curve.at(at), sigmoid(at.clamp(-20.0, 20.0)));
        assert!(
            (quick - exact).abs() < 1e-6 * exact.max(1e-3),
            "{at}: {quick} {exact}"
        );
    }
    assert!((loss(0.0, true) - 2.0_f64.ln()).abs() < 1e-12);
    assert!(loss(800.0, false).is_finite());
}

#[test]
fn of_many_rows_a_part_is_drawn_that_stands_for_all_and_is_drawn_whole_again() {
    let labels: Vec<bool> = (0..400_000).map(|row| row % 100 == 0).collect();
    let weights: Vec<f64> = (0..400_000)
        .map(|row| if row % 2 == 0 { 1.0 } else { 3.0 })
        .collect();
    let drawn = stack::drawn(&labels, &weights);
    assert!(
        drawn.len() <= 150_001,
        "a regression sees no more: {}",
        drawn.len()
    );
    for class in [true, false] {
        let of = |row: &usize| labels.get(*row) == Some(&class);
        let all: f64 = (0..400_000)
            .filter(of)
            .filter_map(|it| weights.get(it))
            .sum();
        let stood: f64 = drawn
            .iter()
            .filter(|it| of(&it.row))
            .map(|it| it.weight)
            .sum();
        assert!(
            (stood / all - 1.0).abs() < 1e-4,
            "label {class}: they stand for {stood} of {all}"
        );
    }
    let part: Vec<bool> = drawn
        .iter()
        .filter_map(|it| labels.get(it.row).copied())
        .collect();
    let weights: Vec<f64> = drawn.iter().map(|it| it.weight).collect();
    let again: Vec<usize> = stack::drawn(&part, &weights)
        .iter()
        .map(|it| it.row)
        .collect();
    assert_eq!(again, (0..drawn.len()).collect::<Vec<usize>>());
}
