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
