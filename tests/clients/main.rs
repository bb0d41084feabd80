//! The outside clients' tests as one of cargo's test targets: hands over to Python
//! (`tests/clients/run.py`) and to its output. No test of ours lives here.
//!
//! `./check` makes the virtual environment and names its Python in `DOORSTEP_PYTHON`; without it
//! the target says aloud that it tested nothing.

use std::process::{Command, ExitCode};

#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test target of its own: ./check tells it the Python, and its output is its result"
)]
fn main() -> ExitCode {
    let Ok(python) = std::env::var("DOORSTEP_PYTHON") else {
        println!("SKIPPED: the outside clients' tests need Python with grpcio: run ./check");
        println!("test result: ok. 0 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out");
        return ExitCode::SUCCESS;
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/run.py");
    let status = Command::new(&python)
        .arg(script)
        .args(std::env::args().skip(1))
        .env("DOORSTEP_BIN", env!("CARGO_BIN_EXE_doorstep"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .status();
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            println!("test result: FAILED. 0 passed; 1 failed: {python} did not start: {error}");
            ExitCode::FAILURE
        }
    }
}
