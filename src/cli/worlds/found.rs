//! Thresholds found in hindsight: what the best a value threshold can do is in one world.

/// Thresholds tried, in EUR: steps of about a quarter from 10 to 4,000.
const TRIED: [f64; 14] = [
    10.0, 20.0, 40.0, 60.0, 80.0, 120.0, 180.0, 260.0, 380.0, 550.0, 800.0, 1_200.0, 2_000.0,
    4_000.0,
];
/// Halvings between two thresholds tried.
const HALVINGS: usize = 6;

/// The threshold of the least `cost`, of those tried.
pub(crate) fn cheapest<E>(mut cost: impl FnMut(f64) -> Result<f64, E>) -> Result<f64, E> {
    let mut best: Option<(f64, f64)> = None;
    for threshold in TRIED {
        let cost = cost(threshold)?;
        if best.is_none_or(|(least, _)| cost < least) {
            best = Some((cost, threshold));
        }
    }
    Ok(best.map_or(0.0, |(_, threshold)| threshold))
}

/// The highest threshold that loses no more than `wanted`, to within a hundredth of it; 0, a code for everybody, where
/// even that loses more. `lost` need not rise with the threshold everywhere: a code among several parcels attracts.
pub(crate) fn as_good<E>(
    wanted: f64,
    mut lost: impl FnMut(f64) -> Result<f64, E>,
) -> Result<f64, E> {
    let (mut good, mut bad) = (0.0, None);
    for threshold in TRIED.into_iter().rev() {
        if lost(threshold)? <= wanted {
            good = threshold;
            break;
        }
        bad = Some(threshold);
    }
    let Some(mut bad) = bad else { return Ok(good) };
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(good, bad);
        if lost(middle)? <= wanted {
            good = middle;
        } else {
            bad = middle;
        }
    }
    Ok(good)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_of_a_wanted_loss_is_found() {
        let lost = |threshold: f64| Ok::<f64, ()>(1_000.0 + threshold);
        let found = as_good(1_300.0, lost).unwrap();
        assert!((295.0..=300.0).contains(&found), "{found}");
        assert!(
            as_good(900.0, lost).unwrap() < 0.1,
            "a code for everybody loses more"
        );
        assert!(
            (as_good(9_000.0, lost).unwrap() - 4_000.0).abs() < 1e-9,
            "none at all will do"
        );
    }

    #[test]
    fn the_cheapest_threshold_is_found() {
        let cost = |threshold: f64| Ok::<f64, ()>((threshold - 400.0).abs());
        assert!((cheapest(cost).unwrap() - 380.0).abs() < 1e-9);
    }
}
