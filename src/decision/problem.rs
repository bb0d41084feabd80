//! What is wrong with something that people wrote, and where.

/// One fault of a policy, catalogue, model or settings file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// From 1; 0 where the fault has no line.
    pub line: u32,
    /// From 1, in characters; 0 where the fault has no column.
    pub column: u32,
    /// The key, as in `rules[2].when[0]`.
    pub path: String,
    /// What is wrong and what would be right.
    pub message: String,
}

/// `line:column: path: message`; the file's name is the caller's to put before it.
impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.line > 0 {
            write!(f, "{}:{}: ", self.line, self.column)?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

impl Problem {
    /// One that has a path but no line.
    #[must_use]
    pub fn at_path(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            line: 0,
            column: 0,
            path: path.into(),
            message: message.into(),
        }
    }
}

/// Of the `known` names the one that was most likely meant by `word`, if one is near: up to a third of its letters
/// differ.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 64;
    let letters: Vec<char> = word.chars().take(LONGEST + 1).collect();
    if letters.len() > LONGEST {
        return None;
    }
    let scored = known
        .into_iter()
        .map(|name| (distance(&letters, name), name));
    let (far, name) = scored.min()?;
    (far <= letters.len().max(3) / 3).then_some(name)
}

/// Letters to add, remove or replace (Levenshtein).
fn distance(a: &[char], b: &str) -> usize {
    let mut row: Vec<usize> = (0..=a.len()).collect();
    for (line, letter) in b.chars().enumerate() {
        let mut corner = line;
        let mut left = line + 1;
        for (place, other) in a.iter().enumerate() {
            let above = row.get(place + 1).copied().unwrap_or(0);
            let same = corner + usize::from(*other != letter);
            if let Some(cell) = row.get_mut(place) {
                *cell = left;
            }
            left = same.min(above + 1).min(left + 1);
            corner = above;
        }
        if let Some(cell) = row.last_mut() {
            *cell = left;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_finds_the_name_that_was_meant_and_a_stranger_none() {
        let known = ["order_value", "orders_24h", "resale", "otp"];
        let check = |word: &str, expected: Option<&str>| {
            assert_eq!(nearest(word, known), expected, "{word}");
        };
        check("order_valeu", Some("order_value"));
        check("order_24h", Some("orders_24h"));
        check("resale", Some("resale"));
        check("opt", None);
        check("ottp", Some("otp"));
        check("fraudulent", None);
        check(&"x".repeat(10_000), None);
    }
}
