//! A world played in memory by a policy, and what is recorded of it judged again.

use std::sync::Arc;

use doorstep::decision::catalogue;
use doorstep::decision::model::{Model, PRIOR};
use doorstep::decision::policy::{DEFAULT, Policy};
use doorstep::decision::record::Version;
use doorstep::decision::release::Release;
use doorstep::domain::catalogue::Catalogue;
use doorstep::domain::ids::KeyId;
use doorstep::domain::secret::Secret;
use doorstep::domain::units::{Date, Digest, Span};
use doorstep::lab::backtest::{self, Candidate, LOSS_CAP_CENTS, Report, Settings};
use doorstep::lab::labels::Maturity;
use doorstep::lab::simulate::parameters::WorldFile;
use doorstep::lab::simulate::shop::Shop;
use doorstep::lab::simulate::world::{Extent, Nobody, World};
use doorstep::service::keyring::KeyRing;
use doorstep::service::playing::Playing;
use doorstep::service::release::InForce;
use doorstep::store::Found;

/// 2025-01-01.
const START: Date = Date::from_days(20_089);
const DAYS: i32 = 180;

/// The shipped policy with these lines exchanged.
pub(crate) fn policy(changes: &[(&str, &str)]) -> Result<String, String> {
    let mut text = DEFAULT.to_owned();
    for (from, to) in changes {
        if !text.contains(from) {
            return Err(format!("the shipped policy has no line `{from}`"));
        }
        text = text.replace(from, to);
    }
    Ok(text)
}

fn loaded(text: &str) -> Result<Arc<Policy>, String> {
    Policy::load(text)
        .map(Arc::new)
        .map_err(|all| all.first().map_or_else(String::new, ToString::to_string))
}

fn engine() -> Version {
    Version {
        id: env!("CARGO_PKG_VERSION").to_owned(),
        digest: Digest::of(b"example"),
    }
}

/// What judges by this policy: the prior's scorecard and the shop's facts as they are shipped.
pub(crate) fn release(text: &str) -> Result<(Release, Catalogue), String> {
    let facts = catalogue::load(catalogue::DEFAULT)
        .map_err(|problems| format!("the shop's facts: {problems:?}"))?;
    let release = Release {
        policy: loaded(text)?,
        model: Arc::new(Model::load(PRIOR).map_err(|problems| format!("the prior: {problems:?}"))?),
        catalogue: Version {
            id: facts.id.clone(),
            digest: facts.digest,
        },
        engine: engine(),
    };
    Ok((release, facts))
}

/// A shop that decides by this policy, and keeps what it decides; `seed` makes its key.
pub(crate) fn shop(text: &str, seed: u32) -> Result<Playing, String> {
    let (release, facts) = release(text)?;
    let key = KeyId::try_new("k1").map_err(|error| error.to_string())?;
    // Another key a world: else the same customers would draw the same in all.
    let mut secret = [7; 32];
    secret[..4].copy_from_slice(&seed.to_be_bytes());
    let keys = KeyRing::new((key, Secret::new(secret)), []);
    let in_force = InForce::new(release, Arc::new(facts));
    Ok(Playing::new(Arc::new(in_force), Arc::new(keys)).keeping())
}

/// Plays a world of this scenario and seed with a shop.
pub(crate) fn play(
    shop: &mut dyn Shop,
    scenario: &str,
    seed: u32,
    orders: u32,
) -> Result<(), String> {
    let parameters = WorldFile::built_in()
        .and_then(|it| it.scenario(scenario))
        .map_err(|error| error.to_string())?;
    let extent = Extent {
        orders: orders.into(),
        start: START,
        days: DAYS,
        seed: seed.into(),
    };
    let world = World::new(parameters, &extent).map_err(|error| error.to_string())?;
    let played = world.play(shop, &mut Nobody);
    played.map(drop).map_err(|error| error.to_string())
}

/// What was recorded, with what is known of each order in the end.
pub(crate) fn recorded(shop: Playing) -> Result<Vec<Found>, String> {
    shop.into_found().map_err(|error| error.to_string())
}

/// Claims of the last order are in.
pub(crate) fn maturity(found: &[Found]) -> Maturity {
    let last = found.iter().map(|it| it.record.decided_at).max();
    Maturity {
        as_of: last
            .unwrap_or(doorstep::domain::units::Timestamp::from_micros(0))
            .plus(Span::days(400)),
        claim_window: Span::days(60),
        unheard_shipped: false,
    }
}

pub(crate) fn judged(
    found: Vec<Found>,
    own: &str,
    candidate: Option<&str>,
) -> Result<Report, String> {
    let settings = Settings {
        from: None,
        to: None,
        maturity: maturity(&found),
        loss_cap_cents: LOSS_CAP_CENTS,
        unmeasured: false,
        engine: engine(),
        threads: 1,
    };
    let candidate = Candidate {
        policy: candidate.map(loaded).transpose()?,
        model: None,
    };
    backtest::of(found, &[own], &candidate, &settings).map_err(|error| error.to_string())
}
