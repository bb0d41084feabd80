//! The settings: one TOML file, then the environment, then flags; checked whole, and shown with
//! where each comes from. The only reader of the environment.

mod file;
mod setting;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::args;
use super::exit::{self, Failure};
use super::output::Output;
use super::show;
pub(crate) use setting::{Setting, duration};

/// Where a value comes from; a later one wins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Nobody set it.
    Default,
    /// The settings file, at this line.
    File(u32),
    /// The environment.
    Environment,
    /// The command line.
    Flag,
}

/// Values given on the command line.
pub(crate) type Flags = BTreeMap<Setting, String>;

/// What is set: a checked value for every setting.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    values: BTreeMap<Setting, (String, Origin)>,
    file: Option<PathBuf>,
}

impl Settings {
    /// Reads settings file and environment, and puts the flags over them.
    ///
    /// # Errors
    /// [`Failure::BadFile`] with every problem of the file, [`Failure::Usage`] with the flags and
    /// variables that will not do.
    pub(crate) fn read(config: Option<&Path>, flags: Flags) -> Result<Self, Failure> {
        Self::read_from(config, flags, environment)
    }

    fn read_from(
        config: Option<&Path>,
        flags: Flags,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Failure> {
        let named = config.map(Path::to_owned);
        let path = named.or_else(|| environment("DOORSTEP_CONFIG").map(PathBuf::from));
        let mut settings = Self {
            values: Setting::ALL
                .iter()
                .map(|it| (*it, (it.default().to_owned(), Origin::Default)))
                .collect(),
            file: path.clone(),
        };
        if let Some(path) = path {
            let name = path.display();
            let text = std::fs::read_to_string(&path).map_err(|error| {
                Failure::bad_file(&name, format_args!("cannot be read: {error}"))
            })?;
            let given = file::read(&text).map_err(|all| Failure::problems(&name, &all))?;
            for (setting, given) in given {
                settings.put(setting, given.value, Origin::File(given.line));
            }
        }
        let mut wrong = Vec::new();
        for setting in Setting::ALL.iter().copied() {
            if let Some(value) = environment(&setting.variable()) {
                if let Err(what) = setting.check(&value) {
                    wrong.push(format!("{}: {what}", setting.variable()));
                }
                settings.put(setting, value, Origin::Environment);
            }
        }
        for (setting, value) in flags {
            if let Err(what) = setting.check(&value) {
                wrong.push(format!("--{}: {what}", setting.key()));
            }
            settings.put(setting, value, Origin::Flag);
        }
        if wrong.is_empty() {
            Ok(settings)
        } else {
            Err(Failure::Usage(wrong.join("\n")))
        }
    }

    fn put(&mut self, setting: Setting, value: String, origin: Origin) {
        self.values.insert(setting, (value, origin));
    }

    /// The value as text.
    pub(crate) fn text(&self, setting: Setting) -> &str {
        self.values
            .get(&setting)
            .map_or_else(|| setting.default(), |(value, _)| value)
    }

    /// A file or directory; none where the value is empty.
    pub(crate) fn path(&self, setting: Setting) -> Option<PathBuf> {
        Some(self.text(setting))
            .filter(|it| !it.is_empty())
            .map(PathBuf::from)
    }

    /// The data directory.
    pub(crate) fn data(&self) -> PathBuf {
        PathBuf::from(self.text(Setting::Data))
    }

    /// An address to listen on; checked when it was read.
    pub(crate) fn address(&self, setting: Setting) -> SocketAddr {
        let local = SocketAddr::from(([127, 0, 0, 1], 0));
        self.text(setting).parse().unwrap_or(local)
    }

    /// A length of time; checked when it was read.
    pub(crate) fn duration(&self, setting: Setting) -> Duration {
        duration(self.text(setting)).unwrap_or_default()
    }

    /// A number; checked when it was read.
    pub(crate) fn count(&self, setting: Setting) -> usize {
        self.text(setting).parse().unwrap_or_default()
    }

    /// Where a value comes from, in words.
    fn origin(&self, setting: Setting) -> String {
        match self.values.get(&setting).map(|(_, origin)| origin) {
            None | Some(Origin::Default) => "default".to_owned(),
            Some(Origin::File(line)) => {
                let file = self.file.as_deref().unwrap_or_else(|| Path::new(""));
                format!("{}:{line}", file.display())
            }
            Some(Origin::Environment) => setting.variable(),
            Some(Origin::Flag) => format!("--{}", setting.key()),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the environment"
)]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|it| !it.is_empty())
}

/// What `tracing` shows where no settings are read: `DOORSTEP_LOG`, else `default`.
pub(crate) fn log_filter(default: &str) -> String {
    environment("DOORSTEP_LOG").unwrap_or_else(|| default.to_owned())
}

/// Makes a new directory for as long as a command runs, that only its owner can enter.
pub(crate) fn new_temporary_folder(name: &str) -> Result<PathBuf, Failure> {
    let mut unlike = [0_u8; 8];
    super::clock::entropy(&mut unlike);
    let unlike: String = unlike.iter().map(|byte| format!("{byte:02x}")).collect();
    let folder = std::env::temp_dir().join(format!("{name}-{unlike}"));
    super::keys::make_folder(&folder)?;
    Ok(folder)
}

/// The flags that were given, by setting.
pub(crate) fn flags(
    place: &args::Place,
    rules: Option<&args::Rules>,
    listen: Option<&args::Listen>,
) -> Flags {
    let mut flags = Flags::new();
    let mut put = |setting, value: &Option<String>| {
        if let Some(value) = value {
            flags.insert(setting, value.clone());
        }
    };
    put(Setting::Data, &place.data);
    if let Some(rules) = rules {
        put(Setting::Policy, &rules.policy);
        put(Setting::Catalogue, &rules.catalogue);
        put(Setting::Models, &rules.models);
        put(Setting::Model, &rules.model);
    }
    if let Some(listen) = listen {
        put(Setting::Listen, &listen.listen);
        put(Setting::Metrics, &listen.metrics);
        put(Setting::Clock, &listen.clock);
    }
    flags
}

/// `config show`.
pub(crate) fn run(command: &args::Config, out: &mut Output) -> Result<(), Failure> {
    let args::Config::Show {
        place,
        rules,
        listen,
        format,
    } = command;
    let flags = flags(place, Some(rules), Some(listen));
    let settings = Settings::read(place.config.as_deref(), flags)?;
    let rows = Setting::ALL.iter().map(|setting| {
        [
            setting.key().to_owned(),
            settings.text(*setting).to_owned(),
            settings.origin(*setting),
            setting.meaning().to_owned(),
        ]
    });
    match format {
        args::Format::Table => show::table(out, ["setting", "value", "from", "meaning"], rows),
        args::Format::Json => rows.into_iter().try_for_each(|[setting, value, from, _]| {
            out.line(serde_json::json!({"setting": setting, "value": value, "from": from}))
        }),
    }?;
    if settings.file.is_none() {
        exit::say("no settings file: name one with --config or DOORSTEP_CONFIG");
    }
    out.flush()
}
