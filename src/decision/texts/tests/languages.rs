//! What holds of every text for customers in every language.

use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::FluentArgs;

use super::victim;
use crate::decision::fixtures::decided;
use crate::decision::language::Language;
use crate::decision::policy::{DEFAULT, Policy};
use crate::decision::reasons::{Code, Reason};
use crate::decision::texts::{Texts, file};
use crate::domain::action::Action;
use crate::domain::units::Date;

/// By language, parts of words of suspicion, of limits and chance, of other people, and of what customers are not told.
pub(crate) const FORBIDDEN: &[(&str, &[&str])] = &[
    (
        "en",
        &[
            "suspic",
            "fraud",
            "risk",
            "score",
            "threshold",
            "limit",
            "claim",
            "random",
            "check",
            "chance",
            "model",
            "rule",
            "steal",
            "stolen",
            "thief",
            "theft",
            "other customer",
            "neighbour",
            "linked",
            "probab",
            "policy",
            "intruder",
            "hacked",
            "abuse",
            "flag",
            "draw",
            "experiment",
            "accus",
            "proof",
            "per cent",
        ],
    ),
    (
        "de",
        &[
            "verdacht",
            "verdächt",
            "betrug",
            "betrüg",
            "risik",
            "punktzahl",
            "score",
            "schwelle",
            "grenz",
            "limit",
            "reklam",
            "anspruch",
            "zufall",
            "zufäll",
            "stichprobe",
            "kontroll",
            "prüf",
            "modell",
            "regel",
            "diebst",
            "gestohlen",
            "dieb",
            "andere kund",
            "anderen kund",
            "nachbar",
            "verknüpf",
            "wahrschein",
            "richtlinie",
            "eindring",
            "gehackt",
            "missbrauch",
            "auslos",
            "experiment",
            "beweis",
            "prozent",
        ],
    ),
    (
        "it",
        &[
            "sospett",
            "frod",
            "truff",
            "rischi",
            "punteggio",
            "soglia",
            "limit",
            "reclam",
            "casual",
            "campion",
            "controll",
            "modello",
            "regola",
            "rubat",
            "furto",
            "ladr",
            "altro client",
            "altri client",
            "vicini ",
            "vicino di casa",
            "collegat",
            "probab",
            "politica",
            "intrus",
            "abus",
            "segnala",
            "sorteg",
            "esperiment",
            "prova",
            "per cento",
        ],
    ),
];

/// Longest text that still reads at a glance, a reason and its way to act apart.
const LONGEST: usize = 160;

/// Each message's own text with the names of its variables, as written, of what customers read.
fn messages(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = None;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let begins = line.starts_with(|it: char| it == '-' || it.is_ascii_alphabetic());
        if let Some((id, _)) = line.split_once(" = ").filter(|_| begins) {
            current = Some(id.to_owned());
        }
        let Some(id) = &current else { continue };
        let names = all.entry(id.clone()).or_default();
        for part in line.split('$').skip(1) {
            let end = part.find(|it: char| !it.is_ascii_alphanumeric());
            names.insert(part[..end.unwrap_or(part.len())].to_owned());
        }
    }
    let analysts = ["analyst-", "obligation-"];
    let others = [
        "weight",
        "near-miss",
        "counterfactual",
        "counterfactual-missing",
    ];
    all.retain(|id, _| {
        !others.contains(&id.as_str()) && !analysts.iter().any(|it| id.starts_with(it))
    });
    all
}

#[test]
fn every_language_has_every_message_with_the_same_variables() {
    let english = messages(file(Language::En));
    assert!(english.len() >= 69, "{}", english.len());
    for language in Language::ALL {
        let (tag, own) = (language.tag(), messages(file(language)));
        for (id, variables) in &english {
            assert_eq!(own.get(id), Some(variables), "{tag}: {id}");
        }
        let more: Vec<_> = own.keys().filter(|it| !english.contains_key(*it)).collect();
        assert_eq!(
            more,
            Vec::<&String>::new(),
            "{tag}: English has none of these"
        );
    }
}

#[test]
fn every_text_is_short_in_its_own_language_and_names_nothing_that_is_not_the_customers() {
    let texts = Texts::load();
    let english = texts.page("en");
    assert_eq!(Texts::languages().count(), FORBIDDEN.len());
    for (tag, forbidden) in FORBIDDEN {
        let page = texts.page(tag);
        assert_eq!(page.lines().count(), english.lines().count(), "{tag}");
        for (line, other) in page.lines().zip(english.lines()) {
            let Some((name, text)) = line.split_once(": ") else {
                continue;
            };
            assert!(*tag == "en" || line != other, "{tag}: {name} is English");
            let lower = text.to_lowercase();
            for word in *forbidden {
                assert!(!lower.contains(word), "{tag}: `{word}` in {line}");
            }
            let dated = name.starts_with("OTHER_DAY (2");
            let digits = text.contains(|it: char| it.is_ascii_digit());
            assert_eq!(digits, dated, "{tag}: {line}");
            assert!(!text.contains(['{', '}', '$', '\n']), "{tag}: {line}");
            assert!(text.chars().count() <= LONGEST, "{tag}: {line}");
            assert!(text.ends_with('.') && !text.contains("  "), "{tag}: {line}");
        }
    }
}

#[test]
fn every_number_of_parcels_has_words_in_every_language() {
    let texts = Texts::load();
    for tag in Texts::languages() {
        for parcels in [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 11.0, 21.0, 50.0, 1.5] {
            let mut args = FluentArgs::new();
            args.set("parcels", parcels);
            let id = "customer-SEVERAL_PARCELS_AT_STOP";
            let text = texts.text(Some(tag), id, &args).unwrap();
            assert!(
                !text.is_empty() && !text.contains(['{', '$']),
                "{tag}: {text}"
            );
            assert!(
                !text.contains(|it: char| it.is_ascii_digit()),
                "{tag}: {text}"
            );
        }
    }
}

#[test]
fn dates_are_written_as_the_reader_writes_them() {
    let texts = Texts::load();
    let check = |tag: &str, date: &str, expected: &str| {
        let date = Date::parse(date).unwrap();
        let args: FluentArgs<'_> = super::super::page::day(Some(date)).into_iter().collect();
        let text = texts.text(Some(tag), "date", &args);
        assert_eq!(text.as_deref(), Some(expected), "{tag}");
    };
    check("en", "2026-06-12", "Friday 12 June");
    check("de", "2026-06-12", "Freitag, 12. Juni");
    check("it", "2026-06-12", "venerdì 12 giugno");
    check("it", "2026-03-01", "domenica 1º marzo");
    check("de", "2027-12-31", "Freitag, 31. Dezember");
    for month in 1..=12 {
        let date = Date::parse(&format!("2026-{month:02}-15")).unwrap();
        let args: FluentArgs<'_> = super::super::page::day(Some(date)).into_iter().collect();
        let written: BTreeSet<_> = Texts::languages()
            .map(|tag| texts.text(Some(tag), "date", &args).unwrap())
            .collect();
        assert_eq!(written.len(), 3, "{written:?}");
    }
}

#[test]
fn the_customers_locale_chooses_the_language_and_analysts_read_english() {
    let texts = Texts::load();
    let check = |locale: Option<&str>, expected: &str| {
        let mut situation = victim();
        let order = std::sync::Arc::make_mut(&mut situation.order);
        order.preferences.locale = locale.map(str::to_owned);
        let decision = decided(Action::Otp, vec![Reason::plain(Code::NoContact)]);
        let words = texts.of(&situation, &decision, None);
        let text = words.customer(0).unwrap();
        assert!(text.starts_with(expected), "{locale:?}: {text}");
        assert!(
            words
                .analyst(&decision.reasons[0])
                .starts_with("No verified")
        );
    };
    for locale in ["de", "de-AT", "de-CH-1996", "DE_at", "de-"] {
        check(Some(locale), "Wir haben keinen");
    }
    for locale in ["it", "it-CH", "IT", "it-Latn-IT"] {
        check(Some(locale), "Non abbiamo");
    }
    for locale in ["fr", "en-US", "", "x", "deu", "-it", "12"] {
        check(Some(locale), "We have no");
    }
    check(None, "We have no");
}

#[test]
fn a_rules_own_words_are_in_the_customers_language_too() {
    let texts = Texts::load();
    let rule = "[[rules]]\nid = \"dear\"\nwhen = [\"true\"]\nthen = \"at_least:otp\"\n\
                customer_text = { en = \"At the door.\", it = \"Alla porta.\" }\n";
    let policy = Policy::load(&format!("{DEFAULT}\n{rule}")).unwrap();
    for (locale, expected) in [
        (Some("it-CH"), "Alla porta."),
        (Some("de"), "At the door."),
        (None, "At the door."),
    ] {
        let mut situation = victim();
        let order = std::sync::Arc::make_mut(&mut situation.order);
        order.preferences.locale = locale.map(str::to_owned);
        let decision = decided(
            Action::Otp,
            vec![Reason::plain(Code::Rule("dear".to_owned()))],
        );
        let words = texts.of(&situation, &decision, Some(&policy));
        let text = words.customer(0).unwrap();
        assert!(text.starts_with(expected), "{locale:?}: {text}");
    }
}
