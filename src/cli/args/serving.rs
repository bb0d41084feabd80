//! What serves: the server, the demonstration, its settings and its keys.

use super::{Format, Listen, Place, Rules};

/// Serves.
#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) listen: Listen,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

/// Shows a service at work.
#[derive(Debug, clap::Args)]
pub(crate) struct Demo {
    /// Ends after the tour instead of staying up
    #[arg(long)]
    pub(crate) once: bool,
}

/// Keys that chance is drawn with.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Keys {
    /// Adds an epoch: new slots draw with its key, open ones keep theirs
    New {
        #[command(flatten)]
        place: Place,
    },
    /// Lists the epochs and since when they are
    List {
        #[command(flatten)]
        place: Place,
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

/// What is set, and where.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Config {
    /// Prints every setting, its value, and whether a flag, the environment, the file or nobody set it
    Show {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        rules: Rules,
        #[command(flatten)]
        listen: Listen,
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}
