//! The keys that chance is drawn with: one file an epoch in `DATA/keys`, readable by its owner
//! alone. Made here, listed here, and never printed.

#[cfg(test)]
mod tests;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::args::{self, Format};
use super::clock;
use super::config::{self, Setting, Settings};
use super::exit::Failure;
use super::output::Output;
use super::show;
use crate::domain::ids::KeyId;
use crate::domain::secret::Secret;
use crate::domain::units::Timestamp;
use crate::service::keyring::KeyRing;

/// The directory of keys, inside the data directory.
const FOLDER: &str = "keys";
/// Epochs are `k1`, `k2`, ...; the largest number is the newest.
const PREFIX: &str = "k";
/// What a key file's name ends with.
const EXTENSION: &str = "key";

/// One epoch's key.
#[derive(Clone, Debug)]
pub(crate) struct Epoch {
    /// Its id, as records name it.
    pub(crate) id: KeyId,
    /// The key.
    pub(crate) key: Secret<[u8; 32]>,
    /// When its file was last written.
    pub(crate) created_at: Timestamp,
}

/// The epochs that the settings name, oldest first: those of the data directory, and that of `draw_key_file` as the
/// newest where one is named. Empty where the data directory is new.
///
/// # Errors
/// [`Failure::BadFile`]: which file, and what is wrong with it.
pub(crate) fn read(settings: &Settings) -> Result<Vec<Epoch>, Failure> {
    let mut epochs = read_folder(&settings.data())?;
    if let Some(path) = settings.path(Setting::DrawKeyFile) {
        let stem = path.file_stem().map(|it| it.to_string_lossy().into_owned());
        let id = KeyId::try_new(&stem.unwrap_or_default()).map_err(|what| {
            let told = format_args!("the file's name before the dot names the epoch, and {what}");
            Failure::bad_file(path.display(), told)
        })?;
        epochs.push(read_one(&path, id)?);
    }
    Ok(epochs)
}

/// The ring of `epochs`. A data directory without any gets its first key, unless there are decisions already: their
/// key is lost then, and that is told.
///
/// # Errors
/// [`Failure::BadFile`] where keys are lost, [`Failure::Unreachable`] where the first cannot be made.
pub(crate) fn ring(
    mut epochs: Vec<Epoch>,
    data: &Path,
    has_decisions: bool,
) -> Result<KeyRing, Failure> {
    if epochs.is_empty() && has_decisions {
        let what = "has decisions but no key in `keys`: put the keys back from a backup, or run \
                    `doorstep keys new` and accept that open slots are drawn anew";
        return Err(Failure::bad_file(data.display(), what));
    }
    let newest = match epochs.pop() {
        Some(newest) => newest,
        None => make(data)?,
    };
    let older = epochs.into_iter().map(|it| (it.id, it.key));
    Ok(KeyRing::new((newest.id, newest.key), older))
}

/// Every epoch in the data directory, oldest first.
fn read_folder(data: &Path) -> Result<Vec<Epoch>, Failure> {
    let folder = data.join(FOLDER);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(cannot_use(&folder, &error)),
    };
    let mut numbered = Vec::new();
    let mut wrong = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| cannot_use(&folder, &error))?.path();
        if path.extension().is_none_or(|it| it != EXTENSION) {
            continue;
        }
        match numbered_one(&path) {
            Ok(one) => numbered.push(one),
            Err(Failure::BadFile(lines)) => wrong.extend(lines),
            Err(other) => return Err(other),
        }
    }
    if !wrong.is_empty() {
        wrong.sort();
        return Err(Failure::BadFile(wrong));
    }
    numbered.sort_by_key(|(number, _)| *number);
    Ok(numbered.into_iter().map(|(_, epoch)| epoch).collect())
}

/// Reads `kN.key`.
fn numbered_one(path: &Path) -> Result<(u32, Epoch), Failure> {
    let stem = path.file_stem().map(|it| it.to_string_lossy().into_owned());
    let stem = stem.unwrap_or_default();
    let number = stem.strip_prefix(PREFIX).and_then(|it| it.parse().ok());
    let (Some(number), Ok(id)) = (number, KeyId::try_new(&stem)) else {
        let what = "is no epoch: the name must be k1.key, k2.key and so on";
        return Err(Failure::bad_file(path.display(), what));
    };
    Ok((number, read_one(path, id)?))
}

/// Reads one key file: 64 hexadecimal digits, readable by its owner alone.
fn read_one(path: &Path, id: KeyId) -> Result<Epoch, Failure> {
    let bad = |what: &dyn std::fmt::Display| Failure::bad_file(path.display(), what);
    let about = fs::metadata(path).map_err(|error| bad(&error))?;
    if let Some(mode) = open_to_others(&about) {
        return Err(bad(&format_args!(
            "holds a key and can be read by others (mode {mode:04o}): chmod 600 it, and replace the key if they did"
        )));
    }
    let text = fs::read_to_string(path).map_err(|error| bad(&error))?;
    let key = from_hex(text.trim()).ok_or_else(|| {
        bad(&"is no key: it must hold 64 hexadecimal digits, which are 32 random bytes")
    })?;
    let written = about.modified().map_err(|error| bad(&error))?;
    Ok(Epoch {
        id,
        key: Secret::new(key),
        created_at: clock::moment(written),
    })
}

/// The file's mode, where group or others may do anything with it.
#[cfg(unix)]
fn open_to_others(about: &fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = about.permissions().mode() & 0o7777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn open_to_others(_: &fs::Metadata) -> Option<u32> {
    None
}

/// Adds an epoch: a new random key, durable before anybody draws with it.
fn make(data: &Path) -> Result<Epoch, Failure> {
    let folder = data.join(FOLDER);
    make_folder(data)?;
    make_folder(&folder)?;
    let last = read_folder(data)?.len();
    let mut number = u32::try_from(last).unwrap_or(u32::MAX);
    loop {
        number = number.saturating_add(1);
        let name = format!("{PREFIX}{number}");
        let path = folder.join(format!("{name}.{EXTENSION}"));
        let id = KeyId::try_new(&name).map_err(|what| Failure::Bug(what.to_string()))?;
        let mut key = [0_u8; 32];
        clock::entropy(&mut key);
        match write(&path, &key) {
            Ok(()) => return read_one(&path, id),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(cannot_make(&path, &error)),
        }
    }
}

/// Makes this key the first epoch of a new data directory.
pub(crate) fn put(data: &Path, key: &[u8; 32]) -> Result<(), Failure> {
    let folder = data.join(FOLDER);
    make_folder(&folder)?;
    let path = folder.join(format!("{PREFIX}1.{EXTENSION}"));
    write(&path, key).map_err(|error| cannot_make(&path, &error))
}

fn cannot_use(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Unreachable(format!("cannot use {}: {error}", path.display()))
}

fn cannot_make(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Unreachable(format!("cannot make {}: {error}", path.display()))
}

/// Makes a directory that only its owner can enter; one that is there stays as it is.
pub(crate) fn make_folder(path: &Path) -> Result<(), Failure> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(path)
        .map_err(|error| cannot_make(path, &error))
}

/// Writes a new key to `path`, which must not exist: first beside it, then by a link, so that no half a key is
/// ever found there.
fn write(path: &Path, key: &[u8; 32]) -> std::io::Result<()> {
    let folder = path.parent().map_or_else(PathBuf::new, Path::to_owned);
    let draft = folder.join(format!(".new-{}", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(fs::remove_file(&draft));
    let mut file = options.open(&draft)?;
    let written = file
        .write_all(format!("{}\n", to_hex(key)).as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::hard_link(&draft, path));
    drop(fs::remove_file(&draft));
    written?;
    fs::File::open(folder)?.sync_all()
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads exactly 64 hexadecimal digits.
fn from_hex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|it| it.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0_u8; 32];
    for (place, byte) in bytes.iter_mut().enumerate() {
        let digits = text.get(place * 2..place * 2 + 2)?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(bytes)
}

/// `keys new` and `keys list`.
pub(crate) fn run(command: &args::Keys, out: &mut Output) -> Result<(), Failure> {
    let (args::Keys::New { place } | args::Keys::List { place, .. }) = command;
    let settings = Settings::read(place.config.as_deref(), config::flags(place, None, None))?;
    let data = settings.data();
    match command {
        args::Keys::New { .. } => out.line(make(&data)?.id)?,
        args::Keys::List { format, .. } => {
            let mut epochs = read_folder(&data)?;
            epochs.reverse();
            let rows = epochs.iter().enumerate().map(|(place, it)| {
                let use_of = if place == 0 {
                    "new slots"
                } else {
                    "slots opened under it"
                };
                [
                    it.id.to_string(),
                    it.created_at.to_string(),
                    use_of.to_owned(),
                ]
            });
            match format {
                Format::Table => show::table(out, ["epoch", "since", "used for"], rows)?,
                Format::Json => rows.into_iter().try_for_each(|[id, at, _]| {
                    out.line(serde_json::json!({"key_id": id, "created_at": at}))
                })?,
            }
        }
    }
    out.flush()
}
