//! Progress for people: a bar on standard error where that is a terminal, nothing anywhere else.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar; `length`: of how many, where that is known. `template`: indicatif's.
pub(crate) fn bar(length: Option<u64>, template: &str) -> ProgressBar {
    let target = if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let style = ProgressStyle::with_template(template);
    let bar = ProgressBar::with_draw_target(length, target);
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
