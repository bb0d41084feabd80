//! The binary: arguments to [`doorstep::cli`], its answer to an exit code. Nothing else lives here.

use std::process::ExitCode;

/// Many small, short-lived allocations a decision: mimalloc keeps the slowest of them short.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    doorstep::cli::main()
}
