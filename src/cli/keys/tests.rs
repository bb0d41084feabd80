//! Keys on disk: made, read, refused.

use super::{Failure, make, read, read_folder, ring};
use crate::cli::config::{Flags, Setting, Settings};
use crate::domain::ids::KeyId;
use crate::service::keyring::KeyRing;
use std::path::Path;

fn settings(data: &Path) -> Settings {
    let data = data.to_string_lossy().into_owned();
    Settings::read(None, Flags::from([(Setting::Data, data)])).unwrap()
}

fn load(data: &Path) -> KeyRing {
    ring(read(&settings(data)).unwrap(), data, false).unwrap()
}

fn key(ring: &KeyRing) -> [u8; 32] {
    *ring.get(ring.newest()).unwrap().1.reveal()
}

#[test]
fn a_new_data_directory_gets_its_first_key_and_keeps_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("new");
    let (first, again) = (load(&data), load(&data));
    assert_eq!(first.newest().as_str(), "k1");
    assert_eq!(key(&first), key(&again));
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
    let ids: Vec<_> = read(&settings(data))
        .unwrap()
        .iter()
        .map(|it| it.id.to_string())
        .collect();
    let expected = [
        "k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9", "k10", "k11",
    ];
    assert_eq!(ids, expected);
    let ring = load(data);
    assert_eq!(ring.newest().as_str(), "k11");
    let (id, first) = ring.get(&KeyId::try_new("k1").unwrap()).unwrap();
    assert_eq!(id.as_str(), "k1");
    assert_ne!(*first.reveal(), key(&ring));
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
        let Err(Failure::BadFile(lines)) = read_folder(folder.path()) else {
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
    let failure = ring(Vec::new(), folder.path(), true).unwrap_err();
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
    let epochs = read(&Settings::read(None, flags).unwrap()).unwrap();
    let ids: Vec<_> = epochs.iter().map(|it| it.id.to_string()).collect();
    assert_eq!(ids, ["k1", "vault-7"]);
}
