use super::{Failure, load, make, read};
use crate::cli::config::{Flags, Setting, Settings};
use std::path::Path;

fn settings(data: &Path) -> Settings {
    let data = data.to_string_lossy().into_owned();
    Settings::read(None, Flags::from([(Setting::Data, data)])).unwrap()
}

#[test]
fn a_new_data_directory_gets_its_first_key_and_keeps_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("new");
    let first = load(&settings(&data)).unwrap().newest;
    let again = load(&settings(&data)).unwrap().newest;
    assert_eq!(first.id.as_str(), "k1");
    assert_eq!(first.key.reveal(), again.key.reveal());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &str| data.join(path).metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(
            (mode("."), mode("keys"), mode("keys/k1.key")),
            (0o700, 0o700, 0o600)
        );
    }
}

#[test]
fn a_new_epoch_becomes_the_newest_and_the_older_stays() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    for _ in 0..11 {
        make(data).unwrap();
    }
    let epochs = load(&settings(data)).unwrap();
    assert_eq!(epochs.newest.id.as_str(), "k11");
    let older: Vec<_> = epochs.older.iter().map(|it| it.id.to_string()).collect();
    assert_eq!(
        older,
        ["k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9", "k10"]
    );
    assert_ne!(epochs.newest.key.reveal(), epochs.older[0].key.reveal());
}

#[test]
fn a_bad_key_file_is_refused_with_its_name_and_never_its_content() {
    let check = |name: &str, content: &str, mode: u32, expected: &str| {
        let folder = tempfile::tempdir().unwrap();
        make(folder.path()).unwrap();
        let path = folder.path().join("keys").join(name);
        std::fs::write(&path, content).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        let Err(Failure::BadFile(lines)) = read(folder.path()) else {
            panic!("{name} was taken");
        };
        assert_eq!(lines.len(), 1);
        assert!(
            lines[0].contains(name) && lines[0].contains(expected),
            "{lines:?}"
        );
        assert!(
            content.is_empty() || !lines[0].contains(content),
            "{lines:?}"
        );
    };
    let good = "ab".repeat(32);
    check("k2.key", "", 0o600, "64 hexadecimal digits");
    check("k2.key", &good[2..], 0o600, "64 hexadecimal digits");
    check(
        "k2.key",
        &good.replace('a', "g"),
        0o600,
        "64 hexadecimal digits",
    );
    check("k2.key", &good, 0o644, "mode 0644");
    check("k2.key", &good, 0o640, "mode 0640");
    check("old.key", &good, 0o600, "k1.key, k2.key");
}

#[test]
fn decisions_without_their_keys_are_not_given_new_ones_silently() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("doorstep.db"), "x").unwrap();
    let failure = load(&settings(folder.path())).unwrap_err();
    assert!(matches!(failure, Failure::BadFile(_)), "{failure:?}");
}

#[test]
fn a_key_kept_elsewhere_is_the_newest_epoch() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path()).unwrap();
    let elsewhere = folder.path().join("vault-7.hex");
    std::fs::copy(folder.path().join("keys/k1.key"), &elsewhere).unwrap();
    let flags = Flags::from([
        (Setting::Data, folder.path().to_string_lossy().into_owned()),
        (
            Setting::DrawKeyFile,
            elsewhere.to_string_lossy().into_owned(),
        ),
    ]);
    let epochs = load(&Settings::read(None, flags).unwrap()).unwrap();
    assert_eq!(epochs.newest.id.as_str(), "vault-7");
    assert_eq!(epochs.older.len(), 1);
}
