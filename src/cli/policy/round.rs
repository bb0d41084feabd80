//! A round of cases: found, chosen, judged.

use std::path::PathBuf;

use crate::cli::args::PolicyCases;
use crate::cli::cases::{self, Case, Judge, Judged};
use crate::cli::config::{self, Setting, Settings};
use crate::cli::exit::Failure;
use crate::cli::files::Sources;
use crate::decision::coverage::Coverage;

/// Where the cases of the policy that is built in lie.
const SHIPPED: &str = "models/cases";

/// Cases and what became of them.
pub(super) struct Round {
    pub(super) judge: Judge,
    /// Each with its answer, or with what kept it from one.
    pub(super) cases: Vec<(Case, Result<Judged, String>)>,
}

impl Round {
    /// Judges the cases that the arguments choose by what they put in force.
    ///
    /// # Errors
    /// [`Failure::BadFile`] for files that are no cases or no policy, [`Failure::Usage`] where no case is chosen.
    pub(super) fn play(args: &PolicyCases) -> Result<Self, Failure> {
        let flags = config::flags(&args.place, Some(&args.rules), None);
        let settings = Settings::read(args.place.config.as_deref(), flags)?;
        let in_force = Sources::read(&settings)?.load()?.in_force;
        let judge = Judge::new(in_force)
            .ok_or_else(|| Failure::Bug("the key of cases has no name".to_owned()))?;
        let path = args.path.clone().unwrap_or_else(|| beside(&settings));
        let mut chosen = cases::read(&path)?;
        if let Some(pattern) = &args.run {
            chosen.retain(|case| fits(pattern, &case.name) || fits(pattern, &case.place));
            if chosen.is_empty() {
                let place = path.display();
                let what = format!("--run: no case of {place} has `{pattern}` in its name or file");
                return Err(Failure::Usage(what));
            }
        }
        let cases = chosen.into_iter().map(|case| {
            let judged = judge.judge(&case);
            (case, judged)
        });
        let cases = cases.collect();
        Ok(Self { judge, cases })
    }

    /// What differs from what each case expects, in their order; nothing where it passes.
    pub(super) fn differences(&self) -> Vec<Vec<String>> {
        let each = self.cases.iter().map(|(case, judged)| match judged {
            Ok(judged) => self.judge.differences(case, judged),
            Err(what) => vec![what.clone()],
        });
        each.collect()
    }

    /// What the cases reached, whether they pass or not.
    pub(super) fn coverage(&self) -> Coverage<'_> {
        let mut coverage = Coverage::new(self.judge.release());
        for (_, judged) in &self.cases {
            if let Ok(judged) = judged {
                coverage.see(&judged.situation, &judged.weighed);
            }
        }
        coverage
    }
}

/// The folder of cases that belongs to the policy file, or to the policy that is built in.
fn beside(settings: &Settings) -> PathBuf {
    let file = settings.path(Setting::Policy);
    file.map_or_else(|| PathBuf::from(SHIPPED), |it| it.with_file_name("cases"))
}

/// Whether the pattern is somewhere in the text, in large or small letters; `*` stands for anything.
fn fits(pattern: &str, text: &str) -> bool {
    let text = text.to_lowercase();
    let mut rest = text.as_str();
    pattern.to_lowercase().split('*').all(|part| {
        let after = rest.split_once(part).map(|(_, after)| after);
        rest = after.unwrap_or(rest);
        after.is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_pattern_is_found_anywhere_in_its_order_whatever_its_letters() {
        for (pattern, expected) in [
            ("jacket", true),
            ("JACKET", true),
            ("a*flat*alone", true),
            ("flat*jacket", false),
            ("*", true),
            ("fridge", false),
        ] {
            let found = fits(pattern, "A jacket to a flat is left alone");
            assert_eq!(found, expected, "{pattern}");
        }
    }
}
