//! Tests of mean: what its sentences promise.

use super::Mean;

#[test]
fn intervals_are_those_of_the_tables() {
    // Student's t at 0.975: 12.706 for one degree of freedom, 2.776 for four, 2.262 for nine.
    let of = |values: &[f64]| Mean::of(values, 0.95).unwrap();
    let two = of(&[1.0, 3.0]);
    assert!((two.mean - 2.0).abs() < 1e-12);
    assert!((two.half.unwrap() - 12.706_2).abs() < 1e-3, "{two:?}");
    let five = of(&[1.0, 2.0, 3.0, 4.0, 5.0]);
    let standard_error = (2.5_f64 / 5.0).sqrt();
    assert!(
        (five.half.unwrap() - 2.776_445 * standard_error).abs() < 1e-5,
        "{five:?}"
    );
    assert!((five.low() - (3.0 - five.half.unwrap())).abs() < 1e-12);
    assert!((five.high() - (3.0 + five.half.unwrap())).abs() < 1e-12);
}

#[test]
fn a_single_value_is_sure_of_nothing_and_none_has_no_mean() {
    let one = Mean::of(&[7.0], 0.95).unwrap();
    assert_eq!((one.half, one.count), (None, 1));
    assert!(one.low() < -1e300 && one.high() > 1e300);
    assert_eq!(Mean::of(&[], 0.95), None);
}

#[test]
fn what_pairs_share_drops_out_of_their_difference() {
    let (left, right) = ([100.0, 900.0, 500.0], [99.0, 898.0, 499.5]);
    let apart = Mean::of(&left, 0.95).unwrap();
    let paired = Mean::of_differences(&left, &right, 0.95).unwrap();
    assert!((paired.mean - 3.5 / 3.0).abs() < 1e-12);
    assert!(paired.half.unwrap() < 2.0 && apart.half.unwrap() > 900.0);
    assert_eq!(Mean::of_differences(&left, &right[..2], 0.95), None);
}
