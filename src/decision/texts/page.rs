//! All that customers may read in one language, as plain text: what is reviewed when a text changes.

use std::fmt::Write as _;

use fluent_bundle::{FluentArgs, FluentValue};

use super::Texts;
use crate::decision::language::Language;
use crate::decision::reasons::Code;
use crate::domain::action::{Action, AlternativeKind, Obligation};
use crate::domain::order::SecuredDrop;
use crate::domain::units::Date;

/// Numbers of parcels that are told apart, and some that are not.
const PARCELS: [u32; 5] = [2, 3, 4, 5, 12];

/// Days of delivery that show how a date is written.
const DATES: [&str; 3] = ["2026-03-01", "2026-06-12", "2026-12-24"];

/// What a text depends on, in words, with its values.
type Case = (String, Vec<(&'static str, FluentValue<'static>)>);

impl Texts {
    /// The tags of all languages.
    pub fn languages() -> impl Iterator<Item = &'static str> {
        Language::ALL.into_iter().map(Language::tag)
    }

    /// Every text for customers in the language of this tag: a line each, `NAME: text`, or `NAME (case): text` where it
    /// has several.
    #[must_use]
    pub fn page(&self, tag: &str) -> String {
        let mut page = String::new();
        let mut part = |title: &str, prefix: &str, names: Vec<(String, Vec<Case>)>| {
            if !page.is_empty() {
                page.push('\n');
            }
            let mut lines = format!("# {title}\n");
            for (name, cases) in names {
                for (case, values) in cases {
                    let args: FluentArgs<'_> = values.into_iter().collect();
                    let Some(text) = self.text(Some(tag), &format!("{prefix}-{name}"), &args)
                    else {
                        continue;
                    };
                    let written = if case.is_empty() {
                        writeln!(lines, "{name}: {text}")
                    } else {
                        writeln!(lines, "{name} ({case}): {text}")
                    };
                    // Writing to a string does not fail.
                    let _written = written;
                }
            }
            page.push_str(&lines);
        };
        let codes = Code::ALL.iter();
        let codes = codes.map(|it| (it.text().into_owned(), of_code(it)));
        part("Reasons", "customer", codes.collect());
        let kinds = || AlternativeKind::ALL.iter();
        let ways = kinds().map(|it| (it.name().to_owned(), plain()));
        part(
            "A way to act, after the first reason",
            "way",
            ways.collect(),
        );
        let others = kinds().map(|it| (it.name().to_owned(), of_kind(*it)));
        part("Alternatives", "alternative", others.collect());
        let all = Obligation::ALL.iter();
        let all = all.map(|it| (it.name().to_owned(), plain()));
        part("What goes with the delivery", "with", all.collect());
        page
    }
}

fn plain() -> Vec<Case> {
    vec![(String::new(), Vec::new())]
}

#[expect(clippy::wildcard_enum_match_arm, reason = "most texts have one case")]
fn of_code(code: &Code) -> Vec<Case> {
    match code {
        Code::SeveralParcelsAtStop => PARCELS
            .iter()
            .map(|count| {
                (
                    format!("{count} parcels"),
                    vec![("parcels", (*count).into())],
                )
            })
            .collect(),
        Code::SecuredDrop => drops(),
        _ => plain(),
    }
}

fn of_kind(kind: AlternativeKind) -> Vec<Case> {
    let one = |name: &'static str, value: &'static str| {
        let words = value.to_lowercase().replace('_', " ");
        (words, vec![(name, FluentValue::from(value))])
    };
    match kind {
        AlternativeKind::Code => vec![
            one("action", Action::Otp.name()),
            one("action", Action::ItemCodes.name()),
        ],
        AlternativeKind::Locker => vec![
            ("the nearest".to_owned(), vec![("nearest", "yes".into())]),
            ("another".to_owned(), vec![("nearest", "no".into())]),
        ],
        AlternativeKind::SecuredDrop => drops(),
        AlternativeKind::OtherDay => {
            let none = ("no date".to_owned(), day(None).into());
            let dates = DATES.iter().filter_map(|it| Date::parse(it));
            let dated = dates.map(|it| (it.to_string(), day(Some(it)).into()));
            std::iter::once(none).chain(dated).collect()
        }
        AlternativeKind::IdCheck | AlternativeKind::Delegate | AlternativeKind::VoiceCode => {
            plain()
        }
    }
}

fn drops() -> Vec<Case> {
    let all = SecuredDrop::ALL.iter().map(|it| it.name());
    all.map(|it| {
        (
            it.to_lowercase().replace('_', " "),
            vec![("drop", it.into())],
        )
    })
    .collect()
}

/// A day as the texts take it apart; zeros where there is none.
pub(super) fn day(date: Option<Date>) -> [(&'static str, FluentValue<'static>); 3] {
    [
        ("weekday", date.map_or(0, Date::weekday).into()),
        ("day", date.map_or(0, Date::day).into()),
        ("month", date.map_or(0, Date::month).into()),
    ]
}
