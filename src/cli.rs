//! Faces for people: the commands, one file each, and the only reader of clock, environment and
//! settings. No rule of the business lives here.
//!
//! Commands speak the public contract, to a server named with `--server` or to one started in this
//! process on the data directory: what they show is what any client would see.

mod args;
mod config;
mod exit;
mod input;
mod json;
mod keys;
mod output;
mod show;
mod telemetry;

use std::process::ExitCode;

use args::{Args, Command};
use clap::Parser as _;
use exit::Failure;
use output::Output;

/// Reads the arguments, runs the command they name, and answers with its exit code.
#[must_use]
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return exit::of_usage(&error),
    };
    match run(args, &mut Output::stdout()) {
        Ok(()) => exit::DONE.into(),
        Err(failure) => failure.tell(),
    }
}

/// Runs one command.
fn run(args: Args, out: &mut Output) -> Result<(), Failure> {
    match args.command {
        Command::Keys(command) => keys::run(&command, out),
        Command::Config(command) => config::run(&command, out),
    }
}
