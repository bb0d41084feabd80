//! What may be turned, by the names that the command knows.

use super::super::exit::{self, Failure};
use crate::decision::policy::Threshold;
use crate::decision::release::Release;
use crate::lab::tune::cuts::Cut;

/// Where nobody names rules, so many thresholds are tried: each has every order weighed once more.
const CUTS_MAX: usize = 16;

/// What may be turned.
pub(super) struct Turnable {
    pub(super) bother: bool,
    pub(super) review: bool,
    pub(super) floor: bool,
    /// Rules are turned beside prices, not only where prices alone do not do.
    pub(super) rules_too: bool,
    pub(super) cuts: Vec<Cut>,
}

impl Turnable {
    /// What the words name; all there is where there are none.
    pub(super) fn of(words: &[String], base: &Release) -> Result<Self, Failure> {
        let thresholds = base.policy.thresholds();
        let cut = |it: &Threshold| Cut::new(base, it.clone());
        if words.is_empty() {
            if thresholds.len() > CUTS_MAX {
                exit::say(format_args!(
                    "the rules have {} numbers that could be turned: the first {CUTS_MAX} are tried; `--knob rule:ID` names \
                     others",
                    thresholds.len()
                ));
            }
            return Ok(Self {
                bother: true,
                review: true,
                floor: true,
                rules_too: false,
                cuts: thresholds.iter().take(CUTS_MAX).filter_map(cut).collect(),
            });
        }
        let mut turnable = Self {
            bother: false,
            review: false,
            floor: false,
            rules_too: true,
            cuts: Vec::new(),
        };
        for word in words {
            match word.as_str() {
                "bother" => turnable.bother = true,
                "review" => turnable.review = true,
                "floor" => turnable.floor = true,
                other => {
                    let rule = other.strip_prefix("rule:");
                    let named = |it: &&Threshold| Some(it.rule.as_str()) == rule;
                    let cuts = thresholds.iter().filter(named).filter_map(cut);
                    let before = turnable.cuts.len();
                    turnable.cuts.extend(cuts);
                    if turnable.cuts.len() == before {
                        return Err(unknown(other, &thresholds, base));
                    }
                }
            }
        }
        Ok(turnable)
    }
}

/// Says what is wrong with a word, and what there is.
fn unknown(word: &str, thresholds: &[Threshold], base: &Release) -> Failure {
    let rule = word.strip_prefix("rule:");
    let is_there = rule.is_some_and(|it| base.policy.rule_ids().any(|id| id == it));
    let mut there = vec!["bother".to_owned(), "review".to_owned(), "floor".to_owned()];
    for it in thresholds {
        let name = format!("rule:{}", it.rule);
        if there.last() != Some(&name) {
            there.push(name);
        }
    }
    let why = if is_there {
        format!(
            "the conditions of `{}` compare nothing with a number",
            rule.unwrap_or_default()
        )
    } else {
        format!("`{word}` is none")
    };
    Failure::Usage(format!("--knob: {why}; there are {}", there.join(", ")))
}
