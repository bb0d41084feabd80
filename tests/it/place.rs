//! The binary as tests run it: a directory of its own, no setting from outside, and servers that end with the test.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How long anything may take before a test gives up.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// A directory of its own for one test.
pub(crate) struct Place(tempfile::TempDir);

fn without_settings(program: &str) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("DOORSTEP_")) {
        command.env_remove(name);
    }
    command
}

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The command with its data here, and no setting from outside.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = without_settings(env!("CARGO_BIN_EXE_doorstep"));
        command
            .args(args)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("DOORSTEP_DATA", self.path("data"))
            .env("DOORSTEP_SERVER_RELOAD", "20ms")
            .env("DOORSTEP_SERVER_DRAIN_PAUSE", "1ms")
            .stdin(Stdio::null());
        command
    }

    /// Lines as a shell runs them where this directory's files are, with the binary on its path and no setting from
    /// outside.
    pub(crate) fn shell(&self, lines: &str) -> Command {
        let binary = std::path::Path::new(env!("CARGO_BIN_EXE_doorstep"));
        let folder = binary.parent().unwrap().display();
        let mut command = without_settings("sh");
        command
            .args([
                "-c",
                &format!("PATH=\"{folder}:$PATH\"; export PATH\n{lines}"),
            ])
            .current_dir(self.path(""))
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args).output().unwrap())
    }

    pub(crate) fn serve(&self, args: &[&str]) -> Serving {
        let mut all = vec![
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--metrics",
            "127.0.0.1:0",
        ];
        all.extend(args);
        Serving::start(self.command(&all))
    }
}

impl Serving {
    /// Starts what `command` serves, and reads where.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = |name: &str| {
            let mut line = String::new();
            out.read_line(&mut line).unwrap();
            let address = line.strip_prefix(name).map(|it| it.trim().to_owned());
            address.unwrap_or_else(|| {
                let mut told = String::new();
                child
                    .stderr
                    .take()
                    .unwrap()
                    .read_to_string(&mut told)
                    .unwrap();
                panic!("no line `{name}`, but {line:?}: {told}")
            })
        };
        let (grpc, metrics) = (line("grpc "), line("metrics "));
        Self {
            child,
            out,
            grpc,
            metrics,
        }
    }
}

/// What a command did.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// It ended with this code, and nothing panicked.
    pub(crate) fn ended(self, code: i32) -> Self {
        assert!(!self.err.contains("panicked"), "{}", self.err);
        assert_eq!(
            self.code,
            Some(code),
            "out: {}\nerr: {}",
            self.out,
            self.err
        );
        self
    }
}

/// A server that runs until the test ends.
pub(crate) struct Serving {
    pub(crate) child: Child,
    pub(crate) out: BufReader<ChildStdout>,
    pub(crate) grpc: String,
    pub(crate) metrics: String,
}

impl Serving {
    /// One page of the second listener.
    pub(crate) fn page(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.metrics).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
        )
        .unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).unwrap();
        page
    }

    /// Looks at the metrics until one line is there.
    pub(crate) fn wait_for(&self, line: &str) -> String {
        let start = Instant::now();
        loop {
            let page = self.page("/metrics");
            if page.lines().any(|it| it == line) {
                return page;
            }
            assert!(start.elapsed() < LIMIT, "no line `{line}` in {page}");
        }
    }

    /// Asks it to stop, and tells how it ended and what else it printed.
    pub(crate) fn stop(mut self) -> Ran {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
        let (mut out, mut err) = (String::new(), String::new());
        self.out.read_to_string(&mut out).unwrap();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut err)
            .unwrap();
        let code = self.child.wait().unwrap().code();
        Ran { code, out, err }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
