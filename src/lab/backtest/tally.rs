//! Decisions added up, in the order in which they were recorded: one an order, its last that was there when it went.

use std::collections::{BTreeMap, BTreeSet};

use super::judged::{Again, Changed, Judged};
use super::outcomes::{Lost, Told};
use super::report::{
    Answer, Burden, Cell, Costs, Different, Dimension, Figure, HEADLINE, LOSS, LOSS_RATE,
    NotJudged, OffPolicy, Part, Report, Reproduced, count,
};
use super::{Candidate, Page, Settings, merged};
use crate::decision::answer::Term;
use crate::domain::action::Action;
use crate::domain::ids::{DecisionId, OrderId};
use crate::domain::units::{Currency, Timestamp};
use crate::lab::dataset::By;
use crate::lab::labels::LeftOut;
use crate::stats::always_valid::half_width;
use crate::stats::interval::{CONFIDENCE, Estimate as Interval};
use crate::stats::off_policy::bounded::Bounds;
use crate::stats::off_policy::check::Check;
use crate::stats::off_policy::{Estimate, Estimator, Logged, Row, Warning};

/// Records that do not come out as recorded, of which the differences are kept.
const EXAMPLES_MAX: usize = 20;

/// Weights above this are cut in the clipped estimate (assumed).
const CAP: f64 = 10.0;

/// Of every customer, by number: whether there was an order, and whether one was asked for something, as recorded and by
/// the candidate.
type Customers = Vec<[bool; 3]>;

/// Parts by where orders stand, in one dimension.
type Parts = BTreeMap<String, (Part, Customers)>;

/// What is added up so far.
#[derive(Debug)]
pub(super) struct Tally<'a> {
    settings: &'a Settings,
    currency: Currency,
    seen: Option<(Timestamp, Timestamp)>,
    period: Option<(Timestamp, Timestamp)>,
    decisions: u64,
    reproduced: Reproduced,
    not_judged: BTreeMap<NotJudged, u64>,
    replaced: u64,
    carts: u64,
    /// The last decision in force of orders of which a later one is to come.
    waiting: BTreeMap<OrderId, Judged>,
    transitions: BTreeMap<(Action, Action), Cell>,
    all: (Part, Customers),
    repriced: u64,
    segments: BTreeMap<Dimension, Parts>,
    /// Customers are numbered as they come.
    numbers: BTreeMap<u64, usize>,
    reasons: BTreeMap<String, [u64; 2]>,
    skipped: BTreeMap<(String, &'static str), u64>,
    /// Rules that could not be evaluated when the record was made.
    skipped_before: BTreeSet<String>,
    left_out: BTreeMap<LeftOut, u64>,
    impossible: u64,
    /// In pieces: one list would be copied whenever it grows, and be the largest thing here.
    mature: Vec<Vec<Mature>>,
    drawn: Check<{ Action::COUNT }>,
}

/// An order whose outcome is known.
#[derive(Debug)]
struct Mature {
    logged: [u32; Action::COUNT],
    would: [u32; Action::COUNT],
    from: Action,
    unit: u64,
    lost: Lost,
}

/// Orders in a piece of a list.
const PIECE: usize = 4_096;

impl<'a> Tally<'a> {
    pub(super) fn new(settings: &'a Settings, currency: Currency) -> Self {
        Self {
            settings,
            currency,
            seen: None,
            period: None,
            decisions: 0,
            reproduced: Reproduced::default(),
            not_judged: BTreeMap::new(),
            replaced: 0,
            carts: 0,
            waiting: BTreeMap::new(),
            transitions: BTreeMap::new(),
            all: Default::default(),
            repriced: 0,
            segments: BTreeMap::new(),
            numbers: BTreeMap::new(),
            reasons: BTreeMap::new(),
            skipped: BTreeMap::new(),
            skipped_before: BTreeSet::new(),
            left_out: BTreeMap::new(),
            impossible: 0,
            mature: Vec::new(),
            drawn: Check::default(),
        }
    }

    /// When the first and the last decision of all was made, whatever the period.
    pub(super) const fn seen(&self) -> Option<(Timestamp, Timestamp)> {
        self.seen
    }

    /// Takes in the next page.
    pub(super) fn take(&mut self, page: Page) {
        self.seen = merged(self.seen, page.seen);
        for judged in page.judged {
            self.add(judged);
        }
    }

    fn add(&mut self, mut judged: Judged) {
        self.decisions += 1;
        self.period = merged(self.period, Some((judged.at, judged.at)));
        self.again(&mut judged);
        let before = self.waiting.remove(&judged.order_id);
        // A decision that came too late for its order is no answer that anybody got; the one before it is.
        let (stands, gone) = match before {
            Some(before) if !judged.in_force => (before, true),
            Some(_) => (judged, true),
            None => (judged, false),
        };
        self.replaced += u64::from(gone);
        self.hold(stands);
    }

    /// Counts an order, or waits for its next decision.
    fn hold(&mut self, judged: Judged) {
        if judged.latest {
            self.count(judged);
        } else {
            self.waiting.insert(judged.order_id.clone(), judged);
        }
    }

    fn again(&mut self, judged: &mut Judged) {
        match std::mem::replace(&mut judged.again, Again::Unknown) {
            Again::Same => self.reproduced.identical += 1,
            Again::Unknown => self.reproduced.unknown += 1,
            Again::Differs(differences) => {
                self.reproduced.different += 1;
                if self.reproduced.examples.len() < EXAMPLES_MAX {
                    self.reproduced.examples.push(Different {
                        decision_id: judged.decision_id.clone(),
                        order_id: judged.order_id.clone(),
                        differences,
                    });
                }
            }
        }
    }

    fn count(&mut self, judged: Judged) {
        if !judged.placed {
            self.carts += 1;
            return;
        }
        match judged.changed {
            Err(why) => *self.not_judged.entry(why).or_default() += 1,
            Ok(changed) => self.order(judged.decision_id, *changed, judged.in_force),
        }
    }

    fn order(&mut self, id: DecisionId, changed: Changed, in_force: bool) {
        let cell = self
            .transitions
            .entry((changed.from, changed.to))
            .or_default();
        cell.value_cents += changed.value_cents;
        cell.decisions.push(id);
        let next = self.numbers.len();
        let customer = *self.numbers.entry(changed.unit).or_insert(next);
        put(&mut self.all, &changed, customer);
        self.repriced += u64::from(changed.repriced);
        for code in &changed.gained {
            add(self.reasons.entry(code.clone()).or_default(), [true, false]);
        }
        for code in &changed.lost {
            add(self.reasons.entry(code.clone()).or_default(), [false, true]);
        }
        for skipped in &changed.skipped {
            *self.skipped.entry(skipped.clone()).or_default() += 1;
        }
        for skipped in &changed.skipped_before {
            if !self.skipped_before.contains(skipped) {
                self.skipped_before.insert(skipped.clone());
            }
        }
        self.drawn.add(&changed.logged, changed.from.index());
        match (&changed.outcome, in_force) {
            (Told::Impossible, _) => self.impossible += 1,
            (Told::LeftOut(why), _) => *self.left_out.entry(*why).or_default() += 1,
            (Told::Known(_), false) => {
                *self.left_out.entry(LeftOut::DecidedTooLate).or_default() += 1;
            }
            (Told::Known(lost), true) => self.known(Mature {
                logged: changed.logged,
                would: changed.would,
                from: changed.from,
                unit: changed.unit,
                lost: *lost,
            }),
        }
        let by = By::ALL
            .iter()
            .map(|by| (Dimension::By(*by), changed.segment.name(*by)));
        for (dimension, name) in by.chain([(Dimension::Access, &*changed.access)]) {
            let parts = self.segments.entry(dimension).or_default();
            if let Some(part) = parts.get_mut(name) {
                put(part, &changed, customer);
            } else {
                put(
                    parts.entry(name.to_owned()).or_default(),
                    &changed,
                    customer,
                );
            }
        }
    }

    fn known(&mut self, order: Mature) {
        match self.mature.last_mut() {
            Some(piece) if piece.len() < PIECE => piece.push(order),
            Some(_) | None => {
                let mut piece = Vec::with_capacity(PIECE);
                piece.push(order);
                self.mature.push(piece);
            }
        }
    }

    /// The report; none where no decision is of the period.
    pub(super) fn finish(mut self, candidate: &Candidate) -> Option<Report> {
        // Their next decision is of another time.
        for (_, judged) in std::mem::take(&mut self.waiting) {
            self.count(judged);
        }
        let unmeasured = self.unmeasured();
        Some(Report {
            unmeasured,
            policy: candidate.policy.as_ref().map(|it| it.version.clone()),
            model: candidate.model.as_ref().map(|it| it.version.clone()),
            currency: self.currency,
            period: self.period?,
            decisions: self.decisions,
            off_policy: self.off_policy(),
            reproduced: self.reproduced,
            not_judged: self.not_judged,
            replaced: self.replaced,
            carts: self.carts,
            transitions: self.transitions,
            all: part(self.all),
            repriced: self.repriced,
            segments: self
                .segments
                .into_iter()
                .flat_map(|(by, parts)| parts.into_iter().map(move |it| (by, it)))
                .map(|(by, (name, it))| ((by, name), part(it)))
                .collect(),
            reasons: self.reasons,
            skipped: self.skipped,
        })
    }

    /// A rule is skipped once an order at most, for the first signal that is missing.
    fn unmeasured(&self) -> Vec<(String, &'static str)> {
        let mut rules: BTreeMap<&String, (u64, u64, &'static str)> = BTreeMap::new();
        for ((rule, signal), orders) in &self.skipped {
            let (sum, most, commonest) = rules.entry(rule).or_default();
            *sum += orders;
            if *orders > *most {
                (*most, *commonest) = (*orders, signal);
            }
        }
        let all = self.all.0.burden.orders;
        let never = |(rule, (sum, _, _)): &(&String, (u64, u64, &str))| {
            *sum == all && !self.skipped_before.contains(*rule)
        };
        let never = rules.into_iter().filter(never);
        never
            .map(|(rule, (_, _, signal))| (rule.clone(), signal))
            .collect()
    }

    fn off_policy(&self) -> OffPolicy {
        let cap = self.settings.loss_cap_cents;
        let logged = |of: &dyn Fn(&Lost) -> (f64, [f64; Action::COUNT])| {
            Logged::new(self.mature.iter().flatten().map(|it| {
                let (seen, said) = of(&it.lost);
                Row {
                    logged: it.logged,
                    candidate: it.would,
                    taken: it.from.index(),
                    seen,
                    said: Some(said),
                    group: it.unit,
                }
            }))
        };
        let flags = logged(&|it| (if it.flag { 1.0 } else { 0.0 }, it.flag_said));
        let answer = flags.and_then(|flags| {
            let money = logged(&|it| (it.cents.min(cap), it.cents_said.map(|it| it.min(cap))))?;
            let whole = logged(&|it| (it.cents, it.cents_said))?;
            Ok(answer(&flags, &money, &whole, cap))
        });
        OffPolicy {
            mature: count(self.mature.iter().map(Vec::len).sum()),
            left_out: self.left_out.clone(),
            impossible: self.impossible,
            loss_cap_cents: cap,
            check: self.drawn.frequencies(),
            answer,
        }
    }
}

fn answer(flags: &Logged, money: &Logged, whole: &Logged, cap: f64) -> Answer {
    let weights = flags.weights();
    let mut warnings = weights.warnings();
    let snips = [flags, money].map(|it| it.estimate(Estimator::Snips));
    let clustered = snips
        .into_iter()
        .flatten()
        .filter_map(|it| Warning::clustered(it.error, it.group_error));
    warnings.extend(clustered.take(1));
    let bounds = Bounds {
        low: 0.0,
        high: cap,
    };
    let mut figures = methods(flags, LOSS_RATE, Bounds::FLAG);
    figures.extend(methods(money, LOSS, bounds));
    if let Some(it) = whole.estimate(Estimator::Snips) {
        figures.push(of(LOSS, "snips_uncapped", it, "no loss is capped"));
    }
    Answer {
        excluded: flags.excluded(),
        changed: flags.changed(),
        weights,
        warnings,
        ran: [flags.seen(), money.seen()],
        figures,
    }
}

/// Every method's figure of a metric, the headline first.
fn methods(rows: &Logged, metric: &'static str, bounds: Bounds) -> Vec<Figure> {
    let bounded = |method, it: Interval, note| Figure {
        metric,
        method,
        value: it.value,
        interval: Some((it.low, it.high)),
        note,
    };
    let mut figures = vec![
        bounded(
            HEADLINE,
            rows.cressie_read(bounds, CONFIDENCE),
            "the headline: holds although heavy orders are few",
        ),
        bounded(
            "clopper_pearson",
            rows.clopper_pearson(bounds, CONFIDENCE),
            "wider, and exact: its upper end answers \"at most\"",
        ),
    ];
    let told = [
        (
            "snips",
            Estimator::Snips,
            "weighted mean; interval by customers",
        ),
        (
            "dr",
            Estimator::DoublyRobust,
            "the recorded model's expectation, corrected by weighted residuals",
        ),
        (
            "sndr",
            Estimator::NormalisedDoublyRobust,
            "the same, normalised by the weights",
        ),
        ("ips", Estimator::Ips, "unbiased and noisy"),
        (
            "ips_clipped_10",
            Estimator::Clipped(CAP),
            "weights above 10 are cut: says too little",
        ),
        (
            "dm",
            Estimator::Direct,
            "what the recorded model expects: as wrong as it is",
        ),
    ];
    for (method, by, note) in told {
        figures.extend(rows.estimate(by).map(|it| of(metric, method, it, note)));
    }
    let less = [
        (
            "snips_minus_ran",
            Estimator::Snips,
            "difference to what ran, order by order",
        ),
        (
            "dr_minus_ran",
            Estimator::DoublyRobust,
            "the same, doubly robust",
        ),
    ];
    for (method, by, note) in less {
        figures.extend(rows.difference(by).map(|it| of(metric, method, it, note)));
    }
    figures.extend(
        rows.estimate(Estimator::Ips)
            .and_then(|it| always(metric, it, rows)),
    );
    figures
}

fn of(metric: &'static str, method: &'static str, it: Estimate, note: &'static str) -> Figure {
    let interval = it.group_interval(CONFIDENCE);
    Figure {
        metric,
        method,
        value: it.value,
        interval: interval.map(|it| (it.low, it.high)),
        note,
    }
}

/// An interval for one who looks every day.
fn always(metric: &'static str, it: Estimate, rows: &Logged) -> Option<Figure> {
    let n = f64::from(u32::try_from(rows.weights().rows).ok()?);
    let half = half_width(it.group_error?, n, n, 1.0 - CONFIDENCE)?;
    Some(Figure {
        metric,
        method: "ips_always_valid",
        value: it.value,
        interval: Some((it.value - half, it.value + half)),
        note: "holds however often one looks",
    })
}

/// Puts an order into a part.
fn put((part, customers): &mut (Part, Customers), order: &Changed, customer: usize) {
    let asked = [order.from != Action::None, order.to != Action::None];
    let review = [order.from == Action::Review, order.to == Action::Review];
    let Burden {
        orders,
        asked: all_asked,
        reviews,
        ..
    } = &mut part.burden;
    *orders += 1;
    add(all_asked, asked);
    add(reviews, review);
    if customers.len() <= customer {
        customers.resize(customer + 1, [false; 3]);
    }
    if let Some([seen, recorded, would]) = customers.get_mut(customer) {
        *seen = true;
        *recorded |= asked[0];
        *would |= asked[1];
    }
    let Costs {
        recorded,
        recorded_repriced,
        candidate,
    } = &mut part.costs;
    sum(recorded, &order.recorded);
    sum(recorded_repriced, &order.recorded_repriced);
    sum(candidate, &order.candidate);
}

/// A part with its customers counted.
fn part((mut part, customers): (Part, Customers)) -> Part {
    for [seen, recorded, would] in customers {
        part.burden.customers += u64::from(seen);
        add(&mut part.burden.customers_asked, [recorded, would]);
    }
    part
}

fn add(counts: &mut [u64; 2], are: [bool; 2]) {
    for (count, is) in counts.iter_mut().zip(are) {
        *count += u64::from(is);
    }
}

fn sum(all: &mut [f64; Term::COUNT], one: &[f64; Term::COUNT]) {
    all.iter_mut().zip(one).for_each(|(all, one)| *all += one);
}
