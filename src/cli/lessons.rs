//! A past to learn from and to judge by: records of a data directory, or a shop's own files, as rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::args::{Lessons as Wanted, Outcomes, Rules};
use super::clock;
use super::config::{self, Setting, Settings};
use super::exit::Failure;
use super::files::{Loaded, Sources};
use super::history::{Happened, History};
use super::import;
use super::progress;
use super::running::cannot_store;
use crate::decision::model::Model;
use crate::decision::policy::{self, Policy};
use crate::decision::record::{Record, Version};
use crate::domain::dossier::Dossier;
use crate::domain::ids::{KeyId, OrderId};
use crate::domain::secret::Secret;
use crate::domain::units::{Digest, Span, Timestamp};
use crate::lab::dataset::{Dataset, Gathering, Settings as Gather};
use crate::lab::labels::Maturity;
use crate::service::keyring::KeyRing;
use crate::service::past::{Past, Played as Outcome};
use crate::service::release::InForce;
use crate::service::scratch::Packed;
use crate::store::engine::Reading;
use crate::store::{self, VersionBy, VersionKind};

/// Decisions of a page.
const PAGE: usize = 1_000;

/// What was gathered.
#[derive(Debug)]
pub(crate) struct Lessons {
    /// The rows.
    pub(crate) dataset: Dataset,
    /// When outcomes counted as known.
    pub(crate) maturity: Maturity,
    /// The model of `--model`: the base.
    pub(crate) base: Model,
    /// Policy, model and catalogue that the arguments name.
    pub(crate) in_force: InForce,
    /// Where the rows come from, for the card; names no place on this machine.
    pub(crate) source: String,
    /// Where the rows come from, for whoever typed it.
    pub(crate) place: String,
}

/// Gathers what the arguments name. `each`: shown every record, whatever became of its order.
///
/// # Errors
/// Whatever is wrong with arguments, files or store.
pub(crate) fn gather(
    wanted: &Wanted,
    rules: &Rules,
    each: &mut dyn FnMut(&Record),
) -> Result<Lessons, Failure> {
    let flags = config::flags(&wanted.place, Some(rules), None);
    let settings = Settings::read(wanted.place.config.as_deref(), flags)?;
    let loaded = Sources::read(&settings)?.load()?;
    let named = rules.policy.as_ref();
    let policies = Policies {
        named: named.map(|_| Arc::clone(&loaded.in_force.release.policy)),
        known: BTreeMap::new(),
    };
    if !wanted.history.is_empty() {
        return from_histories(wanted, &settings, &loaded, each);
    }
    from_store(wanted, &settings, &loaded, policies, each)
}

fn from_store(
    wanted: &Wanted,
    settings: &Settings,
    loaded: &Loaded,
    mut policies: Policies,
    each: &mut dyn FnMut(&Record),
) -> Result<Lessons, Failure> {
    let data = settings.text(Setting::Data).to_owned();
    let base = (*loaded.in_force.release.model).clone();
    let failed = |error: store::Error| cannot_store(&error);
    let mut reader = store::look(&store::Settings::new(settings.data())).map_err(failed)?;
    let latest = reader.latest().map_err(failed)?;
    let maturity = maturity(wanted, latest, &data)?;
    let mut gathering = Gathering::new(wanted.gather(maturity), base.clone());
    let mut after = 0;
    loop {
        let page = reader.scan(after, PAGE).map_err(failed)?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        for found in &page {
            each(&found.record);
            let policy = policies.of(&found.record.versions.policy, reader.as_mut())?;
            gathering
                .add(&found.record, &found.dossier, &policy)
                .map_err(|error| Failure::bad_file(&data, error))?;
        }
    }
    Ok(Lessons {
        dataset: gathering.finish(),
        maturity,
        base,
        in_force: loaded.in_force.clone(),
        source: "the records of a data directory".to_owned(),
        place: data,
    })
}

/// Plays each history in memory: nothing is recorded.
fn from_histories(
    wanted: &Wanted,
    settings: &Settings,
    loaded: &Loaded,
    each: &mut dyn FnMut(&Record),
) -> Result<Lessons, Failure> {
    let in_force = &loaded.in_force;
    let (base, policy) = (&in_force.release.model, &in_force.release.policy);
    let mut gathering: Option<Gathering> = None;
    let (mut words, mut names) = (Vec::new(), Vec::new());
    let mut newest = None;
    for dir in &wanted.history {
        let name = dir.display().to_string();
        let history = import::checked(dir, settings, loaded)?;
        let ends = history.survey().span.map(|(_, last)| last);
        let maturity = maturity(wanted, ends, &name)?;
        newest = newest.max(Some(maturity.as_of));
        let gathering = gathering
            .get_or_insert_with(|| Gathering::new(wanted.gather(maturity), (**base).clone()));
        gathering.another_past(maturity.as_of);
        let mut dossiers = play(&history, in_force, &mut |record| {
            each(record);
            let id = &record.situation.order.order_id;
            gathering.play(record, policy, history.survey().is_claimed(id));
        })?;
        gathering
            .take_played(&mut |id| dossiers.remove(id).unwrap_or_default())
            .map_err(|error| Failure::bad_file(&name, error))?;
        words.push(history.survey().about.clone());
        names.push(name);
    }
    let (Some(gathering), Some(as_of)) = (gathering, newest) else {
        return Err(Failure::Usage("--history: names nothing".to_owned()));
    };
    words.retain(|it| !it.is_empty());
    words.dedup();
    let mut source = match names.len() {
        1 => "a history played in memory".to_owned(),
        count => format!("{count} histories played in memory"),
    };
    if !words.is_empty() {
        source = format!("{source} ({})", words.join("; "));
    }
    let maturity = maturity(wanted, Some(as_of), &names.join(", "))?;
    Ok(Lessons {
        dataset: gathering.finish(),
        maturity,
        base: (**base).clone(),
        in_force: in_force.clone(),
        source,
        place: names.join(", "),
    })
}

/// Plays a history: `each` is shown every record that it makes; what is known of its orders in the end.
fn play(
    history: &History,
    in_force: &InForce,
    each: &mut dyn FnMut(&Record),
) -> Result<Packed<OrderId, Dossier>, Failure> {
    // Chance has no part in a past: nothing is drawn with this key.
    let key = KeyId::try_new("past").map_err(|error| Failure::Bug(error.to_string()))?;
    let keys = KeyRing::new((key, Secret::new([0; 32])), []);
    let mut past = Past::new(Arc::new(in_force.clone()), Arc::new(keys));
    let bar = progress::bar(
        Some(history.len()),
        "playing: {pos} of {len} orders and events, {eta}",
    );
    for happened in history.play(0) {
        bar.inc(1);
        match happened? {
            Happened::Order(order, told) => {
                if let Outcome::Made(record) = past.order(order, &told) {
                    each(&record);
                }
            }
            Happened::Event(event, _) => drop(past.event(*event)),
        }
    }
    bar.finish_and_clear();
    Ok(past.into_dossiers())
}

/// When outcomes count as known: `latest` is the newest thing that is known of.
fn maturity(wanted: &Wanted, latest: Option<Timestamp>, source: &str) -> Result<Maturity, Failure> {
    wanted.outcomes.maturity(latest)?.ok_or_else(|| {
        let what = "holds no decision and no event: there is nothing to learn from";
        Failure::bad_file(source, what)
    })
}

impl Outcomes {
    /// When outcomes count as known; none where nobody says a moment and nothing is known. `latest`: the newest thing
    /// that is.
    pub(crate) fn maturity(&self, latest: Option<Timestamp>) -> Result<Option<Maturity>, Failure> {
        let claim_window = claim_window(&self.claim_window)?;
        let as_of = time("--as-of", self.as_of.as_deref())?.or(latest);
        Ok(as_of.map(|as_of| Maturity {
            as_of,
            claim_window,
            unheard_shipped: self.unheard_shipped,
        }))
    }
}

/// A period that was given; an end that was not is open.
pub(crate) fn period(
    from: Option<&str>,
    to: Option<&str>,
) -> Result<(Option<Timestamp>, Option<Timestamp>), Failure> {
    let (from, to) = (time("--from", from)?, time("--to", to)?);
    if from.zip(to).is_some_and(|(from, to)| from >= to) {
        return Err(Failure::Usage("--from must be before --to".to_owned()));
    }
    Ok((from, to))
}

/// How long after the handover claims still come in, as `--claim-window` says it.
pub(crate) fn claim_window(text: &str) -> Result<Span, Failure> {
    let window = config::duration(text).ok_or_else(|| {
        let what = format!("--claim-window: `{text}` must be a duration, as in 60d");
        Failure::Usage(what)
    })?;
    Ok(Span::micros(
        i64::try_from(window.as_micros()).unwrap_or(i64::MAX),
    ))
}

/// A time that was given: a date (its first moment in UTC), or a time in RFC 3339.
pub(crate) fn time(flag: &str, given: Option<&str>) -> Result<Option<Timestamp>, Failure> {
    let Some(text) = given else { return Ok(None) };
    let read = if text.len() == 10 {
        clock::parse(&format!("{text}T00:00:00Z"))
    } else {
        clock::parse(text)
    };
    read.map(Some).ok_or_else(|| {
        let what = format!(
            "{flag}: `{text}` must be a date or a time, as in 2026-06-10 or 2026-06-10T12:00:00Z"
        );
        Failure::Usage(what)
    })
}

impl Wanted {
    fn gather(&self, maturity: Maturity) -> Gather {
        Gather {
            maturity,
            negatives_max: self.negatives,
            seed: self.seed,
            leave_out_impossible: self.leave_out_impossible,
        }
    }
}

/// Policies by digest: the named one for all, or each record's own.
#[derive(Debug, Default)]
pub(crate) struct Policies {
    /// For all.
    named: Option<Arc<Policy>>,
    known: BTreeMap<Digest, Arc<Policy>>,
}

impl Policies {
    /// The policy of a record.
    ///
    /// # Errors
    /// [`Failure`] where its text is not kept.
    pub(crate) fn of(
        &mut self,
        version: &Version,
        reader: &mut dyn Reading,
    ) -> Result<Arc<Policy>, Failure> {
        if let Some(policy) = &self.named {
            return Ok(Arc::clone(policy));
        }
        if let Some(policy) = self.known.get(&version.digest) {
            return Ok(Arc::clone(policy));
        }
        let policy = Arc::new(read(version, reader)?);
        self.known.insert(version.digest, Arc::clone(&policy));
        Ok(policy)
    }
}

/// The policy that a record names: kept with it, or the one that is built in.
fn read(version: &Version, reader: &mut dyn Reading) -> Result<Policy, Failure> {
    let by = VersionBy::Digest(version.digest);
    let kept = reader
        .version(VersionKind::Policy, &by)
        .map_err(|error| cannot_store(&error))?;
    let text = kept
        .and_then(|it| it.body)
        .and_then(|body| String::from_utf8(body).ok());
    let text = text.unwrap_or_else(|| policy::DEFAULT.to_owned());
    let name = format!("policy {}", version.id);
    let policy = Policy::load(&text).map_err(|problems| Failure::problems(&name, &problems))?;
    if policy.version.digest == version.digest {
        return Ok(policy);
    }
    Err(Failure::bad_file(
        name,
        format_args!(
            "its text {} is not kept: name the file with --policy",
            version.digest
        ),
    ))
}
