//! A bin in words.

use super::Bins;
use super::artifact::name;
use crate::decision::signal::Signal;

impl Bins {
    /// The bin at this place in words, as in `below 100`, `100 to 250`, `FLAT` or `missing`; edges as the artifact has
    /// them, without a unit.
    #[must_use]
    pub fn words(&self, signal: Signal, place: usize) -> String {
        let Some(place) = place.checked_sub(1) else {
            return "missing".to_owned();
        };
        match self {
            Self::Edges(edges) => {
                let from = place.checked_sub(1).and_then(|it| edges.get(it));
                match (from, edges.get(place)) {
                    (None, None) => "any".to_owned(),
                    (None, Some(to)) => format!("below {to}"),
                    (Some(from), Some(to)) => format!("{from} to {to}"),
                    (Some(from), None) => format!("from {from}"),
                }
            }
            Self::Names(numbers) => numbers.get(place).map_or_else(
                || "any other".to_owned(),
                |number| {
                    let whole = (0..100).find(|it| (f64::from(*it) - number).abs() < 0.5);
                    let name = whole.and_then(|it| name(signal, it));
                    name.map_or_else(|| number.to_string(), str::to_owned)
                },
            ),
            Self::YesNo => if place > 0 { "yes" } else { "no" }.to_owned(),
        }
    }
}
