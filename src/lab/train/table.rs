//! A plain table, rows in order of time: what the learner sees. It knows no order and no hazard.

/// The code of a level that is missing.
pub const MISSING: u32 = u32::MAX;

/// Columns of one length.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// In a fixed order, which scorecards keep.
    pub columns: Vec<Column>,
}

/// One column.
#[derive(Clone, Debug)]
pub struct Column {
    /// As people know it.
    pub name: String,
    /// One a row.
    pub values: Values,
}

/// The values of a column.
#[derive(Clone, Debug)]
pub enum Values {
    /// Numbers; NaN: missing.
    Numbers(Vec<f64>),
    /// A level each: its place in `names`, or [`MISSING`].
    Levels {
        /// By row.
        codes: Vec<u32>,
        /// By code.
        names: Vec<String>,
    },
}

impl Table {
    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |it| it.values.len())
    }
}

impl Values {
    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::Levels { codes, .. } => codes.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
