//! Servers as processes of their own: started, timed, measured from outside, killed at the end.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The thread that writes the store, as the system names it.
const WRITER: &str = "(store-write)";

/// A server that listens.
#[derive(Debug)]
pub(super) struct Child {
    process: std::process::Child,
    address: String,
}

/// CPU time so far, in hundredths of a second.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cpu {
    /// Of all threads, those that ended included.
    pub(super) all: u64,
    /// Of the thread that writes the store.
    pub(super) writer: u64,
}

impl Child {
    /// The program itself on `data`, and how long it took to say that it listens.
    pub(super) fn doorstep(data: &Path) -> (Self, Duration) {
        Self::built(Path::new(env!("CARGO_BIN_EXE_doorstep")), data)
    }

    /// The program as it was built at another time.
    pub(super) fn built(program: &Path, data: &Path) -> (Self, Duration) {
        let mut command = Command::new(program);
        command.args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--metrics",
            "127.0.0.1:0",
        ]);
        command.arg("--data").arg(data).env("DOORSTEP_LOG", "warn");
        Self::start(&mut command)
    }

    /// This program as the empty server, which answers every order with what is in this file.
    pub(super) fn empty(answer: &Path) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        Self::start(command.arg(super::empty::WORD).arg(answer)).0
    }

    fn start(command: &mut Command) -> (Self, Duration) {
        let begun = Instant::now();
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let said = process.stdout.take().unwrap();
        BufReader::new(said).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("grpc ").unwrap().to_owned();
        (Self { process, address }, begun.elapsed())
    }

    /// Where it listens.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Its CPU time so far.
    pub(super) fn cpu(&self) -> Cpu {
        let path = format!("/proc/{}", self.process.id());
        let (_, all) = stat(&format!("{path}/stat"));
        let threads = std::fs::read_dir(format!("{path}/task")).unwrap();
        let threads = threads.map(|it| stat(&format!("{}/stat", it.unwrap().path().display())));
        let writer = threads.filter(|(name, _)| name == WRITER);
        Cpu {
            all,
            writer: writer.map(|(_, ticks)| ticks).sum(),
        }
    }

    /// A line of its status, in MiB.
    pub(super) fn memory_mib(&self, line: &str) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let found = status.lines().find_map(|it| it.strip_prefix(line)).unwrap();
        let kib = found.trim().trim_end_matches(" kB").parse::<u64>().unwrap();
        kib >> 10
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// The CPU time of the thread that asks, in hundredths of a second.
pub(super) fn own_ticks() -> u64 {
    stat("/proc/thread-self/stat").1
}

/// A process's or thread's name in parentheses, and the ticks it ran; 0 for one that is gone.
fn stat(path: &str) -> (String, u64) {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let Some((head, rest)) = text.rsplit_once(')') else {
        return (String::new(), 0);
    };
    let name = head.split_once(' ').unwrap().1;
    let ticks = rest.split_ascii_whitespace().skip(11).take(2);
    (
        format!("{name})"),
        ticks.map(|it| it.parse::<u64>().unwrap()).sum(),
    )
}
