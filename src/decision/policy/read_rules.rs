//! Rules as written: ids, conditions, what they ask, texts; every fault with its place.

use std::collections::BTreeMap;

use super::condition::Condition;
use super::file::{Reader, is_plain};
use super::{CustomerText, Then};

use super::rules::{Rule, Until, then};
use super::sense::never;
use crate::decision::language::Language;
use crate::decision::problem::nearest;
use crate::decision::reasons::Code;
use crate::decision::written::{Part, Spot};
use crate::domain::action::Action;
use crate::domain::hazard::Hazard;
use crate::domain::units::Zone;

const RULES_MAX: usize = 10_000;

const CONDITIONS_MAX: usize = 16;

/// Characters of a rule's text, and of its owner.
const TEXT_MAX: usize = 500;

/// Keys of a rule.
const KEYS: &[&str] = &[
    "id",
    "when",
    "then",
    "hazard",
    "owner",
    "until",
    "customer_text",
    "analyst_text",
];

impl Reader<'_> {
    pub(super) fn rules(&mut self, root: &Part<'_>) -> Vec<Rule> {
        let parts = self.sheet.tables(root, "rules");
        if let Some(first_beyond) = parts.get(RULES_MAX) {
            let message = format!("there are more than {RULES_MAX} rules");
            self.sheet.wrong(&first_beyond.span, "rules", message);
            return Vec::new();
        }
        let mut rules = Vec::with_capacity(parts.len());
        let mut places = Vec::with_capacity(parts.len());
        let mut codes = BTreeMap::new();
        for part in &parts {
            let id = self.rule_id(part, &mut codes);
            if let Some(rule) = self.rule(part, id) {
                rules.push(rule);
                places.push(part);
            }
        }
        self.without_effect(&rules, &places);
        rules
    }

    /// A rule's id, whose reason code no other rule has.
    fn rule_id(&mut self, part: &Part<'_>, codes: &mut BTreeMap<String, String>) -> Option<String> {
        let id = self.sheet.text(part, "id")?;
        if !is_plain(&id.value) {
            let right = "must be 1 to 64 of A-Z a-z 0-9 . _ -";
            self.sheet.wrong(&id.span, &id.path, right);
            return None;
        }
        let code = Code::Rule(id.value.clone());
        let before = codes.insert(code.text().into_owned(), part.path.clone());
        if let Some(before) = before {
            let message = format!("`{}` gives the same reason code as {before}", id.value);
            self.sheet.wrong(&id.span, &id.path, message);
            return None;
        }
        Some(id.value)
    }

    fn rule(&mut self, part: &Part<'_>, id: Option<String>) -> Option<Rule> {
        self.sheet.known(part, KEYS);
        let when = self.conditions(part);
        let then = self.then(part);
        let hazard = self.hazard(part);
        let until = self.sheet.date_if(part, "until").map(|date| Until {
            date: date.value,
            end: Zone::UTC.end_of(date.value),
            place: self.sheet.problem(&date.span, &date.path, ""),
        });
        let mut text = |name: &str| self.short_text(part, name);
        let [owner, analyst_text] = ["owner", "analyst_text"].map(&mut text);
        let customer_text = self.customer_text(part);
        Some(Rule {
            id: id?,
            when: when?,
            then: then?,
            hazard,
            owner,
            until,
            customer_text,
            analyst_text,
        })
    }

    /// A text of not too many characters, if it is there.
    fn short_text(&mut self, part: &Part<'_>, name: &str) -> Option<String> {
        let text = self.sheet.text_if(part, name)?;
        if text.value.chars().count() > TEXT_MAX {
            let message = format!("has more than {TEXT_MAX} characters");
            self.sheet.wrong(&text.span, &text.path, message);
        }
        Some(text.value)
    }

    /// What customers read: one text for all, or a table of languages, of which English is needed.
    fn customer_text(&mut self, part: &Part<'_>) -> Option<CustomerText> {
        const NAME: &str = "customer_text";
        if !part.is_table(NAME) {
            return self.short_text(part, NAME).map(CustomerText::for_all);
        }
        let table = self.sheet.table(part, NAME)?;
        self.sheet.known(&table, &Language::ALL.map(Language::tag));
        let english = self.sheet.text(&table, Language::En.tag());
        let texts = Language::ALL
            .into_iter()
            .filter_map(|it| Some((it, self.short_text(&table, it.tag())?)));
        let texts = texts.collect();
        english.map(|_| CustomerText::by_language(texts))
    }

    fn then(&mut self, part: &Part<'_>) -> Option<Then> {
        let text = self.sheet.text(part, "then")?;
        match then(&text.value) {
            Ok(then) => {
                if then == Then::AtLeast(Action::None) {
                    let message = "asks nothing: every action is at least `none`";
                    let note = self.sheet.problem(&text.span, &text.path, message);
                    self.notes.push(note);
                }
                Some(then)
            }
            Err(message) => {
                self.sheet.wrong(&text.span, &text.path, message);
                None
            }
        }
    }

    fn hazard(&mut self, part: &Part<'_>) -> Option<Hazard> {
        let key = self.sheet.text_if(part, "hazard")?;
        let found = Hazard::ALL.iter().find(|it| it.key() == key.value).copied();
        if found.is_none() {
            let meant = nearest(&key.value, Hazard::ALL.iter().map(|it| it.key()))
                .map_or_else(String::new, |it| format!("; `{it}` was meant, perhaps"));
            let message = format!("no hazard is called `{}`{meant}", key.value);
            self.sheet.wrong(&key.span, &key.path, message);
        }
        found
    }

    fn conditions(&mut self, part: &Part<'_>) -> Option<Vec<Condition>> {
        let sources = self.sheet.texts(part, "when")?;
        if sources.is_empty() || sources.len() > CONDITIONS_MAX {
            let message = format!(
                "must hold 1 to {CONDITIONS_MAX} conditions; \"true\" is one that always holds"
            );
            self.sheet.wrong(&part.span, &part.path_of("when"), message);
            return None;
        }
        let mut conditions = Vec::with_capacity(sources.len());
        for source in &sources {
            match Condition::load(&source.value) {
                Ok(condition) => conditions.push(condition),
                Err(faults) => {
                    for fault in faults {
                        let at = self.within(source, fault.offset);
                        self.sheet.wrong(&(at..at), &source.path, fault.message);
                    }
                }
            }
        }
        if conditions.len() != sources.len() {
            return None;
        }
        for (condition, source) in conditions.iter().zip(&sources) {
            for stray in &condition.strays {
                let at = self.within(source, stray.offset);
                let mistake = self
                    .sheet
                    .problem(&(at..at), &source.path, stray.message.clone());
                self.mistakes.push(mistake);
            }
        }
        if let Some(never) = never(&conditions)
            && let Some(source) = sources.get(never.condition)
        {
            let mistake = self
                .sheet
                .problem(&source.span, &source.path, never.message);
            self.mistakes.push(mistake);
        }
        Some(conditions)
    }

    /// The place in the file of a place in a text; where it is written with escapes, the text's own.
    fn within(&self, text: &Spot<String>, offset: usize) -> usize {
        let written = self.sheet.written(&text.span);
        let quotes = if written.starts_with("\"\"\"") || written.starts_with("'''") {
            3
        } else {
            1
        };
        let inner = written.get(quotes..).unwrap_or("");
        let line = usize::from(quotes == 3 && inner.starts_with('\n'));
        if inner
            .get(line..)
            .is_some_and(|it| it.starts_with(&text.value))
        {
            text.span.start + quotes + line + offset
        } else {
            text.span.start
        }
    }
}
