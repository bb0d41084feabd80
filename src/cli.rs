//! Faces for people: the commands, one file each, and the only reader of clock, environment and
//! settings. No rule of the business lives here.
//!
//! Commands speak the public contract, to a server named with `--server` or to one started in this
//! process on the data directory: what they show is what any client would see.

mod args;
mod backtest;
mod calibrate;
mod cases;
mod client;
mod clock;
mod config;
mod decide;
mod demo;
mod evaluate;
mod events;
mod exit;
mod files;
mod gauges;
mod history;
mod import;
mod input;
mod json;
mod keys;
mod lessons;
mod output;
mod player;
mod policies;
mod policy;
mod progress;
mod reload;
mod replay;
mod running;
mod serve;
mod show;
mod simulate;
mod store;
mod telemetry;
mod train;
mod tune;
mod watch;
mod worlds;

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
        Command::Serve(command) => wait(serve::run(&command, out)),
        Command::Demo(command) => quietly(demo::run(&command, out)),
        Command::Decide(command) => quietly(decide::run(&command, out)),
        Command::Events(command) => quietly(events::run(&command, out)),
        Command::Import(command) => quietly(import::run(&command, out)),
        Command::Simulate(command) => simulate::run(&command, out),
        Command::Judge(command) => worlds::run(&command, out),
        Command::Replay(command) => quietly(replay::run(&command, out)),
        Command::Policy(command) => policy::run(&command, out),
        Command::Backtest(command) => backtest::run(&command, out),
        Command::Store(command) => quietly(store::run(&command, out)),
        Command::Evaluate(command) => evaluate::run(&command, out),
        Command::Calibrate(command) => calibrate::run(&command, out),
        Command::Train(command) => train::run(&command, out),
        Command::Tune(command) => tune::run(&command, out),
        Command::Keys(command) => keys::run(&command, out),
        Command::Config(command) => config::run(&command, out),
    }
}

/// Runs a command whose log is of no interest while all is well.
fn quietly(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    telemetry::start(&config::log_filter("error"));
    wait(command)
}

/// Runs a command that waits.
fn wait(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Runtime::new();
    let runtime = runtime.map_err(|error| Failure::Bug(format!("no runtime: {error}")))?;
    runtime.block_on(command)
}
