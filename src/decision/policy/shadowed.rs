//! Rules without effect: another holds whenever they do and asks at least as much.
//!
//! With the very conditions of the other it is a mistake; where they are only stricter it is a note, as the rule still
//! gives its reason and its texts.

use std::collections::BTreeMap;

use super::Then;
use super::file::Reader;
use super::rules::Rule;
use super::sense::Profile;
use crate::decision::written::Part;
use crate::domain::action::Action;

/// Up to so many rules each is compared with each.
const COMPARED_MAX: usize = 1_000;

impl Reader<'_> {
    /// Points out rules without effect; `places` are the rules' own.
    pub(super) fn without_effect(&mut self, rules: &[Rule], places: &[&Part<'_>]) {
        let profiles: Vec<Profile<'_>> = rules.iter().map(|it| Profile::of(&it.when)).collect();
        let all: Vec<(&Rule, &Profile<'_>, &Part<'_>)> = rules
            .iter()
            .zip(&profiles)
            .zip(places)
            .map(|((rule, profile), part)| (rule, profile, *part))
            .collect();
        if all.len() > COMPARED_MAX
            && let Some((_, _, part)) = all.first()
        {
            let message = format!(
                "there are more than {COMPARED_MAX}: only rules of the same conditions were compared"
            );
            self.notes
                .push(self.sheet.problem(&part.span, "rules", message));
        }
        let mut same: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, (_, profile, _)) in all.iter().enumerate() {
            same.entry(profile.key()).or_default().push(place);
        }
        let mut told = vec![false; all.len()];
        for group in same.values() {
            self.duplicates(&all, group, &mut told);
        }
        if all.len() <= COMPARED_MAX {
            self.stricter(&all, &told);
        }
    }

    /// Of rules of the same conditions, those that another makes superfluous.
    fn duplicates(
        &mut self,
        all: &[(&Rule, &Profile<'_>, &Part<'_>)],
        group: &[usize],
        told: &mut [bool],
    ) {
        for place in group {
            let Some((rule, _, part)) = all.get(*place) else {
                continue;
            };
            let other = group.iter().filter_map(|it| Some((*it, all.get(*it)?)));
            let mut stronger = other.filter(|(at, (other, ..))| {
                let both = rule.covers(other);
                at != place && other.covers(rule) && (!both || at < place)
            });
            if let Some((_, (other, _, before))) = stronger.next() {
                let message = format!(
                    "changes no answer: `{}` ({}) has the same conditions and asks at least as much",
                    other.id, before.path
                );
                self.mistakes
                    .push(self.sheet.problem(&part.span, &part.path, message));
                if let Some(told) = told.get_mut(*place) {
                    *told = true;
                }
            }
        }
    }

    /// Rules whose conditions are stricter than those of another that asks at least as much.
    fn stricter(&mut self, all: &[(&Rule, &Profile<'_>, &Part<'_>)], told: &[bool]) {
        for (place, (rule, profile, part)) in all.iter().enumerate() {
            if told.get(place) == Some(&true) {
                continue;
            }
            let found = all.iter().enumerate().find(|(at, (other, wider, _))| {
                *at != place
                    && other.covers(rule)
                    && wider.is_implied_by(profile)
                    && !profile.is_implied_by(wider)
            });
            if let Some((_, (other, _, before))) = found {
                let message = format!(
                    "changes no answer: `{}` ({}) holds whenever it does and asks at least as much",
                    other.id, before.path
                );
                self.notes
                    .push(self.sheet.problem(&part.span, &part.path, message));
            }
        }
    }
}

impl Rule {
    /// Whether what this asks leaves nothing of what the other asks, for as long as the other lasts.
    fn covers(&self, other: &Self) -> bool {
        let asks = match (self.then, other.then) {
            // What is set goes before every floor; but a review that lapsed is not set again.
            (Then::Set(own), Then::AtLeast(_)) => own != Action::Review,
            (Then::AtLeast(own), Then::AtLeast(least)) => own >= least,
            (Then::Set(own), Then::Set(set)) => own >= set,
            (Then::Forbid(own), Then::Forbid(forbidden)) => own == forbidden,
            (Then::AtLeast(_) | Then::Forbid(_), Then::Set(_))
            | (Then::Forbid(_), Then::AtLeast(_))
            | (Then::AtLeast(_) | Then::Set(_), Then::Forbid(_)) => false,
        };
        let end = |rule: &Self| rule.until.as_ref().map(|it| it.end);
        let lasts = match (end(self), end(other)) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(others)) => own >= others,
        };
        asks && lasts
    }
}
