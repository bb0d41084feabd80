//! One form for what can be said in many.
//!
//! What a pair says of one of its features alone goes to that feature's main, and what a main says of everybody goes to the base. A pair then shows only what the mains cannot.

use super::rows::Rows;
use super::tables::Tables;

/// Rounds at most; the means shrink geometrically.
const ROUNDS_MAX: usize = 200;
/// Log-odds below which a mean is none.
const ENOUGH: f64 = 1e-10;

/// Purifies, by the weights of `rows`. What the tables say of each row does not change.
pub fn purify(tables: &mut Tables, rows: &Rows) {
    let joint: Vec<Vec<f64>> = tables
        .pairs
        .iter()
        .map(|pair| {
            let mut held = vec![0.0; pair.sizes[0] * pair.sizes[1]];
            let [a, b] = pair.features;
            if let (Some(a), Some(b)) = (rows.codes.get(a), rows.codes.get(b)) {
                for ((a, b), weight) in a.iter().zip(b).zip(&rows.weights) {
                    if let Some(cell) = held.get_mut(pair.cell(*a, *b)) {
                        *cell += weight;
                    }
                }
            }
            held
        })
        .collect();
    for ((pair, cells), held) in tables.pairs.iter().zip(&mut tables.cells).zip(&joint) {
        for _ in 0..ROUNDS_MAX {
            let mut moved: f64 = 0.0;
            for side in 0..2 {
                let means = means(cells, held, pair.sizes, side);
                moved = means.iter().fold(moved, |most, it| most.max(it.abs()));
                subtract(cells, &means, pair.sizes, side);
                let (Some(main), Some(coarse)) = (
                    pair.features
                        .get(side)
                        .and_then(|it| tables.mains.get_mut(*it)),
                    pair.coarse.get(side),
                ) else {
                    continue;
                };
                for (weight, bin) in main.iter_mut().zip(coarse) {
                    *weight += means.get(usize::from(*bin)).copied().unwrap_or(0.0);
                }
            }
            if moved < ENOUGH {
                break;
            }
        }
    }
    for (main, codes) in tables.mains.iter_mut().zip(&rows.codes) {
        let (mut sum, mut weight) = (0.0, 0.0);
        for (code, w) in codes.iter().zip(&rows.weights) {
            sum += w * main.get(usize::from(*code)).copied().unwrap_or(0.0);
            weight += w;
        }
        let mean = if weight > 0.0 { sum / weight } else { 0.0 };
        main.iter_mut().for_each(|it| *it -= mean);
        tables.base += mean;
    }
}

/// The weighted mean of each line of cells along one side; 0 for a line that nobody is in.
fn means(cells: &[f64], held: &[f64], sizes: [usize; 2], side: usize) -> Vec<f64> {
    let count = sizes.get(side).copied().unwrap_or(0);
    let mut sums = vec![(0.0, 0.0); count];
    for (place, (cell, weight)) in cells.iter().zip(held).enumerate() {
        if let Some(sum) = sums.get_mut(line(place, sizes, side)) {
            sum.0 += cell * weight;
            sum.1 += weight;
        }
    }
    sums.into_iter()
        .map(|(sum, weight)| if weight > 0.0 { sum / weight } else { 0.0 })
        .collect()
}

fn subtract(cells: &mut [f64], means: &[f64], sizes: [usize; 2], side: usize) {
    for (place, cell) in cells.iter_mut().enumerate() {
        *cell -= means.get(line(place, sizes, side)).copied().unwrap_or(0.0);
    }
}

const fn line(place: usize, sizes: [usize; 2], side: usize) -> usize {
    if side == 0 {
        place / sizes[1]
    } else {
        place % sizes[1]
    }
}
