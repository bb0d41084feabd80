//! Settings by file, environment and flag, and their faults.

use super::{Failure, Flags, Setting, Settings};

fn read(file: &str, environment: &[(&str, &str)], flags: Flags) -> Result<Settings, Failure> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.toml");
    std::fs::write(&path, file).unwrap();
    let look = |name: &str| {
        let found = environment.iter().find(|(it, _)| *it == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    Settings::read_from(Some(&path), flags, look)
}

#[test]
fn a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default() {
    let file = "listen = \"127.0.0.1:1\"\nmodel = \"a\"\n[server]\ndrain = \"250ms\"\n";
    let environment = [("DOORSTEP_LISTEN", "127.0.0.1:2"), ("DOORSTEP_MODEL", "b")];
    let flags = Flags::from([(Setting::Listen, "127.0.0.1:3".to_owned())]);
    let settings = read(file, &environment, flags).unwrap();
    let check = |setting: Setting, value: &str, origin: &str| {
        assert_eq!(settings.text(setting), value);
        assert!(
            settings.origin(setting).ends_with(origin),
            "{}",
            settings.origin(setting)
        );
    };
    check(Setting::Listen, "127.0.0.1:3", "--listen");
    check(Setting::Model, "b", "DOORSTEP_MODEL");
    check(Setting::DrainMax, "250ms", "settings.toml:4");
    check(Setting::Clock, "wall", "default");
    assert_eq!(settings.duration(Setting::DrainMax).as_millis(), 250);
}

#[test]
fn a_bad_file_is_told_whole_with_line_and_column() {
    let check = |file: &str, expected: &[&str]| {
        let Err(Failure::BadFile(lines)) = read(file, &[], Flags::new()) else {
            panic!("{file} was taken");
        };
        let told: Vec<_> = lines
            .iter()
            .map(|it| it.split_once("settings.toml:").unwrap().1)
            .collect();
        assert_eq!(told.len(), expected.len(), "{told:?}");
        for (told, expected) in told.iter().zip(expected) {
            assert!(told.starts_with(expected), "{told} is not {expected}");
        }
    };
    check("lissen = \"x\"\n", &["1:1: lissen: no setting"]);
    check(
        "listen = \"here\"\n[server]\n  drain = 10\nwait = \"1s\"\n",
        &[
            "1:10: listen: `here` is not an IP address",
            "3:11: server.drain: `10` is not a duration",
            "4:1: server.wait: no setting",
        ],
    );
    check("clock = true\n", &["1:9: clock: must be a string"]);
    check("clock = \n", &["1:9: "]);
}

#[test]
fn a_bad_flag_or_variable_is_usage() {
    let flags = Flags::from([(Setting::Clock, "atomic".to_owned())]);
    let failure = read("", &[("DOORSTEP_METRICS", "nowhere")], flags).unwrap_err();
    let Failure::Usage(told) = failure else {
        panic!("{failure:?}");
    };
    assert!(told.contains("DOORSTEP_METRICS: `nowhere`"), "{told}");
    assert!(
        told.contains("--clock: `atomic` is not one of wall, driven"),
        "{told}"
    );
}

#[test]
fn every_default_will_do() {
    for setting in Setting::ALL {
        assert_eq!(
            setting.check(setting.default()),
            Ok(()),
            "{}",
            setting.key()
        );
    }
}

#[test]
fn the_documented_file_names_every_setting_with_its_default() {
    let page = include_str!("../../../docs/operations.md");
    let file = page
        .split("```toml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let documented = super::file::read(file).unwrap();
    for setting in Setting::ALL {
        let told = documented.iter().find(|(it, _)| it == setting);
        let (_, given) = told.unwrap_or_else(|| panic!("{} is not told", setting.key()));
        // Files that are built in have no default but a usual name.
        if !setting.default().is_empty() {
            assert_eq!(given.value, setting.default(), "{}", setting.key());
        }
    }
}
