//! Where thresholds may stand.

use super::between;

#[test]
fn of_the_numbers_between_two_values_the_shortest_is_taken() {
    for (low, high, inclusive, told) in [
        (299.99, 300.4, true, 300.0),
        (299.99, 300.0, true, 300.0),
        (299.99, 300.0, false, 299.99),
        (300.0, 300.4, true, 300.4),
        (300.0, 300.4, false, 300.0),
        (0.0123, 0.0131, true, 0.013),
        (0.0123, 0.0131, false, 0.013),
        (-1.5, -0.25, true, -1.0),
        (1.0, 1.0_f64.next_up(), true, 1.0_f64.next_up()),
        (1.0, 1.0_f64.next_up(), false, 1.0),
    ] {
        let found = between(low, high, inclusive);
        assert!(
            found.total_cmp(&told).is_eq(),
            "{low} {high} {inclusive}: {found}"
        );
    }
}
