//! Who decides in judged worlds: what shops do without doorstep, doorstep by a policy and a model, and an oracle.

use std::sync::Arc;

use crate::cli::args::Rules;
use crate::cli::config::{self, Settings};
use crate::cli::exit::Failure;
use crate::cli::files::Sources;
use crate::domain::ids::KeyId;
use crate::domain::secret::Secret;
use crate::lab::judged::NOTHING;
use crate::service::keyring::KeyRing;
use crate::service::playing::Playing;
use crate::service::release::InForce;

/// The row that knows the truth.
pub(crate) const ORACLE: &str = "oracle";
/// A value threshold in hindsight: tuned to lose as much as the row judged.
pub(crate) const SAME_LOSS: &str = "above-same-loss";
/// A value threshold in hindsight: the cheapest.
pub(crate) const BEST: &str = "above-best";
const ABOVE: &str = "above-";
const EVERYBODY: &str = "everybody";
const TENTH: &str = "random-tenth";

/// The rows played where none are named: thresholds as published for Amazon DE (about 100 EUR), DPD UK (about 350 EUR)
/// and eBay (550 EUR).
pub(crate) const DEFAULT: &str = "none,above-100,above-350,above-550,above-best,above-same-loss,everybody,random-tenth,prior,trained,oracle";

/// Who decides.
#[derive(Clone, Debug)]
pub(crate) enum Row {
    /// Nobody asks for anything.
    Nothing,
    /// A code for each order from so many EUR, whatever else is known.
    Above(f64),
    /// The threshold that loses as much as the row judged, found a world.
    SameLoss,
    /// The cheapest threshold, found a world.
    Best,
    /// A code for everybody.
    Everybody,
    /// A code for one order in ten.
    Tenth,
    /// doorstep.
    Doorstep(Box<Doorstep>),
    /// Whoever knows the truth takes the cheapest.
    Oracle,
}

/// doorstep by a policy and a model.
#[derive(Clone, Debug)]
pub(crate) struct Doorstep {
    in_force: Arc<InForce>,
    keys: Arc<KeyRing>,
}

impl Doorstep {
    /// A service that knows nothing yet.
    pub(crate) fn opened(&self) -> Playing {
        Playing::new(Arc::clone(&self.in_force), Arc::clone(&self.keys))
    }
}

impl Row {
    /// The row of a name: a fixed one, or a model built in or in the directory of scorecards.
    ///
    /// # Errors
    /// As loading policy, catalogue and model.
    pub(crate) fn of(name: &str, rules: &Rules) -> Result<Self, Failure> {
        if let Some(above) = name.strip_prefix(ABOVE).and_then(|it| it.parse().ok()) {
            return Ok(Self::Above(above));
        }
        match name {
            NOTHING => Ok(Self::Nothing),
            SAME_LOSS => Ok(Self::SameLoss),
            BEST => Ok(Self::Best),
            EVERYBODY => Ok(Self::Everybody),
            TENTH => Ok(Self::Tenth),
            ORACLE => Ok(Self::Oracle),
            model => Ok(Self::Doorstep(Box::new(doorstep(model, rules)?))),
        }
    }
}

fn doorstep(model: &str, rules: &Rules) -> Result<Doorstep, Failure> {
    let rules = Rules {
        model: Some(model.to_owned()),
        ..rules.clone()
    };
    // What the environment says of a server's place is of no interest here; what it says of policies is.
    let flags = config::flags(&crate::cli::args::Place::default(), Some(&rules), None);
    let settings = Settings::read(None, flags)?;
    let in_force = Sources::read(&settings)?.load()?.in_force;
    // Simulated people have no interest in the draw: any key will do, and the same gives the same tables.
    let key = KeyId::try_new("judged");
    let key = key.map_err(|error| Failure::Bug(format!("a key's name: {error}")))?;
    Ok(Doorstep {
        in_force: Arc::new(in_force),
        keys: Arc::new(KeyRing::new((key, Secret::new([1; 32])), [])),
    })
}
