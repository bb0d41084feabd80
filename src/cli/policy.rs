//! The fraud team's commands: which file does which.

mod check;
mod coverage;
mod round;
mod test;
mod threshold;

use super::args::Policy as Command;
use super::exit::Failure;
use super::output::Output;
pub(crate) use threshold::Threshold;

/// Runs the command.
pub(crate) fn run(command: &Command, out: &mut Output) -> Result<(), Failure> {
    match command {
        Command::Check(args) => check::run(args, out),
        Command::Test(args) => test::run(args, out),
        Command::Coverage(args) => coverage::run(args, out),
    }
}
