//! The languages that customers are written in.

/// A language with texts of its own (`texts/TAG.ftl`); English has every text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// English: for whoever speaks none of the others, too.
    En,
    /// German.
    De,
    /// Italian.
    It,
}

impl Language {
    /// Every one, English first.
    pub const ALL: [Self; 3] = [Self::En, Self::De, Self::It];

    /// Its tag (BCP 47), as in `de`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::It => "it",
        }
    }

    /// The language of a locale by its first part alone, in any case: `it-CH` is Italian; none, what is unknown and what
    /// is no tag at all are English.
    #[must_use]
    pub fn of(locale: Option<&str>) -> Self {
        let language = locale.and_then(|tag| tag.split(['-', '_']).next());
        let known = |tag: &str| {
            Self::ALL
                .into_iter()
                .find(|it| it.tag().eq_ignore_ascii_case(tag))
        };
        language.and_then(known).unwrap_or(Self::En)
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn the_first_part_of_a_locale_decides() {
        for (locale, expected) in [
            (Some("it-CH"), Language::It),
            (Some("DE_at"), Language::De),
            (Some("de"), Language::De),
            (Some("fr"), Language::En),
            (Some("german"), Language::En),
            (Some(""), Language::En),
            (None, Language::En),
        ] {
            assert_eq!(Language::of(locale), expected, "{locale:?}");
        }
    }
}
