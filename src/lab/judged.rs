//! Policies judged by what they come to in simulated worlds: money lost, money spent, people bothered; by world and over
//! all worlds, with intervals over seeds.
//!
//! Every row plays the same worlds with the same seeds (common random numbers), so two rows are compared by the
//! differences of their pairs: what the seed alone does to both drops out.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::action::Action;
use crate::domain::hazard::Hazard;
use crate::stats::mean::Mean;

#[cfg(test)]
mod tests;

/// How sure intervals are.
pub const CONFIDENCE: f64 = 0.95;

/// The row that every other one's prevented losses are counted from.
pub const NOTHING: &str = "none";

/// What a row came to in one world with one seed, as sums that add up over worlds.
///
/// Money is in EUR and expected: the true probability times what the action leaves of it times what is lost, without
/// the luck of the dice.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// Orders delivered, or lost on the way.
    pub orders: f64,
    /// EUR lost by hazard, by [`Hazard::index`]; false claims with those that come back as "it was empty".
    pub lost: [f64; Hazard::COUNT],
    /// EUR that verification cost.
    pub verification: f64,
    /// Losses expected.
    pub losses: f64,
    /// Orders for which anything was asked.
    pub bothered: f64,
    /// Honest customers of whom anything was asked, each once.
    pub honest_customers: f64,
    /// Orders that a courier saw to need a code.
    pub coded: f64,
    /// Of those, the ones worth taking.
    pub coded_valuable: f64,
    /// Orders of honest customers not long after a genuine loss.
    pub of_victims: f64,
    /// Of those, the ones for which something was asked although nothing was the cheapest by the truth.
    pub suspected: f64,
    /// Orders by what was asked, by [`Action::index`].
    pub by_action: [f64; Action::COUNT],
}

impl Sums {
    fn add(&mut self, other: &Self) {
        self.orders += other.orders;
        for (sum, more) in self.lost.iter_mut().zip(other.lost) {
            *sum += more;
        }
        self.verification += other.verification;
        self.losses += other.losses;
        self.bothered += other.bothered;
        self.honest_customers += other.honest_customers;
        self.coded += other.coded;
        self.coded_valuable += other.coded_valuable;
        self.of_victims += other.of_victims;
        self.suspected += other.suspected;
        for (sum, more) in self.by_action.iter_mut().zip(other.by_action) {
            *sum += more;
        }
    }

    /// EUR lost to all hazards.
    #[must_use]
    pub fn lost_in_all(&self) -> f64 {
        self.lost.iter().sum()
    }

    /// EUR lost and spent.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.lost_in_all() + self.verification
    }
}

/// A column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// EUR lost to one hazard, of a thousand orders.
    Lost(Hazard),
    /// EUR lost to all hazards, of a thousand orders.
    LostInAll,
    /// EUR that verification cost, of a thousand orders.
    Verification,
    /// EUR lost and spent, of a thousand orders.
    Total,
    /// Percent of orders for which anything was asked.
    Bothered,
    /// Honest customers bothered for each loss prevented; none where no loss was.
    HonestPerLoss,
    /// Percent of the orders with a code that are worth taking, as a courier sees it; none where nobody saw a code.
    ValuableIfCoded,
    /// Percent of the orders of recent victims for which something was asked although by the truth nothing was the
    /// cheapest; none where there were no victims.
    Suspected,
}

impl Column {
    /// Every column, in the order of the table.
    pub const ALL: [Self; Hazard::COUNT + 7] = [
        Self::Lost(Hazard::PorchTheft),
        Self::Lost(Hazard::CourierTheft),
        Self::Lost(Hazard::Substitution),
        Self::Lost(Hazard::FalseClaim),
        Self::Lost(Hazard::AccountTakeover),
        Self::LostInAll,
        Self::Verification,
        Self::Total,
        Self::Bothered,
        Self::HonestPerLoss,
        Self::ValuableIfCoded,
        Self::Suspected,
    ];

    /// Its name in JSON.
    #[must_use]
    pub fn key(self) -> String {
        let key = match self {
            Self::Lost(hazard) => return format!("lost_{}", hazard.key()),
            Self::LostInAll => "lost",
            Self::Verification => "verification",
            Self::Total => "total",
            Self::Bothered => "bothered_percent",
            Self::HonestPerLoss => "honest_customers_per_loss_prevented",
            Self::ValuableIfCoded => "valuable_if_coded_percent",
            Self::Suspected => "victims_wrongly_suspected_percent",
        };
        key.to_owned()
    }

    /// Its value; `nothing` is the same world without verification.
    #[must_use]
    pub fn of(self, sums: &Sums, nothing: &Sums) -> Option<f64> {
        let share = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
        let of_thousand = |money: f64| share(1_000.0 * money, sums.orders);
        match self {
            Self::Lost(hazard) => of_thousand(sums.lost.get(hazard.index()).copied()?),
            Self::LostInAll => of_thousand(sums.lost_in_all()),
            Self::Verification => of_thousand(sums.verification),
            Self::Total => of_thousand(sums.total()),
            Self::Bothered => share(100.0 * sums.bothered, sums.orders),
            Self::HonestPerLoss => {
                let prevented = nothing.losses - sums.losses;
                (sums.bothered > 0.0)
                    .then(|| share(sums.honest_customers, prevented))
                    .flatten()
            }
            Self::ValuableIfCoded => share(100.0 * sums.coded_valuable, sums.coded),
            Self::Suspected => share(100.0 * sums.suspected, sums.of_victims),
        }
    }
}

/// One row in one world with one seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The world's name.
    pub world: String,
    /// Its seed.
    pub seed: u64,
    /// Who decided.
    pub row: String,
    /// What it came to.
    pub sums: Sums,
    /// A setting found for this world, as a threshold in EUR.
    pub setting: Option<f64>,
}

/// The table of one world, or of all together.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// The world's name; none: all together, each seed's worlds summed up.
    pub world: Option<String>,
    /// The rows in the order given.
    pub lines: Vec<Line>,
}

/// One row of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Who decided.
    pub row: String,
    /// The setting found for this world, if there was one to find.
    pub setting: Option<f64>,
    /// In the order of [`Column::ALL`].
    pub figures: Vec<Option<Mean>>,
    /// Percent of orders by what was asked, by [`Action::index`], over all seeds.
    pub actions: [f64; Action::COUNT],
    /// The total of this row less that of the row judged, by pairs of seeds: above 0, the row judged is cheaper. None
    /// for the row judged itself.
    pub dearer: Option<Mean>,
}

impl Line {
    /// A figure, if there is one.
    #[must_use]
    pub fn figure(&self, column: Column) -> Option<Mean> {
        let at = Column::ALL.iter().position(|it| *it == column)?;
        self.figures.get(at).copied().flatten()
    }

    /// How the row judged stands against this one.
    #[must_use]
    pub fn standing(&self) -> Option<Standing> {
        self.dearer.map(|it| match it {
            _ if it.low() > 0.0 => Standing::Cheaper,
            _ if it.high() < 0.0 => Standing::Dearer,
            _ => Standing::Open,
        })
    }
}

/// How the row judged stands against another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its total is lower, beyond the interval.
    Cheaper,
    /// The interval of the difference holds 0.
    Open,
    /// Its total is higher, beyond the interval.
    Dearer,
}

/// The tables: all worlds together first, then each in the order given. `judged` is the row that others are compared
/// to. Rows that a world lacks are left out of it, and of all together.
#[must_use]
pub fn sheets<'a>(
    runs: &'a [Run],
    worlds: &'a [String],
    rows: &'a [String],
    judged: &'a str,
) -> Vec<Sheet> {
    let mut sums: BTreeMap<(Option<&str>, &str), Seeds> = BTreeMap::new();
    for run in runs {
        for world in [None, Some(run.world.as_str())] {
            let seeds = sums.entry((world, run.row.as_str())).or_default();
            seeds.entry(run.seed).or_default().add(&run.sums);
        }
    }
    let sheet = |world: Option<&'a str>| {
        let of = |row: &'a str| sums.get(&(world, row));
        let here = |row: &&String| world.is_some() || plays_all(runs, worlds, row);
        let lines = rows.iter().filter(here).filter_map(|row| {
            let found = |run: &&Run| run.row == *row && Some(run.world.as_str()) == world;
            let setting = runs.iter().find(found).and_then(|run| run.setting);
            let judged = of(judged).filter(|_| row != judged);
            line(row, setting, (of(row)?, of(NOTHING)?, judged))
        });
        Sheet {
            world: world.map(str::to_owned),
            lines: lines.collect(),
        }
    };
    let each = worlds.iter().map(|world| Some(world.as_str()));
    [None].into_iter().chain(each).map(sheet).collect()
}

/// What a row came to, by seed.
type Seeds = BTreeMap<u64, Sums>;

/// Whether a row was played in every world.
fn plays_all(runs: &[Run], worlds: &[String], row: &str) -> bool {
    let played: BTreeSet<&str> = runs
        .iter()
        .filter(|run| run.row == row)
        .map(|run| run.world.as_str())
        .collect();
    worlds.iter().all(|world| played.contains(world.as_str()))
}

fn line(
    row: &str,
    setting: Option<f64>,
    (own, nothing, judged): (&Seeds, &Seeds, Option<&Seeds>),
) -> Option<Line> {
    let figures = Column::ALL.iter().map(|column| {
        let values = own
            .iter()
            .map(|(seed, sums)| column.of(sums, nothing.get(seed)?));
        Mean::of(&values.collect::<Option<Vec<f64>>>()?, CONFIDENCE)
    });
    let total = |seeds: &Seeds| -> Option<Vec<f64>> {
        let of = |sums: &Sums| Column::Total.of(sums, sums);
        seeds.values().map(of).collect()
    };
    let dearer =
        judged.and_then(|judged| Mean::of_differences(&total(own)?, &total(judged)?, CONFIDENCE));
    let mut all = Sums::default();
    own.values().for_each(|sums| all.add(sums));
    Some(Line {
        row: row.to_owned(),
        setting,
        figures: figures.collect(),
        actions: all
            .by_action
            .map(|count| 100.0 * count / all.orders.max(1.0)),
        dearer,
    })
}
