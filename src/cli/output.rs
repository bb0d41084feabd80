//! The one way to standard output: data only, and quiet when whoever reads it has gone.

use std::fmt::Display;
use std::io::{ErrorKind, IsTerminal as _, Write};

use super::exit::Failure;

/// Where data goes.
pub(crate) struct Output {
    to: Box<dyn Write + Send>,
    /// A person reads it: tables may have colours and lines.
    terminal: bool,
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Output")
            .field("terminal", &self.terminal)
            .finish_non_exhaustive()
    }
}

impl Output {
    /// Standard output.
    pub(crate) fn stdout() -> Self {
        let stdout = std::io::stdout();
        let terminal = stdout.is_terminal();
        Self {
            to: Box::new(std::io::BufWriter::new(stdout)),
            terminal,
        }
    }

    /// Anything else that bytes can be written to; never a terminal.
    #[cfg(test)]
    pub(crate) fn to(writer: impl Write + Send + 'static) -> Self {
        Self {
            to: Box::new(writer),
            terminal: false,
        }
    }

    /// Whether a person reads it.
    pub(crate) const fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Writes a line.
    ///
    /// # Errors
    /// [`Failure::Closed`] where the reader has gone, which ends the command quietly.
    pub(crate) fn line(&mut self, line: impl Display) -> Result<(), Failure> {
        writeln!(self.to, "{line}").map_err(failed)
    }

    /// Hands over what was written so far, so that a waiting reader sees it.
    ///
    /// # Errors
    /// As [`Output::line`].
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        self.to.flush().map_err(failed)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "map_err hands over a value")]
fn failed(error: std::io::Error) -> Failure {
    if error.kind() == ErrorKind::BrokenPipe {
        Failure::Closed
    } else {
        Failure::Unreachable(format!("cannot write to standard output: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, Output};
    use std::io::{Error, ErrorKind, Write};

    struct Broken(ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(Error::from(self.0))
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Err(Error::from(self.0))
        }
    }

    #[test]
    fn a_reader_that_has_gone_ends_the_command_quietly_and_a_full_disk_does_not() {
        let gone = Output::to(Broken(ErrorKind::BrokenPipe)).line("x");
        assert!(matches!(gone, Err(Failure::Closed)), "{gone:?}");
        let full = Output::to(Broken(ErrorKind::StorageFull)).flush();
        assert!(matches!(full, Err(Failure::Unreachable(_))), "{full:?}");
    }
}
