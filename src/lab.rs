//! What many records teach: a world with a known truth, a learner, and how good a model or a policy is.
//!
//! Nothing here serves an order. `simulate` knows the truth and shares no code with what measures, weighs and prices,
//! which it would only flatter; `train` turns recorded situations and their outcomes into scorecards; the rest judges.

pub mod dataset;
pub mod judged;
pub mod labels;
pub mod simulate;
