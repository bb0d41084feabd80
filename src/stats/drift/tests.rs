//! Bounds of the tables, indexes by hand, and how often chance alone is beyond.

use super::{Side, bound, drift};
use crate::stats::interval::Chance;

fn side(shares: &[f64], rows: f64) -> Side<'_> {
    Side { shares, rows }
}

#[test]
fn the_bound_is_what_the_tables_say_for_ten_bins() {
    for (rows, expected) in [(100.0, 0.433), (1_000.0, 0.043), (5_000.0, 0.0087)] {
        let bound = bound(rows, rows, 10).unwrap();
        assert!(
            (bound - expected).abs() < expected * 0.01,
            "{rows}: {bound}"
        );
    }
}

#[test]
fn the_same_shares_are_no_drift_whatever_their_scale() {
    let same = drift(side(&[0.2, 0.3, 0.5], 900.0), side(&[2.0, 3.0, 5.0], 400.0)).unwrap();
    assert!(same.psi.abs() < 1e-12 && !same.is_beyond(), "{same:?}");
    assert_eq!(same.bins, 3);
}

#[test]
fn the_index_is_that_of_the_formula() {
    let told = drift(side(&[0.5, 0.5], 1_000.0), side(&[0.6, 0.4], 1_000.0)).unwrap();
    let by_hand = 0.1 * libm::log(0.6 / 0.5) - 0.1 * libm::log(0.4 / 0.5);
    assert!((told.psi - by_hand).abs() < 1e-12, "{told:?}");
    assert!(told.is_beyond());
    let few = drift(side(&[0.5, 0.5], 50.0), side(&[0.6, 0.4], 50.0)).unwrap();
    assert!(!few.is_beyond(), "{few:?}");
}

#[test]
fn bins_that_hold_too_few_are_joined_with_their_neighbours() {
    let reference = [0.001, 0.499, 0.0, 0.497, 0.003];
    let told = drift(side(&reference, 1_000.0), side(&reference, 1_000.0)).unwrap();
    assert_eq!(told.bins, 2);
}

#[test]
fn a_bin_that_emptied_is_beyond_the_bound_and_finite() {
    let told = drift(side(&[0.9, 0.1], 2_000.0), side(&[1.0, 0.0], 2_000.0)).unwrap();
    assert!(told.psi.is_finite() && told.is_beyond(), "{told:?}");
}

#[test]
fn what_cannot_be_compared_says_nothing() {
    assert!(drift(side(&[1.0], 10.0), side(&[0.5, 0.5], 10.0)).is_none());
    assert!(drift(side(&[0.0, 0.0], 10.0), side(&[0.5, 0.5], 10.0)).is_none());
    assert!(drift(side(&[0.5, 0.5], 0.0), side(&[0.5, 0.5], 10.0)).is_none());
    assert!(drift(side(&[f64::NAN, 0.5], 9.0), side(&[0.5, 0.5], 10.0)).is_none());
    assert!(drift(side(&[1.0, 0.0], 90.0), side(&[1.0, 0.0], 90.0)).is_none());
    assert!(drift(side(&[], 90.0), side(&[], 90.0)).is_none());
}

#[test]
fn about_one_identical_pair_of_samples_in_a_hundred_is_beyond() {
    let mut chance = Chance::new(7);
    let (mut beyond, all) = (0, 2_000);
    for _ in 0..all {
        let mut sample = || {
            let mut counts = [0.0; 10];
            for _ in 0..300 {
                let drawn = usize::try_from(chance.below(10)).unwrap();
                counts[drawn] += 1.0;
            }
            counts
        };
        let (one, two) = (sample(), sample());
        beyond += u32::from(
            drift(side(&one, 300.0), side(&two, 300.0))
                .unwrap()
                .is_beyond(),
        );
    }
    assert!((8..=45).contains(&beyond), "{beyond} of {all}");
}
