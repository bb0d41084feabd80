//! The fraud team's commands: which file does which.

mod check;
mod coverage;
mod desk;
mod diff;
mod history;
mod life;
mod named;
mod round;
mod shadows;
mod show;
mod test;
mod threshold;

use super::args::Policy as Command;
use super::exit::Failure;
use super::output::Output;
use super::quietly;
pub(crate) use threshold::Threshold;

/// Runs the command.
pub(crate) fn run(command: &Command, out: &mut Output) -> Result<(), Failure> {
    match command {
        Command::Check(args) => check::run(args, out),
        Command::Test(args) => test::run(args, out),
        Command::Coverage(args) => coverage::run(args, out),
        Command::Diff(args) => diff::run(args, out),
        Command::Show(args) => show::run(args, out),
        Command::Propose(args) => quietly(life::propose(args, out)),
        Command::Approve(args) => quietly(life::approve(args, out)),
        Command::Activate(args) => quietly(life::activate(args, out)),
        Command::Rollback(args) => quietly(life::rollback(args, out)),
        Command::History(args) => quietly(history::run(args, out)),
        Command::Shadows(command) => quietly(shadows::run(command, out)),
    }
}
