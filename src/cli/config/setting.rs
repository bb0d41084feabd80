//! Every setting: its key, its default, what its value must look like, and what it means.

use std::time::Duration;

/// What a value must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `HOST:PORT`, the host an IP address.
    Address,
    /// A file or directory; empty: none.
    Path,
    /// A name of `[A-Za-z0-9._-]`.
    Name,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A filter of `tracing`, as in `info` or `doorstep=debug`.
    Filter,
    /// A length of time, as in `250ms`, `10s`, `5m`, `2h`, within these bounds.
    Duration(Duration, Duration),
    /// A whole number within these bounds.
    Count(u64, u64),
}

macro_rules! settings {
    ($($variant:ident $key:literal $kind:expr, $default:literal $meaning:literal),+ $(,)?) => {
        /// Something that an operator may set.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Setting { $(#[doc = $meaning] $variant),+ }

        impl Setting {
            /// Every setting, in the order in which they are shown.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its key in the settings file; a dot stands between table and key.
            pub(crate) const fn key(self) -> &'static str { match self { $(Self::$variant => $key),+ } }

            /// What its value must look like.
            pub(crate) const fn kind(self) -> Kind { match self { $(Self::$variant => $kind),+ } }

            /// Its value where nobody sets it.
            pub(crate) const fn default(self) -> &'static str { match self { $(Self::$variant => $default),+ } }

            /// One sentence for people.
            pub(crate) const fn meaning(self) -> &'static str { match self { $(Self::$variant => $meaning),+ } }
        }
    };
}

const MS: Duration = Duration::from_millis(1);
/// The shortest time between two looks at a file.
const RELOAD_MIN: Duration = Duration::from_millis(20);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);
const YEAR: Duration = Duration::from_secs(366 * 86_400);

settings! {
    Listen "listen" Kind::Address, "127.0.0.1:50051" "Where gRPC and JSON over HTTP listen.",
    Metrics "metrics" Kind::Address, "127.0.0.1:9464" "Where Prometheus reads the metrics.",
    Data "data" Kind::Path, "doorstep-data" "The data directory: database and draw keys.",
    Policy "policy" Kind::Path, "" "The policy file; empty: built in.",
    Catalogue "catalogue" Kind::Path, "" "The catalogue file; empty: built in.",
    Models "models" Kind::Path, "" "The directory of scorecards; empty: built in.",
    Model "model" Kind::Name, "prior" "The scorecard that decides: NAME.json in the directory of scorecards.",
    Clock "clock" Kind::Choice(&["wall", "driven"]), "wall" "Whose time counts: the machine's, or that of orders and events.",
    DrawKeyFile "draw_key_file" Kind::Path, "" "A draw key kept elsewhere: the newest epoch, before those in the data directory.",
    Log "log" Kind::Filter, "info" "What goes to the log on standard error.",
    CallMax "server.call" Kind::Duration(MS, HOUR), "2s" "The longest that a call may take; a caller's shorter deadline counts.",
    BatchMax "server.batch" Kind::Duration(MS, HOUR), "10s" "The longest that a batch of orders or events may take.",
    InFlightMax "server.in_flight" Kind::Count(1, 100_000), "1024" "Calls answered at once; more are told to come back.",
    ConnectionsMax "server.connections" Kind::Count(1, 1_000_000), "4096" "Connections open at once; more are closed.",
    DrainPause "server.drain_pause" Kind::Duration(MS, HOUR), "1500ms" "How long new calls are still answered after SIGTERM, so that balancers turn away.",
    DrainMax "server.drain" Kind::Duration(MS, HOUR), "10s" "The longest from SIGTERM to the end.",
    Reload "server.reload" Kind::Duration(RELOAD_MIN, HOUR), "1s" "How often named files are looked at for a change.",
    WatchEvery "watch.every" Kind::Duration(RELOAD_MIN, DAY), "15m" "How often the model in force is looked at: calibration and drift.",
    WatchClaimWindow "watch.claim_window" Kind::Duration(DAY, YEAR), "60d" "How long after the handover claims still come in: outcomes younger than that are not known.",
    StoreQueue "store.queue" Kind::Count(1, 1_000_000), "1024" "Pieces of work that may wait for the store before callers are told to come back.",
    StoreBatch "store.batch" Kind::Count(1, 1_024), "64" "Pieces of work in one commit.",
    StoreReaders "store.readers" Kind::Count(1, 256), "2" "Threads that read beside the writer.",
    StoreCacheMib "store.cache_mib" Kind::Count(1, 65_536), "128" "MiB of pages that the writer keeps in memory.",
}

impl Setting {
    /// The environment variable that sets it: `DOORSTEP_` and the key in capitals, dots as `_`.
    pub(crate) fn variable(self) -> String {
        let plain = |c: char| {
            if c == '.' {
                '_'
            } else {
                c.to_ascii_uppercase()
            }
        };
        format!(
            "DOORSTEP_{}",
            self.key().chars().map(plain).collect::<String>()
        )
    }

    /// The setting of this key, if there is one.
    pub(crate) fn from_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.key() == key)
    }

    /// Whether `value` will do.
    ///
    /// # Errors
    /// What would be right.
    pub(crate) fn check(self, value: &str) -> Result<(), String> {
        let fits = match self.kind() {
            Kind::Address => value.parse::<std::net::SocketAddr>().is_ok(),
            Kind::Path => !value.contains('\0'),
            Kind::Name => {
                let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
                !value.is_empty() && !value.starts_with('.') && value.chars().all(plain)
            }
            Kind::Choice(words) => words.contains(&value),
            Kind::Filter => tracing_subscriber::EnvFilter::try_new(value).is_ok(),
            Kind::Duration(least, most) => {
                duration(value).is_some_and(|it| (least..=most).contains(&it))
            }
            Kind::Count(least, most) => value
                .parse::<u64>()
                .is_ok_and(|it| (least..=most).contains(&it)),
        };
        if fits {
            Ok(())
        } else {
            Err(format!("`{value}` is not {}", self.kind().wanted()))
        }
    }
}

impl Kind {
    /// What would be right, in words.
    fn wanted(self) -> String {
        match self {
            Self::Address => "an IP address and a port, as in 127.0.0.1:50051".to_owned(),
            Self::Path => "a path".to_owned(),
            Self::Name => "a name of letters, digits, `.`, `_` and `-`".to_owned(),
            Self::Choice(words) => format!("one of {}", words.join(", ")),
            Self::Filter => "a log filter, as in info or doorstep=debug".to_owned(),
            Self::Duration(least, most) => {
                format!("a duration of {least:?} to {most:?}, as in 250ms, 10s, 5m or 2h")
            }
            Self::Count(least, most) => format!("a whole number of {least} to {most}"),
        }
    }
}

/// Reads `250ms`, `10s`, `5m`, `2h` or `60d`: a whole number and a unit.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(digits)?;
    let number: u64 = number.parse().ok()?;
    let ms = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.checked_mul(ms).map(Duration::from_millis)
}
