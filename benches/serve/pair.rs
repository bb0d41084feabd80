//! Two things measured in turns, so that what disturbs one disturbs the other.

use super::load::Slice;

/// Groups of A B B A.
const GROUPS: usize = 4;

/// Slices of a limit and of what is held against it.
#[derive(Debug)]
pub(super) struct Pair {
    names: [&'static str; 2],
    groups: Vec<[[Slice; 2]; 2]>,
}

impl Pair {
    /// Takes turns, after a slice of each that does not count.
    pub(super) async fn run(
        names: [&'static str; 2],
        mut a: impl AsyncFnMut() -> Slice,
        mut b: impl AsyncFnMut() -> Slice,
    ) -> Self {
        let _warm = (a().await, b().await);
        let mut groups = Vec::new();
        for _ in 0..GROUPS {
            let first = a().await;
            let middle = [b().await, b().await];
            groups.push([[first, a().await], middle]);
        }
        Self { names, groups }
    }

    /// The median over all slices of one of the two.
    pub(super) fn of(&self, which: usize, figure: impl Fn(&Slice) -> f64) -> f64 {
        let slices = self
            .groups
            .iter()
            .flat_map(|group| group.get(which).unwrap());
        median(slices.map(figure).collect())
    }

    /// The median ratio of the second to the first, and how far the first is from itself.
    fn ratio(&self, figure: impl Fn(&Slice) -> f64) -> (f64, f64) {
        let sum = |slices: &[Slice; 2]| slices.iter().map(&figure).sum::<f64>();
        let ratios = self.groups.iter().map(|[a, b]| sum(b) / sum(a));
        let same = self.groups.iter().map(|[[first, last], _]| {
            let ratio = figure(last) / figure(first);
            ratio.max(1.0 / ratio)
        });
        (median(ratios.collect()), median(same.collect()))
    }

    pub(super) fn print(&self, title: &str) {
        let [a, b] = self.names;
        println!("{title:<34}{a:>14}{b:>14}{:>8}{:>8}", "ratio", "A/A");
        let line = |name: &str, figure: &dyn Fn(&Slice) -> f64, digits: usize| {
            let (ratio, same) = self.ratio(figure);
            println!(
                "  {name:<32}{:>14.digits$}{:>14.digits$}{ratio:>8.2}{same:>8.2}",
                self.of(0, figure),
                self.of(1, figure),
            );
        };
        line("orders/s", &Slice::per_second, 0);
        line("CPU, us an order", &Slice::cpu_us, 1);
        line("  but for the store's writer", &Slice::faces_us, 1);
        line("p50, ms", &|it| it.percentile(50), 2);
        line("p99, ms", &|it| it.percentile(99), 2);
    }
}

/// The median.
pub(super) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    let half = figures.len() / 2;
    match figures.get(half.saturating_sub(1)..=half) {
        Some([low, high]) if figures.len().is_multiple_of(2) => f64::midpoint(*low, *high),
        _ => figures.get(half).copied().unwrap_or(f64::NAN),
    }
}
