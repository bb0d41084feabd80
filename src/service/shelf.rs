//! Where scorecards of a name come from. Files are read elsewhere: this holds what reads them.

use std::fmt;

use crate::decision::model;

/// Gives the text of the scorecard of a name, or says why there is none.
type Find = dyn Fn(&str) -> Result<String, String> + Send + Sync;

/// Scorecards by name.
pub struct Shelf(Box<Find>);

impl Shelf {
    /// Scorecards that `find` finds; what it says where it finds none is told to whoever asked.
    #[must_use]
    pub fn new(find: impl Fn(&str) -> Result<String, String> + Send + Sync + 'static) -> Self {
        Self(Box::new(find))
    }

    /// The text of the scorecard called `name`.
    ///
    /// # Errors
    /// Why there is none.
    pub fn find(&self, name: &str) -> Result<String, String> {
        (self.0)(name)
    }
}

/// Scorecards that are built in.
impl Default for Shelf {
    fn default() -> Self {
        Self::new(|name| {
            let text = model::built_in(name).map(str::to_owned);
            text.ok_or_else(|| {
                let known = model::BUILT_IN.iter();
                let known: Vec<_> = known.map(|(name, _)| format!("`{name}`")).collect();
                let known = known.join(" and ");
                format!("no scorecard `{name}` is built in, only {known}")
            })
        })
    }
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelf").finish_non_exhaustive()
    }
}
