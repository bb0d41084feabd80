//! What many records teach: a world with a known truth, a learner, and how good a model or a policy is.
//!
//! Nothing here serves an order. `simulate` knows the truth and shares no code with what measures, weighs and prices,
//! which it would only flatter; `train` turns recorded situations and their outcomes into scorecards; the rest judges.

pub mod answers;
pub mod backtest;
pub mod blend;
pub mod calibrate;
pub mod card;
pub mod dataset;
pub mod directions;
pub mod drift;
pub mod evaluate;
pub mod judged;
pub mod labels;
pub mod report;
pub mod scorecards;
pub mod simulate;
pub mod train;
pub mod tune;
