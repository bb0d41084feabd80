//! What numbers can say: how well a score ranks, how far a probability is off, whether two periods differ, and how sure
//! one may be.
//!
//! Pure, and without a word of orders: what the numbers mean is known one floor up. Special functions come from a
//! library; `exp` and `ln` from `libm`, so that the same numbers give the same answer on every machine.

pub mod always_valid;
pub mod calibration;
pub mod drift;
pub mod interval;
pub mod logistic;
pub mod mean;
pub mod off_policy;
pub mod threshold;
