//! `tune`: which prices and thresholds meet a goal, on the orders that were recorded, and what that changes for whom.

mod knobs;
mod told;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::args::{Threads, Tune};
use super::config::{self, Setting, Settings};
use super::exit::{self, Failure};
use super::files::{self, Sources, engine};
use super::lessons;
use super::output::Output;
use super::running::cannot_store;
use super::{policies, progress};
use crate::decision::judge::weigh;
use crate::decision::policy::Policy;
use crate::decision::problem::Problem;
use crate::decision::record::Record;
use crate::decision::release::Release;
use crate::domain::action::{Action, Origin};
use crate::domain::ids::OrderId;
use crate::domain::order::Stage;
use crate::domain::units::{Timestamp, count_to_f64};
use crate::lab::backtest::{self, Candidate, Report};
use crate::lab::labels::Maturity;
use crate::lab::tune::cuts::Cut;
use crate::lab::tune::frontier::{Step, line, sample};
use crate::lab::tune::search::{Limits, Unreached, search};
use crate::lab::tune::written::{self, Turned, written};
use crate::lab::tune::{Figures, Goals, Knobs, Order, asks, figures};
use crate::stats::off_policy::MATCHED_MIN;
use crate::store;
use crate::store::engine::Reading;

/// Decisions of a page.
const PAGE: usize = 1_000;
/// Steps of the curve that are shown.
const SHOWN: usize = 13;
/// Steps of the curve that are drawn.
const DRAWN: usize = 120;

/// What was found, for whoever reads it.
struct Found<'a> {
    orders: &'a [Order],
    /// The first and the last decision.
    span: (Timestamp, Timestamp),
    base: &'a Release,
    currency: String,
    curve: Vec<Step>,
    /// What the policy as it stands comes to.
    live: Figures,
    /// What is wanted.
    goals: Goals,
    /// What meets the goals; none: nothing was wanted, or nothing does.
    proposed: Option<Proposed>,
}

/// A policy that meets the goals.
struct Proposed {
    knobs: Knobs,
    figures: Figures,
    id: String,
    text: String,
    turned: Vec<Turned>,
    confirmed: Confirmed,
    /// What it would have lost, by what really happened.
    happened: Report,
}

/// What the written policy makes of every order.
#[derive(Clone, Copy, Default)]
struct Confirmed {
    /// Orders that it answers as was estimated.
    as_estimated: usize,
    /// Orders that it judged.
    judged: usize,
    /// The share that is asked for something, random checks counted.
    asks: f64,
}

/// Runs the command.
pub(crate) fn run(command: &Tune, out: &mut Output) -> Result<(), Failure> {
    let goals = goals(command)?;
    let wanted = goals != Goals::default();
    for (flag, given) in [
        ("--into", command.into.is_some()),
        ("--id", command.id.is_some()),
    ] {
        if given && !wanted {
            return Err(Failure::Usage(format!(
                "{flag}: nothing is proposed without a goal: --bothered-max, --loss-max or --reviews-max"
            )));
        }
    }
    let flags = config::flags(&command.place, Some(&command.rules), None);
    let settings = Settings::read(command.place.config.as_deref(), flags)?;
    let loaded = Sources::read(&settings)?.load()?;
    let period = Period::of(command)?;
    let data = settings.text(Setting::Data).to_owned();
    let look = || store::look(&store::Settings::new(settings.data()));
    let mut reader = look().map_err(|error| cannot_store(&error))?;
    let loaded = policies::as_served(reader.as_mut(), loaded)?;
    let base = Release::clone(&loaded.in_force.release);
    let policy = loaded.sources.iter().next().map(|it| it.text.clone());
    let text = policy.ok_or_else(|| Failure::Bug("there is no policy to tune".to_owned()))?;
    let knobs = knobs::Turnable::of(&command.knobs, &base)?;
    let (orders, currency) = gather(reader.as_mut(), &period, &base, &knobs.cuts)?;
    let (ids, orders): (Vec<OrderId>, Vec<Order>) = orders.into_iter().unzip();
    let times = || orders.iter().map(|it| it.at);
    let Some(span) = times().min().zip(times().max()) else {
        let what = "holds no order of that time to tune by: `doorstep demo` or `doorstep simulate` makes some";
        return Err(Failure::bad_file(&data, what));
    };
    let least = written::least(&text)
        .ok_or_else(|| Failure::Bug("the policy has no prices of bother".to_owned()))?;
    let limits = Limits {
        bother: knobs.bother,
        review: knobs.review,
        floor: knobs.floor,
        rules_too: knobs.rules_too,
        cuts: &knobs.cuts,
        least,
        unsupported_max: share("--unsupported-max", &command.unsupported_max)?,
    };
    let whole = line(&orders, &Knobs::default(), least);
    let live = figures(&orders, &Knobs::default());
    if let Some(file) = &command.curve {
        files::put(file, &told::drawn(&sample(&whole, DRAWN), &live, &currency))?;
    }
    let mut found = Found {
        orders: &orders,
        span,
        base: &base,
        currency,
        curve: sample(&whole, SHOWN),
        live,
        goals,
        proposed: None,
    };
    // Without a goal there is a curve to look at, and nothing to propose.
    let unreached = match wanted.then(|| search(&orders, &goals, &limits)) {
        None => None,
        Some(Ok(setting)) => {
            let id = command.id.clone();
            let id = id.unwrap_or_else(|| renamed(&base.policy.version.id));
            let (text, turned) = written(&text, &setting.knobs, &knobs.cuts, &id)
                .ok_or_else(|| Failure::Bug("the tuned policy cannot be written".to_owned()))?;
            let tuned = Policy::load(&text);
            let tuned = Arc::new(tuned.map_err(|problems| unwritable(&id, &problems))?);
            let estimated = orders.iter().map(|it| it.answer(&setting.knobs));
            let estimated: BTreeMap<_, _> = ids.iter().zip(estimated).collect();
            let confirmed = confirm(reader.as_mut(), &period, &base, &tuned, &estimated)?;
            found.proposed = Some(Proposed {
                knobs: setting.knobs,
                figures: setting.figures,
                id,
                text,
                turned,
                confirmed,
                happened: happened(&look, &period, tuned, command, reader.as_mut())?,
            });
            None
        }
        Some(Err(unreached)) => Some(unreached),
    };
    told::tell(&found, command.format, out)?;
    out.flush()?;
    match (unreached, &found.proposed) {
        (Some(why), _) => Err(not_proposed(&why, &found, &limits)),
        (None, Some(proposed)) => keep(proposed, command.into.as_deref()),
        (None, None) => Ok(()),
    }
}

/// Which orders count.
struct Period {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

impl Period {
    fn of(command: &Tune) -> Result<Self, Failure> {
        let (from, to) = lessons::period(command.from.as_deref(), command.to.as_deref())?;
        Ok(Self { from, to })
    }

    /// An order that was placed and decided by a policy, in time.
    fn counts(&self, record: &Record) -> bool {
        let by_policy = matches!(record.origin, Origin::Service | Origin::Imported);
        by_policy
            && record.situation.order.stage == Stage::Placed
            && self.from.is_none_or(|from| record.decided_at >= from)
            && self.to.is_none_or(|to| record.decided_at < to)
    }
}

fn goals(command: &Tune) -> Result<Goals, Failure> {
    let bothered_max = match &command.bothered_max {
        Some(text) => Some(share("--bothered-max", text)?),
        None => None,
    };
    let amount = |flag: &str, value: Option<f64>| match value {
        Some(it) if !(it.is_finite() && it >= 0.0) => Err(Failure::Usage(format!(
            "{flag}: must be 0 or more, not {it}"
        ))),
        value => Ok(value),
    };
    Ok(Goals {
        bothered_max,
        // Of 1,000 orders in units, to one order in hundredths.
        loss_max: amount("--loss-max", command.loss_max)?.map(|it| it / 10.0),
        reviews_max: amount("--reviews-max", command.reviews_max)?,
    })
}

/// A share as people write it: `8%` or `0.08`.
fn share(flag: &str, text: &str) -> Result<f64, Failure> {
    let read = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().map(|it| it / 100.0),
        None => text.trim().parse::<f64>(),
    };
    read.ok()
        .filter(|it| (0.0..=1.0).contains(it))
        .ok_or_else(|| {
            Failure::Usage(format!(
                "{flag}: `{text}` must be a share of 0% to 100%, as 8% or 0.08"
            ))
        })
}

/// The last word on every order, weighed once.
fn gather(
    reader: &mut dyn Reading,
    period: &Period,
    base: &Release,
    cuts: &[Cut],
) -> Result<(BTreeMap<OrderId, Order>, String), Failure> {
    let mut last: BTreeMap<OrderId, Order> = BTreeMap::new();
    let mut currency = String::new();
    walk(reader, |record| {
        if period.counts(record) {
            let id = record.situation.order.order_id.clone();
            last.insert(id, Order::of(record, base, cuts));
            if currency.is_empty() {
                currency = record.situation.base.to_string();
            }
        }
    })?;
    Ok((last, currency))
}

/// The mean of some numbers; 0 of none.
fn mean(numbers: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = u64::try_from(numbers.len()).unwrap_or(u64::MAX);
    numbers.sum::<f64>() / count_to_f64(count).max(1.0)
}

/// Judges every order by the written policy.
fn confirm(
    reader: &mut dyn Reading,
    period: &Period,
    base: &Release,
    tuned: &Arc<Policy>,
    estimated: &BTreeMap<&OrderId, Action>,
) -> Result<Confirmed, Failure> {
    let tuned = Release {
        policy: Arc::clone(tuned),
        ..base.clone()
    };
    let mut last: BTreeMap<&OrderId, (bool, f64)> = BTreeMap::new();
    walk(reader, |record| {
        let id = &record.situation.order.order_id;
        // Orders that came since were not weighed.
        if period.counts(record)
            && let Some((id, estimated)) = estimated.get_key_value(id)
        {
            let weighed = weigh(&record.situation, &tuned);
            let asks = asks(&record.situation, &tuned, &weighed);
            last.insert(id, (*estimated == weighed.choice.own, asks));
        }
    })?;
    Ok(Confirmed {
        as_estimated: last.values().filter(|(is, _)| *is).count(),
        judged: last.len(),
        asks: mean(last.values().map(|(_, asks)| *asks)),
    })
}

/// The full backtest of the written policy: what it would have lost, by outcomes that the record can speak for.
fn happened(
    look: &(dyn Fn() -> Result<Box<dyn Reading>, store::Error> + Sync),
    period: &Period,
    tuned: Arc<Policy>,
    command: &Tune,
    reader: &mut dyn Reading,
) -> Result<Report, Failure> {
    let latest = reader.latest().map_err(|error| cannot_store(&error))?;
    let candidate = Candidate {
        policy: Some(tuned),
        model: None,
    };
    let settings = backtest::Settings {
        from: period.from,
        to: period.to,
        maturity: Maturity {
            as_of: latest.unwrap_or(Timestamp::from_micros(0)),
            claim_window: lessons::claim_window(&command.claim_window)?,
            unheard_shipped: false,
        },
        loss_cap_cents: backtest::LOSS_CAP_CENTS,
        // What is turned are numbers; its rules are told as they are.
        unmeasured: true,
        engine: engine(),
        threads: Threads::default().count(),
    };
    let bar = progress::bar(None, "judging: {pos} of {len} decisions, {per_sec}");
    let report = backtest::run(look, &candidate, &settings, &|done, total| {
        bar.set_length(total);
        bar.set_position(done);
        true
    });
    bar.finish_and_clear();
    report.map_err(|error| Failure::Bug(error.to_string()))
}

fn walk(reader: &mut dyn Reading, mut each: impl FnMut(&Record)) -> Result<(), Failure> {
    let bar = progress::bar(None, "weighing: {pos} decisions, {per_sec}");
    let mut after = 0;
    loop {
        let page = reader.scan(after, PAGE);
        let page = page.map_err(|error| cannot_store(&error))?;
        let Some(found) = page.last() else { break };
        after = found.seq;
        bar.inc(u64::try_from(page.len()).unwrap_or(0));
        for found in &page {
            each(&found.record);
        }
    }
    bar.finish_and_clear();
    Ok(())
}

/// Why the written policy does not load: the id that was asked for, or a bug.
fn unwritable(id: &str, problems: &[Problem]) -> Failure {
    match problems {
        [one] if one.path == "id" => Failure::Usage(format!("--id: `{id}` {}", one.message)),
        _ => Failure::problems(id, problems),
    }
}

/// The id of a policy that was tuned, within what an id may be.
fn renamed(id: &str) -> String {
    let stem = id.strip_suffix("-tuned").unwrap_or(id);
    let stem: String = stem.chars().take(58).collect();
    format!("{stem}-tuned")
}

fn keep(proposed: &Proposed, into: Option<&Path>) -> Result<(), Failure> {
    let Some(file) = into else { return Ok(()) };
    files::put(file, &proposed.text)?;
    exit::say(format_args!(
        "wrote {}: {}; `doorstep policy propose {}` hands it in",
        file.display(),
        proposed.id,
        file.display()
    ));
    Ok(())
}

fn not_proposed(why: &Unreached, found: &Found<'_>, limits: &Limits<'_>) -> Failure {
    match why {
        Unreached::Nothing => exit::say("there is no order to tune by"),
        Unreached::Goals(ends) => {
            let [least, most] = &**ends;
            let each = |it: &Figures| {
                format!(
                    "{:.2} % asked, {:.0} {} lost of 1,000 orders, {:.1} reviews a day",
                    100.0 * it.bothered(),
                    it.loss * 10.0 / it.orders.max(1.0),
                    found.currency,
                    it.reviews_a_day()
                )
            };
            let setting = if limits.bother && limits.floor {
                "no setting"
            } else {
                "no setting of what may be turned"
            };
            exit::say(format_args!(
                "{setting} meets the goals: by prices asking least comes to {}; asking everybody to {}",
                each(least),
                each(most)
            ));
        }
        Unreached::Unsupported(would) => {
            let weeks = |chance: f64| would.figures.weeks_to_see(chance).ceil();
            exit::say(format_args!(
                "not proposed: of {:.0} orders whose answer would change, the record knows nothing of {:.0} % \
                 (at most {:.0} % may be): their new answer was never drawn. Random checks that reach these orders \
                 (`[random_checks]`: enabled, rates, spare_value_cap) teach it: with a chance of 1 % each, {MATCHED_MIN} of them \
                 would be seen in about {:.0} weeks, with 5 % in about {:.0} (estimated); --unsupported-max says how much \
                 may rest on the model's word alone",
                would.figures.changed,
                100.0 * would.figures.unsupported_share(),
                100.0 * limits.unsupported_max,
                weeks(0.01),
                weeks(0.05)
            ));
        }
    }
    Failure::Findings
}
