//! What tuning is asked for.

use std::path::PathBuf;

use super::{Format, Place, Rules};

/// Finds the prices and thresholds that meet a goal at the least cost, on the orders that were recorded.
///
/// Every order is weighed by the policy as it stands; then the price of a customer's bother, of a review, a number in a
/// rule, and at last a floor under what is at stake are turned until the goals are met. The result is written as a policy, judged again in
/// full. Nothing is proposed that the record cannot speak for: orders whose new answer could not have been drawn.
#[derive(Debug, clap::Args)]
pub(crate) struct Tune {
    /// At most this share of orders is asked for something by the policy's own answers, as 8% or 0.08; how many
    /// random checks make of it is told beside it
    #[arg(long, value_name = "SHARE")]
    pub(crate) bothered_max: Option<String>,
    /// At most this is expected to be lost of 1,000 orders, in the base currency
    #[arg(long, value_name = "AMOUNT")]
    pub(crate) loss_max: Option<f64>,
    /// At most so many orders a day wait for a person
    #[arg(long, value_name = "N")]
    pub(crate) reviews_max: Option<f64>,
    /// Of the orders whose answer changes, at most this share may be unknown to the record
    #[arg(long, value_name = "SHARE", default_value = "10%")]
    pub(crate) unsupported_max: String,
    /// What may be turned: bother, review, floor, or rule:ID for the numbers in a rule's conditions; again for more
    /// [default: all of them]
    #[arg(long = "knob", value_name = "KNOB")]
    pub(crate) knobs: Vec<String>,
    /// How long after the handover claims still come in
    #[arg(long, value_name = "DURATION", default_value = "60d")]
    pub(crate) claim_window: String,
    /// Orders decided at this time or later: a date or a time in RFC 3339
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Orders decided before this time
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
    /// Writes the policy that meets the goals to this file, ready to be proposed
    #[arg(long, value_name = "FILE")]
    pub(crate) into: Option<PathBuf>,
    /// What the written policy is called [default: the policy's id with -tuned]
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,
    /// Draws the curve of loss against bother to this file, as SVG
    #[arg(long, value_name = "FILE")]
    pub(crate) curve: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) rules: Rules,
    #[command(flatten)]
    pub(crate) place: Place,
}
